/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "zabbix/write_priv.h"

static bool readback_open(const struct zync_zbx_entry *entry)
{
	return !entry->w->done && entry->w->err.status == ZYNC_OK;
}

static const struct zync_host *readback_by_id(const struct zync_zabbix_hosts *hosts, uint64_t hostid)
{
	for (size_t i = 0; i < hosts->len; i++) {
		if (hosts->items[i].hostid == hostid)
			return &hosts->items[i];
	}
	return NULL;
}

/*
 * The pure diff compares secrets by keyed digest, and this part has no key: where the plain texts are the same, so are the digests. A secret macro or a pre-shared key stays
 * unknown, which makes its update be sent once more; that is safe.
 */
static void readback_same_digest(struct zync_sensitive *now, const struct zync_sensitive *wanted)
{
	if (now->plain && wanted->plain && zync_str_eq(now->plain, wanted->plain))
		now->digest = wanted->digest;
}

static void readback_fill_digests(struct zync_host *now, const struct zync_host *target)
{
	for (size_t i = 0; i < now->interfaces.len; i++) {
		struct zync_snmp *s = &now->interfaces.items[i].snmp;

		for (size_t k = 0; k < target->interfaces.len; k++) {
			const struct zync_snmp *t = &target->interfaces.items[k].snmp;

			readback_same_digest(&s->community, &t->community);
			readback_same_digest(&s->authpassphrase, &t->authpassphrase);
			readback_same_digest(&s->privpassphrase, &t->privpassphrase);
		}
	}
	readback_same_digest(&now->ipmi.password, &target->ipmi.password);
}

/* Those of @p aspects in which the host is not yet what it shall be. */
static enum zync_status readback_differs(struct zync_zbx_run *run, const struct zync_host *target, const struct zync_host *now,
					 unsigned aspects, unsigned *ret, struct zync_err *err)
{
	struct zync_host copy;
	struct zync_diff diff;

	ZYNC_TRY(zync_host_copy(now, run->arena, &copy, err));
	readback_fill_digests(&copy, target);
	ZYNC_TRY(zync_host_diff(target, &copy, run->arena, &diff, err));
	*ret = diff.aspects & aspects;
	return ZYNC_OK;
}

/* --- creations ------------------------------------------------------------------------------------------------------------------------ */

/* A host of that technical name is ours when it carries our mark; without a mark in the target, when it is in every aspect what was to be created. */
static enum zync_status readback_is_created(struct zync_zbx_run *run, const struct zync_zabbix_write *w, const struct zync_host *now,
					    bool *ret, struct zync_err *err)
{
	unsigned differs = 0;

	*ret = false;
	if ((now->flags & ZYNC_ZABBIX_FLAG_TEMPLATE) || !zync_str_eq(now->host, w->target->host))
		return ZYNC_OK;
	if (w->target->owner) {
		*ret = zync_str_eq(now->owner, w->target->owner);
		return ZYNC_OK;
	}
	ZYNC_TRY(readback_differs(run, w->target, now, ~0u, &differs, err));
	*ret = differs == 0;
	return ZYNC_OK;
}

static enum zync_status readback_find(struct zync_zbx_run *run, const struct zync_zabbix_hosts *hosts, const struct zync_zabbix_write *w,
				      uint64_t *ret_hostid, struct zync_err *err)
{
	*ret_hostid = 0;
	for (size_t i = 0; i < hosts->len && !*ret_hostid; i++) {
		bool created;

		ZYNC_TRY(readback_is_created(run, w, &hosts->items[i], &created, err));
		if (created)
			*ret_hostid = hosts->items[i].hostid;
	}
	return ZYNC_OK;
}

enum zync_status zync_zbx_find_created(struct zync_zbx_run *run, const struct zync_zabbix_write *w, uint64_t *ret_hostid,
				       struct zync_err *err)
{
	struct zync_zabbix_hosts hosts;

	ZYNC_TRY(zync_zabbix_find_by_names(run->z, &w->target->host, 1, run->arena, &hosts, err));
	return readback_find(run, &hosts, w, ret_hostid, err);
}

