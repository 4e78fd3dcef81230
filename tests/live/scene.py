# SPDX-License-Identifier: Apache-2.0
"""What a scenario has at hand: an empty Zabbix with a few foreign things, the filled NetBox, zync between two counting proxies."""
import os
import re
import shutil

import checker
import desired
import netbox_api
import proxy
import zabbix_api
import zync

OURS = "live-netbox"
NO_ADDRESS = "live-no-address"
# Every value begins with a mark that is nowhere else, so that a leak is found however the rest is escaped.
SECRETS = {"LIVE_SECRET": "Zq7SecretMacro \"ü\\ end", "LIVE_COMMUNITY": "Zq7Community", "LIVE_AUTH": "Zq7AuthPhrase",
           "LIVE_PRIV": "Zq7PrivPhrase", "LIVE_K8S": "Zq7Kubernetes", "LIVE_PASSWORD": "Zq7LoginPassword"}
CHANGED_SECRET = "Zq7ChangedSecret"
MARKS = ["Zq7SecretMacro", "Zq7Community", "Zq7AuthPhrase", "Zq7PrivPhrase", "Zq7Kubernetes", "Zq7LoginPassword", CHANGED_SECRET, "Zq7Wrong", "Zq7Ipmi", "Zq7Context",
         "a1b2c3d4e5f60718293a4b5c6d7e8f90", "00112233445566778899aabbccddeeff"]


class Suite:
    """One Zabbix version: the servers and the proxies in front of them, and the TAP that all scenarios write to."""

    def __init__(self, lab, version, program, folder, tap):
        self.lab, self.version, self.program, self.folder, self.tap = lab, version, program, folder, tap
        self.v7 = version == "70"
        access = lab.zabbix(version)
        self.zabbix_access, self.netbox_access = access, lab.netbox_access()
        self.zabbix = zabbix_api.ZabbixApi(access["url"], access["token"], version)
        self.netbox = netbox_api.NetBoxApi(self.netbox_access["url"], self.netbox_access["token"])
        self.zabbix_proxy = proxy.Proxy(access["url"], "zabbix")
        self.netbox_proxy = proxy.Proxy(self.netbox_access["url"], "netbox")
        self.secrets = dict(SECRETS, LIVE_NETBOX_TOKEN=self.netbox_access["token"], LIVE_ZABBIX_TOKEN=access["token"])

    def stop(self):
        self.zabbix_proxy.stop()
        self.netbox_proxy.stop()


def prepare_netbox(api):
    """Objects that the rules cannot make a host of for want of an address get a tag that leaves them out; some scenarios look at them."""
    rules = desired.Rules(SECRETS | {"LIVE_NETBOX_TOKEN": "", "LIVE_ZABBIX_TOKEN": ""}, True)
    objects = list(api.objects())
    if not any(tag["slug"] == NO_ADDRESS for tag in api.list("extras/tags/")):
        api.call("POST", "extras/tags/", {"name": NO_ADDRESS, "slug": NO_ADDRESS, "color": "9e9e9e"})
    _, failed, _, _ = desired.expectations(objects, rules)
    for kind, path in (("device", netbox_api.DEVICES), ("vm", netbox_api.VMS)):
        rows = [{"id": o["id"], "tags": [{"slug": tag["slug"]} for tag in o["tags"]] + [{"slug": NO_ADDRESS}]}
                for k, o in objects if k == kind and (k, o["id"]) in failed]
        if rows:
            api.call("PATCH", path, rows)
    return len(failed)


