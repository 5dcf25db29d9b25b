"""Steady: the reference server with the same ids and times in every run.

The correct server then answers a request with the same bytes every time, so that whatever differs
comes from a fault.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final

from accord_contracts.server.hooks import Call, Hook, Reply, StreamEvent

WHEN: Final = 1_760_000_000
"""The `created` of every answer, in seconds since 1970."""


class Steady(Hook):
    """Comes before the faults: they bend what it gives them. One for each server."""

    def __init__(self) -> None:
        self._served: Counter[bytes] = Counter()

    def request(self, call: Call) -> None:
        """Name the request by what it says, and by how often that was said."""
        self._served[call.raw] += 1
        said = call.raw + str(self._served[call.raw]).encode()
        call.request_id = "req_" + hashlib.sha256(said).hexdigest()[:32]

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Set what the clock and the dice have made of an answer's head."""
        reply.headers["openai-processing-ms"] = "1"
        if isinstance(reply.body, dict):
            _settle(call, reply.body)
        return reply

    async def events(
        self, call: Call, events: AsyncIterator[StreamEvent]
    ) -> AsyncIterator[StreamEvent]:
        """Set the same in each chunk of a stream."""
        async for event in events:
            if isinstance(event, dict):
                _settle(call, event)
            yield event


def _settle(call: Call, answer: dict[str, Any]) -> None:
    if call.endpoint in {"chat", "completions"} and "created" in answer:
        prefix = answer["id"].partition("-")[0]
        answer["id"] = f"{prefix}-{call.request_id.removeprefix('req_')}"
        answer["created"] = WHEN
