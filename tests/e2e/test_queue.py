#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Jobs by command: queueing, schedule, single instance, cancelling, repeating, every kind at once, the audit trail by filter, and what is refused. No service runs here."""
import datetime
import json
import signal
import sqlite3
import sys
import time

from e2elib import GOOD_MAPPING, Sim, Tap, Work, arguments

ZYNC = arguments().zync
tap = Tap()
UTC = datetime.timezone.utc
ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"
KINDS = ["sync-hosts-now", "pull", "create-zabbix-host", "update-zabbix-host", "delete-zabbix-host", "adopt-zabbix-host", "host-config-sync-refresh",
         "import-zabbix-settings", "clean-up", "delete-unused-host-groups"]


def ms(iso):
    return datetime.datetime.fromisoformat(iso.replace("Z", "+00:00")).timestamp() * 1000


def show(work, job):
    return work.zync("job", "show", job, "--json").json()


def refs(work):
    """The monitored host configs: (name of the object, technical name)."""
    return work.rows("SELECT object_type || ':' || object_id, host FROM host_config WHERE state = 'monitored' ORDER BY pk")


def calls(sim):
    stats = sim.stats()
    return stats["netbox"]["requests"] + sum(stats["zabbix"]["calls"].values())


def queue():
    with Sim() as sim, Work(ZYNC, sim) as work:
        sim.reset_stats()
        run = work.zync("sync", "--queue", "--strict", "--json", "--user", "eve", "--request-id", "r-1")
        first = run.json()
        tap.ok(run.code == 0 and (first["name"], first["status"], first["existing"]) == ("sync-hosts-now", "pending", False), "sync --queue queues it", run)
        job = show(work, first["job_id"])
        tap.equal((job["status"], job["user"], job["request_id"], job["params"], job["started"], job["duration_ms"], job["every"]),
                  ("pending", "eve", "r-1", {"strict": True}, None, None, None), "with who, why and what; nothing has begun", job)
        for args in (["sync", "--queue"], ["job", "run", "sync-hosts-now"]):
            run = work.zync(*args, "--json")
            tap.ok(run.code == 0 and run.json()["existing"] is True and run.json()["job_id"] == first["job_id"], f"zync {' '.join(args)} is answered with the first", run)
        run = work.zync("sync", "--queue")
        tap.ok(run.code == 0 and f"is queued already as job {first['job_id']}" in run.out, "and says so", run)
        run = work.zync("sync", "--queue", "device:1", "--json")
        tap.ok(run.json()["existing"] is False and show(work, run.json()["job_id"])["params"]["hosts"] == ["device:1"], "the same for one host is another job", run)
        run = work.zync("job", "run", "pull")
        tap.ok(run.code == 0 and "pull is queued as job" in run.out and "as soon as" in run.out, "job run pull", run)
        children = [work.start("job", "run", "clean-up", "--json") for _ in range(8)]
        runs = [work.finish(child, ["job", "run", "clean-up"], time.monotonic()) for child in children]
        tap.equal((sum(not r.json()["existing"] for r in runs), len({r.json()["job_id"] for r in runs})), (1, 1), "eight at once queue one job", *runs)
        listed = work.zync("job", "list", "--status", "pending", "--json").json()["jobs"]
        tap.equal(sorted(j["name"] for j in listed), ["clean-up", "pull", "sync-hosts-now", "sync-hosts-now"], "job list --status pending", listed)
        run = work.zync("job", "list")
        tap.ok(run.code == 0 and "PROGRESS/WHEN" in run.out and run.out.count("waiting for its turn") == 4, "job list says that they wait", run)
        run = work.sync()
        tap.ok(run.code == 0 and run.json()["job_id"] != first["job_id"], "a sync at once is not bound by the queue", run)
        tap.equal(show(work, first["job_id"])["status"], "pending", "and leaves the queued one alone")
        tap.equal(work.leaks(), [], "queue: no secret in what was printed or stored")


