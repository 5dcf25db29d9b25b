"""Repeats: broken rules are judged again, so that what does not repeat is known as flaky.

Nothing is recalled: all that the first verdict rests on is sent once more, then the rule judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from accord_contracts.exchange import Exchange
from accord_contracts.finding import INCOMPLETE, Finding, Repeats
from accord_contracts.passes import Passes


async def judge_again(
    passes: Passes, findings: Sequence[Finding], times: int
) -> tuple[Finding, ...]:
    """Judge the rules that are broken so many times more, and note what came of it."""
    broken = {finding.rule: finding for finding in findings if finding.failed}
    for _ in range(times if broken else 0):
        before = len(passes.session.exchanges)
        passes.session.forget()
        await _send_evidence(passes, broken.values())
        for found in await passes.all(list(broken)):
            sent = passes.session.exchanges[before:]
            broken[found.rule] = _noted(broken[found.rule], found, sent)
    return tuple(broken.get(finding.rule, finding) for finding in findings)


async def _send_evidence(passes: Passes, findings: Iterable[Finding]) -> None:
    """Send what failures rest on: other rules may have asked for it, who do not ask again."""
    requests = [
        exchange.request
        for finding in findings
        if finding.problem
        for exchange in (finding.problem.exchange, *finding.problem.compared)
    ]
    await passes.session.settle()
    await passes.session.start(requests)


def _noted(first: Finding, found: Finding, sent: Iterable[Exchange]) -> Finding:
    """A failure, with what came of judging it once more; nothing, where that could not be."""
    if found.verdict in INCOMPLETE:
        return first
    so_far = first.repeats or Repeats()
    other = so_far.other
    if not found.failed and other is None and first.exchange:
        request = first.exchange.request
        other = next((exchange for exchange in sent if exchange.request == request), None)
    repeats = Repeats(so_far.times + 1, so_far.failed + found.failed, other)
    return replace(first, repeats=repeats)
