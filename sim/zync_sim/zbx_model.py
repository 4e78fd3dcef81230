# SPDX-License-Identifier: Apache-2.0
"""The simulated Zabbix: its tables, and how hosts, interfaces, items and templates hang together.

Hosts are compact objects: only what differs from the default is stored, items of linked templates are derived
from the template and from one stored fact, which interface each interface type was bound to when it was linked.
"""
import json
import os
import pickle
import time
from collections import namedtuple

from .zbx_schema import IF_PRIORITY, ITEM, ITEM_IF, PROTOTYPE, RULE, SPLIT_GROUPS


class Iface:
    __slots__ = ("interfaceid", "type", "main", "useip", "ip", "dns", "port", "details")

    def copy(self):
        n = Iface.__new__(Iface)
        for f in Iface.__slots__:
            setattr(n, f, getattr(self, f))
        n.details = dict(self.details) if self.details else None
        return n


class Macro:
    __slots__ = ("hostmacroid", "macro", "value", "type", "description")

    def __init__(self, hostmacroid, macro, value, type_=0, description=""):
        self.hostmacroid = hostmacroid
        self.macro = macro
        self.value = value
        self.type = type_
        self.description = description

    def copy(self):
        return Macro(self.hostmacroid, self.macro, self.value, self.type, self.description)


class Host:
    """own: items left behind by templates that were unlinked without clearing, as Item without its hostid in the ids.
    bind: template id -> {interface type or "any": interfaceid}. kept: item key -> interfaceid for adopted items."""

    __slots__ = ("hostid", "host", "name", "status", "description", "flags", "groups", "templates", "ifaces", "tags",
                 "macros", "inv_mode", "inv", "mon", "proxyid", "pgid", "tls", "ipmi", "bind", "own", "kept")

    def __init__(self, hostid, host, name):
        self.hostid = hostid
        self.host = host
        self.name = name
        self.status = 0
        self.description = ""
        self.flags = 0
        self.groups = []
        self.templates = []
        self.ifaces = []
        self.tags = []
        self.macros = []
        self.inv_mode = -1
        self.inv = None
        self.mon = 0
        self.proxyid = 0
        self.pgid = 0
        self.tls = None
        self.ipmi = None
        self.bind = None
        self.own = None
        self.kept = None

    def copy(self):
        n = Host.__new__(Host)
        for f in Host.__slots__:
            setattr(n, f, getattr(self, f))
        n.groups = list(self.groups)
        n.templates = list(self.templates)
        n.ifaces = [i.copy() for i in self.ifaces]
        n.tags = list(self.tags)
        n.macros = [m.copy() for m in self.macros]
        n.inv = dict(self.inv) if self.inv is not None else None
        n.tls = dict(self.tls) if self.tls else None
        n.ipmi = dict(self.ipmi) if self.ipmi else None
        n.bind = {k: dict(v) for k, v in self.bind.items()} if self.bind else None
        n.own = list(self.own) if self.own else None
        n.kept = dict(self.kept) if self.kept else None
        return n

    def tls_get(self, field):
        return (self.tls or {}).get(field, 1 if field in ("tls_connect", "tls_accept") else "")


class Template:
    """entities: items, low-level discovery rules, their item prototypes, as (type, key, name, flags, index of the rule).
    kinds: flags of each key. parents: ids of templates that it is linked to. web: names of web scenarios.
    keys: of the items alone. slot: number among the templates, a part of the ids of inherited items."""

    __slots__ = ("templateid", "host", "name", "uuid", "groups", "items", "macros", "tags", "keys", "vendor_version",
                 "entities", "all_keys", "slot", "kinds", "parents", "web")

    def count(self):
        """What follows from `entities`."""
        self.kinds = {e[1]: e[3] for e in self.entities}
        self.all_keys = set(self.kinds)
        self.keys = {e[1]: e[:3] for e in self.entities if e[3] == ITEM}


# flags: one of ITEM_FLAGS; ruleid: of a prototype.
Item = namedtuple("Item", "itemid type key name interfaceid templateid flags ruleid")

# Ids of items tell whose they are: TTTTTNNN of a template, HHHHHSSSNNN of a host (S: slot, N: index in the template).
PER_TEMPLATE = 1000
PER_HOST = 1000 * PER_TEMPLATE
HOST_ITEMS = 10 ** 9


