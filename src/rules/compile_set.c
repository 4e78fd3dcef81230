/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules_priv.h"

#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "model/names.h"

static const struct {
	const char *label;
	size_t offset;
} set_singles[RULES_SINGLE_COUNT] = {
	[RULES_SERVER] = {"zabbix_server", offsetof(struct zync_cfg_set, zabbix_server)},
	[RULES_HOST] = {"host", offsetof(struct zync_cfg_set, host)},
	[RULES_NAME] = {"name", offsetof(struct zync_cfg_set, name)},
	[RULES_DESCRIPTION] = {"description", offsetof(struct zync_cfg_set, description)},
	[RULES_STATE] = {"state", offsetof(struct zync_cfg_set, state)},
	[RULES_PROXY] = {"proxy", offsetof(struct zync_cfg_set, proxy)},
	[RULES_PROXY_GROUP] = {"proxy_group", offsetof(struct zync_cfg_set, proxy_group)},
	[RULES_INVENTORY_MODE] = {"inventory_mode", offsetof(struct zync_cfg_set, inventory_mode)},
	[RULES_IPMI_AUTHTYPE] = {"ipmi: authtype", offsetof(struct zync_cfg_set, ipmi.authtype)},
	[RULES_IPMI_PRIVILEGE] = {"ipmi: privilege", offsetof(struct zync_cfg_set, ipmi.privilege)},
	[RULES_IPMI_USERNAME] = {"ipmi: username", offsetof(struct zync_cfg_set, ipmi.username)},
	[RULES_IPMI_PASSWORD] = {"ipmi: password", offsetof(struct zync_cfg_set, ipmi.password)},
	[RULES_TLS_CONNECT] = {"tls: connect", offsetof(struct zync_cfg_set, tls.connect)},
	[RULES_TLS_PSK_IDENTITY] = {"tls: psk_identity", offsetof(struct zync_cfg_set, tls.psk_identity)},
	[RULES_TLS_PSK] = {"tls: psk", offsetof(struct zync_cfg_set, tls.psk)},
	[RULES_TLS_ISSUER] = {"tls: issuer", offsetof(struct zync_cfg_set, tls.issuer)},
	[RULES_TLS_SUBJECT] = {"tls: subject", offsetof(struct zync_cfg_set, tls.subject)},
};

static enum zync_status set_check_server(struct rules_compiler *c, const struct rules_text *text)
{
	const struct zync_config *config = c->rules->config;
	const char *value = rules_constant(text);
	const char **names;
	const char *nearest;

	if (value == NULL || zync_config_zabbix(config, value) != NULL)
		return ZYNC_OK;
	names = ZYNC_NEW_ARRAY(c->arena, const char *, config->zabbix.len);
	if (names == NULL)
		return rules_compile_nomem(c);
	for (size_t i = 0; i < config->zabbix.len; i++)
		names[i] = config->zabbix.items[i].name;
	nearest = zync_nearest(value, names, config->zabbix.len);
	if (nearest != NULL)
		rules_problem(c, text->cfg->pos, "zabbix_server: there is no server named \"%s\" under zabbix; did you mean \"%s\"?", value,
			      nearest);
	else
		rules_problem(c, text->cfg->pos, "zabbix_server: there is no server named \"%s\" under zabbix", value);
	return ZYNC_OK;
}

static enum zync_status set_compile_singles(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out)
{
	int value = 0;

	for (size_t i = 0; i < RULES_SINGLE_COUNT; i++) {
		const struct zync_cfg_text *cfg = (const struct zync_cfg_text *)((const void *)((const char *)set + set_singles[i].offset));

		ZYNC_TRY(rules_compile_text(c, cfg, set_singles[i].label, &out->single[i]));
	}
	(void)rules_check_choice(c, &out->single[RULES_STATE], &rules_states, &value);
	(void)rules_check_choice(c, &out->single[RULES_INVENTORY_MODE], &rules_inventory_modes, &value);
	if (set->proxy.value != NULL && set->proxy_group.value != NULL)
		rules_problem(c, set->proxy_group.pos, "proxy_group: this mapping sets proxy, too; a host has only one of them");
	return set_check_server(c, &out->single[RULES_SERVER]);
}

