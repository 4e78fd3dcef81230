/* SPDX-License-Identifier: Apache-2.0 */
/* job list, show, log, cancel, retry. */
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"

#define FOLLOW_POLL_MS 500
#define SHORT_ID       8

static const char *job_duration(struct cli *cli, const struct zync_jval *job)
{
	int64_t ms = 0;
	char text[ZYNC_TIME_TEXT_SIZE];

	if (!zync_jval_to_i64(zync_jval_get(job, "duration_ms"), &ms))
		return "-";
	return zync_arena_strdup(cli->arena, zync_duration_format(ms, text));
}

/* The beginning of an id is enough for every command; -v shows all of it. */
static const char *job_id(struct cli *cli, const struct zync_jval *job)
{
	const char *id = cli_str(cli, job, "job_id", "?");

	return cli->verbose > 0 ? id : zync_arena_printf(cli->arena, "%.*s", SHORT_ID, id);
}

static void job_row(struct cli *cli, struct cli_table *table, const struct zync_jval *job)
{
	const char *state = cli_str(cli, job, "status", "?");

	cli_table_cell(table, job_id(cli, job), NULL);
	cli_table_cell(table, cli_str(cli, job, "name", "?"), NULL);
	cli_table_cell(table, state, cli_state_color(state));
	cli_table_cell(table, cli_time(cli, zync_jval_get_str(job, "started")), "dim");
	cli_table_cell(table, job_duration(cli, job), NULL);
	cli_table_cell(table, cli_job_progress(cli, job), NULL);
	cli_table_cell(table, cli_str(cli, job, "user", "-"), NULL);
	cli_table_cell(table, cli_str(cli, job, "error", ""), "red");
}

int cmd_job_list(struct cli *cli)
{
	static const char *const HEADS[] = {"JOB", "NAME", "STATUS", "STARTED", "TOOK", "PROGRESS/WHEN", "USER", "ERROR", NULL};
	struct zync_job_query query = {.name = cli_value(cli, "name"), .status = cli_value(cli, "status")};
	struct zync_result *result = NULL;
	uint64_t limit = 0;
	enum zync_status status = cli_number(cli, "limit", 0, &limit, &cli->err);

	query.limit = (size_t)limit;
	if (status == ZYNC_OK)
		status = zync_job_list(cli->zync, &query, &result, &cli->err);
	return cli_print_list(cli, status, result, "jobs", HEADS, job_row);
}

/* What only some jobs have is shown only for these. */
static void show_optional(struct cli *cli, const struct zync_jval *job)
{
	const char *progress = cli_job_progress(cli, job);
	char span[ZYNC_TIME_TEXT_SIZE];
	int64_t ms = 0;

	if (zync_jval_get_str(job, "run_at") != NULL)
		(void)printf("%-12s %s\n", "run_at", cli_time(cli, zync_jval_get_str(job, "run_at")));
	if (cli_u64(job, "every") > 0)
		(void)printf("%-12s %" PRIu64 " min\n", "every", cli_u64(job, "every"));
	if (zync_jval_to_i64(zync_jval_get(job, "timeout_ms"), &ms))
		(void)printf("%-12s %s\n", "timeout", zync_duration_format(ms, span));
	if (zync_jval_get_str(job, "retry_of") != NULL)
		(void)printf("%-12s %s\n", "retry_of", cli_str(cli, job, "retry_of", "-"));
	if (zync_str_eq(zync_jval_get_str(job, "status"), "running"))
		(void)printf("%-12s %s\n", "pid", cli_str(cli, job, "pid", "-"));
	if (progress[0] != '\0')
		(void)printf("%-12s %s\n", "progress", progress);
	if (zync_jval_get_str(job, "cancel") != NULL)
		(void)printf("%-12s %s\n", "cancel", cli_str(cli, job, "cancel", "-"));
}

static void show_params(struct cli *cli, const struct zync_jval *params)
{
	ZYNC_AUTO_BUF text = {0};

	if (zync_jval_len(params) == 0)
		return;
	zync_buf_init(&text, (size_t)1024 * 1024);
	/* JSON escapes control characters itself. */
	if (zync_jval_write(cli->arena, params, ZYNC_JSON_COMPACT, &text, NULL) == ZYNC_OK)
		(void)printf("%-12s %s\n", "params", text.data);
	else
		(void)printf("%-12s (too long)\n", "params");
}

