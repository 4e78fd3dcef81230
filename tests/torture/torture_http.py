#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every HTTP call of a small sync fails in every way, and the program is killed at every call; afterwards a clean run must converge.

A cell is one sync in its own folder against its own simulator, with one fault at the n-th call. The run must end by itself with an exit code of DESIGN
section 7 and a message; when the job did not complete, the store must be as before. Then a clean run must be good, no host may be there twice, and
the plan must be empty. Cells run side by side: nearly all of their time is waiting.

usage: torture_http.py [--zync PROGRAM] [--every N] [--workers N]     --every 3: only each third call
"""
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from e2elib import ROOT, Sim, Tap, Work, arguments, converged  # noqa: E402

ARGS = arguments(build="", every=1, workers=6)
ZYNC = ARGS.zync
CONFIG = {"netbox": "page_size: 4", "zabbix": "write_batch: 3\nread_page: 4"}
HOSTS, VMS = 7, 2

ONCE = [{"kind": "reset_before"}, {"kind": "reset_after"}, {"kind": "hang_after"}, {"kind": "status", "status": 500}, {"kind": "status", "status": 429, "retry_after": 1},
        {"kind": "half_body"}, {"kind": "html"}, {"kind": "truncate_json"}, {"kind": "empty_body"}, {"kind": "status", "status": 401}]
FROM_THEN_ON = [{"kind": "reset_before"}, {"kind": "status", "status": 503}]
CODES = (0, 1, 2, 3, 4)
tap = Tap()


class Cells:
    """Runs cells on threads and keeps what was wrong."""

    def __init__(self):
        self.lock = threading.Lock()
        self.problems, self.done, self.codes = [], 0, {}

    def note(self, name, run, problems):
        with self.lock:
            self.done += 1
            if run is not None:
                self.codes[run.code] = self.codes.get(run.code, 0) + 1
            if problems:
                self.problems.append(f"{name}: " + "\n  ".join(problems))

    def run(self, jobs):
        with ThreadPoolExecutor(ARGS.workers) as pool:
            for future in [pool.submit(function, self, *args) for function, *args in jobs]:
                future.result()


def small_sim():
    return Sim(hosts=HOSTS, vms=VMS)


def calls_of_a_sync(prepare=None):
    """How many HTTP calls the sync makes, and how many hosts it leaves."""
    with small_sim() as sim, Work(ZYNC, sim, **CONFIG) as work:
        if prepare:
            prepare(sim, work)
        sim.reset_stats()
        run = work.sync()
        stats = sim.stats()
        if run.code != 0:
            raise SystemExit(f"Bail out! the sync without a fault is not good: {run}")
        return sum(stats[s]["requests"] for s in ("netbox", "zabbix")), len(sim.hosts())


def changed(sim, work):
    """A synced installation in which every host differs from what it should be."""
    first = work.sync()
    if first.code != 0:
        raise RuntimeError(str(first))
    sim.mutate(*[{"server": "zabbix", "do": "update", "host": h[0]["host"], "set": {"tags": [], "description": "by hand"}} for h in sim.hosts().values()])


def fault_cell(cells, name, prepare, rule, hosts):
    with small_sim() as sim, Work(ZYNC, sim, **CONFIG) as work:
        if prepare:
            prepare(sim, work)
        before = work.domain()
        sim.fault(rule)
        run = work.sync(timeout=90)
        sim.clear()
        problems = []
        if run.code not in CODES:
            problems.append(f"it ended with {run.code}: {run}")
        if run.code > 1 and work.domain() != before:
            problems.append(f"the job failed and the store is not as before: {run}")
        if run.code != 0 and "zync: " not in run.err and "Failed to update" not in run.err:
            problems.append(f"no message: {run}")
        if run.code > 1 and work.rows("SELECT status FROM job ORDER BY created DESC LIMIT 1") not in ([("errored",)], [("failed",)]):
            problems.append(f"the job is {work.rows('SELECT status, error FROM job')}")
        problems += converged(work, sim, hosts)
        problems += work.leaks()
        cells.note(name, run, problems)


def kill_cell(cells, name, prepare, n, kind, hosts):
    """kill -9 while the n-th call has no answer; it was carried out, or it was not."""
    with small_sim() as sim, Work(ZYNC, sim, **CONFIG) as work:
        if prepare:
            prepare(sim, work)
        before = work.domain()
        sim.fault({"kind": kind, "nth": n})
        child = work.start("sync", "--json")
        end = time.monotonic() + 30
        while sim.hits() == 0 and child.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(0.02)
        ended = child.poll()
        child.kill()
        child.communicate()
        sim.clear()
        problems = []
        if ended is not None:
            problems.append(f"it ended by itself with {ended} before it was killed")
        if work.domain() != before:
            problems.append("the store is not as before")
        problems += converged(work, sim, hosts)
        cells.note(name, None, problems)


def matrix(title, prepare):
    calls, hosts = calls_of_a_sync(prepare)
    points = range(1, calls + 1, ARGS.every)
    cells = Cells()
    started = time.monotonic()
    jobs = [(fault_cell, f"{title}, call {n} {r}", prepare, {**r, "nth": n}, hosts) for n in points for r in ONCE]
    jobs += [(fault_cell, f"{title}, from call {n} on {r}", prepare, {**r, "after": n - 1}, hosts) for n in points for r in FROM_THEN_ON]
    cells.run(jobs)
    tap.ok(not cells.problems, f"{title}: {cells.done} cells ({calls} calls, {len(ONCE)} faults once and {len(FROM_THEN_ON)} from then on) end well and converge",
           *cells.problems[:8])
    tap.note(f"{len(cells.problems)} of {cells.done} cells were bad; exit codes {dict(sorted(cells.codes.items()))}; {time.monotonic() - started:.0f} s")
    tap.ok(cells.codes.get(0, 0) > 0 and sum(n for c, n in cells.codes.items() if c > 1) > 0, f"{title}: some runs went on and some were stopped", cells.codes)
    cells = Cells()
    started = time.monotonic()
    cells.run([(kill_cell, f"{title}, killed at call {n} ({kind})", prepare, n, kind, hosts) for n in points for kind in ("hang", "hang_after")])
    tap.ok(not cells.problems, f"{title}: killed at {cells.done} points, the next run converges each time", *cells.problems[:8])
    tap.note(f"{len(cells.problems)} of {cells.done} were bad; {time.monotonic() - started:.0f} s")


matrix("first sync", None)
matrix("changes", changed)
sys.exit(tap.done())
