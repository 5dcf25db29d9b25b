"""Mutants: what a module of rules would be with one small mistake in it.

The mistakes are cosmic-ray's, all but those of `LEFT_OUT`. Numbers in requests are among them: a
cap of 2 in place of 3. No rule need fall for that; a table in the tests says what is asked for.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from cosmic_ray import plugins
from cosmic_ray.ast import get_ast
from cosmic_ray.mutating import MutationVisitor

RULES = Path(__file__).parents[2] / "contracts/accord_contracts/rules"

LEFT_OUT = (
    "RemoveDecorator",  # the rule is gone, and any test of what rules there are says so
    "Variable",  # needs to be told which variables
    "_Is",  # `==` and `is` differ by chance for small values
)


@dataclass(frozen=True)
class Mutant:
    """One module with one change.

    Attributes:
        module: the module's name in `accord_contracts.rules`.
        operator: cosmic-ray's name for the kind of mistake.
        occurrence: which of the places where that mistake can be made, from 0.
        source: the whole module, changed.
    """

    module: str
    operator: str
    occurrence: int
    source: str

    @property
    def path(self) -> Path:
        """The file that holds the module as it is."""
        return RULES / f"{self.module}.py"

    @property
    def difference(self) -> str:
        """What was changed: the lines of a unified diff."""
        before, after = self.path.read_text().splitlines(), self.source.splitlines()
        lines = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
        return "\n".join([f"{self.module}.py: {self.operator}", *lines])


@dataclass(frozen=True)
class Place:
    """Where a mistake can be made: see `Mutant`."""

    module: str
    operator: str
    occurrence: int

    def mutant(self) -> Mutant | None:
        """Make the mistake; None where the module stays the same when it is run."""
        source = (RULES / f"{self.module}.py").read_text()
        operator = plugins.get_operator(self.operator)()
        changed = MutationVisitor.mutate_code(source, operator, self.occurrence)
        if changed is None or _meaning(changed) in {_meaning(source), None}:
            return None
        return Mutant(self.module, self.operator.removeprefix("core/"), self.occurrence, changed)


def places(random: Random, pattern: str = "*") -> list[Place]:
    """Give the places in the modules that a glob names, shuffled."""
    names = sorted(path.stem for path in RULES.glob(f"{pattern}.py") if path.stem != "__init__")
    found = [place for name in names for place in _places(name)]
    random.shuffle(found)
    return found


def unchanged(place: Place) -> Mutant:
    """Give the module as it is, which nobody may take notice of."""
    source = (RULES / f"{place.module}.py").read_text()
    return Mutant(place.module, place.operator, place.occurrence, source)


def _places(module: str) -> Iterator[Place]:
    tree = get_ast((RULES / f"{module}.py").read_text())
    counts: dict[str, int] = {}
    for name in sorted(plugins.operator_names()):
        if not any(left_out in name for left_out in LEFT_OUT):
            # `Add_Sub` and `Add_Mul` have the same places: those of `Add`.
            before = name.rpartition("_")[0] if "BinaryOperator_" in name else name
            if before not in counts:
                counts[before] = _count(name, tree)
            yield from (Place(module, name, number) for number in range(counts[before]))


def _count(operator: str, tree: Any) -> int:
    counting = MutationVisitor(-1, plugins.get_operator(operator)())  # changes nothing
    counting.walk(tree)
    count: int = counting._count
    return count


def _meaning(source: str) -> str | None:
    """Give what a module does: its syntax without annotations, which are never run.

    None where it is no Python: some operators can't be exchanged everywhere.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        for kind in ("annotation", "returns"):
            if hasattr(node, kind):
                setattr(node, kind, None)
    return ast.dump(tree)
