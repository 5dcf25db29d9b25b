"""Whatever a server answers, the client parses it, or raises an error of its own; and lets go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from calls import CALLS, HELLO, async_outcome, documents, kept, outcome
from sockets import Watch

import accord
from accord_contracts import faults, har
from accord_contracts.captured import Captured
from accord_contracts.exchange import Exchange
from accord_contracts.faults import Fault
from accord_contracts.faults.bank import KEY
from accord_contracts.server import ReferenceServer, Settings

PATIENCE = 60.0
"""Seconds: no test waits for them but where a client hangs."""

RECORDINGS = sorted((Path(__file__).parents[1] / "recordings").glob("*.har"))

# The sync client differs from the async one in its reading and writing alone: so it meets those
# faults that break the wire, and the async one meets all of them.
ON_THE_WIRE = ("errors", "framing", "stream", "transport")


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.mark.parametrize("fault", faults.ALL, ids=lambda fault: fault.name)
def test_the_async_client_bears_every_fault(fault: Fault, loop: asyncio.Runner) -> None:
    loop.run(_bears(fault))


async def _bears(fault: Fault) -> None:
    watch = Watch()
    async with (
        ReferenceServer(Settings(api_key=KEY), [fault.hook]) as server,
        httpx.AsyncClient(transport=watch, timeout=PATIENCE) as http,
        accord.AsyncClient(
            base_url=server.base_url, api_key=KEY, max_retries=0, http_client=http
        ) as client,
    ):
        results = [async_outcome(call, client) for call in CALLS.values()]
        assert all(result is not None for result in await asyncio.gather(*results))
        assert watch.open == 0
    for response, body in watch.seen:
        path = response.request.url.path.removeprefix("/v1")
        assert all(kept(shape, value) for shape, value in documents(path, bytes(body)))


@pytest.mark.parametrize(
    "fault",
    [fault for fault in faults.ALL if fault.name.partition(".")[0] in ON_THE_WIRE],
    ids=lambda fault: fault.name,
)
def test_the_sync_client_bears_what_is_wrong_on_the_wire(fault: Fault) -> None:
    watch = Watch()
    with (
        ReferenceServer(Settings(api_key=KEY), [fault.hook]) as server,
        httpx.Client(transport=watch, timeout=PATIENCE) as http,
        accord.Client(
            base_url=server.base_url, api_key=KEY, max_retries=0, http_client=http
        ) as client,
    ):
        assert all(outcome(call, client) is not None for call in CALLS.values())
        assert watch.open == 0


def replayed(exchange: Exchange) -> httpx.Response:
    """A recorded answer, as httpx gives it."""
    return httpx.Response(exchange.status or 0, headers=exchange.headers, stream=_Bytes(exchange))


class _Bytes(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A recorded body, in two pieces."""

    def __init__(self, exchange: Exchange) -> None:
        half = len(exchange.body) // 2
        self._pieces = [exchange.body[:half], exchange.body[half:]]

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


def again(client: Any, exchange: Exchange) -> Any:
    """The call that asks for what a recorded answer was given to."""
    streams = {"stream": True} if exchange.request.streams else {}
    match exchange.request.endpoint:
        case "models":
            return client.models.list()
        case "model":
            return client.models.retrieve("m")
        case "chat":
            return client.chat.completions.create(model="m", messages=HELLO, **streams)
        case "completions":
            return client.completions.create(model="m", prompt="Once", **streams)
    return None


async def _again_async(exchange: Exchange, watch: Watch) -> object:
    async with (
        httpx.AsyncClient(transport=watch) as http,
        accord.AsyncClient(
            base_url="http://recorded/v1", max_retries=0, http_client=http
        ) as client,
    ):
        return await async_outcome(lambda one: again(one, exchange), client)


def recorded() -> list[tuple[str, Exchange]]:
    """What servers that others wrote have answered, and was recorded."""
    found = [(path.stem, one) for path in RECORDINGS for one in har.read(path.read_bytes())]
    return [
        (f"{name}-{number}", one.exchange)
        for number, (name, one) in enumerate(found)
        if isinstance(one, Captured) and one.exchange.status and one.exchange.request.endpoint
    ]


@pytest.mark.parametrize(
    "exchange", [exchange for _, exchange in recorded()], ids=[name for name, _ in recorded()]
)
def test_answers_of_real_servers_are_read(exchange: Exchange, loop: asyncio.Runner) -> None:
    watch = Watch(httpx.MockTransport(lambda _: replayed(exchange)))
    with (
        httpx.Client(transport=watch) as http,
        accord.Client(base_url="http://recorded/v1", max_retries=0, http_client=http) as client,
    ):
        assert outcome(lambda one: again(one, exchange), client) is not None
    assert loop.run(_again_async(exchange, watch)) is not None
    assert watch.open == 0
    found = documents(exchange.request.path, exchange.body)
    assert all(kept(shape, value) for shape, value in found)
