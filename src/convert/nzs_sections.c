/* SPDX-License-Identifier: Apache-2.0 */
/* Everything but the mappings. */
#include "convert/nzs_priv.h"

#include <string.h>

#include "base/str.h"

#define SECTIONS_NAME_MAX   128 /* bytes of the name of a custom field */
#define SECTIONS_STATUS_MAX 100 /* characters of the label of a status */

static const char *sections_bool(bool on)
{
	return on ? "true" : "false";
}

/* Parameters by which Zync itself reads pages. */
static bool sections_is_reserved(const char *parameter)
{
	static const char *const names[] = {"limit", "offset", "start",	  "ordering", "fields",
					    "omit",  "brief",  "exclude", "format",   "id__gte"};

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(names); i++)
		if (strcmp(names[i], parameter) == 0)
			return true;
	return false;
}

/* The filter without what cannot be passed on. */
static enum zync_status sections_clean_filter(struct nzs *n, enum nzs_key key, struct nzs_pair *ret, size_t *ret_count)
{
	const struct nzs_setting *setting = &n->settings[key];

	*ret_count = 0;
	for (size_t i = 0; i < setting->pair_count; i++) {
		const struct nzs_pair *pair = &setting->pairs[i];

		if (sections_is_reserved(pair->key))
			ZYNC_TRY(nzs_note_at(n, ZYNC_CONVERT_WARNING, key, pair->line,
					     "\"%s\" is left out: Zync sets this parameter itself when it reads pages", pair->key));
		else
			ret[(*ret_count)++] = *pair;
	}
	return ZYNC_OK;
}

static enum zync_status sections_filter(struct nzs *n, enum nzs_key key, const char *name)
{
	struct nzs_pair *pairs = ZYNC_NEW_ARRAY(n->arena, struct nzs_pair, n->settings[key].pair_count);
	size_t count = 0;

	if (pairs == NULL)
		return nzs_nomem(n);
	ZYNC_TRY(sections_clean_filter(n, key, pairs, &count));
	emit_origin(n, "  ", key);
	if (count > 0)
		emit_line(n, "  ", "%s:", name);
	for (size_t i = 0; i < count; i++) {
		const struct nzs_pair *pair = &pairs[i];

		if (pair->len == 1) {
			emit_line(n, "    ", "%s: %s", emit_key(n, pair->key), emit_text(n, &pair->values[0]));
			continue;
		}
		emit_line(n, "    ", "%s:", emit_key(n, pair->key));
		for (size_t j = 0; j < pair->len; j++)
			emit_line(n, "      ", "- %s", emit_text(n, &pair->values[j]));
	}
	return ZYNC_OK;
}

static bool sections_is_field_name(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

	return strspn(text, allowed) == strlen(text) && strlen(text) <= SECTIONS_NAME_MAX;
}

static enum zync_status sections_netbox(struct nzs *n)
{
	struct nzs_setting *field = &n->settings[NZS_DEVICE_CF];

	if (!field->text.variable && !sections_is_field_name(field->text.text)) {
		ZYNC_TRY(
			nzs_note(n, ZYNC_CONVERT_WARNING, NZS_DEVICE_CF, "no custom field of NetBox has such a name; the default is used"));
		field->text = (struct nzs_text){.text = nzs_key_rows[NZS_DEVICE_CF].text};
	}
	emit_line(n, "", "netbox:");
	emit_line(n, "  ", "# The same variables as before.");
	emit_line(n, "  ", "url: ${NETBOX_HOST}");
	emit_line(n, "  ", "token: ${NETBOX_TOKEN}");
	emit_line(n, "  ", "# ca_file: ${REQUESTS_CA_BUNDLE} # where that was set; Zync does not look at it by itself");
	emit_origin(n, "  ", NZS_SYNC_VMS);
	emit_line(n, "  ", "virtual_machines: %s", sections_bool(n->settings[NZS_SYNC_VMS].on));
	ZYNC_TRY(sections_filter(n, NZS_NB_DEVICE_FILTER, "device_filter"));
	ZYNC_TRY(sections_filter(n, NZS_NB_VM_FILTER, "vm_filter"));
	emit_origin(n, "  ", NZS_CLUSTERING);
	emit_line(n, "  ", "virtual_chassis: %s", n->settings[NZS_CLUSTERING].on ? "one_host" : "members");
	emit_origin(n, "  ", NZS_DEVICE_CF);
	emit_line(n, "  ", "hostid_field: %s", emit_text(n, &field->text));
	emit_line(n, "  ", "write_back: true");
	emit_origin(n, "  ", NZS_CREATE_JOURNAL);
	emit_line(n, "  ", "journal: %s", sections_bool(n->settings[NZS_CREATE_JOURNAL].on));
	return ZYNC_OK;
}

