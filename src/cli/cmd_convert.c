/* SPDX-License-Identifier: Apache-2.0 */
/* convert-config. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "cli/cli.h"

#define CONVERT_PIECE 65536

/* All that can be read there; one byte more than is allowed is enough to be refused. */
static enum zync_status convert_read(struct cli *cli, int fd, const char *name, struct zync_buf *out)
{
	char piece[CONVERT_PIECE];
	ssize_t got = 1;

	while (got > 0 && out->len <= ZYNC_LIMIT_CONVERT_BYTES) {
		got = read(fd, piece, sizeof(piece));
		if (got < 0 && errno == EINTR) {
			got = 1;
			continue;
		}
		/* The user named a file that is none: as any wrong argument. */
		if (got < 0) {
			(void)zync_err_os(&cli->err, errno, "reading %s", name);
			cli->err.status = ZYNC_ERR_INVALID;
			return ZYNC_ERR_INVALID;
		}
		zync_buf_add(out, piece, (size_t)got);
	}
	return zync_buf_check(out, name, &cli->err);
}

static enum zync_status convert_open(struct cli *cli, const char *path, struct zync_buf *out)
{
	int fd = zync_str_eq(path, "-") ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	enum zync_status status;

	if (fd < 0) {
		(void)zync_err_os(&cli->err, errno, "reading %s", path);
		cli->err.status = ZYNC_ERR_INVALID;
		return ZYNC_ERR_INVALID;
	}
	status = convert_read(cli, fd, path, out);
	if (fd != STDIN_FILENO)
		(void)close(fd);
	return status;
}

static void convert_print_notes(struct cli *cli, const char *name, const struct zync_jval *root)
{
	const struct zync_jval *note;
	struct zync_jiter it;

	zync_jiter_init(&it, zync_jval_get(root, "notes"));
	while (!cli->quiet && (note = zync_jiter_next(&it, NULL)) != NULL) {
		const char *key = zync_jval_get_str(note, "key");
		uint64_t line = cli_u64(note, "line");

		(void)fprintf(stderr, "%s", cli_safe(cli, name));
		if (line > 0)
			(void)fprintf(stderr, ":%llu", (unsigned long long)line);
		(void)fprintf(stderr, ": %s: ", cli_str(cli, note, "level", "note"));
		if (key != NULL)
			(void)fprintf(stderr, "%s: ", key);
		(void)fprintf(stderr, "%s\n", cli_str(cli, note, "message", ""));
	}
}

static enum zync_status convert_write(struct cli *cli, const char *path, const char *text)
{
	if (path != NULL && !zync_str_eq(path, "-")) {
		ZYNC_TRY(cli_write_file(cli, path, text));
		if (!cli->quiet)
			(void)fprintf(stderr, "Wrote %s. Look through it, then: zync check, zync plan.\n", path);
		return ZYNC_OK;
	}
	(void)fputs(text, stdout);
	return fflush(stdout) == 0 ? ZYNC_OK : zync_err_os(&cli->err, errno, "writing the configuration");
}

int cmd_convert(struct cli *cli)
{
	const char *path = cli->args[0], *output = cli_value(cli, "output");
	struct zync_convert_order order = {.name = zync_str_eq(path, "-") ? "standard input" : path,
					   .environment = cli_flag(cli, "environment")};
	struct zync_result *result = NULL;
	const struct zync_jval *root = NULL;
	enum zync_status status;
	ZYNC_AUTO_BUF text;
	bool printed;

	zync_buf_init(&text, ZYNC_LIMIT_CONVERT_BYTES + CONVERT_PIECE);
	status = convert_open(cli, path, &text);
	order.text = text.data;
	order.len = text.len;
	if (status == ZYNC_OK)
		status = zync_convert_config(&order, &result, &cli->err);
	if (status != ZYNC_OK)
		return cli_fail(cli, status);
	if (cli->json && output == NULL) {
		printed = cli_print_and_read(cli, result, &root);
	} else {
		bool as_json = cli->json;

		cli->json = false;
		printed = cli_print_and_read(cli, result, &root);
		cli->json = as_json;
	}
	(void)printed;
	if (root == NULL)
		status = cli->err.status;
	else
		convert_print_notes(cli, order.name, root);
	if (status == ZYNC_OK && (!cli->json || output != NULL))
		status = convert_write(cli, output, zync_jval_get_str(root, "config"));
	zync_result_free(result);
	return status == ZYNC_OK ? ZYNC_EXIT_DONE : cli_fail(cli, status);
}
