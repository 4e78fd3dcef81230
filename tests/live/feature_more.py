# SPDX-License-Identifier: Apache-2.0
"""Features that need a configuration of their own: ownership, options, one mapping alone, values of NetBox itself. See feature_list.py."""
import datetime
import re

from feature_list import AGENT, ICMP, V2, V3, Feature, snmp

LONG = "ü" * 300


def add_by_hand(s, _ident, host):
    """What somebody adds in Zabbix."""
    z = s.zabbix
    z.call("host.massadd", {"hosts": [{"hostid": host["hostid"]}], "groups": [{"groupid": z.group("Foreign")}],
                            "templates": [{"templateid": z.template_id("Live agent")}]})
    z.call("host.update", {"hostid": host["hostid"], "tags": [{k: t[k] for k in ("tag", "value")} for t in host["tags"]] + [{"tag": "by", "value": "hand"}],
                           "inventory": {"contact": "by hand"}})
    z.call("usermacro.create", {"hostid": host["hostid"], "macro": "{$BY.HAND}", "value": "1", "type": 1})


MERGE_SET = "{interfaces: [{type: agent}], host_groups: [Feat/A], templates: [ICMP Ping], tags: {a: 1}, macros: {\"{$A}\": 1}, inventory: {os: x, notes: \"{{ asset_tag }}\"}}"
HAND = {"groups": ["Feat", "Feat/A", "Foreign"], "templates": [ICMP, "Live agent"], "tags": [("a", "1"), ("by", "hand")],
        "macros": {"{$A}": ("text", "1", ""), "{$BY.HAND}": ("secret", None, "")}, "inventory": {"os": "x", "contact": "by hand"}}
LEFT = {"groups": ["Feat", "Foreign"], "templates": ["Live agent"], "tags": [("by", "hand")], "macros": {"{$BY.HAND}": ("secret", None, "")}, "inventory": {"contact": "by hand"}}


def proxy_by_hand(s, _ident, host):
    ident = next(p["proxyid"] for p in s.zabbix.call("proxy.get", {"output": "extend"}) if (p.get("name") or p.get("host")) == "live-proxy-2")
    s.zabbix.call("host.update", {"hostid": host["hostid"], **({"monitored_by": 1, "proxyid": ident} if s.v7 else {"proxy_hostid": ident})})


def notes_by_hand(s, _ident, host):
    s.zabbix.call("host.update", {"hostid": host["hostid"], "inventory": {"notes": "by hand"}})


MERGE = [
    Feature("merge", [MERGE_SET, MERGE_SET, "{interfaces: [{type: agent}], inventory: {}}"],
            [{"groups": ["Feat", "Feat/A"], "templates": [ICMP]}, HAND, LEFT], by_hand={2: add_by_hand}),
    Feature("merge-proxy", ["{}", "{}", "{proxy: live-proxy-1}"], [{"proxy": ("server", "")}, {"proxy": ("proxy", "live-proxy-2")}, {"proxy": ("proxy", "live-proxy-1")}], by_hand={2: proxy_by_hand}),
    Feature("merge-inventory-cleared", ["{inventory: {os: x, notes: \"{{ asset_tag }}\"}}"] * 3, [{"inventory": {"os": "x"}}, {"inventory": {"os": "x"}}, {"inventory": {"os": "x"}}],
            by_hand={2: notes_by_hand}),
]


def now_like(text):
    """Is it the description with the time of creation, of the last hour?"""
    found = re.fullmatch(r"made on (\d{4}-\d\d-\d\d \d\d:\d\d)", text)
    return found and abs((datetime.datetime.now() - datetime.datetime.strptime(found.group(1), "%Y-%m-%d %H:%M")).total_seconds()) < 3600


