/* SPDX-License-Identifier: Apache-2.0 */
/* Times that people type: with a zone, in local time, a time of day, or so long from now. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "cli/cli.h"

#define MINUTE_MS      ((int64_t)60000)
#define HOUR_MS	       (60 * MINUTE_MS)
#define DAY_MS	       (24 * HOUR_MS)
#define FARTHEST_MS    (10 * 366 * DAY_MS)
#define NUMBER_DIGITS  7
#define TIME_TEXT_SIZE 64

struct when_fields {
	int year, month, day; /* year 0: a time of day only */
	int hour, minute, second;
	const char *rest; /* the fraction and the zone */
};

/* Exactly @p digits digits at *text, which is moved on. */
static bool when_digits(const char **text, int digits, int *ret)
{
	int n = 0;

	for (int i = 0; i < digits; i++, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		n = n * 10 + (**text - '0');
	}
	*ret = n;
	return true;
}

static bool when_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static bool when_clock(const char **text, struct when_fields *ret)
{
	if (!when_digits(text, 2, &ret->hour) || !when_char(text, ':') || !when_digits(text, 2, &ret->minute))
		return false;
	if (when_char(text, ':') && !when_digits(text, 2, &ret->second))
		return false;
	return ret->hour < 24 && ret->minute < 60 && ret->second < 60;
}

/* "2026-11-30", "2026-11-30 02:00", "2026-11-30T02:00:07.5+01:00", "02:00". */
static bool when_split(const char *text, struct when_fields *ret)
{
	struct when_fields f = {0};
	const char *at = text;

	if (when_digits(&at, 4, &f.year) && when_char(&at, '-')) {
		if (f.year == 0 || !when_digits(&at, 2, &f.month) || !when_char(&at, '-') || !when_digits(&at, 2, &f.day))
			return false;
		if (*at != '\0') {
			if (!when_char(&at, 'T') && !when_char(&at, 't') && !when_char(&at, ' '))
				return false;
			if (!when_clock(&at, &f))
				return false;
		}
	} else {
		at = text;
		f = (struct when_fields){0};
		if (!when_clock(&at, &f) || *at != '\0')
			return false;
	}
	f.rest = at;
	*ret = f;
	return true;
}

/* With the zone that the text has, or as UTC, which checks the calendar: there is no 30 February. */
static bool when_zoned(const struct when_fields *f, const char *rest, int64_t *ret)
{
	char text[TIME_TEXT_SIZE];
	int len = snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d%s", f->year, f->month, f->day, f->hour, f->minute, f->second,
			   rest);

	return len > 0 && (size_t)len < sizeof(text) && zync_time_parse(text, ret);
}

/* In the zone of this machine, @p days later. *ret_shifted: the clocks go forward over that time, it does not exist. */
static bool when_local(const struct when_fields *f, int days, int64_t *ret, bool *ret_shifted)
{
	struct tm tm = {
		.tm_year = f->year - 1900,
		.tm_mon = f->month - 1,
		.tm_mday = f->day + days,
		.tm_hour = f->hour,
		.tm_min = f->minute,
		.tm_sec = f->second,
		.tm_isdst = -1,
	};
	time_t seconds = mktime(&tm);

	*ret = (int64_t)seconds * 1000;
	*ret_shifted = tm.tm_hour != f->hour || tm.tm_min != f->minute;
	return seconds != (time_t)-1;
}

/* The next (or, looking back, the last) time that the clock shows this. */
static bool when_of_day(struct when_fields f, enum cli_when when, int64_t now, int64_t *ret)
{
	time_t seconds = (time_t)(now / 1000);
	struct tm today;
	bool shifted = false;

	if (localtime_r(&seconds, &today) == NULL)
		return false;
	f.year = today.tm_year + 1900;
	f.month = today.tm_mon + 1;
	f.day = today.tm_mday;
	if (!when_local(&f, 0, ret, &shifted))
		return false;
	if (when == CLI_WHEN_NEXT && *ret <= now)
		return when_local(&f, 1, ret, &shifted);
	if (when == CLI_WHEN_LAST && *ret > now)
		return when_local(&f, -1, ret, &shifted);
	return true;
}

static int64_t when_unit(char unit)
{
	switch (unit) {
	case 's':
		return 1000;
	case 'm':
		return MINUTE_MS;
	case 'h':
		return HOUR_MS;
	case 'd':
		return DAY_MS;
	default:
		return 0;
	}
}

/* "90m", "1h30m", "7d": whole numbers with units, biggest first or not. */
static bool when_span(const char *text, int64_t *ret)
{
	int64_t sum = 0;

	if (*text == '\0')
		return false;
	while (*text != '\0') {
		int64_t n = 0;
		int digits = 0;

		for (; *text >= '0' && *text <= '9' && digits <= NUMBER_DIGITS; digits++, text++)
			n = n * 10 + (*text - '0');
		if (digits == 0 || digits > NUMBER_DIGITS || when_unit(*text) == 0)
			return false;
		sum += n * when_unit(*text++);
		if (sum > FARTHEST_MS)
			sum = FARTHEST_MS + 1; /* stays too much, and cannot overflow */
	}
	*ret = sum;
	return true;
}

static enum zync_status when_unreadable(const char *option, const char *text, enum cli_when when, struct zync_err *err)
{
	if (when == CLI_WHEN_NEXT)
		return zync_err_set(
			err, ZYNC_ERR_INVALID,
			"--%s: \"%s\" is no time; use 2026-11-30T02:00Z, \"2026-11-30 02:00\" (local time), 02:00 (the next one), or "
			"+90m, +2h, +1d from now",
			option, text);
	return zync_err_set(
		err, ZYNC_ERR_INVALID,
		"--%s: \"%s\" is no time; use 2026-11-30T02:00Z, \"2026-11-30 02:00\" (local time), 02:00 (the last one), or -90m, "
		"-2h, -7d from now",
		option, text);
}

static enum zync_status when_check(const char *option, const char *text, enum cli_when when, int64_t now, int64_t ms, struct zync_err *err)
{
	if (when == CLI_WHEN_NEXT && ms < now)
		return zync_err_set(err, ZYNC_ERR_INVALID, "--%s: %s is past", option, text);
	if (ms > now + FARTHEST_MS)
		return zync_err_set(err, ZYNC_ERR_INVALID, "--%s: %s is more than ten years ahead", option, text);
	if (ms <= 0)
		return zync_err_set(err, ZYNC_ERR_INVALID, "--%s: %s is before 1970", option, text);
	return ZYNC_OK;
}

enum zync_status cli_when(const char *option, const char *text, enum cli_when when, int64_t now, int64_t *ret, struct zync_err *err)
{
	struct when_fields f = {0};
	bool shifted = false;
	int64_t ms = 0;
	bool good;

	if (*text == '+' || *text == '-') {
		good = when_span(text + 1, &ms);
		ms = *text == '+' ? now + ms : now - ms;
	} else if (!when_split(text, &f)) {
		good = false;
	} else if (f.year == 0) {
		good = when_of_day(f, when, now, &ms);
	} else if (*f.rest != '\0') {
		good = when_zoned(&f, f.rest, &ms);
	} else {
		good = when_zoned(&f, "Z", &ms) && when_local(&f, 0, &ms, &shifted);
	}
	if (!good)
		return when_unreadable(option, text, when, err);
	if (shifted)
		return zync_err_set(err, ZYNC_ERR_INVALID, "--%s: there is no %s here: the clocks go forward over it", option, text);
	ZYNC_TRY(when_check(option, text, when, now, ms, err));
	*ret = ms;
	return ZYNC_OK;
}
