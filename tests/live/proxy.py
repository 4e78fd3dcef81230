# SPDX-License-Identifier: Apache-2.0
"""A small reverse proxy between zync and a server: it counts the calls on its own, keeps what was written, and can fail on command.

`hooks` are functions called with each call before (`when="before"`) and after (`when="after"`) it was forwarded; one that returns
DROP closes the connection without an answer. `down()` refuses everything, as a machine that is gone, until `up()`.
"""
import http.client
import json
import socket
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DROP = object()
HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-connection", "content-length"}
UPSTREAM_S = 120
ZABBIX_READS = {"apiinfo.version", "user.login", "user.logout", "user.checkauthentication"}


class Call:
    """One request; of a Zabbix server one for each method of the body."""

    def __init__(self, method, params, kind, path=""):
        self.method, self.params, self.kind, self.path = method, params, kind, path

    @property
    def write(self):
        if self.kind == "netbox":
            return self.method not in ("GET", "HEAD", "OPTIONS")
        name = self.method.lower()
        return not name.endswith(".get") and name not in ZABBIX_READS

    def __repr__(self):
        return "%s %s" % (self.method, self.path or json.dumps(self.params, ensure_ascii=False)[:300])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def _calls(self, body):
        if self.server.kind == "netbox":
            return [Call(self.command, None, "netbox", self.path)]
        try:
            data = json.loads(body or b"null")
        except ValueError:
            return [Call("(no JSON)", None, "zabbix")]
        return [Call(str(one.get("method")), one.get("params"), "zabbix")
                for one in (data if isinstance(data, list) else [data]) if isinstance(one, dict)]

    def _forward(self, body):
        url = urllib.parse.urlsplit(self.server.target)
        upstream = http.client.HTTPConnection(url.hostname, url.port, timeout=UPSTREAM_S)
        try:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
            headers["Connection"] = "close"
            upstream.request(self.command, url.path.rstrip("/") + self.path, body, headers)
            reply = upstream.getresponse()
            return reply.status, reply.reason, reply.getheaders(), reply.read()
        finally:
            upstream.close()

    def _drop(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.is_down:
            return self._drop()
        calls = self._calls(body)
        self.server.record(calls)
        if self.server.run_hooks("before", calls) is DROP:
            return self._drop()
        try:
            status, reason, headers, text = self._forward(body)
        except (OSError, http.client.HTTPException):
            return self._drop()
        if self.server.run_hooks("after", calls) is DROP or self.server.is_down:
            return self._drop()
        self.send_response_only(status, reason)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_OPTIONS = do_HEAD = handle_any


class Proxy(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, target, kind):
        super().__init__(("127.0.0.1", 0), Handler)
        self.target, self.kind, self.is_down = target, kind, False
        self.calls, self.hooks, self.lock = [], [], threading.Lock()
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a client that went away

    def record(self, calls):
        with self.lock:
            self.calls.extend(calls)

    def run_hooks(self, when, calls):
        with self.lock:
            hooks = list(self.hooks)
        results = [hook(when, call) for call in calls for hook in hooks]
        return DROP if any(r is DROP for r in results) else None

    def take(self):
        """The calls since the last time."""
        with self.lock:
            calls, self.calls = self.calls, []
        return calls

    def down(self):
        self.is_down = True

    def up(self):
        self.is_down = False

    def stop(self):
        self.shutdown()
        self.server_close()


def writes(calls):
    return [call for call in calls if call.write]


def entries(calls, method):
    """The hosts in all calls of a method: params may be one or an array."""
    found = []
    for call in calls:
        if call.method == method:
            found.extend(call.params if isinstance(call.params, list) else [call.params])
    return found
