"""Exchanges: what crossed the wire, frozen.

Everything that judges, judges exchanges, wherever they came from. An exchange holds the bytes;
whatever can be read out of them is derived, on demand and once.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

from accord import sse

R = TypeVar("R")

KEY_VARIABLE: Final = "$OPENAI_API_KEY"
"""What stands for the key wherever a person can see a request."""

UNREACHED: Final = "no connection"
"""How the `failure` of an exchange begins that did not even reach the server."""

LATE: Final = "no end within"
"""How the `failure` of an exchange begins that took too long."""

DONE: Final = "[DONE]"
"""The data of the event that ends a stream."""

HUNG_UP: Final = "the suite hung up, as the request says"
"""How an exchange failed that `Request.hang_up` ended."""

CUT_SHORT: Final = "the connection was cut short"
"""How an exchange failed whose answer the server broke off."""


class _NotJson:
    """The one value of `Exchange.json` for a body that is no JSON document."""

    def __repr__(self) -> str:
        return "NOT_JSON"


NOT_JSON: Final = _NotJson()


def parse(text: str | bytes) -> Any:
    """Read one JSON document strictly: `NaN` and `Infinity` are not JSON (RFC 8259).

    Returns `NOT_JSON` instead of raising, for bytes of any kind: what a server sends is judged,
    it never stops the judge.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode(json.detect_encoding(text), "surrogatepass")
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return NOT_JSON


def _refuse(literal: str) -> None:
    raise ValueError(literal)


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse)
"""`json.loads` would make one for each document, which takes as long as reading a short one."""


@dataclass(frozen=True)
class Request:
    """One request, without what the target adds (base URL, key). Equal requests are sent once."""

    method: str
    path: str
    """Below the base URL, sent as it stands: `/chat/completions`, `/models/org%2Fname`."""
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    authorized: bool = True
    """Whether the target's key goes along."""
    abandon_after: int | None = None
    """Close the connection after this many bytes of the answer's body; None reads it all."""
    hang_up: float | None = None
    """Close the connection so many seconds after sending, answered or not; None waits."""
    again: int = 0
    """Tells deliberate repetitions of one request apart: 0 for the first time it is sent."""

    @cached_property
    def json(self) -> Any:
        """The body as a JSON value, or `NOT_JSON`."""
        return NOT_JSON if self.body is None else parse(self.body)

    @cached_property
    def params(self) -> dict[str, Any]:
        """The body's members; empty where the body is no JSON object."""
        return self.json if isinstance(self.json, dict) else {}

    @cached_property
    def endpoint(self) -> str | None:
        """`models`, `model`, `completions` or `chat`; None for any other path or method."""
        path = self.path.partition("?")[0]
        if self.method == "POST":
            return {"/completions": "completions", "/chat/completions": "chat"}.get(path)
        if self.method == "GET" and path == "/models":
            return "models"
        return "model" if self.method == "GET" and path[:-1].startswith("/models/") else None

    @property
    def abandons(self) -> bool:
        """Whether the answer is not read to its end, on purpose."""
        return self.abandon_after is not None or self.hang_up is not None

    @property
    def streams(self) -> bool:
        """Whether an event stream is asked for."""
        return self.params.get("stream") is True

    def curl(self, base_url: str, *, keyed: bool = True) -> str:
        """A command line that sends this request again; the key is `$OPENAI_API_KEY`.

        Args:
            base_url: where to.
            keyed: whether there is a key to send.
        """
        words = ["curl", "-sS", "-i"]
        words += ["-N"] if self.streams else []
        words += [] if self.hang_up is None else ["--max-time", f"{self.hang_up:g}"]
        words += [] if self.method in {"GET", "POST"} else ["-X", self.method]
        if self.method == "HEAD":
            words = ["curl", "-sS", "-I"]
        line = " ".join([*words, shlex.quote(base_url.rstrip("/") + self.path)])
        if self.authorized and keyed:
            line += f' -H "Authorization: Bearer {KEY_VARIABLE}"'
        line += "".join(f" -H {shlex.quote(f'{name}: {value}')}" for name, value in self.headers)
        if self.method == "POST" and self.body is None:
            line += " -X POST"
        if self.body is not None:
            line += f" --data-raw {_shell_data(self.body)}"
        return line


