# SPDX-License-Identifier: Apache-2.0
"""What a host can have, feature by feature: what the mapping sets in each of three phases (made, changed, taken away), and what Zabbix must show then.

A feature's object is called feat-NAME. `sets` are the values of `set:` in flow style; None: no mapping in that phase. `wants` are members of checker.actual_form(); what is
not named is not compared; None: there is no such host. `{ip4}` … in wants are the object's own addresses. docs/features.md names these features as its tests.
"""

AGENT = ("agent", True, True, "{ip4}", "", "10050", {})
LINUX, ICMP = "Linux by Zabbix agent", "ICMP Ping"


class Feature:
    def __init__(self, name, sets, wants, **more):
        self.name, self.sets, self.wants = name, sets, wants
        self.kind = more.pop("kind", "device")
        self.members = more.pop("members", {})      # of the object in NetBox
        self.ips = more.pop("ips", "4")             # 4, 6, o (out of band), m (on the interface mgmt9), n (named by DNS)
        self.match = more.pop("match", None)        # instead of the object's name
        self.by_hand = more.pop("by_hand", {})      # phase → function(scene, object id, host) before its sync
        self.in_netbox = more.pop("in_netbox", {})  # phase → members to change before its sync
        self.sql = more.pop("sql", {})              # phase → [(query with %(hostid)s, result)]: what the API never shows
        self.codes = more.pop("codes", {})          # phase → text that must stand in the failure of this host
        if more:
            raise TypeError("unknown: %s" % ", ".join(more))


def snmp(ip="{ip4}", port="161", main=True, **details):
    return ("snmp", main, True, ip, "", port, details)


V2 = {"version": 2, "bulk": 1, "max_repetitions": 10, "community": "{$SNMP_COMMUNITY}"}
V3 = {"version": 3, "bulk": 1, "max_repetitions": 10, "contextname": "", "securityname": "mon", "securitylevel": 0, "authprotocol": 0, "authpassphrase": "",
      "privprotocol": 0, "privpassphrase": ""}

GROUPS = [
    Feature("groups-nested", ["{host_groups: [\"Feat/{{ site.name }}/{{ role.name }}\", Feat/Extra]}", "{host_groups: [\"Feat/{{ site.slug }}\"]}", "{}"],
            [{"groups": ["Feat", "Feat/Berlin DC1/Server", "Feat/Extra"]}, {"groups": ["Feat", "Feat/ber1"]}, {"groups": ["Feat"]}]),
    Feature("groups-format", ["{host_group_format: [site/manufacturer/role, \"'Feat'/\\\"quoted part\\\"/owner_team\"]}", "{host_group_format: [sla/tenant/backup_site]}", "{}"],
            [{"groups": ["Berlin DC1/Dell/Server", "Feat", "Feat/quoted part/NOC"]}, {"groups": ["Feat", "gold/ACME GmbH & Co. KG/Berlin DC1"]}, {"groups": ["Feat"]}],
            members={"tenant": "acme", "custom_fields": {"owner_team": "NOC", "sla": "gold", "backup_site": "ber1"}}),
    Feature("groups-remove", ["{host_groups: [Feat/Base, Feat/More]}", "{host_groups: [Feat/Base, Feat/More], remove_host_groups: [Feat]}", "{override: host_groups, host_groups: [Feat/Own]}"],
            [{"groups": ["Feat", "Feat/Base", "Feat/More"]}, {"groups": ["Feat/Base", "Feat/More"]}, {"groups": ["Feat/Own"]}]),
]

