# SPDX-License-Identifier: Apache-2.0
"""What the crash tests share: a world that is put back in milliseconds, a run that is killed at its n-th point (kill.c), and everything that must hold afterwards.

A scene prepares a world, names the command to be killed, and says what may happen before the next run. Its reference is the same without a kill: what Zabbix holds
then is what it must hold after each kill, secrets included. The store is looked at in a copy, so that the next zync meets it as the killed one left it.
"""
import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from e2elib import DOMAIN, Sim, Work  # noqa: E402

INSTANCE = "crash"
MARK = "{$ZYNC.OWNER}"
SECRETS = {"WORD": "Gh7-prey-zulu", "OTHER": "Kw3-old-otter", "NEW": "Rt5-new-newt"}
# Of calls to Zabbix. A run after a killed one waits so long for a call that may still be at work.
TIMEOUT_S = 2
ARRIVES_S = 0.05  # what has left a killed client is carried out by then

MAPPING = """
mappings:
  - name: everything
    set:
      host: "{{ name | default('unnamed') }}"
      name: "{{ name | default('unnamed') }} {{ type }} {{ id }}"
      host_groups: ["NetBox/{{ site.name | default('no site') }}"]
      templates: ["ICMP Ping"]
      interfaces: [{type: agent, ip: 192.0.2.7}]
      tags: [{tag: site, value: "{{ site.slug | default('none') }}"}]
      macros: [{macro: "{$SECRET.WORD}", value: "word-${CRASH_WORD}", type: secret}]
  - name: noted
    match: {name: "noted-*"}
    set: {tags: [{tag: note, value: "{{ serial }}"}]}
  - name: secret
    match: {name: "secret-*"}
    set: {macros: [{macro: "{$SECRET.OTHER}", value: "other-${CRASH_OTHER}", type: secret}]}
@MORE@
status:
  device: {offline: disabled, decommissioning: removed, inventory: monitored}
  virtual_machine: {offline: disabled, decommissioning: removed}
"""
SYNC = """sync:
  max_deletes: none
  max_disables: none
  max_shrink: 100
"""


class Scene:
    """One run that is killed. Functions get the World; `command` and the entries of `again` are arguments of zync."""

    def __init__(self, title, prepare, command, *, again=(("sync", "--json"),), between=None, faults=(), env=None, env_after=None, sync="", ownership="", netbox="",
                 mapping="", servers=1, adopts=None, code=0, again_codes=(0,), ends_itself=False, wanted=None, check=None, learnt=None, only="", late_s=0):
        self.title, self.prepare, self.command, self.again, self.between = title, prepare, command, again, between
        self.faults, self.env, self.env_after, self.code, self.again_codes = faults, env or {}, env_after or {}, code, again_codes
        self.adopts = adopts  # technical name of somebody's host that becomes ours
        self.ends_itself = ends_itself  # the run puts back what it wrote and fails by itself, so its events say more than what Zabbix shows in the end
        self.sync, self.ownership, self.netbox, self.mapping, self.servers = sync, ownership, netbox, mapping, servers
        self.wanted = wanted  # (world, reference) → what Zabbix must hold, where it depends on how far the killed run came
        self.check = check    # (world) → problems, for what only this scene knows
        self.learnt = learnt  # (world) → problems of the run without a kill, whose dumps are world.before and world.killed
        self.only = only      # only at points that begin so
        self.late_s = late_s  # Zabbix carries out the killed run's call only then, so that right after the kill it does not show what that run did
        self.reference = None
        self.points = []


