# SPDX-License-Identifier: Apache-2.0
"""JSON-RPC 2.0 over /api_jsonrpc.php: envelope, authorisation by version, dispatch, batches."""
import asyncio
import json
import re
import secrets

from .faults import status_response
from .http import Response, json_response
from .zbx_get import HostReader, clean_query
from .zbx_input import APP, INTERNAL, METHOD, PARAM, PARSE, REQUEST, ApiError, CrashedServer, TooLong, bad, check_str, is_id
from .zbx_mass import MassWriter
from .zbx_objects import Objects
from .zbx_schema import WRITE_ACTIONS

NO_AUTH = {"apiinfo.version", "user.login", "user.checkauthentication"}
ENVELOPE = ("jsonrpc", "method", "params", "id", "auth")
BLOCKED = "Incorrect user name or password or account is temporarily blocked."
ENDED = "Session terminated, re-login, please."
NOT_AUTH = "Not authorized."
HOST_WRITES = {"create": "create", "update": "update", "delete": "delete", "massadd": "massadd",
               "massremove": "massremove", "massupdate": "massupdate"}
KNOWN_APIS = """action alert apiinfo auditlog autoregistration configuration connector correlation dashboard dcheck dhost
discoveryrule drule dservice event graph graphitem graphprototype hanode history host hostgroup hostinterface hostprototype
httptest iconmap image item itemprototype maintenance map mediatype module problem proxy proxygroup regexp report role
script service settings sla task template templatedashboard templategroup token trend trigger triggerprototype user
userdirectory usergroup usermacro valuemap""".split()
SINCE = {"templategroup": (6, 2), "proxygroup": (7, 0), "connector": (6, 4), "userdirectory": (6, 2)}


