#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `zync check` finds by deriving all objects, and what `zync explain` says of one."""
import re

from e2elib import Sim, Tap, Work, arguments

ZYNC = arguments().zync
tap = Tap()

GOOD = """
mappings:
  - name: everything
    set:
      host_groups: ["NetBox/{{ type }}"]
      templates: ["ICMP Ping"]
      interfaces: [{type: agent, ip: 192.0.2.7}]
"""
BAD = """
bundles:
  - {name: snmp, set: {templates: ["Generic SNMP"], macros: {"{$A}": "1"}}}
  - {name: idle, set: {tags: {a: b}}}
mappings:
  - name: everything
    set:
      host_groups: ["NetBox/{{ tenant.name }}/{{ type }}", "{{ custom_fields.mntr }}"]
      templates: ["ICMP Ping", "{{ type }} of our own", "Not There"]
      interfaces: [{type: agent}]
  - {name: typo, match: {site: brelin}, set: {templates: ["Linux by Zabbix agent"]}}
  - {name: half, match: {role: [server, nosuch]}, set: {tags: {x: y}}}
  - {name: all of them, match: {all_tags: [TAG, nosuch]}, set: {tags: {x: y}}}
  - {name: slip, match: {status: actve, custom_fields: {monitord: "yes"}}, set: {use: [snmp]}}
  - {name: never both, match: {type: vm, name: "*", role: [ups, pdu]}, set: {tags: {x: y}}}
  - {match: {type: vm}, set: {state: disabled, proxy: "{{ custom_fields.mntr | default('no-such-proxy') }}"}}
"""


def checks(run):
    return [(c["level"], c["what"], c["message"]) for c in run.json()["checks"]]


def has(run, level, pattern):
    found = [message for lv, _, message in checks(run) if lv == level and re.search(pattern, message)]
    tap.ok(len(found) == 1, f"{level}: {pattern}", *(found or [f"{lv} {m}" for lv, _, m in checks(run)]))


def good():
    with Sim(hosts=30, vms=6) as sim, Work(ZYNC, sim, mapping=GOOD) as work:
        sim.reset_stats()
        run = work.zync("check", "--json")
        tap.equal((run.code, [c for c in checks(run) if c[0] not in ("ok", "info")]), (0, []), "a sound configuration gives no warning", run)
        has(run, "ok", r"^36 objects of NetBox: \d+ to be monitored, 0 disabled, 0 removed, \d skipped, 0 fail$")
        has(run, "info", r"^\d objects? (is|are) skipped, for example \".*\": the device has no name$")
        tap.equal((sim.write_calls(), sim.stats()["netbox"]["write_calls"], work.rows("SELECT count(*) FROM host_config"), work.rows("SELECT count(*) FROM job")),
                  (0, 0, [(0,)], [(0,)]), "it writes nothing anywhere")
        tap.ok(all(set(c) == {"what", "ok", "level", "message"} for c in run.json()["checks"]), "the shape of its entries")
        sim.reset_stats()
        run = work.zync("check", "--no-objects", "--json")
        tap.ok(run.code == 0 and not any(what == "objects" for _, what, _ in checks(run)), "--no-objects derives none", run)
        requests = sim.stats()["netbox"]["calls"]
        tap.ok(not any("fields=" in c for c in requests), "and reads none", requests)


