# SPDX-License-Identifier: Apache-2.0
"""Counters of one simulated server, read and reset through /_sim/stats."""


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

    def call(self, name, write=False, objects=0):
        self.calls[name] = self.calls.get(name, 0) + 1
        if write:
            self.write_calls += 1
            self.objects[name] = self.objects.get(name, 0) + objects

    def error(self, name):
        self.errors[name] = self.errors.get(name, 0) + 1

    def as_dict(self):
        return {"connections": self.connections, "requests": self.requests, "bytes_in": self.bytes_in,
                "bytes_out": self.bytes_out, "calls": dict(sorted(self.calls.items())),
                "errors": dict(sorted(self.errors.items())), "objects": dict(sorted(self.objects.items())),
                "write_calls": self.write_calls, "faults": self.faults}
