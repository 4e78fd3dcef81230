# SPDX-License-Identifier: Apache-2.0
"""Everything of the API beside hosts and items: groups, templates, proxies, users, roles, tokens, macros."""
import secrets

from .zbx_get import Getter, HostReader, _ids, group_names, group_row, item_row, template_row
from .zbx_input import (APP, NO_OBJECT, PARAM, ApiError, CrashedServer, as_list, as_rows, bad, check_id, check_int, check_objects,
                        check_str, need)
from .zbx_items import Items
from .zbx_templates import Templates
from .zbx_schema import ITEM, RULE, SPLIT_GROUPS


class Objects(Items, Templates):
    """One instance a call: `world` and the calling user."""

    def __init__(self, world, user):
        self.w, self.user = world, user
        self.v = world.version
        self.super = user["rights"] is None
        self.hosts = HostReader(world, user)

    def right(self, gid):
        return 3 if self.super else self.user["rights"].get(gid, 0)

    def need_super(self, method):
        if self.user["roleid"] != 3:
            raise ApiError(PARAM if self.v < (6, 4) else APP, 'No permissions to call "%s".' % method)

    # host groups

    def hostgroup_get(self, p):
        fields = list(group_row(self.w, next(iter(self.w.groups.values()))))
        new = self.v >= SPLIT_GROUPS
        g = Getter(self.v, "groupid", fields, pk_always=not new, strict=new, sortable=("groupid", "name"))
        if new:
            known = ("groupids graphids hostids maintenanceids triggerids with_graphs with_graph_prototypes with_hosts "
                     "with_httptests with_items with_item_prototypes with_simple_graph_item_prototypes "
                     "with_monitored_httptests with_monitored_hosts with_monitored_items with_simple_graph_items "
                     "with_triggers filter search searchByAny startSearch excludeSearch searchWildcardsEnabled output "
                     "selectHosts selectDiscoveryRules selectHostPrototypes selectDiscoveryRule selectGroupDiscoveries "
                     "selectGroupDiscovery countOutput groupCount limitSelects sortfield sortorder limit editable "
                     "preservekeys nopermissions").split() + (
                         ["real_hosts", "monitored_hosts"] if self.v < (7, 2) else [])
            for key in p:
                if key not in known:
                    raise bad("/", 'unexpected parameter "%s"' % key)
        rows = []
        only = _ids(p["groupids"]) if p.get("groupids") is not None else None
        of_hosts = None
        if p.get("hostids") is not None:
            of_hosts = {gid for i in _ids(p["hostids"]) if i in self.w.hosts for gid in self.w.hosts[i].groups}
        for grp in self.w.groups.values():
            if only is not None and grp.groupid not in only or of_hosts is not None and grp.groupid not in of_hosts:
                continue
            if self.right(grp.groupid) < (3 if p.get("editable") else 2):
                continue
            if (p.get("real_hosts") or p.get("with_hosts") or p.get("with_monitored_hosts")) and not grp.hosts and not (
                    p.get("with_hosts") and not new):
                continue
            row = group_row(self.w, grp)
            if g.matches(row, p):
                rows.append(row)
        if isinstance(p.get("output"), list) and not new:
            names = group_names(self.w, p["output"])
        else:
            names = g.wanted(p.get("output"))
        subs = None
        if p.get("selectHosts") is not None:
            subs = self.group_hosts(p["selectHosts"], p.get("selectTemplates") == "count" and not new)
        return g.finish(rows, p, names, subs)

    def group_hosts(self, asked, templates):
        members = {}
        for h in self.w.hosts.values():
            for gid in h.groups:
                members.setdefault(str(gid), []).append(h)
        names = self.hosts.getter.wanted(asked if isinstance(asked, list) else "extend")

        def subs(row, out):
            found = members.get(row["groupid"], [])
            out["hosts"] = str(len(found)) if asked == "count" else [
                {f: self.hosts.value(h, f) for f in names} for h in found]
            if templates:
                out["templates"] = str(sum(int(row["groupid"]) in t.groups for t in self.w.templates.values()))
        return subs

    def hostgroup_create(self, params):
        self.need_super("hostgroup.create")
        rows = as_list(params, "/", not_empty=True)

        def name(v, path):
            check_str(v, path, None, not_empty=True)
            if len(v) > 255:
                raise bad(path, "value is too long")
            if v.startswith("/") or v.endswith("/") or "//" in v:
                raise bad(path, "invalid host group name")
            return v
        rows = check_objects(rows, "", {"name": (name, True), "uuid": (check_str, False)}, ["name"], not_empty=True)
        for r in rows:
            if r["name"] in self.w.group_names:
                raise ApiError(PARAM, 'Host group "%s" already exists.' % r["name"])
        out = []
        for r in rows:
            gid = self.w.next_id("group")
            self.w.add_group(gid, r["name"])
            out.append(str(gid))
        return {"groupids": out}

    def hostgroup_update(self, params):
        out = []
        for n, r in enumerate(as_rows(params), 1):
            need(r, n, "groupid")
            gid = check_id(r["groupid"], "/%d/groupid" % n)
            if self.right(gid) < 3 or gid not in self.w.groups:
                raise ApiError(APP, NO_OBJECT)
            name = r.get("name")
            if name is not None:
                check_str(name, "/%d/name" % n, 255, not_empty=True)
                other = self.w.group_names.get(name)
                if other is not None and other.groupid != gid:
                    raise ApiError(PARAM, 'Host group "%s" already exists.' % name)
                grp = self.w.groups[gid]
                del self.w.group_names[grp.name]
                grp.name = name
                self.w.group_names[name] = grp
            out.append(str(gid))
        return {"groupids": out}

    def hostgroup_delete(self, params):
        ids = [check_id(v, "/%d" % n) for n, v in enumerate(as_list(params, "/", not_empty=True), 1)]
        for gid in ids:
            if gid not in self.w.groups or self.right(gid) < 3:
                raise ApiError(APP, NO_OBJECT)
        gone = set(ids)
        for h in self.w.hosts.values():
            if h.groups and gone.issuperset(h.groups):
                raise ApiError(PARAM, 'Host "%s" cannot be without host group.' % h.host)
        for h in self.w.hosts.values():
            if not gone.isdisjoint(h.groups):
                h.groups = [g for g in h.groups if g not in gone]
        for gid in ids:
            del self.w.group_names[self.w.groups.pop(gid).name]
        return {"groupids": [str(g) for g in ids]}

    # templates

    def template_get(self, p):
        first = next(iter(self.w.templates.values()))
        g = Getter(self.v, "templateid", list(template_row(self.w, first)), sortable=("hostid", "host", "name", "status"))
        rows = []
        only = _ids(p["templateids"]) if p.get("templateids") is not None else None
        if p.get("hostids") is not None:
            of = {t for i in _ids(p["hostids"]) if i in self.w.hosts for t in self.w.hosts[i].templates}
            only = of if only is None else only & of
        groups = _ids(p["groupids"]) if p.get("groupids") is not None else None
        for t in self.w.templates.values() if self.super else ():
            if only is not None and t.templateid not in only or groups is not None and groups.isdisjoint(t.groups):
                continue
            row = template_row(self.w, t)
            if g.matches(dict(row, hostid=row["templateid"]), p):
                rows.append(row)
        return g.finish(rows, p, None, self.template_subs(p))

    def template_subs(self, p):
        w = self.w

        def rows_of(t, key):
            if key == "items":
                return [item_row(t.templateid, i) for i in w.template_items(t) if i.flags == ITEM]
            if key == "discoveries":
                return [item_row(t.templateid, i) for i in w.template_items(t) if i.flags == RULE]
            if key in ("groups", "templategroups"):
                table = w.tgroups if w.version >= SPLIT_GROUPS else w.groups
                return [{"groupid": str(x), "name": table[x].name, "uuid": table[x].uuid} for x in sorted(t.groups)]
            if key == "parentTemplates":
                return [{"templateid": str(i), "host": w.templates[i].host, "name": w.templates[i].name} for i in t.parents]
            if key == "tags":
                return [{"tag": a, "value": b} for a, b in t.tags]
            if key == "hosts":
                return [{"hostid": str(h.hostid), "host": h.host, "name": h.name} for h in w.hosts.values()
                        if t.templateid in h.templates]
            return []
        asked = [(s, k) for s, k in (("selectItems", "items"), ("selectDiscoveries", "discoveries"), ("selectGroups", "groups"),
                                     ("selectTemplateGroups", "templategroups"), ("selectTags", "tags"),
                                     ("selectHosts", "hosts"), ("selectMacros", "macros"),
                                     ("selectParentTemplates", "parentTemplates"), ("selectTemplates", "templates"))
                 if p.get(s) is not None and not (s == "selectTemplateGroups" and w.version < SPLIT_GROUPS)
                 and not (s == "selectGroups" and w.version >= (7, 2))]
        if not asked:
            return None

        def subs(row, out):
            t = w.templates[int(row["templateid"])]
            for s, k in asked:
                found = rows_of(t, k)
                if p[s] == "count":
                    out[k] = str(len(found))
                elif isinstance(p[s], list):
                    out[k] = [{f: r[f] for f in p[s] if f in r} for r in found]
                else:
                    out[k] = found
        return subs

    def templategroup_get(self, p):
        g = Getter(self.v, "groupid", ["groupid", "name", "uuid"], pk_always=False, strict=True)
        only = _ids(p["groupids"]) if p.get("groupids") is not None else None
        rows = [{"groupid": str(x.groupid), "name": x.name, "uuid": x.uuid} for x in self.w.tgroups.values()
                if self.super and (only is None or x.groupid in only)]
        return g.finish([r for r in rows if g.matches(r, p)], p)

    # proxies

    def proxy_row(self, x):
        if self.v < (7, 0):
            return {"proxy_hostid": "0", "host": x["name"], "status": str(5 + x["mode"]), "lastaccess": "0",
                    "ipmi_authtype": "-1", "ipmi_privilege": "2", "ipmi_username": "", "ipmi_password": "",
                    "maintenanceid": "0", "maintenance_status": "0", "maintenance_type": "0", "maintenance_from": "0",
                    "name": "", "flags": "0", "templateid": "0", "description": x["description"], "tls_connect": "1",
                    "tls_accept": "1", "tls_issuer": "", "tls_subject": "", "proxy_address": "", "auto_compress": "1",
                    "custom_interfaces": "0", "uuid": "", "proxyid": str(x["proxyid"])}
        r = {"proxyid": str(x["proxyid"]), "name": x["name"], "proxy_groupid": str(x["pgid"]),
             "local_address": "192.0.2.10" if x["pgid"] else "", "local_port": "10051",
             "operating_mode": str(x["mode"]), "allowed_addresses": "", "address": "127.0.0.1", "port": "10051",
             "description": x["description"], "tls_connect": "1", "tls_accept": "1", "tls_issuer": "",
             "tls_subject": "", "custom_timeouts": "0"}
        for t in ("zabbix_agent", "simple_check", "snmp_agent", "external_check", "db_monitor", "http_agent",
                  "ssh_agent", "telnet_agent", "script", "browser"):
            r["timeout_" + t] = ""
        r.update({"lastaccess": "0", "version": "0", "compatibility": "0", "state": "0"})
        return r

    def proxy_get(self, p):
        rows = [self.proxy_row(x) for x in self.w.proxies.values()]
        fields = list(self.proxy_row({"proxyid": 0, "name": "", "mode": 0, "pgid": 0, "description": ""}))
        new = self.v >= (7, 0)
        g = Getter(self.v, "proxyid", fields, pk_always=not new, strict=new)
        if p.get("proxyids") is not None:
            only = _ids(p["proxyids"])
            rows = [r for r in rows if int(r["proxyid"]) in only]
        if p.get("proxy_groupids") is not None:
            only = _ids(p["proxy_groupids"])
            rows = [r for r in rows if int(r.get("proxy_groupid", 0)) in only]

        def subs(row, out):
            if p.get("selectHosts") is not None:
                found = [h for h in self.w.hosts.values() if str(h.proxyid) == row["proxyid"]]
                out["hosts"] = str(len(found)) if p["selectHosts"] == "count" else [{"hostid": str(h.hostid)} for h in found]
            if p.get("selectInterface") is not None and not new:
                out["interface"] = []
        return g.finish([r for r in rows if g.matches(r, p)], p, None, subs)

    def proxy_create(self, params):
        rows, out = as_rows(params), []
        field = "name" if self.v >= (7, 0) else "host"
        mode = "operating_mode" if self.v >= (7, 0) else "status"
        for n, r in enumerate(rows, 1):
            need(r, n, field)
            check_str(r[field], "/%d/%s" % (n, field), 128, not_empty=True)
            check_int(r.get(mode, 0 if self.v >= (7, 0) else 5), "/%d/%s" % (n, mode), (0, 1) if self.v >= (7, 0) else (5, 6))
            check_id(r.get("proxy_groupid", 0), "/%d/proxy_groupid" % n)
            check_str(r.get("description", ""), "/%d/description" % n)
            if any(x["name"] == r[field] for x in self.w.proxies.values()):
                raise ApiError(PARAM, 'Proxy "%s" already exists.' % r[field])
        for r in rows:
            pid = self.w.next_id("host" if self.v < (7, 0) else "proxy")
            self.w.proxies[pid] = {"proxyid": pid, "name": r[field], "mode": int(r.get(mode, 0)) % 5,
                                   "pgid": int(r.get("proxy_groupid", 0)), "description": r.get("description", "")}
            out.append(str(pid))
        return {"proxyids": out}

    def proxy_delete(self, params):
        ids = [check_id(v, "/%d" % n) for n, v in enumerate(as_list(params, "/", not_empty=True), 1)]
        for i in ids:
            if i not in self.w.proxies:
                raise ApiError(APP, NO_OBJECT)
            used = next((h for h in self.w.hosts.values() if h.proxyid == i), None)
            if used is not None:
                raise ApiError(PARAM, 'Host "%s" is monitored by proxy "%s".' % (used.name, self.w.proxies[i]["name"]))
        for i in ids:
            del self.w.proxies[i]
        return {"proxyids": [str(i) for i in ids]}

    def proxygroup_get(self, p):
        fields = ["proxy_groupid", "name", "failover_delay", "min_online", "description", "state"]
        g = Getter(self.v, "proxy_groupid", fields, pk_always=False, strict=True)
        rows = [dict({f: str(x.get(f, "")) for f in fields}, state="0") for x in self.w.proxy_groups.values()]
        if p.get("proxy_groupids") is not None:
            only = _ids(p["proxy_groupids"])
            rows = [r for r in rows if int(r["proxy_groupid"]) in only]
        return g.finish([r for r in rows if g.matches(r, p)], p)

    def proxygroup_create(self, params):
        out = []
        for n, r in enumerate(as_rows(params), 1):
            need(r, n, "name")
            for field in ("name", "failover_delay", "min_online"):
                check_str(r.get(field, ""), "/%d/%s" % (n, field))
            gid = self.w.next_id("proxygroup")
            self.w.proxy_groups[gid] = {"proxy_groupid": gid, "name": r["name"],
                                        "failover_delay": r.get("failover_delay", "1m"),
                                        "min_online": r.get("min_online", "1"), "description": ""}
            out.append(str(gid))
        return {"proxy_groupids": out}

    def proxygroup_delete(self, params):
        return {"proxy_groupids": self.delete_rows(params, self.w.proxy_groups)}

    # interfaces, macros

    def of_hosts(self, p):
        if p.get("hostids") is not None:
            hosts = [self.w.hosts[i] for i in sorted(_ids(p["hostids"])) if i in self.w.hosts]
        else:
            hosts = self.w.hosts.values()
        return [h for h in hosts if self.hosts.visible(h, p.get("editable"))]

    def hostinterface_get(self, p):
        only = _ids(p["interfaceids"]) if p.get("interfaceids") is not None else None
        rows = [self.hosts.iface(h, i) for h in self.of_hosts(p) for i in h.ifaces
                if only is None or i.interfaceid in only]
        rows.sort(key=lambda r: int(r["interfaceid"]))
        fields = ["interfaceid", "hostid", "main", "type", "useip", "ip", "dns", "port", "available", "error",
                  "errors_from", "disable_until", "details"]
        g = Getter(self.v, "interfaceid", fields)
        return g.finish([r for r in rows if g.matches(r, p)], p)

    def usermacro_get(self, p):
        if p.get("globalmacro"):
            rows = [{"globalmacroid": "2", "macro": "{$SNMP_COMMUNITY}", "value": "public", "description": "",
                     "type": "0"}]
            g = Getter(self.v, "globalmacroid", ["globalmacroid", "macro", "value", "description", "type"])
        else:
            rows = [self.hosts.macro(h, m) for h in self.of_hosts(p) for m in h.macros]
            fields = ["hostmacroid", "hostid", "macro", "value", "description", "type"]
            g = Getter(self.v, "hostmacroid", fields + (["automatic"] if self.v >= (6, 4) else []))
        if p.get("hostmacroids") is not None:
            only = _ids(p["hostmacroids"])
            rows = [r for r in rows if int(r["hostmacroid"]) in only]
        return g.finish([r for r in rows if g.matches(r, p)], p)

    # users, roles, tokens

    def user_row(self, u):
        r = {"userid": str(u["userid"]), "username": u["username"],
             "name": "Zabbix" if u["userid"] == 1 else "", "surname": "Administrator" if u["userid"] == 1 else "",
             "url": "", "autologin": "1" if u["userid"] == 1 else "0", "autologout": "0", "lang": "default",
             "refresh": "30s", "theme": "default", "attempt_failed": str(u["attempts"]), "attempt_ip": "",
             "attempt_clock": "0", "rows_per_page": "50", "timezone": "default", "roleid": str(u["roleid"])}
        if self.v >= (6, 4):
            r.update({"userdirectoryid": "0", "ts_provisioned": "0", "provisioned": "0"})
        return r

    def role_row(self, rid):
        name, type_, readonly = self.w.roles[rid]
        return {"roleid": str(rid), "name": name, "type": str(type_), "readonly": str(readonly)}

    def user_get(self, p):
        rows = [self.user_row(u) for u in self.w.users.values() if self.super or u is self.user]
        if p.get("userids") is not None:
            only = _ids(p["userids"])
            rows = [r for r in rows if int(r["userid"]) in only]
        g = Getter(self.v, "userid", list(rows[0]) if rows else ["userid"])

        def subs(row, out):
            if p.get("selectRole") is not None:
                role = self.role_row(int(row["roleid"]))
                out["role"] = {k: v for k, v in role.items()
                               if not isinstance(p["selectRole"], list) or k in p["selectRole"]}
            if p.get("selectUsrgrps") is not None:
                out["usrgrps"] = [{"usrgrpid": "7", "name": "Zabbix administrators"}] if row["userid"] == "1" else []
        return g.finish([r for r in rows if g.matches(r, p)], p, None, subs)

    def role_get(self, p):
        ids = [r for r in self.w.roles if self.super or self.v < (6, 4) or r == self.user["roleid"]]
        if p.get("roleids") is not None:
            ids = [r for r in ids if r in _ids(p["roleids"])]
        g = Getter(self.v, "roleid", ["roleid", "name", "type", "readonly"], pk_always=False)

        def subs(row, out):
            if p.get("selectRules") is not None:
                out["rules"] = {"ui.default_access": "1", "api.access": "1", "api.mode": "0", "api": [],
                                "actions.default_access": "1", "modules.default_access": "1"}
        rows = [self.role_row(r) for r in ids]
        return g.finish([r for r in rows if g.matches(r, p)], p, None, subs)

    def usergroup_get(self, p):
        g = Getter(self.v, "usrgrpid", ["usrgrpid", "name", "gui_access", "users_status", "debug_mode"])
        rows = [{"usrgrpid": str(i), "name": name, "gui_access": "0", "users_status": "0", "debug_mode": "0"}
                for i, name in [(7, "Zabbix administrators"), *self.w.usergroup_names.items()]] if self.super else []
        select, key = ("selectRights", "rights") if self.v < (6, 2) else ("selectHostGroupRights", "hostgroup_rights")

        def subs(row, out):
            if p.get(select) is not None:
                rights = self.w.usergroups.get(int(row["usrgrpid"]), {})
                out[key] = [{"id": str(i), "permission": str(v)} for i, v in rights.items()]
            if p.get("selectTagFilters") is not None:
                out["tag_filters"] = []
        return g.finish([r for r in rows if g.matches(r, p)], p, None, subs)

    # There are none of these; a map, a maintenance, a dashboard or an action cannot be made.

    def action_get(self, p):
        return []

    maintenance_get = map_get = dashboard_get = action_get

    def token_get(self, p):
        fields = ["tokenid", "name", "description", "userid", "lastaccess", "status", "expires_at", "created_at",
                  "creator_userid"]
        rows = [{f: str(t[f]) for f in fields} for t in self.w.tokens.values()
                if self.super or t["userid"] == self.user["userid"]]
        if p.get("tokenids") is not None:
            rows = [r for r in rows if int(r["tokenid"]) in _ids(p["tokenids"])]
        if isinstance(p.get("token"), str):
            rows = [r for r in rows if self.w.tokens[int(r["tokenid"])]["token"] == p["token"]]
        g = Getter(self.v, "tokenid", fields, pk_always=False)
        return g.finish([r for r in rows if g.matches(r, p)], p)

    def token_create(self, params):
        out = []
        for n, r in enumerate(as_rows(params), 1):
            need(r, n, "name")
            check_str(r["name"], "/%d/name" % n, 64, not_empty=True)
            uid = check_id(r.get("userid", self.user["userid"]), "/%d/userid" % n)
            expires = check_int(r.get("expires_at", 0), "/%d/expires_at" % n)
            if uid not in self.w.users:
                raise ApiError(APP, 'User with ID "%d" is not available.' % uid)
            tid = self.w.add_token(uid, r["name"], None)
            self.w.tokens[tid]["expires_at"] = expires
            out.append(str(tid))
        return {"tokenids": out}

    def token_generate(self, params):
        out = []
        for n, v in enumerate(as_list(params, "/", not_empty=True), 1):
            tid = check_id(v, "/%d" % n)
            if tid not in self.w.tokens:
                raise ApiError(APP, NO_OBJECT)
            self.w.tokens[tid]["token"] = secrets.token_hex(32)
            out.append({"tokenid": str(tid), "token": self.w.tokens[tid]["token"]})
        return out

    def token_update(self, params):
        out = []
        for n, r in enumerate(as_rows(params), 1):
            need(r, n, "tokenid")
            tid = check_id(r["tokenid"], "/%d/tokenid" % n)
            if tid not in self.w.tokens:
                raise ApiError(APP, NO_OBJECT)
            if "status" in r:
                self.w.tokens[tid]["status"] = check_int(r["status"], "/%d/status" % n, (0, 1))
            if "expires_at" in r:
                self.w.tokens[tid]["expires_at"] = check_int(r["expires_at"], "/%d/expires_at" % n)
            out.append(str(tid))
        return {"tokenids": out}

    def token_delete(self, params):
        return {"tokenids": self.delete_rows(params, self.w.tokens)}

    def usergroup_create(self, params):
        """rights (6.0) or hostgroup_rights: [{id, permission 0|2|3}]."""
        out = []
        field = "rights" if self.v < (6, 2) else "hostgroup_rights"
        fields = {"id": (check_id, True), "permission": (lambda v, p: check_int(v, p, (0, 2, 3)), True)}
        for n, r in enumerate(as_rows(params), 1):
            need(r, n, "name")
            check_str(r["name"], "/%d/name" % n, 64, not_empty=True)
            rights = check_objects(r.get(field, []), "/%d/%s" % (n, field), fields)
            gid = self.w.next_id("usergroup")
            self.w.usergroups[gid] = {x["id"]: x["permission"] for x in rights}
            self.w.usergroup_names[gid] = r["name"]
            out.append(str(gid))
        return {"usrgrpids": out}

    def usergroup_delete(self, params):
        gone = self.delete_rows(params, self.w.usergroups)
        for i in gone:
            self.w.usergroup_names.pop(int(i), None)
        return {"usrgrpids": gone}

    def user_create(self, params):
        out = []
        for n, r in enumerate(as_list(params, "/"), 1):
            if not isinstance(r, dict) and r != []:
                raise CrashedServer() if self.v < (6, 4) else bad("/%d" % n, "an array is expected")
            need(r, n, "username", "roleid")
            check_str(r["username"], "/%d/username" % n, 100, not_empty=True)
            check_str(r.get("passwd", ""), "/%d/passwd" % n)
            role = check_id(r["roleid"], "/%d/roleid" % n)
            groups = check_objects(r.get("usrgrps", []), "/%d/usrgrps" % n, {"usrgrpid": (check_id, True)})
            if any(u["username"] == r["username"] for u in self.w.users.values()):
                raise ApiError(PARAM, 'User with username "%s" already exists.' % r["username"])
            if role not in self.w.roles:
                raise ApiError(PARAM, 'User role with ID "%d" is not available.' % role)
            rights = {}
            for x in groups:
                rights.update(self.w.usergroups.get(x["usrgrpid"], {}))
            uid = self.w.next_id("user")
            self.w.users[uid] = {"userid": uid, "username": r["username"], "password": r.get("passwd", ""),
                                 "roleid": role, "rights": None if role == 3 else rights, "attempts": 0}
            out.append(str(uid))
        return {"userids": out}

    def user_delete(self, params):
        if isinstance(params, list) and any(str(v) == str(self.user["userid"]) for v in params):
            raise ApiError(PARAM, "User is not allowed to delete himself.")
        gone = self.delete_rows(params, self.w.users)
        for table, who in ((self.w.tokens, lambda t: t["userid"]), (self.w.sessions, lambda uid: uid)):
            for key in [k for k, row in table.items() if str(who(row)) in gone]:
                del table[key]
        return {"userids": gone}

    @staticmethod
    def delete_rows(params, table):
        """Delete by ids; one that is unknown and nothing is deleted."""
        ids = [check_id(v, "/%d" % n) for n, v in enumerate(as_list(params, "/", not_empty=True), 1)]
        for n, i in enumerate(ids, 1):
            if i in ids[:n - 1]:
                raise bad("/%d" % n, "value (%d) already exists" % i)
        if not all(i in table for i in ids):
            raise ApiError(APP, NO_OBJECT)
        for i in ids:
            del table[i]
        return [str(i) for i in ids]
