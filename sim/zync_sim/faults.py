# SPDX-License-Identifier: Apache-2.0
"""Faults on demand: rules that say which calls fail, when, and how.

A rule is a JSON object; README.md lists its keys. Matching is by server, by a glob on the call's name
(a Zabbix method such as "host.update", or "PATCH /api/dcim/devices/") and by a counter or a probability.
Faults of the transport act on the HTTP exchange, faults of the call on one JSON-RPC request of a batch.
"""
import fnmatch
import json
import random

TRANSPORT = {"latency", "status", "html", "reset_before", "reset_after", "close_before", "close_after",
             "half_body", "truncate_json", "empty_body", "redirect", "hang", "hang_after", "late", "close_late"}
CALL = {"jsonrpc_error", "refuse_host", "session_end", "token_end"}
KEYS = {"server", "match", "kind", "nth", "after", "times", "every", "probability", "always", "ms", "status", "body",
        "content_type", "headers", "retry_after", "location", "code", "message", "data", "host", "text"}


class FaultError(ValueError):
    """A rule that can't be understood; the text says why."""


class Rule:
    def __init__(self, spec):
        if not isinstance(spec, dict):
            raise FaultError("a fault rule must be an object")
        unknown = set(spec) - KEYS
        if unknown:
            raise FaultError(f"unknown key {sorted(unknown)[0]!r} in a fault rule")
        self.kind = spec.get("kind")
        if self.kind not in TRANSPORT | CALL:
            raise FaultError(f"unknown kind {self.kind!r}; known: {', '.join(sorted(TRANSPORT | CALL))}")
        if self.kind == "refuse_host" and not spec.get("host"):
            raise FaultError("refuse_host needs \"host\"")
        self.spec = spec
        self.server = spec.get("server", "*")
        self.match = spec.get("match", "*")
        nth = spec.get("nth")
        self.nth = None if nth is None else set(nth if isinstance(nth, list) else [nth])
        self.after = int(spec.get("after", 0))
        self.times = spec.get("times")
        self.every = int(spec.get("every", 1))
        self.probability = float(spec.get("probability", 1.0))
        self.seen = 0
        self.hits = 0

    def matches(self, server, names):
        return fnmatch.fnmatchcase(server, self.server) and any(fnmatch.fnmatchcase(n, self.match) for n in names)

    def due(self, rng):
        """Count one matching call; true when the rule strikes on it."""
        self.seen += 1
        if self.nth is not None:
            strike = self.seen in self.nth
        else:
            strike = self.seen > self.after and (self.seen - self.after) % self.every == 0
        if strike and self.times is not None and self.hits >= self.times:
            strike = False
        if strike and self.probability < 1.0 and rng.random() >= self.probability:
            strike = False
        if strike:
            self.hits += 1
        return strike

    def as_dict(self):
        return dict(self.spec, seen=self.seen, hits=self.hits)


class Faults:
    """The rules in force, for all servers of the process."""

    def __init__(self, seed):
        self.rules = []
        self.rng = random.Random(seed)

    def add(self, specs):
        rules = [Rule(s) for s in (specs if isinstance(specs, list) else [specs])]
        self.rules += rules
        return len(rules)

    def clear(self):
        self.rules = []

    def transport(self, server, names):
        """The transport rules that strike on an HTTP exchange carrying these calls."""
        if not self.rules:
            return []
        return [r for r in self.rules if r.kind in TRANSPORT and r.matches(server, names) and r.due(self.rng)]

    def call(self, server, name, hosts):
        """The first call rule that strikes on one call; `hosts` are the host names it names."""
        for rule in self.rules:
            if rule.kind not in CALL or not rule.matches(server, [name]):
                continue
            if rule.kind == "refuse_host" and rule.spec["host"] not in hosts:
                continue
            if rule.due(self.rng):
                return rule
        return None


def status_response(rule, response_class):
    """The answer of a "status", "html", "redirect" or "empty_body" rule."""
    s = rule.spec
    if rule.kind == "html":
        body = s.get("body", "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>")
        return response_class(int(s.get("status", 200)), body, content_type=s.get("content_type", "text/html"))
    if rule.kind == "empty_body":
        return response_class(int(s.get("status", 200)), b"", content_type=s.get("content_type", "application/json"))
    if rule.kind == "redirect":
        return response_class(int(s.get("status", 302)), b"", [("Location", s.get("location", "/login/"))], "text/html")
    status = int(s.get("status", 500))
    headers = list((s.get("headers") or {}).items())
    if "retry_after" in s:
        headers.append(("Retry-After", str(s["retry_after"])))
    body = s.get("body", f"<html><body><h1>{status}</h1></body></html>")
    return response_class(status, body if isinstance(body, str) else json.dumps(body), headers,
                          s.get("content_type", "text/html" if isinstance(body, str) else "application/json"))
