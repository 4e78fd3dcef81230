#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole way of a host: init, check, plan, sync, sync again, changes on both sides, bad hosts, single hosts, the audit trail, and no secret anywhere."""
import os
import sys

from e2elib import GOOD_MAPPING, Sim, Tap, Work, arguments, duplicates

ZYNC = arguments().zync
tap = Tap()


def init_and_check():
    with Sim() as sim, Work(ZYNC, sim) as work:
        os.unlink(work.path("zync.yaml"))
        run = work.zync("init", "--netbox-url", sim["netbox_url"], "--zabbix-url", sim["zabbix_url"])
        tap.equal(run.code, 0, "init writes a configuration", run)
        tap.equal(work.zync("init", "--netbox-url", "http://x").code, 2, "init does not replace a file")
        env = {"ZABBIX_TOKEN": sim["zabbix_token"]}
        run = work.zync("check", "--json", env=env)
        tap.ok(run.code == 0 and run.json()["ok"] is True, "check is content with it", run)
        run = work.zync("check")
        tap.ok(run.code == 2 and "ZABBIX_TOKEN" in run.err, "check without a token names the variable", run)
        run = work.sync(env=env)
        tap.ok(run.code in (0, 1) and run.json()["created"] > 5, "the file that init wrote syncs", run)
        tap.equal(work.leaks(), [], "init: no secret in what was printed or stored")


def first_syncs():
    with Sim(hosts=40, vms=10) as sim, Work(ZYNC, sim) as work:
        run = work.plan()
        plan = run.json()
        tap.equal(run.code, 5, "plan before the first sync has changes", run)
        tap.equal(sim.write_calls() + sim.write_calls("netbox"), 0, "plan writes nothing to Zabbix or NetBox")
        tap.equal(work.domain()["host_config"], [], "plan writes nothing to the store")
        run = work.sync()
        summary = run.json()
        tap.equal(run.code, 0, "the first sync is good", run)
        tap.equal((summary["created"], summary["total"], summary["failed"]), (plan["create"], plan["create"], 0), "it creates what the plan said")
        tap.equal(summary["message"], f"Sync complete: {summary['updated']}/{summary['total']} hosts updated, 0 failed.", "the message is the spec's")
        keys = ["job_id", "status", "total", "updated", "failed", "message", "created", "changed", "unchanged", "deleted", "disabled", "skipped", "failures",
                "duration_ms", "zabbix_calls", "netbox_calls"]
        tap.equal([k for k in keys if k not in summary], [], "every key of the summary is there")
        hosts = sim.hosts()
        tap.equal((len(hosts), duplicates(hosts)), (summary["created"], []), "as many hosts with marks as were created, none twice")
        tap.ok(all(h[0]["macros"]["{$SECRET.WORD}"]["value"] == "swordfish-Gh7-prey-zulu" for h in hosts.values()), "the secret macro came to Zabbix")
        sim.reset_stats()
        run = work.sync()
        summary = run.json()
        tap.equal((run.code, summary["unchanged"], summary["updated"]), (0, summary["total"], summary["total"]), "the second sync finds all in sync", run)
        tap.equal((sim.write_calls(), summary["zabbix_write_calls"]), (0, 0), "and makes no write call")
        calls = sim.stats()["zabbix"]["calls"]
        tap.ok(sum(calls.values()) <= 15, f"and few reads: {sum(calls.values())}", calls)
        run = work.plan()
        tap.ok(run.code == 0 and run.json()["operations"] == [], "the plan is empty", run)
        run = work.sync("--no-pull")
        tap.ok(run.code == 0 and run.json()["netbox_calls"] == 0, "sync --no-pull asks NetBox nothing", run)
        run = work.sync("--dry-run")
        tap.ok(run.code == 0 and "operations" in run.json(), "sync --dry-run is a plan", run)
        read_commands(work)
        tap.equal(work.leaks(), [], "sync: no secret in what was printed or stored")


