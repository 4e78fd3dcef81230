/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A writer of our own over yyjson's trees: it sorts without a copy, appends to a bounded buffer, and walks with a stack of its own.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_priv.h"
#include "base/limits.h"
#include "base/mem.h"

/* One open array or object. */
struct jw_frame {
	yyjson_mut_val *next; /* the next element, or name of the next member; unused with `sorted` */
	size_t left, count;
	bool object, started;
	yyjson_mut_val **sorted; /* names in order, or NULL */
};

struct jw {
	struct zync_buf *out;
	unsigned flags;
	size_t depth;
	struct jw_frame frames[ZYNC_LIMIT_JSON_DEPTH];
};

static void jw_string(struct zync_buf *out, const char *s, size_t len)
{
	static const char short_escapes[] = "btn\0fr"; /* for 8, 9, 10, 12, 13 */
	size_t plain = 0;

	zync_buf_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		zync_buf_add(out, s + plain, i - plain);
		plain = i + 1;
		if (c >= 0x20)
			zync_buf_printf(out, "\\%c", c);
		else if (c >= 8 && c <= 13 && c != 11)
			zync_buf_printf(out, "\\%c", short_escapes[c - 8]);
		else
			zync_buf_printf(out, "\\u%04x", c);
	}
	zync_buf_add(out, s + plain, len - plain);
	zync_buf_addc(out, '"');
}

static enum zync_status jw_scalar(struct zync_buf *out, yyjson_mut_val *val, struct zync_err *err)
{
	char number[ZYNC_JSON_NUMBER_SIZE];

	if (yyjson_mut_is_str(val)) {
		jw_string(out, yyjson_mut_get_str(val), yyjson_mut_get_len(val));
	} else if (yyjson_mut_is_sint(val)) {
		zync_buf_printf(out, "%" PRId64, yyjson_mut_get_sint(val));
	} else if (yyjson_mut_is_uint(val)) {
		zync_buf_printf(out, "%" PRIu64, yyjson_mut_get_uint(val));
	} else if (yyjson_mut_is_real(val)) {
		ZYNC_TRY(zync_json_real_text(yyjson_mut_get_real(val), number, err));
		zync_buf_adds(out, number);
	} else if (yyjson_mut_is_bool(val)) {
		zync_buf_adds(out, yyjson_mut_is_true(val) ? "true" : "false");
	} else {
		zync_buf_adds(out, "null");
	}
	return ZYNC_OK;
}

struct jw_member {
	yyjson_mut_val *name;
	size_t position;
};

/* By bytes; members of one name stay in the order in which they were set. */
static int jw_compare(const void *a, const void *b)
{
	const struct jw_member *x = a, *y = b;
	size_t x_len = unsafe_yyjson_get_len(x->name), y_len = unsafe_yyjson_get_len(y->name);
	int order = memcmp(unsafe_yyjson_get_str(x->name), unsafe_yyjson_get_str(y->name), ZYNC_MIN(x_len, y_len));

	if (order == 0)
		order = (x_len > y_len) - (x_len < y_len);
	if (order == 0)
		order = (x->position > y->position) - (x->position < y->position);
	return order;
}

/* The names of an object in order, to be freed with zync_free(). NULL when memory is out. */
static yyjson_mut_val **jw_sort(yyjson_mut_val *first, size_t count)
{
	struct jw_member *members = zync_calloc(count, sizeof(*members));
	yyjson_mut_val **names = members ? zync_calloc(count, sizeof(*names)) : NULL;

	if (names) {
		for (size_t i = 0; i < count; i++, first = first->next->next)
			members[i] = (struct jw_member){.name = first, .position = i};
		qsort(members, count, sizeof(*members), jw_compare);
		for (size_t i = 0; i < count; i++)
			names[i] = members[i].name;
	}
	zync_free(members);
	return names;
}

