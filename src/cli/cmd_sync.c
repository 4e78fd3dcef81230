/* SPDX-License-Identifier: Apache-2.0 */
/* pull, plan, sync, explain. */
#include <inttypes.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"

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
	if (!cli_print_json(cli, result, &root))
		cli_render_result(cli, "pull", root, NULL);
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
	const struct zync_jval *root = NULL;
	int code = ZYNC_EXIT_DONE;

	if (!cli_print_and_read(cli, result, &root))
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

/* For `zync serve`, with the same options. */
static int sync_queue(struct cli *cli, const struct zync_sync_options *options, const struct zync_request *request)
{
	struct zync_job_order order = {
		.name = "sync-hosts-now",
		.hosts = options->hosts,
		.host_count = options->host_count,
		.no_pull = options->no_pull,
		.force = options->force,
		.strict = options->strict,
		.older_than_min = -1,
		.timeout_ms = -1,
	};
	struct zync_result *result = NULL;
	enum zync_status status;

	if (options->dry_run)
		status = zync_err_set(&cli->err, ZYNC_ERR_INVALID,
				      "--queue and --dry-run exclude each other: `zync plan` shows what a sync would change");
	else
		status = zync_job_queue(cli->zync, &order, request, &result, &cli->err);
	return cli_job_queued(cli, status, result);
}

int cmd_sync(struct cli *cli)
{
	struct zync_sync_options options = sync_options(cli);
	struct zync_request request = {.user = cli->user, .request_id = cli->request_id};
	struct zync_sync_summary summary = {0};
	struct zync_result *result = NULL;
	enum zync_status status;

	options.force = cli_flag(cli, "force");
	options.strict = cli_flag(cli, "strict");
	options.dry_run = cli_flag(cli, "dry-run");
	if (cli_flag(cli, "queue"))
		return sync_queue(cli, &options, &request);
	cli_progress_start(cli);
	status = zync_sync_hosts_now_run_job_now(cli->zync, &request, &options, &summary, &result, &cli->err);
	cli_progress_stop();
	if (options.dry_run)
		return status != ZYNC_OK ? cli_fail(cli, status) : plan_show(cli, result, /* detailed= */ false);
	return cli_job_done(cli, "sync-hosts-now", status, result, &summary);
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
			cli_render_explained(cli, host);
	}
	zync_result_free(result);
	return ZYNC_EXIT_DONE;
}
