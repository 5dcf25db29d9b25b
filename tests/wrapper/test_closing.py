"""Streams and clients close in every way they can be left, and nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
    ask,
    delta,
    endless_body,
    jsonic,
    part,
    stream_head,
    until,
)

import accord

BACKENDS = ["asyncio", "trio"]


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Collect what a test left, so that warnings of it are the test's."""
    yield
    gc.collect()


def test_a_forgotten_stream_is_closed_with_a_warning(wire: Wire) -> None:
    wire.replies = [Endless()]
    with accord.Client(base_url=wire.base_url) as client:
        for chunks in (0, 1):
            stream = ask(client, stream=True)
            for _ in range(chunks):
                next(stream)
            with pytest.warns(ResourceWarning, match="not closed"):  # noqa: PT031 - all collects
                del stream
                gc.collect()
            assert wire.hung_up.wait(120)
            wire.hung_up.clear()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("chunks", [0, 1])
def test_a_forgotten_async_stream_is_closed_with_a_warning(
    wire: Wire, backend: str, chunks: int
) -> None:
    async def main() -> None:
        async with accord.AsyncClient(base_url=wire.base_url) as client:
            stream: Any = await ask(client, stream=True)
            for _ in range(chunks):
                await anext(stream)
            with pytest.warns(ResourceWarning, match="not closed"):  # noqa: PT031 - all collects
                del stream
                gc.collect()
            await until(wire.hung_up.is_set)

    wire.replies = [Endless()]
    anyio.run(main, backend=backend)


