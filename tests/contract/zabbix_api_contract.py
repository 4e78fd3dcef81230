#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Zync leans on in Zabbix's API, asserted on a real Zabbix (6.0 to 7.4) or on the simulator alike.

usage: zabbix_api_contract.py --url URL --user NAME --password PASSWORD [--token TOKEN]

--url with or without /api_jsonrpc.php. The user must be a super admin. Everything that is created has the prefix
"zync-contract" and is deleted again. TAP on standard output; exit code 1 when an assertion failed.
The texts of errors are those of 6.0.14, 7.0.9 and 7.0.22; a regular expression stands where an order or an id is no promise.
"""
import argparse
import re
import sys

from contractlib import Http, Tap

P = "zync-contract-"
# A value that the database layer finds too long is an application error (6.0.14, 7.0.22) or an internal one (7.0.9).
TOO_LONG = (-32500, -32603)
PARAM, APP, REQUEST, METHOD, PARSE = -32602, -32500, -32600, -32601, -32700
PSK = "0123456789abcdef0123456789abcdef"
AGENT = {"type": 1, "main": 1, "useip": 1, "ip": "192.0.2.1", "dns": "", "port": "10050"}
SNMP = {"type": 2, "main": 1, "useip": 1, "ip": "192.0.2.1", "dns": "", "port": "161",
        "details": {"version": 2, "bulk": 1, "community": "{$SNMP_COMMUNITY}"}}
NO_OBJECT = "No permissions to referred object or it does not exist!"
NO_PERM = "object does not exist, or you have no permissions to it."


def without(d, *keys):
    return {k: v for k, v in d.items() if k not in keys}


def bad(path, text):
    return 'Invalid parameter "%s": %s.' % (path, text)


class Contract:
    def __init__(self, url, user, password, token, tap):
        base = url[: -len("/api_jsonrpc.php")] if url.endswith("/api_jsonrpc.php") else url
        self.http, self.user, self.password, self.token, self.tap = Http(base), user, password, token, tap
        self.v, self.session, self.n = (0, 0), None, 0

    # calls

    def post(self, body, headers=None, method="POST"):
        return self.http.request(method, "/api_jsonrpc.php", body,
                                 {"Content-Type": "application/json-rpc"} if headers is None else headers)

    @staticmethod
    def request(method, params, **more):
        return {"jsonrpc": "2.0", "method": method, "params": params, "id": 1, **more}

    def raw(self, method, params, auth=True, **more):
        """The whole answer of one call."""
        headers = {"Content-Type": "application/json-rpc"}
        body = self.request(method, params, **more)
        token = self.session if auth is True else auth
        if token:
            if self.v < (6, 4):
                body["auth"] = token
            else:
                headers["Authorization"] = "Bearer " + token
        r = self.post(body, headers)
        return r.json() if r.status == 200 else {"error": {"code": r.status, "data": "HTTP %d" % r.status, "message": ""}}

    def call(self, method, params):
        r = self.raw(method, params)
        if "result" not in r:
            raise SystemExit("Bail out! %s %s: %s" % (method, params, r.get("error")))
        return r["result"]

    # assertions

    def refused(self, text, method, params, code, data, pattern=False):
        r = self.raw(method, params)
        e = r.get("error") or {"data": r.get("result"), "code": 0}
        same = re.fullmatch(data, str(e["data"])) if pattern else e["data"] == data
        self.tap.ok(e["code"] in (code if isinstance(code, tuple) else (code,)) and same, text, "got  %s %s\nwant %s %s" % (e["code"], e["data"], code, data))

    def accepted(self, text, method, params):
        r = self.raw(method, params)
        self.tap.ok("result" in r, text, r.get("error"))
        return r.get("result")

    def host(self, **more):
        self.n += 1
        return {"host": "%sh%d" % (P, self.n), "groups": [{"groupid": self.group}], **more}

    def create(self, text, **more):
        r = self.accepted(text, "host.create", self.host(**more))
        return r["hostids"][0] if r else None

    def no_create(self, text, code, data, pattern=False, **more):
        """host.create refuses; in `data` HOST stands for the host's name."""
        h = self.host(**more)
        name = re.escape(h["host"]) if pattern else h["host"]
        self.refused(text, "host.create", h, code, data.replace("HOST", name), pattern)

    def get(self, hostid, **more):
        return self.call("host.get", {"hostids": hostid, "output": ["hostid", "host", "name"], **more})[0]

    def by_version(self, old, new):
        return old if self.v < (6, 4) else new

    # life cycle

    def run(self):
        self.envelope()
        self.authorisation()
        self.setup()
        try:
            self.names()
            self.groups_and_tags()
            self.macros()
            self.inventory()
            self.interfaces()
            self.proxies()
            self.tls()
            self.templates()
            self.interface_users()
            self.exchange()
            self.updates()
            self.mass()
            self.batches()
            self.reading()
            self.group_calls()
            self.deletes()
            self.rights()
        finally:
            self.clean()
            if self.session:
                self.raw("user.logout", [])

    def clean(self, announce=True):
        hosts = self.call("host.get", {"output": ["hostid"], "search": {"host": P}, "startSearch": True})
        for n in range(0, len(hosts), 100):
            self.call("host.delete", [h["hostid"] for h in hosts[n:n + 100]])
        groups = self.call("hostgroup.get", {"output": ["groupid"], "search": {"name": P}, "startSearch": True})
        if groups:
            self.call("hostgroup.delete", [g["groupid"] for g in groups])
        key = "host" if self.v < (7, 0) else "name"
        proxies = self.call("proxy.get", {"output": ["proxyid", key]})
        for p in proxies:
            if p[key].startswith(P):
                self.call("proxy.delete", [p["proxyid"]])
        if self.v >= (7, 0):
            for g in self.call("proxygroup.get", {"output": ["proxy_groupid", "name"]}):
                if g["name"].startswith(P):
                    self.call("proxygroup.delete", [g["proxy_groupid"]])
        left = self.call("host.get", {"countOutput": True, "search": {"host": P}, "startSearch": True})
        if announce:
            self.tap.equal(left, "0", "everything that the test made is deleted again")

    def setup(self):
        self.clean(announce=False)
        self.group = self.call("hostgroup.create", {"name": P + "g"})["groupids"][0]
        self.group2 = self.call("hostgroup.create", {"name": P + "g/sub"})["groupids"][0]
        wanted = ["ICMP Ping", "Linux by Zabbix agent", "Linux by Zabbix agent active", "Linux by SNMP",
                  "Cisco IOS by SNMP", "Chassis by IPMI", "Generic Java JMX", "Systemd by Zabbix agent 2"]
        found = self.call("template.get", {"output": ["templateid", "name"], "filter": {"name": wanted}})
        t = {x["name"]: x["templateid"] for x in found}
        self.tap.equal(sorted(t), sorted(wanted), "the official templates are there")
        self.icmp, self.agent, self.active, self.lsnmp, self.cisco, self.ipmi, self.jmx, self.systemd = (t[n] for n in wanted)

    # the cases

    def envelope(self):
        t = self.tap
        r = self.post(self.request("apiinfo.version", []))
        text = r.json()["result"]
        self.v = tuple(int(x) for x in text.split("."))
        t.ok(len(self.v) == 3, "apiinfo.version without authorisation", text)
        t.equal((r.status, r.headers["content-type"]), (200, "application/json"), "the answer is application/json")

        def error(body, code, data, text, headers=None):
            e = (self.post(body, headers).json() or {}).get("error", {})
            t.equal((e.get("code"), e.get("data")), (code, data), text)
        error("{", PARSE, "Invalid JSON. An error occurred on the server while parsing the JSON text.", "broken JSON")
        error([], REQUEST, "The received JSON is not a valid JSON-RPC request.", "an empty batch")
        error(without(self.request("apiinfo.version", []), "params"), REQUEST,
              bad("/", 'the parameter "params" is missing'), "no params")
        error(self.request("apiinfo.version", [], foo=1), REQUEST, bad("/", 'unexpected parameter "foo"'),
              "an unknown member of the request")
        error(self.request("host.create", "x"), REQUEST, bad("/params", "an array or object is expected"), "params as text")
        error(self.request("foo.get", []), METHOD, 'Incorrect API "foo".', "an unknown API")
        error(self.request("host.foo", []), METHOD, 'Incorrect method "host.foo".', "an unknown method")
        t.equal(self.post(self.request("apiinfo.version", []), {"Content-Type": "text/plain"}).status, 412,
                "another content type is HTTP 412")
        t.equal(self.post(without(self.request("apiinfo.version", []), "id")).body, b"", "a notification has no answer")
        t.equal(self.post(self.request("apiinfo.version", [], id="abc")).json()["id"], "abc", "ids may be text")
        batch = self.post([self.request("apiinfo.version", []), self.request("host.foo", [], id="x")]).json()
        t.equal([b.get("result", (b.get("error") or {}).get("code")) for b in batch], [text, METHOD],
                "a batch isolates errors")

    def authorisation(self):
        t = self.tap

        def error(text, method, params, data, code=PARAM, auth=None, **more):
            e = self.raw(method, params, auth, **more).get("error", {})
            t.equal((e.get("code"), e.get("data")), (code, data), text)
        error("a call without authorisation", "host.get", {}, "Not authorized.")
        error("an unknown session", "host.get", {}, "Session terminated, re-login, please.", auth="a" * 32)
        error("an unknown token", "host.get", {}, "Not authorized.", auth="a" * 64)
        words = "Incorrect user name or password or account is temporarily blocked."
        error("a wrong password", "user.login", {"username": self.user, "password": "wrong"}, words, APP)
        error("login with an unknown parameter", "user.login", {"username": "a", "password": "b", "foo": 1},
              bad("/", 'unexpected parameter "foo"'))
        r = self.raw("user.login", {"username": self.user, "password": self.password}, None)
        self.session = r.get("result")
        t.ok(isinstance(self.session, str) and len(self.session) == 32, "user.login gives a session of 32 characters", r)
        r = self.post(self.request("apiinfo.version", []), {"Content-Type": "application/json-rpc",
                                                            "Authorization": "Bearer " + self.session}).json()
        if self.v >= (6, 4):
            t.equal(r.get("error", {}).get("data"), 'The "apiinfo.version" method must be called without authorization '
                                                    'header.', "apiinfo.version refuses an Authorization header")
        else:
            t.ok("result" in r, "6.0 does not look at an Authorization header")
        if self.v < (7, 2):
            r = self.post(self.request("host.get", {"countOutput": True}, auth=self.session)).json()
            t.ok("result" in r, "the auth member works up to 7.0", r)
            r = self.post(self.request("apiinfo.version", [], auth=self.session)).json()
            t.equal(r.get("error", {}).get("data"), 'The "apiinfo.version" method must be called without the "auth" '
                                                    'parameter.', "apiinfo.version refuses the auth member")
        else:
            r = self.post(self.request("host.get", {"countOutput": True}, auth=self.session)).json()
            t.equal(r.get("error", {}).get("code"), REQUEST, "the auth member is gone since 7.2")
        r = self.post(self.request("host.get", {"countOutput": True}), {
            "Content-Type": "application/json-rpc", "Authorization": "Bearer " + self.session}).json()
        t.equal("result" in r, self.v >= (6, 4), "Authorization: Bearer works from 6.4")
        r = self.raw("user.checkAuthentication", {"sessionid": self.session}, None)
        t.equal(r.get("result", {}).get("username"), self.user, "user.checkAuthentication knows the session")
        second = self.raw("user.login", {"username": self.user, "password": self.password}, None)["result"]
        t.equal(self.raw("user.logout", [], second).get("result"), True, "user.logout")
        error("a session after logout", "host.get", {}, "Session terminated, re-login, please.", auth=second)
        tid = self.call("token.create", {"name": P + "t", "userid": "1"})["tokenids"][0]
        token = self.call("token.generate", [tid])[0]["token"]
        t.ok(len(token) == 64 and "result" in self.raw("host.get", {"countOutput": True}, token), "an API token works")
        t.ok("error" in self.raw("user.logout", [], token), "an API token cannot log out")
        self.call("token.update", {"tokenid": tid, "status": 1})
        error("a disabled token", "host.get", {}, "Not authorized.", auth=token)
        self.call("token.update", {"tokenid": tid, "status": 0, "expires_at": 1000})
        error("an expired token", "host.get", {}, "API token expired.", APP, auth=token)
        self.call("token.delete", [tid])
        if self.token:
            t.ok("result" in self.raw("host.get", {"countOutput": True}, self.token), "the given token works")

    def names(self):
        for name in ("a/b", "ü", "a:b", "a(b)", "trailing "):
            self.no_create("a technical name with %r" % name, PARAM, 'Incorrect characters used for host name "%s".' %
                           (P + name), host=P + name)
        self.no_create("a leading space", PARAM, 'Incorrect characters used for host name " x".', host=" x")
        self.no_create("an empty technical name", PARAM, 'Incorrect characters used for host name "".', host="")
        long = P + "x" * 120
        self.no_create("a technical name of more than 128", TOO_LONG, 'Value "%s" is too long for field "host" - %d characters. '
                       "Allowed length is 128 characters." % (long, len(long)), host=long)
        self.create("spaces, dots, dashes, underscores inside", host=P + "a  b_c.d-e f")
        self.no_create("a visible name of 129 characters", TOO_LONG, 'Value "%s" is too long for field "name" - 129 characters. '
                       "Allowed length is 128 characters." % ("ж" * 129), name="ж" * 129)
        self.create("a visible name of 128 characters that are no ASCII", name=P + "ж" * (128 - len(P)))
        self.refused("no technical name", "host.create", {"groups": [{"groupid": self.group}]}, PARAM,
                     'Wrong fields for host "".')
        a = self.create("a plain host", host=P + "plain", name=P + "visible ü")
        self.no_create("the technical name exists", PARAM, 'Host with the same name "%splain" already exists.' % P, host=P + "plain")
        self.no_create("the visible name exists", PARAM, 'Host with the same visible name "%svisible ü" already exists.' % P,
                       name=P + "visible ü")
        self.no_create("a template has the name", PARAM, 'Template with the same name "ICMP Ping" already exists.', host="ICMP Ping")
        self.no_create("a template has the visible name", PARAM, 'Template with the same visible name "ICMP Ping" already '
                       "exists.", name="ICMP Ping")
        self.create("names differ by case", host=P + "PLAIN")
        self.refused("the same technical name twice in a call", "host.create", [self.host(host=P + "d"), self.host(host=P + "d")],
                     PARAM, 'Duplicate host. Host with the same host name "%sd" already exists in data.' % P)
        self.refused("the same visible name twice in a call", "host.create", [self.host(name="d"), self.host(name="d")],
                     PARAM, 'Duplicate host. Host with the same visible name "d" already exists in data.')
        good = self.host()
        self.refused("one bad host of two", "host.create", [good, self.host(host="a/b")], PARAM,
                     'Incorrect characters used for host name "a/b".')
        self.tap.equal(self.call("host.get", {"filter": {"host": good["host"]}}), [], "… and the good one is not made")
        self.refused("an empty array", "host.create", [], PARAM, self.by_version("Empty input parameter.", bad("/", "cannot be empty")))
        self.no_create("an unknown status", APP, 'Incorrect status for host "HOST".', status=2)
        self.create("an unknown key is silently accepted", foo=1)
        self.tap.equal(self.get(a), {"hostid": a, "host": P + "plain", "name": P + "visible ü"}, "ids are texts")
        self.plain = a

    def groups_and_tags(self):
        old = self.v < (6, 4)
        none = 'Host "HOST" cannot be without host group.'
        self.no_create("no groups", PARAM, none if old else bad("/1/groups", "cannot be empty"), groups=[])
        self.no_create("an unknown group", APP, NO_OBJECT if old else bad("/1/groups/1", NO_PERM[:-1]), groups=[{"groupid": "999999"}])
        two = [{"groupid": self.group}, {"groupid": self.group}]
        if old:
            self.no_create("a group twice", APP, "SQL statement execution has failed .*", True, groups=two)
        else:
            self.no_create("a group twice", PARAM, bad("/1/groups/2", "value (groupid)=(%s) already exists" % self.group), groups=two)
        p = "/" if old else "/1/"
        pair = {"tag": "a", "value": "1"}
        self.no_create("a tag twice", PARAM, bad(p + "tags/2", "value (tag, value)=(a, 1) already exists"), tags=[pair, pair])
        self.no_create("an empty tag", PARAM, bad(p + "tags/1/tag", "cannot be empty"), tags=[{"tag": ""}])
        self.no_create("a tag of 256 characters", PARAM, bad(p + "tags/1/tag", "value is too long"), tags=[{"tag": "a" * 256}])
        self.no_create("a tag's value as a number", PARAM, bad(p + "tags/1/value", "a character string is expected"), tags=[{"tag": "a", "value": 5}])
        self.no_create("an unknown key of a tag", PARAM, bad(p + "tags/1", 'unexpected parameter "foo"'), tags=[{**pair, "foo": 1}])
        h = self.create("one tag with two values", tags=[pair, {"tag": "a", "value": "2"}, {"tag": "b"}])
        tags = self.get(h, selectTags=["tag", "value"])["tags"]
        self.tap.equal(sorted((x["tag"], x["value"]) for x in tags), [("a", "1"), ("a", "2"), ("b", "")], "tags come back")

    def macros(self):
        t, m = self.tap, "/1/macros/1"
        self.no_create("a macro without braces", PARAM, bad(m + "/macro", 'incorrect syntax near "FOO"'), macros=[{"macro": "FOO", "value": "1"}])
        self.no_create("a macro twice", PARAM, bad("/1/macros/2", "value (macro)=({$A}) already exists"),
                       macros=[{"macro": "{$A}", "value": "1"}, {"macro": "{$A}", "value": "2"}])
        self.no_create("a macro without value", PARAM, bad(m, 'the parameter "value" is missing'), macros=[{"macro": "{$A}"}])
        self.no_create("a macro's value of 2049 characters", PARAM, bad(m + "/value", "value is too long"), macros=[{"macro": "{$A}", "value": "x" * 2049}])
        self.no_create("a macro's value as a number", PARAM, bad(m + "/value", "a character string is expected"), macros=[{"macro": "{$A}", "value": 5}])
        self.no_create("an unknown macro type", PARAM, bad(m + "/type", "value must be one of 0, 1, 2"), macros=[{"macro": "{$A}", "value": "x", "type": 9}])
        self.no_create("a vault macro without path and key", PARAM, bad(m + "/value", 'incorrect syntax near "x"'), macros=[{"macro": "{$A}", "value": "x", "type": 2}])
        h = self.create("text, secret and vault macros", macros=[
            {"macro": "{$A}", "value": "1"}, {"macro": "{$S}", "value": "s3", "type": 1, "description": "d"},
            {"macro": "{$V}", "value": "secret/x:key", "type": 2}, {"macro": "{$A:ctx}", "value": "2"}])
        got = {x["macro"]: x for x in self.get(h, selectMacros="extend")["macros"]}
        t.ok("value" not in got["{$S}"] and got["{$A}"]["value"] == "1", "a secret macro's value is never returned", got)
        t.equal("automatic" in got["{$A}"], self.v >= (6, 4), "automatic exists from 6.4")
        sid, aid = got["{$S}"]["hostmacroid"], got["{$A}"]["hostmacroid"]

        def up(*macros):
            return {"hostid": h, "macros": list(macros)}
        self.refused("a secret macro without id and value", "host.update", up({"macro": "{$S}", "type": 1}), PARAM, bad(m, 'the parameter "value" is missing'))
        self.accepted("… with its id it may lack the value", "host.update", up({"hostmacroid": sid}, {"hostmacroid": aid, "value": "3"}))
        got = {x["macro"]: x for x in self.get(h, selectMacros="extend")["macros"]}
        t.equal((sorted(got), got["{$A}"]["value"], got["{$S}"]["description"]), (["{$A}", "{$S}"], "3", "d"),
                "macros that are left out go, the others stay")
        self.refused("an unknown hostmacroid", "host.update", up({"hostmacroid": "99999999", "value": "2"}), APP, NO_OBJECT)
        self.refused("a hostmacroid twice", "host.update", up({"hostmacroid": sid}, {"hostmacroid": sid}), PARAM,
                     bad("/1/macros/2", "value (hostmacroid)=(%s) already exists" % sid))
        self.accepted("a macro without id replaces the one of its name", "host.update", up({"macro": "{$S}", "value": "n", "type": 1}))
        got = self.get(h, selectMacros="extend")["macros"]
        t.ok(len(got) == 1 and got[0]["hostmacroid"] != sid, "… and has a new id", got)

    def inventory(self):
        t = self.tap
        self.no_create("an inventory value that is too long", TOO_LONG, 'Value "%s" is too long for field "type" - 65 characters. '
                       "Allowed length is 64 characters." % ("x" * 65), inventory_mode=0, inventory={"type": "x" * 65})
        self.no_create("an unknown inventory field", PARAM, 'Incorrect inventory field "foo".', inventory={"foo": "x"})
        self.no_create("fields of a disabled inventory", PARAM, "Cannot set inventory fields for disabled inventory.",
                       inventory_mode=-1, inventory={"type": "x"})
        self.no_create("an unknown inventory mode", APP, 'Incorrect value for field "inventory_mode": value must be one of -1, 0, 1.', inventory_mode=5)
        h = self.create("no inventory")
        g = self.get(h, output=["inventory_mode"], selectInventory="extend")
        t.equal((g["inventory_mode"], g["inventory"]), ("-1", []), "a disabled inventory is an empty list")
        self.refused("fields for a disabled inventory by update", "host.update", {"hostid": h, "inventory": {"type": "x"}}, PARAM,
                     'Inventory disabled for host "%s".' % self.get(h)["host"])
        self.accepted("mode and fields", "host.update", {"hostid": h, "inventory_mode": 0, "inventory": {"type": "x", "os": "y"}})
        self.accepted("one field", "host.update", {"hostid": h, "inventory": {"os": "z"}})
        g = self.get(h, output=["inventory_mode"], selectInventory=["type", "os", "name"])
        t.equal((g["inventory_mode"], g["inventory"]), ("0", {"type": "x", "name": "", "os": "z"}), "other fields are kept")
        g = self.get(h, selectInventory="extend")["inventory"]
        t.equal(len(g), 70, "an inventory has 70 fields")
        self.accepted("disabled again", "host.update", {"hostid": h, "inventory_mode": -1})
        t.equal(self.get(h, selectInventory="extend")["inventory"], [], "… and empty")
        h = self.create("fields without a mode", inventory={"type": "x"})
        t.equal(self.get(h, output=["inventory_mode"])["inventory_mode"], "0", "… make it manual")

    def interfaces(self):
        t, args = self.tap, "Incorrect arguments passed to function."
        for text, data, iface in (
                ("without port", args, without(AGENT, "port")), ("without type", args, without(AGENT, "type")),
                ("without main", args, without(AGENT, "main")), ("a wrong address", 'Invalid IP address "192.0.2.300".', {**AGENT, "ip": "192.0.2.300"}),
                ("neither address nor name", "IP and DNS cannot be empty for host interface.", {**AGENT, "ip": ""}),
                ("by name without a name", 'Interface with IP "192.0.2.1" cannot have empty DNS name while having "Use DNS" property on "HOST".', {**AGENT, "useip": 0}),
                ("a wrong name", 'Incorrect interface DNS parameter "bad name!" provided.', {**AGENT, "ip": "", "useip": 0, "dns": "bad name!"}),
                ("a wrong port", 'Incorrect interface port "70000" provided.', {**AGENT, "port": "70000"}),
                ("no default", 'No default interface for "agent" type on "HOST".', {**AGENT, "main": 0}),
                ("SNMP without details", args, without(SNMP, "details")), ("SNMP without community", args, {**SNMP, "details": {"version": 2}}),
                ("an unknown SNMP version", args, {**SNMP, "details": {"version": 9}}),
                ("a wrong bulk", "Incorrect bulk value for interface.", {**SNMP, "details": {"version": 2, "community": "x", "bulk": 5}})):
            self.no_create("an interface: " + text, PARAM, data, interfaces=[iface])
        self.no_create("two defaults", PARAM, "Host cannot have more than one default interface of the same type.", interfaces=[AGENT, AGENT])
        for text, iface in (("a macro as port", {**AGENT, "port": "{$P}"}), ("IPv6", {**AGENT, "ip": "2001:db8::1"}),
                            ("a macro as address", {**AGENT, "ip": "{$IP}"}), ("a number as port", {**AGENT, "port": 10050}),
                            ("by name", {**AGENT, "ip": "", "dns": "a.example.net", "useip": 0})):
            self.create("an interface: " + text, interfaces=[iface])
        rep = {"max_repetitions": "10"} if self.v >= (6, 4) else {}
        for details, want in (
                ({"version": 1, "community": "c"}, {"version": "1", "bulk": "1", "community": "c"}),
                ({"version": 2, "community": "c", "bulk": 0}, {"version": "2", "bulk": "0", "community": "c", **rep}),
                ({"version": 3, "securityname": "u", "securitylevel": 2, "authprotocol": 1, "authpassphrase": "a", "privprotocol": 1,
                  "privpassphrase": "p", "contextname": "x"},
                 {"version": "3", "bulk": "1", "securityname": "u", "securitylevel": "2", "authpassphrase": "a", "privpassphrase": "p",
                  "authprotocol": "1", "privprotocol": "1", "contextname": "x", **rep})):
            h = self.create("SNMP version %d" % details["version"], interfaces=[{**SNMP, "details": details}])
            t.equal(self.get(h, selectInterfaces=["details"])["interfaces"][0]["details"], want, "… its details come back as text")
        h = self.create("two interfaces", interfaces=[AGENT, SNMP])
        got = {i["type"]: i for i in self.get(h, selectInterfaces="extend")["interfaces"]}
        t.equal((sorted(got), got["1"]["details"], got["1"]["main"], got["1"]["port"]), (["1", "2"], [], "1", "10050"),
                "details is [] unless SNMP")
        one, two = got["1"]["interfaceid"], got["2"]["interfaceid"]
        self.accepted("a partial entry changes in place", "host.update", {"hostid": h, "interfaces": [{"interfaceid": one, "ip": "192.0.2.9"}, {"interfaceid": two}]})
        got = {i["interfaceid"]: (i["ip"], i["port"]) for i in self.get(h, selectInterfaces="extend")["interfaces"]}
        t.equal(got, {one: ("192.0.2.9", "10050"), two: ("192.0.2.1", "161")}, "… and keeps the ids and the rest")
        self.accepted("details change in place, in part", "host.update", {"hostid": h, "interfaces": [{"interfaceid": one}, {"interfaceid": two, "details": {"bulk": 0}}]})
        d = {i["interfaceid"]: i["details"] for i in self.get(h, selectInterfaces="extend")["interfaces"]}[two]
        t.equal((d["bulk"], d["community"]), ("0", "{$SNMP_COMMUNITY}"), "… and keep the rest")
        self.accepted("one left out", "host.update", {"hostid": h, "interfaces": [{"interfaceid": two}, {**AGENT, "type": 4, "port": "12345"}]})
        t.equal(sorted(i["type"] for i in self.get(h, selectInterfaces="extend")["interfaces"]), ["2", "4"], "… is deleted, one without id is new")
        self.refused("an unknown interfaceid", "host.update", {"hostid": h, "interfaces": [{"interfaceid": "99999999", "ip": "192.0.2.3"}]}, APP, NO_OBJECT)
        self.accepted("an empty list", "host.update", {"hostid": h, "interfaces": []})
        t.equal(self.get(h, selectInterfaces="extend")["interfaces"], [], "… deletes all")

    def proxies(self):
        t = self.tap
        if self.v < (7, 0):
            pid = self.call("proxy.create", {"host": P + "px", "status": 5})["proxyids"][0]
            h = self.create("proxy_hostid up to 6.4", proxy_hostid=pid)
            t.equal(self.get(h, output=["proxy_hostid"])["proxy_hostid"], pid, "… comes back")
            self.no_create("an unknown proxy", APP, "SQL statement execution has failed .*", True, proxy_hostid="999999")
            r = self.call("proxy.get", {"proxyids": pid, "output": ["proxyid", "host"]})
            t.equal([(x["proxyid"], x["host"]) for x in r], [(pid, P + "px")], "a proxy's name is host")
            self.call("host.update", {"hostid": h, "proxy_hostid": 0})
            t.equal(self.get(h, output=["proxy_hostid"])["proxy_hostid"], "0", "0 takes the proxy away")
            return
        pid = self.call("proxy.create", {"name": P + "px", "operating_mode": 0})["proxyids"][0]
        gid = self.call("proxygroup.create", {"name": P + "pg"})["proxy_groupids"][0]
        fields = ["proxyid", "monitored_by", "proxy_groupid"]
        h = self.create("monitored by a proxy", monitored_by=1, proxyid=pid)
        t.equal(without(self.get(h, output=fields), "hostid"), {"proxyid": pid, "monitored_by": "1", "proxy_groupid": "0"}, "… comes back")
        self.no_create("a proxy without monitored_by", PARAM, bad("/1/proxyid", "value must be 0"), proxyid=pid)
        self.no_create("monitored_by without a proxy", PARAM, bad("/1", 'the parameter "proxyid" is missing'), monitored_by=1)
        self.no_create("an unknown proxy", APP, bad("/1/proxyid", NO_PERM[:-1]), monitored_by=1, proxyid="999999")
        self.no_create("proxy and group", PARAM, bad("/1/proxyid", "value must be 0"), monitored_by=2, proxy_groupid=gid, proxyid=pid)
        self.no_create("an unknown monitored_by", PARAM, bad("/1/monitored_by", "value must be one of 0, 1, 2"), monitored_by=5)
        self.create("proxy_hostid is an unknown key, silently accepted", proxy_hostid=pid)
        self.accepted("monitored_by 0 takes the proxy away", "host.update", {"hostid": h, "monitored_by": 0})
        t.equal(self.get(h, output=fields)["proxyid"], "0", "… it is gone")
        self.refused("a proxy alone by update", "host.update", {"hostid": h, "proxyid": pid}, PARAM, bad("/1/proxyid", "value must be 0"))
        self.accepted("a proxy group", "host.update", {"hostid": h, "monitored_by": 2, "proxy_groupid": gid})
        t.equal(without(self.get(h, output=fields), "hostid"), {"proxyid": "0", "monitored_by": "2", "proxy_groupid": gid}, "… comes back")
        r = self.call("proxy.get", {"proxyids": pid, "output": ["proxyid", "name", "proxy_groupid"]})
        t.equal(r, [{"proxyid": pid, "name": P + "px", "proxy_groupid": "0"}], "a proxy's name is name")
        self.call("host.update", {"hostid": h, "monitored_by": 0})

    def tls(self):
        t, old = self.tap, self.v < (6, 4)

        def word(field, new, was):
            return 'Incorrect value for field "%s": %s.' % (field, was) if old else bad(*new)
        self.no_create("PSK without identity", PARAM, word("tls_psk_identity", ("/1", 'the parameter "tls_psk_identity" is missing'), "cannot be empty"), tls_connect=2)
        self.no_create("a short PSK", PARAM, word("tls_psk", ("/1/tls_psk", "minimum length is 32 characters"), "minimum length is 32 characters"),
                       tls_connect=2, tls_psk_identity="i", tls_psk="0123")
        self.no_create("a PSK that is not hexadecimal", PARAM, word("tls_psk", ("/1/tls_psk", "an even number of hexadecimal characters is expected"),
                                                                    "an even number of hexadecimal characters is expected"),
                       tls_connect=2, tls_psk_identity="i", tls_psk="x" * 32)
        self.no_create("a PSK without its use", PARAM, word("tls_psk_identity", ("/1/tls_psk_identity", "value must be empty"), "should be empty"),
                       tls_psk_identity="i", tls_psk=PSK)
        self.no_create("an unknown tls_connect", PARAM, word("tls_connect", ("/1/tls_connect", "value must be one of 1, 2, 4"), 'unexpected value "3"'), tls_connect=3)
        h = self.create("a PSK", tls_connect=2, tls_accept=2, tls_psk_identity=P + "i", tls_psk=PSK)
        g = self.get(h, output="extend")
        t.ok("tls_psk" not in g and "tls_psk_identity" not in g and g["tls_connect"] == "2", "identity and key are never returned", sorted(g))
        if old:
            self.create("6.0 allows another key for the same identity", tls_connect=2, tls_psk_identity=P + "i", tls_psk="f" * 32)
        else:
            self.no_create("another key for the same identity", PARAM, bad("/1/tls_psk", "another tls_psk value is already associated with given tls_psk_identity"),
                           tls_connect=2, tls_psk_identity=P + "i", tls_psk="f" * 32)
        self.accepted("another update without the key", "host.update", {"hostid": h, "description": "x"})
        self.accepted("PSK off", "host.update", {"hostid": h, "tls_connect": 1, "tls_accept": 1})
        self.refused("PSK on without a key", "host.update", {"hostid": h, "tls_connect": 2}, PARAM,
                     word("tls_psk_identity", ("/1/tls_psk_identity", "cannot be empty"), "cannot be empty"))
        self.create("a certificate", tls_connect=4, tls_accept=5, tls_issuer="CN=x", tls_subject="s")

    def templates(self):
        old = self.v < (6, 4)
        link = lambda *ids: [{"templateid": i} for i in ids]
        if old:
            need = 'Cannot find host interface on "HOST" for item key ".*"\\.'
            self.no_create("simple checks need an interface", PARAM, need, True, templates=link(self.icmp))
            for text, tid in (("agent", self.agent), ("SNMP", self.cisco), ("IPMI", self.ipmi)):
                self.no_create("a template that needs an %s interface" % text, PARAM, need, True, templates=link(tid))
            self.no_create("an unknown template", APP, NO_OBJECT, templates=link("999999"))
        else:
            self.create("simple checks need no interface", templates=link(self.icmp))
            for text, name, tid in (("Agent", "Linux by Zabbix agent", self.agent), ("SNMP", "Cisco IOS by SNMP", self.cisco),
                                    ("IPMI", "Chassis by IPMI", self.ipmi)):
                self.no_create("a template that needs an %s interface" % text, PARAM, 'Cannot inherit item with key ".*" of template "%s" to host '
                               '"HOST", because a host interface of type "%s" is required\\.' % (name, text), True, templates=link(tid))
            self.no_create("an unknown template", APP, bad("/1/templates/1", NO_PERM[:-1]), templates=link("999999"))
            self.no_create("a template twice", PARAM, bad("/1/templates/2", "value (templateid)=(%s) already exists" % self.icmp),
                           templates=link(self.icmp, self.icmp))
            self.no_create("two templates with one key", PARAM, 'Cannot inherit items with key "icmpping" of both "Cisco IOS by SNMP" and "ICMP Ping" '
                           'templates, because the key must be unique on host "HOST".', interfaces=[AGENT, SNMP], templates=link(self.icmp, self.cisco))
        self.create("active checks need no interface", templates=link(self.active))
        good, wrong = self.host(interfaces=[AGENT], templates=link(self.icmp)), self.host(templates=link(self.agent))
        r = self.raw("host.create", [good, wrong]).get("error", {})
        self.tap.ok(wrong["host"] in r.get("data", ""), "of two hosts the error names the bad one", r)
        self.tap.equal(self.call("host.get", {"filter": {"host": good["host"]}}), [], "… and neither is made")

    def items(self, h):
        return {i["key_"]: i for i in self.call("item.get", {"hostids": h, "output": ["key_", "interfaceid", "templateid", "type"]})}

    def interface_users(self):
        """Which items, rules and prototypes use an interface, and which templates they come from."""
        t, kinds = self.tap, (("item.get", "0"), ("discoveryrule.get", "1"), ("itemprototype.get", "2"))
        h = self.create("a template with items, rules and prototypes on one interface", templates=[{"templateid": self.icmp}, {"templateid": self.jmx}],
                        interfaces=[AGENT, {**AGENT, "type": 4, "port": "12345"}])
        ifaces = {i["type"]: i["interfaceid"] for i in self.get(h, selectInterfaces="extend")["interfaces"]}
        fields = ["itemid", "hostid", "templateid", "flags"]
        for method, flags in kinds:
            users = self.call(method, {"output": fields, "filter": {"interfaceid": [ifaces["4"]]}})
            t.ok(users and all(sorted(x) == sorted(fields) and x["hostid"] == h and x["flags"] == flags and x["templateid"] != "0" for x in users),
                 "%s by interfaceid" % method, users)
            parents = sorted(x["templateid"] for x in users)
            got = self.call(method, {"output": ["itemid", "hostid"], "itemids": parents})
            t.equal(sorted((x["itemid"], x["hostid"]) for x in got), [(i, self.jmx) for i in parents], "… their originals are of the template, by itemids")
            got = self.call(method, {"output": ["itemid"], "filter": {"interfaceid": [ifaces["1"]]}})
            t.equal(len(got), 3 if flags == "0" else 0, "… of the other interface, another template's")
            # itemprototype.get does not know this parameter.
            want = str(len(users)) if flags != "2" else self.call(method, {"countOutput": True})
            t.equal(self.call(method, {"interfaceids": [ifaces["4"]], "countOutput": True}), want, "… by interfaceids")
            got = self.call(method, {"output": ["templateid", "interfaceid"], "hostids": self.jmx})
            t.ok({x["itemid"] for x in got} >= set(parents) and all((x["templateid"], x["interfaceid"]) == ("0", "0") for x in got),
                 "… of the template, by hostids", got)
            t.equal(self.call(method, {"templateids": self.jmx, "countOutput": True}), str(len(got)), "… by templateids")
            t.equal(self.call(method, {"hostids": [h, self.jmx], "templated": True, "countOutput": True}), str(len(got)), "… templated")
            for text, params in (("an unknown id", {"itemids": ["99999999"]}), ("no ids", {"itemids": []}), ("an unknown host", {"hostids": ["99999999"]}),
                                 ("an unknown interface", {"filter": {"interfaceid": ["99999999"]}})):
                t.equal(self.call(method, {"output": ["itemid"], **params}), [], "… %s" % text)
            t.equal(self.call(method, {"output": ["foo"], "hostids": h, "filter": {"itemid": parents}, "foo": 1}), [], "… unknown parameters and fields are ignored")
            self.refused("… sorting by an unknown field", method, {"sortfield": "foo"}, APP, 'Sorting by field "foo" not allowed.')
        rule = self.call("discoveryrule.get", {"output": ["itemid"], "hostids": h})[0]["itemid"]
        t.equal(self.call("item.get", {"output": ["itemid"], "itemids": rule}), [], "a rule is no item")
        made = self.call("itemprototype.get", {"output": ["itemid"], "discoveryids": rule, "selectDiscoveryRule": ["itemid"]})
        t.equal([x["discoveryRule"] for x in made], [{"itemid": rule}] * (len(made) or 1), "a prototype names its rule")
        self.accepted("unlinked without clearing", "host.update", {"hostid": h, "templates": []})
        for method, _ in kinds:
            got = self.call(method, {"output": ["templateid"], "filter": {"interfaceid": ifaces["4"]}})
            t.equal({x["templateid"] for x in got}, {"0"}, "… %s: they are the host's own" % method)
        agent = [{"interfaceid": ifaces["1"]}]
        self.refused("… and keep the interface", "host.update", {"hostid": h, "interfaces": agent}, PARAM, 'Interface is linked to item ".*" on "%s"\\.' %
                     re.escape(self.get(h)["name"]), True)
        self.no_create("a rule that needs an interface", PARAM, *self.by_version(
            ('Cannot find host interface on "HOST" for item key ".*"\\.', True),
            ('Cannot inherit LLD rule with key ".*" of template "Systemd by Zabbix agent 2" to host "HOST", because a host interface of type "Agent" '
             "is required\\.", True)), templates=[{"templateid": self.systemd}])
        h = self.create("a template of rules only", templates=[{"templateid": self.systemd}], interfaces=[AGENT, SNMP])
        t.equal(self.items(h), {}, "… has no items")
        one, two = ({i["type"]: i["interfaceid"] for i in self.get(h, selectInterfaces="extend")["interfaces"]}[x] for x in ("1", "2"))
        t.ok(self.call("discoveryrule.get", {"filter": {"interfaceid": one}, "countOutput": True}) > "0", "… its rules use the interface")
        self.refused("… and keep it", "host.update", {"hostid": h, "interfaces": [{"interfaceid": two}]}, TOO_LONG, 'SQL statement execution has failed .*', True)
        self.accepted("… but let it change its type", "host.update", {"hostid": h, "interfaces": [{**SNMP, "interfaceid": one, "main": 0}, {"interfaceid": two}]})

    def exchange(self):
        """Interfaces in use, unlinking with and without clearing, exchange of templates."""
        t, old = self.tap, self.v < (6, 4)
        link = lambda *ids: [{"templateid": i} for i in ids]
        h = self.create("agent and SNMP interface with ICMP Ping", name=P + "vis", interfaces=[SNMP, AGENT], templates=link(self.icmp))
        ifs = {i["type"]: i["interfaceid"] for i in self.call("hostinterface.get", {"hostids": h})}
        t.equal({i["interfaceid"] for i in self.items(h).values()}, {ifs["1"]}, "simple checks take the agent interface first")
        linked = 'Interface is linked to item "ICMP .*" on "%svis"\\.' % P
        self.refused("dropping an interface in use", "host.update", {"hostid": h, "interfaces": [SNMP]}, PARAM, linked, True)
        self.refused("making it anew", "host.update", {"hostid": h, "interfaces": [AGENT]}, PARAM, linked, True)
        self.refused("changing its type", "host.update", {
            "hostid": h, "interfaces": [{"interfaceid": ifs["1"], "type": 2, "main": 1, "details": SNMP["details"]}]}, PARAM, linked, True)
        self.accepted("changing its address in place", "host.update", {"hostid": h, "interfaces": [{"interfaceid": ifs["1"], "ip": "192.0.2.77"}, {"interfaceid": ifs["2"]}]})
        if old:
            self.refused("a second template with the same key", "host.update", {"hostid": h, "templates": link(self.icmp, self.cisco)}, PARAM,
                         'Item "icmpping" already exists on "%s", inherited from another template.' % self.get(h)["host"])
        else:
            self.refused("a second template with the same key", "host.update", {"hostid": h, "templates": link(self.icmp, self.cisco)}, PARAM,
                         'Cannot inherit item with key "icmpping" of template "Cisco IOS by SNMP" to host "%s", because an item with the same key is '
                         'already inherited from template "ICMP Ping".' % self.get(h)["host"])
        self.accepted("unlinked without clearing", "host.update", {"hostid": h, "templates": []})
        t.equal({(k, i["templateid"], i["interfaceid"]) for k, i in self.items(h).items()},
                {(k, "0", ifs["1"]) for k in ("icmpping", "icmppingloss", "icmppingsec")}, "the items stay as the host's own")
        self.refused("they still hold the interface", "host.update", {"hostid": h, "interfaces": [{"interfaceid": ifs["2"]}]}, PARAM, linked, True)
        self.accepted("a template with the same keys adopts them", "host.update", {"hostid": h, "templates": link(self.cisco)})
        i = self.items(h)["icmpping"]
        t.ok(i["templateid"] != "0" and i["interfaceid"] == ifs["1"], "… and they stay on the old interface", i)
        self.accepted("unlinked and cleared", "host.update", {"hostid": h, "templates": [], "templates_clear": link(self.cisco)})
        t.equal(self.items(h), {}, "the items are gone")
        self.accepted("clearing what is not linked is no error", "host.update", {"hostid": h, "templates_clear": link(self.icmp)})
        h = self.create("Linux by agent", interfaces=[AGENT], templates=link(self.agent))
        change = {"hostid": h, "interfaces": [SNMP], "templates": link(self.lsnmp), "templates_clear": link(self.agent)}
        if old:
            self.accepted("agent to SNMP in one call works on 6.0", "host.update", change)
        else:
            self.refused("agent to SNMP in one call is refused", "host.update", change, PARAM,
                         'Interface is linked to item ".*" on "%s"\\.' % self.get(h)["name"], True)
            self.accepted("first unlink and clear", "host.update", {"hostid": h, "templates": [], "templates_clear": link(self.agent)})
            self.accepted("… then interface and templates", "host.update", {"hostid": h, "interfaces": [SNMP], "templates": link(self.lsnmp)})
        g = self.get(h, selectParentTemplates=["name"], selectInterfaces=["type"])
        t.equal(([x["name"] for x in g["parentTemplates"]], [x["type"] for x in g["interfaces"]]), (["Linux by SNMP"], ["2"]), "it is done")

    def updates(self):
        t, old = self.tap, self.v < (6, 4)
        a, b = self.plain, self.create("a second host")
        name = self.get(b)["host"]
        pair = [{"tag": "a", "value": "1"}, {"tag": "a", "value": "1"}]
        if old:
            self.refused("no hostid", "host.update", {"host": P + "q"}, PARAM, 'Wrong fields for host "%sq".' % P)
            self.refused("an unknown hostid", "host.update", {"hostid": "99999999"}, PARAM, NO_OBJECT)
            self.refused("no groups for the second", "host.update", [{"hostid": a}, {"hostid": b, "groups": []}], PARAM, 'Host "%s" cannot be without host group.' % name)
            self.refused("tags of the second", "host.update", [{"hostid": a}, {"hostid": b, "tags": pair}], PARAM, bad("/tags/2", "value (tag, value)=(a, 1) already exists"))
            self.refused("an unknown template", "host.update", {"hostid": b, "templates": [{"templateid": "999999"}]}, APP, NO_OBJECT)
            self.refused("an unknown group", "host.update", {"hostid": b, "groups": [{"groupid": "999999"}]}, APP, NO_OBJECT)
        else:
            self.refused("no hostid", "host.update", {"host": P + "q"}, PARAM, bad("/1", 'the parameter "hostid" is missing'))
            self.refused("an unknown hostid", "host.update", {"hostid": "99999999"}, APP, NO_OBJECT)
            self.refused("a host twice", "host.update", [{"hostid": a}, {"hostid": a}], PARAM, bad("/2", "value (hostid)=(%s) already exists" % a))
            self.refused("no groups for the second", "host.update", [{"hostid": a}, {"hostid": b, "groups": []}], PARAM, bad("/2/groups", "cannot be empty"))
            self.refused("tags of the second", "host.update", [{"hostid": a}, {"hostid": b, "tags": pair}], PARAM, bad("/2/tags/2", "value (tag, value)=(a, 1) already exists"))
            self.refused("an unknown template", "host.update", {"hostid": b, "templates": [{"templateid": "999999"}]}, APP, bad("/1/templates/1", NO_PERM[:-1]))
            self.refused("an unknown group", "host.update", {"hostid": b, "groups": [{"groupid": "999999"}]}, APP, bad("/1/groups/1", NO_PERM[:-1]))
        self.refused("a name that exists", "host.update", {"hostid": b, "name": P + "visible ü"}, PARAM, 'Host with the same visible name "%svisible ü" already exists.' % P)
        self.refused("a technical name that exists", "host.update", {"hostid": b, "host": P + "plain"}, PARAM, 'Host with the same name "%splain" already exists.' % P)
        self.refused("a bad technical name", "host.update", {"hostid": b, "host": "a/b"}, PARAM, 'Incorrect characters used for host name "a/b".')
        self.refused("a visible name that is too long", "host.update", {"hostid": b, "name": "x" * 129}, TOO_LONG,
                     'Value "%s" is too long for field "name" - 129 characters. Allowed length is 128 characters.' % ("x" * 129))
        self.refused("an empty visible name", "host.update", {"hostid": b, "name": " "}, PARAM, "Visible name cannot be empty if host name is missing.")
        self.refused("all or nothing", "host.update", [{"hostid": a, "description": "changed"}, {"hostid": b, "host": "a/b"}], PARAM,
                     'Incorrect characters used for host name "a/b".')
        t.equal(self.get(a, output=["description"])["description"], "", "… nothing of the call is applied")
        self.accepted("the same again is fine", "host.update", {"hostid": a, "host": P + "plain", "name": P + "visible ü"})
        self.accepted("a new technical name alone", "host.update", {"hostid": a, "host": P + "renamed"})
        t.equal(self.get(a)["name"], P + "renamed", "… becomes the visible name too")
        self.accepted("everything at once", "host.update", {
            "hostid": a, "host": P + "all", "name": P + "all ü", "status": 1, "description": "d\n2", "groups": [{"groupid": self.group}, {"groupid": self.group2}],
            "templates": [{"templateid": self.icmp}], "tags": [{"tag": "t", "value": "v"}], "macros": [{"macro": "{$X}", "value": "y"}],
            "inventory_mode": 0, "inventory": {"os": "o"}, "interfaces": [AGENT], "tls_connect": 2, "tls_accept": 2,
            "tls_psk_identity": P + "all", "tls_psk": "ab" * 16})
        sel = {"selectGroups": ["name"]} if self.v < (7, 2) else {"selectHostGroups": ["name"]}
        g = self.get(a, output=["host", "name", "status", "description", "tls_connect"], selectParentTemplates=["name"], selectTags="extend", **sel)
        key = "groups" if self.v < (7, 2) else "hostgroups"
        t.equal((g["host"], g["name"], g["status"], g["description"], g["tls_connect"], sorted(x["name"] for x in g[key]),
                 [x["name"] for x in g["parentTemplates"]]),
                (P + "all", P + "all ü", "1", "d\n2", "2", [P + "g", P + "g/sub"], ["ICMP Ping"]), "… and it is all there")
        g = self.get(a, output=["host"], selectMacros=["macro"], selectTags=["tag"], selectInventory=["os"], selectInterfaces=["port"], selectParentTemplates=["host"])
        t.equal((g["macros"], g["tags"], g["inventory"], g["interfaces"], [x["host"] for x in g["parentTemplates"]]),
                ([{"macro": "{$X}"}], [{"tag": "t"}], {"os": "o"}, [{"port": "10050"}], ["ICMP Ping"]), "several selects each keep their own fields")
        self.accepted("many hosts in one call", "host.update", [{"hostid": a, "status": 0}, {"hostid": b, "status": 1}])
        t.equal((self.get(a, output=["status"])["status"], self.get(b, output=["status"])["status"]), ("0", "1"), "… are changed")

    def mass(self):
        old, h = self.v < (6, 4), self.create("a host for mass calls", interfaces=[AGENT])
        self.accepted("massadd of group, template, macro", "host.massadd", {
            "hosts": [{"hostid": h}], "groups": [{"groupid": self.group2}], "templates": [{"templateid": self.icmp}],
            "macros": [{"macro": "{$M}", "value": "1"}]})
        g = self.get(h, selectParentTemplates=["name"], selectMacros=["macro"])
        self.tap.equal(([x["name"] for x in g["parentTemplates"]], [x["macro"] for x in g["macros"]]), (["ICMP Ping"], ["{$M}"]), "… is added")
        self.refused("massremove of the last groups", "host.massremove", {"hostids": [h], "groupids": [self.group, self.group2]}, PARAM,
                     'Host "%s" cannot be without host group.' % self.get(h)["host"])
        self.accepted("massremove", "host.massremove", {"hostids": [h], "groupids": [self.group2], "templateids_clear": [self.icmp], "macros": ["{$M}"]})
        self.tap.equal(self.items(h), {}, "… clears")
        self.accepted("massupdate of status", "host.massupdate", {"hosts": [{"hostid": h}], "status": 1})
        denied = "You do not have permission to perform this operation."
        self.refused("massadd to an unknown host", "host.massadd", {"hosts": [{"hostid": "99999999"}], "groups": [{"groupid": self.group}]}, APP,
                     denied if old else bad("/hosts/1", NO_PERM[:-1]))

    def batches(self):
        t = self.tap
        good, worse = self.host(), self.host(host="a/b")
        calls = [self.request("host.create", [good]), self.request("host.create", [worse], id="two"), self.request("host.get", {"countOutput": True}, id=3)]
        headers = {"Content-Type": "application/json-rpc"}
        if self.v < (6, 4):
            for c in calls:
                c["auth"] = self.session
        else:
            headers["Authorization"] = "Bearer " + self.session
        out = self.post(calls, headers).json()
        t.equal([(o["id"], "result" in o) for o in out], [(1, True), ("two", False), (3, True)], "a batch runs each call on its own")

    def reading(self):
        t, v = self.tap, self.v
        hosts = self.call("host.get", {"output": ["hostid"], "search": {"host": P}, "startSearch": True})
        ids = [h["hostid"] for h in hosts]
        t.equal(list(hosts[0]), ["hostid"], "output limits the keys")
        t.equal(self.call("host.get", {"hostids": [], "output": ["host"]}), [], "an empty list of ids means none")
        t.ok(len(self.call("host.get", {"hostids": None, "output": []})) >= len(ids), "null ids mean all")
        t.equal(self.call("host.get", {"hostids": ids[:3], "countOutput": True}), "3", "countOutput is text")
        t.equal(self.call("host.get", {"hostids": ids[0], "output": ["host"], "preservekeys": True}).keys(), {ids[0]}, "preservekeys")
        t.equal(self.call("host.get", {"hostids": ["99999999"], "preservekeys": True}), [], "preservekeys of nothing is a list")
        t.equal(sorted(self.call("host.get", {"hostids": ids[0], "output": ["foo", "host"]})[0]), ["host", "hostid"], "an unknown output field is ignored")
        got = [int(h["hostid"]) for h in self.call("host.get", {"output": ["hostid"], "sortfield": "hostid", "hostids": ids})]
        t.equal(got, sorted(int(i) for i in ids), "sortfield hostid sorts by number")
        t.equal(len(self.call("host.get", {"output": ["hostid"], "limit": 2})), 2, "limit")
        self.refused("sorting by an unknown field", "host.get", {"sortfield": "foo"}, APP, 'Sorting by field "foo" not allowed.')
        t.equal([h["host"] for h in self.call("host.get", {"output": ["host"], "filter": {"host": [P + "all", P + "none"]}})], [P + "all"], "filter by names")
        t.equal([h["host"] for h in self.call("host.get", {"output": ["host"], "groupids": [self.group2]})], [P + "all"], "groupids")
        t.equal(self.call("host.get", {"output": ["host"], "templateids": [self.icmp], "filter": {"host": P + "all"}})[0]["host"], P + "all", "templateids")
        t.equal(self.call("host.get", {"countOutput": True, "tags": [{"tag": "t", "value": "v", "operator": 1}], "groupids": [self.group]}), "1", "tags, operator equals")
        full = self.call("host.get", {"output": "extend", "filter": {"host": P + "all"}})[0]
        want = {"proxy_hostid"} if v < (7, 0) else {"proxyid", "proxy_groupid", "monitored_by", "assigned_proxyid"}
        t.ok(want <= set(full), "the proxy fields of the version", sorted(full))
        t.ok(all(isinstance(x, str) for x in full.values()), "every value is text", full)
        t.equal(("vendor_name" in full, "active_available" in full, "lastaccess" in full), (v >= (6, 4), v >= (6, 4), v < (6, 4)), "keys by version")
        g = self.call("host.get", {"output": [], "filter": {"host": P + "all"}, "selectHostGroups": ["name"]})[0]
        t.equal("hostgroups" in g, v >= (6, 2), "selectHostGroups from 6.2")
        g = self.call("host.get", {"output": [], "hostids": ids[0], "selectGroups": ["name"]})[0]
        t.equal("groups" in g, v < (7, 2), "selectGroups up to 7.0")
        self.refused("an unknown field in selectTags", "host.get", {"hostids": ids[0], "selectTags": ["foo"]}, *self.by_version(
            (APP, 'applyQueryOutputOptions: field "host_tag.foo" does not exist.'),
            (PARAM, 'Invalid parameter "/selectTags/1": value must be one of "tag", "value", "automatic".')))
        r = self.call("template.get", {"output": ["templateid", "host", "name"], "filter": {"name": ["ICMP Ping"]}})
        t.equal(r, [{"templateid": self.icmp, "host": "ICMP Ping", "name": "ICMP Ping"}] if list(r[0])[0] == "templateid" else r, "template.get by name")
        r = self.raw("templategroup.get", {"output": ["name"], "filter": {"name": ["Templates"]}})
        t.equal("result" in r, v >= (6, 2), "templategroup.get from 6.2")
        t.equal("result" in self.raw("proxygroup.get", {}), v >= (7, 0), "proxygroup.get from 7.0")
        r = self.call("user.get", {"output": ["userid", "roleid", "username"], "selectRole": ["type"], "filter": {"username": self.user}})
        t.equal(r[0]["role"]["type"], "3", "user.get tells the role's type")

    def group_calls(self):
        t, v = self.tap, self.v
        p = "/1/name"
        self.refused("a group that exists", "hostgroup.create", {"name": P + "g"}, PARAM, 'Host group "%sg" already exists.' % P)
        self.refused("a group without name", "hostgroup.create", {"name": ""}, PARAM, bad(p, "cannot be empty"))
        self.refused("a name that is too long", "hostgroup.create", {"name": P + "x" * 255}, PARAM, bad(p, "value is too long"))
        for name in ("/" + P, P + "/", P + "a//b"):
            self.refused("the group name %r" % name, "hostgroup.create", {"name": name}, PARAM, bad(p, "invalid host group name"))
        self.refused("an unknown key", "hostgroup.create", {"name": P + "q", "foo": 1}, PARAM, bad("/1", 'unexpected parameter "foo"'))
        self.refused("a name twice in a call", "hostgroup.create", [{"name": P + "q"}, {"name": P + "q"}], PARAM, bad("/2", "value (name)=(%sq) already exists" % P))
        r = self.accepted("two nested groups without parents", "hostgroup.create", [{"name": P + "a/b/c"}, {"name": P + "a/b/ü"}])
        t.equal(self.call("hostgroup.get", {"filter": {"name": [P + "a", P + "a/b"]}, "output": ["name"]}), [], "… parents are not made")
        g = self.call("hostgroup.get", {"groupids": r["groupids"][:1]})[0]
        t.equal(sorted(g), ["flags", "groupid", "internal", "name", "uuid"] if v < (6, 2) else ["flags", "groupid", "name", "uuid"], "a group's keys")
        g = self.call("hostgroup.get", {"groupids": self.group2, "output": ["name"], "selectHosts": ["host"]})[0]
        t.equal([h["host"] for h in g["hosts"]], [P + "all"], "selectHosts")
        self.refused("deleting the only group of a host", "hostgroup.delete", [self.group], PARAM, 'Host ".*" cannot be without host group\\.', True)
        self.refused("deleting an unknown group", "hostgroup.delete", ["999999"], APP, NO_OBJECT)

    def deletes(self):
        a, b = self.create("one to delete"), self.create("another")
        self.refused("an unknown id", "host.delete", [a, "99999999"], APP, NO_OBJECT)
        self.tap.equal(self.call("host.get", {"hostids": a, "countOutput": True}), "1", "… deletes nothing")
        self.refused("nothing", "host.delete", [], PARAM, bad("/", "cannot be empty"))
        self.refused("an id twice", "host.delete", [a, a], PARAM, bad("/2", "value (%s) already exists" % a))
        self.accepted("two at once", "host.delete", [a, b])
        self.tap.equal(self.call("host.get", {"hostids": [a, b], "countOutput": True}), "0", "… are gone")

    def rights(self):
        """What users without full rights see and get."""
        t, old = self.tap, self.v < (6, 4)
        g = self.call("usergroup.create", {"name": P + "ug", ("rights" if old else "hostgroup_rights"): [{"id": self.group2, "permission": 2}]})["usrgrpids"][0]
        uids = []
        try:
            for role in ("1", "2"):
                name = "%su%s" % (P, role)
                uids += self.call("user.create", {"username": name, "passwd": "Zx9$kfjw!aa", "roleid": role, "usrgrps": [{"usrgrpid": g}]})["userids"]
                s = self.raw("user.login", {"username": name, "password": "Zx9$kfjw!aa"}, None)["result"]
                r = self.raw("host.get", {"output": ["host"]}, s)
                t.equal([h["host"] for h in r.get("result", [])], [P + "all"], "role %s sees the hosts of its groups only" % role)
                e = self.raw("host.update", {"hostid": self.plain, "status": 0}, s).get("error", {})
                if role == "1":
                    t.equal((e.get("code"), e.get("data")), (PARAM if old else APP, 'No permissions to call "host.update".'), "a user may not write at all")
                else:
                    t.equal((e.get("code"), e.get("data")), (PARAM if old else APP, NO_OBJECT), "an admin may not write what it may only read")
                e = self.raw("hostgroup.create", {"name": P + "never"}, s).get("error", {})
                t.equal(e.get("data"), 'No permissions to call "hostgroup.create".', "role %s may not create groups" % role)
        finally:
            if uids:
                self.call("user.delete", uids)
            self.call("usergroup.delete", [g])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--url", required=True)
    p.add_argument("--user", default="Admin")
    p.add_argument("--password", default="zabbix")
    p.add_argument("--token")
    p.add_argument("--prefix", default="", help="put before each line's text")
    a = p.parse_args()
    tap = Tap(a.prefix)
    Contract(a.url, a.user, a.password, a.token, tap).run()
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
