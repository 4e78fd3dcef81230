/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of the template language: compile any bytes as a template and render it in both modes. Nothing may crash, leak or
 * exceed the bounds. The corpus in expr-corpus/ is replayed by tests/unit/expr.
 */
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/str.h"
#include "expr/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fuzz_object[] =
	"{\"name\":\"sw\\u00fc-1\",\"id\":17,\"n\":null,\"real\":2.5,\"yes\":true,\"status\":{\"value\":\"active\",\"label\":\"Active\"},"
	"\"site\":{\"name\":\"Z\\u00fcrich\",\"slug\":\"zurich\",\"parent\":null},\"deep\":[[[[1,[2]],3],{}],[]],"
	"\"tags\":[{\"name\":\"A\",\"slug\":\"a\"},null,{\"name\":\"B\"}],\"cf\":{\"a-b\":\"x\",\"odd key\":{\"k\":[1]}},"
	"\"ring\":{\"name\":\"r\",\"parent\":0},\"address\":{\"address\":\"10.0.0.1/8\"},\"tiny\":1e-7,\"huge\":1.5e300,"
	"\"pattern\":\"(a|b)*\\\\d\",\"choice\":{\"value\":2,\"label\":\"Two\"}}";

static const struct zync_jval *fuzz_member(void *ctx, const struct zync_jval *parent, const char *name)
{
	const struct zync_jval *root = ctx;

	if (parent != NULL && parent == zync_jval_get(root, "ring") && strcmp(name, "parent") == 0)
		return parent; /* an object above itself */
	return zync_jval_get(parent == NULL ? root : parent, name);
}

static void fuzz_name(void *ctx, const char *name, bool root)
{
	size_t *names = ctx;

	ZYNC_ASSERT(zync_utf8_valid(name, strlen(name)));
	*names += root ? 1 : 0;
}

static void fuzz_render(struct zync_arena *arena, const struct zync_expr *expr, const struct zync_jval *root, enum zync_expr_mode mode)
{
	union {
		const struct zync_jval *in;
		void *out;
	} ctx = {.in = root};
	struct zync_expr_source source = {fuzz_member, ctx.out};
	struct zync_err err;
	const char *text = NULL;
	const char *const *texts = NULL;
	size_t count = 0;
	bool defined = false;
	enum zync_status status = zync_expr_render(expr, &source, mode, arena, &text, &defined, &err);

	if (status == ZYNC_OK) {
		ZYNC_ASSERT(text != NULL && strlen(text) <= ZYNC_LIMIT_TEMPLATE_OUTPUT && zync_utf8_valid(text, strlen(text)));
		if (zync_expr_render_list(expr, &source, mode, arena, &texts, &count, &err) == ZYNC_OK)
			for (size_t i = 0; i < count; i++)
				ZYNC_ASSERT(zync_utf8_valid(texts[i], strlen(texts[i])));
		return;
	}
	ZYNC_ASSERT(status == ZYNC_ERR_REJECTED || status == ZYNC_ERR_LIMIT || status == ZYNC_ERR_NOMEM);
	ZYNC_ASSERT(status == ZYNC_ERR_NOMEM || zync_str_starts(err.message, "at character "));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new((size_t)64 * 1024 * 1024);
	struct zync_err err;
	const struct zync_jval *root = NULL;
	struct zync_expr *expr = NULL;
	size_t offset = 0, names = 0;
	char *text;
	enum zync_status status;

	if (arena == NULL || zync_json_parse(arena, fuzz_object, sizeof(fuzz_object) - 1, &root, &err) != ZYNC_OK)
		return 0;
	text = zync_arena_strndup(arena, (const char *)data, size);
	if (text == NULL)
		return 0;
	status = zync_expr_compile(arena, text, &expr, &offset, &err);
	if (status != ZYNC_OK) {
		ZYNC_ASSERT(status == ZYNC_ERR_INVALID || status == ZYNC_ERR_NOMEM);
		ZYNC_ASSERT(status == ZYNC_ERR_NOMEM || (offset <= strlen(text) && zync_str_starts(err.message, "at character ")));
		return 0;
	}
	(void)zync_expr_uses(expr, "config_context");
	zync_expr_each_name(expr, fuzz_name, &names);
	ZYNC_ASSERT(names == 0 || !zync_expr_is_constant(expr));
	fuzz_render(arena, expr, root, ZYNC_EXPR_LENIENT);
	fuzz_render(arena, expr, root, ZYNC_EXPR_STRICT);
	return 0;
}
