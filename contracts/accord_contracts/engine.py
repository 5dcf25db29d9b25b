"""The engine: rules in, findings out. The command, the library and pytest all run this."""

from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from accord_contracts.ask import Ask, refused
from accord_contracts.effort import Effort
from accord_contracts.exchange import Exchange
from accord_contracts.finding import (
    CouldNotRun,
    Finding,
    NotApplicable,
    Problem,
    Signal,
    Unsupported,
    Verdict,
)
from accord_contracts.rule import Invariant, Rule, Scenario
from accord_contracts.session import Rounds, Session
from accord_contracts.target import Target

Progress = Callable[[Rule], None]

RULES: Final = str(Path(__file__).parent / "rules")


@dataclass
class _Record:
    """What is known of one rule while the run goes on."""

    probed: list[Exchange] = field(default_factory=list)
    seen: bool = False
    """Whether any exchange was of the kinds that an invariant judges."""
    judged: int = 0
    problems: list[Problem] = field(default_factory=list)
    signal: Signal | None = None
    crash: str | None = None

    @contextmanager
    def outcome(self) -> Iterator[None]:
        """Note how a rule's function ends: nothing that it raises goes further."""
        try:
            yield
        except Signal as signal:
            self.signal = max(self.signal or signal, signal, key=_progress)
        except Exception:  # noqa: BLE001 - a rule that crashes is our fault, and must be seen
            self.crash = self.crash or traceback.format_exc(limit=-2)
        else:
            self.judged += 1


def _progress(signal: Signal) -> int:
    """How far into its rule a signal was raised, as a line number.

    An invariant may leave many exchanges, for several reasons. The exchange that came furthest
    knows best what was missing: a stream that was asked for usage, and not one that was not.
    """
    frames = traceback.walk_tb(signal.__traceback__)
    return max((line for frame, line in frames if _is_rule(frame.f_code.co_filename)), default=0)


@cache
def _is_rule(path: str) -> bool:
    return os.path.dirname(path) == RULES  # noqa: PTH120 - pathlib takes too long here


async def judge(
    rules: Sequence[Rule],
    target: Target,
    session: Session,
    *,
    endpoints: frozenset[str] = frozenset({"models", "chat", "completions"}),
    effort: Effort = Effort.DEFAULT,
    progress: Progress = lambda _: None,
) -> tuple[Finding, ...]:
    """Judge a target by rules, and give one finding for each, in the order of the rules.

    Scenarios go first; then every invariant is judged on every exchange that the session recalls.

    Args:
        rules: which to judge by, invariants and scenarios mixed.
        target: with its model and baseline settled (see `preflight`).
        session: what sends; exchanges that it has already are shared.
        endpoints: those that invariants may send their probes to.
        effort: told to scenarios, which may ask for more at a higher one.
        progress: called as each rule has asked for all that it needs.
    """
    records = [_Record() for _ in rules]
    rounds = Rounds(session, len(rules))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(rounds.run())
        for rank, (rule, record) in enumerate(zip(rules, records, strict=True)):
            ask = Ask(target, rounds, rank, min(rule.endpoints, default="chat"), effort)
            tasks.create_task(_take_part(rule, ask, record, endpoints, progress))
    _judge_by_invariants(zip(rules, records, strict=True), session.recalled)
    return tuple(map(_finding, rules, records))


def judge_exchange(rules: Iterable[Rule], exchange: Exchange) -> tuple[Finding, ...]:
    """Judge one exchange, wherever it came from, by all invariants among the rules."""
    return judge_exchanges(rules, [exchange])


def judge_exchanges(rules: Iterable[Rule], exchanges: Iterable[Exchange]) -> tuple[Finding, ...]:
    """Judge exchanges, wherever they came from, by all invariants among the rules.

    Each is judged alone. There is one finding for each invariant.
    """
    judged = [(rule, _Record()) for rule in rules if isinstance(rule, Invariant)]
    _judge_by_invariants(judged, exchanges)
    return tuple(_finding(rule, record) for rule, record in judged)


def _judge_by_invariants(
    judged: Iterable[tuple[Rule, _Record]], exchanges: Iterable[Exchange]
) -> None:
    """Judge each exchange by all rules that are invariants, whatever kinds they judge."""
    invariants = [(rule, record) for rule, record in judged if isinstance(rule, Invariant)]
    kinds = {kind for rule, _ in invariants for kind in rule.on}
    for exchange in exchanges:
        views = {kind: view for kind in kinds if (view := kind.see(exchange)) is not None}
        for rule, record in invariants:
            kind = next(filter(views.__contains__, rule.on), None)
            if kind is not None:
                record.seen = True
                with record.outcome():
                    record.problems += rule.check(views[kind])


async def _take_part(
    rule: Rule, ask: Ask, record: _Record, endpoints: frozenset[str], progress: Progress
) -> None:
    """Let a rule ask for what it needs; what comes of it goes into the record."""
    if isinstance(rule, Scenario):
        with record.outcome():
            async for problem in rule.check(ask):
                record.problems.append(problem)
    elif isinstance(rule, Invariant):
        await _send_probes(rule, ask, record, endpoints)
    progress(rule)
    ask.rounds.leave(ask.rank)


async def _send_probes(
    rule: Invariant, ask: Ask, record: _Record, endpoints: frozenset[str]
) -> None:
    probes = [probe(ask.make) for probe in rule.probes]
    wanted = [r for r in probes if _family(r.endpoint) in {*endpoints, None}]
    try:
        record.probed = await ask.all(*wanted)
    except Signal as signal:
        record.signal = signal


def _family(endpoint: str | None) -> str | None:
    return "models" if endpoint == "model" else endpoint


def _finding(rule: Rule, record: _Record) -> Finding:
    if record.crash:
        return Finding(rule, Verdict.HARNESS_ERROR, record.crash.strip())
    if record.problems:
        return _failure(rule, record)
    if record.judged and not (isinstance(rule, Scenario) and record.signal):
        return Finding(rule, Verdict.PASS, "", judged=record.judged)
    signal = record.signal or _unseen(rule, record)
    return Finding(rule, signal.verdict, signal.reason, exchange=signal.exchange)


def _failure(rule: Rule, record: _Record) -> Finding:
    first = record.problems[0]
    return Finding(
        rule,
        Verdict.FAIL,
        first.message,
        problem=first,
        exchange=first.exchange,
        judged=max(record.judged, 1),
        broken=len({problem.exchange.number for problem in record.problems}),
    )


def _unseen(rule: Rule, record: _Record) -> Signal:
    """Why an invariant had nothing to judge: what its probes got says so."""
    names = " or ".join(kind.name for kind in rule.on) if isinstance(rule, Invariant) else "answer"
    failed = [exchange for exchange in record.probed if not exchange.ok]
    if failed and all(refused(exchange) for exchange in record.probed):
        return Unsupported(f"the server refused it: {failed[0].outcome}", failed[0])
    if failed:
        return CouldNotRun(f"no answer to judge: {failed[0].outcome}", failed[0])
    return NotApplicable(f"no {names} was seen")
