"""How wrong requests are judged: cases that differ from the baseline in one place.

A refusal counts only where the baseline itself is answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from accord_contracts.ask import Ask, considered, refused, streamed, supported
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import Problem
from accord_contracts.requests import Requests, encode
from accord_contracts.rule import AsyncProblems
from accord_contracts.rules.endpoints import PATHS
from accord_contracts.rules.mistakes import has_failed

LITERAL: Final = "@literal@"
"""As a parameter's value: stands for what can't be said by encoding JSON."""


@dataclass(frozen=True)
class Case:
    """One wrong request.

    Attributes:
        what: what is wrong with it, for messages: "a top_p of 1.5".
        params: what differs from the baseline.
        body: sent in place of the baseline.
        emoji: what stands for the emoji in a text that ends with one.
        literal: what stands for each `LITERAL` among the parameters, JSON or not.
        headers: sent in place of the content type.
        one_token: whether answers are cut at one token, where taking the request would be dear.
        first_byte: whether the answer is left at its first byte, where it might not end.
    """

    what: str
    params: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    emoji: bytes | None = None
    literal: bytes | None = None
    headers: tuple[tuple[str, str], ...] | None = None
    one_token: bool = False
    first_byte: bool = False

    def request(self, make: Requests, endpoint: str) -> Request:
        """The request, to `chat` or `completions`."""
        request = self._start(make, endpoint)
        headers = request.headers if self.headers is None else self.headers
        return replace(request, headers=headers, abandon_after=1 if self.first_byte else None)

    def _start(self, make: Requests, endpoint: str) -> Request:
        if self.body is not None:
            return make.raw(PATHS[endpoint], self.body)
        if self.emoji is not None:
            request = make.text(endpoint, "Hello 🌊")
            return replace(request, body=(request.body or b"").replace("🌊".encode(), self.emoji))
        request = (make.brief if self.one_token else make).varied(endpoint, self.params)
        if self.literal is None:
            return request
        return replace(request, body=(request.body or b"").replace(encode(LITERAL), self.literal))


VALID: Final = Case("nothing")
"""The baseline."""


async def refuse(ask: Ask, cases: Sequence[Case], control: Case = VALID) -> AsyncProblems:
    """Yield a problem for every case that is not refused with a 4xx.

    Args:
        ask: sends.
        cases: what must be refused.
        control: with nothing wrong; must be answered.

    Raises:
        Unsupported, CouldNotRun: the control was not answered.
    """
    valid, answers = await beside_control(ask, cases, control)
    for case, exchange in zip(cases, answers, strict=True):
        if not refused(considered(exchange)):
            yield Problem(
                f"status 400 for {case.what}", exchange.outcome, exchange, compared=(valid,)
            )


async def survive(ask: Ask, cases: Sequence[Case]) -> AsyncProblems:
    """Yield a problem for every case that makes the server fail; answers and refusals are fine."""
    valid, answers = await beside_control(ask, cases)
    for case, exchange in zip(cases, answers, strict=True):
        if has_failed(considered(exchange)):
            yield Problem(
                f"an answer or a 4xx for {case.what}", exchange.outcome, exchange, compared=(valid,)
            )


async def beside_control(
    ask: Ask, cases: Sequence[Case], control: Case = VALID
) -> tuple[Exchange, list[Exchange]]:
    """What comes back for the control, and for each case.

    Raises:
        Unsupported, CouldNotRun: the control was not answered.
    """
    make = ask.make
    requests = [case.request(make, ask.endpoint) for case in (control, *cases)]
    valid, *answers = await ask.all(*requests)
    take = streamed if valid.request.streams else supported
    return take(valid).exchange, answers
