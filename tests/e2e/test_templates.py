#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Templates end to end: what Zabbix would refuse fails in the plan, once a run is asked about them and only when it links any; items that stay when a template goes."""
from e2elib import Sim, Tap, Work, arguments

ZYNC = arguments().zync
tap = Tap()
MAPPING = """
sync: {SYNC}
mappings:
  - set:
      host_groups: ["NetBox"]
      templates: [TEMPLATES]
      host: "e2e {{ name | default('unnamed') }}"
      name: "{{ name | default('unnamed') }} {{ id }}"
      interfaces: [{type: agent, ip: 192.0.2.7}]
"""



def mapping(templates, sync=""):
    return MAPPING.replace("TEMPLATES", templates).replace("SYNC", sync)


def edit(work, old, new):
    with open(work.path("zync.yaml"), encoding="utf-8") as f:
        text = f.read()
    assert old in text, old
    work.config(text.replace(old, new))


READS = ("item.get", "discoveryrule.get", "itemprototype.get", "httptest.get")


def asked(sim):
    calls = sim.stats()["zabbix"]["calls"]
    return {m: calls[m] for m in READS if m in calls}


def refused():
    with Sim(hosts=6, vms=0) as sim, Work(ZYNC, sim, mapping=mapping("Linux by SNMP")) as work:
        run = work.sync()
        errors = {f["error"] for f in run.json()["failures"]}
        tap.ok(run.code == 1 and len(errors) == 1 and sim.write_calls() == 0, "a template without its interface: each host fails, nothing is sent", run)
        tap.ok('template "Linux by SNMP" needs an SNMP interface (item "' in next(iter(errors), "") and "the host has only: agent" in next(iter(errors), ""),
               "the words name template, item and interfaces", errors)
        edit(work, "sync: {}", "sync: {check_templates: false}")
        run = work.sync()
        tap.ok(run.code == 1 and all("is required." in f["error"] for f in run.json()["failures"]), "check_templates: false: Zabbix's own words", run)


def clash_and_cost():
    with Sim(hosts=40, vms=0) as sim, Work(ZYNC, sim, mapping=mapping("ICMP Ping, Linux by Zabbix agent")) as work:
        sim.reset_stats()
        tap.equal(work.sync().code, 0, "two templates that go together")
        tap.equal(asked(sim), {m: 1 for m in READS}, "… are read once")
        sim.reset_stats()
        tap.equal(work.sync().code, 0, "nothing to link")
        tap.equal(asked(sim), {}, "… nothing is read")
        edit(work, "Linux by Zabbix agent", "Linux by Zabbix agent, Cisco IOS by SNMP")
        edit(work, "{type: agent, ip: 192.0.2.7}", "{type: agent, ip: 192.0.2.7}, {type: snmp, ip: 192.0.2.7}")
        run = work.plan("--json")
        reasons = {o["reason"] for o in run.json()["operations"]}
        tap.equal(reasons, {'templates "Cisco IOS by SNMP" and "ICMP Ping" both have an item with the key "icmpping"'}, "a key that two templates have", run)


def unlink():
    for keep, note, left in (("", "unlinked and cleared", False), ("keep_items_of: [icmp*]", "unlinked, items kept", True)):
        with Sim(hosts=3, vms=0) as sim, Work(ZYNC, sim, mapping=mapping("ICMP Ping, Linux by Zabbix agent", keep)) as work:
            tap.equal(work.sync().code, 0, "linked")
            edit(work, "ICMP Ping, ", "")
            changes = [c for o in work.plan("--json").json()["operations"] for c in o["changes"]]
            tap.ok(changes and all((c["field"], c["old"], c.get("note")) == ("templates", "ICMP Ping", note) for c in changes), f"the plan says: {note}", changes)
            run = work.zync("plan")
            tap.ok(f"ICMP Ping {note}" in run.out, "… to people, too", run)
            tap.equal(work.sync().code, 0, "unlinked")
            items = sim.zabbix("item.get", {"output": ["key_"], "search": {"key_": "icmpping"}, "templated": False})
            tap.equal(len(items) > 0, left, "its items are gone" if not left else "its items are still there")


refused()
clash_and_cost()
unlink()
tap.done()
