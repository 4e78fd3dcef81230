# SPDX-License-Identifier: Apache-2.0
"""host.massadd, host.massremove, host.massupdate."""
from . import zbx_ifaces
from .zbx_hosts import HostWriter, Txn, check_macros_create, group_fields, template_fields
from .zbx_input import APP, NO_OBJECT, NO_PERM, PARAM, ApiError, CrashedServer, bad, check_id, check_objects, is_id
from .zbx_model import Macro

OLD_PERM = "You do not have permission to perform this operation."


class MassWriter(HostWriter):
    def mass_hosts(self, params, empty_ok):
        """The hosts a mass call names, checked; None when 6.0 accepts an empty list."""
        if "hosts" not in params:
            if self.old:
                raise CrashedServer()
            raise bad("/", 'the parameter "hosts" is missing')
        rows = params["hosts"]
        rows = [rows] if isinstance(rows, dict) else rows
        if not rows:
            if self.old and empty_ok:
                return []
            raise bad("/hosts", "cannot be empty")
        if self.old and (not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows)):
            raise ApiError(APP, OLD_PERM)
        if not isinstance(rows, list):
            raise bad("/hosts", "an array is expected")
        ids = []
        for n, r in enumerate(rows, 1):
            if not isinstance(r, dict) or "hostid" not in r:
                raise bad("/hosts/%d" % n, 'the parameter "hostid" is missing')
            ids.append(check_id(r["hostid"], "/hosts/%d/hostid" % n))
        return ids

    def massadd(self, params):
        if not isinstance(params, dict):
            raise bad("/", "an array is expected")
        ids = self.mass_hosts(params, empty_ok=True)
        for n, i in enumerate(ids, 1):
            if not self.writable(i):
                if self.old:
                    raise ApiError(APP, OLD_PERM)
                raise bad("/hosts/%d" % n, NO_PERM, APP)
        groups = [g["groupid"] for g in check_objects(params.get("groups", []), "/groups", group_fields())]
        for n, g in enumerate(groups, 1):
            if not self.group_ok(g):
                raise ApiError(APP, NO_OBJECT) if self.old else bad("/groups/%d" % n, NO_PERM, APP)
        templates = [t["templateid"] for t in check_objects(params.get("templates", []), "/templates",
                                                            template_fields())]
        for n, t in enumerate(templates, 1):
            if not self.template_ok(t):
                raise ApiError(APP, NO_OBJECT) if self.old else bad("/templates/%d" % n, NO_PERM, APP)
        macros = check_macros_create(params.get("macros", []), "/macros")
        txn = Txn(self.world)
        for i in ids:
            h = txn.get(i)
            h.groups += [g for g in groups if g not in h.groups]
            for m in macros:
                if any(o.macro == m["macro"] for o in h.macros):
                    if self.old:
                        raise ApiError(PARAM, 'Macro "%s" already exists on "%s".' % (m["macro"], h.name))
                    raise bad("/1/macros/2", "value (macro)=(%s) already exists" % m["macro"])
                h.macros.append(Macro(self.world.next_id("hostmacro"), m["macro"], m["value"], m.get("type", 0),
                                      m.get("description", "")))
            if params.get("interfaces"):
                zbx_ifaces.add(self.world, h, params["interfaces"])
            self.link_all(h, templates)
        txn.commit()
        return {"hostids": [str(i) for i in ids]}

    def massremove(self, params):
        if not isinstance(params, dict):
            raise bad("/", "an array is expected")
        if "hostids" not in params:
            if self.old:
                raise CrashedServer()
            raise bad("/", 'the parameter "hostids" is missing')

        def ids_of(name):
            v = params.get(name, [])
            return [check_id(x, "/%s/%d" % (name, n))
                    for n, x in enumerate(v if isinstance(v, list) else [v], 1)]
        ids = ids_of("hostids")
        if not ids and not self.old:
            raise bad("/hostids", "cannot be empty")
        for n, i in enumerate(ids, 1):
            if not self.writable(i):
                raise ApiError(APP, NO_OBJECT) if self.old else bad("/hostids/%d" % n, NO_PERM, APP)
        groups, plain, clear = ids_of("groupids"), ids_of("templateids"), ids_of("templateids_clear")
        macros = params.get("macros", [])
        macros = macros if isinstance(macros, list) else [macros]
        txn = Txn(self.world)
        for i in ids:
            h = txn.get(i)
            h.groups = [g for g in h.groups if g not in groups]
            if not h.groups:
                raise ApiError(PARAM, 'Host "%s" cannot be without host group.' % h.host)
            h.macros = [m for m in h.macros if m.macro not in macros]
            for tids, wipe in ((clear, True), (plain, False)):
                for t in tids:
                    if t in h.templates:
                        self.world.unlink(h, t, clear=wipe)
            self.remove_ifaces(h, params.get("interfaces") or [])
        txn.commit()
        return {"hostids": [str(i) for i in ids]}

    def remove_ifaces(self, h, entries):
        entries = entries if isinstance(entries, list) else [entries]
        if not all(isinstance(e, dict) for e in entries):
            raise ApiError(PARAM, zbx_ifaces.ARGS)
        for e in entries:
            for i in list(h.ifaces):
                if (i.ip, i.dns, i.port) == (e.get("ip", ""), e.get("dns", ""), str(e.get("port", ""))):
                    zbx_ifaces.check_unused(self.world, h, i.interfaceid, deletes=True)
                    h.ifaces.remove(i)
        zbx_ifaces.check_main(self.world.version, h, [(i.type, i.main) for i in h.ifaces])

    def massupdate(self, params):
        if not isinstance(params, dict):
            raise bad("/", "an array is expected")
        ids = self.mass_hosts(params, empty_ok=False)
        if not all(is_id(i) and self.writable(i) for i in ids):
            raise ApiError(APP, OLD_PERM if self.old else NO_OBJECT)
        if len(ids) > 1:
            for field, words in (("name", "visible host name"), ("host", "host name")):
                if field in params:
                    raise ApiError(PARAM, "Cannot mass update %s." % words)
        rows = []
        for i in ids:
            r = {k: v for k, v in params.items() if k != "hosts"}
            r["hostid"] = i
            if "groups" in r:
                r["_groups"] = [g["groupid"] for g in check_objects(r["groups"], "/groups", group_fields(),
                                                                    ["groupid"], not_empty=True)]
                if not all(self.group_ok(g) for g in r["_groups"]):
                    raise ApiError(APP, NO_OBJECT) if self.old else bad("/groups/1", NO_PERM, APP)
            for key, word in (("templates", "_templates"), ("templates_clear", "_clear")):
                if key in r:
                    r[word] = [t["templateid"] for t in check_objects(r[key], "/" + key, template_fields())]
            if "macros" in r:
                r["_macros"] = check_macros_create(r.pop("macros"), "/macros")
            r.pop("tags", None)
            rows.append(r)
        dbs = [self.world.hosts[i] for i in ids]
        self.check_update_names(rows, dbs)
        txn = Txn(self.world)
        for r in rows:
            h = txn.get(r["hostid"])
            if "_macros" in r:
                self.apply_macros(h, r["_macros"])
            self.apply_old(h, r)
        txn.commit()
        return {"hostids": [str(i) for i in ids]}
