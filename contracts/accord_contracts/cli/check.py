"""`accord check`: judge a server by the contract."""

from __future__ import annotations

import shlex
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, TextIO

import click
from rich.console import Console

from accord_contracts import rules
from accord_contracts.cli import dry_run, fuzz, knownfile, recordfile, reportfile, views
from accord_contracts.cli.complaint import Complaint, complaints
from accord_contracts.cli.console import console
from accord_contracts.cli.filled import filled
from accord_contracts.cli.fuzz_progress import FuzzLive
from accord_contracts.cli.output import INTERRUPTED
from accord_contracts.cli.progress import Live
from accord_contracts.cli.seconds import Seconds
from accord_contracts.effort import Effort
from accord_contracts.finding import Finding
from accord_contracts.fuzz import obligations
from accord_contracts.fuzz.obligations import FuzzRule
from accord_contracts.library import EMBEDDED_KEY, embedded
from accord_contracts.preflight import TargetError, check_key, check_url
from accord_contracts.report import Report
from accord_contracts.reports import terminal
from accord_contracts.reports.printable import printable
from accord_contracts.rule import Level, Rule
from accord_contracts.run import Plan
from accord_contracts.run import check as check_target
from accord_contracts.scope import ScopeError, Selection, select
from accord_contracts.target import Target


