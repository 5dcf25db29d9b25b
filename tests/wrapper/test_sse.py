r"""The event-stream reader against the standard, for every way of cutting a body into reads.

The reference is a few naive lines that follow the standard's own words, over the whole body at
once; the reader must agree with it, and with itself, wherever the body was cut.
"""

from __future__ import annotations

import copy
import itertools
import json
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.sse import (
    Block,
    BlockReader,
    Event,
    EventStreamError,
    EventTooLargeError,
    InvalidUtf8Error,
    Reader,
)

PIECES = st.sampled_from(
    [
        *["\n", "\r", "\r\n", "\n\n", "\r\r", "\r\n\r\n", "\n\r\n", "\n\r", "\r\n\n", "\n\n\n"],
        *[
            "data: ",
            "data:",
            "data",
            "data : ",
            "event: ",
            "id:",
            "retry: ",
            "retry: 10",
            ": ",
            ":",
        ],
        *[
            '{"a": 1}',
            "[DONE]",
            "x",
            " ",
            "  ",
            "é",
            "🙂",
            "\u2028",
            "\x85",
            "\x0c",
            "\0",
            "\ufeff",
        ],
        *["data: x\n\n", 'data: {"b": 2}\n\n', "data: y\r\n\r\n", ": ping\n\n", "event: error\n"],
    ]
)
BODIES = st.lists(PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode())
RAW_BODIES = st.one_of(BODIES, st.binary(max_size=60))


def cut(body: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[a:b] for a, b in itertools.pairwise(bounds)]


CUTS = st.lists(st.integers(min_value=0, max_value=300), max_size=40)


def read(reads: list[bytes], **options: int) -> tuple[list[Event], Event | None]:
    reader = Reader(**options)
    events = [event for data in reads for event in reader.feed(data)]
    return events, reader.close()


def read_until_error(reads: list[bytes], **options: int) -> tuple[list[Event], str]:
    reader = Reader(**options)
    events: list[Event] = []
    try:
        for data in reads:
            events.extend(reader.feed(data))
        reader.close()
    except EventStreamError as error:
        return events, f"{type(error).__name__}: {error}"
    return events, ""


def read_blocks(reads: list[bytes]) -> list[Block]:
    reader = BlockReader()
    blocks = [block for data in reads for block in reader.feed(data)]
    rest = reader.close()
    return [*blocks, rest] if rest else blocks


def by_the_standard(body: bytes) -> list[tuple[str, str, str]]:
    """Dispatch (data, type, last event id) as section 9.2.6 says, with no thought of speed."""
    text = body.decode().removeprefix("\ufeff")
    *lines, _unfinished = re.split("\r\n|\n|\r", text)
    events, data, kind, last_id, id_ = [], "", "", "", ""
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            last_id = id_
            if data:
                events.append((data.removesuffix("\n"), kind, last_id))
            data, kind = "", ""
        elif name == "event":
            kind = value
        elif name == "data":
            data += value + "\n"
        elif name == "id" and "\0" not in value:
            id_ = value
    return events


@given(BODIES, CUTS)
def test_events_are_those_of_the_standard(body: bytes, places: list[int]) -> None:
    reader, seen = Reader(), []
    for data in cut(body, places):
        seen += [(event.data, event.event, reader.last_event_id) for event in reader.feed(data)]
    rest = reader.close()
    if rest is not None and rest.terminated:
        seen.append((rest.data, rest.event, reader.last_event_id))
    assert seen == by_the_standard(body)


@given(RAW_BODIES, CUTS)
def test_cutting_changes_nothing(body: bytes, places: list[int]) -> None:
    whole, cut_up = [body], cut(body, places)
    bytewise = [body[i : i + 1] for i in range(len(body))]
    assert read_blocks(cut_up) == read_blocks(whole) == read_blocks(bytewise)
    assert read_until_error(cut_up) == read_until_error(whole) == read_until_error(bytewise)
    small = [read_until_error(reads, max_event=9) for reads in (cut_up, whole, bytewise)]
    assert small[0] == small[1] == small[2]


