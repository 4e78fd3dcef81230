#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A virtual chassis as one host: which device is it, what becomes of the others, and the host that stays when the master changes, in every way that it can."""
import os
import sys

from e2elib import Sim, Tap, Work, arguments, duplicates

ZYNC = arguments().zync
tap = Tap()

MAPPING = """
mappings:
  - name: switches
    match: {name: ["stack*", "sw-*", "other*"]}
    set:
      host: "{{ name }}"
      name: "{{ name }}"
      host_groups: ["Switches/{{ site.name }}"]
      templates: ["ICMP Ping"]
      interfaces: [{type: agent, ip: 192.0.2.7}]
      tags: [{tag: device, value: "{{ device_name }}"}, {tag: members, value: "{{ virtual_chassis.member_count }}"}]
      macros: [{macro: "{$SECRET.WORD}", value: "swordfish-${MACRO_SECRET}", type: secret}]
"""
ONE_HOST = "virtual_chassis: one_host\nwrite_back: true\ninstance: nb"


class Stacks:
    """The chassis of the simulated NetBox, and the hosts that they have."""

    def __init__(self, sim):
        self.sim = sim
        first = sim.netbox("GET", "/api/dcim/devices/?limit=1")["results"][0]
        self.common = {k: first[k]["id"] for k in ("site", "device_type", "role")}
        sim.netbox("POST", "/api/extras/custom-fields/", {"name": "zabbix_hostid", "type": "integer",
                                                          "object_types": ["dcim.device", "virtualization.virtualmachine"]}) \
            if not sim.netbox("GET", "/api/extras/custom-fields/?name=zabbix_hostid")["count"] else None

    def device(self, name, chassis=None, position=None):
        body = {"name": name, "status": "active", **self.common}
        if chassis:
            body.update(virtual_chassis=chassis, vc_position=position)
        return self.sim.netbox("POST", "/api/dcim/devices/", body)["id"]

    def stack(self, name, members=3, master=1, prefix="sw"):
        """A chassis and the ids of its members; the member at position `master` is the master, 0: none."""
        chassis = self.sim.netbox("POST", "/api/dcim/virtual-chassis/", {"name": name})["id"]
        ids = [self.device(f"{prefix}-{chassis}-{n}", chassis, n) for n in range(1, members + 1)]
        if master:
            self.master(chassis, ids[master - 1])
        return chassis, ids

    def master(self, chassis, device):
        self.sim.netbox("PATCH", f"/api/dcim/virtual-chassis/{chassis}/", {"master": device})

    def leave(self, device):
        self.sim.netbox("PATCH", f"/api/dcim/devices/{device}/", {"virtual_chassis": None, "vc_position": None})

    def field(self, device):
        return self.sim.netbox("GET", f"/api/dcim/devices/{device}/")["custom_fields"]["zabbix_hostid"]

    def hosts(self):
        """Technical name → (hostid, status, mark)."""
        return {h["host"]: (int(h["hostid"]), h["status"], mark) for mark, found in self.sim.hosts().items() for h in found}


def rows(work):
    """Device → (hostid, state, name) of the store."""
    return {i: (h, s, n) for i, h, s, n in work.rows("SELECT object_id, hostid, state, name FROM host_config WHERE object_type = 'device'")}