class ZabbixApi:
    """One Zabbix server: its world, its sessions, its faults."""

    def __init__(self, name, world, faults, stats):
        self.name, self.world, self.faults, self.stats = name, world, faults, stats

    # HTTP

    async def handle(self, request):
        if request.path == "/" or request.path == "/index.php":
            return Response(200, "<!DOCTYPE html><html><title>Zabbix</title></html>", content_type="text/html")
        if not request.path.endswith("/api_jsonrpc.php") or request.path.count("/") > 1:
            return Response(404, "<!doctype html><html><head><title>404 Not Found</title></head></html>",
                            content_type="text/html; charset=UTF-8")
        if request.method == "OPTIONS":
            return Response(200, b"", content_type="text/html; charset=UTF-8")
        ctype = request.headers.get("content-type", "").split(";")[0].strip()
        if request.method == "POST" and ctype not in ("application/json-rpc", "application/json",
                                                      "application/jsonrequest"):
            return Response(412, b"", content_type="text/html; charset=UTF-8")
        try:
            text = request.body.decode("utf-8")
            data = json.loads(text) if text else None
            # PHP refuses half of a surrogate pair, Python does not.
            if re.search(r"\\u[dD][89a-fA-F]", text):
                json.dumps(data, ensure_ascii=False).encode()
            parsed = bool(text)
        except (ValueError, UnicodeDecodeError, RecursionError):
            data, parsed = None, False
        calls = data if isinstance(data, list) else [data]
        names = [str(c.get("method")).lower() if isinstance(c, dict) else "?" for c in calls] or ["?"]
        rules = self.faults.transport(self.name, names)
        self.stats.faults += len(rules)
        kinds = {r.kind for r in rules}
        for r in rules:
            if r.kind in ("status", "html", "redirect", "empty_body"):
                response = status_response(r, Response)
                return self.delayed(response, rules)
        for kind, delivery in (("reset_before", "reset"), ("close_before", "close"), ("hang", "hang")):
            if kind in kinds:
                response = Response()
                response.delivery = delivery
                return response
        for r in rules:
            if r.kind == "close_late":
                asyncio.get_running_loop().call_later(float(r.spec["ms"]) / 1000, self.answer, data, parsed, request)
                response = Response()
                response.delivery = "close"
                return response
            if r.kind == "late":
                await asyncio.sleep(float(r.spec["ms"]) / 1000)
        try:
            response = self.answer(data, parsed, request)
        except CrashedServer:
            response = Response(500, b"", content_type="text/html; charset=UTF-8")
        for kind, delivery in (("reset_after", "reset"), ("close_after", "close"), ("hang_after", "hang"),
                               ("half_body", "half")):
            if kind in kinds:
                response.delivery = delivery
        if "truncate_json" in kinds:
            response.body = response.body[: len(response.body) * 2 // 3]
        return self.delayed(response, rules)

    @staticmethod
    def delayed(response, rules):
        response.delay = sum(float(r.spec.get("ms", 0)) for r in rules if r.kind == "latency") / 1000.0
        return response

    # JSON-RPC

    def answer(self, data, parsed, request):
        if not parsed:
            return json_response(self.error(None, ApiError(
                PARSE, "Invalid JSON. An error occurred on the server while parsing the JSON text.")))
        if isinstance(data, list) and data:
            out = [r for r in (self.one(c, request) for c in data) if r is not None]
            return json_response(out) if out else Response(200, b"")
        if not isinstance(data, dict) or not data:
            return json_response(self.error(None, ApiError(
                REQUEST, "The received JSON is not a valid JSON-RPC request.")))
        out = self.one(data, request)
        return Response(200, b"") if out is None else json_response(out)

    @staticmethod
    def error(ident, e):
        return {"jsonrpc": "2.0", "error": e.as_dict(), "id": ident}

    def one(self, call, request):
        """One request of the body; None for a notification."""
        ident = call.get("id") if isinstance(call, dict) else None
        method, host_write = "?", False
        try:
            method, params = self.envelope(call)
            lower = method.lower()
            action = lower.partition(".")[2]
            write = action in WRITE_ACTIONS
            self.stats.call(method, write, len(params) if write and isinstance(params, list) else 1)
            host_write = lower.startswith("host.") and action in HOST_WRITES
            result = self.call(lower, method, params, call, request)
            if host_write:
                self.stats.wrote(lower, [int(i) for i in result["hostids"]])
        except ApiError as e:
            self.stats.error(method)
            if host_write:
                self.stats.wrote(lower, [], e.as_dict()["data"])
            return None if isinstance(call, dict) and "id" not in call else self.error(ident, e)
        if "id" not in call:
            return None
        return {"jsonrpc": "2.0", "result": result, "id": ident}

    def envelope(self, call):
        if not isinstance(call, dict):
            raise ApiError(REQUEST, "The received JSON is not a valid JSON-RPC request.")
        allowed = ENVELOPE if self.world.version < (7, 2) else ENVELOPE[:-1]
        for key in call:
            if key not in allowed:
                raise bad("/", 'unexpected parameter "%s"' % key, REQUEST)
        for key in ("jsonrpc", "method", "params"):
            if key not in call:
                raise bad("/", 'the parameter "%s" is missing' % key, REQUEST)
            if key == "jsonrpc" and call[key] != "2.0":
                raise bad("/jsonrpc", 'value must be "2.0"', REQUEST)
            if key == "method" and not isinstance(call[key], str):
                raise bad("/method", "a character string is expected", REQUEST)
            if key == "params" and not isinstance(call[key], (list, dict)):
                raise bad("/params", "an array or object is expected", REQUEST)
        return call["method"], call["params"]

    def call(self, lower, method, params, call, request):
        api, _, action = lower.partition(".")
        if api not in KNOWN_APIS or self.world.version < SINCE.get(api, (0,)):
            raise ApiError(METHOD, 'Incorrect API "%s".' % method.partition(".")[0])
        target = self.target(api, action)
        if target is None:
            raise ApiError(METHOD, 'Incorrect method "%s".' % method)
        bearer = self.bearer(request)
        field = call.get("auth")
        if lower in NO_AUTH:
            if field is not None:
                raise ApiError(PARAM, 'The "%s" method must be called without the "auth" parameter.' % method)
            if bearer is not None and self.world.version >= (6, 4):
                raise ApiError(PARAM, 'The "%s" method must be called without authorization header.' % method)
            user, session = None, None
        else:
            user, session = self.authorise(field, bearer)
        names = host_names(self.world, params) if action in HOST_WRITES and api == "host" else ()
        rule = self.faults.call(self.name, lower, names)
        if rule is not None:
            self.strike(rule)
            if rule.kind in ("session_end", "token_end"):
                raise ApiError(PARAM, NOT_AUTH if rule.kind == "token_end" else ENDED)
        return target(params, user, session)

    def strike(self, rule):
        """What a fault of the call does."""
        self.stats.faults += 1
        s = rule.spec
        if rule.kind == "session_end":
            self.world.sessions.clear()
        elif rule.kind == "token_end":
            for t in self.world.tokens.values():
                t["status"] = 1
        elif rule.kind == "refuse_host":
            raise ApiError(int(s.get("code", PARAM)), s.get("text", 'Host "%s" is refused.' % s["host"]),
                           s.get("message", "Invalid params."))
        else:
            raise ApiError(int(s.get("code", APP)), s.get("data", "Database error occurred."),
                           s.get("message", "Application error."))

    # authorisation

    @staticmethod
    def bearer(request):
        value = request.headers.get("authorization")
        if value is None or not value.lower().startswith("bearer "):
            return None
        return value[7:].strip()

    def authorise(self, field, bearer):
        v = self.world.version
        value = field
        if v >= (6, 4) and not value:
            value = bearer
        if v >= (7, 2):
            value = bearer
        if not value or not isinstance(value, str):
            raise ApiError(PARAM, NOT_AUTH)
        if len(value) == 64:
            token = next((t for t in self.world.tokens.values() if t["token"] == value), None)
            if token is None or token["status"] != 0:
                raise ApiError(PARAM, NOT_AUTH)
            if token["expires_at"] and token["expires_at"] < self.world.clock():
                raise ApiError(APP, "API token expired.")
            return self.world.users[token["userid"]], None
        uid = self.world.sessions.get(value)
        if uid is None or uid not in self.world.users:
            raise ApiError(PARAM, ENDED)
        return self.world.users[uid], value

    def mutate(self, op):
        return mutate_zabbix(self.world, op)

    def load(self, state):
        self.world.load(state)

    # methods

    def target(self, api, action):
        own = getattr(self, "m_%s_%s" % (api, action), None)
        if own is not None:
            return own
        if api == "host" and action == "get":
            return lambda p, user, _: HostReader(self.world, user).get(clean_query(self.world.version, p))
        if api == "host" and action in HOST_WRITES:
            return lambda p, user, _: self.host_write(action, p, user)
        if hasattr(Objects, "%s_%s" % (api, action)):
            return lambda p, user, _: getattr(Objects(self.world, user), "%s_%s" % (api, action))(
                clean_query(self.world.version, p) if action == "get" else p)
        return None

    def host_write(self, action, params, user):
        if user["roleid"] in (1, 4):
            raise ApiError(PARAM if self.world.version < (6, 4) else APP, 'No permissions to call "host.%s".' % action)
        try:
            return getattr(MassWriter(self.world, user), action)(params)
        except TooLong as e:
            if (7, 0, 0) <= self.world.version <= (7, 0, 9):
                raise ApiError(INTERNAL, e.data) from None
            raise

    def m_apiinfo_version(self, params, user, session):
        if params:
            raise bad("/", "should be empty")
        return "%d.%d.%d" % self.world.version

    def m_user_login(self, params, user, session):
        old = self.world.version < (6, 4)
        if not isinstance(params, dict):
            raise bad("/", "an array is expected")
        for key in params:
            if key not in ("username", "password", "userData") and not (old and key == "user"):
                raise bad("/", 'unexpected parameter "%s"' % key)
        name = params.get("username", params.get("user") if old else None)
        for key, value in (("username", name), ("password", params.get("password"))):
            if value is None:
                raise bad("/", 'the parameter "%s" is missing' % key)
            check_str(value, "/" + key)
        found = next((u for u in self.world.users.values() if u["username"] == name), None)
        if found is None:
            raise ApiError(PARAM if old else APP, BLOCKED)
        if found["password"] != params["password"]:
            found["attempts"] += 1
            raise ApiError(APP, BLOCKED)
        sid = secrets.token_hex(16)
        self.world.sessions[sid] = found["userid"]
        if params.get("userData"):
            return dict(Objects(self.world, found).user_row(found), type=self.world.roles[found["roleid"]][1],
                        userip="127.0.0.1", sessionid=sid)
        return sid

    def m_user_logout(self, params, user, session):
        if session is None:
            raise ApiError(APP, 'Incorrect field "sessionid" name or value in where statement for table "sessions".')
        self.world.sessions.pop(session, None)
        return True

    def m_user_checkauthentication(self, params, user, session):
        if not isinstance(params, dict):
            raise bad("/", "an array is expected")
        if "token" in params:
            token = check_str(params["token"], "/token")
            found, _ = self.authorise(token, token)
            return dict(Objects(self.world, found).user_row(found), type=self.world.roles[found["roleid"]][1],
                        userip="127.0.0.1")
        sid = check_str(params.get("sessionid", ""), "/sessionid")
        uid = self.world.sessions.get(sid)
        if uid is None:
            raise ApiError(PARAM, ENDED)
        u = self.world.users[uid]
        return dict(Objects(self.world, u).user_row(u), type=self.world.roles[u["roleid"]][1], userip="127.0.0.1",
                    sessionid=sid)


def host_names(world, params):
    """Technical and visible names of the hosts a write call is about, for refuse_host rules."""
    out = set()
    rows = params if isinstance(params, list) else [params]
    if isinstance(params, dict) and "hosts" in params:
        rows = params["hosts"] if isinstance(params["hosts"], list) else [params["hosts"]]
    for r in rows:
        if isinstance(r, dict):
            out |= {x for x in (r.get("host"), r.get("name")) if isinstance(x, str)}
            ident = r.get("hostid")
        else:
            ident = r
        if is_id(ident) and int(ident) in world.hosts:
            h = world.hosts[int(ident)]
            out |= {h.host, h.name}
    return out


def mutate_zabbix(w, op):
    """A change by hand, past all rules: {"server": "zabbix", "do": "update|delete|create|unlink|end_sessions", …}."""
    do = op["do"]
    if do == "end_sessions":
        n = len(w.sessions)
        w.sessions.clear()
        return n
    if do == "create":
        from .zbx_model import Host
        h = Host(w.next_id("host"), op["host"], op.get("name", op["host"]))
        h.groups = [w.group_names[g].groupid for g in op.get("groups", ["Linux servers"])]
        h.flags = int(op.get("flags", 0))
        w.put(h)
        return h.hostid
    kind, ident = w.by_host[op["host"]] if "host" in op else ("host", int(op["hostid"]))
    if kind != "host":
        raise KeyError(op["host"])
    if do == "delete":
        w.remove(ident)
        return ident
    h = w.hosts[ident].copy()
    if do == "unlink":
        w.unlink(h, w.template_named(op["template"]).templateid, clear=bool(op.get("clear")))
    elif do == "update":
        s = op["set"]
        for f in ("host", "name", "status", "description", "flags"):
            if f in s:
                setattr(h, f, s[f])
        if "tags" in s:
            h.tags = [(t["tag"], t.get("value", "")) for t in s["tags"]]
        if "groups" in s:
            h.groups = [w.group_names[g].groupid for g in s["groups"]]
        if "ip" in s:
            for i in h.ifaces:
                i.ip = s["ip"]
        if "macros" in s:
            from .zbx_model import Macro
            h.macros = [Macro(w.next_id("hostmacro"), k, v) for k, v in s["macros"].items()]
        if "inventory" in s:
            h.inv_mode, h.inv = 0, dict(s["inventory"])
    else:
        raise ValueError("unknown mutation %r" % do)
    w.put(h)
    return h.hostid
