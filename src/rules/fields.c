/* SPDX-License-Identifier: Apache-2.0 */
/* The custom fields of NetBox that the mappings and bundles name, for `zync check`. */
#include <string.h>

#include "base/str.h"
#include "rules/inspect.h"
#include "rules/rules_priv.h"

#define FIELDS_MEMBER "custom_fields"

struct fields {
	struct zync_arena *arena;
	struct zync_err *err;
	enum zync_status status;
	struct zync_map *seen;
	struct zync_vec list;
	const struct rules_text *text; /* whose paths are read */
};

static enum zync_status fields_add(struct fields *f, const char *of, const char *name, const char *label, struct zync_cfg_pos pos)
{
	struct zync_rules_custom_field *field = ZYNC_NEW(f->arena, struct zync_rules_custom_field);
	const char *key = zync_arena_printf(f->arena, "%s\x1f%s", of != NULL ? of : "\x1f", name);

	if (field == NULL || key == NULL)
		return zync_err_nomem(f->err, "listing the custom fields of the mappings");
	if (zync_map_get(f->seen, key) != NULL)
		return ZYNC_OK;
	*field = (struct zync_rules_custom_field){.name = name, .label = label, .of = of, .pos = pos};
	ZYNC_TRY(zync_map_put(f->seen, key, field, f->err));
	return zync_vec_push(&f->list, field, f->err);
}

/* custom_fields.NAME, site.custom_fields.NAME; of what a loop goes over nothing is known. */
static void fields_on_path(void *ctx, const char *const *names, size_t count)
{
	struct fields *f = ctx;

	for (size_t i = 0; i + 1 < count && f->status == ZYNC_OK; i++) {
		if (names[i] != NULL && strcmp(names[i], FIELDS_MEMBER) == 0) {
			const char *of = i == 0 ? NULL : names[i - 1] != NULL ? names[i - 1] : "";

			f->status = fields_add(f, of, names[i + 1], f->text->label, f->text->cfg->pos);
			return;
		}
	}
}

static enum zync_status fields_text(struct fields *f, const struct rules_text *text)
{
	if (text->expr == NULL)
		return ZYNC_OK;
	f->text = text;
	zync_expr_each_path(text->expr, fields_on_path, f);
	return f->status;
}

static enum zync_status fields_texts(struct fields *f, const struct rules_texts *texts)
{
	for (size_t i = 0; i < texts->len; i++)
		ZYNC_TRY(fields_text(f, &texts->items[i]));
	return ZYNC_OK;
}

static enum zync_status fields_of_interfaces(struct fields *f, const struct rules_mapping *m)
{
	for (size_t i = 0; i < m->interfaces.len; i++) {
		ZYNC_TRY(fields_texts(f, &m->interfaces.items[i].addresses));
		for (unsigned k = 0; k < RULES_IF_COUNT; k++)
			ZYNC_TRY(fields_text(f, &m->interfaces.items[i].fields[k]));
	}
	return ZYNC_OK;
}

static enum zync_status fields_of_lists(struct fields *f, const struct rules_mapping *m)
{
	for (size_t i = 0; i < m->tags.len; i++) {
		ZYNC_TRY(fields_text(f, &m->tags.items[i].tag));
		ZYNC_TRY(fields_text(f, &m->tags.items[i].value));
	}
	for (size_t i = 0; i < m->macros.len; i++) {
		ZYNC_TRY(fields_text(f, &m->macros.items[i].macro));
		ZYNC_TRY(fields_text(f, &m->macros.items[i].value));
		ZYNC_TRY(fields_text(f, &m->macros.items[i].type));
		ZYNC_TRY(fields_text(f, &m->macros.items[i].description));
	}
	for (size_t i = 0; i < m->inventory.len; i++)
		ZYNC_TRY(fields_text(f, &m->inventory.items[i].value));
	return ZYNC_OK;
}

/* The custom field with templates has a default name, and may be missing where the config context says it all: only one that is wanted is told. */
static enum zync_status fields_of_per_host(struct fields *f, const struct rules_mapping *m, const struct zync_cfg_per_host *cfg)
{
	const struct rules_per_host *p = &m->per_host;

	if (!p->given)
		return ZYNC_OK;
	if ((p->parts & RULES_PART_TEMPLATES) != 0 && p->templates_from != RULES_TEMPLATES_CONTEXT &&
	    (p->templates_from == RULES_TEMPLATES_FIELD || cfg->template_field.pos.line > 0))
		ZYNC_TRY(fields_add(f, "device_type", p->template_field, "per_host.template_field",
				    cfg->template_field.pos.line > 0 ? cfg->template_field.pos : p->pos));
	if ((p->parts & RULES_PART_PROXY) == 0)
		return ZYNC_OK;
	if (!zync_str_empty(p->proxy_field))
		ZYNC_TRY(fields_add(f, "", p->proxy_field, "per_host.proxy_field", cfg->proxy_field.pos));
	if (!zync_str_empty(p->proxy_group_field))
		ZYNC_TRY(fields_add(f, "", p->proxy_group_field, "per_host.proxy_group_field", cfg->proxy_group_field.pos));
	return ZYNC_OK;
}

static enum zync_status fields_of_set(struct fields *f, const struct rules_mapping *m, const struct zync_cfg_set *cfg)
{
	for (unsigned i = 0; i < RULES_SINGLE_COUNT; i++)
		ZYNC_TRY(fields_text(f, &m->single[i]));
	ZYNC_TRY(fields_texts(f, &m->host_groups));
	ZYNC_TRY(fields_texts(f, &m->templates));
	ZYNC_TRY(fields_texts(f, &m->tls_accept));
	ZYNC_TRY(fields_of_interfaces(f, m));
	ZYNC_TRY(fields_of_lists(f, m));
	return fields_of_per_host(f, m, &cfg->per_host);
}

static enum zync_status fields_of_match(struct fields *f, const struct zync_cfg_match *match)
{
	for (size_t i = 0; i < match->custom_fields.len; i++) {
		const struct zync_cfg_text *key = &match->custom_fields.items[i].key;

		ZYNC_TRY(fields_add(f, NULL, key->value, "match.custom_fields", key->pos));
	}
	return ZYNC_OK;
}

enum zync_status zync_rules_custom_fields(const struct zync_rules *rules, struct zync_arena *arena, struct zync_rules_custom_field **ret,
					  size_t *ret_count, struct zync_err *err)
{
	struct fields f = {.arena = arena, .err = err, .seen = zync_map_new(arena)};
	struct zync_rules_custom_field *items;

	zync_vec_init(&f.list, arena);
	if (f.seen == NULL)
		return zync_err_nomem(err, "listing the custom fields of the mappings");
	for (size_t i = 0; i < rules->bundle_count; i++)
		ZYNC_TRY(fields_of_set(&f, &rules->bundles[i], &rules->config->bundles.items[i].set));
	for (size_t i = 0; i < rules->mapping_count; i++) {
		ZYNC_TRY(fields_of_match(&f, &rules->config->mappings.items[i].match));
		ZYNC_TRY(fields_of_set(&f, &rules->mappings[i], &rules->config->mappings.items[i].set));
	}
	items = ZYNC_NEW_ARRAY(arena, struct zync_rules_custom_field, f.list.len);
	if (items == NULL)
		return zync_err_nomem(err, "listing the custom fields of the mappings");
	for (size_t i = 0; i < f.list.len; i++)
		items[i] = *(const struct zync_rules_custom_field *)f.list.items[i];
	*ret = items;
	*ret_count = f.list.len;
	return ZYNC_OK;
}
