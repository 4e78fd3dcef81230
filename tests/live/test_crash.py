# SPDX-License-Identifier: Apache-2.0
"""Zync is killed with SIGKILL at every commit of its store and before, during and after every call that writes to a real Zabbix; after each kill one run puts all right.

A handful of devices of NetBox, known by a tag. The run that is killed creates hosts and a host group, renames, changes, disables and buries (or deletes for good), and
pushes a new secret. Zabbix's database and the store are put back before each kill; NetBox stays as it is, so that what must be there is worked out once. Most of the runs start at
the stored host configs, since reading a real NetBox takes most of the time.
"""
import os
import shutil
import time

import netbox_api
import scene

TAG = "live-crash"
FILTER = "  device_filter: {tag: live-crash}\n  vm_filter: {tag: live-crash}"
LIMITS = "  max_deletes: none\n  max_disables: none\n  delete_mode: "
# Zync waits so long for a call of a killed run that may still be at work.
LOGIN = "  token: ${LIVE_ZABBIX_TOKEN}\n  timeout: 2s"
ARRIVES_S = 0.5  # what left a killed client has been carried out by then
SAMPLE_60 = 3    # on Zabbix 6.0 each third point
SAMPLE_WHOLE = 6  # of runs with a pull, which take a real NetBox two seconds, each sixth
OLD = ("stays", "changes", "renamed", "offline", "retired")


def run(s):
    t = s.tap
    if not t.ok(os.path.exists(module(s)), "the module that kills is built", module(s)):
        return
    # Calls of one size, however slow the server is: every run has the same kill points.
    s.zync.configure(ZABBIX_LOGIN="  token: ${LIVE_ZABBIX_TOKEN}\n  target_call_ms: 60000")
    ids = before_the_run(s)
    foreign = s.view().foreign
    synced, pulled = (os.path.join(s.zync.folder, name) for name in ("synced", "pulled"))
    keep(s, synced)
    s.lab.save(s.server)
    try:
        change_netbox(s, ids)
        s.zync.secrets["LIVE_SECRET"] = scene.CHANGED_SECRET
        t.equal(s.zync.run("pull", "--json").code, 0, "a pull of the changes")
        keep(s, pulled)
        retired = ("device", ids["retired"])
        buried = Killing(s, pulled, retired, foreign, "soft", "--no-pull")
        buried.at(buried.points[::1 if s.v7 else SAMPLE_60])
        deleted = Killing(s, pulled, retired, foreign, "hard", "--no-pull")
        call = next(n for n, text in deleted.points if text == "before call host.delete")
        deleted.at([point for point in deleted.points if call - 2 <= point[0] <= call + 4])
        whole = Killing(s, synced, retired, foreign, "soft")
        whole.at(whole.points[::SAMPLE_WHOLE if s.v7 else SAMPLE_WHOLE * SAMPLE_60])
        kinds = {text for _, text in buried.points + deleted.points}
        for method in ("host.create", "host.update", "host.delete", "hostgroup.create"):
            t.ok("after call " + method in kinds, "%s was among the calls" % method, kinds)
    finally:
        s.lab.forget(s.server)


def module(s):
    return os.path.abspath(os.path.join(os.path.dirname(s.suite.program), "..", "..", "tests", "torture", "torture-kill.so"))


def before_the_run(s):
    """Devices with a tag of their own, and their hosts in line."""
    n = s.netbox
    n.create("extras/tags/", {"name": TAG, "slug": TAG, "color": "9e9e9e"})
    like = places(s)[0]
    ids = {name: n.device("live-crash-" + name, "198.51.100.%d/24" % number, like, tags=[{"slug": TAG}], serial="first") for number, name in enumerate(OLD, 11)}
    s.zync = s.new_zync("crash", NETBOX_MORE=FILTER, ZABBIX_LOGIN=LOGIN, SYNC_MORE=LIMITS + "soft")
    result = s.zync.run("sync", "--json")
    s.tap.equal((result.code, result.json["created"] if result.out else None), (0, len(OLD)), "the first sync creates the hosts", str(result))
    return ids


def places(s):
    """An object to make devices like, and one at another site, so in another host group."""
    servers = [o for kind, o in s.netbox.objects() if kind == "device" and o.at("role", "slug") == "server" and o.at("site", "region")]
    return servers[0], next(o for o in servers if o.at("site", "slug") != servers[0].at("site", "slug"))


def change_netbox(s, ids):
    n = s.netbox
    like, elsewhere = places(s)
    n.device("live-crash-new-1", "198.51.100.21/24", elsewhere, tags=[{"slug": TAG}])
    n.device("live-crash-new-2", "198.51.100.22/24", like, tags=[{"slug": TAG}])
    n.change(netbox_api.DEVICES, ids["changes"], serial="second")
    n.change(netbox_api.DEVICES, ids["renamed"], name="live-crash-new-name")
    n.change(netbox_api.DEVICES, ids["offline"], status="offline")
    n.change(netbox_api.DEVICES, ids["retired"], status="decommissioning")


