"""`accord check`: judge a server by the contract."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from accord_contracts.cli import (
    asked,
    choosing,
    dry_run,
    fuzz,
    planning,
    recordfile,
    telling,
    views,
)
from accord_contracts.cli.check_progress import CheckLive
from accord_contracts.cli.complaint import Complaint, complaints
from accord_contracts.cli.filled import filled
from accord_contracts.cli.fuzz_progress import FuzzLive
from accord_contracts.cli.output import INTERRUPTED
from accord_contracts.cli.planning import Planning
from accord_contracts.cli.telling import Telling
from accord_contracts.finding import Finding
from accord_contracts.fuzz.installed import NotInstalledError, require
from accord_contracts.library import EMBEDDED_KEY, embedded
from accord_contracts.preflight import TargetError
from accord_contracts.report import Report
from accord_contracts.reports import terminal
from accord_contracts.run import check as check_target
from accord_contracts.scope import Selection
from accord_contracts.target import Target

if TYPE_CHECKING:
    from accord_contracts.fuzz.run import FuzzRun


@dataclass(frozen=True, kw_only=True)
class Options(Planning, Telling):
    """What was asked for, as the options below name it."""

    dry_run: bool
    record: str | None


@click.command("check", short_help="Judge a server by the contract.")
@asked.options
@choosing.options
@planning.options
@click.option(
    "--dry-run",
    is_flag=True,
    help="Send nothing; list what would be sent, and its cost: exactly for the embedded server, "
    "an estimate for any other. With --fuzz, too.",
)
@telling.options
@click.option(
    "--record",
    type=filled,
    metavar="DIR",
    help="Write all that was sent and received to DIR/accord-check.har too, without the key. "
    "`accord judge DIR` judges it again. Ctrl-C leaves what was received by then.",
)
def command(**options: Any) -> None:
    """Judge the server at BASE_URL by the contract.

    BASE_URL is what clients are given: what comes before /models and /chat/completions, most
    often ending in /v1. Without it OPENAI_BASE_URL is read; without that too, the embedded
    reference server is started, checked, and stopped.

    \b
    Examples:
        accord check
        accord check http://127.0.0.1:8000/v1
        accord check http://127.0.0.1:8000/v1 --quick
        accord check http://127.0.0.1:8000/v1 --scope chat,stream
        accord check http://127.0.0.1:8000/v1 --only 'stream.*' --strict
        accord check http://127.0.0.1:8000/v1 --fuzz
        accord check http://127.0.0.1:8000/v1 --json report.json --html report.html
        accord check https://api.example.com/v1 --dry-run

    \b
    Exit codes:
        0  no MUST is broken
        1  a MUST is broken (--strict: or a SHOULD), or a known failure is stale
        2  usage, the target can't be reached, or the output can't be written
        3  incomplete: some rule could not be judged, with nothing worse
       70  an error of Accord itself: please report it
      130  interrupted
    """  # noqa: D301 - click reads the \b
    sys.exit(_check(Options(files=views.taken(options), **options)))


def _check(options: Options) -> int:
    selection = options.select()
    options.require_sound()
    if options.fuzz:
        with complaints(NotInstalledError):
            require()
    if options.dry_run:
        return _show_dry_run(options, selection)
    known = options.ready()
    if options.record:
        recordfile.require_writable(options.record)
    out = options.console()
    if not options.quiet:
        terminal.print_head(out, options.shown, len(selection.rules))
    with complaints(TargetError), options.reached() as target:
        report = _judged(options, selection, target, out)
        last, interrupted = report.requests, False
        if options.fuzz:
            run = _fuzzed(options, selection, report, out)
            report, interrupted = run.report, run.interrupted
    code = _publish(options, replace(report, known=known), out, last)
    return INTERRUPTED if interrupted else code


def _judged(options: Options, selection: Selection, target: Target, out: Console) -> Report:
    """What the suite finds."""
    plan = options.plan(selection)
    steps = len(plan.rules) * selection.effort.passes
    with (
        CheckLive(out, steps, shown=not options.quiet) as live,
        recordfile.on_interrupt(options.record, target, live.exchanges),
    ):
        return check_target(target, plan, observer=live)


def _fuzzed(options: Options, selection: Selection, report: Report, out: Console) -> FuzzRun:
    """What fuzzing finds beside."""
    # Only here, because they import schemathesis.
    from accord_contracts.fuzz.beside import fuzz_beside  # noqa: PLC0415
    from accord_contracts.fuzz.examples import ExampleError  # noqa: PLC0415

    with (
        complaints(ExampleError),
        FuzzLive(out, options.fuzz_requests, shown=not options.quiet) as live,
    ):
        return fuzz_beside(
            report,
            selection,
            requests=options.fuzz_requests,
            max_tokens_total=options.max_tokens_total,
            keep=options.base_url is not None and not options.dry_run,
            observer=live,
        )


def _publish(options: Options, report: Report, out: Console, last: int) -> int:
    """Show and write the report, and give the exit code. `last`: the suite's last request."""

    def alone(finding: Finding) -> str:
        if finding.exchange is not None and finding.exchange.number > last:
            return fuzz.replaying(finding, options.target)
        return f"{options.alone} --only {finding.rule.id}"

    code = options.tell(out, report, alone)
    if options.record:
        recordfile.write(options.record, report)
    return code


def _show_dry_run(options: Options, selection: Selection) -> int:
    if options.files or options.record:
        raise Complaint(
            "a dry run judges nothing", "leave out --json, --record and all that names a file"
        )
    key = options.target.api_key if options.base_url else EMBEDDED_KEY
    out = options.console()
    with complaints(TargetError), embedded(options.target, key=key) as target:
        suite = whole = check_target(target, options.plan(selection))
        if options.fuzz:
            whole = _fuzzed(options, selection, suite, out).report
    told = dry_run.DryRun(suite, whole, options.fuzz_requests if options.fuzz else 0)
    dry_run.show(out, told, options.shown if options.base_url else None, quiet=options.quiet)
    return 0