static void show_changes(struct cli *cli, const struct zync_jval *changes)
{
	static const char *const HEADS[] = {"ACTION", "HOST", "HOSTID", "PK", NULL};
	struct cli_table *table = cli_table_new(cli, HEADS);
	const struct zync_jval *change;
	struct zync_jiter it;

	zync_jiter_init(&it, changes);
	while ((change = zync_jiter_next(&it, NULL)) != NULL) {
		cli_table_cell(table, cli_str(cli, change, "action", "?"), NULL);
		cli_table_cell(table, cli_str(cli, change, "name", "?"), NULL);
		cli_table_cell(table, cli_str(cli, change, "hostid", "-"), NULL);
		cli_table_cell(table, cli_str(cli, change, "host_config_id", "-"), NULL);
	}
	if (zync_jval_len(changes) > 0)
		cli_table_print(table, stdout);
}

static void show_job(struct cli *cli, const struct zync_jval *job)
{
	static const char *const KEYS[] = {"job_id", "name", "status", "user", "request_id", "error"};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(KEYS); i++) {
		const char *color = zync_str_eq(KEYS[i], "status") ? cli_state_color(zync_jval_get_str(job, "status")) : "off";

		(void)printf("%-12s %s%s%s\n", KEYS[i], cli_color(cli, color), cli_str(cli, job, KEYS[i], "-"), cli_color(cli, "off"));
	}
	(void)printf("%-12s %s\n", "created", cli_time(cli, zync_jval_get_str(job, "created")));
	(void)printf("%-12s %s\n", "started", cli_time(cli, zync_jval_get_str(job, "started")));
	(void)printf("%-12s %s\n", "took", job_duration(cli, job));
	show_optional(cli, job);
	show_params(cli, zync_jval_get(job, "params"));
	if (zync_jval_type(zync_jval_get(job, "data")) == ZYNC_JSON_OBJECT)
		cli_print_pretty(cli, "result", zync_jval_get(job, "data"));
	show_changes(cli, zync_jval_get(job, "changes"));
}

/* Has it ended? Else draw how far it is. */
static bool follow_tell(struct cli *cli, const struct zync_jval *job)
{
	const struct zync_jval *stored = zync_jval_get(job, "progress");
	const char *status = zync_jval_get_str(job, "status");
	bool running = zync_str_eq(status, "running");
	struct zync_progress progress = {
		.phase = running ? cli_str(cli, stored, "phase", "queued") : "queued",
		.current = cli_u64(stored, "current"),
		.total = cli_u64(stored, "total"),
		.updated = cli_u64(stored, "updated"),
		.failed = cli_u64(stored, "failed"),
		.rate = zync_jval_real(zync_jval_get(stored, "rate")),
		.left_ms = -1,
	};

	if (!running && !zync_str_eq(status, "pending") && !zync_str_eq(status, "scheduled"))
		return true;
	(void)zync_jval_to_i64(zync_jval_get(stored, "left_ms"), &progress.left_ms);
	cli_progress(NULL, &progress);
	return false;
}

/* Wait until the job has ended. A signal just ends the watching, as it ends any program that only reads. */
static enum zync_status follow_job(struct cli *cli, const char *id, struct zync_result **ret)
{
	struct zync_arena *before = cli->arena;
	bool ended = false;

	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	cli_progress_start(cli);
	while (!ended) {
		const struct zync_jval *root = NULL;
		const char *json;
		enum zync_status status;

		zync_result_free(*ret);
		*ret = NULL;
		status = zync_job_show(cli->zync, id, ret, &cli->err);
		if (status != ZYNC_OK)
			return status;
		json = zync_result_json(*ret);
		cli->arena = zync_arena_new(0); /* a day of looking must not fill the memory */
		if (cli->arena != NULL && zync_json_parse(cli->arena, json, strlen(json), &root, NULL) == ZYNC_OK)
			ended = follow_tell(cli, root);
		zync_arena_free(cli->arena);
		cli->arena = before;
		if (!ended)
			(void)zync_clock_sleep_ms(FOLLOW_POLL_MS);
	}
	cli_progress_stop();
	return ZYNC_OK;
}

