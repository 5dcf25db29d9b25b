"""Traceability: each obligation that is known, and the rules that answer for it, or why none does.

Obligations stand in `traceability.json`, in two kinds: divergences seen in the field (`STR-003`),
which rules name in `covers=`; and what follows from the API's description (`facts.chat.n`), which
name their rules by globs. Which rules those are, and how many, is worked out and written by

    python -m accord_contracts.traceability
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, Self

from accord_contracts.rule import Rule

PATH: Final = Path(__file__).with_name("traceability.json")


@dataclass(frozen=True)
class Obligation:
    """What a server must do, in one sentence.

    Attributes:
        id: of a divergence, or of a fact.
        says: the sentence.
        sources: URLs.
        match: globs over the ids of rules; empty for what rules name in `covers=`.
        excluded: why no rule answers for it; "" where some do.
        rules: the ids of those that answer for it.
    """

    id: str
    says: str
    sources: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    excluded: str = ""
    rules: tuple[str, ...] = ()

    @classmethod
    def read(cls, entry: dict[str, Any]) -> Self:
        """Take an entry of the file."""
        lists = {name: tuple(entry.get(name, ())) for name in ("sources", "match", "rules")}
        return cls(entry["id"], entry["says"], excluded=entry.get("excluded", ""), **lists)

    def answered_by(self, rule: Rule) -> bool:
        """Whether a rule answers for it."""
        return self.id in rule.covers or any(fnmatchcase(rule.id, one) for one in self.match)

    def bound(self, rules: Sequence[Rule]) -> Obligation:
        """The same, with the ids of the rules among these that answer for it."""
        found = tuple(rule.id for rule in rules if self.answered_by(rule))
        return Obligation(self.id, self.says, self.sources, self.match, self.excluded, found)


def load() -> list[Obligation]:
    """All obligations, as the file has them."""
    entries = json.loads(PATH.read_text("utf-8"))["obligations"]
    return [Obligation.read(entry) for entry in entries]


def counts(obligations: Sequence[Obligation], rules: Sequence[Rule]) -> dict[str, int]:
    """How many there are of everything."""
    kinds = Counter("excluded" if one.excluded else "with rules" for one in obligations)
    seen = sum(1 for one in obligations if one.id[0].isupper())
    return {
        "rules": len(rules),
        "obligations": len(obligations),
        "seen broken in the field": seen,
        "from the description of the API": len(obligations) - seen,
        "with rules": kinds["with rules"],
        "excluded with a reason": kinds["excluded"],
    }


def written(obligations: Sequence[Obligation], rules: Sequence[Rule]) -> str:
    """The file, with rules and counts worked out anew."""
    bound = [one.bound(rules) for one in obligations]
    entries = [{name: value for name, value in asdict(one).items() if value} for one in bound]
    whole = {"counts": counts(bound, rules), "obligations": entries}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file anew."""
    from accord_contracts.rules import ALL  # noqa: PLC0415 - readers of the file need no rules

    PATH.write_text(written(load(), ALL), "utf-8")


if __name__ == "__main__":
    main()
