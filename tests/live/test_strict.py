# SPDX-License-Identifier: Apache-2.0
"""`zync sync --strict` with a bad host as number 250 of 300: afterwards Zabbix, read back through its API and its database, is in everything what it was before."""
import os
import re
import time

import netbox_api
import picture
import proxy
import scene
import zync

HOSTS, BAD = 300, 250
WORDS = 'Host with the same visible name "Fremd ä" already exists'
BAD_NAME = """  - name: bad name
    match: {name: "%s", type: %s}
    set: {name: "Fremd ä"}"""


def words(s, wave):
    """Of the configuration: wave 2 differs from wave 1 in every aspect of a host but its technical name."""
    second = wave == 2
    return {"WAVE": str(wave), "TEMPLATE": "Live trapper" if second else "ICMP Ping", "BEHIND": " b" if second else "", "PORT": "10099" if second else "10050",
            "FIELD": "serialno_a" if second else "type", "SNMP_PORT": "1161" if second else "161", "LINUX": '"Live agent"' if second else '"Linux by Zabbix agent"',
            "SERVER_TEMPLATE": '"Live agent"', "SERVER_INTERFACE": "{type: agent, port: %s}" % ("10099" if second else "10050"),
            "PROXY": ("proxy_group: live-group" if s.v7 else "proxy: live-proxy-2") if second else "proxy: live-proxy-1", "MAPPINGS_MORE": ""}


def run(s):
    bad = choose(s)
    creations(s, bad)
    s.zync.configure(MAPPINGS_MORE="")
    result = s.zync.run("sync", "--json")
    s.tap.equal((result.code, result.json["updated"]), (0, HOSTS), "a normal sync", str(result))
    updates(s, bad)
    interface_type(s, bad)
    mixed(s, bad)
    plan_fails(s, bad)
    settled(s)


# 300 of NetBox's objects, and an ordinary one among them as number 250

def objects(s):
    return {(k, o["id"]): o for k, o in s.netbox.objects()}


def leave_out(s, keys):
    """Objects get the tag that the rules skip."""
    known = objects(s)
    for kind, path in (("device", netbox_api.DEVICES), ("vm", netbox_api.VMS)):
        rows = [{"id": i, "tags": [{"slug": t["slug"]} for t in known[(k, i)]["tags"]] + [{"slug": scene.NO_ADDRESS}]} for k, i in keys if k == kind]
        if rows:
            s.netbox.change_many(path, rows)


def order(s):
    """(kind, id) of the hosts in the order in which they are written."""
    return [tuple(row) for row in s.zync.rows("SELECT object_type, object_id FROM host_config WHERE state IN ('monitored', 'disabled') ORDER BY pk")]


def fresh(s, name):
    s.start_over(name)
    values = {"NETBOX_URL": s.np.url, "ZABBIX_URL": s.zp.url} | words(s, 1)
    s.zync = zync.Zync(s.suite.program, os.path.join(s.folder, name), "strict.yaml.in", values, s.suite.secrets)
    s.zabbix.template("Live trapper", [("live.trapper", 2, {"delay": "0"})])


