/* SPDX-License-Identifier: Apache-2.0 */
/* The keys with their defaults: netbox-zabbix-sync 4.0.1, and what 4.1 added. */
#include "convert/nzs_priv.h"

#include <string.h>

#include "base/str.h"

static const char *const keys_removal[] = {"Decommissioning", "Inventory", NULL};
static const char *const keys_disable[] = {"Offline", "Planned", "Staged", "Failed", NULL};
static const char *const keys_format[] = {"site/manufacturer/role", NULL};
static const char *const keys_vm_format[] = {"cluster_type/cluster/role", NULL};
static const struct nzs_default_pair keys_filter[] = {{"name__n", "null"}};
static const struct nzs_default_pair keys_device_inventory[] = {
	{"asset_tag", "asset_tag"},
	{"virtual_chassis/name", "chassis"},
	{"status/label", "deployment_status"},
	{"location/name", "location"},
	{"latitude", "location_lat"},
	{"longitude", "location_lon"},
	{"comments", "notes"},
	{"name", "name"},
	{"rack/name", "site_rack"},
	{"serial", "serialno_a"},
	{"device_type/model", "type"},
	{"device_type/manufacturer/name", "vendor"},
	{"oob_ip/address", "oob_ip"},
};
static const struct nzs_default_pair keys_vm_inventory[] = {{"status/label", "deployment_status"}, {"comments", "notes"}, {"name", "name"}};
static const struct nzs_default_pair keys_device_macros[] = {
	{"serial", "{$HW_SERIAL}"}, {"role/name", "{$DEV_ROLE}"}, {"url", "{$NB_URL}"}, {"id", "{$NB_ID}"}};
static const struct nzs_default_pair keys_vm_macros[] = {
	{"memory", "{$TOTAL_MEMORY}"}, {"role/name", "{$DEV_ROLE}"}, {"url", "{$NB_URL}"}, {"id", "{$NB_ID}"}};
static const struct nzs_default_pair keys_device_tags[] = {{"site/name", "site"}, {"rack/name", "rack"}, {"platform/name", "target"}};
static const struct nzs_default_pair keys_vm_tags[] = {{"site/name", "site"}, {"cluster/name", "cluster"}, {"platform/name", "target"}};

#define PAIRS(a) .pairs = (a), .pair_count = ZYNC_ARRAY_LEN(a)

