# SPDX-License-Identifier: Apache-2.0
"""What Zync must not do: delete many at once, take an empty NetBox for the truth, touch hosts that are not its own."""
import netbox_api
import proxy
import scene

FLAG_DISCOVERED = 4


def run(s):
    conflicts(s)
    many_deletions(s)
    marks(s)
    little_from_netbox(s)


def last_job(z):
    return z.rows("SELECT status FROM job ORDER BY created DESC, rowid DESC LIMIT 1")[0][0]


def conflicts(s):
    """Hosts that are there already: one made by hand, one of low-level discovery, each with the name that one of ours must have."""
    t, z = s.tap, s.zync
    used = set()
    hand, hand_object = s.pick(used, "device", lambda o: o.at("role", "slug") == "server")
    found, found_object = s.pick(used, "device", lambda o: o.at("role", "slug") == "server")
    wanted = s.wanted()[0]
    group = s.zabbix.group("Foreign")
    agent = {"type": 1, "main": 1, "useip": 1, "ip": "192.0.2.9", "dns": "", "port": "10050"}
    ids = s.zabbix.call("host.create", [{"host": wanted[k]["host"], "groups": [{"groupid": group}], "interfaces": [agent]}
                                        for k in (hand, found)])["hostids"]
    s.lab.sql(s.server, "UPDATE hosts SET flags = %d WHERE hostid = %s" % (FLAG_DISCOVERED, ids[1]))
    before = s.view()
    result = z.run("sync", "--json")
    t.equal((result.code, result.json["failed"]), (1, 2), "hosts of the same name that are not ours: these two fail", str(result))
    errors = {f["name"]: f["error"] for f in result.json["failures"]}
    t.ok("zync host adopt" in errors.get(hand_object["name"], ""), "the one made by hand names the adoption command", errors)
    view = s.view()
    t.none(view.check(wanted, ignore={hand, found}), "all others are in sync")
    t.equal(view.foreign, before.foreign, "both are left alone")
    refused = z.run("host", "adopt", found_object["name"])
    t.ok(refused.code == 4 and "low-level discovery" in refused.err, "a discovered host cannot be adopted", str(refused))
    s.clear()
    adopted = z.run("host", "adopt", hand_object["name"], "--json")
    t.equal(adopted.code, 0, "the other one can", str(adopted))
    t.none(proxy.writes(s.zp.take()), "adopting changes nothing in Zabbix")
    result = z.run("sync", "--json")
    t.equal((result.code, result.json["changed"], result.json["created"]), (1, 1, 0), "the next sync brings it in line", str(result))
    view = s.view()
    t.none(view.check(wanted, ignore={found}), "and it is what the rules say")
    t.equal(view.ours.get(hand, {}).get("hostid"), ids[0], "in the host that was there")
    t.equal(view.foreign.get(ids[1]), before.foreign[ids[1]], "the discovered one is still left alone")
    s.lab.sql(s.server, "UPDATE hosts SET flags = 0 WHERE hostid = %s" % ids[1])
    s.zabbix.call("host.delete", [ids[1]])
    result = z.run("sync", "--json")
    t.equal((result.code, result.json["created"]), (0, 1), "when it is gone, ours is created", str(result))
    discovered_later(s, found, wanted)


def discovered_later(s, key, wanted):
    """A linked host that turns out to be discovered."""
    t, z = s.tap, s.zync
    hostid = s.view().ours[key]["hostid"]
    s.zabbix.call("host.update", {"hostid": hostid, "tags": []})
    s.lab.sql(s.server, "UPDATE hosts SET flags = %d WHERE hostid = %s" % (FLAG_DISCOVERED, hostid))
    before = s.view()
    result = z.run("sync", "--json")
    t.equal((result.code, [f["name"] for f in result.json["failures"]]), (1, [wanted[key]["host"]]),
            "a linked host that is a discovered one fails", str(result))
    t.equal(s.view().changed_since(before), set(), "and is left alone")
    s.lab.sql(s.server, "UPDATE hosts SET flags = 0 WHERE hostid = %s" % hostid)
    t.equal(z.run("sync").code, 0, "and is repaired when it is not")
    s.converged("conflicts solved")


