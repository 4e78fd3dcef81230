/* SPDX-License-Identifier: Apache-2.0 */
/* Names of templates and proxies: in custom fields and in the config context. */
#include "rules/per_host_priv.h"

#include <string.h>

#include "base/str.h"

/* The custom fields of the object (@p owner NULL) or of one that it refers to. */
static const struct zync_jval *field_value(const struct per_host *p, const char *owner, const char *field)
{
	const struct zync_rules_object *object = p->run->object;
	const struct zync_jval *fields;

	if (owner == NULL)
		fields = object->member(object->ctx, NULL, "custom_fields");
	else
		fields = zync_jval_get(object->member(object->ctx, NULL, owner), "custom_fields");
	return zync_jval_get(fields, field);
}

static const char *field_owner_words(const struct per_host *p, const char *owner)
{
	if (owner == NULL)
		return rules_is_vm(p->run->object) ? "virtual machine" : "device";
	return strcmp(owner, "device_type") == 0 ? "device type" : owner;
}

/* A text, a selection (as NetBox 4.7 gives it: value and label), or an object. */
static const char *field_name(const struct zync_jval *v)
{
	static const char *const members[] = {"name", "value", "model", "display"};
	const char *name = zync_jval_str(v);

	for (size_t i = 0; name == NULL && i < ZYNC_ARRAY_LEN(members); i++)
		name = zync_jval_get_str(v, members[i]);
	return name;
}

/* The vectors hold what they are given as plain pointers; nobody writes through them. */
static enum zync_status field_push(const struct per_host *p, struct zync_vec *vec, const char *name)
{
	union {
		const char *in;
		void *out;
	} item = {.in = name};

	return zync_vec_push(vec, item.out, p->run->err);
}

static enum zync_status field_add(const struct per_host *p, const char *where, const struct zync_jval *v, struct zync_vec *ret)
{
	const char *name;

	if (per_host_is_nothing(v))
		return ZYNC_OK;
	name = field_name(v);
	if (name == NULL)
		return rules_fail(p->run, "%s: a text, a selection or an object with a name is wanted, not %s", where, per_host_kind(v));
	if (name[0] == '\0')
		return ZYNC_OK;
	if (zync_utf8_len(name) > PER_HOST_NAME_MAX)
		return rules_fail(p->run, "%s: a name of %zu characters; Zabbix has none of more than %d", where, zync_utf8_len(name),
				  PER_HOST_NAME_MAX);
	return field_push(p, ret, name);
}

enum zync_status per_host_field_names(const struct per_host *p, const char *owner, const char *field, bool several, struct zync_vec *ret)
{
	const struct zync_jval *value = field_value(p, owner, field), *item;
	const char *where;
	struct zync_jiter it;

	if (per_host_is_nothing(value))
		return ZYNC_OK;
	where = zync_arena_printf(p->run->arena, "custom field \"%s\" of the %s", field, field_owner_words(p, owner));
	if (where == NULL)
		return rules_nomem(p->run);
	if (zync_jval_type(value) != ZYNC_JSON_ARRAY)
		return field_add(p, where, value, ret);
	if (!several && zync_jval_len(value) > 1)
		return rules_fail(p->run, "%s: a host has one of them only, not %zu", where, zync_jval_len(value));
	if (zync_jval_len(value) > PER_HOST_ENTRIES_MAX)
		return rules_fail(p->run, "%s: %zu entries, at most %u are read", where, zync_jval_len(value), PER_HOST_ENTRIES_MAX);
	zync_jiter_init(&it, value);
	while ((item = zync_jiter_next(&it, NULL)) != NULL)
		ZYNC_TRY(field_add(p, where, item, ret));
	return ZYNC_OK;
}

/* --- templates --- */

static enum zync_status field_context_template(const struct per_host *p, const struct zync_jval *v, struct zync_vec *ret)
{
	const char *name = zync_jval_str(v);

	if (per_host_is_nothing(v))
		return ZYNC_OK;
	if (name == NULL)
		return per_host_fail(p, "templates", "it must be the name of a template or a list of names, and holds %s",
				     per_host_kind(v));
	if (name[0] == '\0')
		return ZYNC_OK;
	if (zync_utf8_len(name) > PER_HOST_NAME_MAX)
		return per_host_fail(p, "templates", "a name of %zu characters; Zabbix has none of more than %d", zync_utf8_len(name),
				     PER_HOST_NAME_MAX);
	return field_push(p, ret, name);
}

