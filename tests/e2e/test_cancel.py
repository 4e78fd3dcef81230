#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stopping a run: by `zync job cancel`, a signal, a time-out; while it reads, writes or waits. The call that is under way is finished, the store is as before, and the next run goes on from there.

usage: tests/e2e/test_cancel.py [--only NAME]     NAME: of a function below
"""
import json
import signal
import sys
import time

from conclib import (LIMITS, change_store, drift, edit, ended, job, left_behind, out_of_line, patient, refs, running, slow, slow_writes, sum_is_true, together, writes, writing, written)
from e2elib import Sim, Tap, arguments, duplicates
from servelib import Serve, wait_until

options = arguments(only="")
ZYNC = options.zync
SYNC = ("sync", "--json")
QUIET = "service: {workers: 2, refresh_every: 0, import_every: 0, clean_up_every: 0}\n"
CALL_MS = 900  # longer than the time after which a run looks into its job's row
tap = Tap()


def told(work, job_id):
    """hostid → state, of the events of that job's hosts."""
    return dict(work.rows("SELECT hostid, state FROM event WHERE kind = 'host' AND job_id = ?", job_id))


def stopped(title, work, sim, job_id, before, calls, words, status="failed"):
    """What must hold after a run was stopped while its `calls`-th write call was under way."""
    row = job(work, job_id)
    tap.ok(row["status"] == status and words in (row["error"] or ""), f"{title}: the job is {status}, with the reason", row)
    events = work.rows("SELECT state, message FROM event WHERE kind = 'job' AND job_id = ?", job_id)
    tap.ok(len(events) == 1 and events[0][0] == status and words in events[0][1], f"{title}: and its event says so", events)
    tap.equal(work.domain(), before, f"{title}: the store is as before")
    done = written(sim)
    tap.equal(len(writes(sim)), calls, f"{title}: the call that was under way was the last one")
    tap.equal(told(work, job_id), {i: "completed" for i in done}, f"{title}: its answer was awaited: the events name the {len(done)} hosts that were written, and no other")
    intents = work.rows("SELECT outcome FROM intent WHERE job_id = ?", job_id)
    tap.ok(len(intents) >= calls and all(o and None not in json.loads(o) for (o,) in intents), f"{title}: no entry of the journal is open", intents)
    tap.equal(work.rows("SELECT count(*) FROM guard WHERE slot IS NOT NULL"), [(0,)], f"{title}: no host is guarded any more")
    return done


def goes_on(title, work, sim, done, hosts, secret_too=False):
    """The next plan and the next sync after that."""
    plan = work.plan()
    names = {name: i for name, i in work.rows("SELECT name, hostid FROM event WHERE kind = 'host' AND hostid IS NOT NULL")}
    left = {op["name"] for op in plan.json()["operations"] if op["action"] != "none"}
    if not secret_too:
        tap.ok(left and not left & {name for name, i in names.items() if i in done}, f"{title}: the next plan has what was not written, {len(left)} hosts", plan)
    sim.reset_stats()
    run = work.sync()
    again = set(written(sim)) & set(done)
    tap.ok(run.code == 0 and sum_is_true(run.json()) and run.json()["failed"] == 0, f"{title}: the next sync does the rest", run)
    if not secret_too:
        tap.equal(again, set(), f"{title}: and no host twice")
    tap.equal(out_of_line(work, sim, hosts), [], f"{title}: everything agrees")


def by_command(work, job_id, *_):
    run = work.zync("job", "cancel", job_id, "--user", "eve")
    tap.equal(run.code, 0, "zync job cancel", run)


def by_signal(_work, _job_id, child):
    child.send_signal(signal.SIGTERM)


def plain(work):
    """No secret macro: what was written is seen in Zabbix and needs no second write."""
    edit(work, ('      macros: [{macro: "{$SECRET.WORD}", value: "swordfish-${MACRO_SECRET}", type: secret}]\n', ""))


def while_writing():
    for title, stop, words, secret, creating in (("job cancel while hosts are created", by_command, "cancelled by eve", False, True),
                                                 ("job cancel while hosts are changed", by_command, "cancelled by eve", False, False),
                                                 ("SIGTERM while hosts are created", by_signal, "cancelled", True, True),
                                                 ("SIGTERM while hosts are changed", by_signal, "cancelled", False, False)):
        with Sim(hosts=40, vms=0) as sim, patient(ZYNC, sim) as work:
            if not secret:
                plain(work)
            if creating:
                tap.equal(work.zync("pull").code, 0, "pull")
            else:
                tap.equal(work.sync().code, 0, "first sync")
                edit(work, ("{tag: site,", "{tag: a, value: x}, {tag: site,"))
            before = work.domain()
            hosts = len(refs(work, where="state IN ('monitored', 'disabled')"))
            slow_writes(sim, CALL_MS)
            sim.reset_stats()
            child, started = work.start("sync"), time.monotonic()
            tap.ok(writing(sim, 2), f"{title}: a sync is writing")
            one = running(work)
            stop(work, one, child)
            run = work.finish(child, ("sync",), started)
            tap.ok(run.code == 4 and words in run.err, f"{title}: exit 4, and it says why", run)
            sim.clear()
            done = stopped(title, work, sim, one, before, 2, words)
            goes_on(title, work, sim, done, hosts, secret_too=secret)
            tap.equal(work.leaks(), [], f"{title}: no secret in what was printed or stored")


