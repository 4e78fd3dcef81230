#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fill a NetBox (4.0 to 4.7) with the varied data of netbox_data.py through its REST API.

usage: fill_netbox.py --url URL --token TOKEN [--seed N] [--devices N] [--vms N] [--structure]

Idempotent: an object that is there (by slug, name or asset tag) is left as it is, a missing one is made, so a run that
was interrupted is completed by the next. Any error of NetBox ends the run with its own words and exit code 1.
On standard output one JSON object: created and existing objects an endpoint, and how many hosts are good ones (active,
named, with a primary address). The token may also come from the environment variable ZYNC_LAB_NETBOX_TOKEN, the URL
from ZYNC_LAB_NETBOX_URL. Python's standard library only.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import netbox_data as data

CHUNK = 100  # objects a request
PAGE = 500  # objects a page, at most NetBox's default maximum of 1000
TIMEOUT_S = 600
FIELDS_LIVE_S = 120  # until a background worker has made new custom fields live (NetBox 4.7)


class FillError(Exception):
    """What failed, with NetBox's words."""


class NetBox:
    """The few requests that are needed. Paths are relative to /api/."""

    def __init__(self, url, token):
        self.base = url.rstrip("/") + "/api/"
        scheme = "Bearer" if token.startswith("nbt_") else "Token"
        self.headers = {"Authorization": f"{scheme} {token}", "Accept": "application/json",
                        "Content-Type": "application/json"}
        self.version = (0, 0)
        self.requests = 0

    def call(self, method, path, body=None):
        payload = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, payload, self.headers, method=method)
        self.requests += 1
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:
                self.version = tuple(int(part) for part in (reply.headers["API-Version"] or "0.0").split("."))
                return json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as error:
            raise FillError(f"{method} {path}: HTTP {error.code}: {explain(error.read(), body)}") from error
        except (OSError, ValueError) as error:
            raise FillError(f"{method} {path}: {error}") from error

    def list(self, path, **parameters):
        found, offset = [], 0
        while True:
            query = urllib.parse.urlencode({**parameters, "ordering": "id", "limit": PAGE, "offset": offset})
            reply = self.call("GET", f"{path}?{query}")
            found += reply["results"]
            offset += len(reply["results"])
            if not reply["results"] or offset >= reply["count"]:
                return found


def explain(body, sent):
    """NetBox's error in one line; of a bulk request the first object that was refused."""
    try:
        errors = json.loads(body)
    except ValueError:
        return repr(body[:500])
    if isinstance(errors, list) and isinstance(sent, list):
        for entry, item in zip(errors, sent):
            if entry:
                return f"{json.dumps(entry, ensure_ascii=False)} for {json.dumps(item, ensure_ascii=False)[:500]}"
    return json.dumps(errors, ensure_ascii=False)[:1000]


def plain(value):
    """A member as it is written: references as ids, choices as values."""
    if isinstance(value, dict):
        return value.get("id", value.get("value"))
    return value


def chunks(rows):
    return [rows[start:start + CHUNK] for start in range(0, len(rows), CHUNK)]