def schedule():
    with Sim() as sim, Work(ZYNC, sim) as work:
        now = time.time() * 1000
        run = work.zync("job", "run", "sync-hosts-now", "--at", "+2h", "--every", "90", "--timeout", "30", "--json")
        first = run.json()
        tap.ok(run.code == 0 and first["status"] == "scheduled" and first["every"] == 90 and abs(ms(first["run_at"]) - now - 7200000) < 30000, "--at +2h --every 90", run)
        job = show(work, first["job_id"])
        tap.equal((job["run_at"], job["every"], job["timeout_ms"]), (first["run_at"], 90, 1800000), "job show has time, interval and time-out")
        run = work.zync("job", "run", "sync-hosts-now", "--at", "2030-01-01T00:00:00Z", "--every", "60", "--no-pull", "--json")
        job = show(work, first["job_id"])
        tap.ok(run.json()["job_id"] == first["job_id"] and run.json()["existing"] is True and job["every"] == 60 and job["run_at"].startswith("2030-01-01T00:00:00") and
               job["params"] == {"no_pull": True}, "a second recurring order takes over time, interval and parameters", run, job)
        run = work.zync("job", "run", "pull", "--at", "02:00", "--json", env={"TZ": ZONE})
        local = datetime.datetime.fromtimestamp(ms(run.json()["run_at"]) / 1000, UTC)
        tap.ok(run.code == 0 and (local.hour, local.minute) in ((1, 0), (0, 0)) and 0 < ms(run.json()["run_at"]) - now <= 90000000, "--at 02:00 is the next one in local time", run)
        run = work.zync("job", "run", "clean-up", "--at", "2030-07-01 12:00", env={"TZ": ZONE})
        tap.ok(run.code == 0 and "at 2030-07-01 12:00:00 (in " in run.out, "--at in local time, and it is said so", run)
        run = work.zync("job", "list", "--status", "scheduled", env={"TZ": ZONE})
        tap.ok("2030-01-01 01:00:00, every 60 min" in run.out and "2030-07-01 12:00:00" in run.out, "job list says when and how often", run)
        run = work.zync("job", "show", first["job_id"], env={"TZ": ZONE})
        tap.ok(all(words in run.out for words in ("2030-01-01 01:00:00", "60 min", '{"no_pull":true}')), "so does job show", run)
        run = work.zync("job", "run", "import-zabbix-settings", "--every", "5", "--json")
        tap.ok(run.json()["status"] == "pending" and run.json()["every"] == 5, "--every alone begins at once", run)
        tap.equal(calls(sim), 0, "no server was asked for any of that")


def cancel():
    with Sim() as sim, Work(ZYNC, sim) as work:
        job = work.zync("sync", "--queue", "--json").json()["job_id"]
        run = work.zync("job", "cancel", job[:8], "--user", "eve", "--request-id", "r-9", "--json")
        tap.ok(run.code == 0 and run.json()["job_id"] == job and run.json()["status"] == "failed", "a pending job fails at once", run)
        shown = show(work, job)
        tap.ok(shown["status"] == "failed" and "cancelled by eve" in shown["error"] and shown["completed"], "with the reason", shown)
        events = work.zync("event", "list", "--job", job, "--json").json()["events"]
        tap.ok(len(events) == 1 and (events[0]["state"], events[0]["user"], events[0]["request_id"]) == ("failed", "eve", "r-9"), "and one event", events)
        run = work.zync("job", "cancel", job)
        tap.ok(run.code == 2 and "zync: " in run.err, "one that has ended cannot be cancelled", run)
        job = work.zync("job", "run", "pull", "--at", "+1h", "--every", "60", "--json").json()["job_id"]
        run = work.zync("job", "cancel", job)
        tap.ok(run.code == 0 and run.out.strip(), "a scheduled job, too", run)
        tap.equal(work.rows("SELECT count(*) FROM job WHERE status IN ('pending', 'scheduled')"), [(0,)], "a recurring one does not come again")
        tap.equal(work.zync("job", "cancel", "zzzz").code, 2, "exit 2: a job that there is not")
        tap.equal(work.zync("sync", "--queue", "--json").json()["existing"], False, "and the way is free for the next")


def wait_for(work, sql, child, *params):
    end = time.monotonic() + 30
    while time.monotonic() < end and child.poll() is None:
        try:
            rows = work.rows(sql, *params)
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):  # they are being made
                raise
            rows = []
        if rows:
            return rows[0]
        time.sleep(0.02)
    return None