class Scene:
    """A simulator with chassis, and a folder with a configuration of one_host, synced once."""

    def __init__(self, netbox=ONE_HOST, extra="", mapping=MAPPING, **more):
        self.sim = Sim(hosts=2, vms=0)
        self.stacks = Stacks(self.sim)
        self.chassis, self.ids = self.stacks.stack("stack-a", **more)
        self.work = Work(ZYNC, self.sim, mapping, netbox=netbox, extra=extra)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.work.close()
        self.sim.stop()

    def start(self):
        run = self.work.sync()
        found = self.stacks.hosts()
        if run.code != 0 or "stack-a" not in found:
            tap.ok(False, "the first sync makes the host of the chassis", run, found)
        self.hostid = found.get("stack-a", (0,))[0]
        self.pk = self.work.rows("SELECT pk FROM host_config WHERE hostid = ?", self.hostid)[0][0]
        return run

    def moved(self, run, to, what, others=(), former=()):
        """The one host of the chassis is the same, belongs to that device now, in Zabbix, in the store and in NetBox, and nothing else is there."""
        found = self.stacks.hosts()
        tap.equal(found.get("stack-a"), (self.hostid, 0, f"nb:device:{to}"), f"{what}: the host is the same, its mark names the new master", run, found)
        tap.equal(sorted(found), sorted(["stack-a", *others]), f"{what}: no other host", run)
        tap.equal(self.work.rows("SELECT pk, hostid, state FROM host_config WHERE object_id = ? AND object_type = 'device'", to),
                  [(self.pk, self.hostid, "monitored")], f"{what}: the host config is the same, of the new master", rows(self.work))
        tap.equal(self.stacks.field(to), self.hostid, f"{what}: the custom field of the new master has the hostid")
        for device in former:
            tap.equal(self.stacks.field(device), None, f"{what}: and that of the former one is empty")
        plan = self.work.plan()
        tap.ok(plan.code == 0 and plan.json()["operations"] == [], f"{what}: then nothing is left to do", plan)
        texts = self.work.rows("SELECT count(*) FROM host_state s JOIN host_config c ON c.pk = s.pk WHERE NOT EXISTS (SELECT 1 FROM host_text t WHERE t.id = "
                               "s.desired_id AND t.object_id = c.object_id AND t.object_type = c.object_type)")
        tap.equal(texts, [(0,)], f"{what}: every text belongs to the object of its host config")


def which_is_the_host():
    with Scene() as s:
        headless, lost = s.stacks.stack("stack-headless", members=2, master=0)
        single = s.stacks.device("sw-single")
        run = s.start()
        found = s.stacks.hosts()
        tap.equal(sorted(found), ["stack-a", "sw-single"], "one_host: the chassis is one host under its name, a device alone is one, too", run)
        tap.equal(found["stack-a"][2], f"nb:device:{s.ids[0]}", "its mark is that of the master")
        tags = {tag[0]: tag[1] for tag in next(h[0] for m, h in s.sim.hosts().items() if m.endswith(f":{s.ids[0]}"))["tags"]}
        tap.equal(tags, {"device": f"sw-{s.chassis}-1", "members": "3"}, "the rules see the device's own name and the chassis")
        for device, words in ((s.ids[1], f'member of the virtual chassis "stack-a", whose master "sw-{s.chassis}-1" is the host'),
                              (lost[0], 'member of the virtual chassis "stack-headless", which has no master')):
            run = s.work.zync("explain", f"device:{device}", "--json")
            host = run.json()["hosts"][0]
            tap.ok(host["verdict"] == "skipped" and words in host["reason"], "explain says why a member is no host", run)
            run = s.work.zync("explain", f"device:{device}")
            tap.ok(run.code == 0 and words in run.out, "also as text", run)
        tap.ok("choose its master in NetBox" in run.out, "and for one without a master what to do", run)
        for name in ("stack-a", f"sw-{s.chassis}-1", f"device:{s.ids[0]}"):
            run = s.work.zync("explain", name, "--json")
            tap.ok(run.code == 0 and run.json()["hosts"][0]["name"] == "stack-a" and run.json()["hosts"][0]["verdict"] == "monitored",
                   f"explain {name} tells of the host of the chassis", run)
        run = s.work.sync("stack-a")
        tap.ok(run.code == 0 and run.json()["unchanged"] == 1, "sync of the chassis by its name", run)
        run = s.work.sync(f"sw-{s.chassis}-2")
        tap.ok(run.code == 0 and run.json()["unchanged"] == 1, "and by a member's", run)
        s.stacks.master(headless, lost[1])
        run = s.work.sync("stack-headless")
        tap.ok(run.code == 0 and run.json()["created"] == 1, "a chassis gets its host as soon as it has a master, asked for by its name", run)
        tap.equal(s.stacks.hosts()["sw-single"][2], f"nb:device:{single}", "the device alone is left alone")
        tap.equal(s.work.leaks(), [], "one_host: no secret in what was printed or stored")


