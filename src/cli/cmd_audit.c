/* SPDX-License-Identifier: Apache-2.0 */
/* job list, show, log; event list, show. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"

static const char *state_color(const char *state)
{
	if (zync_str_eq(state, "completed"))
		return "green";
	return zync_str_eq(state, "running") ? "blue" : "red";
}

static const char *job_duration(struct cli *cli, const struct zync_jval *job)
{
	int64_t ms = 0;
	char text[ZYNC_TIME_TEXT_SIZE];

	if (!zync_jval_to_i64(zync_jval_get(job, "duration_ms"), &ms))
		return "-";
	return zync_arena_strdup(cli->arena, zync_duration_format(ms, text));
}

/* The rows of one list: prints the document, or a table with one row an element of @p key. */
static int audit_list(struct cli *cli, enum zync_status status, struct zync_result *result, const char *key, const char *const *heads,
		      void (*row)(struct cli *cli, struct cli_table *table, const struct zync_jval *element))
{
	const struct zync_jval *root = NULL;

	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (!cli_print_json(cli, result, &root)) {
		struct cli_table *table = cli_table_new(cli, heads);
		const struct zync_jval *element;
		struct zync_jiter it;

		zync_jiter_init(&it, zync_jval_get(root, key));
		while ((element = zync_jiter_next(&it, NULL)) != NULL)
			row(cli, table, element);
		cli_table_print(table, stdout);
	}
	zync_result_free(result);
	return ZYNC_EXIT_DONE;
}

static void job_row(struct cli *cli, struct cli_table *table, const struct zync_jval *job)
{
	const char *state = cli_str(cli, job, "status", "?");

	cli_table_cell(table, cli_str(cli, job, "job_id", "?"), NULL);
	cli_table_cell(table, cli_str(cli, job, "name", "?"), NULL);
	cli_table_cell(table, state, state_color(state));
	cli_table_cell(table, cli_time(cli, zync_jval_get_str(job, "started")), "dim");
	cli_table_cell(table, job_duration(cli, job), NULL);
	cli_table_cell(table, cli_str(cli, job, "user", "-"), NULL);
	cli_table_cell(table, cli_str(cli, job, "error", ""), "red");
}

int cmd_job_list(struct cli *cli)
{
	static const char *const HEADS[] = {"JOB", "NAME", "STATUS", "STARTED", "TOOK", "USER", "ERROR", NULL};
	struct zync_job_query query = {.name = cli_value(cli, "name"), .status = cli_value(cli, "status")};
	struct zync_result *result = NULL;
	uint64_t limit = 0;
	enum zync_status status = cli_number(cli, "limit", 0, &limit, &cli->err);

	query.limit = (size_t)limit;
	if (status == ZYNC_OK)
		status = zync_job_list(cli->zync, &query, &result, &cli->err);
	return audit_list(cli, status, result, "jobs", HEADS, job_row);
}

int cmd_job_show(struct cli *cli)
{
	static const char *const KEYS[] = {"job_id", "name", "status", "user", "request_id", "error"};
	static const char *const HEADS[] = {"ACTION", "HOST", "HOSTID", "PK", NULL};
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	const struct zync_jval *change;
	struct zync_jiter it;
	enum zync_status status = zync_job_show(cli->zync, cli->args[0], &result, &cli->err);

	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (!cli_print_json(cli, result, &root)) {
		struct cli_table *table = cli_table_new(cli, HEADS);

		for (size_t i = 0; i < ZYNC_ARRAY_LEN(KEYS); i++)
			(void)printf("%-12s %s\n", KEYS[i], cli_str(cli, root, KEYS[i], "-"));
		(void)printf("%-12s %s\n%-12s %s\n", "started", cli_time(cli, zync_jval_get_str(root, "started")), "took",
			     job_duration(cli, root));
		cli_print_pretty(cli, "result", zync_jval_get(root, "data"));
		zync_jiter_init(&it, zync_jval_get(root, "changes"));
		while ((change = zync_jiter_next(&it, NULL)) != NULL) {
			cli_table_cell(table, cli_str(cli, change, "action", "?"), NULL);
			cli_table_cell(table, cli_str(cli, change, "name", "?"), NULL);
			cli_table_cell(table, cli_str(cli, change, "hostid", "-"), NULL);
			cli_table_cell(table, cli_str(cli, change, "host_config_id", "-"), NULL);
		}
		if (zync_jval_len(zync_jval_get(root, "changes")) > 0)
			cli_table_print(table, stdout);
	}
	zync_result_free(result);
	return ZYNC_EXIT_DONE;
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

static void event_row(struct cli *cli, struct cli_table *table, const struct zync_jval *event)
{
	const char *state = cli_str(cli, event, "state", "?");
	const char *exception = zync_jval_get_str(event, "exception");
	bool failed = zync_str_eq(state, "failed") && exception != NULL;

	cli_table_cell(table, cli_str(cli, event, "event_id", "?"), NULL);
	cli_table_cell(table, cli_time(cli, zync_jval_get_str(event, "time")), "dim");
	cli_table_cell(table, cli_str(cli, event, "kind", "?"), NULL);
	cli_table_cell(table, cli_str(cli, event, "name", "?"), NULL);
	cli_table_cell(table, cli_str(cli, event, "action", "?"), NULL);
	cli_table_cell(table, state, state_color(state));
	cli_table_cell(table, failed ? exception : cli_str(cli, event, "message", ""), NULL);
}

int cmd_event_list(struct cli *cli)
{
	static const char *const HEADS[] = {"EVENT", "TIME", "KIND", "NAME", "ACTION", "STATE", "MESSAGE", NULL};
	struct zync_event_query query = {.job_id = cli_value(cli, "job"), .host = cli_value(cli, "host"), .state = cli_value(cli, "state")};
	struct zync_result *result = NULL;
	uint64_t limit = 0;
	enum zync_status status = cli_number(cli, "limit", 0, &limit, &cli->err);

	query.limit = (size_t)limit;
	if (status == ZYNC_OK)
		status = zync_event_list(cli->zync, &query, &result, &cli->err);
	return audit_list(cli, status, result, "events", HEADS, event_row);
}

int cmd_event_show(struct cli *cli)
{
	static const char *const KEYS[] = {"event_id",	"kind",		  "name",   "action", "state", "message",
					   "exception", "host_config_id", "hostid", "job_id", "user",  "request_id"};
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	uint64_t id = 0;
	enum zync_status status = ZYNC_OK;

	if (!zync_str_to_u64(cli->args[0], &id))
		status = zync_err_set(&cli->err, ZYNC_ERR_INVALID, "\"%s\" is no event id; see `zync event list`", cli->args[0]);
	if (status == ZYNC_OK)
		status = zync_event_show(cli->zync, id, &result, &cli->err);
	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (!cli_print_json(cli, result, &root)) {
		for (size_t i = 0; i < ZYNC_ARRAY_LEN(KEYS); i++)
			(void)printf("%-15s %s\n", KEYS[i], cli_str(cli, root, KEYS[i], "-"));
		(void)printf("%-15s %s\n", "time", cli_time(cli, zync_jval_get_str(root, "time")));
		cli_print_pretty(cli, "before", zync_jval_get(root, "pre_data"));
		cli_print_pretty(cli, "after", zync_jval_get(root, "post_data"));
	}
	zync_result_free(result);
	return ZYNC_EXIT_DONE;
}
