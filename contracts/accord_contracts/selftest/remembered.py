"""Remembered: what the correct server generates, so that hundreds of trials share the work.

A fault bends what goes into the generator or what comes out of it, and most requests of most
trials are not bent at all before it. Equal bodies get equal answers; where chance decides (no
seed), the second answer to a body is remembered beside the first, so that chance stays chance
within a trial, and is the same in all of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from accord_contracts.server import Call, Refusal, Reply, Settings, StreamEvent
from accord_contracts.server.app import generate, refused

if TYPE_CHECKING:
    from accord_contracts.server.app import Generate

MOST: Final = 4096
"""Answers that are remembered. Later ones are generated whenever they are asked for."""

Asked = tuple[str, int]
"""A request's endpoint and body as JSON, and how often this server was asked for it before."""


class Remembered:
    """Answers of the correct server, for servers with the same settings."""

    def __init__(self) -> None:
        self._kept: dict[Asked, _Kept] = {}

    def for_one_server(self) -> Generate:
        """What a server takes to answer POSTs."""
        counts: Counter[str] = Counter()

        async def answer(call: Call, settings: Settings) -> Reply:
            said = json.dumps([call.endpoint, call.body])
            counts[said] += 1
            asked = said, counts[said]
            if asked not in self._kept:
                return self._keep(asked, await _generate(call, settings))
            return self._kept[asked].reply()

        return answer

    def _keep(self, asked: Asked, reply: Reply) -> Reply:
        if len(self._kept) >= MOST:
            return reply
        if reply.events is None:
            self._kept[asked] = _Kept(reply.status, dict(reply.headers), json.dumps(reply.body))
        else:
            reply.events = self._keep_events(asked, dict(reply.headers), reply.events)
        return reply

    async def _keep_events(
        self, asked: Asked, headers: dict[str, str], events: AsyncIterator[StreamEvent]
    ) -> AsyncIterator[StreamEvent]:
        """Pass a stream on. It is kept when it was read to its end."""
        said = []
        async for event in events:
            said.append(json.dumps(event))
            yield event
        self._kept[asked] = _Kept(200, headers, None, tuple(said))


async def _generate(call: Call, settings: Settings) -> Reply:
    try:
        return await generate(call, settings)
    except Refusal as refusal:
        return refused(refusal)


@dataclass(frozen=True)
class _Kept:
    """An answer as JSON, so that each trial bends a copy of its own."""

    status: int
    headers: dict[str, str]
    body: str | None
    events: tuple[str, ...] = ()

    def reply(self) -> Reply:
        """The answer, once more."""
        body: Any = None if self.body is None else json.loads(self.body)
        events = None if self.body else self._stream()
        return Reply(self.status, body, dict(self.headers), events)

    async def _stream(self) -> AsyncIterator[StreamEvent]:
        for event in self.events:
            yield json.loads(event)
