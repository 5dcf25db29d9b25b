"""`accord schema`: the JSON Schema of JSON reports."""

from __future__ import annotations

import json

import click

from accord_contracts.reports import document


@click.command("schema", short_help="Print the JSON Schema of JSON reports.")
def command() -> None:
    """Print the JSON Schema (2020-12) of what `accord check --json` writes.

    \b
    Examples:
        accord schema > report.schema.json
    """  # noqa: D301 - click reads the \b
    click.echo(json.dumps(document.schema(), indent=2))
