/* SPDX-License-Identifier: Apache-2.0 */
/* job run, types: jobs for the queue, or at once. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"

/* What a job can take, and the option that says it. */
static const struct {
	const char *word;
	const char *option; /* NULL: the arguments */
} TAKES[] = {
	{"hosts", NULL},    {"no_pull", "--no-pull"},	    {"force", "--force"},     {"strict", "--strict"},
	{"hard", "--hard"}, {"older_than", "--older-than"}, {"dry_run", "--dry-run"},
};

static bool type_takes(const struct zync_jval *type, const char *word)
{
	const struct zync_jval *taken;
	struct zync_jiter it;

	zync_jiter_init(&it, zync_jval_get(type, "takes"));
	while ((taken = zync_jiter_next(&it, NULL)) != NULL) {
		if (zync_str_eq(zync_jval_str(taken), word))
			return true;
	}
	return false;
}

static const char *type_takes_text(struct cli *cli, const struct zync_jval *type)
{
	ZYNC_AUTO_BUF text = {0};
	bool one = zync_jval_is_true(zync_jval_get(type, "one_host"));

	zync_buf_init(&text, 1024);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(TAKES); i++) {
		if (!type_takes(type, TAKES[i].word))
			continue;
		zync_buf_printf(&text, "%s", text.len > 0 ? " " : "");
		if (TAKES[i].option == NULL)
			zync_buf_printf(&text, "%s", one ? "HOST" : "[HOST…]");
		else
			zync_buf_printf(&text, "%s", TAKES[i].option);
	}
	return text.failed == ZYNC_OK ? zync_arena_strdup(cli->arena, text.data) : NULL;
}

static void type_row(struct cli *cli, struct cli_table *table, const struct zync_jval *type)
{
	cli_table_cell(table, cli_str(cli, type, "name", "?"), "bold");
	cli_table_cell(table, type_takes_text(cli, type), "dim");
	cli_table_cell(table, cli_str(cli, type, "summary", ""), NULL);
}

int cmd_job_types(struct cli *cli)
{
	static const char *const HEADS[] = {"NAME", "TAKES", "WHAT IT DOES", NULL};
	struct zync_result *result = NULL;
	enum zync_status status = zync_job_types_list(&result, &cli->err);

	return cli_print_list(cli, status, result, "jobs", HEADS, type_row);
}

/* Is a confirmation wanted? A job that there is not, or that takes no --hard, is refused by the library in any case. */
static bool run_wants_confirmation(struct cli *cli, const char *name)
{
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	const struct zync_jval *type;
	struct zync_jiter it;
	bool wanted = false;

	if (zync_job_types_list(&result, NULL) != ZYNC_OK)
		return true;
	if (zync_json_parse(cli->arena, zync_result_json(result), strlen(zync_result_json(result)), &root, NULL) != ZYNC_OK)
		wanted = true;
	zync_result_free(result);
	zync_jiter_init(&it, zync_jval_get(root, "jobs"));
	while ((type = zync_jiter_next(&it, NULL)) != NULL)
		wanted = wanted || (zync_str_eq(zync_jval_get_str(type, "name"), name) && type_takes(type, "hard"));
	return wanted;
}

static enum zync_status run_order(struct cli *cli, struct zync_job_order *ret)
{
	const char *at = cli_value(cli, "at");
	bool now = cli_flag(cli, "now");
	int64_t timeout_min = -1;

	*ret = (struct zync_job_order){
		.name = cli->args[0],
		.hosts = cli->args + 1,
		.host_count = cli->arg_count - 1,
		.no_pull = cli_flag(cli, "no-pull"),
		.force = cli_flag(cli, "force"),
		.strict = cli_flag(cli, "strict"),
		.hard = cli_flag(cli, "hard"),
		.dry_run = cli_flag(cli, "dry-run"),
	};
	if (now && (at != NULL || cli_flag(cli, "every")))
		return zync_err_set(&cli->err, ZYNC_ERR_INVALID,
				    "--now runs the job in this process, at once and once: it excludes --at and --every");
	ZYNC_TRY(cli_minutes(cli, "every", 1, 0, &ret->every_min, &cli->err));
	ZYNC_TRY(cli_minutes(cli, "timeout", 0, -1, &timeout_min, &cli->err));
	ZYNC_TRY(cli_minutes(cli, "older-than", 0, -1, &ret->older_than_min, &cli->err));
	if (at != NULL)
		ZYNC_TRY(cli_when("at", at, CLI_WHEN_NEXT, zync_clock_now_ms(), &ret->run_at_ms, &cli->err));
	if (timeout_min < 0)
		ret->timeout_ms = now ? 0 : -1; /* what somebody waits for is stopped by Ctrl-C, what is queued by the configuration */
	else
		ret->timeout_ms = timeout_min * 60000;
	if (ret->hard && run_wants_confirmation(cli, ret->name) && !cli_confirm_hard(cli, ret->host_count > 0 ? ret->hosts[0] : "it"))
		return zync_err_set(&cli->err, ZYNC_ERR_INVALID,
				    "nothing done: a hard deletion loses the host's history; confirm it with --yes");
	return ZYNC_OK;
}

int cmd_job_run(struct cli *cli)
{
	struct zync_request request = {.user = cli->user, .request_id = cli->request_id};
	struct zync_sync_summary summary = {0};
	struct zync_result *result = NULL;
	struct zync_job_order order;
	enum zync_status status = run_order(cli, &order);

	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (!cli_flag(cli, "now")) {
		status = zync_job_queue(cli->zync, &order, &request, &result, &cli->err);
		return cli_job_queued(cli, status, result);
	}
	cli_progress_start(cli);
	status = zync_job_run(cli->zync, &order, &request, &summary, &result, &cli->err);
	cli_progress_stop();
	return cli_job_done(cli, order.name, status, result, &summary);
}
