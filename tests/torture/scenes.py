# SPDX-License-Identifier: Apache-2.0
"""The scenes of the crash tests: what was under way, and what the people in NetBox and Zabbix did before the next run."""
import crashlib
from crashlib import SECRETS, Scene

NEW, OLD = {"CRASH_OTHER": SECRETS["NEW"]}, {"CRASH_OTHER": SECRETS["OTHER"]}
SYNC, STORED, STRICT = ("sync", "--json"), ("sync", "--no-pull", "--json"), ("sync", "--strict", "--json")


# what was under way

def empty(_world):
    """A first sync: no store, no host."""


def synced(world):
    """The hosts that the scenes change, in line."""
    for name in ("noted-1", "secret-1", "renamed-1", "offline-1", "gone-1", "retired-1", "chain-a", "chain-b", "moved-1"):
        world.device(name, 1 + len(name) % 2, serial="first")
    world.device("heir-1", 5)
    world.must("sync", "--json")


def changed(world):
    """One of everything: creations, a new group, renames into names that others give up, tags, a group, a disabled, a missing and a removed object. The secret is in the environment."""
    synced(world)
    site = world.sim.mutate({"table": "dcim/sites", "do": "create", "set": {"name": "Crash site", "slug": "crash"}})[0]
    for n in range(3):
        world.device(f"new-{n}", site if n else 1, serial="first")
    world.netbox("noted-1", serial="second")
    world.netbox("renamed-1", name="renamed-2")
    world.netbox("chain-a", name="chain-c")
    world.netbox("chain-b", name="chain-a")
    world.netbox("moved-1", site=site)
    world.netbox("offline-1", status="offline")
    world.gone("gone-1")
    world.netbox("retired-1", status="decommissioning")
    world.netbox("heir-1", name="retired-1")


def created(world):
    synced(world)
    world.device("new-0", 1)
    world.device("noted-2", 2, serial="first")


def noted(world):
    """A tag and a secret change."""
    synced(world)
    give_tag(world, "noted-1", "hand", "made")
    world.must("sync", "--json")
    world.netbox("noted-1", serial="second")


def by_hand(world):
    """Changes in Zabbix alone, for a run that starts at the stored configs."""
    changed(world)
    world.must("pull", "--json")
    world.sim.mutate({"server": "zabbix", "do": "update", "host": "secret-1", "set": {"tags": [], "description": "by hand"}})


def typed(world):
    """A host changes from agent to SNMP while templates use its interface: two calls, with the templates cleared in between."""
    synced(world)
    world.device("typed-1", 1)
    world.must("sync", "--json")
    world.netbox("typed-1", name="snmp-1")


def typed_by_hand(world):
    """The same, and one of the templates was linked by hand."""
    synced(world)
    world.device("typed-1", 1)
    world.must("sync", "--json")
    host = of(world.dump(), "typed-1")
    template = world.zabbix("template.get", {"filter": {"host": ["VMware Hypervisor"]}})[0]["templateid"]
    world.zabbix("host.massadd", {"hosts": [{"hostid": host["hostid"]}], "templates": [{"templateid": template}]})
    world.must("sync", "--json")
    world.netbox("typed-1", name="snmp-1")


def retired(world):
    synced(world)
    world.netbox("retired-1", status="decommissioning")


def single(world):
    synced(world)
    world.device("single-1", 2)


def to_adopt(world):
    single(world)
    world.must("pull", "--json")
    group = world.zabbix("hostgroup.get", {"filter": {"name": ["Linux servers"]}})[0]["groupid"]
    world.zabbix("host.create", {"host": "single-1", "name": "set up by hand", "groups": [{"groupid": group}], "tags": [{"tag": "by", "value": "hand"}]})


# what happens before the next run, and what Zabbix must hold then

def of(dump, name):
    """The host of that technical name, None: there is none."""
    return next((host for _, host in dump if host["host"] == name), None)


def only_if_created(name):
    """The reference, without the host of that name when the killed run had not come to create it."""
    def wanted(world, reference):
        host = of(world.killed, name)
        if host is not None:
            return reference
        return [row for row in reference if name not in row[2]["host"]]
    return wanted


