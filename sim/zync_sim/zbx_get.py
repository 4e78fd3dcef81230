# SPDX-License-Identifier: Apache-2.0
"""The read half of the simulated API: output lists, filters, searches, sub-selects as the real server does them."""
import fnmatch

from . import zbx_ifaces
from .zbx_input import APP, ApiError, bad, is_array, is_int, php_error, php_str
from .zbx_schema import ITEM, PROTOTYPE, RULE, SPLIT_GROUPS, host_fields, inventory_lengths


def _list(v):
    return v if isinstance(v, list) else list(v.values()) if isinstance(v, dict) else [v]


def _digits(x):
    """Is it a whole number in the only digits that the server knows?"""
    return not isinstance(x, (bool, float)) and (x := str(x)[:21]).isascii() and x.isdigit() and len(x) <= 20


def _ids(v):
    """A list of ids given as numbers or strings; what is no number matches nothing."""
    return {int(x) for x in _list(v) if _digits(x)}


def _sort_key(v):
    return (0, int(v), "") if _digits(v) else (1, 0, str(v).lower())


def clean_query(version, p):
    """The parameters of a get call with the odd ones as the server takes them; what its code trips over is an error."""
    p = dict(p) if isinstance(p, dict) else {}
    for key, v in p.items():
        if key == "output" and is_array(v):
            if any(is_array(x) for x in _list(v)):
                raise php_error(version, "array_flip(): Can only flip string and integer values, entry skipped")
            p[key] = [x for x in _list(v) if isinstance(x, str)]
        elif key.startswith("select") and is_array(v):
            p[key] = [x for x in _list(v) if isinstance(x, str)]
        elif key == "limit" and not _digits(v):
            p[key] = None
        elif key == "sortfield":
            p[key] = [php_str(x) for x in _list(v)] if is_array(v) else v and php_str(v)
        elif key == "sortorder":
            p[key] = [php_str(x) for x in _list(v)] or ["ASC"]
        elif key == "evaltype" and not is_int(v):
            p[key] = 0
        elif key == "tags" and v:
            if not isinstance(v, list) or not all(isinstance(t, dict) and isinstance(t.get("tag"), str) and
                                                  isinstance(t.get("value", ""), str) for t in v):
                raise php_error(version, "Cannot access offset of type string on string")
            p[key] = [dict(t, operator=t["operator"] if is_int(t.get("operator")) else 0) for t in v]
        elif key == "filter" and v and not is_array(v):
            raise php_error(version, "foreach() argument must be of type array|object")
        elif key == "search" and isinstance(v, dict) and any(is_array(x) for a in v.values() for x in _list(a)):
            raise php_error(version, "mb_strtoupper(): Argument #1 ($string) must be of type string, array given")
    return p


