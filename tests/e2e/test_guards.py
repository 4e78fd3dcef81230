#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What must not happen by accident: a named run that believes an empty answer, mappings that suddenly select nothing, a Zabbix server whose name changed in the configuration."""
from e2elib import Sim, Tap, Work, arguments

ZYNC = arguments().zync
tap = Tap()


def edit(work, old, new):
    with open(work.path("zync.yaml"), encoding="utf-8") as f:
        text = f.read()
    assert old in text, old
    work.config(text.replace(old, new))


def marks(sim):
    return {mark: [(h["hostid"], h["status"]) for h in hosts] for mark, hosts in sim.hosts().items()}


def named_run_and_empty_answer():
    with Sim() as sim, Work(ZYNC, sim) as work:
        tap.equal(work.sync().code, 0, "first sync")
        before = marks(sim)
        name = work.rows("SELECT object_type, object_id FROM host_config WHERE state = 'monitored' ORDER BY pk LIMIT 1")[0]
        host = f"{name[0]}:{name[1]}"
        edit(work, "  timeout: 1s\nzabbix:", "  timeout: 1s\n  device_filter: {status: offline, name: nowhere}\n  vm_filter: {name: nowhere}\nzabbix:")
        run = work.sync(host)
        tap.equal(run.code, 6, "a named run stops when NetBox does not give the object any more", run)
        run = work.zync("host", "update", host)
        tap.equal(run.code, 6, "and so does host update", run)
        tap.equal(marks(sim), before, "nothing was disabled")
        run = work.sync("--force", host)
        tap.ok(run.code == 0 and run.json()["disabled"] == 1, "--force believes it", run)


def mappings_that_select_nothing():
    with Sim(hosts=40) as sim, Work(ZYNC, sim, extra="sync: {max_disables: none}\n") as work:
        tap.equal(work.sync().code, 0, "first sync of 40")
        before = marks(sim)
        edit(work, "  - name: everything\n", "  - name: everything\n    match: {site: no-such-site}\n")
        run = work.sync()
        tap.ok(run.code == 6 and "none of the" in run.err, "objects that are no longer selected count as lost", run)
        run = work.plan()
        tap.ok(run.json()["limits"] is not None, "a plan says that a sync would stop", run)
        tap.equal(marks(sim), before, "nothing was disabled")


def renamed_server():
    with Sim() as sim, Work(ZYNC, sim) as work:
        total = work.sync().json()["total"]
        before = marks(sim)
        edit(work, "- name: zabbix\n", "- name: main\n")
        run = work.sync("--no-pull")
        tap.ok(run.code == 1 and run.json()["failed"] == total and "the configuration does not have" in run.err, "without a pull its host configs fail, each with the reason", run)
        run = work.sync()
        tap.ok(run.code == 0 and (run.json()["updated"], run.json()["created"]) == (total, 0),
               "with a pull every host is found again by its mark (and gets its secret macro once more)", run)
        tap.equal(marks(sim), before, "no host was touched or made twice")
        tap.equal(work.rows("SELECT DISTINCT server FROM host_config WHERE state <> 'removed'"), [("main",)], "the host configs belong to the new name")
        sim.reset_stats()
        run = work.sync()
        tap.equal((run.code, sim.write_calls()), (0, 0), "and the next run writes nothing", run)


def retired_server():
    with Sim(hosts=14) as sim, Work(ZYNC, sim, extra="sync: {max_disables: none, max_shrink: 100%}\n") as work:
        tap.equal(work.sync().code, 0, "first sync")
        pk, kind, number = work.rows("SELECT pk, object_type, object_id FROM host_config WHERE state = 'monitored' AND object_type = 'device' ORDER BY pk LIMIT 1")[0]
        sim.netbox("DELETE", f"/api/dcim/devices/{number}/")
        edit(work, "- name: zabbix\n", "- name: main\n")
        run = work.sync()
        tap.ok(run.code == 0 and work.rows("SELECT state FROM host_config WHERE pk = ?", pk) == [("missing",)],
               "a host config of a retired server whose object is gone is kept and reported", run)
        run = work.plan(f"pk:{pk}")
        tap.ok(any("host delete pk:%d" % pk in (op["reason"] or "") for op in run.json()["operations"]), "the plan says how to forget it", run)
        run = work.zync("host", "delete", f"pk:{pk}")
        tap.ok(run.code == 0 and work.rows("SELECT 1 FROM host_config WHERE pk = ?", pk) == [], "host delete forgets it", run)


named_run_and_empty_answer()
retired_server()
mappings_that_select_nothing()
renamed_server()
raise SystemExit(tap.done())
