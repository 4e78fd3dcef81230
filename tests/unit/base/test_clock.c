/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "base/clock.h"
#include "base_test.h"

static void clock_texts(void **state ZYNC_UNUSED)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{0, "1970-01-01T00:00:00.000Z"},
		{-1, "1969-12-31T23:59:59.999Z"},
		{1795383007123, "2026-11-22T21:30:07.123Z"},
		{951782400000, "2000-02-29T00:00:00.000Z"},
		{951868800000, "2000-03-01T00:00:00.000Z"},
		{4107542400000, "2100-03-01T00:00:00.000Z"},
		{4107456000000, "2100-02-28T00:00:00.000Z"},
		{-62167219200000, "0000-01-01T00:00:00.000Z"},
		{253402300799999, "9999-12-31T23:59:59.999Z"},
		{INT64_MAX, "292278994-08-17T07:12:55.807Z"},
		{INT64_MIN, "-292275055-05-16T16:47:04.192Z"},
	};
	char text[ZYNC_TIME_TEXT_SIZE];
	int64_t ms;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		assert_string_equal(zync_time_format(cases[i].ms, text), cases[i].text);
		if (i < ZYNC_ARRAY_LEN(cases) - 2) {
			assert_true(zync_time_parse(text, &ms));
			assert_true(ms == cases[i].ms);
		}
	}
}

/* Against the C library's calendar, day by day from 1970 to 2106. */
static void clock_calendar(void **state ZYNC_UNUSED)
{
	char text[ZYNC_TIME_TEXT_SIZE], want[64];

	for (int64_t day = 0; day < 50000; day++) {
		time_t t = (time_t)day * 86400;
		struct tm tm;

		assert_non_null(gmtime_r(&t, &tm));
		assert_true(strftime(want, sizeof(want), "%Y-%m-%dT00:00:00.000Z", &tm) > 0);
		assert_string_equal(zync_time_format(day * 86400000, text), want);
	}
}

static void clock_parses(void **state ZYNC_UNUSED)
{
	static const struct {
		const char *text;
		bool valid;
		int64_t ms;
	} cases[] = {
		{"2026-11-22T21:30:07Z", true, 1795383007000},
		{"2026-11-22t21:30:07z", true, 1795383007000},
		{"2026-11-22 21:30:07.1Z", true, 1795383007100},
		{"2026-11-22T21:30:07.123456789Z", true, 1795383007123},
		{"2026-11-22T21:30:07,5Z", true, 1795383007500},
		{"2026-11-22T23:30:07+02:00", true, 1795383007000},
		{"2026-11-22T16:00:07-0530", true, 1795383007000},
		{"2026-11-22T23:30:07+02", true, 1795383007000},
		{"2016-12-31T23:59:60Z", true, 1483228800000},
		{"2024-02-29T00:00:00Z", true, 1709164800000},
		{NULL, false, 0},
		{"", false, 0},
		{"2026-11-22", false, 0},
		{"2026-11-22T21:30:07", false, 0},
		{"2026-11-22T21:30Z", false, 0},
		{"2026-11-22T21:30:07.Z", false, 0},
		{"2026-11-22T21:30:07Zx", false, 0},
		{"2026-11-22T21:30:07+", false, 0},
		{"2026-11-22T21:30:07+2", false, 0},
		{"2026-11-22T21:30:07+24:00", false, 0},
		{"2026-11-22T21:30:07+02:60", false, 0},
		{"2026-11-22T21:30:07+02:0", false, 0},
		{"2026-11-22T21:30:07+02:000", false, 0},
		{"2023-02-29T00:00:00Z", false, 0},
		{"2100-02-29T00:00:00Z", false, 0},
		{"2000-02-29T00:00:00Z", true, 951782400000},
		{"2026-00-10T00:00:00Z", false, 0},
		{"2026-13-10T00:00:00Z", false, 0},
		{"2026-01-00T00:00:00Z", false, 0},
		{"2026-04-31T00:00:00Z", false, 0},
		{"2026-04-30T24:00:00Z", false, 0},
		{"2026-04-30T23:60:00Z", false, 0},
		{"2026-04-30T23:00:61Z", false, 0},
		{"2026/04/30T23:00:00Z", false, 0},
		{"2026-04/30T23:00:00Z", false, 0},
		{"2026-04-30X23:00:00Z", false, 0},
		{"2026-04-30T23-00:00Z", false, 0},
		{"2026-04-30T23:00-00Z", false, 0},
		{"26-04-30T23:00:00Z", false, 0},
		{"+026-04-30T23:00:00Z", false, 0},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		int64_t ms = -4711;

		if (zync_time_parse(cases[i].text, &ms) != cases[i].valid || ms != (cases[i].valid ? cases[i].ms : -4711))
			fail_msg("case %zu: %s gives %lld", i, cases[i].text, (long long)ms);
	}
}

static void clock_durations(void **state ZYNC_UNUSED)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{0, "0 ms"},
		{850, "850 ms"},
		{999, "999 ms"},
		{1000, "1.0 s"},
		{12345, "12.3 s"},
		{59999, "59.9 s"},
		{60000, "1 min 00 s"},
		{245000, "4 min 05 s"},
		{3599999, "59 min 59 s"},
		{3600000, "1 h 00 min"},
		{7380000, "2 h 03 min"},
		{360000000, "100 h 00 min"},
		{-1500, "-1.5 s"},
		{INT64_MAX, "2562047788015 h 12 min"},
		{INT64_MIN, "-2562047788015 h 12 min"},
	};
	char text[ZYNC_TIME_TEXT_SIZE];

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++)
		assert_string_equal(zync_duration_format(cases[i].ms, text), cases[i].text);
}

static void clock_on_alarm(int number ZYNC_UNUSED)
{
}

static void clock_runs(void **state ZYNC_UNUSED)
{
	const struct sigaction action = {.sa_handler = clock_on_alarm};
	const struct itimerval soon = {.it_value = {.tv_usec = 20000}};
	int64_t wall = zync_clock_now_ms(), start_ms = zync_clock_mono_ms(), start = zync_clock_mono_us();

	assert_true(wall > 1700000000000);
	assert_true(wall / 1000 <= (int64_t)time(NULL) && wall / 1000 >= (int64_t)time(NULL) - 5);
	assert_true(zync_clock_sleep_ms(15));
	assert_true(zync_clock_mono_us() - start >= 15000);
	assert_true(zync_clock_mono_ms() - start_ms >= 14);
	assert_true(zync_clock_sleep_ms(0));
	assert_true(zync_clock_sleep_ms(-5));
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	start = zync_clock_mono_us();
	assert_false(zync_clock_sleep_ms(20000));
	assert_true(zync_clock_mono_us() - start < 10000000);
}

TEST_GROUP(test_clock, cmocka_unit_test(clock_texts), cmocka_unit_test(clock_calendar), cmocka_unit_test(clock_parses),
	   cmocka_unit_test(clock_durations), cmocka_unit_test(clock_runs));
