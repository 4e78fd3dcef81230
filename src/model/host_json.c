/* SPDX-License-Identifier: Apache-2.0 */
#include "model/host.h"

#include "model/model_priv.h"

/* What is written, and how. */
struct writer {
	struct zync_jb *b;
	const struct zync_host *host;
	bool actual;
};

static bool writer_has(const struct writer *w, enum zync_aspect aspect)
{
	return (w->host->managed & ZYNC_ASPECT_BIT(aspect)) != 0;
}

static void write_word(const struct writer *w, struct zync_jnode *obj, const char *key, enum zync_model_words words, int number)
{
	zync_jb_set_str(w->b, obj, key, zync_model_word(words, number));
}

/* Ids are content only where they are read from Zabbix: a desired state is the same before and after names were looked up. */
static void write_id(const struct writer *w, struct zync_jnode *obj, const char *key, uint64_t id)
{
	if (w->actual && id != 0)
		zync_jb_set_u64(w->b, obj, key, id);
}

/* {"digest": …} for a secret, even where its digest was not computed; never its text. */
static void write_sensitive(const struct writer *w, struct zync_jnode *obj, const char *key, const struct zync_sensitive *text, bool always)
{
	if (!always && text->digest == NULL && !zync_model_is_secret_text(text->plain)) {
		zync_jb_set_str(w->b, obj, key, zync_model_text(text->plain));
		return;
	}
	struct zync_jnode *sensitive = zync_jb_set_object(w->b, obj, key);
	zync_jb_set_str(w->b, sensitive, "digest", text->digest);
}

static void write_refs(const struct writer *w, struct zync_jnode *obj, const char *key, const struct zync_ref_list *list)
{
	struct zync_jnode *arr = zync_jb_set_array(w->b, obj, key);
	for (size_t i = 0; i < list->len; i++) {
		if (!w->actual) {
			zync_jb_add_str(w->b, arr, zync_model_text(list->items[i].name));
			continue;
		}
		struct zync_jnode *ref = zync_jb_add_object(w->b, arr);
		zync_jb_set_str(w->b, ref, "name", zync_model_text(list->items[i].name));
		write_id(w, ref, "id", list->items[i].id);
	}
}

static void write_snmp(const struct writer *w, struct zync_jnode *interface, const struct zync_snmp *snmp)
{
	struct zync_jnode *obj = zync_jb_set_object(w->b, interface, "snmp");
	zync_jb_set_u64(w->b, obj, "version", snmp->version);
	zync_jb_set_bool(w->b, obj, "bulk", snmp->bulk);
	if (snmp->max_repetitions != 0)
		zync_jb_set_u64(w->b, obj, "max_repetitions", snmp->max_repetitions);
	if (snmp->version != 3) {
		write_sensitive(w, obj, "community", &snmp->community, /* always= */ false);
		return;
	}
	zync_jb_set_str(w->b, obj, "contextname", zync_model_text(snmp->contextname));
	zync_jb_set_str(w->b, obj, "securityname", zync_model_text(snmp->securityname));
	write_word(w, obj, "securitylevel", ZYNC_WORDS_SECURITYLEVEL, (int)snmp->securitylevel);
	if (snmp->securitylevel >= 1) {
		write_word(w, obj, "authprotocol", ZYNC_WORDS_AUTHPROTOCOL, (int)snmp->authprotocol);
		write_sensitive(w, obj, "authpassphrase", &snmp->authpassphrase, /* always= */ false);
	}
	if (snmp->securitylevel >= 2) {
		write_word(w, obj, "privprotocol", ZYNC_WORDS_PRIVPROTOCOL, (int)snmp->privprotocol);
		write_sensitive(w, obj, "privpassphrase", &snmp->privpassphrase, /* always= */ false);
	}
}

static void write_interfaces(const struct writer *w, struct zync_jnode *obj)
{
	struct zync_jnode *arr = zync_jb_set_array(w->b, obj, "interfaces");
	for (size_t i = 0; i < w->host->interfaces.len; i++) {
		const struct zync_interface *interface = &w->host->interfaces.items[i];
		struct zync_jnode *node = zync_jb_add_object(w->b, arr);
		write_id(w, node, "interfaceid", interface->interfaceid);
		write_word(w, node, "type", ZYNC_WORDS_INTERFACE_TYPE, (int)interface->type);
		zync_jb_set_bool(w->b, node, "main", interface->main);
		zync_jb_set_bool(w->b, node, "useip", interface->useip);
		zync_jb_set_str(w->b, node, "ip", zync_model_text(interface->ip));
		zync_jb_set_str(w->b, node, "dns", zync_model_text(interface->dns));
		zync_jb_set_str(w->b, node, "port", zync_model_text(interface->port));
		if (interface->type == ZYNC_INTERFACE_SNMP)
			write_snmp(w, node, &interface->snmp);
	}
}

