/* SPDX-License-Identifier: Apache-2.0 */
#include "model/host.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/model_priv.h"

#define INTERFACE_TYPES 5 /* their numbers are 1 to 4 */

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/*
 * By digest where there is one, else by text: the order that a host has with its digests filled is then the one it has again when it was read from its JSON,
 * which has the digests only.
 */
static int compare_sensitive(const struct zync_sensitive *a, const struct zync_sensitive *b)
{
	if (a->digest != NULL || b->digest != NULL)
		return zync_str_cmp(a->digest, b->digest);
	return zync_str_cmp(a->plain, b->plain);
}

/* The first of @p count orders that decides. */
static int compare_first(const int *orders, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (orders[i] != 0)
			return orders[i];
	}
	return 0;
}

static int compare_snmp(const struct zync_snmp *a, const struct zync_snmp *b)
{
	const int orders[] = {
		compare_u64(a->version, b->version),
		compare_u64(a->bulk, b->bulk),
		compare_u64(a->max_repetitions, b->max_repetitions),
		zync_str_cmp(a->contextname, b->contextname),
		zync_str_cmp(a->securityname, b->securityname),
		compare_u64(a->securitylevel, b->securitylevel),
		compare_u64(a->authprotocol, b->authprotocol),
		compare_u64(a->privprotocol, b->privprotocol),
	};
	return compare_first(orders, ZYNC_ARRAY_LEN(orders));
}

int zync_model_interface_cmp(const struct zync_interface *a, const struct zync_interface *b)
{
	const int orders[] = {
		compare_u64(a->type, b->type),
		compare_u64(b->main, a->main),
		zync_str_cmp(a->ip, b->ip),
		zync_str_cmp(a->dns, b->dns),
		zync_str_cmp(a->port, b->port),
		compare_u64(b->useip, a->useip),
		compare_snmp(&a->snmp, &b->snmp),
		compare_u64(a->interfaceid, b->interfaceid),
		compare_sensitive(&a->snmp.community, &b->snmp.community),
		compare_sensitive(&a->snmp.authpassphrase, &b->snmp.authpassphrase),
		compare_sensitive(&a->snmp.privpassphrase, &b->snmp.privpassphrase),
	};
	return compare_first(orders, ZYNC_ARRAY_LEN(orders));
}

static int sort_refs(const void *a, const void *b)
{
	return zync_model_ref_cmp(a, b);
}

static int sort_interfaces(const void *a, const void *b)
{
	return zync_model_interface_cmp(a, b);
}

static int sort_tags(const void *a, const void *b)
{
	return zync_model_tag_cmp(a, b);
}

static int sort_macros(const void *a, const void *b)
{
	const struct zync_macro *x = a, *y = b;
	int order = zync_str_cmp(x->macro, y->macro);
	/* A known id first, so that of two equal macros the one that is in Zabbix stays. */
	return order != 0 ? order : compare_u64(y->hostmacroid, x->hostmacroid);
}

static int sort_inventory(const void *a, const void *b)
{
	const struct zync_inventory_field *x = a, *y = b;
	return zync_str_cmp(x->field, y->field);
}

/* qsort() with neither a call nor a null pointer for what has no order: most lists of most hosts come sorted from the other side. */
static void sort_list(void *items, size_t len, size_t size, int (*compare)(const void *, const void *))
{
	const char *at = items;
	size_t i = 1;
	while (i < len && compare(at + (i - 1) * size, at + i * size) <= 0)
		i++;
	if (i < len)
		qsort(items, len, size, compare);
}

void zync_model_sort(struct zync_host *host)
{
	sort_list(host->groups.items, host->groups.len, sizeof(*host->groups.items), sort_refs);
	sort_list(host->templates.items, host->templates.len, sizeof(*host->templates.items), sort_refs);
	sort_list(host->interfaces.items, host->interfaces.len, sizeof(*host->interfaces.items), sort_interfaces);
	sort_list(host->tags.items, host->tags.len, sizeof(*host->tags.items), sort_tags);
	sort_list(host->macros.items, host->macros.len, sizeof(*host->macros.items), sort_macros);
	sort_list(host->inventory.items, host->inventory.len, sizeof(*host->inventory.items), sort_inventory);
}

