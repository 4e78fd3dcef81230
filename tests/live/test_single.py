# SPDX-License-Identifier: Apache-2.0
"""One host at a time, the audit trail, and the exit codes: all JSON parses and says the truth."""
import proxy
import scene

USER = ("--user", "live-tester", "--request-id", "99999999-2222-4333-8444-555555555555")


def run(s):
    t = s.tap
    wanted = s.wanted()[0]
    key, o = s.pick(set(), "device", lambda o: o.at("role", "slug") == "server")
    created(s, key, o["name"], wanted)
    s.first_sync()
    s.converged("after the single host")
    by_hand(s, key, o["name"])
    deleted(s, key, o["name"])
    trail(s, o["name"])
    explained(s, key, o["name"], wanted[key])
    t.equal(s.zync.run("host", "show", "no-such-host").code, 2, "a host that is not there is a usage error")
    unreachable(s)
    usage(s)


def documents(s, label, *args, code=0):
    """Runs the command with --json; its document, or {} when it is none."""
    result = s.zync.run(*args, "--json")
    try:
        document = result.json
    except ValueError:
        document = None
    s.tap.ok(result.code == code and isinstance(document, dict), label + ": exit code %d and one JSON document" % code, str(result))
    return document or {}


def created(s, key, name, wanted):
    t = s.tap
    s.clear()
    data = documents(s, "host create", "host", "create", name, *USER)
    calls = s.zp.take()
    t.equal([len(proxy.entries(calls, "host.create")), len(proxy.entries(calls, "host.update"))], [1, 0], "host create: one host.create")
    view = s.view()
    t.equal(set(view.ours), {key}, "host create: exactly this host is there")
    t.none(view.check({key: wanted[key]}), "host create: it is what the rules say")
    t.equal([data.get("action"), data.get("hostid"), data.get("error"), data.get("pre_data")],
            ["create", view.ours[key]["hostid"], None, None], "host create: says what it did")
    again = s.zync.run("host", "create", name)
    t.ok(again.code == 4 and "host update" in again.err, "host create of one that is there says what to do", str(again))


def by_hand(s, key, name):
    t = s.tap
    before = s.view()
    hostid = before.ours[key]["hostid"]
    s.zabbix.call("host.update", {"hostid": hostid, "description": "by hand", "tags": [{"tag": "by", "value": "hand"}]})
    s.clear()
    diff = documents(s, "host diff", "host", "diff", name)
    t.none(proxy.writes(s.zp.take()), "host diff makes no write call")
    fields = {c["field"].split("[")[0] for op in diff.get("operations", []) for c in op["changes"]}
    t.equal((diff.get("in_sync"), fields), (False, {"description", "tags"}), "host diff names what differs")
    out = documents(s, "host list --out-of-sync", "host", "list", "--out-of-sync").get("hosts", [])
    t.equal([h["name"] for h in out], [name], "host diff stores the sync status")
    shown = documents(s, "host show --actual", "host", "show", name, "--actual")
    t.equal((shown.get("desired", {}).get("description") != "by hand", shown.get("actual", {}).get("description")), (True, "by hand"),
            "host show has both sides")
    s.clear()
    data = documents(s, "host update", "host", "update", name, *USER)
    sent = proxy.entries(s.zp.take(), "host.update")
    t.equal([sorted(e) for e in sent], [["description", "hostid", "tags"]], "host update: one entry with what differs")
    t.equal((data.get("action"), data.get("pre_data", {}).get("description"), data.get("hostid")), ("update", "by hand", hostid),
            "host update: says what it did, with the data before")
    after = s.view()
    t.none(after.check(s.wanted()[0]), "host update: every host is what the rules say")
    t.equal((after.changed_since(before), after.foreign), (set(), before.foreign), "host update: nothing else was touched")
    t.equal(documents(s, "host diff afterwards", "host", "diff", name).get("in_sync"), True, "host diff: in sync")


def deleted(s, key, name):
    t = s.tap
    before = s.view()
    data = documents(s, "host delete", "host", "delete", name, *USER)
    view = s.view()
    t.equal((data.get("action"), view.form(key)["groups"], view.form(key)["status"]), ("delete", ["Zync/Graveyard"], "disabled"),
            "host delete: moves it to the graveyard")
    t.equal(view.changed_since(before), {key}, "host delete: and nothing else")
    documents(s, "host update of a buried host", "host", "update", name)
    t.equal(s.view().changed_since(before), set(), "host update: brings it back as it was")
    data = documents(s, "host delete --hard", "host", "delete", name, "--hard", "--yes")
    view = s.view()
    t.equal(set(before.ours) - set(view.ours), {key}, "host delete --hard: the host is gone, and no other")
    documents(s, "host create once more", "host", "create", name)
    s.converged("deleted and created again")


