"""Judging one exchange of a fuzzing run: by all invariants, then by schemathesis' checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import schemathesis

from accord_contracts import rules
from accord_contracts.engine import judge_exchange
from accord_contracts.exchange import Exchange
from accord_contracts.finding import Problem, Verdict
from accord_contracts.fuzz import obligations
from accord_contracts.fuzz.breach import Breach, Tally, cause_of, gist
from accord_contracts.fuzz.cases import Case
from accord_contracts.fuzz.checks import Checks
from accord_contracts.rule import Invariant, Rule

INVARIANTS: Final = tuple(rule for rule in rules.ALL if isinstance(rule, Invariant))

RULES: Final[tuple[Rule, ...]] = (*INVARIANTS, *obligations.ALL)
"""Everything that a fuzzing run judges by, in the order of reports."""

NO_SERVER_ERROR: Final = "errors.no-server-error"
"""Where this rule is broken, it says so; `fuzz.server-error` is about all other requests."""


class Judge:
    """Judges exchanges, and keeps what it finds.

    Args:
        checks: asks schemathesis.
        rules: to judge by; those of the suite that are no invariants are passed over.

    Attributes:
        tally: where it is kept.
        rules: those that are judged.
    """

    def __init__(self, checks: Checks, rules: Sequence[Rule] = RULES) -> None:
        self.tally = Tally()
        self.rules = tuple(rule for rule in RULES if rule in rules)
        self._invariants = tuple(rule for rule in self.rules if isinstance(rule, Invariant))
        self._checks = checks

    def alone(self, exchange: Exchange) -> list[Breach]:
        """Judge an exchange of which no more is known, by the invariants."""
        return self._keep([*self._by_invariants(exchange, None), *self._unanswered(exchange, None)])

    def judge(
        self, exchange: Exchange, case: Case, response: schemathesis.Response | None
    ) -> list[Breach]:
        """Judge the exchange that a case has led to.

        Args:
            exchange: what was sent, and what came back.
            case: what it was made of.
            response: the answer as schemathesis reads it; None where none came.
        """
        found = [*self._by_invariants(exchange, case), *self._unanswered(exchange, case)]
        if response is not None:
            known = {breach.rule.id for breach in found}
            found += self._by_checks(exchange, case, response, known)
        return self._keep(found)

    def _keep(self, found: list[Breach]) -> list[Breach]:
        for breach in found:
            self.tally.count_broken(breach.rule, breach.problem.exchange)
            self.tally.take(breach)
        return found

    def _by_invariants(self, exchange: Exchange, case: Case | None) -> Iterator[Breach]:
        for finding in judge_exchange(self._invariants, exchange):
            if finding.verdict is Verdict.HARNESS_ERROR:
                self.tally.crashed.setdefault(finding.rule.id, replace(finding, exchange=exchange))
            if finding.verdict in {Verdict.PASS, Verdict.FAIL}:
                self.tally.count_judged(finding.rule, exchange)
            if finding.problem is not None:
                yield Breach(finding.rule, finding.problem, cause_of(finding.problem), case)

    def _unanswered(self, exchange: Exchange, case: Case | None) -> Iterator[Breach]:
        if exchange.unreached or obligations.answers not in self.rules:
            return
        self.tally.count_judged(obligations.answers, exchange)
        if exchange.status is None:
            problem = Problem("an answer", exchange.outcome, exchange)
            cause = f"{exchange.request.endpoint} {gist(exchange.outcome)}"
            yield Breach(obligations.answers, problem, cause, case)

    def _by_checks(
        self,
        exchange: Exchange,
        case: Case,
        response: schemathesis.Response,
        known: set[str],
    ) -> Iterator[Breach]:
        asked = [rule for rule in self._checks.asked(case, exchange) if rule in self.rules]
        for rule in asked:
            self.tally.count_judged(rule, exchange)
            for found in self._checks.objections(rule, case, response, exchange):
                if rule is not obligations.server_error or NO_SERVER_ERROR not in known:
                    yield Breach(rule, found.problem, found.cause, case)