def cancel_running():
    with Sim("--latency-ms", "150", hosts=60, vms=0) as sim, Work(ZYNC, sim, zabbix="write_batch: 2") as work:
        before = work.domain()
        child, started = work.start("sync", "--json"), time.monotonic()
        row = wait_for(work, "SELECT job_id FROM job WHERE status = 'running' AND phase = 'apply' AND progress_current > 4 AND progress_rate_milli > 0", child)
        tap.ok(row is not None, "a sync is writing")
        if row is None:
            work.finish(child, ["sync"], started)
            return
        follower, follow_started = work.start("job", "show", row[0], "--follow", "--json"), time.monotonic()
        job = show(work, row[0])
        progress = job["progress"]
        tap.ok(job["pid"] == child.pid and progress["phase"] == "apply" and 0 < progress["current"] <= progress["total"] and progress["rate"] > 0 and progress["left_ms"] > 0,
               "another process reads how far it is", job)
        run = work.zync("job", "list")
        tap.ok("apply " in run.out and " %" in run.out and "/s" in run.out, "job list shows it", run)
        run = work.zync("job", "cancel", row[0], "--user", "eve")
        tap.equal(run.code, 0, "job cancel of the running one", run)
        run = work.finish(child, ["sync"], started)
        tap.ok(run.code == 4 and "cancelled by eve" in run.err, "the run stops and says who stopped it", run)
        job = show(work, row[0])
        tap.ok(job["status"] == "failed" and "cancelled by eve" in job["error"] and "progress" not in job, "the job is failed", job)
        tap.equal(work.domain(), before, f"the store is as before ({len(sim.hosts())} hosts had been written)")
        followed = work.finish(follower, ["job", "show", "--follow"], follow_started)
        tap.ok(followed.code == 4 and followed.json()["status"] == "failed", "job show --follow ended with it", followed)


def retry():
    with Sim(hosts=30, vms=0) as sim, Work(ZYNC, sim) as work:
        run = work.sync()
        tap.equal(run.code, 0, "retry: the first sync is good", run)
        good = run.json()["job_id"]
        hosts = refs(work)
        bad = [hosts[3], hosts[7]]
        for _, host in hosts:
            sim.mutate({"server": "zabbix", "do": "update", "host": host, "set": {"tags": []}})
        for _, host in bad:
            sim.fault({"kind": "refuse_host", "match": "host.update", "host": host, "text": "Refused by test."})
        run = work.sync()
        job = run.json()["job_id"]
        tap.equal((run.code, run.json()["failed"]), (1, 2), "two hosts fail", run)
        sim.clear()
        for _, host in hosts:
            sim.mutate({"server": "zabbix", "do": "update", "host": host, "set": {"tags": []}})
        run = work.zync("job", "retry", job, "--failed-only", "--json", "--user", "mallory")
        queued = run.json()
        shown = show(work, queued["job_id"])
        tap.ok(run.code == 0 and queued["status"] == "pending" and shown["retry_of"] == job and len(shown["params"]["hosts"]) == 2 and shown["user"] == "mallory",
               "retry --failed-only queues a job for these two", run, shown)
        run = work.zync("job", "retry", queued["job_id"])
        tap.ok(run.code == 2, "one that has not ended cannot be repeated", run)
        tap.equal(work.zync("job", "cancel", queued["job_id"]).code, 0, "it is cancelled again")
        run = work.zync("job", "retry", job[:10], "--failed-only", "--now", "--json")
        tap.ok(run.code == 0 and (run.json()["total"], run.json()["changed"], run.json()["failed"]) == (2, 2, 0), "retry --failed-only --now repairs the two", run)
        tagged = {h["host"] for found in sim.hosts().values() for h in found if h["tags"]}
        tap.equal(tagged, {host for _, host in bad}, "and touches no other host")
        run = work.zync("job", "retry", run.json()["job_id"], "--failed-only")
        tap.ok(run.code == 2 and run.err.startswith("zync: "), "exit 2: no host failed in it", run)
        run = work.zync("job", "retry", good, "--now")
        tap.ok(run.code == 0 and "Sync complete: " in run.out, "retry --now of a whole sync repairs the rest", run)
        tap.equal(work.plan().code, 0, "and the plan is empty")
        run = work.zync("job", "retry", good)
        tap.ok(run.code == 0 and "sync-hosts-now is queued as job" in run.out, "retry queues it", run)
        tap.equal(work.zync("job", "retry", "zzzz").code, 2, "exit 2: a job that there is not")


