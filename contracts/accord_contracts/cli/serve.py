"""`accord serve`: run the reference server."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any, TextIO

import click

from accord_contracts.cli.complaint import Complaint
from accord_contracts.cli.request_log import RequestLog
from accord_contracts.cli.seconds import Seconds
from accord_contracts.cli.watching import JOURNAL, faults_of, witness
from accord_contracts.faults.bank import Fault
from accord_contracts.server import CannotListen, Hook, ReferenceServer, Settings


@dataclass(frozen=True)
class Options:
    """What was asked for, as the options below name it."""

    port: int
    host: str
    api_key: str | None
    token_delay: float
    faults: tuple[str, ...]
    any_model: bool
    strict: bool
    journal: TextIO | None
    log: bool

    @property
    def settings(self) -> Settings:
        """What the server is like."""
        return Settings(
            api_key=self.api_key, token_delay=self.token_delay, any_model=self.any_model
        )

    def watchers(self) -> Iterator[Hook]:
        """What looks at requests; outside of all faults, so that it sees what was sent."""
        if self.strict or self.journal:
            yield witness(self.journal, strict=self.strict)
        if self.log:
            yield RequestLog()


@click.command("serve", short_help="Run the reference server.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen on; 0 takes any free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on. Others than this machine's own let others in.",
)
@click.option(
    "--api-key",
    envvar="ACCORD_SERVE_KEY",
    help="Refuse requests without this key. Better in ACCORD_SERVE_KEY, which is read where this "
    "is not given: no list of processes shows it.  [default: none is needed]",
)
@click.option(
    "--token-delay",
    type=Seconds(min=0),
    default=0.0,
    metavar="SECONDS",
    help="What each generated token takes, to see streams arrive.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="GLOB",
    help="Break the contract on purpose: a name, a family or a glob from `accord faults`. "
    "Repeatable: faults add up.",
)
@click.option(
    "--any-model",
    is_flag=True,
    help="Answer for any model that is asked for, and not only for those on the list.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Refuse requests that break the contract, with 400 and all that is wrong with them.",
)
@click.option(
    "--journal",
    type=JOURNAL,
    metavar="FILE",
    help="Append a line of JSON for each request: what it was, what it violates, how its answer "
    "ended. No key is in it.",
)
@click.option(
    "--log", is_flag=True, help="Write a line for each request to standard error as it ends."
)
def command(**options: Any) -> None:
    """Run the reference server: a correct, deterministic server of the four endpoints.

    It needs no model and no network, so it is also a mock to develop against.

    \b
    Examples:
        accord serve
        accord serve --port 0 --token-delay 0.05
        accord serve --fault stream.no-done
        accord serve --fault 'usage.*' --fault stream.one-index@chat
        accord serve --strict --journal requests.jsonl
    """  # noqa: D301 - click reads the \b
    _serve(Options(**options))


def _serve(options: Options) -> None:
    """Serve until a signal comes."""
    bent = faults_of(options.faults)
    hooks = [*(fault.hook for fault in bent), *options.watchers()]
    server = ReferenceServer(options.settings, hooks, host=options.host, port=options.port)
    stopped = _stop_signals()
    try:
        with server:
            _announce(server, bent)
            stopped.wait()
    except CannotListen as error:
        raise Complaint(str(error), "choose another with --port; 0 takes any free one") from error
    click.echo("stopped", err=True)


def _stop_signals() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set, so that the server ends in good order."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    return stopped


def _announce(server: Any, bent: list[Fault]) -> None:
    model = server.settings.models[0].id
    click.echo(f"{server.base_url}\n")
    for fault in bent:
        click.echo(f"fault {fault.name}: {fault.summary}")
    if bent:
        click.echo()
    click.echo("Try it:")
    key = '  -H "Authorization: Bearer $OPENAI_API_KEY" \\\n' if server.settings.api_key else ""
    click.echo(
        f"curl -N {server.base_url}/chat/completions \\\n"
        f"{key}"
        "  -H 'Content-Type: application/json' \\\n"
        f'  -d \'{{"model": "{model}", "stream": true, "messages": '
        '[{"role": "user", "content": "Hello!"}]}\''
    )
    click.echo("\nCtrl-C stops it.")
