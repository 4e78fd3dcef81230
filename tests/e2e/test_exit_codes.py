#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each exit code, the environment without a file, several Zabbix servers, logging in by user name, sessions that end, cancelling, and a store in use."""
import os
import signal
import socket
import sys
import time

from e2elib import GOOD_MAPPING, Sim, Tap, Work, arguments, duplicates

ZYNC = arguments().zync
tap = Tap()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def usage():
    with Sim() as sim, Work(ZYNC, sim) as work:
        for args, words in ((["snyc"], "sync"), (["sync", "--fource"], "--force"), (["host"], "needs a command"), (["host", "show"], "HOST"), (["sync", "--config"], "needs a value"),
                            (["sync", "--json=1"], "takes no value"), (["host", "list", "--state", "odd"], "odd"), (["job", "list", "--limit", "none"], "whole number"),
                            (["--config", "missing.yaml", "sync"], "missing.yaml"), (["completion", "tcsh"], "bash"), (["event", "show", "x"], "event id")):
            run = work.zync(*args)
            tap.ok(run.code == 2 and words in run.err and run.out == "", f"exit 2: zync {' '.join(args)}", run)
        run = work.zync()
        tap.ok(run.code == 2 and "Usage" in run.err, "exit 2: no command gives the overview", run)
        for args in (["help"], ["--help"], ["sync", "--help"], ["help", "host"], ["help", "host", "list"], ["--version"], ["manual"], ["completion", "bash"]):
            run = work.zync(*args)
            tap.ok(run.code == 0 and run.out and run.err == "", f"exit 0: zync {' '.join(args)}", run)
        with open(work.path("bad.yaml"), "w", encoding="utf-8") as f:
            f.write("netbox:\n  url: http://127.0.0.1\n  tokken: abc\nzabbix:\n  url: http://127.0.0.1\nmappings:\n  - set:\n      host: \"{{ name | nofilter }}\"\n")
        run = work.zync("sync", "--config", "bad.yaml")
        tap.ok(run.code == 2 and "bad.yaml:3:3" in run.err and "token" in run.err, "exit 2: a wrong configuration, with line and column", run)
        tap.equal(work.zync("sync", "no-such-host").code, 2, "exit 2: a host that there is not")
        child = work.start("help")
        child.stdout.close()
        child.wait(20)
        tap.ok(child.returncode in (0, 4, -signal.SIGPIPE), "a closed pipe ends help quietly", child.returncode)
        child.stderr.close()


def unreachable():
    with Sim() as sim, Work(ZYNC, sim) as work:
        before = work.domain()
        port = free_port()
        for what, change in (("NetBox refuses the connection", (sim["netbox_url"], f"http://127.0.0.1:{port}")),
                             ("Zabbix refuses the connection", (sim["zabbix_url"], f"http://127.0.0.1:{port}")),
                             ("a name that does not resolve", (sim["netbox_url"], "http://no-such-host.invalid"))):
            with open(work.path("zync.yaml"), encoding="utf-8") as f:
                text = f.read()
            work.config(text.replace(*change))
            run = work.sync()
            tap.ok(run.code == 3 and ("netbox" in run.err or "zabbix" in run.err), f"exit 3: {what}", run)
            work.config(text)
        run = work.sync(env={"NETBOX_TOKEN": "nbt_wrong.wrong"})
        tap.ok(run.code == 3, "exit 3: a wrong NetBox token", run)
        run = work.sync(env={"ZBX_TOKEN": "0" * 64})
        tap.ok(run.code == 3, "exit 3: a wrong Zabbix token", run)
        tap.equal(work.domain(), before, "the store is as before")
        jobs = work.rows("SELECT status FROM job")
        tap.equal(set(jobs), {("errored",)}, "each is an errored job", jobs)
        sim.fault({"server": "netbox", "match": "GET /api/dcim/devices/", "kind": "status", "status": 500})
        run = work.sync()
        tap.ok(run.code == 4 and work.domain() == before and sim.hosts() == {}, "exit 4: NetBox answers 500 for good; nothing is written", run)
        tap.equal(work.leaks(), [], "unreachable: no secret in what was printed or stored")


def page_in_the_middle():
    with Sim(hosts=60, vms=0) as sim, Work(ZYNC, sim, netbox="page_size: 10\nvirtual_machines: false") as work:
        tap.equal(work.sync().code, 0, "pages: the first sync is good")
        before, hosts = work.domain(), sim.hosts()
        for kind in ({"kind": "status", "status": 502}, {"kind": "html"}, {"kind": "truncate_json"}, {"kind": "empty_body"}, {"kind": "half_body"}, {"kind": "redirect"}):
            sim.fault({"server": "netbox", "match": "GET /api/dcim/devices/", "after": 3, **kind})
            run = work.sync()
            codes = (2,) if kind["kind"] == "redirect" else (3, 4)  # a login page in front of NetBox is a matter of configuration
            tap.ok(run.code in codes and work.domain() == before and sim.hosts() == hosts, f"page 4 of 6 fails for good ({kind['kind']}): the store and Zabbix stay", run)
            sim.clear()
        tap.equal(work.sync().json()["unchanged"], len(before["host_config"]), "afterwards all is as before")


