"""The console that commands print to."""

from __future__ import annotations

import re
import sys
from typing import IO, Any, Final, TextIO, cast

from rich.console import Console

_PADDING: Final = re.compile(r" +(?=\n)")


class Trimmed:
    """A file that gets lines without the spaces that fill them up to the width of a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        """All else is as on the stream behind."""
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write lines trimmed."""
        return self._stream.write(_PADDING.sub("", text))


def console(*, stderr: bool = False, no_color: bool = False) -> Console:
    """Give a console that neither colours nor interprets what it is not told to.

    rich itself honours NO_COLOR, TERM=dumb, COLUMNS, and outputs that are no terminal.

    Args:
        stderr: print there, because stdout carries a report.
        no_color: as NO_COLOR.
    """
    stream = sys.stderr if stderr else sys.stdout
    plain = stream is not None and not stream.isatty()
    return Console(
        file=cast("IO[str]", Trimmed(stream)) if plain else None,
        stderr=stderr,
        no_color=no_color or None,
        highlight=False,
        markup=False,
        emoji=False,
    )
