/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json_priv.h"
#include "base/limits.h"
#include "base/str.h"

static void *json_alc_malloc(void *ctx, size_t size)
{
	return zync_arena_alloc(ctx, size);
}

static void *json_alc_realloc(void *ctx, void *p, size_t old_size, size_t size)
{
	void *moved;

	if (size <= old_size)
		return p;
	moved = zync_arena_alloc(ctx, size);
	if (moved && p)
		memcpy(moved, p, old_size);
	return moved;
}

static void json_alc_free(void *ctx ZYNC_UNUSED, void *p ZYNC_UNUSED)
{
	/* goes with the arena */
}

yyjson_alc zync_json_alc(struct zync_arena *arena)
{
	return (yyjson_alc){.malloc = json_alc_malloc, .realloc = json_alc_realloc, .free = json_alc_free, .ctx = arena};
}

enum zync_status zync_json_real_text(double n, char ret[ZYNC_JSON_NUMBER_SIZE], struct zync_err *err)
{
	/* yyjson's writer finds the shortest form, which printf() cannot; it wants an allocator and a value of its own. */
	_Alignas(max_align_t) char space[512];
	yyjson_mut_val val = {0};
	yyjson_alc alc;
	size_t len = 0;
	char *text;

	if (!isfinite(n))
		return zync_err_set(err, ZYNC_ERR_INVALID, "JSON has no infinite number and no \"not a number\"");
	val.tag = YYJSON_TYPE_NUM | YYJSON_SUBTYPE_REAL;
	val.uni.f64 = n;
	ZYNC_ASSERT(yyjson_alc_pool_init(&alc, space, sizeof(space)));
	text = yyjson_mut_val_write_opts(&val, YYJSON_WRITE_NOFLAG, &alc, &len, NULL);
	ZYNC_ASSERT(text && len < ZYNC_JSON_NUMBER_SIZE);
	memcpy(ret, text, len + 1);
	return ZYNC_OK;
}

/*
 * Look at the nesting and at escaped NULs before the parser sees the text: a NUL would cut C strings short, and what reads a
 * document may recurse. Text that is not JSON may pass; the parser refuses it.
 */
static enum zync_status json_scan(const char *text, size_t len, struct zync_err *err)
{
	bool in_string = false;
	size_t depth = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string && c == '\\') {
			if (len - i >= 6 && memcmp(text + i, "\\u0000", 6) == 0)
				return zync_err_set(err, ZYNC_ERR_PROTOCOL,
						    "bad JSON at byte %zu: a string holds the character NUL (\\u0000)", i);
			i++; /* whatever is escaped does not end the string */
		} else if (c == '"') {
			in_string = !in_string;
		} else if (!in_string && (c == '[' || c == '{')) {
			if (++depth > ZYNC_LIMIT_JSON_DEPTH)
				return zync_err_set(err, ZYNC_ERR_LIMIT, "JSON is nested deeper than %u levels at byte %zu",
						    ZYNC_LIMIT_JSON_DEPTH, i);
		} else if (!in_string && (c == ']' || c == '}') && depth > 0) {
			depth--;
		}
	}
	return ZYNC_OK;
}

enum zync_status zync_json_parse(struct zync_arena *arena, const char *text, size_t len, const struct zync_jval **ret_root,
				 struct zync_err *err)
{
	yyjson_alc alc = zync_json_alc(arena);
	yyjson_read_err failure = {0};
	yyjson_doc *doc;
	char *copy;

