"""Breaches: what is wrong with one exchange, and how breaches of one cause are told."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from accord_contracts.exchange import Exchange
from accord_contracts.finding import Finding, Place, Problem, Verdict
from accord_contracts.fuzz.cases import Case, is_valid
from accord_contracts.rule import Rule
from accord_contracts.views import Answer, text

_NUMBER: Final = re.compile(r"(?<=/)\d+(?=/|$)")
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\\\S*")
_VARYING: Final = re.compile(r"[^a-z]+")

WORDS: Final = 2
"""Words of a message that tell causes apart; what was sent is often repeated behind them."""

Key = tuple[str, str]
"""A rule's id and a cause."""


def pattern(pointer: str) -> str:
    """A JSON pointer with every index as `*`."""
    return _NUMBER.sub("*", pointer)


def gist(message: str) -> str:
    """What remains of a message without the values in it."""
    words = _VARYING.sub(" ", _QUOTED.sub(" ", message.lower())).split()[:WORDS]
    return " ".join(word.removesuffix("s") for word in words)  # "1 error" is as "2 errors"


def said(exchange: Exchange) -> str:
    """The message of an error; the whole answer where it has none."""
    return text(Answer(exchange).error.get("message")) or exchange.text


@dataclass(frozen=True)
class Breach:
    """One rule that one exchange breaks."""

    rule: Rule
    problem: Problem
    cause: str
    case: Case | None = None
    """What it was made of; None where it was replayed."""

    @property
    def key(self) -> Key:
        """What breaches of one cause have in common."""
        return self.rule.id, self.cause

    @property
    def size(self) -> tuple[bool, int, int]:
        """How much there is to read: the small are shown; of an invalid request only if need be."""
        request = self.problem.exchange.request
        invalid = self.case is not None and not is_valid(self.case)
        read = len(request.body or b"") + len(request.path) + len(str(request.headers))
        return invalid, read, self.problem.exchange.number


def cause_of(problem: Problem) -> str:
    """Why a rule is broken: at which place; and of a server that failed, with which words."""
    exchange = problem.exchange
    place = problem.place
    if (exchange.status or 0) >= 500 and place == Place():
        return f"{exchange.request.endpoint} {gist(said(exchange))}"
    return place.header or pattern(place.pointer or "")


@dataclass
class Tally:
    """What is known so far: of each rule which exchanges it judged, and of each cause one breach.

    A request that is sent once may be judged several times: what was meant by it may differ.
    """

    judged: defaultdict[str, set[int]] = field(default_factory=partial(defaultdict, set))
    broken: defaultdict[str, set[int]] = field(default_factory=partial(defaultdict, set))
    smallest: dict[Key, Breach] = field(default_factory=dict)
    crashed: dict[str, Finding] = field(default_factory=dict)

    def count_judged(self, rule: Rule, exchange: Exchange) -> None:
        """Count an exchange that a rule had something to say about."""
        self.judged[rule.id].add(exchange.number)

    def count_broken(self, rule: Rule, exchange: Exchange) -> None:
        """Count an exchange that breaks a rule."""
        self.broken[rule.id].add(exchange.number)

    def take(self, breach: Breach) -> None:
        """Keep a breach, if none of its cause is smaller."""
        kept = self.smallest.get(breach.key)
        if kept is None or breach.size < kept.size:
            self.smallest[breach.key] = breach

    def findings(self, rules: tuple[Rule, ...]) -> tuple[Finding, ...]:
        """One finding for each rule, and one more for each further cause."""
        return tuple(finding for rule in rules for finding in self._of(rule))

    def _of(self, rule: Rule) -> list[Finding]:
        judged, broken = len(self.judged[rule.id]), len(self.broken[rule.id])
        if rule.id in self.crashed:
            return [self.crashed[rule.id]]
        breaches = _distinct([b for b in self.smallest.values() if b.rule is rule])
        if breaches:
            return [_failure(breach, judged, broken) for breach in breaches]
        if judged:
            return [Finding(rule, Verdict.PASS, "", judged=judged)]
        reason = "no request of this run brought about what it judges"
        return [Finding(rule, Verdict.NOT_APPLICABLE, reason)]


def _distinct(breaches: list[Breach]) -> list[Breach]:
    """Those that are shown by a request of their own: two causes with one request are one."""
    return list({b.problem.exchange.request: b for b in reversed(breaches)}.values())[::-1]


def _failure(breach: Breach, judged: int, broken: int) -> Finding:
    problem = breach.problem
    return Finding(
        breach.rule,
        Verdict.FAIL,
        problem.message,
        problem=problem,
        exchange=problem.exchange,
        judged=max(judged, 1),
        broken=max(broken, 1),
    )