class Getter:
    """Turns rows (dicts of strings) into the answer that output, filter, search, sort and limit ask for."""

    def __init__(self, version, pk, fields, pk_always=True, strict=False, sortable=()):
        self.version, self.pk, self.fields, self.pk_always = version, pk, fields, pk_always
        self.strict, self.sortable = strict, sortable

    def wanted(self, output, default="extend"):
        if output is None:
            output = default
        if output == "extend":
            return list(self.fields)
        if isinstance(output, list):
            names = [f for f in self.fields if f in output]
            if self.strict:
                for n, f in enumerate(output, 1):
                    if f not in self.fields:
                        raise bad("/output/%d" % n, "value must be one of " + ", ".join('"%s"' % x for x in self.fields))
            if self.pk_always and self.pk not in names:
                names.insert(0, self.pk)
            return names
        return [self.pk]

    def pick(self, row, names):
        return {n: row[n] for n in names if n in row}

    def matches(self, row, p):
        flt = p.get("filter")
        if isinstance(flt, dict):
            tests = [str(row[k]) in {str(x) for x in _list(v)} for k, v in flt.items() if k in row and v is not None]
            if tests and not (any(tests) if p.get("searchByAny") else all(tests)):
                return False
        search = p.get("search")
        if isinstance(search, dict):
            tests = []
            for k, v in search.items():
                if k not in row or v is None:
                    continue
                tests.append(any(_search(str(row[k]), str(x), p) for x in _list(v)))
            if tests:
                ok = any(tests) if p.get("searchByAny") else all(tests)
                if ok == bool(p.get("excludeSearch")):
                    return False
        return True

    def order(self, rows, p):
        sf = p.get("sortfield")
        if sf in (None, "", []):
            return rows
        orders = _list(p.get("sortorder") or "ASC")
        fields = [str(f) for f in _list(sf)]
        for n in range(len(fields) - 1, -1, -1):
            f = fields[n]
            if f not in (self.sortable or self.fields):
                if not self.pk_always and not self.sortable:
                    raise bad("/sortfield/%d" % (n + 1), "value must be one of " + ", ".join('"%s"' % x for x in self.fields))
                raise ApiError(APP, 'Sorting by field "%s" not allowed.' % f)
            desc = str(orders[n] if n < len(orders) else orders[0]).upper() == "DESC"
            number = f.endswith("id") or f in ("status", "flags")
            rows.sort(key=lambda r: _sort_key(r.get(f)) if number else str(r.get(f)).lower(), reverse=desc)
        return rows

    def finish(self, rows, p, names=None, subs=None):
        """rows: full rows already matched. subs(row, out) adds sub-selects."""
        if p.get("countOutput"):
            return str(len(rows))
        rows = self.order(rows, p)
        limit = p.get("limit")
        if limit is not None and int(limit) > 0:
            rows = rows[: int(limit)]
        names = names or self.wanted(p.get("output"))
        out = []
        for r in rows:
            o = self.pick(r, names)
            if subs:
                subs(r, o)
            out.append(o)
        if p.get("preservekeys"):
            return {r[self.pk]: o for r, o in zip(rows, out)} if out else []
        return out


def _search(value, word, p):
    value, word = value.lower(), word.lower()
    if p.get("searchWildcardsEnabled"):
        return fnmatch.fnmatchcase(value, word.replace("[", "[[]").replace("?", "[?]"))
    return value.startswith(word) if p.get("startSearch") else word in value


def tags_match(tags, p):
    """The tags filter: evaltype 0 and/or, 2 or; operators 0 contains 1 equals 2 not contains 3 not equals 4/5 exists."""
    asked = p.get("tags")
    if not asked:
        return True
    groups = {}
    for a in _list(asked):
        op = int(a.get("operator", 0))
        value = a.get("value", "")
        same = [v for t, v in tags if t == a.get("tag")]
        if op in (0, 2):
            hit = any(value.lower() in v.lower() for v in same)
        elif op in (1, 3):
            hit = value in same
        else:
            hit = bool(same)
        groups.setdefault((a.get("tag"), op in (2, 3, 5)), []).append(not hit if op in (2, 3, 5) else hit)
    if int(p.get("evaltype", 0)) == 2:
        return any(any(g) for g in groups.values())
    return all(all(g) if neg else any(g) for (_, neg), g in groups.items())


VALUES = {
    "hostid": lambda h: str(h.hostid), "host": lambda h: h.host, "name": lambda h: h.name,
    "status": lambda h: str(h.status), "flags": lambda h: str(h.flags), "description": lambda h: h.description,
    "proxy_hostid": lambda h: str(h.proxyid), "proxyid": lambda h: str(h.proxyid),
    "proxy_groupid": lambda h: str(h.pgid), "monitored_by": lambda h: str(h.mon),
    "inventory_mode": lambda h: str(h.inv_mode),
}
CONSTANT = {"auto_compress": "1", "proxy_address": "", "uuid": "", "vendor_name": "", "vendor_version": ""}
IPMI = {"ipmi_authtype": "-1", "ipmi_privilege": "2"}


def _other(f):
    """The getter of a host's field that is seldom set."""
    if f.startswith("tls_"):
        got = lambda h: str(h.tls_get(f))
    elif f.startswith("ipmi_"):
        default = IPMI.get(f, "")
        got = lambda h: (h.ipmi or {}).get(f, default)
    else:
        constant = CONSTANT.get(f, "0")
        got = lambda h: constant
    VALUES[f] = got
    return got


