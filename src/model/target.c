/* SPDX-License-Identifier: Apache-2.0 */
#include "model/diff.h"

#include <string.h>

#include "base/str.h"
#include "model/model_priv.h"

struct target {
	const struct zync_host *desired;
	const struct zync_host *actual;
	const struct zync_host *base;
	struct zync_arena *arena;
	struct zync_host *host; /* what is being made */
};

/* What Zync last wrote of an aspect, NULL when it wrote none. */
static const struct zync_host *target_base(const struct target *t, enum zync_aspect aspect)
{
	return t->base != NULL && (t->base->managed & ZYNC_ASPECT_BIT(aspect)) != 0 ? t->base : NULL;
}

static bool target_merges(const struct target *t, enum zync_aspect aspect)
{
	return t->desired->own[aspect] == ZYNC_OWN_MERGE;
}

/* Groups or templates. */
static enum zync_status target_refs(const struct target *t, enum zync_aspect aspect, const struct zync_ref_list *desired,
				    const struct zync_ref_list *actual, const struct zync_ref_list *base, struct zync_ref_list *ret,
				    struct zync_err *err)
{
	struct zync_ref *items = ZYNC_NEW_ARRAY(t->arena, struct zync_ref, desired->len + actual->len);
	if (items == NULL)
		return zync_err_nomem(err, "combining the groups and templates of a host");
	size_t len = 0;
	for (size_t i = 0; i < desired->len; i++) {
		items[len] = desired->items[i];
		const struct zync_ref *known = items[len].id == 0 ? zync_model_ref_find(actual, &items[len]) : NULL;
		if (known != NULL)
			items[len].id = known->id;
		len++;
	}
	for (size_t i = 0; target_merges(t, aspect) && i < actual->len; i++) {
		const struct zync_ref *ref = &actual->items[i];
		if (zync_model_ref_find(desired, ref) == NULL && (base == NULL || zync_model_ref_find(base, ref) == NULL))
			items[len++] = *ref;
	}
	*ret = (struct zync_ref_list){.items = items, .len = len};
	return ZYNC_OK;
}

static enum zync_status target_tags(const struct target *t, struct zync_err *err)
{
	const struct zync_host *base = target_base(t, ZYNC_ASPECT_TAGS);
	struct zync_tag *items = ZYNC_NEW_ARRAY(t->arena, struct zync_tag, t->desired->tags.len + t->actual->tags.len);
	if (items == NULL)
		return zync_err_nomem(err, "combining the tags of a host");
	size_t len = 0;
	for (size_t i = 0; i < t->desired->tags.len; i++)
		items[len++] = t->desired->tags.items[i];
	for (size_t i = 0; target_merges(t, ZYNC_ASPECT_TAGS) && i < t->actual->tags.len; i++) {
		const struct zync_tag *tag = &t->actual->tags.items[i];
		if (!zync_model_tag_find(t->desired, tag) && (base == NULL || !zync_model_tag_find(base, tag)))
			items[len++] = *tag;
	}
	t->host->tags.items = items;
	t->host->tags.len = len;
	return ZYNC_OK;
}

static enum zync_status target_macros(const struct target *t, struct zync_err *err)
{
	const struct zync_host *base = target_base(t, ZYNC_ASPECT_MACROS);
	struct zync_macro *items = ZYNC_NEW_ARRAY(t->arena, struct zync_macro, t->desired->macros.len + t->actual->macros.len);
	if (items == NULL)
		return zync_err_nomem(err, "combining the macros of a host");
	size_t len = 0;
	for (size_t i = 0; i < t->desired->macros.len; i++) {
		items[len] = t->desired->macros.items[i];
		const struct zync_macro *known = zync_model_macro_find(t->actual, items[len].macro);
		items[len].hostmacroid = known != NULL ? known->hostmacroid : 0;
		len++;
	}
	for (size_t i = 0; target_merges(t, ZYNC_ASPECT_MACROS) && i < t->actual->macros.len; i++) {
		const struct zync_macro *macro = &t->actual->macros.items[i];
		if (zync_model_macro_find(t->desired, macro->macro) == NULL &&
		    (base == NULL || zync_model_macro_find(base, macro->macro) == NULL))
			items[len++] = *macro;
	}
	t->host->macros.items = items;
	t->host->macros.len = len;
	return ZYNC_OK;
}

/* Shall a field that Zabbix has and the desired state lacks keep its value? */
static bool target_inventory_stays(const struct target *t, const char *field)
{
	if (t->desired->inventory_mode == ZYNC_INVENTORY_DISABLED)
		return false;
	/* In automatic mode Zabbix fills fields from items: cleared fields would be back at the next poll, a change in every run. */
	if (!target_merges(t, ZYNC_ASPECT_INVENTORY) && t->desired->inventory_mode != ZYNC_INVENTORY_AUTOMATIC)
		return false;
	const struct zync_host *base = target_base(t, ZYNC_ASPECT_INVENTORY);
	return base == NULL || zync_model_inventory_find(base, field) == NULL;
}

