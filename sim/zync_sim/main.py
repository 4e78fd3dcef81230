# SPDX-License-Identifier: Apache-2.0
"""Command line of the simulator: start the servers, say where they are, stop on SIGTERM."""
import argparse
import asyncio
import gc
import json
import os
import signal
import sys
import time

from . import faults as faults_mod
from .control import Control
from .http import Server
from .stats import Stats


def parse(argv):
    p = argparse.ArgumentParser(prog="zync-sim", description="A NetBox and a Zabbix of any size, with faults on demand.")
    p.add_argument("--hosts", type=int, default=200, help="devices in NetBox (default 200)")
    p.add_argument("--vms", type=int, default=None, help="virtual machines in NetBox (default a quarter of the devices)")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--netbox-version", default="4.7.3")
    p.add_argument("--zabbix-version", default="7.0.22")
    p.add_argument("--zabbix-servers", type=int, default=1)
    p.add_argument("--netbox-port", type=int, default=0)
    p.add_argument("--zabbix-port", type=int, default=0)
    p.add_argument("--port-file")
    p.add_argument("--pid-file")
    p.add_argument("--empty", action="store_true", help="a NetBox without data, to be filled through its API")
    p.add_argument("--latency-ms", type=float, default=0, help="added to every answer")
    p.add_argument("--max-page-size", type=int, default=1000, help="NetBox's MAX_PAGE_SIZE")
    p.add_argument("--discovered", type=int, default=5, help="discovered hosts in Zabbix (default 5)")
    return p.parse_args(argv)


def version(text):
    try:
        parts = tuple(int(x) for x in text.split("."))
    except ValueError:
        parts = ()
    if len(parts) != 3:
        sys.exit("zync-sim: %r is not a version such as 7.0.22" % text)
    return parts


def write_atomically(path, text):
    tmp = "%s.%d" % (path, os.getpid())
    with open(tmp, "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(tmp, path)


async def run(args):
    from .nb_api import NetBoxApi
    from .zbx_model import World
    from .zbx_rpc import ZabbixApi
    started = time.monotonic()
    gc.disable()
    faults = faults_mod.Faults(args.seed)
    servers, listening = {}, []
    control = Control(faults, servers)

    def add(name, api, stats, port):
        servers[name] = (api, stats)

        async def handler(request):
            if request.path.startswith("/_sim/"):
                return await control.handle(request)
            response = await api.handle(request)
            response.delay += args.latency_ms / 1000.0
            return response
        listening.append((Server(name, handler, stats), port))

    vms = args.hosts // 4 if args.vms is None else args.vms
    stats = Stats()
    netbox = NetBoxApi("netbox", version(args.netbox_version), 0 if args.empty else args.hosts, 0 if args.empty else vms,
                       args.seed, args.empty, args.max_page_size, faults, stats)
    add("netbox", netbox, stats, args.netbox_port)
    for n in range(args.zabbix_servers):
        name = "zabbix" if n == 0 else "zabbix%d" % (n + 1)
        stats = Stats()
        world = World(version(args.zabbix_version), "%d:%d" % (args.seed, n), time.time(), args.discovered)
        add(name, ZabbixApi(name, world, faults, stats), stats, args.zabbix_port if n == 0 else 0)
    gc.collect()
    gc.freeze()
    gc.enable()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sig in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sig, stop.set)
    for server, port in listening:
        await server.start(port)
    netbox.port = listening[0][0].port
    facts = {"netbox_url": "http://127.0.0.1:%d" % listening[0][0].port, "netbox_token": netbox.token_v2,
             "netbox_token_v1": netbox.token_v1, "netbox_token_readonly": netbox.token_readonly,
             "netbox_version": args.netbox_version, "zabbix_version": args.zabbix_version}
    for server, _ in listening[1:]:
        api = servers[server.name][0]
        facts[server.name + "_url"] = "http://127.0.0.1:%d" % server.port
        facts[server.name + "_token"] = api.world.fixed_token()
    facts.update({"zabbix_user": "Admin", "zabbix_password": "zabbix", "pid": os.getpid(),
                  "start_seconds": round(time.monotonic() - started, 2)})
    line = json.dumps(facts)
    if args.port_file:
        write_atomically(args.port_file, line + "\n")
    if args.pid_file:
        write_atomically(args.pid_file, "%d\n" % os.getpid())
    print(line, flush=True)
    await stop.wait()
    for server, _ in listening:
        await server.stop()


def main(argv=None):
    args = parse(argv)
    if args.hosts < 0 or (args.vms or 0) < 0 or args.zabbix_servers < 1:
        sys.exit("zync-sim: --hosts and --vms must not be negative, --zabbix-servers at least 1")
    try:
        asyncio.run(run(args))
    except OSError as e:
        sys.exit("zync-sim: cannot listen: %s" % e)
    return 0
