"""Progress of the suite."""

from __future__ import annotations

from rich.console import Console

from accord_contracts.cli.progress import Live
from accord_contracts.exchange import Exchange
from accord_contracts.patience import asked_wait
from accord_contracts.reports.printable import counted, printable
from accord_contracts.rule import Rule

LONGEST = 44
"""Characters of the last request that are shown."""


class CheckLive(Live):
    """An observer that shows how the suite goes on, and keeps its exchanges."""

    def __init__(self, console: Console, rules: int, *, shown: bool = True) -> None:
        says = "rules, {task.fields[requests]} requests"
        super().__init__(console, rules, says, shown=shown, requests=0)
        self.exchanges: list[Exchange] = []
        self._rules = rules
        self._ready = 0

    def far(self) -> str:
        """What was sent, and for how many rules that was all."""
        return (
            f"after {counted(len(self.exchanges), 'request')}; {self._ready:,} of "
            f"{counted(self._rules, 'rule')} had asked for all they need"
        )

    def exchanged(self, exchange: Exchange) -> None:
        """Keep an exchange, and name it."""
        self.exchanges.append(exchange)
        request = exchange.request
        name = printable(f"{request.method} {request.path}", LONGEST)
        wait = asked_wait(exchange)
        name += "" if wait is None else f": {exchange.status}, asks to wait {wait:g} s"
        self.show(description=name, requests=len(self.exchanges))

    def asked(self, rule: Rule) -> None:
        """Count a rule."""
        self._ready += 1
        self.advance()
