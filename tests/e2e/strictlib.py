# SPDX-License-Identifier: Apache-2.0
"""What the tests of `zync sync --strict` share: rules in two waves that differ in every aspect, pictures of a Zabbix server to compare, and what must be true of a job that put everything back."""
import collections
import threading
import time

from e2elib import Work

# Wave 2 differs from wave 1 in every aspect of a host but its technical name.
RULES = """
mappings:
  - name: everything
    set:
      host: "e2e {{{{ name | default('unnamed') }}}}"
      name: "{{{{ name | default('unnamed') }}}} {{{{ type }}}} {{{{ id }}}}{behind}"
      description: "{wave}"
      host_groups: ["NetBox/{{{{ site.name | default('no site') }}}}", "Wave {wave}/All"]
      templates: {templates}
      interfaces: [{interface}]
      tags: [{{tag: site, value: "{{{{ site.slug | default('none') }}}}"}}, {{tag: wave, value: "{wave}"}}, {{tag: "only {wave}"}}]
      macros: [{{macro: "{{$SECRET.WORD}}", value: "swordfish-${{MACRO_SECRET}}-{wave}", type: secret}}, {{macro: "{{$WAVE}}", value: "{wave}"}},
               {{macro: "{{$ONLY{wave}}}", value: "x"}}]
      inventory: {inventory}
status:
  device: {{offline: disabled, decommissioning: removed, inventory: monitored}}
  virtual_machine: {{offline: disabled, decommissioning: removed}}
"""
WAVE_1 = RULES.format(wave=1, behind="", templates='["Generic by SNMP"]', interface="{type: agent, ip: 192.0.2.7}, {type: snmp, ip: 192.0.2.7, community: swordfish-one}",
                      inventory='{location: here, type: "of wave 1"}')
WAVE_2 = RULES.format(wave=2, behind=" b", templates='["ICMP Ping", "Linux by Zabbix agent"]',
                      interface="{type: agent, ip: 192.0.2.8, port: 10051}, {type: snmp, ip: 192.0.2.8, version: 3, security_name: x, security_level: authPriv, "
                                "auth_passphrase: swordfish-auth, priv_passphrase: swordfish-priv}",
                      inventory='{location: there, serialno_a: "of wave 2"}')
REFUSED = "Refused by test."


def edit(work, *pairs):
    with open(work.path("zync.yaml"), encoding="utf-8") as f:
        text = f.read()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    work.config(text)


def new_work(zync, sim, mapping=WAVE_1, **more):
    """write_batch 20, so that arrays are full and several; a time-out that no latency of these tests meets."""
    more.setdefault("zabbix", "write_batch: 20")
    work = Work(zync, sim, mapping=mapping, **more)
    edit(work, ("    timeout: 1s", "    timeout: 8s"))
    return work


def picture(sim, server="zabbix", ids=False):
    """Everything that a Zabbix server has: hosts by id, secrets as they were sent, and the names of the groups."""
    hosts = {}
    for host in sim.control("GET", "dump/" + server):
        if not ids:
            for interface in host["interfaces"]:
                del interface["id"]
        host["interfaces"].sort(key=repr)
        hosts[host["hostid"]] = host
    groups = sim.zabbix("hostgroup.get", {"output": ["name"]}, sim[server + "_url"], sim[server + "_token"])
    return {"hosts": hosts, "groups": sorted(g["name"] for g in groups)}


def differences(before, after):
    found = [f"group {g!r} is gone" for g in before["groups"] if g not in after["groups"]]
    found += [f"group {g!r} is left" for g in after["groups"] if g not in before["groups"]]
    for hostid in sorted(set(before["hosts"]) | set(after["hosts"])):
        old, new = before["hosts"].get(hostid), after["hosts"].get(hostid)
        if old is None or new is None:
            found.append(f"host {hostid} {(old or new)['host']!r} is {'left' if old is None else 'gone'}")
            continue
        found += [f"host {old['host']!r}: {key}: was {old.get(key)!r} is {new.get(key)!r}" for key in sorted(set(old) | set(new)) if old.get(key) != new.get(key)]
    return found


def configs(work, where="state = 'monitored'"):
    """(pk, type, id, technical name, hostid) in the order in which they are written."""
    return work.rows(f"SELECT pk, object_type, object_id, host, hostid, name FROM host_config WHERE {where} ORDER BY pk")


def refuse(sim, host, match="host.update", server="zabbix", named=False):
    """`named`: the words name the host, so that it is sent alone first, and the others of its call never."""
    sim.fault({"server": server, "kind": "refuse_host", "match": match, "host": host, "text": f'{REFUSED} "{host}"' if named else REFUSED})


