/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/str.h"
#include "zabbix/zabbix_priv.h"

#define ENCODE_MARK_DESCRIPTION "Which NetBox object this host comes from; written by Zync."
#define ENCODE_ELLIPSIS		"\xe2\x80\xa6"
#define ENCODE_SCRUB_MIN	4u /* shorter texts would blank out half a message */

/* What one entry is made from. */
struct encode {
	const struct zync_zbx_dialect *d;
	const struct zync_host *target;
	const struct zync_host *actual; /* NULL: creation */
	bool drop_mark;
	struct zync_jb *b;
	struct zync_jnode *entry;
};

/* A text that is not valid UTF-8 would spoil the whole request; the builder's own message does not say which text it was. */
static enum zync_status encode_check(const char *what, const char *text, struct zync_err *err)
{
	if (text && !zync_utf8_valid(text, strlen(text)))
		return zync_err_set(err, ZYNC_ERR_REJECTED, "%s is not valid UTF-8", what);
	return ZYNC_OK;
}

static enum zync_status encode_text(struct encode *e, struct zync_jnode *obj, const char *key, const char *text, struct zync_err *err)
{
	ZYNC_TRY(encode_check(key, text, err));
	zync_jb_set_str(e->b, obj, key, text ? text : "");
	return ZYNC_OK;
}

/* --- names and lists ------------------------------------------------------------------------------------------------------------------ */

static enum zync_status encode_names(struct encode *e, unsigned aspects, struct zync_err *err)
{
	const struct zync_host *t = e->target;

	if (aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_HOST))
		ZYNC_TRY(encode_text(e, e->entry, "host", t->host, err));
	/*
	 * A host.update with the technical name alone overwrites the visible one with it (measured on 6.0 and 7.0): they go together. An empty visible name means the
	 * technical one to Zabbix, too, but only at creation.
	 */
	if (aspects & (ZYNC_ASPECT_BIT(ZYNC_ASPECT_NAME) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_HOST)))
		ZYNC_TRY(encode_text(e, e->entry, "name", zync_str_empty(t->name) ? t->host : t->name, err));
	if (aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_STATUS))
		zync_jb_set_i64(e->b, e->entry, "status", t->status);
	if (aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_DESCRIPTION))
		ZYNC_TRY(encode_text(e, e->entry, "description", t->description, err));
	return ZYNC_OK;
}

static enum zync_status encode_groups(struct encode *e, struct zync_err *err)
{
	struct zync_jnode *list = zync_jb_set_array(e->b, e->entry, "groups");

	for (size_t i = 0; i < e->target->groups.len; i++) {
		const struct zync_ref *ref = &e->target->groups.items[i];

		if (!ref->id)
			return zync_err_set(err, ZYNC_ERR_REJECTED, "host group \"%s\" does not exist in Zabbix and could not be created",
					    ref->name);
		zync_jb_set_id(e->b, zync_jb_add_object(e->b, list), "groupid", ref->id);
	}
	return ZYNC_OK;
}

static bool encode_has_ref(const struct zync_ref_list *list, uint64_t id)
{
	for (size_t i = 0; list && i < list->len; i++) {
		if (list->items[i].id == id)
			return true;
	}
	return false;
}

static enum zync_status encode_template_list(struct zync_jb *b, struct zync_jnode *list, const struct zync_ref_list *refs,
					     const struct zync_ref_list *without, struct zync_err *err)
{
	for (size_t i = 0; i < refs->len; i++) {
		const struct zync_ref *ref = &refs->items[i];

		if (!ref->id)
			return zync_err_set(err, ZYNC_ERR_REJECTED, "template \"%s\" does not exist in Zabbix", ref->name);
		if (!encode_has_ref(without, ref->id))
			zync_jb_set_id(b, zync_jb_add_object(b, list), "templateid", ref->id);
	}
	return ZYNC_OK;
}

/* A template that is merely left out would leave its items behind as the host's own: templates_clear takes them away. */
static enum zync_status encode_templates(struct encode *e, const struct zync_ref_list *keep_items, struct zync_err *err)
{
	struct zync_jnode *clear;

