#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""5,000 hosts end to end: everything is created, nothing is written twice, memory stays within bounds; the times are printed for people, the bounds are wide."""
import re
import sys

from e2elib import Sim, Tap, Work, arguments, duplicates, peak_mb

ARGS = arguments(hosts=5000)
MEMORY_MB = 200  # DESIGN section 10, for twenty times as many hosts
tap = Tap()

with Sim(hosts=ARGS.hosts * 4 // 5, vms=ARGS.hosts // 5) as sim, Work(ARGS.zync, sim, netbox="timeout: 60s", zabbix="timeout: 60s") as work:
    with open(work.path("zync.yaml"), encoding="utf-8") as f:
        text = f.read()
    work.config(re.sub(r"^ +timeout: 1s\n", "", text, flags=re.M))
    for title, check in (("first sync", lambda s: s["created"] == s["total"]), ("second sync", lambda s: s["unchanged"] == s["total"] and s["zabbix_write_calls"] == 0),
                         ("sync of a change on every host", lambda s: s["changed"] == s["total"])):
        if title.startswith("sync of"):
            with open(work.path("zync.yaml"), encoding="utf-8") as f:
                text = f.read()
            work.config(text.replace("tag: site,", "tag: place,"))
        run = work.sync(timeout=300)
        summary = run.json() if run.out.startswith("{") else {"total": -1}
        tap.ok(run.code == 0 and check(summary) and summary["total"] > ARGS.hosts * 0.9, f"{title} of {summary['total']} hosts", run)
        tap.note(f"{title}: {run.seconds:.1f} s, {run.seconds * 1e6 / max(1, summary['total']):.0f} µs a host (simulator included), "
                 f"{summary.get('zabbix_calls')} calls to Zabbix, {summary.get('netbox_calls')} to NetBox, peak memory {peak_mb():.0f} MB")
    hosts = sim.hosts()
    tap.equal((len(hosts), duplicates(hosts)), (summary["total"], []), "every host is in Zabbix once")
    tap.equal(work.plan(timeout=300).code, 0, "the plan is empty")
    tap.ok(peak_mb() < MEMORY_MB, f"peak memory {peak_mb():.0f} MB is below {MEMORY_MB} MB")
sys.exit(tap.done())