def item_owner(itemid):
    """The host or template that an item's id belongs to."""
    return itemid // PER_HOST if itemid >= HOST_ITEMS else itemid // PER_TEMPLATE


class Group:
    __slots__ = ("groupid", "name", "flags", "uuid", "hosts", "internal")

    def __init__(self, groupid, name, uuid, flags=0, internal=0):
        self.groupid = groupid
        self.name = name
        self.flags = flags
        self.uuid = uuid
        self.hosts = 0
        self.internal = internal


BASE_GROUPS = [(2, "Linux servers"), (4, "Zabbix servers"), (5, "Discovered hosts"), (6, "Virtual machines"),
               (7, "Hypervisors"), (19, "Applications"), (20, "Databases")]


class World:
    """All tables of one Zabbix server. `version` is a tuple such as (7, 0, 22)."""

    def __init__(self, version, seed, base_time, discovered=5):
        self.version = version
        self.seed = seed
        self.now = base_time
        self.hosts = {}
        self.by_host = {}
        self.by_name = {}
        self.by_iface = {}
        self.templates = {}
        self.groups = {}
        self.group_names = {}
        self.tgroups = {}
        self.proxies = {}
        self.proxy_groups = {}
        self.users = {}
        self.usergroups = {}
        self.usergroup_names = {}
        self.tokens = {}
        self.sessions = {}
        self.ids = {"host": 10800, "group": 21, "interface": 1, "hostmacro": 8000, "proxy": 0, "proxygroup": 0,
                    "token": 0, "user": 2, "usergroup": 12}
        self.seed_groups()
        self.seed_templates()
        self.seed_access()
        self.seed_proxies()
        self.seed_hosts(discovered)

    def next_id(self, kind):
        self.ids[kind] += 1
        return self.ids[kind]

    def uuid(self, *parts):
        import hashlib
        return hashlib.md5(("zync-sim:%s:" % self.seed + ":".join(map(str, parts))).encode()).hexdigest()

    def save(self):
        """All that is stored, for load()."""
        return pickle.dumps(vars(self))

    def load(self, state):
        vars(self).update(pickle.loads(state))

    # seeding

    def seed_groups(self):
        groups = list(BASE_GROUPS)
        if self.version < SPLIT_GROUPS:
            groups = groups[:5]
        for gid, name in groups:
            self.add_group(gid, name, internal=1 if gid == 5 else 0)

    def add_group(self, gid, name, flags=0, internal=0):
        g = Group(gid, name, self.uuid("group", name), flags, internal)
        self.groups[gid] = g
        self.group_names[name] = g
        return g

    def seed_templates(self):
        path = os.path.join(os.path.dirname(__file__), "templates.json")
        with open(path, encoding="utf-8") as f:
            data = json.load(f)["60" if self.version < (6, 4) else "70"]
        tg_names = {}
        for row in data:
            t = Template()
            t.templateid = row["id"]
            t.host = row["host"]
            t.name = row["name"]
            t.uuid = row["uuid"]
            t.items = [tuple(i) for i in row["items"]]
            t.entities = [(*i, ITEM, None) for i in t.items]
            prototypes = []
            for itype, key, name, made in row.get("rules", ()):
                prototypes += [(*p, PROTOTYPE, len(t.entities)) for p in made]
                t.entities.append((itype, key, name, RULE, None))
            t.entities += prototypes
            t.parents, t.web = [], []
            t.count()
            t.slot = len(self.templates)
            t.vendor_version = "%d.%d-1" % self.version[:2]
            t.groups = []
            t.macros = []
            t.tags = [("class", "network" if "SNMP" in t.name else "software"), ("target", t.name.split()[0].lower())]
            for g in row["groups"]:
                if g not in tg_names:
                    tg_names[g] = 1 if g == "Templates" else 100 + len(tg_names)
                t.groups.append(tg_names[g])
            self.templates[t.templateid] = t
            self.by_host.setdefault(t.host, ("template", t.templateid))
            self.by_name.setdefault(t.name, ("template", t.templateid))
        tg_names.setdefault("Templates", 1)
        for name, gid in tg_names.items():
            if self.version < SPLIT_GROUPS:
                self.add_group(gid, name)
            else:
                self.tgroups[gid] = Group(gid, name, self.uuid("tgroup", name))

    def seed_access(self):
        """Users: Admin (super admin), guest, and three for tests of permissions: see README.md."""
        self.roles = {1: ("User role", 1, 0), 2: ("Admin role", 2, 0), 3: ("Super admin role", 3, 1),
                      4: ("Guest role", 1, 0)}
        for uid, name, password, role, rights in (
                (1, "Admin", "zabbix", 3, None), (2, "guest", "", 4, {}),
                (3, "zync-user", "zabbix", 1, {2: 2}), (4, "zync-admin", "zabbix", 2, {2: 3, 6: 2})):
            self.users[uid] = {"userid": uid, "username": name, "password": password, "roleid": role,
                               "rights": rights, "attempts": 0}
        self.ids["user"] = 4
        for uid, tag in ((1, ""), (3, "user"), (4, "admin")):
            self.add_token(uid, "sim" + tag, self.fixed_token(tag))

    def fixed_token(self, tag=""):
        return (self.uuid("token-a", tag) + self.uuid("token-b", tag))[:64]

    def add_token(self, userid, name, value):
        tid = self.next_id("token")
        self.tokens[tid] = {"tokenid": tid, "name": name, "description": "", "userid": userid, "status": 0,
                            "expires_at": 0, "created_at": int(self.now), "creator_userid": 1, "lastaccess": 0,
                            "token": value}
        return tid

    def seed_proxies(self):
        for name, mode in (("proxy-fra", 0), ("proxy-muc", 1), ("proxy-lon", 0)):
            pid = self.next_id("host" if self.version < (7, 0) else "proxy")
            self.proxies[pid] = {"proxyid": pid, "name": name, "mode": mode, "pgid": 0, "description": ""}
        if self.version >= (7, 0):
            for name in ("pg-emea", "pg-apac"):
                gid = self.next_id("proxygroup")
                self.proxy_groups[gid] = {"proxy_groupid": gid, "name": name, "failover_delay": "1m",
                                          "min_online": "1", "description": ""}
            first = min(self.proxy_groups)
            last = max(self.proxies)
            self.proxies[last]["pgid"] = first

    def seed_hosts(self, discovered):
        server = Host(10084, "Zabbix server", "Zabbix server")
        server.groups = [4]
        server.ifaces = [self.make_iface(1, "127.0.0.1", "10050", ident=1)]
        if self.version >= (6, 4):
            server.inv_mode = 1
            server.inv = {"location_lat": "56.97612", "location_lon": "24.16553"}
        self.put(server)
        for name in ("Linux by Zabbix agent", "Zabbix server health"):
            t = self.template_named(name)
            if t is not None:
                self.link(server, t)
        for i in range(discovered):
            h = Host(self.next_id("host"), "discovered-vm-%03d" % (i + 1), "discovered-vm-%03d" % (i + 1))
            h.flags = 4
            h.groups = [5, 6]
            h.ifaces = [self.make_iface(1, "10.254.0.%d" % (i + 1), "10050")]
            h.macros = [Macro(self.next_id("hostmacro"), "{$VMWARE.URL}", "https://vcenter.example.net/sdk")]
            self.put(h)
            t = self.template_named("VMware Guest")
            if t is not None:
                self.link(h, t)

    def make_iface(self, type_, ip, port, main=1, ident=None):
        i = Iface()
        i.interfaceid = ident or self.next_id("interface")
        i.type, i.main, i.useip, i.ip, i.dns, i.port, i.details = type_, main, 1, ip, "", port, None
        return i

    # hosts

    def put(self, host):
        """Store a host, replacing the old copy; the written row moves to the end as it does in PostgreSQL."""
        old = self.hosts.pop(host.hostid, None)
        if old is not None:
            self.unindex(old)
        self.hosts[host.hostid] = host
        self.by_host[host.host] = ("host", host.hostid)
        self.by_name[host.name] = ("host", host.hostid)
        for i in host.ifaces:
            self.by_iface[i.interfaceid] = host.hostid
        for g in host.groups:
            if g in self.groups:
                self.groups[g].hosts += 1

    def unindex(self, host):
        if self.by_host.get(host.host) == ("host", host.hostid):
            del self.by_host[host.host]
        if self.by_name.get(host.name) == ("host", host.hostid):
            del self.by_name[host.name]
        for i in host.ifaces:
            self.by_iface.pop(i.interfaceid, None)
        for g in host.groups:
            if g in self.groups:
                self.groups[g].hosts -= 1

    def remove(self, hostid):
        self.unindex(self.hosts.pop(hostid))

    def template_named(self, name):
        kind, ident = self.by_name.get(name, (None, None))
        return self.templates[ident] if kind == "template" else None

    # items

    def items(self, host):
        """All items, rules and prototypes of a host."""
        base = host.hostid * PER_HOST
        for tid in host.templates:
            yield from self.inherited(host, self.templates[tid], base)
        for i in host.own or ():
            yield i._replace(itemid=base + i.itemid, ruleid=i.ruleid and base + i.ruleid)

    def inherited(self, host, t, base=0):
        """What a host has of one template; `base` is the host's part of the ids."""
        bound = (host.bind or {}).get(t.templateid, {})
        base += t.slot * PER_TEMPLATE
        for n, (itype, key, name, flags, rule) in enumerate(t.entities):
            kept = (host.kept or {}).get(key)
            iface = kept if kept is not None else bound.get(ITEM_IF.get(itype), 0)
            yield Item(base + n, itype, key, name, iface, t.templateid * PER_TEMPLATE + n, flags,
                       None if rule is None else base + rule)

    @staticmethod
    def template_items(t):
        """A template's own items, rules and prototypes."""
        base = t.templateid * PER_TEMPLATE
        for n, (itype, key, name, flags, rule) in enumerate(t.entities):
            yield Item(base + n, itype, key, name, 0, 0, flags, None if rule is None else base + rule)

    def main_iface(self, host, type_):
        for i in host.ifaces:
            if i.type == type_ and i.main:
                return i.interfaceid
        return 0

    def any_iface(self, host):
        for type_ in IF_PRIORITY:
            ident = self.main_iface(host, type_)
            if ident:
                return ident
        return 0

    def missing_iface(self, host, template):
        """The first item or rule of the template that needs an interface the host lacks: (key, type, flags) or None."""
        old = self.version < (6, 4)
        for itype, key, _, flags, _ in template.entities:
            need = ITEM_IF.get(itype)
            if need is None or need == "opt" or (need == "any" and not old):
                continue
            have = self.any_iface(host) if need == "any" else self.main_iface(host, need)
            if not have and not (host.own and any(o.key == key for o in host.own)):
                return key, need, flags
        return None

    def link(self, host, template):
        """Link without any check: bind interfaces, adopt items that the host already has under the same key."""
        host.templates.append(template.templateid)
        bound = {}
        for itype, *_ in template.entities:
            need = ITEM_IF.get(itype)
            if need is not None and need not in bound:
                bound[need] = self.any_iface(host) if need in ("any", "opt") else self.main_iface(host, need)
        if bound:
            host.bind = dict(host.bind or {})
            host.bind[template.templateid] = bound
        if host.own:
            left = []
            for item in host.own:
                if item.key in template.all_keys:
                    host.kept = dict(host.kept or {})
                    host.kept[item.key] = item.interfaceid
                else:
                    left.append(item)
            host.own = left or None

    def unlink(self, host, tid, clear):
        """Unlink; without `clear` the items stay as the host's own."""
        t = self.templates[tid]
        if not clear:
            own = (host.own or []) + [i._replace(templateid=0) for i in self.inherited(host, t)]
            host.own = own or None
        host.templates.remove(tid)
        if host.bind:
            host.bind.pop(tid, None)
        if host.kept:
            for key in t.all_keys:
                host.kept.pop(key, None)
            host.kept = host.kept or None

    def iface_item(self, host, interfaceid):
        """The item that uses the interface, else the rule or prototype, or None."""
        users = [i for i in self.items(host) if i.interfaceid == interfaceid]
        return next((i for i in users if i.flags == ITEM), users[0] if users else None)

    # time

    def clock(self):
        return time.time()
