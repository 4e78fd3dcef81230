/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file json_priv.h
 * What the JSON files of base share: yyjson over an arena. Only these files include yyjson.h.
 */
#ifndef ZYNC_BASE_JSON_PRIV_H
#define ZYNC_BASE_JSON_PRIV_H

#include <yyjson.h>

#include "base/json.h"

struct zync_jb {
	struct zync_arena *arena;
	yyjson_mut_doc *doc;
	bool failed;
	struct zync_err err; /* the first failure */
};

/** An allocator of yyjson over @p arena: free does nothing, realloc copies. */
yyjson_alc zync_json_alc(struct zync_arena *arena);

/* yyjson's readers take pointers to non-const although they do not write. */
static inline yyjson_val *zync_json_val(const struct zync_jval *v)
{
	return (yyjson_val *)(uintptr_t)v;
}

static inline yyjson_mut_val *zync_json_mut(const struct zync_jnode *node)
{
	return (yyjson_mut_val *)(uintptr_t)node;
}

#define ZYNC_JSON_NUMBER_SIZE 48
/** Text of a finite double in its shortest form that reads back the same. */
enum zync_status zync_json_real_text(double n, char ret[ZYNC_JSON_NUMBER_SIZE], struct zync_err *err) ZYNC_MUST_CHECK;

/** Append the text of @p node (flags of enum zync_jwrite). */
enum zync_status zync_json_write(const yyjson_mut_val *node, unsigned flags, struct zync_buf *out, struct zync_err *err) ZYNC_MUST_CHECK;

#endif
