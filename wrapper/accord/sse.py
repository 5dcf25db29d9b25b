"""The event-stream reader: bytes in, events out, no input or output of its own.

Complete by the WHATWG standard (HTML, section 9.2, "Server-sent events"), and stricter in one
thing: invalid UTF-8 is an error that names its place, where a browser would put U+FFFD.

It works in two layers. `BlockReader` cuts the body into blocks, each ending with its blank line.
The blocks tile the body: joined, they are the body again, so whoever judges a server sees every
comment, stray blank line and terminator. `Reader` is what a client wants: it interprets each
block and gives the events that have data.

    bytes --BlockReader--> Block (.lines, .fields()) --Reader--> Event

Both give the same result however the body was cut into reads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "MAX_BLOCK",
    "Block",
    "BlockReader",
    "Event",
    "EventStreamError",
    "EventTooLargeError",
    "Fields",
    "InvalidUtf8Error",
    "Line",
    "Reader",
]

MAX_BLOCK = 16 * 1024 * 1024
"""Default bound, in bytes, of one block, and so of what a reader holds in memory."""

_event: Final = tuple.__new__  # makes a named tuple in half the time that its class takes

_BOM = b"\xef\xbb\xbf"

_LINE = re.compile(rb"([^\r\n]*)(\r\n|\n|\r|\Z)")

# A blank line after a line end. A CR may be the first half of a CRLF whose LF is still on its
# way, so a blank line that is a CR waits for the next byte, except after a line that ended in a
# lone CR: there the stream speaks CR, and waiting would hold every event back until the next one.
# (Should an LF follow after all, it makes a blank block of its own, which means nothing.)
_BLOCK_END = re.compile(rb"\n(?:\n|\r\n|\r(?=[^\n]))|\r\r")
_BLANK_LINE = re.compile(rb"\n|\r\n|\r(?=[^\n])")
_LOOK_BACK = 3  # a block end may straddle reads: all but the last byte of the longest match

_RETRY_DIGITS = 15  # more milliseconds than 30,000 years: not a number anyone meant


class EventStreamError(ValueError):
    """The bytes cannot be read as an event stream.

    Attributes:
        offset: where in the body, in bytes from its start.
    """

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message, offset)
        self.offset = offset

    def __str__(self) -> str:
        return f"{self.args[0]} at byte {self.offset}"


class InvalidUtf8Error(EventStreamError):
    """A byte that is not UTF-8; `offset` is the byte's own."""


class EventTooLargeError(EventStreamError):
    """A block longer than the reader's bound; `offset` is where the block starts."""


class Event(NamedTuple):
    """One event, as the standard dispatches it.

    Attributes:
        data: the `data` lines, joined by LF.
        event: the event's type; empty when the block names none.
        id: the id that this block sets, if any (`Reader.last_event_id` has the one in force).
        retry: the reconnection time that this block sets, in milliseconds, if any.
        start: offset of the block's first byte in the body.
        end: offset just after the block's blank line.
        terminated: False when the body ended before the blank line. The standard discards such
            an event: `Reader.close` is the only place where one is seen.
    """

    data: str
    event: str = ""
    id: str | None = None
    retry: int | None = None
    start: int = 0
    end: int = 0
    terminated: bool = True


class Fields(NamedTuple):
    """What a block's lines add up to. `data` is None without a `data` line: then no event."""

    data: str | None
    event: str
    id: str | None
    retry: int | None


class Line(NamedTuple):
    r"""One line of a block, as it was on the wire.

    Attributes:
        name: the field's name; empty for a comment and for a blank line.
        separator: `b": "`, `b":"`, or `b""` when the line has no colon.
        value: what follows the separator (a comment's text); invalid UTF-8 shown as U+FFFD.
        ending: `b"\n"`, `b"\r"`, `b"\r\n"`, or `b""` when the body ended first.
    """

    name: str
    separator: bytes
    value: str
    ending: bytes

    @property
    def is_comment(self) -> bool:
        """Whether the line starts with a colon."""
        return not self.name and bool(self.separator)

    @property
    def is_blank(self) -> bool:
        """Whether the line is empty: what ends a block."""
        return not self.name and not self.separator


