"""Findings: what a rule says of a target, with the evidence.

A rule yields a `Problem` for everything that is wrong, and leaves early by raising one of the
signals below when it cannot be judged. The engine turns both into a `Finding`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from accord_contracts.reports.printable import counted, printable

if TYPE_CHECKING:
    from accord_contracts.exchange import Exchange
    from accord_contracts.rule import Rule


LONGEST_MESSAGE: Final = 240
"""Characters of a message that a finding shows of itself; servers write some of them."""


class Verdict(StrEnum):
    """What became of a rule."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    UNSUPPORTED = "unsupported"
    """The server refused the feature clearly, with a 4xx, and the rule allows that."""
    NOT_APPLICABLE = "not-applicable"
    """What the rule judges was looked for and not seen; the message says what."""
    COULD_NOT_RUN = "could-not-run"
    """A prerequisite failed. Never green."""
    HARNESS_ERROR = "harness-error"
    """Our fault, never the server's."""


class Signal(Exception):  # noqa: N818 - not an error: it ends a rule that cannot be judged
    """Ends a rule early, with a verdict and a reason."""

    verdict: Verdict

    def __init__(self, reason: str, exchange: Exchange | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.exchange = exchange


class NotApplicable(Signal):
    """What the rule judges did not occur."""

    verdict = Verdict.NOT_APPLICABLE


class Unsupported(Signal):
    """The server refused the feature clearly."""

    verdict = Verdict.UNSUPPORTED


class CouldNotRun(Signal):
    """The rule's prerequisite failed."""

    verdict = Verdict.COULD_NOT_RUN


def need(condition: object, missing: str) -> None:
    """Leave the rule as not applicable unless `condition` holds.

    Args:
        condition: whether the rule's subject is there.
        missing: the subject, as a noun phrase: `a chunk with usage`.

    Raises:
        NotApplicable: says that the subject was looked for and not seen.
    """
    if not condition:
        raise NotApplicable(f"looked for {missing}, and saw none")


@dataclass(frozen=True)
class Place:
    """Where in an answer something is: the narrowest of what is known."""

    pointer: str | None = None
    """A JSON pointer (RFC 6901) into the body, or into the event's JSON."""
    event: int | None = None
    """The event's number, from 1."""
    offset: int | None = None
    """A byte of the body, from 0."""
    header: str | None = None
    """A header's name, in lower case."""

    def __str__(self) -> str:
        """In words, as reports print it: `event 4, /usage`."""
        words = [
            f"header {self.header}" if self.header is not None else "",
            f"event {self.event}" if self.event is not None else "",
            f"byte {self.offset}" if self.offset is not None else "",
            self.pointer or "",
        ]
        return ", ".join(word for word in words if word) or "status"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an exchange: expected against actual, and where."""

    expected: str
    actual: str
    exchange: Exchange
    place: Place = Place()
    compared: tuple[Exchange, ...] = ()
    """The other exchanges that the judgement rests on."""

    @property
    def message(self) -> str:
        """One sentence."""
        return f"expected {self.expected}; got {self.actual}"


INCOMPLETE: Final = frozenset({Verdict.COULD_NOT_RUN, Verdict.HARNESS_ERROR})
"""Verdicts that say nothing of the server."""


@dataclass(frozen=True)
class Repeats:
    """What came of judging a broken rule again."""

    times: int = 0
    """How often it was judged again."""
    failed: int = 0
    """How often it was broken again."""
    other: Exchange | None = None
    """The answer to the same request where the rule was not broken."""

    @property
    def flaky(self) -> bool:
        """Whether the rule was not broken every time."""
        return self.failed < self.times

    def __str__(self) -> str:
        """In words: `broken again 1 of 3 times`."""
        return f"broken again {self.failed} of {counted(self.times, 'time')}"


@dataclass(frozen=True)
class Finding:
    """A rule, its verdict, one sentence, and the evidence."""

    rule: Rule
    verdict: Verdict
    message: str
    problem: Problem | None = None
    """The first problem, where the verdict is `fail`."""
    exchange: Exchange | None = None
    """What the verdict rests on, where one exchange can be named."""
    judged: int = 0
    """How many exchanges the rule saw its subject in."""
    broken: int = 0
    """How many of them break the rule."""
    repeats: Repeats | None = None
    """What came of judging again, where the rule is broken and that was asked for."""

    @property
    def flaky(self) -> bool:
        """Whether the rule is broken, and was not every time."""
        return self.repeats is not None and self.repeats.flaky

    @property
    def failed(self) -> bool:
        """Whether the rule is broken."""
        return self.verdict is Verdict.FAIL

    def __str__(self) -> str:
        """One line: `MUST stream.ends-with-done: fail: expected …; got …`."""
        flaky = " (flaky)" if self.flaky else ""
        head = f"{self.rule.level} {self.rule.id}: {self.verdict}{flaky}"
        return f"{head}: {printable(self.message, LONGEST_MESSAGE)}" if self.message else head

    def __repr__(self) -> str:
        """Short, because a failing assertion shows it: exchanges are left out."""
        return f"<Finding {self}>"