static void write_proxy(const struct writer *w, struct zync_jnode *obj)
{
	const struct zync_host *host = w->host;
	struct zync_jnode *proxy = zync_jb_set_object(w->b, obj, "proxy");
	write_word(w, proxy, "monitored_by", ZYNC_WORDS_MONITORED_BY, (int)host->monitored_by);
	if (host->monitored_by == ZYNC_MONITORED_BY_SERVER)
		return;
	const struct zync_ref *ref = host->monitored_by == ZYNC_MONITORED_BY_PROXY ? &host->proxy : &host->proxy_group;
	zync_jb_set_str(w->b, proxy, "name", zync_model_text(ref->name));
	write_id(w, proxy, "id", ref->id);
}

static void write_tags(const struct writer *w, struct zync_jnode *obj)
{
	struct zync_jnode *arr = zync_jb_set_array(w->b, obj, "tags");
	for (size_t i = 0; i < w->host->tags.len; i++) {
		struct zync_jnode *tag = zync_jb_add_object(w->b, arr);
		zync_jb_set_str(w->b, tag, "tag", zync_model_text(w->host->tags.items[i].tag));
		zync_jb_set_str(w->b, tag, "value", zync_model_text(w->host->tags.items[i].value));
	}
}

static void write_macros(const struct writer *w, struct zync_jnode *obj)
{
	struct zync_jnode *arr = zync_jb_set_array(w->b, obj, "macros");
	for (size_t i = 0; i < w->host->macros.len; i++) {
		const struct zync_macro *macro = &w->host->macros.items[i];
		struct zync_jnode *node = zync_jb_add_object(w->b, arr);
		write_id(w, node, "hostmacroid", macro->hostmacroid);
		zync_jb_set_str(w->b, node, "macro", zync_model_text(macro->macro));
		write_word(w, node, "type", ZYNC_WORDS_MACRO_TYPE, (int)macro->type);
		if (macro->type == ZYNC_MACRO_SECRET)
			write_sensitive(w, node, "value", &macro->value, /* always= */ true);
		else
			zync_jb_set_str(w->b, node, "value", zync_model_text(macro->value.plain));
		zync_jb_set_str(w->b, node, "description", zync_model_text(macro->description));
	}
}

static void write_inventory(const struct writer *w, struct zync_jnode *obj)
{
	struct zync_jnode *inventory = zync_jb_set_object(w->b, obj, "inventory");
	write_word(w, inventory, "mode", ZYNC_WORDS_INVENTORY_MODE, (int)w->host->inventory_mode);
	struct zync_jnode *fields = zync_jb_set_object(w->b, inventory, "fields");
	for (size_t i = 0; i < w->host->inventory.len; i++) {
		const struct zync_inventory_field *field = &w->host->inventory.items[i];
		/* In Zabbix every field is there, empty; a desired state says which ones are to be cleared, and which ones (null) to be left alone. */
		if (!w->actual || zync_model_text(field->value)[0] != '\0')
			zync_jb_set_str(w->b, fields, zync_model_text(field->field), field->value);
	}
}

static void write_ipmi(const struct writer *w, struct zync_jnode *obj)
{
	const struct zync_ipmi *ipmi = &w->host->ipmi;
	struct zync_jnode *node = zync_jb_set_object(w->b, obj, "ipmi");
	write_word(w, node, "authtype", ZYNC_WORDS_IPMI_AUTHTYPE, ipmi->authtype);
	write_word(w, node, "privilege", ZYNC_WORDS_IPMI_PRIVILEGE, (int)ipmi->privilege);
	zync_jb_set_str(w->b, node, "username", zync_model_text(ipmi->username));
	write_sensitive(w, node, "password", &ipmi->password, /* always= */ false);
}

