/* SPDX-License-Identifier: Apache-2.0 */
/* Every key of netbox-zabbix-sync: its default, its values, values of a wrong kind. */
#include "convert_test.h"

#include <string.h>

static const struct {
	const char *python;
	const char *has;   /* in the configuration without comments, lines joined by "; " */
	const char *lacks; /* NULL: nothing */
	const char *note;  /* in the notes, NULL: there is none at all */
} cases[] = {
	/* the defaults */
	{"",
	 "netbox:; url: ${NETBOX_HOST}; token: ${NETBOX_TOKEN}; virtual_machines: false; device_filter:; \"name__n\": \"null\"; "
	 "vm_filter:; \"name__n\": \"null\"; "
	 "virtual_chassis: members; hostid_field: \"zabbix_hostid\"; write_back: true; journal: false; zabbix:; url: ${ZABBIX_HOST}; "
	 "sync:; on_missing: report; delete_mode: hard; ",
	 NULL, NULL},
	{"",
	 "status:; device:; offline: disabled; active: monitored; planned: disabled; staged: disabled; failed: disabled; inventory: "
	 "removed; decommissioning: removed; "
	 "virtual_machine:; offline: disabled; active: monitored; planned: disabled; staged: disabled; failed: disabled; decommissioning: "
	 "removed; paused: monitored; ",
	 NULL, NULL},
	{"",
	 "ownership:; description: ignore; inventory: merge; interfaces: merge; proxy: merge; rules:; illegal_names: netbox_id; too_long: "
	 "skip; empty_inventory: clear; "
	 "tag_case: lower; datetime_format: \"%Y-%m-%d %H:%M:%S\"; mappings:; - name: devices; match: {type: device}; set:; state: \"{{ "
	 "\\\"skipped\\\" if not device_type.custom_fields[\\\"zabbix_template\\\"] and status.label not in [\\\"Decommissioning\\\", "
	 "\\\"Inventory\\\"] }}\"; "
	 "host_group_format:; "
	 "- \"site/manufacturer/role\"; description: \"Host added by NetBox sync script.\"; inventory_mode: disabled; per_host:; "
	 "parts: [templates, proxy, interface, description, ipmi]; templates_from: custom_field; template_field: \"zabbix_template\"; "
	 "preferred_ip: \"auto\"; "
	 "prefer_dns: false; oob: false; - name: virtual machines; match: {type: vm}; set:; state: \"{{ \\\"skipped\\\" if not "
	 "config_context.zabbix.templates and status.label not in [\\\"Decommissioning\\\", \\\"Inventory\\\"] }}\"; host_group_format:; - "
	 "\"cluster_type/cluster/role\"; "
	 "description: \"Host added by NetBox sync script.\"; inventory_mode: disabled; per_host:; parts: [templates, proxy, interface, "
	 "description, ipmi]; "
	 "templates_from: context; preferred_ip: \"auto\"; prefer_dns: false; oob: false; ",
	 "proxy_field", NULL},
	/* yes or no */
	{"sync_vms = True", "virtual_machines: true; ", NULL, NULL},
	{"sync_vms = 1", "virtual_machines: true; ", NULL, NULL},
	{"sync_vms = 0.0", "virtual_machines: false; ", NULL, NULL},
	{"sync_vms = None", "virtual_machines: false; ", NULL, NULL},
	{"sync_vms = []", "virtual_machines: false; ", NULL, NULL},
	{"sync_vms = {'a': 1}", "virtual_machines: true; ", NULL, NULL},
	{"sync_vms = 'False'", "virtual_machines: true; ", NULL, "warning sync_vms 1 a text counts as True"},
	{"sync_vms = ''", "virtual_machines: false; ", NULL, NULL},
	{"sync_vms = False\nsync_vms = True", "virtual_machines: true; ", NULL, NULL},
	{"sync_vms = True\nsync_vms = x", "virtual_machines: false; ", NULL, "warning sync_vms 2 it is no plain value"},
	{"sync_vms = f'x'", "virtual_machines: false; ", NULL, "warning sync_vms 1 an f-string is worked out"},
	{"sync_vms = os.environ['X']", "virtual_machines: false; ", NULL, "warning sync_vms 1 it comes from the variable X"},
	{"clustering = True", "virtual_chassis: one_host; ", NULL, NULL},
	{"create_journal = True", "journal: true; ", NULL, NULL},
	{"create_hostgroups = False", "", NULL, "warning create_hostgroups 1 Zync creates host groups that are missing"},
	{"create_hostgroups = True", "", NULL, NULL},
	{"full_proxy_sync = True", "proxy: overwrite; ", NULL, NULL},
	{"tag_lower = False", "tag_case: keep; ", NULL, NULL},
	{"traverse_regions = True", "traverse: [region]; ", NULL, NULL},
	{"traverse_site_groups = True", "traverse: [site_group]; ", NULL, NULL},
	{"traverse_site_groups = traverse_regions = True", "traverse: [region, site_group]; ", NULL, NULL},
	{"zabbix_device_removal = []", "state: \"{{ \\\"skipped\\\" if not device_type.custom_fields[\\\"zabbix_template\\\"] }}\"; ", NULL,
	 NULL},
	{"templates_config_context_overrule = True\nzabbix_device_removal = ['A\"']\ntemplate_cf = 't'",
	 "state: \"{{ \\\"skipped\\\" if not (config_context.zabbix.templates or device_type.custom_fields[\\\"t\\\"]) and status.label "
	 "not in [\\\"A\\\\\\\"\\\"] }}\"; ",
	 NULL, NULL},
	{"templates_config_context = True\ntemplate_cf = os.environ['SOME_VALUE']",
	 "set:; state: \"{{ \\\"skipped\\\" if not config_context.zabbix.templates and", NULL, NULL},
	{"templates_config_context = True", "templates_from: context; template_field: \"zabbix_template\"; ", NULL, NULL},
	{"templates_config_context_overrule = True", "templates_from: context_or_custom_field; ", NULL, NULL},
	{"templates_config_context = templates_config_context_overrule = True", "templates_from: context; template_field", NULL, NULL},
	{"prefer_dns = True", "prefer_dns: true; ", "prefer_dns: false", NULL},
	{"oob_sync = True", "oob: true; ", "oob: false", NULL},
	{"render_config_context = True", "", NULL, "warning render_config_context 1 Zync does not render templates"},
	{"extended_ips = True", "", NULL, "note extended_ips 1 nothing is needed"},
	{"extended_site_properties = True", "", NULL, "note extended_site_properties 1 nothing is needed"},
	{"extended_virtual_chassis = True", "", NULL, "note extended_virtual_chassis 1 nothing is needed"},
	{"extended_virtual_chassis = extended_ips = extended_site_properties = False", "", NULL, NULL},
	{"skip_version_check = True", "", NULL, "note skip_version_check 1 left out"},
	{"log_file = 'x.log'", "", NULL, "note log_file 1 left out"},
	{"log_handlers = [f(x)]", "", NULL, "note log_handlers 1 left out"},
	{"log_console = False", "", NULL, "note log_console 1 left out"},
	{"log_file = None\nlog_console = True\nlog_handlers = None\nskip_version_check = False", "", NULL, NULL},
	{"log_rotation = True", "", NULL, "note log_rotation 1 left out"},
	/* texts */
	{"device_cf = 'my_id'", "hostid_field: \"my_id\"; ", NULL, NULL},
	{"device_cf = 'my id'", "hostid_field: \"zabbix_hostid\"; ", NULL, "warning device_cf 1 no custom field"},
	{"device_cf = ''", "hostid_field: \"zabbix_hostid\"; ", NULL, "warning device_cf 1 an empty text"},
	{"device_cf = ['a']", "hostid_field: \"zabbix_hostid\"; ", NULL, "warning device_cf 1 expected a text, found a list"},
	{"device_cf = os.environ['SOME_VALUE']", "hostid_field: \"${SOME_VALUE}\"; ", NULL, NULL},
	{"template_cf = 'tpl'", "template_field: \"tpl\"; ", NULL, NULL},
	{"template_cf = os.getenv('SOME_VALUE', 'tpl')", "set:; host_group_format:; - \"site/manufacturer/role\"; ", NULL,
	 "warning template_cf 1 the variable SOME_VALUE must be set"},
	{"template_cf = False", "template_field: \"zabbix_template\"; ", NULL, "warning template_cf 1 expected a text, found False"},
	{"proxy_cf = 'px'\nproxy_group_cf = 'pg'", "proxy_field: \"px\"; proxy_group_field: \"pg\"; ", NULL, NULL},
	{"proxy_cf = ''\nproxy_group_cf = None", "per_host", "proxy_field", NULL},
	{"proxy_cf = True", "per_host", "proxy_field", "warning proxy_cf 1 expected a text or False, found True"},
	{"preferred_ip = 'ipv6'", "preferred_ip: \"ipv6\"; ", NULL, NULL},
	{"preferred_ip = 'v6'", "preferred_ip: \"auto\"; ", NULL, "warning preferred_ip 1 it must be"},
	{"description_dt_format = '%d.%m.%Y'", "datetime_format: \"%d.%m.%Y\"; ", NULL, NULL},
	/* description */
	{"description = 'dynamic'", "description: \"Host by owner {{ owner }} added by NetBox sync script on {datetime}.\"; ", NULL, NULL},
	{"description = 'By {owner}, {datetime}: {owner}'", "description: \"By {{ owner }}, {datetime}: {{ owner }}\"; ", NULL, NULL},
	{"description = 'x {name}'", "description: \"Host added by NetBox sync script.\"; ", NULL,
	 "warning description 1 only {owner} and {datetime}"},
	{"description = 'x {{owner}}'", "description: \"Host added by NetBox sync script.\"; ", NULL,
	 "warning description 1 only {owner} and {datetime}"},
	{"description = 'a { b } {datetime'", "description: \"Host added by NetBox sync script.\"; ", NULL, "warning description 1 only"},
	{"description = 'a { b'", "description: \"a { b\"; ", NULL, NULL},
	{"description = False", "- \"site/manufacturer/role\"; inventory_mode", "description: \"", NULL},
	{"description = os.environ['SOME_VALUE']", "description: \"${SOME_VALUE}\"; ", NULL,
	 "warning description 1 the text of the variable"},
	/* host groups */
	{"hostgroup_format = 'region/site'", "- \"region/site\"; ", NULL, NULL},
	{"hostgroup_format = ['a', \"'b c'/\\\"d\\\"\"]\nvm_hostgroup_format = ('x',)",
	 "host_group_format:; - \"a\"; - \"'b c'/\\\"d\\\"\"; ", NULL, NULL},
	{"vm_hostgroup_format = ('x',)", "host_group_format:; - \"x\"; ", NULL, NULL},
	{"hostgroup_format = '/site//role/'", "- \"site/role\"; ", NULL, "warning hostgroup_format 1 \"/site//role/\": empty parts"},
	{"hostgroup_format = \"'a/b'\"", "- \"site/manufacturer/role\"; ", NULL,
	 "warning hostgroup_format 1 \"'a/b'\" is left out: a quotation mark"},
	{"hostgroup_format = [\"'\", '', 'site']", "host_group_format:; - \"site\"; ", NULL, "is left out: it is empty"},
	{"hostgroup_format = []", "- \"site/manufacturer/role\"; ", NULL, "warning hostgroup_format 1 no format is left"},
	{"hostgroup_format = 'site/cluster'", "- \"site/cluster\"; ", NULL,
	 "warning hostgroup_format 1 \"cluster\" is that of the device here"},
	{"vm_hostgroup_format = 'site/manufacturer'", "- \"site/manufacturer\"; ", NULL,
	 "warning vm_hostgroup_format 1 \"manufacturer\" is always empty"},
	{"hostgroup_format = {'a': 1}", "- \"site/manufacturer/role\"; ", NULL,
	 "warning hostgroup_format 1 expected a text or a list of texts, found a dictionary"},
	{"hostgroup_format = ['site', None]", "host_group_format:; - \"site\"; ", NULL, "found None, which is left out"},
	{"hostgroup_format = os.environ['SOME_VALUE']", "- \"${SOME_VALUE}\"; ", NULL, NULL},
	/* statuses */
	{"zabbix_device_disable = ['Active']\nzabbix_device_removal = []",
	 "device:; offline: monitored; active: disabled; planned: monitored; staged: monitored; failed: monitored; inventory: monitored; "
	 "decommissioning: monitored; "
	 "virtual_machine:; offline: monitored; active: disabled; planned: monitored; staged: monitored; failed: monitored; "
	 "decommissioning: monitored; paused: monitored; "
	 "ownership",
	 NULL, NULL},
	{"zabbix_device_disable = ['Paused', 'Failed']\nzabbix_device_removal = ('Failed', 'Gone: now')",
	 "failed: removed; inventory: monitored; decommissioning: monitored; \"Gone: now\": removed; virtual_machine:; offline: monitored; "
	 "active: monitored; planned: monitored; "
	 "staged: monitored; failed: removed; decommissioning: monitored; paused: disabled; \"Gone: now\": removed; ",
	 NULL, NULL},
	{"zabbix_device_removal = ['gone', 'Gone', 'gone']", "\"gone\": removed; virtual", "\"Gone\"", NULL},
	{"zabbix_device_removal = ['failed']", "failed: disabled; ", NULL,
	 "warning zabbix_device_removal 1 \"failed\" is left out: netbox-zabbix-sync compares"},
	{"zabbix_device_removal = [os.environ['X'], '', 1]", "\"1\": removed", NULL, "a variable cannot name a status"},
	/* filters */
	{"nb_device_filter = {}\nnb_vm_filter = None", "virtual_machines: false; virtual_chassis", "filter:", NULL},
	{"nb_device_filter = {'tag': ['a', 'b'], 'has_primary_ip': True, 'id': 5, 'name__n': ('null',)}",
	 "device_filter:; \"tag\":; - \"a\"; - \"b\"; \"has_primary_ip\": \"true\"; \"id\": \"5\"; \"name__n\": \"null\"; vm_filter", NULL,
	 NULL},
	{"nb_device_filter = {'a': 'x', 'limit': 5}", "device_filter:; \"a\": \"x\"; vm", NULL, "\"limit\" is left out"},
	{"nb_device_filter = {'a': None, 'b': [], 3: 'x', '': 'y', 'c': ['z', {}]}", "device_filter:; \"c\": \"z\"; vm", NULL,
	 "a number as the name of a member"},
	{"nb_vm_filter = {'a': 'x', 'b': 'y', 'a': 'z'}", "vm_filter:; \"a\": \"z\"; \"b\": \"y\"; ", NULL, NULL},
	{"nb_vm_filter = {'a': os.environ['SOME_VALUE'], 'b': '${X}'}", "vm_filter:; \"a\": \"${SOME_VALUE}\"; \"b\": \"$${X}\"; ", NULL,
	 NULL},
	{"nb_vm_filter = 'x'", "vm_filter:; \"name__n\": \"null\"; ", NULL, "warning nb_vm_filter 1 expected a dictionary, found a text"},
	/* inventory */
	{"inventory_mode = 'manual'", "inventory_mode: manual; per_host", "inventory:;", NULL},
	{"inventory_mode = 'automatic'\ninventory_sync = True\ndevice_inventory_map = {'serial': 'serialno_a'}\nvm_inventory_map = {}",
	 "inventory_mode: automatic; inventory:; serialno_a: \"{{ serial | python }}\"; per_host", NULL, NULL},
	{"inventory_sync = True", "inventory_mode: disabled; per_host", "inventory:;",
	 "warning inventory_sync 1 it has no effect while inventory_mode is disabled"},
	{"inventory_mode = 'Manual'", "inventory_mode: disabled; ", NULL,
	 "warning inventory_mode 1 it must be disabled, manual or automatic"},
	{"inventory_mode = os.environ['SOME_MODE']\ninventory_sync = True",
	 "inventory_mode: \"${SOME_MODE}\"; inventory:; asset_tag: ", NULL, NULL},
	{"inventory_mode = 'manual'\ninventory_sync = True",
	 "inventory:; asset_tag: \"{{ asset_tag | python }}\"; chassis: \"{{ virtual_chassis.name | python }}\"; deployment_status: \"{{ "
	 "status.label | python }}\"; "
	 "location: \"{{ location.name | python }}\"; location_lat: \"{{ latitude | python }}\"; location_lon: \"{{ longitude | python "
	 "}}\"; "
	 "notes: \"{{ comments | python }}\"; name: \"{{ name | python }}\"; site_rack: \"{{ rack.name | python }}\"; serialno_a: \"{{ "
	 "serial | python }}\"; "
	 "type: \"{{ device_type.model | python }}\"; vendor: \"{{ device_type.manufacturer.name | python }}\"; oob_ip: \"{{ "
	 "oob_ip.address | python }}\"; per_host",
	 NULL, NULL},
	{"inventory_mode = 'manual'\ninventory_sync = True\ndevice_inventory_map = {'custom_fields/a b/x-1': 'os', 'custom_fields/name': "
	 "'type', 'tags': 'notes', 'site/if': 'tag'}",
	 "inventory:; os: \"{{ custom_fields[\\\"a b\\\"].x-1 | python if custom_fields[\\\"a b\\\"].x-1 | length }}\"; "
	 "type: \"{{ custom_fields.name | python if custom_fields.name | length }}\"; notes: \"{{ tags | python if tags | length }}\"; "
	 "tag: \"{{ site.if | python if site.if | length }}\"; ",
	 NULL, NULL},
	{"inventory_mode = 'manual'\ninventory_sync = True\ndevice_inventory_map = {'a//b': 'os', 'if': 'type', 'a b': 'tag', 'serial': "
	 "'seriel', 'name': 'name', 'id': 5, 'x\\ny': 'notes'}",
	 "inventory:; name: \"{{ name | python }}\"; per_host", NULL, "\"serial\" is left out: \"seriel\": Zabbix has no inventory field"},
	{"inventory_mode = 'manual'\ninventory_sync = True\ndevice_inventory_map = {'serial': 'name', 'name': 'name'}",
	 "inventory:; name: \"{{ name | python }}\"; per_host", "serial",
	 "note device_inventory_map 3 \"serial\" is left out: a later path"},
	{"clustering = inventory_sync = True\ninventory_mode = 'manual'\ndevice_inventory_map = vm_inventory_map = {'name': 'name', "
	 "'site/name': 'os'}",
	 "inventory:; name: \"{{ device_name | python }}\"; os: \"{{ site.name | python }}\"; ", NULL, NULL},
	{"clustering = inventory_sync = True\ninventory_mode = 'manual'\nvm_inventory_map = {'name': 'name'}",
	 "inventory:; name: \"{{ name | python }}\"; per_host", NULL, NULL},
	/* tags */
	{"tag_sync = True",
	 "tags:; - {tag: \"site\", value: \"{{ site.name | python if site.name | length }}\"}; - {tag: \"rack\", value: \"{{ rack.name | "
	 "python if rack.name | length }}\"}; "
	 "- {tag: \"target\", value: \"{{ platform.name | python if platform.name | length }}\"}; - {tag: \"NetBox\", value: \"{{ t.name "
	 "for t in tags }}\"}; "
	 "per_host:; parts: [templates, proxy, interface, description, ipmi, tags]; ",
	 "macros", NULL},
	{"tag_sync = True\ntag_name = 'T {{'\ntag_value = 'Slug'\ndevice_tag_map = vm_tag_map = {}",
	 "tags:; - {tag: \"T {{ \\\"{{\\\" }}\", value: \"{{ t.slug for t in tags }}\"}; per_host", NULL, NULL},
	{"tag_sync = True\ntag_name = False\ndevice_tag_map = {}",
	 "inventory_mode: disabled; per_host:; parts: [templates, proxy, interface, description, ipmi, tags]; ", "for t in", NULL},
	{"tag_sync = True\ntag_value = 'color'", "{{ t.name for t in tags }}", NULL, "warning tag_value 2 \"name\" is used"},
	{"tag_sync = True\ntag_name = os.environ['SOME_VALUE']\ntag_value = os.environ['SOME_VALUE']",
	 "- {tag: \"${SOME_VALUE}\", value: \"{{ t.name for t in tags }}\"}", NULL, "must be name, slug or display, not a variable"},
	{"tag_sync = True\nvm_tag_map = {'id': '', 'name': 'n'}\ndevice_tag_map = None",
	 "tags:; - {tag: \"n\", value: \"{{ name | python if name | length }}\"}; - {tag", NULL,
	 "\"id\" is left out: \"\": the name of the tag is empty"},
	/* macros */
	{"usermacro_sync = True",
	 "macros:; - macro: \"{$HW_SERIAL}\"; value: \"{{ serial | python if serial | length }}\"; - macro: \"{$DEV_ROLE}\"; "
	 "value: \"{{ role.name | python if role.name | length }}\"; - macro: \"{$NB_URL}\"; value: \"{{ url | python if url | length "
	 "}}\"; - macro: \"{$NB_ID}\"; "
	 "value: \"{{ id | python if id | length }}\"; per_host:; parts: [templates, proxy, interface, description, ipmi, macros]; ",
	 "tags:", NULL},
	{"usermacro_sync = True\nvm_usermacro_map = {}",
	 "inventory_mode: disabled; per_host:; parts: [templates, proxy, interface, description, ipmi, macros]; templates_from: context",
	 NULL, NULL},
	{"usermacro_sync = 'full'", "macros:; ", NULL, "note usermacro_sync 1 secret macros are written when"},
	{"usermacro_sync = 'Full'", "macros:; ", NULL, "note usermacro_sync 1 secret macros are written when"},
	{"usermacro_sync = 'yes'", "macros:; ", NULL, "warning usermacro_sync 1 a text counts as True"},
	{"usermacro_sync = True\ndevice_usermacro_map = {'id': '{$a}', 'name': '{$ZYNC.OWNER}', 'serial': '{$OK:x}'}",
	 "macros:; - macro: \"{$OK:x}\"; value: \"{{ serial", "{$a}", "it is the mark by which Zync knows"},
	/* unknown keys */
	{"sync_vm = True", "virtual_machines: false", NULL,
	 "warning - 1 sync_vm: netbox-zabbix-sync has no such key; it ignored it, and so does this file. Was \"sync_vms\" meant?"},
};

