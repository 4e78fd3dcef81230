/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "zabbix/write_priv.h"

#define ARRAY_TOO_LARGE 413 /* HTTP status */

enum zync_status zync_zbx_array_text(const struct zync_zbx_entry *entries, size_t count, struct zync_arena *arena, const char **ret_text,
				     struct zync_err *err)
{
	size_t size = 3;
	char *text;
	char *at;

	for (size_t i = 0; i < count; i++)
		size += strlen(entries[i].text) + 1;
	if (size > ZYNC_LIMIT_REQUEST_BYTES)
		return zync_err_set(err, ZYNC_ERR_LIMIT,
				    "zabbix: one write of %zu hosts takes %zu bytes, more than %u: lower zabbix.write_batch", count, size,
				    ZYNC_LIMIT_REQUEST_BYTES);
	text = zync_arena_alloc(arena, size);
	if (!text)
		return zync_err_nomem(err, "writing hosts to zabbix");
	at = text;
	*at++ = '[';
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(entries[i].text);

		if (i)
			*at++ = ',';
		memcpy(at, entries[i].text, len);
		at += len;
	}
	*at++ = ']';
	*at = '\0';
	*ret_text = text;
	return ZYNC_OK;
}

uint64_t zync_zbx_result_hostid(const struct zync_jval *result)
{
	uint64_t id;

	return zync_jval_to_u64(zync_jval_at(zync_jval_get(result, "hostids"), 0), &id) ? id : 0;
}

/* --- deciding ------------------------------------------------------------------------------------------------------------------------- */

static enum zync_status array_decided(struct zync_zbx_run *run, struct zync_zabbix_write *w, struct zync_err *err)
{
	if (run->decided_len == run->decided_cap) {
		size_t cap = run->decided_cap ? run->decided_cap * 2 : 64;
		struct zync_zabbix_write **grown = ZYNC_NEW_ARRAY(run->arena, struct zync_zabbix_write *, cap);

		if (!grown)
			return zync_err_nomem(err, "writing hosts to zabbix");
		if (run->decided_len)
			memcpy(grown, run->decided, run->decided_len * sizeof(struct zync_zabbix_write *));
		run->decided = grown;
		run->decided_cap = cap;
	}
	run->decided[run->decided_len++] = w;
	run->unknown_in_row = 0;
	return ZYNC_OK;
}

enum zync_status zync_zbx_decide_done(struct zync_zbx_run *run, struct zync_zbx_entry *entry, uint64_t hostid, struct zync_err *err)
{
	if (run->kind == ZYNC_ZABBIX_CREATE)
		entry->w->hostid = hostid;
	entry->w->done = true;
	return array_decided(run, entry->w, err);
}

enum zync_status zync_zbx_decide_refused(struct zync_zbx_run *run, struct zync_zbx_entry *entry, const struct zync_err *why,
					 struct zync_err *err)
{
	if (entry->uncertain && run->kind == ZYNC_ZABBIX_CREATE) {
		uint64_t hostid;

		ZYNC_TRY(zync_zbx_find_created(run, entry->w, &hostid, err));
		if (hostid)
			return zync_zbx_decide_done(run, entry, hostid, err);
	}
	entry->w->err = *why;
	zync_zbx_scrub(&entry->w->err, entry->w->target);
	return array_decided(run, entry->w, err);
}

enum zync_status zync_zbx_report(struct zync_zbx_run *run, struct zync_zbx_entries *entries, struct zync_err *err)
{
	size_t count = run->decided_len;
	size_t kept = 0;

	for (size_t i = 0; i < entries->len; i++) {
		const struct zync_zabbix_write *w = entries->items[i].w;

		if (!w->done && w->err.status == ZYNC_OK)
			entries->items[kept++] = entries->items[i];
	}
	entries->len = kept;
	run->decided_len = 0;
	if (count == 0 || !run->observer || !run->observer->written)
		return ZYNC_OK;
	return run->observer->written(run->observer->ctx, run->decided, count, err);
}

/* --- sending -------------------------------------------------------------------------------------------------------------------------- */

/* The ids of a create call come in the order of its entries. */
static enum zync_status array_take_result(struct zync_zbx_run *run, const struct zync_zbx_entries *entries, const struct zync_jval *result,
					  struct zync_err *err)
{
	const struct zync_jval *ids = zync_jval_get(result, "hostids");
	struct zync_jiter it;

	if (zync_jval_len(ids) != entries->len) {
		run->z->unknown = true;
		return zync_zbx_bad_reply(run->method, "hostid for each host", err);
	}
	zync_jiter_init(&it, ids);
	for (size_t i = 0; i < entries->len; i++) {
		uint64_t id = 0;

		if (!zync_jval_to_u64(zync_jiter_next(&it, NULL), &id)) {
			run->z->unknown = true;
			return zync_zbx_bad_reply(run->method, "hostids", err);
		}
		ZYNC_TRY(zync_zbx_decide_done(run, &entries->items[i], id, err));
	}
	return ZYNC_OK;
}

enum zync_status zync_zbx_send(struct zync_zbx_run *run, const struct zync_zbx_entries *entries, struct zync_err *err)
{
	struct zync_zabbix *z = run->z;
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_zbx_call call = {
		.method = run->method, .kind = ZYNC_ZBX_WRITE, .label = entries->len == 1 ? entries->items[0].w->label : NULL};
	int64_t start = zync_clock_mono_ms();
	const struct zync_jval *result;

	if (!arena)
		return zync_err_nomem(err, "writing hosts to zabbix");
	z->unknown = false;
	ZYNC_TRY(zync_zbx_array_text(entries->items, entries->len, arena, &call.params, err));
	ZYNC_TRY(zync_zbx_call(z, &call, arena, &result, err));
	zync_zbx_sizing_learn(&z->sizing[run->kind], entries->len, zync_clock_mono_ms() - start, z->config->target_call_ms,
			      (size_t)z->config->write_batch);
	return array_take_result(run, entries, result, err);
}

/* One step: send what is left; deal with a refusal or an unknown outcome. Every step decides an entry, or fails, or counts against a bound. */
static enum zync_status array_step(struct zync_zbx_run *run, struct zync_zbx_entries *entries, struct zync_err *err)
{
	struct zync_err why;
	enum zync_status status = zync_zbx_send(run, entries, &why);

	if (status == ZYNC_OK)
		return ZYNC_OK;
	if (zync_zbx_must_read_back(run, status))
		return zync_zbx_readback(run, entries, &why, err);
	if (why.origin == ZYNC_ORIGIN_HTTP && why.code == ARRAY_TOO_LARGE && entries->len > 1) {
		run->z->sizing[run->kind].size = ZYNC_MAX(entries->len / 2, (size_t)1);
		return zync_zbx_halve(run, entries, err);
	}
	if (status != ZYNC_ERR_REJECTED) {
		zync_err_copy(err, &why);
		return status;
	}
	if (entries->len == 1)
		return zync_zbx_decide_refused(run, &entries->items[0], &why, err);
	return zync_zbx_isolate(run, entries, &why, err);
}

enum zync_status zync_zbx_settle(struct zync_zbx_run *run, struct zync_zbx_entries *entries, struct zync_err *err)
{
	while (entries->len > 0) {
		enum zync_status status = array_step(run, entries, err);
		struct zync_err later;

		/* What was decided is reported, also when the run ends here. */
		if (zync_zbx_report(run, entries, status == ZYNC_OK ? err : &later) != ZYNC_OK && status == ZYNC_OK)
			return err ? err->status : ZYNC_ERR_CANCELLED;
		ZYNC_TRY(status);
	}
	return ZYNC_OK;
}
