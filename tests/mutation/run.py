"""Mutation testing of the rules: `nox -s mutants`.

Every mutant is a module of rules with one small mistake in it. The fault bank, the correct server
or the tests of the rules must notice it. What nobody notices is printed, as a diff: it is a line
that could be wrong without anybody knowing. (Or a change that changes nothing: some always are.)
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from multiprocessing import get_context
from random import Random

from judging import SLOW, UNFIT, judge
from mutants import Mutant, Place, places, unchanged
from rich.console import Console
from rich.progress import track
from rich.table import Table

Result = tuple[Mutant, str | None]
"""A mutant, and who has noticed it."""

STATUS = Console(stderr=True)

ENOUGH = 0.85
"""The share of mutants that must be noticed."""


def main() -> int:
    """Make mutants, judge them, and say which were not noticed."""
    options = _options()
    sample = places(Random(options.seed), options.module)[: options.number]
    results: list[Result] = []
    # Each in a process of its own, parted from this one: what they import stays theirs.
    with get_context("fork").Pool(options.jobs, maxtasksperchild=1) as pool:
        if witness := pool.apply(judge, [unchanged(sample[0])]):
            sys.exit(f"the rules as they are do not pass: {witness}")
        judged = pool.imap_unordered(_judge, sample)
        for mutant, witness in track(judged, "judging mutants", total=len(sample), console=STATUS):
            if mutant is None or witness == UNFIT:
                continue
            results.append((mutant, witness))
            if options.verbose or not witness:
                sys.stdout.write(f"{mutant.difference}\n--> {witness or 'nobody noticed'}\n\n")
                sys.stdout.flush()
    return _report(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--number", type=int, default=400, help="places to make a mistake at; some do not matter"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--module", default="*", help="glob of modules of rules")
    parser.add_argument("--verbose", action="store_true", help="say who noticed each mutant")
    return parser.parse_args()


def _judge(place: Place) -> tuple[Mutant | None, str | None]:
    mutant = place.mutant()
    return mutant, judge(mutant) if mutant else None


def _report(results: list[Result]) -> int:
    table = Table("module", "mutants", "noticed", title="Mutants of the rules")
    every = Counter(mutant.module for mutant, _ in results)
    noticed = Counter(mutant.module for mutant, witness in results if witness)
    for module, count in sorted(every.items()):
        table.add_row(module, str(count), f"{noticed[module] / count:.0%}")
    share = noticed.total() / max(every.total(), 1)
    table.add_row("all", str(every.total()), f"{share:.1%}", style="bold")
    Console().print(table)
    slow = sum(witness == SLOW for _, witness in results)
    sys.stdout.write(f"{slow} of those that were noticed never came to an end\n")
    return 0 if results and share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
