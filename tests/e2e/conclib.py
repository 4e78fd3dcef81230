# SPDX-License-Identifier: Apache-2.0
"""Several runs at once: starting them together, which host each call wrote, and what must hold afterwards whoever was first."""
import collections
import re
import sqlite3
import time

from e2elib import Work, duplicates
from servelib import wait_until

# Short arrays, so that a run is between two calls often; no limit on what the tests take away.
ZABBIX = "write_batch: 10"
LIMITS = "sync: {max_disables: none, max_deletes: none, max_shrink: 100%}\n"
ENDED = ("completed", "errored", "failed")


def patient(program, sim, zabbix=ZABBIX, extra=LIMITS, **more):
    """A Work whose calls may take long: the tests slow them down on purpose."""
    work = Work(program, sim, zabbix=zabbix, extra=extra, **more)
    with open(work.path("zync.yaml"), encoding="utf-8") as f:
        work.config(re.sub(r"(?m)^( +)timeout: 1s$", r"\1timeout: 60s", f.read()))
    return work


def edit(work, *changes):
    with open(work.path("zync.yaml"), encoding="utf-8") as f:
        text = f.read()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    work.config(text)


def slow(sim, ms, match="host.*", **more):
    """Answers to these calls are late; they are carried out at once."""
    sim.fault({"server": "zabbix", "match": match, "kind": "latency", "ms": ms, **more})


def slow_writes(sim, ms, **more):
    for match in ("host.create", "host.update", "host.delete"):
        slow(sim, ms, match, **more)


def writes(sim):
    return sim.control("GET", "writes")


def written(sim, *methods):
    """hostid → how often it was written since the last reset."""
    return collections.Counter(i for w in writes(sim) if not methods or w["method"] in methods for i in w["hostids"])


def refused(sim):
    return [w for w in writes(sim) if w["error"] is not None]


def writing(sim, calls=1):
    """Wait until so many calls have written hosts."""
    return wait_until(lambda: len(writes(sim)) >= calls, 60, 0.01)


def together(work, *commands, stagger=0.0, before_next=None):
    """Start the commands one after the other, at once or with a pause or when before_next() has returned; their runs, in that order."""
    children = []
    for number, command in enumerate(commands):
        if number > 0 and before_next is not None:
            before_next()
        elif number > 0:
            time.sleep(stagger)
        children.append((work.start(*command), command, time.monotonic()))
    return [work.finish(*child) for child in children]


def job(work, job_id):
    """The row of a job, a dictionary."""
    keys = ("status", "error", "created", "started", "completed", "slot", "phase", "name", "user_name")
    rows = work.rows(f"SELECT {', '.join(keys)} FROM job WHERE job_id = ?", job_id)
    return dict(zip(keys, rows[0])) if rows else dict.fromkeys(keys)


def running(work, name="sync-hosts-now", phase=None, others=()):
    """Wait for a running job of that name (in that phase) that is none of the others; its id."""
    def look():
        if not work.rows("SELECT 1 FROM sqlite_master WHERE name = 'guard'"):
            return []  # the store is being made
        rows = work.rows("SELECT job_id FROM job WHERE status = 'running' AND name = ? AND (? IS NULL OR phase = ?)", name, phase, phase)
        return [i for (i,) in rows if i not in others]
    found = wait_until(look, 60, 0.01)
    return found[0] if found else None


def ended(work, job_id, seconds=60):
    wait_until(lambda: job(work, job_id)["status"] in ENDED, seconds)
    return job(work, job_id)


def refs(work, *, where="hostid IS NOT NULL AND state = 'monitored'"):
    """The host configs: (device:N, technical name, hostid)."""
    return work.rows(f"SELECT object_type || ':' || object_id, host, hostid FROM host_config WHERE {where} ORDER BY pk")


def drift(sim, hosts):
    """Somebody changes these hosts in Zabbix by hand."""
    sim.mutate(*[{"server": "zabbix", "do": "update", "host": host, "set": {"tags": []}} for host in hosts])


def left_behind(work):
    """What nobody may leave behind: guards that are held, intents, jobs that say running."""
    found = []
    for what, sql in (("guards", "SELECT count(*) FROM guard WHERE slot IS NOT NULL"), ("intents", "SELECT count(*) FROM intent"),
                      ("running jobs", "SELECT count(*) FROM job WHERE status = 'running'")):
        count = work.rows(sql)[0][0]
        if count:
            found.append(f"{count} {what}")
    return found


def sum_is_true(summary):
    return (summary["total"] == summary["updated"] + summary["failed"] and
            summary["updated"] == sum(summary[k] for k in ("created", "changed", "unchanged", "deleted", "disabled")))


def untrue(work, sim, runs, hosts, known=()):
    """What is wrong after these syncs, which had the same work to do: [] when each host was written once, and what they say is what happened."""
    wrong = []
    if [r.code for r in runs] != [0] * len(runs):
        wrong.append(f"exit codes {[r.code for r in runs]}")
    summaries = [r.json() for r in runs if r.out.startswith("{")]
    if len(summaries) != len(runs):
        return [*wrong, "no summary", *runs]
    wrong += [f"the sum does not add up: {s}" for s in summaries if not sum_is_true(s)]
    wrong += [f"{s['failed']} hosts failed" for s in summaries if s["failed"]]
    counts = written(sim)
    wrong += [f"host {i} was written {n} times" for i, n in counts.items() if n > 1]
    wrong += [f"refused: {w['error']}" for w in refused(sim)]
    made, changed = len(written(sim, "host.create")), len(written(sim, "host.update", "host.delete"))
    said = [sum(s["created"] for s in summaries), sum(s["changed"] + s["disabled"] + s["deleted"] for s in summaries)]
    if said != [made, changed]:
        wrong.append(f"they say {said[0]} created and {said[1]} changed, Zabbix saw {made} and {changed}")
    for table, where in (("event", "kind = 'host'"), ("change", "1")):
        rows = work.rows(f"SELECT hostid, count(*) FROM {table} WHERE {where} AND job_id IN ({', '.join('?' * len(summaries))}) GROUP BY hostid",
                         *[s["job_id"] for s in summaries])
        if dict(rows) != {i: 1 for i in counts}:
            wrong.append(f"{table}: {len(rows)} hosts ({max((n for _, n in rows), default=0)} at most a host), {len(counts)} were written")
    wrong += [f"job {s['job_id']}: {job(work, s['job_id'])}" for s in summaries if job(work, s["job_id"])["status"] != "completed"]
    wrong += out_of_line(work, sim, hosts, known)
    return wrong + ([str(r) for r in runs] if wrong else [])


def out_of_line(work, sim, hosts=None, known=()):
    """What does not agree: hosts twice, another number of them, a plan that is not empty but for the hosts known, things left behind."""
    wrong = []
    found = sim.hosts()
    if duplicates(found):
        wrong.append(f"hosts twice: {duplicates(found)}")
    if hosts is not None and len(found) != hosts:
        wrong.append(f"{len(found)} hosts, {hosts} wanted")
    plan = work.plan()
    if {op["name"] for op in plan.json()["operations"]} != set(known):
        wrong.append(f"the plan: {plan}")
    return wrong + left_behind(work)


def change_store(work, sql, *params):
    """Change the store behind the program's back; how many rows."""
    database = sqlite3.connect(work.path("zync.db"), timeout=30)
    try:
        with database:
            return database.execute(sql, params).rowcount
    finally:
        database.close()
