"""`accord judge`: judge recorded traffic."""

from __future__ import annotations

import shlex
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from accord_contracts.cli import choosing, telling, views
from accord_contracts.cli.choosing import Choosing
from accord_contracts.cli.complaint import complaints
from accord_contracts.cli.filled import filled
from accord_contracts.cli.telling import Telling
from accord_contracts.har import LeftOut
from accord_contracts.judging import judge
from accord_contracts.preflight import TargetError, check_url
from accord_contracts.recordings import Recording, RecordingError, load
from accord_contracts.report import Report
from accord_contracts.reports import terminal
from accord_contracts.reports.printable import counted, printable
from accord_contracts.scope import ScopeError

NAMED: Final = 3
"""How many of the entries that were left out for one reason are named."""


@dataclass(frozen=True, kw_only=True)
class Options(Choosing, Telling):
    """What was asked for, as the options below name it."""

    recordings: tuple[str, ...]
    base_url: str | None

    def load(self) -> Recording:
        """Read the files.

        Raises:
            Complaint: one can't be read, or the base URL is none.
        """
        with complaints(RecordingError, TargetError):
            return load(self.recordings, check_url(self.base_url) if self.base_url else "")

    def judge(self, recording: Recording) -> Report:
        """Judge what was recorded.

        Raises:
            Complaint: an option names nothing.
        """
        with complaints(ScopeError):
            return judge(
                *recording.exchanges,
                base_url=recording.base_url,
                only=self.only,
                skip=self.skip,
                level=self.level,
            )

    @property
    def alone(self) -> str:
        """The command that judges the same again, without what chooses rules."""
        words = ["accord", "judge", *self.recordings]
        words += ["--base-url", self.base_url] if self.base_url else []
        return shlex.join(printable(word) for word in words)


@click.command("judge", short_help="Judge recorded traffic, without a network.")
@click.argument("recordings", nargs=-1, required=True, metavar="FILE...", type=filled)
@click.option(
    "--base-url",
    type=filled,
    metavar="URL",
    help="Judge what went to this server: what comes before /chat/completions. Needed where the "
    "files hold traffic with several.",
)
@choosing.options
@telling.options
def command(**options: Any) -> None:
    """Judge the traffic in each FILE by all rules that need to see only one exchange at a time.

    FILE is a HAR file, as browsers (save all as HAR), mitmproxy and Charles write it, or as
    `accord check --record` does; or a folder of such files. What is not a request to one of the
    four endpoints is left out, and the report says so. Nothing is sent, and no key, cookie or
    other header that is a secret is in any output.

    \b
    Examples:
        accord judge session.har
        accord judge session.har --base-url https://api.example.com/v1
        accord judge session.har --html report.html
        accord check http://127.0.0.1:8000/v1 --record runs && accord judge runs

    \b
    Exit codes:
        0  no MUST is broken
        1  a MUST is broken (--strict: or a SHOULD), or a known failure is stale
        2  usage, a file can't be read, or the output can't be written
        3  there was nothing that could be judged
    """  # noqa: D301 - click reads the \b
    sys.exit(_judge(Options(files=views.taken(options), **options)))


def _judge(options: Options) -> int:
    known = options.ready()
    recording = options.load()
    report = replace(options.judge(recording), known=known)
    _print(options.console(), options, recording, report)
    return options.write(report)


def _print(out: Console, options: Options, recording: Recording, report: Report) -> None:
    if options.quiet:
        terminal.print_totals(out, report, strict=options.strict)
        return
    _print_head(out, recording, report)
    if recording.exchanges:
        terminal.print_findings(out, report, alone=options.alone, strict=options.strict)
    else:  # that each rule saw nothing needs no list
        terminal.print_totals(out, report, strict=options.strict)


def _print_head(out: Console, recording: Recording, report: Report) -> None:
    """Say what is judged, and what was left out."""
    terminal.print_head(out, recording.base_url or "none", len(report.findings))
    found = counted(len(recording.exchanges), "exchange")
    out.print(Text(f"Judged     {found}"))
    for reason, entries in _reasons(recording.left_out).items():
        out.print(Text(f"Left out   {printable(_told(reason, entries))}"), soft_wrap=True)


def _reasons(left_out: tuple[LeftOut, ...]) -> dict[str, list[str]]:
    """The entries that were left out, by the reason."""
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for entry in left_out:
        reasons[entry.reason].append(entry.request)
    return reasons


def _told(reason: str, entries: list[str]) -> str:
    """One reason, with the first entries: `2 because …: GET https://…, …`."""
    named = ", ".join(list(dict.fromkeys(entries))[:NAMED])
    return f"{len(entries)} because {reason}: {named}{', …' if len(entries) > NAMED else ''}"
