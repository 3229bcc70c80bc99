"""A second client of the Inlay protocol, made from protocol/README.md alone: the test of that document.

It keeps a copy of what the server has: conversations by revision, messages by seq. An event, an answer and a resume are merged by the
same two rules, so their order does not matter; what is missing is found by a number (previousRevision, seq, the pong's revision)
and fetched by one worker at a time. What is written waits in an outbox until it is answered, across connections.
"""

import asyncio
import json
import random
import secrets
import time

from conversation_copy import ConversationCopy, conversation_of, revision_of
from http_stream import HttpStream
from websocket import ABNORMAL, Closed, Refused, WebSocket

PROTOCOL = {"major": 1, "minor": 1}
HELLO_SECONDS = 10
ANSWER_SECONDS = 5
PONG_SECONDS = 10
PING_FIRST, PING_LONGEST, PING_AFTER_LOSS, PING_GROWTH = 20, 60, 10, 1.5
BACKOFF_FIRST, BACKOFF_LONGEST = 0.5, 30
SHUTDOWN_SPREAD = 3
# A connection that stood so long starts the backoff anew.
STEADY_SECONDS = 5
PAGE, HELD_MOST, UNHEARD_MOST = 100, 200, 200
DOUBT_SECONDS = 3
TOKEN_CLOSES = (4503, 4504)


class InlayError(Exception):
    def __init__(self, error):
        super().__init__(error.get("message", ""))
        self.code = error["code"]
        self.retry = error.get("retry", "never")
        self.retry_after_ms = error.get("retryAfterMs")


def client_message_id():
    """Time first, then random."""
    return f"{int(time.time() * 1000):012x}-{secrets.token_hex(10)}"


def delay_before_return(code, retry_after_ms, tries, jitter=random.random):
    """Seconds until the next connection by "Closing and coming back"; None: not before something changed."""
    if 4500 <= code <= 4599 and code not in TOKEN_CLOSES:
        return None
    if code >= 4000 and retry_after_ms is not None:
        after = retry_after_ms / 1000
        return after + jitter() * max(after / 2, 1)
    if tries == 0 and not 4100 <= code <= 4199:
        return jitter() * SHUTDOWN_SPREAD if code == 4000 else 0
    return jitter() * min(BACKOFF_LONGEST, BACKOFF_FIRST * 2 ** min(tries, 16))


