#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Moving from netbox-zabbix-sync: its configuration converted by the real program gives, field by field, the hosts that tool makes (nzsmodel.py), and on an installation of it the first plan is empty."""
import json
import os
import re
import sys
import time

from e2elib import Sim, Tap, Work, arguments
from nzsmodel import Model, NetBox, special

ZYNC = arguments().zync
tap = Tap()

# Every key that changes a host, none at its default.
FULL = '''"""Settings of the old tool."""
import os
templates_config_context = False
templates_config_context_overrule = True
template_cf = "zabbix_template"
device_cf = 'zabbix_' 'hostid'
proxy_cf = "zabbix_proxy"
proxy_group_cf = "zabbix_proxy_group"
clustering = True
create_journal = True
sync_vms = True
vm_hostgroup_format = ["cluster_type/cluster/role", "'Virtual'/tenant_group/tenant"]
full_proxy_sync = True
zabbix_device_removal = ["Decommissioning"]
zabbix_device_disable = (
    "Offline", "Planned",  # staged ones are monitored
)
hostgroup_format = ["region/site/role", "site_group/'Racks'/rack", "owner_team/platform"]
traverse_regions = traverse_site_groups = True
nb_device_filter = {"name__n": "null", "status": ["active", "planned", "staged", "failed", "offline", "decommissioning"]}
inventory_mode = "manual"
inventory_sync = True
device_inventory_map = {"asset_tag": "asset_tag", "virtual_chassis/name": "chassis", "status/label": "deployment_status", "location/name": "location",
    "latitude": "location_lat", "comments": "notes", "name": "name", "rack/name": "site_rack", "serial": "serialno_a", "device_type/manufacturer/name": "vendor",
    "oob_ip/address": "oob_ip", "custom_fields/monitored": "tag", "custom_fields/odd_number": "os", "custom_fields/ratio": "os_short", "vc_position": "model",
    "site/id": "contact"}
vm_inventory_map = {"status/label": "deployment_status", "name": "name", "vcpus": "hardware", "memory": "hardware_full", "primary_ip/address": "host_router"}
usermacro_sync = True
device_usermacro_map = {"serial": "{$HW_SERIAL}", "role/name": "{$DEV_ROLE}", "url": "{$NB_URL}", "id": "{$NB_ID}", "custom_fields/odd_number": "{$ODD:\\"n\\"}",
    "custom_fields/monitored": "{$MONITORED}", "asset_tag": "{$ASSET}"}
tag_sync = True
tag_name = "NetBox"
tag_value = "slug"
device_tag_map = {"site/name": "Site", "rack/name": "rack", "platform/name": "target", "custom_fields/owner_team": "team", "custom_fields/monitored": "monitored"}
description = "Made for {owner} by the old tool"
'''
# Templates from the config context alone, tags as they are, the inventory automatic, no maps of macros.
CONTEXT = '''
templates_config_context = True
sync_vms = 1
hostgroup_format = "manufacturer/location/tenant_group"
vm_hostgroup_format = "site/platform/sla"
inventory_mode = "automatic"
tag_sync = True; tag_lower = False; tag_name = False
usermacro_sync = "full"
device_usermacro_map = vm_usermacro_map = {}
description = "dynamic"
description_dt_format = "%Y"
zabbix_device_removal = []
zabbix_device_disable = ["Failed", "Inventory", "Paused"]
'''
SCENES = {"defaults": "", "everything": FULL, "contexts alone": CONTEXT}


def settings(text):
    """What Python itself reads in the file."""
    values = {}
    exec(compile(text, "config.py", "exec"), values)  # pylint: disable=exec-used
    return {k: v for k, v in values.items() if not k.startswith("__") and k != "os"}