def read_commands(work):
    """Every read command works on the result, as text and as JSON."""
    name = work.rows("SELECT min(name) FROM host_config WHERE name IS NOT NULL GROUP BY name HAVING count(*) = 1 ORDER BY min(pk) LIMIT 1")[0][0]
    pk = work.rows("SELECT pk FROM host_config WHERE name = ?", name)[0][0]
    job = work.rows("SELECT job_id FROM job ORDER BY created DESC LIMIT 1")[0][0]
    event = work.rows("SELECT max(id) FROM event")[0][0]
    for args in (["host", "list"], ["host", "list", "--in-sync"], ["host", "show", name], ["host", "show", f"pk:{pk}", "--actual"], ["host", "diff", f"pk:{pk}"],
                 ["explain", name], ["job", "list"], ["job", "show", job], ["job", "show", job[:8]], ["event", "list"],
                 ["event", "show", str(event)], ["check"], ["pull"]):
        text, as_json = work.zync(*args), work.zync(*args, "--json")
        try:
            as_json.json()
            good = True
        except ValueError:
            good = False
        tap.ok(text.code == 0 and text.out.strip() and as_json.code == 0 and good, "zync " + " ".join(args[:2] if args[0] in ("host", "job", "event") else args[:1]) +
               " answers as text and as JSON", text, as_json)
    for args in (["host", "show", "no-such-host"], ["host", "show", "pk:99999"], ["job", "show", "zzzz"], ["event", "show", "99999999"], ["explain", "no-such-host"]):
        run = work.zync(*args)
        tap.ok(run.code == 2 and run.err.startswith("zync: "), f"zync {' '.join(args)} is a usage error with a message", run)


def changes_on_both_sides():
    with Sim(hosts=24, vms=6) as sim, Work(ZYNC, sim) as work:
        tap.equal(work.sync().code, 0, "changes: the first sync is good")
        configs = {f"{t}:{i}": (pk, name, host, hostid) for pk, t, i, name, host, hostid in work.rows(
            "SELECT pk, object_type, object_id, name, host, hostid FROM host_config WHERE state = 'monitored' ORDER BY object_type, object_id")}
        devices = [int(k.split(":")[1]) for k in configs if k.startswith("device:")]
        renamed, offline, gone, retired, tagged, unlinked, deleted, address = devices[-8:]
        sim.netbox("PATCH", f"/api/dcim/devices/{renamed}/", {"name": "renamed-in-netbox"})
        sim.netbox("PATCH", f"/api/dcim/devices/{offline}/", {"status": "offline"})
        sim.netbox("PATCH", f"/api/dcim/devices/{retired}/", {"status": "decommissioning"})
        sim.mutate({"table": "dcim/devices", "id": gone, "do": "delete", "raw": True})

        def host_of(device):
            return configs[f"device:{device}"][2]
        sim.mutate({"server": "zabbix", "do": "update", "host": host_of(tagged), "set": {"tags": [{"tag": "by-hand", "value": "1"}]}},
                   {"server": "zabbix", "do": "unlink", "host": host_of(unlinked), "template": "ICMP Ping", "clear": False},
                   {"server": "zabbix", "do": "delete", "host": host_of(deleted)},
                   {"server": "zabbix", "do": "update", "host": host_of(address), "set": {"ip": "198.51.100.1"}})
        run = work.plan()
        operations = {o["host_config_id"]: o["action"] for o in run.json()["operations"]}
        want = {configs[f"device:{d}"][0]: a for d, a in ((renamed, "update"), (offline, "disable"), (gone, "disable"), (retired, "delete"), (tagged, "update"),
                                                          (unlinked, "update"), (deleted, "create"), (address, "update"))}
        tap.equal(operations, want, "plan names exactly the eight changed hosts", run)
        sim.reset_stats()
        run = work.sync()
        summary = run.json()
        tap.equal((run.code, summary["created"], summary["changed"], summary["disabled"], summary["deleted"]), (0, 1, 4, 2, 1), "sync repairs exactly these", run)
        written = sim.stats()["zabbix"]
        tap.equal(written["calls"].get("host.delete", 0), 0, "a removed host is not deleted for good", written)
        hosts = sim.hosts()
        mark = next(iter(hosts)).split(":")[0]
        grave = hosts[f"{mark}:device:{retired}"][0]
        tap.ok(grave["status"] == 1 and grave["groups"] == ["Zync/Graveyard"] and "_deleted" in grave["host"], "the decommissioned one is in the graveyard", grave)
        tap.equal(hosts[f"{mark}:device:{gone}"][0]["status"], 1, "the one that is gone from NetBox is disabled")
        tap.equal(hosts[f"{mark}:device:{renamed}"][0]["host"], "e2e renamed-in-netbox", "the renamed one has its new name")
        tap.equal(hosts[f"{mark}:device:{tagged}"][0]["tags"][0][0], "site", "tags by hand are replaced")
        tap.equal([i["ip"] for i in hosts[f"{mark}:device:{address}"][0]["interfaces"]], ["192.0.2.7"], "the address is back")
        run = work.plan()
        tap.equal(run.code, 0, "the plan is empty again", run)
        sim.netbox("PATCH", f"/api/dcim/devices/{retired}/", {"status": "active"})
        run = work.sync()
        back = sim.hosts()[f"{mark}:device:{retired}"]
        tap.ok(run.code == 0 and len(back) == 1 and back[0]["hostid"] == grave["hostid"] and back[0]["status"] == 0 and back[0]["host"] == host_of(retired),
               "a device that is active again gets its host out of the graveyard", run, back)
        changes = work.rows("SELECT action, pre_data IS NOT NULL, post_data IS NOT NULL FROM change WHERE job_id = (SELECT job_id FROM job WHERE name = "
                            "'sync-hosts-now' ORDER BY created LIMIT 1 OFFSET 1) ORDER BY action")
        tap.equal(sorted(a for a, _, _ in changes), sorted(want.values()), "one change row a written host", changes)
        tap.equal(work.leaks(), [], "changes: no secret in what was printed or stored")