def bad():
    with Sim(hosts=60, vms=10) as sim, Work(ZYNC, sim, mapping=BAD) as work:
        with open(work.path("zync.yaml"), encoding="utf-8") as f:
            text = f.read()
        work.config(text.replace("TAG", sim.netbox("GET", "/api/extras/tags/?limit=1")["results"][0]["slug"]))
        run = work.zync("check", "--json")
        tap.equal(run.code, 2, "a template of the mappings that does not exist is an error", run)
        has(run, "error", r"zync\.yaml:\d+:\d+: template \"Generic SNMP\" does not exist")
        has(run, "warning", r"zync\.yaml:\d+:\d+: match\.site: no site has the slug or name \"brelin\"; the mapping \"typo\" can never match$")
        has(run, "warning", r"match\.role: no role has the slug or name \"nosuch\"$")
        has(run, "warning", r"match\.all_tags: no tag has the slug or name \"nosuch\"; the mapping \"all of them\" can never match$")
        has(run, "warning", r"match\.custom_fields: NetBox has no custom field \"monitord\"; did you mean \"monitored\"\?$")
        has(run, "warning", r"host_groups: NetBox has no custom field \"mntr\"$")
        has(run, "warning", r"\"slip\" matches none of the 70 objects: none meets match\.status \"actve\" or match\.custom_fields\.monitord \"yes\"$")
        has(run, "warning", r"\"never both\" matches none of the 70 objects")
        tap.ok(not any('"typo" matches none' in m for _, _, m in checks(run)), "what can never match is told once")
        has(run, "warning", r"no object gets the bundle snmp$")
        has(run, "warning", r"no mapping uses the bundle idle$")
        has(run, "warning", r"no object gets the template \"Linux by Zabbix agent\"$")
        has(run, "warning", r"^template \"device of our own\": not on zabbix zabbix; \d+ hosts want it, for example \".+\"")
        has(run, "error", r"zync\.yaml:\d+:\d+: template \"Not There\" does not exist on zabbix .*; \d+ hosts want it, for example")
        tap.ok(not any("Not There" in m for lv, _, m in checks(run) if lv != "error"), "which is told once")
        has(run, "warning", r"^template \"vm of our own\": not on zabbix zabbix; \d+ hosts want it")
        has(run, "warning", r"^proxy \"no-such-proxy\": not on zabbix zabbix; \d+ hosts want it")
        has(run, "warning", r"host_groups \"{{ custom_fields\.mntr }}\" gives no group for any of the \d+ objects that it is for, for example")
        has(run, "info", r"host_groups \"NetBox/{{ tenant\.name }}/{{ type }}\" has an empty level for \d+ of \d+ objects, for example")
        has(run, "info", r"^\d+ objects are skipped, for example \".+\": no primary IP address in NetBox \(interface agent needs one\)$")
        want = sum(1 for c in checks(run) if c[1] == "objects" and c[0] == "ok")
        tap.equal(want, 1, "one line of sums")
        counted = re.search(r"(\d+) to be monitored, (\d+) disabled, (\d+) removed, (\d+) skipped, (\d+) fail", next(m for _, _, m in checks(run) if "to be monitored" in m))
        tap.equal(sum(map(int, counted.groups())), 70, "which add up")
        text = work.zync("check", "--no-objects")
        tap.ok("can never match" in text.out and "matches none" not in text.out, "names that NetBox lacks are told without objects, too", text)
        tap.equal(work.leaks(), [], "no secret is printed")


def fails():
    mapping = GOOD.replace("NetBox/{{ type }}", "{{ tenant.name }}")
    with Sim(hosts=60, vms=10) as sim, Work(ZYNC, sim, mapping=mapping) as work:
        run = work.zync("check", "--json")
        tap.equal(run.code, 0, "hosts that would fail are warnings", run)
        has(run, "warning", r"^\d+ objects fail, for example \".+\": no host group: all host_groups of the matching mappings are empty")
        has(run, "info", r"gives no group for \d+ of \d+ objects")
    with Sim(hosts=12, vms=2) as sim, Work(ZYNC, sim, mapping=GOOD, netbox="device_filter: {status: staged}\nvirtual_machines: false") as work:
        has(work.zync("check", "--json"), "warning", r"^NetBox gives no device and no virtual machine")


EXPLAIN = """
rules: {combine: COMBINE, too_long: truncate}
bundles:
  - {name: base, set: {host_groups: [Base], tags: {from: bundle}}}
mappings:
  - name: everything
    set:
      use: [base]
      templates: ["ICMP Ping", Other]
      interfaces: [{type: agent, ip: 192.0.2.7}]
      description: "a first text that is long enough not to find room beside its origin on eighty columns"
      inventory: {name: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
      tags: {who: all}
  - name: devices
    match: {type: device}
    set: {remove_templates: [Other], inventory: {name: short}, host_groups: [Devices], interfaces: [{type: agent, ip: 192.0.2.8}]}
"""