def from_members():
    """Each member had a host before: the master's becomes that of the chassis, the others go as on_missing says; and a fail-over to one of them later."""
    with Scene(netbox=ONE_HOST.replace("one_host", "members")) as s:
        s.work.sync()
        before = s.stacks.hosts()
        tap.equal(sorted(before), [f"sw-{s.chassis}-{n}" for n in (1, 2, 3)], "members: each is a host")
        with open(s.work.path("zync.yaml"), encoding="utf-8") as f:
            text = f.read()
        s.work.config(text.replace("virtual_chassis: members", "virtual_chassis: one_host"))
        run = s.work.sync("--force")
        found = s.stacks.hosts()
        s.hostid, s.pk = before[f"sw-{s.chassis}-1"][0], s.work.rows("SELECT pk FROM host_config WHERE hostid = ?", before[f"sw-{s.chassis}-1"][0])[0][0]
        tap.equal(found.get("stack-a"), (s.hostid, 0, f"nb:device:{s.ids[0]}"), "to one_host: the master's host is that of the chassis", run, found)
        tap.equal([found[f"sw-{s.chassis}-{n}"][1] for n in (2, 3)], [1, 1], "the others are disabled", found)
        s.stacks.master(s.chassis, s.ids[1])
        run = s.work.sync("--force")
        leftovers = [f"sw-{s.chassis}-2", f"sw-{s.chassis}-3"]
        s.moved(run, s.ids[1], "fail-over to a member with a host of its own", others=leftovers, former=[s.ids[0]])
        found = s.stacks.hosts()
        tap.equal(found[leftovers[0]], (before[leftovers[0]][0], 1, f"nb:device:{s.ids[0]}"), "what that one had is left to the former master", found)
        tap.equal(duplicates(s.sim.hosts()), [], "no mark twice")


def fail_over(what, change, to, former=(), named=None, others=(), runs=1, prepare=None):
    """One change of the master; `change` gets the scene."""
    with Scene() as s:
        s.start()
        device = s.ids[to - 1]
        change(s)
        for_run = [n(s) if callable(n) else n for n in ([named] if named else [])]
        plan = s.work.plan(*for_run)
        operations = plan.json()["operations"]
        tap.equal([(o["action"], o["hostid"], o["name"]) for o in operations if o["hostid"]], [("update", str(s.hostid), "stack-a")],
                  f"{what}: the plan is to update the host", plan)
        tap.ok("moves to it, the new master" in (operations[0]["reason"] or ""), f"{what}: and says that it moves", plan)
        tap.equal(s.stacks.hosts()["stack-a"][2], f"nb:device:{s.ids[0]}", f"{what}: a plan writes nothing")
        text = s.work.zync("explain", f"device:{device}")
        tap.ok(f"(hostid {s.hostid}) moves to it from device:{s.ids[0]}" in text.out, f"{what}: explain says so, too", text)
        for _ in range(runs):
            run = s.work.sync(*for_run)
            tap.ok(run.code == 0 and run.json()["deleted"] == run.json()["disabled"] == 0, f"{what}: nothing is disabled or deleted", run)
        if what == "the former master left, by the new one's name":
            tap.equal(sorted(s.stacks.hosts()), ["stack-a"], f"{what}: only that is done")
            run = s.work.sync()
        s.moved(run, device, what, others=[o(s) if callable(o) else o for o in others], former=[s.ids[n - 1] for n in former])
        events = s.work.rows("SELECT message FROM event WHERE kind = 'host' AND hostid = ? ORDER BY id", s.hostid)
        tap.ok(any("moves to it, the new master" in message for (message,) in events), f"{what}: the audit trail tells it", events)
        tap.equal(s.work.leaks(), [], f"{what}: no secret in what was printed or stored")


def left(s):
    s.stacks.master(s.chassis, s.ids[1])
    s.stacks.leave(s.ids[0])


def deleted(s):
    s.stacks.master(s.chassis, s.ids[1])
    s.sim.netbox("DELETE", f"/api/dcim/devices/{s.ids[0]}/")


def fail_overs():
    def master(number):
        return lambda s: s.stacks.master(s.chassis, s.ids[number - 1])

    fail_over("fail-over", master(2), 2, former=[1])
    fail_over("fail-over, by the new master's name", master(2), 2, former=[1], named=lambda s: f"sw-{s.chassis}-2")
    fail_over("fail-over, by the chassis' name", master(3), 3, former=[1], named="stack-a")
    fail_over("fail-over, by the former master", master(3), 3, former=[1], named=lambda s: f"device:{s.ids[0]}")
    fail_over("fail-over, by the host config", master(2), 2, former=[1], named=lambda s: f"pk:{s.pk}")
    fail_over("the former master was deleted", deleted, 2)
    fail_over("the former master was deleted, by the new one's name", deleted, 2, named=lambda s: f"sw-{s.chassis}-2")
    fail_over("the former master was deleted, by its id", deleted, 2, named=lambda s: f"device:{s.ids[0]}")
    fail_over("the former master left", left, 2, runs=2, others=[lambda s: f"sw-{s.chassis}-1"])
    fail_over("the former master left, by the new one's name", left, 2, named=lambda s: f"device:{s.ids[1]}", others=[lambda s: f"sw-{s.chassis}-1"])


