# SPDX-License-Identifier: Apache-2.0
"""What netbox-zabbix-sync 4.0.1 makes of a NetBox: a model of it, written from a survey of that tool (its keys, host-group formats, maps, life cycle) and without anything of Zync.

`Model(config, netbox).hosts()` gives {("device"|"vm", id): host, or a text that says why there is none}. A host: host, name, status, groups, templates, interface, proxy,
proxy_group, inventory_mode, inventory, tags, macros (name → list of (type, value, description)), description. What is a defect of that tool is not modelled; the list is in docs/migration.md.
"""
import re

DEFAULTS = {
    "templates_config_context": False, "templates_config_context_overrule": False, "template_cf": "zabbix_template", "device_cf": "zabbix_hostid",
    "proxy_cf": False, "proxy_group_cf": False, "clustering": False, "create_hostgroups": True, "create_journal": False, "sync_vms": False,
    "vm_hostgroup_format": "cluster_type/cluster/role", "full_proxy_sync": False, "zabbix_device_removal": ["Decommissioning", "Inventory"],
    "zabbix_device_disable": ["Offline", "Planned", "Staged", "Failed"], "hostgroup_format": "site/manufacturer/role", "traverse_regions": False,
    "traverse_site_groups": False, "nb_device_filter": {"name__n": "null"}, "nb_vm_filter": {"name__n": "null"}, "inventory_mode": "disabled",
    "inventory_sync": False,
    "device_inventory_map": {
        "asset_tag": "asset_tag", "virtual_chassis/name": "chassis", "status/label": "deployment_status", "location/name": "location", "latitude": "location_lat",
        "longitude": "location_lon", "comments": "notes", "name": "name", "rack/name": "site_rack", "serial": "serialno_a", "device_type/model": "type",
        "device_type/manufacturer/name": "vendor", "oob_ip/address": "oob_ip"},
    "vm_inventory_map": {"status/label": "deployment_status", "comments": "notes", "name": "name"}, "usermacro_sync": False,
    "device_usermacro_map": {"serial": "{$HW_SERIAL}", "role/name": "{$DEV_ROLE}", "url": "{$NB_URL}", "id": "{$NB_ID}"},
    "vm_usermacro_map": {"memory": "{$TOTAL_MEMORY}", "role/name": "{$DEV_ROLE}", "url": "{$NB_URL}", "id": "{$NB_ID}"}, "tag_sync": False, "tag_lower": True,
    "tag_name": "NetBox", "tag_value": "name", "device_tag_map": {"site/name": "site", "rack/name": "rack", "platform/name": "target"},
    "vm_tag_map": {"site/name": "site", "cluster/name": "cluster", "platform/name": "target"}, "description": "static", "description_dt_format": "%Y-%m-%d %H:%M:%S"}
TEXTS = {"static": "Host added by NetBox sync script.", "dynamic": "Host by owner {owner} added by NetBox sync script on {datetime}."}
PORTS = {1: 10050, 2: 161, 3: 623, 4: 12345}
MACRO_TYPES = {"text": 0, "secret": 1, "vault": 2}
INVENTORY_MODES = {"disabled": -1, "manual": 0, "automatic": 1}


class NoHost(Exception):
    """The old tool makes no host of the object."""


def special(name):
    return any(c in "äöüÄÖÜß" or "\u0400" <= c <= "\u04ff" for c in name)


def refused(name):
    """Names that Zabbix refuses and the old tool sends all the same."""
    return not special(name) and not re.fullmatch(r"[0-9A-Za-z_. \-]+", name) or name != name.strip() or len(name) > 128


class NetBox:
    """Everything that is needed, read through the plain REST API."""

    def __init__(self, get):
        self.get = get
        self.regions = {r["id"]: r for r in self.all("/api/dcim/regions/")}
        self.site_groups = {r["id"]: r for r in self.all("/api/dcim/site-groups/")}
        self.sites = {r["id"]: r for r in self.all("/api/dcim/sites/")}
        self.tenants = {r["id"]: r for r in self.all("/api/tenancy/tenants/")}
        self.clusters = {r["id"]: r for r in self.all("/api/virtualization/clusters/")}
        self.device_types = {r["id"]: r for r in self.all("/api/dcim/device-types/")}
        self.chassis = {r["id"]: r for r in self.all("/api/dcim/virtual-chassis/")}

    def all(self, path):
        return self.get(path + ("&" if "?" in path else "?") + "limit=1000")["results"]

    def filtered(self, path, parameters):
        query = [f"{k}={x}" for k, v in parameters.items() for x in (v if isinstance(v, list) else [v])]
        return self.all(path + ("?" + "&".join(query) if query else ""))

    @staticmethod
    def path(table, ident):
        names = []
        while ident is not None:
            names.insert(0, table[ident]["name"])
            ident = table[ident]["parent"]["id"] if table[ident]["parent"] else None
        return "/".join(names)


