"""Wrongs: tables of requests that are wrong in one place each, and the rules made of them.

A `Wrong` is one obligation to refuse: a few values that a parameter must not have, and the
control, a near-identical request without the fault. A refusal counts only where the control is
answered. Each endpoint of a `Wrong` gets a rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from accord_contracts.ask import Ask
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import SHOULD, AsyncProblems, Level, scenario
from accord_contracts.rules.refusing import Case, refuse
from accord_contracts.views import show

UNKNOWN: Final = "no server that is known."
"""What `Seen` says where nobody has reported a server yet."""

SCHEMA: Final = "the OpenAPI description of OpenAI, "
"""What `Sources` begins with where the schema alone is the source."""


@dataclass(frozen=True)
class Wrong:
    """One way to be wrong: what is asked, and how the rule about it is documented.

    Attributes:
        name: the rule's, after `refusals.{endpoint}-`.
        obligation: one sentence.
        why: which client suffers, and how.
        spec: a JSON pointer into the spec.
        cases: what each wrong request has in place of what the control has.
        control: what the request has that must be answered, beside the baseline.
        fault: what a server does that takes the cases, as one sentence.
        param: the parameter that a refusal should name; "" where there is not one alone.
        first_byte: whether answers are left at their first byte, because they might not end.
        shared: whether other rules ask for the control too, and so it is not cut at one token.
    """

    name: str
    obligation: str
    why: str
    spec: str
    cases: tuple[dict[str, Any], ...]
    fault: str
    control: dict[str, Any] = field(default_factory=dict)
    level: Level = SHOULD
    endpoints: tuple[str, ...] = GENERATING
    features: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    seen: str = UNKNOWN
    sources: str = ""
    param: str = ""
    first_byte: bool = False
    shared: bool = False

    @property
    def id(self) -> str:
        """The rule's id, with `{endpoint}` in it."""
        return f"refusals.{{endpoint}}-{self.name}"

    @property
    def requests(self) -> list[Case]:
        """The wrong requests."""
        return [
            Case(
                _described(case),
                {**self.control, **case},
                one_token=not self.first_byte,
                first_byte=self.first_byte,
            )
            for case in self.cases
        ]

    @property
    def valid(self) -> Case:
        """The control, as short as the wrong requests unless it costs nothing: the baseline."""
        brief = bool(self.control) and not (self.shared or self.first_byte)
        return Case("nothing", self.control, one_token=brief)

    @property
    def docstring(self) -> str:
        """The documentation of the rule, as a function would have it."""
        sources = self.sources or f"{SCHEMA}{_names(self.cases)}."
        violation = f"`HTTP 200` to `{_excerpt(self.cases[0])}`"
        parts = (f"Why: {self.why}", f"Seen: {self.seen}", f"Sources: {sources}")
        return "\n\n".join((self.obligation, *parts, f"Violation: {violation}"))


def _described(case: dict[str, Any]) -> str:
    """A case in words, for messages: `"high" as top_p`."""
    return ", and ".join(f"{show(value)} as {name}" for name, value in case.items())


def _names(cases: Iterable[dict[str, Any]]) -> str:
    """The parameters of some cases, as sources cite them."""
    return ", ".join(f"`{name}`" for name in dict.fromkeys(name for case in cases for name in case))


def _excerpt(case: dict[str, Any]) -> str:
    """A wrong body, shortened to what is wrong."""
    given = [f'"{name}": {show(value)}' for name, value in case.items()]
    return "{" + ", ".join([*given, "…"]) + "}"


WRONGS: Final[list[Wrong]] = []
"""All that were registered, in order: who wants to send every wrong request finds them here."""


def register(wrongs: Iterable[Wrong]) -> None:
    """Make rules of a table."""
    for wrong in wrongs:
        WRONGS.append(wrong)
        _make_rules(wrong)


def _make_rules(wrong: Wrong) -> None:
    async def check(ask: Ask) -> AsyncProblems:
        async for problem in refuse(ask, wrong.requests, wrong.valid):
            yield problem

    check.__doc__ = wrong.docstring
    scenario(
        wrong.id,
        wrong.level,
        endpoints=wrong.endpoints,
        spec=wrong.spec,
        covers=wrong.covers,
        features=wrong.features,
    )(check)


def wrongs_of(endpoint: str) -> Iterator[Wrong]:
    """Those of one endpoint, in the order of their registration."""
    return (wrong for wrong in WRONGS if endpoint in wrong.endpoints)
