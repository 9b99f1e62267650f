"""The soak's backends: functions behind the Invoke API, plain HTTP, a stream, and runtimes that come and go. Each tells what it saw."""

import asyncio
import json
import random
from collections import Counter

PROXY = json.dumps({"statusCode": 200, "headers": {"X-From": "function"}, "body": "x" * 500}).encode()
RAISED = b'{"errorMessage":"other","errorType":"Error"}'
STREAM_HEAD = b'{"statusCode":200,"headers":{"Content-Type":"text/plain"}}' + bytes(8)
PIECES = 8
PIECE = b"p" * 1000


def policy(effect):
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": "arn:aws:execute-api:*:*:*"}
    return json.dumps({"principalId": "soak", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}).encode()


def by_kind(kind):
    """Status, header lines and body of a function's answer; None: it breaks the connection."""
    return {
        "raise": (200, "X-Amz-Function-Error: Unhandled\r\n", RAISED),
        "bad": (200, "X-Amz-Function-Error: Unhandled\r\n", b'{"errorMessage":"bad: this","errorType":"Error"}'),
        "malformed": (200, "", b'"no object"'),
        "reject": (429, "", b'{"Reason":"ConcurrentInvocationLimitExceeded"}'),
        "reset": None,
    }.get(kind, (200, "", PROXY))


class Backend:
    """One server for everything that is called."""

    def __init__(self):
        self.seen = Counter()  # calls by function
        self.failed = []

    async def start(self):
        self.server = await asyncio.start_server(self.connection, "127.0.0.1", 0, backlog=1024)
        return "%s:%d" % self.server.sockets[0].getsockname()[:2]

    async def connection(self, reader, writer):
        try:
            while await self.request(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        except Exception as e:  # a fault of the soak's own must not look like a broken connection
            self.failed.append(repr(e))
        finally:
            writer.close()

    async def request(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        target = lines[0].split(" ")[1]
        if target.startswith("/2015-03-31/functions/"):
            name = target.split("/")[3].split(":")[0]
            self.seen[name] += 1
            answer = await self.invoked(name, json.loads(body))
        elif target == "/streamed":
            self.seen["streamed"] += 1
            return await stream(writer)
        else:
            kind = target.rsplit("/", 1)[1]
            self.seen["http"] += 1
            answer = None if kind == "reset" else (404 if kind == "missing" else 200, "", b"plain " + kind.encode())
        if answer is None:
            return False
        status, lines, body = answer
        leaves = random.random() < 0.05
        end = "Connection: close\r\n" if leaves else ""
        writer.write(f"HTTP/1.1 {status} S\r\n{lines}{end}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        return not leaves

    async def invoked(self, name, event):
        if name == "guard":
            token = event["authorizationToken"]
            return 200, "", policy("Allow" if token.startswith("allow") else "Deny")
        if name == "slow":
            await asyncio.sleep(3)
            return 200, "", PROXY
        if name == "abandoned":
            await asyncio.sleep(random.random() * 0.05)
            return 200, "", PROXY
        return by_kind(event["path"].rsplit("/", 1)[1])


async def stream(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    for piece in [STREAM_HEAD, *[PIECE] * PIECES, b""]:
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        await writer.drain()
        await asyncio.sleep(0.002)
    return False


class Runtimes:
    """Runtimes of one function: each serves a few invocations, then it leaves, or dies with one in its hands."""

    def __init__(self, port):
        self.port = port
        self.answered = self.died = 0
        self.failed = []

    async def serve(self, stop):
        while not stop.is_set():
            try:
                await self.life(stop)
            except (ConnectionError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.05)  # it may be starting, or has let go of us
            except Exception as e:
                self.failed.append(repr(e))
                return

    async def life(self, stop):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for _ in range(random.randint(5, 200)):
                writer.write(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: r\r\n\r\n")
                take = asyncio.ensure_future(read(reader))
                leave = asyncio.ensure_future(stop.wait())
                await asyncio.wait([take, leave], return_when=asyncio.FIRST_COMPLETED)
                leave.cancel()
                if not take.done():
                    take.cancel()
                    return
                head, _ = take.result()
                if random.random() < 0.01:
                    self.died += 1
                    return
                name = "lambda-runtime-aws-request-id: "
                request = next(line for line in head.split("\r\n") if line.lower().startswith(name))[len(name):]
                path = f"/2018-06-01/runtime/invocation/{request}/response"
                writer.write(f"POST {path} HTTP/1.1\r\nHost: r\r\nContent-Length: {len(PROXY)}\r\n\r\n".encode() + PROXY)
                head, _ = await read(reader)
                self.answered += head.startswith("HTTP/1.1 202 ")
        finally:
            writer.close()


async def read(reader):
    """Head and body of an answer that has a length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = next((int(l.split(":")[1]) for l in head.split("\r\n") if l.lower().startswith("content-length:")), 0)
    return head, await reader.readexactly(length)