def back_again():
    with Scene() as s:
        s.start()
        for round_, to in enumerate((2, 1, 3, 1)):
            former = next(i for i, d in enumerate(s.ids) if str(d) == s.stacks.hosts()["stack-a"][2].split(":")[-1])
            s.stacks.master(s.chassis, s.ids[to - 1])
            run = s.work.sync()
            s.moved(run, s.ids[to - 1], f"back and forth, {round_ + 1}", former=[s.ids[former]])


def without_store():
    """The store is lost, and the master changes: the mark of another member is that of the chassis."""
    for named in (False, True):
        what = "the store was lost" + (", by name" if named else "")
        with Scene() as s:
            s.start()
            s.stacks.master(s.chassis, s.ids[2])
            for name in os.listdir(s.work.folder):
                if name.startswith("zync.db"):
                    os.unlink(s.work.path(name))
            run = s.work.sync(*([f"sw-{s.chassis}-3"] if named else []))
            s.pk = s.work.rows("SELECT pk FROM host_config WHERE hostid = ?", s.hostid)[0][0]
            s.moved(run, s.ids[2], what, former=[s.ids[0]])


def pull_alone():
    """A pull writes nothing to Zabbix, so nothing moves with it; the sync after it does it, and so does one without a pull what it can."""
    with Scene() as s:
        s.start()
        s.stacks.master(s.chassis, s.ids[1])
        run = s.work.zync("pull", "--json")
        tap.ok(run.code == 0 and s.ids[0] in rows(s.work) and s.ids[1] not in rows(s.work), "a pull moves nothing", run, rows(s.work))
        run = s.work.sync("--no-pull")
        tap.equal(s.stacks.hosts()["stack-a"], (s.hostid, 0, f"nb:device:{s.ids[0]}"), "a sync without a pull keeps the mark", run)
        tap.equal(run.code, 0, "and is good", run)
        run = s.work.sync()
        s.moved(run, s.ids[1], "the sync after it", former=[s.ids[0]])


def refused():
    """Zabbix refuses the host: nothing moves, and the next run tries again."""
    with Scene() as s:
        s.start()
        left(s)
        s.sim.fault({"kind": "refuse_host", "match": "host.update", "host": "stack-a", "text": "Refused by test."})
        for _ in range(2):
            run = s.work.sync()
            tap.ok(run.code == 1 and "Refused by test." in run.json()["failures"][0]["error"], "refused: the host of the chassis fails", run)
            tap.equal(sorted(s.stacks.hosts()), ["stack-a"], "refused: the former master gets no host yet")
            tap.equal(list(rows(s.work)), [s.ids[0]], "refused: the host config stays where it was")
        s.sim.clear()
        s.work.sync()
        run = s.work.sync()
        s.moved(run, s.ids[1], "refused before", others=[f"sw-{s.chassis}-1"])


def crashes():
    """Killed with the write carried out, and its commit not: the next run finds out, also when the world has turned on meanwhile."""
    def carry_on(s):
        return s.ids[1], [], [s.ids[0]]

    def go_back(s):
        s.stacks.master(s.chassis, s.ids[0])
        return s.ids[0], [], [s.ids[1]]

    def go_on(s):
        s.stacks.master(s.chassis, s.ids[2])
        s.stacks.leave(s.ids[1])
        return s.ids[2], [f"sw-{s.chassis}-2"], []

    for what, then in (("carry on", carry_on), ("back to the former master", go_back), ("on to a third one, while the second leaves", go_on)):
        with Scene() as s:
            s.start()
            s.stacks.master(s.chassis, s.ids[1])
            s.sim.fault({"match": "host.update", "kind": "hang_after", "times": 1})
            child = s.work.start("sync")
            for _ in range(200):
                if s.stacks.hosts()["stack-a"][2] == f"nb:device:{s.ids[1]}":
                    break
            child.kill()
            child.communicate()
            s.sim.clear()
            tap.equal((s.stacks.hosts()["stack-a"][2], list(rows(s.work))), (f"nb:device:{s.ids[1]}", [s.ids[0]]), f"killed, {what}: only Zabbix knows")
            to, others, former = then(s)
            s.work.sync()
            run = s.work.sync()
            s.moved(run, to, f"killed, {what}", others=others, former=former)