enum zync_status rules_compile_texts(struct rules_compiler *c, const struct zync_cfg_texts *cfg, const char *label, struct rules_texts *out)
{
	out->items = ZYNC_NEW_ARRAY(c->arena, struct rules_text, cfg->len);
	if (out->items == NULL)
		return rules_compile_nomem(c);
	out->len = cfg->len;
	for (size_t i = 0; i < cfg->len; i++)
		ZYNC_TRY(rules_compile_text(c, &cfg->items[i], label, &out->items[i]));
	return ZYNC_OK;
}

static enum zync_status set_compile_groups(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out)
{
	ZYNC_TRY(rules_compile_texts(c, &set->host_groups, "host_groups", &out->host_groups));
	for (size_t i = 0; i < out->host_groups.len; i++) {
		const struct rules_text *text = &out->host_groups.items[i];
		const char *name = rules_constant(text);
		const char *problem = name == NULL ? NULL : zync_group_name_problem(name);

		if (problem != NULL)
			rules_problem(c, text->cfg->pos, "host_groups: \"%s\" is no legal group name: %s", rules_shown(text, name),
				      problem);
	}
	return rules_compile_group_formats(c, &set->host_group_format, &out->host_groups);
}

static enum zync_status set_compile_templates(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out)
{
	ZYNC_TRY(rules_compile_texts(c, &set->templates, "templates", &out->templates));
	for (size_t i = 0; i < out->templates.len; i++) {
		const char *name = rules_constant(&out->templates.items[i]);

		if (name != NULL && name[0] == '\0')
			rules_problem(c, out->templates.items[i].cfg->pos, "templates: the name of a template is empty");
	}
	return ZYNC_OK;
}

static enum zync_status set_compile_tags(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out)
{
	out->tags.items = ZYNC_NEW_ARRAY(c->arena, struct rules_tag, set->tags.len);
	if (out->tags.items == NULL)
		return rules_compile_nomem(c);
	out->tags.len = set->tags.len;
	for (size_t i = 0; i < set->tags.len; i++) {
		struct rules_tag *tag = &out->tags.items[i];
		const char *name;

		ZYNC_TRY(rules_compile_text(c, &set->tags.items[i].tag, "tags: tag", &tag->tag));
		ZYNC_TRY(rules_compile_text(c, &set->tags.items[i].value, "tags: value", &tag->value));
		name = rules_constant(&tag->tag);
		if (set->tags.items[i].tag.value == NULL || (name != NULL && name[0] == '\0'))
			rules_problem(c, set->tags.items[i].tag.pos.line > 0 ? set->tags.items[i].tag.pos : set->tags.items[i].value.pos,
				      "tags: the name (tag) of a tag is missing");
	}
	return ZYNC_OK;
}

static void set_check_macro(struct rules_compiler *c, const struct zync_cfg_macro *cfg, const struct rules_macro *macro)
{
	const char *name = rules_constant(&macro->macro);
	const char *problem = name == NULL ? NULL : zync_macro_name_problem(name);
	struct zync_cfg_pos pos = cfg->macro.pos.line > 0 ? cfg->macro.pos : cfg->value.pos;
	int type = 0;

	if (cfg->macro.value == NULL)
		rules_problem(c, pos, "macros: the name (macro) of a macro is missing");
	if (cfg->value.value == NULL)
		rules_problem(c, pos, "macros: the value of a macro is missing; write \"\" for an empty one");
	if (problem != NULL)
		rules_problem(c, pos, "macros: \"%s\" is no legal macro name: %s", rules_shown(&macro->macro, name), problem);
	else if (name != NULL && strcmp(name, ZYNC_OWNER_MACRO) == 0)
		rules_problem(c, pos, "macros: %s is the mark by which zync knows its hosts and cannot be set", name);
	(void)rules_check_choice(c, &macro->type, &rules_macro_types, &type);
}

