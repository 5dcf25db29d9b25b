"""Tally: what became of the mutants, in figures and with how sure they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

from judging import By, Notice
from mutants import Mutant
from rich.table import Table

Result = tuple[Mutant, Notice | None]
"""A mutant, and who has noticed it."""

SURE = 0.95
"""The confidence of the intervals."""


class Tally:
    """Counts of mutants, without those that can't be imported.

    Args:
        results: of all mutants that were judged.
    """

    def __init__(self, results: Sequence[Result]) -> None:
        self.results = [(m, n) for m, n in results if not (n and n.by is By.UNFIT)]
        self._unfit = len(results) - len(self.results)
        self._by = Counter(notice.by if notice else None for _, notice in self.results)

    @property
    def rate(self) -> float:
        """The share that was noticed beyond doubt: what is doubtful counts as overlooked."""
        return self._noticed(doubtful=False) / max(len(self.results), 1)

    def _noticed(self, *, doubtful: bool) -> int:
        return sum(n for by, n in self._by.items() if by and (doubtful or not by.doubtful))

    def by_module(self) -> Table:
        """How many of each module's mutants were noticed beyond doubt."""
        table = Table("module", "mutants", "noticed", title="Mutants of the rules")
        every = Counter(mutant.module for mutant, _ in self.results)
        noticed = Counter(m.module for m, n in self.results if n and not n.by.doubtful)
        for module, count in sorted(every.items()):
            table.add_row(module, str(count), f"{noticed[module] / count:.0%}")
        return table

    def by_witness(self) -> Table:
        """Who has noticed how many, and what share that makes."""
        table = Table("noticed by", "mutants", title="Who notices")
        for by in By:
            if by is not By.UNFIT:
                table.add_row(by, str(self._by[by]))
        table.add_row("nobody", str(self._by[None]), end_section=True)
        table.add_row("all", f"{len(self.results)} (and {self._unfit} that {By.UNFIT})")
        table.add_row("noticed", self._share(doubtful=False), style="bold")
        table.add_row("with what is doubtful", self._share(doubtful=True))
        return table

    def _share(self, *, doubtful: bool) -> str:
        count, all_ = self._noticed(doubtful=doubtful), max(len(self.results), 1)
        low, high = interval(count, all_)
        return f"{count / all_:.1%} ({SURE:.0%} interval: {low:.1%} to {high:.1%})"


def interval(count: int, number: int) -> tuple[float, float]:
    """Give Wilson's interval for a share: where it likely is for all places, not the sample."""
    z = NormalDist().inv_cdf((1 + SURE) / 2)
    share, spread = count / number, z * z / number
    middle = share + spread / 2
    half = z * sqrt(share * (1 - share) / number + spread / (4 * number))
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)
