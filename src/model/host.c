/* SPDX-License-Identifier: Apache-2.0 */
#include "model/host.h"

#include <string.h>

#include "base/str.h"
#include "model/model_priv.h"
#include "model/names.h"

const char *zync_model_text(const char *s)
{
	return s != NULL ? s : "";
}

bool zync_is_macro_reference(const char *text)
{
	return text != NULL && zync_macro_name_problem(text) == NULL;
}

int zync_model_ref_cmp(const struct zync_ref *a, const struct zync_ref *b)
{
	int order = zync_str_cmp(a->name, b->name);
	if (order != 0)
		return order;
	return (a->id > b->id) - (a->id < b->id);
}

bool zync_model_ref_equal(const struct zync_ref *a, const struct zync_ref *b)
{
	if (a->id != 0 && b->id != 0)
		return a->id == b->id;
	return zync_str_eq(zync_model_text(a->name), zync_model_text(b->name));
}

const struct zync_ref *zync_model_ref_find(const struct zync_ref_list *list, const struct zync_ref *ref)
{
	for (size_t i = 0; i < list->len; i++) {
		if (zync_model_ref_equal(&list->items[i], ref))
			return &list->items[i];
	}
	return NULL;
}

int zync_model_tag_cmp(const struct zync_tag *a, const struct zync_tag *b)
{
	int order = zync_str_cmp(a->tag, b->tag);
	return order != 0 ? order : zync_str_cmp(a->value, b->value);
}

bool zync_model_tag_find(const struct zync_host *host, const struct zync_tag *tag)
{
	for (size_t i = 0; i < host->tags.len; i++) {
		if (zync_model_tag_cmp(&host->tags.items[i], tag) == 0)
			return true;
	}
	return false;
}

const struct zync_macro *zync_model_macro_find(const struct zync_host *host, const char *macro)
{
	for (size_t i = 0; i < host->macros.len; i++) {
		if (strcmp(host->macros.items[i].macro, macro) == 0)
			return &host->macros.items[i];
	}
	return NULL;
}

const struct zync_inventory_field *zync_model_inventory_field(const struct zync_host *host, const char *field)
{
	for (size_t i = 0; i < host->inventory.len; i++) {
		if (strcmp(host->inventory.items[i].field, field) == 0)
			return &host->inventory.items[i];
	}
	return NULL;
}

const char *zync_model_inventory_find(const struct zync_host *host, const char *field)
{
	const struct zync_inventory_field *found = zync_model_inventory_field(host, field);
	return found != NULL && !zync_str_empty(found->value) ? found->value : NULL;
}

bool zync_model_tls_uses_psk(const struct zync_tls *tls)
{
	return tls->connect == ZYNC_TLS_PSK || (tls->accept & ZYNC_TLS_PSK) != 0;
}

bool zync_model_tls_uses_certificate(const struct zync_tls *tls)
{
	return tls->connect == ZYNC_TLS_CERTIFICATE || (tls->accept & ZYNC_TLS_CERTIFICATE) != 0;
}

/* Copying: the first allocation that fails sticks, so that the many strings of a host need one check at the end. */
struct copy {
	struct zync_arena *arena;
	bool failed;
};

static const char *copy_str(struct copy *c, const char *s)
{
	if (s == NULL || c->failed)
		return NULL;
	const char *copy = zync_arena_strdup(c->arena, s);
	c->failed = copy == NULL;
	return copy;
}

/* A copy of an array of plain structs, whose strings are still the old ones. */
static void *copy_array(struct copy *c, const void *items, size_t count, size_t size)
{
	if (count == 0 || c->failed)
		return NULL;
	void *copy = zync_arena_array(c->arena, count, size);
	if (copy == NULL) {
		c->failed = true;
		return NULL;
	}
	memcpy(copy, items, count * size);
	return copy;
}

static void copy_sensitive(struct copy *c, struct zync_sensitive *s)
{
	s->plain = copy_str(c, s->plain);
	s->digest = copy_str(c, s->digest);
}

