"""The fault bank as other tools see it: `nox -s rivals`.

Points schemathesis, a smoke test with openai-python and `accord check` at the reference server
with one fault after the other, behind a real socket, and writes down which of them notices.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import click
from bank import sample
from outcomes import Outcomes
from page import render
from tools import TOOLS, attempt

from accord_contracts.faults.naming import matching
from accord_contracts.scope import ScopeError


def main() -> int:
    """Try what was not tried yet, and write the page. Returns the exit code."""
    options = _options()
    try:
        chosen = _chosen(options)
    except ScopeError as error:
        click.echo(error, err=True)
        return 2
    outcomes = Outcomes(options.json)
    work = [(tool, fault) for fault in (None, *chosen) for tool in options.tools]
    try:
        _try_all([each for each in work if not outcomes.has(*each)], outcomes, options.jobs)
    except KeyboardInterrupt:
        click.echo(f"interrupted; --json {options.json} goes on with it", err=True)
        return 130
    options.page.write_text(render(outcomes, seed=options.seed))
    click.echo(f"written: {options.page}", err=True)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nox -s rivals --", description=__doc__)
    parser.add_argument(
        "--tools", nargs="+", choices=TOOLS, default=list(TOOLS), help="which to try; all"
    )
    parser.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="that many faults, from each family in proportion; without it, all",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the sample (0)")
    parser.add_argument("--only", metavar="GLOB", help="these faults instead of a sample")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument(
        "--json",
        type=Path,
        default=Path("rivals.jsonl"),
        metavar="FILE",
        help="outcomes; what is in it already is not tried again (rivals.jsonl)",
    )
    parser.add_argument(
        "--page",
        type=Path,
        default=Path("docs/rivals.md"),
        metavar="FILE",
        help="the page, made of all that is in the file of outcomes (docs/rivals.md)",
    )
    return parser.parse_args()


def _chosen(options: argparse.Namespace) -> list[str]:
    found = matching(options.only) if options.only else sample(options.sample, options.seed)
    return [fault.name for fault in found]


def _try_all(work: Sequence[tuple[str, str | None]], outcomes: Outcomes, jobs: int) -> None:
    with ProcessPoolExecutor(jobs) as pool:
        waiting = [pool.submit(attempt, *each) for each in work]
        try:
            for number, done in enumerate(as_completed(waiting), 1):
                outcome = done.result()
                outcomes.add(outcome)
                reported = "; ".join(outcome.failures) or "nothing"
                what = outcome.fault or "the correct server"
                click.echo(f"{number}/{len(work)} {outcome.tool}, {what}: {reported}", err=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


if __name__ == "__main__":
    sys.exit(main())