def choose(s):
    t = s.tap
    fresh(s, "choose")
    t.equal(s.zync.run("pull").code, 0, "a pull")
    keys, known = order(s), objects(s)
    names = [o["name"] for o in known.values()]
    surplus = len(keys) - HOSTS
    ahead = keys.index(next(k for n, k in enumerate(keys) if n >= BAD - 1 + surplus // 2 and ordinary(known[k], names))) - (BAD - 1)
    # Every other one at the beginning, and the last ones.
    out = keys[1:2 * ahead:2] + (keys[ahead - surplus:] if surplus > ahead else [])
    key = keys[BAD - 1 + ahead]
    leave_out(s, out)
    fresh(s, "strict")
    t.equal(s.zync.run("pull").code, 0, "a pull of what is left")
    keys = order(s)
    t.equal((len(keys), keys.index(key) + 1), (HOSTS, BAD), "%d hosts, and the bad one is number %d" % (HOSTS, BAD))
    return {"key": key, "name": known[key]["name"], "objects": known, "keys": keys}


def ordinary(o, names):
    return re.fullmatch(r"[a-z0-9.-]+", o["name"] or "") and names.count(o["name"]) == 1 and o.at("status", "value") == "active"


# what must be true of each

class Strict:
    def __init__(self, s, label, bad, **values):
        self.s, self.label, self.bad = s, label, bad
        s.zync.configure(**values)
        s.zync.configure(MAPPINGS_MORE=s.zync.values["MAPPINGS_MORE"] + BAD_NAME % (bad["name"], bad["key"][0]))
        self.before, self.store = self.look(), s.zync.domain()
        s.clear()
        begin = time.monotonic()
        self.result = s.zync.run("sync", "--strict", "--json")
        self.seconds = time.monotonic() - begin
        self.calls = s.zp.take()
        self.data = self.result.json

    def look(self):
        return picture.Picture(self.s.zabbix, self.s.lab, self.s.server)

    def check(self, at_least, lost=(), but=()):
        """`lost`: names that cannot be put back as a whole; `but`: the only differences, as patterns."""
        t, z, label, data = self.s.tap, self.s.zync, self.label + ": ", self.data
        t.equal((self.result.code, data["status"], data["failed"]), (4, "failed", 1), label + "exit code 4, the job failed at one host", str(self.result))
        t.equal([(f["name"], f["error"].split(": ", 2)[-1].rstrip(".")[:len(WORDS)]) for f in data["failures"]], [(self.bad["name"], WORDS)], label + "the bad one, with Zabbix's words")
        t.ok("as --strict asks: %s (pk=" % self.bad["name"] in self.result.err and "put back" in self.result.err, label + "the message names it", str(self.result))
        job = z.rows("SELECT job_id, status, error FROM job ORDER BY created DESC, rowid DESC LIMIT 1")[0]
        t.ok(job[1] == "failed" and WORDS in job[2], label + "so does the job", job)
        written = len(z.rows("SELECT 1 FROM event WHERE kind = 'host' AND job_id = ? AND state = 'completed' AND action IN ('create', 'update', 'disable', 'delete')", job[0]))
        back = len(z.rows("SELECT 1 FROM event WHERE kind = 'host' AND job_id = ? AND action = 'put-back'", job[0]))
        t.ok(written >= at_least and back == written, label + "%d hosts had been written, and an event tells of each that it was put back" % written, (written, back), str(self.result))
        put_back = data["put_back"]
        t.equal(put_back["restored"] + put_back["deleted"] + len(put_back["failed"]), written, label + "so does the result")
        t.equal(sorted(f["name"] for f in put_back["failed"]), sorted(lost), label + "those that could not be put back are named", put_back)
        found = self.look().since(self.before)
        t.none([text for text in found if not any(re.search(one, text) for one in but)], label + "Zabbix is what it was: hosts, items, groups, secrets")
        t.ok(len([text for text in found if any(re.search(one, text) for one in but)]) >= len(but), label + "but for what was said", found[:5])
        t.equal(z.domain(), self.store, label + "the store is as before")
        t.note("%s%d of %d hosts written and put back in %.1f s with %d calls; %d secrets compared" %
               (label, written, data["total"], self.seconds, len(self.calls), self.before.secrets))
        return put_back


# the variants

def creations(s, bad):
    """Nothing is there but some hosts that were made by hand and adopted: they have no mark before, and none afterwards."""
    t, z = s.tap, s.zync
    chosen = [k for k in bad["keys"] if ordinary(bad["objects"][k], [o["name"] for o in bad["objects"].values()])][:8]
    group, agent = s.zabbix.group("Foreign"), {"type": 1, "main": 1, "useip": 1, "ip": "192.0.2.9", "dns": "", "port": "10050"}
    for n, key in enumerate(chosen):
        macros = [{"macro": "{$BY.HAND}", "value": "1", "description": "mine"}] + ([{"macro": "{$HAND.SECRET}", "value": "Zq7WrongByHand", "type": "1"}] if n == 7 else [])
        s.zabbix.call("host.create", {"host": bad["objects"][key]["name"], "groups": [{"groupid": group}], "interfaces": [agent], "macros": macros,
                                      "templates": [{"templateid": s.zabbix.template_id("Live agent" if n % 2 else "Linux by Zabbix agent")}],
                                      "tags": [{"tag": "by", "value": "hand"}], "inventory_mode": n % 3 - 1, **({"inventory": {"notes": "by hand", "location": "x"}} if n % 3 else {})})
        adopted = z.run("host", "adopt", "%s:%d" % key)
        t.equal(adopted.code, 0, "%s is adopted" % bad["objects"][key]["name"], str(adopted))
    lost = bad["objects"][chosen[7]]["name"]
    strict = Strict(s, "creations, and adopted hosts", bad)
    put_back = strict.check(200, lost=[lost], but=[r"%r: (macros|secrets): " % lost])
    t.ok("{$HAND.SECRET}" in put_back["failed"][0]["error"], "a secret macro that somebody made by hand and this run removed is named", put_back)
    t.ok(put_back["deleted"] > 190 and put_back["groups"] > 10, "hosts and groups were deleted again", put_back)
    t.none([h for h in s.view().ours], "no mark is left")


def updates(s, bad):
    """Every aspect of every host, secrets among them."""
    s.zync.secrets["LIVE_SECRET"] = scene.CHANGED_SECRET
    strict = Strict(s, "updates", bad, **words(s, 2))
    put_back = strict.check(200)
    s.tap.ok(put_back["restored"] > 200, "hosts are restored", put_back)
    s.tap.ok("the history of the items of ICMP Ping" in strict.result.err, "what came back without its history is said", strict.result.err[:600])
    sent = {name for entry in proxy.entries(strict.calls, "host.update") for name in entry}
    s.tap.equal({"name", "description", "groups", "templates", "templates_clear", "interfaces", "tags", "macros", "inventory"} - sent, set(), "every aspect was written")
    s.zync.secrets["LIVE_SECRET"] = scene.SECRETS["LIVE_SECRET"]


def interface_type(s, bad):
    """Agent becomes SNMP on hosts whose items use the interface: they are all written before the page with the bad one."""
    snmp = {"SERVER_TEMPLATE": '"Live SNMP"', "SERVER_INTERFACE": '{type: snmp, version: 2c, community: "${LIVE_COMMUNITY}"}'}
    strict = Strict(s, "interface type", bad, **(words(s, 1) | snmp))
    put_back = strict.check(10)
    servers = len([k for k in bad["keys"][:150] if k[0] == "device" and bad["objects"][k].at("role", "slug") == "server"])
    s.tap.ok(0 < servers <= put_back["restored"], "at least the %d servers of the first page were changed" % servers, put_back)


def mixed(s, bad):
    """Soft deletions, disabled and deleted hosts, and changes of the others."""
    ready = [k for k in bad["keys"] if k[0] == "device" and bad["objects"][k].at("status", "value") == "active" and k != bad["key"]]
    s.netbox.change_many(netbox_api.DEVICES, [{"id": k[1], "status": "decommissioning" if n % 2 else "offline"} for n, k in enumerate(ready[:60])])
    gone = [s.view().ours[k]["hostid"] for k in ready[60:75]]
    s.zabbix.call("host.delete", gone)
    strict = Strict(s, "deleted, disabled, created, changed", bad, **(words(s, 1) | {"WAVE": "3"}))
    put_back = strict.check(200)
    data = strict.data
    s.tap.ok(min(data["deleted"], data["disabled"], data["changed"], put_back["deleted"]) >= 10, "there was something of each", data["message"], put_back)


def plan_fails(s, bad):
    """A host of the same name that is not ours: the plan knows it, and nothing is written."""
    t, z = s.tap, s.zync
    host = s.zabbix.hosts(hostids=s.view().ours[bad["key"]]["hostid"])[0]
    s.zabbix.call("host.delete", [host["hostid"]])
    s.zabbix.call("host.create", {"host": host["host"], "groups": [{"groupid": s.zabbix.group("Foreign")}]})
    z.configure(**(words(s, 1) | {"WAVE": "4"}))
    before = picture.Picture(s.zabbix, s.lab, s.server)
    s.clear()
    result = z.run("sync", "--strict", "--json")
    t.ok(result.code == 4 and "stopped before the first write" in result.err and "nothing was written to Zabbix" in result.err and bad["name"] in result.err,
         "a host that fails in the plan: exit code 4, and the message says that nothing was written", str(result))
    t.none(proxy.writes(s.zp.take()), "there was no write call")
    t.none(picture.Picture(s.zabbix, s.lab, s.server).since(before), "Zabbix is as it was")
    s.zabbix.call("host.delete", [s.zabbix.host(host["host"])["hostid"]])


def settled(s):
    t, z = s.tap, s.zync
    z.configure(**words(s, 1))
    result = z.run("sync", "--strict", "--json")
    t.equal((result.code, result.json["failed"]), (0, 0), "without a bad host a strict run is good", str(result))
    t.none(s.view().doubles, "no host is there twice")
    s.clear()
    plan = z.run("plan", "--json", "--detailed-exit-code")
    t.equal((plan.code, plan.json["operations"]), (0, []), "and the plan is empty", str(plan))
