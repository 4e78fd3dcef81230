#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The daemon: queued and recurring jobs, reload, stop, kill, several daemons, and a story of some minutes whose events must tell just what happened.

usage: tests/e2e/test_serve.py [--minutes N]     length of the story (default 1.25; the issue asks for 10)
"""
import json
import os
import shutil
import signal
import sqlite3
import sys
import time

from e2elib import Sim, Tap, Work, arguments, duplicates
from servelib import Serve, wait_until

options = arguments(minutes=1.25)
ZYNC = options.zync
tap = Tap()

QUIET = "service: {workers: 2, refresh_every: 0, import_every: 0, clean_up_every: 0}\n"  # nothing recurs
STOPPED = "the service was stopped"
STOP_S = 15


def job(work, job_id):
    """(name, status, error) of a job."""
    rows = work.rows("SELECT name, status, error FROM job WHERE job_id = ?", job_id)
    return rows[0] if rows else (None, None, None)


def queue(work, *args):
    """Queue a job; its id. The file for commands is that of the start, also while the service has got another one."""
    if not os.path.exists(work.path("commands.yaml")):
        shutil.copy(work.path("zync.yaml"), work.path("commands.yaml"))
    run = work.zync(*args, "--config", "commands.yaml", "--json")
    if run.code != 0:
        raise SystemExit(f"Bail out! {run}")
    return run.json()["job_id"]


def ended(work, job_id, seconds=60):
    """Wait for the end of a job; its row."""
    wait_until(lambda: job(work, job_id)[1] in ("completed", "errored", "failed"), seconds)
    return job(work, job_id)


def statuses(work, name):
    """Statuses of the jobs of that name, oldest first."""
    return [status for (status,) in work.rows("SELECT status FROM job WHERE name = ? ORDER BY created, run_at", name)]


def write(work, sql, *params):
    """Change the store behind the program's back; how many rows."""
    database = sqlite3.connect(work.path("zync.db"), timeout=30)
    try:
        with database:
            return database.execute(sql, params).rowcount
    finally:
        database.close()


def change(work, *changes):
    with open(work.path("zync.yaml"), encoding="utf-8") as f:
        text = f.read()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    work.config(text)


def queue_is_run():
    with Sim() as sim, Work(ZYNC, sim, extra=QUIET) as work, Serve(work) as serve:
        tap.ok(serve.is_ready, "serve: it says that it is ready", serve)
        sync = queue(work, "sync", "--queue")
        tap.equal(ended(work, sync)[:2], ("sync-hosts-now", "completed"), "serve: a queued sync is run", serve)
        hosts = sim.hosts()
        tap.ok(len(hosts) > 5 and work.plan().code == 0, "serve: and has done its work")
        begins, ends = serve.lines("sync-hosts-now", sync, "begins"), serve.lines("sync-hosts-now", sync, "completed: Sync complete:")
        tap.ok(len(begins) == 1 and len(ends) == 1, "serve: begin and end of the job are in the log, with id and result", serve)
        tap.ok(serve.wait_told("STATUS=running 1 job") and serve.wait_told("STATUS=idle"), "serve: the service manager is told what it does", serve)
        starts = serve.lines(" serves the store sqlite:zync.db with 2 workers", "zync.yaml")
        tap.equal(len(starts), 1, "serve: one line says what it serves", serve)
        sim.fault({"server": "netbox", "kind": "latency", "ms": 300})
        first = queue(work, "sync", "--queue")
        second = work.zync("sync", "--queue", "--json")
        tap.ok(second.json()["job_id"] == first and second.json()["existing"] is True, "serve: a second order of the same is answered with the first", second)
        ended(work, first)
        sim.clear()
        third = queue(work, "sync", "--queue")
        tap.ok(third != first and ended(work, third)[1] == "completed", "serve: after its end there is a new one", serve)
        sim.fault({"server": "netbox", "kind": "status", "status": 500})
        bad = ended(work, queue(work, "sync", "--queue"))
        tap.ok(bad[1] == "errored" and serve.alive() and serve.lines("error", "errored:", "netbox"), "serve: a job that errors does not end the service", bad, serve)
        sim.clear()
        code, took = serve.end()
        tap.ok(code == 0 and took < STOP_S and any("STOPPING=1" in t for t in serve.told), f"serve: SIGTERM ends it ({took:.1f} s)", serve)
        tap.equal(work.leaks(), [], "serve: no secret in what was printed or stored")