class HostReader:
    """host.get and what hangs on hosts: interfaces, macros, items."""

    def __init__(self, world, user):
        self.world = world
        self.user = user
        self.old = world.version < (6, 4)
        self.fields = host_fields(world.version)
        self.getter = Getter(world.version, "hostid", self.fields,
                             sortable=("hostid", "host", "name", "status"))
        self.inventory = list(inventory_lengths(world.version))
        self.rows = {}

    def visible(self, h, editable=False):
        rights = self.user["rights"]
        if rights is None:
            return True
        return max((rights.get(g, 0) for g in h.groups), default=0) >= (3 if editable else 2)

    def value(self, h, f):
        return (VALUES.get(f) or _other(f))(h)

    def candidates(self, p):
        w = self.world
        ids = p.get("hostids")
        if ids is not None:
            if not self.old and any(not str(x).isdigit() for x in _list(ids)):
                raise ApiError(APP, "Database error occurred.")
            wanted = _ids(ids)
            if len(wanted) * 4 < len(w.hosts):
                hosts = [w.hosts[i] for i in sorted(wanted) if i in w.hosts]
            else:
                hosts = [h for h in w.hosts.values() if h.hostid in wanted]
        else:
            flt = p.get("filter")
            if isinstance(flt, dict) and not p.get("searchByAny") and flt.get("host") is not None:
                found = [w.by_host.get(str(x), ("", 0)) for x in _list(flt["host"])]
                hosts = [w.hosts[i] for kind, i in dict.fromkeys(found) if kind == "host"]
            else:
                hosts = w.hosts.values()
        return hosts

    def select(self, p):
        """The hosts a query means, unsorted."""
        hosts = self.candidates(p)
        if self.user["rights"] is not None:
            hosts = [h for h in hosts if self.visible(h, p.get("editable"))]
        for key, test in (("groupids", lambda s: lambda h: not s.isdisjoint(h.groups)),
                          ("templateids", lambda s: lambda h: not s.isdisjoint(h.templates)),
                          ("proxyids", lambda s: lambda h: h.proxyid in s),
                          ("proxy_groupids", lambda s: lambda h: h.pgid in s),
                          ("interfaceids", lambda s: lambda h: any(i.interfaceid in s for i in h.ifaces))):
            if p.get(key) is not None:
                fits = test(_ids(p[key]))
                hosts = [h for h in hosts if fits(h)]
        if p.get("monitored_hosts"):
            hosts = [h for h in hosts if h.status == 0]
        if p.get("tags"):
            hosts = [h for h in hosts if self.tags_fit(h, p)]
        inv = p.get("searchInventory")
        if isinstance(inv, dict):
            hosts = [h for h in hosts if h.inv is not None and all(
                str(v).lower() in h.inv.get(k, "").lower() for k, v in inv.items())]
        return self.filtered(hosts, p)

    def tags_fit(self, h, p):
        tags = list(h.tags)
        if p.get("inheritedTags"):
            tags += [t for tid in h.templates for t in self.world.templates[tid].tags]
        return tags_match(tags, p)

    def filtered(self, hosts, p):
        keys = set()
        for part in ("filter", "search"):
            if isinstance(p.get(part), dict):
                keys |= set(p[part])
        if not keys:
            return list(hosts)
        keys &= set(self.fields) | {"ip", "dns", "port"}
        out = []
        for h in hosts:
            row = {f: self.value(h, f) for f in keys if f in self.fields}
            variants = [row]
            if keys & {"ip", "dns", "port"}:
                variants = [dict(row, ip=i.ip, dns=i.dns, port=i.port) for i in h.ifaces] or []
            if any(self.getter.matches(v, p) for v in variants):
                out.append(h)
        return out

    def get(self, p):
        hosts = self.select(p)
        if p.get("countOutput"):
            if p.get("groupCount") and p.get("groupids") is not None:
                return [{"rowscount": str(sum(1 for h in hosts if g in h.groups)), "groupid": str(g)}
                        for g in sorted(_ids(p["groupids"]))]
            return str(len(hosts))
        sel = self.selects(p)
        sf = p.get("sortfield")
        if sf not in (None, "", []):
            rows = [{"hostid": str(h.hostid), "host": h.host, "name": h.name, "status": str(h.status), "_h": h}
                    for h in hosts]
            hosts = [r["_h"] for r in self.getter.order(rows, p)]
        limit = p.get("limit")
        if limit is not None and int(limit) > 0:
            hosts = hosts[: int(limit)]
        getters = [(f, VALUES.get(f) or _other(f)) for f in self.getter.wanted(p.get("output"))]
        out = []
        for h in hosts:
            o = {f: g(h) for f, g in getters}
            for key, fn in sel:
                o[key] = fn(h)
            out.append(o)
        if p.get("preservekeys"):
            return {str(h.hostid): o for h, o in zip(hosts, out)} if out else []
        return out

    # sub-selects

    def selects(self, p):
        w, old = self.world, self.old
        out = []
        if p.get("selectMacros") is not None:
            fields = ("hostmacroid", "hostid", "macro", "value", "description", "type") + (() if old else ("automatic",))
            if not old and p["selectMacros"] == "count":
                raise bad("/selectMacros", 'value must be "extend"')
            if not (old and p["selectMacros"] == "count"):
                names = self.names(p["selectMacros"], fields, "selectMacros")
                out.append(("macros", lambda h, names=names: [self.cut(self.macro(h, m), names) for m in h.macros]))
        if p.get("selectParentTemplates") is not None:
            out.append(("parentTemplates", self.sub(p["selectParentTemplates"], self.templates_of)))
        for key, name in (("selectGroups", "groups"), ("selectHostGroups", "hostgroups")):
            if p.get(key) is None or (key == "selectHostGroups" and w.version < SPLIT_GROUPS) or (
                    key == "selectGroups" and w.version >= (7, 2)):
                continue
            if p[key] == "count":
                continue
            names = group_names(w, p[key])
            out.append((name, lambda h, names=names: [
                self.cut(group_row(w, w.groups[g]), names) for g in sorted(h.groups) if g in w.groups]))
        if p.get("selectInventory") is not None:
            asked = p["selectInventory"]
            names = [f for f in self.inventory if f in asked] if isinstance(asked, list) else (
                self.inventory if asked == "extend" else [])
            out.append(("inventory", lambda h, names=names: [] if h.inv_mode == -1 else {
                f: (h.inv or {}).get(f, "") for f in names}))
        if p.get("selectInterfaces") is not None:
            out.append(("interfaces", self.sub(p["selectInterfaces"], lambda h: [self.iface(h, i) for i in h.ifaces])))
        if p.get("selectTags") is not None:
            fields = ("tag", "value") + (() if old else ("automatic",))
            names = self.names(p["selectTags"], fields, "selectTags", "host_tag")
            out.append(("tags", lambda h, names=names: [self.cut({"tag": t, "value": v, "automatic": "0"}, names) for t, v in h.tags]))
        if p.get("selectInheritedTags") is not None:
            names = self.names(p["selectInheritedTags"], ("tag", "value"), "selectInheritedTags", "host_tag")
            out.append(("inheritedTags", lambda h, names=names: [self.cut({"tag": t, "value": v}, names)
                                                    for t, v in dict.fromkeys(t for tid in h.templates
                                                                              for t in w.templates[tid].tags)]))
        if p.get("selectItems") is not None:
            out.append(("items", self.sub(p["selectItems"], lambda h: [
                item_row(h.hostid, i) for i in w.items(h) if i.flags == ITEM])))
        for key, name in (("selectDiscoveryRule", "discoveryRule"), ("selectHostDiscovery", "hostDiscovery")):
            if p.get(key) is not None:
                out.append((name, lambda h, name=name: [] if h.flags != 4 else (
                    {"itemid": "900001", "name": "Discover VMs"} if name == "discoveryRule" else
                    {"parent_hostid": "10800", "parent_itemid": "900001", "ts_delete": "0"})))
        return out

    def names(self, asked, fields, where, table=None):
        if isinstance(asked, list):
            for n, f in enumerate(asked, 1):
                if f not in fields and table:
                    if self.old:
                        raise ApiError(APP, 'applyQueryOutputOptions: field "%s.%s" does not exist.' % (table, f))
                    raise bad("/%s/%d" % (where, n), "value must be one of " + ", ".join('"%s"' % x for x in fields))
            return [f for f in fields if f in asked]
        return list(fields)

    @staticmethod
    def cut(row, names):
        return {f: row[f] for f in names if f in row}

    def sub(self, asked, rows):
        if asked == "count":
            return lambda h: str(len(rows(h)))
        if isinstance(asked, list):
            return lambda h: [self.cut(r, asked) for r in rows(h)]
        return rows

    def templates_of(self, h):
        return [self.template_full(tid) for tid in sorted(h.templates)]

    def template_full(self, tid):
        """The row of a linked template, made once a call."""
        row = self.rows.get(tid)
        if row is None:
            row = self.rows[tid] = dict(template_row(self.world, self.world.templates[tid]), link_type="0")
        return row

    def macro(self, h, m):
        r = {"hostmacroid": str(m.hostmacroid), "hostid": str(h.hostid), "macro": m.macro, "value": m.value,
             "description": m.description, "type": str(m.type)}
        if m.type == 1:
            del r["value"]
        if not self.old:
            r["automatic"] = "0"
        return r

    def iface(self, h, i):
        return {"interfaceid": str(i.interfaceid), "hostid": str(h.hostid), "main": str(i.main), "type": str(i.type),
                "useip": str(i.useip), "ip": i.ip, "dns": i.dns, "port": i.port, "available": "0", "error": "",
                "errors_from": "0", "disable_until": "0",
                "details": zbx_ifaces.shown_details(i.details, self.world.version)}


