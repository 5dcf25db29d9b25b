"""When a failed request is sent again, and after how long. Nothing here waits."""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord.errors import AccordError

__all__ = ["RetryPolicy", "retry_after", "should_retry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a failed request is sent again, and when. Times are in seconds.

    Tried again are failed connections, and refusals that may go away by themselves: those of
    `statuses`, and 500 and above; but not a quota that is used up. A server's `x-should-retry`
    overrules this. A subclass may decide otherwise in `retries`.

    Attributes:
        max_retries: how often at most; 0 for never.
        first_wait: how long to wait the first time. It doubles each time.
        longest_wait: up to this.
        jitter: the part of a wait that is taken off at random, up to this fraction, so that
            clients that failed together do not come back together.
        longest_asked: a server that asks for a longer wait than this gets its error passed on.
        statuses: refusals below 500 that may go away.
    """

    max_retries: int = 2
    first_wait: float = 0.5
    longest_wait: float = 8.0
    jitter: float = 0.25
    longest_asked: float = 60.0
    statuses: frozenset[int] = frozenset({408, 409, 429})

    def retries(self, failure: AccordError) -> bool:
        """Whether a failure that may be tried again by its nature should be.

        Args:
            failure: `status` is None when no answer came.
        """
        if "insufficient_quota" in (failure.code, failure.type):
            return False
        status = failure.status
        return status is None or status in self.statuses or status >= 500

    def wait(self, attempt: int, asked: float | None) -> float | None:
        """Give the seconds to wait before the next attempt, None to give up.

        Args:
            attempt: which attempt failed, 1 for the first.
            asked: the wait that the server asked for, if it did.
        """
        if attempt > self.max_retries:
            return None
        if asked is not None:
            return asked if asked <= self.longest_asked else None
        backoff = min(self.first_wait * 2.0 ** min(attempt - 1, 30), self.longest_wait)
        return backoff * (1 - random.random() * self.jitter)  # noqa: S311 - spreads load, no secret


def should_retry(headers: Mapping[str, str]) -> bool | None:
    """Read `x-should-retry`, OpenAI's own word for it; None when it is not said."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").lower())


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read how long a server asks to wait, in seconds; None when it does not.

    `retry-after-ms`, OpenAI's own, is finer than `Retry-After`, which is in seconds or a date
    (RFC 9110, section 10.2.3).
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _number(value)
    if seconds is not None:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _number(value: str) -> float | None:
    value = value.strip()
    if not value.isascii() or not value.replace(".", "", 1).isdigit():
        return None
    number = float(value)
    return number if math.isfinite(number) else None
