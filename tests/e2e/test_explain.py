#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""zync explain: an object that the configuration does not read at all says so, in the words of the key that leaves it out."""
import sys

from e2elib import GOOD_MAPPING, Sim, Tap, Work, arguments

ZYNC = arguments().zync
tap = Tap()


def explained(work, ref, verdict, reason, what):
    run = work.zync("explain", ref, "--json")
    host = run.json()["hosts"][0] if run.code == 0 else {}
    tap.equal((host.get("verdict"), host.get("reason")), (verdict, reason), f"{what}: explain --json", run)
    run = work.zync("explain", ref)
    first = run.out.splitlines()[0] if run.out else ""
    tap.ok(run.code == 0 and first.endswith(f" is {verdict}" + (f": {reason}" if reason else "")), f"{what}: explain", run)
    return host


def selections():
    with Sim(hosts=30, vms=6) as sim:
        active = sim.netbox("GET", "/api/dcim/devices/?status=active&limit=50")["results"]
        site = active[0]["site"]
        inside = next(d for d in active if d["site"]["id"] == site["id"] and d["name"])
        outside = next(d for d in active if d["site"]["id"] != site["id"] and d["name"])
        vm = sim.netbox("GET", "/api/virtualization/virtual-machines/?status=active&limit=1")["results"][0]
        vm = sim.netbox("PATCH", f"/api/virtualization/virtual-machines/{vm['id']}/", {"name": "vm-of-a-name-of-its-own"})
        refs = [f"device:{inside['id']}", f"device:{outside['id']}", f"vm:{vm['id']}"]
        cases = (
            ("nothing", "", (None, None, None)),
            ("device_filter", f"device_filter: {{site: {site['slug']}}}", (None, "netbox.device_filter leaves it out", None)),
            ("vm_filter", "vm_filter: {name: no-such-vm}", (None, None, "netbox.vm_filter leaves it out")),
            ("devices: false", "devices: false", ("netbox.devices is false, so that no device is read",) * 2 + (None,)),
            ("virtual_machines: false", "virtual_machines: false", (None, None, "netbox.virtual_machines is false, so that no virtual machine is read")),
        )
        for what, netbox, reasons in cases:
            with Work(ZYNC, sim, GOOD_MAPPING, netbox=netbox) as work:
                met = {(o["type"] if "type" in o else None, o["name"]) for o in work.plan().json()["operations"]}
                for ref, obj, reason in zip(refs, (inside, outside, vm), reasons):
                    host = explained(work, ref, "skipped" if reason else "monitored", reason, f"{what}, {ref}")
                    tap.equal(any(name == obj["name"] for _, name in met), not reason, f"{what}, {ref}: as a plan has it", met)
                    tap.ok(host.get("mappings") == ["everything"] and host.get("values"), f"{what}, {ref}: what the rules would make of it is told, too", host)


def members():
    """The filter comes before the chassis: what it leaves out is not met, whoever stands for it."""
    with Sim(hosts=2, vms=0) as sim:
        first = sim.netbox("GET", "/api/dcim/devices/?limit=1")["results"][0]
        chassis = sim.netbox("POST", "/api/dcim/virtual-chassis/", {"name": "stack"})["id"]
        ids = [sim.netbox("POST", "/api/dcim/devices/", {"name": f"sw-{n}", "status": "active", "virtual_chassis": chassis, "vc_position": n,
                                                         **{k: first[k]["id"] for k in ("site", "device_type", "role")}})["id"] for n in (1, 2)]
        sim.netbox("PATCH", f"/api/dcim/virtual-chassis/{chassis}/", {"master": ids[0]})
        with Work(ZYNC, sim, GOOD_MAPPING, netbox=f"virtual_chassis: one_host\ndevice_filter: {{id: {ids[0]}}}") as work:
            explained(work, "stack", "monitored", None, "the master")
            explained(work, "sw-2", "skipped", "netbox.device_filter leaves it out", "a member that the filter leaves out")
        with Work(ZYNC, sim, GOOD_MAPPING, netbox=f"virtual_chassis: one_host\ndevice_filter: {{id: {ids[1]}}}") as work:
            explained(work, "stack", "skipped", "netbox.device_filter leaves it out", "a master that the filter leaves out")
            explained(work, "sw-2", "skipped", 'member of the virtual chassis "stack", whose master "sw-1" is the host', "its member")
        sim.netbox("PATCH", f"/api/dcim/virtual-chassis/{chassis}/", {"master": None})
        with Work(ZYNC, sim, GOOD_MAPPING, netbox="virtual_chassis: one_host") as work:
            run = work.zync("explain", "stack", "--json")
            hosts = run.json()["hosts"]
            tap.equal([(h["id"], h["verdict"], "has no master" in h["reason"]) for h in hosts], [(i, "skipped", True) for i in ids],
                      "a chassis without a master: each of its members", run)
        with Work(ZYNC, sim, GOOD_MAPPING) as work:
            explained(work, "sw-2", "monitored", None, "each a host: a member is one")
            tap.equal(work.zync("explain", "stack").code, 2, "and a chassis is none")


selections()
members()
sys.exit(tap.done())
