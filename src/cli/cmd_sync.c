/* SPDX-License-Identifier: Apache-2.0 */
/* pull, plan, sync, explain. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"

#define FAILURES_SHOWN 20

int cmd_pull(struct cli *cli)
{
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	enum zync_status status;

	cli_progress_start(cli);
	status = zync_pull(cli->zync, cli_flag(cli, "force"), &result, &cli->err);
	cli_progress_stop();
	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (!cli_print_json(cli, result, &root)) {
		(void)printf("%s\n", cli_str(cli, root, "message", ""));
		(void)printf("  %" PRIu64 " new, %" PRIu64 " changed, %" PRIu64 " unchanged; %" PRIu64 " to be removed, %" PRIu64
			     " missing, %" PRIu64 " skipped (%" PRIu64 " of them without an address)\n",
			     cli_u64(root, "new"), cli_u64(root, "changed"), cli_u64(root, "unchanged"), cli_u64(root, "removed"),
			     cli_u64(root, "missing"), cli_u64(root, "skipped"), cli_u64(root, "without_address"));
	}
	zync_result_free(result);
	return ZYNC_EXIT_DONE;
}

static struct zync_sync_options sync_options(const struct cli *cli)
{
	return (struct zync_sync_options){
		.hosts = cli->args,
		.host_count = cli->arg_count,
		.no_pull = cli_flag(cli, "no-pull"),
	};
}

/* What a plan would change; failures and reports are no changes. */
static bool plan_has_changes(const struct zync_jval *plan)
{
	return cli_u64(plan, "create") + cli_u64(plan, "update") + cli_u64(plan, "disable") + cli_u64(plan, "delete") > 0;
}

static int plan_show(struct cli *cli, struct zync_result *result, bool detailed)
{
	bool as_json = cli->json;
	const struct zync_jval *root = NULL;
	int code = ZYNC_EXIT_DONE;

	if (as_json)
		(void)printf("%s\n", zync_result_json(result));
	cli->json = false;
	(void)cli_print_json(cli, result, &root);
	cli->json = as_json;
	if (!as_json)
		cli_render_plan(cli, root, stdout);
	if (detailed && plan_has_changes(root))
		code = ZYNC_EXIT_CHANGES;
	zync_result_free(result);
	return code;
}

int cmd_plan(struct cli *cli)
{
	struct zync_sync_options options = sync_options(cli);
	struct zync_result *result = NULL;
	enum zync_status status;

	cli_progress_start(cli);
	status = zync_plan_hosts(cli->zync, &options, &result, &cli->err);
	cli_progress_stop();
	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	return plan_show(cli, result, cli_flag(cli, "detailed-exit-code"));
}

static void sync_show_failures(struct cli *cli, const struct zync_jval *failures)
{
	const struct zync_jval *failure;
	struct zync_jiter it;
	size_t shown = 0;

	zync_jiter_init(&it, failures);
	while ((failure = zync_jiter_next(&it, NULL)) != NULL && shown++ < FAILURES_SHOWN)
		(void)printf("  %s! %s%s (pk=%" PRIu64 "): %s\n", cli_color(cli, "red"), cli_str(cli, failure, "name", "?"),
			     cli_color(cli, "off"), cli_u64(failure, "host_config_id"), cli_str(cli, failure, "error", ""));
	if (zync_jval_len(failures) > FAILURES_SHOWN)
		(void)printf("  … and %zu more: zync host list --failed\n", zync_jval_len(failures) - FAILURES_SHOWN);
}

static void sync_show(struct cli *cli, const struct zync_jval *root, const struct zync_sync_summary *summary)
{
	char duration[ZYNC_TIME_TEXT_SIZE];

	(void)printf("%s%s%s\n", cli_color(cli, summary->failed > 0 ? "yellow" : "green"), cli_str(cli, root, "message", summary->message),
		     cli_color(cli, "off"));
	(void)printf("  %" PRIu64 " created, %" PRIu64 " changed, %" PRIu64 " disabled, %" PRIu64 " deleted, %" PRIu64
		     " unchanged; %" PRIu64 " skipped\n",
		     summary->created, summary->changed, summary->disabled, summary->deleted, summary->unchanged, summary->skipped);
	sync_show_failures(cli, zync_jval_get(root, "failures"));
	(void)printf("%s  %s, %" PRIu64 " calls to Zabbix (%" PRIu64 " writing), %" PRIu64 " to NetBox; job %s%s\n", cli_color(cli, "dim"),
		     zync_duration_format(summary->duration_ms, duration), summary->zabbix_calls, summary->zabbix_write_calls,
		     summary->netbox_calls, summary->job_id, cli_color(cli, "off"));
}

