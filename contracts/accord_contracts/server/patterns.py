"""Texts that a regular expression matches."""

from __future__ import annotations

import importlib
import re
import string
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

# The parser of the standard library has no public name. Writing another would be the bigger
# risk: it has been there, under this or its former name, for twenty years.
_parser: Any = importlib.import_module("re._parser")

_LONGEST_REPEAT: Final = 1000
_GENEROUS: Final = 3
"""How many more than the least number of repetitions are made."""
_PRINTABLE: Final = string.ascii_letters + string.digits + " _-.,:;!?#+*/=()[]{}<>@$%&|~^'\""
_CLASSES: Final = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_WORD": string.ascii_letters + string.digits + "_",
    "CATEGORY_SPACE": " ",
}


class NoMatch(Exception):  # noqa: N818 - says what happened
    """No text can be made for a pattern: it is no pattern, or it asks for too much."""


def matching_text(pattern: str, rng: Random) -> str:
    """Make a text that the pattern matches.

    Lookaround and back references are ignored, so that the text has to be checked.

    Raises:
        NoMatch: the pattern can't be read, or nothing can match it.
    """
    try:
        parsed = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise NoMatch(str(error)) from error
    return _Writer(rng).sequence(parsed)


class _Writer:
    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._makers: dict[str, Callable[[Any], str]] = {
            "LITERAL": chr,
            "NOT_LITERAL": lambda code: self._choose(set(_PRINTABLE) - {chr(code)}),
            "ANY": lambda _: self._choose(set(string.ascii_lowercase)),
            "IN": lambda members: self._choose(self._set(members)),
            "BRANCH": lambda branch: self.sequence(self._rng.choice(branch[1])),
            "SUBPATTERN": lambda group: self.sequence(group[-1]),
            "ATOMIC_GROUP": self.sequence,
            "MAX_REPEAT": self._repeat,
            "MIN_REPEAT": self._repeat,
            "POSSESSIVE_REPEAT": self._repeat,
        }

    def sequence(self, nodes: Any) -> str:
        """The parts one after the other; those that match no text themselves are left out."""
        known = ((self._makers.get(str(kind)), what) for kind, what in nodes)
        return "".join(make(what) for make, what in known if make)

    def _repeat(self, repeat: Any) -> str:
        least, most, nodes = repeat
        if least > _LONGEST_REPEAT:
            raise NoMatch(f"{least} repetitions are too many")
        times = self._rng.randint(least, min(int(most), least + _GENEROUS))
        return "".join(self.sequence(nodes) for _ in range(times))

    def _set(self, members: Any) -> set[str]:
        negated = bool(members) and str(members[0][0]) == "NEGATE"
        chars = set().union(*(_characters(str(kind), what) for kind, what in members))
        return set(_PRINTABLE) - chars if negated else chars

    def _choose(self, chars: set[str]) -> str:
        if not chars:
            raise NoMatch("no character fits")
        return self._rng.choice(sorted(chars))


def _characters(kind: str, what: Any) -> set[str]:
    """The characters that one member of a bracket expression stands for."""
    if kind == "LITERAL":
        return {chr(what)}
    if kind == "RANGE":
        return {chr(code) for code in range(what[0], min(what[1], what[0] + 256) + 1)}
    if kind != "CATEGORY":
        return set()
    name = str(what)
    chars = set(_CLASSES.get(name.replace("NOT_", ""), ""))
    return set(_PRINTABLE) - chars if "NOT_" in name else chars
