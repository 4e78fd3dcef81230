/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/str.h"
#include "zabbix/write_priv.h"

#define ISOLATE_INTERNAL_ERROR (-32603)
#define ISOLATE_SUSPECTS_MAX   3u /* one by one up to here; a slice with more bad entries goes through single calls in a batch */

/* The number of the first element that a path in the words names: Invalid parameter "/2/groups": … */
static size_t isolate_position(const char *words, size_t count)
{
	const char *at = strstr(words, "\"/");
	size_t n = 0;

	if (!at)
		return SIZE_MAX;
	for (at += 2; *at >= '0' && *at <= '9' && n <= count; at++)
		n = n * 10 + (size_t)(*at - '0');
	if ((*at != '/' && *at != '"') || n < 1 || n > count)
		return SIZE_MAX;
	return n - 1;
}

static bool isolate_quotes(const char *words, const char *name)
{
	size_t len = name ? strlen(name) : 0;
	const char *at = words;

	while (len && (at = strstr(at, name))) {
		if (at > words && at[-1] == '"' && at[len] == '"')
			return true;
		at++;
	}
	return false;
}

static bool isolate_names(const char *words, const struct zync_zabbix_write *w)
{
	const struct zync_host *hosts[] = {w->target, w->actual};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(hosts); i++) {
		if (hosts[i] && (isolate_quotes(words, hosts[i]->host) || isolate_quotes(words, hosts[i]->name)))
			return true;
	}
	return false;
}

/* The only entry that is named; SIZE_MAX when there is none or more than one. */
static size_t isolate_named(const struct zync_zbx_entries *entries, const char *words)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < entries->len; i++) {
		if (!isolate_names(words, entries->items[i].w))
			continue;
		if (found != SIZE_MAX)
			return SIZE_MAX;
		found = i;
	}
	return found;
}

/*
 * The only entry that holds a text which the words quote: Value "…" is too long for field "type". Texts that JSON writes with escapes are not found;
 * then it takes a few calls more.
 */
static size_t isolate_quoted(const struct zync_zbx_entries *entries, const char *words)
{
	const char *open = strchr(words, '"');
	const char *close = open ? strchr(open + 1, '"') : NULL;

	for (; open && close; open = strchr(close + 1, '"'), close = open ? strchr(open + 1, '"') : NULL) {
		size_t len = (size_t)(close - open) + 1; /* with both quotes, as a whole JSON text */
		size_t found = SIZE_MAX;
		size_t holders = 0;

		for (size_t i = 0; i < entries->len && holders < 2; i++) {
			if (memmem(entries->items[i].text, strlen(entries->items[i].text), open, len)) {
				found = i;
				holders++;
			}
		}
		if (holders == 1)
			return found;
	}
	return SIZE_MAX;
}

size_t zync_zbx_suspect(const struct zync_zbx_entries *entries, const char *words)
{
	size_t found = isolate_position(words, entries->len);

	if (found == SIZE_MAX)
		found = isolate_named(entries, words);
	return found != SIZE_MAX ? found : isolate_quoted(entries, words);
}

/* Send one entry alone: it is decided, or open after an unknown outcome. */
static enum zync_status isolate_single(struct zync_zbx_run *run, struct zync_zbx_entry *entry, struct zync_err *err)
{
	struct zync_zbx_entries one = {.items = entry, .len = 1};
	struct zync_err why;
	enum zync_status status = zync_zbx_send(run, &one, &why);

	if (status == ZYNC_OK)
		return ZYNC_OK;
	if (zync_zbx_must_read_back(run, status))
		return zync_zbx_readback(run, &one, &why, err);
	if (status == ZYNC_ERR_REJECTED)
		return zync_zbx_decide_refused(run, entry, &why, err);
	zync_err_copy(err, &why);
	return status;
}

/*
 * The suspect alone: that proves the guess (a position may count inside one host, and two hosts may be at odds with each other), and gives the words of
 * its own refusal. Nobody is blamed for another one's fault.
 */
static enum zync_status isolate_try_one(struct zync_zbx_run *run, struct zync_zbx_entries *entries, size_t index, struct zync_err *err)
{
	run->suspects++;
	ZYNC_TRY(isolate_single(run, &entries->items[index], err));
	run->misled = run->misled || entries->items[index].w->done;
	return ZYNC_OK;
}

/* --- single calls in a batch ---------------------------------------------------------------------------------------------------------- */

static enum zync_status isolate_take_answers(struct zync_zbx_run *run, struct zync_zbx_entry *entries, const struct zync_zbx_call *calls,
					     size_t count, size_t *ret_unanswered, struct zync_err *err)
{
	size_t unanswered = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t hostid = zync_zbx_result_hostid(calls[i].result);

		if (calls[i].answered && calls[i].result && hostid) {
			ZYNC_TRY(zync_zbx_decide_done(run, &entries[i], hostid, err));
		} else if (calls[i].answered && !calls[i].result && calls[i].err.status == ZYNC_ERR_REJECTED) {
			ZYNC_TRY(zync_zbx_decide_refused(run, &entries[i], &calls[i].err, err));
		} else if (calls[i].answered && !calls[i].result && calls[i].err.status == ZYNC_ERR_AUTH) {
			zync_err_copy(err, &calls[i].err);
			return calls[i].err.status;
		} else {
			unanswered++;
		}
	}
	*ret_unanswered = unanswered;
	return ZYNC_OK;
}

