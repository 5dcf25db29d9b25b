"""`with_streaming_response`: answers whose bodies are read by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from loopback import (
    DONE,
    END,
    FOREVER,
    HANG_UP,
    Caller,
    Wire,
    delta,
    http,
    httpx_on_trio,
    jsonic,
    part,
    stream_head,
)

import accord

MODEL = "accord-small"
MESSAGES = [{"role": "user", "content": "Hello!"}]
TEXT = '{"data": ["é", 1]}\n\n[2]'


async def everything(items: Any) -> list[Any]:
    """Read an iterator, whatever its kind, to its end."""
    return [item async for item in items] if hasattr(items, "__aiter__") else list(items)


async def now(value: Any) -> Any:
    """Await what has to be."""
    return await value if hasattr(value, "__await__") else value


def use(caller: Caller, open_: Callable[[Any], Any], do: Any, **options: Any) -> Any:
    """Open an answer, do something with it, and close it; give what came of it and the answer."""

    async def in_async(client: Any) -> Any:
        async with open_(client) as response:
            return await do(response), response

    def in_sync(client: Any) -> Any:
        with open_(client) as response:
            step = do(response)
            try:
                step.send(None)
            except StopIteration as stop:
                return stop.value, response
            raise AssertionError("it waits for what is not async")

    return caller.call(in_sync if caller.kind == "sync" else in_async, max_retries=0, **options)


def chat(client: Any, **more: Any) -> Any:
    opened = client.chat.completions.with_streaming_response
    return opened.create(model=MODEL, messages=MESSAGES, **more)


@pytest.mark.parametrize(
    ("kind", "open_"),
    [
        ("chat.completion", chat),
        ("text_completion", lambda client: client.completions.with_streaming_response.create(
            model=MODEL, prompt="Hello")),
        ("list", lambda client: client.models.with_streaming_response.list()),
        ("model", lambda client: client.models.with_streaming_response.retrieve(MODEL)),
    ],
)  # fmt: skip
def test_every_call_can_be_read_by_hand(
    caller: Caller, reference: str, kind: str, open_: Any
) -> None:
    async def do(response: Any) -> Any:
        assert not response.http_response.is_closed
        assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
        assert response.request_id
        return (
            await now(response.parse()),
            await now(response.json()),
            await now(response.text()),
            await now(response.read()),
        )

    (parsed, data, text, content), response = use(caller, open_, do, base_url=reference)
    assert parsed.object == data["object"] == kind
    assert parsed.to_dict() == data == json.loads(text) == json.loads(content)
    assert parsed.http.request_id == response.request_id
    assert response.http_response.is_closed


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("iter_bytes", [*(bytes([byte]) for byte in TEXT.encode())]),
        ("iter_text", [*TEXT]),
        ("iter_lines", ['{"data": ["é", 1]}', "", "[2]"]),
    ],
)
def test_a_body_comes_in_pieces(caller: Caller, wire: Wire, name: str, wanted: list[Any]) -> None:
    wire.replies = [[http(TEXT.encode(), kind="text/plain; charset=utf-8")]]
    sizes: list[Any] = [] if name == "iter_lines" else [1]
    items, _ = use(
        caller,
        chat,
        lambda response: everything(getattr(response, name)(*sizes)),
        base_url=wire.base_url,
    )
    assert items == wanted


def test_a_stream_can_be_read_as_lines_and_as_chunks(caller: Caller, reference: str) -> None:
    def streamed(client: Any) -> Any:
        return chat(client, stream=True, seed=1)

    async def as_chunks(response: Any) -> Any:
        stream = await now(response.parse())
        assert await now(response.parse()) is stream
        return await everything(stream)

    lines, _ = use(
        caller, streamed, lambda response: everything(response.iter_lines()), base_url=reference
    )
    chunks, response = use(caller, streamed, as_chunks, base_url=reference)
    assert response.headers["content-type"].startswith("text/event-stream")
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    assert data.pop() == "[DONE]"
    deltas = [chunk.choices[0].delta.to_dict() for chunk in chunks]
    assert [json.loads(one)["choices"][0]["delta"] for one in data] == deltas != []


@pytest.mark.parametrize("name", ["iter_bytes", "iter_lines", "parse"])
def test_an_answer_that_is_left_is_closed(caller: Caller, wire: Wire, name: str) -> None:
    wire.replies = [[stream_head(), part(delta("a")), FOREVER]]

    async def do(response: Any) -> Any:
        items = await now(getattr(response, name)())
        return await anext(items) if hasattr(items, "__anext__") else next(items)

    def streamed(client: Any) -> Any:
        return chat(client, stream=True)

    first, response = use(caller, streamed, do, base_url=wire.base_url)
    assert first
    assert response.http_response.is_closed


def test_one_that_is_not_read_at_all_is_closed_too(caller: Caller, wire: Wire) -> None:
    wire.replies = [[stream_head(), part(delta("a")), FOREVER]]
    for stream in (True, False):
        _, response = use(caller, partial(chat, stream=stream), nothing, base_url=wire.base_url)
        assert response.http_response.is_closed


async def nothing(_: Any) -> None:
    pass


def test_refusals_are_raised_when_it_is_opened(caller: Caller, wire: Wire) -> None:
    wire.replies = [[jsonic({"error": {"message": "no"}}, 400)]]
    with pytest.raises(accord.BadRequestError, match="no"):
        use(caller, chat, nothing, base_url=wire.base_url)


def test_refusals_by_another_status_when_it_is_parsed(caller: Caller, wire: Wire) -> None:
    wire.replies = [[jsonic({"error": {"message": "no"}})]]

    async def do(response: Any) -> Any:
        assert (await now(response.json()))["error"]["message"] == "no"
        await now(response.parse())

    with pytest.raises(accord.APIStatusError, match="no"):
        use(caller, chat, do, base_url=wire.base_url)


@pytest.mark.parametrize("name", ["read", "iter_bytes"])
def test_what_breaks_off_is_an_error_of_ours(caller: Caller, wire: Wire, name: str) -> None:
    wire.replies = [[stream_head(), part(delta("a")), HANG_UP]]

    async def do(response: Any) -> Any:
        given = getattr(response, name)()
        await (now(given) if name == "read" else everything(given))

    with pytest.raises(accord.APIConnectionError) as caught:
        use(caller, chat, do, base_url=wire.base_url)
    assert type(caught.value) is accord.APIConnectionError


@httpx_on_trio
@pytest.mark.parametrize("name", ["read", "iter_bytes"])
def test_the_deadline_holds_for_the_body(caller: Caller, wire: Wire, name: str) -> None:
    wire.replies = [[stream_head(), part(delta("a")), FOREVER]]

    async def do(response: Any) -> Any:
        given = getattr(response, name)()
        await (now(given) if name == "read" else everything(given))

    with pytest.raises(accord.APITimeoutError) as caught:
        use(caller, chat, do, base_url=wire.base_url, deadline=0.5)
    assert caught.value.phase == "deadline"


def test_connections_are_used_again(caller: Caller, wire: Wire) -> None:
    wire.replies = [[stream_head(), part(delta("a") + DONE), END]]

    async def twice(client: Any) -> None:
        for _ in range(2):
            async with chat(client) as response:
                await response.read()

    def twice_sync(client: Any) -> None:
        for _ in range(2):
            with chat(client) as response:
                response.read()

    caller.call(twice_sync if caller.kind == "sync" else twice, base_url=wire.base_url)
    assert (len(wire.requests), wire.connections) == (2, 1)