static enum zync_status jw_open(struct jw *w, yyjson_mut_val *val, struct zync_err *err)
{
	struct jw_frame frame = {.left = yyjson_mut_get_len(val), .count = yyjson_mut_get_len(val), .object = yyjson_mut_is_obj(val)};
	yyjson_mut_val *last;

	if (frame.left == 0) {
		zync_buf_adds(w->out, frame.object ? "{}" : "[]");
		return ZYNC_OK;
	}
	if (w->depth == ZYNC_LIMIT_JSON_DEPTH)
		return zync_err_set(err, ZYNC_ERR_LIMIT, "JSON to be written is nested deeper than %u levels", ZYNC_LIMIT_JSON_DEPTH);
	/* A container of yyjson points to its last element or last name; the rings lead from there to the first. */
	last = val->uni.ptr;
	frame.next = frame.object ? last->next->next : last->next;
	if (frame.object && (w->flags & ZYNC_JSON_SORTED) && frame.left > 1) {
		frame.sorted = jw_sort(frame.next, frame.left);
		if (!frame.sorted)
			return zync_err_nomem(err, "sorting the members of a JSON object");
	}
	zync_buf_addc(w->out, frame.object ? '{' : '[');
	w->frames[w->depth++] = frame;
	return ZYNC_OK;
}

static void jw_indent(const struct jw *w)
{
	if (!(w->flags & ZYNC_JSON_PRETTY))
		return;
	zync_buf_addc(w->out, '\n');
	for (size_t i = 0; i < w->depth; i++)
		zync_buf_add(w->out, "  ", 2);
}

static void jw_close(struct jw *w)
{
	struct jw_frame *frame = &w->frames[--w->depth];

	zync_free(frame->sorted);
	frame->sorted = NULL;
	jw_indent(w);
	zync_buf_addc(w->out, frame->object ? '}' : ']');
}

/* The next element of the innermost container, with what stands before it. */
static yyjson_mut_val *jw_next(struct jw *w)
{
	struct jw_frame *frame = &w->frames[w->depth - 1];
	yyjson_mut_val *val = frame->next;

	if (frame->started)
		zync_buf_addc(w->out, ',');
	frame->started = true;
	jw_indent(w);
	if (frame->object) {
		yyjson_mut_val *name = frame->sorted ? frame->sorted[frame->count - frame->left] : frame->next;

		jw_string(w->out, unsafe_yyjson_get_str(name), unsafe_yyjson_get_len(name));
		zync_buf_adds(w->out, w->flags & ZYNC_JSON_PRETTY ? ": " : ":");
		val = name->next;
	}
	frame->next = val->next;
	frame->left--;
	return val;
}

static enum zync_status jw_tree(struct jw *w, yyjson_mut_val *root, struct zync_err *err)
{
	yyjson_mut_val *val = root;

	for (;;) {
		if (yyjson_mut_is_ctn(val))
			ZYNC_TRY(jw_open(w, val, err));
		else
			ZYNC_TRY(jw_scalar(w->out, val, err));
		while (w->depth > 0 && w->frames[w->depth - 1].left == 0)
			jw_close(w);
		if (w->depth == 0)
			return ZYNC_OK;
		/* Not to walk on through a large tree when its text went over the bound. */
		ZYNC_TRY(zync_buf_check(w->out, "JSON text", err));
		val = jw_next(w);
	}
}

enum zync_status zync_json_write(const yyjson_mut_val *node, unsigned flags, struct zync_buf *out, struct zync_err *err)
{
	struct jw w = {.out = out, .flags = flags};
	yyjson_mut_val *root = (yyjson_mut_val *)(uintptr_t)node;
	enum zync_status status;

	if (!node)
		return zync_err_set(err, ZYNC_ERR_INVALID, "there is no JSON value to write");
	status = jw_tree(&w, root, err);
	while (w.depth > 0)
		zync_free(w.frames[--w.depth].sorted);
	ZYNC_TRY(status);
	return zync_buf_check(out, "JSON text", err);
}
