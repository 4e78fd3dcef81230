# SPDX-License-Identifier: Apache-2.0
"""item.get, discoveryrule.get, itemprototype.get: of hosts and of templates."""
from .zbx_get import Getter, _ids, item_row
from .zbx_input import APP, INTERNAL, NO_OBJECT, ApiError, as_list, bad
from .zbx_model import PER_HOST, Item, item_owner
from .zbx_schema import DISCOVERED, IF_TITLE, ITEM, ITEM_IF, PROTOTYPE, RULE

SORTABLE = ("itemid", "name", "key_", "delay", "type", "status")


def _fields(flags):
    return list(item_row(0, Item(0, 0, "", "", 0, 0, flags, None)))


class Items:
    """The part of Objects that reads items; `w`, `v`, `user`, `super` and `hosts` are its."""

    def item_get(self, p):
        g = Getter(self.v, "itemid", _fields(ITEM), sortable=SORTABLE + ("history", "trends"))
        # A filter on flags takes the place of the usual one: it finds rules and prototypes too.
        flt = p.get("filter")
        asked = isinstance(flt, dict) and flt.get("flags") is not None
        return self.items_finish(g, p, None if asked else (ITEM, DISCOVERED))

    def discoveryrule_get(self, p):
        return self.items_finish(Getter(self.v, "itemid", _fields(RULE), sortable=SORTABLE), p, (RULE,))

    def itemprototype_get(self, p):
        return self.items_finish(Getter(self.v, "itemid", _fields(PROTOTYPE), sortable=SORTABLE), p, (PROTOTYPE,))

    # Of their updates, what concerns interfaces: an item may move to another one of its host that has the type it needs.

    def item_update(self, p):
        return self.items_update(p, (ITEM, DISCOVERED))

    def discoveryrule_update(self, p):
        return self.items_update(p, (RULE,))

    def itemprototype_update(self, p):
        return self.items_update(p, (PROTOTYPE,))

    def items_update(self, p, flags):
        rows = as_list(p, "/", not_empty=True)
        for n, r in enumerate(rows, 1):
            if not isinstance(r, dict):
                raise bad("/%d" % n, "an array is expected")
            for field in r:
                if field not in ("itemid", "interfaceid"):
                    raise ApiError(INTERNAL, "The simulator changes interfaces of items only.")
            if "itemid" not in r:
                raise bad("/%d" % n, 'the parameter "itemid" is missing')
        copies = {}
        for n, r in enumerate(rows, 1):
            owner = item_owner(int(r["itemid"]))
            if owner not in self.w.hosts or not self.hosts.visible(self.w.hosts[owner], True):
                raise ApiError(APP, NO_OBJECT)
            host = copies.setdefault(owner, self.w.hosts[owner].copy())
            item = next((i for i in self.w.items(host) if i.itemid == int(r["itemid"]) and i.flags in flags), None)
            if item is None:
                raise ApiError(APP, NO_OBJECT)
            if "interfaceid" in r:
                self.item_move(host, item, int(r["interfaceid"]), "/%d" % n)
        for host in copies.values():
            self.w.put(host)
        return {"itemids": [str(r["itemid"]) for r in rows]}

    def item_move(self, host, item, interfaceid, path):
        iface = next((i for i in host.ifaces if i.interfaceid == interfaceid), None)
        need = ITEM_IF.get(item.type)
        if iface is None or isinstance(need, int) and iface.type != need:
            raise bad(path + "/interfaceid", "the host interface ID is expected" if iface is None else
                      'the host interface ID of type "%s" is expected' % IF_TITLE[need])
        if item.templateid:
            host.kept = dict(host.kept or {})
            host.kept[item.key] = interfaceid
        else:
            base = host.hostid * PER_HOST
            host.own = [i._replace(interfaceid=interfaceid) if base + i.itemid == item.itemid else i for i in host.own]

    def items_finish(self, g, p, flags):
        rules = {}
        rows = []
        for owner, i in self.items_select(p, flags):
            row = item_row(owner, i)
            if g.matches(row, p):
                rows.append(row)
                rules[row["itemid"]] = i.ruleid

        def subs(row, out):
            if p.get("selectHosts") is not None:
                out["hosts"] = [self.item_host(int(row["hostid"]), p["selectHosts"])]
            if p.get("selectDiscoveryRule") is not None and flags == (PROTOTYPE,):
                out["discoveryRule"] = self.item_rule(int(row["hostid"]), rules[row["itemid"]], p["selectDiscoveryRule"])
        return g.finish(rows, p, None, subs)

    def item_host(self, ident, asked):
        x = self.w.hosts.get(ident) or self.w.templates[ident]
        row = {"hostid": str(ident), "host": x.host, "name": x.name}
        return {f: v for f, v in row.items() if not isinstance(asked, list) or f == "hostid" or f in asked}

    def item_rule(self, ownerid, ruleid, asked):
        row = next(item_row(ownerid, i) for i in self.items_of(ownerid) if i.itemid == ruleid)
        return {f: v for f, v in row.items() if not isinstance(asked, list) or f == "itemid" or f in asked}

    def items_of(self, ownerid):
        if ownerid in self.w.hosts:
            return self.w.items(self.w.hosts[ownerid])
        return self.w.template_items(self.w.templates[ownerid])

    def items_select(self, p, flags):
        """(host or template id, item) of all that the query's parameters mean; filter and search come later."""
        only = _ids(p["itemids"]) if p.get("itemids") is not None else None
        ifaces = _ids(p["interfaceids"]) if p.get("interfaceids") is not None and flags != (PROTOTYPE,) else None
        rules = _ids(p["discoveryids"]) if p.get("discoveryids") is not None and flags == (PROTOTYPE,) else None
        for owner in self.item_owners(p, only, ifaces):
            for i in self.items_of(owner):
                if flags is not None and i.flags not in flags or only is not None and i.itemid not in only:
                    continue
                if ifaces is not None and i.interfaceid not in ifaces or rules is not None and i.ruleid not in rules:
                    continue
                if p.get("inherited") is not None and bool(p["inherited"]) != (i.templateid != 0):
                    continue
                yield owner, i

    def item_owners(self, p, only, ifaces):
        """Ids of the hosts and templates to look at: as few as the query allows."""
        sets = []
        named = [_ids(p[k]) for k in ("hostids", "templateids") if p.get(k) is not None]
        if named:
            sets.append(set().union(*named))
        if only is not None:
            sets.append({item_owner(i) for i in only})
        flt = p.get("filter") if isinstance(p.get("filter"), dict) and not p.get("searchByAny") else {}
        for asked in (ifaces, _ids(flt["interfaceid"]) if flt.get("interfaceid") is not None else None):
            # Interface 0 is that of every item without one.
            if asked is not None and 0 not in asked:
                sets.append({self.w.by_iface[i] for i in asked if i in self.w.by_iface})
        templates = self.w.templates if self.super else {}
        ids = set.intersection(*sets) if sets else [*self.w.hosts, *templates]
        groups = _ids(p["groupids"]) if p.get("groupids") is not None else None
        for i in sorted(ids):
            x = self.w.hosts.get(i) or templates.get(i)
            if x is None or i in self.w.hosts and not self.hosts.visible(x, p.get("editable")):
                continue
            if p.get("templated") is not None and bool(p["templated"]) != (i in templates):
                continue
            if p.get("monitored") and (i in templates or x.status != 0):
                continue
            if groups is None or not groups.isdisjoint(x.groups):
                yield i
