/* SPDX-License-Identifier: Apache-2.0 */
/* The two mappings: one for devices and one for virtual machines. */
#include "convert/nzs_priv.h"

#include <string.h>

#include "base/str.h"

#define SET_FORMAT_MAX 500  /* bytes of a format of host groups */
#define SET_STATE_MAX  8000 /* bytes of the expression for state */
#define SET_PARTS_MAX  30   /* levels of one; Zabbix's group has at most 255 characters anyway */

static const char set_static[] = "Host added by NetBox sync script.";
static const char set_dynamic[] = "Host by owner {owner} added by NetBox sync script on {datetime}.";

/* --- host groups --- */

static bool set_is_quote(char c)
{
	return c == '\'' || c == '"';
}

/* The format as Zync reads it: without empty parts. *ret NULL: it is none, and netbox-zabbix-sync would not have started. */
static enum zync_status set_format(struct nzs *n, enum nzs_key key, const struct nzs_text *text, const char **ret)
{
	const char *problem = strlen(text->text) > SET_FORMAT_MAX ? "it is too long" : NULL;
	struct zync_buf out;
	size_t parts = 0;

	*ret = NULL;
	zync_buf_init(&out, ZYNC_LIMIT_TEMPLATE_SOURCE);
	for (const char *part = text->text; problem == NULL;) {
		size_t len = strcspn(part, "/");

		if (len > 0 && set_is_quote(part[0]) && (len < 3 || part[len - 1] != part[0]))
			problem = "a quotation mark has no counterpart, or nothing stands between the two";
		if (len > 0 && parts++ > 0)
			zync_buf_addc(&out, '/');
		zync_buf_add(&out, part, len);
		if (part[len] == '\0')
			break;
		part += len + 1;
	}
	if (problem == NULL && (parts == 0 || parts > SET_PARTS_MAX))
		problem = parts == 0 ? "it is empty" : "it has too many parts";
	if (problem == NULL && out.failed == ZYNC_OK)
		*ret = zync_arena_strndup(n->arena, out.data, out.len);
	zync_buf_done(&out);
	if (problem != NULL)
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, text->line, "\"%s\" is left out: %s", nzs_shown(n, text->text), problem);
	if (*ret == NULL)
		return nzs_nomem(n);
	if (strcmp(*ret, text->text) != 0)
		return nzs_note_at(n, ZYNC_CONVERT_WARNING, key, text->line,
				   "\"%s\": empty parts are left out; netbox-zabbix-sync did not start with them",
				   nzs_shown(n, text->text));
	return ZYNC_OK;
}

static bool set_uses(const char *format, const char *token)
{
	size_t len = strlen(token);

	for (const char *part = format;; part += strcspn(part, "/") + 1) {
		if (strncmp(part, token, len) == 0 && (part[len] == '/' || part[len] == '\0'))
			return true;
		if (strchr(part, '/') == NULL)
			return false;
	}
}

/* Names that mean a custom field to the old tool, or an error, and something of NetBox to Zync. */
static enum zync_status set_check_tokens(struct nzs *n, enum nzs_key key, const struct nzs_text *text, const char *format)
{
	static const char *const device[] = {"cluster", "cluster_type", "device_type"};
	static const char *const vm[] = {"device_type", "location", "manufacturer", "rack"};
	bool devices = key == NZS_HOSTGROUP_FORMAT;
	const char *const *tokens = devices ? device : vm;
	size_t count = devices ? ZYNC_ARRAY_LEN(device) : ZYNC_ARRAY_LEN(vm);

	for (size_t i = 0; i < count; i++)
		if (set_uses(format, tokens[i]))
			ZYNC_TRY(nzs_note_at(n, ZYNC_CONVERT_WARNING, key, text->line,
					     "\"%s\" is %s here; to netbox-zabbix-sync it is no word for %s, but a custom field of that "
					     "name or an error "
					     "of every host",
					     tokens[i], devices ? "that of the device" : "always empty",
					     devices ? "devices" : "virtual machines"));
	return ZYNC_OK;
}

static enum zync_status set_formats(struct nzs *n, enum nzs_key key)
{
	const struct nzs_setting *setting = &n->settings[key];
	const char **formats = ZYNC_NEW_ARRAY(n->arena, const char *, setting->text_count + 1);
	size_t count = 0;