	ZYNC_TRY(encode_template_list(e->b, zync_jb_set_array(e->b, e->entry, "templates"), &e->target->templates, NULL, err));
	if (!e->actual)
		return ZYNC_OK;
	clear = zync_jb_array(e->b);
	for (size_t i = 0; i < e->actual->templates.len; i++) {
		const struct zync_ref_list one = {.items = &e->actual->templates.items[i], .len = 1};

		if (!encode_has_ref(keep_items, one.items->id))
			ZYNC_TRY(encode_template_list(e->b, clear, &one, &e->target->templates, err));
	}
	if (zync_jnode_len(clear) > 0)
		zync_jb_set_node(e->b, e->entry, "templates_clear", clear);
	return ZYNC_OK;
}

static enum zync_status encode_tags(struct encode *e, struct zync_err *err)
{
	struct zync_jnode *list = zync_jb_set_array(e->b, e->entry, "tags");

	for (size_t i = 0; i < e->target->tags.len; i++) {
		struct zync_jnode *tag = zync_jb_add_object(e->b, list);

		ZYNC_TRY(encode_text(e, tag, "tag", e->target->tags.items[i].tag, err));
		ZYNC_TRY(encode_text(e, tag, "value", e->target->tags.items[i].value, err));
	}
	return ZYNC_OK;
}

/* --- interfaces ----------------------------------------------------------------------------------------------------------------------- */

static const struct zync_snmp *encode_actual_snmp(const struct zync_host *actual, uint64_t interfaceid)
{
	for (size_t i = 0; actual && interfaceid && i < actual->interfaces.len; i++) {
		if (actual->interfaces.items[i].interfaceid == interfaceid)
			return &actual->interfaces.items[i].snmp;
	}
	return NULL;
}

/*
 * A secret text of the SNMP details. Not known here (a stored desired state without its key): Zabbix returns these texts, so what the interface has
 * is sent back if it is the same one; else it is left out, which keeps it on an interface that stays.
 */
static enum zync_status encode_snmp_secret(struct encode *e, struct zync_jnode *details, const char *key,
					   const struct zync_sensitive *wanted, const struct zync_sensitive *had, struct zync_err *err)
{
	const char *plain = wanted->plain;

	if (!plain && had && had->plain && (!wanted->digest || zync_str_eq(wanted->digest, had->digest)))
		plain = had->plain;
	if (!plain && (!had || wanted->digest))
		return zync_err_set(err, ZYNC_ERR_REJECTED, "the %s of an SNMP interface is not known here: run `zync pull`", key);
	if (!plain)
		return ZYNC_OK;
	return encode_text(e, details, key, plain, err);
}

static enum zync_status encode_snmp(struct encode *e, struct zync_jnode *details, const struct zync_snmp *s, const struct zync_snmp *had,
				    struct zync_err *err)
{
	zync_jb_set_i64(e->b, details, "version", s->version);
	zync_jb_set_i64(e->b, details, "bulk", s->bulk);
	/* Zabbix knows it for 2c and 3 only. */
	if (e->d->max_repetitions && s->max_repetitions && s->version != 1)
		zync_jb_set_i64(e->b, details, "max_repetitions", s->max_repetitions);
	if (s->version != 3)
		return encode_snmp_secret(e, details, "community", &s->community, had ? &had->community : NULL, err);
	if (had && had->version != 3)
		had = NULL;
	ZYNC_TRY(encode_text(e, details, "contextname", s->contextname, err));
	ZYNC_TRY(encode_text(e, details, "securityname", s->securityname, err));
	zync_jb_set_i64(e->b, details, "securitylevel", s->securitylevel);
	if (s->securitylevel >= 1) {
		zync_jb_set_i64(e->b, details, "authprotocol", s->authprotocol);
		ZYNC_TRY(encode_snmp_secret(e, details, "authpassphrase", &s->authpassphrase, had ? &had->authpassphrase : NULL, err));
	}
	if (s->securitylevel >= 2) {
		zync_jb_set_i64(e->b, details, "privprotocol", s->privprotocol);
		ZYNC_TRY(encode_snmp_secret(e, details, "privpassphrase", &s->privpassphrase, had ? &had->privpassphrase : NULL, err));
	}
	return ZYNC_OK;
}

/* The list replaces that of the host: an entry with interfaceid is changed in place, one without is new, one left out is deleted. */
static enum zync_status encode_interfaces(struct encode *e, struct zync_err *err)
{
	struct zync_jnode *list = zync_jb_set_array(e->b, e->entry, "interfaces");

