#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The jobs that keep house: host-config-sync-refresh, import-zabbix-settings and clean-up, each run at once in a process of its own."""
import json
import sqlite3
import time

from e2elib import Sim, Tap, Work, arguments

ZYNC = arguments().zync
MINUTE, DAY = 60_000, 86_400_000
tap = Tap()


def job(work, name, *args, **more):
    return work.zync("job", "run", name, *args, "--now", "--json", **more)


def change(work, sql, *params):
    """The store, changed behind the program's back."""
    database = sqlite3.connect(work.path("zync.db"), timeout=30)
    with database:
        database.execute(sql, params)
    database.close()


def now_ms():
    return time.time_ns() // 1_000_000


def edit(work, old, new):
    with open(work.path("zync.yaml"), encoding="utf-8") as f:
        text = f.read()
    assert old in text, old
    work.config(text.replace(old, new))


def event_of(work, run):
    """Kind and message of all events of the job that this call ran."""
    return work.rows("SELECT kind, state, message FROM event WHERE job_id = ?", run.json()["job_id"])


# ---- host-config-sync-refresh ------------------------------------------------------------------------------------

def status_of(work):
    return {pk: (in_sync, error) for pk, in_sync, error in work.rows("SELECT pk, in_sync, last_error FROM host_config")}


def all_but_status(work):
    columns = "pk, object_type, object_id, name, host, server, hostid, state, reason, created"
    return {"config": work.rows(f"SELECT {columns} FROM host_config ORDER BY pk"), "state": work.rows("SELECT * FROM host_state ORDER BY pk"),
            "change": work.rows("SELECT * FROM change ORDER BY id"), "host events": work.rows("SELECT * FROM event WHERE kind = 'host' ORDER BY id")}


def counted(run):
    data = run.json()
    return {key: data[key] for key in ("total", "in_sync", "out_of_sync", "failed")}


def numbers(total, out_of_sync=0, failed=0):
    return {"total": total, "in_sync": total - out_of_sync - failed, "out_of_sync": out_of_sync, "failed": failed}


def comparable(work):
    """Host configs that have something to compare."""
    return [row[0] for row in work.rows("SELECT pk FROM host_config WHERE state <> 'failed' AND (state <> 'removed' OR hostid IS NOT NULL) ORDER BY pk")]


def refresh():
    with Sim(hosts=40, vms=5) as sim, Work(ZYNC, sim) as work:
        tap.equal(work.sync().code, 0, "first sync")
        due = comparable(work)
        sim.reset_stats()
        run = job(work, "host-config-sync-refresh")
        tap.equal((run.code, counted(run)), (0, numbers(0)), "what was just synced is fresh", run)
        tap.equal((sim.stats()["zabbix"]["requests"], sim.stats()["netbox"]["requests"]), (0, 0), "then no server is asked anything")

        (by_hand, hand_host), (gone, gone_host) = work.rows(
            "SELECT pk, host FROM host_config WHERE state = 'monitored' AND hostid IS NOT NULL ORDER BY pk DESC LIMIT 2")
        sim.mutate({"server": "zabbix", "do": "update", "host": hand_host, "set": {"name": "renamed by hand"}},
                   {"server": "zabbix", "do": "delete", "host": gone_host})
        change(work, "UPDATE host_config SET last_error = 'refused before' WHERE pk IN (?, ?)", by_hand, due[0])
        before, hosts, began = all_but_status(work), sim.control("GET", "dump/zabbix"), now_ms()
        sim.reset_stats()
        run = job(work, "host-config-sync-refresh", "--older-than", "0")
        tap.equal((run.code, counted(run)), (0, numbers(len(due), out_of_sync=2)), "a host changed by hand and one that is gone are found", run)
        tap.equal(run.json()["message"], f"Refresh complete: {len(due)} host configs checked, 2 out of sync, 0 failed.", "its message")
        tap.equal(event_of(work, run), [("job", "completed", run.json()["message"])], "one event, of the job")
        stats = sim.stats()
        tap.equal((stats["zabbix"]["write_calls"], stats["netbox"]["requests"], stats["netbox"]["write_calls"]), (0, 0, 0), "it writes nothing, and does not ask NetBox")
        tap.equal(stats["zabbix"]["calls"].get("host.get", 0), 2, "all are read at once, and the names of what is missing", stats["zabbix"]["calls"])
        tap.equal(sim.control("GET", "dump/zabbix"), hosts, "the hosts in Zabbix are as they were")
        status = status_of(work)
        tap.equal(sorted(pk for pk, (in_sync, _) in status.items() if pk in due and in_sync != 1), sorted([by_hand, gone]), "these two are not in sync, all others are")
        tap.equal((status[by_hand][1], status[due[0]][1]), ("refused before", None), "the error of the last sync stays where it differs, and goes where it does not")
        tap.equal(all_but_status(work), before, "nothing but the sync status was written")
        tap.equal(work.rows("SELECT count(*) FROM host_config WHERE last_sync_update >= ? AND pk IN (%s)" % ",".join(map(str, due)), began), [(len(due),)],
                  "each has the time of its check")
        plan = work.plan("--no-pull")
        tap.equal(sorted(op["host_config_id"] for op in plan.json()["operations"]), sorted([by_hand, gone]), "a plan says the same", plan)


