/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file write_back.c Hostids and journal entries into NetBox, in batches; a refused object is isolated.
 *
 * A batch is all or nothing in NetBox. Which object it disliked is said by id or index from 4.7 on; an older NetBox gives a list beside the request
 * (journal entries) or only the first failing object's errors without a name (devices), and then the batch is halved.
 */
#include "netbox/netbox.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "netbox/netbox_priv.h"

enum write_kind { WRITE_HOSTID, WRITE_JOURNAL };

struct write_run {
	struct zync_netbox *nb;
	enum write_kind kind;
	enum zync_nb_type type;
	unsigned denied; /* single objects refused with 403 in a row: then it is the token, not the object */
};

static void write_fail(struct zync_nb_writeback *item, enum zync_status status, const char *message)
{
	item->status = status;
	snprintf(item->error, sizeof(item->error), "%s", message);
	/* never half a character */
	for (size_t len = strlen(item->error); len > 0 && !zync_utf8_valid(item->error, len); len--)
		item->error[len - 1] = '\0';
}

static void write_fail_all(struct zync_nb_writeback **items, size_t count, enum zync_status status, const char *message)
{
	for (size_t i = 0; i < count; i++)
		write_fail(items[i], status, message);
}

static enum zync_status write_body(const struct write_run *run, struct zync_nb_writeback **items, size_t count, struct zync_arena *arena,
				   const char **ret_text, struct zync_err *err)
{
	struct zync_jb *builder = zync_jb_new(arena);
	struct zync_jnode *list = builder != NULL ? zync_jb_array(builder) : NULL;

	if (builder == NULL)
		return zync_err_nomem(err, "writing back to NetBox");
	for (size_t i = 0; i < count; i++) {
		struct zync_jnode *entry = zync_jb_add_object(builder, list);

		if (run->kind == WRITE_HOSTID) {
			struct zync_jnode *fields;

			zync_jb_set_u64(builder, entry, "id", items[i]->id); /* as a number: up to 4.6 a text matches no object */
			fields = zync_jb_set_object(builder, entry, "custom_fields");
			if (items[i]->hostid != 0)
				zync_jb_set_u64(builder, fields, run->nb->hostid_field, items[i]->hostid);
			else
				zync_jb_set_null(builder, fields, run->nb->hostid_field);
		} else {
			zync_jb_set_str(builder, entry, "assigned_object_type", nb_object_type(items[i]->type));
			zync_jb_set_u64(builder, entry, "assigned_object_id", items[i]->id);
			zync_jb_set_str(builder, entry, "kind", items[i]->kind != NULL ? items[i]->kind : "info");
			zync_jb_set_str(builder, entry, "comments", items[i]->journal);
		}
	}
	return zync_jb_text(builder, list, ZYNC_JSON_COMPACT, arena, ret_text, err);
}

/** Is the field in the reply what was written? From 4.5.0 to 4.5.7 an unknown custom field was dropped without a word. */
static bool write_took(const struct write_run *run, const struct zync_nb_writeback *item, const struct zync_jval *object)
{
	const struct zync_jval *field = zync_jval_get(zync_jval_get(object, "custom_fields"), run->nb->hostid_field);
	uint64_t value = 0;

	if (item->hostid == 0)
		return field == NULL || zync_jval_type(field) == ZYNC_JSON_NULL;
	return zync_jval_to_u64(field, &value) && value == item->hostid;
}

static const struct zync_jval *write_find(const struct zync_jval *list, uint64_t id)
{
	const struct zync_jval *object;
	struct zync_jiter it;
	uint64_t found;

	zync_jiter_init(&it, list);
	while ((object = zync_jiter_next(&it, NULL)) != NULL) {
		if (zync_jval_to_u64(zync_jval_get(object, "id"), &found) && found == id)
			return object;
	}
	return NULL;
}

