"""Reports: everything that a run found. Each output is a view of one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version

from accord_contracts.exchange import Exchange
from accord_contracts.finding import Finding, Verdict
from accord_contracts.rule import Level
from accord_contracts.target import Target

EXIT_CONFORMS = 0
EXIT_BROKEN = 1
EXIT_USAGE = 2
EXIT_INCOMPLETE = 3

INCOMPLETE = frozenset({Verdict.COULD_NOT_RUN, Verdict.HARNESS_ERROR})


@dataclass(frozen=True)
class Report:
    """What a run found.

    Attributes:
        findings: one for every rule in scope, in the order of the rules.
        exchanges: all that was sent and received, in the order of sending.
        tokens: that the run cost, as reported by the server, else estimated.
        seconds: that the run took.
    """

    target: Target
    seed: int
    findings: tuple[Finding, ...]
    exchanges: tuple[Exchange, ...]
    tokens: int
    seconds: float
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
        """The rules that are broken, MUST before SHOULD before MAY."""
        order = list(Level)
        return sorted(self.having(Verdict.FAIL), key=lambda f: order.index(f.rule.level))

    def counts(self) -> Counter[Verdict]:
        """How many findings have each verdict."""
        return Counter(finding.verdict for finding in self.findings)

    def exit_code(self, *, strict: bool = False) -> int:
        """What `accord check` exits with.

        0 no MUST broken; 1 a MUST broken (`strict`: or a SHOULD); 3 incomplete: some rule could
        not be run, or none could be judged (with nothing worse).
        """
        binding = {Level.MUST, Level.SHOULD} if strict else {Level.MUST}
        if any(finding.rule.level in binding for finding in self.failures):
            return EXIT_BROKEN
        judged = self.having(Verdict.PASS, Verdict.FAIL)
        return EXIT_INCOMPLETE if self.having(*INCOMPLETE) or not judged else EXIT_CONFORMS