TEMPLATES = [
    Feature("templates-several", ["{interfaces: [{type: agent}], templates: [ICMP Ping, Live agent]}", "{interfaces: [{type: agent}], templates: [Live agent]}", "{interfaces: [{type: agent}]}"],
            [{"templates": [ICMP, "Live agent"]}, {"templates": ["Live agent"]}, {"templates": []}],
            sql={3: [("SELECT count(*) FROM items WHERE hostid = %(hostid)s", "0")]}),
    Feature("templates-of-netbox", ["{interfaces: [{type: agent}], templates: [\"{{ device_type.custom_fields.zabbix_template }}\"]}",
                                    "{interfaces: [{type: agent}], templates: [\"{{ ['ICMP Ping', 'Live agent'] if site.slug == 'ber1' else 'none' }}\"]}", "{interfaces: [{type: agent}]}"],
            [{"templates": [LINUX]}, {"templates": [ICMP, "Live agent"]}, {"templates": []}]),
    Feature("templates-needs-interface", ["{interfaces: [{type: agent}], templates: [Live SNMP]}", "{interfaces: [{type: snmp}], templates: [Live SNMP]}", "{interfaces: [{type: snmp}]}"],
            [None, {"templates": ["Live SNMP"]}, {"templates": []}], codes={1: "template \"Live SNMP\" needs"}),
    Feature("templates-clash", ["{interfaces: [{type: agent}], templates: [Live agent, Live agent too]}", "{interfaces: [{type: agent}], templates: [Live agent too]}", "{interfaces: [{type: agent}]}"],
            [None, {"templates": ["Live agent too"]}, {"templates": []}], codes={1: "live.agent"}),
    Feature("templates-unknown", ["{interfaces: [{type: agent}], templates: [No such template]}", "{interfaces: [{type: agent}], templates: [ICMP Ping]}", "{interfaces: [{type: agent}], templates: [No such template]}"],
            [None, {"templates": [ICMP]}, {"templates": [ICMP]}], codes={1: "No such template", 3: "No such template"}),
]