def refresh_by_age():
    with Sim(hosts=30, vms=2) as sim, Work(ZYNC, sim, extra="service: {refresh_older_than: 2h}\n") as work:
        tap.equal(work.sync().code, 0, "first sync")
        due = comparable(work)
        old, never, nothing, underivable = due[1], due[3], due[5], due[7]
        change(work, "UPDATE host_config SET state = 'removed', hostid = NULL, last_sync_update = NULL WHERE pk = ?", nothing)
        change(work, "UPDATE host_config SET state = 'failed', reason = 'no template', last_sync_update = NULL WHERE pk = ?", underivable)
        change(work, "UPDATE host_config SET last_sync_update = last_sync_update - ? WHERE pk = ?", 90 * MINUTE, old)
        change(work, "UPDATE host_config SET last_sync_update = NULL, in_sync = NULL WHERE pk = ?", never)
        fresh = work.rows("SELECT * FROM host_config WHERE pk NOT IN (?, ?) ORDER BY pk", old, never)
        run = job(work, "host-config-sync-refresh")
        tap.equal((run.code, counted(run)), (0, numbers(1)), "service.refresh_older_than: 90 minutes are no two hours; never checked is due", run)
        tap.equal(status_of(work)[never], (1, None), "it has a status now")
        edit(work, "refresh_older_than: 2h", "refresh_older_than: 1h")
        sim.reset_stats()
        run = job(work, "host-config-sync-refresh")
        tap.equal((run.code, counted(run)), (0, numbers(1)), "but more than one hour", run)
        tap.equal(sim.stats()["zabbix"]["calls"].get("host.get", 0), 1, "one call for it")
        tap.equal(work.rows("SELECT * FROM host_config WHERE pk NOT IN (?, ?) ORDER BY pk", old, never), fresh, "those that are fresh were left alone")
        change(work, "UPDATE host_config SET last_sync_update = last_sync_update - ? WHERE pk IN (?, ?)", 30 * MINUTE, old, never)
        run = job(work, "host-config-sync-refresh", "--older-than", "40")
        tap.equal(counted(run), numbers(0), "--older-than overrules the configuration", run)
        run = job(work, "host-config-sync-refresh", "--older-than", "20")
        tap.equal(counted(run), numbers(2), "both ways", run)
        run = job(work, "host-config-sync-refresh", f"pk:{old}", f"pk:{never}", f"pk:{old}")
        tap.equal(counted(run), numbers(2), "named hosts are compared whatever their age, and once", run)
        run = job(work, "host-config-sync-refresh", f"pk:{old}", "--older-than", "20")
        tap.equal(counted(run), numbers(0), "unless an age is named, too", run)
        tap.equal(work.rows("SELECT last_sync_update FROM host_config WHERE pk IN (?, ?)", nothing, underivable), [(None,), (None,)],
                  "what has nothing to be compared was left out all the time")
        run = job(work, "host-config-sync-refresh", f"pk:{underivable}")
        tap.ok(run.code == 1 and "no template" in run.json()["failures"][0]["error"], "asked for by name, its reason is told", run)
        run = job(work, "host-config-sync-refresh", "no such host")
        tap.ok(run.code == 2 and "no such host" in run.err, "an unknown name is a mistake", run)