@given(RAW_BODIES, CUTS)
def test_blocks_tile_the_body_and_lines_tile_the_block(body: bytes, places: list[int]) -> None:
    blocks = read_blocks(cut(body, places))
    assert b"".join(block.raw for block in blocks) == body
    for before, block in zip([Block(b"", 0), *blocks], blocks, strict=False):
        assert block.start == before.end
        if body.isascii():
            lines = [
                line.name.encode() + line.separator + line.value.encode() + line.ending
                for line in block.lines
            ]
            assert b"".join(lines) == block.raw


@given(BODIES, CUTS)
def test_the_fast_path_agrees_with_the_general_one(body: bytes, places: list[int]) -> None:
    events, rest = read(cut(body, places))
    general = [block.event() for block in read_blocks([body])]
    assert [*events, *([rest] if rest else [])] == [event for event in general if event]


@given(BODIES)
def test_lines_and_fields_tell_the_same_story(body: bytes) -> None:
    for block in read_blocks([body]):
        data = [line.value for line in block.lines if line.name == "data"]
        assert block.fields().data == ("\n".join(data) if data else None)
        types = [line.value for line in block.lines if line.name == "event"]
        assert block.fields().event == (types or [""])[-1]


@given(BODIES)
def test_an_event_points_at_its_bytes(body: bytes) -> None:
    events, rest = read([body])
    for event in [*events, *([rest] if rest else [])]:
        block = Block(body[event.start : event.end], event.start, event.terminated)
        assert block.event() == event


@given(BODIES, CUTS)
def test_leaving_an_iterator_early_loses_nothing(body: bytes, places: list[int]) -> None:
    reader = Reader()
    events: list[Event] = []
    for data in cut(body, places):
        events.extend(itertools.islice(reader.feed(data), 1))
    events.extend(reader.feed(b""))
    assert events == read([body])[0]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"data: a\n\n", ["a"]),
        (b"data:a\n\ndata:  b\n\n", ["a", " b"]),
        (b"data: a\r\n\r\ndata: b\r\rdata: c\n\n", ["a", "b", "c"]),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", ["a"]),
        (b"data: a\ndata\ndata: b\n\n", ["a\n\nb"]),
        (b"data\n\ndata\ndata\n\ndata:", ["", "\n"]),
        (b": ping\n\nid: 1\n\nretry: 5\n\nevent: x\n\ndata: a\n\n", ["a"]),
        ("data: a\u2028b\x85c\x0cd\n\n".encode(), ["a\u2028b\x85c\x0cd"]),
        (b"Data: a\n\n data: b\n\ndata: c\n\n", ["c"]),
        (b"error: a\ndata: b\n\n", ["b"]),
        (b"", []),
    ],
)
def test_what_the_user_gets(body: bytes, expected: list[str]) -> None:
    assert [event.data for event in read([body])[0]] == expected


def test_control_fields() -> None:
    reader = Reader()
    body = b"id: 7\nretry: 100\nevent: delta\ndata: a\n\nretry: 1s\nid: x\0y\ndata: b\n\nid\n\n"
    first, second = reader.feed(body)
    assert (first.event, first.id, first.retry) == ("delta", "7", 100)
    assert (second.event, second.id, second.retry) == ("", None, None)
    assert (reader.last_event_id, reader.retry) == ("", 100)


def test_a_retry_that_no_one_can_mean_is_ignored() -> None:
    (event,) = Reader().feed(b"data: a\nretry: " + b"9" * 10_000 + b"\n\n")
    assert event.retry is None


@pytest.mark.parametrize("end", [b"\n\n", b"\r\r", b"\r\n\r\n", b"\n\r\n"])
def test_an_event_is_given_as_soon_as_its_blank_line_is_there(end: bytes) -> None:
    assert [event.end for event in Reader().feed(b"data: a" + end)] == [7 + len(end)]


