/* What a call's messages travel as: said by options at the client, by the handler at the server. */
#include "call.h"

gt__encoding gt__require_encoding(const char *name)
{
    gt__encoding encoding;
    if (gt__encoding_find(gt_bytes_str(name), &encoding) != 0)
        gt__misuse("\"%s\" is no compression: it must be one of " GT__ENCODINGS, name);
    return encoding;
}

int gt_call_set_compression(gt_call *call, const char *name)
{
    if (!call->server)
        gt__misuse("gt_call_set_compression is for a handler; a client says it in the call's or "
                   "the channel's options");
    gt__transport *transport = call->attempt.transport;
    gt__encoding encoding;
    if (call->ended)
        return GT_ESTATUS;
    if (gt__encoding_find(gt_bytes_str(name), &encoding) != 0)
        return GT_EUNSUPPORTED;
    return gt__h2_set_encoding(transport->h2, call->attempt.stream, encoding);
}

void gt_call_compress_messages(gt_call *call, bool compress)
{
    call->plain = !compress;
    if (call->attempt.transport)
        gt__h2_compress_messages(call->attempt.transport->h2, call->attempt.stream, compress);
}
