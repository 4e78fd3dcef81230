# SPDX-License-Identifier: Apache-2.0
"""delete-unused-host-groups on real servers: what Zabbix would take along in silence keeps its group, and so does what Zabbix itself refuses to lose."""
JOB = "delete-unused-host-groups"
USES = ("action", "operation", "maintenance", "maintenance with more", "map", "dashboard", "rights", "script", "member", "nothing", "nothing too")


def run(s):
    t, z = s.tap, s.zync
    used, names = set(), {}
    for use in USES:
        names[use] = s.pick(used, "device")[1]["name"]
    before = groups(s)
    s.rules_text("- match: {name: [%s]}\n  set: {host_groups: [\"Temp/{{ name }}/deep\"]}" % ", ".join(names.values()))
    t.equal(z.run("sync", *names.values()).code, 0, "a sync that makes groups")
    made = {name: ident for name, ident in groups(s).items() if name not in before}
    t.equal(dict(z.rows("SELECT name, groupid FROM made_group")), {name: int(ident) for name, ident in made.items()}, "each of them is remembered with its id")
    result = job(s)
    t.equal((result["deleted"], groups(s)), (0, {**before, **made}), "none of them goes while it is in use")
    s.rules_text("")
    t.equal(z.run("sync", *names.values()).code, 0, "the hosts leave them")
    deep = {use: "Temp/%s/deep" % name for use, name in names.items()}
    ids = {use: made[name] for use, name in deep.items()}
    use_them(s, ids)
    world = users(s)
    dry = job(s, "--dry-run")
    t.equal((groups(s), users(s)), ({**before, **made}, world), "a dry run changes nothing")
    result = job(s)
    was = {g["name"]: (g["action"], g["reason"]) for g in result["groups"]}
    for use, word in (("action", 'the action "Live condition" uses it'), ("operation", 'the action "Live operation" uses it'),
                      ("maintenance", 'the maintenance "Live alone" uses it'), ("maintenance with more", 'the maintenance "Live more" uses it'),
                      ("map", 'the map "Live map" uses it'), ("dashboard", 'the dashboard "Live dashboard" uses it'), ("rights", 'the user group "Live group" uses it'), ("script", "it is used in a global script"),
                      ("member", "it has 1 host")):
        t.ok(was[deep[use]][0] == "keep" and word in was[deep[use]][1], "%s: %s" % (use, was[deep[use]][1]), was[deep[use]])
    gone = {deep[use] for use in ("nothing", "nothing too")} | {"Temp/" + names[use] for use in ("nothing", "nothing too")}
    t.equal({name for name in was if was[name][0] == "delete"}, gone, "exactly the unused ones go, with the groups above them")
    t.equal(groups(s), {name: ident for name, ident in {**before, **made}.items() if name not in gone}, "and all others are there")
    t.equal({g["name"] for g in dry["groups"] if g["action"] == "delete"} - gone, {deep["script"], "Temp/" + names["script"]},
            "the dry run said so, but for what only Zabbix knows")
    t.equal(users(s), world, "actions, maintenances, maps, dashboards and rights are as they were")
    t.equal(job(s)["deleted"], 0, "once more: nothing is left")


def groups(s):
    return {g["name"]: g["groupid"] for g in s.zabbix.call("hostgroup.get", {"output": ["groupid", "name"]})}


def job(s, *args):
    result = s.zync.run("job", "run", JOB, *args, "--now", "--json")
    s.tap.equal(result.code, 0, "the job completes", str(result))
    return result.json


def use_them(s, ids):
    call, v7 = s.zabbix.call, s.v7
    script = call("script.create", {"name": "Live script", "command": "true", "scope": "2", "type": "0", "execute_on": "1", "groupid": ids["script"]})["scriptids"][0]
    call("action.create", {"name": "Live condition", "eventsource": 0, "esc_period": "1h",
                           "filter": {"evaltype": 0, "conditions": [{"conditiontype": 0, "operator": 0, "value": ids["action"]}]},
                           "operations": [{"operationtype": 0, "opmessage": {"default_msg": 1}, "opmessage_grp": [{"usrgrpid": "7"}]}]})
    call("action.create", {"name": "Live operation", "eventsource": 0, "esc_period": "1h",
                           "operations": [{"operationtype": 1, "opcommand": {"scriptid": command(s)}, "opcommand_grp": [{"groupid": ids["operation"]}]}]})
    period = {"active_since": 1700000000, "active_till": 1700086400, "timeperiods": [{"timeperiod_type": 0, "period": 3600, "start_date": 1700000000}]}

    def maintenance(name, *groupids):
        members = {"groups": [{"groupid": g} for g in groupids]} if v7 else {"groupids": list(groupids)}
        call("maintenance.create", {"name": name, **members, **period})
    maintenance("Live alone", ids["maintenance"])
    maintenance("Live more", ids["maintenance with more"], s.zabbix.group("Foreign"))
    call("map.create", {"name": "Live map", "width": 400, "height": 400, "selements": [
        {"selementid": "1", "elementtype": "3", "elements": [{"groupid": ids["map"]}], "iconid_off": "1", "x": 1, "y": 1}]})
    call("dashboard.create", {"name": "Live dashboard", "pages": [{"widgets": [{"type": "problems", "x": 0, "y": 0, "width": 6, "height": 4, "fields": [
        {"type": "2", "name": "groupids.0" if v7 else "groupids", "value": ids["dashboard"]}]}]}]})
    call("usergroup.create", {"name": "Live group", ("hostgroup_rights" if v7 else "rights"): [{"id": ids["rights"], "permission": 2}]})
    call("host.create", {"host": "by hand", "groups": [{"groupid": ids["member"]}]})
    return script


def command(s):
    return s.zabbix.call("script.create", {"name": "Live command", "command": "true", "scope": "1", "type": "0", "execute_on": "1"})["scriptids"][0]


def users(s):
    """All that refers to groups, whole."""
    v7 = s.v7
    return [s.zabbix.call(method, {"output": "extend", **{select: "extend" for select in selects}}) for method, selects in (
        ("action.get", ("selectFilter", "selectOperations", "selectRecoveryOperations", "selectUpdateOperations")),
        ("maintenance.get", ("selectHostGroups" if v7 else "selectGroups",)), ("map.get", ("selectSelements",)), ("dashboard.get", ("selectPages",)),
        ("usergroup.get", ("selectHostGroupRights" if v7 else "selectRights",)), ("script.get", ()))]