INTERFACES = [
    Feature("if-agent", ["{interfaces: [{type: agent}]}", "{interfaces: [{type: agent, port: 10055}]}", "{interfaces: []}"],
            [{"interfaces": [AGENT]}, {"interfaces": [("agent", True, True, "{ip4}", "", "10055", {})]}, {"interfaces": []}]),
    Feature("if-snmp1", ["{interfaces: [{type: snmp, version: 1, community: public, bulk: false}]}", "{interfaces: [{type: snmp, version: 2, max_repetitions: 25}]}", "{interfaces: []}"],
            [{"interfaces": [snmp(version=1, bulk=0, community="public")]}, {"interfaces": [snmp(**dict(V2, max_repetitions=25))]}, {"interfaces": []}]),
    Feature("if-snmp3", ["{interfaces: [{type: snmp, version: 3, security_name: mon, context_name: c}]}",
                         "{interfaces: [{type: snmp, version: 3, security_name: mon, security_level: authNoPriv, auth_protocol: SHA512, auth_passphrase: \"${LIVE_AUTH}\"}]}",
                         "{interfaces: [{type: snmp, version: 3, security_name: mon, security_level: authPriv, auth_protocol: SHA224, auth_passphrase: \"{$A}\", priv_protocol: AES256C, priv_passphrase: \"${LIVE_PRIV}\"}]}"],
            [{"interfaces": [snmp(**dict(V3, contextname="c"))]},
             {"interfaces": [snmp(**dict(V3, securitylevel=1, authprotocol=5, authpassphrase="Zq7AuthPhrase"))]},
             {"interfaces": [snmp(**dict(V3, securitylevel=2, authprotocol=2, authpassphrase="{$A}", privprotocol=5, privpassphrase="Zq7PrivPhrase"))]}]),
    Feature("if-ipmi", ["{interfaces: [{type: ipmi}], ipmi: {username: mon, password: Zq7Ipmi, authtype: MD5, privilege: operator}}",
                        "{interfaces: [{type: ipmi, port: 6230, address: oob}], ipmi: {username: mon2, password: \"{$IPMI}\"}}", "{interfaces: []}"],
            [{"interfaces": [("ipmi", True, True, "{ip4}", "", "623", {})], "ipmi": (2, 3, "mon", "Zq7Ipmi")},
             {"interfaces": [("ipmi", True, True, "{oob}", "", "6230", {})], "ipmi": (-1, 2, "mon2", "{$IPMI}")},
             {"interfaces": [], "ipmi": (-1, 2, "", "")}], ips="4o"),
    Feature("if-jmx", ["{interfaces: [{type: jmx}]}", "{interfaces: [{type: jmx, port: \"{$JMX.PORT}\"}]}", "{interfaces: []}"],
            [{"interfaces": [("jmx", True, True, "{ip4}", "", "12345", {})]}, {"interfaces": [("jmx", True, True, "{ip4}", "", "{$JMX.PORT}", {})]}, {"interfaces": []}]),
    Feature("if-all-types", ["{interfaces: [{type: agent}, {type: snmp}, {type: ipmi, address: oob}, {type: jmx}]}", "{interfaces: [{type: snmp}, {type: jmx}]}", "{interfaces: [{type: jmx, port: 1}]}"],
            [{"interfaces": [AGENT, snmp(**V2), ("ipmi", True, True, "{oob}", "", "623", {}), ("jmx", True, True, "{ip4}", "", "12345", {})]},
             {"interfaces": [snmp(**V2), ("jmx", True, True, "{ip4}", "", "12345", {})]}, {"interfaces": [("jmx", True, True, "{ip4}", "", "1", {})]}], ips="4o"),
    Feature("if-several", ["{interfaces: [{type: agent, address: primary4}, {type: agent, address: primary6, port: 2}, {type: agent, ip: 192.0.2.1, port: 3}]}",
                           "{interfaces: [{type: agent, address: primary4}, {type: agent, address: primary6, port: 2, main: true}]}", "{interfaces: [{type: agent, address: primary6}]}"],
            [{"interfaces": [AGENT, ("agent", False, True, "{ip6}", "", "2", {}), ("agent", False, True, "192.0.2.1", "", "3", {})]},
             {"interfaces": [("agent", False, True, "{ip4}", "", "10050", {}), ("agent", True, True, "{ip6}", "", "2", {})]},
             {"interfaces": [("agent", True, True, "{ip6}", "", "10050", {})]}], ips="46"),
    Feature("if-dns", ["{interfaces: [{type: agent, use: dns}]}", "{interfaces: [{type: agent, use: dns, dns: \"{{ name }}.example.net\"}]}", "{interfaces: [{type: agent}]}"],
            [{"interfaces": [("agent", True, False, "{ip4}", "{dns}", "10050", {})]}, {"interfaces": [("agent", True, False, "{ip4}", "{name}.example.net", "10050", {})]},
             {"interfaces": [("agent", True, True, "{ip4}", "{dns}", "10050", {})]}], ips="4n"),
    Feature("if-named", ["{interfaces: [{type: agent, address: \"interface:mgmt9\"}]}", "{interfaces: [{type: agent, address: [\"interface:none*\", oob, primary]}]}",
                         "{interfaces: [{type: agent, address: \"{{ (a.address for a in ip_addresses if a.interface == 'mgmt9') | first }}\"}]}"],
            [{"interfaces": [("agent", True, True, "{mgmt}", "", "10050", {})]}, {"interfaces": [AGENT]}, {"interfaces": [("agent", True, True, "{mgmt}", "", "10050", {})]}], ips="4m"),
    Feature("if-literal", ["{interfaces: [{type: agent, address: 198.51.100.7}]}", "{interfaces: [{type: agent, address: host.example.net}]}", "{interfaces: [{type: agent, ip: \"2001:db8::7\"}]}"],
            [{"interfaces": [("agent", True, True, "198.51.100.7", "", "10050", {})]}, {"interfaces": [("agent", True, False, "", "host.example.net", "10050", {})]},
             {"interfaces": [("agent", True, True, "2001:db8::7", "", "10050", {})]}], ips=""),
    Feature("if-type-change", ["{interfaces: [{type: agent}], templates: [Linux by Zabbix agent]}", "{interfaces: [{type: snmp}], templates: [Live SNMP, ICMP Ping]}",
                               "{interfaces: [{type: jmx}], templates: [ICMP Ping]}"],
            [{"interfaces": [AGENT], "templates": [LINUX]}, {"interfaces": [snmp(**V2)], "templates": [ICMP, "Live SNMP"]},
             {"interfaces": [("jmx", True, True, "{ip4}", "", "12345", {})], "templates": [ICMP]}]),
]