class Block(NamedTuple):
    """The lines up to and including a blank one; or what was left when the body ended.

    Attributes:
        raw: the bytes as received, a byte order mark included.
        start: offset of the first of them in the body.
        terminated: whether the blank line arrived.
    """

    raw: bytes
    start: int
    terminated: bool = True

    @property
    def end(self) -> int:
        """Offset in the body just after the block."""
        return self.start + len(self.raw)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line, the blank one included."""
        matches = _LINE.finditer(self._without_bom())
        return tuple(_parse_line(match[1], match[2]) for match in matches if match[0])

    def fields(self) -> Fields:
        """Interpret the lines as the standard does.

        Raises:
            InvalidUtf8Error: the block is terminated and not UTF-8. (A body that was cut may end
                within a character: what is left of it is shown as U+FFFD.)
        """
        data: list[str] = []
        event, id_, retry = "", None, None
        for line in self._text().replace("\r\n", "\n").replace("\r", "\n").split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                data.append(value)
            elif name == "event":
                event = value
            elif name == "id" and "\0" not in value:
                id_ = value
            elif name == "retry" and _is_retry(value):
                retry = int(value)
        return Fields("\n".join(data) if data else None, event, id_, retry)

    def event(self, fields: Fields | None = None) -> Event | None:
        """Give the block's event, if it has data.

        Args:
            fields: what `fields()` returned, for a caller who has it already.

        Raises:
            InvalidUtf8Error: as `fields()`.
        """
        data, event, id_, retry = fields or self.fields()
        if data is None:
            return None
        return Event(data, event, id_, retry, self.start, self.end, self.terminated)

    def _without_bom(self) -> bytes:
        return self.raw.removeprefix(_BOM) if self.start == 0 else self.raw

    def _text(self) -> str:
        if not self.terminated:
            return self._without_bom().decode(errors="replace")
        try:
            text = self.raw.decode()
        except UnicodeDecodeError as error:
            raise InvalidUtf8Error("invalid UTF-8", self.start + error.start) from error
        return text.removeprefix("\ufeff") if self.start == 0 else text


class BlockReader:
    """Cuts a body into blocks, as its bytes arrive.

    Args:
        max_block: the most bytes that one block may have.
    """

    def __init__(self, *, max_block: int = MAX_BLOCK) -> None:
        self._max_block = max_block
        self._buffer = bytearray()
        self._offset = 0  # of the buffer's first byte, in the body
        self._start = 0  # in the buffer, of the first block that was not handed out
        self._scanned = 0  # in the buffer: no block that starts at _start ends before here
        self._has_cr = False  # until the first CR, bytearray.find does the work

    def feed(self, data: bytes) -> Iterator[Block]:
        """Take the next bytes of the body; give the blocks that they complete.

        Nothing is lost when the iterator is left early: the next one goes on where it stopped.

        Raises:
            EventTooLargeError: on iteration, when a block exceeds the bound.
        """
        self.push(data)
        return iter(self.next_block, None)

    def push(self, data: bytes) -> None:
        """Take the next bytes of the body, for `next_block` and `simple_events`."""
        if self._start:
            del self._buffer[: self._start]
            self._offset += self._start
            self._scanned = max(0, self._scanned - self._start)
            self._start = 0
        self._buffer += data
        self._has_cr = self._has_cr or b"\r" in data

    def next_block(self) -> Block | None:
        """Give the next complete block, if there is one.

        Raises:
            EventTooLargeError: a block exceeds the bound.
        """
        if self._start == len(self._buffer):
            return None
        start, end = self._start, self._find_end()
        if (end or len(self._buffer)) - start > self._max_block:
            message = f"an event of more than {self._max_block} bytes"
            raise EventTooLargeError(message, self._offset + start)
        if end is None:
            self._scanned = max(start, len(self._buffer) - _LOOK_BACK)
            return None
        self._start = end
        return Block(bytes(self._buffer[start:end]), self._offset + start)

    def simple_events(self) -> Iterator[Event]:
        r"""Give the events of the next blocks, as far as these are exactly `data: …\n\n`.

        Nearly every block of nearly every server is one. This path spares it most of the work;
        whatever it declines, `next_block` takes, with the same result.
        """
        buffer, start = self._buffer, self._start
        while not (self._has_cr or self._scanned > start) and buffer.startswith(b"data: ", start):
            stop = buffer.find(b"\n", start)
            if not buffer.startswith(b"\n\n", stop) or stop + 2 - start > self._max_block:
                return
            try:
                data = buffer[start + 6 : stop].decode()
            except UnicodeDecodeError:
                return
            self._start = stop + 2
            body = self._offset
            yield _event(Event, (data, "", None, None, body + start, body + stop + 2, True))
            start = self._start

    def close(self) -> Block | None:
        """Say that the body has ended; give what is left of it, if anything is.

        That is an unterminated block, or one whose blank line was a CR that might have been
        half a CRLF.
        """
        raw, start = bytes(self._buffer[self._start :]), self._offset + self._start
        self._start = len(self._buffer)
        if not raw:
            return None
        return Block(raw, start, terminated=raw == b"\r" or raw.endswith(b"\n\r"))

    def _find_end(self) -> int | None:
        buffer, start = self._buffer, self._start
        if buffer.startswith((b"\n", b"\r"), start):
            match = _BLANK_LINE.match(buffer, start)
            return match.end() if match else None
        start = max(start, self._scanned)
        if self._has_cr:
            match = _BLOCK_END.search(buffer, start)
            return match.end() if match else None
        found = buffer.find(b"\n\n", start)
        return found + 2 if found >= 0 else None


class Reader:
    """Reads the events of a stream, as its bytes arrive.

    Args:
        max_event: the most bytes that one event may have on the wire.

    Attributes:
        last_event_id: the last `id` that the stream set; empty before the first.
        retry: the last reconnection time that the stream set, in milliseconds.
    """

    def __init__(self, *, max_event: int = MAX_BLOCK) -> None:
        self.last_event_id = ""
        self.retry: int | None = None
        self._blocks = BlockReader(max_block=max_event)

    def feed(self, data: bytes) -> Iterator[Event]:
        """Take the next bytes of the body; give the events that they complete.

        Nothing is lost when the iterator is left early: the next one goes on where it stopped.

        Raises:
            EventStreamError: on iteration, after the events before the fault.
        """
        self._blocks.push(data)
        return self._events()

    def close(self) -> Event | None:
        """Say that the body has ended; give the event that it broke off, if any.

        With `terminated=False` the standard discards it: it is here to be judged, not used.
        """
        block = self._blocks.close()
        return self._interpret(block) if block else None

    def _events(self) -> Iterator[Event]:
        while True:
            yield from self._blocks.simple_events()
            block = self._blocks.next_block()
            if block is None:
                return
            event = self._interpret(block)
            if event is not None:
                yield event

    def _interpret(self, block: Block) -> Event | None:
        fields = block.fields()
        if block.terminated:
            self.last_event_id = self.last_event_id if fields.id is None else fields.id
            self.retry = self.retry if fields.retry is None else fields.retry
        return block.event(fields)


def _parse_line(content: bytes, ending: bytes) -> Line:
    name, colon, value = content.partition(b":")
    space = colon and value[:1] == b" "
    return Line(
        name=name.decode(errors="replace"),
        separator=b": " if space else colon,
        value=value[1 if space else 0 :].decode(errors="replace"),
        ending=ending,
    )


def _is_retry(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= _RETRY_DIGITS
