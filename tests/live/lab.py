# SPDX-License-Identifier: Apache-2.0
"""The lab's servers: started, reset, killed and brought back through lab/lab. See lab/README.md."""
import os
import shlex
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
LAB = os.path.join(ROOT, "lab", "lab")
UNREACHABLE = 77  # lab/lab: the Python package index is out of reach, so there is no NetBox


class LabError(Exception):
    pass


class Lab:
    def __init__(self):
        self.env = {}
        self.netbox = False

    def command(self, *args, allow=()):
        done = subprocess.run([LAB, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode and done.returncode not in allow:
            raise LabError("lab/lab %s: exit %d: %s" % (" ".join(args), done.returncode, done.stderr.strip()[-500:]))
        return done

    def start(self, *names):
        """Starts the servers; False when NetBox cannot be had."""
        done = self.command("start", *names, allow=(UNREACHABLE,))
        self._read(done.stdout)
        if "netbox" in names:
            self.netbox = done.returncode == 0
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
        return {"url": self.env["ZYNC_LAB_NETBOX_URL"], "token": self.env["ZYNC_LAB_NETBOX_TOKEN"],
                "token_v1": self.env["ZYNC_LAB_NETBOX_TOKEN_V1"]}

    def sql(self, name, text):
        """SQL on a Zabbix database, for what the API does not let one make."""
        status = self.command("status").stdout
        home = next((line.split("socket folder", 1)[1].split()[0] for line in status.splitlines()
                     if line.startswith("postgres") and "socket folder" in line), None)
        if home is None:
            raise LabError("the lab's PostgreSQL does not run:\n" + status)
        owner = os.stat(home).st_uid
        user = None if os.geteuid() == owner else owner
        done = subprocess.run(["psql", "-h", home, "-U", "lab", "-d", name, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", text],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, user=user,
                              extra_groups=[] if user is not None else None, cwd="/")
        if done.returncode:
            raise LabError("psql on %s: %s" % (name, done.stderr.strip()))
        return done.stdout.strip()
