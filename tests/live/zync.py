# SPDX-License-Identifier: Apache-2.0
"""The zync program in a folder of its own: every output is kept as a file, so that the search for secrets sees all of them."""
import json
import os
import sqlite3
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DOMAIN = ("host_config", "host_state")  # what a job that failed must leave as it was
RUN_S = 240


class Result:
    def __init__(self, args, code, out, err):
        self.args, self.code, self.out, self.err = args, code, out, err

    @property
    def json(self):
        """Standard output as one JSON document."""
        return json.loads(self.out)

    def __str__(self):
        return "zync %s: exit %d\n%s\n%s" % (" ".join(self.args), self.code, self.out[:800], self.err[-1500:])


class Zync:
    """`values` replace the @WORDS@ of the configuration; `secrets` are its environment."""

    def __init__(self, program, folder, template, values, secrets):
        self.program, self.folder, self.template = program, folder, template
        self.values, self.secrets = dict(values), dict(secrets)
        self.count = 0
        os.makedirs(os.path.join(folder, "out"), exist_ok=True)
        self.configure()

    def configure(self, **values):
        """Writes the configuration again, with some words changed."""
        self.values.update(values)
        with open(os.path.join(HERE, self.template), encoding="utf-8") as source:
            text = source.read()
        for word, value in self.values.items():
            text = text.replace("@%s@" % word, value)
        with open(os.path.join(self.folder, "zync.yaml"), "w", encoding="utf-8") as out:
            out.write(text)

    def env(self, extra=None):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("ZYNC_", "NETBOX_", "ZABBIX_", "http_", "HTTP_"))}
        env.update(self.secrets)
        env.update(extra or {})
        return env

    def command(self, *args):
        return [self.program, "--config", "zync.yaml", *args]

    def run(self, *args, env=None):
        begin = time.monotonic()
        try:
            done = subprocess.run(self.command(*args), cwd=self.folder, env=self.env(env),
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  timeout=RUN_S, check=False)
        except subprocess.TimeoutExpired as late:
            return self.keep(args, 124, RUN_S, late.stdout or b"", (late.stderr or b"") + b"\nkilled: no end after %d s" % RUN_S)
        return self.keep(args, done.returncode, time.monotonic() - begin, done.stdout, done.stderr)

    def keep(self, args, code, seconds, out, err):
        self.count += 1
        name = os.path.join(self.folder, "out", "%03d-%s" % (self.count, "-".join(a for a in args if a.isalnum()) or "zync"))
        for suffix, data in ((".out", out), (".err", err)):
            with open(name + suffix, "wb") as file:
                file.write(data)
        with open(name + ".rc", "w", encoding="utf-8") as file:
            file.write("%s: %d, %.1f s\n" % (" ".join(args), code, seconds))
        return Result(args, code, out.decode(errors="replace"), err.decode(errors="replace"))

    # the store

    @property
    def database(self):
        return os.path.join(self.folder, "zync.db")

    def rows(self, sql, *values):
        connection = sqlite3.connect("file:%s?mode=ro" % self.database, uri=True)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def dump(self, *tables):
        """The rows of the tables (default: all of the database), in order."""
        if not os.path.exists(self.database):
            return {}
        names = tables or [row[0] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: self.rows("SELECT * FROM %s ORDER BY 1" % name) for name in names}

    def domain(self):
        return self.dump(*DOMAIN) if os.path.exists(self.database) else {name: [] for name in DOMAIN}
