/* SPDX-License-Identifier: Apache-2.0 */
/* host list, show, diff, create, update, delete, adopt. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"

static const char *sync_word(const struct zync_jval *host, const char **ret_color)
{
	const struct zync_jval *in_sync = zync_jval_get(host, "in_sync");

	if (zync_jval_type(in_sync) != ZYNC_JSON_BOOL) {
		*ret_color = "dim";
		return "unknown";
	}
	*ret_color = zync_jval_is_true(in_sync) ? "green" : "red";
	return zync_jval_is_true(in_sync) ? "yes" : "no";
}

static void host_list_row(struct cli *cli, struct cli_table *table, const struct zync_jval *host)
{
	const char *color = NULL;
	const char *word = sync_word(host, &color);
	const char *object = zync_arena_printf(cli->arena, "%s:%" PRIu64, cli_str(cli, host, "type", "?"), cli_u64(host, "id"));
	const char *pk = zync_arena_printf(cli->arena, "%" PRIu64, cli_u64(host, "host_config_id"));

	cli_table_cell(table, pk, NULL);
	cli_table_cell(table, cli_str(cli, host, "name", "-"), NULL);
	cli_table_cell(table, object, "dim");
	cli_table_cell(table, cli_str(cli, host, "server", "-"), NULL);
	cli_table_cell(table, cli_str(cli, host, "hostid", "-"), NULL);
	cli_table_cell(table, cli_str(cli, host, "state", "-"), NULL);
	cli_table_cell(table, word, color);
	cli_table_cell(table, cli_time(cli, zync_jval_get_str(host, "last_sync_update")), "dim");
	cli_table_cell(table, cli_str(cli, host, "last_error", ""), "red");
}

static bool host_list_is_filtered(const struct zync_host_config_query *query)
{
	return query->in_sync || query->out_of_sync || query->failed || query->server != NULL || query->state != NULL;
}

int cmd_host_list(struct cli *cli)
{
	static const char *const HEADS[] = {"PK", "NAME", "OBJECT", "SERVER", "HOSTID", "STATE", "IN SYNC", "LAST SYNC", "ERROR", NULL};
	struct zync_host_config_query query = {
		.in_sync = cli_flag(cli, "in-sync"),
		.out_of_sync = cli_flag(cli, "out-of-sync"),
		.failed = cli_flag(cli, "failed"),
		.server = cli_value(cli, "server"),
		.state = cli_value(cli, "state"),
	};
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	enum zync_status status;

	if (query.in_sync + query.out_of_sync + query.failed > 1) {
		status = zync_err_set(&cli->err, ZYNC_ERR_INVALID, "--in-sync, --out-of-sync and --failed exclude each other");
		return cli_fail(cli, status);
	}
	status = zync_host_config_list(cli->zync, &query, &result, &cli->err);
	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (!cli_print_json(cli, result, &root)) {
		struct cli_table *table = cli_table_new(cli, HEADS);
		const struct zync_jval *hosts = zync_jval_get(root, "hosts");
		const struct zync_jval *host;
		struct zync_jiter it;

		zync_jiter_init(&it, hosts);
		while ((host = zync_jiter_next(&it, NULL)) != NULL)
			host_list_row(cli, table, host);
		if (zync_jval_len(hosts) == 0)
			(void)printf("%s\n", host_list_is_filtered(&query) ? "No host config is like that."
									   : "No host configs. `zync pull` reads them from NetBox.");
		else
			cli_table_print(table, stdout);
	}
	zync_result_free(result);
	return ZYNC_EXIT_DONE;
}

int cmd_host_show(struct cli *cli)
{
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	bool actual = cli_flag(cli, "actual");
	enum zync_status status = zync_host_config_show(cli->zync, cli->args[0], actual, &result, &cli->err);

	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (!cli_print_json(cli, result, &root)) {
		static const char *const KEYS[] = {"name",   "host",  "type",	"id",	   "host_config_id", "server",
						   "hostid", "state", "reason", "in_sync", "last_error"};

		for (size_t i = 0; i < ZYNC_ARRAY_LEN(KEYS); i++)
			(void)printf("%-18s %s\n", KEYS[i], cli_str(cli, root, KEYS[i], "-"));
		(void)printf("%-18s %s\n", "last_sync_update", cli_time(cli, zync_jval_get_str(root, "last_sync_update")));
		cli_print_pretty(cli, "desired", zync_jval_get(root, "desired"));
		if (actual)
			cli_print_pretty(cli, "actual", zync_jval_get(root, "actual"));
	}
	zync_result_free(result);
	return ZYNC_EXIT_DONE;
}

int cmd_host_diff(struct cli *cli)
{
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	enum zync_status status = zync_host_config_diff(cli->zync, cli->args[0], &result, &cli->err);

	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (!cli_print_json(cli, result, &root)) {
		if (zync_jval_is_true(zync_jval_get(root, "in_sync")))
			(void)printf("%s is in sync.\n", cli_str(cli, root, "name", "?"));
		cli_render_operations(cli, zync_jval_get(root, "operations"), stdout);
	}
	zync_result_free(result);
	return ZYNC_EXIT_DONE;
}

static int host_finish(struct cli *cli, enum zync_status status, struct zync_result *result)
{
	const struct zync_jval *root = NULL;
	int code = ZYNC_EXIT_DONE;

	cli_progress_stop();
	if (result != NULL && cli->json)
		(void)printf("%s\n", zync_result_json(result));
	if (status != ZYNC_OK) {
		code = cli_fail(cli, status);
		/* The job completed, its host did not. */
		if (result != NULL)
			code = ZYNC_EXIT_HOSTS_FAILED;
	} else if (!cli->json && !cli_print_json(cli, result, &root)) {
		(void)printf("%s\n", cli_str(cli, root, "message", "done"));
	}
	zync_result_free(result);
	return code;
}

int cmd_host_create(struct cli *cli)
{
	struct zync_result *result = NULL;
	enum zync_status status = zync_create_zabbix_host(cli->zync, cli->args[0], &result, &cli->err);

	return host_finish(cli, status, result);
}

int cmd_host_update(struct cli *cli)
{
	struct zync_result *result = NULL;
	enum zync_status status = zync_update_zabbix_host_by_name(cli->zync, cli->args[0], &result, &cli->err);

	return host_finish(cli, status, result);
}

bool cli_confirm_hard(struct cli *cli, const char *host)
{
	char answer[16];

	if (cli_flag(cli, "yes"))
		return true;
	if (isatty(STDIN_FILENO) != 1)
		return false;
	(void)fprintf(stderr, "Delete %s in Zabbix for good, with its history? Type yes: ", cli_safe(cli, host));
	return fgets(answer, sizeof(answer), stdin) != NULL && strcmp(answer, "yes\n") == 0;
}

int cmd_host_delete(struct cli *cli)
{
	struct zync_result *result = NULL;
	bool hard = cli_flag(cli, "hard");
	enum zync_status status;

	if (hard && !cli_confirm_hard(cli, cli->args[0])) {
		status = zync_err_set(&cli->err, ZYNC_ERR_INVALID,
				      "not deleted: a hard deletion loses the host's history; confirm it with --yes");
		return cli_fail(cli, status);
	}
	status = zync_delete_zabbix_host(cli->zync, cli->args[0], hard, &result, &cli->err);
	return host_finish(cli, status, result);
}

int cmd_host_adopt(struct cli *cli)
{
	struct zync_result *result = NULL;
	enum zync_status status = zync_adopt_zabbix_host(cli->zync, cli->args[0], &result, &cli->err);

	return host_finish(cli, status, result);
}