def refusals():
    with Sim() as sim, Work(ZYNC, sim, extra=QUIET) as work:
        with Serve(work, "-q") as serve:
            ended(work, queue(work, "sync", "--queue"))
            tap.ok(serve.reload(), "serve -q: reload", serve)
            ended(work, queue(work, "sync", "--queue"))
            tap.ok(serve.end()[0] == 0 and serve.log() == "", "serve -q: nothing is said while all is well, also after a reload", serve)
        change(work, ("workers: 2", "workers: many"))
        with Serve(work, ready=False) as serve:
            serve.child.wait(30)
            tap.ok(serve.child.returncode == 2 and "zync.yaml:" in serve.log() and serve.told == [], "serve: a wrong configuration is exit 2", serve)
        change(work, ("workers: many", "workers: 1"), ("store: sqlite:zync.db", "store: sqlite:no/such/folder/zync.db"))
        with Serve(work, ready=False) as serve:
            serve.child.wait(30)
            tap.ok(serve.child.returncode in (2, 4) and "no/such/folder" in serve.log(), "serve: a store that cannot be opened ends it", serve)


def reload():
    with Sim() as sim, Work(ZYNC, sim, extra=QUIET) as work, Serve(work) as serve:
        with open(work.path("zync.yaml"), encoding="utf-8") as f:
            good = f.read()
        queue(work, "job", "run", "clean-up")
        change(work, ("workers: 2", "workers: several"), ("value: \"{{ site.slug", "value: \"{{ site.slugg | nofilter"))
        tap.ok(serve.reload(), "reload: ready again after a broken file", serve)
        tap.ok(serve.lines("error", "zync.yaml:", "workers") and serve.lines("error", "the old configuration stays in use"), "reload: a broken file is refused, with the place", serve)
        tap.equal(ended(work, queue(work, "sync", "--queue"))[1], "completed", "reload: the old configuration works on", serve)
        tap.ok(all("x" not in tags(h) for h in sim.hosts().values()), "reload: under its own rules")
        for key, text in (("store", good.replace("sqlite:zync.db", "sqlite:other.db")), ("key_file", good + "key_file: other.key\n")):
            work.config(text)
            before = len(serve.lines("the old configuration stays in use"))
            tap.ok(serve.reload() and len(serve.lines("the old configuration stays in use")) == before + 1 and serve.lines("error", f"`{key}` has changed", "restart"),
                   f"reload: another {key} takes a restart", serve)
        tap.ok(not os.path.exists(work.path("other.db")) and not os.path.exists(work.path("other.key")), "reload: and is not made")
        work.config(good.replace("tags: [{tag: site", "tags: [{tag: x, value: y}, {tag: site").replace("refresh_every: 0", "refresh_every: 1m") + "log: {format: json}\n")
        tap.ok(serve.reload() and serve.lines("the new configuration is in use, 2 workers"), "reload: a good file is taken", serve)
        tap.equal(ended(work, queue(work, "sync", "--queue"))[1], "completed", "reload: a sync runs", serve)
        tap.ok(all("x" in tags(h) for h in sim.hosts().values()), "reload: under the new rules")
        tap.ok(wait_until(lambda: "scheduled" in statuses(work, "host-config-sync-refresh")), "reload: a new interval is there", serve)
        last = serve.log().splitlines()[-1]
        tap.ok(last.startswith("{") and json.loads(last)["level"], "reload: the log has its new form", last)
        work.config(good)
        tap.ok(serve.reload(), "reload: back", serve)
        tap.equal(statuses(work, "host-config-sync-refresh")[-1], "failed", "reload: an interval that is gone is cancelled")
        tap.equal(serve.end()[0], 0, "reload: the end", serve)
        tap.equal(work.leaks(), [], "reload: no secret in what was printed or stored")


def tags(hosts):
    return {tag for tag, _ in hosts[0]["tags"]}


def slow_writes(sim, ms=300):
    sim.fault({"server": "zabbix", "match": "host.create", "kind": "latency", "ms": ms})


def in_mid_run(sim, calls=2):
    """Wait until so many creating calls have been made."""
    return wait_until(lambda: sim.stats()["zabbix"]["calls"].get("host.create", 0) >= calls, 60, 0.02)


