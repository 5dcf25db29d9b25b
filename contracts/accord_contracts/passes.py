"""Passes: the same rules several times, each time with another prompt and seed.

Most runs have one pass. A thorough run has several: what a server breaks only now and then, or
only over some texts, is seen there. No pass recalls an answer of another one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from accord_contracts.finding import Finding, Verdict
from accord_contracts.session import Session
from accord_contracts.target import PROMPT, Target

PROMPTS: Final = (
    "日本 café 🎉: tell me about the sea.",
    'Go on from here:\n\n\t{"sea": ["deep \\\\ blue",',
)
"""What the passes after the first say where it does not matter: characters that servers cut in
two, and such as they fail to escape."""

SAYS_MOST: Final = (
    *(Verdict.HARNESS_ERROR, Verdict.FAIL, Verdict.PASS),
    *(Verdict.COULD_NOT_RUN, Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE),
)
"""Which of several verdicts on a rule is kept: what was seen once was seen."""

Judge = Callable[[Target, int], Awaitable[tuple[Finding, ...]]]
"""Judges a target once, with a seed."""


async def judge_in_passes(
    judge: Judge, session: Session, target: Target, *, seed: int, passes: int
) -> tuple[Finding, ...]:
    """Judge a target several times, and give one finding for each rule."""
    found = [await judge(target, seed)]
    for number in range(1, passes):
        session.forget()
        found.append(await judge(varied(target, number), seed + number))
    return tuple(merged(*findings) for findings in zip(*found, strict=True))


def varied(target: Target, number: int) -> Target:
    """The target as a later pass asks it; a prompt that somebody chose is kept."""
    prompt = PROMPTS[(number - 1) % len(PROMPTS)] if target.prompt == PROMPT else target.prompt
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
