#include "flags.h"

#include <stdlib.h>
#include <string.h>

bool peer_flag(char ***argv, const char *name, uint32_t *number)
{
    char **at = *argv;
    if (!at[0] || strcmp(at[0], name) != 0 || !at[1])
        return false;
    *number = (uint32_t)strtoul(at[1], NULL, 10);
    *argv = at + 2;
    return true;
}