static void sections_zabbix(struct nzs *n)
{
	emit_line(n, "", "zabbix:");
	emit_line(n, "  ", "url: ${ZABBIX_HOST}");
	emit_line(n, "  ", "# Left out, the log-in comes from $ZABBIX_TOKEN, or from $ZABBIX_USER and $ZABBIX_PASS, as before.");
	emit_line(n, "  ", "# ca_file: ${REQUESTS_CA_BUNDLE} # where that was set; Zync does not look at it by itself");
	emit_line(n, "", "sync:");
	emit_comment(
		n->out, "  ",
		"netbox-zabbix-sync leaves hosts alone whose object is gone from NetBox or from the filters; so does report. Recommended: "
		"disable.");
	emit_line(n, "  ", "on_missing: report");
	emit_comment(n->out, "  ", "A status of zabbix_device_removal deletes the host with its history. Recommended: soft.");
	emit_line(n, "  ", "delete_mode: hard");
	emit_comment(
		n->out, "  ",
		"A run that would delete or disable very many hosts stops before its first write (max_deletes, max_disables, max_shrink); "
		"netbox-zabbix-sync has no such limits.");
}

/* --- statuses --- */

struct sections_status {
	const char *label, *value;
};
static const struct sections_status sections_device[] = {{"Offline", "offline"},
							 {"Active", "active"},
							 {"Planned", "planned"},
							 {"Staged", "staged"},
							 {"Failed", "failed"},
							 {"Inventory", "inventory"},
							 {"Decommissioning", "decommissioning"}};
static const struct sections_status sections_vm[] = {{"Offline", "offline"}, {"Active", "active"}, {"Planned", "planned"},
						     {"Staged", "staged"},   {"Failed", "failed"}, {"Decommissioning", "decommissioning"},
						     {"Paused", "paused"}};

static bool sections_lists(const struct nzs *n, enum nzs_key key, const char *label)
{
	const struct nzs_setting *setting = &n->settings[key];

	for (size_t i = 0; i < setting->text_count; i++)
		if (!setting->texts[i].variable && strcmp(setting->texts[i].text, label) == 0)
			return true;
	return false;
}

/* The removal list goes before the other. */
static const char *sections_meaning(const struct nzs *n, const char *label)
{
	if (sections_lists(n, NZS_ZABBIX_DEVICE_REMOVAL, label))
		return "removed";
	return sections_lists(n, NZS_ZABBIX_DEVICE_DISABLE, label) ? "disabled" : "monitored";
}

/* What is wrong with a status that is none of NetBox's own; NULL: it is one that somebody added there. */
static const char *sections_status_problem(const struct nzs_text *text)
{
	if (text->variable)
		return "a variable cannot name a status here; write it out";
	if (text->text[0] == '\0')
		return "it is empty";
	if (zync_utf8_len(text->text) > SECTIONS_STATUS_MAX)
		return "no status of NetBox has such a long name";
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(sections_device) + ZYNC_ARRAY_LEN(sections_vm); i++) {
		const struct sections_status *s =
			i < ZYNC_ARRAY_LEN(sections_device) ? &sections_device[i] : &sections_vm[i - ZYNC_ARRAY_LEN(sections_device)];

		if (zync_str_eq_nocase(s->label, text->text) && strcmp(s->label, text->text) != 0)
			return "netbox-zabbix-sync compares labels with their case, so that it never matched";
	}
	return NULL;
}

static bool sections_is_builtin(const char *label)
{
	for (size_t i = 0; i < ZYNC_ARRAY_LEN(sections_device); i++)
		if (strcmp(sections_device[i].label, label) == 0)
			return true;
	return strcmp(label, "Paused") == 0;
}

/* Statuses that somebody added to NetBox, each once; and notes for what is none. */
static enum zync_status sections_custom(struct nzs *n, enum nzs_key key, struct zync_vec *ret)
{
	const struct nzs_setting *setting = &n->settings[key];

	for (size_t i = 0; i < setting->text_count; i++) {
		union {
			const struct nzs_text *in;
			void *out;
		} text = {.in = &setting->texts[i]};
		const char *problem = sections_status_problem(text.in);
		bool there = false;

		if (problem != NULL) {
			ZYNC_TRY(nzs_note_at(n, ZYNC_CONVERT_WARNING, key, text.in->line, "\"%s\" is left out: %s",
					     nzs_shown(n, text.in->text), problem));
			continue;
		}
		for (size_t j = 0; j < ret->len; j++)
			there = there || zync_str_eq_nocase(((const struct nzs_text *)ret->items[j])->text, text.in->text);
		if (!there && !sections_is_builtin(text.in->text))
			ZYNC_TRY(zync_vec_push(ret, text.out, n->err));
	}
	return ZYNC_OK;
}

