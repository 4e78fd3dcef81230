/* SPDX-License-Identifier: Apache-2.0 */
/* explain, for people: the verdict and what to do first, then each value with where it comes from, readable on 80 columns. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/cli.h"

#define EXPLAIN_FIELD_MAX 30 /* columns; longer fields push their value on */

/* Columns that there are: $COLUMNS, the terminal's, or no limit where nobody looks (a file, a pipe): then each value is one line. */
static size_t explain_columns(void)
{
	const char *text = getenv("COLUMNS");
	struct winsize size;
	uint64_t columns = 0;

	if (text != NULL && zync_str_to_u64(text, &columns) && columns > 0)
		return (size_t)columns;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : SIZE_MAX;
}

/* The members of a list are told by their value: "groups[A/B]" is shown as "groups". */
static const char *explain_field(struct cli *cli, const struct zync_jval *value)
{
	const char *field = cli_str(cli, value, "field", "");
	const char *text = zync_jval_get_str(value, "value");
	size_t len = strcspn(field, "[");
	const char *shown = text != NULL ? cli_safe(cli, text) : NULL;
	size_t inner = shown != NULL ? strlen(shown) : 0;
	char *copy;

	if (shown == NULL || strlen(field) != len + inner + 2 || strncmp(field + len + 1, shown, inner) != 0)
		return field;
	copy = zync_arena_strndup(cli->arena, field, len);
	return copy != NULL ? copy : field;
}

/* "switches, line 12; instead of everything; from config_context.zabbix.tags" */
static const char *explain_origin(struct cli *cli, const struct zync_jval *value)
{
	const char *rule = cli_str(cli, value, "rule", "");
	const char *overrode = cli_str(cli, value, "overrode", NULL);
	const char *note = cli_str(cli, value, "note", NULL);
	bool gone = zync_jval_get_str(value, "value") == NULL && overrode != NULL;
	const char *text = rule;

	if (zync_str_eq(rule, "status"))
		text = "by its status in NetBox";
	else if (zync_jval_get(value, "line") != NULL)
		text = zync_arena_printf(cli->arena, "%s, line %" PRIu64, rule, cli_u64(value, "line"));
	if (gone)
		return zync_arena_printf(cli->arena, "%s by %s; it came from %s", note != NULL ? note : "taken away", text, overrode);
	if (overrode != NULL && !zync_str_eq(overrode, "default") && text != NULL)
		text = zync_arena_printf(cli->arena, "%s; instead of %s", text,
					 zync_str_eq(overrode, "status") ? "its status in NetBox" : overrode);
	if (note != NULL && text != NULL)
		text = zync_arena_printf(cli->arena, "%s; %s", text, note);
	return text;
}

/* Of an origin that has a line of its own: below the value, or further left when it is long. */
static int explain_indent(size_t chars, size_t wanted, size_t columns)
{
	return chars + wanted <= columns ? (int)wanted : chars + 6 <= columns ? (int)(columns - chars) : 6;
}

static void explain_value(struct cli *cli, const struct zync_jval *value, size_t field_width, size_t value_width, size_t columns)
{
	const char *field = explain_field(cli, value);
	const char *text = cli_str(cli, value, "value", NULL);
	const char *origin = explain_origin(cli, value);
	size_t field_chars = zync_utf8_len(field);
	size_t chars, used, filled;

	if (text == NULL)
		text = "-";
	else if (text[0] == '\0')
		text = "(empty)";
	if (origin == NULL)
		origin = "(out of memory)";
	chars = zync_utf8_len(text);
	(void)printf("  %s%*s  %s%s%s", field, field_chars < field_width ? (int)(field_width - field_chars) : 0, "",
		     cli_color(cli, "green"), text, cli_color(cli, "off"));
	filled = ZYNC_MAX(field_chars, field_width) + chars; /* a long field takes of the value's room */
	used = ZYNC_MAX(filled, field_width + value_width) + 6;
	if (used + zync_utf8_len(origin) <= columns)
		(void)printf("%*s", (int)(used - filled) - 4, "");
	else
		(void)printf("\n%*s", explain_indent(zync_utf8_len(origin), field_width + 6, columns), "");
	(void)printf("%s%s%s\n", cli_color(cli, "dim"), origin, cli_color(cli, "off"));
}