def refresh_failures():
    with Sim(hosts=20, vms=2) as sim, Work(ZYNC, sim) as work:
        tap.equal(work.sync().code, 0, "first sync")
        due = comparable(work)
        pk, host = work.rows("SELECT pk, host FROM host_config WHERE state = 'monitored' ORDER BY pk LIMIT 1")[0]
        sim.mutate({"server": "zabbix", "do": "update", "host": host, "set": {"macros": {"{$ZYNC.OWNER}": "other.example.com:device:99"}}})
        change(work, "UPDATE host_text SET desired = '{\"broken\":' WHERE id = (SELECT desired_id FROM host_state WHERE pk = ?)", due[-1])
        run = job(work, "host-config-sync-refresh", "--older-than", "0")
        tap.equal((run.code, counted(run)), (1, numbers(len(due), failed=2)), "hosts that cannot be compared do not stop it", run)
        failures = {f["host_config_id"]: f["error"] for f in run.json()["failures"]}
        tap.ok(sorted(failures) == sorted([pk, due[-1]]) and "other.example.com:device:99" in failures[pk], "each is named with its reason", failures)
        status = status_of(work)
        tap.equal((status[pk], status[due[-1]]), ((0, failures[pk]), (0, failures[due[-1]])), "the store has the reasons, too")
        tap.equal(sim.hosts()["other.example.com:device:99"][0]["host"], host, "the foreign host is as it was")
        run = job(work, "host-config-sync-refresh", f"pk:{pk}")
        tap.equal((run.code, counted(run)), (1, numbers(1, failed=1)), "what failed a moment ago can be repeated", run)

        edit(work, "- name: zabbix\n", "- name: main\n")
        sim.reset_stats()
        run = job(work, "host-config-sync-refresh", "--older-than", "0")
        tap.equal((run.code, counted(run)), (1, numbers(len(due), failed=len(due))), "host configs of a server that is not in the configuration fail", run)
        tap.equal(sim.stats()["zabbix"]["requests"], 0, "nobody is asked")
    with Sim(hosts=20, vms=2) as sim, Work(ZYNC, sim) as work:
        tap.equal(work.sync().code, 0, "first sync")
        before = work.domain()
        sim.fault({"server": "zabbix", "match": "host.get", "kind": "status", "status": 403})
        run = job(work, "host-config-sync-refresh", "--older-than", "0")
        tap.ok(run.code in (3, 4), "a server that refuses everything ends the job", run)
        tap.equal(work.domain(), before, "and nothing is recorded")


# ---- import-zabbix-settings --------------------------------------------------------------------------------------

def settings(work):
    return work.rows("SELECT server, kind, id, name, visible_name FROM zabbix_setting ORDER BY 1, 2, 3")


def in_zabbix(sim, version7=True, server="zabbix"):
    """What the server itself says, asked past Zync: rows as settings() gives them."""
    def ask(method, *fields):
        return sim.zabbix(method, {"output": list(fields)}, url=sim[server + "_url"], token=sim[server + "_token"])

    rows = [(server, "host_group", int(r["groupid"]), r["name"], None) for r in ask("hostgroup.get", "groupid", "name")]
    rows += [(server, "template", int(r["templateid"]), r["host"], r["name"]) for r in ask("template.get", "templateid", "host", "name")]
    rows += [(server, "proxy", int(r["proxyid"]), r["name"], None) for r in ask("proxy.get", "proxyid", "name")]
    if version7:
        rows += [(server, "proxy_group", int(r["proxy_groupid"]), r["name"], None) for r in ask("proxygroup.get", "proxy_groupid", "name")]
    return sorted(rows)


def differences(got, want):
    """Rows that only one of the two has: the lists are long."""
    return sorted(set(got) ^ set(want), key=str)


def of_kind(rows, kind):
    return sum(row[1] == kind for row in rows)


def reported(run, server=0):
    got = run.json()["servers"][server]
    return {key: got[key] for key in ("added", "changed", "vanished")}