	if (formats == NULL)
		return nzs_nomem(n);
	for (size_t i = 0; i < setting->text_count; i++) {
		const struct nzs_text *text = &setting->texts[i];
		const char *format = NULL;

		if (!text->variable)
			ZYNC_TRY(set_format(n, key, text, &format));
		if (format != NULL)
			ZYNC_TRY(set_check_tokens(n, key, text, format));
		if (text->variable || format != NULL)
			formats[count++] = text->variable ? emit_text(n, text) : emit_value(n, format);
	}
	if (count == 0) {
		ZYNC_TRY(nzs_note(n, ZYNC_CONVERT_WARNING, key, "no format is left; the default is used"));
		formats[count++] = emit_value(n, nzs_key_rows[key].texts[0]);
	}
	emit_origin(n, "      ", key);
	emit_line(n, "      ", "host_group_format:");
	for (size_t i = 0; i < count; i++)
		emit_line(n, "        ", "- %s", formats[i]);
	return ZYNC_OK;
}

/* --- description --- */

/* Is every {word} of the text one that the old tool knows? It takes another text else. */
static bool set_macros_known(const char *text)
{
	for (const char *open = strchr(text, '{'); open != NULL; open = strchr(open + 1, '{')) {
		const char *close = strpbrk(open, "}\n");

		if (close == NULL || *close == '\n')
			continue;
		if (strncmp(open, "{owner}", 7) != 0 && strncmp(open, "{datetime}", 10) != 0)
			return false;
		open = close;
	}
	return true;
}

/* {owner} becomes the owner that NetBox knows from 4.5 on; {datetime} is Zync's word, too. */
static const char *set_with_owner(struct nzs *n, const char *text)
{
	struct zync_buf out;
	const char *made = NULL;

	zync_buf_init(&out, ZYNC_LIMIT_TEMPLATE_SOURCE);
	for (const char *c = text; *c != '\0'; c++) {
		if (strncmp(c, "{owner}", 7) == 0) {
			zync_buf_adds(&out, "{{ owner }}");
			c += 6;
		} else {
			zync_buf_addc(&out, *c);
		}
	}
	if (out.failed != ZYNC_ERR_LIMIT)
		made = out.failed == ZYNC_OK ? zync_arena_strndup(n->arena, out.data, out.len) : NULL;
	else
		made = "";
	zync_buf_done(&out);
	return made;
}

static enum zync_status set_description(struct nzs *n)
{
	const struct nzs_text *setting = &n->settings[NZS_DESCRIPTION].text;
	const char *text = setting->text, *made;

	if (text == NULL || setting->variable) {
		if (text != NULL)
			ZYNC_TRY(nzs_note(n, ZYNC_CONVERT_WARNING, NZS_DESCRIPTION,
					  "the text of the variable is used as it is: static, dynamic and {owner} mean nothing in it"));
		emit_origin(n, "      ", NZS_DESCRIPTION);
		if (text != NULL)
			emit_line(n, "      ", "description: %s", emit_text(n, setting));
		return ZYNC_OK;
	}
	if (strcmp(text, "static") == 0)
		text = set_static;
	else if (strcmp(text, "dynamic") == 0)
		text = set_dynamic;
	made = emit_template(n, text);
	if (!set_macros_known(text) || strcmp(made, text) != 0) {
		ZYNC_TRY(nzs_note(
			n, ZYNC_CONVERT_WARNING, NZS_DESCRIPTION,
			"only {owner} and {datetime} are known in braces; as netbox-zabbix-sync does for others, the static text is used"));
		text = set_static;
	}
	made = set_with_owner(n, text);
	if (made == NULL)
		return nzs_nomem(n);
	if (made[0] == '\0') {
		ZYNC_TRY(nzs_note(n, ZYNC_CONVERT_WARNING, NZS_DESCRIPTION, "the text is too long; the static one is used"));
		made = set_static;
	}
	emit_origin(n, "      ", NZS_DESCRIPTION);
	emit_line(n, "      ", "description: %s", emit_value(n, made));
	return ZYNC_OK;
}

/* --- inventory --- */

static enum zync_status set_inventory(struct nzs *n, enum nzs_key map)
{
	static const char *const modes[] = {"disabled", "manual", "automatic"};
	struct nzs_text *mode = &n->settings[NZS_INVENTORY_MODE].text;
	bool known = mode->variable, sync = n->settings[NZS_INVENTORY_SYNC].on;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(modes); i++)
		known = known || strcmp(mode->text, modes[i]) == 0;
	if (!known) {
		ZYNC_TRY(nzs_note(n, ZYNC_CONVERT_WARNING, NZS_INVENTORY_MODE,
				  "it must be disabled, manual or automatic; disabled is used"));
		*mode = (struct nzs_text){.text = modes[0]};
	}
	if (sync && !mode->variable && strcmp(mode->text, modes[0]) == 0) {
		ZYNC_TRY(nzs_note(n, ZYNC_CONVERT_WARNING, NZS_INVENTORY_SYNC,
				  "it has no effect while inventory_mode is disabled, as in netbox-zabbix-sync; the map is left out"));
		n->settings[NZS_INVENTORY_SYNC].on = sync = false;
	}
	emit_origin(n, "      ", NZS_INVENTORY_MODE);
	emit_line(n, "      ", "inventory_mode: %s", mode->variable ? emit_text(n, mode) : mode->text);
	emit_origin(n, "      ", NZS_INVENTORY_SYNC);
	return sync ? nzs_emit_inventory(n, map) : ZYNC_OK;
}

