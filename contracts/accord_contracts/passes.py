"""Passes: the same rules several times, each time with another prompt and seed.

Most runs have one pass. A thorough run has several: what a server breaks only now and then, or
only over some texts, is seen there. No pass recalls an answer of another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from accord_contracts.engine import Progress
from accord_contracts.finding import Finding, Verdict
from accord_contracts.rule import Rule
from accord_contracts.session import Session
from accord_contracts.target import PROMPT, Target

PROMPTS: Final = (
    PROMPT,
    "日本 café 🎉: tell me about the sea.",
    'Go on from here:\n\n\t{"sea": ["deep \\\\ blue",',
)
"""What each pass says where it does not matter: characters that servers cut in
two, and such as they fail to escape."""

SAYS_MOST: Final = (
    *(Verdict.HARNESS_ERROR, Verdict.FAIL, Verdict.PASS),
    *(Verdict.COULD_NOT_RUN, Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE),
)
"""Which of several verdicts on a rule is kept: what was seen once was seen."""


class Judge(Protocol):
    """Judges once: see `engine.judge`."""

    async def __call__(
        self, rules: Sequence[Rule], target: Target, *, progress: Progress
    ) -> tuple[Finding, ...]:
        """Give one finding for each rule."""


@dataclass(frozen=True)
class Passes:
    """Judges a target as often as an effort says.

    Attributes:
        judge: does it once.
        session: what sends, for all passes.
        target: as the first pass asks it.
        count: how many there are.
    """

    judge: Judge
    session: Session
    target: Target
    count: int

    async def all(
        self, rules: Sequence[Rule], progress: Progress = lambda _: None
    ) -> tuple[Finding, ...]:
        """Judge by rules, in every pass, and give one finding for each rule."""
        found = []
        for number in range(self.count):
            if number:
                self.session.forget()
            target = varied(self.target, number)
            found.append(await self.judge(rules, target, progress=progress))
        return tuple(merged(*findings) for findings in zip(*found, strict=True))


def varied(target: Target, number: int) -> Target:
    """The target as a pass asks it, from 0; a prompt that somebody chose is kept."""
    prompt = PROMPTS[number] if target.prompt == PROMPT else target.prompt
    baseline = dict(target.baseline)
    if "seed" in baseline:
        baseline["seed"] += number
    return target.having(prompt=prompt, baseline=baseline)


def merged(*findings: Finding) -> Finding:
    """One finding for several on the same rule: the one that says most, with all counts."""
    chosen = min(findings, key=lambda finding: SAYS_MOST.index(finding.verdict))
    return replace(
        chosen,
        judged=sum(finding.judged for finding in findings),
        broken=sum(finding.broken for finding in findings),
    )
