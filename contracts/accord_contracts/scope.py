"""Scope: which rules a run judges, chosen by name, endpoint, feature and level.

Every front end chooses with `select`, so that the same words mean the same rules everywhere.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from accord_contracts.effort import Effort
from accord_contracts.rule import Level, Named, Rule, Scenario
from accord_contracts.run import ENDPOINTS


class ScopeError(ValueError):
    """A pattern or a scope word that names nothing.

    Attributes:
        hint: what may have been meant; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Selection:
    """What is in scope: the rules, in their order, and the endpoints that may be sent to."""

    rules: tuple[Rule, ...]
    endpoints: frozenset[str]
    effort: Effort = Effort.DEFAULT


def select(
    rules: Sequence[Rule],
    *,
    only: str | Iterable[str] = (),
    skip: str | Iterable[str] = (),
    scope: str = "",
    level: Level | str = Level.MAY,
    effort: Effort | str = Effort.DEFAULT,
) -> Selection:
    """Choose among rules. What each argument leaves out stays out.

    Args:
        rules: to choose among.
        only: globs over ids (`*usage*`), or families (`stream`): one, some separated by commas,
            or several of either; empty means all.
        skip: the same, for what is left out.
        scope: words separated by commas: endpoints and features that the server offers. Named
            endpoints limit the endpoints (the list of models is always asked for), and named
            features limit the features: a rule stays if it needs no other. `-word` takes one
            away. `chat,-tools` is chat with everything but tools.
        level: judge this level and those above: `MUST`, `SHOULD` or `MAY`, in any case.
        effort: judge the rules that this level of effort includes: `quick`, `default` or
            `thorough`.

    Raises:
        ScopeError: a pattern or a word names nothing or is empty, `level` or `effort` is none,
            or nothing is left.
    """
    only, skip = _patterns(only), _patterns(skip)
    for pattern in (*only, *skip):
        _require_match(pattern, rules)
    endpoints, features = read_scope(scope, rules)
    levels = list(Level)[: list(Level).index(read_level(level)) + 1]
    effort = read_effort(effort)
    chosen = tuple(
        rule
        for rule in rules
        if (not only or any(rule.matches(pattern) for pattern in only))
        and not any(rule.matches(pattern) for pattern in skip)
        and rule.level in levels
        and effort.includes(rule.effort)
        and rule.features <= features
        and _speaks_about(rule, endpoints)
    )
    if not chosen:
        raise ScopeError(
            "no rule is left to judge by",
            "widen --only, --skip, --scope or --level; leave out --quick, or add --thorough",
        )
    return Selection(chosen, endpoints, effort)


def _patterns(given: str | Iterable[str]) -> tuple[str, ...]:
    """Take patterns apart at their commas, which no rule's name holds."""
    texts = [given] if isinstance(given, str) else given
    patterns = tuple(part.strip() for text in texts for part in text.split(","))
    if "" in patterns:
        raise ScopeError("a pattern is empty", "an unset variable, or a comma too many?")
    return patterns


def read_level(level: Level | str) -> Level:
    """Read a level, written in any case.

    Raises:
        ScopeError: it is none.
    """
    try:
        return Level(level.upper())
    except (AttributeError, ValueError):
        names = ", ".join(Level)
        raise ScopeError(f"{level!r} is no level", f"the levels are {names}") from None


def read_effort(effort: Effort | str) -> Effort:
    """Read a level of effort, written in any case.

    Raises:
        ScopeError: it is none.
    """
    try:
        return Effort(effort.lower())
    except (AttributeError, ValueError):
        names = ", ".join(Effort)
        raise ScopeError(f"{effort!r} is no level of effort", f"they are {names}") from None


def read_scope(scope: str, rules: Sequence[Rule]) -> tuple[frozenset[str], frozenset[str]]:
    """Read scope words: the endpoints and the features that they leave. See `select`.

    Raises:
        ScopeError: a word is neither an endpoint nor a feature.
    """
    every_feature = frozenset(feature for rule in rules for feature in rule.features)
    words = [word.strip() for word in scope.split(",") if word.strip()]
    for word in words:
        _require_word(word.removeprefix("-"), sorted(ENDPOINTS), sorted(every_feature))
    named = {word for word in words if not word.startswith("-")}
    removed = {word[1:] for word in words if word.startswith("-")}
    endpoints = ((ENDPOINTS & named) or ENDPOINTS) - removed
    features = ((every_feature & named) or every_feature) - removed
    return endpoints, features


def _speaks_about(rule: Rule, endpoints: frozenset[str]) -> bool:
    """Whether a rule can be judged on these endpoints alone.

    An invariant is judged on whatever is sent; a scenario sends to all of its endpoints, and
    of those only `models` is harmless where it is out of scope: every run asks for the list.
    """
    if not rule.endpoints & endpoints:
        return not rule.endpoints
    return not isinstance(rule, Scenario) or rule.endpoints <= endpoints | {"models"}


AnyRule = TypeVar("AnyRule", bound=Named)


def matching(pattern: str, rules: Sequence[AnyRule]) -> list[AnyRule]:
    """The rules, of servers or of clients, that a glob or a family names.

    Raises:
        ScopeError: it names none; the hint has near names.
    """
    _require_match(pattern, rules)
    return [rule for rule in rules if rule.matches(pattern)]


def require_ids(ids: Iterable[str], rules: Sequence[Rule]) -> None:
    """See that each is the id of a rule, and no pattern.

    Raises:
        ScopeError: one is none; the hint has near names.
    """
    known = [rule.id for rule in rules]
    for name in ids:
        if name not in known:
            raise ScopeError(
                f"no rule is called {name!r}, and patterns are not taken here",
                near(name, known) or "`accord rules` lists all of them",
            )


def _require_match(pattern: str, rules: Sequence[Named]) -> None:
    if any(rule.matches(pattern) for rule in rules):
        return
    families = sorted({rule.family for rule in rules})
    raise ScopeError(
        f"no rule is called {pattern!r}",
        near(pattern, [rule.id for rule in rules], families) or "`accord rules` lists all of them",
    )


def _require_word(word: str, endpoints: list[str], features: list[str]) -> None:
    if word not in {*endpoints, *features}:
        raise ScopeError(
            f"{word!r} is neither an endpoint nor a feature",
            near(word, endpoints, features)
            or f"endpoints: {', '.join(endpoints)}; features: {', '.join(features)}",
        )


def near(word: str, *groups: Iterable[str]) -> str:
    """A hint at names that look like `word`, such as `did you mean a, b?`; "" without any.

    A name looks like a word also where only the part after its dot does.
    """
    names = {name: name for group in groups for name in group}
    parts = {name.partition(".")[2]: name for name in names if "." in name}
    word = word.strip("*").lower()
    close = difflib.get_close_matches(word, [*names, *parts], n=4, cutoff=0.6)
    inside = [name for name in names if len(word) > 2 and word in name][:4]
    found = dict.fromkeys([parts.get(name, name) for name in close] + inside)
    return f"did you mean {', '.join(list(found)[:4])}?" if found else ""