def now_of_every_kind():
    with Sim() as sim, Work(ZYNC, sim) as work:
        run = work.zync("job", "types", "--json")
        types = {t["name"]: t for t in run.json()["jobs"]}
        tap.equal(sorted(types), sorted(KINDS), "job types names every kind")
        text = work.zync("job", "types")
        tap.ok(text.code == 0 and all(name in text.out for name in KINDS) and "--older-than" in text.out, "also as text", text)
        run = work.zync("job", "run", "pull", "--now")
        tap.ok(run.code == 0 and " new, " in run.out, "pull", run)
        hosts = refs(work)
        (ref, _), (other, taken) = hosts[-1], hosts[-2]
        for name, args, want in (("create-zabbix-host", [ref], "create"), ("update-zabbix-host", [ref, "--no-pull"], "none"), ("delete-zabbix-host", [ref], "delete"),
                                 ("delete-zabbix-host", [ref, "--hard", "--yes"], "delete")):
            run = work.zync("job", "run", name, *args, "--now", "--json")
            tap.ok(run.code == 0 and run.json()["action"] == want, f"{name} {' '.join(args[1:])}", run)
        tap.equal(len(sim.hosts()), 0, "the host is gone for good")
        sim.mutate({"server": "zabbix", "do": "create", "host": taken, "name": "somebody's own"})
        run = work.zync("job", "run", "adopt-zabbix-host", other, "--now")
        tap.ok(run.code == 0 and "Linked" in run.out, "adopt-zabbix-host", run)
        run = work.zync("job", "run", "sync-hosts-now", "--now", "--force", "--user", "eve")
        tap.ok(run.code == 0 and "Sync complete: " in run.out and "calls to Zabbix" in run.out, "sync-hosts-now prints what `zync sync` prints", run)
        run = work.zync("job", "run", "sync-hosts-now", other, "--now", "--json")
        tap.ok(run.code == 0 and run.json()["total"] == 1, "sync-hosts-now of one host", run)
        sim.mutate({"server": "zabbix", "do": "update", "host": taken, "set": {"tags": []}})
        run = work.zync("job", "run", "host-config-sync-refresh", "--older-than", "0", "--now", "--json")
        tap.ok(run.code == 0 and (run.json()["total"], run.json()["out_of_sync"]) == (len(hosts), 1), "host-config-sync-refresh", run)
        for name in ("import-zabbix-settings", "clean-up", "delete-unused-host-groups"):
            run = work.zync("job", "run", name, "--now")
            tap.ok(run.code == 0 and run.out.strip() and "job " in run.out, name, run)
        sim.fault({"kind": "refuse_host", "match": "host.update", "host": taken, "text": "Refused by test."})
        run = work.zync("job", "run", "update-zabbix-host", other, "--now")
        tap.ok(run.code == 1 and "Refused by test." in run.err, "exit 1: the job completed, its host did not", run)
        run = work.zync("job", "run", "sync-hosts-now", "--now", "--json")
        tap.ok(run.code == 1 and run.json()["failed"] == 1, "exit 1 of a sync", run)
        sim.clear()
        sim.fault({"server": "zabbix", "kind": "reset_before"})
        run = work.zync("job", "run", "sync-hosts-now", "--now", "--json")
        tap.ok(run.code == 3 and run.json()["status"] == "errored", "exit 3: Zabbix is gone", run)
        sim.clear()
        tap.equal({n for (n,) in work.rows("SELECT DISTINCT name FROM job")}, set(KINDS), "each is a job of its name")
        tap.equal(work.rows("SELECT count(*) FROM job WHERE status NOT IN ('completed', 'errored')"), [(0,)], "and none is left in the queue")
        tap.equal(work.leaks(), [], "every kind: no secret in what was printed or stored")