def stop_in_a_sync():
    with Sim(hosts=60, vms=0) as sim, Work(ZYNC, sim, zabbix="write_batch: 2", extra=QUIET.replace("workers: 2", "workers: 1")) as work:
        slow_writes(sim)
        with Serve(work) as serve:
            before = work.domain()
            sync = queue(work, "sync", "--queue")
            tap.ok(in_mid_run(sim), "stop: a sync is writing", serve)
            waits = queue(work, "job", "run", "pull")
            code, took = serve.end()
            tap.ok(code == 0 and took < STOP_S, f"stop: SIGTERM in the middle of a sync ends the service within seconds ({took:.1f} s)", serve)
        row = job(work, sync)
        tap.ok(row[1] == "failed" and STOPPED in (row[2] or ""), "stop: the sync is failed, with the reason", row)
        tap.equal(work.domain(), before, "stop: the store is as before")
        tap.equal(work.rows("SELECT state FROM event WHERE kind = 'job' AND job_id = ?", sync), [("failed",)], "stop: with its event")
        tap.equal(job(work, waits)[1], "pending", "stop: what waited waits on")
        written = len(sim.hosts())
        sim.clear()
        with Serve(work) as serve:
            tap.equal(ended(work, waits)[1], "completed", "stop: after a start what waited is run", serve)
            tap.equal(job(work, sync)[1], "failed", "stop: what had been stopped is not repeated by itself")
            again = queue(work, "job", "retry", sync)
            tap.equal(ended(work, again)[1], "completed", "stop: repeated by order, it completes", serve)
            hosts = sim.hosts()
            tap.ok(duplicates(hosts) == [] and len(hosts) > written > 0 and work.plan().code == 0, f"stop: Zabbix is in line, no host is there twice ({written} of {len(hosts)} had been written)")


def cancelled():
    with Sim(hosts=60, vms=0) as sim, Work(ZYNC, sim, zabbix="write_batch: 2", extra=QUIET) as work, Serve(work) as serve:
        slow_writes(sim)
        before = work.domain()
        sync = queue(work, "sync", "--queue")
        tap.ok(in_mid_run(sim), "cancel: a sync is writing", serve)
        run = work.zync("--user", "eve", "job", "cancel", sync)
        row = ended(work, sync, STOP_S)
        tap.ok(run.code == 0 and row[1] == "failed" and "cancelled by eve" in row[2], "cancel: it is failed, with the reason", run, row)
        tap.ok(work.domain() == before and serve.alive() and serve.wait_told("STATUS=idle"), "cancel: the store is as before, the service goes on", serve)
        sim.clear()
        tap.equal(ended(work, queue(work, "sync", "--queue"))[1], "completed", "cancel: the next sync completes", serve)
        tap.ok(duplicates(sim.hosts()) == [] and work.plan().code == 0, "cancel: Zabbix is in line, no host is there twice")


def killed():
    service = "service: {workers: 2, sync_every: 60m, refresh_every: 0, import_every: 0, clean_up_every: 0}\n"
    with Sim(hosts=60, vms=0) as sim, Work(ZYNC, sim, zabbix="write_batch: 2", extra=service) as work:
        slow_writes(sim)
        with Serve(work) as serve:
            tap.ok(in_mid_run(sim, 3), "kill: the recurring sync is writing", serve)
            serve.end(signal.SIGKILL)
        tap.equal(statuses(work, "sync-hosts-now"), ["running"], "kill: the job still says running")
        written = len(sim.hosts())
        sim.clear()
        with Serve(work) as serve:
            tap.ok(serve.lines("warning", "1 job whose process died"), "kill: the next start finds it", serve)
            rows = work.rows("SELECT status, error FROM job WHERE name = 'sync-hosts-now' ORDER BY created, run_at")
            tap.ok([r[0] for r in rows] == ["errored", "scheduled"] and rows[0][1].startswith("interrupted"), "kill: it is errored as interrupted, and comes again when its time has come", rows)
            sync = queue(work, "sync", "--queue")
            tap.equal(ended(work, sync)[1], "completed", "kill: a sync by order completes", serve)
            hosts = sim.hosts()
            tap.ok(duplicates(hosts) == [] and len(hosts) > written > 0 and work.plan().code == 0, f"kill: Zabbix is in line, no host is there twice ({written} of {len(hosts)} had been written)")
            tap.equal(statuses(work, "sync-hosts-now").count("scheduled"), 1, "kill: one turn is scheduled")
    with Sim() as sim, Work(ZYNC, sim, zabbix="write_batch: 2", extra=QUIET) as work:
        slow_writes(sim)
        with Serve(work) as serve:
            child = work.start("sync", "--json")
            tap.ok(in_mid_run(sim, 1), "kill of another process: a sync is writing", serve)
            child.kill()
            work.finish(child, ["sync"], time.monotonic())
            tap.ok(wait_until(lambda: statuses(work, "sync-hosts-now") == ["errored"], 20), "kill of another process: the service ends its job within seconds", serve)


