"""Progress of a fuzzing run, on one line of a terminal that is gone when the run ends."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from accord_contracts.exchange import Exchange


class FuzzLive:
    """An observer that shows how a run goes on. A context manager; silent off a terminal."""

    def __init__(self, console: Console, requests: int, *, shown: bool = True) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TextColumn("requests, {task.fields[causes]} found"),
            TextColumn("{task.description}", style="dim"),
            console=console,
            transient=True,
            disable=not (shown and console.is_terminal),
        )
        self._task = self._progress.add_task("getting ready", total=requests, causes=0)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def exchanged(self, exchange: Exchange) -> None:
        """Count a request."""
        self._progress.advance(self._task)

    def stage(self, name: str) -> None:
        """Name what is done now."""
        self._progress.update(self._task, description=name)

    def found(self, count: int) -> None:
        """Show how many causes are known."""
        self._progress.update(self._task, causes=count)
