/* SPDX-License-Identifier: Apache-2.0 */
/* A plan for people: one block a host, the fields that change below it, the numbers at the end. */
#include "base/str.h"
#include "cli/cli.h"

/* A creation sets every field there is; more of them than this are only listed with -v. */
#define FULL_CREATIONS 20

struct op_style {
	const char *action, *sign, *color, *word;
};

static const struct op_style *op_style(const char *action)
{
	static const struct op_style STYLES[] = {
		{"create", "+", "green", "create"}, {"update", "~", "yellow", "update"}, {"disable", "~", "yellow", "disable"},
		{"delete", "-", "red", "delete"},   {"report", "?", "blue", "report"},	 {"fail", "!", "red", "cannot sync"},
		{"forget", "-", "dim", "forget"},   {"none", "=", "dim", "in sync"},
	};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(STYLES); i++) {
		if (zync_str_eq(STYLES[i].action, action))
			return &STYLES[i];
	}
	return &STYLES[ZYNC_ARRAY_LEN(STYLES) - 1];
}

static void render_change(struct cli *cli, const struct zync_jval *change, FILE *out)
{
	const char *field = cli_str(cli, change, "field", "");
	const char *old_text = zync_jval_get_str(change, "old") != NULL ? cli_str(cli, change, "old", "") : NULL;
	const char *new_text = zync_jval_get_str(change, "new") != NULL ? cli_str(cli, change, "new", "") : NULL;
	const char *rule = zync_jval_get_str(change, "rule");
	const char *off = cli_color(cli, "off");

	(void)fprintf(out, "      %-30s ", field);
	if (old_text != NULL)
		(void)fprintf(out, "%s%s%s", cli_color(cli, "red"), old_text[0] != '\0' ? old_text : "\"\"", off);
	if (old_text != NULL && new_text != NULL)
		(void)fputs(" → ", out);
	if (new_text != NULL)
		(void)fprintf(out, "%s%s%s", cli_color(cli, "green"), new_text[0] != '\0' ? new_text : "\"\"", off);
	if (old_text != NULL && new_text == NULL)
		(void)fprintf(out, " %s", cli_str(cli, change, "note", "removed"));
	if (rule != NULL)
		(void)fprintf(out, "  %s[%s]%s", cli_color(cli, "dim"), cli_safe(cli, rule), off);
	(void)fputc('\n', out);
}

static void render_operation(struct cli *cli, const struct zync_jval *op, bool with_changes, FILE *out)
{
	const struct op_style *style = op_style(zync_jval_get_str(op, "action"));
	const struct zync_jval *changes = zync_jval_get(op, "changes");
	const struct zync_jval *change;
	struct zync_jiter it;
	const char *reason = zync_jval_get_str(op, "reason");
	const char *hostid = zync_jval_get_str(op, "hostid");

	(void)fprintf(out, "  %s%s %s %s%s", cli_color(cli, style->color), style->sign, style->word, cli_str(cli, op, "name", "?"),
		      cli_color(cli, "off"));
	if (hostid != NULL)
		(void)fprintf(out, "  %s(hostid %s)%s", cli_color(cli, "dim"), hostid, cli_color(cli, "off"));
	if (zync_jval_is_true(zync_jval_get(op, "hard")))
		(void)fputs("  for good, with its history", out);
	if (!with_changes && zync_jval_len(changes) > 0)
		(void)fprintf(out, "  %zu field%s", zync_jval_len(changes), zync_jval_len(changes) == 1 ? "" : "s");
	if (reason != NULL)
		(void)fprintf(out, ": %s", cli_safe(cli, reason));
	(void)fputc('\n', out);
	if (!with_changes)
		return;
	zync_jiter_init(&it, changes);
	while ((change = zync_jiter_next(&it, NULL)) != NULL)
		render_change(cli, change, out);
}

void cli_render_operations(struct cli *cli, const struct zync_jval *operations, FILE *out)
{
	const struct zync_jval *op;
	struct zync_jiter it;
	size_t creations = 0;

	zync_jiter_init(&it, operations);
	while ((op = zync_jiter_next(&it, NULL)) != NULL)
		creations += zync_str_eq(zync_jval_get_str(op, "action"), "create") ? 1 : 0;
	zync_jiter_init(&it, operations);
	while ((op = zync_jiter_next(&it, NULL)) != NULL) {
		bool create = zync_str_eq(zync_jval_get_str(op, "action"), "create");

		render_operation(cli, op, !create || cli->verbose > 0 || creations <= FULL_CREATIONS, out);
	}
}

void cli_render_plan(struct cli *cli, const struct zync_jval *plan, FILE *out)
{
	const char *limits = zync_jval_get_str(plan, "limits");

	cli_render_operations(cli, zync_jval_get(plan, "operations"), out);
	(void)fprintf(out,
		      "%sPlan: %llu to create, %llu to update, %llu to disable, %llu to delete%s; %llu unchanged, %llu failed, %llu "
		      "skipped, %llu only reported.\n",
		      cli_color(cli, "bold"), (unsigned long long)cli_u64(plan, "create"), (unsigned long long)cli_u64(plan, "update"),
		      (unsigned long long)cli_u64(plan, "disable"), (unsigned long long)cli_u64(plan, "delete"), cli_color(cli, "off"),
		      (unsigned long long)cli_u64(plan, "unchanged"), (unsigned long long)cli_u64(plan, "failed"),
		      (unsigned long long)cli_u64(plan, "skipped"), (unsigned long long)cli_u64(plan, "report"));
	if (limits != NULL)
		(void)fprintf(out, "%sA sync would stop: %s%s\n", cli_color(cli, "red"), cli_safe(cli, limits), cli_color(cli, "off"));
}
