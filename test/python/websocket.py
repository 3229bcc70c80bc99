"""The client's half of RFC 6455 on asyncio: text messages both ways, no extension, no sub-protocol.

A server's ping is answered here; whoever calls receive() sees only messages, and Closed at the end.
"""

import asyncio
import base64
import hashlib
import json
import os
import struct
from urllib.parse import urlsplit

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
NO_STATUS, ABNORMAL = 1005, 1006
MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONNECT_SECONDS = 10


class Closed(Exception):
    """The connection ended. 1006: without a close frame."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed {code} {reason}")
        self.code = code
        self.reason = reason


class Refused(Exception):
    """The server answered the request for a connection with something else."""

    def __init__(self, status, error):
        super().__init__(f"refused {status} {error}")
        self.status = status
        self.error = error


class WebSocket:
    def __init__(self, reader, writer):
        self._reader = reader
        self._writer = writer
        self._close_sent = False

    @classmethod
    async def connect(cls, url, headers=None):
        return await asyncio.wait_for(cls._connect(url, headers or {}), CONNECT_SECONDS)

    @classmethod
    async def _connect(cls, url, headers):
        parts = urlsplit(url)
        secure = parts.scheme in ("wss", "https")
        port = parts.port or (443 if secure else 80)
        reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure or None)
        try:
            key = base64.b64encode(os.urandom(16)).decode()
            lines = {
                "Host": parts.netloc,
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Key": key,
                "Sec-WebSocket-Version": "13",
                **headers,
            }
            head = f"GET {parts.path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in lines.items())
            writer.write((head + "\r\n").encode())
            status, answered = await _read_head(reader)
            if status != 101:
                raise Refused(status, await _read_error(reader, answered))
            expected = base64.b64encode(hashlib.sha1((key + MAGIC).encode()).digest()).decode()
            if answered.get("sec-websocket-accept") != expected:
                raise Refused(status, None)
            return cls(reader, writer)
        except BaseException:
            writer.transport.abort()
            raise

    async def send(self, text):
        if self._close_sent:
            raise Closed(ABNORMAL)
        self._write(TEXT, text.encode())
        try:
            await self._writer.drain()
        except OSError as error:
            raise Closed(ABNORMAL, str(error)) from error

    async def receive(self):
        """The next text message."""
        parts = []
        while True:
            try:
                final, opcode, payload = await self._read_frame()
            except (OSError, asyncio.IncompleteReadError) as error:
                raise Closed(ABNORMAL, str(error)) from error
            if opcode == PING:
                self._write(PONG, payload)
            elif opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else NO_STATUS
                self._write(CLOSE, payload[:2])
                self._writer.close()
                raise Closed(code, payload[2:].decode(errors="replace"))
            elif opcode != PONG:
                parts.append(payload)
                if final:
                    return b"".join(parts).decode()

    async def close(self):
        if not self._close_sent:
            self._write(CLOSE, struct.pack("!H", 1000))
            self._close_sent = True
        self._writer.close()

    def abort(self):
        """As a network that goes away: no close frame."""
        self._close_sent = True
        self._writer.transport.abort()

    async def _read_frame(self):
        first, second = await self._reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            length = struct.unpack("!H", await self._reader.readexactly(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", await self._reader.readexactly(8))[0]
        # A server does not mask.
        return bool(first & 0x80), first & 0x0F, await self._reader.readexactly(length)

    def _write(self, opcode, payload):
        if self._writer.transport.is_closing():
            return
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | length)
        elif length < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, length)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, length)
        mask = os.urandom(4)
        stretched = (mask * (length // 4 + 1))[:length]
        masked = int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")
        self._writer.write(head + mask + masked.to_bytes(length, "big"))


async def _read_head(reader):
    try:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError as error:
        raise Closed(ABNORMAL, "no answer to the upgrade") from error
    headers = {}
    for line in filter(None, lines[1:]):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return int(lines[0].split(" ")[1]), headers


async def _read_error(reader, headers):
    """{ "error": Error } of an HTTP answer, if it is one."""
    length = int(headers.get("content-length", 0))
    try:
        return json.loads(await reader.readexactly(length))["error"]
    except (ValueError, KeyError, TypeError, asyncio.IncompleteReadError):
        return None