int cmd_sync(struct cli *cli)
{
	struct zync_sync_options options = sync_options(cli);
	struct zync_request request = {.user = cli->user, .request_id = cli->request_id};
	struct zync_sync_summary summary = {0};
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	enum zync_status status;

	options.force = cli_flag(cli, "force");
	options.dry_run = cli_flag(cli, "dry-run");
	cli_progress_start(cli);
	status = zync_sync_hosts_now_run_job_now(cli->zync, &request, &options, &summary, &result, &cli->err);
	cli_progress_stop();
	if (status != ZYNC_OK) {
		int code = cli_fail(cli, status);

		if (result != NULL && cli->json)
			(void)printf("%s\n", zync_result_json(result));
		zync_result_free(result);
		/* What had begun to write and then failed is an errored job, also when the reason is a server that is gone. */
		return code == ZYNC_EXIT_UNREACHABLE && summary.zabbix_write_calls > 0 ? ZYNC_EXIT_ERRORED : code;
	}
	if (options.dry_run)
		return plan_show(cli, result, /* detailed= */ false);
	if (!cli_print_json(cli, result, &root))
		sync_show(cli, root, &summary);
	zync_result_free(result);
	return summary.failed > 0 ? ZYNC_EXIT_HOSTS_FAILED : ZYNC_EXIT_DONE;
}

static void explain_values(struct cli *cli, const struct zync_jval *host)
{
	static const char *const HEADS[] = {"FIELD", "VALUE", "RULE", "WHERE", "INSTEAD OF", NULL};
	struct cli_table *table = cli_table_new(cli, HEADS);
	const struct zync_jval *value;
	struct zync_jiter it;

	zync_jiter_init(&it, zync_jval_get(host, "values"));
	while ((value = zync_jiter_next(&it, NULL)) != NULL) {
		const char *where = "";

		if (zync_jval_get(value, "line") != NULL)
			where = zync_arena_printf(cli->arena, "%s:%" PRIu64, cli_str(cli, value, "file", "?"), cli_u64(value, "line"));
		cli_table_cell(table, cli_str(cli, value, "field", ""), NULL);
		cli_table_cell(table, cli_str(cli, value, "value", ""), "green");
		cli_table_cell(table, cli_str(cli, value, "rule", ""), NULL);
		cli_table_cell(table, where, "dim");
		cli_table_cell(table, cli_str(cli, value, "overrode", ""), "dim");
	}
	cli_table_print(table, stdout);
}

static void explain_host(struct cli *cli, const struct zync_jval *host)
{
	const struct zync_jval *mapping;
	struct zync_jiter it;
	bool first = true;
	const char *verdict = cli_str(cli, host, "verdict", "");
	const char *reason = zync_jval_get_str(host, "reason");

	(void)printf("%s%s%s (%s:%" PRIu64 ") is %s%s%s", cli_color(cli, "bold"), cli_str(cli, host, "name", "?"), cli_color(cli, "off"),
		     cli_str(cli, host, "type", "?"), cli_u64(host, "id"),
		     cli_color(cli, zync_str_eq(verdict, "monitored") ? "green" : "yellow"), verdict, cli_color(cli, "off"));
	if (reason != NULL)
		(void)printf(": %s", cli_safe(cli, reason));
	(void)printf("\nmappings that match: ");
	zync_jiter_init(&it, zync_jval_get(host, "mappings"));
	while ((mapping = zync_jiter_next(&it, NULL)) != NULL) {
		(void)printf("%s%s", first ? "" : ", ", cli_safe(cli, zync_jval_str(mapping)));
		first = false;
	}
	(void)printf("%s\n", first ? "none" : "");
	if (zync_jval_len(zync_jval_get(host, "values")) > 0)
		explain_values(cli, host);
}

int cmd_explain(struct cli *cli)
{
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	const struct zync_jval *host;
	struct zync_jiter it;
	enum zync_status status = zync_explain(cli->zync, cli->args[0], &result, &cli->err);

	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (!cli_print_json(cli, result, &root)) {
		zync_jiter_init(&it, zync_jval_get(root, "hosts"));
		while ((host = zync_jiter_next(&it, NULL)) != NULL)
			explain_host(cli, host);
	}
	zync_result_free(result);
	return ZYNC_EXIT_DONE;
}
