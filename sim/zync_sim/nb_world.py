# SPDX-License-Identifier: Apache-2.0
"""The simulated NetBox's database: tables, reverse look-ups, config contexts, changelog."""
import json
import pickle

from .nb_schema import TABLES, Table


class World:
    def __init__(self, version, now):
        self.version = version
        self.now = now
        self.tables = {p: Table(p, version) for p in TABLES}
        self.by_type = {t.content_type: t for t in self.tables.values()}
        self.gen = 0
        self.changes = []
        self.next_change = 1
        self.caches = {}

    def __getitem__(self, path):
        return self.tables[path]

    def save(self):
        """All rows and the changelog, for load()."""
        rows = {p: (t.next_id, [[r.id] + [getattr(r, f) for f in t.stored] for r in t.rows.values()]) for p, t in self.tables.items()}
        return pickle.dumps((rows, self.changes, self.next_change))

    def load(self, state):
        rows, self.changes, self.next_change = pickle.loads(state)
        for path, (next_id, values) in rows.items():
            table = self.tables[path]
            table.next_id, table.rows, table.ids_cache = next_id, {}, None
            for ident, *fields in values:
                row = table.rows[ident] = table.row_class()
                row.id = ident
                for name, value in zip(table.stored, fields):
                    setattr(row, name, value)
            self.touch(table)

    def touch(self, table, created=None):
        """Call after every write: caches of lists and nested objects are dropped.

        The look-ups for uniqueness are carried over a creation, or filling a big table would be quadratic.
        """
        self.gen += 1
        table.gen += 1
        kept = {}
        if created is not None:
            for key, value in self.caches.items():
                if key[0] == "unique":
                    if key[1] == table.path and not (table.tree and key[2] == "name" and created.parent is not None):
                        value.setdefault(getattr(created, key[2]), created.id)
                elif key == "device-names":
                    if table.path == "dcim/devices" and created.name:
                        value.add((created.site, created.tenant, created.name.lower()))
                elif key == "vm-names":
                    if table.path == "virtualization/virtual-machines":
                        value[(created.cluster, created.tenant, created.name.lower())] = created.id
                else:
                    continue
                kept[key] = value
        self.caches.clear()
        self.caches.update(kept)

    def cache(self, name, build):
        """A value that is right until the next write."""
        if name not in self.caches:
            self.caches[name] = build()
        return self.caches[name]

    # reverse look-ups

    def count_by(self, path, field):
        """{id of the referenced object: number of rows}."""
        def build():
            out = {}
            for r in self.tables[path].rows.values():
                v = getattr(r, field)
                if v is not None:
                    out[v] = out.get(v, 0) + 1
            return out
        return self.cache(("count", path, field), build)

    def rows_by(self, path, field):
        def build():
            out = {}
            for r in self.tables[path].rows.values():
                v = getattr(r, field)
                if v is not None:
                    out.setdefault(v, []).append(r)
            return out
        return self.cache(("rows", path, field), build)

    def by_slug(self, path):
        def build():
            return {r.slug: r for r in self.tables[path].rows.values()}
        return self.cache(("slug", path), build)

    def descendants(self, path, ident):
        """Ids of an object of a tree and everything below it."""
        children = self.rows_by(path, "parent")
        out, todo = {ident}, [ident]
        while todo:
            for r in children.get(todo.pop(), ()):
                if r.id not in out:
                    out.add(r.id)
                    todo.append(r.id)
        return out

    def ancestors(self, path, ident):
        """Ids from an object of a tree up to its root."""
        out = []
        rows = self.tables[path].rows
        while ident is not None and ident in rows and ident not in out:
            out.append(ident)
            ident = rows[ident].parent
        return out

    def depth(self, path, ident):
        return len(self.ancestors(path, ident)) - 1

    def addresses_of(self, kind):
        """{device or VM id: [address rows]} for kind dcim.interface or virtualization.vminterface."""
        def build():
            out = {}
            table, owner = (("dcim/interfaces", "device") if kind == "dcim.interface"
                            else ("virtualization/interfaces", "virtual_machine"))
            interfaces = self.tables[table].rows
            for r in self.tables["ipam/ip-addresses"].rows.values():
                if r.assigned_object_type == kind and r.assigned_object_id in interfaces:
                    out.setdefault(getattr(interfaces[r.assigned_object_id], owner), []).append(r)
            return out
        return self.cache(("addresses", kind), build)

    # custom fields

    def custom_fields(self, content_type):
        """The custom fields of a type, in the order of the answers."""
        def build():
            out = [r for r in self.tables["extras/custom-fields"].rows.values() if content_type in r.object_types]
            return sorted(out, key=lambda r: (r.group_name, r.weight, r.name))
        return self.cache(("cf", content_type), build)

    def choices_of(self, field):
        """{value: label} of a select field."""
        cs = self.tables["extras/custom-field-choice-sets"].rows.get(field.choice_set)
        return {v: label for v, label in cs.extra_choices} if cs else {}

    # config contexts

    def context_for(self, row, is_vm):
        """The rendered context of a device or VM, as NetBox merges it: by weight, then name, local data last."""
        cluster = self.tables["virtualization/clusters"].rows.get(row.cluster) if row.cluster else None
        key = (is_vm, row.site, None if is_vm else row.location, None if is_vm else row.device_type, row.role,
               row.platform, row.tenant, cluster.id if cluster else None, tuple(row.tags))
        cache = self.cache("contexts", dict)
        merged = cache.get(key)
        if merged is None:
            merged = {}
            for c in self.matching_contexts(row, is_vm, cluster):
                merged = deep_merge(merged, c.data)
            cache[key] = merged
        return deep_merge(merged, row.local_context_data) if row.local_context_data else merged

    def matching_contexts(self, row, is_vm, cluster):
        site = self.tables["dcim/sites"].rows.get(row.site)
        tenant = self.tables["tenancy/tenants"].rows.get(row.tenant)
        tags = {self.tables["extras/tags"].rows[t].slug for t in row.tags}
        have = {
            "regions": self.ancestors("dcim/regions", site.region) if site else [],
            "site_groups": self.ancestors("dcim/site-groups", site.group) if site else [],
            "sites": [row.site] if site else [],
            "locations": [] if is_vm else self.ancestors("dcim/locations", row.location),
            "device_types": [] if is_vm else [row.device_type],
            "roles": self.ancestors("dcim/device-roles", row.role),
            "platforms": self.ancestors("dcim/platforms", row.platform),
            "cluster_types": [cluster.type] if cluster else [],
            "cluster_groups": [cluster.group] if cluster and cluster.group else [],
            "clusters": [cluster.id] if cluster else [],
            "tenant_groups": self.ancestors("tenancy/tenant-groups", tenant.group) if tenant else [],
            "tenants": [row.tenant] if tenant else []}
        out = []
        for c in self.tables["extras/config-contexts"].rows.values():
            if c.is_active and all(not getattr(c, k) or set(getattr(c, k)) & set(v) for k, v in have.items()) and (
                    not c.tags or tags & set(c.tags)):
                out.append(c)
        return sorted(out, key=lambda c: (c.weight, c.name))

    # changelog

    def log(self, table, row_id, action, shown, pre, post, request_id, user, message):
        self.changes.append({"id": self.next_change, "time": self.now(), "type": table.content_type, "object": row_id,
                             "repr": shown, "action": action, "pre": pre, "post": post, "request_id": request_id,
                             "user": user, "message": message})
        self.next_change += 1
        if len(self.changes) > 300000:
            del self.changes[:100000]


def deep_merge(a, b):
    out = dict(a)
    for k, v in b.items():
        out[k] = deep_merge(out[k], v) if isinstance(v, dict) and isinstance(out.get(k), dict) else v
    return out


def flat(table, row):
    """A row as the changelog keeps it: ids for references, choices as values."""
    out = {}
    for name in table.stored:
        v = getattr(row, name)
        if name in ("created", "last_updated") or name not in table.fields:
            continue
        out[name] = list(v) if isinstance(v, tuple) else v
    return json.loads(json.dumps(out, default=str))
