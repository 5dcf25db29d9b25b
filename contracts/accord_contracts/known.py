"""Known failures: a list of rules that a server is known to break, so that only news counts.

One rule a line; what follows `#` is a comment; `? rule` fails sometimes. A list that is not
kept tells lies, so an entry whose rule is judged and holds is stale, and counts as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Known:
    """The ids of rules that are known to be broken: always, and now and then."""

    always: frozenset[str] = frozenset()
    sometimes: frozenset[str] = frozenset()

    @classmethod
    def read(cls, text: str | Iterable[str]) -> Self:
        """Read a list: its text, or its lines."""
        lines = text.splitlines() if isinstance(text, str) else text
        entries = [line.partition("#")[0].strip() for line in lines]
        sometimes = frozenset(e.removeprefix("?").strip() for e in entries if e.startswith("?"))
        always = frozenset(entry for entry in entries if entry and not entry.startswith("?"))
        return cls(always, sometimes)

    @property
    def rules(self) -> frozenset[str]:
        """The ids of all rules on the list."""
        return self.always | self.sometimes

    def __bool__(self) -> bool:
        return bool(self.rules)

    def __contains__(self, rule: object) -> bool:
        return rule in self.rules

    def new(self, failed: Collection[str]) -> list[str]:
        """Those among the broken rules that are not on the list."""
        return sorted(rule for rule in failed if rule not in self)

    def stale(self, held: Collection[str]) -> list[str]:
        """The entries, of those that are always broken, whose rules were judged and hold."""
        return sorted(self.always & set(held))
