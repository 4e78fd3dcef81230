/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/cli.h"

const char *cli_color(const struct cli *cli, const char *name)
{
	static const struct {
		const char *name;
		const char *code;
	} COLORS[] = {{"red", "\033[31m"}, {"green", "\033[32m"}, {"yellow", "\033[33m"}, {"blue", "\033[34m"},
		      {"dim", "\033[2m"},  {"bold", "\033[1m"},	  {"off", "\033[0m"}};

	for (size_t i = 0; cli->color && i < ZYNC_ARRAY_LEN(COLORS); i++) {
		if (zync_str_eq(COLORS[i].name, name))
			return COLORS[i].code;
	}
	return "";
}

/* A name from NetBox must not move the cursor or colour the screen of the person who reads it. C1 controls are two bytes in UTF-8: 0xC2 0x80 to 0xC2 0x9F. */
const char *cli_safe(struct cli *cli, const char *text)
{
	ZYNC_AUTO_BUF out = {0};
	const char *copy;

	if (text == NULL)
		return "-";
	zync_buf_init(&out, ZYNC_LIMIT_REPLY_BYTES);
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
		bool c1 = *c == 0xC2 && c[1] >= 0x80 && c[1] <= 0x9F;

		if (*c < 0x20 || *c == 0x7F)
			zync_buf_printf(&out, "\\x%02X", *c);
		else if (c1)
			zync_buf_printf(&out, "\\x%02X", *++c);
		else
			zync_buf_addc(&out, (char)*c);
	}
	copy = out.failed == ZYNC_OK ? zync_arena_strdup(cli->arena, out.data) : NULL;
	return copy != NULL ? copy : "(out of memory)";
}

int cli_fail(struct cli *cli, enum zync_status status)
{
	zync_log_mask(cli->err.message);
	cli_progress_stop();
	(void)fflush(stdout);
	for (const char *line = cli->err.message; line != NULL && *line != '\0';) {
		const char *end = strchr(line, '\n');
		int len = end != NULL ? (int)(end - line) : (int)strlen(line);
		char *one = zync_arena_strndup(cli->arena, line, (size_t)len);

		(void)fprintf(stderr, "zync: %s\n", one != NULL ? cli_safe(cli, one) : "out of memory");
		line = end != NULL ? end + 1 : NULL;
	}
	return zync_err_exit_code(status);
}

bool cli_print_json(struct cli *cli, const struct zync_result *result, const struct zync_jval **ret_root)
{
	const char *json = zync_result_json(result);

	if (cli->json) {
		(void)printf("%s\n", json);
		return true;
	}
	/* Our own document: that it does not parse can only mean that memory is out; the renderers take NULL for an empty one. */
	if (zync_json_parse(cli->arena, json, strlen(json), ret_root, &cli->err) != ZYNC_OK)
		*ret_root = NULL;
	return false;
}

bool cli_print_and_read(struct cli *cli, const struct zync_result *result, const struct zync_jval **ret_root)
{
	const char *json = zync_result_json(result);

	if (cli->json)
		(void)printf("%s\n", json);
	if (zync_json_parse(cli->arena, json, strlen(json), ret_root, NULL) != ZYNC_OK)
		*ret_root = NULL;
	return cli->json;
}

void cli_print_pretty(struct cli *cli, const char *title, const struct zync_jval *value)
{
	ZYNC_AUTO_BUF text = {0};

	(void)printf("%s%s%s\n", cli_color(cli, "bold"), title, cli_color(cli, "off"));
	if (zync_jval_type(value) != ZYNC_JSON_OBJECT) {
		(void)printf("  nothing\n");
		return;
	}
	zync_buf_init(&text, ZYNC_LIMIT_REPLY_BYTES);
	/* JSON escapes control characters itself. */
	if (zync_jval_write(cli->arena, value, ZYNC_JSON_PRETTY, &text, NULL) == ZYNC_OK)
		(void)printf("%s\n", text.data);
	else
		(void)printf("  (out of memory)\n");
}

const char *cli_time(struct cli *cli, const char *iso)
{
	int64_t ms = 0;
	struct tm local;
	time_t seconds;
	char text[ZYNC_TIME_TEXT_SIZE];
	const char *copy;

	if (iso == NULL || !zync_time_parse(iso, &ms))
		return "-";
	seconds = (time_t)(ms / 1000);
	if (localtime_r(&seconds, &local) == NULL || strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local) == 0)
		return "-";
	copy = zync_arena_strdup(cli->arena, text);
	return copy != NULL ? copy : "-";
}

uint64_t cli_u64(const struct zync_jval *object, const char *key)
{
	uint64_t value = 0;

	return zync_jval_to_u64(zync_jval_get(object, key), &value) ? value : 0;
}

const char *cli_str(struct cli *cli, const struct zync_jval *object, const char *key, const char *def)
{
	const char *text = zync_jval_text(cli->arena, zync_jval_get(object, key));

	return text == NULL ? def : cli_safe(cli, text);
}

const char *cli_state_color(const char *state)
{
	static const struct {
		const char *state, *color;
	} COLORS[] = {{"completed", "green"}, {"running", "blue"}, {"pending", "yellow"}, {"scheduled", "dim"}};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(COLORS); i++) {
		if (zync_str_eq(COLORS[i].state, state))
			return COLORS[i].color;
	}
	return "red";
}

int cli_print_list(struct cli *cli, enum zync_status status, struct zync_result *result, const char *key, const char *const *heads,
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
