"""What test/flows/python-client.test.ts lets the client do: `python3 scenarios.py NAME ARGUMENTS` (a JSON object).

A line of JSON on standard output is a step that is reached; the test does its part (as the agent, as the store) and answers with a line
on standard input. The last step is "done". An assertion that fails ends the process with a trace and a code that is not 0.
"""

import asyncio
import http.client
import json
import random
import sys
from urllib.parse import urlsplit

from inlay_client import Client, InlayError, client_message_id


async def step(name, **fields):
    """Says where the scenario is, and waits until the test has done its part."""
    print(json.dumps({"step": name, **fields}), flush=True)
    line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    if not line:
        raise EOFError("the test went away")
    return json.loads(line)


def done(**fields):
    print(json.dumps({"step": "done", **fields}), flush=True)


def same(what, wanted):
    assert what == wanted, f"{what!r} is not {wanted!r}"


async def refused(code, answer):
    """The error's retry; it must be refused with this code."""
    try:
        result = await answer
    except InlayError as error:
        same(error.code, code)
        return error.retry
    raise AssertionError(f"{code} was wanted, not {result!r}")


def new_client(arguments, **options):
    options.setdefault("transport", arguments.get("transport", "websocket"))
    client = Client(arguments["url"], arguments["tenantId"], **options)
    client.start()
    return client


async def new_visitor(arguments, **options):
    client = new_client(arguments, **options)
    await client.opened()
    assert client.user is None
    conversation_id = await client.create_session()
    await client.until(client.level)
    return client, conversation_id


async def until_held(client, conversation_id, seq):
    def there():
        copy = client.copies.get(conversation_id)
        return client.level() and copy is not None and copy.held >= seq

    await client.until(there)
    same(client.copies[conversation_id].held, seq)


def held(client, conversation_id):
    """The client's list as the test compares it with the store's."""
    fields = ("seq", "messageId", "senderId", "clientMessageId", "sentAt", "content")
    return [{name: message[name] for name in fields} for message in client.copies[conversation_id].ordered()]


async def same_as_fetched(client, conversation_id):
    """Live equals reload, of the same revision."""
    while True:
        fetched = (await client.request("conversation.get", conversationId=conversation_id))["conversation"]
        await client.until(lambda: client.copies[conversation_id].revision >= fetched["revision"])
        mine = dict(client.copies[conversation_id].conversation)
        if mine["revision"] == fetched["revision"]:
            break
    same(mine, fetched)


async def talk(arguments):
    context = {"name": "Ada", "page": {"url": "https://host.example/basket", "title": "Basket"}, "locale": "en"}
    client = new_client(arguments)
    await client.opened()
    conversation_id = await client.create_session(context=context)
    sent = await client.send(conversation_id, "Is there anybody? 有人吗 🙂")
    same(sent["seq"], 1)
    # The agent takes the conversation, types, and writes two messages.
    await step("sent", conversationId=conversation_id, userId=client.user["userId"])
    await until_held(client, conversation_id, 3)
    await client.until(lambda: any(event["type"] == "typing.changed" for event in client.events))
    await client.until(lambda: client.copies[conversation_id].conversation["service"]["status"] == "open")
    assert client.desk_online
    await client.request("typing.set", conversationId=conversation_id, typing=True)
    await client.request("receipt.update", conversationId=conversation_id, readSeq=3)
    # The agent sees both ticks, and reads what the visitor wrote.
    agent = await step("read", conversationId=conversation_id)
    await client.until(
        lambda: any(
            member["user"]["userId"] == agent["userId"] and member["readSeq"] >= 1
            for member in client.copies[conversation_id].conversation["members"]
        )
    )
    await client.until(client.level)
    await same_as_fetched(client, conversation_id)
    await step("compare", conversationId=conversation_id, messages=held(client, conversation_id))
    await client.stop()
    done()


