#include "users_app.h"

void users_app_open(users_app *app, gt_world *world, gt_server *server)
{
    app->health = gt_health_new(world);
    gt_health_serve(app->health, server);
    users_app_set_database(app, true);
}

void users_app_close(users_app *app)
{
    gt_health_free(app->health);
}

void users_app_set_database(users_app *app, bool there)
{
    gt_health_set(app->health, "Users", there ? GT_HEALTH_SERVING : GT_HEALTH_NOT_SERVING);
}

void users_app_install_repo(users_app *app)
{
    gt_health_set(app->health, "Repo", GT_HEALTH_SERVING);
}

void users_app_announce_end(users_app *app)
{
    gt_health_shutdown(app->health);
}