def item_row(ownerid, i):
    """An item, rule or prototype of a host or template."""
    r = {"itemid": str(i.itemid), "type": str(i.type), "hostid": str(ownerid), "name": i.name, "key_": i.key,
         "delay": "0" if i.type == 18 else "1m", "status": "0", "value_type": "4" if i.flags == RULE else "3",
         "templateid": str(i.templateid), "flags": str(i.flags), "interfaceid": str(i.interfaceid), "description": ""}
    if i.flags != PROTOTYPE:
        r.update({"state": "0", "error": ""})
    if i.flags == ITEM:
        r.update({"inventory_link": "0", "lastclock": "0", "lastvalue": "0"})
    return r


def template_row(w, t):
    r = {"proxy_hostid" if w.version < (7, 0) else "proxyid": "0", "host": t.host, "status": "3"}
    if w.version < (6, 4):
        r["lastaccess"] = "0"
    r.update({"ipmi_authtype": "-1", "ipmi_privilege": "2", "ipmi_username": "", "ipmi_password": "",
              "maintenanceid": "0", "maintenance_status": "0", "maintenance_type": "0", "maintenance_from": "0",
              "name": t.name, "flags": "0", "templateid": str(t.templateid), "description": "", "tls_connect": "1",
              "tls_accept": "1", "tls_issuer": "", "tls_subject": "", "tls_psk_identity": "", "tls_psk": ""})
    if w.version < (7, 0):
        r.update({"proxy_address": "", "auto_compress": "1"})
    r.update({"custom_interfaces": "0", "uuid": t.uuid})
    if w.version >= (6, 4):
        r.update({"vendor_name": "Zabbix", "vendor_version": t.vendor_version})
    if w.version >= (7, 0):
        r.update({"proxy_groupid": "0", "monitored_by": "0"})
    return r


def group_row(w, g):
    r = {"groupid": str(g.groupid), "name": g.name}
    if w.version < SPLIT_GROUPS:
        r["internal"] = str(g.internal)
    r["flags"] = str(g.flags)
    r["uuid"] = g.uuid
    return r


def group_names(w, asked):
    fields = ["groupid", "name", "flags", "uuid"]
    if w.version < SPLIT_GROUPS:
        fields.insert(2, "internal")
    if isinstance(asked, list):
        names = [f for f in fields if f in asked]
        if w.version < SPLIT_GROUPS and "groupid" not in names:
            names.insert(0, "groupid")
        return names
    return fields
