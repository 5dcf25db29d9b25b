"""How a command tells what it found: on the terminal, in files, and by its exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TextIO

import click
from rich.console import Console

from accord_contracts.cli import knownfile, reportfile, views
from accord_contracts.cli.console import console
from accord_contracts.cli.grouped import grouped
from accord_contracts.known import Known
from accord_contracts.report import Report
from accord_contracts.reports import terminal
from accord_contracts.reports.terminal import Alone

options: Final = grouped(
    click.option("--strict", is_flag=True, help="Exit 1 for a broken SHOULD too."),
    knownfile.option,
    views.options,
    click.option("-q", "--quiet", is_flag=True, help="Print only the totals."),
    click.option("--no-color", is_flag=True, help="Print without colours (as NO_COLOR does)."),
)


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What the options above say.

    Attributes:
        files: the views to write, as `views.taken` gives them.
    """

    strict: bool
    known: TextIO | None
    files: dict[str, str]
    quiet: bool
    no_color: bool

    def ready(self) -> Known:
        """Read the known failures, and see that all files can be written, before anything runs.

        Raises:
            Complaint: there is something to put right first.
        """
        known = knownfile.read(self.known)
        views.require_writable(self.files.values())
        return known

    def console(self) -> Console:
        """Where to print; where stdout carries a report, stderr."""
        piped = reportfile.STDOUT in self.files.values()
        return console(stderr=piped, no_color=self.no_color)

    def tell(self, out: Console, report: Report, alone: Alone) -> int:
        """Show and write a report, and give the exit code.

        Args:
            out: where to print.
            report: what to tell.
            alone: the command that shows one failure again.
        """
        if self.quiet:
            terminal.print_totals(out, report, strict=self.strict)
        else:
            terminal.print_report(out, report, alone=alone, strict=self.strict)
        return self.write(report)

    def write(self, report: Report) -> int:
        """Write a report to the files that were asked for, and give the exit code."""
        views.write(self.files, report, strict=self.strict)
        return report.exit_code(strict=self.strict)
