"""Faults of event streams."""

from __future__ import annotations

from collections.abc import AsyncIterator

from accord_contracts.faults.bank import JSON, on_chunk, on_events
from accord_contracts.server.hooks import DONE, Call, StreamEvent


@on_events("stream.no-done", caught_by=["stream.ends-with-done"])
async def no_done(call: Call, events: AsyncIterator[StreamEvent]) -> AsyncIterator[StreamEvent]:
    """The stream ends without `[DONE]`."""
    async for event in events:
        if event != DONE:
            yield event


@on_events("stream.usage-too-early", caught_by=["stream.usage-chunk-is-last"])
async def usage_too_early(
    call: Call,
    events: AsyncIterator[StreamEvent],
) -> AsyncIterator[StreamEvent]:
    """The usage chunk comes before the finish chunk."""
    held: StreamEvent | None = None
    async for event in events:
        if held is not None and isinstance(event, dict) and event.get("usage"):
            yield event
            continue
        if held is not None:
            yield held
        held = event
    if held is not None:
        yield held


@on_chunk(
    "stream.one-index",
    caught_by=["chat.stream-honours-n", "completions.stream-honours-n"],
)
def one_index(call: Call, chunk: JSON) -> None:
    """All choices of a stream have the index 0."""
    for choice in chunk["choices"]:
        choice["index"] = 0
