# SPDX-License-Identifier: Apache-2.0
"""The simulator's own promises: faults, control interface, determinism, size. Called by run-sim."""
import http.client
import json
import socket
import time
import urllib.parse


class Client:
    """JSON over one connection a call, so that each fault is seen by itself."""

    def __init__(self, facts):
        self.f = facts

    def raw(self, url, method="GET", body=None, headers=None, timeout=10):
        u = urllib.parse.urlsplit(url)
        c = http.client.HTTPConnection(u.hostname, u.port, timeout=timeout)
        try:
            c.request(method, u.path + ("?" + u.query if u.query else ""),
                      None if body is None else json.dumps(body), headers or {})
            r = c.getresponse()
            return r.status, {k.lower(): v for k, v in r.getheaders()}, r.read()
        finally:
            c.close()

    def control(self, method, path, body=None):
        return json.loads(self.raw(self.f["zabbix_url"] + "/_sim/" + path, method, body)[2])

    def zabbix(self, method, params, timeout=10, token=None, url="zabbix_url"):
        body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        h = {"Content-Type": "application/json-rpc"}
        if method != "apiinfo.version":
            h["Authorization"] = "Bearer " + (token or self.f["zabbix_token"])
        return json.loads(self.raw(self.f[url] + "/api_jsonrpc.php", "POST", body, h, timeout)[2])

    def netbox(self, path, method="GET", body=None):
        h = {"Authorization": "Bearer " + self.f["netbox_token"], "Content-Type": "application/json"}
        s, headers, data = self.raw(self.f["netbox_url"] + "/api/" + path, method, body, h)
        return s, headers, json.loads(data) if data else None

    def outcome(self, work):
        """What a caller sees of a fault of the transport."""
        try:
            return work()
        except http.client.RemoteDisconnected:
            return "closed"
        except ConnectionResetError:
            return "reset"
        except http.client.IncompleteRead as e:
            return "half %d" % len(e.partial)
        except (TimeoutError, socket.timeout):
            return "timeout"
        except ValueError:
            return "no json"


def run(tap, sim):
    with sim("--hosts", "50", "--vms", "10", "--zabbix-servers", "2") as facts:
        c = Client(facts)
        faults(tap, c)
        calls(tap, c)
        control(tap, c)
    same(tap, sim)
    size(tap, sim)


