"""The verdict on a client: what became of all obligations, over everything that was seen of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from accord_contracts.clients.about_conduct import connections, retries
from accord_contracts.clients.entry import Entry
from accord_contracts.clients.obligation import ALL, ConductObligation, Obligation
from accord_contracts.report import EXIT_BROKEN, EXIT_CONFORMS, EXIT_INCOMPLETE
from accord_contracts.rule import Level


class Evidence(NamedTuple):
    """One breach, with the request that shows it."""

    entry: Entry
    message: str
    pointer: str = ""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "number": self.entry.number,
            "request": str(self.entry),
            "pointer": self.pointer,
            "message": self.message,
        }


@dataclass(frozen=True)
class Result:
    """What became of one obligation.

    Attributes:
        obligation: which.
        judged: how many requests (clients, for conduct) it had a say about.
        evidence: every breach; empty where it was kept.
    """

    obligation: Obligation
    judged: int
    evidence: tuple[Evidence, ...]

    @property
    def outcome(self) -> str:
        """`kept`, `broken` or `not-applicable`; `noted` where a MAY has something to say."""
        if self.evidence:
            return "noted" if self.obligation.level is Level.MAY else "broken"
        return "kept" if self.judged else "not-applicable"

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "id": self.obligation.id,
            "level": str(self.obligation.level),
            "summary": self.obligation.document.obligation,
            "outcome": self.outcome,
            "judged": self.judged,
            "evidence": [one.as_json() for one in self.evidence],
        }


@dataclass(frozen=True)
class Verdict:
    """All that was seen of a program.

    Attributes:
        entries: its requests, in the order of arrival.
        results: one for each obligation, in the order of definition.
    """

    entries: tuple[Entry, ...]
    results: tuple[Result, ...]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Self:
        """Judge a client by the requests that were seen of it."""
        seen = tuple(sorted(entries, key=lambda entry: entry.number))
        clients = [
            [entry for entry in seen if entry.user_agent == name]
            for name in dict.fromkeys(entry.user_agent for entry in seen)
        ]
        return cls(seen, tuple(_result(one, seen, clients) for one in ALL.values()))

    @property
    def broken(self) -> tuple[Result, ...]:
        """The obligations that were broken, those of the level MUST first."""
        broken = [result for result in self.results if result.outcome == "broken"]
        return tuple(sorted(broken, key=lambda result: result.obligation.level is not Level.MUST))

    @property
    def noted(self) -> tuple[Result, ...]:
        """What is legal, and worth knowing."""
        return tuple(result for result in self.results if result.outcome == "noted")

    @property
    def clients(self) -> tuple[str, ...]:
        """The user agents, in the order of their first request."""
        return tuple(dict.fromkeys(entry.user_agent for entry in self.entries))

    @property
    def connections(self) -> int:
        """How many connections were used."""
        return connections(self.entries)

    @property
    def retries(self) -> tuple[tuple[Entry, Entry], ...]:
        """Failed calls, each with the call that said the same again."""
        return tuple(retries(self.entries))

    @property
    def calls(self) -> Counter[str]:
        """How often each endpoint was called: `POST /v1/chat/completions, streamed`."""
        return Counter(f"{entry}{', streamed' if entry.streams else ''}" for entry in self.entries)

    @property
    def answers(self) -> Counter[str]:
        """How often each status was answered."""
        return Counter(str(entry.status or "no answer") for entry in self.entries)

    def exit_code(self, *, strict: bool = False) -> int:
        """0 where no MUST is broken (`strict`: nor a SHOULD), else 1; 3 where nothing was seen."""
        if not self.entries:
            return EXIT_INCOMPLETE
        levels = {result.obligation.level for result in self.broken}
        return EXIT_BROKEN if levels and (strict or Level.MUST in levels) else EXIT_CONFORMS

    def as_json(self, *, strict: bool = False) -> dict[str, Any]:
        """For machines."""
        return {
            "exit_code": self.exit_code(strict=strict),
            "requests": len(self.entries),
            "connections": self.connections,
            "retries": len(self.retries),
            "clients": list(self.clients),
            "calls": dict(self.calls),
            "answers": dict(self.answers),
            "obligations": [result.as_json() for result in self.results],
        }


def _result(one: Obligation, seen: Sequence[Entry], clients: Sequence[Sequence[Entry]]) -> Result:
    if isinstance(one, ConductObligation):
        about = [entries for entries in clients if one.about(entries)]
        found = [evidence for entries in about for evidence in _conduct(one, entries)]
        return Result(one, len(about), tuple(found))
    judged = [entry for entry in seen if one.id in entry.judgement.judged]
    breaches = tuple(
        Evidence(entry, violation.message, violation.pointer)
        for entry in judged
        for violation in entry.judgement.violations
        if violation.obligation is one
    )
    return Result(one, len(judged), breaches)


def _conduct(one: ConductObligation, entries: Sequence[Entry]) -> Iterator[Evidence]:
    by_number = {entry.number: entry for entry in entries}
    for breach in one.check(entries):
        yield Evidence(by_number[breach.number], breach.message)