def write_back_lost():
    """NetBox does not take the write-back of the run in which the host moves: the next one makes up for it, and not a field too many."""
    with Scene() as s:
        s.start()
        s.stacks.master(s.chassis, s.ids[1])
        s.sim.fault({"server": "netbox", "match": "PATCH /api/dcim/devices/*", "kind": "status", "status": 500, "body": {"error": "by test"}})
        run = s.work.sync()
        tap.equal((run.code, s.stacks.field(s.ids[0]), s.stacks.field(s.ids[1])), (0, s.hostid, None), "a lost write-back fails no sync", run)
        s.sim.clear()
        s.sim.netbox("PATCH", f"/api/dcim/devices/{s.ids[2]}/", {"custom_fields": {"zabbix_hostid": 4711}})
        run = s.work.sync()
        s.moved(run, s.ids[1], "the write-back of the next run", former=[s.ids[0]])
        tap.equal(s.stacks.field(s.ids[2]), 4711, "a field that holds another hostid is left alone")


def strict():
    """A strict run that fails puts the mark back; nothing has moved then, and the next run moves it."""
    mapping = MAPPING.replace("  - name: switches", """  - name: bad
    match: {name: bad}
    set: {host: bad, name: bad, host_groups: [Bad], templates: ["Linux by Zabbix agent"], interfaces: [{type: snmp, ip: 192.0.2.8}]}
  - name: switches""", 1)
    with Scene(mapping=mapping) as s:
        s.start()
        s.stacks.master(s.chassis, s.ids[1])
        s.stacks.device("bad")
        run = s.work.sync("--strict")
        tap.equal((run.code, s.stacks.hosts()["stack-a"], list(rows(s.work))), (4, (s.hostid, 0, f"nb:device:{s.ids[0]}"), [s.ids[0]]),
                  "strict: what moved is put back", run, s.stacks.hosts())
        run = s.work.sync()
        found = s.stacks.hosts()
        tap.equal((run.code, found["stack-a"]), (1, (s.hostid, 0, f"nb:device:{s.ids[1]}")), "strict: the next run moves it", run, found)


def not_selected():
    """A new master that the filter leaves out: nothing moves to it, and nothing of the host is lost until it is selected."""
    with Scene() as s:
        s.start()
        with open(s.work.path("zync.yaml"), encoding="utf-8") as f:
            text = f.read()
        s.stacks.master(s.chassis, s.ids[1])
        s.work.config(text.replace("virtual_chassis: one_host", f"virtual_chassis: one_host\n  device_filter: {{id__n: {s.ids[1]}}}"))
        run = s.work.sync("--force")
        tap.equal((run.code, s.stacks.hosts()["stack-a"]), (0, (s.hostid, 1, f"nb:device:{s.ids[0]}")), "a new master that is not selected: the host goes", run)
        s.work.config(text)
        run = s.work.sync()
        s.moved(run, s.ids[1], "selected again", former=[s.ids[0]])


def several_marks():
    """The store was lost, and two hosts carry marks of members: which one is meant is not guessed."""
    with Scene() as s:
        s.start()
        s.sim.mutate({"server": "zabbix", "do": "create", "host": "left behind"})
        s.sim.mutate({"server": "zabbix", "do": "update", "host": "left behind", "set": {"macros": {"{$ZYNC.OWNER}": f"nb:device:{s.ids[1]}"}}})
        s.stacks.master(s.chassis, s.ids[2])
        for name in os.listdir(s.work.folder):
            if name.startswith("zync.db"):
                os.unlink(s.work.path(name))
        before = s.stacks.hosts()
        run = s.work.sync()
        tap.ok(run.code == 1 and "several hosts in Zabbix carry ownership marks of members" in run.json()["failures"][0]["error"], "several marks: it fails", run)
        tap.equal(s.stacks.hosts(), before, "several marks: and writes nothing")


