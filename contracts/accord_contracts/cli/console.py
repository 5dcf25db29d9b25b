"""The console that commands print to."""

from __future__ import annotations

from rich.console import Console


def console(*, stderr: bool = False, no_color: bool = False) -> Console:
    """Give a console that neither colours nor interprets what it is not told to.

    rich itself honours NO_COLOR, TERM=dumb, COLUMNS, and outputs that are no terminal.

    Args:
        stderr: print there, because stdout carries a report.
        no_color: as NO_COLOR.
    """
    return Console(
        stderr=stderr,
        no_color=no_color or None,
        highlight=False,
        markup=False,
        emoji=False,
    )