def strict():
    with Sim(hosts=40, vms=0) as sim, Work(ZYNC, sim, zabbix="write_batch: 5") as work:
        tap.equal(work.sync().code, 0, "strict: the first sync is good")
        hosts = refs(work)
        for _, host in hosts:
            sim.mutate({"server": "zabbix", "do": "update", "host": host, "set": {"tags": []}})
        before, domain = sim.hosts(), work.domain()
        sim.fault({"kind": "refuse_host", "match": "host.update", "host": hosts[-1][1], "text": "Refused by test."})
        run = work.zync("sync", "--strict")
        tap.ok(run.code == 4 and "Refused by test." in run.err and "put back in Zabbix: " in run.err, "the first bad host fails the job; it says what it put back", run)
        tap.equal({m: [h["tags"] for h in found] for m, found in sim.hosts().items()}, {m: [h["tags"] for h in found] for m, found in before.items()}, "Zabbix is as before")
        tap.equal(work.domain(), domain, "so is the store")
        # The bad host comes first here; those before it in the same call cannot be put back, because nobody may write them any more.
        for _, host in hosts[:-1]:
            sim.fault({"kind": "refuse_host", "match": "host.update", "host": host, "text": "Locked by test.", "after": 1})
        run = work.sync("--strict")
        put_back = run.json()["put_back"]
        left = [f["name"] for f in put_back["failed"]]
        tap.ok(run.code == 4 and left and all(f["error"] and f["host_config_id"] for f in put_back["failed"]), "hosts that cannot be put back are in the result", run)
        tap.ok(f"{len(left)} could not be put back" in run.err and all(f"! {name} (pk=" in run.err for name in left), "and are named one by one", run)
        shown = show(work, run.json()["job_id"])
        tap.equal((shown["status"], shown["data"]["put_back"]["failed"]), ("failed", put_back["failed"]), "and kept with the job")


def first_signal():
    with Sim("--latency-ms", "150", hosts=60, vms=0) as sim, Work(ZYNC, sim, zabbix="write_batch: 2") as work:
        for args, said in (([], True), (["-q"], False)):
            sim.reset_stats()
            child, started = work.start("sync", *args), time.monotonic()
            while child.poll() is None and time.monotonic() < started + 30 and sim.stats()["zabbix"]["calls"].get("host.create", 0) < 2:
                time.sleep(0.02)
            child.send_signal(signal.SIGINT)
            run = work.finish(child, ["sync", *args], started)
            tap.ok(run.code == 4 and ("stopping after the call that is under way" in run.err) == said, f"the first Ctrl-C is answered{'' if said else ', but not with -q'}", run)


