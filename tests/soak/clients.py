"""The soak's clients: what they ask for, what must come of it, and what stagegate must have counted for that."""

import asyncio
import random
import time
from collections import Counter

import http2
from backends import PIECE, PIECES


def labels(name, **of):
    inside = ",".join(f'{key}="{value}"' for key, value in sorted(of.items()))
    return f"stagegate_{name}{{{inside}}}"


class Kind:
    """A request, its answer, and the series that count one for it. A resource with an `ANY` method unless told."""

    def __init__(self, share, path, status, resource=None, verb="GET", method="ANY", headers="", body=b"", cause=None,
                 outcome=None, rule=None, masked=None, fault=None, authorizer=None, guarded=False, often=None):
        resource = path if resource is None else resource
        of = {"resource": resource, "method": method}
        self.share, self.path, self.verb, self.headers, self.body, self.status = share, path, verb, headers, body, status
        self.often = often  # another status that may come, with the series of its own
        self.series = [labels("responses_total", status=status, **of), labels("request_duration_seconds_count", **of)]
        if cause:
            self.series.append(labels("failures_total", status=status, cause=cause, **of))
        if outcome:
            self.series.append(labels("invocations_total", function=outcome[0], outcome=outcome[1]))
        if rule:
            self.series.append(labels("integration_response_matches_total", pattern=rule[0], status=rule[1], **of))
        if masked:
            self.series.append(labels("masked_errors_total", kind=masked, **of))
        if fault:
            self.series.append(labels("faults_injected_total", cause=fault, **of))
        if authorizer:
            self.series.append(labels("authorizer_results_total", authorizer=authorizer[0], result=authorizer[1], cache="miss"))
        if guarded:
            self.series.append(labels("invocations_total", function="guard", outcome="success"))


def proxy(share, kind, status, **more):
    return Kind(share, f"/proxy/{kind}", status, resource="/proxy/{kind}", **more)


def on_purpose(cause, status, outcome):
    outcome = outcome and ("invoked", outcome)
    return proxy(1, "ok", status, headers=f"x-stagegate-fault: {cause}\r\n", cause=cause, outcome=outcome, fault=cause)


def custom(share, kind, status, **more):
    return Kind(share, f"/custom/{kind}", status, resource="/custom/{kind}", verb="POST", method="POST", body=b"{}",
                headers="content-type: application/json\r\n", **more)


def asked(share, token, status, result, **more):
    headers = f"authorization: {token}\r\n" if token else ""
    return Kind(share, "/asked", status, method="GET", headers=headers, authorizer=("asked", result), **more)


INVOKED = ("invoked", "success")
DIED = Kind(0, "/runtime", 502, method="GET", cause="function_error", outcome=("polled", "function_error"))
KINDS = [
    proxy(20, "ok", 200, outcome=INVOKED),
    proxy(4, "ok", 200, verb="POST", body=b"b" * 50_000, outcome=INVOKED),
    proxy(2, "raise", 502, cause="function_error", outcome=("invoked", "function_error")),
    proxy(2, "malformed", 502, cause="malformed_response", outcome=("invoked", "malformed")),
    proxy(2, "reject", 500, cause="invocation_rejected", outcome=("invoked", "rejected")),
    proxy(2, "reset", 504, cause="network_error", outcome=("invoked", "network_error")),
    proxy(1, "ok", 413, verb="POST", body=b"b" * 300_000, cause="request_too_large"),
    on_purpose("throttled", 429, None),
    on_purpose("timeout", 504, "timeout"),
    on_purpose("function_error", 502, "function_error"),
    custom(6, "ok", 200, outcome=("mapped", "success"), rule=("default", 200)),
    custom(2, "bad", 400, outcome=("mapped", "function_error"), rule=("bad.*", 400)),
    custom(2, "raise", 200, outcome=("mapped", "function_error"), rule=("default", 200), masked="function_error"),
    Kind(2, "/slow", 504, method="GET", cause="timeout", outcome=("slow", "timeout")),
    Kind(8, "/mock", 200, method="GET", rule=("default", 200)),
    Kind(6, "/http/ok", 200, resource="/http/{kind}", method="GET"),
    Kind(2, "/http/missing", 404, resource="/http/{kind}", method="GET"),
    Kind(1, "/http/reset", 504, resource="/http/{kind}", method="GET", cause="network_error"),
    Kind(3, "/stream", 200, method="GET", outcome=("streamed", "success")),
    Kind(8, "/runtime", 200, method="GET", outcome=("polled", "success"), often=DIED),
    asked(3, "allow", 200, "allow", outcome=INVOKED, guarded=True),
    asked(2, "deny", 403, "deny", cause="access_denied", guarded=True),
    asked(1, None, 401, "unauthorized", cause="unauthorized"),
    Kind(4, "/kept", 200, method="GET", headers="authorization: allow-{}\r\n", outcome=INVOKED),
    Kind(2, "/nowhere", 403, resource="", method="", cause="no_route"),
]
MOCK = next(kind for kind in KINDS if kind.path == "/mock")
BAD = Kind(0, "/a|b", 400, resource="", method="", cause="bad_request")
CUT = Kind(0, "/proxy/ok", 400, resource="/proxy/{kind}", cause="bad_request")
CUT_WITHOUT_METHOD = Kind(0, "/proxy/ok", 400, resource="", method="", cause="bad_request")
# What fits into a window at the start, however many there are.
SMALL = [kind for kind in KINDS if len(kind.body) < 1000]
ABANDONED = Kind(0, "/abandoned", 200, outcome=("abandoned", "success"))