class World:
    """The simulated NetBox, with custom fields and objects that have a context each."""

    def __init__(self, sim):
        self.sim = sim
        self.serial = 0
        both = ["dcim.device", "virtualization.virtualmachine"]
        for name, kind, types in (("zabbix_proxy", "text", both + ["dcim.site"]), ("zabbix_proxy_group", "text", both + ["dcim.site"]),
                                  ("odd_number", "integer", both), ("ratio", "decimal", both)):
            sim.netbox("POST", "/api/extras/custom-fields/", {"name": name, "type": kind, "object_types": types})
        # The third one has another technical name.
        names = ["Cisco IOS by SNMP", "Network Generic Device by SNMP", "MikroTik CCR2004-1G-12S+2XS by SNMP", "ICMP Ping"]
        for n, kind in enumerate(sim.netbox("GET", "/api/dcim/device-types/?limit=1000")["results"]):
            if n % 6 != 5:
                sim.netbox("PATCH", f"/api/dcim/device-types/{kind['id']}/", {"custom_fields": {"zabbix_template": names[n % len(names)]}})
        first = next(d for d in sim.netbox("GET", "/api/dcim/devices/?limit=100")["results"] if d["rack"] and d["location"] and d["platform"])
        self.kinds = sim.netbox("GET", "/api/dcim/device-types/?limit=1000")["results"]
        self.common = {k: first[k]["id"] for k in ("site", "role", "platform", "rack", "location")}
        self.common.update(device_type=self.kind("ICMP Ping"))
        cluster = sim.netbox("GET", "/api/virtualization/clusters/?limit=1")["results"][0]
        role = sim.netbox("GET", "/api/dcim/device-roles/?limit=1")["results"][0]
        self.machine_common = {"cluster": cluster["id"], "role": role["id"]}

    def kind(self, template):
        return next(k["id"] for k in self.kinds if k["custom_fields"]["zabbix_template"] == template)

    def address(self, path, interfaces, owner, ident, dns):
        self.serial += 1
        kind = "dcim.interface" if owner == "device" else "virtualization.vminterface"
        interface = self.sim.netbox("POST", interfaces, {owner: ident, "name": "eth0", "type": "1000base-t"} if owner == "device" else {owner: ident, "name": "eth0"})
        ip = self.sim.netbox("POST", "/api/ipam/ip-addresses/", {"address": f"198.51.100.{self.serial % 250 + 1}/24" if self.serial < 250 else f"203.0.113.{self.serial - 249}/24",
                                                                  "assigned_object_type": kind, "assigned_object_id": interface["id"], "dns_name": dns})
        self.sim.netbox("PATCH", f"{path}{ident}/", {"primary_ip4": ip["id"]})

    def device(self, name, context=None, address=True, dns="", **more):
        body = {"name": name, "status": "active", **self.common, **more}
        if context is not None:
            body["local_context_data"] = {"zabbix": context}
        ident = self.sim.netbox("POST", "/api/dcim/devices/", body)["id"]
        if address:
            self.address("/api/dcim/devices/", "/api/dcim/interfaces/", "device", ident, dns)
        return ident

    def machine(self, name, context=None, address=True, dns="", **more):
        body = {"name": name, "status": "active", **self.machine_common, **more}
        if context is not None:
            body["local_context_data"] = {"zabbix": context}
        ident = self.sim.netbox("POST", "/api/virtualization/virtual-machines/", body)["id"]
        if address:
            self.address("/api/virtualization/virtual-machines/", "/api/virtualization/interfaces/", "virtual_machine", ident, dns)
        return ident

    def fill(self):
        """One object for each thing that a config context or a custom field may say."""
        snmp3 = {"version": 3, "securityname": "mon", "securitylevel": 2, "authprotocol": 3, "authpassphrase": "{$AUTH}", "privprotocol": 1, "privpassphrase": "{$PRIV}",
                 "contextname": "vlan-7"}
        macros = {"{$TEXT}": "value", "{$SECRET}": {"type": "secret", "value": "tulip-42", "description": "a secret"}, "{$VAULT}": {"type": "vault", "value": "secret/path:key"},
                  "{$EMPTY}": "", "{$LONG}": "x" * 2049, "{$CTX:\"a b\"}": {"value": "in context"}, "{$HW_SERIAL}": "from the context"}
        contexts = {
            "plain": None, "agent": {"interface_type": 1}, "agent-port": {"interface_type": 1, "interface_port": 10055}, "snmp1": {
                "interface_type": 2, "snmp": {"version": 1, "community": "{$V1}", "bulk": 0}},
            "snmp2": {"interface_type": 2, "interface_port": 1161, "snmp": {"version": 2}}, "snmp3": {"interface_type": 2, "snmp": snmp3},
            "snmp3-none": {"interface_type": 2, "snmp": {"version": 3, "securityname": "mon", "securitylevel": 0}},
            "ipmi": {"interface_type": 3}, "jmx": {"interface_type": 4, "interface_port": 9010}, "snmp-without": {"interface_type": 2},
            "no-version": {"interface_type": 2, "snmp": {"community": "x"}}, "ignored": {"interface_port": 999, "snmp": {"version": 1, "community": "no"}},
            "macros": {"usermacros": macros},
            "tags": {"tags": [{"From": "Context"}, {"a": "1", "b": "2"}, {"empty": ""}, {"a": "1"}, {"a": "3"}, {"long": "y" * 300}]},
            "described": {"description": "Of {owner}, by hand"}, "template": {"templates": "ICMP Ping"},
            "templates": {"templates": ["ICMP Ping", "VMware Guest"]}, "no-template": {"templates": ["No such template"]},
            "proxy": {"proxy": "proxy-lon"}, "group": {"proxy_group": "pg-emea", "proxy": "proxy-lon"}}
        every = {"templates": ["ICMP Ping"]}
        for name, context in contexts.items():
            with_template = context if context is None or "templates" in context else {**every, **context}
            self.device("ctx-" + name, context, dns=f"ctx-{name}.example.net")
            self.device("both-" + name, with_template)
            self.machine("vm-" + name, with_template, dns=f"vm-{name}.example.net")
        for status in ("offline", "planned", "staged", "failed", "inventory", "decommissioning"):
            self.device("status-" + status, every, status=status)
        for status in ("offline", "planned", "staged", "failed", "decommissioning", "paused"):
            self.machine("vm-status-" + status, every, status=status)
        self.device("no-address", every, address=False)
        self.device("no-rack", every, rack=None, location=None, platform=None)
        self.device("fields", every, custom_fields={"monitored": False, "odd_number": 0, "ratio": 2.50, "owner_team": "NOC/Night"})
        self.device("fields-2", every, custom_fields={"monitored": True, "odd_number": -7, "ratio": 3, "owner_team": "", "zabbix_proxy": "proxy-muc", "sla": "gold"})
        self.device("fields-3", {**every, "proxy": "proxy-lon"}, custom_fields={"zabbix_proxy": "proxy-fra", "zabbix_proxy_group": "pg-apac"})
        self.device("visible-name", device_type=self.kind("MikroTik CCR2004-1G-12S+2XS by SNMP"))
        self.device("no-type-template", device_type=next(k["id"] for k in self.kinds if not k["custom_fields"]["zabbix_template"]))
        self.device("Кириллица", every)
        self.device("Größe-1", every)
        self.device("round (1)", every)
        self.machine("größe-vm", every, custom_fields={"sla": "silver", "zabbix_proxy": "proxy-muc"})
        site = self.sim.netbox("POST", "/api/dcim/sites/", {"name": "Proxy site", "slug": "proxy-site", "status": "active", "custom_fields": {"zabbix_proxy": "proxy-lon"}})
        self.device("by-site", every, site=site["id"], rack=None, location=None)
        chassis = self.sim.netbox("POST", "/api/dcim/virtual-chassis/", {"name": "the-stack"})["id"]
        members = [self.device(f"member-{n}", every, virtual_chassis=chassis, vc_position=n) for n in (1, 2)]
        self.sim.netbox("PATCH", f"/api/dcim/virtual-chassis/{chassis}/", {"master": members[0]})


