"""A peer: one server, asked step by step by tests that decide as they go."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Final, Self

from accord_contracts.exchange import Exchange, Request
from accord_contracts.preflight import check_url, prepare
from accord_contracts.requests import Requests
from accord_contracts.sender import Sender
from accord_contracts.session import Session
from accord_contracts.target import Target

ENDPOINTS: Final = frozenset({"models", "chat", "completions"})


class Peer:
    """Asks a server, without an event loop of the caller's. A context manager.

        with Peer(Target("http://127.0.0.1:8000/v1")) as peer:
            exchange = peer.ask(peer.make.chat())

    What is asked twice is sent twice.

    Args:
        target: its model may be empty: then the first listed one is asked.

    Raises:
        TargetError: on entering, when the server can't be asked at all.
    """

    def __init__(self, target: Target) -> None:
        self.target = target.having(base_url=check_url(target.base_url))
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._sender: Sender | None = None
        self._sent = 0

    def __enter__(self) -> Self:
        self._runner.__enter__()
        try:
            self._runner.run(self._enter())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._open.aclose())
        self._runner.close()

    async def _enter(self) -> None:
        self._sender = await self._open.enter_async_context(Sender(self.target))
        session = Session(self._sender.send)
        self.target = await prepare(self.target, session, seed=0, endpoints=ENDPOINTS)

    @property
    def make(self) -> Requests:
        """Builds requests that this server takes."""
        return Requests(self.target)

    def ask(self, request: Request) -> Exchange:
        """Send one request, and read its answer. Never raises on what the server does."""
        return self.together(request)[0]

    def together(self, *requests: Request) -> list[Exchange]:
        """Send several requests at once."""
        return self._runner.run(self._together(requests))

    async def _together(self, requests: tuple[Request, ...]) -> list[Exchange]:
        sender = self._sender
        assert sender is not None, "the peer was not entered"  # noqa: S101 - the caller's mistake
        first, self._sent = self._sent + 1, self._sent + len(requests)
        sending = (sender.send(request, first + place) for place, request in enumerate(requests))
        return list(await asyncio.gather(*sending))
