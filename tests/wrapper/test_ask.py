"""`ask`: replies, whole and in pieces, against the reference server and raw sockets."""

from __future__ import annotations

import copy
import pickle
from contextlib import suppress
from decimal import Decimal
from typing import Any

import anyio
import httpx
import pytest
from loopback import (
    DONE,
    END,
    FOREVER,
    Caller,
    Endless,
    Wire,
    delta,
    http,
    jsonic,
    part,
    stream_head,
    until,
)
from questions import MODEL, in_pieces, whole

import accord
from accord_contracts.server import Model, ReferenceServer, Settings

NOWHERE = "http://127.0.0.1:9/v1"


def test_a_reply_is_the_answer_unwrapped(caller: Caller, reference: str) -> None:
    reply = whole(caller, reference, "Hello!", model=MODEL, max_tokens=8, seed=1)
    answer = caller.call(
        lambda client: client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "Hello!"}], max_tokens=8, seed=1
        ),
        base_url=reference,
    )
    assert str(reply) == reply.text == answer.choices[0].message.content
    assert reply.raw.choices == answer.choices
    assert (reply.usage, reply.finish_reason) == (answer.usage, "length")
    assert (reply.refusal, reply.tool_calls, reply.parsed) == (None, [], None)
    assert reply.messages == ({"role": "assistant", "content": reply.text},)
    for twin in (copy.deepcopy(reply), pickle.loads(pickle.dumps(reply))):  # noqa: S301 - our own
        assert twin == reply


def test_pieces_make_up_the_same_reply(caller: Caller, reference: str) -> None:
    arguments: dict[str, Any] = {"model": MODEL, "max_tokens": 12, "seed": 2}
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello!"}]
    reply = whole(caller, reference, messages, **arguments)
    pieces, last = in_pieces(caller, reference, messages, **arguments)
    assert len(pieces) > 3
    assert "".join(map(str, pieces)) == "".join(piece.text for piece in pieces) == reply.text
    assert all(piece.text and piece.raw.choices for piece in pieces)
    assert (last.text, last.usage, last.finish_reason) == (reply.text, reply.usage, "length")


def test_a_reply_comes_without_reading_its_pieces(caller: Caller, reference: str) -> None:
    async def read(client: Any) -> Any:
        stream = await client.ask("Hello!", model=MODEL, max_tokens=5, stream=True)
        return await anext(stream), await stream.reply(), await stream.reply()

    if caller.kind == "sync":
        with accord.Client(base_url=reference) as client:
            stream = client.ask("Hello!", model=MODEL, max_tokens=5, stream=True)
            first, reply, again = next(stream), stream.reply(), stream.reply()
    else:
        first, reply, again = caller.call(read, base_url=reference)
    assert reply is again
    assert reply.text.startswith(first.text)


def test_a_stream_that_was_left_has_no_reply(caller: Caller, reference: str) -> None:
    def leave(client: Any) -> Any:
        with client.ask("Hello!", model=MODEL, stream=True) as stream:
            next(stream)
        return stream.reply()

    async def leave_async(client: Any) -> Any:
        async with await client.ask("Hello!", model=MODEL, stream=True) as stream:
            await anext(stream)
        return await stream.reply()

    use = leave if caller.kind == "sync" else leave_async
    with pytest.raises(accord.AccordError, match="not read to its end"):
        caller.call(use, base_url=reference)


@pytest.mark.parametrize("error", [None, ZeroDivisionError])
def test_leaving_the_loop_closes_the_stream(
    caller: Caller, wire: Wire, error: type[Exception] | None
) -> None:
    def leave(client: Any) -> Any:
        stream = client.ask("Hello!", model="tiny", stream=True)
        with suppress(ZeroDivisionError):
            for _piece in stream:
                if error:
                    raise error
                break
        return stream.reply()

    async def leave_async(client: Any) -> Any:
        stream = await client.ask("Hello!", model="tiny", stream=True)
        with suppress(ZeroDivisionError):
            async for _piece in stream:
                if error:
                    raise error
                break
        await until(wire.hung_up.is_set)
        assert await anext(stream, None) is None
        return await stream.reply()

    wire.replies = [Endless()]
    with pytest.raises(accord.AccordError, match="not read to its end"):
        caller.call(leave if caller.kind == "sync" else leave_async, base_url=wire.base_url)
    assert wire.hung_up.wait(120)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_reply_may_be_given_up_by_another_task(wire: Wire, backend: str) -> None:
    async def main() -> None:
        async with accord.AsyncClient(base_url=wire.base_url) as client:
            stream = await client.ask("Hello!", model="tiny", stream=True)
            assert str(await anext(stream)) == "Hel"
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stream.close)  # as soon as this task waits
                with pytest.raises(accord.CallCancelledError):
                    await stream.reply()

    wire.replies = [[stream_head(), part(delta("Hel")), FOREVER]]
    anyio.run(main, backend=backend)


