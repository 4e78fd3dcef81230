# SPDX-License-Identifier: Apache-2.0
"""TAP output: one line a check, diagnostics for what went wrong, and the exit code."""
import json
import sys
import time

SHOWN = 12  # lines of a diagnostic


class Skip(Exception):
    """Raised by a scenario that cannot run here; the text is the reason."""


class Tap:
    def __init__(self, out=sys.stdout):
        self.out, self.number, self.failed, self.skipped = out, 0, 0, 0
        self.prefix, self.started = "", time.monotonic()

    def line(self, text):
        self.out.write(text + "\n")
        self.out.flush()

    def note(self, text):
        for part in str(text).splitlines():
            self.line("# " + part)

    def ok(self, good, name, *detail):
        """One check; `detail` is shown only when it failed."""
        self.number += 1
        name = (self.prefix + name).replace("#", r"\#")
        self.line("%s %d - %s" % ("ok" if good else "not ok", self.number, name))
        if not good:
            self.failed += 1
            for item in detail:
                self._diagnose(item)
        return bool(good)

    def _diagnose(self, item):
        text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False, indent=1, sort_keys=True, default=str)
        lines = text.splitlines()
        for part in lines[:SHOWN]:
            self.note(part[:600])
        if len(lines) > SHOWN:
            self.note("… %d more lines" % (len(lines) - SHOWN))

    def equal(self, got, wanted, name, *detail):
        return self.ok(got == wanted, name, "got    %r" % (got,), "wanted %r" % (wanted,), *detail)

    def none(self, found, name, *detail):
        """Passes when the list is empty; shows what is in it otherwise."""
        found = list(found)
        return self.ok(not found, name, "%d found" % len(found), *[str(x) for x in found[:SHOWN]], *detail)

    def skip(self, name, reason):
        self.number += 1
        self.skipped += 1
        self.line("ok %d - %s # SKIP %s" % (self.number, (self.prefix + name).replace("#", r"\#"), reason))

    def done(self):
        self.line("1..%d" % self.number)
        self.note("%d passed, %d failed, %d skipped, %.0f s" % (
            self.number - self.failed - self.skipped, self.failed, self.skipped, time.monotonic() - self.started))
        return 1 if self.failed else 0