class World:
    """A simulator, a folder with a store, and saved states of both. One a worker."""

    def __init__(self, program, module=None):
        self.program, self.module = program, os.path.abspath(module) if module else None
        self.sim = Sim("--zabbix-servers", "2", "--discovered", "2", hosts=9, vms=3)
        self.sim.control("POST", "save", {"name": "empty"})
        self.work, self.scene, self.kept = None, None, tempfile.mkdtemp(prefix="zync-crash-")
        self.before, self.killed = None, None  # dumps of Zabbix around the killed run
        self.undecided = set()  # hostids that the journal has no outcome for
        self.quiet = 0  # when nothing of the killed run is at work in Zabbix any more

    def close(self):
        if self.work:
            self.work.close()
        shutil.rmtree(self.kept, ignore_errors=True)
        self.sim.stop()

    # states

    def begin(self, scene):
        """The state before the killed run of this scene, saved as "ready"."""
        if self.work:
            self.work.close()
        self.scene = scene
        self.sim.clear()
        self.sim.control("POST", "load", {"name": "empty"})
        extra = SYNC + scene.sync + ("ownership:\n" + scene.ownership if scene.ownership else "")
        self.work = Work(self.program, self.sim, MAPPING.replace("@MORE@", scene.mapping), netbox="instance: crash\n" + scene.netbox,
                         zabbix="write_batch: 2", extra=extra, servers=scene.servers)
        with open(self.work.path("zync.yaml"), encoding="utf-8") as f:
            self.work.config(f.read().replace("\n  timeout: 1s", "\n  timeout: 30s").replace("\n    timeout: 1s", f"\n    timeout: {TIMEOUT_S}s"))
        self.work.environment.update(CRASH_WORD=SECRETS["WORD"], CRASH_OTHER=SECRETS["OTHER"])
        self.work.secrets = lambda secrets=self.work.secrets(): {**{k: v for k, v in secrets.items() if "macro" not in k}, **SECRETS}
        self.strangers()
        scene.prepare(self)
        self.save("ready")

    def strangers(self):
        """Hosts of somebody else, in groups of ours, one with the mark of another NetBox."""
        for server in ("zabbix", "zabbix2"):
            group = self.zabbix("hostgroup.create", {"name": "NetBox/Berlin"}, server)["groupids"][0]
            self.zabbix("host.create", [
                {"host": "foreign-1", "name": "Fremd ä", "groups": [{"groupid": group}], "tags": [{"tag": "by", "value": "hand"}]},
                {"host": "foreign-2", "groups": [{"groupid": group}], "status": 1,
                 "macros": [{"macro": MARK, "value": "elsewhere:device:2"}, {"macro": "{$X}", "value": "1", "type": 1}]}], server)

    def save(self, name):
        self.sim.control("POST", "save", {"name": name})
        shutil.rmtree(os.path.join(self.kept, name), ignore_errors=True)
        shutil.copytree(self.work.folder, os.path.join(self.kept, name))

    def load(self, name):
        self.sim.clear()
        self.sim.control("POST", "load", {"name": name})
        self.clear_folder()  # and not the folder itself: another file system may be mounted there
        shutil.copytree(os.path.join(self.kept, name), self.work.folder, dirs_exist_ok=True)
        self.work.said.clear()

    def clear_folder(self):
        for entry in os.scandir(self.work.folder):
            shutil.rmtree(entry.path) if entry.is_dir() else os.unlink(entry.path)

    # what a scene does

    def netbox(self, device, **values):
        """Change a device by name."""
        self.sim.mutate({"table": "dcim/devices", "name": device, "do": "set", "set": values})

    def gone(self, name):
        self.sim.mutate({"table": "dcim/devices", "name": name, "do": "delete"})

    def device(self, name, site, **values):
        """A new device."""
        return self.sim.mutate({"table": "dcim/devices", "do": "create", "set": {"name": name, "site": site, "device_type": 1, "role": 1, "status": "active", **values}})[0]

    def zabbix(self, method, params, server="zabbix"):
        return self.sim.zabbix(method, params, self.sim[server + "_url"], self.sim[server + "_token"])

    def must(self, *args, codes=(0,)):
        run = self.zync(*args)
        if run.code not in codes:
            raise RuntimeError(str(run))
        return run

    def zync(self, *args, env=None):
        return self.work.zync(*args, env=env)

    def killed_run(self, args, at, env):
        """Run zync and kill it at that point (None: never); the points that it reached. Without a module it is just run."""
        if self.module is None:
            return self.zync(*args, env=env), []
        report = os.path.join(self.kept, "points")
        if os.path.exists(report):
            os.unlink(report)
        env = {**env, "LD_PRELOAD": self.module, "ZYNC_KILL_REPORT": report}
        if at is not None:
            env["ZYNC_KILL_AT"] = str(at)
        run = self.zync(*args, env=env)
        with open(report, encoding="utf-8") as f:
            return run, f.read().splitlines()

    # what there is

    def dump(self):
        """Hosts of all servers: (server, host)."""
        return [(server, host) for server in ("zabbix", "zabbix2")[:max(1, self.scene.servers)] for host in self.sim.control("GET", "dump/" + server)]

    def peek(self, *statements):
        """Rows of a copy of the store: looking changes nothing, not even the journal of SQLite that a killed run leaves."""
        if not os.path.exists(self.work.path("zync.db")):
            return [[] for _ in statements]
        with tempfile.TemporaryDirectory(prefix="zync-crash-peek-") as folder:
            for name in os.listdir(self.work.folder):
                if name in ("zync.db", "zync.db-wal", "zync.db-journal"):
                    shutil.copy(self.work.path(name), folder)
            database = sqlite3.connect(os.path.join(folder, "zync.db"))
            try:
                tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
                return [database.execute(sql).fetchall() if re.search(r"FROM (\w+)", sql).group(1) in tables | {"sqlite_master", "pragma_integrity_check"} else []
                        for sql in statements]
            finally:
                database.close()

    def domain(self):
        return self.peek(*DOMAIN.values())