async def dedup(arguments):
    client, conversation_id = await new_visitor(arguments)
    second = new_client(arguments, kept=client.kept)
    await second.until(second.level)

    def send(device, message_id, text):
        content = {"kind": "text", "text": text}
        return device.request(
            "message.send", conversationId=conversation_id, clientMessageId=message_id, content=content
        )

    message_id = client_message_id()
    at_once = await asyncio.gather(*(send(device, message_id, "once") for device in (client, client, second, client)))
    for result in at_once:
        same(result, at_once[0])
    same(at_once[0]["seq"], 1)
    client.cut()
    client.wake()
    await client.until(lambda: client.log.count("connect") == 2 and client.level())
    same(await send(client, message_id, "once"), at_once[0])
    same(await send(second, message_id, "once"), at_once[0])
    for device in (client, second):
        same(await refused("client-message-id-reused", send(device, message_id, "something else")), "never")
    # The answer is lost, and then the connection: the outbox repeats it on the next one. Of a message only: the answer to the
    # next hello may come as late as the one that was to be lost.
    results = []
    lost = []

    def lose(frame):
        is_lost = frame["type"] == "ok" and "seq" in frame["result"]
        return is_lost and (lost.append(frame) or True)

    for number in range(5):
        lost.clear()
        client.lose = lose
        sending = asyncio.ensure_future(client.send(conversation_id, f"through a cut {number}"))
        await client.until(lambda: len(lost) > 0)
        await until_held(second, conversation_id, number + 2)
        client.lose = None
        client.cut()
        client.wake()
        results.append(await asyncio.wait_for(sending, 60))
    same([result["seq"] for result in results], [2, 3, 4, 5, 6])
    for device in (client, second):
        await until_held(device, conversation_id, 6)
    same(held(client, conversation_id), held(second, conversation_id))
    await step("compare", conversationId=conversation_id, messages=held(client, conversation_id))
    await asyncio.gather(client.stop(), second.stop())
    done(sends=client.requests.count("message.send"))


async def resume(arguments):
    """Cuts of every length; after each the copy is whole, for few requests."""
    client, conversation_id = await new_visitor(arguments, receipts=False)
    await client.send(conversation_id, "the first")
    counts = {}
    seq = 1
    for missed in arguments["missed"]:
        await client.go_offline()
        requests = len(client.requests)
        seq = (await step("write", conversationId=conversation_id, count=missed))["lastSeq"]
        client.go_online()
        await until_held(client, conversation_id, seq)
        counts[missed] = client.requests[requests:]
    await step("compare", conversationId=conversation_id, messages=held(client, conversation_id))
    await same_as_fetched(client, conversation_id)
    await client.stop()
    done(counts=counts)


