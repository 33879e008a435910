/* acts.h - the acts of the demo, in the order in which they are shown. */
#ifndef DEMO_ACTS_H
#define DEMO_ACTS_H

/* X(name): each is a function act_NAME. */
#define DEMO_ACT_LIST(X)                                                                           \
    X(four_kinds)                                                                                  \
    X(repo)                                                                                        \
    X(metadata)                                                                                    \
    X(header_trailer)                                                                              \
    X(contexts)                                                                                    \
    X(deadline)                                                                                    \
    X(deadline_sources)                                                                            \
    X(interceptors)                                                                                \
    X(auth)                                                                                        \
    X(errors)                                                                                      \
    X(health)                                                                                      \
    X(recover)                                                                                     \
    X(timeouts)                                                                                    \
    X(queue)                                                                                       \
    X(chat)                                                                                        \
    X(thousand_calls)                                                                              \
    X(weather)                                                                                     \
    X(capture)                                                                                     \
    X(bytes)

#define DEMO_ACT(name) void act_##name(void);
DEMO_ACT_LIST(DEMO_ACT)
#undef DEMO_ACT

#endif
