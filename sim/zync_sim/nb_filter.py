# SPDX-License-Identifier: Apache-2.0
"""Query parameters to conditions on rows, with NetBox's look-ups, its 400s, and its silence on unknown names."""
import datetime
import re

from .nb_schema import CHOICES

TEXT = ("n", "ic", "nic", "isw", "nisw", "iew", "niew", "ie", "nie", "empty", "regex", "iregex")
NUMBER = ("n", "lt", "lte", "gt", "gte", "empty")
BAD_CHOICE = "Select a valid choice. %s is not one of the available choices."


class BadFilter(Exception):
    """HTTP 400 with {name: [text]}."""

    def __init__(self, name, text):
        super().__init__(text)
        self.body = {name: [text]}


def digits(v):
    """Is the text a whole number? (isdigit() would take superscripts too; int() refuses thousands of digits.)"""
    return v.isdecimal() and len(v) <= 18


def _number(name, v, whole):
    try:
        return int(v) if whole else float(v)
    except ValueError:
        raise BadFilter(name, "Enter a whole number." if whole else "Enter a number.") from None


def parse_time(name, v):
    try:
        t = datetime.datetime.fromisoformat(v.strip().replace(" ", "T", 1).replace("Z", "+00:00"))
    except ValueError:
        raise BadFilter(name, "Enter a valid date/time.") from None
    if t.tzinfo is None:
        t = t.replace(tzinfo=datetime.timezone.utc)
    return round(t.timestamp(), 6)


def boolean(name, v):
    low = v.lower()
    if low in ("true", "1", "on", "yes"):
        return True
    if low in ("false", "0", "off", "no"):
        return False
    return None


def text_test(lookup, values, name):
    """A condition on a text (None counts as empty)."""
    if lookup == "empty":
        want = boolean(name, values[0])
        return lambda s: want is None or (s is None or s == "") == want
    low = [v.lower() for v in values]
    if lookup in ("regex", "iregex"):
        try:
            rx = [re.compile(v, re.I if lookup == "iregex" else 0) for v in values]
        except re.error as e:
            raise BrokenRegex(str(e)) from None
        return lambda s: any(r.search(s or "") for r in rx)
    table = {"": lambda s: s in values, "n": lambda s: s not in values,
             "ic": lambda s: any(x in s.lower() for x in low), "nic": lambda s: not any(x in s.lower() for x in low),
             "isw": lambda s: any(s.lower().startswith(x) for x in low),
             "nisw": lambda s: not any(s.lower().startswith(x) for x in low),
             "iew": lambda s: any(s.lower().endswith(x) for x in low),
             "niew": lambda s: not any(s.lower().endswith(x) for x in low),
             "ie": lambda s: s.lower() in low, "nie": lambda s: s.lower() not in low}
    test = table[lookup]
    positive = not lookup.startswith("n")
    return lambda s: (not positive) if s is None else test(s)


def number_test(lookup, values, name, whole=True):
    if lookup == "empty":
        want = boolean(name, values[0])
        return lambda x: want is None or (x is None) == want
    nums = [_number(name, v, whole) for v in values]
    one = nums[0]
    return {"": lambda x: x in nums, "n": lambda x: x not in nums, "lt": lambda x: x is not None and x < one,
            "lte": lambda x: x is not None and x <= one, "gt": lambda x: x is not None and x > one,
            "gte": lambda x: x is not None and x >= one}[lookup]


class BrokenRegex(Exception):
    """The database refuses the expression and NetBox answers 500."""


