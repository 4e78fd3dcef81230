# SPDX-License-Identifier: Apache-2.0
"""A filled NetBox and an empty Zabbix: check, plan, the first sync, and a second one that has nothing to do."""
import proxy


def run(s):
    t, z = s.tap, s.zync
    before = s.view()
    checked = z.run("check")
    t.equal(checked.code, 0, "zync check ends with 0", str(checked))
    t.ok("not ok" not in checked.out and "live-proxy" not in checked.err, "zync check finds nothing missing", str(checked))
    t.none(proxy.writes(s.zp.take()) + proxy.writes(s.np.take()), "zync check makes no write call")

    wanted, failed, removed, skipped = s.wanted()
    t.ok(len(wanted) > 300 and not failed and removed and skipped, "NetBox has enough of everything",
         "%d wanted, %d failed, %d removed, %d skipped" % (len(wanted), len(failed), len(removed), len(skipped)))
    plan_only(s, wanted)
    first(s, wanted, before, removed, skipped)
    second(s, wanted)


def plan_only(s, wanted):
    t, z = s.tap, s.zync
    store = z.dump()
    plan = z.run("plan", "--json")
    t.equal(plan.code, 0, "zync plan ends with 0", str(plan))
    ops = plan.json["operations"]
    t.equal(sorted({op["action"] for op in ops}), ["create"], "the plan only creates")
    names = sorted(next((c["new"] for c in op["changes"] if c["field"] == "host"), None) or "?" for op in ops)
    t.equal(names, sorted(w["host"] for w in wanted.values()), "the plan names every eligible host by its technical name")
    t.equal((plan.json["total"], plan.json["create"], plan.json["failed"]), (len(wanted), len(wanted), 0), "the plan's numbers")
    calls = s.zp.take() + s.np.take()
    t.none(proxy.writes(calls), "zync plan makes no write call")
    t.ok(calls, "zync plan went through the proxies")
    t.equal(z.dump(), store, "zync plan leaves the store as it was")
    t.equal(z.run("plan", "--detailed-exit-code").code, 5, "plan --detailed-exit-code says 5 when something would change")
    s.clear()


def first(s, wanted, before, removed, skipped):
    t, z = s.tap, s.zync
    result = z.run("sync", "--json", "--user", "live-tester", "--request-id", "11111111-2222-4333-8444-555555555555")
    t.equal(result.code, 0, "the first sync ends with 0", str(result))
    data = result.json
    t.equal([data[k] for k in ("status", "total", "updated", "failed", "created", "changed", "unchanged", "deleted", "disabled")],
            ["completed", len(wanted), len(wanted), 0, len(wanted), 0, 0, 0, 0], "the summary of the first sync")
    t.equal(data["message"], "Sync complete: %d/%d hosts updated, 0 failed." % (len(wanted), len(wanted)), "the message")
    t.equal(data["skipped"], len(removed) + len(skipped), "skipped counts what has no host")
    zabbix_calls, netbox_calls = s.zp.take(), s.np.take()
    t.equal(data["zabbix_calls"], len(zabbix_calls), "zabbix_calls is what went over the wire")
    t.equal(data["zabbix_write_calls"], len(proxy.writes(zabbix_calls)), "zabbix_write_calls too")
    t.equal(data["netbox_calls"], len(netbox_calls), "netbox_calls too")
    t.none(proxy.writes(netbox_calls), "nothing is written to NetBox")
    t.equal(len(proxy.entries(zabbix_calls, "host.create")), len(wanted), "each host is created once")
    t.ok(len(zabbix_calls) < len(wanted) / 4, "in bulk, not host by host", "%d calls" % len(zabbix_calls))
    view = s.view()
    t.none(view.check(wanted), "every eligible host is what the rules say, read back by a checker of its own")
    t.equal(view.foreign, before.foreign, "no other host was touched")
    secrets(s, wanted, zabbix_calls)
    trail(s, wanted, data)


def secrets(s, wanted, calls):
    """A secret macro is never returned: what was sent is the proof."""
    sent = {}
    for entry in proxy.entries(calls, "host.create"):
        sent[entry["host"]] = {m["macro"]: m["value"] for m in entry.get("macros", []) if str(m.get("type")) == "1"}
    must = {w["host"]: {name: m[1] for name, m in w["macros"].items() if m[0] == "secret"} for w in wanted.values()}
    s.tap.equal({k for k in must if sent.get(k) != must[k]}, set(), "every secret macro is sent with its value")


def trail(s, wanted, data):
    t, z = s.tap, s.zync
    rows = z.rows("SELECT object_type, object_id, in_sync, hostid IS NOT NULL, last_error FROM host_config WHERE state IN "
                  "('monitored', 'disabled')")
    t.equal({tuple(r[:2]) for r in rows}, set(wanted), "the store has a host config for each")
    t.none([r for r in rows if r[2:] != (1, 1, None)], "each in sync and linked")
    changes = z.rows("SELECT DISTINCT user_name, request_id, job_id, action FROM change")
    t.equal(changes, [("live-tester", "11111111-2222-4333-8444-555555555555", data["job_id"], "create")], "changelog with user, request and job")
    t.equal(z.rows("SELECT count(*) FROM change")[0][0], len(wanted), "one change a host")


def second(s, wanted):
    t, z = s.tap, s.zync
    before = s.view()
    result = z.run("sync", "--json")
    t.equal(result.code, 0, "the second sync ends with 0", str(result))
    data = result.json
    t.none(proxy.writes(s.zp.take()) + proxy.writes(s.np.take()), "the second sync makes no write call at all")
    t.equal([data[k] for k in ("total", "updated", "failed", "created", "changed", "unchanged", "zabbix_write_calls")],
            [len(wanted), len(wanted), 0, 0, 0, len(wanted), 0], "and says so")
    t.equal(s.view().changed_since(before), set(), "Zabbix is as it was")
    plan = z.run("plan", "--json", "--detailed-exit-code")
    t.equal((plan.code, plan.json["operations"]), (0, []), "the plan is empty", str(plan))
    s.clear()
    stored = z.run("sync", "--no-pull", "--json")
    t.equal((stored.code, s.np.take(), proxy.writes(s.zp.take())), (0, [], []), "sync --no-pull asks NetBox nothing and writes nothing")
    stored = z.run("plan", "--no-pull", "--json", "--detailed-exit-code")
    t.equal((stored.code, stored.json["operations"]), (0, []), "plan --no-pull is empty, too", str(stored))
