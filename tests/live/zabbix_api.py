# SPDX-License-Identifier: Apache-2.0
"""Zabbix's API for the tests: calls, hosts read back in one plain form, and what must exist beforehand."""
import json
import urllib.request

TIMEOUT_S = 120
GRAVEYARD = "Zync/Graveyard"


class ApiError(Exception):
    pass


class ZabbixApi:
    def __init__(self, url, token, version):
        self.url, self.token, self.v7 = url + "/api_jsonrpc.php", token, version == "70"

    def call(self, method, params):
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        headers = {"Content-Type": "application/json-rpc"}
        if self.v7:
            headers["Authorization"] = "Bearer " + self.token
        else:
            body["auth"] = self.token
        request = urllib.request.Request(self.url, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:
            answer = json.load(reply)
        if "error" in answer:
            raise ApiError("%s: %s" % (method, answer["error"].get("data") or answer["error"]))
        return answer["result"]

    # what must be there

    def group(self, name):
        found = self.call("hostgroup.get", {"filter": {"name": [name]}})
        return found[0]["groupid"] if found else self.call("hostgroup.create", {"name": name})["groupids"][0]

    def template_id(self, name):
        found = self.call("template.get", {"filter": {"host": [name]}, "output": ["templateid"]})
        return found[0]["templateid"] if found else None

    def template(self, name, items):
        """A template with items: (key, type number, further members)."""
        if self.v7:
            groups = self.call("templategroup.get", {"filter": {"name": ["Templates"]}})
        else:
            groups = self.call("hostgroup.get", {"filter": {"name": ["Templates"]}})
        ident = self.call("template.create", {"host": name, "groups": [{"groupid": groups[0]["groupid"]}]})["templateids"][0]
        for key, kind, more in items:
            self.call("item.create", {"hostid": ident, "name": key, "key_": key, "type": kind, "value_type": 3, "delay": "1m", **more})
        return ident

    def proxy(self, name, group=None):
        if not self.v7:
            return self.call("proxy.create", {"host": name, "status": "5"})["proxyids"][0]
        more = {"proxy_groupid": group, "local_address": "127.0.0.1"} if group else {}
        return self.call("proxy.create", {"name": name, "operating_mode": "0", **more})["proxyids"][0]

    def proxy_group(self, name):
        return self.call("proxygroup.create", {"name": name})["proxy_groupids"][0]

    def user(self, name, password):
        return self.call("user.create", {"username": name, "passwd": password, "roleid": "3", "usrgrps": [{"usrgrpid": "7"}]})["userids"][0]

    # hosts

    def hosts(self, **params):
        """All hosts, discovered ones too, as Zabbix gives them; the keys of old and new versions made the same."""
        groups = "selectHostGroups" if self.v7 else "selectGroups"
        hosts = self.call("host.get", {
            "output": "extend", groups: ["groupid", "name"], "selectParentTemplates": ["templateid", "host"], "selectInterfaces": "extend",
            "selectTags": ["tag", "value"], "selectMacros": "extend", "selectInventory": "extend", "sortfield": "hostid", **params})
        for host in hosts:
            host["groups"] = host.pop("hostgroups", None) or host.pop("groups", None) or []
        return hosts

    def host(self, name):
        found = self.hosts(filter={"host": [name]})
        return found[0] if found else None

    def proxy_names(self):
        """{("proxy", id): name, ("group", id): name}"""
        if not self.v7:
            return {("proxy", p["proxyid"]): p["host"] for p in self.call("proxy.get", {"output": ["proxyid", "host"]})}
        names = {("proxy", p["proxyid"]): p["name"] for p in self.call("proxy.get", {"output": ["proxyid", "name"]})}
        names.update({("group", g["proxy_groupid"]): g["name"] for g in self.call("proxygroup.get", {"output": ["proxy_groupid", "name"]})})
        return names
