"""`accord selftest`: the rules judged by the fault bank."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from accord_contracts.cli import reportfile
from accord_contracts.cli.complaint import Complaint
from accord_contracts.cli.console import console
from accord_contracts.cli.progress import Live
from accord_contracts.reports.printable import counted
from accord_contracts.selftest import page, picture
from accord_contracts.selftest.matrix import Matrix, choose, try_all
from accord_contracts.selftest.pairs import Pairs, draw, try_pairs
from accord_contracts.selftest.trial import Trial

FEW = 12
"""Faults of which each is shown, killed or not."""


@click.command("selftest", short_help="Judge the rules by the fault bank.")
@click.option(
    "--fault",
    default="*",
    metavar="GLOB",
    help="Try these: a name, a family or a glob from `accord faults`.  [default: all]",
)
@click.option(
    "--rule",
    default="*",
    metavar="GLOB",
    help="Judge by these alone, and try the faults that they must catch.  [default: all]",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    show_default="one for each processor",
    help="Processes that hold trials.",
)
@click.option("--json", "json_file", metavar="FILE", help="Write the whole matrix as JSON too.")
@click.option("--markdown", metavar="FILE", help="Write it as a page, as docs/fault-bank.md is.")
@click.option("--svg", metavar="FILE", help="Draw it, as docs/fault-bank.svg is.")
@click.option(
    "--pairs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Instead, try N pairs of faults: each fault must be found beside the other.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the choice of pairs.")
def command(
    fault: str,
    rule: str,
    jobs: int,
    json_file: str | None,
    markdown: str | None,
    svg: str | None,
    pairs: int | None,
    seed: int,
) -> None:
    """Try every fault of the bank on the reference server, and judge it by every rule.

    A fault is killed when each rule that it names fails over an answer that the fault has
    changed. The server without faults must have no finding at all, and every rule must have
    killed a fault.

    \b
    Examples:
        accord selftest
        accord selftest --fault 'stream.*'
        accord selftest --rule stream.ends-with-done
        accord selftest --pairs 40 --seed 7
        accord selftest --json matrix.json --markdown page.md --svg matrix.svg

    \b
    Exit codes:
        0  every fault is killed, every rule proved, and the correct server without a finding
        1  not so
        2  usage
    """  # noqa: D301 - click reads the \b
    faults, rules = choose(fault, rule)
    if not faults:
        raise Complaint(
            "no fault is left to try", "`accord faults` and `accord rules` list what there is"
        )
    files = Files(json_file, markdown, svg)
    files.require_writable()
    out = console()
    if pairs:
        drawn = draw(faults, pairs, seed)
        with _Progress(out, len(drawn), "pairs") as progress:
            found = try_pairs(drawn, rules, jobs=jobs, done=progress.step)
        _show_pairs(out, found)
        sys.exit(0 if found.holds else 1)
    with _Progress(out, 1 + len(faults), "trials") as progress:
        matrix = try_all(faults, rules, jobs=jobs, done=progress.step)
    _show(out, matrix)
    files.write(matrix)
    sys.exit(0 if matrix.holds else 1)


@dataclass(frozen=True)
class Files:
    """The files that a matrix is written to, each if it is named."""

    json: str | None
    markdown: str | None
    svg: str | None

    def require_writable(self) -> None:
        """See that they can be written, before anything is tried.

        Raises:
            Complaint: one can't.
        """
        for name in filter(None, (self.json, self.markdown, self.svg)):
            reportfile.require_writable(name)

    def write(self, matrix: Matrix) -> None:
        """Write them."""
        if self.json:
            reportfile.write(self.json, json.dumps(matrix.to_dict(), indent=1) + "\n")
        if self.markdown:
            name = Path(self.svg).name if self.svg else None
            reportfile.write(self.markdown, page.render(matrix, picture=name))
        if self.svg:
            reportfile.write(self.svg, picture.draw(matrix))


class _Progress(Live):
    """Says how many trials are done."""

    def __init__(self, out: Console, total: int, what: str) -> None:
        super().__init__(out, total, what)
        self._total, self._what, self._done = total, what, 0

    def far(self) -> str:
        """How many trials are done."""
        return f"after {self._done} of {self._total} {self._what}"

    def step(self, trial: Trial) -> None:
        """Count a trial."""
        self._done += 1
        self.advance()
        self.show(description=" + ".join(trial.faults))


def _show(out: Console, matrix: Matrix) -> None:
    missed = matrix.missed
    for fault, trial in matrix.rows:
        if fault.name in missed:
            _line(out, "missed", "bold red", fault.name, missed[fault.name])
        elif len(matrix.faults) <= FEW:
            beside = [rule for rule in trial.fell if rule not in fault.caught_by]
            also = f"; besides {', '.join(beside)}" if beside else ""
            by = ", ".join(fault.caught_by)
            _line(out, "killed", "green", fault.name, f"by {by}{also}")
    for rule in matrix.unproved:
        _line(out, "unproved", "bold red", rule, "no fault kills this rule")
    for rule, message in matrix.correct.fell.items():
        _line(out, "false alarm", "bold red", rule, f"the correct server: {message}")
    if matrix.correct.trouble:
        _line(out, "trouble", "bold red", "the correct server", matrix.correct.trouble)
    killed = len(matrix.faults) - len(missed)
    out.print(
        Text(
            f"{counted(len(matrix.faults), 'fault')} by {counted(len(matrix.rules), 'rule')}: "
            f"{killed} killed, {len(missed)} missed; {len(matrix.unproved)} rules unproved; "
            f"{len(matrix.correct.fell)} findings on the correct server",
            "bold green" if matrix.holds else "bold red",
        )
    )


def _show_pairs(out: Console, pairs: Pairs) -> None:
    for names, why in pairs.masked.items():
        _line(out, "masked", "bold red", " + ".join(names), why)
    for names, why in pairs.hidden.items():
        _line(out, "hidden", "yellow", " + ".join(names), why)
    both = len(pairs.trials) - len(pairs.masked) - len(pairs.hidden)
    out.print(
        Text(
            f"{counted(len(pairs.trials), 'pair')}: both found in {both}, "
            f"one provably hidden in {len(pairs.hidden)}, masked in {len(pairs.masked)}",
            "bold green" if pairs.holds else "bold red",
        )
    )


def _line(out: Console, word: str, style: str, name: str, text: str) -> None:
    out.print(Text.assemble((f"{word:<12}", style), (name, "bold")))
    out.print(Padding(Text(text), (0, 0, 0, 12)))