def import_settings():
    with Sim() as sim, Work(ZYNC, sim, extra="sync: {max_vanished: 5 or 10%}\n") as work:
        run = job(work, "import-zabbix-settings")
        there = in_zabbix(sim)
        tap.equal((run.code, differences(settings(work), there)), (0, []), "everything that the server has is stored", run)
        tap.ok(all(of_kind(there, kind) > 0 for kind in ("host_group", "template", "proxy", "proxy_group")), "of every kind", there)
        tap.equal(run.json()["servers"], [{"name": "zabbix", "templates": of_kind(there, "template"), "host_groups": of_kind(there, "host_group"),
                                           "proxies": of_kind(there, "proxy"), "proxy_groups": of_kind(there, "proxy_group"), "added": len(there),
                                           "changed": 0, "vanished": 0, "not_readable": []}], "and counted")
        tap.equal(run.json()["total"], len(there), "the total")
        tap.equal(event_of(work, run), [("job", "completed", f"Import complete: {len(there)} entries of 1 Zabbix server, {len(there)} added, 0 changed, 0 vanished.")], "its event")
        tap.equal(sim.write_calls(), 0, "nothing is written to Zabbix")
        run = job(work, "import-zabbix-settings")
        tap.equal((run.code, reported(run), run.json()["message"]), (0, {"added": 0, "changed": 0, "vanished": 0},
                  f"Import complete: {len(there)} entries of 1 Zabbix server, nothing changed."), "a second import says that nothing changed", run)

        made = [int(i) for i in sim.zabbix("hostgroup.create", [{"name": f"Import {n}"} for n in range(30)])["groupids"]]
        run = job(work, "import-zabbix-settings")
        tap.equal((run.code, reported(run)), (0, {"added": 30, "changed": 0, "vanished": 0}), "new groups are added", run)
        sim.zabbix("hostgroup.update", [{"groupid": str(made[0]), "name": "Import, renamed"}])
        sim.zabbix("hostgroup.delete", [str(i) for i in made[1:4]])
        run = job(work, "import-zabbix-settings")
        tap.equal((run.code, reported(run)), (0, {"added": 0, "changed": 1, "vanished": 3}), "one renamed, three gone: within the limit", run)
        tap.equal(differences(settings(work), in_zabbix(sim)), [], "the store follows")
        log = work.zync("job", "log", run.json()["job_id"])
        tap.ok('host group "Import 1"' in log.out, "the log names what is gone", log)

        sim.zabbix("hostgroup.delete", [str(i) for i in made[4:10]])
        before = work.rows("SELECT * FROM zabbix_setting ORDER BY 1, 2, 3")
        run = job(work, "import-zabbix-settings")
        tap.ok(run.code == 6 and "max_vanished allows 5" in run.err and "--force" in run.err, "six gone at once stop it", run)
        tap.equal(differences(work.rows("SELECT * FROM zabbix_setting"), before), [], "and nothing is stored")
        tap.equal(work.rows("SELECT status FROM job ORDER BY created DESC, rowid DESC LIMIT 1"), [("failed",)], "the job failed by decision")
        run = job(work, "import-zabbix-settings", "--force")
        tap.equal((run.code, reported(run), differences(settings(work), in_zabbix(sim))), (0, {"added": 0, "changed": 0, "vanished": 6}, []), "--force goes on", run)
        tap.equal(work.leaks(), [], "no secret anywhere")


def import_hidden_proxies():
    with Sim() as sim, Work(ZYNC, sim) as work:
        tap.equal(job(work, "import-zabbix-settings").code, 0, "first import")
        before = work.rows("SELECT * FROM zabbix_setting WHERE kind = 'proxy' ORDER BY id")
        sim.fault({"server": "zabbix", "match": "proxy.get", "kind": "jsonrpc_error", "code": -32500, "message": "Application error.",
                   "data": 'No permissions to call "proxy.get".'})
        sim.zabbix("hostgroup.create", [{"name": "Another"}])
        run = job(work, "import-zabbix-settings")
        tap.equal((run.code, run.json()["servers"][0]["not_readable"], reported(run)), (0, ["proxies"], {"added": 1, "changed": 0, "vanished": 0}),
                  "proxies that may not be read are named and do not vanish", run)
        tap.ok('No permissions to call "proxy.get"' in run.err, "with Zabbix's words", run)
        tap.equal(work.rows("SELECT * FROM zabbix_setting WHERE kind = 'proxy' ORDER BY id"), before, "what was known of them stays as it was")
        tap.equal(run.json()["servers"][0]["proxies"], len(before), "and counts")


