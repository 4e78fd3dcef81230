# SPDX-License-Identifier: Apache-2.0
"""A small HTTP/1.1 server on asyncio streams.

It exists so that faults can be exact: a connection can be reset before or after the request was carried out,
an answer can stop in the middle of its announced length, a request can hang. Keep-alive and chunked request
bodies are understood; nothing else of HTTP is.
"""
import asyncio
import json
import socket
import struct
import traceback

MAX_HEADER = 64 * 1024
MAX_BODY = 256 * 1024 * 1024

REASONS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 411: "Length Required",
    412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type",
    429: "Too Many Requests", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
}


class Request:
    """One request. Header names are lower case; the body is bytes."""

    __slots__ = ("method", "target", "path", "query", "headers", "body", "version")

    def __init__(self, method, target, version, headers, body):
        self.method = method
        self.target = target
        self.version = version
        self.headers = headers
        self.body = body
        self.path, _, self.query = target.partition("?")


class Response:
    """One answer and, for faults, how it is to be delivered.

    delivery: "whole", "reset" (RST instead of an answer), "close" (FIN instead of an answer),
    "half" (headers announce the whole length, half of the body follows, then RST), "hang".
    """

    __slots__ = ("status", "headers", "body", "delivery", "delay", "close")

    def __init__(self, status=200, body=b"", headers=(), content_type="application/json"):
        self.status = status
        self.body = body if isinstance(body, bytes) else body.encode()
        self.headers = list(headers)
        if content_type and status != 204:
            self.headers.insert(0, ("Content-Type", content_type))
        self.delivery = "whole"
        self.delay = 0.0
        self.close = False


def json_response(value, status=200, headers=()):
    """An answer with a JSON body, raw UTF-8 as the real servers send it."""
    return Response(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")), headers)


class BadRequest(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


async def _read_request(reader):
    """Read one request; None at a clean end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as e:
        if e.partial.strip():
            raise BadRequest(400, "the request ends in its headers") from None
        return None
    except asyncio.LimitOverrunError:
        raise BadRequest(431, "the headers are too long") from None
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequest(400, "not an HTTP/1.x request")
    headers = {}
    for line in lines[1:]:
        if not line:
            break
        name, sep, value = line.partition(":")
        if not sep:
            raise BadRequest(400, "a header without a colon")
        headers[name.strip().lower()] = value.strip()
    return parts[0], parts[1], parts[2], headers


async def _read_body(reader, headers):
    if headers.get("transfer-encoding", "").lower() == "chunked":
        out = bytearray()
        while True:
            size = int((await reader.readline()).split(b";")[0].strip() or b"0", 16)
            if size == 0:
                while (await reader.readline()).strip():
                    pass
                return bytes(out)
            out += await reader.readexactly(size)
            await reader.readexactly(2)
            if len(out) > MAX_BODY:
                raise BadRequest(413, "the body is too long")
    try:
        length = int(headers.get("content-length", "0"))
    except ValueError:
        raise BadRequest(400, "Content-Length is not a number") from None
    if length > MAX_BODY:
        raise BadRequest(413, "the body is too long")
    return await reader.readexactly(length) if length else b""


def reset(writer):
    """Close with RST: the peer sees ECONNRESET, not an orderly end."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Server:
    """Listens on 127.0.0.1 and hands each request to the coroutine `handler(request)`."""

    def __init__(self, name, handler, stats):
        self.name = name
        self.handler = handler
        self.stats = stats
        self.server = None
        self.port = 0

    async def start(self, port):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=MAX_HEADER, backlog=512)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        self.stats.connections += 1
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, BrokenPipeError):
            pass
        except asyncio.CancelledError:  # the simulator is stopped while an answer is late
            pass
        finally:
            try:
                writer.close()
            except (ConnectionError, RuntimeError):
                pass

    async def _one(self, reader, writer):
        try:
            got = await _read_request(reader)
            if got is None:
                return False
            method, target, version, headers = got
            if headers.get("expect", "").lower() == "100-continue":
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = await _read_body(reader, headers)
        except BadRequest as e:
            writer.write(f"HTTP/1.1 {e.status} {REASONS[e.status]}\r\nContent-Length: 0\r\n"
                         "Connection: close\r\n\r\n".encode())
            await writer.drain()
            return False
        request = Request(method, target, version, headers, body)
        counted = not request.path.startswith("/_sim/")
        if counted:
            self.stats.requests += 1
            self.stats.bytes_in += len(body)
        try:
            response = await self.handler(request)
        except Exception as e:  # a fault of the simulator itself: be loud, keep serving
            traceback.print_exc()
            response = Response(500, "simulator error: %s: %s" % (type(e).__name__, e), content_type="text/plain")
        if response.delay:
            await asyncio.sleep(response.delay)
        return await self._deliver(request, response, reader, writer, counted)

    async def _deliver(self, request, response, reader, writer, counted):
        if response.delivery == "hang":
            while not reader.at_eof() and not writer.transport.is_closing():
                await asyncio.sleep(0.05)
            return False
        if response.delivery == "reset":
            reset(writer)
            return False
        if response.delivery == "close":
            return False
        keep = (not response.close and request.headers.get("connection", "").lower() != "close"
                and request.version != "HTTP/1.0")
        head = [f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Unknown')}"]
        head += [f"{k}: {v}" for k, v in response.headers]
        if response.status != 204:
            head.append(f"Content-Length: {len(response.body)}")
        head.append("Connection: " + ("keep-alive" if keep else "close"))
        data = "\r\n".join(head).encode("utf-8") + b"\r\n\r\n"
        body = b"" if request.method == "HEAD" or response.status == 204 else response.body
        if response.delivery == "half":
            writer.write(data + body[: len(body) // 2])
            await writer.drain()
            # Let the half arrive before the reset, which would overtake it otherwise.
            await asyncio.sleep(0.02)
            reset(writer)
            return False
        writer.write(data + body)
        if counted:
            self.stats.bytes_out += len(body)
        await writer.drain()
        return keep

    async def stop(self):
        self.server.close()
