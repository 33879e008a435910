# Turns FOLDER/NAME.set into C: the array NAME and its size, with a header.
#   cmake -DNAME=... -DFOLDER=... -P GrpctestEmbed.cmake

file(READ "${FOLDER}/${NAME}.set" bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)"
    "\\1\n" bytes "${bytes}")

file(WRITE "${FOLDER}/${NAME}.set.h" "#ifndef GT_SET_${NAME}
#define GT_SET_${NAME}
#include <stddef.h>
#ifdef __cplusplus
extern \"C\" {
#endif
extern const unsigned char ${NAME}[];
extern const size_t ${NAME}_size;
#ifdef __cplusplus
}
#endif
#endif
")
file(WRITE "${FOLDER}/${NAME}.c" "#include \"${NAME}.set.h\"
const unsigned char ${NAME}[] = {
${bytes}
};
const size_t ${NAME}_size = sizeof ${NAME};
")
