"""`accord observe`: run a program, and judge the requests that it makes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TextIO

import click

from accord_contracts.cli import child, reportfile
from accord_contracts.cli.complaint import Complaint
from accord_contracts.cli.console import console
from accord_contracts.cli.watching import JOURNAL, faults_of, witness
from accord_contracts.clients import ALL, Entry, Verdict
from accord_contracts.faults.bank import Fault
from accord_contracts.report import EXIT_INCOMPLETE
from accord_contracts.reports.client import print_verdict
from accord_contracts.rule import Level
from accord_contracts.server import CannotListen, ReferenceServer, Settings

KEY: Final = "sk-accord-observe"
"""What the program is given as its key."""

PLACEHOLDER: Final = "{base_url}"


@dataclass(frozen=True)
class Options:
    """What was asked for, as the options below name it."""

    words: tuple[str, ...]
    faults: tuple[str, ...]
    strict: bool
    json: str | None
    journal: TextIO | None
    port: int
    no_color: bool


def _list(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print all obligations, and end."""
    if not wanted:
        return
    for one in ALL.values():
        level = "note" if one.level is Level.MAY else str(one.level)
        click.echo(f"{one.id}  {level}\n    {one.document.obligation}\n    {one.document.why}")
    context.exit()


@click.command(
    "observe",
    short_help="Run a program, and judge the requests it makes.",
    context_settings={"allow_interspersed_args": False},
)
@click.argument("words", metavar="COMMAND...", nargs=-1, required=True)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    help="Break the contract on purpose, to see what the program makes of it: a name, a family "
    "or a glob from `accord faults`. Repeatable.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Refuse requests that break a MUST or a SHOULD with 400, and exit 1 for a SHOULD too.",
)
@click.option("--json", metavar="FILE", help="Write the verdict as JSON too; '-' for stdout.")
@click.option(
    "--journal",
    type=JOURNAL,
    metavar="FILE",
    help="Append a line of JSON for each request. No key is in it.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The port to listen on, for programs with a fixed address.  [default: any free one]",
)
@click.option("--no-color", is_flag=True, help="Print without colours (as NO_COLOR does).")
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list,
    help="Print all obligations of clients, and why they matter, and end.",
)
def command(**options: Any) -> None:
    """Run COMMAND against the reference server, and say where its requests break the contract.

    The program finds the server in OPENAI_BASE_URL and OPENAI_API_BASE, and a key in
    OPENAI_API_KEY; for programs that read neither, the word {base_url} in COMMAND stands for the
    address. Any model that it asks for is there. Its input, output and signals are its own; the
    verdict goes to standard error.

    \b
    Examples:
        accord observe -- python my_program.py
        accord observe --strict -- npm test
        accord observe --fault stream.no-done -- python my_program.py
        accord observe -- curl {base_url}/models

    \b
    Exit codes:
        0  no MUST is broken, and the program ended with 0
        1  a MUST is broken (--strict: or a SHOULD)
        2  usage, or the program can't be run
        3  the program made no request
        n  otherwise, the program's own
    """  # noqa: D301 - click reads the \b
    sys.exit(_observe(Options(**options)))


def _observe(options: Options) -> int:
    bent = faults_of(options.faults)
    if options.json:
        reportfile.require_writable(options.json)
    seen: list[Entry] = []
    server = _server(options, bent, seen)
    try:
        with server:
            code = child.run(*_program(options.words, server.base_url))
    except CannotListen as error:
        raise Complaint(str(error), "choose another with --port; 0 takes any free one") from error
    return _publish(options, Verdict.of(seen), server.base_url) or code


def _server(options: Options, bent: list[Fault], seen: list[Entry]) -> ReferenceServer:
    watching = witness(options.journal, strict=options.strict, tell=seen.append)
    hooks = [*(fault.hook for fault in bent), watching]
    return ReferenceServer(Settings(any_model=True), hooks, port=options.port)


def _program(words: tuple[str, ...], base_url: str) -> tuple[list[str], Mapping[str, str]]:
    """The program with its arguments, and its environment."""
    here = {"OPENAI_BASE_URL": base_url, "OPENAI_API_BASE": base_url, "OPENAI_API_KEY": KEY}
    # No proxy can reach a server that listens on this machine alone.
    around = {name: f"{os.environ.get(name, '')},127.0.0.1" for name in ("NO_PROXY", "no_proxy")}
    return [word.replace(PLACEHOLDER, base_url) for word in words], {
        **os.environ,
        **around,
        **here,
    }


def _publish(options: Options, verdict: Verdict, base_url: str) -> int:
    """Write the verdict where it is wanted; gives the exit code that it asks for."""
    if options.json:
        document = verdict.as_json(strict=options.strict)
        reportfile.write(options.json, json.dumps(document, indent=1) + "\n")
    if not verdict.entries:
        _nothing_seen(options.words[0], base_url)
        return EXIT_INCOMPLETE
    out = console(stderr=True, no_color=options.no_color)
    out.print()
    print_verdict(out, verdict, strict=options.strict)
    return verdict.exit_code(strict=options.strict)


def _nothing_seen(program: str, base_url: str) -> None:
    click.echo(
        f"\naccord: {program} made no request to {base_url}\n"
        "  Does it take its address from OPENAI_BASE_URL? If it has it elsewhere, write "
        f"{PLACEHOLDER}\n  in its command line, or that address with --port.",
        err=True,
    )
