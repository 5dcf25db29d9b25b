"""Trials: the reference server with some faults, judged by every rule there is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Final

from accord_contracts.engine import judge
from accord_contracts.exchange import Exchange, Request
from accord_contracts.faults.bank import KEY, Fault
from accord_contracts.finding import Finding, Problem, Verdict
from accord_contracts.preflight import TargetError, prepare
from accord_contracts.reports.printable import printable
from accord_contracts.rule import Rule
from accord_contracts.run import ENDPOINTS
from accord_contracts.selftest.in_process import InProcess
from accord_contracts.selftest.remembered import Remembered
from accord_contracts.selftest.steady import Steady
from accord_contracts.selftest.timeless import Timeless
from accord_contracts.sender import Sender
from accord_contracts.server import ReferenceServer, Settings
from accord_contracts.server.app import create_app
from accord_contracts.server.hooks import Hook
from accord_contracts.session import Send, Session
from accord_contracts.target import Target

SETTINGS: Final = Settings(api_key=KEY)

# The model is named, because the list may be what is broken. The timeout is for what hangs, and
# far beyond what a slow machine takes: no verdict may depend on speed.
TARGET: Final = Target("http://accord/v1", KEY, SETTINGS.models[0].id, timeout=60)

LONGEST_BODY: Final = 300
"""Characters of a request that its evidence shows."""


@dataclass(frozen=True)
class Trial:
    """What became of one trial.

    Attributes:
        faults: names of those that the server had; none for the correct server.
        fell: the rules that failed, by id, each with its evidence: the request, the place in the
            answer, and the message.
        beside: those among them whose evidence the correct server gives as well: they failed, but
            not about what the faults have changed.
        undecided: the rules that neither passed nor failed, with what they say; known where the
            trial was held in full.
        trouble: why the server could not be judged at all; "" where it could.
    """

    faults: tuple[str, ...]
    fell: dict[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    undecided: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    def missed(self, fault: Fault) -> tuple[str, ...]:
        """The rules that must have caught a fault, and have not."""
        caught = self.fell.keys() - set(self.beside)
        return tuple(rule for rule in fault.caught_by if rule not in caught)


class Bench:
    """Holds trials.

    Args:
        rules: to judge by, all of them in every trial.

    Attributes:
        correct: the trial of the correct server, held first.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._known: dict[Request, Exchange] = {}
        self._remembered = Remembered()
        self.correct = self.hold(())

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What the correct server was asked, and what it answered."""
        return tuple(self._known.values())

    def hold(
        self, faults: Sequence[Fault], *, rules: Sequence[Rule] = (), full: bool = False
    ) -> Trial:
        """Judge the reference server with these faults.

        It answers in process, except where a fault is such that only the wire shows it.

        Args:
            faults: bend it, in this order.
            rules: to judge by in place of all those of the bench.
            full: judge answers too that no fault has changed: to know what is undecided.
        """
        hooks = [Steady(), *(deepcopy(fault.hook) for fault in faults)]
        names = tuple(fault.name for fault in faults)
        try:
            if any(fault.wire for fault in faults):
                return asyncio.run(self._over_the_wire(names, hooks, rules or self._rules))
            full = full or not faults
            with asyncio.Runner(loop_factory=Timeless) as runner:
                return runner.run(self._in_process(names, hooks, rules or self._rules, full=full))
        except TargetError as error:
            return Trial(names, trouble=str(error))

    async def _in_process(
        self, names: tuple[str, ...], hooks: Sequence[Hook], rules: Sequence[Rule], *, full: bool
    ) -> Trial:
        app = create_app(SETTINGS, hooks, self._remembered.for_one_server())
        async with InProcess(TARGET, app) as sender:
            session = Session(sender.send) if full else _Session(sender.send, self._known)
            findings = await self._judge(TARGET, session, rules)
        if not names:
            self._known.update((exchange.request, exchange) for exchange in session.exchanges)
        return self._trial(names, findings)

    async def _over_the_wire(
        self, names: tuple[str, ...], hooks: Sequence[Hook], rules: Sequence[Rule]
    ) -> Trial:
        async with ReferenceServer(SETTINGS, hooks) as server:
            target = TARGET.having(base_url=server.base_url)
            async with Sender(target) as sender:
                # In full: the wire adds headers, so that no answer is quite as in process.
                findings = await self._judge(target, Session(sender.send), rules)
        return self._trial(names, findings)

    @staticmethod
    async def _judge(
        target: Target, session: Session, rules: Sequence[Rule]
    ) -> tuple[Finding, ...]:
        settled = await prepare(target, session, seed=0, endpoints=ENDPOINTS)
        return await judge(rules, settled, session)

    def _trial(self, names: tuple[str, ...], findings: Sequence[Finding]) -> Trial:
        failed = [finding for finding in findings if finding.failed]
        return Trial(
            names,
            {f.rule.id: _evidence(f.problem) for f in failed if f.problem},
            tuple(f.rule.id for f in failed if names and not self._is_about_faults(f)),
            {
                finding.rule.id: f"{finding.verdict}, {finding.message}"
                for finding in findings
                if finding.verdict not in {Verdict.PASS, Verdict.FAIL}
            },
        )

    def _is_about_faults(self, finding: Finding) -> bool:
        """Whether something in the evidence is not what the correct server answers."""
        problem = finding.problem
        evidence = (problem.exchange, *problem.compared) if problem else ()
        return any(not _same(self._known.get(e.request), e) for e in evidence)


class _Session(Session):
    """A session that tells what the faults have changed from what they have left as it was.

    An exchange that the correct server gave with the same bytes is given as that very exchange:
    it was read before. Invariants see the others alone, because they judged it there, and found
    it good.
    """

    def __init__(self, send: Send, known: dict[Request, Exchange]) -> None:
        async def recognise(request: Request, number: int) -> Exchange:
            exchange = await send(request, number)
            before = known.get(request)
            return before if before and _same(before, exchange) else exchange

        super().__init__(recognise)
        self._known = known

    @property
    def recalled(self) -> list[Exchange]:
        return [e for e in super().recalled if e is not self._known.get(e.request)]


def _evidence(problem: Problem) -> str:
    """What was asked, where in the answer something is wrong, and what: in one line."""
    request = problem.exchange.request
    body = printable((request.body or b"").decode(errors="replace"), LONGEST_BODY)
    return f"{request.method} {request.path} {body}: {problem.place}: {problem.message}"


def _same(known: Exchange | None, exchange: Exchange) -> bool:
    """Whether an answer is the known one, byte for byte and read for read."""
    return known is not None and _answer(known) == _answer(exchange)


def _answer(exchange: Exchange) -> tuple[object, ...]:
    """All that came back, and when."""
    return (
        *(exchange.status, exchange.headers, exchange.body, exchange.failure),
        *(exchange.reads, exchange.seconds),
    )