def missed():
    """A service that was down for hours runs what it missed once."""
    service = QUIET.replace("refresh_every: 0", "refresh_every: 1m")
    with Sim() as sim, Work(ZYNC, sim, extra=service) as work:
        with Serve(work) as serve:
            tap.ok(wait_until(lambda: statuses(work, "host-config-sync-refresh") == ["completed", "scheduled"]), "missed: the first turn is run at once, the next is scheduled", serve)
        due = work.rows("SELECT run_at FROM job WHERE status = 'scheduled'")[0][0] - 5 * 3600 * 1000
        tap.equal(write(work, "UPDATE job SET run_at = ? WHERE status = 'scheduled'", due), 1, "missed: that was five hours ago")
        with Serve(work) as serve:
            tap.ok(wait_until(lambda: statuses(work, "host-config-sync-refresh") == ["completed", "completed", "scheduled"], 30), "missed: it is run, and the next is scheduled", serve)
            time.sleep(3)
            tap.equal(statuses(work, "host-config-sync-refresh"), ["completed", "completed", "scheduled"], "missed: once, not three hundred times")
            after = work.rows("SELECT run_at FROM job WHERE status = 'scheduled'")[0][0]
            now = time.time() * 1000
            tap.ok(now - 5000 < after <= now + 60000 and (after - due) % 60000 == 0, "missed: the next turn is at the next time of the old series", (due, after, now))


def several():
    with Sim(hosts=30) as sim, Work(ZYNC, sim, extra=QUIET) as work, Serve(work) as first, Serve(work) as second:
        names = ["pull", "host-config-sync-refresh", "import-zabbix-settings", "clean-up"]
        ids = [queue(work, "job", "run", name) for _ in range(3) for name in names if wait_until(lambda: not {"pending", "running"} & set(statuses(work, name)))]
        rows = [ended(work, i) for i in ids]
        tap.ok(len(set(ids)) == 12 and all(r[1] == "completed" for r in rows), "two daemons on one store: each job is run", rows, first, second)
        tap.equal(sorted(len(first.lines(i, "begins")) + len(second.lines(i, "begins")) for i in ids), [1] * 12, "two daemons: each by one of them")
        sync = queue(work, "sync", "--queue")
        tap.equal(ended(work, sync)[1], "completed", "two daemons: a sync", first, second)
        tap.ok(first.end()[0] == 0 and second.end()[0] == 0 and duplicates(sim.hosts()) == [], "two daemons: the end")


def updated_hosts(work, job_id):
    return {pk for (pk,) in work.rows("SELECT host_config_pk FROM event WHERE kind = 'host' AND action = 'update' AND job_id = ?", job_id)}