/** After a success: up to 4.6 objects that do not exist or are not visible are left out silently. */
static void write_check_reply(const struct write_run *run, struct zync_nb_writeback **items, size_t count, const struct zync_jval *reply)
{
	char text[256];

	for (size_t i = 0; i < count; i++) {
		const struct zync_jval *object;

		items[i]->status = ZYNC_OK;
		items[i]->error[0] = '\0';
		if (run->kind == WRITE_JOURNAL)
			continue;
		object = write_find(reply, items[i]->id);
		if (object == NULL)
			write_fail(items[i], ZYNC_ERR_NOT_FOUND, "NetBox has no such object, or the token may not change it");
		else if (!write_took(run, items[i], object)) {
			snprintf(text, sizeof(text), "NetBox did not keep the custom field \"%.100s\"; `zync check --fix` creates it",
				 run->nb->hostid_field);
			write_fail(items[i], ZYNC_ERR_REJECTED, text);
		}
	}
}

/** Which item an entry of the structured errors (4.7) speaks of; count when that cannot be said. */
static size_t write_error_index(struct zync_nb_writeback **items, size_t count, const struct zync_jval *entry)
{
	uint64_t n;

	if (zync_jval_to_u64(zync_jval_get(entry, "index"), &n))
		return n < count ? (size_t)n : count;
	if (zync_jval_to_u64(zync_jval_get(entry, "id"), &n)) {
		for (size_t i = 0; i < count; i++) {
			if (items[i]->id == n)
				return i;
		}
	}
	return count;
}

static void write_fail_explained(const struct write_run *run, struct zync_nb_writeback *item, enum zync_status status,
				 const struct zync_jval *errors, const char *otherwise)
{
	struct zync_buf words, text;

	zync_buf_init(&words, 4096);
	zync_buf_init(&text, 4096);
	nb_explain(errors, &words);
	zync_buf_printf(&text, "%s%s", run->kind == WRITE_JOURNAL ? "journal entry: " : "", words.data);
	write_fail(item, status, words.len > 0 ? text.data : otherwise);
	zync_buf_done(&words);
	zync_buf_done(&text);
}

/**
 * Mark the items that the refusal names and move them to the end of the array. Returns how many are left at its front; @p count when it names none.
 */
static size_t write_take_out_named(const struct write_run *run, struct zync_nb_writeback **items, size_t count,
				   const struct zync_jval *body, const struct zync_err *why)
{
	const struct zync_jval *errors = zync_jval_get(body, "errors"), *entry;
	bool beside = zync_jval_type(body) == ZYNC_JSON_ARRAY && zync_jval_len(body) == count;
	bool named[NB_BATCH] = {false};
	struct zync_nb_writeback *out[NB_BATCH];
	size_t left = 0, taken = 0, index = 0;
	struct zync_jiter it;

	zync_jiter_init(&it, beside ? body : errors);
	while ((entry = zync_jiter_next(&it, NULL)) != NULL) {
		size_t i = beside ? index : write_error_index(items, count, entry);

		index++;
		if (i >= count || (beside && zync_jval_len(entry) == 0))
			continue;
		named[i] = true;
		write_fail_explained(run, items[i], why->status, beside ? entry : zync_jval_get(entry, "errors"), why->message);
	}
	for (size_t i = 0; i < count; i++) {
		if (named[i])
			out[taken++] = items[i];
		else
			items[left++] = items[i];
	}
	memcpy(items + left, out, taken * sizeof(struct zync_nb_writeback *));
	return left;
}

/** Is it about what was sent (an object may be the culprit), and not about the server? */
static bool write_is_refusal(const struct zync_err *why)
{
	return why->status == ZYNC_ERR_REJECTED || why->status == ZYNC_ERR_CONFLICT || why->status == ZYNC_ERR_AUTH ||
	       why->status == ZYNC_ERR_NOT_FOUND || nb_error_status(why) == 500;
}

/** A proxy's time-out; for hostids, which may be written twice, a smaller batch helps. */
static bool write_was_too_much(const struct write_run *run, const struct zync_err *why)
{
	return run->kind == WRITE_HOSTID && (nb_error_status(why) == 502 || nb_error_status(why) == 504);
}

static enum zync_status write_batch(struct write_run *run, struct zync_nb_writeback **items, size_t count, struct zync_err *err);

static enum zync_status write_refused(struct write_run *run, struct zync_nb_writeback **items, size_t count, const struct zync_jval *body,
				      const struct zync_err *why, struct zync_err *err)
{
	size_t left = write_take_out_named(run, items, count, body, why);

	if (left < count)
		return write_batch(run, items, left, err);
	if (count > 1) {
		ZYNC_TRY(write_batch(run, items, count / 2, err));
		return write_batch(run, items + count / 2, count - count / 2, err);
	}
	write_fail_explained(run, items[0], why->status, nb_error_status(why) == 400 ? body : NULL, why->message);
	run->denied = why->status == ZYNC_ERR_AUTH ? run->denied + 1 : 0;
	return ZYNC_OK;
}

