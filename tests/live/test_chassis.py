# SPDX-License-Identifier: Apache-2.0
"""A virtual chassis as one host on the real servers: made, its master changed (the host stays the same), and dissolved."""
import os

import checker
import netbox_api
import scene
import test_features
import zync

MAPPINGS = """  - name: chassis
    set:
      host_groups: [Feat]
      templates: [ICMP Ping]
      interfaces: [{type: agent}]
      tags: {device: "{{ device_name }}", members: "{{ virtual_chassis.members | length }}"}"""
SECTIONS = "sync: {delete_mode: hard, max_deletes: none, max_disables: none, max_shrink: 100%}"


def ours(s):
    """{mark's kind and id: host} of what is monitored or disabled."""
    return {tuple((checker.owner(h) or "").split(":")[1:]): h for h in s.zabbix.hosts() if (checker.owner(h) or "").startswith(scene.OURS + ":")}


def sync(s, program, label):
    result = program.run("sync", "--json")
    s.tap.equal((result.code, [f["error"] for f in result.json["failures"]] if result.out else None), (0, []), label + ": the sync ends with 0", str(result))
    plan = program.run("plan", "--json")
    s.tap.equal([op for op in plan.json["operations"]] if plan.out else [str(plan)], [], label + ": nothing is left to do")
    return ours(s)


def run(s):
    t, n = s.tap, s.netbox
    objects = test_features.Objects(s)
    like = next(o for kind, o in n.objects() if kind == "device" and o["name"] == "status-active-4")
    ids = [n.device("live-member-%d" % i, "10.78.0.%d/16" % i, like, tags=[{"slug": test_features.TAG}]) for i in (1, 2, 3)]
    chassis = n.create("dcim/virtual-chassis/", {"name": "Live stack ü"})["id"]
    for position, ident in enumerate(ids, 1):
        n.call("PATCH", "%s%d/" % (netbox_api.DEVICES, ident), {"virtual_chassis": chassis, "vc_position": position})
    n.undo.append(lambda: [n.call("PATCH", "%s%d/" % (netbox_api.DEVICES, ident), {"virtual_chassis": None, "vc_position": None}) for ident in ids])
    n.undo.append(lambda: n.call("PATCH", "dcim/virtual-chassis/%d/" % chassis, {"master": None}))
    n.call("PATCH", "dcim/virtual-chassis/%d/" % chassis, {"master": ids[0]})
    values = {"NETBOX_URL": s.np.url, "ZABBIX_URL": s.zp.url, "NETBOX_MORE": "  virtual_chassis: one_host", "SECTIONS": SECTIONS, "MAPPINGS": MAPPINGS}
    program = zync.Zync(s.suite.program, os.path.join(s.folder, "chassis"), "features.yaml.in", values, dict(s.suite.secrets, **test_features.SECRETS))
    del objects

    hosts = sync(s, program, "made")
    t.equal(sorted(hosts), [("device", str(ids[0]))], "the chassis is one host, of its master")
    first = hosts[("device", str(ids[0]))]
    t.equal((first["name"], [i["ip"] for i in first["interfaces"]], {(x["tag"], x["value"]) for x in first["tags"]}),
            ("Live stack ü", ["10.78.0.1"], {("device", "live-member-1"), ("members", "3")}), "with the name of the chassis and the address of the master")
    told = program.run("explain", "device:%d" % ids[1], "--json")
    t.ok(told.out and told.json["hosts"][0]["verdict"] == "skipped" and "Live stack ü" in told.json["hosts"][0]["reason"], "explain says why a member is none", str(told))

    n.call("PATCH", "dcim/virtual-chassis/%d/" % chassis, {"master": ids[1]})
    hosts = sync(s, program, "another master")
    t.equal(sorted(hosts), [("device", str(ids[1]))], "the host is that of the new master")
    moved = hosts[("device", str(ids[1]))]
    t.equal((moved["hostid"], moved["name"], [i["ip"] for i in moved["interfaces"]], [i["interfaceid"] for i in moved["interfaces"]]),
            (first["hostid"], "Live stack ü", ["10.78.0.2"], [i["interfaceid"] for i in first["interfaces"]]), "the same host and interface, with the new master's address")

    n.undo.pop()()
    n.undo.pop()()
    sync(s, program, "dissolved")
    hosts = sync(s, program, "dissolved, once more")
    t.equal(sorted(hosts), sorted(("device", str(ident)) for ident in ids), "dissolved: each device is a host")
    t.equal(hosts[("device", str(ids[1]))]["hostid"], first["hostid"], "the chassis' host is that of its last master")
    t.equal(hosts[("device", str(ids[1]))]["name"], "live-member-2", "under the device's own name")
