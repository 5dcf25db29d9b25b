"""Complaints: what the command says when it can't do what it was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from accord_contracts.cli.output import INTERRUPTED
from accord_contracts.report import EXIT_USAGE
from accord_contracts.reports.printable import printable


class Complaint(click.ClickException):
    """An error in one line, and perhaps what to do about it in another. Exit code 2."""

    exit_code = EXIT_USAGE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def show(self, file: IO[Any] | None = None) -> None:
        """Print both lines to stderr; parts of them come from a server, so without escapes."""
        click.echo(f"accord: error: {printable(self.message)}", file=file, err=True)
        if self.hint:
            click.echo(f"  hint: {printable(self.hint)}", file=file, err=True)


class Interrupted(Complaint):
    """Ctrl-C, with how far it came. Exit code 130."""

    exit_code = INTERRUPTED

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it to stderr."""
        click.echo(f"accord: interrupted {self.message}", file=file, err=True)


@contextmanager
def complaints(*kinds: type[Exception]) -> Iterator[None]:
    """Turn errors of these kinds, which have a `hint`, into complaints."""
    try:
        yield
    except kinds as error:
        raise Complaint(str(error), getattr(error, "hint", "")) from error
