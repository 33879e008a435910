/* Scenario S3: metadata. */
#include "../metadata/mirror.h"
#include "acts.h"
#include "check.h"
#include "show.h"

static bool replacing_and_appending(gt_rig *rig)
{
    gt_metadata *red = gt_metadata_parse("color: red\n", NULL);
    gt_metadata *blue = gt_metadata_parse("color: blue\n", NULL);
    gt_context *background = gt_context_background(rig->world);
    gt_context *first = gt_context_with_metadata(background, red);
    gt_context *replaced = gt_context_with_metadata(first, blue);
    gt_context *appended = gt_context_append_metadata(first, blue);

    bool passed = check_text(mirror_look(rig->channel, replaced, NULL), "color: blue\n");
    passed = check_text(mirror_look(rig->channel, appended, NULL), "color: red\ncolor: blue\n") &&
             passed;

    gt_context_free(background);
    gt_context_free(first);
    gt_context_free(replaced);
    gt_context_free(appended);
    gt_metadata_free(red);
    gt_metadata_free(blue);
    return passed;
}

void act_metadata(void)
{
    show_heading("Metadata", "A mirror tells what it was called with: keys in lower case, values "
                             "in order, bytes under \"-bin\".");
    gt_rig *rig = gt_rig_new(NULL);
    mirror_serve(rig->server);
    gt_metadata *metadata = gt_metadata_new();

    show_begin();
    bool passed =
        gt_metadata_append(metadata, "Color", "red") == 0 &&
        gt_metadata_append_bin(metadata, "trace-bin", gt_bytes_of("\x00\xff\n", 3)) == 0 &&
        gt_metadata_append(metadata, "COLOR", "blue") == 0 &&
        gt_metadata_append(metadata, "grpc-timeout", "1S") == GT_EINVAL;
    char *seen = mirror_look(rig->channel, NULL, metadata);
    show_text(seen ? seen : "");
    passed = check_text(seen, "color: red\ntrace-bin: AP8K\ncolor: blue\n") && passed;
    show_line("grpc-timeout was refused: %s",
              gt_metadata_explain("grpc-timeout", gt_bytes_str("1S")));
    passed = replacing_and_appending(rig) && passed;
    show_line("replacing a context's metadata gives blue, appending gives red and blue");

    show_verdict(passed, gt_now(rig->world));
    gt_metadata_free(metadata);
    gt_rig_free(rig);
}