def trail(s, name):
    t = s.tap
    jobs = documents(s, "job list", "job", "list", "--limit", "100").get("jobs", [])
    stored = s.zync.rows("SELECT job_id, status FROM job")
    t.equal({(j["job_id"], j["status"]) for j in jobs}, set(stored), "job list has every job")
    sync = next((j for j in jobs if j["name"] == "sync-hosts-now"), {})
    shown = documents(s, "job show", "job", "show", sync.get("job_id", "?"))
    t.equal((shown.get("status"), shown.get("data", {}).get("job_id")), ("completed", sync.get("job_id")), "job show has the summary")
    failed = next((j for j in jobs if j["status"] == "errored"), {})
    lines = documents(s, "job log", "job", "log", failed.get("job_id", "?")).get("lines", [])
    t.ok(any("has a host in Zabbix already" in line["message"] for line in lines), "job log has the reason of a failure", lines)
    events = documents(s, "event list", "event", "list", "--host", name).get("events", [])
    t.equal({"create", "update", "delete"} - {e["action"] for e in events}, set(), "event list --host has all that was done to it")
    ours = [e for e in events if e["user"] == USER[1]]
    t.equal({e["request_id"] for e in ours}, {USER[3]}, "with user and request id")
    update = next((e for e in ours if e["action"] == "update"), {})
    event = documents(s, "event show", "event", "show", str(update.get("event_id", 0)))
    t.equal(((event.get("pre_data") or {}).get("description"), (event.get("post_data") or {}).get("description") not in (None, "by hand")),
            ("by hand", True), "event show has the data before and after")


def explained(s, key, name, wanted):
    t = s.tap
    host = (documents(s, "explain", "explain", name).get("hosts") or [{}])[0]
    values = {}
    for value in host.get("values", []):
        values.setdefault(value["field"], []).append(value["value"])
    t.equal((host.get("verdict"), host.get("id"), values.get("host"), values.get("description")),
            ("monitored", key[1], [wanted["host"]], [wanted["description"]]), "explain gives the values that the rules give")
    t.equal(sorted(v[0] for k, v in values.items() if k.startswith("groups[")), wanted["groups"], "explain: the groups")
    t.equal(sorted((k[5:-1], v) for k, vs in values.items() if k.startswith("tags[") for v in vs), wanted["tags"], "explain: the tags")
    t.ok("everything" in host.get("mappings", []), "explain names the mappings")
    unnamed = next(o for kind, o in s.netbox.objects() if kind == "device" and not o["name"])
    host = (documents(s, "explain of a skipped one", "explain", "device:%d" % unnamed["id"]).get("hosts") or [{}])[0]
    t.equal((host.get("verdict"), host.get("reason")), ("skipped", "the device has no name"), "explain says why one is skipped")
    documents(s, "check --json", "check")
    documents(s, "pull --json", "pull")


def unreachable(s):
    t, z = s.tap, s.zync
    for what, one in (("Zabbix", s.zp), ("NetBox", s.np)):
        one.down()
        for args in (("sync",), ("plan",), ("check",)):
            result = z.run(*args)
            t.ok(result.code == 3 and (what.lower() in (result.err + result.out).lower()), "%s down: %s exits with 3 and names it" % (what, args[0]),
                 str(result))
        one.up()
    for name in ("LIVE_ZABBIX_TOKEN", "LIVE_NETBOX_TOKEN"):
        right, z.secrets[name] = z.secrets[name], "Zq7Wrong" + "0" * 56
        for args in (("sync",), ("check",)):
            t.equal(z.run(*args).code, 3, "wrong %s: %s exits with 3" % (name, args[0]))
        z.secrets[name] = right
    z.secrets["LIVE_PASSWORD"] = "Zq7WrongPassword"
    z.configure(ZABBIX_LOGIN="  username: Admin\n  password: ${LIVE_PASSWORD}")
    t.equal(z.run("sync").code, 3, "wrong password: exits with 3")
    z.secrets["LIVE_PASSWORD"] = scene.SECRETS["LIVE_PASSWORD"]
    s.zabbix.user("live-login", z.secrets["LIVE_PASSWORD"])
    z.configure(ZABBIX_LOGIN="  username: live-login\n  password: ${LIVE_PASSWORD}")
    s.clear()
    t.equal(z.run("sync").code, 0, "user and password: a sync ends with 0")
    methods = [call.method for call in s.zp.take()]
    t.equal((methods.count("user.login"), methods.count("user.logout"), methods[-1:]), (1, 1, ["user.logout"]), "logged in once, and out at the end")
    z.configure(ZABBIX_LOGIN="  token: ${LIVE_ZABBIX_TOKEN}")
    z.configure(NETBOX_URL=s.np.url)
    v1, z.secrets["LIVE_NETBOX_TOKEN"] = z.secrets["LIVE_NETBOX_TOKEN"], s.suite.netbox_access["token_v1"]
    t.equal(z.run("sync").code, 0, "a NetBox token of version 1: a sync ends with 0")
    z.secrets["LIVE_NETBOX_TOKEN"] = v1


def usage(s):
    t, z = s.tap, s.zync
    for args in (("sync", "--bogus"), ("bogus",), ("host", "show"), ("job", "show", "not-a-job")):
        t.equal(z.run(*args).code, 2, "%s: exit code 2" % " ".join(args))
    z.configure(SYNC_MORE="  on_mising: disable")
    result = z.run("sync")
    t.ok(result.code == 2 and "on_missing" in result.err and "zync.yaml:" in result.err,
         "an unknown key: exit code 2, its line, and the nearest known one", str(result))
    z.configure(SYNC_MORE="")
    secret = z.secrets.pop("LIVE_SECRET")
    result = z.run("sync")
    t.ok(result.code == 2 and "LIVE_SECRET" in result.err, "a variable that is not set: exit code 2 and its name", str(result))
    z.secrets["LIVE_SECRET"] = secret
