/* The bare client's demo as a program of its own. */
#include "demo.h"

int main(void)
{
    return bare_client_demo(stdout, NULL);
}
