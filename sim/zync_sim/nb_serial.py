# SPDX-License-Identifier: Apache-2.0
"""Rows to JSON objects as the REST API of each version shows them."""
import time

from .nb_schema import CHOICES, DROPPED_NESTED


FHRP = {"vrrp2": "VRRPv2", "vrrp3": "VRRPv3", "carp": "CARP", "clusterxl": "ClusterXL", "hsrp": "HSRP", "glbp": "GLBP"}


def iso(t):
    """A time in NetBox's form; the fraction is left out when it is zero."""
    if t is None:
        return None
    whole = int(t)
    micro = int(round((t - whole) * 1e6))
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
    return "%s.%06dZ" % (text, micro) if micro else text + "Z"


def choice(kind, value):
    if value is None or value == "":
        return None
    return {"value": value, "label": CHOICES[kind].get(value, "")}


class Serial:
    """Serialises for one world and one base address ("http://host:port")."""

    def __init__(self, world, base):
        self.w = world
        self.base = base
        self.v = world.version
        self.getters = {}

    # addresses of objects

    def url(self, table, ident):
        return "%s/api/%s/%d/" % (self.base, table.path, ident)

    def ui(self, table, ident):
        return "%s/%s/%s/%d/" % (self.base, table.app, table.ui, ident)

    # display texts

    def display(self, table, r):
        p = table.path
        if p == "dcim/devices":
            return self.device_display(r)
        if p == "dcim/device-types":
            return r.model
        if p == "ipam/ip-addresses":
            return r.address
        if p == "ipam/asns":
            return "AS%d" % r.asn
        if p == "ipam/vrfs":
            return "%s (%s)" % (r.name, r.rd) if r.rd else r.name
        if p == "ipam/fhrp-groups":
            ips = self.fhrp_addresses(r)
            return "%s: %d%s" % (FHRP.get(r.protocol, r.protocol), r.group_id, " (%s)" % ips[0].address if ips else "")
        if p == "extras/custom-fields":
            return r.label or r.name.replace("_", " ").capitalize()
        if p == "extras/journal-entries":
            return "%s (Info)" % iso(r.created)[:19].replace("T", " ")
        return r.name

    def fhrp_addresses(self, group):
        return [a for a in self.w["ipam/ip-addresses"].rows.values()
                if a.assigned_object_type == "ipam.fhrpgroup" and a.assigned_object_id == group.id]

    def device_display(self, r):
        if r.name:
            return "%s (%s)" % (r.name, r.asset_tag) if r.asset_tag else r.name
        vc = self.w["dcim/virtual-chassis"].rows.get(r.virtual_chassis)
        if vc:
            return "%s:%s (%s)" % (vc.name, r.vc_position, r.asset_tag) if r.asset_tag else "%s:%s" % (
                vc.name, r.vc_position)
        dt = self.w["dcim/device-types"].rows[r.device_type]
        maker = self.w["dcim/manufacturers"].rows[dt.manufacturer]
        return "%s %s (%s)" % (maker.name, dt.model, r.asset_tag or r.id)

    # nested objects

    def nested(self, path, ident):
        """The brief form of an object inside another; shared between answers of the same state of the data."""
        if ident is None:
            return None
        key = ("nested", self.base, path, ident)
        got = self.w.caches.get(key)
        if got is None:
            row = self.w[path].rows.get(ident)
            got = None if row is None else self.brief(self.w[path], row, nested=True)
            self.w.caches[key] = got
        return got

    def head(self, table, r, ui):
        out = {"id": r.id, "url": self.url(table, r.id)}
        if ui and self.v >= (4, 1):
            out["display_url"] = self.ui(table, r.id)
        out["display"] = self.display(table, r)
        return out

    def brief(self, table, r, nested=False):
        out = self.head(table, r, ui=table.path == "extras/tags" and nested)
        dropped = DROPPED_NESTED.get(table.path, ()) if nested and self.v >= (4, 6, 5) else ()
        for name in table.brief:
            if name in dropped or name == "_depth" and table.path in (
                    "dcim/device-roles", "dcim/platforms") and "_depth" not in table.fields:
                continue
            if nested and name.endswith("_count"):
                out[name] = 0
            elif name == "_depth":
                out[name] = self.w.depth(table.path, r.id)
            elif name in ("nat_inside", "nat_outside") and self.v < (4, 6) and nested:
                continue
            elif name == "dns_name" and self.v < (4, 6, 4) and nested:
                continue
            else:
                out[name] = self.value(table, r, name)
        if table.path == "extras/tags" and nested:
            out.pop("description", None)
        return out

    def parent(self, table, ident):
        """`parent` of a tree has a form of its own."""
        row = table.rows.get(ident)
        if row is None:
            return None
        out = self.head(table, row, ui=True)
        out["name"] = row.name
        if table.path not in ("dcim/device-roles", "dcim/platforms"):
            out["slug"] = row.slug
            out["_depth"] = self.w.depth(table.path, ident)
        return out

    def ip(self, ident):
        return self.nested("ipam/ip-addresses", ident)

    def nat(self, r):
        t = self.w["ipam/ip-addresses"]
        out = self.head(t, r, ui=True)
        out.update(family=6 if ":" in r.address else 4, address=r.address)
        return out

    # values

    def value(self, table, r, name):
        return self.getter(table, name)(r)

    def getter(self, table, name):
        key = (table.path, name)
        got = self.getters.get(key)
        if got is None:
            got = self.getters[key] = self.make_getter(table, table.fields[name])
        return got

    def make_getter(self, table, f):
        name, w = f.name, self.w
        if f.kind == "const":
            value = f.default
            if name == "created_by":
                return lambda r: 1
            return lambda r: value
        if f.kind == "ch":
            cache = {v: {"value": v, "label": label} for v, label in CHOICES[f.arg].items()}
            return lambda r: cache.get(getattr(r, name)) or choice(f.arg, getattr(r, name))
        if f.kind == "fk":
            path = f.arg
            if name == "parent":
                return lambda r: self.parent(table, r.parent)
            if name == "master":
                return lambda r: None if r.master is None else self.member(r.master)
            return lambda r: self.nested(path, getattr(r, name))
        if f.kind == "ip":
            if name == "nat_inside":
                return lambda r: None if r.nat_inside is None else self.nat(w["ipam/ip-addresses"].rows[r.nat_inside])
            return lambda r: self.ip(getattr(r, name))
        if f.kind == "mm":
            path = f.arg
            return lambda r: [self.nested(path, i) for i in getattr(r, name)]
        if f.kind == "tags":
            return lambda r: [self.nested("extras/tags", t) for t in r.tags]
        if f.kind == "slugs":
            return lambda r: list(getattr(r, name))
        if f.kind == "cf":
            return lambda r: self.custom(table.content_type, r.custom_fields)
        if f.kind == "ts":
            return lambda r: iso(getattr(r, name))
        if f.kind == "calc":
            return self.calculated(table, name)
        return lambda r: getattr(r, name)

    def member(self, ident):
        t = self.w["dcim/devices"]
        row = t.rows.get(ident)
        if row is None:
            return None
        out = self.head(t, row, ui=True)
        out["name"] = row.name
        return out

    def custom(self, content_type, values):
        out = {}
        values = values or {}
        for f in self.w.custom_fields(content_type):
            out[f.name] = self.custom_value(f, values.get(f.name))
        return out

    def custom_value(self, f, v):
        if v is None:
            return None
        if f.type in ("select", "multiselect") and self.v >= (4, 7):
            labels = self.w.choices_of(f)
            if f.type == "select":
                return {"value": v, "label": labels.get(v, v)}
            return [{"value": x, "label": labels.get(x, x)} for x in v]
        if f.type in ("object", "multiobject") and f.related_object_type in self.w.by_type:
            path = self.w.by_type[f.related_object_type].path
            return self.nested(path, v) if f.type == "object" else [self.nested(path, x) for x in v]
        return v

    def assigned(self, r):
        t = self.w.by_type.get(r.assigned_object_type)
        return None if t is None else self.nested(t.path, r.assigned_object_id)

    def calculated(self, table, name):
        w, p = self.w, table.path
        if name == "_depth":
            return lambda r: w.depth(p, r.id)
        if name == "primary_ip":
            # PREFER_IPV4 is off by default.
            return lambda r: self.ip(r.primary_ip6 if r.primary_ip6 is not None else r.primary_ip4)
        if name == "config_context":
            is_vm = p != "dcim/devices"
            return lambda r: w.context_for(r, is_vm)
        if name == "family":
            return lambda r: {"value": 6, "label": "IPv6"} if ":" in r.address else {"value": 4, "label": "IPv4"}
        if name == "assigned_object":
            return self.assigned
        if name == "nat_outside":
            return lambda r: [self.nat(x) for x in w.rows_by("ipam/ip-addresses", "nat_inside").get(r.id, ())]
        if name == "scope":
            return lambda r: None if r.scope_type not in w.by_type else self.nested(w.by_type[r.scope_type].path,
                                                                                   r.scope_id)
        if name == "ip_addresses":
            return lambda r: [self.ip(a.id) for a in self.fhrp_addresses(r)]
        if name == "interface_count" and p == "dcim/virtual-device-contexts":
            return lambda r: sum(r.id in i.vdcs for i in w["dcim/interfaces"].rows.values())
        if name == "members":
            return lambda r: [self.member(d.id) for d in w.rows_by("dcim/devices", "virtual_chassis").get(r.id, ())]
        if name == "choices_count":
            return lambda r: len(r.extra_choices)
        if name == "data_type":
            return lambda r: {"integer": "integer", "decimal": "decimal", "boolean": "boolean", "object": "object",
                              "multiobject": "array", "multiselect": "array", "json": "object"}.get(r.type, "string")
        if name == "tagged_items":
            return lambda r: self.tagged().get(r.id, 0)
        return self.counter(p, name)

    def tagged(self):
        def build():
            out = {}
            for path in ("dcim/devices", "virtualization/virtual-machines", "dcim/sites"):
                for r in self.w[path].rows.values():
                    for t in r.tags:
                        out[t] = out.get(t, 0) + 1
            return out
        return self.w.cache("tagged", build)

    def counter(self, p, name):
        w = self.w
        source = {"device_count": "dcim/devices", "virtualmachine_count": "virtualization/virtual-machines",
                  "rack_count": "dcim/racks", "site_count": "dcim/sites", "tenant_count": "tenancy/tenants",
                  "cluster_count": "virtualization/clusters", "devicetype_count": "dcim/device-types",
                  "platform_count": "dcim/platforms", "member_count": "dcim/devices", "ipaddress_count": "ipam/ip-addresses", "interface_count":
                  "dcim/interfaces" if p == "dcim/devices" else "virtualization/interfaces"}.get(name)
        field = {"dcim/regions": "region", "dcim/site-groups": "group", "dcim/sites": "site", "dcim/locations": "location",
                 "dcim/racks": "rack", "dcim/device-roles": "role", "dcim/platforms": "platform",
                 "dcim/manufacturers": "manufacturer", "dcim/device-types": "device_type",
                 "dcim/virtual-chassis": "virtual_chassis", "virtualization/cluster-types": "type",
                 "virtualization/cluster-groups": "group", "virtualization/clusters": "cluster",
                 "tenancy/tenant-groups": "group", "tenancy/tenants": "tenant", "dcim/devices": "device", "ipam/vrfs": "vrf",
                 "virtualization/virtual-machines": "virtual_machine"}.get(p)
        if name == "count_ipaddresses":
            kind = w[p].content_type

            def build():
                out = {}
                for r in w["ipam/ip-addresses"].rows.values():
                    if r.assigned_object_type == kind:
                        out[r.assigned_object_id] = out.get(r.assigned_object_id, 0) + 1
                return out
            return lambda r: w.cache(("ipcount", kind), build).get(r.id, 0)
        if source is None or field is None or field not in w[source].defaults:
            return lambda r: 0
        return lambda r: w.count_by(source, field).get(r.id, 0)

    # whole objects

    def plan(self, table, fields=None, omit=(), exclude_context=False, brief=False):
        """A function row -> object for a list of many rows."""
        if brief:
            if table.path == "core/object-changes":
                return lambda r: self.brief(table, r)
            return lambda r: self.brief(table, r)
        names = ["id", "url"] + (["display_url"] if self.v >= (4, 1) else []) + ["display"] + list(table.fields)
        if fields is not None:
            names = [n for n in names if n in fields]
        else:
            names = [n for n in names if n not in omit]
        if exclude_context:
            names = [n for n in names if n != "config_context"]
        heads = {"id": lambda r: r.id, "url": lambda r: self.url(table, r.id),
                 "display_url": lambda r: self.ui(table, r.id), "display": lambda r: self.display(table, r)}
        steps = [(n, heads[n] if n in heads else self.getter(table, n)) for n in names]
        return lambda r: {n: g(r) for n, g in steps}

    # changelog

    def change(self, c):
        t = self.w.by_type.get(c["type"])
        row = t.rows.get(c["object"]) if t else None
        path = "core" if self.v >= (4, 1) else "extras"
        out = {"id": c["id"], "url": "%s/api/%s/object-changes/%d/" % (self.base, path, c["id"])}
        if self.v >= (4, 1):
            out["display_url"] = "%s/%s/changelog/%d/" % (self.base, path, c["id"])
        out.update({"display": "%s %s by %s" % (c["repr"], CHOICES["action"][c["action"]].lower(), c["user"]),
                    "time": iso(c["time"]),
                    "user": {"id": 1, "url": self.base + "/api/users/users/1/", "display": c["user"],
                             "username": c["user"]},
                    "user_name": c["user"], "request_id": c["request_id"],
                    "action": choice("action", c["action"]), "changed_object_type": c["type"],
                    "changed_object_id": c["object"],
                    "changed_object": self.brief(t, row, nested=True) if row is not None else None})
        if self.v >= (4, 5):
            out["object_repr"] = c["repr"]
        if self.v >= (4, 4):
            out["message"] = c["message"]
        out.update(prechange_data=c["pre"], postchange_data=c["post"])
        return out