static enum zync_status readback_creates(struct zync_zbx_run *run, struct zync_zbx_entries *entries, struct zync_err *err)
{
	const char **names = ZYNC_NEW_ARRAY(run->arena, const char *, entries->len);
	struct zync_zabbix_hosts hosts;
	size_t count = 0;

	if (!names)
		return zync_err_nomem(err, "reading back from zabbix");
	for (size_t i = 0; i < entries->len; i++) {
		if (readback_open(&entries->items[i]))
			names[count++] = entries->items[i].w->target->host;
	}
	ZYNC_TRY(zync_zabbix_find_by_names(run->z, names, count, run->arena, &hosts, err));
	for (size_t i = 0; i < entries->len; i++) {
		uint64_t hostid;

		if (!readback_open(&entries->items[i]))
			continue;
		ZYNC_TRY(readback_find(run, &hosts, entries->items[i].w, &hostid, err));
		if (hostid)
			ZYNC_TRY(zync_zbx_decide_done(run, &entries->items[i], hostid, err));
	}
	return ZYNC_OK;
}

/* --- updates and deletions ------------------------------------------------------------------------------------------------------------ */

/* What is not yet as it shall be is sent again, and only that. */
static enum zync_status readback_update(struct zync_zbx_run *run, struct zync_zbx_entry *entry, const struct zync_host *now,
					struct zync_err *err)
{
	struct zync_zabbix_write again = *entry->w;
	unsigned differs = 0;

	/* The host is gone: sending it again gives Zabbix's own words. */
	if (!now)
		return ZYNC_OK;
	ZYNC_TRY(readback_differs(run, entry->w->target, now, entry->w->aspects, &differs, err));
	/* A mark that the target lacks is no difference, unless it is to go. */
	if (entry->w->drop_mark && !entry->w->target->owner && now->owner)
		differs |= ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS);
	if (differs == 0)
		return zync_zbx_decide_done(run, entry, 0, err);
	if (differs == entry->w->aspects)
		return ZYNC_OK;
	again.aspects = differs;
	return zync_zbx_encode_write(run->z->dialect, &again, run->arena, &entry->text, err);
}

static enum zync_status readback_by_ids(struct zync_zbx_run *run, struct zync_zbx_entries *entries, struct zync_err *err)
{
	uint64_t *ids = ZYNC_NEW_ARRAY(run->arena, uint64_t, entries->len);
	struct zync_zabbix_hosts hosts;
	size_t count = 0;

	if (!ids)
		return zync_err_nomem(err, "reading back from zabbix");
	for (size_t i = 0; i < entries->len; i++) {
		if (readback_open(&entries->items[i]))
			ids[count++] = entries->items[i].w->hostid;
	}
	ZYNC_TRY(zync_zabbix_get_hosts(run->z, ids, count, run->arena, &hosts, err));
	for (size_t i = 0; i < entries->len; i++) {
		struct zync_zbx_entry *entry = &entries->items[i];
		const struct zync_host *now = readback_by_id(&hosts, entry->w->hostid);

		if (!readback_open(entry))
			continue;
		if (run->kind == ZYNC_ZABBIX_UPDATE)
			ZYNC_TRY(readback_update(run, entry, now, err));
		else if (!now)
			ZYNC_TRY(zync_zbx_decide_done(run, entry, 0, err));
	}
	return ZYNC_OK;
}

enum zync_status zync_zbx_readback(struct zync_zbx_run *run, struct zync_zbx_entries *entries, const struct zync_err *why,
				   struct zync_err *err)
{
	if (++run->unknown_in_row > ZYNC_ZBX_UNKNOWN_MAX) {
		zync_err_copy(err, why);
		return zync_err_wrap(err, ZYNC_ERR_UNREACHABLE, "zabbix: %s failed %u times in a row without a clear answer", run->method,
				     run->unknown_in_row);
	}
	/* Behind a lost connection or a gateway the call may still run; one that was answered, however strangely, is over. */
	for (size_t i = 0; i < entries->len; i++)
		entries->items[i].uncertain = entries->items[i].uncertain || why->status == ZYNC_ERR_UNREACHABLE;
	return run->kind == ZYNC_ZABBIX_CREATE ? readback_creates(run, entries, err) : readback_by_ids(run, entries, err);
}