static void test_cases(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(cases); i++) {
		bench_convert(b, cases[i].python);
		bench_has(bench_plain(b), cases[i].has);
		if (cases[i].lacks != NULL)
			bench_lacks(bench_plain(b), cases[i].lacks);
		if (cases[i].note != NULL)
			bench_has(bench_notes(b), cases[i].note);
		else if (b->result.note_count > 0)
			fail_msg("%s\nunexpected: %s", cases[i].python, bench_notes(b));
	}
}

static const struct {
	const char *python, *environment, *has, *note;
} environment_cases[] = {
	{"sync_vms = False", "NBZX_SYNC_VMS=true", "virtual_machines: true; ", NULL},
	{"sync_vms = False", "NBZX_SYNC_VMS=YES", "virtual_machines: true; ", NULL},
	{"sync_vms = True", "NBZX_SYNC_VMS=off", "virtual_machines: false; ", NULL},
	{"sync_vms = True", "NBZX_SYNC_VMS=", "virtual_machines: true; ", NULL},
	{"sync_vms = False", "NBZX_SYNC_VMS=maybe", "virtual_machines: true; ", "warning sync_vms 0 a text counts as True"},
	{"", "NBZX_USERMACRO_SYNC=full", "macros:; ", "note usermacro_sync 0 secret macros"},
	{"", "NBZX_USERMACRO_SYNC=0", "inventory_mode: disabled; per_host", NULL},
	{"device_cf = 'a'", "NBZX_DEVICE_CF=b", "hostid_field: \"b\"; ", NULL},
	{"proxy_cf = 'a'", "NBZX_PROXY_CF=false", "template_field: \"zabbix_template\"; preferred_ip", NULL},
	{"", "NBZX_PROXY_CF=px", "proxy_field: \"px\"; ", NULL},
	{"", "NBZX_HOSTGROUP_FORMAT=site/role", "host_group_format:; - \"site/role\"; ", NULL},
	{"nb_device_filter = {'a': 'b'}", "NBZX_NB_DEVICE_FILTER={}", "device_filter:; \"a\": \"b\"; ",
	 "the variable NBZX_NB_DEVICE_FILTER is left out"},
	{"", "NBZX_DEVICE_TAG_MAP=x", "proxy: merge", "the variable NBZX_DEVICE_TAG_MAP is left out"},
	{"", "NBZX_DEVICE_CF=\xff", "hostid_field: \"zabbix_hostid\"", "the variable NBZX_DEVICE_CF is no text in UTF-8"},
	{"", "NBZX_ZABBIX_DEVICE_REMOVAL=Failed", "failed: removed; ", NULL},
	{"", "NBZX_SYNC_VM=true", "virtual_machines: false; ", NULL},
};

