#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Several runs at once on one store: each host is written once for one change, every run ends well, and what each says is true.

usage: tests/e2e/test_concurrent.py [--only NAME]     NAME: of a function below
"""
import json
import signal
import sqlite3
import sys
import threading
import time

from conclib import (LIMITS, drift, edit, ended, job, out_of_line, patient, refs, refused, running, slow, slow_writes, sum_is_true, together, untrue, writes, writing, written)
from e2elib import GOOD_MAPPING, Sim, Tap, arguments
from servelib import Serve, wait_until

options = arguments(only="")
ZYNC = options.zync
SYNC = ("sync", "--json")
QUIET = "service: {workers: 2, refresh_every: 0, import_every: 0, clean_up_every: 0}\n"
tap = Tap()


# ---- two syncs, ten times ----

def new_tag(work, name):
    edit(work, ("{tag: site,", "{tag: %s, value: x}, {tag: site," % name))


def new_secret(work):
    work.environment["MACRO_SECRET"] = "another-" + work.environment["MACRO_SECRET"]


def new_names(work):
    edit(work, ('host: "e2e ', 'host: "new '))


def other_objects(sim):
    """In NetBox: two objects deleted, two decommissioned, one off line, one more."""
    rows = sim.netbox("GET", "/api/dcim/devices/?limit=40&status=active")["results"]
    for row in rows[-2:]:
        sim.netbox("DELETE", f"/api/dcim/devices/{row['id']}/")
    for row, status in zip(rows[-5:-2], ("decommissioning", "decommissioning", "offline")):
        sim.netbox("PATCH", f"/api/dcim/devices/{row['id']}/", {"status": status})
    first = rows[0]
    sim.netbox("POST", "/api/dcim/devices/", {"name": "brand-new", "device_type": first["device_type"]["id"], "role": first["role"]["id"], "site": first["site"]["id"], "status": "active"})


def twice(title, work, sim, *commands, hosts, before_next=None, stagger=0.0, ms=120):
    sim.reset_stats()
    slow_writes(sim, ms)
    runs = together(work, *(commands or (SYNC, SYNC)), before_next=before_next, stagger=stagger)
    sim.clear()
    waited = sum("Waiting for job" in r.err for r in runs)
    wrong = untrue(work, sim, runs, hosts)
    tap.ok(not wrong, f"{title}: {len(written(sim))} hosts written, each once; both say what happened ({waited} waited)", *wrong)
    return runs


def ten_times():
    with Sim(hosts=44, vms=8) as sim, patient(ZYNC, sim) as work:
        hosts = twice("1. first syncs, started together", work, sim, hosts=None)[0].json()["total"]
        tap.ok(len(sim.hosts()) == hosts > 40, "every host is there", len(sim.hosts()))
        twice("2. nothing to do", work, sim, hosts=hosts)
        tap.equal(sim.write_calls(), 0, "no write call at all")
        new_tag(work, "a")
        twice("3. another mapping", work, sim, hosts=hosts)
        new_secret(work)
        twice("4. another value of a secret macro", work, sim, hosts=hosts)
        new_names(work)
        twice("5. renames", work, sim, hosts=hosts)
        drift(sim, [host for _, host, _ in refs(work)][:15])
        twice("6. changes by hand in Zabbix", work, sim, hosts=hosts)
        tap.equal(len(written(sim)), 15, "just these were repaired")
        other_objects(sim)
        runs = twice("7. objects deleted, decommissioned, off line and new", work, sim, hosts=hosts + 1)
        tap.equal([sum(r.json()[key] for r in runs) for key in ("created", "deleted", "disabled")], [1, 2, 3], "and counted by one of the two")
        new_tag(work, "b")
        twice("8. one of them with --no-pull", work, sim, SYNC, (*SYNC, "--no-pull"), hosts=hosts + 1, before_next=lambda: writing(sim))
        new_tag(work, "c")
        some = [ref for ref, _, _ in refs(work)][-9:-3]
        twice("9. one of all and one of six hosts", work, sim, SYNC, (*SYNC, *some), hosts=hosts + 1, before_next=lambda: writing(sim))
        new_tag(work, "d")
        twice("10. one of six hosts and one of all", work, sim, (*SYNC, *some), SYNC, hosts=hosts + 1, before_next=lambda: writing(sim), ms=800)
        tap.equal(work.leaks(), [], "no secret in what was printed or stored")


def first_syncs():
    """The second one comes when the first has made some of the hosts and groups."""
    for title, calls, more in (("that makes its groups", None, {}), ("after its first call", 1, {}), ("after its third", 3, {}), ("near its end", 5, {})):
        with Sim(hosts=50, vms=6) as sim, patient(ZYNC, sim, **more) as work:
            before_next = (lambda: wait_until(lambda: sim.stats()["zabbix"]["calls"].get("hostgroup.create", 0) >= 1, 60, 0.005)) if calls is None else lambda: writing(sim, calls)
            twice(f"a second first sync beside one {title}", work, sim, hosts=None, before_next=before_next)


def four():
    with Sim(hosts=50, vms=6) as sim, patient(ZYNC, sim) as work:
        hosts = twice("four first syncs", work, sim, SYNC, SYNC, SYNC, SYNC, hosts=None)[0].json()["total"]
        new_tag(work, "a")
        some = [ref for ref, _, _ in refs(work)][:5]
        twice("four syncs, one without a pull, one of some hosts", work, sim, SYNC, (*SYNC, "--no-pull"), (*SYNC, *some), SYNC, hosts=hosts, before_next=lambda: time.sleep(0.05))


def planned_too_early():
    """A sync has looked at Zabbix, and before it takes its guards another one does all of the work: what it planned is stale."""
    for title, start, prepare, late in (("creations", ("pull",), lambda work: None, "host.get"), ("changes", ("sync",), lambda work: new_tag(work, "a"), "host.get"),
                                        ("secrets", ("sync",), new_secret, "host.get"), ("changes without a pull", ("sync",), lambda work: (new_tag(work, "a"), work.zync("pull")), "host.get")):
        with Sim(hosts=40, vms=0) as sim, patient(ZYNC, sim) as work:
            tap.equal(work.zync(*start).code, 0, f"stale {title}: {start[0]}")
            prepare(work)
            sim.reset_stats()
            slow(sim, 2500, late, nth=1)
            args = (*SYNC, "--no-pull") if "without" in title else SYNC
            first, started = work.start(*args), time.monotonic()
            tap.ok(wait_until(lambda: sim.hits() > 0, 60, 0.01), f"stale {title}: a sync has read the hosts, and is slow")
            second = work.sync()
            tap.ok(first.poll() is None and len(written(sim)) > 30, f"stale {title}: another one writes everything meanwhile", second)
            run = work.finish(first, args, started)
            tap.equal(untrue(work, sim, [run, second], second.json()["total"]), [], f"stale {title}: each host was written once, both say what happened")


def busy_store():
    """Somebody keeps the store locked for most of the time: the runs wait for their turn, and their guards hold until everything is recorded."""
    with Sim(hosts=40, vms=0) as sim, patient(ZYNC, sim) as work:
        tap.equal(work.sync().code, 0, "first sync")
        for number in range(3):
            new_secret(work)
            sim.reset_stats()
            stop = threading.Event()

            def hog():
                database = sqlite3.connect(work.path("zync.db"), timeout=60, isolation_level=None)
                while not stop.is_set():
                    database.execute("BEGIN IMMEDIATE")
                    time.sleep(0.25)
                    database.execute("COMMIT")
                    time.sleep(0.02)
                database.close()

            thread = threading.Thread(target=hog)
            thread.start()
            runs = together(work, SYNC, SYNC)
            stop.set()
            thread.join()
            tap.equal(untrue(work, sim, runs, runs[0].json()["total"]), [], f"a store that is locked most of the time, {number + 1}: each secret was written once, both say what happened")


# ---- a sync and single hosts ----

def beside_update():
    with Sim(hosts=40, vms=0) as sim, patient(ZYNC, sim) as work:
        tap.equal(work.sync().code, 0, "first sync")
        hosts = refs(work)
        drift(sim, [host for _, host, _ in hosts[:30]])
        busy, idle = hosts[25], hosts[35]
        sim.reset_stats()
        slow_writes(sim, 600, times=3)
        sync = work.start(*SYNC, *[ref for ref, _, _ in hosts[:30]])
        started = time.monotonic()
        tap.ok(writing(sim), "a sync of thirty hosts is writing")
        drift(sim, [idle[1]])  # another host drifts meanwhile
        other = work.start("host", "update", busy[0], "--json")
        tap.ok(running(work, "update-zabbix-host", "wait") is not None, "a job for one of them waits")
        free = work.zync("host", "update", idle[0], "--json")
        tap.ok(sync.poll() is None and free.code == 0 and free.json()["action"] == "update", "one for another host does not wait: it is done while the sync writes", free)
        tap.ok(len(writes(sim)) < 4 and written(sim)[idle[2]] == 1, "and its host is written", writes(sim))
        run, single = work.finish(sync, SYNC, started), work.finish(other, ("host", "update"), started)
        tap.ok(run.code == 0 and (run.json()["changed"], run.json()["total"]) == (30, 30), "the sync writes its thirty", run)
        tap.ok(single.code == 0 and single.json()["action"] == "none" and "Waiting for job" in single.err, "the one that waited finds its host in line", single)
        tap.equal(dict(written(sim)), {i: 1 for _, _, i in [*hosts[:30], idle]}, "each host was written once")
        tap.equal(out_of_line(work, sim, 0 + len(hosts)), [], "everything agrees")


def beside_pull_that_is_older():
    """A sync that has read NetBox before a change there, and comes to write after another run has written that change, must not take it back."""
    with Sim(hosts=30, vms=0) as sim, patient(ZYNC, sim) as work:
        tap.equal(work.sync().code, 0, "first sync")
        hosts = refs(work)
        ref, _, hostid = hosts[4]
        number = int(ref.split(":")[1])
        status = sim.netbox("GET", f"/api/dcim/devices/{number}/")
        site = [s for s in sim.netbox("GET", "/api/dcim/sites/?limit=10")["results"] if s["id"] != status["site"]["id"]][0]
        new_tag(work, "a")
        slow(sim, 2500, "hostgroup.get", nth=1)  # after its pull, before its plan
        sim.reset_stats()
        sync, started = work.start(*SYNC), time.monotonic()
        tap.ok(wait_until(lambda: sim.stats()["zabbix"]["calls"].get("hostgroup.get", 0) > 0, 60, 0.01), "a sync has read NetBox")
        sim.netbox("PATCH", f"/api/dcim/devices/{number}/", {"site": site["id"], "location": None, "rack": None, "position": None, "face": None})
        single = work.zync("host", "update", ref, "--json")
        tap.ok(single.code == 0 and single.json()["action"] == "update" and sync.poll() is None, "the object changes in NetBox, and `zync host update` writes it", single)
        want = [h for found in sim.hosts().values() for h in found if h["hostid"] == hostid]
        run = work.finish(sync, SYNC, started)
        tap.ok(run.code == 0 and run.json()["failed"] == 0, "the sync ends", run)
        have = [h for found in sim.hosts().values() for h in found if h["hostid"] == hostid]
        tap.equal((have, written(sim)[hostid]), (want, 1), "it has not written the older state over it", run, writes(sim))
        tap.equal(out_of_line(work, sim, len(hosts)), [], "everything agrees")


def beside_create():
    """`zync host create` of a host that a sync is about to create, at the moment between its looks at marks and at names."""
    with Sim(hosts=30, vms=0) as sim, patient(ZYNC, sim) as work:
        tap.equal(work.zync("pull").code, 0, "pull")
        ref = refs(work, where="state = 'monitored'")[2][0]
        slow(sim, 2500, "usermacro.get", nth=1)
        single, started = work.start("host", "create", ref, "--json"), time.monotonic()
        tap.ok(wait_until(lambda: sim.stats()["zabbix"]["calls"].get("usermacro.get", 0) > 0, 60, 0.01), "a single job has looked for marks")
        run = work.sync()
        one = work.finish(single, ("host", "create"), started)
        tap.ok(run.code == 0 and run.json()["failed"] == 0, "the sync makes every host", run)
        tap.ok("belongs to" not in one.err and "not managed" not in one.err, "the single job does not take its own host for another's", one)
        tap.equal(out_of_line(work, sim, run.json()["total"]), [], "everything agrees", one)


def beside_delete():
    for hard in (False, True):
        word = "for good" if hard else "to the graveyard"
        flags = ("--hard", "--yes") if hard else ()
        with Sim(hosts=40, vms=0) as sim, patient(ZYNC, sim) as work:
            tap.equal(work.sync().code, 0, "first sync")
            hosts = refs(work)
            ref, _, hostid = hosts[20]
            name = work.rows("SELECT name FROM host_config WHERE hostid = ?", hostid)[0][0]
            new_tag(work, "a")
            sim.reset_stats()
            slow_writes(sim, 150)
            sync, delete = together(work, SYNC, ("host", "delete", ref, "--json", *flags), before_next=lambda: writing(sim))
            tap.ok(sync.code == 0 and sync.json()["changed"] == len(hosts), f"a sync beside a deletion {word}", sync)
            tap.ok(delete.code == 0 and delete.json()["action"] == "delete" and "Waiting for job" in delete.err, "which comes after it", delete)
            tap.ok(set(written(sim).values()) == {1, 2} and written(sim)[hostid] == 2 and refused(sim) == [], "every other host was written once", writes(sim))
            tap.equal(out_of_line(work, sim, len(hosts) - 1 if hard else len(hosts), [name]), [], "the plan is to bring it back, and nothing else")
            tap.equal(work.sync().code, 0, "a sync brings it back")
            # The deletion first. The sync has read the store before it.
            new_tag(work, "b")
            hostid = refs(work, where=f"object_type || ':' || object_id = '{ref}'")[0][2]
            sim.clear()
            slow_writes(sim, 2500, times=1)
            sim.reset_stats()
            delete, sync = together(work, ("host", "delete", ref, "--json", *flags), SYNC, before_next=lambda: writing(sim))
            sim.clear()
            tap.ok(delete.code == 0 and delete.json()["action"] == "delete", f"a deletion {word} beside a sync", delete)
            tap.ok(sync.code == 0 and "Waiting for job" in sync.err and sum_is_true(sync.json()), "which waits for it", sync)
            counts = written(sim)
            tap.ok(all(n == 1 for i, n in counts.items() if i != hostid) and refused(sim) == [], "every other host was written once", counts)
            tap.equal(work.sync().code, 0, "the next sync")
            tap.equal(out_of_line(work, sim, len(hosts)), [], "everything agrees")


def beside_adopt():
    with Sim(hosts=30, vms=0) as sim, patient(ZYNC, sim) as work:
        tap.equal(work.zync("pull").code, 0, "pull")
        ref, host, _ = refs(work, where="state = 'monitored'")[5]
        sim.mutate({"server": "zabbix", "do": "create", "host": host, "name": "somebody's own"})
        slow_writes(sim, 400)
        sync, started = work.start(*SYNC), time.monotonic()
        tap.ok(writing(sim), "a sync is writing; one host is there already, and nobody's")
        adopt = work.zync("host", "adopt", ref, "--json")
        tap.ok(adopt.code == 0 and adopt.json()["action"] == "adopt" and sync.poll() is None, "it is adopted meanwhile", adopt)
        run = work.finish(sync, SYNC, started)
        tap.ok(run.code == 1 and run.json()["failed"] == 1 and sum_is_true(run.json()), "the sync, which came too early for that, reports it", run)
        tap.equal(refs(work, where=f"object_type || ':' || object_id = '{ref}'")[0][2], int(adopt.json()["hostid"]), "and leaves the new link alone")
        sim.clear()
        run = work.sync()
        tap.ok(run.code == 0 and run.json()["changed"] == 1, "the next sync brings it in line", run)
        tap.equal(out_of_line(work, sim, run.json()["total"]), [], "everything agrees")
        # A host that is being written can not be linked anew at the same moment.
        new_tag(work, "a")
        slow_writes(sim, 400)
        sync, started = work.start(*SYNC), time.monotonic()
        sim.reset_stats()
        tap.ok(writing(sim), "a sync is writing all hosts")
        adopt = work.zync("host", "adopt", ref, "--json")
        tap.ok(adopt.code != 0 and "is writing this host at the moment" in adopt.err, "adopting one of them is refused, with the reason", adopt)
        tap.equal(work.finish(sync, SYNC, started).code, 0, "the sync goes on")
        sim.clear()
        tap.equal(out_of_line(work, sim), [], "everything agrees")


# ---- one is killed ----

def killed(title, secret, calls, prepare=None):
    """The first of two is killed in mid-run, the second one waits for it, goes on by itself and does the rest."""
    mapping = {} if secret else {"mapping": GOOD_MAPPING.replace('      macros: [{macro: "{$SECRET.WORD}", value: "swordfish-${MACRO_SECRET}", type: secret}]\n', "")}
    with Sim(hosts=50, vms=6) as sim, patient(ZYNC, sim, **mapping) as work:
        if prepare is not None:
            tap.equal(work.sync().code, 0, "first sync")
            prepare(work)
        before = work.domain()
        slow_writes(sim, 700)
        sim.reset_stats()
        first, started = work.start(*SYNC), time.monotonic()
        tap.ok(writing(sim, calls), f"{title}: a sync is writing")
        one = running(work)
        second = work.start(*SYNC)
        two = running(work, phase="wait", others=(one,))
        tap.ok(two is not None, "a second one waits for it")
        first.send_signal(signal.SIGKILL)
        work.finish(first, SYNC, started)
        done = written(sim)
        sim.clear()
        run = work.finish(second, SYNC, started)
        tap.ok(run.code == 0 and sum_is_true(run.json()) and run.json()["failed"] == 0, "the first one is killed, the second one does the rest", run)
        row = job(work, one)
        tap.ok(row["status"] == "errored" and row["error"].startswith("interrupted"), "the job that was killed is errored, as interrupted", row)
        tap.equal((run.json()["job_id"], job(work, two)["status"]), (two, "completed"), "the other one is completed")
        counts = written(sim)
        again = [i for i, n in counts.items() if n > 1]
        tap.ok(0 < len(done) < len(counts), f"{len(done)} hosts had been written, {len(counts)} in all")
        tap.ok(set(again) <= (set(done) if secret else set()), "hosts that were written are not written again" + (", but for secrets that the killed one may have written" if secret else ""), again)
        tap.ok(written(sim, "host.create").values() == [] or set(written(sim, "host.create").values()) <= {1}, "none is created twice")
        events = work.rows("SELECT DISTINCT hostid FROM event WHERE kind = 'host' AND job_id = ? AND state = 'completed'", one)
        told = {i for (i,) in events}
        if secret and prepare is not None:
            # Of a call without an answer that wrote nothing but secrets nobody can tell whether it was carried out: Zabbix does not show them.
            tap.ok(told and told <= set(done), "the events of the killed job name the hosts that it certainly wrote", told, set(done))
        else:
            tap.equal(told, set(done), "the events of the killed job name just the hosts that it wrote")
        tap.equal(out_of_line(work, sim, run.json()["total"]), [], "everything agrees")
        tap.ok(before != work.domain(), "the store has the results")


def one_is_killed():
    killed("creating", False, 2)
    killed("creating with secrets", True, 3)
    killed("changing", False, 2, lambda work: new_tag(work, "a"))
    killed("changing secrets", True, 2, new_secret)


def both_are_killed():
    """The one that writes and the one that waits: a third finds both dead."""
    with Sim(hosts=40, vms=0) as sim, patient(ZYNC, sim) as work:
        slow_writes(sim, 500)
        one, started = work.start(*SYNC), time.monotonic()
        tap.ok(writing(sim, 2), "a sync is writing")
        first = running(work)
        two = work.start(*SYNC)
        tap.ok(running(work, phase="wait", others=(first,)) is not None, "a second one waits")
        for child in (two, one):
            child.send_signal(signal.SIGKILL)
        for child in (two, one):
            work.finish(child, SYNC, started)
        sim.clear()
        run = work.sync()
        tap.ok(run.code == 0 and sum_is_true(run.json()), "after both were killed the next sync does the rest", run)
        tap.equal(work.rows("SELECT status, substr(error, 1, 11) FROM job ORDER BY created"), [("errored", "interrupted")] * 2 + [("completed", None)], "both jobs are errored")
        tap.equal(out_of_line(work, sim, run.json()["total"]), [], "everything agrees")


# ---- a daemon and the command line ----

def daemon():
    with Sim(hosts=50, vms=6) as sim, patient(ZYNC, sim, extra=LIMITS + QUIET) as work, Serve(work) as serve:
        for title, change in (("creating", lambda: None), ("changing", lambda: new_tag(work, "a")), ("with new secrets", lambda: None)):
            change()
            if title == "changing":
                tap.ok(serve.reload(), "the daemon reads the new mapping", serve)
            if title == "with new secrets":
                drift(sim, [host for _, host, _ in refs(work)])
            sim.reset_stats()
            slow_writes(sim, 120)
            queued = work.zync("sync", "--queue", "--json").json()["job_id"]
            refresh = work.zync("job", "run", "host-config-sync-refresh", "--older-than", "0", "--json").json()["job_id"]
            run = work.sync()
            row = ended(work, queued)
            tap.equal(ended(work, refresh)["status"], "completed", f"{title}: a refresh beside both", serve)
            sim.clear()
            data = json.loads(work.rows("SELECT data FROM job WHERE job_id = ?", queued)[0][0])
            tap.ok(row["status"] == "completed" and sum_is_true(data) and data["failed"] == 0, f"{title}: the daemon's sync completes", row, data, serve)
            tap.ok(run.code == 0 and sum_is_true(run.json()) and run.json()["failed"] == 0, f"{title}: so does the one of the command line", run)
            counts = written(sim)
            tap.ok(set(counts.values()) == {1} and refused(sim) == [], f"{title}: {len(counts)} hosts, each written once", counts)
            tap.equal(data["created"] + data["changed"] + run.json()["created"] + run.json()["changed"], len(counts), f"{title}: and counted once", data, run)
            tap.equal(out_of_line(work, sim, run.json()["total"]), [], f"{title}: everything agrees", serve)
        tap.equal(work.rows("SELECT count(*) FROM host_config WHERE in_sync <> 1"), [(0,)], "every host config is in sync")


TESTS = (ten_times, first_syncs, four, planned_too_early, busy_store, beside_update, beside_pull_that_is_older, beside_create, beside_delete, beside_adopt, one_is_killed, both_are_killed, daemon)
for test in TESTS:
    if options.only in ("", test.__name__):
        test()
sys.exit(tap.done())