MONITORED_BY = [
    Feature("proxy", ["{proxy: live-proxy-1}", "{proxy: \"{{ custom_fields.owner_team }}\"}", "{proxy: \"\"}"],
            [{"proxy": ("proxy", "live-proxy-1")}, {"proxy": ("proxy", "live-proxy-2")}, {"proxy": ("server", "")}], members={"custom_fields": {"owner_team": "live-proxy-2"}}),
    Feature("proxy-unknown", ["{proxy: live-proxy-1}", "{proxy: misspelt}", "{proxy: live-proxy-2}"],
            [{"proxy": ("proxy", "live-proxy-1")}, {"proxy": ("proxy", "live-proxy-1")}, {"proxy": ("proxy", "live-proxy-2")}], codes={2: "misspelt"}),
    Feature("proxy-group", ["{proxy_group: live-group}", "{proxy: live-proxy-1}", "{proxy_group: live-group}"],
            [{"proxy": ("group", "live-group")}, {"proxy": ("proxy", "live-proxy-1")}, {"proxy": ("group", "live-group")}]),
]

VALUES = [
    Feature("inventory", ["{inventory: {location: \"{{ site.name }}\", os: \"{{ platform.name }}\", type: x}}", "{inventory: {location: \"{{ site.slug }}\"}, inventory_mode: automatic}", "{inventory_mode: disabled}"],
            [{"inventory_mode": "manual", "inventory": {"location": "Berlin DC1", "os": "Debian 12", "type": "x"}},
             {"inventory_mode": "automatic", "inventory": {"location": "ber1"}}, {"inventory_mode": "disabled", "inventory": {}}]),
    Feature("inventory-cleared", ["{inventory: {location: \"{{ site.name }}\", os: x}}", "{inventory: {location: \"{{ asset_tag }}\", os: x}}", "{}"],
            [{"inventory": {"location": "Berlin DC1", "os": "x"}}, {"inventory": {"os": "x"}}, {"inventory": {}}]),
    Feature("tags", ["{tags: {site: \"{{ site.slug }}\", netbox: \"{{ tags }}\", Two: [a, b]}}", "{tags: {low: \"{{ t.slug | upper for t in tags if t.slug != 'live-feature' }}\"}}", "{}"],
            [{"tags": [("Two", "a"), ("Two", "b"), ("netbox", "Critical"), ("netbox", "live-feature"), ("site", "ber1")]}, {"tags": [("low", "CRITICAL")]}, {"tags": []}],
            members={"tags": ["critical"]}),
    Feature("macros", ["{macros: {\"{$T}\": \"{{ site.slug }}\", \"{$V}\": {value: \"secret/a:key\", type: vault}, \"{$C:ctx}\": 1, \"{$C:regex:^a.*$}\": {value: 2, description: d}}}",
                       "{macros: {\"{$T}\": two, \"{$V}\": {value: \"secret/b:key\", type: vault}}}", "{}"],
            [{"macros": {"{$T}": ("text", "ber1", ""), "{$V}": ("vault", "secret/a:key", ""), "{$C:ctx}": ("text", "1", ""), "{$C:regex:^a.*$}": ("text", "2", "d")}},
             {"macros": {"{$T}": ("text", "two", ""), "{$V}": ("vault", "secret/b:key", "")}}, {"macros": {}}]),
    Feature("macros-secret", ["{macros: {\"{$S}\": {value: \"${LIVE_SECRET}\", type: secret}}}", "{macros: {\"{$S}\": {value: \"${LIVE_COMMUNITY}\", type: secret}}}", "{}"],
            [{"macros": {"{$S}": ("secret", None, "")}}, {"macros": {"{$S}": ("secret", None, "")}}, {"macros": {}}],
            sql={1: [("SELECT value FROM hostmacro WHERE hostid = %(hostid)s AND macro = '{$S}'", "Zq7SecretMacro \"ü\\ end")],
                 2: [("SELECT value FROM hostmacro WHERE hostid = %(hostid)s AND macro = '{$S}'", "Zq7Community")]}),
    Feature("tls-psk", ["{tls: {connect: psk, psk_identity: \"psk {{ id }}\", psk: \"${LIVE_PSK}\"}}", "{tls: {connect: none, accept: [psk, none], psk_identity: \"psk {{ id }}\", psk: \"${LIVE_PSK2}\"}}", "{}"],
            [{"tls": (2, 2, "", "")}, {"tls": (1, 3, "", "")}, {"tls": (1, 1, "", "")}],
            sql={1: [("SELECT tls_psk_identity || '=' || tls_psk FROM hosts WHERE hostid = %(hostid)s", "psk {id}=a1b2c3d4e5f60718293a4b5c6d7e8f90")],
                 2: [("SELECT tls_psk_identity || '=' || tls_psk FROM hosts WHERE hostid = %(hostid)s", "psk {id}=00112233445566778899aabbccddeeff")],
                 3: [("SELECT tls_psk_identity || '=' || tls_psk FROM hosts WHERE hostid = %(hostid)s", "=")]}),
    Feature("tls-certificate", ["{tls: {connect: certificate, issuer: \"CN=CA\", subject: \"CN={{ name }}\"}}", "{tls: {connect: certificate, accept: [certificate, none], subject: S}}", "{tls: {connect: none}}"],
            [{"tls": (4, 4, "CN=CA", "CN={name}")}, {"tls": (4, 5, "", "S")}, {"tls": (1, 1, "", "")}]),
    Feature("description", ["{description: \"{{ site.name }} / {{ role.name }}\"}", "{description: \"two\\nlines\"}", "{description: \"\"}"],
            [{"description": "Berlin DC1 / Server"}, {"description": "two\nlines"}, {"description": ""}]),
]