static void explain_values(struct cli *cli, const struct zync_jval *values)
{
	size_t columns = explain_columns();
	size_t field_width = 0;
	size_t value_width = 0;
	const struct zync_jval *value;
	struct zync_jiter it;

	zync_jiter_init(&it, values);
	while ((value = zync_jiter_next(&it, NULL)) != NULL) {
		size_t chars = zync_utf8_len(cli_str(cli, value, "value", "-"));

		field_width = ZYNC_MAX(field_width, ZYNC_MIN(zync_utf8_len(explain_field(cli, value)), (size_t)EXPLAIN_FIELD_MAX));
		if (chars <= (columns == SIZE_MAX ? 60 : columns / 3)) /* a long one must not push all others to the right */
			value_width = ZYNC_MAX(value_width, chars);
	}
	zync_jiter_init(&it, values);
	while ((value = zync_jiter_next(&it, NULL)) != NULL)
		explain_value(cli, value, field_width, value_width, columns);
}

/* The master has changed, and the host has not moved yet. */
static void explain_chassis(struct cli *cli, const struct zync_jval *chassis)
{
	const char *hostid = zync_jval_get_str(chassis, "hostid");

	if (zync_jval_get(chassis, "moves_from") == NULL)
		return;
	(void)printf("\nthe host of the virtual chassis \"%s\"%s%s%s moves to it from device:%" PRIu64
		     ", the former master, with the next sync",
		     cli_str(cli, chassis, "name", ""), hostid != NULL ? " (hostid " : "", hostid != NULL ? cli_safe(cli, hostid) : "",
		     hostid != NULL ? ")" : "", cli_u64(chassis, "moves_from"));
}

static void explain_list(struct cli *cli, const char *title, const struct zync_jval *names)
{
	const struct zync_jval *name;
	struct zync_jiter it;
	bool first = true;

	(void)printf("%s", title);
	zync_jiter_init(&it, names);
	while ((name = zync_jiter_next(&it, NULL)) != NULL) {
		(void)printf("%s%s", first ? "" : ", ", cli_safe(cli, zync_jval_str(name)));
		first = false;
	}
	(void)printf("%s\n", first ? "none" : "");
}

/* The file that the lines are of. */
static const char *explain_file(struct cli *cli, const struct zync_jval *values)
{
	const struct zync_jval *value;
	struct zync_jiter it;

	zync_jiter_init(&it, values);
	while ((value = zync_jiter_next(&it, NULL)) != NULL) {
		if (zync_jval_get_str(value, "file") != NULL)
			return cli_str(cli, value, "file", NULL);
	}
	return NULL;
}

void cli_render_explained(struct cli *cli, const struct zync_jval *host)
{
	const char *verdict = cli_str(cli, host, "verdict", "");
	const char *reason = zync_jval_get_str(host, "reason");
	const char *advice = zync_jval_get_str(host, "advice");
	const struct zync_jval *passed_over = zync_jval_get(host, "passed_over");
	const struct zync_jval *values = zync_jval_get(host, "values");
	const char *file = explain_file(cli, values);
	const char *color = zync_str_eq(verdict, "monitored") ? "green" : zync_str_eq(verdict, "failed") ? "red" : "yellow";

	(void)printf("%s%s%s (%s:%" PRIu64 ") %s%s%s%s", cli_color(cli, "bold"), cli_str(cli, host, "name", "?"), cli_color(cli, "off"),
		     cli_str(cli, host, "type", "?"), cli_u64(host, "id"), cli_color(cli, color),
		     zync_str_eq(verdict, "failed") ? "" : "is ", zync_str_eq(verdict, "failed") ? "fails" : verdict,
		     cli_color(cli, "off"));
	if (reason != NULL)
		(void)printf(": %s", cli_safe(cli, reason));
	if (advice != NULL)
		(void)printf("\nwhat to do: %s", cli_safe(cli, advice));
	explain_chassis(cli, zync_jval_get(host, "virtual_chassis"));
	(void)printf("\n");
	explain_list(cli, "mappings that match: ", zync_jval_get(host, "mappings"));
	if (zync_jval_len(passed_over) > 0)
		explain_list(cli, "passed over, since less specific: ", passed_over);
	if (zync_jval_len(values) == 0)
		return;
	if (file != NULL)
		(void)printf("%slines are those of %s%s\n", cli_color(cli, "dim"), file, cli_color(cli, "off"));
	explain_values(cli, values);
}