/* --- what NetBox itself holds --- */

static const char *set_templates_from(const struct nzs *n)
{
	if (n->settings[NZS_TEMPLATES_CONFIG_CONTEXT].on)
		return "context";
	return n->settings[NZS_TEMPLATES_CONFIG_CONTEXT_OVERRULE].on ? "context_or_custom_field" : "custom_field";
}

/* A text in quotes of the template language. */
static void set_add_quoted(struct zync_buf *out, const char *text)
{
	zync_buf_addc(out, '"');
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			zync_buf_addc(out, '\\');
		zync_buf_addc(out, *c);
	}
	zync_buf_addc(out, '"');
}

/* Where the old tool looks for templates, as an expression. */
static void set_add_templates(struct nzs *n, bool device, struct zync_buf *out)
{
	const char *from = device ? set_templates_from(n) : "context", *field = n->settings[NZS_TEMPLATE_CF].text.text;
	bool context = strcmp(from, "custom_field") != 0, either = strcmp(from, "context_or_custom_field") == 0;

	zync_buf_adds(out, either ? "(" : "");
	if (context)
		zync_buf_adds(out, "config_context.zabbix.templates");
	if (either)
		zync_buf_adds(out, " or ");
	if (!context || either) {
		zync_buf_adds(out, "device_type.custom_fields[");
		set_add_quoted(out, field);
		zync_buf_addc(out, ']');
	}
	zync_buf_adds(out, either ? ")" : "");
}

/* No host without a template, unless its status says that it goes anyway. */
static enum zync_status set_state(struct nzs *n, bool device)
{
	const struct nzs_setting *removal = &n->settings[NZS_ZABBIX_DEVICE_REMOVAL];
	bool some = false;
	ZYNC_AUTO_BUF out;

	zync_buf_init(&out, ZYNC_LIMIT_TEMPLATE_SOURCE);
	/* A field that only a variable names cannot stand in the expression: its value need not be a name. */
	if (device && n->settings[NZS_TEMPLATE_CF].text.variable && strcmp(set_templates_from(n), "context") != 0)
		return nzs_note(n, ZYNC_CONVERT_WARNING, NZS_TEMPLATE_CF,
				"devices without a template become hosts, other than in netbox-zabbix-sync, because the name of the field "
				"comes from a "
				"variable; write it out and convert again");
	zync_buf_adds(&out, "{{ \"skipped\" if not ");
	set_add_templates(n, device, &out);
	for (size_t i = 0; i < removal->text_count; i++) {
		if (removal->texts[i].variable || removal->texts[i].text[0] == '\0')
			continue;
		if (out.len + 2 * strlen(removal->texts[i].text) + 10 > SET_STATE_MAX) {
			ZYNC_TRY(nzs_note(
				n, ZYNC_CONVERT_WARNING, NZS_ZABBIX_DEVICE_REMOVAL,
				"the list is too long: of its last statuses hosts without a template are left alone, not removed"));
			break;
		}
		zync_buf_adds(&out, some ? ", " : " and status.label not in [");
		set_add_quoted(&out, removal->texts[i].text);
		some = true;
	}
	zync_buf_adds(&out, some ? "] }}" : " }}");
	ZYNC_TRY(zync_buf_check(&out, "the list of zabbix_device_removal", n->err));
	emit_comment(n->out, "      ", "No host without a template, as before. Left out, they become hosts, too.");
	emit_line(n, "      ", "state: %s", emit_value(n, out.data));
	return ZYNC_OK;
}

static void set_field(struct nzs *n, enum nzs_key key, const char *name)
{
	const struct nzs_text *text = &n->settings[key].text;

	emit_origin(n, "        ", key);
	if (text->text != NULL)
		emit_line(n, "        ", "%s: %s", name, emit_text(n, text));
}