IDENTITY = [
    Feature("name-template", ["{host: \"{{ site.slug }}-{{ name }}\", name: \"{{ name | upper }} ü\"}", "{host: \"{{ name }}\"}", "{host: \"x {{ name }}/y\"}"],
            [{"host": "ber1-{name}", "name": "{NAME} ü"}, {"host": "{name}", "name": "{name}"}, {"host": "x {name}_y_d{id}", "name": "{name}"}]),
    Feature("name-odd", ["{}", "{}", "{}"], [{"host": "feat-name-odd ___x__d{id}", "name": "feat-name-odd ü/(x)"}, {"host": "feat-name-odd-2", "name": "feat-name-odd-2"}, {"host": "feat-name-odd-2", "name": "feat-name-odd-2"}],
            members={"name": "feat-name-odd ü/(x)"}, in_netbox={2: {"name": "feat-name-odd-2"}}, match="feat-name-odd*"),
    Feature("unnamed", ["{}", "{host: \"unnamed-{{ id }}\"}", "{state: removed}"], [None, {"host": "unnamed-{id}", "name": "unnamed-{id}"}, None], members={"name": None}, match="!*"),
    Feature("status-device", ["{}", "{}", "{}"], [{"status": "disabled"}, {"status": "monitored"}, None], members={"status": "offline"}, in_netbox={2: {"status": "active"}, 3: {"status": "inventory"}}),
    Feature("status-vm", ["{}", "{}", "{}"], [{"status": "monitored"}, {"status": "disabled"}, None], kind="vm", in_netbox={2: {"status": "planned"}, 3: {"status": "decommissioning"}}),
    Feature("state", ["{state: disabled}", "{state: \"monitored\"}", "{state: removed}"], [{"status": "disabled"}, {"status": "monitored"}, None]),
    Feature("excluded", ["{}", "{}", "{}"], [None, {"status": "monitored"}, None], members={"tags": ["no-zabbix"]},
            in_netbox={2: {"tags": ["live-feature"]}, 3: {"status": "decommissioning"}}),
    Feature("vm", ["{host_groups: [\"Feat/{{ cluster.type.name }}/{{ cluster.name }}\"], interfaces: [{type: agent}]}", "{host_group_format: cluster_type/cluster/role, interfaces: [{type: agent}]}", "{}"],
            [{"groups": ["Feat", "Feat/Proxmox VE/pve-berlin"], "interfaces": [AGENT]}, {"groups": ["Feat", "Proxmox VE/pve-berlin/Server"]}, {"groups": ["Feat"]}], kind="vm"),
]

DEFAULT = GROUPS + TEMPLATES + INTERFACES + MONITORED_BY + VALUES + IDENTITY
