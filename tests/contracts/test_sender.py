"""A hostile server can't hang the suite, crash it, or fill its memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from wire import CHUNKED, answer, chunk, serving

from accord_contracts.exchange import NOT_JSON, Exchange, Request
from accord_contracts.sender import Sender
from accord_contracts.target import Target


def send(url: str, request: Request | None = None, **limits: object) -> Exchange:
    async def once() -> Exchange:
        async with Sender(Target(url, **limits)) as sender:  # type: ignore[arg-type]
            return await sender.send(request or Request("GET", "/models"), 1)

    return asyncio.run(once())


async def an_endless_stream(_: bytes) -> AsyncIterator[bytes]:
    yield CHUNKED
    while True:
        yield chunk(b"data: {}\n\n" * 1000)


async def a_silent_server(_: bytes) -> AsyncIterator[bytes]:
    await asyncio.sleep(60)
    yield b""


async def a_stalling_stream(_: bytes) -> AsyncIterator[bytes]:
    yield CHUNKED + chunk(b"data: {}\n\n")
    await asyncio.sleep(60)


async def an_endless_header(_: bytes) -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nx: "
    while True:
        yield b"x" * 65536


async def not_http(_: bytes) -> AsyncIterator[bytes]:
    yield b"SSH-2.0-OpenSSH_9.6\r\n\r\n"


async def a_hang_up(_: bytes) -> AsyncIterator[bytes]:
    return
    yield


async def a_cut_stream(_: bytes) -> AsyncIterator[bytes]:
    yield CHUNKED + chunk(b"data: {}\n\n")


@pytest.mark.parametrize(
    ("script", "status", "failure"),
    [
        (an_endless_stream, 200, "more than 50000 bytes; reading stopped there"),
        (a_silent_server, None, "no end within 0.5 s"),
        (a_stalling_stream, 200, "no end within 0.5 s"),
        (an_endless_header, None, "not HTTP"),
        (not_http, None, "not HTTP"),
        (a_hang_up, None, "the connection was closed before an answer"),
        (a_cut_stream, 200, "the connection was cut short"),
    ],
)
def test_what_a_hostile_server_does_becomes_part_of_the_exchange(
    script: object, status: int | None, failure: str
) -> None:
    with serving(script) as url:  # type: ignore[arg-type]
        exchange = send(url, timeout=0.5, max_body=50_000)
    assert exchange.status == status
    assert (exchange.failure or "").startswith(failure)


def test_what_came_before_a_failure_is_kept() -> None:
    with serving(a_cut_stream) as url:
        exchange = send(url)
    assert [event.data for event in exchange.events] == ["{}"]


def test_nothing_listens() -> None:
    exchange = send("http://127.0.0.1:9")
    assert exchange.status is None
    assert exchange.failure


def test_a_connection_closed_while_idle_is_no_fault_of_the_server() -> None:
    requests = 0

    async def first_one_is_dropped(_: bytes) -> AsyncIterator[bytes]:
        nonlocal requests
        requests += 1
        if requests > 1:
            yield answer(b"{}")

    with serving(first_one_is_dropped) as url:
        exchange = send(url)
    assert (exchange.status, exchange.failure, requests) == (200, None, 2)


def test_events_arrive_when_their_bytes_do() -> None:
    async def slow(_: bytes) -> AsyncIterator[bytes]:
        yield CHUNKED + chunk(b"data: 1\n\nda")
        await asyncio.sleep(0.2)
        yield chunk(b"ta: 2\n\n") + chunk(b"")

    with serving(slow) as url:
        exchange = send(url)
    first, second = exchange.events
    assert exchange.failure is None
    assert exchange.arrival(second.end) - exchange.arrival(first.end) >= 0.1


def test_a_stream_can_be_abandoned() -> None:
    with serving(an_endless_stream) as url:
        exchange = send(url, Request("GET", "/models", abandon_after=10))
    assert exchange.failure is None
    assert len(exchange.body) >= 10


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized"])
def test_a_key_that_the_server_repeats_is_blotted_out_in_place(status: str) -> None:
    key = "sk-secret-1234"

    async def parrot(head: bytes) -> AsyncIterator[bytes]:
        assert key.encode() in head
        yield answer(b'{"key": "sk-secret-1234", "n": 1}', f"text/{key}", status)

    with serving(parrot) as url:
        exchange = send(url, api_key=key)
    assert exchange.json == {"key": "*" * len(key), "n": 1}
    assert key not in repr(exchange)


@pytest.mark.parametrize(
    "form", ['sk-a\\"b/c+d==', 'sk-a\\"b\\/c+d==', "sk-a%22b%2Fc%2Bd%3D%3D", "sk-a&quot;b/c+d=="]
)
def test_an_escaped_key_is_blotted_out_as_well(form: str) -> None:
    async def parrot(_: bytes) -> AsyncIterator[bytes]:
        yield answer(f'{{"error": "{form}"}}'.encode(), status="401 No")

    with serving(parrot) as url:
        exchange = send(url, api_key='sk-a"b/c+d==')
    assert exchange.json == {"error": "*" * len(form)}


def test_a_key_too_short_to_be_secret_leaves_answers_alone_but_not_errors() -> None:
    async def parrot(head: bytes) -> AsyncIterator[bytes]:
        wrong = b"/wrong" in head
        yield answer(b'{"id": "lab"}', status="401 No" if wrong else "200 OK")

    with serving(parrot) as url:
        assert send(url, api_key="lab").json == {"id": "lab"}
        assert send(url, Request("GET", "/wrong"), api_key="lab").json == {"id": "***"}


@pytest.mark.parametrize("body", [b'{"a": NaN}', b"[" * 100_000, b"\xff", b"", b"{} {}"])
def test_bodies_that_are_no_json_read_as_such(body: bytes) -> None:
    async def say(_: bytes) -> AsyncIterator[bytes]:
        yield answer(body)

    with serving(say) as url:
        assert send(url).json is NOT_JSON
