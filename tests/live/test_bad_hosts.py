# SPDX-License-Identifier: Apache-2.0
"""Hosts that Zabbix must refuse among some 360 good ones: the good ones are in sync after one run, each bad one says why, in Zabbix's words where Zabbix refused it."""
import re

import netbox_api
import proxy

MAPPINGS = """
- name: wave
  set: {tags: {wave: "%s"}}
- name: bad template
  match: {name: [%s]}
  set: {templates: [Live SNMP]}
- name: bad inventory
  match: {name: [%s]}
  set: {inventory: {tag: "{{ comments }}"}}
- name: bad name
  match: {name: [%s]}
  set: {name: "Fremd ä"}
"""
WAVE = """
- name: wave
  set: {tags: {wave: "%s"}}
"""
WORDS = {"template": r'template "Live SNMP" needs an SNMP interface \(item ".+"\), the host ', "inventory": r"too long",
         "name": r'Host with the same visible name "Fremd ä" already exists'}


def run(s):
    bad = choose(s)
    s.more = lambda w, kind, o: w.tag("wave", "1")
    mappings(s, bad, "1")
    refused(s, bad, "create", s.view())
    s.rules_text(WAVE % "1")
    result = s.zync.run("sync", "--json")
    s.tap.equal((result.code, result.json["created"]), (0, len(bad)), "mended: only the bad ones are created", str(result))
    before = s.converged("mended")
    s.more = lambda w, kind, o: w.tag("wave", "2")
    mappings(s, bad, "2")
    refused(s, bad, "update", before)
    s.rules_text(WAVE % "2")
    result = s.zync.run("sync", "--json")
    s.tap.equal((result.code, result.json["changed"]), (0, len(bad)), "mended: only the bad ones are changed", str(result))
    s.converged("mended again")


def choose(s):
    """{(kind, id): (why, name)}; two of each, apart in the order of the run and next to each other."""
    used, bad = set(), {}
    for why in ("template", "inventory", "name", "template", "inventory", "name"):
        kind = "vm" if len(bad) % 2 else "device"
        key, o = s.pick(used, kind, lambda o: o.at("role", "slug") in ("server", "database", "web"))
        bad[key] = (why, o["name"])
        if why == "inventory":
            s.netbox.change(netbox_api.VMS if kind == "vm" else netbox_api.DEVICES, o["id"], comments="too long " * 20)
    return bad


def mappings(s, bad, wave):
    def names(why):
        return ", ".join('"%s"' % name for w, name in bad.values() if w == why)
    s.rules_text(MAPPINGS % (wave, names("template"), names("inventory"), names("name")))


def refused(s, bad, what, before):
    t, z = s.tap, s.zync
    s.clear()
    result = z.run("sync", "--json")
    label = what + ": "
    t.equal(result.code, 1, label + "exit code 1", str(result))
    data, calls = result.json, s.zp.take()
    wanted = s.wanted()[0]
    t.equal([data["status"], data["total"], data["updated"], data["failed"]],
            ["completed", len(wanted), len(wanted) - len(bad), len(bad)], label + "total is updated and failed, and the job completed")
    view = s.view()
    t.none(view.check(wanted, ignore=bad), label + "every good host is what the rules say after one run")
    t.equal({k for k in bad if view.digests.get(k) != before.digests.get(k)}, set(), label + "the bad hosts are as they were")
    t.equal(view.foreign, before.foreign, label + "no foreign host was touched")
    names = {name: why for why, name in bad.values()}
    t.equal({f["name"] for f in data["failures"]}, set(names), label + "the failures are exactly the bad hosts")
    t.none([f for f in data["failures"] if not re.search(WORDS[names.get(f["name"], "name")], f["error"])],
           label + "each failure says why")
    listed = z.run("host", "list", "--failed", "--json").json["hosts"]
    t.equal({(h["host_config_id"], h["name"], h["last_error"]) for h in listed},
            {(f["host_config_id"], f["name"], f["error"]) for f in data["failures"]}, label + "host list --failed says the same")
    lines = re.findall(r"\[(\d+)/(\d+)\] Failed to update host (.+?) \(pk=(\d+)\): (.+)", result.err)
    t.equal({(name, int(pk), text) for _, _, name, pk, text in lines},
            {(f["name"], f["host_config_id"], f["error"]) for f in data["failures"]}, label + "one log line each, in the spec's words")
    t.none([line for line in lines if not 1 <= int(line[0]) <= int(line[1]) or int(line[1]) != data["total"]],
           label + "with its place in the run")
    in_sync = z.run("host", "list", "--in-sync", "--json").json["hosts"]
    t.equal(len(in_sync), len(wanted) - len(bad), label + "host list --in-sync has the good ones")
    t.ok(len(calls) < len(wanted) / 3, label + "without falling back to a call a host", "%d calls" % len(calls))
    again = z.run("sync", "--json")
    t.equal((again.code, again.json["unchanged"]), (1, len(wanted) - len(bad)), label + "another run finds the good ones in sync")
    good = {w["host"] for k, w in wanted.items() if k not in bad} | {view.ours[k]["hostid"] for k in view.ours if k not in bad}
    calls = s.zp.take()
    t.none([e for m in ("host.create", "host.update") for e in proxy.entries(calls, m) if e.get("host", e.get("hostid")) in good],
           label + "and writes none of them")
