"""Reports: everything that a run found. Each output is a view of one."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from typing import Any

from accord_contracts.effort import Effort
from accord_contracts.exchange import Exchange
from accord_contracts.finding import INCOMPLETE, Finding, Verdict
from accord_contracts.known import Known
from accord_contracts.reports.printable import counted
from accord_contracts.rule import Level
from accord_contracts.target import Target

EXIT_CONFORMS = 0
EXIT_BROKEN = 1
EXIT_USAGE = 2
EXIT_INCOMPLETE = 3

MEANINGS = {
    EXIT_CONFORMS: "no MUST is broken",
    EXIT_INCOMPLETE: "incomplete: some rule could not be judged",
}


@dataclass(frozen=True)
class Report:
    """What a run found.

    Attributes:
        findings: one for every rule in scope, in the order of the rules.
        exchanges: all that was sent and received, in the order of sending.
        tokens: that the run cost, as reported by the server, else estimated.
        seconds: that the run took.
        effort: how much the run was allowed to ask for.
        known: failures that do not count, as long as they last.
    """

    target: Target
    seed: int
    findings: tuple[Finding, ...]
    exchanges: tuple[Exchange, ...]
    tokens: int
    seconds: float
    effort: Effort = Effort.DEFAULT
    known: Known = field(default_factory=Known)
    version: str = version("accord")

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return len(self.exchanges)

    def having(self, *verdicts: Verdict) -> list[Finding]:
        """The findings with one of these verdicts."""
        return [finding for finding in self.findings if finding.verdict in verdicts]

    @property
    def failures(self) -> list[Finding]:
        """What breaks the rules, MUST before SHOULD before MAY."""
        order = list(Level)
        return sorted(self.having(Verdict.FAIL), key=lambda f: order.index(f.rule.level))

    def broken(self, *, strict: bool = False) -> list[Finding]:
        """The failures that count: of rules that are MUST (`strict`: or SHOULD), and not known."""
        binding = {Level.MUST, Level.SHOULD} if strict else {Level.MUST}
        return [f for f in self.failures if f.rule.level in binding and f.rule.id not in self.known]

    @property
    def rules(self) -> tuple[Finding, ...]:
        """One finding of each rule: fuzzing finds several of a rule that is broken in many ways."""
        first: dict[str, Finding] = {}
        for finding in self.findings:
            first.setdefault(finding.rule.id, finding)
        return tuple(first.values())

    def counts(self) -> Counter[Verdict]:
        """How many rules have each verdict."""
        return Counter(finding.verdict for finding in self.rules)

    @property
    def stale(self) -> list[str]:
        """The known failures that are none any more: their rules were judged, and hold."""
        return self.known.stale([f.rule.id for f in self.having(Verdict.PASS)])

    def meaning(self, *, strict: bool = False) -> str:
        """What the exit code says, in words."""
        code = self.exit_code(strict=strict)
        if code != EXIT_BROKEN:
            but = ", but for those that are known" if code == EXIT_CONFORMS and self.known else ""
            return f"{MEANINGS[code]}{but}"
        if not self.broken(strict=strict):
            return f"stale: {', '.join(self.stale)} known as broken, and not broken any more"
        new = ", and not known to be" if self.known else ""
        return f"at least one {'MUST or SHOULD' if strict else 'MUST'} is broken{new}"

    def exit_code(self, *, strict: bool = False) -> int:
        """What `accord check` exits with.

        0 no MUST broken; 1 a MUST broken (`strict`: or a SHOULD), be it flaky, or a known
        failure is stale; 3 incomplete: some rule could not be run, or none could be judged (with
        nothing worse).
        """
        if self.stale or self.broken(strict=strict):
            return EXIT_BROKEN
        judged = self.having(Verdict.PASS, Verdict.FAIL)
        return EXIT_INCOMPLETE if self.having(*INCOMPLETE) or not judged else EXIT_CONFORMS

    def to_dict(self, *, strict: bool = False) -> dict[str, Any]:
        """The JSON report as values, as `report.schema.json` describes it.

        Args:
            strict: whether a broken SHOULD counts for its `exit_code`.
        """
        made: dict[str, Any] = json.loads(self.to_json(strict=strict))
        return made

    def to_json(self, *, strict: bool = False) -> str:
        """The JSON report as text: what `accord check --json` writes. The key is not in it.

        Args:
            strict: whether a broken SHOULD counts for its `exit_code`.
        """
        # Only when it is asked for: outputs are views of a report, which needs none of them.
        rendered: str = import_module("accord_contracts.reports.document").render(
            self, strict=strict
        )
        return rendered

    def __str__(self) -> str:
        """A few lines: the target, the totals, and each broken rule with what is wrong."""
        head = f"{self.target.shown_url}: {self._totals()}"
        return "\n".join([head, *(f"  {finding}" for finding in self.failures)])

    def __repr__(self) -> str:
        """Short, because a failing assertion shows it: findings and exchanges are left out."""
        return f"<Report of {self.target.shown_url}: {self._totals()}>"

    def _totals(self) -> str:
        """In words: `12 rules: 11 pass, 1 fail`."""
        counts = self.counts()
        verdicts = [f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]]
        return f"{counted(len(self.rules), 'rule')}: {', '.join(verdicts) or 'none judged'}"
