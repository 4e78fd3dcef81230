# SPDX-License-Identifier: Apache-2.0
"""Everything that a host can have: made, changed and taken away on the real servers, read back by the checker, and then nothing is left to do. feature_list.py has the list."""
import os

import checker
import feature_list
import feature_more
import netbox_api
import proxy
import scene
import zync

TAG = "live-feature"
SECRETS = {"LIVE_PSK": "a1b2c3d4e5f60718293a4b5c6d7e8f90", "LIVE_PSK2": "00112233445566778899aabbccddeeff"}
PLAIN = "sync: {delete_mode: hard, max_deletes: none, max_disables: none}"
# An aspect that no mapping sets is not managed: this one speaks of all of them, and of no object.
MANAGE = ("  - {name: manage everything, match: {name: no-such-object}, set: {templates: [ICMP Ping], tags: {a: b}, macros: {\"{$A}\": b}, inventory: {os: x}, description: d, "
          "proxy: live-proxy-1, interfaces: [], tls: {connect: none}, ipmi: {username: u}}}")
BASE = "  - {name: base, set: {host_groups: [Feat]}}\n  - {name: excluded, match: {tags: no-zabbix}, set: {state: skipped}}"
# name, sections of the configuration, mappings before those of the features, features
VARIANTS = [
    ("default", PLAIN, MANAGE + "\n" + BASE, feature_list.DEFAULT),
    ("merge", PLAIN + "\nownership: {groups: merge, templates: merge, tags: merge, macros: merge, inventory: merge, proxy: merge}", MANAGE + "\n" + BASE, feature_more.MERGE),
    ("options", feature_more.OPTIONS_SECTIONS, MANAGE + "\n" + BASE, feature_more.OPTIONS),
    ("first", feature_more.FIRST_SECTIONS, MANAGE + "\n  - {name: base, set: {host_groups: [Feat], interfaces: []}}", feature_more.FIRST),
    ("per-host", feature_more.PER_HOST_SECTIONS, BASE + "\n" + feature_more.PER_HOST_BASE, feature_more.PER_HOST),
]


