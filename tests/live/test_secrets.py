# SPDX-License-Identifier: Apache-2.0
"""No secret in any output, log, event, plan or database of all the runs before, nor in those of the most talkative runs here."""
import os
import shutil
import sqlite3

import netbox_api
import scene

KEEP = ("zync.yaml",)  # our own input; it has only the names of the variables
# Secrets that come from NetBox or stand in the file itself: nothing but their place tells that they are secrets.
ELSEWHERE = """
- name: secrets from elsewhere
  match: {name: "%s"}
  set:
    interfaces:
      - {type: snmp, community: "{{ comments }}"}
      - {type: snmp, main: false, port: 1161, version: 3, security_level: authPriv, auth_protocol: SHA1, auth_passphrase: "{{ comments }}",
         priv_passphrase: Zq7LiteralPhrase}
    macros:
      "{$LIVE.NETBOX}": {value: "{{ comments }}", type: secret}
      "{$LIVE.LITERAL}": {value: Zq7LiteralMacro, type: secret}
"""
FROM_NETBOX = "Zq7FromNetBox"
PIECE = 16  # so many characters of a token are enough to call it a leak


def run(s):
    t, z = s.tap, s.zync
    key, o = s.pick(set(), "device", lambda o: o.at("role", "slug") == "server")
    s.netbox.change(netbox_api.DEVICES, o["id"], comments=FROM_NETBOX)
    s.rules_text(ELSEWHERE % o["name"])
    talkative(s, "text", key)
    talkative(s, "json", key)
    sent = {i["details"].get("community") for i in s.view().ours[key]["interfaces"]}
    t.ok(FROM_NETBOX in sent, "the secret of NetBox was used")
    refusals(s)
    needles = [*scene.MARKS, FROM_NETBOX, "Zq7Literal"]
    for token in (s.suite.netbox_access["token"], s.suite.netbox_access["token_v1"], s.suite.zabbix_access["token"]):
        needles += [token, token[:PIECE], token[-PIECE:]]
    t.none([m for m in scene.SECRETS.values() if not any(m.startswith(n) for n in scene.MARKS)], "every secret has a mark to look for")
    found, files, bytes_ = search(s.suite.folder, [needle.encode() for needle in needles])
    t.none(found, "no secret in any output, log or database file")
    t.ok(files > 40 and bytes_ > 1000000, "%d files with %d bytes were searched" % (files, bytes_))
    found, databases = search_dumps(s.suite.folder, needles)
    t.none(found, "no secret in any dump of a database")
    t.ok(databases > 0, "%d databases were dumped" % databases)
    t.ok(any(row[0] for row in z.rows("SELECT secrets FROM host_text")), "sealed secrets are there, so there was something to find")


def talkative(s, form, elsewhere):
    t, z = s.tap, s.zync
    z.configure(LOG_FORMAT=form)
    for args in (("check", "-vv"), ("plan", "-vv", "--json"), ("plan", "-vv"), ("sync", "-vv", "--json"), ("sync", "-vv"),
                 ("pull", "-vv"), ("event", "list", "--json", "--limit", "1000"), ("host", "list", "--json"), ("job", "list", "--json")):
        result = z.run(*args)
        t.equal(result.code, 0, "%s logs: %s" % (form, " ".join(args)), str(result))
    wanted = s.wanted()[0]
    kubernetes = next(k for k, w in wanted.items() if "{$LIVE.K8S}" in w["macros"])
    router = next(k for k, w in wanted.items() if len(w["interfaces"]) == 2)
    power = next(k for k, w in wanted.items() if "{$SNMP_COMMUNITY}" in w["macros"])
    several = [("explain", "--json"), ("host", "show", "--json", "--actual")]
    every = several + [("explain",), ("host", "show"), ("host", "diff", "--json"), ("host", "update", "--json", "-vv"), ("plan", "-vv", "--json")]
    for key in (elsewhere, kubernetes, router, power):
        name = "%s:%d" % key
        for words in every if key == elsewhere else several if form == "text" else ():
            verbs = 2 if words[0] == "host" else 1
            args = (*words[:verbs], name, *words[verbs:])
            t.equal(z.run(*args).code, 0, "%s logs: %s %s" % (form, " ".join(args[:2]), name))


