"""Rules: one obligation of the contract each, as one function whose docstring documents it.

An *invariant* judges one exchange, and is judged on every exchange there is. A *scenario* asks
for the exchanges it needs and compares them. Both are generators that yield a `Problem` for
everything that is wrong; a rule that yields nothing passes.

    @invariant("stream.usage-chunk-is-last", MUST, on=STREAMS, probes=[...], spec="#/...")
    def usage_chunk_is_last(stream: Stream) -> Problems:
        # docstring:
        The usage chunk is the last one before `[DONE]`.

        Why: clients stop reading usage at ...

        Seen: LiteLLM, Rapid-MLX.

        Sources: BerriAI/litellm#1.

        Violation: `data: {"choices":[],"usage":{...}}` in front of the finish chunk.

The text before the first heading is the obligation; the four headings are read by `Document`.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, TypeVar

from accord_contracts.effort import Effort
from accord_contracts.finding import Problem

if TYPE_CHECKING:
    from accord_contracts.ask import Ask
    from accord_contracts.kinds import Kind
    from accord_contracts.requests import Probe

V = TypeVar("V")

Problems = Iterator[Problem]
AsyncProblems = AsyncIterator[Problem]


class Level(StrEnum):
    """How binding a rule is, as in RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


MUST: Final = Level.MUST
SHOULD: Final = Level.SHOULD
MAY: Final = Level.MAY

QUICK: Final = Effort.QUICK
THOROUGH: Final = Effort.THOROUGH

HEADINGS: Final = ("Why", "Seen", "Sources", "Violation")


@dataclass(frozen=True)
class Document:
    """A rule's docstring, in its parts. Every part is one paragraph of text."""

    obligation: str
    why: str
    seen: str
    sources: str
    violation: str

    @classmethod
    def read(cls, docstring: str | None) -> Document:
        """Take a docstring apart; parts that are missing are empty."""
        parts: dict[str, str] = dict.fromkeys(HEADINGS, "")
        obligation = []
        for paragraph in inspect.cleandoc(docstring or "").split("\n\n"):
            text = " ".join(paragraph.split())
            heading, colon, rest = text.partition(":")
            if colon and heading in HEADINGS:
                parts[heading] = rest.strip()
            else:
                obligation.append(text)
        return cls(" ".join(obligation), *(parts[heading] for heading in HEADINGS))


class Named:
    """What has an id of two parts, `family.name`, by which patterns choose it."""

    id: str

    @property
    def family(self) -> str:
        """The part of the id before its dot."""
        return self.id.partition(".")[0]

    def matches(self, pattern: str) -> bool:
        """Whether a glob names it: its id, or its family."""
        return fnmatchcase(self.id, pattern) or self.family == pattern


@dataclass(frozen=True, eq=False)
class Rule(Named):
    """One obligation: what all rules have.

    Attributes:
        id: `family.name`; stable, and reads as a name.
        level: how binding it is.
        spec: a JSON pointer into the spec (`#/paths/…`), or to what the obligation follows from.
        covers: numbers of the catalogued divergences that it answers for.
        endpoints: of `models`, `chat`, `completions`: those it speaks about.
        features: what a server must offer for it to matter: `stream`, `tools`, `logprobs`, …
        document: the docstring.
        effort: the least level of effort at which it is judged.
    """

    id: str
    level: Level
    spec: str
    covers: tuple[str, ...]
    endpoints: frozenset[str]
    features: frozenset[str]
    document: Document
    effort: Effort


@dataclass(frozen=True, eq=False)
class Invariant(Rule):
    """A pure function over one exchange."""

    on: tuple[Kind[Any], ...]
    """The kinds of exchange that it judges."""
    probes: tuple[Probe, ...]
    """Requests that give it something to judge; sent once, shared with all other rules."""
    check: Callable[[Any], Problems]


@dataclass(frozen=True, eq=False)
class Scenario(Rule):
    """An async generator that asks for exchanges."""

    check: Callable[[Ask], AsyncProblems]


REGISTRY: Final[dict[str, Rule]] = {}
"""All rules by id, in the order of definition; filled by importing `accord_contracts.rules`."""


def _register(rule: Rule) -> None:
    if rule.id in REGISTRY:
        raise ValueError(f"two rules are called {rule.id}")
    REGISTRY[rule.id] = rule


def invariant(
    id: str,  # noqa: A002 - it is the rule's id
    level: Level,
    *,
    on: Kind[V] | Iterable[Kind[V]],
    spec: str,
    covers: Iterable[str] = (),
    features: Iterable[str] = (),
    probes: Iterable[Probe] | None = None,
    effort: Effort | None = None,
) -> Callable[[Callable[[V], Problems]], Callable[[V], Problems]]:
    """Make a function over a view of one exchange an invariant.

    `probes` default to those of the kinds; give them where the kind alone does not say that the
    subject of the rule occurs (a stream *with usage*).

    `effort` defaults to quick where the probes are those of the kinds, which every run sends.
    """
    kinds = tuple(on) if isinstance(on, Iterable) else (on,)
    chosen = tuple(probes) if probes is not None else tuple(p for k in kinds for p in k.probes)
    least = effort or (QUICK if probes is None else Effort.DEFAULT)

    def wrap(check: Callable[[V], Problems]) -> Callable[[V], Problems]:
        _register(
            Invariant(
                id=id,
                level=level,
                spec=spec,
                covers=tuple(covers),
                endpoints=frozenset(e for kind in kinds for e in kind.endpoints),
                features=frozenset(features) | {f for kind in kinds for f in kind.features},
                document=Document.read(check.__doc__),
                effort=least,
                on=kinds,
                probes=chosen,
                check=check,
            )
        )
        return check

    return wrap


def scenario(
    id: str,  # noqa: A002 - it is the rule's id
    level: Level,
    *,
    endpoints: Iterable[str],
    spec: str,
    covers: Iterable[str] = (),
    features: Iterable[str] = (),
    effort: Effort = Effort.DEFAULT,
) -> Callable[[Callable[[Ask], AsyncProblems]], Callable[[Ask], AsyncProblems]]:
    """Make an async generator that asks for exchanges a scenario.

    Where one obligation holds for chat and completions alike, write `{endpoint}` in the id: each
    endpoint gets a rule of its own (a server may break one and keep the other), and `ask.text`
    sends to that endpoint.
    """
    names = tuple(endpoints)

    def wrap(check: Callable[[Ask], AsyncProblems]) -> Callable[[Ask], AsyncProblems]:
        for ids, group in _spread(id, names):
            _register(
                Scenario(
                    id=ids,
                    level=level,
                    spec=spec,
                    covers=tuple(covers),
                    endpoints=frozenset(group),
                    features=frozenset(features),
                    document=Document.read(check.__doc__),
                    effort=effort,
                    check=check,
                )
            )
        return check

    return wrap


def _spread(id: str, endpoints: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:  # noqa: A002
    """One rule for all endpoints, or one for each where the id names them."""
    if "{endpoint}" not in id:
        yield id, endpoints
    else:
        yield from ((id.format(endpoint=name), (name,)) for name in endpoints)
