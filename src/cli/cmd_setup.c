/* SPDX-License-Identifier: Apache-2.0 */
/* init and check. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"

#define ADDRESS_SIZE 512

/* An address from the option, else from the person at the terminal, else NULL (a placeholder is written). */
static const char *init_address(struct cli *cli, const char *option, const char *question)
{
	const char *value = cli_value(cli, option);
	char line[ADDRESS_SIZE];
	size_t len;

	if (value != NULL || isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1)
		return value;
	(void)fprintf(stderr, "%s (empty: fill it in later): ", question);
	if (fgets(line, sizeof(line), stdin) == NULL)
		return NULL;
	len = strcspn(line, "\r\n");
	line[len] = '\0';
	return len == 0 ? NULL : zync_arena_strdup(cli->arena, line);
}

enum zync_status cli_write_file(struct cli *cli, const char *path, const char *text)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (cli_flag(cli, "force") ? O_TRUNC : O_EXCL);
	int fd = open(path, flags, 0644);
	size_t left = strlen(text);

	if (fd < 0 && errno == EEXIST)
		return zync_err_set(&cli->err, ZYNC_ERR_INVALID,
				    "%s exists already; replace it with --force, or write another file with --output", path);
	if (fd < 0)
		return zync_err_os(&cli->err, errno, "writing %s", path);
	while (left > 0) {
		ssize_t written = write(fd, text, left);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0) {
			int saved = errno;

			(void)close(fd);
			return zync_err_os(&cli->err, saved, "writing %s", path);
		}
		text += written;
		left -= (size_t)written;
	}
	return close(fd) == 0 ? ZYNC_OK : zync_err_os(&cli->err, errno, "writing %s", path);
}

static enum zync_status init_print_json(struct cli *cli, const char *path)
{
	struct zync_jb *b = zync_jb_new(cli->arena);
	struct zync_jnode *root = b != NULL ? zync_jb_object(b) : NULL;
	const char *text = NULL;

	if (root == NULL)
		return zync_err_nomem(&cli->err, "printing the result");
	zync_jb_set_str(b, root, "file", path);
	ZYNC_TRY(zync_jb_text(b, root, ZYNC_JSON_COMPACT, cli->arena, &text, &cli->err));
	(void)printf("%s\n", text);
	return ZYNC_OK;
}

int cmd_init(struct cli *cli)
{
	const char *path = cli_value(cli, "output") != NULL ? cli_value(cli, "output") : "zync.yaml";
	bool to_stdout = zync_str_eq(path, "-");
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	const char *netbox_url;
	const char *zabbix_url;
	enum zync_status status;
	bool as_json = cli->json;

	if (!to_stdout && !cli_flag(cli, "force") && access(path, F_OK) == 0) {
		status = zync_err_set(&cli->err, ZYNC_ERR_INVALID,
				      "%s exists already; replace it with --force, or write another file with --output", path);
		return cli_fail(cli, status);
	}
	netbox_url = init_address(cli, "netbox-url", "Address of NetBox, such as https://netbox.example.com");
	zabbix_url = init_address(cli, "zabbix-url", "Address of Zabbix, such as https://zabbix.example.com");
	status = zync_config_example(netbox_url, zabbix_url, &result, &cli->err);
	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	cli->json = false;
	(void)cli_print_json(cli, result, &root);
	cli->json = as_json;
	if (to_stdout) {
		(void)printf("%s", zync_jval_get_str(root, "config"));
	} else {
		status = root == NULL ? cli->err.status : cli_write_file(cli, path, zync_jval_get_str(root, "config"));
		if (status == ZYNC_OK && cli->json)
			status = init_print_json(cli, path);
		else if (status == ZYNC_OK)
			(void)printf("Wrote %s. Set NETBOX_TOKEN and ZABBIX_TOKEN, look through the mappings, then: zync check, zync plan, "
				     "zync sync.\n",
				     path);
	}
	zync_result_free(result);
	return status == ZYNC_OK ? ZYNC_EXIT_DONE : cli_fail(cli, status);
}

static const char *check_color(const char *level)
{
	if (zync_str_eq(level, "ok"))
		return "green";
	if (zync_str_eq(level, "error"))
		return "red";
	return zync_str_eq(level, "warning") ? "yellow" : "dim";
}

int cmd_check(struct cli *cli)
{
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	struct zync_check_options options = {.fix = cli_flag(cli, "fix"), .no_objects = cli_flag(cli, "no-objects")};
	enum zync_status status;

	cli_progress_start(cli);
	status = zync_check(cli->zync, &options, &result, &cli->err);
	cli_progress_stop();

	if (result != NULL && !cli_print_json(cli, result, &root)) {
		const struct zync_jval *check;
		struct zync_jiter it;

		zync_jiter_init(&it, zync_jval_get(root, "checks"));
		while ((check = zync_jiter_next(&it, NULL)) != NULL) {
			const char *level = cli_str(cli, check, "level", "?");

			(void)printf("%s%-7s%s %-20s %s\n", cli_color(cli, check_color(level)), level, cli_color(cli, "off"),
				     cli_str(cli, check, "what", ""), cli_str(cli, check, "message", ""));
		}
	}
	zync_result_free(result);
	return status == ZYNC_OK ? ZYNC_EXIT_DONE : cli_fail(cli, status);
}
