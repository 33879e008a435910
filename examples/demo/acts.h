/* acts.h - the acts of the demo, in the order in which they are shown. */
#ifndef DEMO_ACTS_H
#define DEMO_ACTS_H

void act_unary(void);
void act_chat(void);
void act_deadline(void);
void act_bytes(void);

#endif