def refusals(s):
    """Errors quote what was sent: a changed secret that is refused here, a community that Zabbix refuses, wrong tokens, a proxy that is not there."""
    t, z = s.tap, s.zync
    z.secrets["LIVE_K8S"] = scene.CHANGED_SECRET
    t.equal(z.run("plan", "-vv", "--json", "--detailed-exit-code").code, 5, "a changed secret is a change")
    t.equal(z.run("plan", "-vv").code, 0, "and is shown")
    z.secrets["LIVE_K8S"] = scene.CHANGED_SECRET + "x" * 3000
    result = z.run("sync", "-vv", "--json")
    t.ok(result.code == 1 and result.json["failed"] > 0, "a secret that is too long is refused", str(result))
    z.secrets["LIVE_K8S"] = scene.CHANGED_SECRET
    z.secrets["LIVE_COMMUNITY"], community = scene.SECRETS["LIVE_COMMUNITY"] + "y" * 300, z.secrets["LIVE_COMMUNITY"]
    s.zp.hooks.append(lambda moment, call: in_the_middle(s, moment, call))
    result = z.run("sync", "-vv", "--json")
    s.zp.hooks.clear()
    t.ok(os.path.exists(os.path.join(z.folder, "middle", "zync.db-wal")), "the database was looked at in the middle of a run, too")
    t.ok(result.code == 1 and result.json["failed"] > 0, "a community that is too long is refused", str(result))
    z.secrets["LIVE_COMMUNITY"], z.secrets["LIVE_K8S"] = community, scene.SECRETS["LIVE_K8S"]
    for name in ("LIVE_ZABBIX_TOKEN", "LIVE_NETBOX_TOKEN"):
        right, z.secrets[name] = z.secrets[name], "Zq7Wrong" + "0" * 56
        t.equal(z.run("sync", "-vv").code, 3, "wrong %s" % name)
        z.secrets[name] = right
    z.secrets["LIVE_PASSWORD"] = "Zq7WrongPassword"
    z.configure(ZABBIX_LOGIN="  username: Admin\n  password: ${LIVE_PASSWORD}")
    t.equal(z.run("sync", "-vv").code, 3, "wrong password")
    z.configure(ZABBIX_LOGIN="  token: ${LIVE_ZABBIX_TOKEN}")
    z.secrets["LIVE_PASSWORD"] = scene.SECRETS["LIVE_PASSWORD"]


def in_the_middle(s, moment, call):
    """Copies the database as it is on disk while hosts are being written: what was staged, too."""
    if moment == "after" and call.write:
        folder = os.path.join(s.zync.folder, "middle")
        os.makedirs(folder, exist_ok=True)
        for name in os.listdir(s.zync.folder):
            if name.startswith("zync.db"):
                shutil.copyfile(os.path.join(s.zync.folder, name), os.path.join(folder, name))


def all_files(folder):
    for path, _, names in os.walk(folder):
        for name in names:
            if name not in KEEP:
                yield os.path.join(path, name)


def search(folder, needles):
    found, files, total = [], 0, 0
    for name in all_files(folder):
        with open(name, "rb") as file:
            data = file.read()
        files, total = files + 1, total + len(data)
        found += ["%s: %s… at byte %d" % (name, needle[:8].decode(), data.find(needle)) for needle in needles if needle in data]
    return found, files, total


def search_dumps(folder, needles):
    found, databases = [], 0
    for name in all_files(folder):
        if not name.endswith(".db"):
            continue
        if os.path.basename(os.path.dirname(name)) == "middle":
            continue  # copied while it was written to: its bytes were searched
        connection = sqlite3.connect("file:%s?mode=ro" % name, uri=True)
        databases += 1
        for line in connection.iterdump():
            found += ["%s: %s… in %s" % (name, needle[:8], line[:80]) for needle in needles if needle in line]
        connection.close()
    return found, databases