def import_two_servers():
    with Sim("--zabbix-version", "6.0.14") as sim, Work(ZYNC, sim) as work:
        run = job(work, "import-zabbix-settings")
        tap.equal((run.code, run.json()["servers"][0]["proxy_groups"]), (0, 0), "Zabbix 6.0 has no proxy groups", run)
        tap.ok(run.json()["servers"][0]["proxies"] > 0 and of_kind(settings(work), "proxy") > 0, "but proxies, which have another field for the name there", run)
    with Sim("--zabbix-servers", "2") as sim, Work(ZYNC, sim, servers=2) as work:
        run = job(work, "import-zabbix-settings")
        tap.equal((run.code, differences(settings(work), in_zabbix(sim) + in_zabbix(sim, server="zabbix2"))), (0, []), "two servers", run)
        before = settings(work)
        sim.zabbix("hostgroup.create", [{"name": "On the first"}])
        sim.fault({"server": "zabbix2", "match": "template.get", "kind": "status", "status": 500})
        run = job(work, "import-zabbix-settings")
        tap.ok(run.code in (3, 4), "one of them fails", run)
        tap.equal(differences(settings(work), before), [], "then nothing is stored of the other either")
        sim.clear()
        for what, trigger in (("the second server cannot be stored", "BEFORE UPDATE ON zabbix_setting WHEN NEW.server = 'zabbix2'"),
                              ("the job cannot be ended", "BEFORE UPDATE ON job WHEN NEW.status = 'completed'")):
            change(work, f"CREATE TRIGGER broken {trigger} BEGIN SELECT RAISE(ABORT, 'no more room'); END")
            run = job(work, "import-zabbix-settings")
            tap.ok(run.code == 4 and "no more room" in run.err, f"{what}: the job errored", run)
            tap.equal(differences(settings(work), before), [], "and nothing of it is stored")
            change(work, "DROP TRIGGER broken")
        run = job(work, "import-zabbix-settings")
        tap.equal((run.code, reported(run), reported(run, 1)), (0, {"added": 1, "changed": 0, "vanished": 0}, {"added": 0, "changed": 0, "vanished": 0}),
                  "the next one brings it", run)


# ---- clean-up ----------------------------------------------------------------------------------------------------

def count(work, table, where="1 = 1", *params):
    return work.rows(f"SELECT count(*) FROM {table} WHERE {where}", *params)[0][0]


def deleted(run):
    return {key: run.json()[key] for key in ("events", "changes", "jobs", "log_lines")}


def clean_up_by_age():
    with Sim(hosts=20, vms=2) as sim, Work(ZYNC, sim, extra="retention: {age: 30d}\n") as work:
        ids = [work.sync().json()["job_id"] for _ in range(3)]
        pulls = [work.zync("pull", "--json").json()["job_id"] for _ in range(2)]
        old = now_ms() - 31 * DAY
        for job_id in (ids[0], pulls[0], ids[1]):
            change(work, "INSERT INTO job_log (job_id, time, level, message) VALUES (?, ?, 'info', 'a line')", job_id, now_ms())
        lines = count(work, "job_log", "job_id IN (?, ?)", ids[0], pulls[0])
        domain = work.domain()
        events, changes = count(work, "event", "job_id IN (?, ?, ?)", ids[0], *pulls), count(work, "change", "job_id = ?", ids[0])
        tap.ok(changes > 0 and lines > 0, "the first sync left changes and log lines")
        for table, column in (("event", "time"), ("change", "time"), ("job", "created"), ("job", "started"), ("job", "completed"), ("job_log", "time")):
            change(work, f"UPDATE {table} SET {column} = ? WHERE job_id IN (?, ?)", old - 1000, ids[0], pulls[0])
            change(work, f"UPDATE {table} SET {column} = ? WHERE job_id = ?", old, pulls[1])
        edit(work, "age: 30d", "age: 32d")
        run = job(work, "clean-up")
        tap.equal((run.code, deleted(run)), (0, {"events": 0, "changes": 0, "jobs": 0, "log_lines": 0}), "retention.age: 31 days are younger than 32", run)
        edit(work, "age: 32d", "age: 30d")
        run = job(work, "clean-up")
        tap.equal((run.code, deleted(run)), (0, {"events": events, "changes": changes, "jobs": 2, "log_lines": lines}), "what is older than 30 days goes", run)
        tap.equal(sorted(row[0] for row in work.rows("SELECT job_id FROM job WHERE name IN ('pull', 'sync-hosts-now')")), sorted(ids[1:] + pulls[1:]),
                  "but the last job of each kind stays, however old")
        tap.equal((count(work, "event", "job_id = ? AND kind = 'job'", ids[1]), count(work, "job_log", "job_id = ?", ids[1]) > 0), (1, True), "what is younger stays")
        tap.equal({k: v for k, v in work.domain().items() if k != "change"}, {k: v for k, v in domain.items() if k != "change"}, "no host config is touched")
        tap.equal(event_of(work, run)[0][2], run.json()["message"], "its event says how many")
        run = job(work, "clean-up")
        tap.equal(deleted(run), {"events": 0, "changes": 0, "jobs": 0, "log_lines": 0}, "a second one finds nothing", run)


