"""Progress: what is going on, on one line of a terminal that is gone when the run ends."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from accord_contracts.cli.complaint import Interrupted


class Live:
    """One line that says how far a run is. A context manager; silent off a terminal.

    Args:
        console: where it is shown.
        total: steps of the run.
        counted: what the steps are; `{task.fields[NAME]}` stands for a field.
        shown: whether it is wanted.
        fields: what is shown beside the steps, to begin with.
    """

    def __init__(
        self, console: Console, total: int, counted: str, *, shown: bool = True, **fields: Any
    ) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TextColumn(counted),
            TextColumn("{task.description}", markup=False, style="dim"),
            console=console,
            transient=True,
            disable=not (shown and console.is_terminal),
        )
        self._task = self._progress.add_task("getting ready", total=total, **fields)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the line away.

        Raises:
            Interrupted: in place of a KeyboardInterrupt, where it is known how far the run came.
        """
        self._progress.stop()
        if kind is KeyboardInterrupt and (far := self.far()):
            raise Interrupted(far) from None

    def far(self) -> str:
        """How far the run came, for whom Ctrl-C ends it."""
        return ""

    def advance(self) -> None:
        """Count a step."""
        self._progress.advance(self._task)

    def show(self, **changed: Any) -> None:
        """Show other fields, or what is done now (`description`)."""
        self._progress.update(self._task, **changed)