def errored_while_writing():
    with Sim(hosts=60, vms=0) as sim, Work(ZYNC, sim, zabbix="write_batch: 5") as work:
        sim.fault({"server": "zabbix", "after": 17, "kind": "reset_before"})
        run = work.sync()
        created = len(sim.hosts())
        tap.ok(run.code == 4, f"exit 4: Zabbix is gone while writing ({created} hosts were written)", run)
        tap.ok(run.out == "" or run.json()["status"] == "errored", "the summary says errored", run)
        tap.equal(work.domain(), {"host_config": [], "host_state": [], "change": []}, "the store is as before")
        tap.equal(work.rows("SELECT status FROM job"), [("errored",)], "the job is errored")
        tap.ok(len(work.rows("SELECT 1 FROM event WHERE kind = 'job' AND state = 'errored'")) == 1, "with its event")
        sim.clear()
        run = work.sync()
        hosts = sim.hosts()
        tap.ok(run.code == 0 and duplicates(hosts) == [] and len(hosts) == run.json()["total"] and run.json()["created"] == len(hosts) - created,
               "the next run finds the written hosts by their mark and creates the rest", run)
        tap.equal(work.plan().code, 0, "and the plan is empty")


def safety():
    with Sim(hosts=60, vms=0) as sim, Work(ZYNC, sim) as work:
        work.sync()
        before, hosts = work.domain(), sim.hosts()
        ids = [int(m.split(":")[2]) for m in hosts][:20]
        for i in ids:
            sim.mutate({"table": "dcim/devices", "id": i, "do": "set", "set": {"status": "decommissioning"}, "raw": True})
        run = work.plan()
        tap.ok(run.code == 5 and "max_deletes" in (run.json()["limits"] or ""), "the plan says which limit a sync would stop at", run)
        sim.reset_stats()
        run = work.sync()
        tap.ok(run.code == 6 and "max_deletes" in run.err and "--force" in run.err, "exit 6: more deletions than the limit", run)
        tap.equal((sim.write_calls(), sim.hosts(), work.domain()), (0, hosts, before), "nothing was written anywhere")
        tap.equal(work.rows("SELECT status FROM job ORDER BY created DESC LIMIT 1"), [("failed",)], "the job is failed")
        run = work.sync("--force")
        tap.ok(run.code == 0 and run.json()["deleted"] == len(ids), "--force goes over it", run)
        with open(work.path("zync.yaml"), encoding="utf-8") as f:
            text = f.read()
        work.config(text.replace("  timeout: 1s\n", "  timeout: 1s\n  device_filter: {name: nothing-has-this-name}\n", 1))
        run = work.sync()
        tap.ok(run.code == 6 and "NetBox" in run.err, "exit 6: NetBox gives nothing any more", run)
        tap.equal(work.zync("pull").code, 6, "a pull stops, too")
        tap.equal(len([1 for h in sim.hosts().values() if h[0]["status"] == 0]), len(hosts) - len(ids) - sum(h[0]["status"] for m, h in hosts.items() if int(m.split(":")[2]) not in ids),
                  "and no host was touched")


def environment_only():
    with Sim() as sim, Work(ZYNC, sim) as work:
        os.unlink(work.path("zync.yaml"))
        env = {"NETBOX_HOST": sim["netbox_url"], "ZABBIX_HOST": sim["zabbix_url"], "ZABBIX_TOKEN": sim["zabbix_token"]}
        run = work.sync(env=env)
        tap.ok(run.code in (0, 1) and run.json()["created"] > 5, "no file, only the environment: sync works", run)
        run = work.sync(env={**env, "ZABBIX_TOKEN": "", "ZABBIX_USER": "Admin", "ZABBIX_PASS": sim["zabbix_password"]})
        tap.ok(run.code in (0, 1) and run.json()["created"] == 0 and run.json()["unchanged"] > 5, "with user and password as well", run)
        run = work.sync(env={"NETBOX_HOST": "", "ZABBIX_HOST": sim["zabbix_url"]})
        tap.ok(run.code == 2 and "NETBOX_HOST" in run.err, "what is missing is named", run)


def several_servers():
    mapping = GOOD_MAPPING.replace("status:\n", "  - name: machines\n    match: {type: virtual_machine}\n    set: {zabbix_server: zabbix2}\nstatus:\n", 1)
    with Sim("--zabbix-servers", "2") as sim, Work(ZYNC, sim, mapping, servers=2) as work:
        run = work.sync()
        first, second = sim.hosts(), sim.hosts("zabbix2")
        tap.equal(run.code, 0, "two servers: sync", run)
        tap.ok(first and second and all(":device:" in m for m in first) and all(":vm:" in m for m in second), "devices on the one, machines on the other", first.keys(), second.keys())
        sim.reset_stats()
        run = work.sync()
        tap.equal((run.code, sim.write_calls(), sim.write_calls("zabbix2"), run.json()["unchanged"]), (0, 0, 0, len(first) + len(second)), "the second run writes to neither")
        tap.equal(work.plan().code, 0, "the plan is empty")
        sim.fault({"server": "zabbix2", "kind": "reset_before"})
        before = work.domain()
        run = work.sync()
        tap.ok(run.code in (3, 4) and work.domain() == before, "one server gone: the job fails as a whole", run)