class Installation(Work):
    """A folder with the old tool's file, converted by the program."""

    def __init__(self, sim, config):
        super().__init__(ZYNC, sim)
        self.environment.update(NETBOX_HOST=sim["netbox_url"], ZABBIX_HOST=sim["zabbix_url"], ZABBIX_TOKEN=sim["zabbix_token"])
        with open(self.path("config.py"), "w", encoding="utf-8") as out:
            out.write(config)
        os.unlink(self.path("zync.yaml"))
        self.converted = self.zync("convert-config", "config.py", "--output", "zync.yaml")

    def secrets(self):
        return {k: v for k, v in super().secrets().items() if "macro" not in k}


def actual_hosts(sim):
    """Hosts of Zabbix by id, as the model has them."""
    made = {}
    for h in sim.control("GET", "dump/zabbix"):
        macros = {n: (m["type"], m["value"], m["description"]) for n, m in h["macros"].items() if n != "{$ZYNC.OWNER}"}
        made[int(h["hostid"])] = {**h, "tags": sorted(map(tuple, h["tags"])), "macros": macros, "proxy": h.get("proxy"), "proxy_group": h.get("proxy_group")}
    return made


def interface_of(host, want):
    """The only interface, with those of its details that the model names."""
    if len(host["interfaces"]) != 1:
        return host["interfaces"]
    got = {k: host["interfaces"][0][k] for k in ("type", "main", "useip", "ip", "dns", "port", "details")}
    got["details"] = {k: str(v) for k, v in got["details"].items() if k in want["details"]} if want["type"] == 2 else {}
    return {**got, "port": str(got["port"])}