def _shell_data(body: bytes) -> str:
    """Quote a body for a shell: as text where it can be shown, else as `$'…'` with escapes."""
    text = body.decode(errors="replace")
    if text.isprintable() and text.encode() == body:
        return shlex.quote(text)
    return "$'" + "".join(_SHELL_BYTES[byte] for byte in body) + "'"


_SHELL_BYTES: Final = [
    chr(byte)
    if chr(byte).isprintable() and byte < 127 and chr(byte) not in "'\\"
    else f"\\x{byte:02x}"
    for byte in range(256)
]
"""How each byte stands in a shell's `$'…'`."""


@dataclass(frozen=True)
class Read:
    """One read from the socket: where in the body it ended, and when (seconds after sending)."""

    end: int
    seconds: float


@dataclass(frozen=True)
class Exchange:
    """One request and its answer as they crossed the wire."""

    request: Request
    number: int
    """Its place in the order of sending, from 1."""
    status: int | None = None
    """None where no answer began; `failure` says why."""
    headers: tuple[tuple[str, str], ...] = ()
    """In the order received, names in lower case."""
    body: bytes = b""
    reads: tuple[Read, ...] = ()
    seconds: float = 0.0
    """From sending to the end of the answer."""
    failure: str | None = None
    """How the answer was cut short, in words; None where it ended as HTTP says it should."""

    def header(self, name: str) -> str | None:
        """The value of a header, or None. `name` in lower case; repeated ones are joined."""
        values = [value for key, value in self.headers if key == name]
        return ", ".join(values) if values else None

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; "" where there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def ok(self) -> bool:
        """Whether the status is a 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def unreached(self) -> bool:
        """Whether not even a connection came about: then nothing can be said of the server."""
        return self.status is None and (self.failure or "").startswith(UNREACHED)

    @property
    def silent(self) -> bool:
        """Whether the server said nothing, for as long as it was waited for."""
        late = (self.failure or "").startswith(LATE) and self.status is None
        return late or self.unreached

    @property
    def outcome(self) -> str:
        """What came back, in a few words: `404 {"error"…`, or why nothing did."""
        if self.status is None:
            return self.failure or "no answer"
        text = self.body[:160].decode(errors="replace").strip()
        cut = f" ({self.failure})" if self.failure else ""
        return f"{self.status} {text}".strip() + cut

    @cached_property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 become U+FFFD."""
        return self.body.decode(errors="replace")

    @cached_property
    def json(self) -> Any:
        """The body as a JSON value, or `NOT_JSON`."""
        return parse(self.body)

    @cached_property
    def blocks(self) -> tuple[sse.Block, ...]:
        """The body cut at its blank lines: an event stream's blocks, comments included."""
        reader = sse.BlockReader(max_block=max(len(self.body), 1))
        blocks = tuple(reader.feed(self.body))
        last = reader.close()
        return (*blocks, last) if last else blocks

    @cached_property
    def events(self) -> tuple[sse.Event, ...]:
        """The body read as an event stream, up to where it stops being one (`event_error`).

        A last event without its blank line is among them, with `terminated` False.
        """
        return self._reading[0]

    @property
    def event_error(self) -> str | None:
        """Why the event stream could not be read to its end, or None."""
        return self._reading[1]

    @cached_property
    def _reading(self) -> tuple[tuple[sse.Event, ...], str | None]:
        events = []
        try:
            for block in self.blocks:
                event = block.event()
                events += [event] if event else []
        except sse.EventStreamError as error:
            return tuple(events), str(error)
        return tuple(events), None

    def read(self, reader: Callable[[Exchange], R]) -> R:
        """What a reader makes of this exchange. It reads once, however many rules ask."""
        if reader not in self._read:
            self._read[reader] = reader(self)
        made: R = self._read[reader]
        return made

    @cached_property
    def _read(self) -> dict[Callable[[Exchange], Any], Any]:
        return {}

    def arrival(self, offset: int) -> float:
        """When the byte before `offset` had arrived, in seconds after sending."""
        return next((read.seconds for read in self.reads if read.end >= offset), self.seconds)
