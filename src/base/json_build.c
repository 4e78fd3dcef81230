/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json_priv.h"
#include "base/limits.h"
#include "base/str.h"

struct zync_jb *zync_jb_new(struct zync_arena *arena)
{
	struct zync_jb *b = ZYNC_NEW(arena, struct zync_jb);
	yyjson_alc alc = zync_json_alc(arena);

	if (!b)
		return NULL;
	b->arena = arena;
	b->doc = yyjson_mut_doc_new(&alc);
	return b->doc ? b : NULL;
}

static void jb_fail_nomem(struct zync_jb *b)
{
	if (!b->failed)
		(void)zync_err_nomem(&b->err, "building JSON");
	b->failed = true;
}

/* A node of yyjson, or the sticky failure. */
static yyjson_mut_val *jb_made(struct zync_jb *b, yyjson_mut_val *node)
{
	if (!node)
		jb_fail_nomem(b);
	return node;
}

static yyjson_mut_val *jb_string(struct zync_jb *b, const char *s)
{
	size_t len = strlen(s);

	if (b->failed)
		return NULL;
	if (!zync_utf8_valid(s, len)) {
		/* The text itself is not shown: it may be anything, and nobody could read it. */
		(void)zync_err_set(&b->err, ZYNC_ERR_INVALID, "a text of %zu bytes for JSON is not valid UTF-8", len);
		b->failed = true;
		return NULL;
	}
	return jb_made(b, yyjson_mut_strncpy(b->doc, s, len));
}

static yyjson_mut_val *jb_string_or_null(struct zync_jb *b, const char *s)
{
	if (b->failed)
		return NULL;
	return s ? jb_string(b, s) : jb_made(b, yyjson_mut_null(b->doc));
}

static yyjson_mut_val *jb_id(struct zync_jb *b, uint64_t id)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, id);
	return jb_string(b, text);
}

static yyjson_mut_val *jb_copy(struct zync_jb *b, const struct zync_jval *v)
{
	if (b->failed)
		return NULL;
	if (!v)
		return jb_made(b, yyjson_mut_null(b->doc));
	return jb_made(b, yyjson_val_mut_copy(b->doc, zync_json_val(v)));
}

/* Hang @p value into @p obj; a node that hangs somewhere already would tangle yyjson's rings. */
static void jb_set(struct zync_jb *b, struct zync_jnode *obj, const char *key, yyjson_mut_val *value)
{
	yyjson_mut_val *name;

	if (b->failed || !obj || !value)
		return;
	ZYNC_ASSERT(yyjson_mut_is_obj(zync_json_mut(obj)) && !value->next);
	name = jb_string(b, key);
	if (name && !yyjson_mut_obj_add(zync_json_mut(obj), name, value))
		jb_fail_nomem(b);
}

static void jb_add(struct zync_jb *b, struct zync_jnode *arr, yyjson_mut_val *value)
{
	if (b->failed || !arr || !value)
		return;
	ZYNC_ASSERT(yyjson_mut_is_arr(zync_json_mut(arr)) && !value->next);
	if (!yyjson_mut_arr_append(zync_json_mut(arr), value))
		jb_fail_nomem(b);
}

struct zync_jnode *zync_jb_object(struct zync_jb *b)
{
	return b->failed ? NULL : (struct zync_jnode *)jb_made(b, yyjson_mut_obj(b->doc));
}

struct zync_jnode *zync_jb_array(struct zync_jb *b)
{
	return b->failed ? NULL : (struct zync_jnode *)jb_made(b, yyjson_mut_arr(b->doc));
}

struct zync_jnode *zync_jb_str(struct zync_jb *b, const char *s)
{
	return (struct zync_jnode *)jb_string_or_null(b, s);
}

void zync_jb_set_str(struct zync_jb *b, struct zync_jnode *obj, const char *key, const char *s)
{
	jb_set(b, obj, key, jb_string_or_null(b, s));
}

void zync_jb_set_i64(struct zync_jb *b, struct zync_jnode *obj, const char *key, int64_t n)
{
	jb_set(b, obj, key, jb_made(b, yyjson_mut_sint(b->doc, n)));
}

void zync_jb_set_u64(struct zync_jb *b, struct zync_jnode *obj, const char *key, uint64_t n)
{
	jb_set(b, obj, key, jb_made(b, yyjson_mut_uint(b->doc, n)));
}

void zync_jb_set_id(struct zync_jb *b, struct zync_jnode *obj, const char *key, uint64_t id)
{
	jb_set(b, obj, key, jb_id(b, id));
}

