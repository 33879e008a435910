/* xoshiro256** by Blackman and Vigna, seeded by splitmix64 over seed and purpose: the published
 * algorithms, chosen because their numbers are the same on every machine. */
#include "core.h"

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t gt__digest_fold(uint64_t digest, uint64_t number)
{
    uint64_t state = digest ^ (number * 0xff51afd7ed558ccdu);
    return splitmix(&state);
}

void gt__random_init(gt__random *random, uint64_t seed, const char *purpose)
{
    uint64_t state = seed;
    for (const char *p = purpose; *p; p++)
        state = gt__digest_fold(state, (uint8_t)*p);
    for (int i = 0; i < 4; i++)
        random->state[i] = splitmix(&state);
}

static uint64_t rotate(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

uint64_t gt__random_next(gt__random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t gt__random_below(gt__random *random, uint64_t bound)
{
    /* Numbers from the last, incomplete run of `bound` are drawn again. */
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    uint64_t number;
    do
        number = gt__random_next(random);
    while (number >= limit);
    return number % bound;
}
