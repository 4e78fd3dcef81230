/* SPDX-License-Identifier: Apache-2.0 */
/* Times and minutes that people type, and what is said of jobs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli_test.h"

/* Central Europe without any database of zones: the clocks go forward on 2026-03-29 and back on 2026-10-25. */
#define ZONE "CET-1CEST,M3.5.0,M10.5.0/3"
#define NOW  "2026-11-26T20:15:30Z" /* 21:15:30 there */

static int64_t ms_of(const char *iso)
{
	int64_t ms = 0;

	assert_true(zync_time_parse(iso, &ms));
	return ms;
}

static void use_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

struct when_case {
	const char *text;
	enum cli_when when;
	const char *want;  /* ISO; NULL: an error */
	const char *error; /* words of it */
};

static const struct when_case WHENS[] = {
	/* with a zone */
	{"2026-11-30T02:00Z", CLI_WHEN_NEXT, "2026-11-30T02:00:00Z", NULL},
	{"2026-11-30 02:00Z", CLI_WHEN_NEXT, "2026-11-30T02:00:00Z", NULL},
	{"2026-11-30T02:00:05.250+01:00", CLI_WHEN_NEXT, "2026-11-30T01:00:05.250Z", NULL},
	{"2026-11-30T02:00-05", CLI_WHEN_NEXT, "2026-11-30T07:00:00Z", NULL},
	{"2026-11-01T02:00Z", CLI_WHEN_LAST, "2026-11-01T02:00:00Z", NULL},
	/* local */
	{"2026-11-30 02:00", CLI_WHEN_NEXT, "2026-11-30T01:00:00Z", NULL},
	{"2026-11-30T02:00:07", CLI_WHEN_NEXT, "2026-11-30T01:00:07Z", NULL},
	{"2027-07-01 12:00", CLI_WHEN_NEXT, "2027-07-01T10:00:00Z", NULL},
	{"2026-11-30", CLI_WHEN_NEXT, "2026-11-29T23:00:00Z", NULL},
	{"2026-07-01", CLI_WHEN_LAST, "2026-06-30T22:00:00Z", NULL},
	{"2028-02-29 00:00", CLI_WHEN_NEXT, "2028-02-28T23:00:00Z", NULL},
	/* a time of day */
	{"02:00", CLI_WHEN_NEXT, "2026-11-27T01:00:00Z", NULL},
	{"22:00", CLI_WHEN_NEXT, "2026-11-26T21:00:00Z", NULL},
	{"21:15:30", CLI_WHEN_NEXT, "2026-11-27T20:15:30Z", NULL}, /* it is that now */
	{"02:00", CLI_WHEN_LAST, "2026-11-26T01:00:00Z", NULL},
	{"22:00", CLI_WHEN_LAST, "2026-11-25T21:00:00Z", NULL},
	{"21:15:30", CLI_WHEN_LAST, "2026-11-26T20:15:30Z", NULL},
	/* from now */
	{"+90m", CLI_WHEN_NEXT, "2026-11-26T21:45:30Z", NULL},
	{"+2h", CLI_WHEN_NEXT, "2026-11-26T22:15:30Z", NULL},
	{"+1d1h30m15s", CLI_WHEN_NEXT, "2026-11-27T21:45:45Z", NULL},
	{"+0m", CLI_WHEN_NEXT, NOW, NULL},
	{"-2h", CLI_WHEN_LAST, "2026-11-26T18:15:30Z", NULL},
	{"-7d", CLI_WHEN_LAST, "2026-11-19T20:15:30Z", NULL},
	{"+2h", CLI_WHEN_LAST, "2026-11-26T22:15:30Z", NULL},
	/* wrong */
	{"tomorrow", CLI_WHEN_NEXT, NULL, "--at: \"tomorrow\" is no time; use"},
	{"tomorrow", CLI_WHEN_LAST, NULL, "or -90m, -2h, -7d from now"},
	{"90m", CLI_WHEN_NEXT, NULL, "+90m"},
	{"", CLI_WHEN_NEXT, NULL, "is no time"},
	{"+", CLI_WHEN_NEXT, NULL, "is no time"},
	{"-", CLI_WHEN_LAST, NULL, "is no time"},
	{"+90", CLI_WHEN_NEXT, NULL, "is no time"},
	{"+h", CLI_WHEN_NEXT, NULL, "is no time"},
	{"+1h30", CLI_WHEN_NEXT, NULL, "is no time"},
	{"+1w", CLI_WHEN_NEXT, NULL, "is no time"},
	{"+1.5h", CLI_WHEN_NEXT, NULL, "is no time"},
	{"++1h", CLI_WHEN_NEXT, NULL, "is no time"},
	{"+1 h", CLI_WHEN_NEXT, NULL, "is no time"},
	{"24:00", CLI_WHEN_NEXT, NULL, "is no time"},
	{"2:00", CLI_WHEN_NEXT, NULL, "is no time"},
	{"02:60", CLI_WHEN_NEXT, NULL, "is no time"},
	{"02:00:60", CLI_WHEN_NEXT, NULL, "is no time"},
	{"02:00Z", CLI_WHEN_NEXT, NULL, "is no time"},
	{"02:00 ", CLI_WHEN_NEXT, NULL, "is no time"},
	{"2027-02-29", CLI_WHEN_NEXT, NULL, "is no time"},
	{"2027-02-29 02:00Z", CLI_WHEN_NEXT, NULL, "is no time"},
	{"2026-13-01", CLI_WHEN_NEXT, NULL, "is no time"},
	{"2026-00-01", CLI_WHEN_NEXT, NULL, "is no time"},
	{"0000-01-01", CLI_WHEN_LAST, NULL, "is no time"},
	{"2026-11-30x02:00", CLI_WHEN_NEXT, NULL, "is no time"},
	{"2026-11-30 02:00 CET", CLI_WHEN_NEXT, NULL, "is no time"},
	{"2026-11-30T02:00+25:00", CLI_WHEN_NEXT, NULL, "is no time"},
	{"2026-11-30T02:00Zulu", CLI_WHEN_NEXT, NULL, "is no time"},
	{"2026-11-30T02:00:00.00000000000000000000000000000000000000000000000000Z", CLI_WHEN_NEXT, NULL, "is no time"},
	{"26-11-30", CLI_WHEN_NEXT, NULL, "is no time"},
	{"2026-11-26T20:15:29Z", CLI_WHEN_NEXT, NULL, "--at: 2026-11-26T20:15:29Z is past"},
	{"2026-11-26 21:15", CLI_WHEN_NEXT, NULL, "is past"},
	{"-2h", CLI_WHEN_NEXT, NULL, "--at: -2h is past"},
	{"2226-11-30", CLI_WHEN_NEXT, NULL, "more than ten years ahead"},
	{"+9999999d", CLI_WHEN_NEXT, NULL, "more than ten years ahead"},
	{"+9999999d9999999d9999999d", CLI_WHEN_NEXT, NULL, "more than ten years ahead"},
	{"+99999999m", CLI_WHEN_NEXT, NULL, "is no time"}, /* too many digits */
	{"1969-12-31T23:59Z", CLI_WHEN_LAST, NULL, "before 1970"},
	{"2027-03-28 02:30", CLI_WHEN_NEXT, NULL, "there is no 2027-03-28 02:30 here: the clocks go forward"},
};

