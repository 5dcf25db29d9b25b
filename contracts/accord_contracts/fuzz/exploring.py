"""Exploring: sending cases of every kind within a share of the budget, and judging what comes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from random import Random
from typing import Final

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core.transport import Response

from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import CouldNotRun
from accord_contracts.fuzz.breach import Breach
from accord_contracts.fuzz.cases import Case, Cases, Source
from accord_contracts.fuzz.judging import Judge
from accord_contracts.fuzz.wire import STAND_IN, Wire, connect
from accord_contracts.session import Session

BOUNDARY: Final = 3
"""One in so many requests is a boundary case; the others are drawn at random."""


class Enough(BaseException):
    """The budget is spent, or the server has gone."""


@dataclass
class Budget:
    """What a run may still send.

    Attributes:
        requests: may be sent in all.
        deadline: by `time.monotonic`; None for no end.
        sent: what was sent so far, with what came back.
    """

    requests: int
    deadline: float | None = None
    sent: list[Exchange] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Requests that may still be sent; 0 when the time is over."""
        late = self.deadline is not None and time.monotonic() >= self.deadline
        return 0 if late else max(0, self.requests - len(self.sent))


class Line:
    """What requests go out by, one after another, within the budget. Equal ones are sent once."""

    def __init__(
        self, base_url: str, session: Session, budget: Budget, runner: asyncio.Runner
    ) -> None:
        self.budget = budget
        self._wire = Wire(base_url, self.fetch)
        self.http = connect(self._wire)
        self._base_url = base_url
        self._session = session
        self._runner = runner
        self._known: set[Request] = set()

    def fetch(self, request: Request) -> Exchange:
        """Send one request, or recall what came back for it.

        Raises:
            Enough: the budget does not allow it, or the server has gone.
        """
        if not self.knows(request) and not self.budget.left:
            raise Enough
        self._known.add(request)
        try:
            return self._runner.run(self._session.ask(request))
        except CouldNotRun as error:
            raise Enough from error

    @property
    def spent(self) -> int:
        """The tokens that were spent."""
        return self._session.spent

    def knows(self, request: Request) -> bool:
        """Whether a request was sent already."""
        return request in self._known

    def needs_key(self) -> bool:
        """Whether the list of models can't be had without the key."""
        try:
            exchange = self.fetch(Request("GET", "/models", authorized=False))
        except Enough:
            return False  # there is nothing left to try keys with
        return exchange.status in {401, 403}

    def request(self, case: Case) -> Request:
        """The request that a case would be sent as."""
        given = case.as_transport_kwargs(self._base_url, headers={"Authorization": STAND_IN})
        return self._wire.request(requests.Request(**given).prepare())

    def send(self, case: Case) -> tuple[Exchange, Response | None]:
        """Send a case; the response is None where no answer came."""
        try:
            headers = {"Authorization": STAND_IN}
            response = case.call(self._base_url, session=self.http, headers=headers)
        except requests.ConnectionError:
            return self._wire.last, None
        return self._wire.last, response


class Explorer:
    """Sends cases and judges what comes of them.

    Args:
        line: what they go out by.
        cases: where they come from.
        judge: what they are judged by.
        seed: of all that is left to chance.
        first: whether one find is enough.
    """

    def __init__(
        self, line: Line, cases: Cases, judge: Judge, seed: int, *, first: bool = False
    ) -> None:
        self._first = first
        self._line = line
        self._cases = cases
        self._judge = judge
        self._random = Random(seed)  # noqa: S311 - chance that repeats, no secret
        self._boundary = cases.covering(self._random)

    def explore(self, count: int) -> None:
        """Send about so many requests."""
        first = len(self._line.budget.sent)
        for case in self._boundary:
            self.try_out(case)
            if len(self._line.budget.sent) - first >= count // BOUNDARY:
                break
        sources = list(self._cases.sources())
        whole = sum(source.weight for source in sources)
        for source in sources:
            share = source.weight * (count - count // BOUNDARY) / whole
            self._draw(source, max(1, round(share)))

    def try_out(self, case: Case) -> list[Breach]:
        """Send one case, and judge what came of it: of the checks' own requests too.

        Raises:
            Enough: the budget does not allow it, or one find is enough, and there is one.
        """
        exchange, response = self._line.send(case)
        sent = self._line.budget.sent
        before = len(sent)
        breaches = self._judge.judge(exchange, case, response)
        for probe in sent[before:]:
            self._judge.alone(probe)
        if self._first and self._judge.tally.smallest:
            raise Enough
        return breaches

    def try_request(self, request: Request) -> list[Breach]:
        """Send a request of which no more is known, and judge what came of it."""
        return self._judge.alone(self._line.fetch(request))

    def _draw(self, source: Source, count: int) -> None:
        @seed(self._random.getrandbits(32))
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(source.strategy)
        def draw(case: Case) -> None:
            self.try_out(case)

        draw()
