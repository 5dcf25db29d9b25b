"""A fuzzing run: a target in, a report out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, Protocol

from accord_contracts.exchange import Exchange
from accord_contracts.finding import Finding
from accord_contracts.fuzz.breach import Breach, Key
from accord_contracts.fuzz.cases import Case, Cases
from accord_contracts.fuzz.checks import Checks
from accord_contracts.fuzz.examples import Example, Examples
from accord_contracts.fuzz.exploring import Budget, Enough, Explorer, Line
from accord_contracts.fuzz.judging import RULES, Judge
from accord_contracts.fuzz.replaying import Replayer
from accord_contracts.fuzz.sense import Sense
from accord_contracts.fuzz.shrinking import shrink_case
from accord_contracts.preflight import check_url, prepare
from accord_contracts.report import Report
from accord_contracts.rule import Rule
from accord_contracts.run import ENDPOINTS
from accord_contracts.sender import Sender
from accord_contracts.session import Session
from accord_contracts.target import Target

EXPLORING: Final = 0.75
"""The part of what is left that is spent on looking; the rest shrinks what was found."""

MOST_SHRINKING: Final = 80
"""Requests that making one example small may take."""

TRIES_FOR_A_REQUEST: Final = 3
"""How often Hypothesis may ask about bodies; many are the same as before, and cost time alone."""

LEAST: Final = 20
"""Requests that are worth another look."""


@dataclass(frozen=True)
class FuzzPlan:
    """What a run may cost, and what it starts from.

    Attributes:
        max_requests: to be sent in all, those of shrinking included.
        max_tokens_total: that the run may spend; None sets no bound.
        seconds: that the run may take; None sets no bound.
        seed: of all that is left to chance.
        database: where examples are kept, as `Examples.of` takes it.
        first: whether to stop at the first find, without making it small.
        endpoints: of `models`, `chat`, `completions`: those that may be sent to.
        rules: by which findings are made; all, where it is None.
        after: the number of the request before the first.
    """

    max_requests: int = 1000
    max_tokens_total: int | None = None
    seconds: float | None = None
    seed: int = 0
    database: str | None = None
    first: bool = False
    endpoints: frozenset[str] = ENDPOINTS
    rules: tuple[Rule, ...] | None = None
    after: int = 0


class FuzzObserver(Protocol):
    """Is told how a run goes on."""

    def exchanged(self, exchange: Exchange) -> None:
        """An answer has ended."""

    def stage(self, name: str) -> None:
        """Another stage of the run begins."""

    def found(self, count: int) -> None:
        """So many causes are known now."""


class Nobody:
    """An observer that looks away."""

    def exchanged(self, exchange: Exchange) -> None:
        """Do nothing."""

    def stage(self, name: str) -> None:
        """Do nothing."""

    def found(self, count: int) -> None:
        """Do nothing."""


@dataclass
class FuzzRun:
    """What came of a run.

    Attributes:
        report: as of any other run.
        examples: what the findings' requests are kept as, by rule and request.
        resolved: examples of earlier runs that break nothing any more.
        interrupted: whether Ctrl-C ended it before its time.
    """

    report: Report
    resolved: list[Example]
    interrupted: bool


def fuzz(target: Target, plan: FuzzPlan, *, observer: FuzzObserver | None = None) -> FuzzRun:
    """Judge a target by requests that nobody thought of. Not to be called in an event loop.

    Raises:
        TargetError: the target can't be judged at all.
        ExampleError: the example database can't be written.
    """
    with _connected(target, plan, observer or Nobody()) as run:
        run.go()
        return run.result()


def replay(
    target: Target, plan: FuzzPlan, name: str, *, observer: FuzzObserver | None = None
) -> FuzzRun:
    """Send one example again, and judge what comes of it by its rule alone.

    Args:
        target: whom to send it to.
        plan: its database is where examples are looked for.
        name: an example's id, or a file.
        observer: is told how the run goes on.

    Raises:
        TargetError: the target can't be judged at all.
        ExampleError: there is no such example.
    """
    example = Examples.of(check_url(target.base_url), plan.database).find(name)
    with _connected(target, plan, observer or Nobody()) as run:
        run.replay(example)
        return run.result(only=example.rule)


@contextmanager
def _connected(target: Target, plan: FuzzPlan, observer: FuzzObserver) -> Iterator[_Run]:
    """A run whose target is settled."""
    started = time.monotonic()
    target = target.having(base_url=check_url(target.base_url))
    sender = Sender(target)
    with asyncio.Runner() as runner:
        deadline = None if plan.seconds is None else started + plan.seconds
        budget = Budget(plan.max_requests, deadline)

        def seen(exchange: Exchange) -> None:
            budget.sent.append(exchange)
            observer.exchanged(exchange)

        session = Session(sender.send, budget=plan.max_tokens_total, seen=seen, after=plan.after)
        try:
            settled = runner.run(prepare(target, session, seed=plan.seed, endpoints=plan.endpoints))
            sender.target = settled
            line = Line(settled.base_url, session, budget, runner)
            yield _Run(settled, plan, observer, line, started)
        finally:
            runner.run(sender.__aexit__(None, None, None))


class _Run:
    """One run, while it goes on."""

    def __init__(
        self,
        target: Target,
        plan: FuzzPlan,
        observer: FuzzObserver,
        line: Line,
        started: float,
    ) -> None:
        self._target = target
        self._plan = plan
        self._observer = observer
        self._line = line
        self._budget = line.budget
        self._started = started
        checks = Checks(self._line.http, keyed=self._line.needs_key())
        self._judge = Judge(checks, RULES if plan.rules is None else plan.rules)
        self._cases = Cases(Sense(target.model, target.baseline), plan.endpoints)
        self._explorer = Explorer(self._line, self._cases, self._judge, plan.seed, first=plan.first)
        self._replayer = Replayer(self._explorer, self._line, self._cases)
        self._examples = Examples.of(target.base_url, plan.database)
        self._resolved: list[Example] = []
        self._shrunk: set[Key] = set()
        self._interrupted = False

    def go(self) -> None:
        """Try the known examples; then look, and make small what is found, until it is enough."""
        for exchange in list(self._budget.sent):
            self._judge.alone(exchange)
        try:
            with suppress(Enough):
                self._try_known()
                self._look()
        except KeyboardInterrupt:
            self._interrupted = True

    def replay(self, example: Example) -> None:
        """Try one example."""
        with suppress(Enough):
            self._replayer.replay(example)

    def _try_known(self) -> None:
        known = self._examples.all()
        if known:
            self._observer.stage("known examples")
        for example in known:
            broken = self._replayer.replay(example)
            self._shrunk |= {breach.key for breach in broken}
            if not broken:
                self._resolved.append(example)
                self._examples.forget(example)

    def _look(self) -> None:
        while self._budget.left:
            before = self._budget.left
            self._observer.stage("looking")
            self._explorer.explore(round(before * EXPLORING))
            self._observer.stage("making examples small")
            self._shrink_all()
            if self._budget.left in {before, *range(LEAST)}:
                return  # there is nothing new to send, or too little left for another look

    def _shrink_all(self) -> None:
        smallest = self._judge.tally.smallest
        new = [key for key in smallest if key not in self._shrunk]
        self._observer.found(len(smallest))
        for place, key in enumerate(new):
            fair = self._budget.left // (len(new) - place)
            self._shrink(smallest[key], min(fair, MOST_SHRINKING))
            self._shrunk.add(key)

    def _shrink(self, breach: Breach, most: int) -> None:
        """Make the smallest example of a breach smaller, with so many requests."""
        if breach.case is None:
            return
        last = len(self._budget.sent) + most
        tries = iter(range(TRIES_FOR_A_REQUEST * most))

        def broken(smaller: Case) -> bool:
            spent = len(self._budget.sent) >= last and not self._line.knows(
                self._line.request(smaller)
            )
            if spent or next(tries, None) is None:
                raise Enough
            return any(found.key == breach.key for found in self._explorer.try_out(smaller))

        with suppress(Enough):  # the smallest so far is in the tally
            shrink_case(breach.case, broken, self._plan.seed)

    def result(self, only: str | None = None) -> FuzzRun:
        """What came of it; of one rule, where `only` names it."""
        rules = tuple(rule for rule in self._judge.rules if only in (None, rule.id))
        findings = self._judge.tally.findings(rules)
        for finding in findings:
            if finding.failed and only is None:
                self._examples.keep(example_of(finding))
        report = Report(
            target=self._target,
            seed=self._plan.seed,
            findings=findings,
            exchanges=tuple(self._budget.sent),
            tokens=self._line.spent,
            seconds=time.monotonic() - self._started,
        )
        return FuzzRun(report, self._resolved, self._interrupted)


def example_of(finding: Finding) -> Example:
    """What a failure's request is kept as."""
    assert finding.exchange is not None  # noqa: S101 - every failure has its exchange
    return Example(finding.rule.id, finding.message, finding.exchange.request)