def events():
    with Sim() as sim, Work(ZYNC, sim) as work:
        jobs = [work.sync().json()["job_id"]]
        ref, host = refs(work)[0]
        name = work.rows("SELECT name FROM host_config WHERE host = ?", host)[0][0]
        sim.fault({"kind": "refuse_host", "match": "host.update", "host": host, "text": "Refused by test."})
        sim.mutate({"server": "zabbix", "do": "update", "host": host, "set": {"tags": []}})
        jobs.append(work.sync().json()["job_id"])
        sim.clear()
        job = work.zync("job", "run", "pull", "--json").json()["job_id"]
        work.zync("job", "cancel", job)
        jobs.append(job)

        def listed(*args):
            run = work.zync("event", "list", "--limit", "1000", "--json", *args)
            return run.json()["events"] if run.code == 0 else run

        everything = listed()
        tap.ok(len(everything) > 10 and [e["event_id"] for e in everything] == sorted((e["event_id"] for e in everything), reverse=True), "newest first")
        for number, job in enumerate(jobs):
            found = listed("--job", job[:8])
            tap.ok(found and found == [e for e in everything if e["job_id"] == job], f"--job, number {number + 1}", found)
        pk = work.rows("SELECT pk FROM host_config WHERE host = ?", host)[0][0]
        for word in (name, f"pk:{pk}"):
            found = listed("--host", word)
            tap.ok(len(found) >= 2 and {e["host_config_id"] for e in found} >= {pk} and all(e["kind"] == "host" and e["name"] == name for e in found), f"--host {word}", found)
        found = listed("--host", f"pk:{pk}", "--state", "failed", "--job", jobs[1])
        tap.ok(len(found) == 1 and "Refused by test." in json.dumps(found), "--host with --state and --job", found)
        for state in ("completed", "errored", "failed"):
            tap.equal(listed("--state", state), [e for e in everything if e["state"] == state], f"--state {state}")
        moment = sorted({e["time"] for e in everything})[len({e["time"] for e in everything}) // 2]
        tap.equal(listed("--since", moment), [e for e in everything if ms(e["time"]) >= ms(moment)], "--since: from that time on")
        tap.equal(listed("--until", moment), [e for e in everything if ms(e["time"]) < ms(moment)], "--until: before that time")
        tap.equal(listed("--since", moment, "--until", moment.replace("Z", "") + "Z", "--state", "failed").code, 2, "--since that is not before --until is refused")
        tap.equal((listed("--since", "-2h"), listed("--until", "-2h"), listed("--since", "+2h")), (everything, [], []), "ages")
        run = work.zync("event", "list", "--since", "-1h", "--state", "failed")
        tap.ok(run.code == 0 and "Refused by test." in run.out, "also as text", run)


def refused():
    with Sim() as sim, Work(ZYNC, sim) as work:
        work.zync("job", "list")  # the store is made
        for args, words in (
                (["job", "run"], "NAME"), (["job", "run", "snyc-hosts-now"], "did you mean \"sync-hosts-now\"?"), (["job", "run", "xyzzy"], "zync job types"),
                (["job", "run", "pull", "sw1"], "the job pull takes no hosts (it is for: sync-hosts-now, "), (["job", "run", "pull", "--strict"], "it is for: sync-hosts-now"),
                (["job", "run", "sync-hosts-now", "--hard"], "it is for: delete-zabbix-host"), (["job", "run", "clean-up", "--no-pull"], "--no-pull (it is for: "),
                (["job", "run", "clean-up", "--force"], "--force"), (["job", "run", "pull", "--older-than", "5"], "it is for: host-config-sync-refresh"),
                (["job", "run", "update-zabbix-host"], "exactly one host"), (["job", "run", "update-zabbix-host", "a", "b", "--now"], "exactly one host"),
                (["job", "run", "pull", "--every", "0"], "--every needs a whole number of minutes"), (["job", "run", "pull", "--every", "1h"], "--every"),
                (["job", "run", "pull", "--timeout", "-1"], "--timeout"), (["job", "run", "pull", "--timeout", "99999999"], "--timeout"),
                (["job", "run", "host-config-sync-refresh", "--older-than", "x"], "--older-than"), (["job", "run", "pull", "--at", "tomorrow"], "\"tomorrow\" is no time; use "),
                (["job", "run", "pull", "--at", "2020-01-01T00:00Z"], "is past"), (["job", "run", "pull", "--at", "-2h"], "is past"), (["job", "run", "pull", "--at", "25:00"], "no time"),
                (["job", "run", "pull", "--at", "2300-01-01"], "ten years"), (["job", "run", "pull", "--now", "--at", "+1h"], "excludes --at"),
                (["job", "run", "pull", "--now", "--every", "5"], "excludes --at"), (["job", "run", "delete-zabbix-host", "device:1", "--hard"], "--yes"),
                (["job", "run", "delete-zabbix-host", "device:1", "--hard", "--now"], "--yes"), (["sync", "--queue", "--dry-run"], "exclude each other"),
                (["job", "cancel"], "JOB"), (["job", "cancel", "zzzz"], "zync job list"), (["job", "retry", "zzzz", "--now"], "zync job list"), (["job", "show", "zzzz", "--follow"], "zync job list"),
                (["job", "list", "--status", "odd"], "odd"), (["job", "types", "x"], "does not take"),
                (["event", "list", "--since", "yesterday"], "or -90m, -2h, -7d"), (["event", "list", "--until", "1h"], "no time"), (["event", "list", "--since", "02:00", "--until", "-400d"], "not before")):
            run = work.zync(*args)
            tap.ok(run.code == 2 and words in run.err and run.out == "" and run.err.startswith("zync: "), f"exit 2: zync {' '.join(args)}", run)
        run = work.zync("job", "run", "update-zabbix-host", "no-such-host", "--now")
        tap.equal(run.code, 2, "exit 2: a host that there is not", run)
        tap.equal(work.rows("SELECT count(*) FROM job WHERE name != 'update-zabbix-host'"), [(0,)], "nothing of that was queued or run")
        tap.equal(sim.write_calls(), 0, "and nothing written")


for test in (queue, schedule, cancel, cancel_running, retry, now_of_every_kind, strict, first_signal, events, refused):
    test()
sys.exit(tap.done())
