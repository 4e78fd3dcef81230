#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Zync leans on in NetBox's REST API, asserted on a real NetBox or on the simulator alike.

usage: netbox_api_contract.py --url URL --token TOKEN [--user NAME --password PASSWORD] [--expect-version 4.7]

The token needs write permission. Everything that is created has the prefix "zync-contract" and is deleted again.
TAP on standard output; exit code 1 when an assertion failed.
"""
import argparse
import sys
import urllib.parse

from contractlib import Http, Tap

P = "zync-contract"
CF = "zync_contract_"
DEVICE_KEYS = {(4, 0): 47, (4, 1): 48, (4, 2): 48, (4, 3): 48, (4, 4): 48, (4, 5): 49, (4, 6): 49, (4, 7): 52}
VM_KEYS = {(4, 0): 28, (4, 6): 33, (4, 7): 33}


class Contract:
    def __init__(self, url, token, tap):
        self.http, self.token, self.tap = Http(url), token, tap
        self.auth = {"Authorization": ("Bearer " if token.startswith("nbt_") else "Token ") + token,
                     "Accept": "application/json"}
        self.ids = {}
        self.v = (0, 0)

    def call(self, method, path, body=None, headers=None):
        h = dict(self.auth if headers is None else headers)
        if body is not None and "Content-Type" not in h:
            h["Content-Type"] = "application/json"
        return self.http.request(method, "/api/" + path, body, h)

    def get(self, path):
        return self.call("GET", path).json()

    def make(self, path, body):
        r = self.call("POST", path + "/", body)
        if r.status != 201:
            raise SystemExit("Bail out! POST %s: %d %s" % (path, r.status, r.body[:500]))
        made = r.json()
        for o in made if isinstance(made, list) else [made]:
            self.ids.setdefault(path, []).append(o["id"])
        return made

    def master(self, one, d):
        """What a chassis that is one host leans on: its master stays in it, and the interfaces of its members count as the master's."""
        t, chassis = self.tap, self.chassis["id"]
        r = self.call("PATCH", one, {"virtual_chassis": None, "vc_position": None})
        t.ok(r.status == 400 and b"designated as its master" in r.body, "a master cannot leave its chassis", r.body[:300])
        r = self.call("DELETE", one)
        t.ok(r.status == 409 and b"dependent objects" in r.body, "and cannot be deleted", r.body[:300])
        rows = self.get("dcim/virtual-chassis/?id=%d&fields=id,name,master,members" % chassis)["results"]
        t.equal((rows[0]["master"]["id"], [m["id"] for m in rows[0]["members"]]), (d, [d]), "master and members come with fields=, too")
        member = self.make("dcim/devices", {"name": P + "-member", "site": self.site["id"], "role": self.role["id"], "device_type": self.type["id"],
                                            "status": "active", "virtual_chassis": chassis, "vc_position": 2})["id"]
        t.equal([x["id"] for x in self.get("dcim/devices/?virtual_chassis_id=%d&fields=id" % chassis)["results"]], sorted([d, member]),
                "virtual_chassis_id finds the members")
        ips = []
        for number, (name, more) in enumerate((("vlan1", {}), ("mgmt", {"mgmt_only": True}))):
            port = self.make("dcim/interfaces", {"device": member, "name": name, "type": "virtual", **more})["id"]
            ips.append(self.make("ipam/ip-addresses", {"address": "203.0.113.%d/24" % (200 + number), "assigned_object_type": "dcim.interface",
                                                       "assigned_object_id": port, "dns_name": P + "-member.example.net"})["id"])
        query = "ipam/ip-addresses/?assigned_to_interface=true&fields=id,assigned_object&device_id=%d"
        of_master, of_member = self.get(query % d)["results"], self.get(query % member)["results"]
        t.ok(ips[0] in [a["id"] for a in of_master] and ips[1] not in [a["id"] for a in of_master],
             "device_id= of the master gives the members' addresses, but those of management", of_master)
        t.equal(sorted(a["id"] for a in of_member), ips, "device_id= of a member gives its own")
        t.equal([a["assigned_object"]["device"]["id"] for a in of_member], [member] * 2, "an address names the device of its interface")
        t.equal([x["name"] for x in self.get("dcim/interfaces/?mgmt_only=true&fields=id,name&device_id=%d" % member)["results"]], ["mgmt"],
                "mgmt_only finds interfaces of management")
        r = self.call("PATCH", one, {"primary_ip4": ips[0]})
        t.ok(r.status == 200, "a member's address may be a member's primary one", r.body[:300])
        self.call("PATCH", one, {"primary_ip4": None})

    def contexts_and_groups(self):
        """Virtual device contexts are no devices, and FHRP groups are no interfaces."""
        t, d = self.tap, self.devices[0]["id"]
        vdc = self.make("dcim/virtual-device-contexts", {"name": P + " vdc", "device": d, "identifier": 77, "status": "active"})
        vrf = self.make("ipam/vrfs", {"name": P + " vrf", "rd": None})
        port = self.make("dcim/interfaces", {"device": d, "name": P + " vdc0", "type": "virtual", "vdcs": [vdc["id"]]})["id"]
        ip = self.make("ipam/ip-addresses", {"address": "203.0.113.210/24", "vrf": vrf["id"], "role": "vip", "dns_name": P + "-vdc.example.net", "assigned_object_type": "dcim.interface",
                                             "assigned_object_id": port})
        r = self.call("PATCH", "dcim/virtual-device-contexts/%d/" % vdc["id"], {"primary_ip4": ip["id"]})
        t.equal((r.status, r.json()["primary_ip4"]["id"]), (200, ip["id"]), "a virtual device context has a primary address")
        t.equal(self.get("dcim/devices/?name=" + urllib.parse.quote(P + " vdc"))["count"], 0, "and is no device")
        t.equal(self.call("DELETE", "dcim/devices/%d/" % d).status, 409, "it keeps its device from being deleted")
        device = self.get("dcim/devices/%d/" % d)
        t.ok(ip["id"] not in [(device[k] or {}).get("id") for k in ("primary_ip", "primary_ip4", "oob_ip")], "nor is its address the device's", device["primary_ip4"])
        group = self.make("ipam/fhrp-groups", {"name": P + " fhrp", "protocol": "vrrp2", "group_id": 77})["id"]
        shared = self.make("ipam/ip-addresses", {"address": "203.0.113.211/24", "role": "vrrp", "dns_name": P + "-fhrp.example.net", "assigned_object_type": "ipam.fhrpgroup",
                                                 "assigned_object_id": group})["id"]
        fields = "fields=id,address,dns_name,role,status,vrf,assigned_object_type,assigned_object_id,assigned_object"
        found = {a["id"]: a for a in self.get("ipam/ip-addresses/?assigned_to_interface=true&limit=1000&id=%d&id=%d&%s" % (ip["id"], shared, fields))["results"]}
        t.equal(list(found), [ip["id"]], "assigned_to_interface leaves the addresses of FHRP groups out")
        a = found[ip["id"]]
        t.equal((a["role"]["value"], a["status"]["value"], a["vrf"]["name"], a["assigned_object_type"], a["assigned_object_id"],
                 a["assigned_object"]["name"], a["assigned_object"]["device"]["id"]),
                ("vip", "active", P + " vrf", "dcim.interface", port, P + " vdc0", d), "an address with its interface, role, status and VRF")

    # the objects of the test

    def setup(self):
        self.clean(announce=False)
        region = self.make("dcim/regions", {"name": P + " region", "slug": P + "-region"})
        below = self.make("dcim/regions", {"name": P + " below", "slug": P + "-below", "parent": region["id"]})
        self.region, self.below = region, below
        self.site = self.make("dcim/sites", {"name": P + " Süd", "slug": P, "region": below["id"], "status": "active"})
        self.site2 = self.make("dcim/sites", {"name": P + " two", "slug": P + "-two", "status": "active"})
        self.role = self.make("dcim/device-roles", {"name": P + " role", "slug": P + "-role", "color": "607d8b",
                                                    "vm_role": True})
        maker = self.make("dcim/manufacturers", {"name": P + " maker", "slug": P + "-maker"})
        self.type = self.make("dcim/device-types", {"model": P + " model", "slug": P + "-model",
                                                    "manufacturer": maker["id"]})
        self.tag = self.make("extras/tags", {"name": P + " Tag: ä", "slug": P + "-tag", "color": "f44336"})
        self.tag2 = self.make("extras/tags", {"name": P + " tag2", "slug": P + "-tag2", "color": "f44336"})
        cs = self.make("extras/custom-field-choice-sets", {"name": P + " set", "extra_choices": [["gold", "Gold (24/7)"],
                                                                                                ["tin", "Tin"]]})
        both = ["dcim.device", "virtualization.virtualmachine"]
        for name, kind, more in (("text", "text", {}), ("int", "integer", {}), ("bool", "boolean", {}), ("json", "json", {}),
                                 ("sel", "select", {"choice_set": cs["id"]}),
                                 ("multi", "multiselect", {"choice_set": cs["id"]}),
                                 ("obj", "object", {"related_object_type": "dcim.site"})):
            self.make("extras/custom-fields", {"name": CF + name, "type": kind, "object_types": both, **more})
        self.context = self.make("extras/config-contexts", {
            "name": P + " context", "weight": 2000, "is_active": True, "roles": [self.role["id"]],
            "data": {P: {"a": 1, "list": [1, 2]}}})
        self.context2 = self.make("extras/config-contexts", {
            "name": P + " context 2", "weight": 3000, "is_active": True, "sites": [self.site["id"]],
            "data": {P: {"b": 2, "list": [3]}}})
        rows = [{"name": "%s-%02d" % (P, n), "site": self.site["id"] if n % 2 else self.site2["id"],
                 "role": self.role["id"], "device_type": self.type["id"], "status": "active" if n < 4 else "planned"}
                for n in range(5)]
        rows[1].update(tags=[{"slug": P + "-tag"}], serial="ABC-1",
                       custom_fields={CF + "text": "Größe", CF + "sel": "gold", CF + "multi": ["gold", "tin"],
                                      CF + "int": 5, CF + "obj": self.site["id"]})
        rows[1]["local_context_data"] = {"local": True}
        rows.append({"name": None, "site": self.site["id"], "role": self.role["id"], "device_type": self.type["id"],
                     "status": "inventory"})
        self.devices = self.make("dcim/devices", rows)
        iface = self.make("dcim/interfaces", {"device": self.devices[1]["id"], "name": "mgmt0", "type": "1000base-t"})
        self.ip4 = self.make("ipam/ip-addresses", {"address": "198.51.100.7/24", "dns_name": "zync-contract.example.net",
                                                   "assigned_object_type": "dcim.interface",
                                                   "assigned_object_id": iface["id"]})
        self.ip6 = self.make("ipam/ip-addresses", {"address": "2001:db8:ffff::7/64", "assigned_object_type":
                                                   "dcim.interface", "assigned_object_id": iface["id"]})
        ctype = self.make("virtualization/cluster-types", {"name": P + " ctype", "slug": P + "-ctype"})
        scope = {"site": self.site["id"]} if self.v < (4, 2) else {"scope_type": "dcim.site", "scope_id": self.site["id"]}
        self.cluster = self.make("virtualization/clusters", {"name": P + " cluster", "type": ctype["id"],
                                                             "status": "active", **scope})
        self.vm = self.make("virtualization/virtual-machines", {"name": P + "-vm", "cluster": self.cluster["id"],
                                                                "status": "active", "vcpus": 2, "memory": 1024})
        self.chassis = self.make("dcim/virtual-chassis", {"name": P + " vc", "domain": "d"})

    def clean(self, announce=True):
        """Deletes what this test or an interrupted one made, dependents first."""
        names = {"dcim/regions": "slug", "dcim/sites": "slug", "dcim/device-roles": "slug", "dcim/manufacturers": "slug",
                 "dcim/device-types": "slug", "extras/tags": "slug", "virtualization/cluster-types": "slug"}
        left = []
        sites = [s["id"] for s in self.get("dcim/sites/?limit=50&slug__isw=" + P)["results"]]
        for path in ("dcim/virtual-chassis", "dcim/virtual-device-contexts", "dcim/devices", "virtualization/virtual-machines",
                     "virtualization/clusters", "virtualization/cluster-types", "ipam/ip-addresses", "ipam/fhrp-groups", "ipam/vrfs",
                     "extras/config-contexts", "extras/custom-fields", "extras/custom-field-choice-sets", "extras/tags",
                     "dcim/device-types", "dcim/manufacturers", "dcim/device-roles", "dcim/sites", "dcim/regions"):
            if path == "dcim/devices":
                q = "&".join("site_id=%d" % s for s in sites)
                if not q:
                    continue
            elif path == "ipam/ip-addresses":
                q = "dns_name__isw=" + P
            elif path == "extras/custom-fields":
                q = "name__isw=" + CF
            else:
                q = "%s__isw=%s" % (names.get(path, "name"), P)
            found = self.get("%s/?limit=200&%s" % (path, q))["results"]
            ours = [o["id"] for o in found if P in str(o.get("slug", "")) + str(o.get("name", "")) or
                    CF in str(o.get("name", "")) or path in ("dcim/devices", "ipam/ip-addresses")]
            for ident in reversed(ours):
                r = self.call("DELETE", "%s/%d/" % (path, ident))
                if r.status not in (204, 404):
                    left.append("%s %d: %d %s" % (path, ident, r.status, r.body[:200]))
        if announce:
            self.tap.equal(left, [], "everything that the test made is deleted again")

    # assertions

    def run(self):
        self.headers()
        self.tokens()
        self.setup()
        try:
            self.paging()
            self.fields()
            self.filters()
            self.shapes()
            self.single_writes()
            self.bulk_writes()
            self.contexts_and_groups()
            self.journal_and_changes()
        finally:
            self.clean()

    def headers(self):
        t = self.tap
        r = self.call("GET", "status/")
        t.equal(r.status, 200, "GET /api/status/ answers 200")
        text = r.headers.get("api-version", "")
        t.ok(text.count(".") == 1, "every answer has API-Version with major.minor", text)
        self.v = tuple(int(x) for x in text.split("."))
        t.ok(r.json()["netbox-version"].startswith(text + "."), "netbox-version and API-Version agree")
        self.full = tuple(int(x) for x in r.json()["netbox-version"].partition("-")[0].split("."))
        t.equal("netbox-full-version" in r.json(), self.v >= (4, 3), "netbox-full-version exists from 4.3")
        t.equal(("installed_apps" in r.json(), "hostname" in r.json()), (self.v >= (4, 4), self.v >= (4, 4)),
                "installed_apps and hostname exist from 4.4")
        t.equal(len(r.headers.get("x-request-id", "")), 36, "every answer has an X-Request-ID")
        mine = self.call("GET", "status/", headers={**self.auth, "X-Request-ID": "00000000-0000-4000-8000-000000000000"})
        t.ok(mine.headers["x-request-id"] != "00000000-0000-4000-8000-000000000000", "a client's X-Request-ID is ignored")
        t.equal(r.headers.get("content-type", "").split(";")[0], "application/json", "the answer is JSON")
        r = self.call("GET", "dcim/sites")
        t.equal(r.status // 100, 3, "GET without the trailing slash is redirected")
        t.ok(r.headers.get("location", "").partition("?")[0].endswith("/api/dcim/sites/"), "… to the address with the slash")
        r = self.call("POST", "dcim/sites", {"name": "x"})
        t.ok(r.status == 404 if self.full >= (4, 5, 9) else r.status >= 400, "POST without the trailing slash fails", r.status)
        r = self.call("GET", "dcim/devices/999999999/")
        t.equal((r.status, list(r.json())), (404, ["detail"]), "an unknown id is 404 with a detail")
        t.ok(r.headers.get("api-version"), "API-Version is on a 404 too")
        r = self.call("GET", "dcim/nonsense/")
        t.equal(r.status, 404, "an unknown endpoint is 404")
        r = self.call("POST", "dcim/sites/", "name=x", {**self.auth, "Content-Type": "application/x-www-form-urlencoded"})
        t.equal(r.status, 415, "a form body is 415")
        r = self.call("POST", "dcim/sites/", "{", {**self.auth, "Content-Type": "application/json"})
        t.ok(r.status == 400 and "JSON parse error" in r.json().get("detail", ""), "broken JSON is 400 with a detail", r.body)

    def tokens(self):
        t = self.tap

        def detail(value):
            h = {"Accept": "application/json"}
            if value:
                h["Authorization"] = value
            r = self.call("GET", "dcim/sites/?limit=1", headers=h)
            return r.status, (r.json() or {}).get("detail"), r.headers.get("api-version")
        now = "%d.%d" % self.v
        t.equal(detail(None), (403, "Authentication credentials were not provided.", now), "no token is 403, never 401")
        new = self.v >= (4, 5)
        t.equal(detail("Token " + "0" * 40), (403, "Invalid v1 token" if new else "Invalid token", now), "a wrong v1 token")
        if new:
            t.equal(detail("Bearer nbt_abcdefghijkl." + "0" * 40), (403, "Invalid v2 token", now), "a wrong v2 token")
            t.equal(detail("Bearer nbt_abcdefghijkl")[0], 403, "a v2 token without a dot")
            t.ok("Could not parse key" in detail("Bearer nbt_abcdefghijkl")[1], "… says so")
            t.equal(detail("Bearer a b")[:2], (403, 'Invalid authorization header: Must be in the form "Bearer '
                                                    '<key>.<token>" or "Token <token>"'), "three words")
            swap = "Token " if self.token.startswith("nbt_") else "Bearer "
            t.equal(detail(swap + self.token)[0], 200, "the scheme word does not matter, the value decides")
            r = self.call("GET", "authentication-check/")
            t.ok(r.status == 200 and "username" in r.json(), "authentication-check gives the user (4.5 and newer)")
        else:
            t.equal(detail("Bearer " + self.token)[:2], (403, "Authentication credentials were not provided."),
                    "Bearer is no scheme before 4.5")
            t.equal(self.call("GET", "authentication-check/").status, 404, "no authentication-check before 4.5")

    def paging(self):
        t, ids = self.tap, [d["id"] for d in self.devices]
        q = "dcim/devices/?site_id=%d&site_id=%d&" % (self.site["id"], self.site2["id"])
        r = self.get(q + "limit=2")
        t.equal(sorted(r), ["count", "next", "previous", "results"], "a list has count, next, previous, results")
        t.equal((r["count"], len(r["results"]), r["previous"]), (6, 2, None), "the first page")
        t.ok("offset=2" in r["next"] and "limit=2" in r["next"], "next carries limit and offset", r["next"])
        t.ok(r["next"].startswith("http"), "next is an absolute address")
        names = [d["name"] for d in self.get(q + "limit=50")["results"]]
        t.equal(names[:5], sorted(names[:5]), "devices come in the order of their names by default")
        t.ok(names[5] is None, "unnamed devices come last")
        r = self.get(q + "limit=2&offset=4")
        t.equal((len(r["results"]), r["next"]), (2, None), "the last page has no next")
        got, last = [], 0
        while True:
            r = self.get(q + "limit=4&ordering=id&id__gte=%d&exclude=config_context" % (last + 1))
            got += [d["id"] for d in r["results"]]
            if r["next"] is None:
                break
            last = got[-1]
        t.equal(got, sorted(ids), "keyset pages by id__gte and ordering=id give each row once, in order")
        t.equal([d["id"] for d in self.get(q + "ordering=-id&limit=1&fields=id")["results"]], [max(ids)], "ordering=-id")
        big = self.get("dcim/interfaces/?limit=100000&fields=id")
        t.ok(len(big["results"]) <= 1000, "limit is clamped to MAX_PAGE_SIZE")
        t.equal(len(self.get(q + "limit=-5")["results"]), 6, "a negative limit counts as the default")
        r = self.call("GET", q + "start=0&limit=4")
        body = r.json()
        if self.v >= (4, 6):
            t.equal((body["count"], body["previous"], len(body["results"])), (None, None, 4), "start= is honoured: count is null")
            t.ok("start=" in body["next"], "next carries start")
            second = self.get(q + "limit=4&start=%d" % (body["results"][-1]["id"] + 1))
            t.equal(([d["id"] for d in body["results"] + second["results"]], second["next"]), (sorted(ids), None),
                    "two pages by start= are the whole set, the short one ends it")
            t.equal(self.call("GET", q + "start=0&offset=1").status, 400, "start and offset exclude each other")
            t.equal(self.call("GET", q + "start=0&ordering=id").status, 400, "start and ordering exclude each other")
            t.equal(self.call("GET", q + "start=abc").status, 400, "a start that is no number is 400")
            r = self.get("dcim/devices/?start=%d&limit=1000&fields=id" % (max(ids) + 1))
            t.equal((r["results"], r["next"]), ([], None), "a start behind the end is an empty page")
        else:
            t.equal(body["count"], 6, "start= is ignored before 4.6: count is a number")

    def fields(self):
        t, d = self.tap, self.devices[1]["id"]
        one = "dcim/devices/%d/" % d
        t.equal(list(self.get(one + "?fields=id,name,nonsense")), ["id", "name"], "fields= limits, unknown names are dropped")
        full = self.get(one)
        want = DEVICE_KEYS.get(self.v)
        t.equal(len(full), want, "a device has %s keys in %d.%d" % ((want,) + self.v))
        t.equal(sorted(self.get(one + "?brief=false")), ["description", "display", "id", "name", "url"],
                "any value of brief counts")
        t.equal("config_context" in full, True, "config_context is there by default")
        t.equal("config_context" in self.get(one + "?exclude=config_context"), self.v >= (4, 7),
                "exclude=config_context works up to 4.6 only")
        if self.full >= (4, 5, 2):
            t.equal("config_context" in self.get(one + "?omit=config_context,name"), False, "omit= drops a key")
        else:
            t.equal("name" in self.get(one + "?omit=name"), True, "omit= is unknown before 4.5.2")
        merged = full["config_context"].get(P)
        t.equal(merged, {"a": 1, "b": 2, "list": [3]}, "contexts merge by weight; lists are replaced")
        t.equal(full["config_context"].get("local"), True, "local context data is merged last")
        listed = self.get("dcim/devices/?id=%d" % d)["results"][0]
        t.equal(sorted(listed), sorted(full), "a list shows the same keys as the detail")
        if self.v in VM_KEYS:
            vm = self.get("virtualization/virtual-machines/%d/" % self.vm["id"])
            t.equal(len(vm), VM_KEYS[self.v], "a VM has %d keys" % VM_KEYS[self.v])

    def filters(self):
        t = self.tap
        both = "site_id=%d&site_id=%d" % (self.site["id"], self.site2["id"])

        def names(q, path="dcim/devices"):
            r = self.get(path + "/?limit=100&ordering=id&" + q)
            return sorted(str(o.get("name"))[-2:] for o in r["results"]) if "results" in r else r
        for q, want in (("site=" + P, ["01", "03", "ne"]), ("site=%s&site=%s-two" % (P, P), ["00", "01", "02", "03", "04", "ne"]),
                        ("region=%s-region" % P, ["01", "03", "ne"]), ("role=%s-role&status=planned" % P, ["04"]),
                        ("%s&status=planned&status=inventory" % both, ["04", "ne"]), ("%s&status__n=active" % both, ["04", "ne"]),
                        ("tag=%s-tag" % P, ["01"]), ("tag=%s-tag&tag=%s-tag2" % (P, P), []),
                        ("name=%s-01" % P.upper(), ["01"]), ("name__ic=contract-0&" + both, ["00", "01", "02", "03", "04"]),
                        ("name__isw=zync-contract-0", ["00", "01", "02", "03", "04"]), ("name__iew=-03&" + both, ["03"]),
                        ("name__n=%s-01&%s" % (P, both), None), ("name__empty=true&" + both, ["ne"]),
                        ("name=null&" + both, ["ne"]), ("name__n=null&" + both, ["00", "01", "02", "03", "04"]),
                        ("name__n=null&name__n=%s-01&%s" % (P, both), ["00", "02", "03", "04"]),
                        ("name__regex=%s&%s" % (urllib.parse.quote("contract-0[12]$"), both), ["01", "02"]),
                        ("serial=ABC-1&" + both, ["01"]), ("manufacturer=%s-maker&status=planned" % P, ["04"]),
                        ("cf_%stext=gr%%C3%%B6" % CF, ["01"]), ("cf_%ssel=gold" % CF, ["01"]), ("cf_%sint=5" % CF, ["01"]),
                        ("cf_%sint__gte=6" % CF, []), ("%s&platform=null" % both, ["00", "01", "02", "03", "04", "ne"]),
                        ("%s&nonsense=1" % both, ["00", "01", "02", "03", "04", "ne"]),
                        ("%s&has_primary_ip=true" % both, []),
                        ("%s&id__lt=%d" % (both, self.devices[2]["id"]), ["00", "01"]),
                        ("id=%d&id=%d" % (self.devices[0]["id"], self.devices[3]["id"]), ["00", "03"])):
            if want is None:
                got = names(q)
                t.ok("01" not in got and "00" in got, "filter %s" % q, got)
            else:
                t.equal(names(q), want, "filter %s" % q)
        last = self.devices[0]["last_updated"]
        t.ok(len(names("%s&last_updated__gte=%s" % (both, urllib.parse.quote(last)))) == 6, "last_updated__gte")
        t.equal(names("%s&last_updated__gte=2099-01-01T00:00:00Z" % both), [], "last_updated__gte in the future")
        for q in ("status=nonsense", "site=nonsense-x", "tag=nonsense-x", "site_id=999999999", "last_updated__gte=x",
                  "id__gte=x", "role=nonsense-x", "region=nonsense-x"):
            r = self.call("GET", "dcim/devices/?" + q)
            key = q.partition("=")[0]
            t.ok(r.status == 400 and isinstance(r.json().get(key), list), "a bad value is 400 with the name: %s" % q,
                 "%d %s" % (r.status, r.body[:300]))
        d = self.devices[1]["id"]
        got = [o["address"] for o in self.get("ipam/ip-addresses/?ordering=id&device_id=%d" % d)["results"]]
        t.equal(got, ["198.51.100.7/24", "2001:db8:ffff::7/64"], "addresses by device_id")
        r = self.get("ipam/ip-addresses/?assigned_to_interface=true&limit=1&device_id=%d" % d)
        t.equal(r["count"], 2, "addresses by assigned_to_interface")
        t.equal(names("slug=%s" % P, "dcim/sites"), ["üd"], "sites by slug")
        t.equal(names("name=%stext" % CF, "extras/custom-fields"), ["xt"], "custom fields by name")

    def shapes(self):
        t, v = self.tap, self.v
        d = self.get("dcim/devices/%d/" % self.devices[1]["id"])
        t.equal(d["status"], {"value": "active", "label": "Active"}, "a choice is value and label")
        head = ["id", "url", "display", "name", "slug", "description"]
        t.equal(list(d["site"]), head, "a nested site is brief")
        t.ok(set(head) <= set(d["role"]) and list(d["device_type"])[:4] == ["id", "url", "display", "manufacturer"],
             "nested role and device type", d["role"])
        t.equal("_depth" in d["role"], v >= (4, 3), "roles are a tree from 4.3")
        t.ok(list(d["tags"][0])[:3] == ["id", "url", "display_url"] if v >= (4, 1) else True, "nested tags", d["tags"])
        t.equal((d["tags"][0]["name"], d["tags"][0]["slug"]), (P + " Tag: ä", P + "-tag"), "… with name and slug")
        cf = {k[len(CF):]: x for k, x in d["custom_fields"].items() if k.startswith(CF)}
        gold = {"value": "gold", "label": "Gold (24/7)"} if v >= (4, 7) else "gold"
        tin = {"value": "tin", "label": "Tin"} if v >= (4, 7) else "tin"
        t.equal((cf["text"], cf["int"], cf["bool"], cf["json"]), ("Größe", 5, None, None), "custom field values; null if unset")
        t.equal((cf["sel"], cf["multi"]), (gold, [gold, tin]), "select custom fields: objects from 4.7, before plain values")
        t.equal((cf["obj"]["id"], cf["obj"]["slug"]), (self.site["id"], P), "object custom fields are nested objects")
        null = {k for k in ("tenant", "platform", "asset_tag", "location", "rack", "position", "face", "primary_ip",
                            "primary_ip4", "primary_ip6", "oob_ip", "cluster", "virtual_chassis", "vc_position") if d[k] is None}
        t.equal(len(null), 14, "what is unset is null")
        t.equal((d["description"], d["comments"]), ("", ""), "empty text is an empty string")
        u = self.get("dcim/devices/%d/" % self.devices[5]["id"])
        t.equal((u["name"], u["display"]), (None, "%s maker %s model (%d)" % (P, P, u["id"])), "an unnamed device")
        ip = self.get("ipam/ip-addresses/%d/" % self.ip4["id"])
        t.equal((ip["family"], ip["address"], ip["dns_name"], ip["assigned_object_type"]),
                ({"value": 4, "label": "IPv4"}, "198.51.100.7/24", "zync-contract.example.net", "dcim.interface"), "an address")
        t.equal((ip["assigned_object"]["name"], ip["assigned_object"]["device"]["id"], ip["nat_outside"]),
                ("mgmt0", d["id"], []), "its interface with the device")
        c = self.get("virtualization/clusters/%d/" % self.cluster["id"])
        if v >= (4, 2):
            t.equal((c["scope_type"], c["scope_id"], c["scope"]["slug"]), ("dcim.site", self.site["id"], P), "cluster scope")
        else:
            t.equal(c["site"]["slug"], P, "cluster site")
        r = self.get("dcim/regions/%d/" % self.below["id"])
        t.equal((r["parent"]["slug"], r["_depth"]), (P + "-region", 1), "a region has its parent and depth")
        s = self.get("dcim/sites/%d/" % self.site["id"])
        t.equal((s["region"]["slug"], s["status"]["value"], s["group"]), (P + "-below", "active", None), "a site")
        vm = self.get("virtualization/virtual-machines/%d/" % self.vm["id"])
        t.equal((vm["site"] or {}).get("slug"), P, "a VM takes its site from its cluster")
        t.equal((vm["vcpus"], vm["memory"], vm["role"]), (2.0, 1024, None), "VM resources are numbers")

    def single_writes(self):
        t, d = self.tap, self.devices[1]["id"]
        one = "dcim/devices/%d/" % d
        r = self.call("PATCH", one, {"primary_ip4": self.ip4["id"], "primary_ip6": self.ip6["id"]})
        t.equal(r.status, 200, "PATCH with primary addresses")
        p4 = r.json()["primary_ip4"]
        t.equal((p4["address"], p4["family"]), ("198.51.100.7/24", {"value": 4, "label": "IPv4"}), "nested primary address")
        t.equal("nat_outside" in p4, self.v >= (4, 6), "nested addresses have nat_outside from 4.6")
        t.equal("dns_name" in p4, self.full >= (4, 6, 4), "nested addresses have dns_name from 4.6.4")
        t.equal(r.json()["primary_ip"]["id"], self.ip6["id"], "primary_ip prefers IPv6 by default")
        both = "site_id=%d" % self.site["id"]
        t.equal(self.get("dcim/devices/?has_primary_ip=true&" + both)["count"], 1, "has_primary_ip finds it")
        r = self.call("PATCH", one, {"custom_fields": {CF + "text": "new"}})
        cf = r.json()["custom_fields"]
        t.equal((cf[CF + "text"], cf[CF + "int"]), ("new", 5), "custom fields merge")
        r = self.call("PATCH", one, {"custom_fields": {CF + "int": None}})
        t.equal(r.json()["custom_fields"][CF + "int"], None, "null clears a custom field")
        r = self.call("PATCH", one, {"tags": [{"slug": P + "-tag2"}]})
        t.equal([x["slug"] for x in r.json()["tags"]], [P + "-tag2"], "tags replace")
        r = self.call("PATCH", one, {"tags": [{"slug": "nonsense-x"}]})
        t.ok(r.status == 400 and "Related object not found" in r.body.decode(), "an unknown tag is 400", r.body)
        if self.v >= (4, 6):
            r = self.call("PATCH", one, {"add_tags": [{"slug": P + "-tag"}]})
            t.equal(sorted(x["slug"] for x in r.json()["tags"]), [P + "-tag", P + "-tag2"], "add_tags adds (4.6)")
        for body, key in (({"status": "nonsense"}, "status"), ({"status": {"value": "active", "label": "Active"}}, "status"),
                          ({"site": 999999999}, "site"), ({"name": "x" * 65}, "name"), ({"site": None}, "site"),
                          ({"local_context_data": [1]}, "local_context_data"), ({"serial": None}, "serial"),
                          ({"primary_ip4": self.ip6["id"]}, "primary_ip4")):
            r = self.call("PATCH", one, body)
            t.ok(r.status == 400 and key in (r.json() or {}), "PATCH %s is 400 with the field" % body, r.body[:300])
        r = self.call("PATCH", one, {"custom_fields": {"zync_contract_nonsense": 1}})
        t.equal(r.status, 200 if (4, 5, 0) <= self.full < (4, 5, 8) else 400, "an unknown custom field")
        r = self.call("PATCH", one, {"custom_fields": {CF + "sel": "nonsense"}})
        t.equal(r.status, 400, "a wrong choice of a custom field is 400")
        r = self.call("PATCH", one, {"site": {"slug": P}})
        t.equal(r.status, 200, "a reference by attributes")
        r = self.call("POST", "dcim/devices/", {"name": P + "-01", "site": self.site["id"], "role": self.role["id"],
                                                "device_type": self.type["id"]})
        t.equal(r.status, 400, "a name twice at a site is 400")
        r = self.call("POST", "dcim/devices/", {"name": P + "-99"})
        t.equal((r.status, sorted(r.json())), (400, ["device_type", "role", "site"]), "missing required fields are all named")
        t.equal(r.json()["site"], ["This field is required."], "… in these words")
        before = self.get(one)
        r = self.call("PATCH", one, {"serial": before["serial"]})
        after = self.get(one)
        t.ok(after["last_updated"] > before["last_updated"], "a PATCH that changes nothing moves last_updated all the same")
        if self.v >= (4, 6):
            tag = self.call("GET", one).headers.get("etag")
            t.ok(tag and tag.startswith('W/"'), "a detail has a weak ETag (4.6)", tag)
            h = {**self.auth, "If-Match": 'W/"2001-01-01T00:00:00+00:00"'}
            r = self.call("PATCH", one, {"serial": "no"}, h)
            t.equal((r.status, r.json()), (412, {"detail": "Precondition failed."}), "a stale If-Match is 412")
            r = self.call("PATCH", one, {"serial": "yes"}, {**self.auth, "If-Match": tag})
            t.equal(r.status, 200, "a fresh If-Match is accepted")
        r = self.call("PATCH", "dcim/virtual-chassis/%d/" % self.chassis["id"], {"master": d})
        t.equal(r.status, 400, "a master that is no member is 400")
        self.call("PATCH", one, {"virtual_chassis": self.chassis["id"], "vc_position": 1})
        r = self.call("PATCH", "dcim/virtual-chassis/%d/" % self.chassis["id"], {"master": d})
        t.equal((r.status, [m["id"] for m in r.json()["members"]]), (200, [d]), "a chassis lists its members")
        self.master(one, d)
        self.call("PATCH", "dcim/virtual-chassis/%d/" % self.chassis["id"], {"master": None})
        self.call("PATCH", one, {"virtual_chassis": None, "vc_position": None})
        r = self.call("DELETE", "dcim/device-types/%d/" % self.type["id"])
        t.ok(r.status == 409 and "dependent objects" in r.json()["detail"], "deleting what is in use is 409", r.body[:300])

    def bulk_writes(self):
        t, new = self.tap, self.v >= (4, 7)
        a, b = self.devices[2]["id"], self.devices[3]["id"]
        path = "dcim/devices/"
        r = self.call("PATCH", path, [{"id": a, "serial": "S-a"}, {"id": b, "serial": "S-b"}])
        t.equal((r.status, {o["id"]: o["serial"] for o in r.json()}), (200, {a: "S-a", b: "S-b"}), "bulk PATCH")
        r = self.call("PATCH", path, [{"id": a, "serial": "no"}, {"id": b, "status": "nonsense"}])
        body = r.json()
        t.equal(r.status, 400, "one bad object fails the whole bulk PATCH")
        if new:
            t.ok("detail" in body and [e.get("id") for e in body["errors"]] == [b] and "status" in body["errors"][0]["errors"],
                 "4.7: the error names the id", body)
        else:
            t.ok(isinstance(body, dict) and list(body) == ["status"], "up to 4.6: the error does not say which object", body)
        t.equal(self.get(path + "%d/?fields=serial" % a)["serial"], "S-a", "… and nothing of it is applied")
        r = self.call("PATCH", path, [{"id": a, "serial": "S-c"}, {"id": 999999999, "serial": "x"}])
        if new:
            t.ok(r.status == 400 and [e.get("id") for e in r.json()["errors"]] == [999999999], "4.7: an unknown id is refused", r.body)
        else:
            t.equal((r.status, [o["id"] for o in r.json()]), (200, [a]), "up to 4.6 an unknown id is silently skipped")
        r = self.call("PATCH", path, [{"id": a, "serial": "S-d"}, {"serial": "x"}])
        t.equal(r.status, 400, "an object without an id is refused")
        if new:
            t.equal([e.get("index") for e in r.json()["errors"]], [1], "4.7: with its index")
        else:
            t.ok(isinstance(r.json(), list) and r.json()[0] == {} and "id" in r.json()[1], "up to 4.6: a list", r.body)
        r = self.call("PATCH", path, {"id": a})
        t.equal(r.status, 400, "a bulk PATCH that is no list")
        r = self.call("POST", "dcim/sites/", [{"name": P + " ok", "slug": P + "-ok"}, {"name": "", "slug": P + "-bad"}])
        t.equal(r.status, 400, "one bad object fails the whole bulk POST")
        if new:
            t.equal([e.get("index") for e in r.json()["errors"]], [1], "4.7: the error names the index")
        else:
            t.ok(isinstance(r.json(), list) and r.json()[0] == {} and "name" in r.json()[1], "up to 4.6: a list", r.body)
        t.equal(self.get("dcim/sites/?slug=%s-ok" % P).get("count", 0) if self.call(
            "GET", "dcim/sites/?slug=%s-ok" % P).status == 200 else 0, 0, "… and nothing of it is made")
        r = self.call("POST", "dcim/sites/", [{"name": P + " x1", "slug": P + "-x1"}, {"name": P + " x2", "slug": P + "-x2"}])
        t.equal((r.status, [o["slug"] for o in r.json()]), (201, [P + "-x1", P + "-x2"]), "bulk POST keeps the order")
        r = self.call("DELETE", "dcim/sites/", [{"id": o["id"]} for o in r.json()])
        t.equal((r.status, r.body), (204, b""), "bulk DELETE")

    def journal_and_changes(self):
        t, d = self.tap, self.devices[1]["id"]
        r = self.call("POST", "extras/journal-entries/", {"assigned_object_type": "dcim.device", "assigned_object_id": d,
                                                          "kind": "info", "comments": "zync-contract"})
        t.equal((r.status, r.json().get("kind")), (201, {"value": "info", "label": "Info"}), "a journal entry")
        r = self.call("POST", "extras/journal-entries/", {"assigned_object_type": "dcim.device",
                                                          "assigned_object_id": 999999999, "kind": "info", "comments": "x"})
        t.equal(r.status, 400, "a journal entry for nothing is 400")
        path = "core/object-changes/" if self.v >= (4, 1) else "extras/object-changes/"
        r = self.call("PATCH", "dcim/devices/%d/" % d, {"serial": "logged", "changelog_message": "by the contract test"})
        rid = r.headers["x-request-id"]
        rows = self.get(path + "?request_id=" + rid)["results"]
        t.equal(len(rows), 1, "a change has one changelog row, found by the X-Request-ID of its answer")
        c = rows[0] if rows else {}
        t.equal((c.get("action", {}).get("value"), c.get("changed_object_type"), c.get("changed_object_id")),
                ("update", "dcim.device", d), "… with action and object")
        t.equal(c.get("postchange_data", {}).get("serial"), "logged", "… with the data after it")
        t.equal((c.get("message"), "object_repr" in c), ("by the contract test" if self.v >= (4, 4) else None,
                                                         self.v >= (4, 5)), "message from 4.4, object_repr from 4.5")
        r = self.call("PATCH", "dcim/devices/%d/" % d, {"serial": "logged"})
        t.equal(self.get(path + "?request_id=" + r.headers["x-request-id"])["count"], 0, "no row for a change of nothing")
        first = self.get(path + "?id__gte=%d&ordering=id&limit=1" % c.get("id", 0))["results"]
        t.equal([x["id"] for x in first], [c.get("id")], "the changelog by id__gte and ordering=id")
        r = self.call("DELETE", "dcim/devices/%d/" % self.devices[4]["id"])
        rows = self.get(path + "?request_id=" + r.headers["x-request-id"])["results"]
        t.equal([(x["action"]["value"], x["changed_object"]) for x in rows], [("delete", None)], "a deletion is logged")
        t.equal(self.call("POST", path, {}).status, 405, "the changelog is read-only")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--url", required=True)
    p.add_argument("--token", required=True)
    p.add_argument("--user")
    p.add_argument("--password")
    p.add_argument("--prefix", default="", help="put before each line's text")
    a = p.parse_args()
    tap = Tap(a.prefix)
    c = Contract(a.url, a.token, tap)
    c.run()
    if a.user:
        r = c.call("POST", "users/tokens/provision/", {"username": a.user, "password": "wrong " + (a.password or "")}, {})
        tap.equal(r.status, 403, "a wrong password gives no token")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
