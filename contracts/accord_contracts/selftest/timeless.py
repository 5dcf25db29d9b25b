"""Timeless: an event loop in which computing takes no time, and waiting takes none of ours.

Its clock stands still while anything can run, and then jumps to where the next thing is due. So
what an exchange took is what was slept in it, to the microsecond, however busy the machine is:
verdicts that rest on time are the same everywhere. It is for work within one process: nothing
would wait for sockets.
"""

from __future__ import annotations

import asyncio
from selectors import DefaultSelector, SelectorKey


class Timeless(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own, which begins at 0."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Put the clock forward."""
        self._now += seconds


class _Jumping(DefaultSelector):
    """Tells the loop how long it would have waited, instead of waiting."""

    def __init__(self, loop: Timeless) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """Give what is ready; where nothing is, let the time pass that was to be waited."""
        if timeout == 0:  # there is something to run: sockets, of which nobody waits, can wait
            return []
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("everybody waits for somebody else, and nothing is due")
            self._loop.jump(max(timeout, 0.0))
        return ready