/* NULL texts of the lists become "", so that all that follows may compare and print them. */
static void canonical_fill_texts(struct zync_host *host)
{
	host->host = zync_model_text(host->host);
	host->name = zync_model_text(host->name);
	host->description = zync_model_text(host->description);
	for (size_t i = 0; i < host->groups.len; i++)
		host->groups.items[i].name = zync_model_text(host->groups.items[i].name);
	for (size_t i = 0; i < host->templates.len; i++)
		host->templates.items[i].name = zync_model_text(host->templates.items[i].name);
	for (size_t i = 0; i < host->tags.len; i++) {
		host->tags.items[i].tag = zync_model_text(host->tags.items[i].tag);
		host->tags.items[i].value = zync_model_text(host->tags.items[i].value);
	}
	for (size_t i = 0; i < host->macros.len; i++) {
		struct zync_macro *macro = &host->macros.items[i];
		macro->macro = zync_model_text(macro->macro);
		macro->description = zync_model_text(macro->description);
		if (macro->type != ZYNC_MACRO_SECRET) {
			macro->value.plain = zync_model_text(macro->value.plain);
			macro->value.digest = NULL;
		}
	}
	for (size_t i = 0; i < host->inventory.len; i++) {
		host->inventory.items[i].field = zync_model_text(host->inventory.items[i].field);
	}
}

/* A text of an interface that Zabbix always shows: unknown is empty. */
static void canonical_sensitive(struct zync_sensitive *text, bool used)
{
	if (!used || (text->plain == NULL && text->digest == NULL))
		*text = (struct zync_sensitive){.plain = ""};
}

/* What the version and the level of security do not use is not part of the host, whatever stands in it. */
static void canonical_snmp(struct zync_snmp *snmp)
{
	bool v3 = snmp->version == 3;
	if (!v3)
		snmp->securitylevel = 0;
	bool auth = v3 && snmp->securitylevel >= 1, priv = v3 && snmp->securitylevel >= 2;
	if (snmp->version == 1)
		snmp->max_repetitions = 0;
	snmp->contextname = v3 ? zync_model_text(snmp->contextname) : "";
	snmp->securityname = v3 ? zync_model_text(snmp->securityname) : "";
	snmp->authprotocol = auth ? snmp->authprotocol : 0;
	snmp->privprotocol = priv ? snmp->privprotocol : 0;
	canonical_sensitive(&snmp->community, !v3);
	canonical_sensitive(&snmp->authpassphrase, auth);
	canonical_sensitive(&snmp->privpassphrase, priv);
}

static enum zync_status canonical_snmp_check(const struct zync_host *host, const struct zync_snmp *snmp, struct zync_err *err)
{
	if (snmp->version < 1 || snmp->version > 3)
		return zync_err_set(err, ZYNC_ERR_REJECTED, "host \"%s\": SNMP version %u of an interface is not 1, 2 or 3", host->host,
				    snmp->version);
	if (zync_model_word(ZYNC_WORDS_SECURITYLEVEL, (int)ZYNC_MIN(snmp->securitylevel, 99u)) == NULL ||
	    zync_model_word(ZYNC_WORDS_AUTHPROTOCOL, (int)ZYNC_MIN(snmp->authprotocol, 99u)) == NULL ||
	    zync_model_word(ZYNC_WORDS_PRIVPROTOCOL, (int)ZYNC_MIN(snmp->privprotocol, 99u)) == NULL)
		return zync_err_set(err, ZYNC_ERR_REJECTED,
				    "host \"%s\": security level %u, authentication protocol %u or privacy protocol %u of an SNMPv3 "
				    "interface is unknown",
				    host->host, snmp->securitylevel, snmp->authprotocol, snmp->privprotocol);
	return ZYNC_OK;
}

static enum zync_status canonical_interfaces(struct zync_host *host, struct zync_err *err)
{
	unsigned mains[INTERFACE_TYPES] = {0};
	for (size_t i = 0; i < host->interfaces.len; i++) {
		struct zync_interface *interface = &host->interfaces.items[i];
		const char *type = zync_model_word(ZYNC_WORDS_INTERFACE_TYPE, (int)interface->type);
		if (type == NULL)
			return zync_err_set(err, ZYNC_ERR_REJECTED, "host \"%s\": interface type %d is unknown to Zync", host->host,
					    (int)interface->type);
		interface->ip = zync_model_text(interface->ip);
		interface->dns = zync_model_text(interface->dns);
		interface->port = zync_model_text(interface->port);
		if (interface->type == ZYNC_INTERFACE_SNMP) {
			ZYNC_TRY(canonical_snmp_check(host, &interface->snmp, err));
			canonical_snmp(&interface->snmp);
		} else {
			interface->snmp = (struct zync_snmp){0};
		}
		mains[interface->type] += interface->main;
		if (mains[interface->type] > 1)
			return zync_err_set(err, ZYNC_ERR_REJECTED,
					    "host \"%s\": two default interfaces of type %s; mark only one of them as default", host->host,
					    type);
	}
	for (size_t i = 0; i < host->interfaces.len; i++) {
		struct zync_interface *interface = &host->interfaces.items[i];
		if (mains[interface->type] == 0) {
			interface->main = true;
			mains[interface->type] = 1;
		}
	}
	return ZYNC_OK;
}