class Scene:
    def __init__(self, suite, name):
        self.suite, self.tap, self.lab, self.name = suite, suite.tap, suite.lab, name
        self.zabbix, self.netbox, self.v7 = suite.zabbix, suite.netbox, suite.v7
        self.zp, self.np = suite.zabbix_proxy, suite.netbox_proxy
        self.folder = os.path.join(suite.folder, suite.version + "-" + name)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.server = "zabbix" + suite.version  # its name in the lab
        self.more = None  # rules of this scenario beside those of desired.py
        self.objects = None  # of NetBox, as they were at the first pick()
        self.zync = None
        self.tap.prefix = "%s %s: " % ({"60": "Zabbix 6.0", "70": "Zabbix 7.0"}[suite.version], name)

    def __enter__(self):
        self.netbox.undo.clear()
        self.start_over("rich")
        return self

    def start_over(self, name):
        """An empty Zabbix and a zync that knows nothing."""
        self.lab.reset(self.server)
        self._foreign()
        self.zync = self.new_zync(name)
        self.clear()

    def __exit__(self, *_):
        for one in (self.zp, self.np):
            one.hooks.clear()
            one.up()
        self.netbox.restore()

    def new_zync(self, name, **values):
        words = {"NETBOX_URL": self.np.url, "ZABBIX_URL": self.zp.url, "NETBOX_MORE": "", "SYNC_MORE": "", "LOG_FORMAT": "text",
                 "ZABBIX_LOGIN": "  token: ${LIVE_ZABBIX_TOKEN}", "MAPPINGS_MORE": "",
                 "GLOBEX_PROXY": "proxy_group: live-group" if self.v7 else "proxy: live-proxy-2"}
        return zync.Zync(self.suite.program, os.path.join(self.folder, name), "rich.yaml.in", words | values, self.suite.secrets)

    def _foreign(self):
        """Proxies and templates that the mappings name, and hosts that are not ours."""
        z = self.zabbix
        z.proxy("live-proxy-1")
        z.proxy("live-proxy-2", z.proxy_group("live-group") if self.v7 else None)
        z.template("Live SNMP", [("live.uptime", 20, {"snmp_oid": "1.3.6.1.2.1.1.3.0"})])
        z.template("Live agent", [("live.agent", 0, {})])
        group = z.group("Foreign")
        agent = {"type": 1, "main": 1, "useip": 1, "ip": "192.0.2.77", "dns": "", "port": "10050"}
        z.call("host.create", [
            {"host": "foreign-1", "name": "Fremd ä", "groups": [{"groupid": group}], "interfaces": [agent],
             "templates": [{"templateid": z.template_id("Linux by Zabbix agent")}], "tags": [{"tag": "by", "value": "hand"}]},
            {"host": "foreign-2", "groups": [{"groupid": group}], "macros": [{"macro": "{$X}", "value": "1"}], "status": 1},
            {"host": "foreign-3", "groups": [{"groupid": group}], "inventory_mode": 0, "inventory": {"notes": "x"}}])

    # what must be, what is

    def wanted(self, zync_=None):
        """(hosts by (kind, id), failed, removed, skipped) as of now."""
        one = zync_ or self.zync
        return desired.expectations(list(self.netbox.objects()), desired.Rules(one.secrets, self.v7, self.more))

    def view(self):
        return checker.View(self.zabbix, OURS)

    def rules_text(self, text):
        """More mappings at the end of the configuration, indented as they must be; "" takes them away."""
        self.zync.configure(MAPPINGS_MORE="\n".join("  " + line for line in text.strip().splitlines()))

    def pick(self, used, kind, test=lambda o: True):
        """The first ordinary object (active, with an address and an ASCII name of its own) that passes; it is used up."""
        if self.objects is None:
            self.objects = list(self.netbox.objects())
        for k, o in self.objects:
            key = (k, o["id"])
            if (k == kind and key not in used and o.at("status", "value") == "active" and o["primary_ip4"] and not o["primary_ip6"]
                    and re.fullmatch(r"[a-z0-9.-]+[0-9]{3}(\.example\.net)?", o["name"] or "") and test(o)):
                used.add(key)
                return key, o
        raise AssertionError("NetBox has no object for this scenario")

    def clear(self):
        """Forget the calls so far."""
        self.zp.take()
        self.np.take()

    def key_of(self, pk):
        """(kind, id) of a host config."""
        rows = self.zync.rows("SELECT object_type, object_id FROM host_config WHERE pk = ?", pk)
        return tuple(rows[0]) if rows else None

    # the usual steps, each with its checks

    def first_sync(self, zync_=None):
        """A first sync that must go well; gives the view after it."""
        result = (zync_ or self.zync).run("sync", "--json")
        self.tap.equal(result.code, 0, "the first sync ends with 0", str(result))
        return self.view()

    def converged(self, label, zync_=None, ignore=(), code=0):
        """Every host as it must be, no double, and nothing left to do: a plan without operations, a sync without a write call."""
        one = zync_ or self.zync
        wanted = self.wanted(one)[0]
        view = self.view()
        self.tap.none(view.check(wanted, ignore), label + ": every host is what the rules say")
        self.clear()
        plan = one.run("plan", "--json", "--detailed-exit-code")
        self.tap.equal((plan.code, [op["action"] for op in plan.json["operations"] if op["action"] != "fail"] if plan.out else None),
                       (0, []), label + ": the plan is empty", str(plan))
        again = one.run("sync", "--json")
        self.tap.equal(again.code, code, label + ": another sync ends with %d" % code, str(again))
        self.tap.none(proxy.writes(self.zp.take()) + proxy.writes(self.np.take()), label + ": another sync makes no write call")
        return view
