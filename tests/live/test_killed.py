# SPDX-License-Identifier: Apache-2.0
"""Servers that die in the middle of a run: the job errors, the store is as before, and the next run converges without a double."""
import proxy

# At which write call Zabbix is killed, and whether the call had been carried out (its answer is lost then).
CREATES = [(1, "before"), (2, "after"), (6, "before")]
UPDATES = [(1, "after"), (3, "before")]
WAVE = """
- name: wave
  set: {tags: {wave: "%d"}, inventory: {poc_1_name: "%d"}}
"""


def run(s):
    for nth, when in CREATES:
        s.more = None
        s.start_over("create-%d-%s" % (nth, when))
        killed(s, "killed %s write call %d of a first sync" % (when, nth), nth, when)
    for wave, (nth, when) in enumerate(UPDATES, 1):
        s.more = lambda w, kind, o, wave=wave: (w.tag("wave", str(wave)), w.field("poc_1_name", str(wave)))
        s.rules_text(WAVE % (wave, wave))
        killed(s, "killed %s write call %d of an update" % (when, nth), nth, when)
    netbox_gone(s)


def killer(s, nth, when):
    """A hook that kills Zabbix at the nth write call; `seen` tells how many there were."""
    seen = []

    def hook(moment, call):
        if not call.write or moment != when or len(seen) >= nth:
            return None
        seen.append(call)
        if len(seen) < nth:
            return None
        s.lab.kill(s.server)
        return proxy.DROP
    s.zp.hooks.append(hook)
    return seen


def killed(s, label, nth, when):
    t, z = s.tap, s.zync
    store, foreign = z.domain(), s.view().foreign
    seen = killer(s, nth, when)
    result = z.run("sync", "--json")
    s.zp.hooks.clear()
    t.equal(len(seen), nth, label + ": it came so far", str(result))
    t.ok(result.code in (3, 4), label + ": exit code 3 or 4", str(result))
    t.equal(z.domain(), store, label + ": the host configs are as before the run")
    t.equal(z.rows("SELECT count(*) FROM job WHERE status = 'running'")[0][0], 0, label + ": no job is left running")
    t.equal(z.rows("SELECT status FROM job ORDER BY created DESC, rowid DESC LIMIT 1"), [("errored",)], label + ": the job errored")
    events = z.rows("SELECT state FROM event WHERE kind = 'job' ORDER BY id DESC LIMIT 1")
    t.equal(events, [("errored",)], label + ": and an event says so")
    again = z.run("sync", "--json")
    t.equal(again.code, 3, label + ": exit code 3 while it is down", str(again))
    s.lab.start(s.server)
    s.clear()
    result = z.run("sync", "--json")
    t.equal(result.code, 0, label + ": the next run ends with 0", str(result))
    view = s.converged(label)
    t.none(view.doubles, label + ": no host is there twice")
    t.equal(view.foreign, foreign, label + ": no other host was touched")


def netbox_gone(s):
    t, z = s.tap, s.zync
    before = s.view()
    for nth in (1, 8, 18):
        label = "NetBox gone at its call %d" % nth
        store, seen = z.domain(), []

        def hook(moment, call, nth=nth, seen=seen):
            if moment == "before":
                seen.append(call)
            if len(seen) >= nth:
                s.np.down()
                return proxy.DROP
            return None
        s.np.hooks.append(hook)
        s.clear()
        result = z.run("sync", "--json")
        s.np.hooks.clear()
        s.np.up()
        t.ok(result.code in (3, 4), label + ": exit code 3 or 4", str(result))
        t.ok(len(seen) >= nth, label + ": it came so far")
        t.none(proxy.writes(s.zp.take()), label + ": nothing is written to Zabbix")
        t.equal(z.domain(), store, label + ": the host configs are as before the run")
    t.equal(s.view().changed_since(before), set(), "Zabbix is as it was")
    s.converged("NetBox back")
