"""Which rules a command judges by: the options that choose among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import click

from accord_contracts.cli.filled import filled
from accord_contracts.cli.grouped import grouped
from accord_contracts.rule import Level

level: Final = click.option(
    "--level",
    type=click.Choice([str(level) for level in Level], case_sensitive=False),
    metavar="MUST|SHOULD|MAY",
    default=str(Level.MAY),
    show_default=True,
    help="Only rules of this level and those above it.",
)

options: Final = grouped(
    click.option(
        "--only",
        type=filled,
        multiple=True,
        metavar="PATTERN",
        help="Judge only by these: a rule (stream.ends-with-done), a family (stream), or a glob "
        "('*usage*'). Several with commas, or repeated.",
    ),
    click.option(
        "--skip", type=filled, multiple=True, metavar="PATTERN", help="Leave these out; as --only."
    ),
    level,
)


@dataclass(frozen=True, kw_only=True)
class Choosing:
    """What the options above say."""

    only: tuple[str, ...]
    skip: tuple[str, ...]
    level: str
