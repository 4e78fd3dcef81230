# SPDX-License-Identifier: Apache-2.0
"""What the contract tests share: plain HTTP calls and TAP output. Python standard library only."""
import http.client
import json
import urllib.parse


class Tap:
    """Counts and prints results: `ok N - text`, `not ok N - text` with the reason as a comment."""

    def __init__(self, prefix=""):
        self.number = 0
        self.failed = 0
        self.prefix = prefix

    def ok(self, good, text, why=""):
        self.number += 1
        self.failed += 0 if good else 1
        print("%sok %d - %s%s" % ("" if good else "not ", self.number, self.prefix, text), flush=True)
        if not good and why != "":
            for line in str(why).splitlines() or [""]:
                print("#   " + line[:600], flush=True)
        return good

    def equal(self, got, want, text):
        return self.ok(got == want, text, "got  %r\nwant %r" % (got, want))

    def done(self):
        print("1..%d" % self.number, flush=True)
        return 1 if self.failed else 0


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {k.lower(): v for k, v in headers}
        self.body = body

    def json(self):
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Http:
    """One keep-alive connection to a base URL; no redirects are followed."""

    def __init__(self, base):
        u = urllib.parse.urlsplit(base)
        self.host, self.port, self.root = u.hostname, u.port, u.path.rstrip("/")
        self.cls = http.client.HTTPSConnection if u.scheme == "https" else http.client.HTTPConnection
        self.connection = None

    def request(self, method, path, body=None, headers=None):
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = self.cls(self.host, self.port, timeout=120)
            try:
                self.connection.request(method, self.root + path, body, headers or {})
                r = self.connection.getresponse()
                return Reply(r.status, r.getheaders(), r.read())
            except (http.client.HTTPException, ConnectionError):
                # The server may have closed an idle connection; a second failure counts.
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise
        return None
