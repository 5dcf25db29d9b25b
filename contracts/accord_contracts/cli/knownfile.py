"""The option `--known`: the file with the failures that are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TextIO

import click

from accord_contracts.cli.complaint import Complaint, complaints
from accord_contracts.known import Known
from accord_contracts.library import read_known
from accord_contracts.scope import ScopeError


def option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option."""
    return click.option(
        "--known",
        type=click.File(encoding="utf-8"),
        metavar="FILE",
        help="Failures that are known, one rule a line (# comments; '? RULE' fails sometimes): "
        "they do not count for the exit code. One that is judged and holds is stale, and does.",
    )(command)


def read(file: TextIO | None) -> Known:
    """Read the known failures; without a file there are none.

    Raises:
        Complaint: an entry is no rule's id, or the file holds no text.
    """
    try:
        text = file.read() if file else ""
    except UnicodeDecodeError as error:
        raise Complaint(f"the known failures are no text: {error}") from error
    with complaints(ScopeError):
        return read_known(text)