/* How a job that was followed to its end ended. */
static int job_exit_code(const struct zync_jval *job)
{
	const char *status = zync_jval_get_str(job, "status");

	if (zync_str_eq(status, "errored") || zync_str_eq(status, "failed"))
		return ZYNC_EXIT_ERRORED;
	return cli_u64(zync_jval_get(job, "data"), "failed") > 0 ? ZYNC_EXIT_HOSTS_FAILED : ZYNC_EXIT_DONE;
}

int cmd_job_show(struct cli *cli)
{
	bool follow = cli_flag(cli, "follow");
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	enum zync_status status;
	int code;

	if (follow)
		status = follow_job(cli, cli->args[0], &result);
	else
		status = zync_job_show(cli->zync, cli->args[0], &result, &cli->err);
	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (!cli_print_and_read(cli, result, &root))
		show_job(cli, root);
	code = follow ? job_exit_code(root) : ZYNC_EXIT_DONE;
	zync_result_free(result);
	return code;
}

int cmd_job_log(struct cli *cli)
{
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	const struct zync_jval *line;
	struct zync_jiter it;
	enum zync_status status = zync_job_log(cli->zync, cli->args[0], &result, &cli->err);

	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (!cli_print_json(cli, result, &root)) {
		zync_jiter_init(&it, zync_jval_get(root, "lines"));
		while ((line = zync_jiter_next(&it, NULL)) != NULL)
			(void)printf("%s%s%s %-7s %s\n", cli_color(cli, "dim"), cli_time(cli, zync_jval_get_str(line, "time")),
				     cli_color(cli, "off"), cli_str(cli, line, "level", ""), cli_str(cli, line, "message", ""));
	}
	zync_result_free(result);
	return ZYNC_EXIT_DONE;
}

int cmd_job_cancel(struct cli *cli)
{
	struct zync_request request = {.user = cli->user, .request_id = cli->request_id};
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	enum zync_status status = zync_job_stop(cli->zync, cli->args[0], &request, &result, &cli->err);

	if (status != ZYNC_OK)
		return cli_fail_queue(cli, status);
	if (!cli_print_json(cli, result, &root))
		(void)printf("%s\n", cli_str(cli, root, "message", "Cancelled."));
	zync_result_free(result);
	return ZYNC_EXIT_DONE;
}

/* The kind of the job, for how its result is shown. */
static const char *retry_name(struct cli *cli, const char *id)
{
	struct zync_job_query query = {.job_id = id, .limit = 1};
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	const char *name = "";

	if (zync_job_list(cli->zync, &query, &result, NULL) != ZYNC_OK)
		return name; /* the repeating says what is wrong */
	if (zync_json_parse(cli->arena, zync_result_json(result), strlen(zync_result_json(result)), &root, NULL) == ZYNC_OK)
		name = cli_str(cli, zync_jval_at(zync_jval_get(root, "jobs"), 0), "name", "");
	zync_result_free(result);
	return name;
}

int cmd_job_retry(struct cli *cli)
{
	struct zync_request request = {.user = cli->user, .request_id = cli->request_id};
	bool failed_only = cli_flag(cli, "failed-only");
	struct zync_sync_summary summary = {0};
	struct zync_result *result = NULL;
	const char *name;
	enum zync_status status;

	if (!cli_flag(cli, "now")) {
		status = zync_job_repeat(cli->zync, cli->args[0], failed_only, /* now= */ false, &request, NULL, &result, &cli->err);
		return cli_job_queued(cli, status, result);
	}
	name = retry_name(cli, cli->args[0]);
	cli_progress_start(cli);
	status = zync_job_repeat(cli->zync, cli->args[0], failed_only, /* now= */ true, &request, &summary, &result, &cli->err);
	cli_progress_stop();
	return cli_job_done(cli, name, status, result, &summary);
}
