/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/macros.h"

#define CLOCK_DAY_MS ((int64_t)86400000)

static int64_t clock_read_us(clockid_t id)
{
	struct timespec ts;

	/* Fails for an unknown clock only. */
	ZYNC_ASSERT(clock_gettime(id, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t zync_clock_now_ms(void)
{
	return clock_read_us(CLOCK_REALTIME) / 1000;
}

int64_t zync_clock_mono_ms(void)
{
	return clock_read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t zync_clock_mono_us(void)
{
	return clock_read_us(CLOCK_MONOTONIC);
}

bool zync_clock_sleep_ms(int64_t ms)
{
	struct timespec ts = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};

	return ms <= 0 || nanosleep(&ts, NULL) == 0;
}

/*
 * Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back. Years are counted from March, so that the
 * leap day is the last of a year; an era is 400 years of 146097 days, and era 0 starts at 0000-03-01, 719468 days before 1970.
 */
static int64_t clock_days(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void clock_date(int64_t days, int64_t *ret_year, int64_t *ret_month, int64_t *ret_day)
{
	int64_t d = days + 719468;
	int64_t era = (d >= 0 ? d : d - 146096) / 146097;
	int64_t day_of_era = d - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;

	*ret_day = day_of_year - (153 * month + 2) / 5 + 1;
	*ret_month = month < 10 ? month + 3 : month - 9;
	*ret_year = year_of_era + era * 400 + (*ret_month <= 2);
}

char *zync_time_format(int64_t ms, char ret[ZYNC_TIME_TEXT_SIZE])
{
	int64_t days = ms / CLOCK_DAY_MS, rest = ms % CLOCK_DAY_MS, year, month, day;

	if (rest < 0) {
		rest += CLOCK_DAY_MS;
		days--;
	}
	clock_date(days, &year, &month, &day);
	(void)snprintf(ret, ZYNC_TIME_TEXT_SIZE, "%04lld-%02u-%02uT%02u:%02u:%02u.%03uZ", (long long)year, (unsigned)month, (unsigned)day,
		       (unsigned)(rest / 3600000), (unsigned)(rest / 60000 % 60), (unsigned)(rest / 1000 % 60), (unsigned)(rest % 1000));
	return ret;
}

/* Exactly @p digits digits at *text, which is moved on. */
static bool clock_number(const char **text, int digits, int64_t max, int64_t *ret)
{
	int64_t n = 0;

	for (int i = 0; i < digits; i++, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		n = n * 10 + (**text - '0');
	}
	*ret = n;
	return n <= max;
}

static bool clock_literal(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static int64_t clock_month_days(int64_t year, int64_t month)
{
	static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* ".123456": any number of digits, those after the third say nothing here. */
static bool clock_fraction(const char **text, int64_t *ret_ms)
{
	int64_t scale = 100, ms = 0;

	*ret_ms = 0;
	if (**text != '.' && **text != ',')
		return true;
	(*text)++;
	if (**text < '0' || **text > '9')
		return false;
	for (; **text >= '0' && **text <= '9'; (*text)++) {
		ms += (**text - '0') * scale;
		scale /= 10;
	}
	*ret_ms = ms;
	return true;
}

/* "Z", "+02:00", "+0200" or "+02" up to the end of the text. */
static bool clock_offset(const char *text, int64_t *ret_ms)
{
	int64_t hours, minutes = 0, sign = *text == '-' ? -1 : 1;

	*ret_ms = 0;
	if (*text == 'Z' || *text == 'z')
		return text[1] == '\0';
	if (*text != '+' && *text != '-')
		return false;
	text++;
	if (!clock_number(&text, 2, 23, &hours))
		return false;
	if (*text != '\0') {
		(void)clock_literal(&text, ':'); /* may be left out */
		if (!clock_number(&text, 2, 59, &minutes))
			return false;
	}
	*ret_ms = sign * (hours * 60 + minutes) * 60000;
	return *text == '\0';
}

bool zync_time_parse(const char *text, int64_t *ret_ms)
{
	int64_t year, month, day, hour, minute, second, ms, offset;

	if (!text)
		return false;
	if (!clock_number(&text, 4, 9999, &year) || !clock_literal(&text, '-') || !clock_number(&text, 2, 12, &month) || month == 0 ||
	    !clock_literal(&text, '-') || !clock_number(&text, 2, clock_month_days(year, month), &day) || day == 0)
		return false;
	if (!clock_literal(&text, 'T') && !clock_literal(&text, 't') && !clock_literal(&text, ' '))
		return false;
	/* Second 60 is a leap second. */
	if (!clock_number(&text, 2, 23, &hour) || !clock_literal(&text, ':') || !clock_number(&text, 2, 59, &minute) ||
	    !clock_literal(&text, ':') || !clock_number(&text, 2, 60, &second) || !clock_fraction(&text, &ms) ||
	    !clock_offset(text, &offset))
		return false;
	*ret_ms = clock_days(year, month, day) * CLOCK_DAY_MS + hour * 3600000 + minute * 60000 + second * 1000 + ms - offset;
	return true;
}

char *zync_duration_format(int64_t ms, char ret[ZYNC_TIME_TEXT_SIZE])
{
	const char *sign = ms < 0 ? "-" : "";
	uint64_t n = ms < 0 ? (uint64_t)0 - (uint64_t)ms : (uint64_t)ms;
	unsigned long long s = n / 1000;

	if (n < 1000)
		(void)snprintf(ret, ZYNC_TIME_TEXT_SIZE, "%s%u ms", sign, (unsigned)n);
	else if (s < 60)
		(void)snprintf(ret, ZYNC_TIME_TEXT_SIZE, "%s%llu.%u s", sign, s, (unsigned)(n % 1000 / 100));
	else if (s < 3600)
		(void)snprintf(ret, ZYNC_TIME_TEXT_SIZE, "%s%llu min %02u s", sign, s / 60, (unsigned)(s % 60));
	else
		(void)snprintf(ret, ZYNC_TIME_TEXT_SIZE, "%s%llu h %02u min", sign, s / 3600, (unsigned)(s / 60 % 60));
	return ret;
}
