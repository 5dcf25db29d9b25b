"""`accord serve`: run the reference server."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

import click

from accord_contracts.cli.complaint import Complaint
from accord_contracts.cli.request_log import RequestLog
from accord_contracts.cli.seconds import Seconds
from accord_contracts.faults.bank import Fault
from accord_contracts.server import CannotListen, ReferenceServer, Settings


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
    metavar="NAME",
    help="Break the contract on purpose: a name, a family or a glob from `accord faults`. "
    "Repeatable: faults add up.",
)
@click.option(
    "--log", is_flag=True, help="Write a line for each request to standard error as it ends."
)
def command(
    port: int,
    host: str,
    api_key: str | None,
    token_delay: float,
    faults: tuple[str, ...],
    log: bool,
) -> None:
    """Run the reference server: a correct, deterministic server of the four endpoints.

    It needs no model and no network, so it is also a mock to develop against.

    \b
    Examples:
        accord serve
        accord serve --port 0 --token-delay 0.05
        accord serve --fault stream.no-done
    """  # noqa: D301 - click reads the \b
    bent = [fault for pattern in faults for fault in _named(pattern)]
    hooks = [fault.hook for fault in bent] + ([RequestLog()] if log else [])
    settings = Settings(api_key=api_key, token_delay=token_delay)
    server = ReferenceServer(settings, hooks, host=host, port=port)
    stopped = _stop_signals()
    try:
        with server:
            _announce(server, bent)
            stopped.wait()
    except CannotListen as error:
        raise Complaint(str(error), "choose another with --port; 0 takes any free one") from error
    click.echo("stopped", err=True)


def _named(pattern: str) -> list[Fault]:
    # Only here, because a server without faults need not load the bank.
    from accord_contracts.cli.faults import named  # noqa: PLC0415

    return named(pattern)


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
