"""`accord fuzz`: judge a server by requests that nobody thought of."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from accord_contracts.cli import asked, telling, views
from accord_contracts.cli.asked import Asked
from accord_contracts.cli.complaint import complaints
from accord_contracts.cli.filled import filled
from accord_contracts.cli.fuzz_progress import FuzzLive
from accord_contracts.cli.output import INTERRUPTED
from accord_contracts.cli.seconds import Seconds
from accord_contracts.cli.telling import Telling
from accord_contracts.finding import Finding
from accord_contracts.fuzz.installed import NotInstalledError, require
from accord_contracts.preflight import TargetError
from accord_contracts.report import EXIT_BROKEN, EXIT_CONFORMS
from accord_contracts.reports import terminal
from accord_contracts.reports.printable import counted, printable
from accord_contracts.target import Target

if TYPE_CHECKING:
    from accord_contracts.fuzz.run import FuzzPlan, FuzzRun


@dataclass(frozen=True, kw_only=True)
class Options(Asked, Telling):
    """What was asked for, as the options below name it."""

    max_requests: int
    max_tokens_total: int | None
    seconds: float | None
    seed: int
    database: str | None
    replay: str | None
    exit_first: bool

    @property
    def plan(self) -> FuzzPlan:
        """What the run may cost, and what it starts from."""
        # Only here, because it imports schemathesis.
        from accord_contracts.fuzz.run import FuzzPlan  # noqa: PLC0415

        return FuzzPlan(
            max_requests=self.max_requests,
            max_tokens_total=self.max_tokens_total,
            seconds=self.seconds,
            seed=self.seed,
            # The embedded server is gone after the run, and its port is another one each time.
            database=self.database if self.base_url or self.database else "none",
            first=self.exit_first,
        )

    def alone(self, finding: Finding) -> str:
        """The command that sends a finding's request again."""
        return replaying(finding, self.target, self.database)


def replaying(finding: Finding, target: Target, database: str | None = None) -> str:
    """The command that sends again what fuzzing found.

    Args:
        finding: what it found.
        target: as it was asked for.
        database: where its request is kept; None for the folder in the cache.
    """
    from accord_contracts.fuzz.run import example_of  # noqa: PLC0415 - imports schemathesis

    words = ["accord", "fuzz", *([target.shown_url] if target.base_url else [])]
    words += ["--model", target.model] if target.model else []
    words += ["--database", database] if database else []
    words += ["--replay", example_of(finding).id]
    return shlex.join(printable(word) for word in words)


@click.command("fuzz", short_help="Judge a server by requests that nobody thought of.")
@asked.options
@click.option(
    "--max-requests",
    type=click.IntRange(min=20),
    default=1000,
    show_default=True,
    help="How many requests to send, those included that make a failure's request small.",
)
@click.option(
    "--max-tokens-total",
    type=click.IntRange(min=1),
    metavar="TOKENS",
    help="What the run may spend. Every valid request has a cap of 16 tokens or less, "
    "of 64 where a tool has to be called.",
)
@click.option(
    "--time",
    "seconds",
    type=Seconds(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop sending after so long; what was found by then is reported.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="The same seed sends the same requests (with the same examples in the database).",
)
@click.option(
    "--database",
    type=filled,
    metavar="PATH",
    help="The folder where requests that broke a rule are kept, to be tried first the next time; "
    "'none' keeps none.  [default: a folder in your cache]",
)
@click.option(
    "--replay",
    type=filled,
    metavar="FINDING",
    help="Only send this finding's request again, and say whether it still fails: an id that a "
    "report shows, or a file of the database.",
)
@click.option(
    "-x", "--exit-first", is_flag=True, help="Stop at the first failure; its request stays large."
)
@telling.options
def command(**options: Any) -> None:
    """Judge the server at BASE_URL by requests that are made from the contract at random.

    They are valid, invalid, and at the boundary of both; half of the valid ones ask for streams.
    Every answer is judged by all rules that need to see only one exchange, and by what the
    contract itself says of it. Of each cause one failure is reported, with a request that was
    made as small as it can be. Without BASE_URL, OPENAI_BASE_URL is read; without that too, the
    embedded reference server is fuzzed.

    \b
    Examples:
        accord fuzz http://127.0.0.1:8000/v1
        accord fuzz http://127.0.0.1:8000/v1 --max-requests 10000 --seed 7
        accord fuzz http://127.0.0.1:8000/v1 --time 60 --max-tokens-total 50000
        accord fuzz http://127.0.0.1:8000/v1 --replay 3f9ab0c41d
        accord fuzz http://127.0.0.1:8000/v1 --html report.html --known known.txt

    \b
    Exit codes:
        0  no MUST is broken; --replay: the request fails no more
        1  a MUST is broken (--strict: or a SHOULD), or a known failure is stale; --replay: the
           request still fails
        2  usage, the target can't be reached, or the output can't be written
        3  nothing could be judged
       70  an error of Accord itself: please report it
      130  interrupted; what was found by then is reported
    """  # noqa: D301 - click reads the \b
    with complaints(NotInstalledError):
        require()
    sys.exit(_fuzz(Options(files=views.taken(options), **options)))


def _fuzz(options: Options) -> int:
    from accord_contracts.fuzz.examples import ExampleError  # noqa: PLC0415 - not before `require`

    options.require_sound()
    known = options.ready()
    out = options.console()
    with complaints(TargetError, ExampleError), options.reached() as target:
        if options.replay is not None:
            return _replay(options, target, out)
        run = _run(options, target, out)
        return _publish(options, replace(run, report=replace(run.report, known=known)), out)


def _run(options: Options, target: Target, out: Console) -> FuzzRun:
    from accord_contracts.fuzz.judging import RULES  # noqa: PLC0415 - imports schemathesis
    from accord_contracts.fuzz.run import fuzz  # noqa: PLC0415

    if not options.quiet:
        terminal.print_head(out, options.shown, len(RULES))
    with FuzzLive(out, options.max_requests, shown=not options.quiet) as live:
        return fuzz(target, options.plan, observer=live)


def _publish(options: Options, run: FuzzRun, out: Console) -> int:
    code = options.tell(out, run.report, options.alone)
    for example in run.resolved:
        out.print(Text(f"fixed since the last run: {example.rule} ({example.id})", "green"))
    if run.interrupted:
        click.echo(
            f"accord: interrupted after {counted(run.report.requests, 'request')}; "
            "this is what was found by then",
            err=True,
        )
        return INTERRUPTED
    return code


def _replay(options: Options, target: Target, out: Console) -> int:
    from accord_contracts.fuzz.run import replay  # noqa: PLC0415 - imports schemathesis

    report = replay(target, options.plan, str(options.replay)).report
    if not options.quiet:
        for failure in report.failures:
            terminal.print_failure(out, failure, report, alone=options.alone)
            out.print()
    options.write(report)
    still = bool(report.failures)
    out.print(Text("it still fails" if still else "it fails no more", "bold red" if still else ""))
    return EXIT_BROKEN if still else EXIT_CONFORMS
