"""Progress: what is going on, on one line of a terminal that is gone when the run ends."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from accord_contracts.cli.complaint import Interrupted
from accord_contracts.exchange import Exchange
from accord_contracts.patience import asked_wait
from accord_contracts.reports.printable import counted, printable
from accord_contracts.rule import Rule

LONGEST = 44
"""Characters of the last request that are shown."""


class Live:
    """An observer that shows how a run goes on. A context manager; silent off a terminal."""

    def __init__(self, console: Console, rules: int, *, shown: bool = True) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TextColumn("rules, {task.fields[requests]} requests"),
            TextColumn("{task.description}", markup=False, style="dim"),
            console=console,
            transient=True,
            disable=not (shown and console.is_terminal),
        )
        self._task = self._progress.add_task("connecting", total=rules, requests=0)
        self.exchanges: list[Exchange] = []
        self._rules = rules
        self._ready = 0

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
            Interrupted: in place of a KeyboardInterrupt, and says how far the run came.
        """
        self._progress.stop()
        if kind is KeyboardInterrupt:
            raise Interrupted(
                f"after {counted(len(self.exchanges), 'request')}; {self._ready:,} of "
                f"{counted(self._rules, 'rule')} had asked for all they need"
            ) from None

    def exchanged(self, exchange: Exchange) -> None:
        """Keep an exchange, and name it."""
        self.exchanges.append(exchange)
        request = exchange.request
        name = printable(f"{request.method} {request.path}", LONGEST)
        wait = asked_wait(exchange)
        name += "" if wait is None else f": {exchange.status}, asks to wait {wait:g} s"
        self._progress.update(self._task, description=name, requests=len(self.exchanges))

    def asked(self, rule: Rule) -> None:
        """Count a rule."""
        self._ready += 1
        self._progress.advance(self._task)
