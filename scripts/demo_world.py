# SPDX-License-Identifier: Apache-2.0
"""A simulated NetBox and Zabbix in a private folder, with a configuration: what scripts/demo and scripts/picture show Zync on."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ZYNC = os.environ.get("ZYNC_PROGRAM") or os.path.join(ROOT, "build/release/src/cli/zync")

MAPPINGS = """\
mappings:
  - name: everything
    set:
      name: "{{ name }} ({{ site.name | default(cluster.name) }})"
      host_groups: ["NetBox/{{ site.region.name }}/{{ site.name }}", "Roles/{{ role.name }}"]
      templates: ["ICMP Ping"]
      interfaces: [{type: agent}]
      tags: {site: "{{ site.slug }}", source: netbox}
      inventory: {location: "{{ site.name }}", serialno_a: "{{ serial }}"}
  - name: virtual machines
    match: {type: vm}
    set:
      name: "{{ name }} ({{ cluster.name | default(site.name) }})"
      templates: ["Linux by Zabbix agent"]
  - name: power
    match: {role: ups}
    set:
      interfaces: [{type: snmp, version: 2}]
      macros: {"{$SNMP_COMMUNITY}": {value: "${DEMO_COMMUNITY}", type: secret}}
  - name: not for Zabbix
    match: {tags: no-zabbix}
    set: {state: skipped}
  - name: the server's own host is Zabbix's
    match: {name: "Zabbix server"}
    set: {state: skipped}
"""

SERVERS = """\
netbox:
  url: %s
  token: ${NETBOX_TOKEN}
  instance: demo
  device_filter: {has_primary_ip: "true"}
  vm_filter: {has_primary_ip: "true"}
zabbix:
  url: %s
  token: ${ZABBIX_TOKEN}
store: sqlite:zync.db
"""


class DemoError(Exception):
    """Something did not do what the demo says."""


class World:
    """The simulator and a folder with the configuration; `with` stops and removes them."""

    def __init__(self, devices, machines, extra=()):
        self.folder = tempfile.mkdtemp(prefix="zync-demo-")
        self.simulator = None
        try:
            self._start(devices, machines, extra)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self, devices, machines, extra):
        ports = os.path.join(self.folder, "ports.json")
        log = os.path.join(self.folder, "simulator.log")
        with open(log, "wb") as out:
            self.simulator = subprocess.Popen(
                [sys.executable, os.path.join(ROOT, "sim/zync-sim"), "--hosts", str(devices), "--vms", str(machines), "--port-file", ports, *extra],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        end = time.monotonic() + 60
        while not (os.path.exists(ports) and os.path.getsize(ports) > 0):
            if self.simulator.poll() is not None or time.monotonic() > end:
                with open(log, encoding="utf-8", errors="replace") as text:
                    raise DemoError("the simulator did not start:\n" + text.read()[-2000:])
            time.sleep(0.02)
        with open(ports, encoding="utf-8") as text:
            self.ports = json.load(text)
        with open(os.path.join(self.folder, "zync.yaml"), "w", encoding="utf-8") as out:
            out.write(SERVERS % (self.ports["netbox_url"], self.ports["zabbix_url"]) + MAPPINGS)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("ZYNC_", "NETBOX_", "ZABBIX_", "NO_COLOR"))}
        self.env.update(NETBOX_TOKEN=self.ports["netbox_token"], ZABBIX_TOKEN=self.ports["zabbix_token"], DEMO_COMMUNITY="k33p-this-s3cret",
                        no_proxy="127.0.0.1", NO_PROXY="127.0.0.1", TERM=os.environ.get("TERM", "dumb"))

    def close(self):
        if self.simulator is not None and self.simulator.poll() is None:
            self.simulator.send_signal(signal.SIGTERM)
            try:
                self.simulator.wait(10)
            except subprocess.TimeoutExpired:
                self.simulator.kill()
                self.simulator.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- the two servers, past Zync --------------------------------------------------------------------------------

    def _http(self, method, url, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json", "Accept": "application/json", **(headers or {})})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as reply:
                return json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as e:
            raise DemoError("%s %s: %s %s" % (method, url, e.code, e.read()[:300])) from e

    def netbox(self, method, path, body=None):
        return self._http(method, self.ports["netbox_url"] + "/api/" + path, body, {"Authorization": "Bearer " + self.ports["netbox_token"]})

    def zabbix(self, method, params):
        reply = self._http("POST", self.ports["zabbix_url"] + "/api_jsonrpc.php", {"jsonrpc": "2.0", "method": method, "params": params, "id": 1},
                           {"Authorization": "Bearer " + self.ports["zabbix_token"]})
        if "error" in reply:
            raise DemoError("zabbix %s: %s" % (method, reply["error"].get("data")))
        return reply["result"]

    def zabbix_hosts(self):
        """Technical name → host, as the simulator holds it."""
        return {h["host"]: h for h in self._http("GET", self.ports["zabbix_url"] + "/_sim/dump")}

    def forget_calls(self):
        self._http("POST", self.ports["zabbix_url"] + "/_sim/stats/reset", {})

    def calls(self):
        return self._http("GET", self.ports["zabbix_url"] + "/_sim/stats")["zabbix"]

    # ---- zync --------------------------------------------------------------------------------------------------------

    def zync_json(self, *words, codes=(0,)):
        done = subprocess.run([ZYNC, *words, "--json"], cwd=self.folder, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
        if done.returncode not in codes:
            raise DemoError("zync %s ended with %d: %s" % (" ".join(words), done.returncode, done.stderr[-1500:]))
        return json.loads(done.stdout)


class Cast:
    """The hosts that something happens to, chosen from the simulated NetBox by what they are."""

    def __init__(self, world):
        rows = world.netbox("GET", "dcim/devices/?status=active&has_primary_ip=true&limit=500")["results"]
        plain = [d for d in rows if d["name"] and re.fullmatch(r"[a-z]{3}[0-9]-[a-z]+-[0-9]{5}", d["name"]) and d["primary_ip4"]
                 and d["role"]["slug"] != "ups" and not any(t["slug"] == "no-zabbix" for t in d["tags"])][::7]
        if len(plain) < 6:
            raise DemoError("the simulated NetBox has too few plain devices")
        self.by_hand, self.renamed, self.moved, self.gone, self.tagged, self.deleted = plain[:6]


def make_host_by_hand(world, device):
    """A host that was in Zabbix before Zync, under the name of a NetBox device."""
    group = world.zabbix("hostgroup.get", {"filter": {"name": ["Linux servers"]}})[0]["groupid"]
    world.zabbix("host.create", {"host": device["name"], "description": "made by hand", "groups": [{"groupid": group}]})


def change_both_sides(world, cast):
    """What people do between two runs."""
    world.netbox("PATCH", "dcim/devices/%d/" % cast.renamed["id"], {"name": cast.renamed["name"] + "-new"})
    world.netbox("PATCH", "ipam/ip-addresses/%d/" % cast.moved["primary_ip4"]["id"], {"address": "10.200.0.9/24"})
    world.netbox("PATCH", "dcim/devices/%d/" % cast.gone["id"], {"status": "decommissioning"})
    hosts = world.zabbix_hosts()
    world.zabbix("host.update", {"hostid": str(hosts[cast.tagged["name"]]["hostid"]), "tags": [{"tag": "site", "value": "somewhere"}]})
    world.zabbix("host.delete", [str(hosts[cast.deleted["name"]]["hostid"])])
