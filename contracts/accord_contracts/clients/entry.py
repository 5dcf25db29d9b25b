"""Entries: what became of one request, from its arrival to the end of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

from accord_contracts.clients.obligation import Judgement
from accord_contracts.clients.received import Received

LONGEST: Final = 300
"""Characters of a text from the client that an entry keeps."""


class Ending(StrEnum):
    """How an answer ended."""

    COMPLETE = "complete"
    """The client was there until the last byte was sent, or `[DONE]` was."""
    CLIENT_LEFT = "client-left"
    """The client closed the connection before."""
    SERVER_CUT = "server-cut"
    """The server broke it off, as some faults do."""


@dataclass(frozen=True)
class Entry:
    """One request, what it violates, and how its answer ended. No key is in it.

    Attributes:
        number: its place in the order of arrival, from 1.
        time: when it arrived, in Unix seconds.
        method: as sent.
        path: as sent, without the query.
        endpoint: which of the four it is; None for none.
        model: the model named in its body.
        streams: whether it asks for a stream.
        user_agent: what the client calls itself.
        connection: which connection it came on, numbered from 1 in the order of first use.
        status: of the answer; None where none began.
        ending: how the answer ended.
        kept: whether the connection could be used again after it.
        arrived: when, in seconds of a clock that only runs forward.
        ended: when the answer did, by the same clock.
        retry_after: how many seconds the answer asks to wait before the next try.
        judgement: by the request obligations.
        same: equal for equal requests.
    """

    number: int
    time: float
    method: str
    path: str
    endpoint: str | None
    model: str | None
    streams: bool
    user_agent: str
    connection: int
    status: int | None
    ending: Ending
    kept: bool
    arrived: float
    ended: float
    retry_after: float | None
    judgement: Judgement
    same: bytes

    def as_json(self) -> dict[str, Any]:
        """As it stands in the journal."""
        return {
            "number": self.number,
            "time": datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds"),
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "model": self.model,
            "stream": self.streams,
            "ending": str(self.ending),
            "seconds": round(self.ended - self.arrived, 3),
            "connection": self.connection,
            "user_agent": self.user_agent,
            "violations": [violation.as_json() for violation in self.judgement.violations],
        }

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def shown(request: Received, text: str) -> str:
    """A text from the client as entries keep it: without keys, and not too long."""
    return request.without_secrets(text)[:LONGEST]


def sameness(request: Received) -> bytes:
    """What is equal for equal requests, and gives nothing away."""
    parts = [request.method, request.target, request.header("authorization") or ""]
    digest = blake2b("\n".join(parts).encode(errors="replace"))
    digest.update(request.body)
    return digest.digest()