def story(minutes):
    """Refreshes each minute, three queued syncs, a reload with a broken file, a stop in mid-run and a restart: the events tell that, and nothing else."""
    service = QUIET.replace("refresh_every: 0", "refresh_every: 1m, refresh_older_than: 0")
    with Sim(hosts=60, vms=0) as sim, Work(ZYNC, sim, zabbix="write_batch: 2", extra=service) as work:
        begun = time.monotonic()

        def until(share):
            time.sleep(max(0, begun + share * minutes * 60 - time.monotonic()))

        serve = Serve(work)
        tap.ok(serve.is_ready, f"story of {minutes} min: the service is started", serve)
        syncs = [queue(work, "sync", "--queue")]
        tap.equal(ended(work, syncs[0])[1], "completed", "story: the first sync", serve)
        pks = {pk for (pk,) in work.rows("SELECT pk FROM host_config WHERE hostid IS NOT NULL")}
        until(0.2)
        with open(work.path("zync.yaml"), encoding="utf-8") as f:
            good = f.read()
        work.config(good.replace("workers: 2", "workers: 2, wrkers: 3"))
        tap.ok(serve.reload() and serve.lines("error", "wrkers") and serve.lines("the old configuration stays in use"), "story: a broken file is refused", serve)
        work.config(good)
        until(0.3)
        syncs.append(queue(work, "sync", "--queue"))
        tap.equal(ended(work, syncs[1])[1], "completed", "story: the second sync", serve)
        until(0.5)
        for (name,) in work.rows("SELECT host FROM host_config WHERE hostid IS NOT NULL"):
            sim.mutate({"server": "zabbix", "do": "update", "host": name, "set": {"tags": []}})
        sim.fault({"server": "zabbix", "match": "host.update", "kind": "latency", "ms": 300})
        syncs.append(queue(work, "sync", "--queue"))
        tap.ok(wait_until(lambda: len([1 for h in sim.hosts().values() if tags(h)]) >= 6, 30), "story: the third sync is writing", serve)
        code, took = serve.end()
        stopped_at = time.time() * 1000
        tap.ok(code == 0 and took < STOP_S, f"story: the service is stopped in mid-run ({took:.1f} s)", serve)
        row = job(work, syncs[2])
        tap.ok(row[1] == "failed" and STOPPED in row[2], "story: the third sync is failed, with the reason", row)
        written = updated_hosts(work, syncs[2])
        sim.clear()
        time.sleep(2)
        serve = Serve(work)
        started_at = time.time() * 1000
        tap.ok(serve.is_ready, "story: the service is started again", serve)
        syncs.append(queue(work, "job", "retry", syncs[2]))
        tap.equal(ended(work, syncs[3])[1], "completed", "story: the third sync is repeated", serve)
        until(1)
        wait_until(lambda: "running" not in statuses(work, "host-config-sync-refresh"), 30)
        tap.equal(serve.end()[0], 0, "story: the end", serve)

        rest = updated_hosts(work, syncs[3])
        tap.ok(written and rest and not written & rest and written | rest == pks, f"story: each host was repaired once, {len(written)} before the stop and {len(rest)} after", pks - written - rest)
        tap.equal(work.plan().code, 0, "story: Zabbix is in line")
        run = work.zync("event", "list", "--json", "--limit", "10000")
        events = [e for e in reversed(run.json()["events"]) if e["kind"] == "job"]
        told = [(e["job_id"], e["state"]) for e in events if e["name"] == "sync-hosts-now"]
        tap.equal(told, list(zip(syncs, ("completed", "completed", "failed", "completed"))), "story: the events tell of the four syncs in their order")
        tap.ok(STOPPED in [e for e in events if e["job_id"] == syncs[2]][0]["message"], "story: and why one failed")
        refreshes = work.rows("SELECT job_id, status, run_at, started FROM job WHERE name = 'host-config-sync-refresh' ORDER BY created, run_at")
        done = [r for r in refreshes if r[1] == "completed"]
        tap.equal([(e["job_id"], e["state"]) for e in events if e["name"] == "host-config-sync-refresh"], [(r[0], "completed") for r in done], "story: the events tell of each refresh")
        tap.equal(len(events), len(syncs) + len(done), "story: and of nothing else")
        tap.ok(len(refreshes) == len(done) + 1 and refreshes[-1][1] == "scheduled", "story: one more refresh is scheduled", refreshes)
        steps = [(b[2] - (a[2] or a[3])) / 60000 for a, b in zip(refreshes[1:], refreshes[2:])]
        tap.ok(all(s == int(s) and s >= 1 for s in steps) and sum(steps) >= int(minutes) - 2, "story: they are whole minutes apart", steps)
        late = [r[3] - r[2] for r in done[1:] if not stopped_at - 5000 < r[2] < started_at]
        tap.ok(all(0 <= ms < 5000 for ms in late) and len(done) >= int(minutes), f"story: each began within seconds of its time, {len(done)} in {minutes} min", late)
        tap.equal(work.leaks(), [], "story: no secret in what was printed or stored")


for test in (queue_is_run, refusals, reload, stop_in_a_sync, cancelled, killed, missed, several):
    test()
story(options.minutes)
sys.exit(tap.done())