class Filler:
    def __init__(self, netbox):
        self.netbox = netbox
        self.created = {}
        self.existing = {}

    def ensure(self, path, rows, *members):
        """Makes the missing ones of rows; gives the ids by key: the value of the member, or a tuple of several."""

        def key(item):
            values = tuple(plain(item.get(member)) for member in members)
            return values[0] if len(values) == 1 else values

        ids = {key(item): item["id"] for item in self.netbox.list(path)}
        missing = [row for row in rows if key(row) not in ids]
        self.count(self.existing, path, len(rows) - len(missing))
        self.count(self.created, path, len(missing))
        for chunk in chunks(missing):
            for item in self.netbox.call("POST", path, chunk):
                ids[key(item)] = item["id"]
        lost = [key(row) for row in rows if key(row) not in ids]
        if lost:
            raise FillError(f"{path}: NetBox changed the key of {lost[0]!r}")
        return ids

    @staticmethod
    def count(counter, path, number):
        counter[path] = counter.get(path, 0) + number

    def ensure_tree(self, path, rows, parent_since=(0, 0)):
        """Rows with a member `parent` (a slug or None), parents before children: one round a level."""
        if self.netbox.version < parent_since:
            return self.ensure(path, [{k: v for k, v in row.items() if k != "parent"} for row in rows], "slug")
        ids, level = {}, {None}
        while level:
            now = [row for row in rows if row["parent"] in level]
            if now:
                ids = self.ensure(path, [{**row, "parent": ids.get(row["parent"])} for row in now], "slug")
            level = {row["slug"] for row in now}
        return ids

    def patch(self, path, wanted):
        """Sets members of existing objects where they differ; wanted: object as read → members."""
        changes = []
        for item, members in wanted:
            differs = {name: value for name, value in members.items() if plain(item.get(name)) != value}
            if differs:
                changes.append({"id": item["id"], **differs})
        for chunk in chunks(changes):
            self.netbox.call("PATCH", path, chunk)
        self.count(self.created, f"{path} patched", len(changes))

    # --- the data, in the order of its references ---

    def organisation(self):
        named = [{"slug": slug, "name": name, "parent": parent} for slug, name, parent in data.REGIONS]
        self.regions = self.ensure_tree("dcim/regions/", named)
        named = [{"slug": slug, "name": name, "parent": parent} for slug, name, parent in data.SITE_GROUPS]
        self.groups = self.ensure_tree("dcim/site-groups/", named)
        named = [{"slug": slug, "name": name, "parent": parent} for slug, name, parent in data.TENANT_GROUPS]
        groups = self.ensure_tree("tenancy/tenant-groups/", named)
        self.tenants = self.ensure(
            "tenancy/tenants/",
            [{"slug": slug, "name": name, "group": groups.get(group)} for slug, name, group in data.TENANTS], "slug")
        self.sites = self.ensure(
            "dcim/sites/",
            [{"slug": slug, "name": name, "region": self.regions.get(region), "group": self.groups.get(group),
              "tenant": self.tenants.get(tenant), "status": status, "time_zone": zone,
              "latitude": 52.5 - number, "longitude": 13.25 + number, "facility": f"F-{number}",
              "physical_address": f"{number} Hauptstraße\n1234{number} Ort"}
             for number, (slug, name, region, group, tenant, status, zone) in enumerate(data.SITES)], "slug")
        rows = [{"slug": f"{site}-{suffix}", "name": name, "site": self.sites[site], "status": "active",
                 "parent": parent and f"{site}-{parent}"}
                for site in self.sites if site in {row[0] for row in data.SITES}
                for suffix, name, parent in data.LOCATIONS]
        self.locations = self.ensure_tree("dcim/locations/", rows)

    def types(self):
        self.roles = self.ensure_tree(
            "dcim/device-roles/",
            [{"slug": slug, "name": name, "parent": parent, "vm_role": vm, "color": "607d8b"}
             for slug, name, parent, vm in data.ROLES], parent_since=(4, 3))
        makers = self.ensure("dcim/manufacturers/",
                             [{"slug": slug, "name": name} for slug, name in data.MANUFACTURERS], "slug")
        self.platforms = self.ensure_tree(
            "dcim/platforms/",
            [{"slug": slug, "name": name, "parent": parent, "manufacturer": makers.get(maker)}
             for slug, name, parent, maker in data.PLATFORMS], parent_since=(4, 4))
        self.device_types = self.ensure(
            "dcim/device-types/",
            [{"slug": slug, "model": model, "manufacturer": makers[maker], "u_height": height,
              "custom_fields": {"zabbix_template": template}}
             for slug, model, maker, height, _, _, template in data.DEVICE_TYPES], "slug")

    def extras(self):
        self.tags = self.ensure("extras/tags/", [{"slug": slug, "name": name, "color": color}
                                                 for slug, name, color in data.TAGS], "slug")
        sets = self.ensure("extras/custom-field-choice-sets/",
                           [{"name": name, "extra_choices": choices} for name, choices in data.CHOICE_SETS], "name")
        rows = []
        for name, kind, types, label, more in data.CUSTOM_FIELDS:
            row = {"name": name, "type": kind, "object_types": types, "label": label, **more}
            if "choice_set" in row:
                row["choice_set"] = sets[row["choice_set"]]
            rows.append(row)
        self.ensure("extras/custom-fields/", rows, "name")
        self.wait_for_fields({row["name"] for row in rows})

    def wait_for_fields(self, names):
        """NetBox 4.7 makes a new custom field live in a background job; before, it takes no values."""
        end = time.monotonic() + FIELDS_LIVE_S
        while True:
            waiting = [field["name"] for field in self.netbox.list("extras/custom-fields/")
                       if field["name"] in names and plain(field.get("status", "active")) != "active"]
            if not waiting:
                return
            if time.monotonic() > end:
                raise FillError(f"custom field {waiting[0]} is not live after {FIELDS_LIVE_S} s: "
                                "does NetBox's background worker (netbox rqworker) run?")
            time.sleep(0.5)

    def clusters_and_chassis(self):
        types = self.ensure("virtualization/cluster-types/",
                            [{"slug": slug, "name": name} for slug, name in data.CLUSTER_TYPES], "slug")
        groups = self.ensure("virtualization/cluster-groups/",
                             [{"slug": slug, "name": name} for slug, name in data.CLUSTER_GROUPS], "slug")
        rows = []
        for name, kind, group, site, status in data.CLUSTERS:
            row = {"name": name, "type": types[kind], "group": groups.get(group), "status": status}
            if self.netbox.version < (4, 2):
                row["site"] = self.sites.get(site)
            elif site:
                row.update(scope_type="dcim.site", scope_id=self.sites[site])
            rows.append(row)
        self.clusters = self.ensure("virtualization/clusters/", rows, "name")
        self.cluster_types = types
        self.chassis = self.ensure("dcim/virtual-chassis/",
                                   [{"name": name, "domain": site} for name, site, _, _ in data.VIRTUAL_CHASSIS], "name")

    def contexts(self):
        ids = {"regions": self.regions, "sites": self.sites, "site_groups": self.groups, "roles": self.roles,
               "platforms": self.platforms, "tenants": self.tenants, "cluster_types": self.cluster_types}
        rows = []
        for name, weight, scope, slugs, content in data.CONFIG_CONTEXTS:
            row = {"name": name, "weight": weight, "is_active": True, "data": content}
            if scope == "tags":
                row["tags"] = slugs
            elif scope:
                row[scope] = [ids[scope][slug] for slug in slugs]
            rows.append(row)
        self.ensure("extras/config-contexts/", rows, "name")

    def common(self, record):
        fields = {name: value for name, value in record["custom_fields"].items() if name not in ("console_server", "neighbours")}
        if "backup_site" in fields:
            fields["backup_site"] = self.sites[fields["backup_site"]]
        if "backup_sites" in fields:
            fields["backup_sites"] = [self.sites[site] for site in fields["backup_sites"]]
        row = {"name": record["name"], "status": record["status"], "site": self.sites.get(record["site"]),
               "role": self.roles.get(record["role"]), "tenant": self.tenants.get(record["tenant"]),
               "platform": self.platforms.get(record["platform"]), "comments": record["comments"],
               "tags": [{"slug": slug} for slug in record["tags"]], "custom_fields": fields}
        if record.get("context") is not None:
            row["local_context_data"] = record["context"]
        elif record["number"] % 13 == 0 and not record.get("special"):
            row["local_context_data"] = {"local": {"number": record["number"]}}
        return row

    def device_row(self, record):
        row = {**self.common(record), "asset_tag": record["asset_tag"],
               "device_type": self.device_types[record["device_type"]],
               "location": self.locations.get(record["location"]),
               "serial": f"SN{record['number']:06d}" if record["number"] % 4 else ""}
        if record.get("rack"):
            row.update(rack=self.rack, position=record["position"], face=record["face"])
        if "chassis" in record:
            row.update(virtual_chassis=self.chassis[record["chassis"]], vc_position=record["position"], location=None)
        return row

    def vm_row(self, record):
        return {**self.common(record), "cluster": self.clusters[record["cluster"]], "vcpus": 1 + record["number"] % 8,
                "memory": 1024 * (1 + record["number"] % 16)}

    def machines(self, path, records, rows, key, interface_path, interface_member, interface_extra, object_type):
        """Devices or virtual machines with their interfaces, addresses and primaries. key: record → key of its row."""
        ids = self.ensure(path, rows, *(["asset_tag"] if object_type == "dcim.interface" else ["cluster", "name"]))
        wanted = [(ids[key(record)], address) for record in records for address in data.addresses(record)]
        ports = {(machine, port) for machine, (_, port, _, _) in wanted}
        ports = self.ensure(
            interface_path,
            [{interface_member: machine, "name": port, **interface_extra} for machine, port in sorted(ports)],
            interface_member, "name")
        addresses = self.ensure(
            "ipam/ip-addresses/",
            [{"address": address, "dns_name": dns, "status": "active", "assigned_object_type": object_type,
              "assigned_object_id": ports[(machine, port)]} for machine, (_, port, address, dns) in wanted], "address")
        primaries = {}
        for machine, (member, _, address, _) in wanted:
            primaries.setdefault(machine, {})[member] = addresses[address]
        found = {item["id"]: item for item in self.netbox.list(path, fields="id,primary_ip4,primary_ip6,oob_ip")}
        self.patch(path, [(found[machine], members) for machine, members in primaries.items()])
        return ids

    def special_structure(self):
        """What only the special devices use: a rack with a role, an AS number, a VRF, custom fields of a site."""
        slug, name, color = data.RACK["role"]
        role = self.ensure("dcim/rack-roles/", [{"slug": slug, "name": name, "color": color}], "slug")[slug]
        self.rack = self.ensure("dcim/racks/", [{"name": data.RACK["name"], "site": self.sites[data.RACK["site"]], "role": role, "status": "active"}],
                                "name")[data.RACK["name"]]
        slug, name = data.ASN["rir"]
        rir = self.ensure("ipam/rirs/", [{"slug": slug, "name": name}], "slug")[slug]
        asn = self.ensure("ipam/asns/", [{"asn": data.ASN["asn"], "rir": rir}], "asn")[data.ASN["asn"]]
        name, rd = data.VRF
        self.vrf = self.ensure("ipam/vrfs/", [{"name": name, "rd": rd}], "name")[name]
        for item in self.netbox.list("dcim/sites/"):
            members = {}
            if item["slug"] == data.ASN["site"] and [a["id"] for a in item["asns"]] != [asn]:
                members["asns"] = [asn]
            fields = data.SITE_FIELDS.get(item["slug"], {})
            if any(item["custom_fields"].get(name) != value for name, value in fields.items()):
                members["custom_fields"] = fields
            if members:
                self.netbox.call("PATCH", f"dcim/sites/{item['id']}/", members)
                self.count(self.created, "dcim/sites/ patched", 1)

    def special_addresses(self, records, devices):
        """More interfaces with addresses, virtual device contexts and an FHRP group, of the special devices."""
        contexts = self.ensure(
            "dcim/virtual-device-contexts/",
            [{"name": record["vdc"], "device": devices[record["asset_tag"]], "identifier": 1, "status": "active"}
             for record in records if "vdc" in record], "name")
        ports, seen = [], set()
        for record in records:
            for name, _, _, _, more in record["ports"]:
                key = (devices[record["asset_tag"]], name)
                if key not in seen:
                    seen.add(key)
                    more = {k: v for k, v in more.items() if k != "vdc"} | ({"vdcs": [contexts[more["vdc"]]]} if "vdc" in more else {})
                    ports.append({"device": key[0], "name": name, "type": "1000base-t", **more})
        ports = self.ensure("dcim/interfaces/", ports, "device", "name")
        rows = []
        for record in records:
            for name, address, dns, members, _ in record["ports"]:
                row = {"address": address, "dns_name": dns, "status": "active", **members, "assigned_object_type": "dcim.interface",
                       "assigned_object_id": ports[(devices[record["asset_tag"]], name)]}
                if "vrf" in row:
                    row["vrf"] = self.vrf
                rows.append(row)
        groups = [record["fhrp"] for record in records if "fhrp" in record]
        group = self.ensure("ipam/fhrp-groups/", [{"name": "lab fhrp", "protocol": "vrrp2", "group_id": 10}] if groups else [], "name")
        rows += [{"address": address, "status": "active", "role": "vrrp", "assigned_object_type": "ipam.fhrpgroup",
                  "assigned_object_id": group["lab fhrp"]} for address in groups]
        ids = self.ensure("ipam/ip-addresses/", rows, "address")
        inner = {record["vdc"]: ids[address] for record in records for _, address, _, _, more in record["ports"] if "vdc" in more}
        found = {item["name"]: item for item in self.netbox.list("dcim/virtual-device-contexts/")}
        self.patch("dcim/virtual-device-contexts/", [(found[name], {"primary_ip4": ident}) for name, ident in inner.items()])

    def special_fields(self, records, devices):
        """Custom fields that point to devices, once these are there."""
        names = {record["name"]: devices[record["asset_tag"]] for record in records}
        found = {item["id"]: item for item in self.netbox.list("dcim/devices/", fields="id,custom_fields")}
        for record in records:
            fields = {name: [names[one] for one in value] if isinstance(value, list) else names[value]
                      for name, value in record["custom_fields"].items() if name in ("console_server", "neighbours")}
            have = found[devices[record["asset_tag"]]]["custom_fields"]
            if any([plain(one) for one in have[name] or []] != value if isinstance(value, list) else plain(have[name]) != value
                   for name, value in fields.items()):
                self.netbox.call("PATCH", f"dcim/devices/{devices[record['asset_tag']]}/", {"custom_fields": fields})
                self.count(self.created, "dcim/devices/ patched", 1)

    def fill_structure(self):
        """Everything that devices and virtual machines refer to."""
        self.organisation()
        self.extras()
        self.types()
        self.clusters_and_chassis()
        self.contexts()
        self.special_structure()

    def fill_machines(self, machines):
        devices = self.machines(
            "dcim/devices/", machines.devices, [self.device_row(record) for record in machines.devices],
            lambda record: record["asset_tag"], "dcim/interfaces/", "device", {"type": "1000base-t"}, "dcim.interface")
        self.machines(
            "virtualization/virtual-machines/", machines.vms, [self.vm_row(record) for record in machines.vms],
            lambda record: (self.clusters[record["cluster"]], record["name"]), "virtualization/interfaces/",
            "virtual_machine", {}, "virtualization.vminterface")
        special = [record for record in machines.devices if record.get("special")]
        self.special_addresses(special, devices)
        self.special_fields(special, devices)
        masters = {record["chassis"]: devices[record["asset_tag"]] for record in machines.devices
                   if record.get("position") == 1}
        found = {item["name"]: item for item in self.netbox.list("dcim/virtual-chassis/")}
        self.patch("dcim/virtual-chassis/", [(found[name], {"master": masters[name]})
                                             for name, _, _, has_master in data.VIRTUAL_CHASSIS if has_master])


