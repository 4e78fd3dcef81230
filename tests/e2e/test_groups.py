#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The job delete-unused-host-groups: what is remembered of the groups that Zync makes, which of them go, and which stay for what reason."""
from e2elib import Sim, Tap, Work, arguments

ZYNC = arguments().zync
JOB = "delete-unused-host-groups"
tap = Tap()
MAPPING = """
mappings:
  - name: everything
    set:
      host: "e2e {{ name | default('unnamed') }}"
      name: "{{ name | default('unnamed') }} {{ type }} {{ id }}"
      host_groups: ["%s/{{ type }}/{{ site.name | default('no site') }}", Always/There]
      interfaces: [{type: agent, ip: 192.0.2.7}]
"""


def groups(sim):
    return {g["name"]: int(g["groupid"]) for g in sim.zabbix("hostgroup.get", {"output": ["groupid", "name"]})}


def remembered(work):
    return dict(work.rows("SELECT name, groupid FROM made_group ORDER BY name"))


def job(work, *args):
    return work.zync("job", "run", JOB, *args, "--now", "--json")


def fates(run):
    return {g["name"]: (g["action"], g["reason"]) for g in run.json()["groups"]}


def with_parents(names):
    return {"/".join(name.split("/")[:n + 1]) for name in names for n in range(name.count("/") + 1)}


def configure(work, root):
    with open(work.path("zync.yaml"), encoding="utf-8") as f:
        text = f.read()
    work.config(text[:text.index("\nmappings:")] + MAPPING % root)


def first():
    """A sync in folder Old, then one in folder New: all below Old is unused."""
    with Sim(hosts=30, vms=6) as sim, Work(ZYNC, sim, mapping=MAPPING % "Old") as work:
        before = groups(sim)
        run = job(work)
        tap.equal((run.code, run.json()["total"], run.json()["message"]), (0, 0, "Deleted 0 of 0 host groups that Zync made: 0 stay, 0 are forgotten."),
                  "nothing made, nothing to do", run)
        tap.equal(work.sync().code, 0, "first sync")
        made = {name: i for name, i in groups(sim).items() if name not in before}
        tap.equal(remembered(work), made, "every group that the sync made is remembered with its id, parents too")
        tap.ok("Old" in made and "Old/device" in made and "Always" in made and len(made) > 8, "which are some", made)
        sim.reset_stats()
        run = job(work)
        tap.equal((run.code, run.json()["deleted"], run.json()["kept"], sim.write_calls()), (0, 0, len(made), 0), "all in use: nothing goes, nothing is written", run)
        tap.equal(fates(run)["Old/device"][0], "keep", "a group above others stays")
        tap.ok("which stays" in fates(run)["Old"][1] and "the mappings name it (" in fates(run)["Always/There"][1], "with its reason", fates(run))
        some = next(name for name in made if name.startswith("Old/device/"))
        tap.ok(fates(run)[some][1].startswith("it has ") and "host" in fates(run)[some][1], "those with hosts say how many", fates(run)[some])

        configure(work, "New")
        tap.equal(work.sync().code, 0, "all hosts move to other groups")
        old = {name for name in groups(sim) if name == "Old" or name.startswith("Old/")}
        tap.equal(old, {name for name in made if name.startswith("Old")}, "the old ones are still there")
        sim.reset_stats()
        run = job(work, "--dry-run")
        tap.equal((run.code, run.json()["dry_run"], run.json()["deleted"], {n for n, (a, _) in fates(run).items() if a == "delete"}, sim.write_calls()),
                  (0, True, 0, old, 0), "a dry run names exactly them and writes nothing", run)
        tap.equal(set(remembered(work)) & old, old, "and forgets nothing")

        held, renamed, gone, used = sorted(name for name in old if name.count("/") == 2)[:4]
        ids = groups(sim)
        host = sim.zabbix("host.create", {"host": "by hand", "groups": [{"groupid": str(ids[held])}]})["hostids"][0]
        sim.zabbix("hostgroup.update", [{"groupid": str(ids[renamed]), "name": "Theirs now"}])
        sim.zabbix("hostgroup.delete", [str(ids[gone])])
        sim.zabbix("usergroup.create", {"name": "Night shift", "hostgroup_rights": [{"id": str(ids[used]), "permission": 2}]})
        run = job(work)
        was, now = fates(run), groups(sim)
        kept = with_parents({held, used}) & old
        tap.equal((was[held], was[used], was[renamed], was[gone]),
                  (("keep", "it has 1 host"), ("keep", 'the user group "Night shift" uses it'), ("forget", 'it is called "Theirs now" now'), ("forget", "it is gone")),
                  "a host by hand, a right, a new name, a deletion by hand", run)
        tap.equal({name for name in now if name in old}, kept, "what is proven to be unused is gone, children and parents")
        tap.ok("Theirs now" in now and all(name in now for name in before), "foreign groups are as they were")
        tap.equal(run.json()["deleted"], len(old) - len(kept) - 2, "the count")
        tap.equal({name for name in remembered(work) if name in old}, kept, "what is gone or renamed is forgotten")
        tap.equal(work.rows("SELECT message FROM event WHERE job_id = ?", run.json()["job_id"]), [(run.json()["message"],)], "the job has its event")
        sim.zabbix("host.delete", [host])
        text = work.zync("job", "run", JOB, "--now")
        tap.ok(text.code == 0 and f"- {held}" in text.out and f'{used} stays: the user group "Night shift" uses it' in text.out, "the result for people", text)
        tap.equal(job(work).json()["deleted"], 0, "once more: nothing is left to do")
        tap.equal(work.plan().code, 0, "no host has lost anything")


