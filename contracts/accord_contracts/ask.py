"""Ask: what a scenario sends with, and how it takes an answer for what it should be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from accord_contracts.effort import Effort
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import CouldNotRun, NotApplicable, Unsupported
from accord_contracts.kinds import STREAMS
from accord_contracts.patience import NOT_NOW
from accord_contracts.requests import Requests
from accord_contracts.session import Rounds
from accord_contracts.target import Target
from accord_contracts.views import Answer, Stream, members

NOT_ABOUT_THE_FEATURE: Final = frozenset({401, 403, 407, 408, 409, 425, 429})
"""4xx statuses that refuse the caller or the moment, not what was asked for."""

BUSY: Final = NOT_NOW - NOT_ABOUT_THE_FEATURE
"""5xx statuses that say: not now."""


@dataclass(frozen=True)
class Ask:
    """Sends a scenario's requests. Equal requests are sent once a run, whoever asks.

    A scenario awaits one call at a time (`all` for several requests): rounds depend on it.

    Attributes:
        endpoint: what `text` sends to, for rules with `{endpoint}` in their id.
        effort: of the run; what is costly is asked for where it is `thorough`.
    """

    target: Target
    rounds: Rounds
    rank: int
    endpoint: str
    effort: Effort = Effort.DEFAULT

    @property
    def make(self) -> Requests:
        """Builds requests without sending them, for `all`."""
        return Requests(self.target)

    async def __call__(self, request: Request) -> Exchange:
        """Send one request, or recall what came back for it."""
        return (await self.rounds.ask(self.rank, [request]))[0]

    async def all(self, *requests: Request) -> list[Exchange]:
        """Send several requests in one round; the exchanges are in the same order."""
        return await self.rounds.ask(self.rank, requests)

    async def chat(self, messages: Any = None, **params: Any) -> Exchange:
        """`POST /chat/completions`: see `Requests.chat`."""
        return await self(self.make.chat(messages, **params))

    async def completion(self, prompt: Any = None, **params: Any) -> Exchange:
        """`POST /completions`: see `Requests.completion`."""
        return await self(self.make.completion(prompt, **params))

    async def text(self, text: Any = None, **params: Any) -> Exchange:
        """A text to go on from, sent to the rule's endpoint: see `Requests.text`."""
        return await self(self.make.text(self.endpoint, text, **params))

    async def repeatable(self) -> Answer:
        """The baseline's answer on the rule's endpoint, once it is known to repeat itself.

        Every rule that compares texts starts here, so that chance is never taken for a fault.

        Raises:
            NotApplicable: two equal requests got different texts.
            Unsupported, CouldNotRun: as `supported`.
        """
        first, second = await self.all(
            self.make.text(self.endpoint), self.make.text(self.endpoint, again=1)
        )
        answer, repeat = supported(first), supported(second)
        if answer.texts != repeat.texts:
            raise NotApplicable(
                "two equal requests at temperature 0 with a seed got different texts, "
                "so texts cannot be compared",
                second,
            )
        return answer

    async def holds_again(self, *exchanges: Exchange) -> bool:
        """Whether every one of these exchanges gives the same texts when sent once more.

        A difference between texts is only reported after this: some servers repeat themselves
        nearly always.
        """
        requests = [_again(exchange.request) for exchange in exchanges]
        repeats = await self.all(*requests)
        return all(_texts(a) == _texts(b) for a, b in zip(exchanges, repeats, strict=True))

    async def crashes(self, exchange: Exchange) -> bool:
        """Whether the server fails at a request with a 5xx, and so again when it is sent again.

        Raises:
            CouldNotRun: it failed only once.
        """
        status = exchange.status or 0
        if status < 500 or status in BUSY:
            return False
        repeat = await self(_again(exchange.request))
        if repeat.status != status:
            raise CouldNotRun(f"it failed only once: {exchange.outcome}", exchange)
        return True


def _again(request: Request) -> Request:
    return replace(request, again=request.again + 100)


def _texts(exchange: Exchange) -> list[str]:
    streamed = STREAMS.see(exchange)
    return streamed.texts if streamed else Answer(exchange).texts


def supported(exchange: Exchange) -> Answer:
    """Take an exchange for a JSON answer to a request that the server may refuse.

    Raises:
        Unsupported: the server refused it clearly, with a 4xx.
        CouldNotRun: anything else that is no success.
    """
    _require_success(exchange)
    answer = Answer(exchange)
    if members(answer.json) == {} or answer.fields.get("error"):
        raise CouldNotRun(f"no usable answer came: {exchange.outcome}", exchange)
    return answer


def streamed(exchange: Exchange) -> Stream:
    """Take an exchange for a complete stream, in answer to a request that may be refused.

    Raises:
        Unsupported: the server refused it clearly, with a 4xx.
        CouldNotRun: no stream came, or it was cut short, or it reports an error.
    """
    _require_success(exchange)
    stream = STREAMS.see(exchange)
    if stream is None:
        raise CouldNotRun(f"asked for a stream, and got none: {exchange.outcome}", exchange)
    if not stream.complete:
        why = exchange.failure or exchange.event_error or "it reports an error"
        raise CouldNotRun(f"the stream is not complete: {why}", exchange)
    if not stream.chunks:
        raise CouldNotRun("the stream has no chunk that can be read", exchange)
    return stream


def considered(exchange: Exchange) -> Exchange:
    """Take an exchange for the server's word on what was asked for, whatever that is.

    Raises:
        CouldNotRun: the server refused the caller or the moment: 401, 429, 503 and the like.
    """
    if exchange.status in NOT_ABOUT_THE_FEATURE | BUSY:
        raise CouldNotRun(f"no answer to judge: {exchange.outcome}", exchange)
    return exchange


def refused(exchange: Exchange) -> bool:
    """Whether the server refused what was asked for, clearly: with a 4xx that says so."""
    status = exchange.status or 0
    return 400 <= status < 500 and status not in NOT_ABOUT_THE_FEATURE


def _require_success(exchange: Exchange) -> None:
    if refused(exchange):
        raise Unsupported(f"the server refused it: {exchange.outcome}", exchange)
    if not exchange.ok or (exchange.failure and not exchange.request.streams):
        raise CouldNotRun(f"no answer to judge: {exchange.outcome}", exchange)