static void test_environment(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ZYNC_ARRAY_LEN(environment_cases); i++) {
		b->environment = environment_cases[i].environment;
		bench_convert(b, environment_cases[i].python);
		bench_has(bench_plain(b), environment_cases[i].has);
		if (environment_cases[i].note != NULL)
			bench_has(bench_notes(b), environment_cases[i].note);
		else if (b->result.note_count > 0)
			fail_msg("unexpected: %s", bench_notes(b));
	}
	b->environment = "NBZX_SYNC_VMS=true";
	bench_convert(b, "");
	bench_has(b->result.config, "  # sync_vms ($NBZX_SYNC_VMS)\n  virtual_machines: true\n");
}

/* Each note stands in the configuration once, beside its key, or at the top. */
static void test_comments(void **state)
{
	struct bench *b = *state;

	bench_convert(b, "import os\nsync_vms = x\nhostgroup_format = [\n  'site',\n  \"'\",\n]\nfoo = 1\nlog_file = 'x'\n");
	bench_has(b->result.config, "# - line 1: the import is left out: nothing of the file is run\n");
	bench_has(b->result.config, "# ! line 7: foo: netbox-zabbix-sync has no such key");
	bench_has(b->result.config, "# - line 8: log_file: left out: Zync's lines go to standard error");
	bench_has(b->result.config, "  # sync_vms (line 2)\n  # ! it is no plain value (a name, a call or an operator)");
	bench_has(b->result.config, "      # hostgroup_format (line 3)\n      # ! line 5: \"'\" is left out: a quotation mark");
	bench_has(b->result.config, "  # clustering (its default)\n  virtual_chassis: members\n");
	assert_int_equal(b->result.note_count, 5);
	for (const char *line = b->result.config; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(line[strspn(line, " ")] != '#' || strcspn(line, "\n") <= 140);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(test_cases, bench_setup, bench_teardown),
	cmocka_unit_test_setup_teardown(test_environment, bench_setup, bench_teardown),
	cmocka_unit_test_setup_teardown(test_comments, bench_setup, bench_teardown),
};
const struct test_group group_keys = {tests, ZYNC_ARRAY_LEN(tests)};