OPTIONS = [
    Feature("netbox-id", ["{}", "{}", "{}"], [{"host": "NETBOX_ID{id}", "name": "feat-netbox-id é"}, {"host": "feat-netbox-id-2", "name": "feat-netbox-id-2"}, {"host": "NETBOX_ID{id}", "name": "feat-netbox-id/3"}],
            members={"name": "feat-netbox-id é"}, in_netbox={2: {"name": "feat-netbox-id-2"}, 3: {"name": "feat-netbox-id/3"}}, match="feat-netbox-id*"),
    Feature("tags-case-prefix", ["{tags: {Site: \"{{ site.name }}\"}}", "{tags: {Ä: Ö}}", "{}"], [{"tags": [("nb_site", "berlin dc1")]}, {"tags": [("nb_ä", "ö")]}, {"tags": []}]),
    Feature("too-long-truncate", ["{tags: {t: \"{{ comments }}\"}, inventory: {type: \"{{ comments }}\"}}", "{tags: {t: x}, inventory: {type: x}}", "{}"],
            [{"tags": [("nb_t", "ü" * 255)], "inventory": {"type": "ü" * 64}}, {"tags": [("nb_t", "x")], "inventory": {"type": "x"}}, {}], members={"comments": LONG}),
    Feature("groups-traverse", ["{host_group_format: [region/site_group/tenant_group]}", "{host_group_format: [location, role]}", "{host_group_format: [platform]}"],
            [{"groups": ["Europe/Germany/Production/Data centres/Customers", "Feat"]}, {"groups": ["Building A/Room 1.01", "Feat", "Server/Hypervisor"]},
             {"groups": ["Feat", "Linux/Debian 12"]}], members={"tenant": "acme", "location": "ber1-room", "role": "hypervisor"}),
    Feature("inventory-kept", ["{inventory: {os: \"{{ asset_tag }}\", notes: x}}", "{inventory: {os: \"{{ asset_tag }}\", notes: x}}", "{inventory: {notes: x}}"],
            [{"inventory": {"notes": "x"}}, {"inventory": {"notes": "x", "os": "by hand"}}, {"inventory": {"notes": "x"}}],
            by_hand={2: lambda s, _i, h: s.zabbix.call("host.update", {"hostid": h["hostid"], "inventory": {"os": "by hand"}})}),
    Feature("description-at-creation", ["{description: \"made on {datetime}\"}", "{description: other}", "{description: third}"],
            [{"description": now_like}, {"description": now_like}, {"description": "by hand"}],
            by_hand={3: lambda s, _i, h: s.zabbix.call("host.update", {"hostid": h["hostid"], "description": "by hand"})}),
    Feature("unlink-keeps-items", ["{interfaces: [{type: agent}], templates: [Live agent]}", "{interfaces: [{type: agent}]}", "{interfaces: [{type: agent}], templates: []}"],
            [{"templates": ["Live agent"]}, {"templates": []}, {"templates": []}],
            sql={2: [("SELECT count(*) FROM items WHERE hostid = %(hostid)s AND key_ = 'live.agent'", "1")], 3: [("SELECT count(*) FROM items WHERE hostid = %(hostid)s", "1")]}),
]
OPTIONS_SECTIONS = """\
rules: {illegal_names: netbox_id, tag_case: lower, tag_prefix: nb_, too_long: truncate, empty_inventory: keep, datetime_format: "%Y-%m-%d %H:%M",
        traverse: [region, site_group, location, role, platform, tenant_group]}
ownership: {description: ignore}
sync: {delete_mode: hard, max_deletes: none, max_disables: none, unlink: keep_items}"""

FIRST = [
    Feature("first", ["{templates: [Live agent], use: [both]}", "{use: [nested]}", "{templates: [ICMP Ping], interfaces: [{type: agent}]}"],
            [{"groups": ["Feat/Bundle"], "templates": [ICMP, "Live agent"], "tags": [("bundle", "1")]}, {"groups": ["Feat/Bundle", "Feat/Nested"], "templates": [ICMP], "tags": [("bundle", "1")]},
             {"groups": ["Feat/Bundle", "Feat/Nested"]}], codes={3: "no matching mapping sets host_groups"}),
]
FIRST_SECTIONS = """\
rules: {combine: first, catch_all: required, undefined: error, too_long: skip}
bundles:
  both: {set: {host_groups: [Feat/Bundle], templates: [ICMP Ping], interfaces: [{type: agent}], tags: {bundle: 1}}}
  nested: {set: {use: both, host_groups: [Feat/Nested]}}
sync: {delete_mode: hard, max_deletes: none, max_disables: none}"""


def context(**zabbix):
    return {"local_context_data": {"zabbix": zabbix}}


