# SPDX-License-Identifier: Apache-2.0
"""Things change on both sides: the plan names exactly these, one sync repairs exactly these in one host.update entry a host."""
import re

import checker
import netbox_api
import proxy
import scene

# Members of a host.update entry → the aspect that they belong to.
ASPECT = {"templates_clear": "templates", "inventory_mode": "inventory", "monitored_by": "proxy", "proxyid": "proxy",
          "proxy_groupid": "proxy", "proxy_hostid": "proxy"}


def aspects(words):
    return {re.match("[a-z]+", ASPECT.get(word, word)).group() for word in words}


def run(s):
    t = s.tap
    doomed = make_doomed(s)
    s.first_sync()
    s.clear()
    start = s.view()
    changed = {}
    used = {doomed}
    in_netbox(s, used, changed)
    by_hand(s, used, changed, start)
    gone = bury(s, used)
    s.netbox.delete(netbox_api.DEVICES, doomed[1])
    k8s = change_secret(s)

    before = s.view()
    wanted = s.wanted()[0]
    expected = {}
    for key in set(wanted) & set(before.ours):
        fields = {text.split(":")[0] for text in checker.differences(wanted[key], before.form(key))}
        if fields:
            expected[key] = aspects(fields)
    for key in k8s:
        expected[key] = expected.get(key, set()) | {"macros"}
    t.equal({key: expected.get(key) for key in changed}, changed, "the changes differ where they should")
    t.equal(set(expected) - k8s, set(changed), "and nowhere else")
    created = set(wanted) - set(before.ours)
    t.equal(len(created), 1, "one host is to be created again")
    plan(s, expected, created, gone, doomed)
    repair(s, before, expected, created, gone, doomed)
    after = s.converged("afterwards", ignore={gone, doomed})
    buried(s, before, after, gone, doomed)
    t.equal(after.changed_since(before) | k8s, set(expected) | created | {gone, doomed}, "no other host of ours was touched")
    t.equal(after.foreign, before.foreign, "no foreign host was touched")
    t.none([key for key in expected if not ids(before, key) <= ids(after, key)], "every interface keeps its interfaceid")


def ids(view, key):
    return {i["interfaceid"] for i in view.ours[key]["interfaces"]}


def make_doomed(s):
    like = next(o for kind, o in s.netbox.objects() if kind == "device" and o["name"] == "status-active-4")
    return ("device", s.netbox.device("live-doomed", "10.9.9.9/16", like))


def in_netbox(s, used, changed):
    n = s.netbox
    key, o = s.pick(used, "device", lambda o: o.at("role", "slug") == "server")
    n.change(netbox_api.DEVICES, o["id"], name="umbenannt/ö 1")
    changed[key] = {"host", "name", "macros"}
    key, o = s.pick(used, "vm", lambda o: o.at("platform", "slug") == "linux")  # its items use the agent interface
    n.change("ipam/ip-addresses/", o["primary_ip4"]["id"], address="10.8.8.8/16")
    changed[key] = {"interfaces"}
    roles = {role["slug"]: role["id"] for role in n.list("dcim/device-roles/")}
    key, o = s.pick(used, "device", lambda o: o.at("role", "slug") == "access-switch" and o.at("site", "slug") == "ber1")
    n.change(netbox_api.DEVICES, o["id"], role=roles["router"])
    changed[key] = {"description", "groups", "interfaces", "macros", "tags"}
    tenants = {tenant["slug"]: tenant["id"] for tenant in n.list("tenancy/tenants/")}
    key, o = s.pick(used, "device", lambda o: o["tenant"] is None and o.at("role", "slug") == "hypervisor")
    n.change(netbox_api.DEVICES, o["id"], tenant=tenants["globex"])
    changed[key] = {"proxy", "groups", "tags"}
    key, o = s.pick(used, "device", lambda o: not o["tags"])
    n.change(netbox_api.DEVICES, o["id"], tags=[{"slug": "critical"}], serial="SN-new")
    changed[key] = {"groups", "tags", "inventory"}
    key, o = s.pick(used, "device")
    n.change(netbox_api.DEVICES, o["id"], status="offline")
    changed[key] = {"status", "tags"}


