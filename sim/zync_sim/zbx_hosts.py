# SPDX-License-Identifier: Apache-2.0
"""host.create, host.update, host.delete: validation in the real server's order, all or nothing."""
from . import zbx_ifaces
from .zbx_input import (APP, NO_OBJECT, NO_PERM, PARAM, ApiError, CrashedServer, as_list, bad, check_id, check_int,
                        check_macro, check_objects, check_str, check_vault, db_int, db_lengths, db_text, host_name_ok,
                        is_array, is_id, is_int, macro_identity, php_error, php_str, sql_failed, too_long)
from .zbx_model import Host, Macro
from .zbx_schema import HOST_LENGTHS, IF_TITLE, ITEM_WORD, inventory_lengths
from .zbx_templates import check_link

TLS_FIELDS = ("tls_connect", "tls_accept", "tls_psk_identity", "tls_psk", "tls_issuer", "tls_subject")
IPMI_FIELDS = ("ipmi_authtype", "ipmi_privilege", "ipmi_username", "ipmi_password")
OLD_DISCOVERED = ("hostid", "status", "inventory", "description")
NEW_DISCOVERED = OLD_DISCOVERED + ("tags", "macros", "templates", "templates_clear")


class Txn:
    """Copies of the hosts that a call changes; nothing is visible before commit()."""

    def __init__(self, world):
        self.world = world
        self.copies = {}

    def get(self, hostid):
        h = self.copies.get(hostid)
        if h is None:
            h = self.copies[hostid] = self.world.hosts[hostid].copy()
        return h

    def commit(self):
        for h in self.copies.values():
            self.world.put(h)


def _psk(v, path):
    import re
    check_str(v, path, 512, not_empty=True)
    if not re.fullmatch(r"([0-9a-fA-F]{2})+", v):
        raise bad(path, "an even number of hexadecimal characters is expected")
    if len(v) < 32:
        raise bad(path, "minimum length is 32 characters")
    return v


def group_fields():
    return {"groupid": (check_id, True)}


def template_fields():
    return {"templateid": (check_id, True)}


def tag_fields():
    return {"tag": (lambda v, p: check_str(v, p, 255, not_empty=True), True),
            "value": (lambda v, p: check_str(v, p, 255), False)}


def macro_fields(update):
    f = {"macro": (check_macro, not update), "type": (lambda v, p: check_int(v, p, (0, 1, 2)), False),
         "value": (lambda v, p: check_str(v, p, 2048), not update), "description": (lambda v, p: check_str(v, p), False)}
    if update:
        f = {"hostmacroid": (check_id, False), **f, "automatic": (lambda v, p: check_int(v, p, (0,)), False)}
    return f


def check_tags(value, path):
    rows = check_objects(value, path, tag_fields())
    seen = set()
    for n, r in enumerate(rows, 1):
        key = (r["tag"], r.setdefault("value", ""))
        if key in seen:
            raise bad("%s/%d" % (path, n), "value (tag, value)=(%s, %s) already exists" % key)
        seen.add(key)
    return [(r["tag"], r["value"]) for r in rows]


def check_macros_create(value, path):
    rows = check_objects(value, path, macro_fields(False), ["macro"], uniq_key=lambda r: macro_identity(r["macro"]))
    for n, r in enumerate(rows, 1):
        if r.get("type") == 2:
            check_vault(r["value"], "%s/%d/value" % (path, n))
    return rows


