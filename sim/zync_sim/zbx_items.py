# SPDX-License-Identifier: Apache-2.0
"""item.get, discoveryrule.get, itemprototype.get: of hosts and of templates."""
from .zbx_get import Getter, _ids, item_row
from .zbx_model import Item, item_owner
from .zbx_schema import DISCOVERED, ITEM, PROTOTYPE, RULE

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