def by_hand(s, used, changed, view):
    z = s.zabbix

    def host(kind, test=lambda o: True):
        key, _ = s.pick(used, kind, test)
        return key, view.ours[key]

    key, h = host("device")
    z.call("host.update", {"hostid": h["hostid"], "tags": [{"tag": "by", "value": "hand"}, *h["tags"][1:]]})
    changed[key] = {"tags"}
    key, h = host("vm", lambda o: o.at("platform", "slug") == "debian-12")
    z.call("host.massremove", {"hostids": [h["hostid"]], "templateids_clear": [z.template_id("Linux by Zabbix agent")]})
    changed[key] = {"templates"}
    key, h = host("device")
    z.call("host.update", {"hostid": h["hostid"], "name": "by hand", "status": 1, "description": "by hand", "inventory_mode": 0,
                           "inventory": {"location": "by hand", "notes": "by hand"}})
    changed[key] = {"name", "status", "description", "inventory"}
    key, h = host("device")
    z.call("host.massadd", {"hosts": [{"hostid": h["hostid"]}], "groups": [{"groupid": z.group("Foreign")}]})
    changed[key] = {"groups"}
    key, h = host("device")
    z.call("usermacro.create", {"hostid": h["hostid"], "macro": "{$BY.HAND}", "value": "1"})
    changed[key] = {"macros"}
    key, h = host("device", lambda o: o.at("role", "slug") == "access-switch")
    z.call("hostinterface.update", {"interfaceid": h["interfaces"][0]["interfaceid"], "port": "999"})
    changed[key] = {"interfaces"}
    key, h = host("device")
    z.call("host.delete", [h["hostid"]])


def bury(s, used):
    key, o = s.pick(used, "device")
    s.netbox.change(netbox_api.DEVICES, o["id"], status="decommissioning")
    return key


def change_secret(s):
    s.zync.secrets["LIVE_K8S"] = scene.CHANGED_SECRET
    return {key for key, w in s.wanted()[0].items() if "{$LIVE.K8S}" in w["macros"]}


def plan(s, expected, created, gone, doomed):
    t, z = s.tap, s.zync
    s.clear()
    store = z.dump()
    result = z.run("plan", "--json", "--detailed-exit-code")
    t.equal(result.code, 5, "the plan says that something would change", str(result))
    t.none(proxy.writes(s.zp.take()) + proxy.writes(s.np.take()), "the plan makes no write call")
    t.equal(z.dump(), store, "the plan leaves the store as it was")
    planned = {}
    for op in result.json["operations"]:
        planned.setdefault(op["action"], {})[s.key_of(op["host_config_id"])] = aspects(c["field"] for c in op["changes"])
    t.equal(set(planned.get("create", {})), created, "the plan creates exactly the host that was deleted by hand")
    t.equal(set(planned.get("delete", {})), {gone}, "the plan deletes exactly the decommissioned one")
    t.ok(doomed in planned.get("disable", {}), "the plan disables the one that is gone from NetBox")
    updates = {**planned.get("update", {}), **{k: v for k, v in planned.get("disable", {}).items() if k != doomed}}
    t.equal(updates, expected, "the plan names exactly the changed hosts, with exactly the changed aspects")
    t.equal(set(planned), {"create", "delete", "disable", "update"}, "and nothing else")


def repair(s, before, expected, created, gone, doomed):
    t, z = s.tap, s.zync
    result = z.run("sync", "--json")
    t.equal(result.code, 0, "the sync ends with 0", str(result))
    calls = s.zp.take()
    data = result.json
    offline = [key for key, words in expected.items() if words == {"status", "tags"}]
    t.equal([data[k] for k in ("failed", "created", "changed", "deleted", "disabled")],
            [0, 1, len(expected) - len(offline), 1, 1 + len(offline)], "the summary", str(result))
    sent = {}
    for entry in proxy.entries(calls, "host.update"):
        sent.setdefault(entry["hostid"], []).append(entry)
    hostids = {before.ours[key]["hostid"]: key for key in [*expected, gone, doomed]}
    t.equal(set(sent), set(hostids), "host.update is sent for exactly these hosts")
    t.none([hostids.get(k, k) for k, entries in sent.items() if len(entries) != 1], "one entry each")
    other = {hostids[k]: (aspects(set(entries[0]) - {"hostid"}), expected.get(hostids[k])) for k, entries in sent.items() if k in hostids}
    t.none([(k, v) for k, v in other.items() if v[1] is not None and v[0] != v[1]], "with what differs and nothing else")
    methods = {call.method for call in proxy.writes(calls)}
    t.equal(methods - {"hostgroup.create"}, {"host.update", "host.create"}, "by no other write calls")
    t.equal(len(proxy.entries(calls, "host.create")), len(created), "one host is created")
    pushed = {hostids[k]: [m.get("value") for m in e[0].get("macros", []) if m["macro"] == "{$LIVE.K8S}"] for k, e in sent.items()
              if k in hostids}
    t.none([k for k, w in s.wanted()[0].items() if "{$LIVE.K8S}" in w["macros"] and pushed.get(k) != [scene.CHANGED_SECRET]],
           "the changed secret is sent")


def buried(s, before, after, gone, doomed):
    t = s.tap
    old, new = before.form(gone), after.form(gone)
    end = "_deleted_" + after.ours[gone]["hostid"]
    must = dict(old, host=old["host"] + end, name=old["name"] + end, status="disabled", groups=["Zync/Graveyard"])
    t.none(checker.differences(must, new), "the decommissioned host is renamed, disabled and in the graveyard, and else as it was")
    t.none(checker.differences(dict(before.form(doomed), status="disabled"), after.form(doomed)),
           "the host whose device is gone is disabled, and else as it was")
