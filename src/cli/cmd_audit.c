/* SPDX-License-Identifier: Apache-2.0 */
/* event list, show. */
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"

static void event_row(struct cli *cli, struct cli_table *table, const struct zync_jval *event)
{
	const char *state = cli_str(cli, event, "state", "?");
	const char *exception = zync_jval_get_str(event, "exception");
	/* Of a host the exception is Zabbix's own words, of a job only the kind of failure. */
	bool failed = zync_str_eq(state, "failed") && exception != NULL && zync_str_eq(zync_jval_get_str(event, "kind"), "host");

	cli_table_cell(table, cli_str(cli, event, "event_id", "?"), NULL);
	cli_table_cell(table, cli_time(cli, zync_jval_get_str(event, "time")), "dim");
	cli_table_cell(table, cli_str(cli, event, "kind", "?"), NULL);
	cli_table_cell(table, cli_str(cli, event, "name", "?"), NULL);
	cli_table_cell(table, cli_str(cli, event, "action", "?"), NULL);
	cli_table_cell(table, state, cli_state_color(state));
	cli_table_cell(table, failed ? exception : cli_str(cli, event, "message", ""), NULL);
}

static enum zync_status event_times(struct cli *cli, struct zync_event_query *query)
{
	const char *since = cli_value(cli, "since");
	const char *until = cli_value(cli, "until");
	int64_t now = zync_clock_now_ms();

	if (since != NULL)
		ZYNC_TRY(cli_when("since", since, CLI_WHEN_LAST, now, &query->since_ms, &cli->err));
	if (until != NULL)
		ZYNC_TRY(cli_when("until", until, CLI_WHEN_LAST, now, &query->until_ms, &cli->err));
	if (since != NULL && until != NULL && query->since_ms >= query->until_ms)
		return zync_err_set(&cli->err, ZYNC_ERR_INVALID, "--since %s is not before --until %s: no event can lie between them",
				    since, until);
	return ZYNC_OK;
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
		status = event_times(cli, &query);
	if (status == ZYNC_OK)
		status = zync_event_list(cli->zync, &query, &result, &cli->err);
	return cli_print_list(cli, status, result, "events", HEADS, event_row);
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
