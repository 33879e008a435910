#include <grpctest/base.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *gt_version(void)
{
    return TEXT(GT_VERSION_MAJOR) "." TEXT(GT_VERSION_MINOR) "." TEXT(GT_VERSION_PATCH);
}
