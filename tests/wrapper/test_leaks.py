"""Calls leave nothing behind, however they end: no connection, and no object per call.

What is counted is there or not: no test here measures time, or the memory of the process.
"""

from __future__ import annotations

import gc
from collections import Counter
from contextlib import suppress
from typing import Final

import anyio
import pytest
from loopback import DONE, END, Reply, Wire, ask, delta, http, jsonic, part, stream_head, until

import accord

CHUNK: Final = part(delta("a"))
REPLIES: Final[dict[str, Reply]] = {
    "whole": [jsonic({"choices": [{"message": {"content": "Hi."}}]})],
    "streamed": [stream_head(), CHUNK, CHUNK, part(DONE), END],
    "left": [stream_head(), CHUNK, CHUNK],
    "cancelled": [stream_head(), CHUNK],
    "refused": [jsonic({"error": {"message": "no"}}, 400)],
    "cut": [stream_head(), CHUNK, END],
    "a page": [http(b"<html>Hello</html>", kind="text/html")],
}
JSON: Final = ("whole", "refused", "a page")

FIRST: Final = 20
MORE: Final = 80
SPARE: Final = 40
"""More objects than this after MORE calls, and each of the calls may have left one."""

OURS: Final = ("accord", "httpx", "httpcore", "h11", "anyio")


def objects() -> Counter[str]:
    """Count what exists of the client's own, by kind."""
    gc.collect()
    kinds = (type(thing) for thing in gc.get_objects())
    return Counter(kind.__name__ for kind in kinds if str(kind.__module__).startswith(OURS))


def call(client: accord.Client, kind: str) -> None:
    """Make one call that ends in its own way."""
    with suppress(accord.AccordError):
        if kind in JSON:
            ask(client)
            return
        for _chunk in ask(client, stream=True):
            if kind == "left":
                break


async def async_call(client: accord.AsyncClient, kind: str) -> None:
    """Make one call that ends in its own way."""
    with suppress(accord.AccordError), anyio.CancelScope() as scope:
        if kind in JSON:
            await ask(client)
            return
        async for _chunk in await ask(client, stream=True):
            if kind == "left":
                break
            if kind == "cancelled":
                scope.cancel()


def grown(before: Counter[str], after: Counter[str]) -> Counter[str]:
    """Give what there is more of than before."""
    return after - before


@pytest.mark.parametrize("kind", [kind for kind in REPLIES if kind != "cancelled"])
def test_calls_leave_nothing(wire: Wire, kind: str) -> None:
    wire.replies = [REPLIES[kind]]
    with accord.Client(base_url=wire.base_url, max_retries=0) as client:
        counts = []
        for times in (FIRST, MORE):
            for _ in range(times):
                call(client, kind)
            counts.append(objects())
        assert grown(*counts).total() < SPARE, grown(*counts)
        anyio.run(closed, wire)
    assert len(wire.requests) == FIRST + MORE


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("kind", REPLIES)
def test_async_calls_leave_nothing(wire: Wire, kind: str, backend: str) -> None:
    async def main() -> None:
        async with accord.AsyncClient(base_url=wire.base_url, max_retries=0) as client:
            counts = []
            for times in (FIRST, MORE):
                for _ in range(times):
                    await async_call(client, kind)
                await closed(wire)
                counts.append(objects())
            assert grown(*counts).total() < SPARE, grown(*counts)

    wire.replies = [REPLIES[kind]]
    anyio.run(main, backend=backend)
    assert len(wire.requests) == FIRST + MORE


async def closed(wire: Wire) -> None:
    """Wait until at most one connection is open: streams close as soon as the event loop can."""
    await until(lambda: len(wire.open) <= 1)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_calls_that_are_cancelled_leave_nothing(wire: Wire, backend: str) -> None:
    async def main() -> None:
        async with accord.AsyncClient(base_url=wire.base_url) as client:
            counts = []
            for times in (FIRST, MORE):
                for _ in range(times):
                    with anyio.CancelScope() as scope:
                        scope.cancel()
                        await ask(client)
                await closed(wire)
                counts.append(objects())
            assert grown(*counts).total() < SPARE, grown(*counts)

    wire.replies = [REPLIES["whole"]]
    anyio.run(main, backend=backend)
