"""Dry runs: what a run would send, found out by running it on the reference server."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from accord_contracts.exchange import Exchange
from accord_contracts.report import Report
from accord_contracts.reports.printable import counted, printable
from accord_contracts.session import most_tokens

LONGEST_BODY = 2000
"""Characters of a request's body that are shown; the terminal crops each line to its width."""


@dataclass(frozen=True)
class DryRun:
    """What came of the same run on the reference server.

    Attributes:
        suite: of the rules.
        whole: with what fuzzing sends.
        fuzzing: how many requests fuzzing may send; 0 where none is wanted.
    """

    suite: Report
    whole: Report
    fuzzing: int


def show(console: Console, run: DryRun, base_url: str | None, *, quiet: bool = False) -> None:
    """List the requests of a run, and their cost.

    Args:
        console: where to.
        run: what would be sent.
        base_url: of the target that was spared; None where it is the reference server itself.
        quiet: the cost alone.
    """
    if not quiet:
        for exchange in run.whole.exchanges:
            console.print(_line(exchange), no_wrap=True, overflow="ellipsis", crop=True)
        console.print()
    if base_url is None:
        # What fuzzing asks is as sure; but some of it has no seed, and its answers may vary.
        console.print(Text(_cost(run.whole, about="about " if run.fuzzing else "")))
    else:
        _print_estimate(console, run, base_url)


def _cost(report: Report, about: str = "") -> str:
    rules = counted(len({finding.rule.id for finding in report.findings}), "rule")
    sent, spent = counted(report.requests, "request"), counted(report.tokens, "token")
    return f"{sent} for {rules}, {about}{spent}"


def _print_estimate(console: Console, run: DryRun, base_url: str) -> None:
    most = counted(sum(_most(exchange) for exchange in run.suite.exchanges), "token")
    cost = _cost(run.suite, about="about ")
    console.print(Text(f"{cost} (at most {most}), for {printable(base_url)}"))
    if run.fuzzing:
        requests = counted(run.fuzzing, "request")
        tokens = counted(run.whole.tokens - run.suite.tokens, "token")
        console.print(Text(f"then at most {requests} of fuzzing, about {tokens}"))
    console.print(
        Text(
            "An estimate: nothing was sent there, this is what the embedded reference server was "
            "asked. A target that answers otherwise may see a few other requests.",
            "dim",
        )
    )


def _most(exchange: Exchange) -> int:
    generates = exchange.request.endpoint in {"chat", "completions"}
    return most_tokens(exchange.request) if generates else 0


def _line(exchange: Exchange) -> Text:
    request = exchange.request
    body = (request.body or b"")[:LONGEST_BODY].decode(errors="backslashreplace")
    return Text.assemble(
        (f"{exchange.number:>4}  ", "dim"),
        (f"{request.method:<7} ", "cyan"),
        f"{printable(request.path)}  ",
        (printable(body), "dim"),
    )