/* The lists are sorted: of equal neighbours one stays, that of a known id, since sorting puts it last. */
static void canonical_drop_refs(struct zync_ref_list *list)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->len; i++) {
		if (kept > 0 && strcmp(list->items[kept - 1].name, list->items[i].name) == 0 &&
		    zync_model_ref_equal(&list->items[kept - 1], &list->items[i]))
			kept--;
		list->items[kept++] = list->items[i];
	}
	list->len = kept;
}

static void canonical_drop_tags(struct zync_host *host)
{
	size_t kept = 0;
	for (size_t i = 0; i < host->tags.len; i++) {
		if (kept == 0 || zync_model_tag_cmp(&host->tags.items[kept - 1], &host->tags.items[i]) != 0)
			host->tags.items[kept++] = host->tags.items[i];
	}
	host->tags.len = kept;
}

static enum zync_status canonical_drop_macros(struct zync_host *host, struct zync_err *err)
{
	size_t kept = 0;
	for (size_t i = 0; i < host->macros.len; i++) {
		const struct zync_macro *macro = &host->macros.items[i];
		if (strcmp(macro->macro, ZYNC_OWNER_MACRO) == 0)
			return zync_err_set(err, ZYNC_ERR_REJECTED,
					    "host \"%s\": macro " ZYNC_OWNER_MACRO " is Zync's own mark and cannot be set", host->host);
		const struct zync_macro *last = kept > 0 ? &host->macros.items[kept - 1] : NULL;
		if (last == NULL || strcmp(last->macro, macro->macro) != 0)
			host->macros.items[kept++] = *macro;
		else if (last->type != macro->type || strcmp(last->description, macro->description) != 0 ||
			 compare_sensitive(&last->value, &macro->value) != 0)
			return zync_err_set(err, ZYNC_ERR_REJECTED, "host \"%s\": macro %s is there twice with different content",
					    host->host, macro->macro);
	}
	host->macros.len = kept;
	return ZYNC_OK;
}

static enum zync_status canonical_drop_inventory(struct zync_host *host, struct zync_err *err)
{
	size_t kept = 0;
	for (size_t i = 0; i < host->inventory.len; i++) {
		const struct zync_inventory_field *field = &host->inventory.items[i];
		const struct zync_inventory_field *last = i > 0 ? field - 1 : NULL;
		if (last != NULL && strcmp(last->field, field->field) == 0 && !zync_str_eq(last->value, field->value))
			return zync_err_set(err, ZYNC_ERR_REJECTED, "host \"%s\": inventory field %s is there twice with different values",
					    host->host, field->field);
	}
	for (size_t i = 0; i < host->inventory.len && host->inventory_mode != ZYNC_INVENTORY_DISABLED; i++) {
		const struct zync_inventory_field *field = &host->inventory.items[i];
		bool repeated = kept > 0 && strcmp(host->inventory.items[kept - 1].field, field->field) == 0;
		if (!repeated)
			host->inventory.items[kept++] = *field;
	}
	host->inventory.len = kept;
	return ZYNC_OK;
}

static enum zync_status canonical_enums(const struct zync_host *host, struct zync_err *err)
{
	if (zync_model_word(ZYNC_WORDS_STATUS, (int)host->status) == NULL)
		return zync_err_set(err, ZYNC_ERR_REJECTED, "host \"%s\": status %d is unknown to Zync", host->host, (int)host->status);
	if (zync_model_word(ZYNC_WORDS_INVENTORY_MODE, (int)host->inventory_mode) == NULL)
		return zync_err_set(err, ZYNC_ERR_REJECTED, "host \"%s\": inventory mode %d is unknown to Zync", host->host,
				    (int)host->inventory_mode);
	for (size_t i = 0; i < host->macros.len; i++) {
		if (zync_model_word(ZYNC_WORDS_MACRO_TYPE, (int)host->macros.items[i].type) == NULL)
			return zync_err_set(err, ZYNC_ERR_REJECTED, "host \"%s\": type %d of macro %s is unknown to Zync", host->host,
					    (int)host->macros.items[i].type, host->macros.items[i].macro);
	}
	return ZYNC_OK;
}