static enum zync_status field_context_templates(const struct per_host *p, struct zync_vec *ret)
{
	const struct zync_jval *value = zync_jval_get(p->context, "templates"), *item;
	struct zync_jiter it;

	if (zync_jval_type(value) != ZYNC_JSON_ARRAY)
		return field_context_template(p, value, ret);
	if (zync_jval_len(value) > PER_HOST_ENTRIES_MAX)
		return per_host_fail(p, "templates", "%zu entries, at most %u are read", zync_jval_len(value), PER_HOST_ENTRIES_MAX);
	zync_jiter_init(&it, value);
	while ((item = zync_jiter_next(&it, NULL)) != NULL)
		ZYNC_TRY(field_context_template(p, item, ret));
	return ZYNC_OK;
}

/* Hand them over, each with where it came from. */
static enum zync_status field_take_templates(struct per_host *p, const struct zync_vec *names, size_t from_context, const char *context,
					     const char *field)
{
	struct rules_per_host_name *items = ZYNC_NEW_ARRAY(p->run->arena, struct rules_per_host_name, names->len);

	if (items == NULL)
		return rules_nomem(p->run);
	for (size_t i = 0; i < names->len; i++)
		items[i] = (struct rules_per_host_name){.name = names->items[i], .source = i < from_context ? context : field};
	p->out->templates = items;
	p->out->template_count = names->len;
	return ZYNC_OK;
}

enum zync_status per_host_templates(struct per_host *p)
{
	enum rules_templates_from from = rules_is_vm(p->run->object) ? RULES_TEMPLATES_CONTEXT : p->cfg->templates_from;
	const char *context = NULL, *field = NULL;
	unsigned failures = p->run->failures;
	size_t from_context;
	struct zync_vec names;

	zync_vec_init(&names, p->run->arena);
	if (from != RULES_TEMPLATES_FIELD)
		ZYNC_TRY(field_context_templates(p, &names));
	from_context = names.len;
	if (from == RULES_TEMPLATES_FIELD || from == RULES_TEMPLATES_BOTH ||
	    (from == RULES_TEMPLATES_CONTEXT_OR_FIELD && names.len == 0 && p->run->failures == failures))
		ZYNC_TRY(per_host_field_names(p, "device_type", p->cfg->template_field, /* several= */ true, &names));
	if (names.len == 0)
		return ZYNC_OK;
	ZYNC_TRY(per_host_source(p, "templates", &context));
	ZYNC_TRY(per_host_source_text(p, &field, "from custom field \"%s\" of the device type", p->cfg->template_field));
	return field_take_templates(p, &names, from_context, context, field);
}

/* --- proxy --- */

/* A proxy or a proxy group: custom field of the object, then of its site, then the config context. */
static enum zync_status field_proxy(struct per_host *p, const char *field, const char *key, const char **ret)
{
	static const char *const owners[] = {NULL, "site"};
	struct zync_vec names;
	const char *name = NULL;

	zync_vec_init(&names, p->run->arena);
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(owners) && field != NULL; i++) {
		unsigned failures = p->run->failures;

		ZYNC_TRY(per_host_field_names(p, owners[i], field, /* several= */ false, &names));
		if (names.len == 0 && p->run->failures == failures)
			continue;
		*ret = names.len > 0 ? names.items[0] : NULL;
		return per_host_source_text(p, &p->out->proxy_source, "from custom field \"%s\" of the %s", field,
					    field_owner_words(p, owners[i]));
	}
	ZYNC_TRY(per_host_text(p, (struct per_host_place){p->context, ""}, key, &name));
	if (zync_str_empty(name))
		return ZYNC_OK;
	if (zync_utf8_len(name) > PER_HOST_NAME_MAX)
		return per_host_fail(p, key, "a name of %zu characters; Zabbix has none of more than %d", zync_utf8_len(name),
				     PER_HOST_NAME_MAX);
	*ret = name;
	return per_host_source(p, key, &p->out->proxy_source);
}

enum zync_status per_host_proxy(struct per_host *p)
{
	ZYNC_TRY(field_proxy(p, p->cfg->proxy_group_field, "proxy_group", &p->out->proxy_group));
	return p->out->proxy_group != NULL ? ZYNC_OK : field_proxy(p, p->cfg->proxy_field, "proxy", &p->out->proxy);
}
