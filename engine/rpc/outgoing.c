/* Metadata that contexts carry for the calls made under them, as context values. */
#include "call.h"

static const char outgoing_key;

static void free_metadata(void *metadata)
{
    gt_metadata_free(metadata);
}

gt_context *gt_context_with_metadata_at(gt_context *parent, const gt_metadata *metadata,
                                        const char *file, int line)
{
    return gt_context_with_value_at(parent, &outgoing_key, gt_metadata_clone(metadata),
                                    free_metadata, file, line);
}

gt_context *gt_context_append_metadata_at(gt_context *parent, const gt_metadata *metadata,
                                          const char *file, int line)
{
    gt_metadata *both = gt_metadata_clone(gt_context_metadata(parent));
    gt_metadata_join(both, metadata);
    return gt_context_with_value_at(parent, &outgoing_key, both, free_metadata, file, line);
}

const gt_metadata *gt_context_metadata(const gt_context *context)
{
    return context ? gt_context_value(context, &outgoing_key) : NULL;
}