static void test_when(void **state)
{
	(void)state;
	use_zone(ZONE);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(WHENS); i++) {
		const struct when_case *c = &WHENS[i];
		struct zync_err err = {0};
		int64_t ms = -77;
		enum zync_status status = cli_when("at", c->text, c->when, ms_of(NOW), &ms, &err);
		char text[ZYNC_TIME_TEXT_SIZE];

		if (c->want != NULL && status != ZYNC_OK)
			fail_msg("\"%s\": %s", c->text, err.message);
		if (c->want != NULL && ms != ms_of(c->want))
			fail_msg("\"%s\" is %s, not %s", c->text, zync_time_format(ms, text), c->want);
		if (c->want == NULL && (status != ZYNC_ERR_INVALID || strstr(err.message, c->error) == NULL || ms != -77))
			fail_msg("\"%s\": status %d: %s", c->text, (int)status, err.message);
	}
	use_zone("UTC");
}

/* The night in which the clocks go forward has no 02:30; the next one, asked for as a time of day, is then an hour later by the clock, and never an error. */
static void test_when_clocks_change(void **state)
{
	struct zync_err err = {0};
	int64_t ms = 0;

	(void)state;
	use_zone(ZONE);
	assert_int_equal(cli_when("at", "02:30", CLI_WHEN_NEXT, ms_of("2027-03-27T12:00:00Z"), &ms, &err), ZYNC_OK);
	assert_true(ms == ms_of("2027-03-28T01:30:00Z"));
	/* Midnight to midnight of the day on which they go back are 25 hours. */
	assert_int_equal(cli_when("at", "00:00", CLI_WHEN_NEXT, ms_of("2026-10-24T22:00:00Z"), &ms, &err), ZYNC_OK);
	assert_true(ms == ms_of("2026-10-25T23:00:00Z"));
	use_zone("UTC");
}

static void parse(struct cli *cli, const char *const *words, enum zync_status want)
{
	char *argv[12] = {zync_arena_strdup(cli->arena, "zync")};
	int argc = 1;

	for (; words[argc - 1] != NULL; argc++)
		argv[argc] = zync_arena_strdup(cli->arena, words[argc - 1]);
	assert_int_equal(cli_parse(cli, argc, argv, &cli->err), want);
}