static enum zync_status canonical_proxy(struct zync_host *host, struct zync_err *err)
{
	const char *word = zync_model_word(ZYNC_WORDS_MONITORED_BY, (int)host->monitored_by);
	if (word == NULL)
		return zync_err_set(err, ZYNC_ERR_REJECTED, "host \"%s\": monitored_by %d is unknown to Zync", host->host,
				    (int)host->monitored_by);
	if (host->monitored_by == ZYNC_MONITORED_BY_PROXY)
		host->proxy.name = zync_model_text(host->proxy.name);
	else
		host->proxy = (struct zync_ref){0};
	if (host->monitored_by == ZYNC_MONITORED_BY_PROXY_GROUP)
		host->proxy_group.name = zync_model_text(host->proxy_group.name);
	else
		host->proxy_group = (struct zync_ref){0};
	return ZYNC_OK;
}

static enum zync_status canonical_ipmi(struct zync_host *host, struct zync_err *err)
{
	struct zync_ipmi *ipmi = &host->ipmi;
	if (ipmi->privilege == 0)
		ipmi->privilege = ZYNC_IPMI_PRIVILEGE_USER;
	if (zync_model_word(ZYNC_WORDS_IPMI_AUTHTYPE, ipmi->authtype) == NULL ||
	    zync_model_word(ZYNC_WORDS_IPMI_PRIVILEGE, (int)ZYNC_MIN(ipmi->privilege, 99u)) == NULL)
		return zync_err_set(err, ZYNC_ERR_REJECTED,
				    "host \"%s\": authentication type %d or privilege %u of IPMI is unknown to Zync", host->host,
				    ipmi->authtype, ipmi->privilege);
	ipmi->username = zync_model_text(ipmi->username);
	canonical_sensitive(&ipmi->password, /* used= */ true);
	return ZYNC_OK;
}

static enum zync_status canonical_tls(struct zync_host *host, struct zync_err *err)
{
	struct zync_tls *tls = &host->tls;
	if (tls->connect == 0)
		tls->connect = ZYNC_TLS_NONE;
	if (tls->accept == 0)
		tls->accept = ZYNC_TLS_NONE;
	if (zync_model_word(ZYNC_WORDS_TLS, (int)ZYNC_MIN(tls->connect, 99u)) == NULL ||
	    (tls->accept & ~(unsigned)(ZYNC_TLS_NONE | ZYNC_TLS_PSK | ZYNC_TLS_CERTIFICATE)) != 0)
		return zync_err_set(err, ZYNC_ERR_REJECTED,
				    "host \"%s\": encryption %u of connections to the agent or %u from it is unknown to Zync", host->host,
				    tls->connect, tls->accept);
	bool psk = zync_model_tls_uses_psk(tls), certificate = zync_model_tls_uses_certificate(tls);
	tls->issuer = certificate ? zync_model_text(tls->issuer) : "";
	tls->subject = certificate ? zync_model_text(tls->subject) : "";
	if (!psk) {
		tls->psk_identity = "";
		tls->psk = (struct zync_sensitive){.plain = ""};
		return ZYNC_OK;
	}
	/* Zabbix has no empty ones: such a one is not known here. */
	if (zync_str_empty(tls->psk_identity))
		tls->psk_identity = NULL;
	if (zync_str_empty(tls->psk.plain))
		tls->psk.plain = NULL;
	return ZYNC_OK;
}

enum zync_status zync_host_canonicalise(struct zync_host *host, struct zync_arena *arena, struct zync_err *err)
{
	(void)arena; /* all is done in place */
	canonical_fill_texts(host);
	/* Zabbix does so, and it counts a name of white space as empty. */
	if (host->name[strspn(host->name, " \t\n\r\v")] == '\0')
		host->name = host->host;
	ZYNC_TRY(canonical_enums(host, err));
	ZYNC_TRY(canonical_proxy(host, err));
	ZYNC_TRY(canonical_interfaces(host, err));
	ZYNC_TRY(canonical_ipmi(host, err));
	ZYNC_TRY(canonical_tls(host, err));
	zync_model_sort(host);
	canonical_drop_refs(&host->groups);
	canonical_drop_refs(&host->templates);
	canonical_drop_tags(host);
	ZYNC_TRY(canonical_drop_macros(host, err));
	return canonical_drop_inventory(host, err);
}