class Model:
    def __init__(self, config, netbox, templates, proxies, proxy_groups, there):
        self.c = {**DEFAULTS, **config}
        self.nb = netbox
        self.templates, self.proxies, self.proxy_groups, self.there = templates, proxies, proxy_groups, there

    def hosts(self):
        found = {}
        if self.c["sync_vms"]:
            for obj in self.nb.filtered("/api/virtualization/virtual-machines/", self.c["nb_vm_filter"]):
                found["vm", obj["id"]] = self.attempt(obj, False)
        for obj in self.nb.filtered("/api/dcim/devices/", self.c["nb_device_filter"]):
            if self.c["clustering"] and obj["virtual_chassis"]:
                chassis = self.nb.chassis[obj["virtual_chassis"]["id"]]
                if not chassis["master"] or chassis["master"]["id"] != obj["id"]:
                    continue
                obj = {**obj, "hostname": chassis["name"]}
            found["device", obj["id"]] = self.attempt(obj, True)
        return found

    def attempt(self, obj, device):
        try:
            return self.host(obj, device)
        except NoHost as why:
            return str(why)

    def host(self, obj, device):
        status = obj["status"]["label"]
        # The default filter keeps them away; the old tool cannot work with one that another filter lets through.
        if not obj.get("hostname", obj["name"]):
            raise NoHost("no name")
        if status in self.c["zabbix_device_removal"]:
            raise NoHost("status")
        if not obj["primary_ip"]:
            raise NoHost("no primary address")
        context = (obj["config_context"] or {}).get("zabbix", {})
        name = obj.get("hostname", obj["name"])
        if name in self.there:
            raise NoHost("a host of that name is there already")
        templates = self.template_names(obj, context, device)
        groups = self.groups(obj, device)
        proxy, proxy_group = self.proxy(obj, context)
        return {
            "host": f"NETBOX_ID{obj['id']}" if special(name) or refused(name) else name, "name": name, "refused": refused(name),
            "status": 1 if status in self.c["zabbix_device_disable"] else 0, "groups": groups, "templates": sorted(templates),
            "interface": self.interface(obj, context, device), "proxy": proxy, "proxy_group": proxy_group, "inventory_mode": INVENTORY_MODES[self.c["inventory_mode"]],
            "inventory": self.inventory(obj, device), "tags": self.tags(obj, context, device), "macros": self.macros(obj, context, device),
            "description": self.description(obj, context)}

    # templates, groups

    def template_names(self, obj, context, device):
        names = context.get("templates", [])
        names = [names] if isinstance(names, str) else names
        if device and not self.c["templates_config_context"]:
            field = self.nb.device_types[obj["device_type"]["id"]]["custom_fields"].get(self.c["template_cf"])
            own = [field["value"] if isinstance(field, dict) else field] if field else []
            names = names or own if self.c["templates_config_context_overrule"] else own
        if not names or any(n not in self.templates for n in names):
            raise NoHost("template")
        return set(names)

    def token(self, obj, token, device):
        if len(token) > 2 and token[0] in "'\"" and token[-1] == token[0]:
            return token[1:-1]
        site = self.nb.sites[obj["site"]["id"]] if obj["site"] else None
        tenant = self.nb.tenants[obj["tenant"]["id"]] if obj["tenant"] else None
        cluster = self.nb.clusters[obj["cluster"]["id"]] if obj.get("cluster") else None
        known = {"role": obj["role"], "site": site, "region": site and site["region"], "site_group": site and site["group"], "tenant": tenant,
                 "tenant_group": tenant and tenant["group"], "platform": obj["platform"]}
        if device:
            known.update(manufacturer=obj["device_type"]["manufacturer"], location=obj["location"], rack=obj["rack"])
        else:
            known.update(cluster=cluster, cluster_type=cluster and cluster["type"])
        if token in known:
            value = known[token]
            if value and token == "region" and self.c["traverse_regions"]:
                return self.nb.path(self.nb.regions, value["id"])
            if value and token == "site_group" and self.c["traverse_site_groups"]:
                return self.nb.path(self.nb.site_groups, value["id"])
            return value["name"] if value else ""
        value = obj["custom_fields"][token]
        if isinstance(value, dict):
            return value.get("name", value.get("value"))
        return value or ""

    def groups(self, obj, device):
        formats = self.c["hostgroup_format" if device else "vm_hostgroup_format"]
        names = set()
        for form in [formats] if isinstance(formats, str) else formats:
            names.add("/".join(filter(None, (self.token(obj, t, device) for t in form.split("/")))))
        names.discard("")
        if not names:
            raise NoHost("host group")
        return sorted(names)

    # interface, proxy

    @staticmethod
    def interface(obj, context, device):
        made = {"main": 1, "useip": 1, "dns": "", "ip": obj["primary_ip"]["address"].split("/")[0], "details": {}}
        kind = context.get("interface_type")
        if kind is None:
            kind = 2 if device else 1
            context = {"snmp": {"version": 2}}
        made.update(type=kind, port=str(context.get("interface_port", PORTS[kind])))
        if kind == 2:
            snmp = context.get("snmp", {})
            if "version" not in snmp:
                raise NoHost("SNMP details")
            made["details"] = {"version": str(snmp["version"]), "bulk": str(snmp.get("bulk", 1))}
            if snmp["version"] in (1, 2):
                made["details"]["community"] = snmp.get("community", "{$SNMP_COMMUNITY}")
            else:
                names = ("securityname", "securitylevel", "authprotocol", "authpassphrase", "privprotocol", "privpassphrase", "contextname")
                made["details"].update({k: str(snmp[k]) for k in names if k in snmp})
        return made

    def proxy(self, obj, context):
        def wanted(field, key):
            holders = [obj] + ([self.nb.sites[obj["site"]["id"]]] if obj["site"] else [])
            for holder in holders if self.c[field] else []:
                value = holder["custom_fields"].get(self.c[field])
                if value:
                    return value["name"] if isinstance(value, dict) else value
            return context.get(key)
        group = wanted("proxy_group_cf", "proxy_group")
        if group in self.proxy_groups:
            return None, group
        proxy = wanted("proxy_cf", "proxy")
        return (proxy if proxy in self.proxies else None), None

    # maps

    @staticmethod
    def mapped(obj, table):
        """Zabbix name → text of the value at the path."""
        made = {}
        for path, name in table.items():
            value = obj
            for step in path.split("/"):
                value = value[step] if value else None
            made[name] = str(value) if value or (isinstance(value, (int, float)) and int(value) == 0) else ""
        return made

    def inventory(self, obj, device):
        if not self.c["inventory_sync"] or self.c["inventory_mode"] == "disabled":
            return {}
        return self.mapped(obj, self.c["device_inventory_map" if device else "vm_inventory_map"])

    def tags(self, obj, context, device):
        if not self.c["tag_sync"]:
            return None
        pairs = list(self.mapped(obj, self.c["device_tag_map" if device else "vm_tag_map"]).items())
        for tag in context.get("tags", []):
            pairs += tag.items()
        if self.c["tag_name"]:
            pairs += [(self.c["tag_name"], t[self.c["tag_value"]]) for t in obj["tags"]]
        pairs = [(n, v) for n, v in pairs if n and v and isinstance(v, str) and len(n) <= 255 and len(v) <= 255]
        return sorted({(n.lower(), v.lower()) if self.c["tag_lower"] else (n, v) for n, v in pairs})

    def macros(self, obj, context, device):
        if not self.c["usermacro_sync"]:
            return None
        made = {}
        given = [*self.mapped(obj, self.c["device_usermacro_map" if device else "vm_usermacro_map"]).items(), *context.get("usermacros", {}).items()]
        for name, value in given:
            more = value if isinstance(value, dict) else {"value": value}
            if not re.fullmatch(r"\{\$[A-Z0-9._]+(:.*)?\}", name) or not more.get("value") or len(more["value"]) > 2048:
                continue
            # Twice the same name: Zabbix refuses the host. The later one is what was meant.
            made[name] = (MACRO_TYPES[more.get("type", "text")], more["value"], more.get("description", ""))
        return made

    def description(self, obj, context):
        text = context.get("description") or self.c["description"] or ""
        text = TEXTS.get(text, text)
        if any(w not in ("owner", "datetime") for w in re.findall(r"\{(.*?)\}", text)):
            text = TEXTS["static"]
        owner = obj.get("owner")
        return text.replace("{owner}", owner["name"] if owner else "")
