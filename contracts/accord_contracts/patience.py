"""Patience: waits where a server asks for it, within bounds, and gives up where it has gone."""

from __future__ import annotations

import asyncio
from typing import Final

from accord.retries import retry_after
from accord_contracts.exchange import Exchange

NOT_NOW: Final = frozenset({429, 503, 529})
"""Statuses that may say, with `Retry-After`, when to come back."""

LONGEST: Final = 10.0
"""Seconds that one answer may ask to wait."""

TOTAL: Final = 60.0
"""Seconds that a whole session waits."""

TRIES: Final = 5
"""How often one request is sent at most."""

SHORTEST: Final = 0.05
"""Seconds that are waited at least, also for `Retry-After: 0`."""

SILENCES: Final = 5
"""Requests in a row without a word from the server, after which it is taken to have gone."""


class Patience:
    """What all requests of a session share: a pause, and how long there is still to wait."""

    def __init__(self) -> None:
        self._left = TOTAL
        self._until = 0.0
        self._silences = 0

    @property
    def lost(self) -> bool:
        """Whether the server has not said a word for so long that it is not asked any more."""
        return self._silences >= SILENCES

    async def pause(self) -> None:
        """Wait until requests may be sent again."""
        await asyncio.sleep(max(0.0, self._until - asyncio.get_running_loop().time()))

    def sees(self, exchange: Exchange) -> None:
        """Take note of whether the server said anything."""
        self._silences = self._silences + 1 if exchange.silent else 0

    def grants(self, exchange: Exchange, tries: int) -> bool:
        """Whether a request is sent once more, after the pause that its answer asks for.

        Args:
            exchange: what came back.
            tries: how often the request was sent.
        """
        asked = asked_wait(exchange)
        if asked is None or asked > LONGEST or tries >= TRIES:
            return False
        now = asyncio.get_running_loop().time()
        longer = max(0.0, now + max(asked, SHORTEST) - max(self._until, now))
        if longer > self._left:
            return False
        self._left -= longer
        self._until = max(self._until, now) + longer
        return True


def asked_wait(exchange: Exchange) -> float | None:
    """The seconds that an answer asks to wait before the request is sent again, or None."""
    return retry_after(dict(exchange.headers)) if exchange.status in NOT_NOW else None
