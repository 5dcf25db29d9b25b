"""Patience: waits where a server asks for it, within bounds, and gives up where it has gone."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final

from accord.retries import retry_after
from accord_contracts.exchange import Exchange, Request

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
"""Requests in a row without a word, after which no more are sent: to one place, or at all."""

PLACES: Final = 3
"""Endpoints that say nothing before all are given up: one may hang, or the streams of two."""


class Patience:
    """What all requests of a session share: a pause, and how long there is still to wait."""

    def __init__(self) -> None:
        self._left = TOTAL
        self._until = 0.0
        self._seen = 0
        self._unreached = 0
        self._silences: Counter[str] = Counter()
        self._since_a_word: list[str | None] = []

    def refuses(self, request: Request) -> str | None:
        """Why a request is not sent any more, or None: the server is silent, or this part of it."""
        if self._unreached >= SILENCES or self._hangs:
            return f"the server went away, after {self._seen} requests"
        place = _place(request)
        if self._silences[place] >= SILENCES:
            return f"{place} gave no answer {SILENCES} times in a row, and is not asked any more"
        return None

    @property
    def _hangs(self) -> bool:
        """Whether nothing at all says a word, though connections come about."""
        silent = self._since_a_word
        return len(silent) >= SILENCES and len(set(silent)) >= PLACES

    async def pause(self) -> None:
        """Wait until requests may be sent again."""
        await asyncio.sleep(max(0.0, self._until - asyncio.get_running_loop().time()))

    def sees(self, exchange: Exchange) -> None:
        """Take note of whether the server said anything."""
        self._seen += 1
        self._unreached = self._unreached + 1 if exchange.unreached else 0
        place = _place(exchange.request)
        if exchange.silent:
            self._silences[place] += 1
            self._since_a_word.append(exchange.request.endpoint)
        else:
            del self._silences[place]
            self._since_a_word.clear()

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


def _place(request: Request) -> str:
    """What may hang alone: an endpoint, with its streams apart."""
    return f"{request.method} {request.path}" + (", as a stream," if request.streams else "")


def asked_wait(exchange: Exchange) -> float | None:
    """The seconds that an answer asks to wait before the request is sent again, or None."""
    return retry_after(dict(exchange.headers)) if exchange.status in NOT_NOW else None
