#include "kinds_sample.h"

#include "kinds.pb-c.h"
#include "kinds_old.pb-c.h"

gt__buffer pack(const ProtobufCMessage *message)
{
    const gt_codec *codec = gt_protobufc_codec();
    gt__buffer out = {0};
    size_t size = codec->packed_size(message->descriptor, message);
    codec->pack(message->descriptor, message, gt__buffer_extend(&out, size));
    return out;
}

gt__buffer pack_sample(void)
{
    Kinds__All child = KINDS__ALL__INIT, all = KINDS__ALL__INIT;
    Kinds__All__AgesEntry age = KINDS__ALL__AGES_ENTRY__INIT;
    age.key = (char *)"jane";
    age.value = 30;
    child.text = (char *)"h\xc3\xa9llo";
    child.choice_case = KINDS__ALL__CHOICE_WORD;
    child.word = (char *)"w";
    all.i32 = -1;
    all.s32 = -2;
    all.sf32 = -3;
    all.i64 = -4;
    all.s64 = -5;
    all.sf64 = -6;
    all.u32 = 7;
    all.f32 = 8;
    all.u64 = UINT64_MAX;
    all.f64 = 10;
    all.real = 0.5f;
    all.precise = 0.25;
    all.flag = 1;
    all.color = KINDS__COLOR__BLUE;
    all.text = (char *)"text";
    all.blob = (ProtobufCBinaryData){3, (uint8_t *)"a\0\xff"};
    all.child = &child;
    all.numbers = (int32_t[]){1, -1, 300};
    all.n_numbers = 3;
    all.texts = (char *[]){(char *)"", (char *)"b"};
    all.n_texts = 2;
    all.children = (Kinds__All *[]){&child, &child};
    all.n_children = 2;
    all.reals = (double[]){0, 0.5};
    all.n_reals = 2;
    all.colors = (Kinds__Color[]){KINDS__COLOR__RED};
    all.n_colors = 1;
    all.ages = (Kinds__All__AgesEntry *[]){&age};
    all.n_ages = 1;
    all.blobs = (ProtobufCBinaryData[]){{1, (uint8_t *)"x"}, {0, NULL}};
    all.n_blobs = 2;
    all.fixed = (uint32_t[]){1, 2};
    all.n_fixed = 2;
    all.choice_case = KINDS__ALL__CHOICE_MESSAGE;
    all.message = &child;
    return pack(&all.base);
}

gt__buffer pack_old_sample(void)
{
    KindsOld__Child child = KINDS_OLD__CHILD__INIT;
    KindsOld__Old old = KINDS_OLD__OLD__INIT;
    child.name = (char *)"jane";
    child.has_age = 1;
    old.id = 5;
    old.has_count = 1;
    old.text = (char *)"text";
    old.has_blob = 1;
    old.blob = (ProtobufCBinaryData){2, (uint8_t *)"\0b"};
    old.child = &child;
    old.children = (KindsOld__Child *[]){&child};
    old.n_children = 1;
    old.has_size = 1;
    old.size = KINDS_OLD__SIZE__SMALL;
    return pack(&old.base);
}

int unpack_and_drop(const ProtobufCMessageDescriptor *descriptor, gt_bytes bytes,
                    const gt_protobufc_limits *limits)
{
    ProtobufCMessage *message;
    int error = gt_protobufc_unpack(descriptor, bytes, limits, &message, NULL);
    gt_protobufc_release(message);
    return error;
}
