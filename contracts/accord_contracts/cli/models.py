"""`accord models`: list a server's models."""

from __future__ import annotations

import click

from accord_contracts.cli.talking import connect, failures, harmless, server_options


@click.command("models", short_help="List a server's models.")
@server_options
def command(base_url: str | None, api_key: str | None) -> None:
    """List the models that a server has, one on a line.

    \b
    Examples:
        accord models
        accord models --base-url http://127.0.0.1:8000/v1
    """  # noqa: D301 - click reads the \b
    with connect(base_url, api_key) as client, failures():
        for model in client.models.list():
            click.echo(harmless(str(model.id)))