	for (size_t i = 0; i < e->target->interfaces.len; i++) {
		const struct zync_interface *in = &e->target->interfaces.items[i];
		struct zync_jnode *entry = zync_jb_add_object(e->b, list);

		if (in->interfaceid && e->actual)
			zync_jb_set_id(e->b, entry, "interfaceid", in->interfaceid);
		zync_jb_set_i64(e->b, entry, "type", in->type);
		zync_jb_set_i64(e->b, entry, "main", in->main);
		zync_jb_set_i64(e->b, entry, "useip", in->useip);
		ZYNC_TRY(encode_text(e, entry, "ip", in->ip, err));
		ZYNC_TRY(encode_text(e, entry, "dns", in->dns, err));
		ZYNC_TRY(encode_text(e, entry, "port", in->port, err));
		if (in->type == ZYNC_INTERFACE_SNMP)
			ZYNC_TRY(encode_snmp(e, zync_jb_set_object(e->b, entry, "details"), &in->snmp,
					     encode_actual_snmp(e->actual, in->interfaceid), err));
	}
	return ZYNC_OK;
}

/* --- macros --------------------------------------------------------------------------------------------------------------------------- */

static void encode_mark(struct encode *e, struct zync_jnode *list)
{
	const char *owner = e->target->owner;
	uint64_t id = e->actual ? e->actual->owner_hostmacroid : 0;
	struct zync_jnode *entry;

	/* Ownership is never taken away in passing: a target without a mark keeps the one that is there, unless it was put there by what is being put back. */
	if (!owner && (!id || e->drop_mark))
		return;
	entry = zync_jb_add_object(e->b, list);
	if (id)
		zync_jb_set_id(e->b, entry, "hostmacroid", id);
	if (!owner)
		return;
	zync_jb_set_str(e->b, entry, "macro", ZYNC_OWNER_MACRO);
	zync_jb_set_str(e->b, entry, "value", owner);
	zync_jb_set_i64(e->b, entry, "type", ZYNC_MACRO_TEXT);
	zync_jb_set_str(e->b, entry, "description", ENCODE_MARK_DESCRIPTION);
}

static enum zync_status encode_macro(struct encode *e, struct zync_jnode *list, const struct zync_macro *m, struct zync_err *err)
{
	struct zync_jnode *entry = zync_jb_add_object(e->b, list);
	bool kept = m->hostmacroid && e->actual;

	if (kept)
		zync_jb_set_id(e->b, entry, "hostmacroid", m->hostmacroid);
	ZYNC_TRY(encode_text(e, entry, "macro", m->macro, err));
	zync_jb_set_i64(e->b, entry, "type", m->type);
	ZYNC_TRY(encode_text(e, entry, "description", m->description, err));
	if (m->value.plain)
		return encode_text(e, entry, "value", m->value.plain, err);
	if (m->type == ZYNC_MACRO_SECRET && !kept)
		return zync_err_set(err, ZYNC_ERR_REJECTED, "the value of the secret macro %s is not known here: run `zync pull`",
				    m->macro);
	/* Sent by its id, a secret macro may leave its value out and keeps it. */
	if (m->type != ZYNC_MACRO_SECRET)
		zync_jb_set_str(e->b, entry, "value", "");
	return ZYNC_OK;
}

static enum zync_status encode_macros(struct encode *e, struct zync_err *err)
{
	struct zync_jnode *list = zync_jb_set_array(e->b, e->entry, "macros");

	encode_mark(e, list);
	for (size_t i = 0; i < e->target->macros.len; i++)
		ZYNC_TRY(encode_macro(e, list, &e->target->macros.items[i], err));
	return ZYNC_OK;
}

/* --- proxy and inventory -------------------------------------------------------------------------------------------------------------- */

static enum zync_status encode_proxy_ids(const struct zync_host *t, struct zync_err *err)
{
	if (t->monitored_by == ZYNC_MONITORED_BY_PROXY && !t->proxy.id)
		return zync_err_set(err, ZYNC_ERR_REJECTED, "proxy \"%s\" does not exist in Zabbix", t->proxy.name ? t->proxy.name : "");
	if (t->monitored_by == ZYNC_MONITORED_BY_PROXY_GROUP && !t->proxy_group.id)
		return zync_err_set(err, ZYNC_ERR_REJECTED, "proxy group \"%s\" does not exist in Zabbix",
				    t->proxy_group.name ? t->proxy_group.name : "");
	return ZYNC_OK;
}

static enum zync_status encode_proxy(struct encode *e, struct zync_err *err)
{
	const struct zync_host *t = e->target;

