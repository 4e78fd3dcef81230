# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: TAP, the simulator as a child process, and a folder in which the real program runs.

Everything that the program prints is kept, so that Work.leaks() can look for secrets in all of it, in the database and in every other file of the folder.
"""
import argparse
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SIM = os.path.join(ROOT, "sim", "zync-sim")
# What a job that failed leaves as it was. host_state names rows of host_text, which never change; changes count when their job is completed.
DOMAIN = {"host_config": "SELECT * FROM host_config ORDER BY 1", "host_state": "SELECT * FROM host_state ORDER BY 1",
          "change": "SELECT * FROM change WHERE NOT EXISTS (SELECT 1 FROM job WHERE job.job_id = change.job_id AND job.status <> 'completed') ORDER BY 1"}
START_S = 30
RUN_S = 120

# One rule that gives every object a host: names that cannot meet, an address for those that have none in NetBox.
GOOD_MAPPING = """
mappings:
  - name: everything
    set:
      host: "e2e {{ name | default('unnamed') }}"
      name: "{{ name | default('unnamed') }} {{ type }} {{ id }}"
      host_groups: ["NetBox/{{ site.name | default('no site') }}"]
      templates: ["ICMP Ping"]
      interfaces: [{type: agent, ip: 192.0.2.7}]
      tags: [{tag: site, value: "{{ site.slug | default('none') }}"}]
      macros: [{macro: "{$SECRET.WORD}", value: "swordfish-${MACRO_SECRET}", type: secret}]
status:
  device: {offline: disabled, decommissioning: removed, inventory: monitored}
  virtual_machine: {offline: disabled, decommissioning: removed}
"""


class Tap:
    """Counts and prints; `done` gives the exit status."""

    def __init__(self):
        self.number = 0
        self.failed = 0

    def ok(self, good, name, *details):
        self.number += 1
        if not good:
            self.failed += 1
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}")
        for detail in details if not good else ():
            for line in str(detail).splitlines()[:40]:
                print(f"# {line}")
        sys.stdout.flush()
        return bool(good)

    def equal(self, got, want, name, *details):
        return self.ok(got == want, name, f"got  {got!r}", f"want {want!r}", *details)

    def skip(self, name, reason):
        self.number += 1
        print(f"ok {self.number} - {name} # SKIP {reason}", flush=True)

    def note(self, text):
        print(f"# {text}", flush=True)

    def done(self):
        print(f"1..{self.number}")
        return 1 if self.failed else 0


class Sim:
    """The simulator as a child process, stopped by its own process id."""

    def __init__(self, *args, hosts=12, vms=3):
        self.folder = tempfile.mkdtemp(prefix="zync-e2e-sim-")
        port_file = os.path.join(self.folder, "ports")
        self.child = subprocess.Popen([SIM, "--hosts", str(hosts), "--vms", str(vms), "--port-file", port_file, *args], stdout=subprocess.DEVNULL)
        end = time.monotonic() + START_S
        while not os.path.exists(port_file):
            if self.child.poll() is not None or time.monotonic() > end:
                self.stop()
                raise SystemExit("Bail out! the simulator does not start")
            time.sleep(0.02)
        with open(port_file, encoding="utf-8") as f:
            self.facts = json.load(f)
        self.url = self.facts["netbox_url"]

    def __getitem__(self, key):
        return self.facts[key]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.child is None:
            return
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + "/_sim/" + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    def fault(self, *rules):
        self.control("POST", "fault", list(rules))

    def clear(self):
        self.control("DELETE", "fault")

    def hits(self):
        return sum(rule["hits"] for rule in self.control("GET", "fault"))

    def stats(self):
        return self.control("GET", "stats")

    def reset_stats(self):
        self.control("POST", "stats/reset")

    def write_calls(self, server="zabbix"):
        return self.stats()[server]["write_calls"]

    def mutate(self, *ops):
        return self.control("POST", "mutate", list(ops))["results"]

    def hosts(self, server="zabbix"):
        """Hosts with an ownership mark: mark → list of hosts."""
        found = {}
        for host in self.control("GET", "dump/" + server):
            mark = host["macros"].get("{$ZYNC.OWNER}")
            if mark is not None:
                found.setdefault(mark["value"], []).append(host)
        return found

    def netbox(self, method, path, body=None):
        """A request to NetBox's own API, as somebody else would make it."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self["netbox_url"] + path, data=data, method=method, headers={
            "Authorization": "Bearer " + self["netbox_token"], "Content-Type": "application/json", "Accept": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def zabbix(self, method, params, url=None, token=None):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request((url or self["zabbix_url"]) + "/api_jsonrpc.php", data=body, headers={
            "Authorization": "Bearer " + (token or self["zabbix_token"]), "Content-Type": "application/json-rpc"})
        with urllib.request.urlopen(request, timeout=30) as reply:
            answer = json.load(reply)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]


class Run:
    """What one call of the program gave."""

    def __init__(self, args, code, out, err, seconds):
        self.args, self.code, self.out, self.err, self.seconds = args, code, out, err, seconds

    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"zync {' '.join(self.args)} → {self.code}\n{self.out[-1500:]}\n{self.err[-2500:]}"