const struct nzs_key_row nzs_key_rows[NZS_KEY_COUNT] = {
	[NZS_CLUSTERING] = {.name = "clustering", .type = NZS_BOOL},
	[NZS_CREATE_HOSTGROUPS] = {.name = "create_hostgroups", .type = NZS_BOOL, .on = true},
	[NZS_CREATE_JOURNAL] = {.name = "create_journal", .type = NZS_BOOL},
	[NZS_DESCRIPTION] = {.name = "description", .type = NZS_TEXT_OR_NONE, .text = "static"},
	[NZS_DESCRIPTION_DT_FORMAT] = {.name = "description_dt_format", .type = NZS_TEXT, .text = "%Y-%m-%d %H:%M:%S"},
	[NZS_DEVICE_CF] = {.name = "device_cf", .type = NZS_TEXT, .text = "zabbix_hostid"},
	[NZS_DEVICE_INVENTORY_MAP] = {.name = "device_inventory_map", .type = NZS_MAP, PAIRS(keys_device_inventory)},
	[NZS_DEVICE_TAG_MAP] = {.name = "device_tag_map", .type = NZS_MAP, PAIRS(keys_device_tags)},
	[NZS_DEVICE_USERMACRO_MAP] = {.name = "device_usermacro_map", .type = NZS_MAP, PAIRS(keys_device_macros)},
	[NZS_EXTENDED_IPS] = {.name = "extended_ips", .type = NZS_BOOL},
	[NZS_EXTENDED_SITE_PROPERTIES] = {.name = "extended_site_properties", .type = NZS_BOOL},
	[NZS_EXTENDED_VIRTUAL_CHASSIS] = {.name = "extended_virtual_chassis", .type = NZS_BOOL},
	[NZS_FULL_PROXY_SYNC] = {.name = "full_proxy_sync", .type = NZS_BOOL},
	[NZS_HOSTGROUP_FORMAT] = {.name = "hostgroup_format", .type = NZS_TEXTS, .texts = keys_format},
	[NZS_INVENTORY_MODE] = {.name = "inventory_mode", .type = NZS_TEXT, .text = "disabled"},
	[NZS_INVENTORY_SYNC] = {.name = "inventory_sync", .type = NZS_BOOL},
	[NZS_LOG_CONSOLE] = {.name = "log_console", .type = NZS_IGNORED},
	[NZS_LOG_FILE] = {.name = "log_file", .type = NZS_IGNORED},
	[NZS_LOG_HANDLERS] = {.name = "log_handlers", .type = NZS_IGNORED},
	[NZS_LOG_ROTATION] = {.name = "log_rotation", .type = NZS_IGNORED},
	[NZS_NB_DEVICE_FILTER] = {.name = "nb_device_filter", .type = NZS_FILTER, PAIRS(keys_filter)},
	[NZS_NB_VM_FILTER] = {.name = "nb_vm_filter", .type = NZS_FILTER, PAIRS(keys_filter)},
	[NZS_OOB_SYNC] = {.name = "oob_sync", .type = NZS_BOOL},
	[NZS_PREFER_DNS] = {.name = "prefer_dns", .type = NZS_BOOL},
	[NZS_PREFERRED_IP] = {.name = "preferred_ip", .type = NZS_TEXT, .text = "auto"},
	[NZS_PROXY_CF] = {.name = "proxy_cf", .type = NZS_TEXT_OR_NONE},
	[NZS_PROXY_GROUP_CF] = {.name = "proxy_group_cf", .type = NZS_TEXT_OR_NONE},
	[NZS_RENDER_CONFIG_CONTEXT] = {.name = "render_config_context", .type = NZS_BOOL},
	[NZS_SKIP_VERSION_CHECK] = {.name = "skip_version_check", .type = NZS_IGNORED},
	[NZS_SYNC_VMS] = {.name = "sync_vms", .type = NZS_BOOL},
	[NZS_TAG_LOWER] = {.name = "tag_lower", .type = NZS_BOOL, .on = true},
	[NZS_TAG_NAME] = {.name = "tag_name", .type = NZS_TEXT_OR_NONE, .text = "NetBox"},
	[NZS_TAG_SYNC] = {.name = "tag_sync", .type = NZS_BOOL},
	[NZS_TAG_VALUE] = {.name = "tag_value", .type = NZS_TEXT, .text = "name"},
	[NZS_TEMPLATE_CF] = {.name = "template_cf", .type = NZS_TEXT, .text = "zabbix_template"},
	[NZS_TEMPLATES_CONFIG_CONTEXT] = {.name = "templates_config_context", .type = NZS_BOOL},
	[NZS_TEMPLATES_CONFIG_CONTEXT_OVERRULE] = {.name = "templates_config_context_overrule", .type = NZS_BOOL},
	[NZS_TRAVERSE_REGIONS] = {.name = "traverse_regions", .type = NZS_BOOL},
	[NZS_TRAVERSE_SITE_GROUPS] = {.name = "traverse_site_groups", .type = NZS_BOOL},
	[NZS_USERMACRO_SYNC] = {.name = "usermacro_sync", .type = NZS_BOOL_OR_FULL},
	[NZS_VM_HOSTGROUP_FORMAT] = {.name = "vm_hostgroup_format", .type = NZS_TEXTS, .texts = keys_vm_format},
	[NZS_VM_INVENTORY_MAP] = {.name = "vm_inventory_map", .type = NZS_MAP, PAIRS(keys_vm_inventory)},
	[NZS_VM_TAG_MAP] = {.name = "vm_tag_map", .type = NZS_MAP, PAIRS(keys_vm_tags)},
	[NZS_VM_USERMACRO_MAP] = {.name = "vm_usermacro_map", .type = NZS_MAP, PAIRS(keys_vm_macros)},
	[NZS_ZABBIX_DEVICE_DISABLE] = {.name = "zabbix_device_disable", .type = NZS_TEXTS, .texts = keys_disable},
	[NZS_ZABBIX_DEVICE_REMOVAL] = {.name = "zabbix_device_removal", .type = NZS_TEXTS, .texts = keys_removal},
};