void zync_jb_set_real(struct zync_jb *b, struct zync_jnode *obj, const char *key, double n)
{
	if (b->failed)
		return;
	if (!isfinite(n)) {
		(void)zync_err_set(&b->err, ZYNC_ERR_INVALID, "the number for \"%s\" is not finite, which JSON cannot hold", key);
		b->failed = true;
		return;
	}
	jb_set(b, obj, key, jb_made(b, yyjson_mut_real(b->doc, n)));
}

void zync_jb_set_bool(struct zync_jb *b, struct zync_jnode *obj, const char *key, bool value)
{
	jb_set(b, obj, key, jb_made(b, yyjson_mut_bool(b->doc, value)));
}

void zync_jb_set_null(struct zync_jb *b, struct zync_jnode *obj, const char *key)
{
	jb_set(b, obj, key, jb_made(b, yyjson_mut_null(b->doc)));
}

void zync_jb_set_node(struct zync_jb *b, struct zync_jnode *obj, const char *key, struct zync_jnode *node)
{
	jb_set(b, obj, key, zync_json_mut(node));
}

void zync_jb_set_val(struct zync_jb *b, struct zync_jnode *obj, const char *key, const struct zync_jval *v)
{
	jb_set(b, obj, key, jb_copy(b, v));
}

struct zync_jnode *zync_jb_set_object(struct zync_jb *b, struct zync_jnode *obj, const char *key)
{
	struct zync_jnode *node = obj ? zync_jb_object(b) : NULL;

	zync_jb_set_node(b, obj, key, node);
	return b->failed ? NULL : node;
}

struct zync_jnode *zync_jb_set_array(struct zync_jb *b, struct zync_jnode *obj, const char *key)
{
	struct zync_jnode *node = obj ? zync_jb_array(b) : NULL;

	zync_jb_set_node(b, obj, key, node);
	return b->failed ? NULL : node;
}

void zync_jb_add_str(struct zync_jb *b, struct zync_jnode *arr, const char *s)
{
	jb_add(b, arr, jb_string_or_null(b, s));
}

void zync_jb_add_i64(struct zync_jb *b, struct zync_jnode *arr, int64_t n)
{
	jb_add(b, arr, jb_made(b, yyjson_mut_sint(b->doc, n)));
}

void zync_jb_add_id(struct zync_jb *b, struct zync_jnode *arr, uint64_t id)
{
	jb_add(b, arr, jb_id(b, id));
}

void zync_jb_add_node(struct zync_jb *b, struct zync_jnode *arr, struct zync_jnode *node)
{
	jb_add(b, arr, zync_json_mut(node));
}

void zync_jb_add_val(struct zync_jb *b, struct zync_jnode *arr, const struct zync_jval *v)
{
	jb_add(b, arr, jb_copy(b, v));
}

struct zync_jnode *zync_jb_add_object(struct zync_jb *b, struct zync_jnode *arr)
{
	struct zync_jnode *node = arr ? zync_jb_object(b) : NULL;

	zync_jb_add_node(b, arr, node);
	return node;
}

struct zync_jnode *zync_jb_add_array(struct zync_jb *b, struct zync_jnode *arr)
{
	struct zync_jnode *node = arr ? zync_jb_array(b) : NULL;

	zync_jb_add_node(b, arr, node);
	return node;
}

size_t zync_jnode_len(const struct zync_jnode *node)
{
	yyjson_mut_val *val = zync_json_mut(node);

	return yyjson_mut_is_ctn(val) ? yyjson_mut_get_len(val) : 0;
}

enum zync_status zync_jb_write(struct zync_jb *b, const struct zync_jnode *node, unsigned flags, struct zync_buf *out, struct zync_err *err)
{
	if (b->failed) {
		zync_err_copy(err, &b->err);
		return b->err.status;
	}
	return zync_json_write(zync_json_mut(node), flags, out, err);
}

enum zync_status zync_jb_text(struct zync_jb *b, const struct zync_jnode *node, unsigned flags, struct zync_arena *arena,
			      const char **ret_text, struct zync_err *err)
{
	ZYNC_AUTO_BUF out;
	const char *text;

	zync_buf_init(&out, ZYNC_LIMIT_REPLY_BYTES);
	ZYNC_TRY(zync_jb_write(b, node, flags, &out, err));
	text = zync_arena_strndup(arena, out.data, out.len);
	if (!text)
		return zync_err_nomem(err, "writing JSON");
	*ret_text = text;
	return ZYNC_OK;
}

enum zync_status zync_jval_write(struct zync_arena *arena, const struct zync_jval *v, unsigned flags, struct zync_buf *out,
				 struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);

	if (!b)
		return zync_err_nomem(err, "writing JSON");
	return zync_jb_write(b, (struct zync_jnode *)jb_copy(b, v), flags, out, err);
}