def test_an_event_that_the_body_breaks_off_is_marked() -> None:
    events, rest = read([b"data: a\n\ndata: b\n"])
    assert [event.data for event in events] == ["a"]
    assert rest == Event("b", start=9, end=17, terminated=False)
    assert read([b"data: a\n\n: only a comment\n"])[1] is None
    assert read([b"data: a\n\r"])[1] == Event("a", start=0, end=9, terminated=True)


def test_a_body_cut_within_a_character_shows_what_is_left() -> None:
    assert read([b"data: ok\n\ndata: caf\xc3"])[1] == Event(
        "caf\ufffd", start=10, end=20, terminated=False
    )


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf", b"data: a\n\n", b"data: a\r\n\r\n"])
@pytest.mark.parametrize(
    "bad", [b"data: b\xff\n\n", b": c \xff\n\n", b"data: a\ndata: \xed\xa0\x80\n\n"]
)
def test_invalid_utf8_names_its_byte(prefix: bytes, bad: bytes) -> None:
    offset = len(prefix) + re.search(rb"[\xff\xed]", bad).start()  # type: ignore[union-attr]
    with pytest.raises(InvalidUtf8Error, match=f"invalid UTF-8 at byte {offset}$") as caught:
        read([prefix + bad])
    assert caught.value.offset == offset


def test_events_before_invalid_utf8_are_given_first() -> None:
    events, error = read_until_error([b"data: a\n\nid: 1\ndata: b\n\ndata: \xff\n\n"])
    assert [event.data for event in events] == ["a", "b"]
    assert error == "InvalidUtf8Error: invalid UTF-8 at byte 30"


@pytest.mark.parametrize("size", [1, 7, 100])
def test_memory_is_bounded_whether_or_not_the_event_ever_ends(size: int) -> None:
    for body in (b"data: " + b"x" * 500, b"data: " + b"x" * 500 + b"\n\n", b"data: x\n" * 70):
        with pytest.raises(EventTooLargeError) as caught:
            read([b"data: a\n\n", *cut(body, list(range(0, 600, size)))], max_event=400)
        assert caught.value.offset == 9


def test_many_small_events_are_not_one_large_one() -> None:
    body = b"data: a\n\n" * 1000
    assert len(read([body], max_event=9)[0]) == 1000


def test_a_long_event_in_tiny_reads_takes_linear_time() -> None:
    """Were the buffer searched from its start for each read, this would take hours."""
    text = json.dumps("x" * 2_000_000)
    reads = [*[b"data: "], *[text[i : i + 4].encode() for i in range(0, len(text), 4)], b"\n\n"]
    assert [event.data for event in read(reads)[0]] == [text]


def test_lines_show_the_wire() -> None:
    (block,) = read_blocks([b":hi\r\ndata:a\ndata: b\rother\n\xff: \n\n"])
    assert [tuple(line) for line in block.lines] == [
        ("", b":", "hi", b"\r\n"),
        ("data", b":", "a", b"\n"),
        ("data", b": ", "b", b"\r"),
        ("other", b"", "", b"\n"),
        ("\ufffd", b": ", "", b"\n"),
        ("", b"", "", b"\n"),
    ]
    assert [line.is_comment for line in block.lines] == [True, *[False] * 5]
    assert [line.is_blank for line in block.lines] == [*[False] * 5, True]


@pytest.mark.parametrize(
    "value", [Event("a", end=3), Block(b"\n", 0), InvalidUtf8Error("invalid UTF-8", 3)]
)
def test_values_survive_copy_and_pickle(value: object) -> None:
    for twin in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):  # noqa: S301 - our own bytes
        assert (type(twin), str(twin)) == (type(value), str(value))
        assert getattr(twin, "offset", None) == getattr(value, "offset", None)