static void write_tls(const struct writer *w, struct zync_jnode *obj)
{
	const struct zync_tls *tls = &w->host->tls;
	struct zync_jnode *node = zync_jb_set_object(w->b, obj, "tls");
	write_word(w, node, "connect", ZYNC_WORDS_TLS, (int)tls->connect);
	struct zync_jnode *accept = zync_jb_set_array(w->b, node, "accept");
	for (unsigned bit = ZYNC_TLS_NONE; bit <= ZYNC_TLS_CERTIFICATE; bit *= 2) {
		if ((tls->accept & bit) != 0)
			zync_jb_add_str(w->b, accept, zync_model_word(ZYNC_WORDS_TLS, (int)bit));
	}
	if (zync_model_tls_uses_psk(tls)) {
		zync_jb_set_str(w->b, node, "psk_identity", tls->psk_identity);
		write_sensitive(w, node, "psk", &tls->psk, /* always= */ true);
	}
	if (zync_model_tls_uses_certificate(tls)) {
		zync_jb_set_str(w->b, node, "issuer", zync_model_text(tls->issuer));
		zync_jb_set_str(w->b, node, "subject", zync_model_text(tls->subject));
	}
}

static void write_ownership(const struct writer *w, struct zync_jnode *obj)
{
	struct zync_jnode *ownership = zync_jb_set_object(w->b, obj, "ownership");
	for (enum zync_aspect aspect = ZYNC_ASPECT_HOST; aspect < ZYNC_ASPECT_COUNT; aspect++) {
		if (writer_has(w, aspect) && w->host->own[aspect] != ZYNC_OWN_OVERWRITE)
			write_word(w, ownership, zync_aspect_name(aspect), ZYNC_WORDS_OWNERSHIP, (int)w->host->own[aspect]);
	}
}

static void write_values(const struct writer *w, struct zync_jnode *obj)
{
	if (writer_has(w, ZYNC_ASPECT_HOST))
		zync_jb_set_str(w->b, obj, "host", zync_model_text(w->host->host));
	if (writer_has(w, ZYNC_ASPECT_NAME))
		zync_jb_set_str(w->b, obj, "name", zync_model_text(w->host->name));
	if (writer_has(w, ZYNC_ASPECT_STATUS))
		write_word(w, obj, "status", ZYNC_WORDS_STATUS, (int)w->host->status);
	if (writer_has(w, ZYNC_ASPECT_DESCRIPTION))
		zync_jb_set_str(w->b, obj, "description", zync_model_text(w->host->description));
}

struct zync_jnode *zync_host_to_json(struct zync_jb *b, const struct zync_host *host, enum zync_host_json form)
{
	struct writer writer = {.b = b, .host = host, .actual = form == ZYNC_HOST_JSON_ACTUAL};
	const struct writer *w = &writer;
	struct zync_jnode *obj = zync_jb_object(b);
	zync_jb_set_u64(b, obj, "v", ZYNC_HOST_JSON_VERSION);
	write_id(w, obj, "hostid", host->hostid);
	write_id(w, obj, "flags", host->flags);
	write_values(w, obj);
	if (writer_has(w, ZYNC_ASPECT_GROUPS))
		write_refs(w, obj, "groups", &host->groups);
	if (writer_has(w, ZYNC_ASPECT_TEMPLATES))
		write_refs(w, obj, "templates", &host->templates);
	if (writer_has(w, ZYNC_ASPECT_INTERFACES))
		write_interfaces(w, obj);
	if (writer_has(w, ZYNC_ASPECT_PROXY))
		write_proxy(w, obj);
	if (writer_has(w, ZYNC_ASPECT_TAGS))
		write_tags(w, obj);
	if (writer_has(w, ZYNC_ASPECT_MACROS))
		write_macros(w, obj);
	if (writer_has(w, ZYNC_ASPECT_INVENTORY))
		write_inventory(w, obj);
	if (writer_has(w, ZYNC_ASPECT_IPMI))
		write_ipmi(w, obj);
	if (writer_has(w, ZYNC_ASPECT_TLS))
		write_tls(w, obj);
	if (form == ZYNC_HOST_JSON_DESIRED && host->virtual_chassis != 0)
		zync_jb_set_u64(b, obj, "virtual_chassis", host->virtual_chassis);
	if (host->owner != NULL)
		zync_jb_set_str(b, obj, "owner", host->owner);
	write_id(w, obj, "owner_hostmacroid", host->owner_hostmacroid);
	if (!w->actual)
		write_ownership(w, obj);
	return obj;
}
