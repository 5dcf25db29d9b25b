"""Mutation testing of the rules: `nox -s mutants`.

Every mutant is a module of rules with one small mistake in it. The fault bank, the correct server
or the tests of the rules must notice it. What nobody notices is printed, as a diff: it is a line
that could be wrong without anybody knowing. (Or a change that changes nothing: some always are.)

First the modules are judged as they are: if anybody notices those, nothing is proved.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from random import Random

from mutants import Place, places, unchanged
from processes import judge_each
from rich.console import Console
from rich.progress import track
from tally import Result, Tally

STATUS = Console(stderr=True)

ENOUGH = 0.85
"""The share of mutants that must be noticed."""


def main() -> int:
    """Make mutants, judge them, and say which were not noticed."""
    options = _options()
    sample = places(Random(options.seed), options.module)[: options.number]
    _control(sample, options.jobs)
    results: list[Result] = []
    judged = judge_each(sample, Place.mutant, options.jobs)
    for mutant, notice in track(judged, "judging mutants", total=len(sample), console=STATUS):
        if mutant is None:
            continue
        results.append((mutant, notice))
        overlooked = notice is None or notice.by.doubtful
        if options.verbose or overlooked:
            sys.stdout.write(f"{mutant.difference}\n--> {notice or 'nobody noticed'}\n\n")
            sys.stdout.flush()
    return _report(Tally(results))


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


def _control(sample: Sequence[Place], jobs: int) -> None:
    """Judge each module as it is: who notices that would notice any mutant of it."""
    modules = list({place.module: place for place in sample}.values())
    judged = judge_each(modules, unchanged, jobs)
    for same, notice in track(
        judged, "judging the rules as they are", len(modules), console=STATUS
    ):
        if same and notice:
            sys.exit(f"nothing can be proved: {same.module}.py as it is was noticed: {notice}")


def _report(tally: Tally) -> int:
    console = Console()
    console.print(tally.by_module(), tally.by_witness())
    return 0 if tally.rate >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