	ZYNC_TRY(encode_proxy_ids(t, err));
	if (!e->d->monitored_by) {
		if (t->monitored_by == ZYNC_MONITORED_BY_PROXY_GROUP)
			return zync_err_set(err, ZYNC_ERR_REJECTED,
					    "proxy group \"%s\" cannot be used: proxy groups need Zabbix 7.0 or newer",
					    t->proxy_group.name ? t->proxy_group.name : "");
		zync_jb_set_id(e->b, e->entry, "proxy_hostid", t->monitored_by == ZYNC_MONITORED_BY_PROXY ? t->proxy.id : 0);
		return ZYNC_OK;
	}
	/* 7.0 refuses the id of what does not monitor the host. */
	zync_jb_set_i64(e->b, e->entry, "monitored_by", t->monitored_by);
	if (t->monitored_by == ZYNC_MONITORED_BY_PROXY)
		zync_jb_set_id(e->b, e->entry, "proxyid", t->proxy.id);
	if (t->monitored_by == ZYNC_MONITORED_BY_PROXY_GROUP)
		zync_jb_set_id(e->b, e->entry, "proxy_groupid", t->proxy_group.id);
	return ZYNC_OK;
}

static bool encode_inventory_has(const struct zync_host *host, const char *field)
{
	for (size_t i = 0; i < host->inventory.len; i++) {
		if (zync_str_eq(host->inventory.items[i].field, field))
			return true;
	}
	return false;
}

static const char *encode_inventory_value(const struct zync_host *host, const char *field)
{
	for (size_t i = 0; host && i < host->inventory.len; i++) {
		if (zync_str_eq(host->inventory.items[i].field, field))
			return host->inventory.items[i].value;
	}
	return NULL;
}

/* NULL in a target is left to Zabbix; a field that Zabbix does not name is empty. */
static bool encode_inventory_differs(const char *had, const char *wanted)
{
	return wanted && !zync_str_eq(had ? had : "", wanted);
}

/* Only the fields that differ; one that shall go is emptied. Turning the inventory off removes it all. */
static enum zync_status encode_inventory(struct encode *e, struct zync_err *err)
{
	const struct zync_host *t = e->target;
	bool had = e->actual && e->actual->inventory_mode != ZYNC_INVENTORY_DISABLED;
	struct zync_jnode *fields;

	zync_jb_set_i64(e->b, e->entry, "inventory_mode", t->inventory_mode);
	if (t->inventory_mode == ZYNC_INVENTORY_DISABLED)
		return ZYNC_OK;
	fields = zync_jb_object(e->b);
	for (size_t i = 0; i < t->inventory.len; i++) {
		const struct zync_inventory_field *f = &t->inventory.items[i];

		if (encode_inventory_differs(had ? encode_inventory_value(e->actual, f->field) : NULL, f->value))
			ZYNC_TRY(encode_text(e, fields, f->field, f->value, err));
	}
	for (size_t i = 0; had && i < e->actual->inventory.len; i++) {
		if (!encode_inventory_has(t, e->actual->inventory.items[i].field))
			zync_jb_set_str(e->b, fields, e->actual->inventory.items[i].field, "");
	}
	if (zync_jnode_len(fields) > 0)
		zync_jb_set_node(e->b, e->entry, "inventory", fields);
	return ZYNC_OK;
}

/* --- whole entries -------------------------------------------------------------------------------------------------------------------- */

static enum zync_status encode_aspects(struct encode *e, unsigned aspects, const struct zync_ref_list *keep_items, struct zync_err *err)
{
	ZYNC_TRY(encode_names(e, aspects, err));
	if (aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_GROUPS))
		ZYNC_TRY(encode_groups(e, err));
	if (aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_TEMPLATES))
		ZYNC_TRY(encode_templates(e, keep_items, err));
	if (aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_INTERFACES))
		ZYNC_TRY(encode_interfaces(e, err));
	if (aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_PROXY))
		ZYNC_TRY(encode_proxy(e, err));
	if (aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_TAGS))
		ZYNC_TRY(encode_tags(e, err));
	if (aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_MACROS))
		ZYNC_TRY(encode_macros(e, err));
	if (aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_INVENTORY))
		ZYNC_TRY(encode_inventory(e, err));
	if (aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_IPMI))
		ZYNC_TRY(zync_zbx_encode_ipmi(e->b, e->entry, &e->target->ipmi, e->actual ? &e->actual->ipmi : NULL, err));
	if (aspects & ZYNC_ASPECT_BIT(ZYNC_ASPECT_TLS))
		ZYNC_TRY(zync_zbx_encode_tls(e->b, e->entry, &e->target->tls, e->actual ? &e->actual->tls : NULL, err));
	return ZYNC_OK;
}

