"""Which files a command writes besides what it prints: each is a view of the report."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final

import click

from accord_contracts.cli import reportfile
from accord_contracts.cli.complaint import Complaint
from accord_contracts.cli.grouped import grouped
from accord_contracts.report import Report

VIEWS: Final = {
    "json_file": (
        "--json",
        "document",
        (
            "Write the report as JSON too; '-' writes it to stdout, and all else to stderr. "
            "`accord schema` prints its JSON Schema."
        ),
    ),
    "junit_file": ("--junit", "junit", "The same as JUnit XML, for CI systems."),
    "html_file": ("--html", "html", "The same as one HTML file, with all the evidence."),
    "markdown_file": (
        "--markdown",
        "markdown",
        'The same as Markdown: --markdown "$GITHUB_STEP_SUMMARY" shows it on GitHub.',
    ),
    "badge_file": (
        "--badge",
        "badge",
        "A badge: SVG, or, for FILE.json, what the endpoint badge of shields.io reads.",
    ),
}
"""The parameter of each, its option, its module in `reports`, and its help."""


options: Final = grouped(
    *(
        click.option(option, parameter, metavar="FILE", help=text)
        for parameter, (option, _, text) in VIEWS.items()
    )
)
"""Gives a command an option for each view."""


def taken(given: dict[str, Any]) -> dict[str, str]:
    """Take the options above out of all that were given: the file names, by parameter."""
    named = {parameter: given.pop(parameter) for parameter in VIEWS}
    return {parameter: name for parameter, name in named.items() if name}


def require_writable(names: Iterable[str]) -> None:
    """See that all files can be written, before anything is run for them.

    Raises:
        Complaint: one can't, or two of them are stdout.
    """
    names = list(names)
    if names.count(reportfile.STDOUT) > 1:
        raise Complaint("stdout has room for one report", "give the others a file's name")
    for name in names:
        reportfile.require_writable(name)


def write(chosen: dict[str, str], report: Report, *, strict: bool) -> None:
    """Write what was asked for.

    Args:
        chosen: file names by parameter, as in `VIEWS`.
        report: what to write.
        strict: whether a broken SHOULD counts for the exit code.
    """
    for parameter, name in chosen.items():
        # Only what is asked for is imported: templates and XML take their time.
        view = import_module(f"accord_contracts.reports.{VIEWS[parameter][1]}")
        endpoint = parameter == "badge_file" and name.endswith(".json")
        render = view.render_endpoint if endpoint else view.render
        reportfile.write(name, render(report, strict=strict))
