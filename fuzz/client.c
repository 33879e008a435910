/* The engine as a client, against a peer that says anything: see machine.h. */
#include "machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    machine_run(false, data, size);
    return 0;
}
