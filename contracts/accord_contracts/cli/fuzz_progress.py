"""Progress of a fuzzing run."""

from __future__ import annotations

from rich.console import Console

from accord_contracts.cli.progress import Live
from accord_contracts.exchange import Exchange


class FuzzLive(Live):
    """An observer that shows how fuzzing goes on."""

    def __init__(self, console: Console, requests: int, *, shown: bool = True) -> None:
        says = "requests, {task.fields[causes]} found"
        super().__init__(console, requests, says, shown=shown, causes=0)

    def exchanged(self, exchange: Exchange) -> None:
        """Count a request."""
        self.advance()

    def stage(self, name: str) -> None:
        """Name what is done now."""
        self.show(description=name)

    def found(self, count: int) -> None:
        """Show how many causes are known."""
        self.show(causes=count)
