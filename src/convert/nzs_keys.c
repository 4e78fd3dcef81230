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
	[NZS_CLUSTERING] = {"clustering", NZS_BOOL},
	[NZS_CREATE_HOSTGROUPS] = {"create_hostgroups", NZS_BOOL, .on = true},
	[NZS_CREATE_JOURNAL] = {"create_journal", NZS_BOOL},
	[NZS_DESCRIPTION] = {"description", NZS_TEXT_OR_NONE, .text = "static"},
	[NZS_DESCRIPTION_DT_FORMAT] = {"description_dt_format", NZS_TEXT, .text = "%Y-%m-%d %H:%M:%S"},
	[NZS_DEVICE_CF] = {"device_cf", NZS_TEXT, .text = "zabbix_hostid"},
	[NZS_DEVICE_INVENTORY_MAP] = {"device_inventory_map", NZS_MAP, PAIRS(keys_device_inventory)},
	[NZS_DEVICE_TAG_MAP] = {"device_tag_map", NZS_MAP, PAIRS(keys_device_tags)},
	[NZS_DEVICE_USERMACRO_MAP] = {"device_usermacro_map", NZS_MAP, PAIRS(keys_device_macros)},
	[NZS_EXTENDED_IPS] = {"extended_ips", NZS_BOOL},
	[NZS_EXTENDED_SITE_PROPERTIES] = {"extended_site_properties", NZS_BOOL},
	[NZS_EXTENDED_VIRTUAL_CHASSIS] = {"extended_virtual_chassis", NZS_BOOL},
	[NZS_FULL_PROXY_SYNC] = {"full_proxy_sync", NZS_BOOL},
	[NZS_HOSTGROUP_FORMAT] = {"hostgroup_format", NZS_TEXTS, .texts = keys_format},
	[NZS_INVENTORY_MODE] = {"inventory_mode", NZS_TEXT, .text = "disabled"},
	[NZS_INVENTORY_SYNC] = {"inventory_sync", NZS_BOOL},
	[NZS_LOG_CONSOLE] = {"log_console", NZS_IGNORED},
	[NZS_LOG_FILE] = {"log_file", NZS_IGNORED},
	[NZS_LOG_HANDLERS] = {"log_handlers", NZS_IGNORED},
	[NZS_LOG_ROTATION] = {"log_rotation", NZS_IGNORED},
	[NZS_NB_DEVICE_FILTER] = {"nb_device_filter", NZS_FILTER, PAIRS(keys_filter)},
	[NZS_NB_VM_FILTER] = {"nb_vm_filter", NZS_FILTER, PAIRS(keys_filter)},
	[NZS_OOB_SYNC] = {"oob_sync", NZS_BOOL},
	[NZS_PREFER_DNS] = {"prefer_dns", NZS_BOOL},
	[NZS_PREFERRED_IP] = {"preferred_ip", NZS_TEXT, .text = "auto"},
	[NZS_PROXY_CF] = {"proxy_cf", NZS_TEXT_OR_NONE},
	[NZS_PROXY_GROUP_CF] = {"proxy_group_cf", NZS_TEXT_OR_NONE},
	[NZS_RENDER_CONFIG_CONTEXT] = {"render_config_context", NZS_BOOL},
	[NZS_SKIP_VERSION_CHECK] = {"skip_version_check", NZS_IGNORED},
	[NZS_SYNC_VMS] = {"sync_vms", NZS_BOOL},
	[NZS_TAG_LOWER] = {"tag_lower", NZS_BOOL, .on = true},
	[NZS_TAG_NAME] = {"tag_name", NZS_TEXT_OR_NONE, .text = "NetBox"},
	[NZS_TAG_SYNC] = {"tag_sync", NZS_BOOL},
	[NZS_TAG_VALUE] = {"tag_value", NZS_TEXT, .text = "name"},
	[NZS_TEMPLATE_CF] = {"template_cf", NZS_TEXT, .text = "zabbix_template"},
	[NZS_TEMPLATES_CONFIG_CONTEXT] = {"templates_config_context", NZS_BOOL},
	[NZS_TEMPLATES_CONFIG_CONTEXT_OVERRULE] = {"templates_config_context_overrule", NZS_BOOL},
	[NZS_TRAVERSE_REGIONS] = {"traverse_regions", NZS_BOOL},
	[NZS_TRAVERSE_SITE_GROUPS] = {"traverse_site_groups", NZS_BOOL},
	[NZS_USERMACRO_SYNC] = {"usermacro_sync", NZS_BOOL_OR_FULL},
	[NZS_VM_HOSTGROUP_FORMAT] = {"vm_hostgroup_format", NZS_TEXTS, .texts = keys_vm_format},
	[NZS_VM_INVENTORY_MAP] = {"vm_inventory_map", NZS_MAP, PAIRS(keys_vm_inventory)},
	[NZS_VM_TAG_MAP] = {"vm_tag_map", NZS_MAP, PAIRS(keys_vm_tags)},
	[NZS_VM_USERMACRO_MAP] = {"vm_usermacro_map", NZS_MAP, PAIRS(keys_vm_macros)},
	[NZS_ZABBIX_DEVICE_DISABLE] = {"zabbix_device_disable", NZS_TEXTS, .texts = keys_disable},
	[NZS_ZABBIX_DEVICE_REMOVAL] = {"zabbix_device_removal", NZS_TEXTS, .texts = keys_removal},
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
	for (size_t i = 0; i < count; i++)
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
