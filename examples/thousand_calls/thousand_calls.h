/* thousand_calls.h - a thousand calls under way at once, from one thread (scenario S18).
 * Rule: calls start without waiting for one another; answers are collected as they come. */
#ifndef THOUSAND_CALLS_H
#define THOUSAND_CALLS_H

#include <grpctest/grpctest.h>

enum { THOUSAND = 1000 };

/* Serves helloworld.Greeter on `server`, taking its time: the greeting of "N" comes after
 * greeting_delay(N). */
void slow_greeter_serve(gt_server *server);

/* Between 1 and 1,000 milliseconds, a different one for each of the thousand. */
gt_duration greeting_delay(int number);

/* Told of each answer, at the instant at which it came. */
typedef void greeted_fn(void *user, int number, const char *greeting);

/* Greets "0" to "999", all at once, and tells `greeted` of each answer as it comes. Returns how
 * many ended as OK, or a negative error. */
int greet_a_thousand(gt_channel *channel, greeted_fn *greeted, void *user);

#endif