def many_deletions(s):
    t, z = s.tap, s.zync
    used = set()
    keys = [s.pick(used, "device")[0] for _ in range(12)]
    before, store = s.view(), z.domain()
    s.netbox.change_many(netbox_api.DEVICES, [{"id": ident, "status": "decommissioning"} for _, ident in keys])
    s.clear()
    plan = z.run("plan", "--json")
    t.ok(plan.code == 0 and plan.json["delete"] == 12 and "max_deletes" in (plan.json["limits"] or ""),
         "the plan shows the deletions and names the limit", str(plan))
    result = z.run("sync", "--json")
    t.equal(result.code, 6, "more than 10 decommissioned at once: exit code 6", str(result))
    t.ok("--force" in result.err and "max_deletes" in result.err, "the message names the limit and the command", result.err)
    t.equal(last_job(z), "failed", "the job failed")
    t.none(proxy.writes(s.zp.take()), "nothing is written")
    t.equal(z.domain(), store, "the host configs are as they were")
    result = z.run("sync", "--force", "--json")
    t.equal((result.code, result.json["deleted"]), (0, 12), "--force goes on", str(result))
    view = s.view()
    t.equal(view.changed_since(before), set(keys), "exactly these are changed")
    t.none([k for k in keys if view.form(k)["groups"] != ["Zync/Graveyard"] or view.form(k)["status"] != "disabled"],
           "they are in the graveyard")
    again = z.run("sync", "--json")
    t.equal((again.code, again.json["deleted"]), (0, 0), "another run deletes nothing", str(again))
    s.netbox.restore()
    result = z.run("sync", "--json")
    t.equal(result.code, 0, "back in NetBox: the sync ends with 0", str(result))
    view = s.converged("back in NetBox")
    t.equal({k: view.ours[k]["hostid"] for k in keys}, {k: before.ours[k]["hostid"] for k in keys}, "they are the same hosts as before")


def marks(s):
    """A linked host whose mark names another object is left alone."""
    t, z = s.tap, s.zync
    key, o = s.pick(set(), "device")
    view = s.view()
    host = view.ours[key]
    mark = next(m for m in host["macros"] if m["macro"] == "{$ZYNC.OWNER}")
    s.zabbix.call("usermacro.update", {"hostmacroid": mark["hostmacroid"], "value": "other-netbox:device:1"})
    s.zabbix.call("host.update", {"hostid": host["hostid"], "tags": []})
    before = s.view()
    result = z.run("sync", "--json")
    t.equal((result.code, [f["name"] for f in result.json["failures"]]), (1, [o["name"]]), "a host with another's mark fails", str(result))
    t.ok("other-netbox:device:1" in result.json["failures"][0]["error"], "the message names the mark")
    after = s.view()
    t.equal((after.foreign, after.changed_since(before)), (before.foreign, set()), "and is left alone")
    deleted = z.run("host", "delete", o["name"], "--yes")
    t.equal((deleted.code, s.view().foreign), (1, before.foreign), "host delete leaves it alone, too", str(deleted))
    s.zabbix.call("usermacro.update", {"hostmacroid": mark["hostmacroid"], "value": mark["value"]})
    t.equal(z.run("sync").code, 0, "with its own mark again it is repaired")
    s.converged("marks")


def little_from_netbox(s):
    t, z = s.tap, s.zync
    before, store = s.view(), z.domain()

    def stops(label, code, job):
        s.clear()
        result = z.run("sync", "--json")
        t.equal(result.code, code, label + ": exit code %d" % code, str(result))
        t.equal(last_job(z), job, label + ": the job %s" % job)
        t.none(proxy.writes(s.zp.take()), label + ": nothing is written")
        t.equal((z.domain(), s.view().changed_since(before)), (store, set()), label + ": all is as it was")
        return result

    nothing = "  device_filter: {name: no-such-name}\n  vm_filter: {name: no-such-name}"
    z.configure(NETBOX_MORE=nothing)
    stops("NetBox answers with nothing", 6, "failed")
    z.configure(NETBOX_MORE="  device_filter: {site: muc1}\n  vm_filter: {site: muc1}")
    stops("NetBox answers with a part", 6, "failed")
    z.configure(NETBOX_MORE="")
    if s.lab.simulator:
        t.skip("a NetBox token without permissions", "the simulator has no users to create")
        return
    z.secrets["LIVE_NETBOX_TOKEN"] = blind_token(s)
    stops("a NetBox token without permissions", 3, "errored")
    z.secrets["LIVE_NETBOX_TOKEN"] = s.suite.secrets["LIVE_NETBOX_TOKEN"]
    t.equal(z.run("plan", "--detailed-exit-code").code, 0, "with the right answers nothing is to be done")


def blind_token(s):
    """The token of a NetBox user that may see nothing."""
    user = s.netbox.create("users/users/", {"username": "live-blind", "password": scene.SECRETS["LIVE_PASSWORD"] + "-1A"})
    token = s.netbox.create("users/tokens/", {"user": user["id"], "version": 1, "token": "Zq7Wrong" + "a" * 32, "write_enabled": False})
    return token.get("token") or token.get("key") or "Zq7Wrong" + "a" * 32
