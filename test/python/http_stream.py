"""A connection over plain HTTP requests ("Over HTTP" in protocol/README.md), with the same face as WebSocket.

http.client blocks, so each direction has a thread's turn: one request down that stays open, one up at a time. What comes down has a
number; the last one that came is told by every request, and a request that broke off is asked again.
"""

import asyncio
import http.client
import json
import socket
import threading
import time
from urllib.parse import urlsplit

from websocket import ABNORMAL, Closed, Refused

FIRST_LINE_SECONDS = 4
# A poll is answered after 25 s at the latest; signs of life come more often on server-sent events.
DOWN_SECONDS = 40
UP_SECONDS = 15
TELL_EVERY_BYTES = 48 * 1024
# After it, the server has closed a stream that heard nothing.
LIFE_SECONDS = 27
STREAM_UNKNOWN = 4005


class HttpStream:
    def __init__(self, url, headers, events=True):
        self._url = url
        self._headers = headers
        self._events = events
        self._stream = None
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Queue()
        self._turn = asyncio.Lock()
        self._number = 0
        self._after = 0
        self._untold = 0
        self._down = None
        self._over = False

    @classmethod
    async def connect(cls, url, headers=None, events=True):
        stream = cls(url, headers or {}, events)
        status, answer = await asyncio.to_thread(stream._request, "POST", {})
        if status != 201:
            raise Refused(status, (answer or {}).get("error"))
        stream._stream = answer["stream"]
        threading.Thread(target=stream._read, daemon=True).start()
        return stream

    async def send(self, text):
        async with self._turn:
            self._number += 1
            await self._up({"Inlay-Number": str(self._number)}, text.encode())

    async def receive(self):
        kind, value = await self._arrived.get()
        if kind == "closed":
            raise Closed(*value)
        return value

    async def close(self):
        self.abort()
        await asyncio.to_thread(self._request, "DELETE", {})

    def abort(self):
        self._over = True
        self._end(ABNORMAL, "")
        self._break_down()

    async def _up(self, headers, body=None):
        """Repeats the same number until it is answered: the server takes each once."""
        until = time.monotonic() + LIFE_SECONDS
        while not self._over and time.monotonic() < until:
            try:
                after = {"Inlay-After": str(self._after)}
                status, answer = await asyncio.to_thread(self._request, "POST", {**headers, **after}, body)
            except (OSError, http.client.HTTPException):
                await asyncio.sleep(0.2)
                continue
            if status == 204:
                return
            error = (answer or {}).get("error", {})
            if error.get("retry") == "later":
                await asyncio.sleep(error.get("retryAfterMs", 500) / 1000)
                continue
            self._end(STREAM_UNKNOWN if status == 404 else ABNORMAL, error.get("code", ""))
            break
        raise Closed(ABNORMAL)

    # What follows runs in threads.

    def _request(self, method, headers, body=None):
        connection = self._connection(UP_SECONDS)
        try:
            connection.request(method, urlsplit(self._url).path, body, self._all(headers))
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def _connection(self, seconds):
        parts = urlsplit(self._url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname, parts.port, timeout=seconds)

    def _all(self, headers):
        own = {} if self._stream is None else {"Inlay-Stream": self._stream}
        return {**self._headers, **own, **headers}

    def _read(self):
        """One request down after the other, until the stream ends."""
        failures = 0
        while not self._over:
            before = self._after
            try:
                self._read_events() if self._events else self._poll()
                failures = 0
            except (OSError, http.client.HTTPException, ValueError):
                failures = 0 if self._after > before else failures + 1
                if failures > 20:
                    self._end(ABNORMAL, "no answer")
                time.sleep(min(failures, 5) * 0.1)

    def _ask(self, accept, seconds):
        connection = self._connection(seconds)
        connection.connect()
        self._down = connection.sock
        headers = self._all({"Inlay-After": str(self._after), "Accept": accept})
        connection.request("GET", urlsplit(self._url).path, None, headers)
        answer = connection.getresponse()
        if answer.status != 200:
            text = answer.read()
            error = json.loads(text).get("error", {}) if text else {}
            self._end(STREAM_UNKNOWN if answer.status == 404 else ABNORMAL, error.get("code", ""))
            raise OSError("no stream")
        return connection, answer

    def _poll(self):
        connection, answer = self._ask("application/json", DOWN_SECONDS)
        try:
            body = json.loads(answer.read())
        finally:
            connection.close()
        for number, message in body["messages"]:
            self._take(number, message, 0)
        if "close" in body:
            self._end(body["close"]["code"], body["close"].get("reason", ""))
        elif not body["messages"]:
            self._live()

    def _read_events(self):
        try:
            connection, answer = self._ask("text/event-stream", FIRST_LINE_SECONDS)
            line = answer.readline()
        except socket.timeout:
            # A proxy holds back what has not ended.
            self._break_down()
            self._events = False
            return
        self._down.settimeout(DOWN_SECONDS)
        fields = {}
        try:
            while line:
                text = line.decode().rstrip("\r\n")
                if text == "":
                    self._event(fields)
                    fields = {}
                elif not text.startswith(":"):
                    name, _, value = text.partition(":")
                    fields[name] = value[1:] if value.startswith(" ") else value
                line = answer.readline()
        finally:
            connection.close()

    def _event(self, fields):
        kind = fields.get("event", "message")
        if kind == "ping":
            self._live()
        elif kind == "close":
            closed = json.loads(fields["data"])
            self._end(closed["code"], closed.get("reason", ""))
        elif "data" in fields:
            self._take(int(fields["id"]), json.loads(fields["data"]), len(fields["data"]))

    def _take(self, number, message, size):
        if number <= self._after:
            return
        self._after = number
        self._loop.call_soon_threadsafe(self._arrived.put_nowait, ("message", json.dumps(message)))
        self._untold += size
        if self._untold >= TELL_EVERY_BYTES:
            self._live()

    def _live(self):
        """A sign of life, which also tells what has come."""
        self._untold = 0
        asyncio.run_coroutine_threadsafe(self._sign(), self._loop)

    async def _sign(self):
        try:
            await self._up({})
        except Closed:
            pass

    def _end(self, code, reason):
        self._over = True
        try:
            self._loop.call_soon_threadsafe(self._arrived.put_nowait, ("closed", (code, reason)))
        except RuntimeError:
            pass

    def _break_down(self):
        if self._down is None:
            return
        try:
            self._down.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
