# SPDX-License-Identifier: Apache-2.0
"""The control interface under /_sim/ of every port; see README.md."""
import json

from .faults import FaultError
from .http import json_response


class Control:
    """servers: name -> (api, stats). `netbox` and `zabbix…` are the names."""

    def __init__(self, faults, servers):
        self.faults = faults
        self.servers = servers
        self.saved = {}

    async def handle(self, request):
        what = request.path[len("/_sim/"):].strip("/")
        try:
            body = json.loads(request.body) if request.body else None
            return self.route(request.method, what, body)
        except (FaultError, KeyError, ValueError, TypeError, AttributeError) as e:
            return json_response({"error": "%s: %s" % (type(e).__name__, e)}, 400)

    def route(self, method, what, body):
        if (method, what) == ("GET", "stats"):
            return json_response({name: stats.as_dict() for name, (_, stats) in self.servers.items()})
        if (method, what) == ("POST", "stats/reset"):
            for _, stats in self.servers.values():
                stats.reset()
            return json_response({"ok": True})
        if method == "GET" and what.split("/")[0] == "writes":
            return json_response(self.servers[what.partition("/")[2] or "zabbix"][1].writes)
        if (method, what) == ("GET", "fault"):
            return json_response([r.as_dict() for r in self.faults.rules])
        if (method, what) == ("POST", "fault"):
            return json_response({"added": self.faults.add(body)})
        if (method, what) == ("DELETE", "fault"):
            self.faults.clear()
            return json_response({"ok": True})
        if method == "GET" and what.split("/")[0] == "dump":
            name = what.partition("/")[2] or "zabbix"
            return json_response(dump_hosts(self.servers[name][0].world))
        if (method, what) == ("POST", "save"):
            self.saved[body["name"]] = {name: api.world.save() for name, (api, _) in self.servers.items()}
            return json_response({"ok": True})
        if (method, what) == ("POST", "load"):
            for name, state in self.saved[body["name"]].items():
                self.servers[name][0].load(state)
            return json_response({"ok": True})
        if (method, what) == ("POST", "mutate"):
            return json_response(self.mutate(body))
        return json_response({"error": "unknown control request %s /_sim/%s" % (method, what)}, 404)

    def mutate(self, body):
        out = []
        for op in body if isinstance(body, list) else [body]:
            api = self.servers[op.get("server", "netbox")][0]
            out.append(api.mutate(op))
        return {"done": len(out), "results": out}


def dump_hosts(w):
    """The hosts of a Zabbix, compact and with names instead of ids; secrets as they were sent."""
    out = []
    for h in sorted(w.hosts.values(), key=lambda h: h.hostid):
        row = {"hostid": h.hostid, "host": h.host, "name": h.name, "status": h.status, "flags": h.flags,
               "groups": sorted(w.groups[g].name for g in h.groups if g in w.groups),
               "templates": sorted(w.templates[t].name for t in h.templates),
               "interfaces": [{"id": i.interfaceid, "type": i.type, "main": i.main, "useip": i.useip, "ip": i.ip,
                               "dns": i.dns, "port": i.port, "details": i.details or {}} for i in h.ifaces],
               "tags": sorted(h.tags), "description": h.description,
               "macros": {m.macro: {"type": m.type, "value": m.value, "description": m.description} for m in h.macros},
               "inventory_mode": h.inv_mode, "inventory": h.inv or {}, "own_items": sum(i.flags == 0 for i in h.own or ())}
        if h.proxyid or h.pgid or h.mon:
            row["proxy"] = w.proxies[h.proxyid]["name"] if h.proxyid in w.proxies else None
            row["proxy_group"] = w.proxy_groups[h.pgid]["name"] if h.pgid in w.proxy_groups else None
            row["monitored_by"] = h.mon
        if h.tls:
            row["tls"] = h.tls
        if h.ipmi:
            row["ipmi"] = h.ipmi
        out.append(row)
    return out