def while_reading():
    """Before the first write: while NetBox is read, and while Zabbix is."""
    for title, server, match in (("while NetBox is read", "netbox", "GET /api/dcim/devices/"), ("while Zabbix is read", "zabbix", "host.get")):
        for stop, words in ((by_command, "cancelled by eve"), (by_signal, "cancelled")):
            with Sim(hosts=30, vms=0) as sim, patient(ZYNC, sim) as work:
                before = work.domain()
                sim.fault({"server": server, "match": match, "kind": "latency", "ms": 2000})
                child, started = work.start("sync"), time.monotonic()
                one = running(work)
                tap.ok(wait_until(lambda: sim.hits() > 0, 60, 0.02), f"{title}: a sync waits for an answer")
                began = time.monotonic()
                stop(work, one, child)
                run = work.finish(child, ("sync",), started)
                tap.ok(run.code == 4 and words in run.err, f"{title}, {stop.__name__}: exit 4, and it says why ({time.monotonic() - began:.1f} s)", run)
                row = job(work, one)
                tap.ok(row["status"] == "failed" and words in row["error"], f"{title}: the job is failed, with the reason", row)
                tap.equal((work.domain(), sim.hosts(), left_behind(work)), (before, {}, []), f"{title}: nothing has happened")
                sim.clear()
                tap.equal(work.sync().code, 0, f"{title}: the next sync is good")


def while_waiting():
    """One that waits for another run is stopped at once, and the other one does not notice."""
    for title, stop, words, status in (("job cancel", by_command, "cancelled by eve", "failed"), ("SIGTERM", by_signal, "cancelled", "failed"), ("time-out", None, "time-out", "errored")):
        with Sim(hosts=40, vms=0) as sim, patient(ZYNC, sim) as work:
            tap.equal(work.sync().code, 0, "first sync")
            hosts = refs(work)
            drift(sim, [host for _, host, _ in hosts])
            slow_writes(sim, CALL_MS)
            sim.reset_stats()
            first, started = work.start(*SYNC), time.monotonic()
            tap.ok(writing(sim), "a sync is writing")
            one = running(work)
            if stop is None:
                second = queued_with_timeout(work, 1500)
            else:
                second = work.start(*SYNC)
            two = running(work, phase="wait", others=(one,))
            tap.ok(two is not None, f"{title}: a second one waits for it")
            began = time.monotonic()
            if stop is not None:
                stop(work, two, second)
                run = work.finish(second, SYNC, started)
                took = time.monotonic() - began
                tap.ok(run.code == 4 and words in run.err and took < 10, f"{title}: it ends with exit 4, within {took:.1f} s", run)
            row = ended(work, two)
            tap.ok(first.poll() is None and row["status"] == status and words in row["error"], f"{title}: its job is {status}, with the reason, and the first goes on", row)
            run = work.finish(first, SYNC, started)
            sim.clear()
            tap.ok(run.code == 0 and run.json()["changed"] == len(hosts) and set(written(sim).values()) == {1}, f"{title}: the first one has done everything, once", run)
            if stop is None:
                second.end()
            tap.equal(out_of_line(work, sim, len(hosts)), [], f"{title}: everything agrees")


def queued_with_timeout(work, ms):
    """A service that runs one queued sync with that time-out. The command line only knows whole minutes."""
    queued = work.zync("sync", "--queue", "--json").json()["job_id"]
    assert change_store(work, "UPDATE job SET timeout_ms = ? WHERE job_id = ?", ms, queued) == 1
    return Serve(work)


def queued():
    """A queued job that the daemon runs: cancelled, and late; and one that has not begun."""
    with Sim(hosts=40, vms=0) as sim, patient(ZYNC, sim, extra=LIMITS + QUIET) as work:
        plain(work)
        tap.equal(work.zync("pull").code, 0, "pull")
        hosts = len(refs(work, where="state IN ('monitored', 'disabled')"))
        before = work.domain()
        slow_writes(sim, CALL_MS)
        sim.reset_stats()
        with Serve(work) as serve:
            one = work.zync("sync", "--queue", "--json").json()["job_id"]
            tap.ok(writing(sim, 2), "queued: the daemon's sync is writing", serve)
            by_command(work, one)
            wait_until(lambda: job(work, one)["status"] != "running")
            done = stopped("queued", work, sim, one, before, 2, "cancelled by eve")
            tap.ok(serve.alive(), "queued: the daemon lives on", serve)
            late = work.zync("sync", "--queue", "--json").json()
            tap.ok(late["job_id"] != one and not late["existing"], "queued: the next order is a job of its own", late)
            sim.reset_stats()
            tap.ok(writing(sim, 1), "queued: and is run")
            before = work.domain()  # what the first one made has been found and linked
            tap.equal(work.zync("job", "cancel", late["job_id"], "--user", "mallory").code, 0, "queued: it is cancelled, too")
            wait_until(lambda: job(work, late["job_id"])["status"] != "running")
            done += stopped("queued again", work, sim, late["job_id"], before, 1, "cancelled by mallory")
            sim.clear()
            goes_on("queued", work, sim, done, hosts)
        tap.equal(work.leaks(), [], "queued: no secret in what was printed or stored")