class Work:
    """A folder with a configuration and a store, and the program in it."""

    def __init__(self, program, sim, mapping=GOOD_MAPPING, netbox="", zabbix="", extra="", servers=1, login=False):
        self.program, self.sim = os.path.abspath(program), sim
        self.folder = tempfile.mkdtemp(prefix="zync-e2e-")
        self.said = []
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("NETBOX_", "ZABBIX_", "ZYNC_", "http", "HTTP"))}
        self.environment.update(NETBOX_TOKEN=sim["netbox_token"], MACRO_SECRET="Gh7-prey-zulu", HOME=self.folder, LC_ALL="C.UTF-8",
                                ZBX_PASS=sim["zabbix_password"], ZBX_TOKEN=sim["zabbix_token"])
        lines = ["netbox:", f"  url: {sim['netbox_url']}", "  token: ${NETBOX_TOKEN}", "  timeout: 1s", *self.indent(netbox, "  "), "zabbix:"]
        for n in range(servers):
            key = "zabbix" if n == 0 else f"zabbix{n + 1}"
            if n > 0:
                self.environment[f"ZBX_TOKEN_{n + 1}"] = sim[key + "_token"]
            lines += [f"  - name: {key}", f"    url: {sim[key + '_url']}", "    timeout: 1s"]
            if login:
                lines += [f"    username: {sim['zabbix_user']}", "    password: ${ZBX_PASS}"]
            else:
                lines += ["    token: ${ZBX_TOKEN" + (f"_{n + 1}" if n > 0 else "") + "}"]
            lines += self.indent(zabbix, "    ")
        self.config("\n".join(lines) + "\nstore: sqlite:zync.db\n" + extra + mapping)

    @staticmethod
    def indent(text, by):
        return [by + line for line in text.splitlines() if line.strip()]

    def path(self, name):
        return os.path.join(self.folder, name)

    def config(self, text):
        with open(self.path("zync.yaml"), "w", encoding="utf-8") as f:
            f.write(text)

    def start(self, *args, env=None, **more):
        return subprocess.Popen([self.program, *args], cwd=self.folder, env={**self.environment, **(env or {})}, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", **more)

    def finish(self, child, args, started, timeout=RUN_S):
        try:
            out, err = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            err += f"\n(killed after {timeout} s)"
        self.said.append(out + err)
        return Run(args, child.returncode, out, err, time.monotonic() - started)

    def zync(self, *args, env=None, timeout=RUN_S):
        started = time.monotonic()
        return self.finish(self.start(*args, env=env), args, started, timeout)

    def sync(self, *args, **more):
        return self.zync("sync", "--json", *args, **more)

    def plan(self, *args, **more):
        return self.zync("plan", "--json", "--detailed-exit-code", *args, **more)

    def rows(self, sql, *params):
        """Rows of the store, [] when there is none yet."""
        if not os.path.exists(self.path("zync.db")):
            return []
        database = sqlite3.connect(self.path("zync.db"), timeout=30)
        try:
            return database.execute(sql, params).fetchall()
        finally:
            database.close()

    def domain(self):
        """The domain tables: what a job that failed must leave as they were."""
        if not self.rows("SELECT 1 FROM sqlite_master WHERE name = 'host_config'"):
            return {"host_config": [], "host_state": [], "change": []}
        return {table: self.rows(sql) for table, sql in DOMAIN.items()}

    def secrets(self):
        return {
            "NetBox token": self.environment["NETBOX_TOKEN"], "NetBox token's key": self.environment["NETBOX_TOKEN"].split(".")[-1],
            "Zabbix token": self.environment["ZBX_TOKEN"], "secret macro": "swordfish-" + self.environment["MACRO_SECRET"],
            "macro's variable": self.environment["MACRO_SECRET"],
        }

    def leaks(self):
        """Where a secret can be read: in anything printed, in the database, in any file of the folder (configuration and key file apart)."""
        found = []
        for what, secret in self.secrets().items():
            for text in self.said:
                if secret in text:
                    found.append(f"{what} in output: …{text[max(0, text.index(secret) - 80):][:200]}")
            for folder, _, files in os.walk(self.folder):
                for name in files:
                    if name.endswith(".key") or name == "zync.yaml":
                        continue
                    with open(os.path.join(folder, name), "rb") as f:
                        if secret.encode() in f.read():
                            found.append(f"{what} in {name}")
        return found

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def duplicates(hosts):
    """Marks that more than one host carries."""
    return sorted(mark for mark, found in hosts.items() if len(found) > 1)


def converged(work, sim, want, server="zabbix"):
    """Run a clean sync and say what is wrong afterwards: [] when the run is good, nothing is there twice and the plan is empty."""
    run = work.sync()
    problems = []
    if run.code != 0:
        problems.append(f"the clean run: {run}")
    hosts = sim.hosts(server)
    if duplicates(hosts):
        problems.append(f"hosts twice: {duplicates(hosts)}")
    if len(hosts) != want:
        problems.append(f"{len(hosts)} hosts, {want} wanted")
    plan = work.plan()
    if plan.code != 0:
        problems.append(f"the plan is not empty: {plan}")
    return problems


def peak_mb():
    """Largest memory of a finished child process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def interrupt(child):
    child.send_signal(signal.SIGINT)


def arguments(**more):
    parser = argparse.ArgumentParser()
    parser.add_argument("--zync", default=os.path.join(ROOT, "build/release/src/cli/zync"), help="the program under test")
    for name, default in more.items():
        parser.add_argument("--" + name.replace("_", "-"), default=default, type=type(default))
    return parser.parse_args()