class Clients:
    """All of them, with what they saw."""

    def __init__(self, port):
        self.port = port
        self.expected = Counter()  # what each series must be
        self.maybe = 0             # requests that were taken back before stagegate may have seen them
        self.requests = 0
        self.slowest = (0, "")
        self.wrong = []

    def saw(self, kind, status, whole=True):
        if kind.often and status == kind.often.status:
            kind = kind.often
        if status != kind.status or not whole:
            self.wrong.append(f"{kind.verb} {kind.path}: {status} instead of {kind.status}" + ("" if whole else ", cut"))
        self.count(kind)

    def count(self, kind, times=1):
        self.requests += times
        for series in kind.series:
            self.expected[series] += times

    async def work(self, stop, what):
        """Does that again and again. Whoever loses a connection has found a fault."""
        while not stop.is_set():
            try:
                await what()
            except Exception as e:
                self.wrong.append(f"{what.__name__}: {e!r}")
                await asyncio.sleep(0.2)

    async def soon(self, answer, what):
        """An answer that must come within a minute, whatever else this machine does."""
        begun = time.monotonic()
        try:
            return await asyncio.wait_for(answer, 60)
        except TimeoutError:
            raise TimeoutError(f"no answer: {what}") from None
        finally:
            self.slowest = max(self.slowest, (time.monotonic() - begun, what))

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def keep_alive(self):
        """Requests one after the other over one connection."""
        reader, writer = await self.connect()
        try:
            for kind in some(KINDS, random.randint(1, 100)):
                writer.write(written(kind))
                status, body, closes = await self.soon(answer(reader), kind.path)
                self.saw(kind, status, kind.path != "/stream" or body == PIECE * PIECES)
                await asyncio.sleep(random.random() * 0.01)
                if closes:
                    return
        finally:
            writer.close()

    async def pipelining(self):
        reader, writer = await self.connect()
        try:
            count = random.randint(2, 300)
            writer.write(written(MOCK) * count)
            for _ in range(count):
                self.saw(MOCK, (await self.soon(answer(reader), "pipelined"))[0])
            await asyncio.sleep(0.2)
        finally:
            writer.close()

    async def bad_heads(self):
        reader, writer = await self.connect()
        try:
            writer.write(b"GET /a|b HTTP/1.1\r\nHost: h\r\n\r\n")
            self.saw(BAD, (await self.soon(answer(reader), BAD.path))[0])
            await asyncio.sleep(0.1)
        finally:
            writer.close()

    async def aborted(self):
        """A request and nobody who waits for its answer; a body that breaks off; a stream of which little is read; a silent client."""
        reader, writer = await self.connect()
        way = random.randrange(4)
        if way == 0:
            writer.write(written(ABANDONED))
            self.count(ABANDONED)
        elif way == 1:
            writer.write(b"POST /proxy/ok HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nhalf")
            self.count(CUT)
        elif way == 2:
            kind = next(kind for kind in KINDS if kind.path == "/stream")
            writer.write(written(kind))
            await reader.read(100)
            self.count(kind)
        await writer.drain()
        await asyncio.sleep(random.random() * 0.1)
        writer.close()

    async def over_http2(self):
        """Several requests at once over one connection."""
        reader, writer = await self.connect()
        connection = http2.Connection(reader, writer)
        try:
            await connection.begin()
            for _ in range(random.randint(1, 20)):
                kinds = some(SMALL, random.randint(1, 8))
                asks = [(kind.verb, kind.path, kind.headers.format(random.randrange(5)), kind.body) for kind in kinds]
                for kind, status in zip(kinds, await self.soon(connection.ask(asks), " ".join(kind.path for kind in kinds))):
                    self.saw(kind, status)
        finally:
            writer.close()

    async def reset(self):
        """Over HTTP/2: requests that are taken back."""
        reader, writer = await self.connect()
        connection = http2.Connection(reader, writer)
        try:
            await connection.begin()
            count = random.randint(1, 5)
            await connection.take_back("/abandoned", count, random.random() * 0.03)
            self.maybe += count
            self.saw(MOCK, (await self.soon(connection.ask([("GET", "/mock", "", b"")]), "behind what was taken back"))[0])
        finally:
            writer.close()
        await asyncio.sleep(0.1)


def some(kinds, count):
    return random.choices(kinds, [kind.share for kind in kinds], k=count)


def written(kind):
    headers = kind.headers.format(random.randrange(5)) if "{}" in kind.headers else kind.headers
    length = f"content-length: {len(kind.body)}\r\n" if kind.body else ""
    return f"{kind.verb} {kind.path} HTTP/1.1\r\nhost: h\r\n{headers}{length}\r\n".encode() + kind.body


async def answer(reader):
    """Status and body of an answer, and whether the connection ends with it."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return int(head.split(" ")[1]), body, headers.get("connection") == "close"
