#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The way to the servers: TLS verified with the own authority or not at all, the wrong name refused, and a proxy taken from the environment."""
import http.client
import http.server
import os
import ssl
import subprocess
import tempfile
import threading
import urllib.parse

from e2elib import Sim, Tap, Work, arguments

ZYNC = arguments().zync
tap = Tap()


def certificate(folder, name):
    """A self-signed certificate for one name or address; its file is its own authority."""
    key, pem = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    kind = "IP" if name[0].isdigit() else "DNS"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", pem, "-days", "2", "-subj", "/CN=zync test",
                    "-addext", f"subjectAltName={kind}:{name}"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return key, pem


class Forward(http.server.BaseHTTPRequestHandler):
    """Hands each request on to the target, or, as a proxy, to the address in the request line."""

    protocol_version = "HTTP/1.1"

    def handle_any(self):
        target = self.server.target
        path = self.path
        if path.startswith("http://"):
            parts = urllib.parse.urlsplit(path)
            target = f"{parts.scheme}://{parts.netloc}"
            path = urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
        self.server.seen += 1
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        there = http.client.HTTPConnection(urllib.parse.urlsplit(target).netloc, timeout=30)
        there.request(self.command, path, body or None, {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection", "proxy-connection")})
        reply = there.getresponse()
        data = reply.read()
        self.send_response(reply.status)
        for key, value in reply.getheaders():
            if key.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        there.close()

    do_GET = do_POST = do_PATCH = do_DELETE = handle_any

    def log_message(self, *_):
        pass


class Server:
    def __init__(self, target, pair=None):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forward)
        self.server.daemon_threads = True
        self.server.target, self.server.seen = target, 0
        scheme = "http"
        if pair is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pair[1], pair[0])
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def check_with(work, sim, netbox, zabbix, ca="", verify=True):
    """`zync check` with both servers behind the given addresses."""
    lines = []
    for section, url, token in (("netbox", netbox, "${NETBOX_TOKEN}"), ("zabbix", zabbix, "${ZBX_TOKEN}")):
        lines += [f"{section}:", f"  url: {url}", f"  token: {token}", "  timeout: 5s"]
        if ca:
            lines.append(f"  ca_file: {ca}")
        if not verify:
            lines.append("  verify_tls: false")
    mapping = "\nmappings:\n  - set:\n      host_groups: [NetBox]\n"
    work.config("\n".join(lines) + "\nstore: sqlite:zync.db" + mapping)
    return work.zync("check")


def tls():
    with tempfile.TemporaryDirectory() as good, tempfile.TemporaryDirectory() as other, Sim() as sim, Work(ZYNC, sim) as work:
        right, wrong = certificate(good, "127.0.0.1"), certificate(other, "other.example.com")
        with Server(sim["netbox_url"], right) as nb, Server(sim["zabbix_url"], right) as zbx:
            run = check_with(work, sim, nb.url, zbx.url)
            tap.equal(run.code, 3, "a certificate of an unknown authority is refused", run)
            tap.ok("ca_file" in run.out + run.err, "and the message names ca_file", run)
            tap.equal((nb.server.seen, zbx.server.seen), (0, 0), "nothing was sent, no token either")
            run = check_with(work, sim, nb.url, zbx.url, ca=right[1])
            tap.equal(run.code, 0, "with its authority in ca_file both servers are believed", run)
            run = check_with(work, sim, nb.url, zbx.url, verify=False)
            tap.ok(run.code == 0 and "verify_tls is off" in run.out, "verify_tls: false goes on with a warning", run)
            run = check_with(work, sim, nb.url, zbx.url, ca=os.path.join(good, "nowhere.pem"))
            tap.ok(run.code in (2, 3, 4) and "nowhere.pem" in run.out + run.err, "a ca_file that cannot be read is named", run)
        with Server(sim["netbox_url"], wrong) as nb, Server(sim["zabbix_url"], wrong) as zbx:
            run = check_with(work, sim, nb.url, zbx.url, ca=wrong[1])
            tap.equal(run.code, 3, "a certificate for another name is refused", run)
            tap.equal((nb.server.seen, zbx.server.seen), (0, 0), "and nothing was sent")
        tap.equal(work.leaks(), [], "no secret in what was printed or stored")


def proxy():
    with Sim() as sim, Work(ZYNC, sim) as work, Server("") as way:
        run = work.zync("check", env={"http_proxy": way.url, "no_proxy": ""})
        tap.ok(run.code == 0 and way.server.seen > 5, f"http_proxy of the environment is used ({way.server.seen} requests went through it)", run)
        seen = way.server.seen
        run = work.zync("check", env={"http_proxy": way.url, "no_proxy": "127.0.0.1"})
        tap.ok(run.code == 0 and way.server.seen == seen, "and no_proxy keeps an address away from it", run)


tls()
proxy()
raise SystemExit(tap.done())
