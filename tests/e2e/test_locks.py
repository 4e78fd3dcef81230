#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""While a sync of many hosts runs, other processes read and write the store: how long does each have to wait?

Requests are due at a fixed rate, and waiting counts from when they were due: one long wait is felt by every request that falls into it. Small writes (a line of a job's log) and reads
(a page of host configs, the jobs) go through a connection of their own; now and then the program itself queues, lists and cancels a job. Printed are median, 99th percentile and
maximum of each, and the sync's peak memory. Asserted is only what holds on any machine: nothing fails, nothing is lost, the sync is right.

usage: test_locks.py [--zync PROGRAM] [--hosts N] [--rate N]      --hosts 20000: the measurement of docs/internals/staging.md
"""
import os
import sqlite3
import sys
import threading
import time

from e2elib import Sim, Tap, Work, arguments, peak_mb

ARGS = arguments(hosts=1500, rate=100, latency_ms=0)
GOAL_MS = 100
tap = Tap()


class Client(threading.Thread):
    """One kind of request at a fixed rate until it is told to stop."""

    def __init__(self, path, statements):
        super().__init__()
        self.path, self.statements = path, statements
        self.halt, self.waits, self.done, self.problem = threading.Event(), [], 0, None

    def run(self):
        database = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        due = time.monotonic()
        try:
            while not self.halt.is_set():
                due += 1 / ARGS.rate
                time.sleep(max(0.0, due - time.monotonic()))
                for statement in self.statements:
                    database.execute(statement).fetchall()
                self.waits.append((time.monotonic() - due) * 1000)
                self.done += 1
        except sqlite3.Error as problem:
            self.problem = problem
        finally:
            database.close()

    def stop(self):
        self.halt.set()
        self.join()
        return sorted(self.waits)


def at(waits, share):
    return waits[min(len(waits) - 1, int(len(waits) * share))] if waits else 0.0


def figures(title, waits):
    over = sum(1 for wait in waits if wait > GOAL_MS)
    tap.note(f"{title}: {len(waits)} requests, median {at(waits, 0.5):.1f} ms, 99th percentile {at(waits, 0.99):.1f} ms (goal {GOAL_MS}), "
             f"maximum {at(waits, 1):.0f} ms, {over} above the goal")


def beside(work, title):
    """A sync, with both kinds of requests and some commands beside it."""
    path = work.path("zync.db")
    lines = work.rows("SELECT count(*) FROM job_log WHERE job_id = 'beside'")[0][0]
    writer = Client(path, ["BEGIN IMMEDIATE", "INSERT INTO job_log (job_id, time, level, message) VALUES ('beside', 1, 'info', 'small')", "COMMIT"])
    reader = Client(path, ["SELECT * FROM host_config WHERE pk > 10 ORDER BY pk LIMIT 50", "SELECT status, progress_current FROM job ORDER BY created DESC LIMIT 5"])
    started = time.monotonic()
    child = work.start("sync", "--json", "--force")
    writer.start()
    reader.start()
    commands, slowest = [], 0.0
    while child.poll() is None and len(commands) < 30:
        for args in (("job", "run", "pull", "--at", "+1000m", "--json"), ("job", "list", "--json"), ("host", "list", "--failed", "--json")):
            run = work.zync(*args)
            commands.append(run)
            slowest = max(slowest, run.seconds)
            if args[1] == "run" and run.code == 0:
                commands.append(work.zync("job", "cancel", run.json()["job_id"], "--json"))
    run = work.finish(child, ["sync"], started, timeout=900)
    writes, reads = writer.stop(), reader.stop()
    summary = run.json() if run.out else {}
    tap.ok(run.code == 0 and summary.get("failed") == 0 and summary["total"] == summary["updated"] + summary["failed"], f"{title}: the sync is right", run)
    tap.equal((writer.problem, reader.problem), (None, None), f"{title}: no request failed")
    tap.equal(work.rows("SELECT count(*) FROM job_log WHERE job_id = 'beside'")[0][0] - lines, writer.done, f"{title}: no small write is lost")
    tap.ok(all(c.code == 0 for c in commands), f"{title}: {len(commands)} commands beside it succeed", *[c for c in commands if c.code != 0][:3])
    figures(f"{title}, {summary.get('total')} hosts in {run.seconds:.1f} s: small writes", writes)
    figures(f"{title}: reads", reads)
    tap.note(f"{title}: the slowest command took {slowest * 1000:.0f} ms; peak memory of a process so far {peak_mb():.0f} MB")


with Sim("--latency-ms", str(ARGS.latency_ms), hosts=ARGS.hosts, vms=0) as sim, Work(ARGS.zync, sim) as work:
    with open(work.path("zync.yaml"), encoding="utf-8") as f:
        work.config(f.read().replace("timeout: 1s", "timeout: 60s"))
    work.zync("job", "list")  # makes the store
    beside(work, "creating")
    names = [found[0]["host"] for found in sim.hosts().values()]
    for first in range(0, len(names), 2000):
        sim.mutate(*[{"server": "zabbix", "do": "update", "host": name, "set": {"tags": []}} for name in names[first:first + 2000]])
    beside(work, "changing")
    tap.equal(work.plan().code, 0, "the plan is empty")
    size = sum(os.path.getsize(work.path(name)) for name in os.listdir(work.folder) if name.startswith("zync.db"))
    tap.note(f"the store has {size / 1e6:.0f} MB")
sys.exit(tap.done())
