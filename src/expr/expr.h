/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file expr.h
 * The template language of the mappings: `text {{ path.to.value | filter("x") }} text`, with conditions and loops inside the braces
 * (docs/templates-language.md). Pure: no I/O, no clock, bounded in steps and output. A compiled template may be rendered by many threads at once.
 *
 * Where values come from is the caller's: a path is resolved step by step through struct zync_expr_source, so that this part knows nothing of NetBox.
 * An undefined value is empty text (an error in strict mode) and may be replaced by `| default("x")`.
 */
#ifndef ZYNC_EXPR_EXPR_H
#define ZYNC_EXPR_EXPR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

struct zync_expr;

/** Resolves names for one object. */
struct zync_expr_source {
	/** Member @p name of @p parent (NULL: the root). NULL when undefined. */
	const struct zync_jval *(*member)(void *ctx, const struct zync_jval *parent, const char *name);
	void *ctx;
};

/**
 * Compile @p text. Memory from @p arena, which must outlive the result. INVALID errors say "at character N: …" counted from 1
 * in @p text; the caller adds file, line and column. *ret_offset (may be NULL) gets the byte offset of the problem.
 */
enum zync_status zync_expr_compile(struct zync_arena *arena, const char *text, struct zync_expr **ret, size_t *ret_offset,
				   struct zync_err *err) ZYNC_MUST_CHECK;
/** No {{ }} in it: the same for every object. */
bool zync_expr_is_constant(const struct zync_expr *expr);
/** Does any path in it, filter arguments included, start with the name @p root? So that a caller knows what to fetch. */
bool zync_expr_uses(const struct zync_expr *expr, const char *root);
/**
 * Call @p each for every name in every path of it, filter arguments, conditions and loops included; @p root: the path begins with it.
 * The names of loops are none of the object's and are left out; what stands behind them (`t.slug`) is no root. The filter `path` also
 * uses "parent". The same name may come several times; it lives as long as @p expr.
 */
void zync_expr_each_name(const struct zync_expr *expr, void (*each)(void *ctx, const char *name, bool root), void *ctx);
/**
 * Call @p each for every path in it, with its names from the root on; steps by index are left out, and what comes after ZYNC_EXPR_PATH_NAMES. The first one is NULL when
 * the path begins with the name of a loop.
 */
#define ZYNC_EXPR_PATH_NAMES 8u
void zync_expr_each_path(const struct zync_expr *expr, void (*each)(void *ctx, const char *const *names, size_t count), void *ctx);

enum zync_expr_mode { ZYNC_EXPR_LENIENT = 0, ZYNC_EXPR_STRICT };
/**
 * Render for one object. A value that is a list renders its elements joined by ", "; an object renders its `name`, else `display`, else `label`, else `value`, else as JSON
 * (so NetBox 4.7's {value,label} selections render as their value: `value` before label where both are its only members). Errors REJECTED with the position: strict undefined, bad filter argument; LIMIT.
 * *ret_defined (may be NULL): false when the text consists of nothing but undefined or null values (and white space between them).
 * The text lives as long as both @p arena and @p expr do; it never points into what @p source gave.
 */
enum zync_status zync_expr_render(const struct zync_expr *expr, const struct zync_expr_source *source, enum zync_expr_mode mode,
				  struct zync_arena *arena, const char **ret_text, bool *ret_defined, struct zync_err *err) ZYNC_MUST_CHECK;

/**
 * Render a text that stands in a list: one that is nothing but a single {{ }} whose value is a list gives one text an element (null elements
 * left out); any other gives the one text of zync_expr_render(), or none when that is undefined. The texts live as those of zync_expr_render().
 */
enum zync_status zync_expr_render_list(const struct zync_expr *expr, const struct zync_expr_source *source, enum zync_expr_mode mode,
				       struct zync_arena *arena, const char *const **ret_texts, size_t *ret_count,
				       struct zync_err *err) ZYNC_MUST_CHECK;

/** Names of all filters, NULL-terminated, for documentation and suggestions. */
const char *const *zync_expr_filters(void);

#endif