def main():
    parser = argparse.ArgumentParser(description="Fill a NetBox with varied data through its REST API.")
    parser.add_argument("--url", default=os.environ.get("ZYNC_LAB_NETBOX_URL"), help="base address of NetBox")
    parser.add_argument("--token", default=os.environ.get("ZYNC_LAB_NETBOX_TOKEN"), help="API token, v1 or v2")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--devices", type=int, default=320, help="devices in all (at least the special ones are made)")
    parser.add_argument("--vms", type=int, default=80, help="virtual machines in all (likewise)")
    parser.add_argument("--structure", action="store_true", help="no devices and virtual machines, only what they refer to")
    options = parser.parse_args()
    if not options.url or not options.token:
        parser.error("--url and --token are needed, or their environment variables")
    if not 0 <= options.devices <= 30000 or not 0 <= options.vms <= 30000:
        parser.error("--devices and --vms must be between 0 and 30000")
    started = time.monotonic()
    netbox = NetBox(options.url, options.token)
    filler = Filler(netbox)
    try:
        netbox.call("GET", "status/")
        machines = data.Machines(options.seed, options.devices, options.vms, netbox.version)
        filler.fill_structure()
        if not options.structure:
            filler.fill_machines(machines)
    except FillError as error:
        sys.exit(f"fill_netbox: {error}")
    print(json.dumps({
        "created": filler.created, "existing": filler.existing, "created_total": sum(filler.created.values()),
        "existing_total": sum(filler.existing.values()), "devices": len(machines.devices),
        "virtual_machines": len(machines.vms), "good_hosts": machines.good(), "requests": netbox.requests,
        "seconds": round(time.monotonic() - started, 1)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
