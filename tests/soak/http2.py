"""As much of an HTTP/2 client as the soak needs: requests, the status of their answers, streams that are taken back."""

import asyncio
import struct

DATA, HEADERS, RST, SETTINGS, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
INDEXED = {8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500}
# Huffman codes of the digits, by their bits (RFC 7541, appendix B).
DIGITS = {f"{n:05b}": str(n) for n in range(3)} | {f"{22 + n:06b}": str(n) for n in range(3, 10)}


class Connection:
    def __init__(self, reader, writer):
        self.reader, self.writer, self.next = reader, writer, 1

    def frame(self, kind, flags, stream, payload=b""):
        self.writer.write(struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload)

    async def begin(self):
        # No table of headers, and windows that never fill.
        self.writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self.frame(SETTINGS, 0, 0, struct.pack(">HIHI", 1, 0, 4, 2**30))
        self.frame(WINDOW, 0, 0, struct.pack(">I", 2**30))

    def open(self, verb, path, lines, ends):
        stream, self.next = self.next, self.next + 2
        block = b"".join(literal(name, value) for name, value in
                         [(":method", verb), (":scheme", "http"), (":authority", "h"), (":path", path)] +
                         [line.split(": ", 1) for line in lines.split("\r\n") if line])
        self.frame(HEADERS, END_HEADERS | (END_STREAM if ends else 0), stream, block)
        return stream

    async def ask(self, requests):
        """The statuses, in order."""
        streams = []
        for verb, path, lines, body in requests:
            streams.append(self.open(verb, path, lines, not body))
            if body:
                self.frame(DATA, END_STREAM, streams[-1], body)
        await self.writer.drain()
        status, open_ones = {}, set(streams)
        while open_ones:
            kind, flags, stream, payload = await self.read()
            if kind == HEADERS:
                status.setdefault(stream, first_status(payload))
            if kind == RST and stream in open_ones:
                status.setdefault(stream, f"RST {payload.hex()}")
                open_ones.discard(stream)
            if kind in (HEADERS, DATA) and flags & END_STREAM:
                open_ones.discard(stream)
        return [status.get(stream) for stream in streams]

    async def take_back(self, path, count, after):
        streams = [self.open("GET", path, "", True) for _ in range(count)]
        await self.writer.drain()
        await asyncio.sleep(after)
        for stream in streams:
            self.frame(RST, 0, stream, struct.pack(">I", 8))
        await self.writer.drain()

    async def read(self):
        head = await self.reader.readexactly(9)
        payload = await self.reader.readexactly(int.from_bytes(head[:3], "big"))
        kind, flags, stream = head[3], head[4], struct.unpack(">I", head[5:])[0]
        if kind == SETTINGS and not flags & ACK:
            self.frame(SETTINGS, ACK, 0)
        if kind == PING and not flags & ACK:
            self.frame(PING, ACK, 0, payload)
        if kind == GOAWAY:
            raise ConnectionError(f"GOAWAY {payload!r}")
        return kind, flags, stream, payload


def literal(name, value):
    """A header field that goes into no table, without Huffman codes."""
    name, value = name.encode(), value.encode()
    return b"\0" + length(name) + name + length(value) + value


def length(text):
    n = len(text)
    assert n < 127, "a short text"
    return bytes([n])


def first_status(block):
    """`:status` comes first in a block, but for changes of the table's size."""
    while block[0] & 0xE0 == 0x20:
        block = block[1:]
    if block[0] & 0x80:
        return INDEXED.get(block[0] & 0x7F)
    # A literal whose name is one of the table's.
    size, huffman = block[1] & 0x7F, block[1] & 0x80
    value = block[2:2 + size]
    if not huffman:
        return int(value)
    bits, text = "".join(f"{byte:08b}" for byte in value), ""
    while len(text) < 3:
        code = next(code for code in DIGITS if bits.startswith(code))
        text, bits = text + DIGITS[code], bits[len(code):]
    return int(text)
