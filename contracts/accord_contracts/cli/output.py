"""Output: what the command does where its output can't be written."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Final, TextIO

import click

READER_GONE: Final = 141
"""What shells report of a program that a closed pipe has ended: 128 + SIGPIPE."""

INTERRUPTED: Final = 130
"""The same of one that Ctrl-C has ended: 128 + SIGINT."""


class Unwritten(Exception):  # noqa: N818 - not an OSError: click and rich exit 1 for some of those
    """Standard output or standard error can't be written."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(f"the output can't be written: {cause.strerror or cause}")
        self.exit_code = READER_GONE if cause.errno == errno.EPIPE else click.UsageError.exit_code


class Guarded(io.TextIOWrapper):
    """A stream that raises `Unwritten`, and that writes what its encoding lacks as escapes."""

    def write(self, text: str, /) -> int:
        """Write a text."""
        try:
            return super().write(text)
        except OSError as error:
            raise Unwritten(error) from error

    def flush(self) -> None:
        """Hand on what was written."""
        try:
            super().flush()
        except OSError as error:
            raise Unwritten(error) from error


def guard() -> None:
    """Guard standard output and standard error, where there are such."""
    sys.stdout, sys.stderr = _guarded(sys.stdout), _guarded(sys.stderr)


def _guarded(stream: TextIO) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    return Guarded(
        stream.buffer,
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
    )


def flush() -> None:
    """Hand on all output.

    Raises:
        Unwritten: it can't be.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def discard() -> None:
    """Let what can't be written go, because Python tries once more when it ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except Unwritten:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