static enum nzs_key keys_find(const char *name)
{
	for (int key = 0; key < NZS_KEY_COUNT; key++)
		if (strcmp(nzs_key_rows[key].name, name) == 0)
			return (enum nzs_key)key;
	return NZS_NONE;
}

static enum zync_status keys_default(struct nzs *n, enum nzs_key key)
{
	const struct nzs_key_row *row = &nzs_key_rows[key];
	struct nzs_setting *setting = &n->settings[key];
	struct nzs_text *texts;
	struct nzs_pair *pairs;
	size_t count = 0;

	while (row->texts != NULL && row->texts[count] != NULL)
		count++;
	texts = ZYNC_NEW_ARRAY(n->arena, struct nzs_text, count + row->pair_count);
	pairs = ZYNC_NEW_ARRAY(n->arena, struct nzs_pair, row->pair_count);
	if (texts == NULL || pairs == NULL)
		return nzs_nomem(n);
	for (size_t i = 0; row->texts != NULL && i < count; i++)
		texts[i].text = row->texts[i];
	for (size_t i = 0; i < row->pair_count; i++) {
		texts[count + i].text = row->pairs[i].name;
		pairs[i] = (struct nzs_pair){.key = row->pairs[i].path, .values = &texts[count + i], .len = 1};
	}
	*setting = (struct nzs_setting){.on = row->on,
					.text = {.text = row->text},
					.texts = texts,
					.text_count = count,
					.pairs = pairs,
					.pair_count = row->pair_count};
	return ZYNC_OK;
}

/* Never the value: who knows what it is. */
static enum zync_status keys_unknown(struct nzs *n, const struct py_assignment *a)
{
	const char *names[NZS_KEY_COUNT];
	const char *nearest;

	for (size_t i = 0; i < NZS_KEY_COUNT; i++)
		names[i] = nzs_key_rows[i].name;
	nearest = zync_nearest(a->name, names, NZS_KEY_COUNT);
	if (nearest != NULL)
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, NZS_NONE, a->pos.line,
				   "%s: netbox-zabbix-sync has no such key; it ignored it, and so does this file. Was \"%s\" meant?",
				   nzs_shown(n, a->name), nearest);
	return nzs_note_at(n, ZYNC_CONVERT_WARNING, NZS_NONE, a->pos.line,
			   "%s: netbox-zabbix-sync has no such key; it ignored it, and so does this file", nzs_shown(n, a->name));
}

static enum zync_status keys_read_file(struct nzs *n)
{
	const struct zync_vec *all = &n->module.assignments;
	const struct py_assignment *last[NZS_KEY_COUNT] = {NULL};

	for (size_t i = 0; i < all->len; i++) {
		const struct py_assignment *a = all->items[i];
		enum nzs_key key = keys_find(a->name);

		if (key == NZS_NONE)
			ZYNC_TRY(keys_unknown(n, a));
		else
			last[key] = a;
	}
	for (int key = 0; key < NZS_KEY_COUNT; key++) {
		if (last[key] == NULL)
			continue;
		n->settings[key].given = true;
		n->settings[key].line = last[key]->pos.line;
		ZYNC_TRY(nzs_set_value(n, (enum nzs_key)key, last[key]->value));
	}
	return ZYNC_OK;
}

/* An empty variable counts as none: that is how shells switch one off. */
static enum zync_status keys_read_environment(struct nzs *n)
{
	for (int key = 0; n->params->environment != NULL && key < NZS_KEY_COUNT; key++) {
		char *name = zync_arena_printf(n->arena, "NBZX_%s", nzs_key_rows[key].name);
		const char *value;

		if (name == NULL)
			return nzs_nomem(n);
		for (char *c = name; *c != '\0'; c++)
			if (*c >= 'a' && *c <= 'z')
				*c = (char)(*c - 'a' + 'A');
		value = n->params->environment(n->params->ctx, name);
		if (zync_str_empty(value))
			continue;
		n->settings[key].given = true;
		n->settings[key].variable = name;
		ZYNC_TRY(nzs_set_variable(n, (enum nzs_key)key, value));
	}
	return ZYNC_OK;
}

enum zync_status nzs_read_settings(struct nzs *n)
{
	for (int key = 0; key < NZS_KEY_COUNT; key++)
		ZYNC_TRY(keys_default(n, (enum nzs_key)key));
	ZYNC_TRY(keys_read_file(n));
	return keys_read_environment(n);
}