static void copy_refs(struct copy *c, struct zync_ref_list *list)
{
	list->items = copy_array(c, list->items, list->len, sizeof(*list->items));
	for (size_t i = 0; list->items != NULL && i < list->len; i++)
		list->items[i].name = copy_str(c, list->items[i].name);
}

static void copy_interfaces(struct copy *c, struct zync_host *host)
{
	host->interfaces.items = copy_array(c, host->interfaces.items, host->interfaces.len, sizeof(*host->interfaces.items));
	for (size_t i = 0; host->interfaces.items != NULL && i < host->interfaces.len; i++) {
		struct zync_interface *interface = &host->interfaces.items[i];
		interface->ip = copy_str(c, interface->ip);
		interface->dns = copy_str(c, interface->dns);
		interface->port = copy_str(c, interface->port);
		interface->snmp.contextname = copy_str(c, interface->snmp.contextname);
		interface->snmp.securityname = copy_str(c, interface->snmp.securityname);
		copy_sensitive(c, &interface->snmp.community);
		copy_sensitive(c, &interface->snmp.authpassphrase);
		copy_sensitive(c, &interface->snmp.privpassphrase);
	}
}

static void copy_tags_macros_inventory(struct copy *c, struct zync_host *host)
{
	host->tags.items = copy_array(c, host->tags.items, host->tags.len, sizeof(*host->tags.items));
	for (size_t i = 0; host->tags.items != NULL && i < host->tags.len; i++) {
		host->tags.items[i].tag = copy_str(c, host->tags.items[i].tag);
		host->tags.items[i].value = copy_str(c, host->tags.items[i].value);
	}
	host->macros.items = copy_array(c, host->macros.items, host->macros.len, sizeof(*host->macros.items));
	for (size_t i = 0; host->macros.items != NULL && i < host->macros.len; i++) {
		host->macros.items[i].macro = copy_str(c, host->macros.items[i].macro);
		host->macros.items[i].description = copy_str(c, host->macros.items[i].description);
		copy_sensitive(c, &host->macros.items[i].value);
	}
	host->inventory.items = copy_array(c, host->inventory.items, host->inventory.len, sizeof(*host->inventory.items));
	for (size_t i = 0; host->inventory.items != NULL && i < host->inventory.len; i++) {
		host->inventory.items[i].field = copy_str(c, host->inventory.items[i].field);
		host->inventory.items[i].value = copy_str(c, host->inventory.items[i].value);
	}
}

static void copy_ipmi_tls(struct copy *c, struct zync_host *host)
{
	host->ipmi.username = copy_str(c, host->ipmi.username);
	copy_sensitive(c, &host->ipmi.password);
	host->tls.psk_identity = copy_str(c, host->tls.psk_identity);
	copy_sensitive(c, &host->tls.psk);
	host->tls.issuer = copy_str(c, host->tls.issuer);
	host->tls.subject = copy_str(c, host->tls.subject);
}

enum zync_status zync_host_copy(const struct zync_host *host, struct zync_arena *arena, struct zync_host *ret, struct zync_err *err)
{
	struct copy c = {.arena = arena};
	struct zync_host copy = *host;
	copy.host = copy_str(&c, host->host);
	copy.name = copy_str(&c, host->name);
	copy.description = copy_str(&c, host->description);
	copy.proxy.name = copy_str(&c, host->proxy.name);
	copy.proxy_group.name = copy_str(&c, host->proxy_group.name);
	copy.owner = copy_str(&c, host->owner);
	copy_refs(&c, &copy.groups);
	copy_refs(&c, &copy.templates);
	copy_interfaces(&c, &copy);
	copy_tags_macros_inventory(&c, &copy);
	copy_ipmi_tls(&c, &copy);
	if (c.failed)
		return zync_err_nomem(err, "copying a host");
	*ret = copy;
	return ZYNC_OK;
}