static enum zync_status target_inventory(const struct target *t, struct zync_err *err)
{
	const struct zync_host *desired = t->desired, *actual = t->actual;
	struct zync_inventory_field *items =
		ZYNC_NEW_ARRAY(t->arena, struct zync_inventory_field, desired->inventory.len + actual->inventory.len);
	if (items == NULL)
		return zync_err_nomem(err, "combining the inventory of a host");
	size_t len = 0;
	for (size_t i = 0; i < desired->inventory.len; i++) {
		if (desired->inventory.items[i].value != NULL)
			items[len++] = desired->inventory.items[i];
	}
	for (size_t i = 0; i < actual->inventory.len; i++) {
		const struct zync_inventory_field *field = &actual->inventory.items[i];
		const struct zync_inventory_field *wanted = zync_model_inventory_field(desired, field->field);
		if (zync_str_empty(field->value) || (wanted != NULL && wanted->value != NULL))
			continue;
		items[len] = *field;
		if (wanted == NULL && !target_inventory_stays(t, field->field))
			items[len].value = "";
		/* A disabled inventory has no fields: nothing to clear. */
		if (desired->inventory_mode != ZYNC_INVENTORY_DISABLED)
			len++;
	}
	t->host->inventory_mode = desired->inventory_mode;
	t->host->inventory.items = items;
	t->host->inventory.len = len;
	return ZYNC_OK;
}

/* merge, and no rule gives a proxy: what people chose stays; what Zync once set goes. */
static bool target_proxy_stays(const struct target *t)
{
	const struct zync_host *base = target_base(t, ZYNC_ASPECT_PROXY), *actual = t->actual;

	if (!target_merges(t, ZYNC_ASPECT_PROXY) || t->desired->monitored_by != ZYNC_MONITORED_BY_SERVER)
		return false;
	if (base == NULL || base->monitored_by != actual->monitored_by)
		return true;
	return !zync_model_ref_equal(&base->proxy, &actual->proxy) || !zync_model_ref_equal(&base->proxy_group, &actual->proxy_group);
}

static enum zync_status target_proxy(const struct target *t)
{
	struct zync_host *host = t->host;
	if (target_proxy_stays(t))
		return ZYNC_OK;
	host->monitored_by = t->desired->monitored_by;
	host->proxy = t->desired->proxy;
	host->proxy_group = t->desired->proxy_group;
	/* The same proxy, known by name only: what Zabbix said has the id. */
	if (zync_model_ref_equal(&host->proxy, &t->actual->proxy))
		host->proxy.id = t->actual->proxy.id;
	if (zync_model_ref_equal(&host->proxy_group, &t->actual->proxy_group))
		host->proxy_group.id = t->actual->proxy_group.id;
	return ZYNC_OK;
}

static enum zync_status target_aspect(const struct target *t, enum zync_aspect aspect, struct zync_err *err)
{
	const struct zync_host *base = target_base(t, aspect);
	switch (aspect) {
	case ZYNC_ASPECT_HOST:
		t->host->host = t->desired->host;
		break;
	case ZYNC_ASPECT_NAME:
		t->host->name = t->desired->name;
		break;
	case ZYNC_ASPECT_STATUS:
		t->host->status = t->desired->status;
		break;
	case ZYNC_ASPECT_DESCRIPTION:
		t->host->description = t->desired->description;
		break;
	case ZYNC_ASPECT_GROUPS:
		return target_refs(t, aspect, &t->desired->groups, &t->actual->groups, base != NULL ? &base->groups : NULL,
				   &t->host->groups, err);
	case ZYNC_ASPECT_TEMPLATES:
		return target_refs(t, aspect, &t->desired->templates, &t->actual->templates, base != NULL ? &base->templates : NULL,
				   &t->host->templates, err);
	case ZYNC_ASPECT_INTERFACES:
		return zync_model_target_interfaces(t->desired, t->actual, t->base, t->arena, t->host, err);
	case ZYNC_ASPECT_PROXY:
		return target_proxy(t);
	case ZYNC_ASPECT_TAGS:
		return target_tags(t, err);
	case ZYNC_ASPECT_MACROS:
		return target_macros(t, err);
	case ZYNC_ASPECT_INVENTORY:
		return target_inventory(t, err);
	case ZYNC_ASPECT_IPMI:
		t->host->ipmi = t->desired->ipmi;
		break;
	case ZYNC_ASPECT_TLS:
	case ZYNC_ASPECT_COUNT:
		t->host->tls = t->desired->tls;
		break;
	}
	return ZYNC_OK;
}

enum zync_status zync_host_target(const struct zync_host *desired, const struct zync_host *actual, const struct zync_host *base,
				  struct zync_arena *arena, struct zync_host *ret_target, struct zync_err *err)
{
	if (actual == NULL) {
		*ret_target = *desired;
		return ZYNC_OK;
	}
	struct zync_host host = *actual;
	struct target t = {.desired = desired, .actual = actual, .base = base, .arena = arena, .host = &host};
	host.managed |= desired->managed;
	host.owner = desired->owner;
	memcpy(host.own, desired->own, sizeof(host.own));
	for (enum zync_aspect aspect = ZYNC_ASPECT_HOST; aspect < ZYNC_ASPECT_COUNT; aspect++) {
		if ((desired->managed & ZYNC_ASPECT_BIT(aspect)) != 0 && desired->own[aspect] != ZYNC_OWN_IGNORE)
			ZYNC_TRY(target_aspect(&t, aspect, err));
	}
	zync_model_sort(&host);
	*ret_target = host;
	return ZYNC_OK;
}