/* Recursion: each step works on fewer items, at most NB_BATCH deep. */
static enum zync_status write_batch(struct write_run *run, struct zync_nb_writeback **items, size_t count, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = NULL;
	const struct zync_jval *reply = NULL, *body = NULL;
	struct nb_call call = {.method = run->kind == WRITE_HOSTID ? "PATCH" : "POST", .repeatable = run->kind == WRITE_HOSTID};
	struct zync_err why = {0};
	enum zync_status status;
	char path[128];

	if (count == 0)
		return ZYNC_OK;
	if (run->denied >= 3) {
		write_fail_all(items, count, ZYNC_ERR_AUTH,
			       "not tried: NetBox refused the three before it with 403; check the token's permissions");
		return ZYNC_OK;
	}
	arena = zync_arena_new(0);
	if (arena == NULL)
		return zync_err_nomem(err, "writing back to NetBox");
	/* `fields` would also limit what is accepted; `exclude` only spares rendering the context. */
	snprintf(path, sizeof(path), "/api/%s/%s", run->kind == WRITE_HOSTID ? nb_endpoint(run->type) : "extras/journal-entries",
		 run->kind == WRITE_HOSTID ? "?exclude=config_context" : "");
	call.path = path;
	ZYNC_TRY(write_body(run, items, count, arena, &call.body, err));
	status = nb_request(run->nb, &call, arena, &reply, &why);
	if (status == ZYNC_OK) {
		run->denied = 0;
		write_check_reply(run, items, count, reply);
		return ZYNC_OK;
	}
	if (write_is_refusal(&why) || (count > 1 && write_was_too_much(run, &why))) {
		if (zync_json_parse(arena, run->nb->reply.body.data, run->nb->reply.body.len, &body, NULL) != ZYNC_OK)
			body = NULL;
		return write_refused(run, items, count, body, &why, err);
	}
	write_fail_all(items, count, status, why.message);
	zync_err_copy(err, &why);
	return status;
}

static bool write_concerns(const struct zync_nb_writeback *item, enum write_kind kind, enum zync_nb_type type)
{
	if (item->type != type)
		return false;
	if (kind == WRITE_HOSTID)
		return item->set_hostid;
	/* An object whose hostid could not be written tells so by its error; a journal entry would say the contrary. */
	return item->journal != NULL && (item->status == ZYNC_OK || !item->set_hostid);
}

static enum zync_status write_all(struct zync_netbox *nb, enum write_kind kind, enum zync_nb_type type, struct zync_nb_writeback *items,
				  size_t count, struct zync_err *err)
{
	struct write_run run = {.nb = nb, .kind = kind, .type = type};
	struct zync_nb_writeback *batch[NB_BATCH];
	size_t filled = 0;

	for (size_t i = 0; i < count; i++) {
		if (!write_concerns(&items[i], kind, type))
			continue;
		batch[filled++] = &items[i];
		if (filled == NB_BATCH) {
			ZYNC_TRY(write_batch(&run, batch, filled, err));
			filled = 0;
		}
	}
	return write_batch(&run, batch, filled, err);
}

enum zync_status zync_netbox_write_back(struct zync_netbox *nb, struct zync_nb_writeback *items, size_t count, struct zync_err *err)
{
	static const enum zync_nb_type types[] = {ZYNC_NB_DEVICE, ZYNC_NB_VM};

	for (size_t i = 0; i < count; i++) {
		if (items[i].set_hostid || items[i].journal != NULL)
			write_fail(&items[i], ZYNC_ERR_CANCELLED, "not tried");
		else
			write_fail(&items[i], ZYNC_OK, "");
	}
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(types); i++)
		ZYNC_TRY(write_all(nb, WRITE_HOSTID, types[i], items, count, err));
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(types); i++)
		ZYNC_TRY(write_all(nb, WRITE_JOURNAL, types[i], items, count, err));
	return ZYNC_OK;
}
