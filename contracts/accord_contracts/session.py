"""A session with a target: every request is sent once, in a known order, within a budget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import CouldNotRun
from accord_contracts.views import Answer, Stream, is_int

BYTES_PER_TOKEN: Final = 4
"""For requests whose answer reports no usage: about what English text has."""

PATIENCE: Final = 5
"""Requests in a row without a word from the server, after which it is taken to have gone."""

UNCAPPED: Final = 64
"""Tokens that an answer without a cap is taken to have."""

Send = Callable[[Request, int], Awaitable[Exchange]]
Seen = Callable[[Exchange], None]


def tokens(exchange: Exchange) -> int:
    """The tokens that an exchange cost: as reported, else estimated from the text."""
    if not exchange.ok or exchange.request.endpoint not in {"chat", "completions"}:
        return 0
    view = Stream(exchange) if exchange.request.streams else Answer(exchange)
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

    Attributes:
        exchanges: all of them, in the order of sending.
        spent: tokens, by `tokens`.
    """

    def __init__(
        self,
        send: Send,
        *,
        concurrency: int = 1,
        budget: int | None = None,
        seen: Seen = lambda _: None,
    ) -> None:
        self.exchanges: list[Exchange] = []
        self.spent = 0
        self._send = send
        self._slots = asyncio.Semaphore(concurrency)
        self._budget = budget
        self._seen = seen
        self._memo: dict[Request, Exchange] = {}
        self._sent = 0
        self._silences = 0

    async def fetch(self, requests: Iterable[Request]) -> None:
        """Send those requests that were not sent before, in order; wait for all answers.

        Requests over the budget are left out: `get` says so.
        """
        fresh = self._affordable([r for r in dict.fromkeys(requests) if r not in self._memo])
        first = self._sent + 1
        self._sent += len(fresh)
        sending = (self._fetch_one(request, n) for n, request in enumerate(fresh, first))
        self._remember(await asyncio.gather(*sending))

    async def ask(self, request: Request) -> Exchange:
        """Send one request (or recall it), and give its exchange.

        Raises:
            CouldNotRun: the budget does not allow it.
        """
        await self.fetch([request])
        return self.get(request)

    def get(self, request: Request) -> Exchange:
        """Give what came back for a request that was fetched.

        Raises:
            CouldNotRun: the budget did not allow it, or the server has gone.
        """
        if request in self._memo:
            return self._memo[request]
        if self._gone:
            raise CouldNotRun(f"the server went away, after {len(self.exchanges)} requests")
        raise CouldNotRun(f"the budget of {self._budget} tokens is spent")

    @property
    def _gone(self) -> bool:
        """Whether the server has not said a word for so long that it is not asked any more."""
        return self._silences >= PATIENCE

    async def _fetch_one(self, request: Request, number: int) -> Exchange | None:
        async with self._slots:
            if self._gone:
                return None
            exchange = await self._send(request, number)
        self._silences = self._silences + 1 if exchange.silent else 0
        self._seen(exchange)
        return exchange

    def _affordable(self, requests: Sequence[Request]) -> list[Request]:
        if self._budget is None:
            return list(requests)
        left, chosen = self._budget - self.spent, []
        for request in requests:
            cost = most_tokens(request)
            if cost <= left:
                left -= cost
                chosen.append(request)
        return chosen

    def _remember(self, exchanges: Iterable[Exchange | None]) -> None:
        for exchange in filter(None, exchanges):
            self._memo[exchange.request] = exchange
            self.exchanges.append(exchange)
            self.spent += tokens(exchange)


class Rounds:
    """Lets many scenarios share a session so that the order of sending depends on none of them.

    Scenarios run until each of them waits for an answer (or has ended). Then what they wait for
    is sent, sorted by the rank of who asks, and when all of it is there, all go on: a round. So
    the same seed gives the same requests in the same order, whatever the concurrency and
    however fast the server answers.

    Args:
        session: what sends.
        members: how many scenarios take part; each must call `leave` once.
    """

    def __init__(self, session: Session, members: int) -> None:
        self._session = session
        self._members = members
        self._waiting: list[tuple[int, Sequence[Request], asyncio.Future[None]]] = []

    async def ask(self, rank: int, requests: Sequence[Request]) -> list[Exchange]:
        """Wait for a round that sends `requests`.

        Raises:
            CouldNotRun: the budget does not allow one of them.
        """
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rank, requests, turn))
        await self._run_if_all_wait()
        await turn
        exchanges = [self._session.get(request) for request in requests]
        for exchange in exchanges:
            if exchange.unreached:
                raise CouldNotRun(f"the server can't be reached: {exchange.failure}", exchange)
        return exchanges

    async def leave(self) -> None:
        """Say that one member has ended."""
        self._members -= 1
        await self._run_if_all_wait()

    async def _run_if_all_wait(self) -> None:
        """Run the round, in the task of whoever came last: so cancelling it cancels the round."""
        if not self._waiting or len(self._waiting) < self._members:
            return
        waiting, self._waiting = sorted(self._waiting, key=lambda entry: entry[0]), []
        await self._session.fetch(r for _, requests, _ in waiting for r in requests)
        for _, _, turn in waiting:
            turn.set_result(None)
