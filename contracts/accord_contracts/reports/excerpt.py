"""Excerpts: the few lines of an answer that a finding is about, with the place marked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from accord_contracts.exchange import NOT_JSON, Exchange, parse
from accord_contracts.finding import Place
from accord_contracts.kinds import STREAMS
from accord_contracts.reports.outline import LONGEST, Line, outline
from accord_contracts.reports.printable import counted, printable

EVENTS_AROUND: Final = 2
"""Events that are shown on each side of the one that a finding is about."""

BYTES_AROUND: Final = 28
"""Bytes that are shown on each side of an offset."""

HEADERS: Final = 12
TEXT_LINES: Final = 6


def headline(exchange: Exchange) -> str:
    """What came back, in one line: `200 text/event-stream, 7 events in 0.12 s`."""
    if exchange.status is None:
        return f"no answer: {printable(exchange.failure or 'the connection ended', LONGEST)}"
    size = counted(len(exchange.events), "event") if is_stream(exchange) else ""
    size = size or counted(len(exchange.body), "byte")
    media = printable(exchange.media_type or "no content type", 60)
    end = f"; {printable(exchange.failure, LONGEST)}" if exchange.failure else ""
    return f"{exchange.status} {media}, {size} in {exchange.seconds:.2f} s{end}"


def is_stream(exchange: Exchange) -> bool:
    """Whether an answer is shown as events."""
    return STREAMS.see(exchange) is not None


def excerpt(exchange: Exchange, place: Place) -> list[Line]:
    """The lines around a place in an answer. Short, whatever the answer's size."""
    if exchange.status is None:
        return []
    if place.header is not None:
        return list(_headers(exchange, place.header))
    if place.offset is not None:
        return list(_bytes(exchange.body, place.offset))
    if place.event is not None or (place.pointer is None and is_stream(exchange)):
        return list(_events(exchange, place))
    return list(_body(exchange, place.pointer))


def _headers(exchange: Exchange, name: str) -> Iterator[Line]:
    shown = sorted(exchange.headers, key=lambda header: header[0] != name)[:HEADERS]
    for key, value in exchange.headers:
        if (key, value) in shown:
            yield Line(printable(f"{key}: {value}", LONGEST), key == name)
    if exchange.header(name) is None:
        yield Line(f"(no header {name})", marked=True)


def _bytes(body: bytes, offset: int) -> Iterator[Line]:
    start = max(0, offset - BYTES_AROUND)
    before, after = body[start:offset], body[offset : offset + BYTES_AROUND]
    lead = _escaped(before)
    yield Line(lead + (_escaped(after) or "(the end)"), marked=True)
    yield Line(f"{' ' * len(lead)}^ byte {offset} of {len(body)}")


def _escaped(data: bytes) -> str:
    r"""Bytes on one line; those that are not UTF-8 as `\\xff`, also where a character is cut."""
    return printable(data.decode(errors="backslashreplace"))


def _events(exchange: Exchange, place: Place) -> Iterator[Line]:
    events = exchange.events
    wanted = place.event or len(events)
    low, high = max(1, wanted - EVENTS_AROUND), min(len(events), wanted + EVENTS_AROUND)
    if low > 1:
        yield Line(f"… {counted(low - 1, 'event')} before")
    for number in range(low, high + 1):
        yield from _event(number, events[number - 1].data, place)
    if high < len(events):
        yield Line(f"… {counted(len(events) - high, 'event')} after")
    if place.event is not None and place.event > len(events):
        yield Line(f"(no event {place.event})", marked=True)
    if exchange.event_error:
        yield Line(f"(from here on no event stream: {printable(exchange.event_error, LONGEST)})")


def _event(number: int, data: str, place: Place) -> Iterator[Line]:
    """One event on one line, or opened where the place is inside it."""
    marked = number == place.event
    value = parse(data) if marked and place.pointer else NOT_JSON
    if value is NOT_JSON:
        yield Line(f"event {number}: {printable(data, LONGEST)}", marked)
        return
    yield Line(f"event {number}:")
    yield from (Line("  " + line.text, line.marked) for line in outline(value, place.pointer))


def _body(exchange: Exchange, pointer: str | None) -> Iterator[Line]:
    if exchange.json is not NOT_JSON:
        yield from outline(exchange.json, pointer)
        return
    # Only what can be shown is decoded: the body may be megabytes.
    lines = exchange.body[: LONGEST * TEXT_LINES].decode(errors="replace").splitlines()
    yield from (Line(printable(line, LONGEST)) for line in lines[:TEXT_LINES])
    if len(lines) > TEXT_LINES or len(exchange.body) > LONGEST * TEXT_LINES:
        yield Line("…")
    if not exchange.body:
        yield Line("(no body)", marked=True)