def bad_hosts():
    mapping = GOOD_MAPPING.replace("templates:", "description: \"{{ comments }}\"\n      templates:").replace(
        "status:\n", """  - name: too long
    match: {name: "*bad-inventory*"}
    set: {inventory: {type: "%s"}}
  - name: wrong interface
    match: {name: "*bad-template*"}
    set: {templates: ["Linux by Zabbix agent"], interfaces: [{type: snmp, ip: 192.0.2.8}]}
status:
""" % ("x" * 200), 1)
    with Sim(hosts=60, vms=10) as sim, Work(ZYNC, sim, mapping) as work:
        devices = [d["id"] for d in sim.netbox("GET", "/api/dcim/devices/?limit=100&status=active")["results"]]
        sim.netbox("PATCH", f"/api/dcim/devices/{devices[20]}/", {"name": "bad-inventory-1"})
        sim.netbox("PATCH", f"/api/dcim/devices/{devices[25]}/", {"name": "bad-template-1"})
        sim.mutate({"server": "zabbix", "do": "create", "host": "taken by somebody", "name": f"bad-name device {devices[30]}"})
        sim.netbox("PATCH", f"/api/dcim/devices/{devices[30]}/", {"name": "bad-name"})
        sim.fault({"kind": "refuse_host", "match": "host.create", "host": "e2e refused", "text": "Refused by test."})
        sim.netbox("PATCH", f"/api/dcim/devices/{devices[35]}/", {"name": "refused"})
        run = work.sync()
        summary = run.json()
        errors = {f["name"]: f["error"] for f in summary["failures"]}
        tap.equal((run.code, summary["failed"], sorted(errors)), (1, 4, ["bad-inventory-1", "bad-name", "bad-template-1", "refused"]),
                  "four bad hosts fail, exit code 1", run)
        tap.equal((summary["updated"], summary["updated"] + summary["failed"]), (summary["created"], summary["total"]), "all others are created, the sum adds up")
        tap.equal(len(sim.hosts()), summary["created"], "and they are in Zabbix")
        for name, words in (("bad-inventory-1", "too long"), ("bad-name", "same visible name"), ("bad-template-1", "interface"), ("refused", "Refused by test.")):
            tap.ok(words in errors.get(name, ""), f"{name} has Zabbix's own words", errors.get(name))
        tap.equal(sum("Failed to update host" in line and "pk=" in line for line in run.err.splitlines()), 4, "each is logged in the spec's words", run.err)
        tap.equal(len(work.rows("SELECT 1 FROM host_config WHERE last_error IS NOT NULL")), 4, "each keeps its error")
        tap.equal(len(work.zync("host", "list", "--failed", "--json").json()["hosts"]), 4, "host list --failed shows them")
        lines = work.zync("job", "log", summary["job_id"], "--json").json()["lines"]
        tap.equal([line["level"] for line in lines], ["error"] * 4, "job log has their lines", lines)
        shown = work.zync("job", "log", summary["job_id"][:12])
        tap.ok(shown.code == 0 and "Refused by test." in shown.out, "also as text", shown)
        sim.clear()
        run = work.sync()
        tap.equal((run.code, run.json()["failed"], run.json()["created"]), (1, 3, 1), "the next run creates the one that is not refused any more", run)


