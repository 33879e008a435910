/* What a consumer does first: it sees the headers, links, and runs. protobuf-c is called directly
 * too, as generated code does. */
#include <grpctest/grpctest.h>
#include <grpctest/protobufc.h>
#include <stdio.h>

int main(void)
{
    gt_metadata *metadata = gt_metadata_new();
    if (gt_metadata_append(metadata, "greeting", "hello") != 0)
        return 1;
    printf("grpctest %s with protobuf-c %s says %s\n", gt_version(), protobuf_c_version(),
           gt_metadata_get(metadata, "greeting"));
    gt_metadata_free(metadata);
    return 0;
}