class Meanwhile:
    """Holds the nth call of a method up for a while, and does something meanwhile in another thread, as somebody at the same time would."""

    def __init__(self, sim, match, nth, action, ms=2500, server="zabbix"):
        sim.reset_stats()
        sim.fault({"server": server, "match": match, "kind": "latency", "nth": [nth], "ms": ms})
        self.sim, self.action, self.match, self.server, self.nth, self.error = sim, action, match, server, nth, None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        end = time.monotonic() + 60
        try:
            while time.monotonic() < end:
                # The held call counts as a hit of the latency rule as soon as it is there.
                if any(rule["kind"] == "latency" and rule["hits"] for rule in self.sim.control("GET", "fault")):
                    self.action()
                    return
                time.sleep(0.02)
            self.error = "it never came so far"
        except Exception as error:  # shown by the test
            self.error = repr(error)

    def done(self):
        self.thread.join()
        return self.error


class Strict:
    """One strict run that shall fail at a host and put everything back; `before` is taken when it is made."""

    def __init__(self, tap, work, sim, label, servers=("zabbix",)):
        self.tap, self.work, self.sim, self.label, self.servers = tap, work, sim, label, servers
        self.before = {s: picture(sim, s) for s in servers}
        self.domain = work.domain()
        self.outcome = None

    def run(self, *args, **more):
        self.outcome = self.work.sync("--strict", *args, **more)
        return self.outcome

    @property
    def data(self):
        return self.outcome.json()

    def job(self):
        return self.work.rows("SELECT job_id, status, error, data FROM job ORDER BY created DESC, rowid DESC LIMIT 1")[0]

    def failed(self, words, code=4, status="failed"):
        """Exit code, state, message, and that the store is as before."""
        run, label = self.outcome, self.label
        job_id, state, error, _ = self.job()
        self.tap.ok(run.code == code and words in run.err, f"{label}: exit {code}, and the message names the reason", run)
        self.tap.ok(state == status and words in error and self.data["status"] == status, f"{label}: the job is {status}, with the reason", state, error, run)
        now = self.work.domain()
        self.tap.equal([t for t in now if now[t] != self.domain[t]], [], f"{label}: the store is as before")
        return job_id

    def untouched(self, but=()):
        """Zabbix is what it was; `but`: texts that say what may differ."""
        found = [d for s in self.servers for d in differences(self.before[s], picture(self.sim, s)) if not any(b in d for b in but)]
        return self.tap.equal(found[:8], [], f"{self.label}: Zabbix is what it was", self.outcome)

    def same(self, got, want, what):
        """The same names, as often."""
        more, less = collections.Counter(got), collections.Counter(want)
        self.tap.ok(more == less, f"{self.label}: {what}", f"too many {dict(more - less)}", f"missing {dict(less - more)}", self.outcome)

    def counted(self, at_least=1, failed=()):
        """put_back adds up with the events: each host that was written is told of once more."""
        put_back, label = self.data["put_back"], self.label
        events = self.work.rows("SELECT action, state, name FROM event WHERE kind = 'host' AND job_id = ?", self.job()[0])
        written = [name for action, state, name in events if action in ("create", "update", "disable", "delete") and state == "completed"]
        back = [(name, state) for action, state, name in events if action == "put-back"]
        self.tap.ok(len(written) >= at_least, f"{label}: {len(written)} hosts had been written", self.outcome)
        self.same([name for name, _ in back], written, "an event tells of each of them that it was put back, or not")
        self.tap.equal(put_back["restored"] + put_back["deleted"] + len(put_back["failed"]), len(back), f"{label}: the result counts each of them once")
        self.same([f["name"] for f in put_back["failed"]], failed, "those that could not be put back are named")
        self.same([name for name, state in back if state == "failed"], failed, "and so do the events")
        return put_back

    def converges(self, want=None):
        """Nothing is in the way of the next, normal run."""
        self.sim.clear()
        run = self.work.sync()
        problems = [] if run.code == 0 else [str(run)]
        plan = self.work.plan()
        problems += [] if plan.code == 0 else [str(plan)]
        hosts = self.sim.hosts()
        problems += [f"twice: {mark}" for mark, found in hosts.items() if len(found) > 1]
        if want is not None and len(hosts) != want:
            problems.append(f"{len(hosts)} hosts, {want} wanted")
        self.tap.ok(not problems, f"{self.label}: the next run converges", *[p[:600] + " … " + p[-900:] for p in problems])
