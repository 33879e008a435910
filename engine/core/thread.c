#include "thread.h"

_Thread_local gt__thread gt__thread_here;

/* This hook needs no key shared by all threads, and keeps a shared library loaded until it has run.
 */
extern int __cxa_thread_atexit_impl(void (*function)(void *object), void *object, void *library)
    __attribute__((weak));
extern char __dso_handle[] __attribute__((visibility("hidden")));

bool gt__thread_at_end(void (*function)(void *unused))
{
    return __cxa_thread_atexit_impl && __cxa_thread_atexit_impl(function, NULL, __dso_handle) == 0;
}
