/* cmocka.h - worlds and rigs whose failures are cmocka's: setup, teardown, and the hook between.
 * Rule: an assertion may fail anywhere, on a fiber or in a callback; the test then ends on its own
 * stack, its teardown runs, and the next test finds nothing of it.
 *
 * Link grpctest::cmocka. It puts itself before cmocka's own `_fail`, `_skip`, `cm_print_error`
 * and `vprint_error`, which cuts off long texts; this works where cmocka is a shared library. What
 * then happens:
 *
 * - An assertion that fails in the test's own code ends the test as ever. All worlds of the thread
 *   are poisoned first, so that freeing them in the teardown reclaims what is left in silence.
 * - One that fails on a fiber or in a callback, or a skip() there, is recorded and raised in the
 *   test's own code, at the call of the library that waits there. The fiber's stack is given back
 *   without unwinding: what its functions had allocated by themselves, and would have freed on
 *   their way out, is leaked, as it is when an assertion fails in a function that the test called.
 *   Objects of the library are reclaimed with the world.
 * - What leaves by longjmp without an assertion - mock() without a value, a call that was not
 *   expected - leaves a fiber's stack at once. The library notices
 *   when it is next called, which the teardown does. Such a jump may end the process where TSan
 *   sees it (cmocka built without _FORTIFY_SOURCE), or where the tests run in a second thread
 *   (cmocka built with it).
 *
 * With a static cmocka every failure leaves by such a jump, and a teardown tells what a test that
 * had failed in its own code left behind. */
#ifndef GRPCTEST_CMOCKA_H
#define GRPCTEST_CMOCKA_H

#include <grpctest/rig.h>
#include <grpctest/world.h>

GT_BEGIN_DECLS

/* For gt_world_options.on_failure: fails the running test with the failure's text, file and line,
 * in whatever format cmocka was told to write (also TAP and XML). Does not come back. `user` is not
 * used. */
GT_API void gt_cmocka_failure(const gt_failure *failure, void *user);

/* A setup function: *state becomes a world with the auto clock, whose failures are the test's. */
GT_API int gt_cmocka_world_setup(void **state);

/* The teardown function that goes with it: frees the world in *state, which may be NULL. What the
 * test forgot to free fails it here, unless it had failed already. */
GT_API int gt_cmocka_world_teardown(void **state);

/* The same for a rig: *state becomes one with all defaults, whose failures are the test's. A setup
 * of one's own, which registers handlers, may begin with it. */
GT_API int gt_cmocka_rig_setup(void **state);
GT_API int gt_cmocka_rig_teardown(void **state);

GT_END_DECLS

#endif