def give_tag(world, name, tag, value):
    tags = [{"tag": t, "value": v} for t, v in [*of(world.dump(), name)["tags"], (tag, value)]]
    world.sim.mutate({"server": "zabbix", "do": "update", "host": name, "set": {"tags": tags}})


def taken_back(world):
    world.netbox("noted-1", serial="first")


def added_by_hand(world):
    """Somebody gives the host the very tag that the killed run has just taken away."""
    if ["note", "first"] not in of(world.dump(), "noted-1")["tags"]:
        give_tag(world, "noted-1", "note", "first")


def hand_stays(world, reference):
    """The tag is somebody's own only if the killed run had taken it away before."""
    if ["note", "first"] not in of(world.killed, "noted-1")["tags"]:
        return reference
    return [(server, mark, {**row, "tags": [t for t in row["tags"] if t != ["note", "first"]]} if row["host"] == "noted-1" else row) for server, mark, row in reference]


def other_server(world):
    """The mappings put the machines on the first server, after all."""
    with open(world.work.path("zync.yaml"), encoding="utf-8") as f:
        text = f.read()
    world.work.config(text.replace("set: {zabbix_server: zabbix2}", "set: {zabbix_server: zabbix}"))


def as_it_is(world, _reference):
    return crashlib.plain(world.dump())


def one_server_each(world):
    """No object has a host on both servers."""
    marks = [mark for mark in (crashlib.mark_of(host) for _, host in world.dump()) if mark]
    return [f"{mark} has a host on both servers" for mark in sorted(set(marks)) if marks.count(mark) > 1]


def put_back(world):
    """--strict without a kill: Zabbix is what it was."""
    return ["not put back: " + text for text in crashlib.differences(crashlib.plain(world.killed), crashlib.plain(world.before))]


def written_back(world):
    """NetBox has the hostid of each linked object."""
    stored = {(kind, ident): hostid for kind, ident, hostid in world.work.rows("SELECT object_type, object_id, hostid FROM host_config WHERE hostid IS NOT NULL")}
    found = {}
    for kind, path in (("device", "/api/dcim/devices/?limit=200"), ("vm", "/api/virtualization/virtual-machines/?limit=200")):
        found.update({(kind, o["id"]): o["custom_fields"]["zabbix_hostid"] for o in world.sim.netbox("GET", path)["results"]})
    return [f"NetBox has hostid {found[key]} at {key}, the store {hostid}" for key, hostid in stored.items() if key in found and found[key] != hostid]


def has_new_secret(world):
    value = of(world.dump(), "secret-1")["macros"]["{$SECRET.OTHER}"]["value"]
    return [] if value == "other-" + SECRETS["NEW"] else [f"the changed secret is not in Zabbix: {value}"]


def has_old_secret(world):
    value = of(world.dump(), "secret-1")["macros"]["{$SECRET.OTHER}"]["value"]
    return [] if value == "other-" + SECRETS["OTHER"] else [f"the secret that changed and changed back is not in Zabbix: {value}"]


MACHINES = """  - name: machines
    match: {type: virtual_machine}
    set: {zabbix_server: zabbix2}
"""
SNMP = """  - name: by snmp
    match: {name: "snmp-*"}
    set: {interfaces: [{type: snmp, ip: 192.0.2.8}]}
"""
MERGE = "  tags: merge\n  groups: merge\n  macros: merge\n"
BAD = [{"kind": "refuse_host", "match": "host.*", "host": "noted-1", "text": "Refused by the test."}]
HARD = "  delete_mode: hard\n"
LATE_MS = 1000  # below crashlib.TIMEOUT_S


def late(method):
    return [{"kind": "late", "match": method, "ms": LATE_MS}]