def faults(tap, c):
    host = lambda n: [{"host": "fault-%s" % n, "groups": [{"groupid": "2"}]}]
    there = lambda n: c.zabbix("host.get", {"countOutput": True, "filter": {"host": "fault-%s" % n}})["result"] == "1"
    for kind, seen, done in (("reset_before", "reset", False), ("reset_after", "reset", True), ("close_before", "closed", False),
                             ("close_after", "closed", True), ("half_body", None, True), ("truncate_json", "no json", True),
                             ("empty_body", "no json", False), ("html", "no json", False), ("hang", "timeout", False),
                             ("hang_after", "timeout", True)):
        c.control("POST", "fault", {"server": "zabbix", "match": "host.create", "kind": kind, "times": 1})
        got = c.outcome(lambda: c.zabbix("host.create", host(kind), timeout=1))
        # A reset in the middle of a body reaches a client as the one or the other.
        good = got == seen if seen else got == "reset" or str(got).startswith("half")
        tap.ok(good, "fault %s is seen as %s" % (kind, seen or "half a body"), got)
        tap.equal(there(kind), done, "… and the call was %scarried out" % ("" if done else "not "))
        c.control("DELETE", "fault")
    c.control("POST", "fault", {"match": "apiinfo.version", "kind": "empty_body", "after": 1, "every": 2, "times": 2})
    got = [c.outcome(lambda: c.zabbix("apiinfo.version", [])) == "no json" for _ in range(8)]
    tap.equal(got, [False, False, True, False, True, False, False, False], "after, every and times")
    tap.equal([(r["seen"], r["hits"]) for r in c.control("GET", "fault")], [(8, 2)], "a rule tells how often it was seen and struck")
    c.control("DELETE", "fault")
    c.control("POST", "fault", {"server": "netbox", "match": "GET /api/dcim/*", "kind": "status", "status": 429, "retry_after": 7,
                                "body": {"detail": "slow down"}, "nth": 2})
    first, second, third = (c.netbox("dcim/sites/?limit=1") for _ in range(3))
    tap.equal((first[0], second[0], second[1].get("retry-after"), second[2], third[0]), (200, 429, "7", {"detail": "slow down"}, 200),
              "the second matching call gets 429 and Retry-After")
    c.control("DELETE", "fault")
    c.control("POST", "fault", {"server": "netbox", "kind": "latency", "ms": 300})
    start = time.monotonic()
    c.netbox("dcim/sites/?limit=1")
    tap.ok(time.monotonic() - start > 0.29, "latency")
    c.control("DELETE", "fault")
    c.control("POST", "fault", {"server": "zabbix2", "kind": "status", "status": 503})
    tap.ok("result" in c.zabbix("apiinfo.version", []), "a fault of one server leaves the others alone")
    tap.equal(c.outcome(lambda: c.zabbix("apiinfo.version", [], url="zabbix2_url")), "no json", "… and hits its own")
    c.control("DELETE", "fault")
    c.control("POST", "fault", {"match": "apiinfo.version", "kind": "status", "probability": 0.5})
    hits = sum(c.outcome(lambda: c.zabbix("apiinfo.version", [])) == "no json" for _ in range(100))
    tap.ok(25 < hits < 75, "probability", hits)
    c.control("DELETE", "fault")
    s, _, body = c.raw(c.f["zabbix_url"] + "/_sim/fault", "POST", {"kind": "nonsense"})
    tap.ok(s == 400 and b"unknown kind" in body, "an unknown kind of fault is refused")


def calls(tap, c):
    rows = [{"host": "call-%d" % n, "groups": [{"groupid": "2"}]} for n in range(3)]
    c.control("POST", "fault", {"match": "host.*", "kind": "refuse_host", "host": "call-1", "text": "No room for call-1."})
    r = c.zabbix("host.create", rows)
    tap.equal(r.get("error"), {"code": -32602, "message": "Invalid params.", "data": "No room for call-1."}, "a refused host fails its array")
    tap.equal(c.zabbix("host.get", {"search": {"host": "call-"}, "countOutput": True})["result"], "0", "… as a whole")
    tap.ok("result" in c.zabbix("host.create", [rows[0], rows[2]]), "… and the others pass without it")
    c.control("DELETE", "fault")
    c.control("POST", "fault", {"match": "host.get", "kind": "jsonrpc_error", "code": -32500, "data": "Database error occurred.", "nth": 1})
    tap.equal(c.zabbix("host.get", {"limit": 1}).get("error", {}).get("data"), "Database error occurred.", "a JSON-RPC error")
    c.control("DELETE", "fault")
    login = {"jsonrpc": "2.0", "method": "user.login", "params": {"username": "Admin", "password": "zabbix"}, "id": 1}
    session = json.loads(c.raw(c.f["zabbix_url"] + "/api_jsonrpc.php", "POST", login, {"Content-Type": "application/json"})[2])["result"]
    tap.ok("result" in c.zabbix("host.get", {"limit": 1}, token=session), "a session")
    c.control("POST", "fault", {"match": "host.get", "kind": "session_end", "nth": 1})
    tap.equal([c.zabbix("host.get", {"limit": 1}, token=session).get("error", {}).get("data") for _ in range(2)],
              ["Session terminated, re-login, please."] * 2, "a session that ends stays ended")
    c.control("DELETE", "fault")