def single_hosts():
    with Sim() as sim, Work(ZYNC, sim) as work:
        tap.equal(work.zync("pull").code, 0, "single: pull")
        tap.equal(sim.write_calls(), 0, "pull writes nothing to Zabbix")
        rows = work.rows("SELECT pk, name, host, object_type || ':' || object_id FROM host_config WHERE state = 'monitored' ORDER BY pk DESC")
        pk, _, host, ref = rows[0]
        run = work.zync("host", "create", ref, "--json")
        tap.ok(run.code == 0 and run.json()["action"] == "create" and run.json()["host_config_id"] == pk, "host create", run)
        tap.equal(len(sim.hosts()), 1, "only this one is created")
        run = work.zync("host", "create", ref)
        tap.ok(run.code == 4 and "already" in run.err, "host create of one that exists is refused", run)
        sim.mutate({"server": "zabbix", "do": "update", "host": host, "set": {"description": "by hand"}})
        sim.mutate({"server": "zabbix", "do": "unlink", "host": host, "template": "ICMP Ping"})
        run = work.zync("host", "diff", ref, "--json")
        tap.ok(run.code == 0 and "ICMP Ping" in run.out, "host diff shows the difference", run)
        tap.equal(work.rows("SELECT in_sync FROM host_config WHERE pk = ?", pk), [(0,)], "and stores that it is not in sync")
        run = work.zync("host", "update", ref, "--json")
        tap.ok(run.code == 0 and run.json()["action"] == "update" and run.json()["post_data"] is not None, "host update", run)
        tap.equal(work.rows("SELECT in_sync FROM host_config WHERE pk = ?", pk), [(1,)], "and it is in sync")
        run = work.zync("host", "delete", ref, "--json")
        tap.ok(run.code == 0 and len(sim.hosts()) == 1, "host delete is soft", run)
        run = work.zync("host", "delete", ref, "--hard")
        tap.ok(run.code == 2 and len(sim.hosts()) == 1, "a hard one without --yes is refused where nobody can be asked", run)
        run = work.zync("host", "delete", ref, "--hard", "--yes", "--json")
        tap.ok(run.code == 0 and len(sim.hosts()) == 0, "host delete --hard --yes deletes it", run)
        other = rows[1]
        sim.mutate({"server": "zabbix", "do": "create", "host": other[2], "name": "somebody's own"})
        run = work.zync("sync", other[3], "--json")
        tap.ok(run.code == 1 and "adopt" in run.json()["failures"][0]["error"], "a host of somebody else is left alone, with the command that takes it over", run)
        tap.equal(work.zync("host", "adopt", other[3]).code, 0, "host adopt")
        run = work.sync(other[3])
        tap.ok(run.code == 0 and run.json()["changed"] == 1, "then it is brought in line", run)
        sim.mutate({"server": "zabbix", "do": "create", "host": rows[2][2], "flags": 4})
        run = work.zync("sync", rows[2][3], "--json")
        tap.ok(run.code == 1 and len(sim.hosts()) == 1 and "discovery" in run.json()["failures"][0]["error"], "a discovered host is left alone", run)
        run = work.zync("host", "adopt", rows[2][3])
        tap.ok(run.code == 4 and "discovery" in run.err, "and cannot be adopted", run)
        tap.equal({n for (n,) in work.rows("SELECT DISTINCT name FROM job")} >= {"create-zabbix-host", "update-zabbix-host", "delete-zabbix-host", "sync-hosts-now"}, True,
                  "each is a job of its name", work.rows("SELECT DISTINCT name FROM job"))
        tap.equal(work.leaks(), [], "single hosts: no secret in what was printed or stored")


for test in (init_and_check, first_syncs, changes_on_both_sides, bad_hosts, single_hosts):
    test()
sys.exit(tap.done())
