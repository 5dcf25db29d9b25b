"""Dry runs: what a run would send, found out by running it on the reference server."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from accord_contracts.exchange import Exchange
from accord_contracts.report import Report
from accord_contracts.reports.printable import counted, printable
from accord_contracts.session import most_tokens

LONGEST_BODY = 2000
"""Characters of a request's body that are shown; the terminal crops each line to its width."""


def show(console: Console, rehearsal: Report, base_url: str | None, *, quiet: bool = False) -> None:
    """List the requests of a rehearsal, and their cost.

    Args:
        console: where to.
        rehearsal: what came of the same rules on the reference server.
        base_url: of the target that was spared; None where it is the reference server itself.
        quiet: the cost alone.
    """
    if not quiet:
        for exchange in rehearsal.exchanges:
            console.print(_line(exchange), no_wrap=True, overflow="ellipsis", crop=True)
        console.print()
    number = counted(rehearsal.requests, "request")
    rules = counted(len(rehearsal.findings), "rule")
    spent = counted(rehearsal.tokens, "token")
    if base_url is None:
        console.print(Text(f"{number} for {rules}, {spent}"))
        return
    most = counted(sum(_most(exchange) for exchange in rehearsal.exchanges), "token")
    console.print(
        Text(f"{number} for {rules}, about {spent} (at most {most}), for {printable(base_url)}")
    )
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
