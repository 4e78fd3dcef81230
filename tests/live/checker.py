# SPDX-License-Identifier: Apache-2.0
"""Reads all hosts back through Zabbix's API and compares them, field by field, with what desired.py says."""
import hashlib
import json

OWNER = "{$ZYNC.OWNER}"
KINDS = {"1": "agent", "2": "snmp", "3": "ipmi", "4": "jmx"}
MACRO_KINDS = {"0": "text", "1": "secret", "2": "vault"}
MODES = {"-1": "disabled", "0": "manual", "1": "automatic"}
NUMBERS = ("version", "bulk", "max_repetitions", "securitylevel", "authprotocol", "privprotocol")


def actual_details(details):
    if not details:
        return {}
    found = {key: int(value) if key in NUMBERS else value for key, value in details.items()}
    if found.get("version") == 1:
        found.pop("max_repetitions", None)
    return found


def actual_interface(interface):
    return (KINDS[interface["type"]], interface["main"] == "1", interface["useip"] == "1", interface["ip"], interface["dns"],
            interface["port"], actual_details(interface["details"]))


def actual_proxy(host, names):
    if "monitored_by" not in host:  # before 7.0
        ident = host["proxy_hostid"]
        return ("server", "") if ident == "0" else ("proxy", names[("proxy", ident)])
    if host["monitored_by"] == "1":
        return ("proxy", names[("proxy", host["proxyid"])])
    if host["monitored_by"] == "2":
        return ("group", names[("group", host["proxy_groupid"])])
    return ("server", "")


def actual_form(host, names):
    """A host of host.get in the form of desired.plain()."""
    inventory = host["inventory"] or {}
    macros = {m["macro"]: (MACRO_KINDS[m["type"]], m.get("value"), m["description"]) for m in host["macros"]}
    return {"host": host["host"], "name": host["name"], "status": "monitored" if host["status"] == "0" else "disabled",
            "description": host["description"], "groups": sorted(g["name"] for g in host["groups"]),
            "templates": sorted(t["host"] for t in host["parentTemplates"]),
            "interfaces": sorted((actual_interface(i) for i in host["interfaces"]), key=repr), "proxy": actual_proxy(host, names),
            "tags": sorted((t["tag"], t["value"]) for t in host["tags"]), "macros": macros,
            "ipmi": (int(host["ipmi_authtype"]), int(host["ipmi_privilege"]), host["ipmi_username"], host["ipmi_password"]),
            "tls": (int(host["tls_connect"]), int(host["tls_accept"]), host["tls_issuer"], host["tls_subject"]),
            "inventory_mode": MODES[host["inventory_mode"]],
            "inventory": {k: v for k, v in inventory.items() if v and k not in ("hostid", "inventory_mode")}}


def owner(host):
    return next((m.get("value") for m in host["macros"] if m["macro"] == OWNER), None)


def differences(wanted, actual):
    """Texts "field: wanted … got …"."""
    found = []
    for field, value in wanted.items():
        got = actual[field]
        if field == "interfaces":
            # 6.0 has no max_repetitions: compare what both sides have.
            known = [set(i[6]) for i in got]
            if not any("max_repetitions" in keys for keys in known):
                value = [i[:6] + ({k: v for k, v in i[6].items() if k != "max_repetitions"},) for i in value]
            value, got = sorted(value, key=repr), sorted(got, key=repr)
        if field == "macros":
            # Zabbix never returns a secret; the description of the mark is Zync's own affair.
            value = {k: (v[0], None if v[0] == "secret" else v[1], v[2] if k != OWNER else None) for k, v in value.items()}
            got = {k: (v[0], v[1], v[2] if k != OWNER else None) for k, v in got.items()}
        if value != got:
            found.append("%s: wanted %s got %s" % (field, shown(value), shown(got)))
    return found


def shown(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def sanitized(host):
    """What makes a digest stable: no counters of the server."""
    drop = ("lastaccess", "errors_from", "error", "available", "disable_until", "snmp_available", "ipmi_available", "jmx_available",
            "maintenance_from", "active_available")
    host = {k: v for k, v in host.items() if k not in drop}
    host["interfaces"] = [{k: v for k, v in i.items() if k not in drop} for i in host["interfaces"]]
    for name, key in (("groups", "groupid"), ("parentTemplates", "templateid"), ("interfaces", "interfaceid"), ("macros", "macro")):
        host[name] = sorted(host[name], key=lambda item, k=key: item[k])
    host["tags"] = sorted(host["tags"], key=lambda t: (t["tag"], t["value"]))
    return host


def digest(host):
    return hashlib.sha256(shown(sanitized(host)).encode()).hexdigest()


class View:
    """All hosts of a Zabbix server at one moment, ours by (kind, id)."""

    def __init__(self, zabbix, ours):
        self.names = zabbix.proxy_names()
        self.hosts = zabbix.hosts()
        self.ours, self.foreign, self.doubles = {}, {}, []
        for host in self.hosts:
            mark = (owner(host) or "").split(":")
            if len(mark) == 3 and mark[0] == ours and mark[2].isdigit():
                key = (mark[1], int(mark[2]))
                if key in self.ours:
                    self.doubles.append("%s: hostids %s and %s" % (key, self.ours[key]["hostid"], host["hostid"]))
                self.ours[key] = host
            else:
                self.foreign[host["hostid"]] = digest(host)
        self.digests = {key: digest(host) for key, host in self.ours.items()}

    def form(self, key):
        return actual_form(self.ours[key], self.names)

    def check(self, wanted, ignore=()):
        """Every difference between what must be and what is, as texts; hosts in `ignore` are looked at by the caller."""
        found = list(self.doubles)
        for key in sorted(set(wanted) | set(self.ours)):
            if key in ignore:
                continue
            if key not in self.ours:
                found.append("%s %r: not in Zabbix" % (key, wanted[key]["host"]))
            elif key not in wanted:
                found.append("%s %r: should not be in Zabbix" % (key, self.ours[key]["host"]))
            else:
                found.extend("%s %r: %s" % (key, wanted[key]["host"], text) for text in differences(wanted[key], self.form(key)))
        return found

    def changed_since(self, before):
        """Keys of our hosts that are not as they were."""
        return {key for key in set(self.digests) | set(before.digests) if self.digests.get(key) != before.digests.get(key)}