def differences(want, got, shared):
    """Fields in which a host is not what the model says. `shared`: its names are another object's, too, and the old tool would have refused one of both."""
    if want["macros"] is None:
        got = {**got, "macros": None}
    if want["tags"] is None:
        got = {**got, "tags": None}
    got = {**got, "interface": interface_of(got, want["interface"]), "inventory": {k: got["inventory"].get(k, "") for k in want["inventory"]}}
    names = ["status", "groups", "templates", "interface", "proxy", "proxy_group", "inventory_mode", "inventory", "tags", "macros"]
    found = [] if shared else [f"{k}: got {got[k]!r}, want {want[k]!r}" for k in ("host", "name") if got[k] != want[k]]
    found += [f"{k}: got {got[k]!r}, want {want[k]!r}" for k in names if got[k] != want[k]]
    if not re.fullmatch(re.escape(want["description"]).replace(r"\{datetime\}", r"20[0-9]{2}"), got["description"]):
        found.append(f"description: got {got['description']!r}, want {want['description']!r}")
    return found


def shared_names(hosts):
    """Technical or visible names that more than one object has."""
    seen = {}
    for key, host in hosts.items():
        if isinstance(host, dict):
            for name in {host["host"], host["name"]}:
                seen.setdefault(name.lower(), set()).add(key)
    return {key for keys in seen.values() if len(keys) > 1 for key in keys}


def hostids(sim):
    """What the custom field of every object says."""
    found = {}
    for kind, path in (("device", "/api/dcim/devices/"), ("vm", "/api/virtualization/virtual-machines/")):
        for obj in sim.netbox("GET", path + "?limit=1000")["results"]:
            found[kind, obj["id"]] = obj["custom_fields"]["zabbix_hostid"]
    return found


def model_of(sim, text):
    names = {t["name"] for t in sim.zabbix("template.get", {"output": ["name"]})}
    proxies = {p["name"] for p in sim.zabbix("proxy.get", {"output": ["name"]})}
    groups = {g["name"] for g in sim.zabbix("proxygroup.get", {"output": ["name"]})}
    there = {h["host"] for h in sim.zabbix("host.get", {"output": ["host"]})}
    return Model(settings(text), NetBox(lambda path: sim.netbox("GET", path)), names, proxies, groups, there).hosts()


def compare(label, sim, want, text):
    """Every host of the model is there as it says, and no other."""
    ids, actual, shared = hostids(sim), actual_hosts(sim), shared_names(want)
    wrong, compared, odd = [], 0, 0
    for key, host in want.items():
        got = actual.get(int(ids[key])) if ids[key] else None
        if isinstance(host, str):
            if got is not None:
                wrong.append(f"{key}: there is a host, and the old tool has none: {host}")
        elif got is None and key in shared:
            odd += 1
        elif got is None:
            wrong.append(f"{key} {host['name']}: no host")
        else:
            found = differences(host, got, key in shared or host["refused"])
            wrong += [f"{key} {host['name']}: {x}" for x in found]
            compared += 1
            odd += key in shared or host["refused"]
    wrong += [f"{key}: a host, and the old tool does not look at the object" for key, ident in ids.items() if ident and key not in want]
    tap.equal(len(wrong), 0, f"{label}: the hosts are those of the old tool ({compared} compared; {odd} of them with names that it would have failed on)", *wrong[:30], text if wrong else "")
    return compared


def refused_hosts(work, want, label, run):
    """What fails in Zync is what the old tool skips."""
    failed = [f["name"] for f in run.json()["failures"]]
    shared = shared_names(want)
    fine = {h["name"] for key, h in want.items() if isinstance(h, dict) and key not in shared}
    tap.equal([n for n in failed if n in fine], [], f"{label}: no host fails that the old tool makes", run)