def refused():
    """Zabbix's own refusal keeps that group and those above it, and costs the others nothing."""
    with Sim(hosts=30, vms=6) as sim, Work(ZYNC, sim, mapping=MAPPING % "Old") as work:
        tap.equal(work.sync().code, 0, "first sync")
        configure(work, "New")
        tap.equal(work.sync().code, 0, "second sync")
        old = sorted(name for name in groups(sim) if name.startswith("Old"))
        words = 'Host group "x" cannot be deleted, because it is used in a global script.'
        # The first call, of all groups of the deepest level, is refused, then the first single one.
        sim.fault({"server": "zabbix", "match": "hostgroup.delete", "kind": "jsonrpc_error", "times": 2, "code": -32602, "message": "Invalid params.", "data": words})
        run = job(work)
        was = fates(run)
        stubborn = [name for name in old if was[name][0] == "keep" and words in (was[name][1] or "")]
        tap.equal((run.code, len(stubborn)), (0, 1), "the refused one stays, with Zabbix's words", run)
        tap.equal({name for name in groups(sim) if name in old}, with_parents(stubborn), "with those above it, and no other")
        tap.equal({name for name in remembered(work) if name in old}, with_parents(stubborn), "they are still remembered")
        sim.clear()
        tap.equal(job(work).json()["deleted"], len(with_parents(stubborn)), "the next time it goes, too")


def lost_answer():
    """The creation got no answer, and the process never learned of it: the next job that writes settles it."""
    with Sim(hosts=12, vms=2) as sim, Work(ZYNC, sim, mapping=MAPPING % "Old") as work:
        before = groups(sim)
        sim.fault({"server": "zabbix", "match": "hostgroup.create", "kind": "reset_after"}, {"server": "zabbix", "match": "hostgroup.get", "after": 1, "kind": "reset_before"})
        run = work.sync()
        sim.clear()
        made = {name: i for name, i in groups(sim).items() if name not in before}
        tap.ok(run.code in (3, 4) and made, "a sync that dies after its groups were made", run)
        tap.ok(set(remembered(work)) >= set(made) and None in remembered(work).values(), "it knows that it may have made them", remembered(work))
        run = job(work)
        tap.equal((run.code, {name for name, fate in fates(run).items() if fate[0] == "delete"}), (0, {n for n in made if not n.startswith("Always")}),
                  "the job finds them and takes them away", run)
        tap.ok(not any(name.startswith("Old") for name in groups(sim)), "they are gone")


def strict():
    """What --strict puts back is forgotten at once."""
    with Sim(hosts=12, vms=2) as sim, Work(ZYNC, sim, mapping=MAPPING % "Old") as work:
        before = groups(sim)
        sim.fault({"server": "zabbix", "match": "host.create", "kind": "jsonrpc_error", "code": -32602, "message": "Invalid params.", "data": "no"})
        run = work.sync("--strict")
        tap.equal((run.code, groups(sim)), (4, before), "a strict run takes its groups away again", run)
        tap.equal(remembered(work), {}, "and nothing is remembered of them")


def rights():
    """A user that is no super admin does not see everything that may need a group."""
    with Sim(hosts=12, vms=2) as sim, Work(ZYNC, sim, mapping=MAPPING % "Old") as work:
        tap.equal(work.sync().code, 0, "first sync")
        configure(work, "New")
        tap.equal(work.sync().code, 0, "second sync")
        everything = [{"id": str(i), "permission": 3} for i in groups(sim).values()]
        gid = sim.zabbix("usergroup.create", {"name": "all", "hostgroup_rights": everything})["usrgrpids"][0]
        uid = sim.zabbix("user.create", {"username": "admin2", "passwd": "x", "roleid": "2", "usrgrps": [{"usrgrpid": gid}]})["userids"][0]
        tid = sim.zabbix("token.create", {"name": "t", "userid": uid})["tokenids"][0]
        work.environment["ZBX_TOKEN"] = sim.zabbix("token.generate", [tid])[0]["token"]
        there = groups(sim)
        run = job(work)
        tap.ok(run.code == 0 and run.json()["deleted"] == 0 and all("super admin" in reason for _, reason in fates(run).values()), "nothing goes", run)
        tap.equal(groups(sim), there, "all groups are there")


for scene in (first, refused, lost_answer, strict, rights):
    tap.note(scene.__name__)
    scene()
raise SystemExit(tap.done())