def keep(s, folder):
    """A copy of the store as it is now."""
    os.makedirs(folder)
    for name in os.listdir(s.zync.folder):
        if name.startswith("zync.db"):
            shutil.copy(os.path.join(s.zync.folder, name), folder)


class Killing:
    """A run that is killed again and again."""

    def __init__(self, s, ready, retired, foreign, mode, *options):
        self.s, self.ready, self.retired, self.foreign, self.mode = s, ready, retired, foreign, mode
        self.command, self.problems = ("sync", "--json", *options), []
        self.title = " ".join(("sync", *options, "(%s deletion)" % mode))
        s.zync.configure(SYNC_MORE=LIMITS + mode)
        objects = [(kind, o) for kind, o in s.netbox.objects() if any(tag["slug"] == TAG for tag in o["tags"])]
        self.wanted = {key: host for key, host in s.wanted()[0].items() if key in {(kind, o["id"]) for kind, o in objects}}
        self.put_back()
        result, points = self.killed(0)
        self.points = list(enumerate(points, 1))
        s.tap.ok(result.code == 0 and not self.wrong(), "%s: without a kill all is well" % self.title, str(result), *self.wrong())

    def put_back(self):
        """Zabbix, the store and the key as they were before the run."""
        s = self.s
        s.lab.load(s.server)
        for name in os.listdir(s.zync.folder):
            if name.startswith("zync.db"):
                os.unlink(os.path.join(s.zync.folder, name))
        for name in os.listdir(self.ready):
            shutil.copy(os.path.join(self.ready, name), s.zync.folder)

    def killed(self, at):
        """Run it, and kill it at that point (0: never)."""
        report = os.path.join(self.s.zync.folder, "points")
        if os.path.exists(report):
            os.unlink(report)
        result = self.s.zync.run(*self.command, env={"LD_PRELOAD": module(self.s), "ZYNC_KILL_AT": str(at), "ZYNC_KILL_REPORT": report})
        with open(report, encoding="utf-8") as file:
            return result, file.read().splitlines()

    def wrong(self):
        """What is not as it must be when all is done."""
        s, z = self.s, self.s.zync
        view = s.view()
        found = view.check(self.wanted, ignore={self.retired})
        if view.foreign != self.foreign:
            found.append("a host of somebody else was touched")
        grave = view.ours.get(self.retired)
        if self.mode == "hard" and grave is not None:
            found.append("the decommissioned one is still there: %s" % grave["host"])
        if self.mode == "soft" and (grave is None or grave["status"] != "1" or [g["name"] for g in grave["groups"]] != ["Zync/Graveyard"]):
            found.append("the decommissioned one is not in the graveyard: %s" % grave)
        secrets = s.lab.sql(s.server, "SELECT DISTINCT m.value FROM hostmacro m JOIN hosts h USING (hostid) WHERE m.macro = '{$LIVE.SECRET}' AND h.status = 0")
        if secrets != scene.CHANGED_SECRET:
            found.append("the new secret is not in Zabbix: %s" % secrets)
        stored = {(kind, ident): str(hostid) for kind, ident, hostid in z.rows("SELECT object_type, object_id, hostid FROM host_config WHERE hostid IS NOT NULL")}
        if stored != {key: host["hostid"] for key, host in view.ours.items()}:
            found.append("host configs and hosts do not belong together: %s" % stored)
        for what, sql in (("jobs are left running", "SELECT job_id FROM job WHERE status = 'running'"), ("intents are left", "SELECT * FROM intent"),
                          ("the store is damaged", "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'")):
            rows = z.rows(sql)
            if rows:
                found.append("%s: %s" % (what, rows))
        return found

    def kill(self, at):
        """Put all back, kill it there, run it again."""
        z = self.s.zync
        self.put_back()
        result, points = self.killed(at)
        found = [] if result.code == -9 else ["it was not killed: %s" % result]
        if points[-1].startswith("during"):
            time.sleep(ARRIVES_S)
        result = z.run(*self.command)
        found += [] if result.code == 0 else ["the next run: %s" % result]
        found += self.wrong()
        plan = z.run("plan", "--no-pull", "--json", "--detailed-exit-code")
        return found + ([] if plan.code == 0 else ["the plan is not empty: %s" % plan])

    def at(self, points):
        started = time.monotonic()
        for number, text in points:
            self.problems += ["%s (%d): %s" % (text, number, problem) for problem in self.kill(number)]
        self.s.tap.none(self.problems, "%s: killed at %d of %d kill points, and the next run puts all right" % (self.title, len(points), len(self.points)))
        self.s.tap.note("%s: %d kills in %.0f s" % (self.title, len(points), time.monotonic() - started))