static void test_minutes(void **state)
{
	static const struct {
		const char *text;
		int64_t min;
		bool good;
		int64_t minutes;
	} MINUTES[] = {{"1", 1, true, 1},
		       {"60", 1, true, 60},
		       {"525600", 1, true, 525600},
		       {"0", 0, true, 0},
		       {NULL, 1, true, -1},
		       {"0", 1, false, 0},
		       {"-5", 0, false, 0},
		       {"525601", 1, false, 0},
		       {"1.5", 0, false, 0},
		       {"1h", 0, false, 0},
		       {"99999999999999999999", 0, false, 0},
		       {"hour", 0, false, 0},
		       {" 1", 0, false, 0}};

	(void)state;
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(MINUTES); i++) {
		static const char *const WORDS[] = {"job", "run", "pull", NULL};
		struct cli cli = {.arena = zync_arena_new(0)};
		int64_t minutes = 99;

		parse(&cli, WORDS, ZYNC_OK);
		cli.values[1] = MINUTES[i].text; /* --every */
		assert_int_equal(cli_minutes(&cli, "every", MINUTES[i].min, -1, &minutes, &cli.err) == ZYNC_OK, MINUTES[i].good);
		if (MINUTES[i].good)
			assert_true(minutes == MINUTES[i].minutes);
		else
			assert_non_null(strstr(cli.err.message, "--every needs a whole number of minutes from"));
		zync_arena_free(cli.arena);
	}
}

static const struct zync_jval *document(struct cli *cli, const char *json)
{
	const struct zync_jval *root = NULL;

	assert_int_equal(zync_json_parse(cli->arena, json, strlen(json), &root, NULL), ZYNC_OK);
	return root;
}

static void test_progress(void **state)
{
	static const struct {
		const char *job, *shown;
	} JOBS[] = {
		{"{\"status\":\"running\",\"progress\":{\"phase\":\"apply\",\"current\":120,\"total\":300,\"rate\":25.2,\"left_ms\":7140}}",
		 "apply 120/300 40 %, 25/s, left 7.1 s"},
		{"{\"status\":\"running\",\"every\":60,\"progress\":{\"phase\":\"pull\",\"current\":40,\"total\":0,\"rate\":3.26,\"left_"
		 "ms\":null}}",
		 "pull 40, 3.3/s, every 60 min"},
		{"{\"status\":\"running\",\"progress\":{\"phase\":null,\"current\":0,\"total\":0,\"rate\":0,\"left_ms\":null}}",
		 "starting"},
		{"{\"status\":\"running\",\"cancel\":\"cancelled by "
		 "eve\",\"progress\":{\"phase\":\"plan\",\"current\":7,\"total\":5,\"rate\":0}}",
		 "stopping: plan 7/5 100 %"},
		{"{\"status\":\"running\",\"progress\":{\"phase\":\"a\\u001b[2Jb\"}}", "a\\x1B[2Jb"},
		{"{\"status\":\"pending\",\"every\":null}", "waiting for its turn"},
		{"{\"status\":\"scheduled\",\"run_at\":\"2026-11-30T01:00:00.000Z\",\"every\":90}", "2026-11-30 02:00:00, every 90 min"},
		{"{\"status\":\"scheduled\",\"run_at\":\"2026-11-30T01:00:00.000Z\"}", "2026-11-30 02:00:00"},
		{"{\"status\":\"completed\",\"every\":60,\"run_at\":\"2026-11-30T01:00:00.000Z\"}", ""},
		{"{\"status\":\"errored\"}", ""},
		{"{}", ""},
	};
	struct cli cli = {.arena = zync_arena_new(0)};

	(void)state;
	use_zone(ZONE);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(JOBS); i++)
		assert_string_equal(cli_job_progress(&cli, document(&cli, JOBS[i].job)), JOBS[i].shown);
	use_zone("UTC");
	zync_arena_free(cli.arena);
}

static void test_put_back(void **state)
{
	static const char ROOT[] =
		"{\"put_back\":{\"restored\":3,\"deleted\":2,\"groups\":1,\"failed\":[{\"name\":\"sw\\u001b1\",\"host_config_id\":11,"
		"\"error\":\"gone\"},{\"name\":\"sw2\",\"host_config_id\":null,\"error\":\"no permission\"}]}}";
	struct cli cli = {.arena = zync_arena_new(0)};
	char *printed = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&printed, &len);

	(void)state;
	assert_non_null(out);
	cli_render_put_back(&cli, document(&cli, "{\"total\":5}"), out);
	cli_render_put_back(&cli, NULL, out);
	(void)fflush(out);
	assert_int_equal(len, 0); /* nothing was put back: nothing is said */
	cli_render_put_back(&cli, document(&cli, ROOT), out);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(printed, "zync: put back in Zabbix: 3 hosts as they were, 2 created hosts deleted, 1 created groups deleted\n"
				     "zync: 2 could not be put back and are in Zabbix as this run left them:\n"
				     "  ! sw\\x1B1 (pk=11): gone\n"
				     "  ! sw2 (pk=-): no permission\n");
	free(printed);
	zync_arena_free(cli.arena);
}

const struct CMUnitTest cli_job_tests[] = {
	cmocka_unit_test(test_when),	 cmocka_unit_test(test_when_clocks_change), cmocka_unit_test(test_minutes),
	cmocka_unit_test(test_progress), cmocka_unit_test(test_put_back),
};
const size_t cli_job_test_count = ZYNC_ARRAY_LEN(cli_job_tests);