/* A new host has Zabbix's defaults where nobody manages IPMI or TLS; an empty struct of ours says something else. */
static unsigned encode_created(const struct zync_host *target)
{
	const unsigned managed_only = ZYNC_ASPECT_BIT(ZYNC_ASPECT_IPMI) | ZYNC_ASPECT_BIT(ZYNC_ASPECT_TLS);

	return ~managed_only | (target->managed & managed_only);
}

enum zync_status zync_zbx_encode_write(const struct zync_zbx_dialect *d, const struct zync_zabbix_write *w, struct zync_arena *arena,
				       const char **ret_text, struct zync_err *err)
{
	bool create = w->kind == ZYNC_ZABBIX_CREATE;
	struct encode e = {
		.d = d, .target = w->target, .actual = create ? NULL : w->actual, .drop_mark = w->drop_mark, .b = zync_jb_new(arena)};

	if (!e.b)
		return zync_err_nomem(err, "writing hosts to zabbix");
	e.entry = zync_jb_object(e.b);
	if (!create)
		zync_jb_set_id(e.b, e.entry, "hostid", w->hostid);
	ZYNC_TRY(encode_aspects(&e, create ? encode_created(w->target) : w->aspects, w->keep_items, err));
	return zync_jb_text(e.b, e.entry, ZYNC_JSON_COMPACT, arena, ret_text, err);
}

enum zync_status zync_zbx_encode_templates(uint64_t hostid, const struct zync_ref_list *keep, const struct zync_ref_list *clear,
					   struct zync_arena *arena, const char **ret_text, struct zync_err *err)
{
	struct zync_jb *b = zync_jb_new(arena);
	struct zync_jnode *entry = b ? zync_jb_object(b) : NULL;

	if (!entry)
		return zync_err_nomem(err, "writing hosts to zabbix");
	zync_jb_set_id(b, entry, "hostid", hostid);
	ZYNC_TRY(encode_template_list(b, zync_jb_set_array(b, entry, "templates"), keep, NULL, err));
	if (clear && clear->len > 0)
		ZYNC_TRY(encode_template_list(b, zync_jb_set_array(b, entry, "templates_clear"), clear, NULL, err));
	return zync_jb_text(b, entry, ZYNC_JSON_COMPACT, arena, ret_text, err);
}

/* --- secrets in messages -------------------------------------------------------------------------------------------------------------- */

/* A long secret may have been cut off with the end of the message, with or without an ellipsis. */
static void scrub_cut(char *message, const char *secret)
{
	for (char *at = message; *at; at++) {
		size_t same = 0;

		while (secret[same] && at[same] == secret[same])
			same++;
		if (same >= ENCODE_SCRUB_MIN && (!at[same] || strncmp(at + same, ENCODE_ELLIPSIS, strlen(ENCODE_ELLIPSIS)) == 0)) {
			memcpy(at, "***", 3);
			memmove(at + 3, at + same, strlen(at + same) + 1);
			at += 2;
		}
	}
}

static void scrub_text(char *message, const char *secret)
{
	size_t len = secret ? strlen(secret) : 0;
	char *at;

	/* A reference to a user macro is no secret. */
	if (len < ENCODE_SCRUB_MIN || zync_is_macro_reference(secret))
		return;
	while ((at = strstr(message, secret))) {
		memcpy(at, "***", 3);
		memmove(at + 3, at + len, strlen(at + len) + 1);
	}
	scrub_cut(message, secret);
}

void zync_zbx_scrub(struct zync_err *err, const struct zync_host *host)
{
	if (!err || !host)
		return;
	for (size_t i = 0; i < host->macros.len; i++) {
		if (host->macros.items[i].type == ZYNC_MACRO_SECRET)
			scrub_text(err->message, host->macros.items[i].value.plain);
	}
	for (size_t i = 0; i < host->interfaces.len; i++) {
		const struct zync_snmp *s = &host->interfaces.items[i].snmp;

		scrub_text(err->message, s->community.plain);
		scrub_text(err->message, s->authpassphrase.plain);
		scrub_text(err->message, s->privpassphrase.plain);
	}
	scrub_text(err->message, host->ipmi.password.plain);
	scrub_text(err->message, host->tls.psk.plain);
}