static enum zync_status set_check_per_host(struct nzs *n)
{
	static const char *const families[] = {"auto", "ipv4", "ipv6"};
	struct nzs_text *family = &n->settings[NZS_PREFERRED_IP].text;
	bool known = family->variable;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(families); i++)
		known = known || strcmp(family->text, families[i]) == 0;
	if (!known) {
		ZYNC_TRY(nzs_note(n, ZYNC_CONVERT_WARNING, NZS_PREFERRED_IP, "it must be auto, ipv4 or ipv6; auto is used"));
		*family = (struct nzs_text){.text = families[0]};
	}
	if (n->settings[NZS_RENDER_CONFIG_CONTEXT].on)
		return nzs_note(n, ZYNC_CONVERT_WARNING, NZS_RENDER_CONFIG_CONTEXT,
				"Zync does not render templates in the config context: a \"{{ … }}\" there would get into Zabbix as it is. "
				"Move such "
				"values to templates of this file, which can look at config_context, too");
	return ZYNC_OK;
}

static enum zync_status set_per_host(struct nzs *n, bool device)
{
	bool tags = n->settings[NZS_TAG_SYNC].on, macros = n->settings[NZS_USERMACRO_SYNC].on;

	ZYNC_TRY(set_check_per_host(n));
	emit_comment(n->out, "      ", "The config context \"zabbix\" and the custom fields, as before.");
	emit_origin(n, "      ", NZS_RENDER_CONFIG_CONTEXT);
	emit_line(n, "      ", "per_host:");
	emit_line(n, "        ", "parts: [templates, proxy, interface, description, ipmi%s%s]", tags ? ", tags" : "",
		  macros ? ", macros" : "");
	if (device) {
		emit_origin(n, "        ", NZS_TEMPLATES_CONFIG_CONTEXT);
		emit_origin(n, "        ", NZS_TEMPLATES_CONFIG_CONTEXT_OVERRULE);
		emit_line(n, "        ", "templates_from: %s", set_templates_from(n));
		set_field(n, NZS_TEMPLATE_CF, "template_field");
	} else {
		emit_line(n, "        ", "templates_from: context");
	}
	set_field(n, NZS_PROXY_CF, "proxy_field");
	set_field(n, NZS_PROXY_GROUP_CF, "proxy_group_field");
	set_field(n, NZS_PREFERRED_IP, "preferred_ip");
	emit_origin(n, "        ", NZS_PREFER_DNS);
	emit_line(n, "        ", "prefer_dns: %s", n->settings[NZS_PREFER_DNS].on ? "true" : "false");
	emit_origin(n, "        ", NZS_OOB_SYNC);
	emit_line(n, "        ", "oob: %s", n->settings[NZS_OOB_SYNC].on ? "true" : "false");
	return ZYNC_OK;
}

static enum zync_status set_macros(struct nzs *n, enum nzs_key map)
{
	const struct nzs_setting *setting = &n->settings[NZS_USERMACRO_SYNC];

	if (setting->on && setting->text.text != NULL)
		ZYNC_TRY(nzs_note(
			n, ZYNC_CONVERT_NOTE, NZS_USERMACRO_SYNC,
			"secret macros are written when their value differs from what Zync last wrote, not in every run as with \"full\""));
	emit_origin(n, "      ", NZS_USERMACRO_SYNC);
	return setting->on ? nzs_emit_macros(n, map) : ZYNC_OK;
}

static enum zync_status set_mapping(struct nzs *n, bool device)
{
	emit_line(n, "  ", "- name: %s", device ? "devices" : "virtual machines");
	emit_line(n, "    ", "match: {type: %s}", device ? "device" : "vm");
	emit_line(n, "    ", "set:");
	ZYNC_TRY(set_state(n, device));
	ZYNC_TRY(set_formats(n, device ? NZS_HOSTGROUP_FORMAT : NZS_VM_HOSTGROUP_FORMAT));
	ZYNC_TRY(set_description(n));
	ZYNC_TRY(set_inventory(n, device ? NZS_DEVICE_INVENTORY_MAP : NZS_VM_INVENTORY_MAP));
	emit_origin(n, "      ", NZS_TAG_SYNC);
	if (n->settings[NZS_TAG_SYNC].on)
		ZYNC_TRY(nzs_emit_tags(n, device ? NZS_DEVICE_TAG_MAP : NZS_VM_TAG_MAP));
	ZYNC_TRY(set_macros(n, device ? NZS_DEVICE_USERMACRO_MAP : NZS_VM_USERMACRO_MAP));
	return set_per_host(n, device);
}

enum zync_status nzs_emit_mappings(struct nzs *n)
{
	emit_line(n, "", "mappings:");
	ZYNC_TRY(set_mapping(n, /* device= */ true));
	return set_mapping(n, /* device= */ false);
}
