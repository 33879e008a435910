/* What a world knows of the messages that its calls carry. */
#include "journal.h"

#include <grpctest/message.h>

static const char key;

typedef struct use {
    const gt_types *types;
} use;

static void *make(gt_world *world)
{
    (void)world;
    return gt__new(use);
}

static use *use_of(gt_world *world)
{
    return gt__world_attachment(world, &key, make, gt__free);
}

const gt_types *gt__types_in_use(gt_world *world)
{
    return use_of(world)->types;
}

void gt_use_types(gt_world *world, const gt_types *types)
{
    gt__journal *journal = gt__journal_of(world);
    use_of(world)->types = types;
    for (size_t i = 0; i < gt_types_method_count(types); i++) {
        const gt_method_type *method = gt_types_method_at(types, i);
        gt__journal_method *noted = gt__journal_method_of(journal, method->path);
        noted->request = gt_message_type_codec(method->input);
        noted->response = gt_message_type_codec(method->output);
    }
}