def dissolved():
    """The chassis is gone: its host is that of its last master, under its own name, and the others get hosts of their own."""
    with Scene() as s:
        s.start()
        s.stacks.master(s.chassis, s.ids[1])
        s.work.sync()
        s.sim.netbox("PATCH", f"/api/dcim/virtual-chassis/{s.chassis}/", {"master": None})
        s.sim.netbox("DELETE", f"/api/dcim/virtual-chassis/{s.chassis}/")
        run = s.work.sync()
        found = s.stacks.hosts()
        tap.equal(sorted(found), [f"sw-{s.chassis}-{n}" for n in (1, 2, 3)], "dissolved: each device is a host", run)
        tap.equal(found[f"sw-{s.chassis}-2"], (s.hostid, 0, f"nb:device:{s.ids[1]}"), "dissolved: that of the chassis is its last master's", found)
        tap.equal(duplicates(s.sim.hosts()), [], "dissolved: none twice")
        tap.equal(s.work.plan().code, 0, "dissolved: nothing is left to do")


def two_chassis():
    """Two chassis change their masters for each other's, and one gets the name of the other: each keeps its host."""
    with Scene() as s:
        other, ids = s.stacks.stack("other-b", members=2)
        s.start()
        second = s.stacks.hosts()["other-b"][0]
        for chassis in (s.chassis, other):
            s.sim.netbox("PATCH", f"/api/dcim/virtual-chassis/{chassis}/", {"master": None})
        for device, chassis in ((s.ids[0], other), (ids[0], s.chassis)):
            s.sim.netbox("PATCH", f"/api/dcim/devices/{device}/", {"virtual_chassis": chassis, "vc_position": 9})
            s.stacks.master(chassis, device)
        run = s.work.sync()
        found = s.stacks.hosts()
        tap.equal((found.get("stack-a"), found.get("other-b")), ((s.hostid, 0, f"nb:device:{ids[0]}"), (second, 0, f"nb:device:{s.ids[0]}")),
                  "masters that change places: each chassis keeps its host", run, found)
        tap.equal((len(found), duplicates(s.sim.hosts()), s.work.plan().code), (2, [], 0), "and nothing else is there, or left to do", run)
        tap.equal((s.stacks.field(ids[0]), s.stacks.field(s.ids[0])), (s.hostid, second), "the custom fields follow")


def headless_for_a_while():
    with Scene() as s:
        s.start()
        s.sim.netbox("PATCH", f"/api/dcim/virtual-chassis/{s.chassis}/", {"master": None})
        s.sim.netbox("DELETE", f"/api/dcim/devices/{s.ids[0]}/")
        run = s.work.sync("--force")
        tap.equal(s.stacks.hosts()["stack-a"][:2], (s.hostid, 1), "without a master the host goes as sync.on_missing says", run)
        s.stacks.master(s.chassis, s.ids[2])
        run = s.work.sync()
        s.moved(run, s.ids[2], "with a master again")


def no_theft():
    """A new chassis that has the name of a device, whose master has no host yet: the device keeps its own."""
    with Scene(mapping=MAPPING.replace('name: "{{ name }}"\n      host_groups', 'name: "{{ name }} ({{ id }})"\n      host_groups')) as s:
        alone = s.stacks.device("stack-new")
        s.start()
        mine = s.stacks.hosts()["stack-new"]
        chassis, ids = s.stacks.stack("stack-new", members=2)
        run = s.work.sync()
        found = s.stacks.hosts()
        tap.equal((run.code, found["stack-new"]), (0, mine), "a chassis of the same name takes nothing from a device", run, found)
        tap.equal(found.get(f"stack-new__d{ids[0]}", (0, 1, ""))[1:], (0, f"nb:device:{ids[0]}"), "it gets its own host, with a suffix", found)
        s.stacks.master(chassis, ids[1])
        run = s.work.sync()
        found = s.stacks.hosts()
        tap.equal((run.code, found["stack-new"], found.get(f"stack-new__d{ids[1]}", (0, 1, ""))[1:]), (0, mine, (0, f"nb:device:{ids[1]}")),
                  "and so after its fail-over", run, found)
        run = s.work.sync("stack-new")
        tap.ok(run.code == 0 and run.json()["unchanged"] == 2, "by the name of both, both are in sync", run)
        tap.equal(s.stacks.hosts()["stack-new"][2], f"nb:device:{alone}", "as before")


TESTS = (which_is_the_host, from_members, fail_overs, back_again, without_store, pull_alone, refused, crashes, write_back_lost, strict, not_selected, several_marks, dissolved, two_chassis, headless_for_a_while, no_theft)
for test in TESTS:
    if os.environ.get("ONLY") in (None, test.__name__):
        test()
sys.exit(tap.done())
