#include <grpctest/error.h>

const char *gt_error_name(int error)
{
    switch (error) {
    case 0:
        return "GT_SUCCESS";
#define NAME(name, number, text)                                                                   \
    case number:                                                                                   \
        return #name;
        GT_ERROR_LIST(NAME)
#undef NAME
    default:
        return "GT_E?";
    }
}

const char *gt_error_text(int error)
{
    switch (error) {
    case 0:
        return "success";
#define TEXT(name, number, text)                                                                   \
    case number:                                                                                   \
        return text;
        GT_ERROR_LIST(TEXT)
#undef TEXT
    default:
        return "unknown error";
    }
}
