"""A session with a target: every request is sent once, in a known order, within a budget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import CouldNotRun
from accord_contracts.patience import Patience
from accord_contracts.views import Answer, Stream, is_int

BYTES_PER_TOKEN: Final = 4
"""For requests whose answer reports no usage: about what English text has."""

UNCAPPED: Final = 64
"""Tokens that an answer without a cap is taken to have."""

Send = Callable[[Request, int], Awaitable[Exchange]]
Seen = Callable[[Exchange], None]


def tokens(exchange: Exchange) -> int:
    """The tokens that an exchange cost: as reported, else estimated from the text.

    What an answer costs that is left on purpose cannot be seen; it is taken for what it may cost,
    so that it does not depend on how far the answer came.
    """
    if exchange.request.endpoint not in {"chat", "completions"} or (exchange.status or 200) >= 400:
        return 0
    if exchange.request.abandons:
        return most_tokens(exchange.request)
    if not exchange.ok:
        return 0
    view = exchange.read(Stream) if exchange.request.streams else exchange.read(Answer)
    reported = view.usage.get("total_tokens")
    if is_int(reported) and reported >= 0:
        return reported
    size = len(exchange.request.body or b"") + sum(len(text) for text in view.texts)
    return size // BYTES_PER_TOKEN


def most_tokens(request: Request) -> int:
    """The tokens that a request may cost: its own size, and its caps.

    An answer that is left at its first bytes costs what is made until the server notices.
    """
    params = request.params
    caps = (params.get("max_tokens"), params.get("max_completion_tokens"))
    cap = max((cap for cap in caps if is_int(cap)), default=UNCAPPED)
    if request.abandons:
        cap = min(cap, UNCAPPED)
    count = params.get("n")
    choices = count if is_int(count) and count > 0 else 1
    return len(request.body or b"") // BYTES_PER_TOKEN + max(cap, 0) * choices


class Session:
    """Sends requests and remembers what came back.

    Args:
        send: puts one request on the wire.
        concurrency: how many requests may be under way at once.
        budget: tokens that the session may spend; None sets no bound.
        seen: called with each exchange as it ends.
        after: the number of the request before the first.

    Attributes:
        spent: tokens, by `tokens`.
    """

    def __init__(
        self,
        send: Send,
        *,
        concurrency: int = 1,
        budget: int | None = None,
        seen: Seen = lambda _: None,
        after: int = 0,
    ) -> None:
        self.spent = 0
        self._send = send
        self._slots = asyncio.Semaphore(concurrency)
        self._budget = budget
        self._left = budget
        self._seen = seen
        self._memo: dict[Request, asyncio.Task[Exchange | str]] = {}
        self._answered: dict[int, Exchange] = {}
        self._forgotten = self._sent = after
        self._patience = Patience()

    @property
    def exchanges(self) -> list[Exchange]:
        """All that ended, in the order of sending."""
        return [exchange for _, exchange in sorted(self._answered.items())]

    @property
    def recalled(self) -> list[Exchange]:
        """Those that are not forgotten, in the order of sending."""
        return [exchange for exchange in self.exchanges if exchange.number > self._forgotten]

    def forget(self) -> None:
        """Send again whatever is asked for from now on. Nothing may be under way."""
        self._memo.clear()
        self._forgotten = self._sent

    async def start(self, requests: Iterable[Request]) -> None:
        """Put those requests on their way that were not sent before, in order.

        Returns as soon as the last of them is under way. Requests over the budget are left out:
        `get` says so.
        """
        for request in requests:
            if request not in self._memo and self._afford(request):
                await self._slots.acquire()
                self._memo[request] = asyncio.create_task(self._fetch(request, self._next()))

    async def settle(self) -> None:
        """Where there is a budget, wait for all that is under way, to know what is left of it.

        What a request costs is known when it is answered; if requests were sent by what is left
        at that moment, their order would depend on how fast the server answers.
        """
        if self._budget is not None:
            await asyncio.gather(*self._memo.values())
            self._left = self._budget - self.spent

    async def ask(self, request: Request) -> Exchange:
        """Send one request (or recall it), and give its exchange.

        Raises:
            CouldNotRun: as `get`.
        """
        await self.settle()
        await self.start([request])
        return await self.get(request)

    async def get(self, request: Request) -> Exchange:
        """Wait for what comes back for a request that was started.

        Raises:
            CouldNotRun: the budget did not allow it, or the server has gone.
        """
        if request not in self._memo:
            raise CouldNotRun(f"the budget of {self._budget} tokens is spent")
        # Shielded: others may be waiting for the same answer.
        exchange = await asyncio.shield(self._memo[request])
        if isinstance(exchange, str):
            raise CouldNotRun(exchange)
        return exchange

    async def _fetch(self, request: Request, number: int) -> Exchange | str:
        """Send one request, whose slot is taken already; again where it comes too early.

        Returns:
            What came back, or why it was not sent.
        """
        try:
            exchange = await self._fetch_once(request, number)
            tries = 1
            while isinstance(exchange, Exchange) and self._patience.grants(exchange, tries):
                exchange = await self._fetch_once(request, self._next())
                tries += 1
        finally:
            self._slots.release()
        return exchange

    async def _fetch_once(self, request: Request, number: int) -> Exchange | str:
        await self._patience.pause()
        if why := self._patience.refuses(request):
            return why
        exchange = await self._send(request, number)
        self._patience.sees(exchange)
        self._answered[number] = exchange
        self.spent += tokens(exchange)
        self._seen(exchange)
        return exchange

    def _next(self) -> int:
        """The number of the next request."""
        self._sent += 1
        return self._sent

    def _afford(self, request: Request) -> bool:
        """Set apart what a request may cost, if there is so much."""
        if self._left is None:
            return True
        cost = most_tokens(request)
        if cost > self._left:
            return False
        self._left -= cost
        return True


@dataclass(frozen=True)
class _Turn:
    """What one scenario asks for at once, and that it is under way."""

    requests: Sequence[Request]
    sent: asyncio.Event


class Rounds:
    """Lets many scenarios share a session so that the order of sending depends on none of them.

    In each round every scenario that has not ended has its turn, by rank: what it asks for is
    sent, as soon as it is known and a slot is free. Nobody waits for the end of a round: a
    scenario goes on when it has its own answers, and its next request waits for its turn. So
    the same seed gives the same requests in the same order, whatever the concurrency and
    however fast the server answers, and slots stay idle only where all that is next depends on
    an answer that is not there.

    Args:
        session: what sends.
        members: how many scenarios take part; each must call `leave` once.
    """

    def __init__(self, session: Session, members: int) -> None:
        self._session = session
        self._turns: list[asyncio.Queue[_Turn | None]] = [asyncio.Queue() for _ in range(members)]

    async def ask(self, rank: int, requests: Sequence[Request]) -> list[Exchange]:
        """Have `requests` sent in one's next turn, and wait for the answers.

        Raises:
            CouldNotRun: the budget does not allow one of them, or the server has gone.
        """
        turn = _Turn(requests, asyncio.Event())
        self._turns[rank].put_nowait(turn)
        await turn.sent.wait()
        exchanges = [await self._session.get(request) for request in requests]
        for exchange in exchanges:
            if exchange.unreached:
                raise CouldNotRun(f"the server can't be reached: {exchange.failure}", exchange)
        return exchanges

    def leave(self, rank: int) -> None:
        """Say that one member has ended."""
        self._turns[rank].put_nowait(None)

    async def run(self) -> None:
        """Give turns until every member has left."""
        members = list(range(len(self._turns)))
        while members:
            await self._session.settle()
            members = [rank for rank in members if await self._give_turn(rank)]

    async def _give_turn(self, rank: int) -> bool:
        """Send what a member asks for next; False where it leaves."""
        turn = await self._turns[rank].get()
        if turn is None:
            return False
        await self._session.start(turn.requests)
        turn.sent.set()
        return True
