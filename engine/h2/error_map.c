#include "session.h"

#include <grpctest/frames.h>

int gt__h2_code_of_reset(uint32_t reset_code)
{
    switch (reset_code) {
    case NGHTTP2_REFUSED_STREAM:
        return GT_UNAVAILABLE;
    case NGHTTP2_CANCEL:
        return GT_CANCELLED;
    case NGHTTP2_ENHANCE_YOUR_CALM:
        return GT_RESOURCE_EXHAUSTED;
    case NGHTTP2_INADEQUATE_SECURITY:
        return GT_PERMISSION_DENIED;
    default:
        return GT_INTERNAL;
    }
}

int gt__h2_code_of_http(int http_status)
{
    switch (http_status) {
    case 400:
        return GT_INTERNAL;
    case 401:
        return GT_UNAUTHENTICATED;
    case 403:
        return GT_PERMISSION_DENIED;
    case 404:
        return GT_UNIMPLEMENTED;
    case 429:
    case 502:
    case 503:
    case 504:
        return GT_UNAVAILABLE;
    default:
        return GT_UNKNOWN;
    }
}

const char *gt__h2_error_name(uint32_t error_code)
{
    const char *name = gt_h2_error_name(error_code);
    return name ? name : "an unknown code";
}
