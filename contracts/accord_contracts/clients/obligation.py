"""Obligations: what a client must send, and how it must behave, one function each.

Two kinds. A *request obligation* judges one request as it arrives; where it says what the request
must be `about`, all others are none of its business. A *conduct obligation* judges all calls of
one client together. Both are generators that yield a `Breach` for everything that is wrong, and
their docstrings are their documentation, under the headings of the rules.

    @on_request("request.content-type-is-json", MUST, about=generating, spec="#/...")
    def content_type_is_json(request: Received) -> Breaches:
        # docstring: the obligation, then `Why:`, `Sources:`
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from accord_contracts.clients.received import Received
from accord_contracts.rule import Document, Level, Named

if TYPE_CHECKING:
    from accord_contracts.clients.entry import Entry


class Breach(NamedTuple):
    """One thing that is wrong."""

    message: str
    """What, without any value that was sent: it may be a secret, or large."""
    pointer: str = ""
    """Where: a JSON pointer into the body; empty for the request as a whole."""
    number: int = 0
    """In conduct: the call that shows it, by its number."""


Breaches = Iterator[Breach]


@dataclass(frozen=True, eq=False)
class Obligation(Named):
    """What both kinds have.

    Attributes:
        id: `request.name` or `conduct.name`; stable.
        level: how binding it is. A MAY is a note: legal, and worth knowing.
        spec: a JSON pointer into the spec, to what it follows from.
        document: the docstring.
    """

    id: str
    level: Level
    spec: str
    document: Document


@dataclass(frozen=True, eq=False)
class RequestObligation(Obligation):
    """Judged on one request."""

    about: Callable[[Received], bool]
    """Whether it has a say about a request."""
    check: Callable[[Received], Breaches]


@dataclass(frozen=True, eq=False)
class ConductObligation(Obligation):
    """Judged on all calls of one client, in the order of their arrival."""

    about: Callable[[Sequence[Entry]], bool]
    check: Callable[[Sequence[Entry]], Breaches]


ALL: Final[dict[str, Obligation]] = {}
"""All obligations by id, in the order of definition; filled by importing the package."""


@dataclass(frozen=True)
class Violation:
    """One breach of one obligation by one request."""

    obligation: Obligation
    message: str
    pointer: str = ""

    def as_json(self) -> dict[str, str]:
        """As it stands in the journal."""
        return {
            "obligation": self.obligation.id,
            "level": str(self.obligation.level),
            "pointer": self.pointer,
            "message": self.message,
        }

    def __str__(self) -> str:
        place = f" at {self.pointer}" if self.pointer else ""
        return f"{self.obligation.id}{place}: {self.message}"


class Judgement(NamedTuple):
    """What came of judging one request."""

    judged: tuple[str, ...]
    """The ids of the obligations that had a say."""
    violations: tuple[Violation, ...]


def judge_request(request: Received) -> Judgement:
    """Judge a request by all request obligations that have a say about it."""
    judged, violations = [], []
    for one in ALL.values():
        if isinstance(one, RequestObligation) and one.about(request):
            judged.append(one.id)
            violations += [
                Violation(
                    one,
                    request.without_secrets(breach.message),
                    request.without_secrets(breach.pointer),
                )
                for breach in one.check(request)
            ]
    return Judgement(tuple(judged), tuple(violations))


def everything(_: Received) -> bool:
    """About every request."""
    return True


def on_request(
    id: str,  # noqa: A002 - it is the obligation's id
    level: Level,
    *,
    spec: str,
    about: Callable[[Received], bool] = everything,
) -> Callable[[Callable[[Received], Breaches]], Callable[[Received], Breaches]]:
    """Make a function over a request an obligation."""

    def wrap(check: Callable[[Received], Breaches]) -> Callable[[Received], Breaches]:
        document = Document.read(check.__doc__)
        _register(RequestObligation(id, level, spec, document, about, check))
        return check

    return wrap


def on_conduct(
    id: str,  # noqa: A002 - it is the obligation's id
    level: Level,
    *,
    spec: str,
    about: Callable[[Sequence[Entry]], bool],
) -> Callable[[Callable[[Sequence[Entry]], Breaches]], Callable[[Sequence[Entry]], Breaches]]:
    """Make a function over all calls of a client an obligation."""

    def wrap(
        check: Callable[[Sequence[Entry]], Breaches],
    ) -> Callable[[Sequence[Entry]], Breaches]:
        document = Document.read(check.__doc__)
        _register(ConductObligation(id, level, spec, document, about, check))
        return check

    return wrap


def _register(one: Obligation) -> None:
    if one.id in ALL:
        raise ValueError(f"two obligations are called {one.id}")
    ALL[one.id] = one


def at(*path: Any) -> str:
    """A JSON pointer made of its parts."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