static enum zync_status set_compile_macros(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out)
{
	out->macros.items = ZYNC_NEW_ARRAY(c->arena, struct rules_macro, set->macros.len);
	if (out->macros.items == NULL)
		return rules_compile_nomem(c);
	out->macros.len = set->macros.len;
	for (size_t i = 0; i < set->macros.len; i++) {
		const struct zync_cfg_macro *cfg = &set->macros.items[i];
		struct rules_macro *macro = &out->macros.items[i];

		ZYNC_TRY(rules_compile_text(c, &cfg->macro, "macros: macro", &macro->macro));
		ZYNC_TRY(rules_compile_text(c, &cfg->value, "macros: value", &macro->value));
		ZYNC_TRY(rules_compile_text(c, &cfg->type, "macros: type", &macro->type));
		ZYNC_TRY(rules_compile_text(c, &cfg->description, "macros: description", &macro->description));
		set_check_macro(c, cfg, macro);
	}
	return ZYNC_OK;
}

static void set_check_inventory(struct rules_compiler *c, const struct zync_cfg_pair *pair)
{
	const char *const *fields;
	const char *nearest;
	size_t count = 0;

	if (zync_inventory_field_known(pair->key.value))
		return;
	fields = zync_inventory_fields(&count);
	nearest = zync_nearest(pair->key.value, fields, count);
	if (nearest != NULL)
		rules_problem(c, pair->key.pos, "inventory: Zabbix has no inventory field \"%s\"; did you mean \"%s\"?", pair->key.value,
			      nearest);
	else
		rules_problem(c, pair->key.pos, "inventory: Zabbix has no inventory field \"%s\"", pair->key.value);
}

static enum zync_status set_compile_inventory(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out)
{
	out->inventory.items = ZYNC_NEW_ARRAY(c->arena, struct rules_inventory, set->inventory.len);
	if (out->inventory.items == NULL)
		return rules_compile_nomem(c);
	out->inventory.len = set->inventory.len;
	for (size_t i = 0; i < set->inventory.len; i++) {
		const struct zync_cfg_pair *pair = &set->inventory.items[i];
		struct rules_inventory *item = &out->inventory.items[i];
		const char *label = zync_arena_printf(c->arena, "inventory.%s", pair->key.value);

		if (label == NULL)
			return rules_compile_nomem(c);
		item->field = pair->key.value;
		set_check_inventory(c, pair);
		if (pair->values.len != 1) {
			rules_problem(c, pair->key.pos, "%s: one text is wanted, not %zu", label, pair->values.len);
			continue;
		}
		ZYNC_TRY(rules_compile_text(c, &pair->values.items[0], label, &item->value));
	}
	return ZYNC_OK;
}

/* What the mapping takes away of earlier ones. */
static void set_compile_removes(const struct zync_cfg_set *set, struct rules_mapping *out)
{
	static const char *const lists[RULES_LIST_COUNT] = {"host_groups", "templates", "tags", "macros", "inventory"};
	const struct zync_cfg_texts *removes[RULES_LIST_COUNT] = {[RULES_LIST_GROUPS] = &set->remove_host_groups,
								  [RULES_LIST_TEMPLATES] = &set->remove_templates,
								  [RULES_LIST_TAGS] = &set->remove_tags,
								  [RULES_LIST_MACROS] = &set->remove_macros};

	for (size_t i = 0; i < RULES_LIST_COUNT; i++)
		out->removes[i] = removes[i] != NULL && removes[i]->len > 0 ? removes[i] : NULL;
	for (size_t i = 0; i < set->override.len; i++)
		for (size_t j = 0; j < RULES_LIST_COUNT; j++)
			if (zync_str_eq(set->override.items[i].value, lists[j]))
				out->override |= 1u << j;
}

enum zync_status rules_compile_set(struct rules_compiler *c, const struct zync_cfg_set *set, struct rules_mapping *out)
{
	set_compile_removes(set, out);
	ZYNC_TRY(rules_compile_uses(c, set, out));
	ZYNC_TRY(set_compile_singles(c, set, out));
	ZYNC_TRY(set_compile_groups(c, set, out));
	ZYNC_TRY(set_compile_templates(c, set, out));
	ZYNC_TRY(rules_compile_interfaces(c, set, out));
	ZYNC_TRY(set_compile_tags(c, set, out));
	ZYNC_TRY(set_compile_macros(c, set, out));
	ZYNC_TRY(rules_compile_access(c, set, out));
	ZYNC_TRY(rules_compile_per_host(c, set, out));
	return set_compile_inventory(c, set, out);
}
