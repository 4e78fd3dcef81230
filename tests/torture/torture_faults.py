#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The n-th allocation and the n-th SQL call of a whole run fail: an error or a success, never a crash; nothing half-written; the next run converges.

With --wrapped PROGRAM (a build with AddressSanitizer that has tests/torture/fail.c linked in, see scripts/sanitize) every leak counts as well.

usage: torture_faults.py [--zync PROGRAM --build FOLDER | --wrapped PROGRAM] [--points N] [--workers N]
"""
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from e2elib import Sim, Tap, Work, arguments, converged  # noqa: E402

ARGS = arguments(build="build/release", wrapped="", points=120, workers=4)
ZYNC = ARGS.wrapped or ARGS.zync
MODULE = os.path.abspath(os.path.join(ARGS.build, "tests/torture/torture-fail.so"))
HOSTS, VMS = 5, 1
# 1: some hosts failed for want of memory; 2: usage (configuration not readable); 3: not reachable (a connection that could not be made); 4: errored
CODES = (0, 1, 2, 3, 4)
tap = Tap()


def environment(work, **more):
    env = {key: str(value) for key, value in more.items()}
    env["ZYNC_FAIL_REPORT"] = work.path("report")
    if ARGS.wrapped:
        env["ASAN_OPTIONS"] = "exitcode=99:detect_leaks=1"
    else:
        env["LD_PRELOAD"] = MODULE
    return env


def report(work):
    with open(work.path("report"), encoding="utf-8") as f:
        return [int(n) for n in f.read().split()]


def changed(sim, work):
    first = work.sync()
    if first.code != 0:
        raise RuntimeError(str(first))
    sim.mutate(*[{"server": "zabbix", "do": "update", "host": h[0]["host"], "set": {"tags": []}} for h in sim.hosts().values()])


def bad_host(sim, work):
    """One that Zabbix refuses, so that --strict puts the others back."""
    changed(sim, work)
    sim.fault({"kind": "refuse_host", "match": "host.update", "host": sorted(h[0]["host"] for h in sim.hosts().values())[-1], "text": "Refused by the test."})


def killed(sim, work):
    """A run that died while a call was under way, so that the next one finds out what became of it."""
    changed(sim, work)
    sim.fault({"kind": "hang_after", "match": "host.update", "nth": 1})
    child = work.start("sync", "--json")
    end = time.monotonic() + 30
    while sim.hits() == 0 and child.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    child.kill()
    child.communicate()
    sim.clear()
    if child.returncode != -9:
        raise RuntimeError(f"it ended by itself with {child.returncode}")


def spread(count, points):
    """Numbers from 1 to count: all, or `points` of them, closer at the beginning, where each allocation is another one."""
    if count <= points:
        return list(range(1, count + 1))
    return sorted({1 + int((count - 1) * (i / (points - 1)) ** 1.7) for i in range(points)})


class Torture:
    def __init__(self, title, command, prepare, key, index, more=None, code=0, keeps=True):
        self.title, self.command, self.prepare, self.key, self.index, self.more = title, command, prepare, key, index, more or {}
        self.code, self.keeps = code, keeps  # without a fault; a run that fails leaves host configs and changes as they were
        self.lock = threading.Lock()
        self.problems, self.codes, self.fired = [], {}, 0

    def world(self):
        sim = Sim(hosts=HOSTS, vms=VMS)
        work = Work(ZYNC, sim)
        try:
            if self.prepare:
                self.prepare(sim, work)
        except BaseException:
            sim.stop()
            work.close()
            raise
        return sim, work

    def count(self):
        sim, work = self.world()
        with sim, work:
            run = work.zync(*self.command, env=environment(work))
            if run.code not in (self.code, 5):
                raise SystemExit(f"Bail out! the run without a fault is not good: {run}")
            return report(work)[self.index], max(len(sim.hosts()), HOSTS + VMS)

    def cell(self, n, hosts):
        sim, work = self.world()
        with sim, work:
            before = work.domain()
            run = work.zync(*self.command, env=environment(work, **{self.key: n}, **self.more))
            sim.clear()
            problems = []
            if run.code not in CODES and not (run.code == 5 and "plan" in self.command):
                problems.append(f"it ended with {run.code}: {run}")
            if run.code not in (0, 5) and not run.err.strip():
                problems.append(f"no message: {run}")
            # Memory that runs out when all is committed takes away only the answer, and the message says so.
            done = "done and recorded" in run.err and work.rows("SELECT status FROM job ORDER BY created DESC LIMIT 1") == [("completed",)]
            if run.code > 1 and self.keeps and not done and work.domain() != before:
                problems.append(f"the job failed and the store is not as before: {run}")
            problems += converged(work, sim, hosts)
            problems += work.leaks()
            with self.lock:
                self.codes[run.code] = self.codes.get(run.code, 0) + 1
                self.fired += report(work)[2] > 0 if os.path.exists(work.path("report")) else 0
                if problems:
                    self.problems.append(f"n = {n}: " + "\n  ".join(problems))

    def run(self, points):
        started = time.monotonic()
        count, hosts = self.count()
        numbers = spread(count, points)
        with ThreadPoolExecutor(ARGS.workers) as pool:
            for future in [pool.submit(self.cell, n, hosts) for n in numbers]:
                future.result()
        tap.ok(not self.problems, f"{self.title}: {len(numbers)} of {count} in turn fail, never a crash, and the next run converges", *self.problems[:8])
        tap.ok(self.fired >= len(numbers) * 0.9, f"{self.title}: the faults did strike ({self.fired} of {len(numbers)})")
        tap.note(f"{len(self.problems)} bad; exit codes {dict(sorted(self.codes.items()))}; {time.monotonic() - started:.0f} s")


ALLOC, SQL = ("ZYNC_FAIL_ALLOC", 0), ("ZYNC_FAIL_SQL", 1)
SYNC, STORED, PLAN = ("sync", "--json"), ("sync", "--no-pull", "--json"), ("plan", "--json")
STRICT, ONE, QUEUED = ("sync", "--strict", "--json"), ("host", "update", "device:3", "--json"), ("job", "run", "sync-hosts-now", "--json")
Torture("allocations of a first sync", SYNC, None, *ALLOC).run(ARGS.points)
Torture("allocations of a sync of changes, from the stored configs", STORED, changed, *ALLOC).run(ARGS.points)
Torture("allocations of a plan", PLAN, changed, *ALLOC).run(ARGS.points // 2)
if not ARGS.wrapped:
    Torture("SQL calls of a first sync", SYNC, None, *SQL).run(ARGS.points)
    Torture("SQL calls of a run after a killed one", SYNC, killed, *SQL, keeps=False).run(ARGS.points)
    Torture("SQL calls of a sync --strict with a bad host", STRICT, bad_host, *SQL, code=4).run(ARGS.points)
    Torture("SQL calls of a single host", ONE, changed, *SQL).run(ARGS.points)
    Torture("SQL calls of queueing a job", QUEUED, changed, *SQL).run(ARGS.points)
    Torture("SQL calls of a sync of changes, disk full from then on", STORED, changed, *SQL, {"ZYNC_FAIL_ON": 1, "ZYNC_FAIL_SQL_CODE": 13}).run(ARGS.points // 2)
sys.exit(tap.done())