def time_out():
    with Sim(hosts=40, vms=0) as sim, patient(ZYNC, sim, extra=LIMITS + QUIET) as work:
        plain(work)
        tap.equal(work.zync("pull").code, 0, "pull")
        hosts = len(refs(work, where="state IN ('monitored', 'disabled')"))
        before = work.domain()
        slow_writes(sim, CALL_MS)
        sim.reset_stats()
        with queued_with_timeout(work, int(CALL_MS * 1.5)) as serve:
            one = work.rows("SELECT job_id FROM job WHERE name = 'sync-hosts-now'")[0][0]
            wait_until(lambda: job(work, one)["status"] in ("errored", "completed", "failed"))
            calls = len(writes(sim))
            tap.ok(0 < calls < 4, f"time-out: the sync has written {calls} calls", serve)
            done = stopped("time-out", work, sim, one, before, calls, "time-out", "errored")
            tap.ok(f"time-out of {int(CALL_MS * 1.5) // 100 / 10} s" in job(work, one)["error"], "time-out: the reason says how long it was", job(work, one))
            sim.clear()
            goes_on("time-out", work, sim, done, hosts)
            slow(sim, 60000, "host.get")
            edit(work, ("workers: 2,", "workers: 2, job_timeout: 1m,"))
            tap.ok(serve.reload(), "time-out: a service with a time-out for all jobs", serve)
            two = work.zync("sync", "--queue", "--json").json()["job_id"]
            tap.equal(work.rows("SELECT timeout_ms FROM job WHERE job_id = ?", two), [(60000,)], "time-out: which a queued job is given")
            by_command(work, two)
            ended(work, two)


def second_signal():
    """The second signal ends the process at once: as a kill, which the next run clears up."""
    with Sim(hosts=40, vms=0) as sim, patient(ZYNC, sim) as work:
        slow_writes(sim, 4000)
        child, started = work.start("sync"), time.monotonic()
        tap.ok(writing(sim), "a sync is writing")
        one = running(work)
        child.send_signal(signal.SIGINT)
        tap.ok(wait_until(lambda: child.poll() is not None, 1.5) is None or child.poll() is None, "the first signal waits for the call that is under way")
        child.send_signal(signal.SIGINT)
        run = work.finish(child, ("sync",), started)
        tap.ok(run.code == -signal.SIGINT, "the second one ends it at once", run)
        sim.clear()
        run = work.sync()
        row = job(work, one)
        tap.ok(run.code == 0 and row["status"] == "errored" and row["error"].startswith("interrupted"), "the next sync says of its job that it was interrupted", row, run)
        tap.equal(out_of_line(work, sim, run.json()["total"]), [], "everything agrees")


class OneMinute:
    """The shortest time-out of the command line is a minute: it passes while the other tests run."""

    def __init__(self):
        self.sim = Sim(hosts=30, vms=0)
        self.work = patient(ZYNC, self.sim)
        self.sim.fault({"server": "netbox", "match": "GET /api/dcim/devices/", "kind": "latency", "ms": 35000}, {"server": "zabbix", "match": "host.get", "kind": "latency", "ms": 35000})
        self.args = ("job", "run", "sync-hosts-now", "--now", "--timeout", "1", "--json")
        self.started = time.monotonic()
        self.child = self.work.start(*self.args)

    def finish(self):
        run = self.work.finish(self.child, self.args, self.started)
        text = self.work.rows("SELECT status, error FROM job")
        tap.ok(run.code == 4 and "its time-out of 1 min" in run.err and run.json()["status"] == "errored", "job run --now --timeout 1: stopped after its minute, exit 4", run)
        tap.ok(text[0][0] == "errored" and "time-out of 1 min" in text[0][1], "job run --now --timeout 1: and errored", text)
        took = self.work.rows("SELECT completed - started FROM job")[0][0]
        tap.ok(60000 <= took < 70000, f"job run --now --timeout 1: after {took / 1000:.0f} s")
        self.work.close()
        self.sim.stop()


TESTS = (while_writing, while_reading, while_waiting, queued, time_out, second_signal)
minute = OneMinute() if options.only in ("", "minute") else None
for test in TESTS:
    if options.only in ("", test.__name__):
        test()
if minute is not None:
    minute.finish()
sys.exit(tap.done())
