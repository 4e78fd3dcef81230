#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`zync sync --strict`: the first failed host fails the job, and Zabbix is put back as it was, or the host is named."""
import signal
import time

from e2elib import Sim, Tap, arguments
from strictlib import REFUSED, WAVE_1, WAVE_2, Meanwhile, Strict, configs, edit, new_work, picture, refuse

OPTIONS = arguments(only="")
ZYNC = OPTIONS.zync
tap = Tap()


def middle(work):
    """A host in the middle of the order in which they are written, and in the middle of its array."""
    rows = configs(work)
    return rows[len(rows) // 2]


def by_hand(sim, host, **more):
    """A host that somebody made, with an agent interface."""
    group = sim.zabbix("hostgroup.get", {"filter": {"name": ["Linux servers"]}})[0]["groupid"]
    agent = {"type": 1, "main": 1, "useip": 1, "ip": "198.51.100.7", "dns": "", "port": "10050"}
    sim.zabbix("host.create", {"host": host, "groups": [{"groupid": group}], "interfaces": [agent], **more})


def creations():
    """300 hosts in arrays; the bad one sits in the middle of one."""
    with Sim(hosts=300, vms=0) as sim, new_work(ZYNC, sim) as work:
        tap.equal(work.zync("pull").code, 0, "creations: the hosts are known")
        sim.mutate({"server": "zabbix", "do": "create", "host": "not ours", "groups": ["Linux servers"]})
        strict = Strict(tap, work, sim, "creations")
        host = middle(work)[3]
        refuse(sim, host, "host.create", named=True)
        run = strict.run()
        strict.failed(REFUSED)
        tap.ok(run.seconds < 6, f"creations: what was in the refused call is not waited for ({run.seconds:.1f} s)", run)
        tap.ok("stopped at the first host that failed, as --strict asks" in run.err and "is put back" in run.err and host[4:] in run.err,
               "creations: the message names the host, and says that the others are put back", run)
        put_back = strict.counted(100)
        tap.equal(put_back["restored"], 0, "creations: they are deleted again")
        tap.ok(put_back["groups"] > 3, "creations: and so are their groups", put_back)
        strict.untouched()
        data = strict.data
        tap.ok(data["failed"] == 1 and [f["error"] for f in data["failures"]] == ["zabbix: host.create for \"%s\": %s" % (data["failures"][0]["name"], REFUSED)] or
               (data["failed"] == 1 and REFUSED in data["failures"][0]["error"]), "creations: one failure in the result", run)
        tap.ok("what had been written to Zabbix is put back" in data["message"], "creations: and the message says it", run)
        tap.ok(data["created"] > 0 and work.rows("SELECT count(*) FROM change") == [(0,)], "creations: no change is recorded", run)
        text = work.zync("sync", "--strict")
        tap.ok(text.code == 4 and "put back in Zabbix: 0 hosts as they were" in text.err and "created groups deleted" in text.err, "creations: people are told the same", text)
        strict.converges()
        tap.equal(work.leaks(), [], "creations: no secret in what was printed or stored")


def updates():
    with Sim(hosts=100, vms=10) as sim, new_work(ZYNC, sim) as work:
        tap.equal(work.sync().code, 0, "updates: the first sync")
        work.config(open(work.path("zync.yaml"), encoding="utf-8").read().replace(WAVE_1, WAVE_2))
        strict = Strict(tap, work, sim, "updates")
        ids = picture(sim, ids=True)
        refuse(sim, middle(work)[3])
        strict.run()
        strict.failed(REFUSED)
        put_back = strict.counted(30)
        tap.equal(put_back["deleted"], 0, "updates: nothing is deleted")
        strict.untouched()
        tap.equal(picture(sim, ids=True), ids, "updates: each interface is the one that it was")
        # A second time: what the first run has put back is no secret that nobody knows, and nothing is to be looked up or waited for.
        strict = Strict(tap, work, sim, "updates, again")
        run = strict.run()
        strict.failed(REFUSED)
        strict.counted(30)
        strict.untouched()
        tap.ok(run.seconds < 6 and "earlier jobs" not in run.err, "updates, again: the run before has left nothing to be looked up", run)
        log = "\n".join(row[0] for row in work.rows("SELECT message FROM job_log WHERE level = 'warning'"))
        tap.ok("the history of the items of Generic by SNMP is gone" in log, "updates: what came back without its history is said", log[:400])
        strict.converges()
        tap.equal(work.leaks(), [], "updates: no secret in what was printed or stored")


def mixed():
    """Removals, disables, creations and updates in one run; soft deletions come back from the graveyard."""
    with Sim(hosts=60, vms=0) as sim, new_work(ZYNC, sim, extra="sync: {max_deletes: none, max_disables: none}\n") as work:
        tap.equal(work.sync().code, 0, "mixed: the first sync")
        rows = configs(work)
        for n, row in enumerate(rows):
            if n % 3 == 0:
                sim.mutate({"table": "dcim/devices", "id": row[2], "do": "set", "set": {"status": "offline" if n % 2 else "decommissioning"}, "raw": True})
        for row in rows[1::9]:
            sim.mutate({"server": "zabbix", "do": "delete", "host": row[3]})
        edit(work, ('value: "1"', 'value: "7"'))
        strict = Strict(tap, work, sim, "mixed")
        refuse(sim, rows[len(rows) - 2][3])
        run = strict.run()
        strict.failed(REFUSED)
        put_back = strict.counted(10)
        tap.ok(run.json()["deleted"] > 3 and run.json()["disabled"] > 3 and put_back["restored"] > 6, "mixed: hosts of the graveyard and disabled ones were among them", run)
        strict.untouched()
        strict.converges()


def adopted():
    """Hosts that were made by hand have no mark before, and none afterwards."""
    with Sim(hosts=40, vms=0) as sim, new_work(ZYNC, sim) as work:
        tap.equal(work.zync("pull").code, 0, "adopted: the hosts are known")
        rows = configs(work)
        for row in rows:
            by_hand(sim, row[3], tags=[{"tag": "by", "value": "hand"}], macros=[{"macro": "{$BY.HAND}", "value": "1", "description": "mine"}], inventory_mode=1,
                    inventory={"location": "by hand", "notes": "by hand"})
        for row in rows:
            work.zync("host", "adopt", f"device:{row[2]}")
        tap.equal(work.rows("SELECT count(*) FROM host_config WHERE hostid IS NULL AND state = 'monitored'"), [(0,)], "adopted: all are linked")
        strict = Strict(tap, work, sim, "adopted")
        refuse(sim, middle(work)[3])
        strict.run()
        strict.failed(REFUSED)
        strict.counted(5)
        strict.untouched()
        tap.equal(sim.hosts(), {}, "adopted: no mark is left")
        strict.converges()


def swapped_interfaces():
    """Items point to interfaces by id: two of one type get back each its own address, also when somebody swapped them meanwhile."""
    two = WAVE_1.replace("{type: snmp, ip: 192.0.2.7, community: swordfish-one}", "{type: agent, ip: 192.0.2.9, main: false}").replace('"Generic by SNMP"', '"ICMP Ping"')
    with Sim(hosts=30, vms=0) as sim, new_work(ZYNC, sim, two) as work:
        tap.equal(work.sync().code, 0, "interfaces: the first sync")
        before = picture(sim, ids=True)
        edit(work, ("ip: 192.0.2.9", "ip: 192.0.2.19"), ("ip: 192.0.2.7", "ip: 192.0.2.17"))
        strict = Strict(tap, work, sim, "interfaces")
        first = configs(work)[0]

        def hands():
            had = sim.zabbix("host.get", {"hostids": [first[4]], "output": ["hostid"], "selectInterfaces": ["interfaceid", "main"]})[0]["interfaces"]
            sim.zabbix("host.update", {"hostid": first[4], "interfaces": [{**i, "ip": "192.0.2.9" if i["main"] == "1" else "192.0.2.7"} for i in had]})
        refuse(sim, configs(work)[-1][3])
        hold = Meanwhile(sim, "host.update", 2, hands)
        strict.run()
        tap.equal(hold.done(), None, "interfaces: it was done in time")
        strict.failed(REFUSED)
        strict.counted(5)
        strict.untouched()
        tap.equal(picture(sim, ids=True), before, "interfaces: each has its own address again")
        strict.converges()


def interface_type():
    """Agent becomes SNMP while items use it: two calls a host, templates cleared in between; and back again."""
    agent = WAVE_1.replace(", {type: snmp, ip: 192.0.2.7, community: swordfish-one}", "").replace('"Generic by SNMP"', '"Linux by Zabbix agent"')
    with Sim(hosts=40, vms=0) as sim, new_work(ZYNC, sim, agent) as work:
        tap.equal(work.sync().code, 0, "interface type: the first sync")
        edit(work, ("{type: agent, ip: 192.0.2.7}", "{type: snmp, ip: 192.0.2.7, community: swordfish-one}"), ('"Linux by Zabbix agent"', '"Generic by SNMP"'))
        strict = Strict(tap, work, sim, "interface type")
        refuse(sim, configs(work)[-1][3])
        strict.run()
        strict.failed(REFUSED)
        strict.counted(0)
        strict.untouched()
        # In the second of the two calls: the first one, which cleared the templates, had been carried out.
        sim.clear()
        sim.fault({"server": "zabbix", "kind": "refuse_host", "match": "host.update", "host": configs(work)[-1][3], "text": REFUSED, "after": 1, "times": 2})
        strict = Strict(tap, work, sim, "interface type, second call")
        strict.run()
        strict.failed(REFUSED)
        strict.untouched()
        strict.converges()


def hard_deletes():
    with Sim(hosts=30, vms=0) as sim, new_work(ZYNC, sim, extra="sync: {max_deletes: none, delete_mode: hard}\n") as work:
        tap.equal(work.sync().code, 0, "hard deletes: the first sync")
        rows = configs(work)
        gone = rows[3:5]
        for row in gone:
            sim.mutate({"table": "dcim/devices", "id": row[2], "do": "set", "set": {"status": "decommissioning"}, "raw": True})
        edit(work, ('value: "1"', 'value: "7"'))
        strict = Strict(tap, work, sim, "hard deletes")
        refuse(sim, rows[-1][3])
        run = strict.run()
        strict.failed(REFUSED)
        strict.counted(3, failed=[row[5] for row in gone])
        tap.ok(all("deleted for good" in f["error"] for f in run.json()["put_back"]["failed"]), "hard deletes: each says why", run)
        tap.ok(all(f"pk={row[0]}" in run.err for row in gone) and "but for 2 hosts" in run.err, "hard deletes: and is named on the terminal", run)
        strict.untouched(but=[f"{row[3]!r} is gone" for row in gone])
        strict.converges()


def secrets():
    """The former value of a secret macro: known to the store; not known to anybody; not touched at all."""
    with Sim(hosts=30, vms=0) as sim, new_work(ZYNC, sim) as work:
        tap.equal(work.zync("pull").code, 0, "secrets: the hosts are known")
        rows = configs(work)
        mine = [{"macro": "{$SECRET.WORD}", "value": "set by hand", "type": 1, "description": "mine"}, {"macro": "{$OTHER.SECRET}", "value": "by hand", "type": 1}]
        by_hand(sim, rows[0][3], macros=mine)
        tap.equal(work.zync("host", "adopt", f"device:{rows[0][2]}").code, 0, "secrets: one host is adopted")
        strict = Strict(tap, work, sim, "secrets that nobody knows")
        refuse(sim, rows[-1][3], "host.create")
        run = strict.run()
        strict.failed(REFUSED)
        strict.counted(3, failed=[rows[0][5]])
        words = [f["error"] for f in run.json()["put_back"]["failed"]]
        tap.ok(len(words) == 1 and "{$SECRET.WORD}" in words[0] and "{$OTHER.SECRET}" in words[0] and "Zabbix does not show" in words[0], "secrets: the macros are named", run)
        strict.untouched(but=[f"host {rows[0][3]!r}: macros"])
        now = next(h for h in picture(sim)["hosts"].values() if h["host"] == rows[0][3])["macros"]
        tap.equal(sorted(now), ["{$SECRET.WORD}"], "secrets: what is known of its macros is put back")
        sim.clear()
        tap.equal(work.sync().code, 0, "secrets: the next run")
        edit(work, ("\nmappings:", "\nownership: {macros: merge}\nmappings:"))
        hostid = next(h for h in picture(sim)["hosts"].values() if h["host"] == rows[1][3])["hostid"]
        had = sim.zabbix("host.get", {"hostids": [hostid], "output": ["hostid"], "selectMacros": ["hostmacroid"]})[0]["macros"]
        sim.zabbix("host.update", {"hostid": str(hostid), "macros": had + [{"macro": "{$UNTOUCHED}", "value": "by hand", "type": 1}]})
        tap.equal(work.sync().code, 0, "secrets: with a secret by hand that stays")
        strict = Strict(tap, work, sim, "secrets that the store knows")
        refuse(sim, rows[-1][3])
        run = strict.run(env={"MACRO_SECRET": "another"})
        strict.failed(REFUSED)
        strict.counted(10)
        strict.untouched()
        strict.converges()
        tap.equal(work.leaks(), [], "secrets: no secret in what was printed or stored")


def meanwhile():
    """Somebody else changes hosts between being written and being put back; others vanish, and a group is used."""
    with Sim(hosts=60, vms=0) as sim, new_work(ZYNC, sim) as work:
        tap.equal(work.sync().code, 0, "meanwhile: the first sync")
        rows = configs(work)
        edit(work, ('value: "1"', 'value: "7"'), ('Wave 1/All', 'Wave 7/All'))
        strict = Strict(tap, work, sim, "meanwhile")
        bad = rows[-1]
        touched, vanished = rows[0], rows[1]

        def hands():
            sim.mutate({"server": "zabbix", "do": "update", "host": touched[3], "set": {"description": "by hand", "tags": [{"tag": "by", "value": "hand"}]}},
                       {"server": "zabbix", "do": "delete", "host": vanished[3]},
                       {"server": "zabbix", "do": "create", "host": "in their group", "groups": ["Wave 7/All"]})
        refuse(sim, bad[3])
        hold = Meanwhile(sim, "host.update", 4, hands)
        run = strict.run()
        tap.equal(hold.done(), None, "meanwhile: it was done in time")
        strict.failed(REFUSED)
        strict.counted(10, failed=[vanished[5]])
        tap.ok("not in Zabbix any more" in run.json()["put_back"]["failed"][0]["error"], "meanwhile: the vanished host is named with the reason", run)
        strict.untouched(but=[f"{vanished[3]!r} is gone", f"host {touched[3]!r}: description: was '1' is 'by hand'", "'in their group' is left", "group 'Wave 7/All' is left", "group 'Wave 7' is left"])
        tap.ok("'Wave 7/All' is left" in str(differences_now(strict, sim)) and f"{touched[3]!r}: description" in str(differences_now(strict, sim)),
               "meanwhile: what others did stays")
        strict.converges()


def differences_now(strict, sim):
    from strictlib import differences
    return differences(strict.before["zabbix"], picture(sim))


def zabbix_gone():
    """Nothing can be put back: every host is named. What can be read but not written, likewise, each with Zabbix's words."""
    with Sim(hosts=60, vms=0) as sim, new_work(ZYNC, sim) as work:
        edit(work, ("    timeout: 8s", "    timeout: 1s"))
        tap.equal(work.zync("pull").code, 0, "gone: the hosts are known")
        rows = configs(work)
        for label, fault, words in (("gone", {"match": "host.delete", "kind": "reset_before"}, "host.delete"),
                                    ("refused", {"match": "host.delete", "kind": "jsonrpc_error", "code": -32500, "message": "Application error.", "data": "Deletion refused."},
                                     "Deletion refused.")):
            strict = Strict(tap, work, sim, f"Zabbix {label}")
            refuse(sim, rows[-1][3], "host.create")
            sim.fault({"server": "zabbix", **fault})
            run = strict.run()
            strict.failed(REFUSED)
            created = [n for n, in work.rows("SELECT name FROM event WHERE action = 'create' AND state = 'completed' AND job_id = ?", strict.job()[0])]
            strict.counted(5, failed=created)
            failed = run.json()["put_back"]["failed"]
            tap.ok(all(words in f["error"] for f in failed), f"Zabbix {label}: each with the reason", failed[:2], run)
            tap.ok(all(f"  ! {name} (pk=" in run.err for name in created) and f"but for {len(created)} host" in run.err, f"Zabbix {label}: and on the terminal", run)
            tap.equal(len(sim.hosts()), len(created), f"Zabbix {label}: they are there")
            tap.ok("not everything" in run.json()["message"], f"Zabbix {label}: the message says it", run)
            strict.converges()
            for host in sim.control("GET", "dump/zabbix"):
                if "{$ZYNC.OWNER}" in host["macros"]:
                    sim.mutate({"server": "zabbix", "do": "delete", "host": host["host"]})
            strict.work.config(open(work.path("zync.yaml"), encoding="utf-8").read())
        strict = Strict(tap, work, sim, "Zabbix gone for good")
        refuse(sim, rows[-1][3], "host.create")
        sim.fault({"server": "zabbix", "match": "host.get", "kind": "reset_before", "after": 2})
        run = strict.run()
        strict.failed(REFUSED)
        created = [n for n, in work.rows("SELECT name FROM event WHERE action = 'create' AND state = 'completed' AND job_id = ?", strict.job()[0])]
        strict.counted(5, failed=created)
        strict.converges()


def lost_answer(label, method, kind, synced):
    """The server goes away after a call that it carries out, and is back when the hosts are put back. `close_late`: before it is carried out."""
    with Sim(hosts=40, vms=0) as sim, new_work(ZYNC, sim) as work:
        tap.equal(work.zync(*(["sync"] if synced else ["pull"])).code, 0, f"{label}: the hosts are known")
        edit(work, ('value: "1"', 'value: "7"'))
        strict = Strict(tap, work, sim, label)
        sim.fault({"server": "zabbix", "match": method, "kind": kind, "nth": [2], "ms": 5000},
                  {"server": "zabbix", "match": "host.get", "kind": "reset_before", "after": 1, "times": 6})
        strict.run()
        tap.ok(sim.hits() > 3, f"{label}: it came so far", sim.control("GET", "fault"), strict.outcome)
        strict.failed("", status="errored")
        tap.ok("is put back" in strict.outcome.err and strict.data["put_back"]["failed"] == [], f"{label}: what had been written is put back", strict.outcome)
        told = strict.data["put_back"]["deleted"] + strict.data["put_back"]["restored"]
        tap.ok(told > strict.data["updated"] > 0, f"{label}: the hosts of that call among it", told, strict.outcome)
        time.sleep(1.0)
        strict.untouched()
        strict.converges()


def lost_answers():
    """Calls that nobody knows the outcome of are looked up before anything is put back."""
    lost_answer("lost answer of a creation", "host.create", "reset_after", synced=False)
    lost_answer("lost answer of a late creation", "host.create", "close_late", synced=False)
    lost_answer("lost answer of an update", "host.update", "reset_after", synced=True)


def interrupted():
    """Ctrl-C puts back, too: between two calls, and in the middle of one."""
    with Sim(hosts=60, vms=0) as sim, new_work(ZYNC, sim) as work:
        tap.equal(work.zync("pull").code, 0, "interrupted: the hosts are known")
        edit(work, ("    timeout: 8s", "    timeout: 3s"))
        for label, rule in (("between", {"kind": "latency", "ms": 400}), ("in a call", {"kind": "late", "nth": [3], "ms": 1500})):
            strict = Strict(tap, work, sim, f"Ctrl-C {label}")
            sim.fault({"server": "zabbix", "match": "host.create", **rule})
            sim.reset_stats()
            started = time.monotonic()
            child = work.start("sync", "--json", "--strict")
            while sim.stats()["zabbix"]["calls"].get("host.create", 0) < 2 and time.monotonic() - started < 60:
                time.sleep(0.05)
            time.sleep(0.3)
            child.send_signal(signal.SIGINT)
            strict.outcome = work.finish(child, ("sync", "--strict"), started)
            strict.failed("cancelled")
            tap.ok("is put back" in strict.outcome.err, f"Ctrl-C {label}: the message says that it is put back", strict.outcome)
            tap.ok(strict.data["put_back"]["deleted"] > 0 and strict.data["put_back"]["failed"] == [], f"Ctrl-C {label}: something was", strict.outcome)
            time.sleep(1.0)
            strict.untouched()
            sim.clear()
        strict.converges()


def no_pull():
    with Sim(hosts=40, vms=0) as sim, new_work(ZYNC, sim, extra="sync: {intent_journal: false}\n") as work:
        tap.equal(work.sync().code, 0, "--no-pull: the first sync")
        edit(work, ('value: "1"', 'value: "7"'))
        tap.equal(work.zync("pull").code, 0, "--no-pull: a pull")
        strict = Strict(tap, work, sim, "--no-pull, without journal")
        refuse(sim, middle(work)[3])
        run = strict.run("--no-pull")
        strict.failed(REFUSED)
        tap.equal(run.json()["netbox_calls"], 0, "--no-pull: NetBox is not asked")
        strict.counted(5)
        strict.untouched()
        strict.converges()


def fails_in_the_plan():
    """What the plan knows already is not found out by writing: nothing is written, every such host is told."""
    with Sim(hosts=40, vms=0) as sim, new_work(ZYNC, sim) as work:
        tap.equal(work.zync("pull").code, 0, "plan: the hosts are known")
        rows = configs(work)
        for row in rows[-3:-1]:
            sim.mutate({"server": "zabbix", "do": "create", "host": row[3], "groups": ["Linux servers"]})
        strict = Strict(tap, work, sim, "a host that fails in the plan")
        sim.reset_stats()
        run = strict.run()
        strict.failed("is not managed by Zync")
        tap.equal(sim.write_calls(), 0, "plan: no write call, not even for groups", sim.stats()["zabbix"]["calls"])
        tap.ok("stopped before the first write" in run.err and f"2 of {len(rows)} hosts" in run.err and "nothing was written to Zabbix" in run.err, "plan: the message says so", run)
        tap.equal((run.json()["failed"], sorted(f["name"] for f in run.json()["failures"])), (2, sorted(r[5] for r in rows[-3:-1])), "plan: both hosts are told", run)
        tap.equal(run.json()["put_back"], {"restored": 0, "deleted": 0, "groups": 0, "failed": []}, "plan: nothing is put back", run)
        tap.equal(work.rows("SELECT count(*) FROM event WHERE action = 'put-back'"), [(0,)], "plan: and no event says so")
        strict.untouched()
        tap.equal(work.sync().code, 1, "plan: a normal sync writes the others")
        strict.domain = work.domain()
        strict.before = {"zabbix": picture(sim)}
        edit(work, ('value: "1"', 'value: "7"'))
        sim.reset_stats()
        strict.label = "a host that fails in the plan of updates"
        strict.run()
        strict.failed("is not managed by Zync")
        tap.equal(sim.write_calls(), 0, "plan of updates: no write call")
        strict.untouched()


def bad_group():
    """A group that cannot be made stops the run before the first host is written; the groups that were made go."""
    with Sim(hosts=40, vms=0) as sim, new_work(ZYNC, sim) as work:
        strict = Strict(tap, work, sim, "a bad group")
        # The one call for all is refused, then some are made one by one, and the others are refused.
        error = {"server": "zabbix", "match": "hostgroup.create", "kind": "jsonrpc_error", "code": -32500, "message": "Application error.", "data": REFUSED}
        # Likewise their deletion: something else may need one of them.
        sim.fault({**error, "nth": [1]}, {**error, "after": 5}, {**error, "match": "hostgroup.delete", "nth": [1, 3]})
        sim.reset_stats()
        run = strict.run()
        strict.failed(REFUSED)
        tap.equal([m for m in sim.stats()["zabbix"]["calls"] if m in ("host.create", "host.update")], [], "a bad group: no host is written", run)
        tap.ok(run.json()["put_back"]["groups"] > 1, "a bad group: the groups that were made are deleted", run)
        left = [d for d in differences_now(strict, sim) if "is left" in d]
        tap.ok(len(left) == 1 and "was not deleted again" in run.err and REFUSED in run.err, "a bad group: one that something else needs stays, the others go", left, run)
        strict.untouched(but=left)


def two_servers():
    rules = WAVE_1.replace("status:\n", "  - name: the other half\n    match: {type: vm}\n    set: {zabbix_server: zabbix2}\nstatus:\n")
    with Sim("--zabbix-servers", "2", hosts=40, vms=40) as sim, new_work(ZYNC, sim, rules, servers=2) as work:
        tap.equal(work.zync("pull").code, 0, "two servers: the hosts are known")
        strict = Strict(tap, work, sim, "two servers", servers=("zabbix", "zabbix2"))
        bad = configs(work, "server = 'zabbix2' AND state = 'monitored'")
        refuse(sim, bad[-1][3], "host.create", "zabbix2")
        run = strict.run()
        strict.failed(REFUSED)
        strict.counted(50)
        servers = {s for s, in work.rows("SELECT c.server FROM event e JOIN host_config c ON c.pk = e.host_config_pk WHERE e.action = 'put-back' AND e.job_id = ?", strict.job()[0])}
        tap.equal(servers, {"zabbix", "zabbix2"}, "two servers: hosts of both are put back", run)
        strict.untouched()
        sim.clear()
        # One server answers no more; the hosts of the other one are put back all the same.
        edit(work, ("    timeout: 8s", "    timeout: 1s"))
        refuse(sim, bad[-1][3], "host.create", "zabbix2")
        sim.fault({"server": "zabbix", "match": "host.delete", "kind": "reset_before"})
        strict = Strict(tap, work, sim, "two servers, one gone", servers=("zabbix", "zabbix2"))
        strict.run()
        strict.failed(REFUSED)
        put_back = strict.data["put_back"]
        tap.ok(put_back["deleted"] > 0 and put_back["failed"] and {f["type"] for f in put_back["failed"]} == {"device"}, "two servers, one gone: its hosts are named, the others put back", put_back)
        strict.servers = ("zabbix2",)
        strict.untouched()
        sim.clear()
        tap.equal(work.sync().code, 0, "two servers: the next run converges")


def all_good():
    with Sim(hosts=20, vms=0) as sim, new_work(ZYNC, sim) as work:
        run = work.sync("--strict")
        tap.ok(run.code == 0 and run.json()["status"] == "completed" and "put_back" not in run.json(), "a strict run without a bad host is like any other", run)
        tap.equal(work.plan().code, 0, "and the plan is empty")
        run = work.zync("job", "run", "pull", "--strict")
        tap.equal(run.code, 2, "a job that takes no --strict says so", run)


for scene in (creations, updates, mixed, adopted, swapped_interfaces, interface_type, hard_deletes, secrets, meanwhile, zabbix_gone, lost_answers, interrupted, no_pull, fails_in_the_plan,
              bad_group, two_servers, all_good):
    if OPTIONS.only not in ("", scene.__name__):
        continue
    began = time.monotonic()
    scene()
    tap.note(f"{scene.__name__}: {time.monotonic() - began:.1f} s")
raise SystemExit(tap.done())
