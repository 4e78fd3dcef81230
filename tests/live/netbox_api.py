# SPDX-License-Identifier: Apache-2.0
"""NetBox's REST API for the tests: everything read in pages, and changes that are put back at the end of a scenario."""
import json
import urllib.error
import urllib.request

TIMEOUT_S = 120
DEVICES, VMS = "dcim/devices/", "virtualization/virtual-machines/"
# What the rules may look at behind a reference, by the member that refers to it.
TABLES = ("dcim/sites/", "dcim/regions/", "dcim/site-groups/", "dcim/locations/", "dcim/device-roles/", "dcim/platforms/",
          "tenancy/tenants/", "tenancy/tenant-groups/", "virtualization/clusters/", "virtualization/cluster-types/",
          "virtualization/cluster-groups/")


class NetBoxError(Exception):
    pass


class NetBoxApi:
    def __init__(self, url, token):
        self.base, self.token = url.rstrip("/") + "/api/", token
        self.undo = []  # functions, newest last

    def call(self, method, path, body=None):
        scheme = "Bearer " if self.token.startswith("nbt_") else "Token "
        request = urllib.request.Request(
            path if path.startswith("http") else self.base + path, None if body is None else json.dumps(body).encode(), method=method,
            headers={"Authorization": scheme + self.token, "Accept": "application/json", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:
                text = reply.read()
        except urllib.error.HTTPError as error:
            raise NetBoxError("%s %s: %d %s" % (method, path, error.code, error.read()[:600].decode(errors="replace"))) from error
        return json.loads(text) if text else None

    def list(self, path, query=""):
        next_page, found = path + "?limit=500" + query, []
        while next_page:
            page = self.call("GET", next_page)
            found.extend(page["results"])
            next_page = page["next"]
        return found

    # changes

    def create(self, path, body):
        item = self.call("POST", path, body)
        self.undo.append(lambda: self.delete(path, item["id"], missing_ok=True))
        return item

    def change(self, path, ident, **members):
        """Changes members of an object; restore() puts them back."""
        old = self.call("GET", "%s%d/" % (path, ident))
        before = {name: self.plain(old[name]) for name in members}
        self.undo.append(lambda: self.call("PATCH", "%s%d/" % (path, ident), before))
        return self.call("PATCH", "%s%d/" % (path, ident), members)

    def change_many(self, path, rows):
        """rows: [{"id": …, members…}] in one call."""
        old = {item["id"]: item for item in self.list(path)}
        before = [{name: row["id"] if name == "id" else self.plain(old[row["id"]][name]) for name in row} for row in rows]
        self.undo.append(lambda: self.call("PATCH", path, before))
        return self.call("PATCH", path, rows)

    def delete(self, path, ident, missing_ok=False):
        try:
            self.call("DELETE", "%s%d/" % (path, ident))
        except NetBoxError as error:
            if not missing_ok or ": 404 " not in str(error):
                raise

    @staticmethod
    def plain(value):
        """A member as it is written: references as ids, choices as values."""
        if isinstance(value, dict) and ("id" in value or "value" in value):
            return value.get("id", value.get("value"))
        if isinstance(value, list):
            return [{"slug": item["slug"]} if isinstance(item, dict) and "slug" in item else item for item in value]
        return value

    def restore(self):
        while self.undo:
            self.undo.pop()()

    def device(self, name, address, like, **more):
        """A new device of the kind of `like`, with a primary address."""
        device = self.create(DEVICES, {"name": name, "site": like["site"]["id"], "role": like["role"]["id"], "status": "active",
                                       "device_type": like["device_type"]["id"], **more})
        port = self.create("dcim/interfaces/", {"device": device["id"], "name": "mgmt0", "type": "1000base-t"})
        ip = self.create("ipam/ip-addresses/", {"address": address, "status": "active", "assigned_object_type": "dcim.interface",
                                                "assigned_object_id": port["id"]})
        self.call("PATCH", "%s%d/" % (DEVICES, device["id"]), {"primary_ip4": ip["id"]})
        return device["id"]

    # everything that the rules may look at

    def objects(self):
        """Devices and virtual machines with the references joined in: site.region, tenant.group, cluster.type, parents of trees."""
        tables = {path: {item["id"]: item for item in self.list(path)} for path in TABLES}
        for device in self.list(DEVICES):
            yield "device", Joined(device, tables)
        for vm in self.list(VMS):
            yield "vm", Joined(vm, tables)


class Joined(dict):
    """An object whose nested references are looked up in the tables they come from."""

    def __init__(self, data, tables):
        super().__init__(data)
        self.tables = tables

    def __getitem__(self, name):
        value = super().get(name)
        if isinstance(value, dict) and "url" in value and "id" in value:
            for path, rows in self.tables.items():
                if "/api/" + path in value["url"] and value["id"] in rows:
                    return Joined(rows[value["id"]], self.tables)
        return Joined(value, self.tables) if isinstance(value, dict) and "url" in value else value

    def at(self, *path):
        """at("site", "region", "name"); None where something on the way is not there."""
        value = self
        for name in path:
            if not isinstance(value, dict):
                return None
            value = value[name] if isinstance(value, Joined) or name in value else None
        return value

    def up(self, *path):
        """The slugs of the object at path and of all above it."""
        value, slugs = self.at(*path), []
        while value is not None:
            slugs.append(value["slug"])
            value = value["parent"] if "parent" in value.keys() else None
        return slugs
