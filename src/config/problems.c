/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

#define QUOTE_MAX 60 /* bytes of a value that a message shows */

enum zync_status zync_cfg_problem(struct zync_cfg_ctx *ctx, struct zync_cfg_pos pos, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (ctx->problem_count >= ZYNC_CFG_PROBLEMS_MAX) {
		ctx->problem_count++;
		return ZYNC_OK;
	}
	va_start(ap, fmt);
	text = zync_arena_vprintf(ctx->scratch, fmt, ap);
	va_end(ap);
	if (!text)
		return zync_err_nomem(ctx->err, "checking the configuration");
	if (ctx->variable) {
		text = zync_arena_printf(ctx->scratch, "environment variable %s: %s", ctx->variable, text);
		if (!text)
			return zync_err_nomem(ctx->err, "checking the configuration");
	}
	ctx->problems[ctx->problem_count].pos = pos;
	ctx->problems[ctx->problem_count].text = text;
	ctx->problem_count++;
	return ZYNC_OK;
}

static bool problem_before(const struct zync_cfg_problem *a, const struct zync_cfg_problem *b)
{
	if (a->pos.line != b->pos.line)
		return a->pos.line < b->pos.line;
	return a->pos.column < b->pos.column;
}

static void problems_sort(struct zync_cfg_problem *problems, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct zync_cfg_problem moving = problems[i];
		size_t j = i;

		for (; j > 0 && problem_before(&moving, &problems[j - 1]); j--)
			problems[j] = problems[j - 1];
		problems[j] = moving;
	}
}

static int problem_print(char *out, size_t size, const struct zync_cfg_ctx *ctx, const struct zync_cfg_problem *problem)
{
	if (problem->pos.line == 0)
		return snprintf(out, size, "%s", problem->text);
	return snprintf(out, size, "%s:%u:%u: %s", ctx->name, problem->pos.line, problem->pos.column, problem->text);
}

enum zync_status zync_cfg_problems_check(const struct zync_cfg_ctx *ctx)
{
	/* Room for "\nand N more problems" stays free while lines are added. */
	enum { RESERVE = 48 };
	struct zync_cfg_problem sorted[ZYNC_CFG_PROBLEMS_MAX];
	char message[ZYNC_ERR_MESSAGE_SIZE];
	size_t kept = ZYNC_MIN(ctx->problem_count, (size_t)ZYNC_CFG_PROBLEMS_MAX), used = 0, shown = 0;

	if (ctx->problem_count == 0)
		return ZYNC_OK;
	memcpy(sorted, ctx->problems, sizeof(sorted));
	problems_sort(sorted, kept);
	for (; shown < kept; shown++) {
		char line[ZYNC_ERR_MESSAGE_SIZE - RESERVE];
		int len = problem_print(line, sizeof(line), ctx, &sorted[shown]);
		size_t need = len < 0 ? 0 : ZYNC_MIN((size_t)len, sizeof(line) - 1);

		/* One line always fits, cut when it must be. */
		if (used > 0 && used + 1 + need >= sizeof(message) - RESERVE)
			break;
		used += (size_t)snprintf(message + used, sizeof(message) - used, "%s%s", used > 0 ? "\n" : "", line);
	}
	if (shown < ctx->problem_count)
		(void)snprintf(message + used, sizeof(message) - used, "\nand %zu more problem%s", ctx->problem_count - shown,
			       ctx->problem_count - shown == 1 ? "" : "s");
	zync_log_mask(message);
	return zync_err_set(ctx->err, ZYNC_ERR_INVALID, "%s", message);
}

const char *zync_cfg_quote(struct zync_cfg_ctx *ctx, const char *text)
{
	size_t len = strlen(text), cut = len;
	char *copy;

	if (cut > QUOTE_MAX) {
		cut = QUOTE_MAX;
		while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80)
			cut--;
	}
	copy = zync_arena_printf(ctx->scratch, "\"%.*s%s\"", (int)cut, text, cut < len ? "…" : "");
	for (char *c = copy; c && *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			*c = '?';
	}
	return copy;
}
