# SPDX-License-Identifier: Apache-2.0
"""The lab's servers: started, reset, killed and brought back through lab/lab. See lab/README.md."""
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
LAB = os.path.join(ROOT, "lab", "lab")
SIMULATOR_S = 20
UNREACHABLE = 77  # lab/lab: the Python package index is out of reach, so there is no NetBox


class LabError(Exception):
    pass


class SimulatedNetBox:
    """The simulator's NetBox with the lab's data, where there is no real one to be had."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="zync-live-sim-")
        ports = os.path.join(self.folder, "ports")
        self.child = subprocess.Popen([os.path.join(ROOT, "sim", "zync-sim"), "--empty", "--port-file", ports], stdout=subprocess.DEVNULL)
        try:
            end = time.monotonic() + SIMULATOR_S
            while not os.path.exists(ports):
                if self.child.poll() is not None or time.monotonic() > end:
                    raise LabError("the simulator does not start")
                time.sleep(0.05)
            with open(ports, encoding="utf-8") as file:
                told = json.load(file)
            self.access = {"url": told["netbox_url"], "token": told["netbox_token"], "token_v1": told["netbox_token_v1"]}
            filled = subprocess.run([os.path.join(ROOT, "lab", "fill_netbox.py"), "--url", self.access["url"], "--token", self.access["token"]],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
            if filled.returncode:
                raise LabError("the simulator's NetBox cannot be filled: " + filled.stderr.strip()[-500:])
        except BaseException:
            self.stop()
            raise

    def stop(self):
        self.child.terminate()
        self.child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Lab:
    def __init__(self):
        self.env = {}
        self.simulator = None  # stands in for NetBox
        self.home = None

    def command(self, *args, allow=()):
        done = subprocess.run([LAB, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode and done.returncode not in allow:
            raise LabError("lab/lab %s: exit %d: %s" % (" ".join(args), done.returncode, done.stderr.strip()[-500:]))
        return done

    def start(self, *names):
        """Starts the servers; False when NetBox cannot be had."""
        done = self.command("start", *names, allow=(UNREACHABLE,))
        self._read(done.stdout)
        return done.returncode == 0

    def _read(self, text):
        for line in text.splitlines():
            for word in shlex.split(line):
                if word.startswith("ZYNC_LAB_") and "=" in word:
                    name, value = word.split("=", 1)
                    self.env[name] = value

    def reset(self, *names):
        sys.stdout.flush()
        self.command("reset", *names)

    def kill(self, name):
        self.command("kill", name)

    def zabbix(self, version):
        """url, token, user and password of zabbix60 or zabbix70."""
        return {key: self.env["ZYNC_LAB_ZABBIX%s_%s" % (version, key.upper())] for key in ("url", "token", "user", "password")}

    def netbox_access(self):
        if self.simulator:
            return self.simulator.access
        return {"url": self.env["ZYNC_LAB_NETBOX_URL"], "token": self.env["ZYNC_LAB_NETBOX_TOKEN"],
                "token_v1": self.env["ZYNC_LAB_NETBOX_TOKEN_V1"]}

    def _database_home(self):
        """The folder of PostgreSQL's socket."""
        status = self.command("status").stdout
        home = next((line.split("socket folder", 1)[1].split()[0] for line in status.splitlines()
                     if line.startswith("postgres") and "socket folder" in line), None)
        if home is None:
            raise LabError("the lab's PostgreSQL does not run:\n" + status)
        return home

    def sql(self, name, *texts):
        """SQL on a Zabbix database, for what the API does not let one make; each text is a transaction of its own."""
        if self.home is None:
            self.home = self._database_home()
        owner = os.stat(self.home).st_uid
        user = None if os.geteuid() == owner else owner
        done = subprocess.run(["psql", "-h", self.home, "-U", "lab", "-d", name, "-qAtX", "-v", "ON_ERROR_STOP=1",
                               *[word for text in texts for word in ("-c", text)]],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, user=user,
                              extra_groups=[] if user is not None else None, cwd="/", env={**os.environ, "PGOPTIONS": "-c client_min_messages=error"})
        if done.returncode:
            raise LabError("psql on %s: %s" % (name, done.stderr.strip()))
        return done.stdout.strip()

    def _copy(self, source, target):
        """PostgreSQL copies only a database that nobody uses."""
        self.sql("postgres", "DROP DATABASE IF EXISTS %s WITH (FORCE)" % target, "ALTER DATABASE %s ALLOW_CONNECTIONS false" % source,
                 "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = '%s'" % source)
        try:
            self.sql("postgres", "CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy" % (target, source))
        finally:
            self.sql("postgres", "ALTER DATABASE %s ALLOW_CONNECTIONS true" % source)

    def save(self, name):
        """Keep a Zabbix as it is, for load(): a fifth of a second each."""
        self._copy(name, name + "_saved")

    def load(self, name):
        self._copy(name + "_saved", name)

    def forget(self, name):
        self.sql("postgres", "DROP DATABASE IF EXISTS %s_saved WITH (FORCE)" % name)
