"""The time that a whole call may take: all its tries, waits and reading."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Deadline", "Timeouts", "in_time"]

T = TypeVar("T")


class Deadline:
    """A moment by which a call must be done.

    Args:
        seconds: how far away it is; None for never.
        clock: gives the seconds since some fixed moment.
    """

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = None if seconds is None else clock() + seconds

    def __bool__(self) -> bool:
        return self._end is not None

    @property
    def remaining(self) -> float | None:
        """The seconds left, 0 when it has passed; None when there is no end."""
        return None if self._end is None else max(0.0, self._end - self._clock())

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return self.remaining == 0


class Timeouts(dict[str, Any]):
    """Timeouts of one request, by phase, of which none goes beyond the deadline.

    A transport looks each up when its phase begins, so what is left then is what it gets.
    """

    def __init__(self, timeouts: dict[str, Any], deadline: Deadline) -> None:
        super().__init__(timeouts)
        self._deadline = deadline

    def __getitem__(self, phase: str) -> Any:
        return self.get(phase)

    def get(self, phase: str, default: Any = None) -> Any:
        """Give the seconds that a phase may take."""
        given, left = super().get(phase, default), self._deadline.remaining
        # 0 would mean a socket that never waits, and so a failure of another kind.
        left = None if left is None else max(left, 0.001)
        return given if left is None else left if given is None else min(given, left)


async def in_time(work: Awaitable[T], deadline: Deadline) -> T:
    """Await what must be done by a deadline.

    Raises:
        httpx.ReadTimeout: it was not.
    """
    if not deadline:
        return await work
    from anyio import move_on_after  # noqa: PLC0415 - httpx imports it late, too

    with move_on_after(deadline.remaining):
        return await work
    raise httpx.ReadTimeout("the time for the whole call is up")