def mark_of(host):
    """(type, id) of a host of ours, None: somebody else's."""
    words = host["macros"].get(MARK, {"value": ""})["value"].split(":")
    return (words[1], int(words[2])) if len(words) == 3 and words[0] == INSTANCE else None


def plain(dump):
    """Our hosts without the numbers that depend on the order of the calls, secrets in plain."""
    found = []
    for server, host in dump:
        if mark_of(host):
            row = {k: v for k, v in host.items() if k != "hostid"}
            row["interfaces"] = [{k: v for k, v in i.items() if k != "id"} for i in host["interfaces"]]
            row["tags"] = sorted(host["tags"])
            for key in ("host", "name"):
                row[key] = re.sub(r"_deleted_\d+", "_deleted_N", row[key])
            found.append((server, mark_of(host), row))
    return sorted(found, key=lambda item: (item[0], item[1]))


def foreign(dump):
    return [(server, host) for server, host in dump if not mark_of(host)]


def shown(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def differences(got, wanted):
    """Texts for what two results of plain() do not have in common."""
    have, want = ({(server, mark): row for server, mark, row in rows} for rows in (got, wanted))
    for key in sorted(set(have) | set(want)):
        if key not in have:
            yield f"{key} {want[key]['host']!r} is not in Zabbix"
        elif key not in want:
            yield f"{key} {have[key]['host']!r} should not be in Zabbix: {shown(have[key])}"
        elif have[key] != want[key]:
            fields = [f for f in want[key] if have[key].get(f) != want[key][f]]
            yield f"{key} {want[key]['host']!r}: " + "; ".join(f"{f} is {shown(have[key].get(f))}, wanted {shown(want[key][f])}" for f in fields)


def twice(dump):
    seen, found = set(), []
    for server, host in dump:
        key = (server, mark_of(host))
        if key[1] and key in seen:
            found.append(f"{key} is there twice")
        seen.add(key)
    return found


def links(world, dump):
    """Every marked host belongs to a host config and the other way round."""
    rows = world.work.rows("SELECT server, object_type, object_id, hostid FROM host_config WHERE hostid IS NOT NULL")
    store = {(server, kind, ident): hostid for server, kind, ident, hostid in rows}
    zabbix = {(server, *mark_of(host)): host["hostid"] for server, host in dump if mark_of(host)}
    return [f"host config and host do not belong together: {key}: stored hostid {store.get(key)}, in Zabbix {zabbix.get(key)}"
            for key in sorted(set(store) | set(zabbix)) if store.get(key) != zabbix.get(key)]


def store_sound(world):
    problems = []
    integrity, intents, guards, running = world.peek("SELECT * FROM pragma_integrity_check", "SELECT * FROM intent", "SELECT * FROM guard WHERE slot IS NOT NULL",
                                                     "SELECT job_id, status, error FROM job WHERE status = 'running'")
    if integrity not in ([("ok",)], []):
        problems.append(f"the store is damaged: {integrity}")
    if intents:
        problems.append(f"intents are left: {intents}")
    if guards:
        problems.append(f"guards are left: {guards}")
    if running:
        problems.append(f"jobs are left running: {running}")
    return problems


def plan_empty(world, env):
    run = world.zync("plan", "--json", "--detailed-exit-code", env=env)
    left = [op for op in run.json()["operations"] if op["action"] != "fail"] if run.out else None
    return [] if run.code == 0 and left == [] else [f"the plan is not empty: {run}"]


def converged(world, wanted):
    """What is wrong after the runs of scene.again: [] when Zabbix, store and plan agree and are as they must be."""
    dump = world.dump()
    problems = list(differences(plain(dump), wanted)) + twice(dump) + links(world, dump)
    if foreign(dump) != [(server, host) for server, host in foreign(world.before) if host["host"] != world.scene.adopts]:
        problems.append("a host of somebody else was touched")
    problems += store_sound(world) + plan_empty(world, world.scene.env_after or world.scene.env)
    if world.scene.check:
        problems += world.scene.check(world)
    return problems + world.work.leaks()


def needs_another(run):
    """A host whose new name another one gives up in the same run may need one more run, and is told so."""
    return run.code == 1 and all("the next run succeeds" in failure["error"] for failure in run.json()["failures"])


def run_on(world, args, env):
    """A run that must be good."""
    run = world.zync(*args, env=env)
    if needs_another(run):
        run = world.zync(*args, env=env)
    return [] if run.code in world.scene.again_codes else [f"the run after it: {run}"]


def actions(before, after):
    """(server, hostid) → the actions that may have led from one state of Zabbix to the other, for hosts of ours."""
    old, new = ({(server, host["hostid"]): host for server, host in dump if mark_of(host)} for dump in (before, after))
    found = {key: {"create"} for key in set(new) - set(old)}
    found.update({key: {"delete"} for key in set(old) - set(new)})
    found.update({key: {"update", "disable", "delete"} for key in set(old) & set(new) if old[key] != new[key]})
    return found


def only_secrets(before, after, key):
    """Do the two states of a host differ in nothing that Zabbix shows?"""
    def visible(dump):
        host = next(host for server, host in dump if (server, host["hostid"]) == key)
        return {**host, "macros": {name: {**m, "value": None} if m["type"] == 1 else m for name, m in host["macros"].items()}}
    return visible(before) == visible(after)


def untold(world, told):
    """What the killed job did to Zabbix without an event that says so. A call without an answer that changed nothing but secrets cannot be told from one that never came."""
    for key, possible in sorted(actions(world.before, world.killed).items()):
        server, hostid = key
        if set(told.get(hostid, ())) & possible:
            continue
        if possible != {"create"} and possible != {"delete"} and hostid in world.undecided and only_secrets(world.before, world.killed, key):
            continue
        yield f"no event of the killed job says {' or '.join(sorted(possible))} of host {hostid} on {server}: {told}"


def audited(world, job):
    """The trail of the killed job: how it ended, and an event for each host that it wrote, known from Zabbix itself."""
    row = world.work.rows("SELECT status, error FROM job WHERE job_id = ?", job)
    ends = world.work.rows("SELECT state, message FROM event WHERE job_id = ? AND kind = 'job'", job)
    problems = []
    if len(row) != 1 or len(ends) != 1 or row[0][0] != ends[0][0]:
        problems.append(f"job {row}, its events {ends}")
    elif row[0][0] != "completed" and not world.scene.ends_itself and (row[0][0] != "errored" or "interrupted" not in row[0][1]):
        problems.append(f"the killed job is {row}")
    told, each = {}, {}  # by hostid, which several servers may use, and by host config
    for action, hostid, pk in world.work.rows("SELECT action, hostid, host_config_pk FROM event WHERE job_id = ? AND kind = 'host' AND state = 'completed'", job):
        told.setdefault(hostid, []).append(action)
        each.setdefault((pk, hostid), []).append(action)
    problems += untold(world, told)
    if world.scene.ends_itself:
        return problems
    problems += [f"(pk, hostid) {key} has several events: {each[key]}" for key in each if len(each[key]) > 1]
    wrote = {hostid for _, hostid in actions(world.before, world.killed)}
    return problems + [f"an event of the killed job tells of {told[hostid]} of host {hostid}, which is as it was" for hostid in sorted(set(told) - wrote, key=str)]


def open_intents(world):
    """hostids of journal entries without an outcome."""
    found = set()
    for entries, outcome in world.peek("SELECT entries, outcome FROM intent")[0]:
        outcomes = json.loads(outcome) if outcome else []
        for n, entry in enumerate(json.loads(entries)):
            if isinstance(entry, dict) and (n >= len(outcomes) or outcomes[n] is None):
                found.add(entry.get("hostid"))
    return found


def kill_once(world, at):
    """Kill the scene's run at a point, from "ready" on: (problems, job id or None). Then what the scene has for the time between the runs has happened."""
    scene = world.scene
    world.load("ready")
    world.before = world.dump()
    before, jobs = world.domain(), {row[0] for row in world.peek("SELECT job_id FROM job")[0]}
    if scene.faults:
        world.sim.fault(*scene.faults)
    run, points = world.killed_run(scene.command, at, scene.env)
    world.quiet = time.monotonic() + scene.late_s
    if not scene.late_s and points and points[-1].startswith("during"):
        time.sleep(ARRIVES_S)
    world.sim.clear()
    world.killed, world.undecided = world.dump(), open_intents(world)
    problems = [] if run.code == -9 else [f"it was not killed: {run}"]
    if points[at - 1:] != scene.points[at - 1:at]:
        problems.append(f"it was killed {points[-1:]}")
    new = [row for row in world.peek("SELECT job_id, status FROM job")[0] if row[0] not in jobs]
    if len(new) > 1:
        problems.append(f"more than one job: {new}")
    if [status for _, status in new] != ["completed"] and world.domain() != before:
        problems.append("the job did not complete, and the store is not as before")
    if scene.between:
        scene.between(world)
    return problems, new[0][0] if new else None


def next_command(world):
    """Any command ends the job of a dead process."""
    run = world.zync("job", "list", "--json")
    if run.code != 0 or any(job["status"] == "running" for job in run.json()["jobs"]):
        return [f"a job is running after the next command: {run}"]
    return []


def wanted(world):
    return world.scene.wanted(world, world.scene.reference) if world.scene.wanted else world.scene.reference


def finish(world, job):
    """The runs after the kills, and all that must hold in the end."""
    problems = []
    for args in world.scene.again:
        problems += run_on(world, args, world.scene.env_after or world.scene.env)
    time.sleep(max(0, world.quiet - time.monotonic()))
    problems += converged(world, wanted(world))
    return problems + (audited(world, job) if job and not world.scene.late_s else [])


def learn(world):
    """The scene without a kill: its points, its reference, and whether it is a scene at all."""
    scene = world.scene
    world.load("ready")
    world.before = world.dump()
    if scene.faults:
        world.sim.fault(*scene.faults)
    run, scene.points = world.killed_run(scene.command, None, scene.env)
    world.sim.clear()
    world.killed = world.dump()
    if run.code != scene.code:
        raise SystemExit(f"Bail out! {scene.title}: the run without a kill is not good: {run}")
    if scene.between:
        scene.between(world)
    problems = []
    for args in scene.again:
        problems += run_on(world, args, scene.env_after or scene.env)
    scene.reference = plain(world.dump())
    return problems + converged(world, wanted(world)) + (scene.learnt(world) if scene.learnt else [])