class Filters:
    """Builds the conditions of one list request."""

    def __init__(self, world, table):
        self.w, self.t = world, table

    def build(self, params):
        """params: {name: [values]} -> list of functions row -> bool. Values "null" mean unset."""
        out = []
        for name, values in params.items():
            test = self.one(name, values)
            if test is not None:
                out.append(test)
        return out

    def one(self, name, values):
        base, _, lookup = name.partition("__")
        if not values or values == [""]:
            return None
        special = getattr(self, "f_" + base, None)
        if special is not None and lookup in ("", "n", "any"):
            test = special(name, values, lookup)
            if test is not None:
                return test
        if base.startswith("cf_"):
            return self.custom(base[3:], lookup, values, name)
        if base == "id":
            if lookup and lookup not in NUMBER:
                return None
            test = number_test(lookup, values, name)
            return lambda r: test(r.id)
        if base == "q":
            low = values[0].lower()
            return lambda r: low in (getattr(r, "name", None) or "").lower()
        if base in ("created", "last_updated"):
            if lookup not in ("",) + NUMBER:
                return None
            one = parse_time(name, values[0])
            cmp = {"": lambda x: x == one, "n": lambda x: x != one, "lt": lambda x: x < one, "lte": lambda x: x <= one,
                   "gt": lambda x: x > one, "gte": lambda x: x >= one, "empty": lambda x: False}[lookup]
            return lambda r: cmp(getattr(r, base))
        if base.endswith("_request"):
            return self.by_request(base, values)
        if base == "filter":
            return self.saved(values)
        if base.endswith("_id") and base[:-3] in self.t.fields and self.t.fields[base[:-3]].kind in ("fk", "ip"):
            return self.reference(base[:-3], name, values, lookup, by_id=True)
        f = self.t.fields.get(base)
        return None if f is None else self.field(f, name, values, lookup)

    def field(self, f, name, values, lookup):
        attr = f.name
        if f.kind == "fk":
            return self.reference(attr, name, values, lookup, by_id=False)
        if f.kind == "ch":
            if lookup not in ("", "n") and lookup not in TEXT:
                return None
            if lookup in ("", "n"):
                for v in values:
                    if v not in CHOICES[f.arg] and v != "null":
                        raise BadFilter(name, BAD_CHOICE % v)
            test = text_test(lookup, values, name)
            return lambda r: test(getattr(r, attr))
        if f.kind == "b":
            want = boolean(name, values[0])
            return None if want is None or lookup else (lambda r: bool(getattr(r, attr)) == want)
        if f.kind in ("i", "d"):
            if lookup and lookup not in NUMBER:
                return None
            test = number_test(lookup, values, name, whole=f.kind == "i")
            return lambda r: test(getattr(r, attr))
        if f.kind == "s":
            if lookup and lookup not in TEXT:
                return None
            if attr == "name" and not lookup and self.t.path in ("dcim/devices", "virtualization/virtual-machines"):
                lookup = "ie"
            if f.null and lookup in ("", "ie", "n") and "null" in values:
                # The word stands for what is unset, never for a name.
                test = text_test(lookup, [v for v in values if v != "null"], name)
                if lookup == "n":
                    return lambda r: getattr(r, attr) is not None and test(getattr(r, attr))
                return lambda r: getattr(r, attr) is None or test(getattr(r, attr))
            test = text_test(lookup, values, name)
            if attr == "address" and not lookup:
                return lambda r: test(r.address) or test(r.address.partition("/")[0])
            return lambda r: test(getattr(r, attr))
        return None

    def reference(self, attr, name, values, lookup, by_id):
        if lookup not in ("", "n"):
            return None
        f = self.t.fields[attr]
        path = f.arg or "ipam/ip-addresses"
        table, wanted, null = self.w[path], set(), False
        for v in values:
            if v == "null":
                null = True
                continue
            if by_id:
                if not digits(v):
                    raise BadFilter(name, "“%s” is not a valid value." % v)
                if int(v) not in table.rows:
                    raise BadFilter(name, BAD_CHOICE % v)
                found = int(v)
            else:
                found = self.by_slug(path, v)
                if found is None:
                    raise BadFilter(name, BAD_CHOICE % v)
            wanted |= self.w.descendants(path, found) if self.is_tree(path) and attr != "parent" else {found}
        if null:
            wanted.add(None)
        if lookup == "n":
            return lambda r: getattr(r, attr) not in wanted
        return lambda r: getattr(r, attr) in wanted

    def is_tree(self, path):
        return self.w[path].tree and "parent" in self.w[path].fields

    def by_slug(self, path, v):
        if "slug" not in self.w[path].fields:
            return next((r.id for r in self.w[path].rows.values() if getattr(r, "name", None) == v), None)
        row = self.w.by_slug(path).get(v)
        return row.id if row else None

    # filters that are no field of the row

    def via(self, path, name, values, lookup, key):
        """Conditions through another object: region of the site, manufacturer of the type…"""
        wanted = set()
        for v in values:
            found = (int(v) if digits(v) and int(v) in self.w[path].rows else None) if name.split("__")[0].endswith(
                "_id") else self.by_slug(path, v)
            if found is None:
                raise BadFilter(name, BAD_CHOICE % v)
            wanted |= self.w.descendants(path, found) if self.is_tree(path) else {found}
        return (lambda r: key(r) not in wanted) if lookup == "n" else (lambda r: key(r) in wanted)

    def _site_attr(self, attr):
        sites = self.w["dcim/sites"].rows
        return lambda r: getattr(sites[r.site], attr) if r.site in sites else None

    def f_region(self, name, values, lookup):
        if "site" in self.t.fields and "region" not in self.t.fields:
            return self.via("dcim/regions", name, values, lookup, self._site_attr("region"))
        return None

    f_region_id = f_region

    def f_site_group(self, name, values, lookup):
        if "site" in self.t.fields:
            return self.via("dcim/site-groups", name, values, lookup, self._site_attr("group"))
        return None

    f_site_group_id = f_site_group

    def f_manufacturer(self, name, values, lookup):
        if self.t.path != "dcim/devices":
            return None
        types = self.w["dcim/device-types"].rows
        return self.via("dcim/manufacturers", name, values, lookup, lambda r: types[r.device_type].manufacturer)

    f_manufacturer_id = f_manufacturer

    def f_tenant_group(self, name, values, lookup):
        if "tenant" not in self.t.fields:
            return None
        tenants = self.w["tenancy/tenants"].rows
        return self.via("tenancy/tenant-groups", name, values, lookup,
                        lambda r: tenants[r.tenant].group if r.tenant in tenants else None)

    f_tenant_group_id = f_tenant_group

    def _cluster_attr(self, attr):
        clusters = self.w["virtualization/clusters"].rows
        return lambda r: getattr(clusters[r.cluster], attr) if r.cluster in clusters else None

    def f_cluster_type(self, name, values, lookup):
        if self.t.path != "virtualization/virtual-machines":
            return None
        return self.via("virtualization/cluster-types", name, values, lookup, self._cluster_attr("type"))

    f_cluster_type_id = f_cluster_type

    def f_cluster_group(self, name, values, lookup):
        if self.t.path != "virtualization/virtual-machines":
            return None
        return self.via("virtualization/cluster-groups", name, values, lookup, self._cluster_attr("group"))

    f_cluster_group_id = f_cluster_group

    def f_tag(self, name, values, lookup):
        if "tags" not in self.t.fields or self.t.fields["tags"].kind != "tags":
            return None
        if values == ["null"]:
            return lambda r: not r.tags
        ids = []
        for v in values:
            found = self.by_slug("extras/tags", v)
            if found is None:
                raise BadFilter(name, BAD_CHOICE % v)
            ids.append(found)
        if lookup == "n":
            return lambda r: not any(i in r.tags for i in ids)
        if lookup == "any":
            return lambda r: any(i in r.tags for i in ids)
        return lambda r: all(i in r.tags for i in ids)

    def f_tag_id(self, name, values, lookup):
        ids = []
        for v in values:
            if not digits(v) or int(v) not in self.w["extras/tags"].rows:
                raise BadFilter(name, BAD_CHOICE % v)
            ids.append(int(v))
        return lambda r: all(i in r.tags for i in ids)

    def f_has_primary_ip(self, name, values, lookup):
        if lookup:
            return None  # a yes/no filter has no lookups: NetBox takes no notice of such a name
        want = boolean(name, values[0])
        if "primary_ip4" not in self.t.fields or want is None:
            return None
        return lambda r: (r.primary_ip4 is not None or r.primary_ip6 is not None) == want

    def f_has_oob_ip(self, name, values, lookup):
        if lookup:
            return None  # a yes/no filter has no lookups: NetBox takes no notice of such a name
        want = boolean(name, values[0])
        if "oob_ip" not in self.t.fields or want is None:
            return None
        return lambda r: (r.oob_ip is not None) == want

    def f_virtual_chassis_member(self, name, values, lookup):
        if lookup:
            return None  # a yes/no filter has no lookups: NetBox takes no notice of such a name
        want = boolean(name, values[0])
        if "virtual_chassis" not in self.t.fields or want is None:
            return None
        return lambda r: (r.virtual_chassis is not None) == want

    def f_interfaces(self, name, values, lookup):
        if lookup:
            return None  # a yes/no filter has no lookups: NetBox takes no notice of such a name
        want = boolean(name, values[0])
        if self.t.path != "dcim/devices" or want is None:
            return None
        return lambda r: bool(self.w.count_by("dcim/interfaces", "device").get(r.id)) == want

    def f_device_id(self, name, values, lookup):
        if self.t.path != "ipam/ip-addresses":
            return None
        return self._owned(name, values, "dcim/interfaces", "device", "dcim.interface", "dcim/devices")

    def f_virtual_machine_id(self, name, values, lookup):
        if self.t.path != "ipam/ip-addresses":
            return None
        return self._owned(name, values, "virtualization/interfaces", "virtual_machine", "virtualization.vminterface",
                           "virtualization/virtual-machines")

    def _owned(self, name, values, interfaces, owner, kind, path):
        # An owner that does not exist has no addresses; it is no error here.
        if name.startswith(("device_id", "virtual_machine_id")):
            wanted = {int(_number(name, v, True)) for v in values}
        else:
            wanted = {r.id for r in self.w[path].rows.values() if r.name in values}
        rows = self.w[interfaces].rows
        # The master of a chassis counts the interfaces of all members as its own, but for those of management.
        shared = {d.id for c in self.w["dcim/virtual-chassis"].rows.values() if c.master in wanted and owner == "device"
                  for d in self.w["dcim/devices"].rows.values() if d.virtual_chassis == c.id}

        def test(r):
            port = rows.get(r.assigned_object_id) if r.assigned_object_type == kind else None
            return port is not None and (getattr(port, owner) in wanted or getattr(port, owner) in shared and not port.mgmt_only)
        return test

    def f_device(self, name, values, lookup):
        return self.f_device_id(name, values, lookup)

    def f_virtual_machine(self, name, values, lookup):
        return self.f_virtual_machine_id(name, values, lookup)

    def f_interface_id(self, name, values, lookup):
        if self.t.path != "ipam/ip-addresses":
            return None
        for v in values:
            if not digits(v) or int(v) not in self.w["dcim/interfaces"].rows:
                raise BadFilter(name, BAD_CHOICE % v)
        wanted = {int(v) for v in values}
        return lambda r: r.assigned_object_type == "dcim.interface" and r.assigned_object_id in wanted

    def f_vminterface_id(self, name, values, lookup):
        if self.t.path != "ipam/ip-addresses":
            return None
        wanted = {int(v) for v in values if digits(v)}
        return lambda r: r.assigned_object_type == "virtualization.vminterface" and r.assigned_object_id in wanted

    def f_assigned_to_interface(self, name, values, lookup):
        want = boolean(name, values[0])
        if self.t.path != "ipam/ip-addresses" or want is None:
            return None
        return lambda r: (r.assigned_object_type in ("dcim.interface", "virtualization.vminterface")) == want

    def f_family(self, name, values, lookup):
        if self.t.path != "ipam/ip-addresses":
            return None
        wanted = {int(_number(name, v, True)) for v in values}
        return lambda r: (6 if ":" in r.address else 4) in wanted

    def f_assigned(self, name, values, lookup):
        want = boolean(name, values[0])
        if self.t.path != "ipam/ip-addresses" or want is None:
            return None
        return lambda r: (r.assigned_object_id is not None) == want

    def f_object_type(self, name, values, lookup):
        if self.t.path != "extras/custom-fields":
            return None
        return lambda r: any(v in r.object_types for v in values)

    f_object_types = f_object_type

    def custom(self, cf, lookup, values, name):
        field = next((f for f in self.w.custom_fields(self.t.content_type) if f.name == cf), None)
        if field is None or field.filter_logic == "disabled":
            return None

        def value(r):
            return (r.custom_fields or {}).get(cf)
        if values == ["null"] and not lookup:
            return lambda r: value(r) is None
        if field.type in ("integer", "decimal"):
            test = number_test(lookup if lookup in NUMBER else "", values, name, whole=field.type == "integer")
            return lambda r: test(value(r))
        if field.type == "boolean":
            want = boolean(name, values[0])
            return None if want is None else (lambda r: value(r) is want)
        if field.type == "multiselect":
            return lambda r: any(v in (value(r) or []) for v in values)
        if lookup == "" and field.type in ("text", "longtext", "url") and field.filter_logic == "loose":
            lookup = "ic"
        if lookup and lookup not in TEXT:
            return None
        test = text_test(lookup, values, name)
        return lambda r: test(None if value(r) is None else str(value(r)))

    def saved(self, slugs):
        """Saved filters by slug; one that does not exist or is disabled is taken no notice of."""
        tests = []
        for row in self.w["extras/saved-filters"].rows.values():
            if row.slug in slugs and row.enabled:
                tests += self.build({k: [str(x) for x in v] if isinstance(v, list) else [str(v)] for k, v in row.parameters.items()})
        return (lambda r: all(test(r) for test in tests)) if tests else None

    def by_request(self, base, values):
        if base not in ("modified_by_request", "created_by_request", "updated_by_request"):
            return None
        actions = {"created_by_request": ("create",), "updated_by_request": ("update",)}.get(base, ("create", "update"))
        ids = {c["object"] for c in self.w.changes if c["request_id"] in values and c["type"] == self.t.content_type
               and c["action"] in actions}
        return lambda r: r.id in ids