class Objects:
    """The objects of a variant in NetBox; they go when the scenario ends."""

    def __init__(self, s):
        self.s, self.n, self.count = s, s.netbox, 0
        self.ids = {path: {row.get("slug") or row["name"]: row["id"] for row in self.n.list(path)}
                    for path in ("dcim/sites/", "dcim/device-roles/", "dcim/device-types/", "dcim/platforms/", "tenancy/tenants/", "dcim/locations/", "virtualization/clusters/", "extras/tags/")}
        if TAG not in self.ids["extras/tags/"]:
            self.n.create("extras/tags/", {"name": TAG, "slug": TAG, "color": "9e9e9e"})

    def members(self, given):
        """Members of a feature as NetBox writes them: slugs become ids."""
        tables = {"tenant": "tenancy/tenants/", "location": "dcim/locations/", "role": "dcim/device-roles/", "site": "dcim/sites/", "device_type": "dcim/device-types/",
                  "cluster": "virtualization/clusters/"}
        row = {name: self.ids[tables[name]][value] if name in tables else value for name, value in given.items()}
        if "tags" in row:
            row["tags"] = [{"slug": slug} for slug in sorted({*row["tags"], TAG})]
        if "custom_fields" in row and "backup_site" in row["custom_fields"]:
            row["custom_fields"] = dict(row["custom_fields"], backup_site=self.ids["dcim/sites/"][row["custom_fields"]["backup_site"]])
        return row

    def make(self, feature):
        name = "feat-" + feature.name
        row = {"name": name, "status": "active", "role": self.ids["dcim/device-roles/"]["server"], "tags": [{"slug": TAG}]}
        if feature.kind == "device":
            row |= {"site": self.ids["dcim/sites/"]["ber1"], "device_type": self.ids["dcim/device-types/"]["r650"], "platform": self.ids["dcim/platforms/"]["debian-12"]}
        else:
            row |= {"cluster": self.ids["virtualization/clusters/"]["pve-berlin"]}
        row |= self.members(feature.members)
        o = self.n.create(netbox_api.DEVICES if feature.kind == "device" else netbox_api.VMS, row)
        words = {"id": o["id"], "name": o["name"] or "", "NAME": (o["name"] or "").upper(), "dns": ""}
        primaries = {}
        for letter in feature.ips.replace("n", ""):
            words.update(self.address(feature, o, letter, primaries))
        if primaries:
            self.n.call("PATCH", "%s%d/" % (netbox_api.DEVICES if feature.kind == "device" else netbox_api.VMS, o["id"]), primaries)
        return o["id"], words

    def address(self, feature, o, letter, primaries):
        self.count += 1
        port = {"4": "mgmt0", "6": "mgmt0", "o": "ilo", "m": "mgmt9"}[letter]
        path, parent = ("dcim/interfaces/", "device") if feature.kind == "device" else ("virtualization/interfaces/", "virtual_machine")
        found = self.n.list(path, "&%s_id=%d&name=%s" % (parent, o["id"], port))
        more = {"type": "1000base-t"} if feature.kind == "device" else {}
        ident = found[0]["id"] if found else self.n.create(path, {parent: o["id"], "name": port, **more})["id"]
        ip = "2001:db8:7::%x" % self.count if letter == "6" else "10.77.%d.%d" % (self.count // 250, self.count % 250 + 1)
        dns = "feat-%d.example.net" % self.count if "n" in feature.ips and letter == "4" else ""
        kind = "dcim.interface" if feature.kind == "device" else "virtualization.vminterface"
        made = self.n.create("ipam/ip-addresses/", {"address": ip + ("/64" if letter == "6" else "/16"), "status": "active", "dns_name": dns, "assigned_object_type": kind,
                                                    "assigned_object_id": ident})
        member = {"4": "primary_ip4", "6": "primary_ip6", "o": "oob_ip"}.get(letter)
        if member:
            primaries[member] = made["id"]
        words = {{"4": "ip4", "6": "ip6", "o": "oob", "m": "mgmt"}[letter]: ip}
        return words | ({"dns": dns} if dns else {})


def fill(value, words):
    """{ip4} and the like in what is wanted."""
    if isinstance(value, str):
        for name, text in words.items():
            value = value.replace("{%s}" % name, str(text))
        return value
    if isinstance(value, (list, tuple)):
        return type(value)(fill(v, words) for v in value)
    if isinstance(value, dict):
        return {fill(k, words): fill(v, words) for k, v in value.items()}
    return value


def mappings(before, features, phase):
    lines = [before]
    for f in features:
        text = f.sets[phase - 1]
        if text is not None:
            lines.append("  - {name: %s, match: {name: \"%s\"}, set: %s}" % (f.name, "feat-" + f.name if f.match is None else f.match, text))
    return "\n".join(lines)


def compare(s, f, phase, words, host, names):
    """Texts of what differs from what the feature wants."""
    want = f.wants[phase - 1]
    if want is None or host is None:
        return [] if want is None and host is None else ["%s: %s in Zabbix" % (f.name, "it should not be" if host else "it is not")]
    form, found = checker.actual_form(host, names), []
    for field, value in fill(want, words).items():
        if callable(value):
            if not value(form[field]):
                found.append("%s: %s: got %r" % (f.name, field, form[field]))
            continue
        if field == "macros":
            form["macros"].pop(checker.OWNER, None)
        if field == "proxy" and value[0] == "group" and not s.v7:
            continue
        found += ["%s: %s" % (f.name, text) for text in checker.differences({field: sorted(value, key=repr) if field == "interfaces" else value}, form)]
    for query, result in f.sql.get(phase, []):
        got = s.lab.sql(s.server, query % {"hostid": host["hostid"]})
        if got != fill(result, words):
            found.append("%s: %s: wanted %r got %r" % (f.name, query, fill(result, words), got))
    return found


def only_70(s, features):
    """6.0 has no proxy groups, and takes two templates with one item key."""
    return [f for f in features if s.v7 or f.name not in ("proxy-group", "templates-clash")]


def check(s, label, features, phase, made, hosts, names, result):
    t = s.tap
    failures = {}
    for row in result.json["failures"]:
        failures.setdefault(row["name"], row["error"])
    for f in features:
        ident, words = made[f.name]
        wrong = compare(s, f, phase, words, hosts.get((f.kind, ident)), names)
        error = next((text for name, text in failures.items() if name in (words["name"], "feat-" + f.name)), None)
        if phase in f.codes and f.codes[phase] not in (error or ""):
            wrong.append("the failure: wanted %r in %r" % (f.codes[phase], error))
        if phase not in f.codes and error:
            wrong.append("it failed: " + error)
        t.none(wrong, "%s %s: %s" % (label, f.name, ("made", "changed", "taken away")[phase - 1]))


def ours(s):
    found = {}
    for host in s.zabbix.hosts():
        mark = (checker.owner(host) or "").split(":")
        if len(mark) == 3 and mark[0] == scene.OURS:
            found[(mark[1], int(mark[2]))] = host
    return found


def variant(s, name, sections, before, features):
    t = s.tap
    objects = Objects(s)
    made = {f.name: objects.make(f) for f in features}
    values = {"NETBOX_URL": s.np.url, "ZABBIX_URL": s.zp.url, "NETBOX_MORE": "", "SECTIONS": sections, "MAPPINGS": mappings(before, features, 1)}
    program = zync.Zync(s.suite.program, os.path.join(s.folder, name), "features.yaml.in", values, dict(s.suite.secrets, **SECRETS))
    for phase in (1, 2, 3):
        hosts = ours(s)
        for f in features:
            ident = made[f.name][0]
            if phase in f.in_netbox:
                s.netbox.call("PATCH", "%s%d/" % (netbox_api.DEVICES if f.kind == "device" else netbox_api.VMS, ident), objects.members(f.in_netbox[phase]))
                made[f.name][1]["name"] = f.in_netbox[phase].get("name", made[f.name][1]["name"])
            if phase in f.by_hand:
                f.by_hand[phase](s, ident, hosts[(f.kind, ident)])
        program.configure(MAPPINGS=mappings(before, features, phase))
        result = program.run("sync", "--json")
        t.ok(result.code in (0, 1) and result.out, "%s: sync %d runs" % (name, phase), str(result))
        check(s, name, features, phase, made, ours(s), s.zabbix.proxy_names(), result)
        plan = program.run("plan", "--json")
        left = [op for op in plan.json["operations"] if op["action"] != "fail"] if plan.out else [str(plan)]
        t.none(left, "%s: nothing is left to do after sync %d" % (name, phase))
        s.clear()
        again = program.run("sync", "--json")
        t.none(proxy.writes(s.zp.take()) + proxy.writes(s.np.take()), "%s: another sync makes no write call" % name, str(again))
    return program


def run(s):
    z = s.zabbix
    z.template("Live agent too", [("live.agent", 0, {})])
    for name, sections, before, features in VARIANTS:
        variant(s, name, sections, before, only_70(s, features))
        s.netbox.restore()
        s.start_over("rich-" + name)
        z.template("Live agent too", [("live.agent", 0, {})])
