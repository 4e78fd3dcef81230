# SPDX-License-Identifier: Apache-2.0
"""Writing through the REST API: validation with NetBox's words, single and bulk, by version."""
import ipaddress
import re

from .nb_schema import CHOICES
from .nb_serial import Serial
from .nb_world import flat

REQUIRED = "This field is required."
NOT_NULL = "This field may not be null."
NOT_BLANK = "This field may not be blank."


class Invalid(Exception):
    """HTTP 400 with this body."""

    def __init__(self, body):
        super().__init__(str(body))
        self.body = body


class WholeObject(Exception):
    """An error that NetBox finds in the model's own check: it belongs to the object, not to a field."""


class Refused(Exception):
    """Any other status with this body."""

    def __init__(self, status, body):
        super().__init__(str(body))
        self.status = status
        self.body = body


class Writer:
    def __init__(self, world, request_id, user="admin"):
        self.w, self.request_id, self.user = world, request_id, user
        self.v = world.version
        # The key of errors that belong to no field.
        self.whole = "__all__" if self.v >= (4, 7) else "non_field_errors"

    # values

    def clean(self, table, data, row, whole=False):
        """Checked values by stored name; row is None for a new object."""
        if not isinstance(data, dict):
            raise Invalid({self.whole: ["Invalid data. Expected a dictionary, but got %s." % type(data).__name__]})
        errors, out = {}, {}
        for name, f in table.fields.items():
            if f.kind in ("calc", "const", "ts") or name == "last_updated":
                continue
            if name not in data:
                if (row is None or whole) and f.required:
                    errors[name] = [REQUIRED]
                continue
            try:
                out[name] = self.value(table, f, data[name], row)
            except WholeObject as e:
                errors["__all__"] = [str(e)]
            except Invalid as e:
                errors[name] = e.body
        if "add_tags" in data or "remove_tags" in data:
            self.change_tags(data, row, out, errors)
        self.unique_fields(table, out, row, errors)
        if errors:
            raise Invalid(errors)
        return out

    def change_tags(self, data, row, out, errors):
        if self.v < (4, 6):
            return
        have = list(out.get("tags", row.tags if row else ()))
        try:
            have += [t for t in self.tags(data.get("add_tags", [])) if t not in have]
            gone = self.tags(data.get("remove_tags", []))
            out["tags"] = tuple(t for t in have if t not in gone)
        except Invalid as e:
            errors["add_tags"] = e.body

    def value(self, table, f, v, row):
        k = f.kind
        if v is None or (v == "" and k == "ch"):
            if f.null:
                return None
            raise Invalid([NOT_BLANK if k == "ch" else NOT_NULL])
        if k == "s":
            return self.text(f, v)
        if k in ("i", "d"):
            try:
                return int(v) if k == "i" else float(v)
            except (TypeError, ValueError):
                raise Invalid(["A valid %s is required." % ("integer" if k == "i" else "number")]) from None
        if k == "b":
            if not isinstance(v, bool):
                raise Invalid(["Must be a valid boolean."])
            return v
        if k == "ch":
            if isinstance(v, (dict, list)):
                raise Invalid(['Value must be passed directly (e.g. "foo": 123); do not use a dictionary or list.'])
            if v not in CHOICES[f.arg]:
                raise Invalid(["%s is not a valid choice." % v])
            return v
        if k in ("fk", "ip"):
            return self.ref(f.arg or "ipam/ip-addresses", v)
        if k == "mm":
            if not isinstance(v, list):
                raise Invalid(['Expected a list of items but got type "%s".' % type(v).__name__])
            return tuple(self.ref(f.arg, x) for x in v)
        if k == "tags":
            return tuple(self.tags(v))
        if k == "slugs":
            if not isinstance(v, list) or not all(isinstance(x, str) or isinstance(x, dict) and "slug" in x for x in v):
                raise Invalid(['Expected a list of items but got type "%s".' % type(v).__name__])
            return tuple(x["slug"] if isinstance(x, dict) else x for x in v)
        if k == "cf":
            return self.custom(table, v, row)
        if f.name == "object_types":
            for x in v if isinstance(v, list) else []:
                if not isinstance(x, str) or x not in self.w.by_type:
                    raise Invalid(["Invalid content type: %s" % x])
        if f.name == "extra_choices" and not (isinstance(v, list) and v and all(
                isinstance(x, list) and len(x) == 2 and all(isinstance(y, str) for y in x) for x in v)):
            raise Invalid(['Expected a list of items but got type "%s".' % type(v).__name__])
        if f.name == "object_types" and not isinstance(v, list):
            raise Invalid(['Expected a list of items but got type "%s".' % type(v).__name__])
        if f.name in ("local_context_data", "data") and not isinstance(v, dict):
            raise Invalid(['JSON data must be in object form. Example: {"foo": 123}'])
        return v

    @staticmethod
    def text(f, v):
        if isinstance(v, bool) or not isinstance(v, (str, int, float)):
            raise Invalid(["Not a valid string."])
        v = str(v).strip()
        if v == "" and (f.required or (f.null and f.name != "asset_tag" and f.name != "name")):
            if f.required:
                raise Invalid([NOT_BLANK])
        if f.length and len(v) > f.length:
            raise Invalid(["Ensure this field has no more than %d characters." % f.length])
        if f.name == "slug" and not re.fullmatch(r"[-a-zA-Z0-9_]+", v):
            raise Invalid(["Enter a valid \"slug\" consisting of letters, numbers, underscores or hyphens."])
        if v == "" and f.null:
            return None
        return v

    def ref(self, path, v):
        table = self.w[path]
        if isinstance(v, dict):
            found = [r.id for r in table.rows.values()
                     if all(str(getattr(r, k, None)) == str(x) for k, x in v.items())]
            if len(found) == 1:
                return found[0]
            raise Invalid(["%s using the provided attributes: %s" % (
                "Related object not found" if not found else "Multiple objects match", v)])
        try:
            ident = int(v)
        except (TypeError, ValueError):
            raise Invalid(["Related objects must be referenced by numeric ID or by dictionary of attributes. Received "
                           "an unrecognized value: %s" % v]) from None
        if ident not in table.rows:
            raise Invalid(["Related object not found using the provided numeric ID: %d" % ident])
        return ident

    def tags(self, values):
        if not isinstance(values, list):
            raise Invalid({self.whole: ['Expected a list of items but got type "%s".' % type(values).__name__]})
        return [self.ref("extras/tags", t) for t in values]

    def custom(self, table, v, row):
        if not isinstance(v, dict):
            raise Invalid(["Invalid data format. Custom field data must be passed as a dictionary mapping field names "
                           "to their values."])
        known = {f.name: f for f in self.w.custom_fields(table.content_type)}
        out = dict(row.custom_fields or {}) if row is not None else {}
        for name, x in v.items():
            f = known.get(name)
            if f is None:
                if (4, 5, 0) <= self.v < (4, 5, 8):
                    continue
                if self.v < (4, 5):
                    raise WholeObject("Unknown field name '%s' in custom field data." % name)
                raise Invalid({name: "Custom field '%s' does not exist for this object type." % name})
            if x is None:
                if f.required:
                    raise Invalid(["Required field cannot be empty."])
                out.pop(name, None)
                continue
            out[name] = self.custom_value(f, x)
        return out or None

    def custom_value(self, f, x):
        bad = "Invalid value for custom field '%s': %s"
        if f.type == "integer" and (not isinstance(x, int) or isinstance(x, bool)):
            raise WholeObject(bad % (f.name, "Value must be an integer."))
        if f.type == "decimal" and (not isinstance(x, (int, float)) or isinstance(x, bool)):
            raise WholeObject(bad % (f.name, "Value must be a decimal."))
        if f.type == "boolean" and not isinstance(x, bool):
            raise WholeObject(bad % (f.name, "Value must be true or false."))
        if f.type in ("text", "longtext", "url") and not isinstance(x, str):
            raise WholeObject(bad % (f.name, "Value must be a string."))
        if f.type == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(x)):
            raise WholeObject(bad % (f.name, "Date values must be in ISO 8601 format (YYYY-MM-DD)."))
        if f.type == "select" and (isinstance(x, (dict, list)) or x not in self.w.choices_of(f)):
            name = self.w["extras/custom-field-choice-sets"].rows[f.choice_set].name
            raise WholeObject(bad % (f.name, "Invalid choice (%s) for choice set %s." % (x, name)))
        if f.type == "multiselect":
            name = self.w["extras/custom-field-choice-sets"].rows[f.choice_set].name
            if not isinstance(x, list) or not set(x) <= set(self.w.choices_of(f)):
                raise WholeObject(bad % (f.name, "Invalid choice(s) (%s) for choice set %s." % (x, name)))
        if f.type in ("object", "multiobject") and f.related_object_type in self.w.by_type:
            path = self.w.by_type[f.related_object_type].path
            return self.ref(path, x) if f.type == "object" else [self.ref(path, y) for y in x]
        return x

    # rules across fields

    def check(self, table, values, row):
        """What Django's full_clean refuses: uniqueness, addresses, assignments."""
        def get(name):
            return values[name] if name in values else (getattr(row, name) if row is not None else table.defaults.get(name))
        me = row.id if row is not None else None
        p = table.path
        if p == "dcim/devices" and get("name"):
            key = (get("site"), get("tenant"), get("name").lower())
            if row is None or key != (row.site, row.tenant, (row.name or "").lower()):
                if key in self.device_names():
                    raise Invalid({"__all__": ["Device name must be unique per site and tenant."]
                                   if self.v >= (4, 7) or get("tenant") is not None else
                                   ["Device name must be unique per site."]})
        if p == "virtualization/virtual-machines":
            self.check_vm(get, me)
        if p == "dcim/virtual-chassis" and values.get("master") is not None:
            if row is None or self.w["dcim/devices"].rows[values["master"]].virtual_chassis != row.id:
                raise Invalid({"master": ["The selected master (%s) is not assigned to this virtual chassis."
                                          % self.w["dcim/devices"].rows[values["master"]].name]})
        if p == "dcim/devices" and row is not None and "virtual_chassis" in values:
            for c in self.w["dcim/virtual-chassis"].rows.values():
                if c.master == row.id and values["virtual_chassis"] != c.id:
                    raise Invalid({"virtual_chassis": ["Device cannot be removed from virtual chassis %s because it is currently "
                                                       "designated as its master." % c.name]})
        if p == "ipam/ip-addresses" and "address" in values:
            try:
                ipaddress.ip_interface(values["address"])
            except ValueError:
                raise Invalid({"address": ["Invalid IP address format: %s" % values["address"]]}) from None
            if "/" not in values["address"]:
                values["address"] += "/128" if ":" in values["address"] else "/32"
        if p == "extras/custom-fields" and "name" in values and not re.fullmatch(r"[A-Za-z0-9_]+", values["name"]):
            raise Invalid({"name": ["Only alphanumeric characters and underscores are allowed."]})
        if p == "extras/journal-entries":
            t = self.w.by_type.get(get("assigned_object_type"))
            if t is None:
                raise Invalid({"assigned_object_type": ["Invalid content type: %s" % get("assigned_object_type")]})
            if get("assigned_object_id") not in t.rows:
                raise Invalid({self.whole: ["Invalid assigned_object: %s > %s ID %s" % (
                    t.app.upper() if t.app in ("dcim", "ipam") else t.app.capitalize(), words(t).capitalize(),
                    get("assigned_object_id"))]})
        if p in ("dcim/devices", "virtualization/virtual-machines"):
            self.check_ips(table, values, row)

    def unique_fields(self, table, values, row, errors):
        """What must be unique by itself: the serializer says so for each field, trees for the whole object."""
        p = table.path
        names = ["name", "slug"] if "slug" in table.fields and p not in ("dcim/locations", "dcim/device-types") else []
        if p in ("extras/custom-fields", "extras/custom-field-choice-sets", "extras/config-contexts"):
            names = ["name"]
        if "asset_tag" in table.fields:
            names.append("asset_tag")
        for name in names:
            if name in errors or values.get(name) is None or (table.tree and name == "name" and values.get(
                    "parent", row.parent if row is not None else None) is not None):
                continue
            found = self.taken(table, name).get(values[name])
            if found is None or (row is not None and found == row.id):
                continue
            if table.tree:
                errors.setdefault("__all__", []).append("A %s with this %s already exists." % (words(table), name))
            else:
                errors[name] = ["%s with this %s already exists." % (words(table), name.replace("_", " "))]

    def taken(self, table, name):
        """{value: id} of all rows; of trees only the roots count for names."""
        def build():
            out = {}
            for r in table.rows.values():
                if not (table.tree and name == "name" and getattr(r, "parent") is not None):
                    out.setdefault(getattr(r, name), r.id)
            return out
        return self.w.cache(("unique", table.path, name), build)

    def device_names(self):
        def build():
            return {(r.site, r.tenant, r.name.lower()) for r in self.w["dcim/devices"].rows.values() if r.name}
        return self.w.cache("device-names", build)

    def check_vm(self, get, me):
        if get("cluster") is None and get("site") is None and get("device") is None:
            raise Invalid({"__all__": ["A virtual machine must be assigned to a site, cluster, or device."]}
                          if self.v >= (4, 6) else
                          {"cluster": ["A virtual machine must be assigned to a site and/or cluster."]})

        def build():
            return {(r.cluster, r.tenant, r.name.lower()): r.id
                    for r in self.w["virtualization/virtual-machines"].rows.values()}
        found = self.w.cache("vm-names", build).get((get("cluster"), get("tenant"), get("name").lower()))
        if found is not None and found != me and get("cluster") is not None:
            raise Invalid({"__all__": ["Virtual machine name must be unique per cluster and tenant."]
                           if self.v >= (4, 7) or get("tenant") is not None else
                           ["Virtual machine name must be unique per cluster."]})

    def check_ips(self, table, values, row):
        kind = "dcim.interface" if table.path == "dcim/devices" else "virtualization.vminterface"
        for name in ("primary_ip4", "primary_ip6", "oob_ip"):
            ident = values.get(name)
            if ident is None:
                continue
            ip = self.w["ipam/ip-addresses"].rows[ident]
            if name != "oob_ip" and (":" in ip.address) != (name == "primary_ip6"):
                raise Invalid({name: ["%s is not an IPv%s address." % (ip.address, name[-1])]})
            interfaces, owner = ("dcim/interfaces", "device") if kind == "dcim.interface" else (
                "virtualization/interfaces", "virtual_machine")
            port = self.w[interfaces].rows.get(ip.assigned_object_id) if ip.assigned_object_type == kind else None
            shared = (row is not None and port is not None and owner == "device" and row.virtual_chassis is not None
                      and not port.mgmt_only and self.w["dcim/devices"].rows[port.device].virtual_chassis == row.virtual_chassis)
            if row is None or port is None or (getattr(port, owner) != row.id and not shared):
                raise Invalid({name: ["The specified IP address (%s) is not assigned to this %s." % (
                    ip.address, "device" if kind == "dcim.interface" else "VM")]})

    # operations

    def create(self, table, data):
        values = self.clean(table, data, None)
        self.check(table, values, None)
        row = table.new(**values)
        row.created = row.last_updated = self.w.now()
        self.inherit(table, row)
        self.w.touch(table, created=row)
        self.log(table, row, "create", None, data)
        return row

    def inherit(self, table, row):
        """A VM takes its site from its cluster's scope."""
        if table.path == "virtualization/virtual-machines" and row.site is None and row.cluster is not None:
            c = self.w["virtualization/clusters"].rows[row.cluster]
            row.site = c.site if self.v < (4, 2) else (c.scope_id if c.scope_type == "dcim.site" else None)

    def update(self, table, row, data, whole=False):
        """`whole`: a PUT, which must name every required field."""
        values = self.clean(table, data, row, whole)
        self.check(table, values, row)
        pre = flat(table, row)
        for k, v in values.items():
            setattr(row, k, v)
        self.inherit(table, row)
        # A write that changes nothing moves last_updated too, but leaves no row in the changelog.
        row.last_updated = self.w.now()
        self.w.touch(table)
        if flat(table, row) != pre:
            self.log(table, row, "update", pre, data)
        return row

    def delete(self, table, row):
        users = self.dependents(table, row)
        if users:
            raise Refused(409, {"detail": "Unable to delete object. %d dependent objects were found: %s" % (
                len(users), ", ".join(users[:5]))})
        pre = flat(table, row)
        for child_table, child in self.children(table, row):
            self.delete(child_table, child)
        if table.path == "ipam/ip-addresses":
            for path in ("dcim/devices", "virtualization/virtual-machines", "dcim/virtual-device-contexts"):
                for r in self.w[path].rows.values():
                    for name in ("primary_ip4", "primary_ip6", "oob_ip"):
                        if getattr(r, name, None) == row.id:
                            setattr(r, name, None)
        self.release(table, row)
        del table.rows[row.id]
        self.w.touch(table)
        self.log(table, row, "delete", pre, {})

    def release(self, table, row):
        """References to an object that goes and that do not protect it become empty."""
        for t in self.w.tables.values():
            for f in t.fields.values():
                if f.kind == "fk" and f.arg == table.path and not f.required:
                    users = list(self.w.rows_by(t.path, f.name).get(row.id, ()))
                    for r in users:
                        setattr(r, f.name, None)
                elif f.kind == "mm" and f.arg == table.path or f.kind == "tags" and table.path == "extras/tags":
                    users = [r for r in t.rows.values() if row.id in (getattr(r, f.name) or ())]
                    for r in users:
                        setattr(r, f.name, tuple(i for i in getattr(r, f.name) if i != row.id))
                else:
                    continue
                if users:
                    self.w.touch(t)

    def children(self, table, row):
        """Objects that go with their owner: interfaces and their addresses."""
        out = []
        for path, field, owner in (("dcim/interfaces", "device", "dcim/devices"),
                                   ("virtualization/interfaces", "virtual_machine", "virtualization/virtual-machines")):
            if table.path == owner:
                out += [(self.w[path], r) for r in list(self.w.rows_by(path, field).get(row.id, ()))]
        if table.content_type in ("dcim.interface", "virtualization.vminterface"):
            ips = self.w["ipam/ip-addresses"]
            out += [(ips, r) for r in list(ips.rows.values())
                    if r.assigned_object_type == table.content_type and r.assigned_object_id == row.id]
        return out

    def dependents(self, table, row):
        """Names of objects that a protecting reference keeps the object alive for."""
        out = []
        for t in self.w.tables.values():
            for f in t.fields.values():
                if f.kind == "fk" and f.arg == table.path and f.required and not (
                        t.path in ("dcim/interfaces", "virtualization/interfaces", "dcim/locations", "dcim/racks")) or (
                        f.kind == "fk" and f.name == "master" and f.arg == table.path):
                    out += ["%s (%d)" % (Serial(self.w, "").display(t, r), r.id)
                            for r in self.w.rows_by(t.path, f.name).get(row.id, ())]
        return out

    def log(self, table, row, action, pre, data):
        message = data.get("changelog_message", "") if isinstance(data, dict) and self.v >= (4, 4) else ""
        shown = getattr(row, "name", None) or getattr(row, "address", None) or getattr(row, "model", None) or str(row.id)
        self.w.log(table, row.id, action, str(shown), pre, None if action == "delete" else flat(table, row),
                   self.request_id, self.user, message)


def words(table):
    """A model's name as Django prints it: "virtual chassis"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", table.model).lower()
