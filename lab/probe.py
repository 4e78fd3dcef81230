#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small questions to the lab's servers, for the lab's scripts. Python's standard library only.

  probe.py zabbix-version URL            prints the version (apiinfo.version)
  probe.py zabbix-token URL USER PASS    makes a token that never expires and prints it
  probe.py zabbix-auth URL TOKEN         succeeds when the token may read hosts
  probe.py netbox-status URL TOKEN [N]   prints NetBox's version; fails while fewer than N workers run (default 0)

The answer is one line on standard output; a failure is one line on standard error and exit code 1.
"""

import json
import sys
import urllib.error
import urllib.request

TIMEOUT_S = 60


class ProbeError(Exception):
    """What went wrong, in one line."""


def fetch(request):
    # No proxy: these servers are on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT_S) as reply:
            body = reply.read()
    except urllib.error.HTTPError as error:
        raise ProbeError(f"HTTP {error.code}: {error.read()[:300]!r}") from error
    except OSError as error:
        raise ProbeError(str(error)) from error
    try:
        return json.loads(body)
    except ValueError as error:
        raise ProbeError(f"no JSON but {body[:300]!r}") from error


def zabbix(url, method, params, auth=None):
    # The `auth` member is what both 6.0 and 7.0 take; the Authorization header is unknown to 6.0.
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    if auth is not None:
        body["auth"] = auth
    reply = fetch(
        urllib.request.Request(
            url + "/api_jsonrpc.php", json.dumps(body).encode(), {"Content-Type": "application/json-rpc"}
        )
    )
    if "error" in reply:
        error = reply["error"]
        raise ProbeError(f"{method}: {error.get('message')} {error.get('data')}")
    return reply["result"]


def zabbix_token(url, user, password):
    session = zabbix(url, "user.login", {"username": user, "password": password})
    users = zabbix(url, "user.get", {"output": ["userid"], "filter": {"username": user}}, session)
    made = zabbix(url, "token.create", {"name": "zync lab", "userid": users[0]["userid"]}, session)
    token = zabbix(url, "token.generate", made["tokenids"], session)[0]["token"]
    zabbix(url, "user.logout", [], session)
    return token


def zabbix_auth(url, token):
    return zabbix(url, "host.get", {"countOutput": True}, token)


def netbox_status(url, token, workers="0"):
    # NetBox: the value decides what kind of token it is (v2 tokens begin with nbt_).
    scheme = "Bearer" if token.startswith("nbt_") else "Token"
    headers = {"Authorization": f"{scheme} {token}", "Accept": "application/json"}
    reply = fetch(urllib.request.Request(url + "/api/status/", headers=headers))
    if reply["rq-workers-running"] < int(workers):
        raise ProbeError(f"{reply['rq-workers-running']} of {workers} background workers run")
    return reply["netbox-version"]


COMMANDS = {
    "zabbix-version": (1, 1, lambda url: zabbix(url, "apiinfo.version", [])),
    "zabbix-token": (3, 3, zabbix_token),
    "zabbix-auth": (2, 2, zabbix_auth),
    "netbox-status": (2, 3, netbox_status),
}


def main(arguments):
    if not arguments or arguments[0] not in COMMANDS:
        sys.exit(__doc__)
    least, most, function = COMMANDS[arguments[0]]
    if not least <= len(arguments) - 1 <= most:
        sys.exit(__doc__)
    try:
        print(function(*arguments[1:]))
    except (ProbeError, LookupError, TypeError) as error:
        sys.exit(f"{arguments[0]}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