def explained(work, name):
    return work.zync("explain", name, "--json").json()["hosts"][0]


def explain():
    with Sim(hosts=12, vms=2) as sim, Work(ZYNC, sim, mapping=EXPLAIN.replace("COMBINE", "merge")) as work:
        host = explained(work, "device:2")
        values = {v["field"]: v for v in host["values"]}
        tap.equal((host["verdict"], host["advice"], host["mappings"], host["passed_over"]), ("monitored", None, ["bundle base", "everything", "devices"], []), "mappings with their bundles")
        gone = values["templates[Other]"]
        tap.equal((gone["value"], gone["rule"], gone["overrode"], gone["note"]), (None, "devices", "everything", "taken away"), "a template that was taken away")
        tap.equal((values["inventory[name]"]["value"], values["inventory[name]"].get("overrode")), ("short", "everything"), "a value in the place of another")
        tap.ok(values["tags[from]"]["rule"] == "bundle base" and values["tags[from]"]["line"] > 0 and values["tags[from]"]["file"] == "zync.yaml", "file and line of a bundle's value")
        note = {v["field"]: v for v in explained(work, "vm:1")["values"]}["inventory[name]"]["note"]
        tap.ok(note.startswith("cut: "), "a value that was cut says so", note)
        text = work.zync("explain", "device:2", env={"COLUMNS": "80"})
        tap.equal([line for line in text.out.splitlines() if len(line) > 80 and "a first text" not in line], [], "80 columns")
        tap.ok("taken away by devices, line" in text.out and "it came from everything" in text.out and "; instead of everything" in text.out, "and says it all", text.out)
        tap.ok(re.search(r"^  groups +Devices +devices, line \d+$", text.out, re.M), "a value and its line", text.out)
        wide = work.zync("explain", "device:2")
        tap.ok(re.search(r"^  description +a first text .* columns +everything, line \d+$", wide.out, re.M), "into a pipe each value is one line", wide.out)
        name = sim.netbox("GET", "/api/dcim/devices/2/")["name"]
        sim.mutate({"table": "dcim/devices", "id": 2, "set": {"status": "offline"}})
        host = explained(work, "device:2")
        tap.equal((host["verdict"], host["advice"]), ("disabled", "change its status in NetBox, or what `status.device` says of it"), "disabled: by what, and what to do")
        text = work.zync("explain", "device:2")
        tap.ok(text.out.startswith(f"{name} (device:2) is disabled: ") and text.out.splitlines()[1].startswith("what to do: change its status"), "reason and advice come first", text.out)
        host = explained(work, "device:1")
        tap.equal((host["verdict"], host["reason"], host["advice"]), ("skipped", "the device has no name", "give it a name in NetBox, or set `host` in a mapping"), "skipped, and what to do")
    with Sim(hosts=12, vms=2) as sim, Work(ZYNC, sim, mapping=EXPLAIN.replace("COMBINE", "first")) as work:
        host = explained(work, "device:2")
        tap.equal((host["mappings"], host["passed_over"]), (["devices"], ["everything"]), "the mapping that was passed over")
        text = work.zync("explain", "device:2")
        tap.ok("passed over, since less specific: everything" in text.out, "for people, too", text.out)
        work.config(open(work.path("zync.yaml"), encoding="utf-8").read().replace("{type: device}", "{type: device, name: x-y}").replace("- name: everything\n", "- name: everything\n    match: {name: y-z}\n"))
        host = explained(work, "device:2")
        tap.ok(host["reason"] == "no mapping matches" and host["advice"].startswith("add a mapping"), "no mapping", host)


for scene in (good, bad, fails, explain):
    tap.note(scene.__name__)
    scene()
raise SystemExit(tap.done())
