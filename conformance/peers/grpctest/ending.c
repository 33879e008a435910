/* How calls end: as their requests ask. */
#include "service.h"
#include "travelled.h"

#include "helloworld.pb-c.h"
#include "person.pb-c.h"
#include <stdlib.h>

/* What has not been sent yet - the reply of a method with one - is not looked for. */
static int check_travelled(gt_call *call)
{
    const char *came = peer_asked(call, PEER_COMPRESSED);
    const char *went = peer_asked(call, PEER_COMPRESS);

    if (came && peer_travelled(call, false, came) == 0)
        return gt_call_fail(call, GT_FAILED_PRECONDITION, "no request came as %s", came);
    if (went && peer_travelled(call, true, NULL) > 0 && peer_travelled(call, true, went) == 0)
        return gt_call_fail(call, GT_FAILED_PRECONDITION, "no reply went as %s", went);
    return GT_OK;
}

/* A copy, or "", of the text that the request has for the status. */
static char *asked_message(gt_call *call)
{
    gt_bytes asked = {0};
    if (gt_metadata_get_bytes(gt_call_request_metadata(call), PEER_FAIL_MESSAGE, 0, &asked) != 0)
        asked = gt_bytes_str("");
    char *message = peer_allocate(asked.size + 1);
    memcpy(message, asked.data, asked.size);
    return message;
}

/* Fails with a detail for each value that the request has under the key, and one for the message.
 */
static int fail_with_details(gt_call *call, gt_code code, char *message)
{
    const gt_metadata *request = gt_call_request_metadata(call);
    size_t most = gt_metadata_count(request), count = 0;
    Person__PersonRes *people = peer_allocate(most * sizeof *people);
    const ProtobufCMessage **details = peer_allocate((most + 1) * sizeof *details);
    Helloworld__HelloReply last = HELLOWORLD__HELLO_REPLY__INIT;
    gt_bytes name;

    while (gt_metadata_get_bytes(request, PEER_FAIL_DETAIL, count, &name) == 0) {
        person__person_res__init(&people[count]);
        people[count].name = (char *)name.data;
        people[count].age = (int32_t)count + 1;
        details[count] = &people[count].base;
        count++;
    }
    last.message = message;
    details[count++] = &last.base;
    int result = gt_call_fail_with(call, code, message, details, count);
    free(details);
    free(people);
    return result;
}

int peer_end(gt_call *call)
{
    const char *digits = peer_asked(call, PEER_FAIL_CODE);
    if (!digits)
        return check_travelled(call);

    gt_code code = (gt_code)strtol(digits, NULL, 10);
    char *message = asked_message(call);
    int result = peer_asked(call, PEER_FAIL_DETAIL) ? fail_with_details(call, code, message)
                                                    : gt_call_fail(call, code, "%s", message);
    free(message);
    return result;
}