class Client:
    def __init__(self, url, tenant_id, transport="websocket", cookie=None, kept=None, receipts=True, hello=None):
        """kept: what an earlier life of this device left (kept of that client): visitorKey, token."""
        self.kept = {} if kept is None else kept
        self.copies = {}
        self.events = []
        self.log = []
        self.requests = []
        self.faults = []
        self.desk_online = None
        self.welcome = None
        self.user = None
        # For tests: a frame for which it is true is thrown away, as if it had been lost.
        self.lose = None
        # The code of a close after which there is no coming back.
        self.ended = None
        self.complete = None
        self._url = f"{url}/v1/tenants/{tenant_id}"
        self._transport_kind = transport
        self._headers = {} if cookie is None else {"Cookie": cookie}
        self._agent = cookie is not None
        self._hello = {} if hello is None else hello
        self._receipts = receipts
        self._told = {}
        self._seen = 0
        self._heard = set()
        self._doubting = None
        self._outbox = []
        self._refs = 0
        self._waiting = {}
        self._transport = None
        self._last_error = None
        self._lost_before = False
        self._welcomed_at = None
        self._changed = asyncio.Condition()
        self._open = asyncio.Event()
        self._sync_wanted = asyncio.Event()
        self._syncing = False
        self._outbox_wanted = asyncio.Event()
        self._receipt_wanted = asyncio.Event()
        self._ping_wanted = asyncio.Event()
        self._back = asyncio.Event()
        self._network = asyncio.Event()
        self._network.set()
        self._stopped = False
        self._task = None

    # Connection

    def start(self):
        self._task = asyncio.ensure_future(self._run())

    async def stop(self):
        self._stopped = True
        self._back.set()
        self._network.set()
        if self._transport is not None:
            await self._transport.close()
        await self._task

    def cut(self):
        """The network goes away for a moment."""
        self._open.clear()
        if self._transport is not None:
            self._transport.abort()

    async def go_offline(self):
        self._network.clear()
        self.cut()
        await self.until(lambda: not self._open.is_set())

    def go_online(self):
        self._network.set()
        self.wake()

    async def closed(self):
        """Until there is no coming back."""
        await asyncio.shield(self._task)

    def wake(self):
        """The device says that it is back: no waiting, and a look whether the connection still stands."""
        self._back.set()
        self._ping_wanted.set()

    async def opened(self):
        await self.until(self._open.is_set)

    async def until(self, condition, seconds=60):
        """Waits until it is true of this client."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: self.faults or condition()), seconds)
        if self.faults:
            raise self.faults[0]

    async def _run(self):
        tries = 0
        while not self._stopped:
            code = await self._live_once()
            if self._stopped:
                break
            if self._welcomed_at is not None and time.monotonic() - self._welcomed_at > STEADY_SECONDS:
                tries = 0
            retry_after = (self._last_error or {}).get("retryAfterMs")
            if code in TOKEN_CLOSES:
                self.kept.pop("token", None)
                if self._agent:
                    self.ended = code
            delay = delay_before_return(code, retry_after, tries)
            if delay is None:
                self.ended = code
            if self.ended is not None:
                await self.tell()
                break
            tries += 1
            await self._pause(delay, retry_after is not None)
        await self.tell()

    async def _pause(self, seconds, told):
        if told:
            await asyncio.sleep(seconds)
            return
        try:
            await asyncio.wait_for(self._back.wait(), seconds)
        except asyncio.TimeoutError:
            pass

    async def _live_once(self):
        """One connection from its first byte to its last; the code of its end."""
        self._last_error = None
        self.welcome = self._welcomed_at = None
        await self._network.wait()
        self._back.clear()
        self._ping_wanted.clear()
        self.log.append("connect")
        try:
            self._transport = await self._connect()
        except Refused as refusal:
            self._last_error = refusal.error
            return self._note_end(_code_of_refusal(refusal))
        except (OSError, Closed, asyncio.TimeoutError):
            return self._note_end(ABNORMAL)
        reading = asyncio.ensure_future(self._read())
        working = asyncio.ensure_future(self._work())
        try:
            return self._note_end(await reading)
        finally:
            self._open.clear()
            working.cancel()
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(Closed(ABNORMAL))
            self._waiting.clear()
            self._lost_before = True
            await asyncio.gather(working, return_exceptions=True)
            await self.tell()

    def _note_end(self, code):
        self.log.append(f"closed {code}")
        return code

    async def _connect(self):
        if self._transport_kind == "websocket":
            return await WebSocket.connect(self._url.replace("http", "ws", 1) + "/socket", self._headers)
        events = self._transport_kind == "events"
        return await HttpStream.connect(self._url + "/stream", self._headers, events)

    async def _read(self):
        try:
            while True:
                parsed = json.loads(await self._transport.receive())
                for frame in parsed if isinstance(parsed, list) else [parsed]:
                    self._take_frame(frame)
                await self.tell()
        except Closed as closed:
            return closed.code

    async def _work(self):
        try:
            self.welcome = await asyncio.wait_for(self._greet(), HELLO_SECONDS)
        except InlayError as error:
            self._last_error = {"code": error.code, "retry": error.retry, "retryAfterMs": error.retry_after_ms}
            if error.code == "session-required":
                # No close follows; somebody has to sign in first.
                self.ended = error.code
                await self._transport.close()
            return
        except asyncio.TimeoutError:
            self._transport.abort()
            return
        self._welcomed_at = time.monotonic()
        self.user = self.welcome.get("user")
        self.desk_online = self.welcome["desk"]["online"]
        if "token" in self.welcome:
            self.kept["token"] = self.welcome["token"]
        if self.user is not None:
            self._sync_wanted.set()
        self._outbox_wanted.set()
        self._open.set()
        await self.tell()
        workers = [self._beat(), self._keep_level(), self._write_out(), self._tell_receipts()]
        await asyncio.gather(*map(self._watch, workers))

    async def _watch(self, worker):
        """A worker that ends with its connection is nothing; anything else is a fault that a test must see."""
        try:
            await worker
        except Closed:
            pass
        except Exception as fault:
            self.faults.append(fault)
            await self.tell()

    async def _greet(self):
        auth = {"kind": "agent"} if self._agent else None
        if "token" in self.kept:
            auth = {"kind": "visitor", "token": self.kept["token"]}
        fields = {"protocol": PROTOCOL, "client": "inlay-python/1.0", **self._hello}
        return await self.request("hello", **fields, **({} if auth is None else {"auth": auth}))

    async def request(self, kind, **fields):
        """The result; InlayError when it was refused, Closed when the connection ended before an answer."""
        self._refs += 1
        ref = self._refs
        future = self._waiting[ref] = asyncio.get_running_loop().create_future()
        self.requests.append(kind)
        asleep = asyncio.get_running_loop().call_later(ANSWER_SECONDS, self._ping_wanted.set)
        try:
            await self._transport.send(json.dumps({"type": kind, "ref": ref, **fields}, ensure_ascii=False))
            return await future
        finally:
            asleep.cancel()
            self._waiting.pop(ref, None)
            if future.done() and not future.cancelled():
                # Looked at, also when sending ended first.
                future.exception()

    async def _beat(self):
        quiet = PING_AFTER_LOSS if self._lost_before else PING_FIRST
        while True:
            try:
                await asyncio.wait_for(self._ping_wanted.wait(), quiet)
            except asyncio.TimeoutError:
                pass
            self._ping_wanted.clear()
            try:
                await asyncio.wait_for(self.ping(), PONG_SECONDS)
            except asyncio.TimeoutError:
                self._transport.abort()
                return
            quiet = min(PING_LONGEST, quiet * PING_GROWTH)

    async def ping(self):
        pong = await self.request("ping")
        if pong.get("revision", 0) > self._seen:
            self._sync_wanted.set()
        return pong

    # What comes down

    def _take_frame(self, frame):
        kind = frame["type"]
        if self.lose is not None and self.lose(frame):
            return
        if kind in ("ok", "error") and "ref" in frame:
            future = self._waiting.pop(frame["ref"], None)
            if future is not None and not future.done():
                if kind == "ok":
                    future.set_result(frame["result"])
                else:
                    future.set_exception(InlayError(frame["error"]))
        elif kind == "error":
            self._last_error = frame["error"]
        else:
            self.events.append(frame)
            self._take_event(frame)

    def _take_event(self, event):
        kind = event["type"]
        if kind in ("message.created", "receipt.changed", "conversation.changed"):
            self._take_change(event)
        elif kind == "conversation.removed":
            self.copies.pop(event["conversationId"], None)
            self._see(event["revision"])
        elif kind == "desk.changed":
            self.desk_online = event["desk"]["online"]
        elif kind == "session.ended":
            self.kept.pop("token", None)

    def _take_change(self, event):
        """Applies what follows the copy's revision. After a gap the state stays as it is until it is fetched."""
        conversation_id, revision, previous = conversation_of(event), revision_of(event), event["previousRevision"]
        copy = self.copies.get(conversation_id)
        if copy is not None and "message" in event:
            self._take_messages(conversation_id, [event["message"]])
            if copy.lacks():
                self._sync_wanted.set()
        if copy is not None and revision <= copy.revision:
            return
        if copy is not None and copy.revision == previous:
            copy.apply(event, self.user["userId"])
            if not self._agent and self.complete is not None and self.complete >= previous:
                self.complete = revision
        elif copy is None and self._agent and "conversation" in event:
            self.copies[conversation_id] = ConversationCopy(dict(event["conversation"]))
        else:
            self._sync_wanted.set()
        self._see(revision)

    def _see(self, revision):
        self._seen = max(self._seen, revision)
        if not self._agent or self.complete is None:
            return
        self._heard.add(revision)
        while self.complete + 1 in self._heard:
            self.complete += 1
            self._heard.discard(self.complete)
        if any(heard > self.complete for heard in self._heard):
            if self._doubting is None:
                self._doubting = asyncio.get_running_loop().call_later(DOUBT_SECONDS, self._doubt)

    def _doubt(self):
        self._doubting = None
        if any(heard > self.complete for heard in self._heard):
            self._sync_wanted.set()

    def _take_conversation(self, conversation):
        copy = self.copies.setdefault(conversation["conversationId"], ConversationCopy(conversation))
        copy.answered(conversation)
        self._seen = max(self._seen, conversation["revision"])
        return copy

    def _take_messages(self, conversation_id, messages):
        self.copies[conversation_id].take(messages)
        self._receipt_wanted.set()

    # Keeping level

    async def _keep_level(self):
        while True:
            await self._sync_wanted.wait()
            self._sync_wanted.clear()
            self._syncing = True
            if self.complete is None:
                await self._list()
            else:
                await self._catch_up()
            for conversation_id in list(self.copies):
                await self._fill(conversation_id)
            self._syncing = False
            await self.tell()

    def level(self):
        """Nothing is known to be missing."""
        copies = self.copies.values()
        return (
            self._open.is_set()
            and self.complete is not None
            and not self._syncing
            and not self._sync_wanted.is_set()
            and not any((copy.first is None and not self._agent) or copy.lacks() for copy in copies)
        )

    async def _list(self):
        extra = {"filter": "all"} if self._agent else {}
        revision = None
        found = set()
        while True:
            page = await self.request("conversation.list", limit=PAGE, **extra)
            revision = page["revision"] if revision is None else revision
            for conversation in page["conversations"]:
                found.add(conversation["conversationId"])
                self._take_conversation(conversation)
            if not page["more"]:
                break
            extra["before"] = page["conversations"][-1]["revision"]
        self._completed(revision)
        return found

    def _completed(self, revision):
        self.complete = max(revision, self.complete or 0)
        self._seen = max(self._seen, revision)
        self._heard = {heard for heard in self._heard if heard > self.complete}
        while self.complete + 1 in self._heard:
            self.complete += 1
            self._heard.discard(self.complete)

    async def _catch_up(self):
        copies = sorted(self.copies.items(), key=lambda item: -item[1].revision)
        shown = [(key, copy) for key, copy in copies if copy.first is not None][:HELD_MOST]
        held = [{"conversationId": key, "seq": copy.held} for key, copy in shown]
        after, unheard = self.complete, {}
        if self._heard:
            missing = [number for number in range(after + 1, max(self._heard)) if number not in self._heard]
            if len(missing) <= UNHEARD_MOST:
                after, unheard = max(self._heard), {"unheard": missing}
        answer = await self.request("conversation.changes", after=after, held=held, **unheard)
        for removed in answer["removed"]:
            self.copies.pop(removed, None)
        for conversation in answer["conversations"]:
            self._take_conversation(conversation)
        if answer["reset"]:
            await self._list()
        else:
            self._completed(answer["revision"])
        for part in answer.get("messages", []):
            await self._take_part(part)

    async def _take_part(self, part):
        copy = self.copies.get(part["conversationId"])
        if copy is None:
            return
        if part["tooFar"]:
            copy.let_go(part["lastSeq"])
            await self.show(part["conversationId"])
            return
        copy.last_seq = max(copy.last_seq, part["lastSeq"])
        self._take_messages(part["conversationId"], part["messages"])

    async def show(self, conversation_id):
        """The newest page; what comes meanwhile stays."""
        page = await self.request("message.list", conversationId=conversation_id, limit=PAGE)
        copy = self.copies[conversation_id]
        copy.last_seq = max(copy.last_seq, page["lastSeq"])
        self._take_messages(conversation_id, page["messages"])
        copy.begin(page["messages"][0]["seq"] if page["messages"] else 1)
        if copy.lacks():
            self._sync_wanted.set()
        await self.tell()

    async def earlier(self, conversation_id):
        """The page before; False: there was none."""
        copy = self.copies[conversation_id]
        if copy.first <= 1:
            return False
        page = await self.request("message.list", conversationId=conversation_id, before=copy.first, limit=PAGE)
        self._take_messages(conversation_id, page["messages"])
        copy.first = page["messages"][0]["seq"]
        return True

    async def _fill(self, conversation_id):
        copy = self.copies.get(conversation_id)
        if copy is not None and copy.first is None and not self._agent:
            await self.show(conversation_id)
        while copy is not None and copy.lacks():
            page = await self.request(
                "message.list", conversationId=conversation_id, after=copy.held, limit=PAGE
            )
            copy.last_seq = max(copy.last_seq, page["lastSeq"])
            self._take_messages(conversation_id, page["messages"])

    # What goes up

    async def create_session(self, **fields):
        """The same visitorKey is the same guest, so it is kept before it is sent, and sent until it is answered."""
        self.kept.setdefault("visitorKey", secrets.token_urlsafe(24))
        while True:
            await self._open.wait()
            try:
                answer = await self.request("session.create", visitorKey=self.kept["visitorKey"], **fields)
                break
            except Closed:
                await asyncio.sleep(0.05)
        self.kept["token"] = answer["token"]
        self.user = answer["user"]
        copy = self._take_conversation(answer["conversation"])
        if answer["conversation"]["lastSeq"] == 0 and copy.first is None:
            copy.begin(1)
        self._outbox_wanted.set()
        self._sync_wanted.set()
        return answer["conversation"]["conversationId"]

    async def send(self, conversation_id, text, message_id=None):
        """Resolves with the result when the server has it, however many connections that takes."""
        entry = {
            "conversationId": conversation_id,
            "clientMessageId": message_id or client_message_id(),
            "content": {"kind": "text", "text": text},
            "answer": asyncio.get_running_loop().create_future(),
        }
        self._outbox.append(entry)
        self._outbox_wanted.set()
        return await entry["answer"]

    async def _write_out(self):
        """One at a time, so that the order stays."""
        tries = 0
        while True:
            await self._outbox_wanted.wait()
            self._outbox_wanted.clear()
            while self._outbox and self.user is not None:
                entry = self._outbox[0]
                fields = {name: entry[name] for name in ("conversationId", "clientMessageId", "content")}
                try:
                    result = await self.request("message.send", **fields)
                except InlayError as error:
                    if error.retry != "never":
                        backoff = random.random() * min(BACKOFF_LONGEST, BACKOFF_FIRST * 2**tries)
                        after = error.retry_after_ms
                        tries += 1
                        await asyncio.sleep(backoff if after is None else after / 1000)
                        continue
                    entry["answer"].set_exception(error)
                else:
                    entry["answer"].set_result(result)
                tries = 0
                self._outbox.pop(0)
            await self.tell()

    async def _tell_receipts(self):
        while self._receipts:
            await self._receipt_wanted.wait()
            self._receipt_wanted.clear()
            for conversation_id, copy in list(self.copies.items()):
                if copy.first is None or self.user is None:
                    continue
                seq = copy.held
                theirs = [m["seq"] for m in copy.messages.values() if m["senderId"] != self.user["userId"]]
                told = self._told.get(conversation_id, 0)
                if any(told < number <= seq for number in theirs):
                    await self.request("receipt.update", conversationId=conversation_id, deliveredSeq=seq)
                    self._told[conversation_id] = seq

    async def tell(self):
        async with self._changed:
            self._changed.notify_all()


def _code_of_refusal(refusal):
    """An error of an HTTP answer has no close code; its retry says the same."""
    error = refusal.error or {}
    closes = {"protocol-unsupported": 4500, "tenant-unknown": 4501, "origin-forbidden": 4502}
    closes.update({"token-expired": 4503, "token-invalid": 4504, "too-many-connections": 4100, "server-shutdown": 4000})
    retry = {"never": 4599, "later": 4100}.get(error.get("retry"), ABNORMAL)
    return closes.get(error.get("code"), retry)
