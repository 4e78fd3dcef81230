# SPDX-License-Identifier: Apache-2.0
"""Counters of one simulated server, read and reset through /_sim/stats; the write calls of hosts, in their order, through /_sim/writes."""


class Stats:
    """What one server was asked: requests, calls by method or endpoint, writes, objects in writes, bytes."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.connections = 0
        self.requests = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.calls = {}
        self.errors = {}
        self.objects = {}
        self.write_calls = 0
        self.faults = 0
        self.writes = []

    def call(self, name, write=False, objects=0):
        self.calls[name] = self.calls.get(name, 0) + 1
        if write:
            self.write_calls += 1
            self.objects[name] = self.objects.get(name, 0) + objects

    def error(self, name):
        self.errors[name] = self.errors.get(name, 0) + 1

    def wrote(self, name, ids, error=None):
        """A write call of hosts: which ones it wrote, or why it wrote none."""
        self.writes.append({"method": name, "hostids": ids, "error": error})

    def as_dict(self):
        return {"connections": self.connections, "requests": self.requests, "bytes_in": self.bytes_in,
                "bytes_out": self.bytes_out, "calls": dict(sorted(self.calls.items())),
                "errors": dict(sorted(self.errors.items())), "objects": dict(sorted(self.objects.items())),
                "write_calls": self.write_calls, "faults": self.faults}
