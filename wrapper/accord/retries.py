"""When a failed request is sent again, and after how long. Nothing here waits."""

from __future__ import annotations

import random
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LONGEST_WAIT", "may_pass", "retry_after", "wait"]

LONGEST_WAIT: Final = 60.0
"""A server that asks for a longer wait, in seconds, gets its error passed on to the caller."""

_FIRST_WAIT = 0.5
_LONGEST_BACKOFF = 8.0


def may_pass(status: int) -> bool:
    """Whether a refusal with this status may go away by itself."""
    return status in (408, 409, 429) or status >= 500


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read `Retry-After`: seconds, from a number or a date (RFC 9110, section 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.replace(".", "", 1).isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def wait(attempt: int, asked: float | None) -> float | None:
    """Give the seconds to wait after the given attempt (1 for the first), None to give up.

    Without the server's wish they double from 0.5 to 8, each shortened by up to a quarter at
    random, so that clients that failed together do not come back together.
    """
    if asked is not None:
        return asked if asked <= LONGEST_WAIT else None
    backoff = min(_FIRST_WAIT * 2.0 ** min(attempt - 1, 10), _LONGEST_BACKOFF)
    return backoff * (1 - random.random() / 4)  # noqa: S311 - spreads load, hides nothing