def login_and_sessions():
    with Sim() as sim, Work(ZYNC, sim, login=True, zabbix="write_batch: 3") as work:
        run = work.sync()
        calls = sim.stats()["zabbix"]["calls"]
        tap.ok(run.code == 0 and calls.get("user.login") == 1 and calls.get("user.logout") == 1, "user and password: one login, one logout", run, calls)
        ids = work.rows("SELECT host FROM host_config WHERE hostid IS NOT NULL")
        sim.mutate(*[{"server": "zabbix", "do": "update", "host": h, "set": {"tags": []}} for (h,) in ids])
        for n in range(2, 9):
            sim.reset_stats()
            sim.fault({"server": "zabbix", "match": "host.*", "kind": "session_end", "nth": [n]})
            run = work.sync()
            hits = sim.hits()
            sim.clear()
            tap.ok(run.code == 0 and (hits == 0 or sim.stats()["zabbix"]["calls"].get("user.login", 0) >= 2), f"the session ends with host call {n}: the run logs in again and goes on", run)
            sim.mutate(*[{"server": "zabbix", "do": "update", "host": h, "set": {"tags": []}} for (h,) in ids])
        run = work.sync()
        tap.ok(run.code == 0 and run.json()["changed"] == len(ids) and work.plan().code == 0, "all is in line in the end", run)
        tap.ok(sim["zabbix_password"] == "zabbix", "the simulator's password is a word of every message, so it is not searched for")
        tap.equal(work.leaks(), [], "login: no secret in what was printed or stored")
    with Sim() as sim, Work(ZYNC, sim) as work:
        sim.fault({"server": "zabbix", "match": "host.create", "kind": "token_end", "nth": [1]})
        run = work.sync()
        tap.ok(run.code in (3, 4) and work.domain()["host_config"] == [], "a token that ends in mid-run is an error: it cannot be renewed", run)


def cancelled():
    with Sim("--latency-ms", "150", hosts=60, vms=0) as sim, Work(ZYNC, sim, netbox="page_size: 10", zabbix="write_batch: 2") as work:
        for number, wait_for in ((signal.SIGINT, "netbox"), (signal.SIGTERM, "host.create"), (signal.SIGINT, "host.create")):
            # What the run before this one had written when it was stopped is recorded first; nothing of this one is.
            before = sorted(int(host["hostid"]) for found in sim.hosts().values() for host in found)
            sim.reset_stats()
            started = time.monotonic()
            child = work.start("sync", "--json")
            end = time.monotonic() + 30
            while time.monotonic() < end and child.poll() is None:
                stats = sim.stats()
                if (wait_for == "netbox" and stats["netbox"]["requests"] > 5) or stats["zabbix"]["calls"].get(wait_for, 0) >= 2:
                    break
                time.sleep(0.02)
            child.send_signal(number)
            sent = time.monotonic()
            run = work.finish(child, ["sync"], started)
            took = time.monotonic() - sent
            name = f"{number.name} during {wait_for}"
            tap.ok(run.code == 4 and took < 3, f"{name}: it ends within a moment ({took:.1f} s)", run)
            tap.equal(work.rows("SELECT status FROM job ORDER BY created DESC LIMIT 1"), [("failed",)], f"{name}: the job is failed")
            domain = work.domain()
            tap.equal(([row[0] for row in work.rows("SELECT hostid FROM host_config ORDER BY 1")], domain["host_state"], domain["change"]), (before, [], []),
                      f"{name}: nothing of it is in the store ({len(sim.hosts()) - len(before)} hosts had been written)")
        run = work.sync()
        hosts = sim.hosts()
        tap.ok(run.code == 0 and duplicates(hosts) == [] and len(hosts) == run.json()["total"], "the next run converges", run)
        tap.equal(work.plan().code, 0, "and the plan is empty")


def two_at_once():
    with Sim("--latency-ms", "20", hosts=40, vms=0) as sim, Work(ZYNC, sim, zabbix="write_batch: 5") as work:
        children = [(work.start("sync", "--json"), time.monotonic()) for _ in range(3)]
        runs = [work.finish(child, ["sync"], started) for child, started in children]
        tap.ok(all(r.code in (0, 1) for r in runs), "three first syncs at once: none dies", *runs)
        run = work.sync()
        hosts = sim.hosts()
        tap.ok(run.code == 0 and duplicates(hosts) == [] and len(hosts) == run.json()["total"], "and the next run finds no host twice", run)
        tap.equal(work.rows("SELECT count(*) FROM (SELECT 1 FROM host_config GROUP BY object_type, object_id HAVING count(*) > 1)"), [(0,)], "one host config an object")
        tap.equal(work.plan().code, 0, "the plan is empty")


for test in (usage, unreachable, page_in_the_middle, errored_while_writing, safety, environment_only, several_servers, login_and_sessions, cancelled, two_at_once):
    test()
sys.exit(tap.done())