def control(tap, c):
    c.control("POST", "stats/reset")
    c.zabbix("host.get", {"limit": 1})
    c.zabbix("host.update", [{"hostid": "10084", "status": 0}, {"hostid": "10084", "status": 0}])
    c.netbox("dcim/devices/?limit=1")
    s = c.control("GET", "stats")
    tap.equal((s["zabbix"]["calls"], s["zabbix"]["write_calls"], s["zabbix"]["objects"]), (
        {"host.get": 1, "host.update": 1}, 1, {"host.update": 2}), "stats count calls, write calls and objects")
    tap.equal(s["netbox"]["calls"], {"GET /api/dcim/devices/": 1}, "… of each server")
    d = c.netbox("dcim/devices/?limit=1&name__isw=ber1-&status=active")[2]["results"][0]
    c.control("POST", "mutate", [{"table": "dcim/devices", "id": d["id"], "set": {"name": "renamed by hand"}},
                                 {"server": "zabbix", "do": "create", "host": "by hand", "groups": ["Linux servers"]},
                                 {"server": "zabbix", "do": "update", "host": "by hand", "set": {"tags": [{"tag": "x"}]}}])
    tap.equal(c.netbox("dcim/devices/%d/" % d["id"])[2]["name"], "renamed by hand", "mutate changes NetBox")
    dump = {h["host"]: h for h in c.control("GET", "dump")}
    tap.equal((dump["by hand"]["tags"], dump["by hand"]["groups"]), ([["x", ""]], ["Linux servers"]), "… and Zabbix; dump shows it")
    tap.ok(sum(h["flags"] == 4 for h in dump.values()) == 5, "some hosts are discovered")
    disc = next(h for h in dump.values() if h["flags"] == 4)
    r = c.zabbix("host.update", {"hostid": str(disc["hostid"]), "name": "x"})
    tap.equal(r["error"]["data"], 'Cannot update "name" for a discovered host "%s".' % disc["host"], "a discovered host is read-only")
    c.control("POST", "mutate", {"table": "dcim/devices", "do": "delete", "id": d["id"]})
    tap.equal(c.netbox("dcim/devices/%d/" % d["id"])[0], 404, "mutate deletes")
    tap.equal(c.raw(c.f["netbox_url"] + "/_sim/nonsense")[0], 404, "an unknown control request")
    p = c.netbox("dcim/sites/1/", "PATCH", {"facility": "x"})[0]
    ro = dict(c.f, netbox_token=c.f["netbox_token_readonly"])
    s, _, body = Client(ro).netbox("dcim/sites/1/", "PATCH", {"facility": "y"})
    tap.equal((p, s, body), (200, 403, {"detail": "You do not have permission to perform this action."}), "the read-only token may not write")


def same(tap, sim):
    def shot(seed):
        with sim("--hosts", "300", "--seed", seed) as f:
            c = Client(f)
            return [(d["name"], d["site"]["slug"], d["status"]["value"], (d["primary_ip4"] or {}).get("address"))
                    for d in c.netbox("dcim/devices/?limit=1000&ordering=id")[2]["results"]]
    a, b, other = shot("7"), shot("7"), shot("8")
    tap.ok(a == b, "the same seed gives the same data")
    tap.ok(a != other, "another seed gives other data")
    names = [x[0] for x in a]
    tap.ok(None in names and len(set(names)) < len(names) and any(n and len(n) == 64 for n in names),
           "there are unnamed, repeated and longest names")
    tap.equal({x[2] for x in a}, {"active", "offline", "planned", "staged", "failed", "inventory", "decommissioning"}, "every status occurs")


def size(tap, sim):
    start = time.monotonic()
    with sim("--hosts", "20000", "--vms", "0") as f:
        tap.ok(time.monotonic() - start < 15, "20,000 devices start in a few seconds")
        c, got, last, pages = Client(f), 0, 0, []
        while True:
            at = time.monotonic()
            r = c.netbox("dcim/devices/?limit=1000&start=%d&fields=id,name,primary_ip4" % (last + 1))[2]
            pages.append(time.monotonic() - at)
            got += len(r["results"])
            if r["next"] is None:
                break
            last = r["results"][-1]["id"]
        tap.equal(got, 20000, "a walk by cursor gives every device")
        tap.ok(max(pages[-5:]) < 10 * max(pages[:5]) + 0.5, "late pages cost what early ones cost", pages)
