#include "known_text.h"

#include <stdio.h>

#define DAY 86400
#define FIRST_SECOND INT64_C(-62135596800) /* of the year 1 */
#define LAST_SECOND INT64_C(253402300799)  /* of the year 9999 */
#define MOST_SECONDS INT64_C(315576000000) /* 10,000 years */
#define NANOS 1000000000

/* ---- the calendar --------------------------------------------------------------------------- */

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* From 0001-01-01 to the first day of a year. */
static int64_t days_before_year(int64_t year)
{
    int64_t past = year - 1;
    return past * 365 + past / 4 - past / 100 + past / 400;
}

static int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

struct date {
    int64_t year;
    int month, day;
};

static struct date date_of(int64_t days)
{
    struct date date = {days / 366 + 1, 1, 1}; /* never past the year, and soon there */
    while (days_before_year(date.year + 1) <= days)
        date.year++;
    days -= days_before_year(date.year);
    while (days >= days_in_month(date.year, date.month))
        days -= days_in_month(date.year, date.month++);
    date.day = (int)days + 1;
    return date;
}

static int64_t days_of(struct date date)
{
    int64_t days = days_before_year(date.year) + date.day - 1;
    for (int month = 1; month < date.month; month++)
        days += days_in_month(date.year, month);
    return days;
}

/* ---- fractions of a second ------------------------------------------------------------------- */

static void add_fraction(gt__buffer *out, int32_t nanos)
{
    if (nanos == 0)
        return;
    if (nanos % 1000000 == 0)
        gt__buffer_printf(out, ".%03d", nanos / 1000000);
    else if (nanos % 1000 == 0)
        gt__buffer_printf(out, ".%06d", nanos / 1000);
    else
        gt__buffer_printf(out, ".%09d", nanos);
}

/* Reads 1 to 9 digits, if there is a point; NULL when it is none. */
static const char *read_fraction(const char *text, int32_t *nanos)
{
    *nanos = 0;
    if (*text != '.')
        return text;
    int32_t unit = NANOS / 10;
    for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10) {
        if (unit == 0)
            return NULL;
        *nanos += (*text - '0') * unit;
    }
    return text[-1] == '.' ? NULL : text;
}

/* ---- instants ------------------------------------------------------------------------------- */

bool gt__timestamp_add(gt__buffer *out, int64_t seconds, int32_t nanos)
{
    if (seconds < FIRST_SECOND || seconds > LAST_SECOND || nanos < 0 || nanos >= NANOS)
        return false;
    int64_t since = seconds - FIRST_SECOND;
    struct date date = date_of(since / DAY);
    int second = (int)(since % DAY);
    gt__buffer_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d", (int)date.year, date.month, date.day,
                      second / 3600, second / 60 % 60, second % 60);
    add_fraction(out, nanos);
    gt__buffer_add_text(out, "Z");
    return true;
}

/* Reads exactly `count` digits; -1 when they are not there. */
static int read_digits(const char *text, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + text[i] - '0';
    }
    return value;
}

/* "Z" or "+01:30", to the end of the text, in seconds. */
static bool read_offset(const char *text, int64_t *offset)
{
    *offset = 0;
    if (strcmp(text, "Z") == 0)
        return true;
    if (strlen(text) != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
        return false;
    int hours = read_digits(text + 1, 2), minutes = read_digits(text + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *offset = (hours * 60 + minutes) * 60 * (text[0] == '-' ? -1 : 1);
    return true;
}

/* "2006-01-02T15:04:05", which is 19 characters. */
static bool read_date_and_time(const char *text, struct date *date, int *second)
{
    if (strlen(text) < 19 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':')
        return false;
    int hours = read_digits(text + 11, 2), minutes = read_digits(text + 14, 2);
    int seconds = read_digits(text + 17, 2);
    *date = (struct date){read_digits(text, 4), read_digits(text + 5, 2), read_digits(text + 8, 2)};
    *second = (hours * 60 + minutes) * 60 + seconds;
    return date->year >= 1 && date->month >= 1 && date->month <= 12 && date->day >= 1 &&
           date->day <= days_in_month(date->year, date->month) && hours >= 0 && hours <= 23 &&
           minutes >= 0 && minutes <= 59 && seconds >= 0 && seconds <= 59;
}

bool gt__timestamp_read(const char *text, int64_t *seconds, int32_t *nanos)
{
    struct date date;
    int second;
    int64_t offset;
    if (!read_date_and_time(text, &date, &second))
        return false;
    const char *rest = read_fraction(text + 19, nanos);
    if (!rest || !read_offset(rest, &offset))
        return false;
    *seconds = FIRST_SECOND + days_of(date) * DAY + second - offset;
    return *seconds >= FIRST_SECOND && *seconds <= LAST_SECOND;
}

/* ---- durations ------------------------------------------------------------------------------ */

bool gt__duration_add(gt__buffer *out, int64_t seconds, int32_t nanos)
{
    if (seconds < -MOST_SECONDS || seconds > MOST_SECONDS || nanos <= -NANOS || nanos >= NANOS ||
        (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0))
        return false;
    bool negative = seconds < 0 || nanos < 0;
    gt__buffer_printf(out, "%s%lld", negative ? "-" : "",
                      (long long)(negative ? -seconds : seconds));
    add_fraction(out, nanos < 0 ? -nanos : nanos);
    gt__buffer_add_text(out, "s");
    return true;
}

bool gt__duration_read(const char *text, int64_t *seconds, int32_t *nanos)
{
    bool negative = *text == '-';
    text += negative;
    if (*text < '0' || *text > '9')
        return false;
    for (*seconds = 0; *text >= '0' && *text <= '9'; text++) {
        *seconds = *seconds * 10 + (*text - '0');
        if (*seconds > MOST_SECONDS)
            return false;
    }
    text = read_fraction(text, nanos);
    if (!text || strcmp(text, "s") != 0)
        return false;
    if (negative) {
        *seconds = -*seconds;
        *nanos = -*nanos;
    }
    return true;
}

/* ---- masks ---------------------------------------------------------------------------------- */

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

bool gt__mask_path_add(gt__buffer *out, const char *path)
{
    for (; *path; path++) {
        if (is_capital(*path) || (*path == '_' && !is_small(path[1])))
            return false;
        if (*path == '_')
            gt__buffer_printf(out, "%c", *++path - 'a' + 'A');
        else
            gt__buffer_add(out, path, 1);
    }
    return true;
}

bool gt__mask_path_read(gt__buffer *out, const char *path, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (path[i] == '_')
            return false;
        if (is_capital(path[i]))
            gt__buffer_printf(out, "_%c", path[i] - 'A' + 'a');
        else
            gt__buffer_add(out, path + i, 1);
    }
    return size > 0;
}
