# SPDX-License-Identifier: Apache-2.0
"""The simulated NetBox over HTTP: routes, tokens, paging, single and bulk writes."""
import copy
import hashlib
import json
import time
import urllib.parse
import uuid

from .faults import status_response
from .http import Response
from .nb_data import populate
from .nb_filter import BadFilter, BrokenRegex, Filters, digits
from .nb_schema import TABLES
from .nb_serial import Serial, iso
from .nb_world import World
from .nb_write import Invalid, Refused, Writer

RESERVED = {"limit", "offset", "start", "ordering", "fields", "omit", "exclude", "brief", "format"}
NO_CREDENTIALS = "Authentication credentials were not provided."
NO_PERMISSION = "You do not have permission to perform this action."


class Answer(Exception):
    """Ends a request early with a status and a JSON body (None: no body)."""

    def __init__(self, status, body, headers=()):
        super().__init__(str(body))
        self.status, self.body, self.headers = status, body, list(headers)


class NetBoxApi:
    def __init__(self, name, version, devices, vms, seed, empty, max_page, faults, stats):
        self.name, self.version, self.max_page = name, version, max_page
        self.faults, self.stats, self.port = faults, stats, 0
        self.started = time.time()
        self.world = World(version, lambda: round(time.time(), 6))
        if not empty:
            populate(self.world, devices, vms, seed)
        h = lambda text: hashlib.sha256(("zync-sim:%s:%s" % (seed, text)).encode()).hexdigest()
        self.token_v1 = h("v1")[:40]
        self.token_v2 = "nbt_%s.%s" % (h("key")[:12], h("secret")[:40]) if version >= (4, 5) else self.token_v1
        self.token_readonly = "nbt_%s.%s" % (h("rkey")[:12], h("rsecret")[:40]) if version >= (4, 5) else h("ro")[:40]
        self.token_expired = h("expired")[:40]
        self.serials = {}
        self.lists = {}
        self.prefix = "/api/"
        self.changes_path = "core/object-changes" if version >= (4, 1) else "extras/object-changes"

    # HTTP

    async def handle(self, request):
        endpoint = "%s %s" % (request.method, self.generic(request.path))
        rules = self.faults.transport(self.name, [endpoint])
        self.stats.faults += len(rules)
        kinds = {r.kind for r in rules}
        for r in rules:
            if r.kind in ("status", "html", "redirect", "empty_body"):
                return self.delayed(self.head(status_response(r, Response)), rules)
        for kind, delivery in (("reset_before", "reset"), ("close_before", "close"), ("hang", "hang")):
            if kind in kinds:
                response = Response()
                response.delivery = delivery
                return response
        write = request.method in ("POST", "PATCH", "PUT", "DELETE")
        request_id = str(uuid.uuid4())
        try:
            status, body, headers = self.route(request, request_id)
        except Answer as a:
            status, body, headers = a.status, a.body, a.headers
        except Refused as a:
            status, body, headers = a.status, a.body, []
        except (Invalid, BadFilter) as e:
            status, body, headers = 400, e.body, []
        except BrokenRegex as e:
            status, headers = 500, []
            body = {"error": "invalid regular expression: %s" % e, "exception": "DataError",
                    "netbox_version": "%d.%d.%d" % self.version, "python_version": "3.12.1"}
        n = len(body) if write and isinstance(body, list) else 1
        self.stats.call(endpoint, write, n)
        if status >= 400:
            self.stats.error("%s %d" % (endpoint, status))
        response = Response(status, b"" if body is None else json.dumps(body, ensure_ascii=False,
                                                                       separators=(",", ":")), headers,
                            "application/json" if body is not None else "text/html; charset=utf-8")
        if isinstance(body, str):
            response = Response(status, body, headers, "text/html; charset=utf-8")
        self.head(response, request_id)
        for kind, delivery in (("reset_after", "reset"), ("close_after", "close"), ("hang_after", "hang"),
                               ("half_body", "half")):
            if kind in kinds:
                response.delivery = delivery
        if "truncate_json" in kinds:
            response.body = response.body[: len(response.body) * 2 // 3]
        return self.delayed(response, rules)

    @staticmethod
    def generic(path):
        """The path with ids replaced, as it is counted and matched."""
        return "/".join("{id}" if digits(p) else p for p in path.split("/"))

    def head(self, response, request_id=None):
        if request_id is not None:
            response.headers += [("API-Version", "%d.%d" % self.version[:2]), ("X-Request-ID", request_id),
                                 ("Vary", "HX-Request, Accept-Language, Cookie, origin")]
        return response

    @staticmethod
    def delayed(response, rules):
        response.delay = sum(float(r.spec.get("ms", 0)) for r in rules if r.kind == "latency") / 1000.0
        return response

    def route(self, request, request_id):
        path = request.path
        if not path.startswith(self.prefix):
            return (302, "", [("Location", "/login/?next=" + path)]) if path != "/login/" else (
                200, "<!DOCTYPE html><html><head><title>NetBox</title></head></html>", [])
        if not path.endswith("/"):
            if request.method in ("GET", "HEAD", "OPTIONS"):
                return 301, "", [("Location", path + "/" + ("?" + request.query if request.query else ""))]
            if self.version >= (4, 5, 9):
                raise Answer(404, {"detail": "Not found."})
            raise Answer(500, "<h1>Server Error</h1>")
        parts = path[len(self.prefix):].strip("/").split("/")
        accept = request.headers.get("accept", "*/*")
        if "application/json" not in accept and "*/*" not in accept and "text/html" not in accept:
            raise Answer(406, {"detail": "Could not satisfy the request Accept header."})
        if parts == ["users", "tokens", "provision"]:
            return self.provision(request)
        user = self.authenticate(request)
        if parts == [""]:
            return 200, {"dcim": self.base(request) + "/api/dcim/", "status": self.base(request) + "/api/status/"}, []
        if parts == ["status"]:
            return 200, self.status(), []
        if parts == ["authentication-check"] and self.version >= (4, 5):
            return 200, {"id": 1, "url": self.base(request) + "/api/users/users/1/", "display": user["name"],
                         "username": user["name"], "first_name": "", "last_name": "", "email": "", "is_active": True,
                         "groups": [], "permissions": []}, []
        name = "/".join(parts[:2])
        ident = parts[2] if len(parts) > 2 else None
        if name in TABLES and ident is not None and not digits(ident):
            raise Answer(404, {"detail": "Not found."})
        if len(parts) > 3:
            return 404, "<!doctype html><html><head><title>Page not found</title></head></html>", []
        params = urllib.parse.parse_qs(request.query, keep_blank_values=True)
        if name == self.changes_path:
            return self.changelog(request, params, ident)
        if name not in TABLES or (name == "core/object-changes"):
            return 404, "<!doctype html><html><head><title>Page not found</title></head></html>", []
        table = self.world[name]
        if request.method in ("GET", "HEAD"):
            return self.read(request, table, params, ident)
        if request.method not in ("POST", "PUT", "PATCH", "DELETE"):
            raise Answer(405, {"detail": 'Method "%s" not allowed.' % request.method})
        if not user["write"]:
            raise Answer(403, {"detail": NO_PERMISSION})
        return self.write(request, table, params, ident, request_id)

    def base(self, request):
        return "%s://%s" % (request.headers.get("x-forwarded-proto", "http"),
                            request.headers.get("x-forwarded-host", request.headers.get("host", "127.0.0.1")))

    def serial(self, request):
        base = self.base(request)
        if base not in self.serials:
            if len(self.serials) > 16:
                self.serials.clear()
            self.serials[base] = Serial(self.world, base)
        return self.serials[base]

    # tokens

    def authenticate(self, request):
        value = request.headers.get("authorization", "")
        words = value.split()
        if not words:
            raise Answer(403, {"detail": NO_CREDENTIALS})
        scheme = words[0].lower()
        if self.version < (4, 5):
            return self.authenticate_old(scheme, words)
        if scheme not in ("token", "bearer"):
            raise Answer(403, {"detail": NO_CREDENTIALS})
        if len(words) != 2:
            raise Answer(403, {"detail": 'Invalid authorization header: Must be in the form "Bearer <key>.<token>" or '
                                         '"Token <token>"'})
        token = words[1]
        if token.startswith("nbt_"):
            if "." not in token:
                raise Answer(403, {"detail": "Invalid authorization header: Could not parse key from v2 token. Did you "
                                             "mean to use 'Token' instead of 'Bearer'?"})
            if token not in (self.token_v2, self.token_readonly):
                raise Answer(403, {"detail": "Invalid v2 token"})
            return {"name": "admin", "write": token != self.token_readonly}
        if token == self.token_expired:
            raise Answer(403, {"detail": "Token expired"})
        if token != self.token_v1:
            raise Answer(403, {"detail": "Invalid v1 token"})
        return {"name": "admin", "write": True}

    def authenticate_old(self, scheme, words):
        if scheme != "token":
            raise Answer(403, {"detail": NO_CREDENTIALS})
        if len(words) == 1:
            raise Answer(403, {"detail": "Invalid token header. No credentials provided."})
        if len(words) > 2:
            raise Answer(403, {"detail": "Invalid token header. Token string should not contain spaces."})
        if words[1] == self.token_expired:
            raise Answer(403, {"detail": "Token expired"})
        if words[1] not in (self.token_v1, self.token_readonly):
            raise Answer(403, {"detail": "Invalid token"})
        return {"name": "admin", "write": words[1] != self.token_readonly}

    def provision(self, request):
        if request.method != "POST":
            raise Answer(405, {"detail": 'Method "%s" not allowed.' % request.method})
        body = self.body(request)
        if (body.get("username"), body.get("password")) != ("admin", "admin"):
            raise Answer(403, {"detail": "Invalid username/password"})
        if self.version < (4, 5):
            return 201, {"id": 1, "key": self.token_v1, "write_enabled": True}, []
        key, _, secret = self.token_v2[4:].partition(".")
        return 201, {"id": 1, "version": 2, "key": key, "token": secret, "write_enabled": True}, []

    def status(self):
        v = self.version
        text = "%d.%d.%d" % v
        out = {"django-version": "6.1.2" if v >= (4, 7) else "5.2.8"}
        if v >= (4, 4):
            out["hostname"] = "netbox-sim"
        out["installed_apps" if v >= (4, 4) else "installed-apps"] = {"rest_framework": "3.18.0"}
        out["netbox-version"] = text
        if v >= (4, 3):
            out["netbox-full-version"] = text
        out.update({"plugins": {}, "python-version": "3.12.1", "rq-workers-running": 1})
        return out

    # reading

    def read(self, request, table, params, ident):
        serial = self.serial(request)
        fields = self.csv(params, "fields")
        omit = self.csv(params, "omit") or () if self.version >= (4, 5, 2) else ()
        brief = bool(params.get("brief", [""])[-1])
        exclude = self.version < (4, 7) and "config_context" in (self.csv(params, "exclude") or ())
        show = serial.plan(table, fields, omit, exclude, brief)
        if ident is not None:
            row = table.rows.get(int(ident))
            if row is None:
                raise Answer(404, {"detail": "No %s matches the given query." % table.model})
            return 200, show(row), self.etag(row)
        get = table.rows.__getitem__
        return self.listing(request, params, lambda p: self.select(table, p), lambda i: show(get(i)))

    @staticmethod
    def csv(params, name):
        if name not in params:
            return None
        return [x for v in params[name] for x in v.split(",") if x] or None

    def etag(self, row):
        if self.version < (4, 6) or row.last_updated is None:
            return []
        return [("ETag", 'W/"%s"' % iso(row.last_updated).replace("Z", "+00:00"))]

    def select(self, table, params):
        """Ids of the rows a request means, in its order; the parts that repeat on every page are cached."""
        order = params.get("ordering", [""])[-1]
        by_id = {k: v for k, v in params.items() if k.partition("__")[0] == "id"}
        rest = {k: v for k, v in params.items() if k not in RESERVED and k not in by_id}
        # Keyset pages repeat everything but the id bounds.
        key = (table.path, table.gen, self.world.gen, order,
               tuple(sorted((k, tuple(v)) for k, v in rest.items())))
        ids = self.lists.get(key)
        if ids is None:
            tests = Filters(self.world, table).build(rest)
            ids = table.ids()
            if tests:
                rows = table.rows
                ids = [i for i in ids if all(t(rows[i]) for t in tests)]
            if order != "id":
                ids = self.ordered(table, ids, order)
            if len(self.lists) > 16:
                self.lists.clear()
            self.lists[key] = ids
        if by_id:
            ids = self.bounded(table, ids, by_id, order)
        return ids

    def bounded(self, table, ids, by_id, order):
        import bisect
        if order == "id":
            left = dict(by_id)
            lo, hi = 0, len(ids)
            for name, cut in (("id__gte", 0), ("id__gt", 1)):
                v = left.get(name)
                if v and digits(v[0]):
                    lo = max(lo, bisect.bisect_left(ids, int(v[0]) + cut))
                    del left[name]
            for name, cut in (("id__lt", 0), ("id__lte", 1)):
                v = left.get(name)
                if v and digits(v[0]):
                    hi = min(hi, bisect.bisect_left(ids, int(v[0]) + cut))
                    del left[name]
            ids = Window(ids, lo, max(lo, hi))
            if not left:
                return ids
            by_id = left
        tests = Filters(self.world, table).build(by_id)
        return [i for i in ids if all(t(table.rows[i]) for t in tests)]

    def ordered(self, table, ids, order):
        rows = table.rows
        name, desc = (order[1:], True) if order.startswith("-") else (order, False)
        if name == "id":
            return ids[::-1] if desc else ids
        if not name or (name not in table.fields and name != "id"):
            name, desc = ("name" if "name" in table.defaults else "address" if "address" in table.defaults else "id"), False
            if name == "id":
                return ids
            if table.path == "extras/journal-entries":
                return sorted(ids, key=lambda i: -rows[i].created)

        def key(i):
            v = getattr(rows[i], name)
            return (v is None, "" if v is None else v.lower() if isinstance(v, str) else v, i)
        return sorted(ids, key=key, reverse=desc)

    def listing(self, request, params, select, show):
        """The envelope and one page, by offset or (4.6 and newer) by cursor."""
        limit = self.number(params.get("limit", [""])[-1])
        limit = 50 if limit is None else limit
        if self.max_page and (limit > self.max_page or limit == 0):
            limit = self.max_page
        start = params.get("start", [None])[-1] if self.version >= (4, 6) else None
        if start is not None:
            return self.cursor(request, params, select, show, limit, start)
        offset = self.number(params.get("offset", [""])[-1]) or 0
        ids = select(params)
        count = len(ids)
        page = ids[offset:offset + limit] if limit else ids[offset:]
        limit = limit or count or 1
        url = self.base(request) + request.path
        nxt = self.link(url, params, offset=offset + limit, limit=limit) if offset + limit < count else None
        prev = None
        if offset > 0:
            prev = self.link(url, params, offset=offset - limit, limit=limit) if offset > limit else \
                self.link(url, params, offset=None, limit=limit)
        return 200, {"count": count, "next": nxt, "previous": prev, "results": [show(i) for i in page]}, []

    def cursor(self, request, params, select, show, limit, start):
        if not digits(start):
            raise Answer(400, ["Invalid 'start' parameter: must be a non-negative integer."])
        if "offset" in params:
            raise Answer(400, ["'start' and 'offset' are mutually exclusive."])
        if "ordering" in params:
            raise Answer(400, ["Ordering cannot be specified in conjunction with cursor-based pagination."])
        p = {k: v for k, v in params.items() if k != "start"}
        p["ordering"] = ["id"]
        p["id__gte"] = [str(max(int(start), *(int(v) for v in p.get("id__gte", ["0"]) if digits(v)), 0))]
        page = select(p)[0:limit]
        nxt = None
        if len(page) == limit and page:
            nxt = self.link(self.base(request) + request.path, params, start=page[-1] + 1, limit=limit)
        return 200, {"count": None, "next": nxt, "previous": None, "results": [show(i) for i in page]}, []

    @staticmethod
    def number(text):
        try:
            n = int(text)
        except (TypeError, ValueError):
            return None
        return n if n >= 0 else None

    @staticmethod
    def link(url, params, **changes):
        q = {k: list(v) for k, v in params.items()}
        for k, v in changes.items():
            if v is None:
                q.pop(k, None)
            else:
                q[k] = [str(v)]
        return url + "?" + urllib.parse.urlencode(sorted(q.items()), doseq=True)

    def changelog(self, request, params, ident):
        if request.method not in ("GET", "HEAD"):
            raise Answer(405, {"detail": 'Method "%s" not allowed.' % request.method})
        serial = self.serial(request)
        changes = {c["id"]: c for c in self.world.changes}
        fields = self.csv(params, "fields") if self.version >= (4, 5, 1) else None

        def show(i):
            out = serial.change(changes[i])
            return {k: v for k, v in out.items() if k in fields} if fields else out
        if ident is not None:
            if int(ident) not in changes:
                raise Answer(404, {"detail": "No ObjectChange matches the given query."})
            return 200, show(int(ident)), []

        def select(p):
            from .nb_filter import BAD_CHOICE, number_test, parse_time
            tests = []
            for k, v in p.items():
                if k.partition("__")[0] == "id":
                    t = number_test(k.partition("__")[2], v, k)
                    tests.append(lambda c, t=t: t(c["id"]))
                elif k in ("time_after", "time_before"):
                    at, after = parse_time("time", v[0]), k == "time_after"
                    tests.append(lambda c, at=at, after=after: c["time"] >= at if after else c["time"] <= at)
                elif k == "changed_object_type":
                    types = v if self.version >= (4, 6) else v[-1:]
                    tests.append(lambda c, types=types: c["type"] in types)
                elif k.partition("__")[0] == "changed_object_id":
                    t = number_test(k.partition("__")[2], v, k)
                    tests.append(lambda c, t=t: t(c["object"]))
                elif k in ("action", "request_id", "user_name"):
                    for x in v if k == "action" else ():
                        if x not in ("create", "update", "delete"):
                            raise BadFilter(k, BAD_CHOICE % x)
                    key = "user" if k == "user_name" else k
                    tests.append(lambda c, key=key, v=v: str(c[key]) in v)
            ids = [c["id"] for c in self.world.changes if all(t(c) for t in tests)]
            return ids if p.get("ordering", [""])[-1] in ("id", "time") else ids[::-1]
        return self.listing(request, params, select, show)

    # writing

    @staticmethod
    def body(request):
        ctype = request.headers.get("content-type", "").split(";")[0].strip()
        if ctype not in ("application/json", "multipart/form-data"):
            raise Answer(415, {"detail": 'Unsupported media type "%s" in request.' % ctype})
        if not request.body:
            return {}
        try:
            return json.loads(request.body)
        except (ValueError, RecursionError) as e:
            raise Answer(400, {"detail": "JSON parse error - %s" % e}) from None

    def write(self, request, table, params, ident, request_id):
        writer = Writer(self.world, request_id)
        show = self.serial(request).plan(table, self.csv(params, "fields"), (), self.version < (4, 7) and
                                         "config_context" in (self.csv(params, "exclude") or ()))
        if ident is not None:
            row = table.rows.get(int(ident))
            if row is None:
                raise Answer(404, {"detail": "No %s matches the given query." % table.model})
            if request.method == "POST":
                raise Answer(405, {"detail": 'Method "POST" not allowed.'})
            self.precondition(request, row)
            if request.method == "DELETE":
                writer.delete(table, row)
                return 204, None, []
            writer.update(table, row, self.body(request), whole=request.method == "PUT")
            return 200, show(row), self.etag(row)
        data = self.body(request)
        if request.method == "POST":
            if isinstance(data, list):
                return 201, [show(r) for r in self.bulk_create(writer, table, data)], []
            row = writer.create(table, data)
            return 201, show(row), [("Location", self.serial(request).url(table, row.id))] + self.etag(row)
        if not isinstance(data, list):
            raise Answer(400, {"detail": "Expected a list of objects, but %s." % (
                "got " + type(data).__name__ if data else "no data was submitted")}
                         if self.version >= (4, 7) else {"non_field_errors": [
                             'Expected a list of items but got type "%s".' % type(data).__name__]})
        pairs = self.bulk_rows(table, data)
        if request.method == "DELETE":
            self.atomic(lambda: [writer.delete(table, row) for row, _ in pairs])
            return 204, None, []
        return 200, [show(r) for r in self.bulk_update(writer, table, pairs)], []

    def precondition(self, request, row):
        wanted = request.headers.get("if-match")
        if wanted is None or self.version < (4, 6):
            return
        have = self.etag(row)
        if wanted != "*" and have and have[0][1] not in [w.strip() for w in wanted.split(",")]:
            raise Answer(412, {"detail": "Precondition failed."}, have)

    def atomic(self, work):
        """All or nothing: every table that a failing call touched is put back."""
        w = self.world
        before = {p: (dict(t.rows), t.next_id) for p, t in w.tables.items() if t.rows is not None and len(t.rows) < 2000}
        changes, next_change = len(w.changes), w.next_change
        try:
            return work()
        except Exception:
            for p, (rows, next_id) in before.items():
                w[p].rows, w[p].gen = rows, w[p].gen + 1
            del w.changes[changes:]
            w.next_change = next_change
            w.gen += 1
            w.caches.clear()
            raise

    def bulk_create(self, writer, table, data):
        made, errors = [], []
        try:
            for n, item in enumerate(data):
                try:
                    made.append(writer.create(table, item))
                    errors.append({})
                except Invalid as e:
                    errors.append(e.body)
                    if table.path == "dcim/devices" and self.version < (4, 7):
                        raise
            failed = [(n, e) for n, e in enumerate(errors) if e]
            if failed and self.version >= (4, 7):
                raise Invalid({"detail": "%d of %d objects could not be created." % (len(failed), len(data)),
                               "errors": [{"index": n, "errors": e} for n, e in failed]})
            if failed:
                raise Invalid(errors)
        except Invalid:
            for row in made:
                table.rows.pop(row.id, None)
            if made:
                self.world.changes = [c for c in self.world.changes if c["request_id"] != writer.request_id]
                self.world.touch(table)
            raise
        return made

    def bulk_rows(self, table, data):
        """(row, item) of a bulk request, with the version's treatment of ids that are missing or unknown."""
        new = self.version >= (4, 7)
        bad = [(n, i) for n, i in enumerate(data) if not isinstance(i, dict) or not isinstance(i.get("id"), (int, str))
               or not digits(str(i["id"]))]
        if bad:
            if not new:
                raise Invalid([{"id": ["This field is required."]} if (n, i) in bad else {} for n, i in enumerate(data)])
            raise Invalid({"detail": "%d of %d objects failed validation." % (len(bad), len(data)),
                           "errors": [{"index": n, "errors": self.bad_id(i)} for n, i in bad]})
        pairs, missing, seen, twice = [], [], {}, []
        for item in data:
            ident = int(item["id"])
            if ident in seen:
                twice.append(ident)
                continue
            seen[ident] = True
            row = table.rows.get(ident)
            if row is None:
                missing.append(ident)
            else:
                last = next(i for i in reversed(data) if int(i["id"]) == ident)
                if not new and isinstance(last["id"], str):
                    last = {}
                pairs.append((row, last))
        if new and twice:
            many = {i: sum(1 for x in data if int(x["id"]) == i) for i in twice}
            raise Invalid({"detail": "%d of %d objects are listed more than once." % (len(many), len(data)),
                           "errors": [{"id": i, "errors": {"id": ["Each object may be specified only once; ID %d is "
                                                                  "listed %d times" % (i, n)]}}
                                      for i, n in many.items()]})
        if new and missing:
            raise Invalid({"detail": "%d of %d objects could not be found." % (len(missing), len(data)),
                           "errors": [{"id": i, "errors": {"id": ["Object with ID %d does not exist" % i]}}
                                      for i in missing]})
        return pairs

    @staticmethod
    def bad_id(item):
        if not isinstance(item, dict):
            return {"__all__": ["Invalid data. Expected a dictionary, but got %s." % type(item).__name__]}
        if "id" not in item:
            return {"id": ["This field is required."]}
        return {"id": ["This field may not be null." if item["id"] is None else "A valid integer is required."]}

    def bulk_update(self, writer, table, pairs):
        # In the order of the table, not of the request: so do the real ones, and so come answer and errors.
        pairs.sort(key=lambda p: (getattr(p[0], "name", None) is None, str(getattr(p[0], "name", "")).lower(), p[0].id))
        old = [(row, copy.copy(row)) for row, _ in pairs]
        errors, done = [], []
        changes = len(self.world.changes)
        for row, item in pairs:
            try:
                done.append(writer.update(table, row, {k: v for k, v in item.items() if k != "id"}))
            except Invalid as e:
                errors.append({"id": row.id, "errors": e.body})
                if self.version < (4, 7):
                    break
        if errors:
            for row, was in old:
                for name in table.row_class.__slots__:
                    setattr(row, name, getattr(was, name))
            del self.world.changes[changes:]
            self.world.touch(table)
            if self.version < (4, 7):
                raise Invalid(errors[0]["errors"])
            raise Invalid({"detail": "%d of %d objects could not be updated." % (len(errors), len(pairs)),
                           "errors": errors})
        return done

    # changes by hand

    def load(self, state):
        self.world.load(state)
        self.serials.clear()
        self.lists.clear()

    def mutate(self, op):
        """{"server": "netbox", "do": "set|delete|create", "table": "dcim/devices", "id" or "name", "set": {…}}."""
        table = self.world[op["table"]]
        writer = Writer(self.world, str(uuid.uuid4()), op.get("user", "someone"))
        do = op.get("do", "set")
        if do == "create":
            return writer.create(table, op["set"]).id
        row = table.rows[op["id"]] if "id" in op else next(r for r in table.rows.values() if r.name == op["name"])
        if do == "delete":
            writer.delete(table, row)
        elif do == "set":
            if op.get("raw"):
                for k, v in op["set"].items():
                    setattr(row, k, v)
                self.world.touch(table)
            else:
                try:
                    writer.update(table, row, op["set"])
                except Invalid as e:
                    raise ValueError(str(e.body)) from None
        else:
            raise ValueError("unknown mutation %r" % do)
        return row.id


class Window:
    """A part of a list of ids without a copy."""

    def __init__(self, ids, lo, hi):
        self.ids, self.lo, self.hi = ids, lo, hi

    def __len__(self):
        return self.hi - self.lo

    def __iter__(self):
        for n in range(self.lo, self.hi):
            yield self.ids[n]

    def __getitem__(self, s):
        a, b, _ = s.indices(len(self))
        return self.ids[self.lo + a:self.lo + b]
