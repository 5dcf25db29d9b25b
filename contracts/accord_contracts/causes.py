"""Causes: failures that likely have one root, so that one repair mends all of them.

It is a guess, from what is alike: the same error for several requests, one answer that breaks
several rules, or wrong requests that are answered all the same. Nothing is decided by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from accord_contracts.exchange import Exchange
from accord_contracts.finding import Finding
from accord_contracts.fuzz.obligations import rejects_invalid
from accord_contracts.reports.printable import printable
from accord_contracts.views import Answer, members, text

WORDS: Final = 5
"""Words of an error's message that tell one from another: what follows are the details."""

LONGEST: Final = 80


@dataclass(frozen=True)
class Cause:
    """What several failures have in common.

    Attributes:
        name: in words, as reports show it; "" for failures that stand alone.
        findings: in the order in which they were given.
    """

    name: str
    findings: tuple[Finding, ...]


def causes(failures: Iterable[Finding]) -> list[Cause]:
    """Group failures by likely cause, in the order of the first of each group.

    Those that share their cause with no other one come last, in one group without a name.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in failures:
        groups.setdefault(_key(finding), []).append(finding)
    shared = [group for group in groups.values() if len(group) > 1]
    alone = tuple(group[0] for group in groups.values() if len(group) == 1)
    found = [Cause(_name(group[0]), tuple(group)) for group in shared]
    return [*found, Cause("", alone)] if alone else found


def named(failures: Iterable[Finding]) -> Mapping[int, str]:
    """The names of the causes by the `id()` of the findings; without those that stand alone."""
    return {
        id(finding): cause.name
        for cause in causes(failures)
        if cause.name
        for finding in cause.findings
    }


def _key(finding: Finding) -> tuple[object, ...]:
    exchange = finding.exchange
    if exchange is None:
        return (finding.rule.id,)
    if _lets_through(finding, exchange):
        return ("lets through",)
    return (exchange.number,) if exchange.ok else (exchange.status, _gist(exchange))


def _name(finding: Finding) -> str:
    exchange = finding.exchange
    if exchange is None:
        return finding.rule.id
    if _lets_through(finding, exchange):
        return "wrong requests are answered"
    request = exchange.request
    if exchange.ok:
        return f"one answer, number {exchange.number}: {request.method} {request.path}"
    words = " ".join(_message(exchange).split()[: WORDS + 1]).rstrip(":")
    return printable(f"{exchange.status or 'no answer'}: {words}", LONGEST)


def _lets_through(finding: Finding, exchange: Exchange) -> bool:
    refuses = finding.rule.family == "refusals" or finding.rule is rejects_invalid
    return refuses and exchange.ok


def _message(exchange: Exchange) -> str:
    """What an error says, in its first line: its message, else its body, else how it failed."""
    error = members(Answer(exchange).fields.get("error"))
    said = text(error.get("message")) or exchange.text[:200] or exchange.failure or ""
    return next(iter(said.strip().splitlines()), "")


def _gist(exchange: Exchange) -> tuple[str, ...]:
    """The words that a message begins with, without numbers and plurals."""
    words = re.findall(r"[^\W\d_]+", _message(exchange).casefold())
    return tuple(word.removesuffix("s") for word in words[:WORDS])
