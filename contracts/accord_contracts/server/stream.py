"""JSON and event streams, as bytes."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any, Final

from accord_contracts.server.errors import internal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from accord_contracts.server.hooks import StreamEvent

_log: Final = logging.getLogger("accord.server")

_encoder: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

# They end no line of an event stream, but they do for readers that use `str.splitlines`.
_LINE_ENDS: Final = re.compile("[\x85\u2028\u2029]")


def encode_json(value: Any) -> bytes:
    """A JSON document: compact, UTF-8, not escaped where it need not be."""
    return _encoder.encode(value).encode()


def encode_event(event: StreamEvent) -> bytes:
    """One server-sent event, blank line included."""
    text = event if isinstance(event, str) else _encoder.encode(event)
    return f"data: {_LINE_ENDS.sub(_escape, text)}\n\n".encode()


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


async def encode_events(events: AsyncIterator[StreamEvent]) -> AsyncIterator[bytes]:
    """Encode a stream; a failure on the way becomes one error event, and the stream ends there.

    Without `[DONE]`: what has failed can't be taken for what is finished.
    """
    try:
        async for event in events:
            yield encode_event(event)
    except Exception:  # noqa: BLE001 - whatever it is, the client is told
        _log.exception("a stream failed")
        yield encode_event({"error": internal().error})
