"""The file that a report is written to."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from accord_contracts.cli.complaint import Complaint

STDOUT: Final = "-"


def require_writable(name: str) -> None:
    """See that a report can be written, before anything is run for it. Leaves no file behind.

    Raises:
        Complaint: it can't.
    """
    if name == STDOUT:
        return
    path = Path(name)
    existed = path.exists()
    try:
        path.open("ab").close()
    except OSError as error:
        raise _unwritable(name, error) from error
    if not existed:
        path.unlink()


def write(name: str, text: str) -> None:
    """Write a report to a file, or to stdout for `-`.

    Raises:
        Complaint: it can't be written after all, say because the disk is full.
    """
    if name == STDOUT:
        click.echo(text, nl=False)
        return
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise _unwritable(name, error) from error


def _unwritable(name: str, error: OSError) -> Complaint:
    return Complaint(f"the report can't be written to {name}: {error.strerror or error}")