class HostWriter:
    """The write half of the host API for one world and one user."""

    def __init__(self, world, user):
        self.world = world
        self.user = user
        self.old = world.version < (6, 4)
        self.inventory = inventory_lengths(world.version)

    # rights

    def level(self, host):
        rights = self.user["rights"]
        if rights is None:
            return 3
        return max((rights.get(g, 0) for g in host.groups), default=0)

    def writable(self, hostid):
        h = self.world.hosts.get(hostid)
        return h is not None and self.level(h) >= 3

    def group_ok(self, gid):
        rights = self.user["rights"]
        return gid in self.world.groups and (rights is None or rights.get(gid, 0) >= 3)

    def template_ok(self, tid):
        return tid in self.world.templates and self.user["rights"] is None

    # create

    def create(self, params):
        w = self.world
        if self.old:
            rows = self.create_check_old(params)
        else:
            rows = self.create_check_new(params)
        self.check_new_names(rows)
        if self.old:
            self.check_tls_old(rows, None)
        hosts = []
        for r in rows:
            h = Host(w.next_id("host"), r["host"], r["name"])
            self.set_columns(h, r)
            h.tags = r.get("_tags", [])
            h.groups = r["_groups"]
            hosts.append(h)
        for h, r in zip(hosts, rows):
            for m in r.get("_macros", []):
                h.macros.append(Macro(w.next_id("hostmacro"), m["macro"], m["value"], m.get("type", 0),
                                      m.get("description", "")))
            if r.get("interfaces"):
                zbx_ifaces.add(w, h, r["interfaces"])
        links = [(h, r["_templates"]) for h, r in zip(hosts, rows) if r.get("_templates")]
        for h, tids in links:
            self.link_all(h, tids)
        for h, r in zip(hosts, rows):
            mode = int(r["inventory_mode"]) if "inventory_mode" in r else -1
            inv = r["inventory"] if isinstance(r.get("inventory"), dict) else {}
            if inv and "inventory_mode" not in r:
                mode = 0
            if mode >= 0:
                h.inv_mode = mode
                h.inv = self.inventory_values(inv)
        for h in hosts:
            w.put(h)
        return {"hostids": [str(h.hostid) for h in hosts]}

    def create_check_new(self, params):
        rows = as_list(params, "/", not_empty=True)
        out = []
        for n, row in enumerate(rows, 1):
            p = "/%d" % n
            if not isinstance(row, dict):
                raise bad(p, "an array is expected")
            r = dict(row)
            self.check_proxy_new(r, p, None)
            self.check_tls_new(r, p, None)
            if "groups" not in r:
                raise bad(p, 'the parameter "groups" is missing')
            g = check_objects(r["groups"], p + "/groups", group_fields(), ["groupid"], not_empty=True)
            r["_groups"] = [x["groupid"] for x in g]
            self.check_common_lists(r, p, update=False)
            out.append(r)
        self.check_proxies_exist(out, [None] * len(out))
        self.check_psk_pairs(out, [None] * len(out))
        for n, r in enumerate(out, 1):
            for m, gid in enumerate(r["_groups"], 1):
                if not self.group_ok(gid):
                    raise bad("/%d/groups/%d" % (n, m), NO_PERM, APP)
        self.check_templates_exist(out)
        for r in out:
            self.check_name_basics(r)
        return out

    def check_common_lists(self, r, p, update):
        if "templates" in r:
            t = check_objects(r["templates"], p + "/templates", template_fields(), ["templateid"])
            r["_templates"] = [x["templateid"] for x in t]
        if "templates_clear" in r:
            t = check_objects(r["templates_clear"], p + "/templates_clear", template_fields(), ["templateid"])
            r["_clear"] = [x["templateid"] for x in t]
        if "tags" in r:
            r["_tags"] = check_tags(r["tags"], p + "/tags")
        if "macros" in r:
            if update:
                r["_macros"] = check_objects(r["macros"], p + "/macros", macro_fields(True), ["hostmacroid"])
            else:
                r["_macros"] = check_macros_create(r["macros"], p + "/macros")

    def check_name_basics(self, r):
        if "host" not in r or r["host"] is None:
            raise ApiError(PARAM, 'Wrong fields for host "%s".' % (r.get("host") or ""))
        if "auto_compress" in r:
            raise ApiError(PARAM, "Incorrect input parameters.")
        if not host_name_ok(r["host"]):
            raise ApiError(PARAM, 'Incorrect characters used for host name "%s".' % php_str(r["host"]))
        r["name"] = self.visible_name(r.get("name")) or r["host"]

    def visible_name(self, v):
        """The visible name as text; None when it is empty."""
        if is_array(v):
            raise php_error(self.world.version, "trim(): Argument #1 ($string) must be of type string, array given")
        v = php_str(v)
        return v if v.strip() else None

    def create_check_old(self, params):
        rows = params if isinstance(params, list) else [params] if params else []
        if not rows:
            raise ApiError(PARAM, "Empty input parameter.")
        out = []
        for n, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                raise CrashedServer()
            r = dict(row)
            self.check_name_basics(r)
            r["_groups"] = self.old_groups(r.get("groups"), r["host"])
            if "tags" in r:
                r["_tags"] = check_tags(r["tags"], "/tags")
            if "macros" in r:
                r["_macros"] = check_macros_create(r["macros"], "/%d/macros" % n)
            if "templates" in r:
                r["_templates"] = self.old_ids(r["templates"], "templateid")
            out.append(r)
        return out

    @staticmethod
    def old_groups(groups, host):
        if not isinstance(groups, (list, dict)) or not groups:
            raise ApiError(PARAM, 'Host "%s" cannot be without host group.' % host)
        out = []
        for g in groups if isinstance(groups, list) else [groups]:
            if not isinstance(g, dict) or "groupid" not in g:
                raise ApiError(PARAM, 'Incorrect value for field "groups": the parameter "groupid" is missing.')
            out.append(int(g["groupid"]) if is_id(g["groupid"]) else -1)
        return out

    @staticmethod
    def old_ids(value, field):
        rows = value if isinstance(value, list) else [value] if value else []
        out = []
        for r in rows:
            v = r.get(field) if isinstance(r, dict) else None
            out.append(int(v) if is_id(v) else -1)
        return out

    def check_new_names(self, rows):
        """Duplicates in the call, then (6.0) groups, then single fields, then hosts and templates that exist."""
        w = self.world
        for field, word in (("host", "host name"), ("name", "visible name")):
            seen = set()
            for r in rows:
                if r[field] in seen:
                    raise ApiError(PARAM, 'Duplicate host. Host with the same %s "%s" already exists in data.'
                                   % (word, r[field]))
                seen.add(r[field])
        if self.old:
            for r in rows:
                if not all(self.group_ok(g) for g in r["_groups"]):
                    raise ApiError(APP, NO_OBJECT)
        for r in rows:
            self.check_single_fields(r, r["host"])
        for kind, word in (("host", "Host"), ("template", "Template")):
            for r in rows:
                if w.by_host.get(r["host"], ("", 0))[0] == kind:
                    raise ApiError(PARAM, '%s with the same name "%s" already exists.' % (word, r["host"]))
                if w.by_name.get(r["name"], ("", 0))[0] == kind:
                    raise ApiError(PARAM, '%s with the same visible name "%s" already exists.' % (word, r["name"]))
        if self.old:
            for r in rows:
                if len(set(r["_groups"])) != len(r["_groups"]):
                    raise ApiError(APP, 'SQL statement execution has failed "INSERT INTO hosts_groups '
                                        "(hostgroupid,hostid,groupid) VALUES (...)\".")
                tids = r.get("_templates", [])
                if not all(self.template_ok(t) for t in tids):
                    raise ApiError(APP, NO_OBJECT)
                if len(set(tids)) != len(tids):
                    raise ApiError(APP, 'SQL statement execution has failed "INSERT INTO hosts_templates '
                                        "(hosttemplateid,hostid,templateid) VALUES (...)\".")

    def check_single_fields(self, r, name):
        if r.get("interfaces") is not None and not isinstance(r["interfaces"], (list, dict)):
            raise ApiError(PARAM, zbx_ifaces.ARGS)
        if "status" in r and str(r["status"]) not in ("0", "1"):
            raise ApiError(APP, 'Incorrect status for host "%s".' % name)
        if "inventory_mode" in r and str(r["inventory_mode"]) not in ("-1", "0", "1"):
            raise ApiError(APP, 'Incorrect value for field "inventory_mode": value must be one of -1, 0, 1.')
        if r.get("inventory") is not None and not is_array(r["inventory"]):
            raise php_error(self.world.version, "array_keys(): Argument #1 ($array) must be of type array")
        if isinstance(r.get("inventory"), dict) and r["inventory"]:
            if str(r.get("inventory_mode")) == "-1":
                raise ApiError(PARAM, "Cannot set inventory fields for disabled inventory.")
            for f in r["inventory"]:
                if f not in self.inventory and f not in ("inventory_mode", "hostid"):
                    raise ApiError(PARAM, 'Incorrect inventory field "%s".' % f)

    # fields

    def set_columns(self, h, r):
        """The columns of the hosts table, with the lengths the database layer enforces."""
        version = self.world.version
        text = {f: db_text(version, f, r[f]) for f in HOST_LENGTHS if f in r}
        db_lengths(text, HOST_LENGTHS)
        if is_array(r.get("description")):
            raise sql_failed(version, "UPDATE hosts SET description=(...)")
        if "host" in r:
            h.host = r["host"]
        if "name" in r:
            h.name = r["name"]
        if "status" in r:
            h.status = int(r["status"])
        if "description" in r:
            h.description = php_str(r["description"])
        for f in IPMI_FIELDS:
            if f in r:
                h.ipmi = dict(h.ipmi or {})
                h.ipmi[f] = text[f] if f in text else str(db_int(version, f, r[f]))
        if any(f in r for f in TLS_FIELDS):
            tls = {f: h.tls_get(f) for f in TLS_FIELDS}
            for f in TLS_FIELDS:
                if f in r:
                    tls[f] = text[f] if f in text else db_int(version, f, r[f])
            self.clean_tls(tls)
            h.tls = None if tls["tls_connect"] == 1 and tls["tls_accept"] == 1 else tls
        if self.world.version < (7, 0):
            if "proxy_hostid" in r:
                h.proxyid = self.proxy_old(r["proxy_hostid"], h)
        elif "monitored_by" in r:
            h.mon = db_int(version, "monitored_by", r["monitored_by"])
            h.proxyid = check_id(r.get("proxyid", h.proxyid), "/1/proxyid") if h.mon == 1 else 0
            h.pgid = check_id(r.get("proxy_groupid", h.pgid), "/1/proxy_groupid") if h.mon == 2 else 0

    def proxy_old(self, value, h):
        if value is None:
            return 0
        if not is_id(value):
            raise ApiError(APP, 'Incorrect value "%s" for unsigned int field "proxy_hostid".' % php_str(value))
        if int(value) and int(value) not in self.world.proxies:
            raise ApiError(APP, 'SQL statement execution has failed "INSERT INTO hosts (hostid,host,proxy_hostid,name) '
                                "VALUES ('%d','%s','%s','%s')\"." % (h.hostid, h.host, value, h.name))
        return int(value)

    @staticmethod
    def clean_tls(tls):
        if tls["tls_connect"] != 2 and not tls["tls_accept"] & 2:
            tls["tls_psk_identity"] = tls["tls_psk"] = ""
        if tls["tls_connect"] != 4 and not tls["tls_accept"] & 4:
            tls["tls_issuer"] = tls["tls_subject"] = ""

    def inventory_values(self, inv, base=None):
        out = dict(base or {})
        for f, v in inv.items():
            if f not in self.inventory:
                continue
            v = "" if v is None else str(v)
            if self.inventory[f] and len(v) > self.inventory[f]:
                raise too_long(f, v, self.inventory[f])
            if v == "":
                out.pop(f, None)
            else:
                out[f] = v
        return out

    def check_proxy_new(self, r, p, db):
        if self.world.version < (7, 0):
            return
        if db is None or "monitored_by" in r:
            r["monitored_by"] = check_int(r.get("monitored_by", 0), p + "/monitored_by", (0, 1, 2))
            mon = r["monitored_by"]
        else:
            mon = db.mon
        for field, want in (("proxyid", 1), ("proxy_groupid", 2)):
            if mon == want:
                if field in r:
                    check_id(r[field], p + "/" + field)
                elif db is None:
                    raise bad(p, 'the parameter "%s" is missing' % field)
            elif field in r and check_id(r[field], p + "/" + field) != 0:
                raise bad(p + "/" + field, "value must be 0")
        if db is not None and ("proxyid" in r or "proxy_groupid" in r):
            r.setdefault("monitored_by", mon)

    def check_proxies_exist(self, rows, dbs):
        w = self.world
        if w.version < (7, 0):
            return
        for n, (r, db) in enumerate(zip(rows, dbs), 1):
            mon = int(r.get("monitored_by", db.mon if db else 0))
            for field, want, table, have in (("proxyid", 1, w.proxies, "proxyid"),
                                             ("proxy_groupid", 2, w.proxy_groups, "pgid")):
                if mon != want:
                    continue
                if field not in r:
                    if db is None or db.mon == want:
                        continue
                    value = getattr(db, have)
                else:
                    value = int(r[field])
                if value == 0 or value not in table:
                    raise bad("/%d/%s" % (n, field), NO_PERM, APP)

    def check_tls_new(self, r, p, db):
        if self.old:
            return
        get = (lambda f: db.tls_get(f)) if db else (lambda f: 1)
        if "tls_connect" in r:
            r["tls_connect"] = check_int(r["tls_connect"], p + "/tls_connect", (1, 2, 4))
        if "tls_accept" in r:
            r["tls_accept"] = check_int(r["tls_accept"], p + "/tls_accept", range(1, 8), "1-7")
        connect, accept = r.get("tls_connect", get("tls_connect")), r.get("tls_accept", get("tls_accept"))
        psk, cert = connect == 2 or accept & 2, connect == 4 or accept & 4
        if psk and db is not None and db.tls_get("tls_connect") != 2 and not db.tls_get("tls_accept") & 2:
            r.setdefault("tls_psk_identity", "")
            r.setdefault("tls_psk", "")
        for field, on, check in (
                ("tls_psk_identity", psk, lambda v, q: check_str(v, q, 128, not_empty=True)),
                ("tls_psk", psk, _psk), ("tls_issuer", cert, lambda v, q: check_str(v, q, 1024)),
                ("tls_subject", cert, lambda v, q: check_str(v, q, 1024))):
            if field not in r:
                if on and db is None and field.startswith("tls_psk"):
                    raise bad(p, 'the parameter "%s" is missing' % field)
            elif on:
                check(r[field], p + "/" + field)
            elif check_str(r[field], p + "/" + field) != "":
                raise bad(p + "/" + field, "value must be empty")

    def check_tls_old(self, rows, dbs):
        """6.0: other words, no positions, and no check that one identity has one key."""
        import re
        for n, r in enumerate(rows):
            db = dbs[n] if dbs else None
            get = lambda f: r[f] if f in r else (db.tls_get(f) if db else 1 if f in ("tls_connect", "tls_accept") else "")

            def wrong(field, text):
                return ApiError(PARAM, 'Incorrect value for field "%s": %s.' % (field, text))
            connect, accept = get("tls_connect"), get("tls_accept")
            if is_array(accept):
                raise CrashedServer()
            if str(connect) not in ("1", "2", "4"):
                raise wrong("tls_connect", 'unexpected value "%s"' % php_str(connect))
            if not is_int(accept) or not 1 <= int(accept) <= 7:
                raise wrong("tls_accept", 'unexpected value "%s"' % accept)
            connect, accept = int(connect), int(accept)
            psk_on, cert_on = connect == 2 or accept & 2, connect == 4 or accept & 4
            given = {f: get(f) for f in TLS_FIELDS[2:]}
            if db is not None and not psk_on:
                given.update({f: r.get(f, "") for f in ("tls_psk_identity", "tls_psk")})
            if db is not None and not cert_on:
                given.update({f: r.get(f, "") for f in ("tls_issuer", "tls_subject")})
            for f in ("tls_psk_identity", "tls_psk"):
                if psk_on and given[f] == "":
                    raise wrong(f, "cannot be empty")
                if not psk_on and given[f] != "":
                    raise wrong(f, "should be empty")
            if psk_on and not re.fullmatch(r"([0-9a-fA-F]{2})+", str(given["tls_psk"])):
                raise wrong("tls_psk", "an even number of hexadecimal characters is expected")
            if psk_on and len(given["tls_psk"]) < 32:
                raise wrong("tls_psk", "minimum length is 32 characters")
            for f in ("tls_issuer", "tls_subject"):
                if not cert_on and given[f] != "":
                    raise wrong(f, "should be empty")

    def check_psk_pairs(self, rows, dbs):
        """One identity has one key across the server (not checked by 6.0)."""
        if not any("tls_psk" in r or "tls_psk_identity" in r for r in rows):
            return
        seen = {}
        own = {db.hostid for db in dbs if db is not None}
        for n, (r, db) in enumerate(zip(rows, dbs), 1):
            ident = r.get("tls_psk_identity", db.tls_get("tls_psk_identity") if db else "")
            key = r.get("tls_psk", db.tls_get("tls_psk") if db else "")
            if not ident or not ("tls_psk" in r or "tls_psk_identity" in r):
                continue
            if ident not in seen:
                seen[ident] = next((h.tls["tls_psk"] for h in self.world.hosts.values() if h.tls
                                    and h.tls["tls_psk_identity"] == ident and h.hostid not in own), key)
            if seen[ident] != key:
                raise bad("/%d/tls_psk" % n, "another tls_psk value is already associated with given tls_psk_identity")

    # templates

    def check_templates_exist(self, rows, dbs=None):
        for n, r in enumerate(rows, 1):
            db = dbs[n - 1] if dbs else None
            clear = r.get("_clear", [])
            for c, tid in enumerate(clear, 1):
                if tid in r.get("_templates", []):
                    i = r["_templates"].index(tid) + 1
                    raise bad("/%d/templates_clear/%d/templateid" % (n, c),
                              'cannot be specified the value of parameter "/%d/templates/%d/templateid"' % (n, i))
            for word, tids in (("templates", r.get("_templates", [])), ("templates_clear", clear)):
                for m, tid in enumerate(tids, 1):
                    if not (db and tid in db.templates) and not self.template_ok(tid):
                        raise bad("/%d/%s/%d" % (n, word, m), NO_PERM, APP)

    def link_all(self, h, tids):
        """Link new templates: what they bring must be unique on the host, interfaces must be there."""
        w = self.world
        new = [w.templates[t] for t in tids if t not in h.templates]
        if new:
            check_link(w, self.old, h, new)
        for t in new:
            missing = w.missing_iface(h, t)
            if missing:
                key, need, flags = missing
                if self.old:
                    raise ApiError(PARAM, 'Cannot find host interface on "%s" for item key "%s".' % (h.host, key))
                raise ApiError(PARAM, 'Cannot inherit %s with key "%s" of template "%s" to host "%s", because a host '
                               'interface of type "%s" is required.' % (ITEM_WORD[flags], key, t.name, h.host, IF_TITLE[need]))
            w.link(h, t)

    # update

    def update(self, params):
        if self.old:
            rows, dbs = self.update_check_old(params)
        else:
            rows, dbs = self.update_check_new(params)
        txn = Txn(self.world)
        for r in rows:
            if "host" in r and ("name" not in r or str(r["name"]).strip() == ""):
                r["name"] = r["host"]
        if self.old:
            for r in rows:
                h = txn.get(r["hostid"])
                if "_macros" in r:
                    self.apply_macros(h, r["_macros"])
            for r in rows:
                self.apply_old(txn.get(r["hostid"]), r)
        else:
            for r in rows:
                h = txn.get(r["hostid"])
                if "_tags" in r:
                    h.tags = r["_tags"]
                if "_macros" in r:
                    self.apply_macros(h, r["_macros"])
            for r in rows:
                h = txn.get(r["hostid"])
                self.set_columns(h, r)
                if "interfaces" in r:
                    zbx_ifaces.replace(self.world, h, r["interfaces"])
                self.apply_inventory(h, r)
            for r in rows:
                h = txn.get(r["hostid"])
                self.apply_templates(h, r)
                if "_groups" in r:
                    h.groups = r["_groups"]
        txn.commit()
        return {"hostids": [str(r["hostid"]) for r in rows]}

    def apply_old(self, h, r):
        """One host.massupdate of 6.0: templates go before interfaces change, new ones come after."""
        self.set_columns(h, r)
        wanted = r.get("_templates")
        for tid in r.get("_clear", []):
            if tid in h.templates:
                self.world.unlink(h, tid, clear=True)
        if wanted is not None:
            for tid in [t for t in h.templates if t not in wanted]:
                self.world.unlink(h, tid, clear=False)
        if "interfaces" in r:
            zbx_ifaces.replace(self.world, h, r["interfaces"])
        if wanted is not None:
            if not all(t in h.templates or self.template_ok(t) for t in wanted):
                raise ApiError(APP, NO_OBJECT)
            self.link_all(h, wanted)
        self.apply_inventory(h, r)
        if "_groups" in r:
            if not all(g in h.groups or self.group_ok(g) for g in r["_groups"]):
                raise ApiError(APP, NO_OBJECT)
            h.groups = list(dict.fromkeys(r["_groups"]))
        if "_tags" in r:
            h.tags = r["_tags"]

    def apply_templates(self, h, r):
        clear = r.get("_clear", [])
        for tid in clear:
            if tid in h.templates:
                self.world.unlink(h, tid, clear=True)
        if "_templates" in r:
            for tid in [t for t in h.templates if t not in r["_templates"]]:
                self.world.unlink(h, tid, clear=False)
            self.link_all(h, r["_templates"])

    def apply_inventory(self, h, r):
        inv = r.get("inventory") if isinstance(r.get("inventory"), dict) else None
        if "inventory_mode" in r and r["inventory_mode"] is not None:
            mode = int(r["inventory_mode"])
            if mode == -1:
                h.inv_mode, h.inv = -1, None
                return
            h.inv_mode = mode
            h.inv = self.inventory_values(inv or {}, h.inv)
        elif inv:
            if h.inv_mode == -1:
                raise ApiError(PARAM, 'Inventory disabled for host "%s".' % h.host)
            h.inv = self.inventory_values(inv, h.inv)

    def update_check_new(self, params):
        w = self.world
        rows = [dict(r) if isinstance(r, dict) else r for r in as_list(params, "/", not_empty=True)]
        seen = set()
        for n, r in enumerate(rows, 1):
            if not isinstance(r, dict):
                raise bad("/%d" % n, "an array is expected")
            if "hostid" not in r:
                raise bad("/%d" % n, 'the parameter "hostid" is missing')
            r["hostid"] = check_id(r["hostid"], "/%d/hostid" % n)
        for n, r in enumerate(rows, 1):
            if r["hostid"] in seen:
                raise bad("/%d" % n, "value (hostid)=(%d) already exists" % r["hostid"])
            seen.add(r["hostid"])
        if not all(self.writable(r["hostid"]) for r in rows):
            raise ApiError(APP, NO_OBJECT)
        dbs = [w.hosts[r["hostid"]] for r in rows]
        for r, db in zip(rows, dbs):
            self.check_discovered(r, db)
        for n, (r, db) in enumerate(zip(rows, dbs), 1):
            p = "/%d" % n
            if db.flags != 4:
                self.check_proxy_new(r, p, db)
                self.check_tls_new(r, p, db)
            if "groups" in r:
                g = check_objects(r["groups"], p + "/groups", group_fields(), ["groupid"], not_empty=True)
                r["_groups"] = [x["groupid"] for x in g]
            self.check_common_lists(r, p, update=True)
        self.check_proxies_exist(rows, dbs)
        self.check_psk_pairs(rows, dbs)
        if any("auto_compress" in r for r in rows):
            raise ApiError(PARAM, "Incorrect input parameters.")
        for n, (r, db) in enumerate(zip(rows, dbs), 1):
            for m, gid in enumerate(r.get("_groups", []), 1):
                if gid not in db.groups and not self.group_ok(gid):
                    raise bad("/%d/groups/%d" % (n, m), NO_PERM, APP)
        self.check_templates_exist(rows, dbs)
        for n, (r, db) in enumerate(zip(rows, dbs), 1):
            if "_macros" in r:
                self.check_macros(r, db, "/%d/macros" % n)
        self.check_update_names(rows, dbs)
        return rows, dbs

    def update_check_old(self, params):
        w = self.world
        rows = params if isinstance(params, list) else [params] if params else []
        if not rows:
            raise ApiError(PARAM, "Empty input parameter.")
        out = []
        for n, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                raise CrashedServer()
            r = dict(row)
            if r.get("hostid") is None:
                raise ApiError(PARAM, 'Wrong fields for host "%s".' % r.get("host", ""))
            if is_array(r["hostid"]):
                raise CrashedServer()
            r["hostid"] = int(r["hostid"]) if is_id(r["hostid"]) else -1
            if not self.writable(r["hostid"]):
                raise ApiError(PARAM, NO_OBJECT)
            if "groups" in r:
                r["_groups"] = self.old_groups(r["groups"], w.hosts[r["hostid"]].host)
            if "macros" in r:
                r["_macros"] = check_objects(r["macros"], "/%d/macros" % n, {
                    k: v for k, v in macro_fields(True).items() if k != "automatic"}, ["hostmacroid"])
            if "templates" in r:
                r["_templates"] = self.old_ids(r["templates"], "templateid")
            if "templates_clear" in r:
                r["_clear"] = self.old_ids(r["templates_clear"], "templateid")
            out.append(r)
        dbs = [w.hosts[r["hostid"]] for r in out]
        for n, (r, db) in enumerate(zip(out, dbs), 1):
            if "_macros" in r:
                self.check_macros(r, db, "/%d/macros" % n)
        self.check_update_names(out, dbs)
        self.check_tls_old(out, dbs)
        return out, dbs

    def check_discovered(self, r, db):
        if db.flags != 4:
            return
        allowed = OLD_DISCOVERED if self.old else NEW_DISCOVERED
        for field in r:
            if field not in allowed and not field.startswith("_"):
                raise ApiError(APP, 'Cannot update "%s" for a discovered host "%s".' % (field, r.get("host", db.host)))

    def check_update_names(self, rows, dbs):
        w = self.world
        hosts, names = {}, {}
        for r, db in zip(rows, dbs):
            shown = r.get("host", db.host)
            self.check_single_fields({k: v for k, v in r.items() if k != "interfaces"}, shown)
            if self.old:
                self.check_discovered(r, db)
            if r.get("interfaces") is not None and not isinstance(r["interfaces"], (list, dict)):
                raise ApiError(PARAM, zbx_ifaces.ARGS)
            if "host" in r:
                if not host_name_ok(r["host"]):
                    raise ApiError(PARAM, 'Incorrect characters used for host name "%s".' % php_str(r["host"]))
                if r["host"] in hosts:
                    raise ApiError(PARAM, 'Duplicate host. Host with the same host name "%s" already exists in data.'
                                   % r["host"])
                hosts[r["host"]] = r["hostid"]
            if "name" in r:
                r["name"] = self.visible_name(r["name"]) or r.get("host")
                if r["name"] is None:
                    raise ApiError(PARAM, "Visible name cannot be empty if host name is missing.")
                if r["name"] in names:
                    raise ApiError(PARAM, 'Duplicate host. Host with the same visible name "%s" already exists in data.'
                                   % r["name"])
                names[r["name"]] = r["hostid"]
            if self.old and "tags" in r:
                r["_tags"] = check_tags(r["tags"], "/tags")
        for kind, word in (("host", "Host"), ("template", "Template")):
            for table, asked, what in ((w.by_host, hosts, "name"), (w.by_name, names, "visible name")):
                for name, hostid in asked.items():
                    found = table.get(name)
                    if found and found[0] == kind and found != ("host", hostid):
                        raise ApiError(PARAM, '%s with the same %s "%s" already exists.' % (word, what, name))

    def check_macros(self, r, db, path):
        have = {m.hostmacroid: m for m in db.macros}
        for n, m in enumerate(r["_macros"], 1):
            p = "%s/%d" % (path, n)
            if "hostmacroid" not in m:
                for field in ("macro", "value"):
                    if field not in m:
                        raise bad(p, 'the parameter "%s" is missing' % field)
                m.setdefault("type", 0)
            else:
                old = have.get(m["hostmacroid"])
                if old is None:
                    raise ApiError(APP, NO_OBJECT)
                m.setdefault("macro", old.macro)
                m.setdefault("type", old.type)
                if m["type"] != old.type:
                    if old.type == 1:
                        m.setdefault("value", "")
                    if m["type"] == 2:
                        m.setdefault("value", old.value)
            if "value" in m and m["type"] == 2:
                check_vault(m["value"], p + "/value")
        seen = set()
        for n, m in enumerate(r["_macros"], 1):
            key = macro_identity(m["macro"])
            if key in seen:
                raise bad("%s/%d" % (path, n), "value (macro)=(%s) already exists" % m["macro"])
            seen.add(key)

    def apply_macros(self, h, rows):
        have = {m.hostmacroid: m for m in h.macros}
        out = []
        for m in rows:
            old = have.get(m.get("hostmacroid"))
            if old is None:
                out.append(Macro(self.world.next_id("hostmacro"), m["macro"], m["value"], m.get("type", 0),
                                 m.get("description", "")))
                continue
            old.macro, old.type = m["macro"], m["type"]
            if "value" in m:
                old.value = m["value"]
            if "description" in m:
                old.description = m["description"]
            out.append(old)
        h.macros = out

    # delete

    def delete(self, params):
        if params == [] or params == {}:
            raise bad("/", "cannot be empty")
        if not isinstance(params, list):
            raise bad("/", "an array is expected")
        ids = []
        for n, v in enumerate(params, 1):
            ident = check_id(v, "/%d" % n)
            if ident in ids:
                raise bad("/%d" % n, "value (%d) already exists" % ident)
            ids.append(ident)
        if not all(self.writable(i) for i in ids):
            raise ApiError(APP, NO_OBJECT)
        for i in ids:
            self.world.remove(i)
        return {"hostids": [str(i) for i in ids]}