/*
 * A batch without an answer. Measured on 7.0: PHP dies at the first "Internal error" in a batch (a value too long for its column), what stands before it
 * is carried out, and the reply is empty. So what is still open after the look goes one by one up to the culprit; the rest comes again in the next round.
 */
static enum zync_status isolate_lost_batch(struct zync_zbx_run *run, struct zync_zbx_entries *entries, const struct zync_err *why,
					   struct zync_err *err)
{
	ZYNC_TRY(zync_zbx_readback(run, entries, why, err));
	for (size_t i = 0; i < entries->len; i++) {
		const struct zync_zabbix_write *w = entries->items[i].w;

		if (w->done || w->err.status != ZYNC_OK)
			continue;
		ZYNC_TRY(isolate_single(run, &entries->items[i], err));
		if (w->err.status != ZYNC_OK && w->err.code == ISOLATE_INTERNAL_ERROR)
			return ZYNC_OK;
	}
	return ZYNC_OK;
}

/* One request. Entries without an answer are read back. */
static enum zync_status isolate_batch_some(struct zync_zbx_run *run, struct zync_zbx_entry *entries, size_t count, struct zync_err *err)
{
	ZYNC_AUTO_ARENA arena = zync_arena_new(0);
	struct zync_zbx_call *calls = arena ? ZYNC_NEW_ARRAY(arena, struct zync_zbx_call, count) : NULL;
	struct zync_zbx_entries all = {.items = entries, .len = count};
	size_t unanswered = 0;
	struct zync_err why;
	enum zync_status status;

	if (!calls)
		return zync_err_nomem(err, "writing hosts to zabbix");
	for (size_t i = 0; i < count; i++) {
		calls[i] = (struct zync_zbx_call){.method = run->method, .kind = ZYNC_ZBX_WRITE, .label = entries[i].w->label};
		ZYNC_TRY(zync_zbx_array_text(&entries[i], 1, arena, &calls[i].params, err));
	}
	status = zync_zbx_batch(run->z, calls, count, arena, &why);
	if (zync_zbx_must_read_back(run, status))
		return isolate_lost_batch(run, &all, &why, err);
	if (status != ZYNC_OK) {
		zync_err_copy(err, &why);
		return status;
	}
	ZYNC_TRY(isolate_take_answers(run, entries, calls, count, &unanswered, err));
	if (unanswered == 0)
		return ZYNC_OK;
	(void)zync_err_set(&why, ZYNC_ERR_PROTOCOL, "zabbix: %zu of %zu calls of a batch were not answered", unanswered, count);
	return zync_zbx_readback(run, &all, &why, err);
}

/* All entries as single calls; what is still undecided afterwards (read back as not carried out) stays in the list. */
static enum zync_status isolate_batch(struct zync_zbx_run *run, struct zync_zbx_entries *entries, struct zync_err *err)
{
	for (size_t i = 0; i < entries->len; i += ZYNC_ZBX_BATCH_MAX) {
		size_t n = ZYNC_MIN(entries->len - i, (size_t)ZYNC_ZBX_BATCH_MAX);

		ZYNC_TRY(isolate_batch_some(run, entries->items + i, n, err));
	}
	return ZYNC_OK;
}

/* --- halving -------------------------------------------------------------------------------------------------------------------------- */

enum zync_status zync_zbx_halve(struct zync_zbx_run *run, struct zync_zbx_entries *entries, struct zync_err *err)
{
	struct zync_zbx_entries left = {.items = entries->items, .len = entries->len / 2};
	struct zync_zbx_entries right = {.items = entries->items + left.len, .len = entries->len - left.len};

	ZYNC_TRY(zync_zbx_settle(run, &left, err));
	ZYNC_TRY(zync_zbx_settle(run, &right, err));
	entries->len = 0;
	return ZYNC_OK;
}

enum zync_status zync_zbx_isolate(struct zync_zbx_run *run, struct zync_zbx_entries *entries, const struct zync_err *why,
				  struct zync_err *err)
{
	size_t suspect = run->misled || run->suspects >= ISOLATE_SUSPECTS_MAX ? SIZE_MAX : zync_zbx_suspect(entries, why->message);
	enum zync_status status;

	if (suspect != SIZE_MAX)
		return isolate_try_one(run, entries, suspect, err);
	if (!run->z->no_batch) {
		status = isolate_batch(run, entries, err);
		if (status == ZYNC_OK || !run->z->no_batch)
			return status;
		/* The batches before this one may have decided some. */
		ZYNC_TRY(zync_zbx_report(run, entries, err));
	}
	return zync_zbx_halve(run, entries, err);
}
