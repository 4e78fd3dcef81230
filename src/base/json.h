/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file json.h
 * JSON reading and building over yyjson; the only part that includes yyjson.h.
 *
 * A read document is immutable, lives in an arena and dies with it. All read functions accept NULL for the value and then
 * answer "nothing", so that chains of look-ups need one check at the end. A builder lives in an arena, too; its first failure sticks
 * and shows in zync_jb_write(). Strings given to a builder are copied.
 */
#ifndef ZYNC_BASE_JSON_H
#define ZYNC_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum zync_jtype {
	ZYNC_JSON_NONE = 0, /**< no such value (NULL pointer) */
	ZYNC_JSON_NULL,
	ZYNC_JSON_BOOL,
	ZYNC_JSON_INT,	/**< integer that fits int64_t or uint64_t */
	ZYNC_JSON_REAL, /**< any other number */
	ZYNC_JSON_STR,
	ZYNC_JSON_ARRAY,
	ZYNC_JSON_OBJECT
};

struct zync_jval;

/** Parse @p len bytes. Errors (status PROTOCOL, LIMIT for depth above ZYNC_LIMIT_JSON_DEPTH) name the byte position. NUL inside strings is refused. */
enum zync_status zync_json_parse(struct zync_arena *arena, const char *text, size_t len, const struct zync_jval **ret_root,
				 struct zync_err *err) ZYNC_MUST_CHECK;

enum zync_jtype zync_jval_type(const struct zync_jval *v);
/** Member of an object, NULL if there is none. Member names are compared byte by byte; of a repeated name the first counts. */
const struct zync_jval *zync_jval_get(const struct zync_jval *v, const char *key);
const struct zync_jval *zync_jval_getn(const struct zync_jval *v, const char *key, size_t key_len);
/** Number of elements or members, 0 for anything else. */
size_t zync_jval_len(const struct zync_jval *v);
/** Element @p index of an array (linear time: iterate instead where all are wanted). */
const struct zync_jval *zync_jval_at(const struct zync_jval *v, size_t index);
/** Text of a string value, NULL for any other type. */
const char *zync_jval_str(const struct zync_jval *v);
/** Text of the string member @p key, or NULL. */
const char *zync_jval_get_str(const struct zync_jval *v, const char *key);
/** true only for the literal true. */
bool zync_jval_is_true(const struct zync_jval *v);
/** Integers, and strings that hold a decimal integer (Zabbix sends numbers as strings); false for anything else. */
bool zync_jval_to_i64(const struct zync_jval *v, int64_t *ret);
bool zync_jval_to_u64(const struct zync_jval *v, uint64_t *ret);
/** Value of INT or REAL as double, 0 for anything else. */
double zync_jval_real(const struct zync_jval *v);
/** Scalar as text: strings as they are, numbers in shortest form, "true"/"false"; NULL for null, none and containers. Allocates only for numbers. */
const char *zync_jval_text(struct zync_arena *arena, const struct zync_jval *v);

/** Iterate arrays and objects: `struct zync_jiter it; zync_jiter_init(&it, v); while ((e = zync_jiter_next(&it, &key)))`; key is NULL in arrays; the pointer may be NULL. */
struct zync_jiter {
	const struct zync_jval *container;
	const void *cursor;
	size_t left;
};
void zync_jiter_init(struct zync_jiter *it, const struct zync_jval *v);
const struct zync_jval *zync_jiter_next(struct zync_jiter *it, const char **ret_key);

struct zync_jb;
struct zync_jnode;

/** A new builder; NULL when memory is out. */
struct zync_jb *zync_jb_new(struct zync_arena *arena) ZYNC_MUST_CHECK;
/** Fresh nodes. NULL after a failure; every function takes a NULL node and then does nothing. */
struct zync_jnode *zync_jb_object(struct zync_jb *b);
struct zync_jnode *zync_jb_array(struct zync_jb *b);
struct zync_jnode *zync_jb_str(struct zync_jb *b, const char *s);

/** Set member @p key (not checked for being there already). A NULL string becomes null. */
void zync_jb_set_str(struct zync_jb *b, struct zync_jnode *obj, const char *key, const char *s);
void zync_jb_set_i64(struct zync_jb *b, struct zync_jnode *obj, const char *key, int64_t n);
void zync_jb_set_u64(struct zync_jb *b, struct zync_jnode *obj, const char *key, uint64_t n);
/** The number as a decimal string, as Zabbix wants ids. */
void zync_jb_set_id(struct zync_jb *b, struct zync_jnode *obj, const char *key, uint64_t id);
void zync_jb_set_real(struct zync_jb *b, struct zync_jnode *obj, const char *key, double n);
void zync_jb_set_bool(struct zync_jb *b, struct zync_jnode *obj, const char *key, bool value);
void zync_jb_set_null(struct zync_jb *b, struct zync_jnode *obj, const char *key);
void zync_jb_set_node(struct zync_jb *b, struct zync_jnode *obj, const char *key, struct zync_jnode *node);
/** Deep copy of a read value (null when NULL). */
void zync_jb_set_val(struct zync_jb *b, struct zync_jnode *obj, const char *key, const struct zync_jval *v);
struct zync_jnode *zync_jb_set_object(struct zync_jb *b, struct zync_jnode *obj, const char *key);
struct zync_jnode *zync_jb_set_array(struct zync_jb *b, struct zync_jnode *obj, const char *key);

void zync_jb_add_str(struct zync_jb *b, struct zync_jnode *arr, const char *s);
void zync_jb_add_i64(struct zync_jb *b, struct zync_jnode *arr, int64_t n);
void zync_jb_add_id(struct zync_jb *b, struct zync_jnode *arr, uint64_t id);
void zync_jb_add_node(struct zync_jb *b, struct zync_jnode *arr, struct zync_jnode *node);
void zync_jb_add_val(struct zync_jb *b, struct zync_jnode *arr, const struct zync_jval *v);
struct zync_jnode *zync_jb_add_object(struct zync_jb *b, struct zync_jnode *arr);
struct zync_jnode *zync_jb_add_array(struct zync_jb *b, struct zync_jnode *arr);
size_t zync_jnode_len(const struct zync_jnode *node);

enum zync_jwrite {
	ZYNC_JSON_COMPACT = 0,
	ZYNC_JSON_PRETTY = 1, /**< two spaces, for people */
	ZYNC_JSON_SORTED = 2  /**< members sorted by name at every level: with the same content always the same bytes */
};
/** Append the text of @p node to @p out; @p flags of enum zync_jwrite. Fails with the builder's or the buffer's first failure. */
enum zync_status zync_jb_write(struct zync_jb *b, const struct zync_jnode *node, unsigned flags, struct zync_buf *out,
			       struct zync_err *err) ZYNC_MUST_CHECK;
/** The same as a NUL-terminated string in @p arena. */
enum zync_status zync_jb_text(struct zync_jb *b, const struct zync_jnode *node, unsigned flags, struct zync_arena *arena,
			      const char **ret_text, struct zync_err *err) ZYNC_MUST_CHECK;
/** Text of a read value. */
enum zync_status zync_jval_write(struct zync_arena *arena, const struct zync_jval *v, unsigned flags, struct zync_buf *out,
				 struct zync_err *err) ZYNC_MUST_CHECK;

#endif