SCENES = [
    Scene("first sync", empty, SYNC),
    Scene("one of everything", changed, SYNC, env=NEW, check=has_new_secret),
    Scene("one of everything, tags and groups merged", changed, SYNC, env=NEW, ownership=MERGE, check=has_new_secret),
    Scene("one of everything, deleted for good", changed, SYNC, env=NEW, sync=HARD, check=has_new_secret),
    Scene("from the stored configs", by_hand, STORED, again=(STORED,)),
    Scene("pull", changed, ("pull", "--json")),
    Scene("host create", single, ("host", "create", "single-1", "--json")),
    Scene("host update", noted, ("host", "update", "noted-1", "--json")),
    Scene("host update of a secret", noted, ("host", "update", "secret-1", "--json"), env=NEW, check=has_new_secret),
    Scene("host delete", synced, ("host", "delete", "noted-1", "--json")),
    Scene("host delete --hard", synced, ("host", "delete", "noted-1", "--hard", "--yes", "--json")),
    Scene("host adopt", to_adopt, ("host", "adopt", "single-1", "--json"), again=(("host", "adopt", "single-1", "--json"), SYNC), adopts="single-1"),
    Scene("interface type changed", typed, SYNC, mapping=SNMP),
    Scene("interface type changed, templates left alone", typed, SYNC, mapping=SNMP, ownership="  templates: ignore\n"),
    Scene("interface type changed, templates merged", typed_by_hand, SYNC, mapping=SNMP, ownership="  templates: merge\n"),
    Scene("--strict with a bad host", changed, STRICT, env=NEW, faults=BAD, code=4, ends_itself=True, learnt=put_back),
    Scene("two servers", changed, SYNC, env=NEW, mapping=MACHINES, servers=2),
    Scene("first sync of two servers", empty, SYNC, mapping=MACHINES, servers=2),
    Scene("first sync of two servers, then another server by the mappings", empty, SYNC, mapping=MACHINES, servers=2, between=other_server, again_codes=(0, 1),
          wanted=as_it_is, check=one_server_each),
    Scene("written back to NetBox", changed, SYNC, env=NEW, netbox="write_back: true\njournal: true", check=written_back),
    Scene("created, then gone from NetBox", created, SYNC, between=lambda w: w.gone("new-0"), wanted=only_if_created("new-0")),
    Scene("created, then gone from NetBox, on_missing delete", created, SYNC, between=lambda w: w.gone("new-0"), sync="  on_missing: delete\n",
          wanted=only_if_created("new-0")),
    Scene("created, then gone from NetBox, on_missing delete for good", created, SYNC, between=lambda w: w.gone("new-0"),
          sync="  on_missing: delete\n" + HARD, wanted=only_if_created("new-0")),
    Scene("created, then decommissioned", created, SYNC, between=lambda w: w.netbox("new-0", status="decommissioning"), wanted=only_if_created("new-0")),
    Scene("created, then renamed", created, SYNC, between=lambda w: w.netbox("new-0", name="newer-0")),
    Scene("a secret there and back", noted, SYNC, env=NEW, env_after=OLD, check=has_old_secret),
    Scene("a secret there and back, host update", noted, ("host", "update", "secret-1", "--json"), env=NEW, env_after=OLD, check=has_old_secret),
    Scene("host create, then gone from NetBox", single, ("host", "create", "single-1", "--json"), between=lambda w: w.gone("single-1"), wanted=only_if_created("single-1")),
    Scene("deleted, then wanted again", retired, SYNC, between=lambda w: w.netbox("retired-1", status="active")),
    Scene("deleted for good, then wanted again", retired, SYNC, sync=HARD, between=lambda w: w.netbox("retired-1", status="active")),
    Scene("a merged tag taken back", noted, SYNC, ownership=MERGE, between=taken_back),
    Scene("a merged tag given by hand", noted, SYNC, ownership=MERGE, between=added_by_hand, wanted=hand_stays),
    Scene("a creation that Zabbix carries out late, the device gone", created, SYNC, faults=late("host.create"), between=lambda w: w.gone("new-0"),
          only="during call host.create", late_s=2 * LATE_MS / 1000),
    Scene("an update that Zabbix carries out late, the tag taken back", noted, SYNC, faults=late("host.update"), between=taken_back, only="during call host.update",
          late_s=2 * LATE_MS / 1000),
    Scene("a deletion that Zabbix carries out late, the device wanted again", retired, SYNC, sync=HARD, faults=late("host.delete"),
          between=lambda w: w.netbox("retired-1", status="active"), only="during call host.delete", late_s=2 * LATE_MS / 1000),
]