PER_HOST = [
    Feature("context-defaults", ["{}"] * 3, [{"interfaces": [snmp(**V2)], "templates": ["Arista by SNMP"]}] * 2 + [{"interfaces": [AGENT], "templates": [ICMP]}],
            members={"device_type": "dcs-7050"}, in_netbox={3: context(interface_type="agent", templates="ICMP Ping")}),
    Feature("context-vm", ["{}"] * 3, [{"interfaces": [AGENT], "templates": []}, {"interfaces": [AGENT], "templates": [ICMP]}, {"templates": []}], kind="vm",
            in_netbox={2: context(templates=["ICMP Ping"]), 3: {"local_context_data": None}}),
    Feature("context-snmp", ["{}"] * 3,
            [{"interfaces": [snmp(port="1161", **dict(V2, community="Zq7Context", bulk=0))]},
             {"interfaces": [snmp(**dict(V3, securitylevel=2, authprotocol=1, authpassphrase="{$A}", privprotocol=1, privpassphrase="{$P}"))]}, {"interfaces": [snmp(**V2)]}],
            members=context(interface_type=2, interface_port=1161, snmp={"version": 2, "community": "Zq7Context", "bulk": 0}),
            in_netbox={2: context(interface_type=2, snmp={"version": 3, "securityname": "mon", "securitylevel": 2, "authprotocol": 1, "authpassphrase": "{$A}", "privprotocol": 1,
                                                          "privpassphrase": "{$P}"}), 3: {"local_context_data": None}}),
    Feature("context-proxy", ["{}"] * 3, [{"proxy": ("proxy", "live-proxy-1")}, {"proxy": ("proxy", "live-proxy-2")}, {"proxy": ("server", "")}], members=context(proxy="live-proxy-1"),
            in_netbox={2: context(proxy="live-proxy-2"), 3: {"local_context_data": None}}),
    Feature("context-tags-macros", ["{}"] * 3,
            [{"tags": [("a", "1"), ("b", "2"), ("name", "value")], "macros": {"{$TEXT}": ("text", "value", ""), "{$NUMBER}": ("text", "5", ""), "{$SECRET}": ("secret", None, "y"), "{$VAULT}": ("vault", "secret/path:key", "")}},
             {"tags": [("a", "2")], "macros": {"{$SECRET}": ("secret", None, "y")}}, {"tags": [], "macros": {}}],
            members=context(tags=[{"name": "value"}, {"a": "1", "b": "2"}],
                            usermacros={"{$TEXT}": "value", "{$NUMBER}": 5, "{$SECRET}": {"type": "Secret", "value": "Zq7ContextSecret", "description": "y"}, "{$VAULT}": {"type": "vault", "value": "secret/path:key"}}),
            in_netbox={2: context(tags=[{"a": 2}], usermacros={"{$SECRET}": {"type": "secret", "value": "Zq7ContextOther", "description": "y"}}), 3: {"local_context_data": None}},
            sql={1: [("SELECT value FROM hostmacro WHERE hostid = %(hostid)s AND macro = '{$SECRET}'", "Zq7ContextSecret")],
                 2: [("SELECT value FROM hostmacro WHERE hostid = %(hostid)s AND macro = '{$SECRET}'", "Zq7ContextOther")]}),
    Feature("context-oob-ipmi", ["{}"] * 3,
            [{"interfaces": [AGENT, ("ipmi", True, True, "{oob}", "", "623", {})], "ipmi": (6, 4, "u", "Zq7Ipmi")}, {"interfaces": [("agent", True, True, "192.0.2.9", "", "10050", {}), ("ipmi", True, True, "{oob}", "", "6230", {})]},
             {"interfaces": [AGENT, snmp(ip="{oob}", **V2)]}], ips="4o",
            members=context(interface_type=1, oob_interface_type="ipmi", ipmi={"username": "u", "password": "Zq7Ipmi", "authtype": "rmcp+", "privilege": "admin"}),
            in_netbox={2: context(interface_type=1, interface_ip="192.0.2.9", oob_interface_type=3, oob_interface_port=6230), 3: context(interface_type=1)}),
    Feature("context-description", ["{}"] * 3, [{"description": "of the context"}, {"description": "changed"}, {"description": ""}], members=context(description="of the context"),
            in_netbox={2: context(description="changed"), 3: {"local_context_data": None}}),
    Feature("context-wrong", ["{}"] * 3, [None, {"interfaces": [AGENT]}, {"interfaces": [AGENT]}], members=context(interface_type="carrier pigeon"),
            in_netbox={2: context(interface_type=1), 3: context(interface_type=2)}, codes={1: "config_context.zabbix.interface_type", 3: "config_context.zabbix.snmp"}),
]
# Where no config context but their own, and no template but where wanted, speaks of them.
PLACES = {"device": {"site": "muc1", "device_type": "p3245", "platform": None}, "vm": {"cluster": "siteless"}}
for feature in PER_HOST:
    feature.members = dict(PLACES[feature.kind], **feature.members)
PER_HOST_SECTIONS = "sync: {delete_mode: hard, max_deletes: none, max_disables: none}"
PER_HOST_BASE = "  - {name: per host, set: {per_host: {oob: true}}}"