async def cuts(arguments):
    """Both sides write while the network goes away again and again."""
    client, conversation_id = await new_visitor(arguments)
    chance = random.Random(arguments["seed"])
    count = arguments["count"]
    writing = asyncio.ensure_future(step("write", conversationId=conversation_id, count=count))

    async def write():
        return [await client.send(conversation_id, f"mine {number}") for number in range(count // 4)]

    sending = asyncio.ensure_future(write())
    for task in (writing, sending):
        task.add_done_callback(lambda _: asyncio.ensure_future(client.tell()))
    while not (writing.done() and sending.done()):
        copy = client.copies[conversation_id]
        more = copy.last_seq + chance.randint(1, 25)
        await client.until(lambda: copy.last_seq >= more or (writing.done() and sending.done()))
        client.cut()
        client.wake()
    seqs = [result["seq"] for result in await sending]
    same(seqs, sorted(set(seqs)))
    await until_held(client, conversation_id, count + count // 4)
    mine = [message["seq"] for message in held(client, conversation_id) if message["senderId"] == client.user["userId"]]
    same(mine, seqs)
    await step("compare", conversationId=conversation_id, messages=held(client, conversation_id))
    await same_as_fetched(client, conversation_id)
    await client.stop()
    done(connections=client.log.count("connect"))


async def gaps(arguments):
    """An event is lost on a connection that stands: the next one tells, or the pong."""
    client, conversation_id = await new_visitor(arguments, receipts=False)
    await client.send(conversation_id, "the first")
    await step("write", conversationId=conversation_id, count=1)
    await until_held(client, conversation_id, 2)
    lost = []

    def lose(frame):
        lost.append(frame)
        return True

    async def write_one_that_is_lost():
        lost.clear()
        client.lose = lose
        seq = (await step("write", conversationId=conversation_id, count=1))["lastSeq"]
        await client.until(lambda: len(lost) > 0)
        client.lose = None
        assert client.copies[conversation_id].held < seq
        return len(client.requests)

    requests = await write_one_that_is_lost()
    seq = (await step("write", conversationId=conversation_id, count=1))["lastSeq"]
    await until_held(client, conversation_id, seq)
    by_next = client.requests[requests:]
    requests = await write_one_that_is_lost()
    client.wake()
    await until_held(client, conversation_id, seq + 1)
    by_pong = client.requests[requests:]
    # The same with an event that brings no message: the state must be found as well.
    lost.clear()
    client.lose = lose
    await step("close", conversationId=conversation_id)
    await client.until(lambda: len(lost) > 0)
    client.lose = None
    client.wake()
    await client.until(lambda: client.copies[conversation_id].conversation["service"]["status"] == "closed")
    same(client.log, ["connect"])
    await step("compare", conversationId=conversation_id, messages=held(client, conversation_id))
    await same_as_fetched(client, conversation_id)
    await client.stop()
    done(byNext=by_next, byPong=by_pong)


async def too_far(arguments):
    """More is missing than a resume brings: the newest page, and the rest when somebody scrolls there."""
    client, conversation_id = await new_visitor(arguments, receipts=False)
    await client.send(conversation_id, "the first")
    await until_held(client, conversation_id, 1)
    await client.go_offline()
    requests = len(client.requests)
    seq = (await step("write", conversationId=conversation_id, count=arguments["count"]))["lastSeq"]
    client.go_online()
    copy = client.copies[conversation_id]
    await until_held(client, conversation_id, seq)
    reload = client.requests[requests:]
    same((copy.first, len(copy.messages)), (seq - 99, 100))
    while await client.earlier(conversation_id):
        pass
    await step("compare", conversationId=conversation_id, messages=held(client, conversation_id))
    await same_as_fetched(client, conversation_id)
    await client.stop()
    done(requests=reload)


async def restored(arguments):
    """The server was restored from a backup: positions above its own are answered with "reload"."""
    client, conversation_id = await new_visitor(arguments, receipts=False)
    for text in ("one", "two", "three"):
        await client.send(conversation_id, text)
    await until_held(client, conversation_id, 3)
    copy = client.copies[conversation_id]
    await client.go_offline()
    # As if the store had known more once.
    for seq in (4, 5):
        copy.take([{**copy.messages[3], "seq": seq, "messageId": f"gone-{seq}"}])
    client.go_online()
    await until_held(client, conversation_id, 3)
    await step("compare", conversationId=conversation_id, messages=held(client, conversation_id))
    await client.stop()
    done()


def sign_in(arguments):
    """An agent's cookie, for the upgrade."""
    parts = urlsplit(arguments["url"])
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    body = json.dumps(arguments["agent"])
    connection.request("POST", "/v1/console/session", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    same(json.loads(answer.read())["tenantId"], arguments["tenantId"])
    return answer.getheader("Set-Cookie").split(";")[0]


async def agent(arguments):
    """An agent keeps the whole desk level: loses an event of one conversation, and comes back after very many."""
    client = new_client(arguments, cookie=sign_in(arguments), receipts=False)
    await client.until(client.level)
    same(client.user["kind"], "agent")
    before = (await step("make", conversations=3))["revision"]
    await client.until(lambda: client.complete == before)
    same(len(client.copies), 3)
    lost = []
    client.lose = lambda event: lost.append(event) or True
    await step("make", conversations=1)
    await client.until(lambda: len(lost) > 0)
    client.lose = None
    # The next event of another conversation is a jump of the revision: a doubt, cleared some seconds later.
    other = next(iter(client.copies))
    requests = len(client.requests)
    after = (await step("go_on", conversationId=other, userId=client.user["userId"]))["revision"]
    await client.until(lambda: client.complete == after and client.level())
    same(client.requests[requests:], ["conversation.changes"])
    same(len(client.copies), 4)
    await client.go_offline()
    requests = len(client.requests)
    after = (await step("make", conversations=arguments["many"]))["revision"]
    client.go_online()
    await client.until(lambda: client.complete == after and client.level())
    same(len(client.copies), 4 + arguments["many"])
    reset = client.requests[requests:]
    one = max(client.copies.values(), key=lambda copy: copy.revision).conversation["conversationId"]
    await client.show(one)
    await client.request("service.take", conversationId=one)
    await client.send(one, "I am an agent in Python")
    await client.until(lambda: client.copies[one].conversation["service"].get("assigneeId") == client.user["userId"])
    await client.until(client.level)
    await same_as_fetched(client, one)
    await client.stop()
    done(reset=reset)


async def errors(arguments):
    unknown = new_client({**arguments, "tenantId": "nobody-here"})
    await asyncio.wait_for(unknown.closed(), 60)
    same(unknown.ended, 4501)
    same(unknown.log.count("connect"), 1)

    other_major = new_client(arguments, hello={"protocol": {"major": 2, "minor": 0}})
    await asyncio.wait_for(other_major.closed(), 60)
    same(other_major.ended, 4500)
    same(other_major.log.count("connect"), 1)

    no_cookie = new_client(arguments, hello={"auth": {"kind": "agent"}})
    await asyncio.wait_for(no_cookie.closed(), 60)
    same((no_cookie.ended, no_cookie.log.count("connect")), ("session-required", 1))

    bad_token = new_client(arguments, kept={"token": "not.a.token"})
    await bad_token.opened()
    same(bad_token.log, ["connect", "closed 4504", "connect"])
    same((bad_token.kept, bad_token.user), ({}, None))
    await bad_token.stop()

    client, conversation_id = await new_visitor(arguments)
    user = client.user
    await client.send(conversation_id, "before")
    content = {"kind": "text", "text": "x"}
    mine = {"conversationId": conversation_id, "clientMessageId": client_message_id()}
    request = client.request
    same(await refused("frame-unknown", request("no.such.thing")), "never")
    same(await refused("frame-invalid", request("message.send", **mine)), "never")
    same(await refused("hello-repeated", request("hello", protocol={"major": 1, "minor": 1})), "never")
    same(await refused("text-empty", request("message.send", **mine, content={**content, "text": " \n"})), "never")
    long = {**content, "text": "x" * 10_001}
    same(await refused("text-too-long", request("message.send", **mine, content=long)), "never")
    strange = {**mine, "conversationId": "nothing-of-mine"}
    same(await refused("not-found", request("message.send", **strange, content=content)), "never")
    same(await refused("forbidden", request("service.take", conversationId=conversation_id)), "never")
    same(client.log, ["connect"])
    # The token is too old: it is forgotten, and the same visitorKey is the same guest.
    await client.go_offline()
    await step("later")
    client.go_online()
    await client.until(lambda: client.log.count("connect") == 3 and client.welcome is not None)
    assert "closed 4503" in client.log and client.user is None and "token" not in client.kept, client.log
    same(await client.create_session(), conversation_id)
    same(client.user, user)
    same((await client.send(conversation_id, "after"))["seq"], 2)
    await until_held(client, conversation_id, 2)
    await client.stop()
    done()


class Plain:
    """Single requests to the address of streams, one after the other, each on a connection of its own."""

    def __init__(self, arguments):
        parts = urlsplit(arguments["url"])
        self._host, self._port = parts.hostname, parts.port
        self._path = f"/v1/tenants/{arguments['tenantId']}/stream"
        self.stream = None

    def ask(self, method, body=None, **headers):
        connection = http.client.HTTPConnection(self._host, self._port, timeout=30)
        named = {"Inlay-" + name.capitalize(): str(value) for name, value in headers.items() if name != "accept"}
        if self.stream is not None:
            named.setdefault("Inlay-Stream", self.stream)
        if "accept" in headers:
            named["Accept"] = headers["accept"]
        connection.request(method, self._path, None if body is None else json.dumps(body), named)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None

    def poll(self, after):
        status, body = self.ask("GET", after=after, accept="application/json")
        same(status, 200)
        frames = []
        for _, message in body["messages"]:
            frames += message if isinstance(message, list) else [message]
        last = body["messages"][-1][0] if body["messages"] else after
        return last, frames, body.get("close")

    def poll_until(self, after, condition):
        frames = []
        while not condition(frames):
            after, more, close = self.poll(after)
            assert close is None, close
            frames += more
        return after, frames


async def plain_http(arguments):
    """The rows of the table "Over HTTP", one by one."""
    plain = Plain(arguments)
    same(plain.ask("GET"), (204, None))
    status, opened = plain.ask("POST")
    same(status, 201)
    plain.stream = opened["stream"]
    ping = {"type": "ping", "ref": 2}
    hello = {"type": "hello", "ref": 1, "protocol": {"major": 1, "minor": 1}}
    # The second waits for the first; each is taken once, however often it is sent.
    same(plain.ask("POST", ping, number=2), (204, None))
    same(plain.ask("POST", hello, number=1), (204, None))
    for _ in range(3):
        same(plain.ask("POST", hello, number=1), (204, None))
        same(plain.ask("POST", ping, number=2), (204, None))
    create = {"type": "session.create", "ref": 3, "visitorKey": "a" * 5 + client_message_id()}
    same(plain.ask("POST", [create, {"type": "ping", "ref": 4}], number=3), (204, None))
    answered = lambda ref: lambda frames: any(frame.get("ref") == ref for frame in frames)
    after, frames = plain.poll_until(0, lambda frames: answered(3)(frames) and answered(4)(frames))
    for ref in (1, 2, 3, 4):
        same([frame["type"] for frame in frames if frame.get("ref") == ref], ["ok"])
    created = next(frame for frame in frames if frame.get("ref") == 3)["result"]
    conversation_id = created["conversation"]["conversationId"]
    send = {
        "type": "message.send",
        "ref": 5,
        "conversationId": conversation_id,
        "clientMessageId": client_message_id(),
        "content": {"kind": "text", "text": "over HTTP"},
    }
    for _ in range(3):
        same(plain.ask("POST", send, number=4), (204, None))
    after, frames = plain.poll_until(after, answered(5))
    while not any(frame["type"] == "message.created" for frame in frames):
        # What was not told as having come comes again.
        after, frames = plain.poll_until(after, lambda frames: len(frames) > 0)
    await step("write", conversationId=conversation_id, count=1)
    came = lambda frames: [frame["message"]["seq"] for frame in frames if frame["type"] == "message.created"]
    _, first = plain.poll_until(after, came)
    later, again = plain.poll_until(after, came)
    same(came(again), came(first))
    same(came(first), [2])
    same(plain.ask("POST", after=later), (204, None))
    same(plain.ask("DELETE"), (204, None))
    status, gone = plain.ask("GET", after=later, accept="application/json")
    same((status, gone["error"]["code"], gone["error"]["retry"]), (404, "stream-unknown", "now"))
    # An error that a websocket would tell before a close.
    other = Plain({**arguments, "tenantId": "nobody-here"})
    status, unknown = other.ask("POST")
    same((status, unknown["error"]["code"]), (404, "tenant-unknown"))
    # A close comes as the last of a poll.
    plain.stream = None
    plain.stream = plain.ask("POST")[1]["stream"]
    plain.ask("POST", {**hello, "protocol": {"major": 2, "minor": 0}}, number=1)
    after, close = 0, None
    while close is None:
        after, frames, close = plain.poll(after)
    same(close["code"], 4500)
    await step("compare", conversationId=conversation_id, messages=None)
    done()


SCENARIOS = (talk, dedup, resume, cuts, gaps, too_far, restored, agent, errors, plain_http)

if __name__ == "__main__":
    scenario = {one.__name__: one for one in SCENARIOS}[sys.argv[1]]
    asyncio.run(scenario(json.loads(sys.argv[2])))