@dataclass(frozen=True)
class Options:
    """What was asked for, as the options below name it."""

    base_url: str | None
    model: str | None
    api_key: str | None
    only: tuple[str, ...]
    skip: tuple[str, ...]
    scope: str | None
    level: str
    quick: bool
    thorough: bool
    strict: bool
    seed: int
    concurrency: int
    timeout: float
    max_tokens_total: int | None
    repeat: int
    prompt: str | None
    fuzz: bool
    fuzz_requests: int
    dry_run: bool
    known: TextIO | None
    files: dict[str, str]
    record: str | None
    quiet: bool
    no_color: bool

    def select(self) -> Selection:
        """Choose the rules.

        Raises:
            Complaint: an option names nothing.
        """
        with complaints(ScopeError):
            return select(
                self.rules,
                only=self.only,
                skip=self.skip,
                scope=self.scope or "",
                level=Level(self.level),
                effort=self.effort,
            )

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What can be chosen among."""
        return (*rules.ALL, *obligations.ALL) if self.fuzz else rules.ALL

    @property
    def effort(self) -> Effort:
        """How much may be asked for.

        Raises:
            Complaint: both too little and too much.
        """
        if self.quick and self.thorough:
            raise Complaint("--quick and --thorough exclude each other", "leave one out")
        if self.thorough:
            return Effort.THOROUGH
        return Effort.QUICK if self.quick else Effort.DEFAULT

    def plan(self, selection: Selection) -> Plan:
        """How to judge by the chosen rules."""
        return Plan(
            tuple(rule for rule in selection.rules if not isinstance(rule, FuzzRule)),
            endpoints=selection.endpoints,
            seed=self.seed,
            concurrency=self.concurrency,
            budget=self.max_tokens_total,
            effort=selection.effort,
            repeat=self.repeat,
        )

    @property
    def target(self) -> Target:
        """Whom to judge; without a base URL where it is the embedded server."""
        target = Target(
            self.base_url or "",
            api_key=self.api_key or None,
            model=self.model or "",
            timeout=self.timeout,
        )
        return target if self.prompt is None else target.having(prompt=self.prompt)

    @property
    def shown(self) -> str:
        """The target in words."""
        return self.target.shown_url or "the embedded reference server"

    @property
    def alone(self) -> str:
        """The command that checks this target again, without what chooses rules."""
        words = ["accord check", *([self.shown] if self.base_url else [])]
        words += ["--model", _quoted(self.model)] if self.model else []
        words += ["--prompt", _quoted(self.prompt)] if self.prompt is not None else []
        words += ["--seed", str(self.seed)] if self.seed else []
        words += ["--thorough"] if self.thorough else []
        return " ".join(words)


def _quoted(word: str) -> str:
    return shlex.quote(printable(word))


@click.command("check", short_help="Judge a server by the contract.")
@click.argument("base_url", required=False, envvar="OPENAI_BASE_URL", type=filled)
@click.option(
    "--model", type=filled, metavar="NAME", help="Ask this model.  [default: the first listed]"
)
@click.option(
    "--api-key",
    envvar="OPENAI_API_KEY",
    help="The key, sent as bearer token. Better in OPENAI_API_KEY, which is read where this is "
    "not given. It is in no output.",
)
@click.option(
    "--only",
    type=filled,
    multiple=True,
    metavar="PATTERN",
    help="Judge only these: a rule (stream.ends-with-done), a family (stream), or a glob "
    "('*usage*'). Several with commas, or repeated.",
)
@click.option(
    "--skip",
    type=filled,
    multiple=True,
    metavar="PATTERN",
    help="Leave these out; as --only.",
)
@click.option(
    "--scope",
    type=filled,
    metavar="WORDS",
    help="What the server offers: endpoints (models, chat, completions) and features (stream, "
    "tools, logprobs, ...), separated by commas. Named endpoints limit the endpoints, named "
    "features limit the features, and -WORD takes one away: chat,stream or -tools,-logprobs.",
)
@click.option(
    "--level",
    type=click.Choice([str(level) for level in Level], case_sensitive=False),
    metavar="MUST|SHOULD|MAY",
    default=str(Level.MAY),
    show_default=True,
    help="Judge this level and those above it.",
)
@click.option(
    "--quick",
    is_flag=True,
    help="Ask for less: under 40 requests, for the rules that most servers break.",
)
@click.option(
    "--thorough",
    is_flag=True,
    help="Ask for more: every rule with several prompts and seeds, so that what fails now and "
    "then is seen; and what is costly. About three times the requests.",
)
@click.option(
    "--repeat",
    type=click.IntRange(0, 20),
    default=0,
    show_default=True,
    metavar="TIMES",
    help="Judge each broken rule so many times again, with all requests sent anew. What is not "
    "broken every time is marked as flaky, with both answers. It still counts as broken: clients "
    "meet it too.",
)
@click.option("--strict", is_flag=True, help="Exit 1 for a broken SHOULD too.")
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="The same seed sends the same requests in the same order.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Requests under way at once. More is faster, but some servers interrupt one answer "
    "when another request arrives.",
)
@click.option(
    "--timeout",
    type=Seconds(min=0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="For each answer, from sending to its last byte.",
)
@click.option(
    "--max-tokens-total",
    type=click.IntRange(min=1),
    metavar="TOKENS",
    help="What the run may spend. Rules that it is not enough for could not run (exit 3); "
    "where it is too small to find out about the server at all, that is said (exit 2).",
)
@click.option(
    "--prompt",
    metavar="TEXT",
    help="What requests say where it does not matter; for mocks that know few prompts.",
)
@click.option(
    "--fuzz",
    is_flag=True,
    help="Then send requests made at random too, as `accord fuzz` does: what both find is in one "
    'report. Needs pip install "accord[fuzz]".',
)
@click.option(
    "--fuzz-requests",
    type=click.IntRange(min=20),
    default=300,
    show_default=True,
    metavar="COUNT",
    help="How many of them.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Send nothing; list what would be sent, and its cost: exactly for the embedded server, "
    "an estimate for any other.",
)
@knownfile.option
@views.options
@click.option(
    "--record",
    type=filled,
    metavar="DIR",
    help="Write all that was sent and received to DIR/accord-check.har too, without the key. "
    "`accord judge DIR` judges it again. Ctrl-C leaves what was received by then.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print only the totals.")
@click.option("--no-color", is_flag=True, help="Print without colours (as NO_COLOR does).")
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
    if options.base_url is not None:
        with complaints(TargetError):
            check_url(options.base_url)
    _require_key(options.api_key)
    if options.dry_run:
        return _show_dry_run(options, selection)
    if options.fuzz:
        fuzz.require()
    known = knownfile.read(options.known)
    views.require_writable(options.files.values())
    if options.record:
        recordfile.require_writable(options.record)
    out = console(
        stderr=reportfile.STDOUT in options.files.values(),
        no_color=options.no_color,
    )
    if not options.quiet:
        terminal.print_head(out, options.shown, len(selection.rules))
    with complaints(TargetError), _reached(options) as target:
        plan = options.plan(selection)
        steps = len(plan.rules) * selection.effort.passes
        with (
            Live(out, steps, shown=not options.quiet) as live,
            recordfile.on_interrupt(options.record, target, live.exchanges),
        ):
            report = check_target(target, plan, observer=live)
        last, interrupted = report.requests, False
        if options.fuzz:
            report, interrupted = _fuzzed(options, selection, report, out)
    code = _publish(options, replace(report, known=known), out, last)
    return INTERRUPTED if interrupted else code


def _fuzzed(
    options: Options, selection: Selection, report: Report, out: Console
) -> tuple[Report, bool]:
    """The report with what fuzzing finds, and whether Ctrl-C ended it before its time."""
    # Only here, because they import schemathesis.
    from accord_contracts.fuzz.beside import fuzz_beside  # noqa: PLC0415
    from accord_contracts.fuzz.examples import ExampleError  # noqa: PLC0415
    from accord_contracts.fuzz.run import FuzzPlan  # noqa: PLC0415

    plan = FuzzPlan(
        options.fuzz_requests,
        max_tokens_total=options.max_tokens_total,
        seed=options.seed,
        database=None if options.base_url else "none",
        endpoints=selection.endpoints,
    )
    with (
        complaints(ExampleError),
        FuzzLive(out, options.fuzz_requests, shown=not options.quiet) as live,
    ):
        run = fuzz_beside(report, plan, selection.rules, observer=live)
    return run.report, run.interrupted


def _require_key(key: str | None) -> None:
    """See that a key can be sent, before anything is.

    Raises:
        Complaint: it can't. The key is not repeated.
    """
    with complaints(TargetError):
        check_key(key)
    if key is not None and key.lower().startswith("bearer "):
        raise Complaint(
            "the key begins with the word Bearer", "leave the word out; it is sent with every key"
        )


def _reached(options: Options) -> AbstractContextManager[Target]:
    """The target, or the embedded server for as long as it is needed."""
    return embedded(options.target) if options.base_url is None else nullcontext(options.target)


def _publish(options: Options, report: Report, out: Console, last: int) -> int:
    """Show and write the report, and give the exit code. `last`: the suite's last request."""

    def alone(finding: Finding) -> str:
        if finding.exchange is not None and finding.exchange.number > last:
            return fuzz.replaying(finding, options.target)
        return f"{options.alone} --only {finding.rule.id}"

    if options.quiet:
        terminal.print_totals(out, report, strict=options.strict)
    else:
        terminal.print_report(out, report, alone=alone, strict=options.strict)
    views.write(options.files, report, strict=options.strict)
    if options.record:
        recordfile.write(options.record, report)
    return report.exit_code(strict=options.strict)


def _show_dry_run(options: Options, selection: Selection) -> int:
    if options.files or options.record:
        raise Complaint(
            "a dry run judges nothing", "leave out --json, --record and all that names a file"
        )
    out = console(no_color=options.no_color)
    key = options.target.api_key if options.base_url else EMBEDDED_KEY
    with complaints(TargetError), embedded(options.target, key=key) as target:
        rehearsal = check_target(target, options.plan(selection))
    shown = options.shown if options.base_url else None
    dry_run.show(out, rehearsal, shown, quiet=options.quiet)
    return 0