def test_a_stream_that_breaks_raises(caller: Caller, wire: Wire) -> None:
    wire.replies = [[stream_head(), part(delta("Hel")), END]]
    with pytest.raises(accord.StreamCutError):
        in_pieces(caller, wire.base_url, "Hello!", model="tiny")


def test_refusals_are_raised_when_asking(caller: Caller, reference: str) -> None:
    with pytest.raises(accord.NotFoundError):
        whole(caller, reference, "Hello!", model="nobody", stream=True)


def test_the_only_model_is_asked(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    with ReferenceServer(Settings(models=(Model("single"),))) as server:
        assert whole(caller, server.base_url, "Hello!", max_tokens=1).raw.model == "single"
    with ReferenceServer() as server:
        with pytest.raises(accord.ConfigurationError, match="accord-small, accord-large, acme"):
            whole(caller, server.base_url, "Hello!")
        monkeypatch.setenv("OPENAI_MODEL", "accord-large")
        assert whole(caller, server.base_url, "Hello!", max_tokens=1).raw.model == "accord-large"


def test_unknown_arguments_are_refused() -> None:
    with accord.Client() as client, pytest.raises(TypeError, match="did you mean 'temperature'"):
        client.ask("Hello!", model="m", temprature=1)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("question", "arguments", "message"),
    [
        ("?", {"modle": "m"}, r"ask\(\) got .*'modle'; did you mean 'model'\?"),
        ("?", {"messages": []}, r"ask\(\) got .*'messages'"),
        ("?", {"tools": len}, r"tools is a list, such as \[len\]"),
        ("?", {"tools": {"type": "function"}}, "tools is a list"),
        ("?", {"response_format": "json_object"}, "response_format is a type, or an object"),
        (None, {}, "a question is a text, or a list of messages, .* type NoneType"),
        ({"role": "user", "content": "?"}, {}, "a question is a text, or a list"),
    ],
)
def test_what_can_not_be_asked_is_said_at_once(
    caller: Caller, question: Any, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        caller.call(lambda client: client.ask(question, **arguments), base_url=NOWHERE)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": [{"type": "text", "text": "He"}, {"text": "llo"}, 7]}, "Hello"),
        ({"content": None, "refusal": "No."}, ""),
        (None, ""),
    ],
)
def test_odd_messages_have_a_text(wire: Wire, message: Any, text: str) -> None:
    wire.replies = [[jsonic({"choices": [{"message": message}]})]]
    with accord.Client(base_url=wire.base_url) as client:
        reply = client.ask("Hello!", model="tiny")
    assert (reply.text, reply.usage, reply.finish_reason) == (text, None, None)
    assert reply.messages[0]["role"] == "assistant"
    assert reply.cost is None


def test_an_answer_without_choices_is_an_empty_reply(wire: Wire) -> None:
    wire.replies = [[jsonic({"choices": []})], [stream_head(), part(DONE), END]]
    with accord.Client(base_url=wire.base_url) as client:
        reply = client.ask("Hello!", model="tiny")
    assert (reply.text, reply.messages) == ("", ({"role": "assistant", "content": ""},))


class _Rerouted(httpx.HTTPTransport):
    """Sends to a socket of ours what is meant for a seller of models."""

    def __init__(self, to: str) -> None:
        super().__init__()
        self._to = httpx.URL(to)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._to.port)
        return super().handle_request(request)


@pytest.mark.parametrize(
    ("seller", "model", "usage", "cost"),
    [
        ("https://api.openai.com/v1", "gpt-4o-2024-08-06", {}, "0.0035"),
        ("https://api.openai.com/v1", "gpt-4o", {"cached_tokens": 500}, "0.002875"),
        ("https://api.openai.com/v1", "gpt-nobody", {}, None),
        ("http://127.0.0.1:8000/v1", "gpt-4o", {}, None),
        ("https://api.openai.com/v1", None, {}, None),
        ("https://api.openai.com/v1", "gpt-4o", None, None),
    ],
)
def test_costs_are_known_or_none(
    wire: Wire, seller: str, model: str | None, usage: dict[str, int] | None, cost: str | None
) -> None:
    counted = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": usage}
    answer: dict[str, Any] = {"model": model, "choices": []}
    answer |= {"usage": None if usage is None else counted}
    wire.replies = [[jsonic(answer)]]
    with (
        httpx.Client(transport=_Rerouted(wire.base_url)) as http_client,
        accord.Client(base_url=seller, http_client=http_client) as client,
    ):
        reply = client.ask("Hello!", model=model or "gpt-4o")
    assert reply.cost == (None if cost is None else Decimal(cost))


def test_half_a_usage_has_no_cost(wire: Wire) -> None:
    wire.replies = [[http(b'{"model": "gpt-4o", "choices": [], "usage": {"prompt_tokens": 5}}')]]
    with (
        httpx.Client(transport=_Rerouted(wire.base_url)) as http_client,
        accord.Client(base_url="https://api.openai.com/v1", http_client=http_client) as client,
    ):
        assert client.ask("Hello!", model="gpt-4o").cost is None
