# SPDX-License-Identifier: Apache-2.0
"""Everything that a Zabbix server has of its hosts and host groups, read through its API, and what of it is another at a later moment.

Shares no code with Zync. Ids of what belongs to a host (interfaces, macros, items) do not count, since what was deleted and made again has new ones; those of hosts, groups and templates do.
Items of a host are compared as well: a template that was linked again must have brought all of them, one that was unlinked must have left none. Values of secret macros, which
the API does not show, are read from the server's database.
"""
import json

COUNTERS = {"lastaccess", "errors_from", "error", "available", "disable_until", "snmp_available", "ipmi_available", "jmx_available", "maintenance_from",
            "active_available", "snmp_error", "ipmi_error", "jmx_error", "snmp_disable_until", "ipmi_disable_until", "jmx_disable_until", "snmp_errors_from",
            "ipmi_errors_from", "jmx_errors_from"}
ITEM = ["key_", "name", "type", "value_type", "delay", "history", "trends", "status", "units", "description", "snmp_oid", "interfaceid", "flags"]


def plain(value, *drop):
    """Rows in an order that does not depend on ids, without counters and without the members in `drop`."""
    if isinstance(value, dict):
        return {key: plain(item, *drop) for key, item in value.items() if key not in COUNTERS and key not in drop}
    if isinstance(value, list):
        return sorted((plain(item, *drop) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


class Picture:
    def __init__(self, zabbix, lab, server, ids=False):
        groups = "selectHostGroups" if zabbix.v7 else "selectGroups"
        hosts = zabbix.call("host.get", {
            "output": "extend", groups: ["groupid", "name"], "selectParentTemplates": ["templateid", "host"], "selectInterfaces": "extend", "selectTags": "extend",
            "selectMacros": "extend", "selectInventory": "extend", "selectValueMaps": "extend", "selectHttpTests": "extend", "selectTriggers": ["description", "priority", "status", "type", "recovery_mode"],
            "selectGraphs": ["name", "width", "height"], "selectDiscoveries": ["key_", "name", "delay", "status"]})
        items = zabbix.call("item.get", {"output": ["hostid"] + ITEM, "templated": False})
        interfaces = {i["interfaceid"]: "%s %s%s:%s" % (i["type"], i["ip"], i["dns"], i["port"]) for host in hosts for i in host["interfaces"]}
        self.groups = {g["groupid"]: plain(g, "uuid") for g in zabbix.call("hostgroup.get", {"output": "extend"})}
        self.hosts = {}
        for host in hosts:
            names = set(host) - {"hostid"}
            self.hosts[host["hostid"]] = {name: plain(host[name], *(() if ids else ("interfaceid", "hostmacroid", "hostid", "triggerid", "graphid", "itemid", "valuemapid", "httptestid")))
                                          for name in names if name not in COUNTERS}
            self.hosts[host["hostid"]]["items"] = []
        for item in items:
            row = {name: item[name] for name in ITEM if name in item}
            row["interfaceid"] = interfaces.get(item["interfaceid"], "none")  # which address it asks
            self.hosts[item["hostid"]]["items"].append(row)
        for host in self.hosts.values():
            host["items"] = plain(host["items"])
            host["secrets"] = []
        secret = "SELECT m.hostid || E'\\t' || m.macro || E'\\t' || m.value FROM hostmacro m JOIN hosts h ON h.hostid = m.hostid WHERE m.type = 1 AND h.status IN (0, 1) ORDER BY 1"
        self.secrets = 0
        for line in lab.sql(server, secret).splitlines():
            hostid, macro, value = line.split("\t", 2)
            if hostid in self.hosts:
                self.hosts[hostid]["secrets"].append((macro, value))
                self.secrets += 1

    def since(self, before):
        """Every difference, as texts; a secret is not shown."""
        found = ["group %r is gone" % g["name"] for i, g in before.groups.items() if i not in self.groups]
        found += ["group %r is left" % g["name"] for i, g in self.groups.items() if i not in before.groups]
        found += ["group %r: was %r is %r" % (g["name"], g, self.groups[i]) for i, g in before.groups.items() if i in self.groups and self.groups[i] != g]
        for hostid in sorted(set(before.hosts) | set(self.hosts), key=int):
            old, new = before.hosts.get(hostid), self.hosts.get(hostid)
            if old is None or new is None:
                found.append("host %s %r is %s" % (hostid, (old or new)["host"], "left" if old is None else "gone"))
                continue
            for name in sorted(set(old) | set(new)):
                if old.get(name) != new.get(name):
                    found.append("host %s %r: %s: %s" % (hostid, old["host"], name, shown(name, old.get(name), new.get(name))))
        return found

    def changed(self, before):
        """ids of the hosts that are not as they were."""
        return {i for i in set(before.hosts) | set(self.hosts) if before.hosts.get(i) != self.hosts.get(i)}


def shown(name, old, new):
    if name == "secrets":
        return "the values of %s are others" % sorted({macro for macro, _ in set(old or []) ^ set(new or [])})
    if isinstance(old, list) and isinstance(new, list):
        return "was %r is %r" % ([x for x in old if x not in new], [x for x in new if x not in old])
    return "was %r is %r" % (old, new)