def test_a_stream_that_ended_is_not_warned_of(caller: Caller, wire: Wire) -> None:
    wire.replies = [[stream_head(), part(delta("a")), part(DONE), END]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        caller.streams(lambda client: ask(client, stream=True), base_url=wire.base_url)
        gc.collect()


@pytest.mark.parametrize("backend", BACKENDS)
def test_leaving_an_async_loop_closes_the_stream(wire: Wire, backend: str) -> None:
    async def main() -> None:
        async with accord.AsyncClient(base_url=wire.base_url) as client:
            stream: Any = await ask(client, stream=True)
            async for _chunk in stream:
                break
            await until(wire.hung_up.is_set)
            assert await anext(stream, None) is None

    wire.replies = [Endless()]
    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_exception_in_an_async_loop_closes_the_stream(wire: Wire, backend: str) -> None:
    async def main() -> None:
        async with accord.AsyncClient(base_url=wire.base_url) as client:
            with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the loop is what is tested
                async for _chunk in await ask(client, stream=True):
                    raise ZeroDivisionError
            await until(wire.hung_up.is_set)

    wire.replies = [Endless()]
    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("stream", [True, False])
def test_cancelling_a_call_closes_its_connection(wire: Wire, backend: str, stream: bool) -> None:
    async def main() -> None:
        async with accord.AsyncClient(base_url=wire.base_url) as client:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(read, client)
                await until(begun.is_set if stream else reply.begun.is_set)
                tasks.cancel_scope.cancel()
            await until(wire.hung_up.is_set)

    async def read(client: Any) -> None:
        async for _chunk in await ask(client, stream=stream):
            begun.set()

    begun = threading.Event()
    reply = Endless() if stream else endless_body()
    wire.replies = [reply]
    anyio.run(main, backend=backend)


class Watched(httpx.HTTPTransport):
    """Says when it is going to wait for the second piece of a body."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = threading.Event()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        response.stream = WatchedBody(response.stream, self.waits)
        return response


class WatchedBody(httpx.SyncByteStream):
    def __init__(self, body: Any, waits: threading.Event) -> None:
        self._body = body
        self._waits = waits

    def __iter__(self) -> Iterator[bytes]:
        for data in self._body:
            yield data
            self._waits.set()

    def close(self) -> None:
        self._body.close()


def test_a_stream_may_be_closed_by_another_thread(wire: Wire) -> None:
    def close() -> None:
        assert transport.waits.wait(120)
        stream.close()

    wire.replies = [[stream_head(), part(delta("a")), FOREVER]]
    transport = Watched()
    with accord.Client(base_url=wire.base_url, transport=transport) as client:
        stream = ask(client, stream=True)
        next(stream)
        closer = threading.Thread(target=close)
        closer.start()
        with pytest.raises(accord.CallCancelledError):
            next(stream)
        closer.join()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_stream_may_be_closed_by_another_task(wire: Wire, backend: str) -> None:
    async def main() -> None:
        async with accord.AsyncClient(base_url=wire.base_url) as client:
            stream: Any = await ask(client, stream=True)
            await anext(stream)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stream.close)  # as soon as this task waits
                with pytest.raises(accord.CallCancelledError):
                    await anext(stream)

    wire.replies = [[stream_head(), part(delta("a")), FOREVER]]
    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_list_is_awaited_or_looped_over(wire: Wire, backend: str) -> None:
    async def main() -> None:
        async with accord.AsyncClient(base_url=wire.base_url) as client:
            assert [model.id for model in await client.models.list()] == ["a", "b"]
            async for model in client.models.list():
                assert model.id == "a"
                break
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.models.list)
            with pytest.warns(RuntimeWarning, match="never awaited"):  # noqa: PT031 - all collects
                client.models.list()
                gc.collect()

    wire.replies = [[jsonic({"data": [{"id": "a"}, {"id": "b"}]})]]
    anyio.run(main, backend=backend)
    assert len(wire.requests) == 3


def test_a_closed_client_says_so(wire: Wire) -> None:
    client = accord.Client(base_url=wire.base_url)
    assert not client.is_closed()
    client.close()
    assert client.is_closed()
    with pytest.raises(accord.CallCancelledError, match="closed"):
        ask(client)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_closed_async_client_says_so(wire: Wire, backend: str) -> None:
    async def main() -> None:
        client = accord.AsyncClient(base_url=wire.base_url)
        assert not client.is_closed()
        await client.close()
        assert client.is_closed()
        await ask(client)

    with pytest.raises(accord.CallCancelledError, match="closed"):
        anyio.run(main, backend=backend)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # asyncio's, of connections left open
def test_an_async_client_outlives_its_event_loop(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.replies = [[jsonic({"id": "1", "choices": []})]]
    client = accord.AsyncClient(base_url=wire.base_url)

    async def call() -> Any:
        return await ask(client)

    for backend in ("asyncio", "asyncio", "trio", "asyncio"):
        assert anyio.run(call, backend=backend).id == "1"
    anyio.run(client.close)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_threads_share_a_client(reference: str) -> None:
    def call(seed: int) -> Any:
        params: dict[str, Any] = {"model": "accord-small", "seed": seed, "max_tokens": 6}
        answer = ask(client, **params).choices
        with ask(client, **params, stream=True) as stream:
            return answer == stream.get_final_completion().choices, answer[0].message.content

    with accord.Client(base_url=reference) as client, ThreadPoolExecutor(8) as threads:
        got = list(threads.map(call, range(64)))
    assert all(same for same, _ in got)
    assert len({text for _, text in got}) > 10


@pytest.mark.parametrize("backend", BACKENDS)
def test_many_calls_at_once(reference: str, backend: str) -> None:
    got: list[Any] = []

    async def main() -> None:
        client = accord.AsyncClient(base_url=reference)
        async with client, anyio.create_task_group() as tasks:
            for seed in range(64):
                tasks.start_soon(call, client, seed)

    async def call(client: accord.AsyncClient, seed: int) -> None:
        got.append(await ask(client, model="accord-small", seed=seed, max_tokens=3))

    anyio.run(main, backend=backend)
    assert len(got) == 64


def test_a_started_event_loop_is_not_needed_to_make_a_client() -> None:
    client = accord.AsyncClient()
    asyncio.run(client.close())