static void sections_emit_statuses(struct nzs *n, const char *name, const struct sections_status *own, size_t count,
				   const struct zync_vec *custom)
{
	emit_line(n, "  ", "%s:", name);
	for (size_t i = 0; i < count; i++)
		emit_line(n, "    ", "%s: %s", own[i].value, sections_meaning(n, own[i].label));
	for (size_t i = 0; i < custom->len; i++) {
		const char *label = ((const struct nzs_text *)custom->items[i])->text;

		emit_line(n, "    ", "%s: %s", emit_key(n, label), sections_meaning(n, label));
	}
}

static enum zync_status sections_status(struct nzs *n)
{
	struct zync_vec custom;

	zync_vec_init(&custom, n->arena);
	ZYNC_TRY(sections_custom(n, NZS_ZABBIX_DEVICE_REMOVAL, &custom));
	ZYNC_TRY(sections_custom(n, NZS_ZABBIX_DEVICE_DISABLE, &custom));
	emit_line(n, "", "status:");
	emit_comment(n->out, "  ",
		     "Every status of NetBox is named, so that Zync's own defaults do not count. What is not named is monitored.");
	emit_origin(n, "  ", NZS_ZABBIX_DEVICE_REMOVAL);
	emit_origin(n, "  ", NZS_ZABBIX_DEVICE_DISABLE);
	sections_emit_statuses(n, "device", sections_device, ZYNC_ARRAY_LEN(sections_device), &custom);
	sections_emit_statuses(n, "virtual_machine", sections_vm, ZYNC_ARRAY_LEN(sections_vm), &custom);
	return ZYNC_OK;
}

/* --- ownership and rules --- */

static void sections_ownership(struct nzs *n)
{
	emit_line(n, "", "ownership:");
	emit_comment(n->out, "  ",
		     "The description is set at creation only; inventory fields outside the map, and interfaces that people added, stay.");
	emit_line(n, "  ", "description: ignore");
	emit_line(n, "  ", "inventory: merge");
	emit_line(n, "  ", "interfaces: merge");
	emit_origin(n, "  ", NZS_FULL_PROXY_SYNC);
	emit_line(n, "  ", "proxy: %s", n->settings[NZS_FULL_PROXY_SYNC].on ? "overwrite" : "merge");
}

static enum zync_status sections_rules(struct nzs *n)
{
	bool regions = n->settings[NZS_TRAVERSE_REGIONS].on, groups = n->settings[NZS_TRAVERSE_SITE_GROUPS].on;
	const struct nzs_text *format = &n->settings[NZS_DESCRIPTION_DT_FORMAT].text;

	if (!n->settings[NZS_CREATE_HOSTGROUPS].on)
		ZYNC_TRY(nzs_note(
			n, ZYNC_CONVERT_WARNING, NZS_CREATE_HOSTGROUPS,
			"Zync creates host groups that are missing, with their parents; there is no key against it. netbox-zabbix-sync "
			"gave a host only those groups that existed, and skipped it without any"));
	emit_line(n, "", "rules:");
	emit_origin(n, "  ", NZS_CREATE_HOSTGROUPS);
	emit_comment(n->out, "  ",
		     "Names that Zabbix refuses: NETBOX_ID17, with the real one as the visible name. netbox-zabbix-sync knew umlauts and "
		     "Cyrillic "
		     "letters only; hosts with other such characters were refused by Zabbix, and are created now.");
	emit_line(n, "  ", "illegal_names: netbox_id");
	emit_comment(n->out, "  ", "Tags and macros that are too long for Zabbix are left out, as before.");
	emit_line(n, "  ", "too_long: skip");
	emit_line(n, "  ", "empty_inventory: clear");
	emit_origin(n, "  ", NZS_TAG_LOWER);
	emit_line(n, "  ", "tag_case: %s", n->settings[NZS_TAG_LOWER].on ? "lower" : "keep");
	emit_origin(n, "  ", NZS_TRAVERSE_REGIONS);
	emit_origin(n, "  ", NZS_TRAVERSE_SITE_GROUPS);
	if (regions || groups)
		emit_line(n, "  ", "traverse: [%s%s%s]", regions ? "region" : "", regions && groups ? ", " : "",
			  groups ? "site_group" : "");
	emit_origin(n, "  ", NZS_DESCRIPTION_DT_FORMAT);
	emit_line(n, "  ", "datetime_format: %s", emit_text(n, format));
	return ZYNC_OK;
}

enum zync_status nzs_emit_sections(struct nzs *n)
{
	ZYNC_TRY(sections_netbox(n));
	sections_zabbix(n);
	ZYNC_TRY(sections_status(n));
	sections_ownership(n);
	return sections_rules(n);
}