def scene(label, text, save):
    with Sim(hosts=70, vms=20) as sim:
        world = World(sim)
        world.fill()
        want = model_of(sim, text)
        with Installation(sim, text) as work:
            tap.equal(work.converted.code, 0, f"{label}: converted", work.converted)
            tap.equal(" warning: " in work.converted.err, False, f"{label}: without a warning", work.converted)
            run = work.sync("--force")
            tap.ok(run.code in (0, 1) and run.json()["status"] == "completed", f"{label}: the sync completes", run)
            if run.code not in (0, 1):
                return
            refused_hosts(work, want, label, run)
            with open(work.path("zync.yaml"), encoding="utf-8") as f:
                count = compare(label, sim, want, "")
            tap.ok(count >= save, f"{label}: many hosts were compared", count)
            plan = work.plan()
            left = {o["name"] for o in plan.json()["operations"]} - {f["name"] for f in run.json()["failures"]}
            tap.equal(left, set(), f"{label}: the plan after it has nothing but what failed", plan)
            tap.equal(work.leaks(), [], f"{label}: no secret in what was printed or stored")


# --- on an installation of the old tool ---

def create_as_old_tool(sim, want):
    """Create in Zabbix what the model says, and write the hostids to NetBox, as the old tool does. Objects with shared or refused names are left out: it would have failed on them."""
    ids = {kind: {x["name"]: x[key] for x in sim.zabbix(method, {"output": "extend"})} for kind, method, key in (
        ("template", "template.get", "templateid"), ("proxy", "proxy.get", "proxyid"), ("proxy_group", "proxygroup.get", "proxy_groupid"), ("group", "hostgroup.get", "groupid"))}
    made = {}
    shared = shared_names(want)
    for key, host in want.items():
        if isinstance(host, str) or host["refused"] or key in shared:
            continue
        for group in host["groups"]:
            if group not in ids["group"]:
                ids["group"][group] = sim.zabbix("hostgroup.create", {"name": group})["groupids"][0]
        interface = {k: v for k, v in host["interface"].items() if k != "details" or v}
        body = {"host": host["host"], "name": host["name"] if special(host["name"]) else host["host"], "status": host["status"],
                "groups": [{"groupid": ids["group"][g]} for g in host["groups"]], "templates": [{"templateid": ids["template"][t]} for t in host["templates"]],
                "interfaces": [interface], "description": host["description"], "inventory_mode": host["inventory_mode"], "inventory": host["inventory"],
                "tags": [{"tag": t, "value": v} for t, v in host["tags"] or []],
                "macros": [{"macro": n, "type": t, "value": "********" if t == 1 else v, "description": d} for n, (t, v, d) in (host["macros"] or {}).items()]}
        if host["inventory_mode"] == -1:
            del body["inventory"]
        if host["proxy"]:
            body.update(monitored_by=1, proxyid=ids["proxy"][host["proxy"]])
        if host["proxy_group"]:
            body.update(monitored_by=2, proxy_groupid=ids["proxy_group"][host["proxy_group"]])
        made[key] = sim.zabbix("host.create", body)["hostids"][0]
        path = "/api/dcim/devices/" if key[0] == "device" else "/api/virtualization/virtual-machines/"
        sim.netbox("PATCH", f"{path}{key[1]}/", {"custom_fields": {"zabbix_hostid": int(made[key])}})
    return made


def migrate(label, text):
    with Sim(hosts=70, vms=20) as sim:
        World(sim).fill()
        want = model_of(sim, text)
        made = create_as_old_tool(sim, want)
        with Installation(sim, text) as work:
            plan = work.plan("--no-color")
            tap.ok(plan.code in (0, 1, 5), f"migrating {label}: the first plan", plan)
            names = {want[key]["name"] for key in made} | {want[key]["host"] for key in made}
            secret = {want[key]["name"] for key in made if any(m[0] == 1 for m in (want[key]["macros"] or {}).values())}
            operations = plan.json()["operations"]
            mine = [o for o in operations if o["name"] in names or o.get("host") in names]
            changed = {o["name"] for o in mine}
            tap.equal(sorted(changed - secret), [], f"migrating {label}: nothing to change on {len(made)} hosts of the old tool", json.dumps([o for o in mine if o["name"] not in secret])[:3000])
            fields = {c["field"] for o in mine for c in o["changes"]}
            tap.ok(all(f.startswith("macros[") for f in fields), f"migrating {label}: but the secret macros that it wrote as ********", fields)
            tap.equal(bool(secret), bool(fields), f"migrating {label}: which the plan shows", secret, fields)


# --- what people did in Zabbix ---

