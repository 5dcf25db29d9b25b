"""Many calls at once have a connection each, calls in turn share one, and all of them close."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import anyio
import httpx
import pytest
from httpx_aiohttp import AiohttpTransport
from loopback import (
    DONE,
    END,
    FOREVER,
    HANG_UP,
    Caller,
    Endless,
    Reply,
    Wire,
    ask,
    delta,
    jsonic,
    part,
    stream_head,
    until,
)

import accord
from accord import lanes

BACKENDS = ["asyncio", "trio"]
MANY = 64
ANSWER: Reply = [jsonic({"id": "1", "choices": []})]
STREAM: Reply = [stream_head(), part(delta("a")), part(DONE), END]


class Crowd:
    """A reply that waits until so many requests are there, each on a connection of its own."""

    def __init__(self, size: int) -> None:
        self._all_here = threading.Barrier(size)

    def __iter__(self) -> Iterator[Any]:
        self._all_here.wait(120)
        yield from ANSWER


def calls(caller: Caller, wire: Wire, sizes: list[int], **options: Any) -> int:
    """With one client, make so many calls at once, then so many, and so on; count the answers."""
    options = {"base_url": wire.base_url, "timeout": 240, **options}
    if caller.kind == "sync":
        with accord.Client(**options) as client, ThreadPoolExecutor(max(sizes)) as threads:
            return sum(len([*threads.map(lambda _: ask(client), range(n))]) for n in sizes)
    count = 0

    async def call(client: accord.AsyncClient) -> None:
        nonlocal count
        await ask(client)
        count += 1

    async def main() -> None:
        async with accord.AsyncClient(**options) as client:
            for size in sizes:
                async with anyio.create_task_group() as tasks:
                    for _ in range(size):
                        tasks.start_soon(call, client)

    anyio.run(main, backend=caller.kind)
    return count


def test_calls_at_once_have_a_connection_each_and_closing_ends_them_all(
    caller: Caller, wire: Wire
) -> None:
    wire.replies = [*[Crowd(MANY)] * MANY, ANSWER]
    assert calls(caller, wire, [MANY, 1, 1, 1]) == MANY + 3
    assert wire.connections == MANY  # those in turn used one of them
    for thread in wire.serving:
        thread.join(120)
    assert [thread.is_alive() for thread in wire.serving] == [False] * MANY


def test_more_calls_at_once_than_lanes_share_them(wire: Wire) -> None:
    size = lanes.LANES + 10
    wire.replies = [Crowd(size)]
    assert calls(Caller("asyncio"), wire, [size]) == size
    assert wire.connections == size


def test_an_httpx_client_of_ones_own_keeps_its_limits(wire: Wire) -> None:
    wire.replies = [ANSWER]
    with httpx.Client(limits=httpx.Limits(max_connections=2)) as http_client:
        calls(Caller("sync"), wire, [16], http_client=http_client)
    assert wire.connections <= 2


def test_calls_in_turn_share_a_connection(caller: Caller, wire: Wire) -> None:
    wire.replies = [ANSWER]
    calls(caller, wire, [1] * 10)
    assert wire.connections == 1


def test_streams_in_turn_share_a_connection(caller: Caller, wire: Wire) -> None:
    wire.replies = [STREAM]
    caller.streams(lambda client: ask(client, stream=True), times=10, base_url=wire.base_url)
    assert wire.connections == 1


def test_lanes_that_idle_are_closed_in_time(
    caller: Caller, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def last() -> Iterator[Any]:
        others = [thread for thread in wire.serving if thread is not threading.current_thread()]
        for thread in others:
            thread.join(120)
        left.append(sum(thread.is_alive() for thread in others))
        yield from ANSWER

    left: list[int] = []
    monkeypatch.setattr(lanes, "_IDLE_SECONDS", 0.0)
    wire.replies = [*[Crowd(8)] * 8, *[ANSWER] * 7, last()]
    calls(caller, wire, [8, *[1] * 8])
    assert (wire.connections, left) == (8, [0])


@pytest.fixture
def lane_count() -> Callable[[], int]:
    """Count the httpx clients that are there, but for those from before the test."""

    def count() -> int:
        kinds = (httpx.Client, httpx.AsyncClient)
        return sum(type(thing) in kinds for thing in gc.get_objects())

    gc.collect()
    before = count()
    return lambda: count() - before


@pytest.mark.parametrize("failure", [[jsonic({}, status=500)], [HANG_UP]])
def test_a_failed_attempt_leaves_its_lane_to_the_next(
    caller: Caller, wire: Wire, lane_count: Callable[[], int], failure: Reply
) -> None:
    def key() -> str:
        counts.append(lane_count())
        return "sk-key"

    counts: list[int] = []
    wire.replies = [*[failure] * 3, ANSWER]
    retry = accord.RetryPolicy(max_retries=3, first_wait=0)
    caller.call(ask, base_url=wire.base_url, api_key=key, retry=retry)
    assert counts == [0, 1, 1, 1]


def test_a_stream_that_is_left_leaves_its_lane_to_the_next(
    caller: Caller, wire: Wire, lane_count: Callable[[], int]
) -> None:
    def use(client: Any) -> Any:
        counts.append(lane_count())
        return ask(client, stream=True)

    counts: list[int] = []
    wire.replies = [Endless() for _ in range(4)]
    caller.streams(use, times=4, take=1, base_url=wire.base_url)
    assert counts == [0, 1, 1, 1]


def has_got(wire: Wire, number: int) -> bool:
    return len(wire.requests) == number


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("stream", [True, False])
def test_a_cancelled_call_leaves_its_lane_to_the_next(
    backend: str, wire: Wire, lane_count: Callable[[], int], stream: bool
) -> None:
    async def call(client: accord.AsyncClient) -> None:
        await ask(client, stream=stream)

    async def main() -> None:
        async with accord.AsyncClient(base_url=wire.base_url) as client:
            for sent in (1, 2, 3):
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(call, client)
                    await until(partial(has_got, wire, sent))
                    tasks.cancel_scope.cancel()
            assert lane_count() == 1

    wire.replies = [[b"HTTP/1.1 200 OK\r\n", FOREVER]]
    anyio.run(main, backend=backend)


def test_every_lane_goes_through_the_proxy(
    caller: Caller, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", wire.base_url)
    wire.replies = [Crowd(2)]
    calls(caller, wire, [2], base_url="http://nowhere.invalid/v1")
    assert {seen.target for seen in wire.requests} == {"http://nowhere.invalid/v1/chat/completions"}


def test_all_lanes_see_the_cookies_of_one(caller: Caller, wire: Wire) -> None:
    wire.replies = [[jsonic({"choices": []}, set_cookie="node=7; Path=/")], *[Crowd(2)] * 2]
    calls(caller, wire, [1, 2])
    assert [seen.headers.get("cookie") for seen in wire.requests] == [None, "node=7", "node=7"]


def test_aiohttp_does_calls_at_once_and_streams_in_turn(wire: Wire) -> None:
    asyncio = Caller("asyncio")
    wire.replies = [*[Crowd(8)] * 8, ANSWER]
    assert calls(asyncio, wire, [8, 1], transport=AiohttpTransport()) == 9
    assert wire.connections == 8
    wire.replies = [STREAM]
    got = asyncio.streams(
        lambda client: ask(client, stream=True),
        times=3,
        base_url=wire.base_url,
        transport=AiohttpTransport(),
    )
    assert [chunk.choices[0].delta.content for chunks in got for chunk in chunks] == ["a"] * 3
    assert wire.connections == 8 + 1