	if (len == 0)
		return zync_err_set(err, ZYNC_ERR_PROTOCOL, "bad JSON at byte 0: the text is empty");
	if (len > SIZE_MAX - YYJSON_PADDING_SIZE)
		return zync_err_set(err, ZYNC_ERR_LIMIT, "JSON of %zu bytes is too large", len);
	ZYNC_TRY(json_scan(text, len, err));
	copy = zync_arena_alloc(arena, len + YYJSON_PADDING_SIZE);
	if (!copy)
		return zync_err_nomem(err, "reading JSON");
	memcpy(copy, text, len);
	/* In place: strings then point into the copy, which yyjson would make itself otherwise. */
	doc = yyjson_read_opts(copy, len, YYJSON_READ_INSITU, &alc, &failure);
	if (!doc && failure.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
		return zync_err_nomem(err, "reading JSON");
	if (!doc)
		return zync_err_set(err, ZYNC_ERR_PROTOCOL, "bad JSON at byte %zu: %s", failure.pos, failure.msg);
	*ret_root = (const struct zync_jval *)yyjson_doc_get_root(doc);
	return ZYNC_OK;
}

enum zync_jtype zync_jval_type(const struct zync_jval *v)
{
	switch (yyjson_get_type(zync_json_val(v))) {
	case YYJSON_TYPE_NULL:
		return ZYNC_JSON_NULL;
	case YYJSON_TYPE_BOOL:
		return ZYNC_JSON_BOOL;
	case YYJSON_TYPE_NUM:
		return yyjson_is_real(zync_json_val(v)) ? ZYNC_JSON_REAL : ZYNC_JSON_INT;
	case YYJSON_TYPE_STR:
		return ZYNC_JSON_STR;
	case YYJSON_TYPE_ARR:
		return ZYNC_JSON_ARRAY;
	case YYJSON_TYPE_OBJ:
		return ZYNC_JSON_OBJECT;
	default:
		return ZYNC_JSON_NONE;
	}
}

const struct zync_jval *zync_jval_get(const struct zync_jval *v, const char *key)
{
	return key ? zync_jval_getn(v, key, strlen(key)) : NULL;
}

const struct zync_jval *zync_jval_getn(const struct zync_jval *v, const char *key, size_t key_len)
{
	return (const struct zync_jval *)yyjson_obj_getn(zync_json_val(v), key, key_len);
}

size_t zync_jval_len(const struct zync_jval *v)
{
	return yyjson_is_ctn(zync_json_val(v)) ? yyjson_get_len(zync_json_val(v)) : 0;
}

const struct zync_jval *zync_jval_at(const struct zync_jval *v, size_t index)
{
	return (const struct zync_jval *)yyjson_arr_get(zync_json_val(v), index);
}

const char *zync_jval_str(const struct zync_jval *v)
{
	return yyjson_get_str(zync_json_val(v));
}

const char *zync_jval_get_str(const struct zync_jval *v, const char *key)
{
	return zync_jval_str(zync_jval_get(v, key));
}

bool zync_jval_is_true(const struct zync_jval *v)
{
	return yyjson_is_true(zync_json_val(v));
}

bool zync_jval_to_i64(const struct zync_jval *v, int64_t *ret)
{
	yyjson_val *val = zync_json_val(v);

	if (yyjson_is_sint(val)) {
		*ret = yyjson_get_sint(val);
		return true;
	}
	if (yyjson_is_uint(val) && yyjson_get_uint(val) <= INT64_MAX) {
		*ret = (int64_t)yyjson_get_uint(val);
		return true;
	}
	return yyjson_is_str(val) && zync_str_to_i64(yyjson_get_str(val), ret);
}

bool zync_jval_to_u64(const struct zync_jval *v, uint64_t *ret)
{
	yyjson_val *val = zync_json_val(v);

	if (yyjson_is_uint(val)) {
		*ret = yyjson_get_uint(val);
		return true;
	}
	return yyjson_is_str(val) && zync_str_to_u64(yyjson_get_str(val), ret);
}

double zync_jval_real(const struct zync_jval *v)
{
	yyjson_val *val = zync_json_val(v);

	if (yyjson_is_real(val))
		return yyjson_get_real(val);
	if (yyjson_is_sint(val))
		return (double)yyjson_get_sint(val);
	return yyjson_is_uint(val) ? (double)yyjson_get_uint(val) : 0.0;
}

const char *zync_jval_text(struct zync_arena *arena, const struct zync_jval *v)
{
	yyjson_val *val = zync_json_val(v);
	char number[ZYNC_JSON_NUMBER_SIZE];

	if (yyjson_is_str(val))
		return yyjson_get_str(val);
	if (yyjson_is_bool(val))
		return yyjson_is_true(val) ? "true" : "false";
	if (yyjson_is_sint(val))
		return zync_arena_printf(arena, "%" PRId64, yyjson_get_sint(val));
	if (yyjson_is_uint(val))
		return zync_arena_printf(arena, "%" PRIu64, yyjson_get_uint(val));
	/* A number that was read is finite. As text it is at its shortest: 3.0, as NetBox writes decimals, is 3. */
	if (yyjson_is_real(val) && zync_json_real_text(yyjson_get_real(val), number, NULL) == ZYNC_OK)
		return zync_arena_strndup(arena, number, strlen(number) - (zync_str_ends(number, ".0") ? 2 : 0));
	return NULL;
}

void zync_jiter_init(struct zync_jiter *it, const struct zync_jval *v)
{
	yyjson_val *val = zync_json_val(v);

	*it = (struct zync_jiter){.container = v, .left = zync_jval_len(v)};
	if (it->left > 0)
		it->cursor = unsafe_yyjson_get_first(val);
}

const struct zync_jval *zync_jiter_next(struct zync_jiter *it, const char **ret_key)
{
	yyjson_val *cursor = (yyjson_val *)(uintptr_t)it->cursor;
	const char *key = NULL;

	if (it->left == 0)
		return NULL;
	if (yyjson_is_obj(zync_json_val(it->container))) {
		key = unsafe_yyjson_get_str(cursor);
		cursor++; /* yyjson keeps a member's value right behind its name */
	}
	if (ret_key)
		*ret_key = key;
	it->left--;
	if (it->left > 0)
		it->cursor = unsafe_yyjson_get_next(cursor);
	return (const struct zync_jval *)cursor;
}