def by_hand(label, text, fields):
    """Changes on an installation of the old tool that it leaves alone, or takes back: `fields` is what the plan changes again."""
    with Sim(hosts=20, vms=0) as sim:
        World(sim).device("by-hand", {"templates": ["ICMP Ping"]})
        want = {k: h for k, h in model_of(sim, text).items() if isinstance(h, dict) and h["name"] == "by-hand"}
        made = create_as_old_tool(sim, want)
        proxy = sim.zabbix("proxy.get", {"output": ["proxyid"], "filter": {"name": ["proxy-lon"]}})[0]["proxyid"]
        for key, hostid in made.items():
            own = sim.zabbix("host.get", {"hostids": [hostid], "output": ["hostid"], "selectInterfaces": ["interfaceid"]})[0]["interfaces"]
            change = {"interfaces": own + [{"type": 1, "main": 1, "useip": 1, "ip": "192.0.2.99", "dns": "", "port": "10050"}],
                      "hostid": hostid, "description": "By hand", "monitored_by": 1, "proxyid": proxy, "tags": [{"tag": "by", "value": "hand"}],
                      "macros": [{"macro": "{$BY}", "value": "hand"}]}
            if want[key]["inventory_mode"] >= 0:
                change["inventory"] = {"site_notes": "by hand"}
            sim.zabbix("host.update", change)
        with Installation(sim, text) as work:
            plan = work.plan()
            if not tap.ok(plan.code in (0, 1, 5), f"by hand, {label}: the plan", plan):
                return
            got = sorted({re.sub(r"\[.*", "", c["field"]) for o in plan.json()["operations"] if o["name"] == "by-hand" for c in o["changes"]})
            tap.ok(len(made) == 1, f"by hand, {label}: there is a host", want)
            tap.equal(got, fields, f"by hand, {label}: only what the old tool would take back", plan)


# --- the command ---

def command():
    with Sim(hosts=1, vms=0) as sim, Installation(sim, FULL) as work:
        run = work.zync("convert-config", "config.py")
        with open(work.path("zync.yaml"), encoding="utf-8") as f:
            tap.equal(run.out, f.read(), "without --output it goes to standard output", run.err)
        tap.equal(run.err.splitlines()[0].split(": ")[:2], ["config.py:1", "note"], "notes go to standard error, with their lines", run.err)
        run = work.zync("convert-config", "config.py", "-o", "zync.yaml")
        tap.ok(run.code == 2 and "exists already" in run.err, "a file that exists is not replaced", run)
        run = work.zync("convert-config", "config.py", "-o", "zync.yaml", "--force", "--quiet")
        tap.equal((run.code, run.out, run.err), (0, "", ""), "but with --force; -q says nothing", run)
        run = work.zync("convert-config", "config.py", "--environment", "--json", env={"NBZX_SYNC_VMS": "false", "NBZX_TAG_VALUE": "colour"})
        document = run.json()
        tap.ok("virtual_machines: false" in document["config"], "--environment lets NBZX_SYNC_VMS count", document["config"])
        tap.equal([n["key"] for n in document["notes"] if n["level"] == "warning"], ["tag_value"], "and --json gives the notes", document["notes"])
        run = work.zync("convert-config", "config.py", env={"NBZX_SYNC_VMS": "false"})
        tap.ok("virtual_machines: true" in run.out, "without it the variable does not count", run)
        for name, text, words in (("bad.py", "x = [1\n", "bad.py:2:1: the file ends inside brackets"), ("none.py", None, "none.py"), (".", None, "reading .")):
            if text is not None:
                with open(work.path(name), "w", encoding="utf-8") as f:
                    f.write(text)
            run = work.zync("convert-config", name)
            tap.ok(run.code == 2 and words in run.err and run.out == "", f"what cannot be read is refused: {name}", run)
        child = work.start("convert-config", "-")
        run = work.finish(child, ("convert-config", "-"), time.monotonic())
        tap.ok(run.code == 0 and "standard input" in run.out, "- is standard input", run)


def main():
    command()
    for label, least in (("defaults", 40), ("everything", 90), ("contexts alone", 40)):
        scene(label, SCENES[label], least)
    for label, text in SCENES.items():
        migrate(label, text)
    by_hand("defaults", "", [])
    by_hand("proxies of NetBox alone", "full_proxy_sync = True\ntemplates_config_context = True\ninventory_mode = 'manual'", ["proxy"])
    by_hand("everything", FULL, ["macros", "proxy", "tags"])
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