def clean_up_by_count():
    with Sim(hosts=20, vms=2) as sim, Work(ZYNC, sim, extra="retention: {age: 0, max_events: 5, max_jobs: 3}\n") as work:
        for _ in range(4):
            tap.equal(work.sync().code, 0, "a sync")
        change(work, "UPDATE event SET time = time - ?", 400 * DAY)
        newest = [row[0] for row in work.rows("SELECT id FROM event ORDER BY id DESC LIMIT 5")]
        newest_changes = [row[0] for row in work.rows("SELECT id FROM change ORDER BY id DESC LIMIT 5")]
        jobs = [row[0] for row in work.rows("SELECT job_id FROM job ORDER BY created DESC, rowid DESC LIMIT 3")]
        before = (count(work, "event"), count(work, "change"), count(work, "job"))
        tap.ok(before[0] > 5 and before[1] > 5 and before[2] == 4, "enough of everything", before)
        run = job(work, "clean-up")
        tap.equal((run.code, run.json()["events"], run.json()["changes"], run.json()["jobs"]), (0, before[0] - 5, before[1] - 5, 1), "what is more than the counts goes", run)
        own = work.rows("SELECT id FROM event WHERE job_id = ?", run.json()["job_id"])[0][0]
        tap.equal([row[0] for row in work.rows("SELECT id FROM event WHERE id <> ? ORDER BY id DESC", own)], newest, "the newest events stay, whatever their age")
        tap.equal([row[0] for row in work.rows("SELECT id FROM change ORDER BY id DESC")], newest_changes, "and the newest changes")
        tap.equal(sorted(row[0] for row in work.rows("SELECT job_id FROM job WHERE name = 'sync-hosts-now'")), sorted(jobs), "and the newest jobs")
        tap.equal(count(work, "job_log", "job_id NOT IN (SELECT job_id FROM job)"), 0, "no log without its job")
        edit(work, "max_events: 5, max_jobs: 3", "max_events: 0, max_jobs: 0")
        change(work, "UPDATE job SET created = 1, started = 1, completed = 1")
        run = job(work, "clean-up")
        tap.equal(deleted(run), {"events": 0, "changes": 0, "jobs": 0, "log_lines": 0}, "without limits everything is kept for ever", run)


def refusals():
    with Sim() as sim, Work(ZYNC, sim) as work:
        for name, option in (("clean-up", "--force"), ("host-config-sync-refresh", "--strict"), ("import-zabbix-settings", "--older-than=5")):
            run = work.zync("job", "run", name, option, "--now")
            tap.ok(run.code == 2 and name in run.err, f"{name} does not take {option}", run)
        listed = {row["name"]: row["takes"] for row in json.loads(work.zync("job", "types", "--json").out)["jobs"]}
        tap.equal([listed.get(name) for name in ("host-config-sync-refresh", "import-zabbix-settings", "clean-up")], [["hosts", "older_than"], ["force"], []],
                  "job types tells what they take")


for scene in (refresh, refresh_by_age, refresh_failures, import_settings, import_hidden_proxies, import_two_servers, clean_up_by_age, clean_up_by_count, refusals):
    tap.note(scene.__name__)
    scene()
raise SystemExit(tap.done())
