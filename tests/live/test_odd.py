# SPDX-License-Identifier: Apache-2.0
"""Everything odd that NetBox may hold: no host fails for its name, its missing values or its script, and explain answers for each object that has none."""
import json
import os

import checker
import proxy
import scene
import zync

REASONS = {"skipped", "removed"}


def run(s):
    t = s.tap
    values = {"NETBOX_URL": s.np.url, "ZABBIX_URL": s.zp.url}
    program = zync.Zync(s.suite.program, os.path.join(s.folder, "odd"), "odd.yaml.in", values, s.suite.secrets)
    result = program.run("sync", "--json")
    t.equal(result.code, 0, "the sync of everything ends with 0", str(result))
    t.none(["%s: %s" % (f["name"], f["error"]) for f in result.json["failures"]], "no host fails")
    view = checker.View(s.zabbix, scene.OURS)
    objects = list(s.netbox.objects())
    t.ok(len(view.ours) > 300 and len(objects) > 400, "most objects have a host", "%d of %d" % (len(view.ours), len(objects)))
    t.none(view.doubles, "no host is there twice")
    names = [host["host"] for host in view.ours.values()]
    t.equal(len(set(names)), len(names), "every technical name is its own")
    missing = [(kind, o) for kind, o in objects if (kind, o["id"]) not in view.ours]
    t.ok(missing, "some objects have no host")
    wrong, kinds = [], set()
    for kind, o in missing:
        told = program.run("explain", "%s:%d" % (kind, o["id"]), "--json")
        hosts = json.loads(told.out)["hosts"] if told.out else []
        if told.code or len(hosts) != 1 or hosts[0]["verdict"] not in REASONS or not hosts[0]["reason"]:
            wrong.append("%s %r: %s" % (kind, o["name"], told))
        else:
            kinds.add((hosts[0]["verdict"], hosts[0]["reason"].split('"')[0]))
    t.none(wrong, "explain answers for each of them")
    t.note("%d without a host: %s" % (len(missing), sorted(kinds)))
    unnamed = [o["id"] for kind, o in objects if kind == "device" and not o["name"] and (kind, o["id"]) in view.ours]
    t.ok(unnamed and all(view.ours[("device", ident)]["host"] == "unnamed-device-%d" % ident for ident in unnamed), "a device without a name has the name of its mapping")
    plan = program.run("plan", "--json")
    t.none(plan.json["operations"] if plan.out else [str(plan)], "nothing is left to do")
    s.clear()
    again = program.run("sync", "--json")
    t.none(proxy.writes(s.zp.take()) + proxy.writes(s.np.take()), "another sync makes no write call", str(again))
