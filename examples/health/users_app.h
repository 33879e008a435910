/* users_app.h - an application of two parts that tells the world how it is (scenario S12).
 * Rule: whoever changes something says so at once; the health service tells those who asked. */
#ifndef USERS_APP_H
#define USERS_APP_H

#include <grpctest/grpctest.h>

/* In the caller's memory. */
typedef struct users_app {
    gt_health *health;
} users_app;

/* Serves grpc.health.v1.Health on `server`; the part "Users" is well at first. */
void users_app_open(users_app *app, gt_world *world, gt_server *server);
/* After the server has been freed. */
void users_app_close(users_app *app);

/* The database that "Users" needs has come back, or has gone. */
void users_app_set_database(users_app *app, bool there);
/* The part "Repo" has been installed. */
void users_app_install_repo(users_app *app);
/* The application is about to go: nobody should come any more. */
void users_app_announce_end(users_app *app);

#endif
