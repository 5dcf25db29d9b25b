"""Excerpts: short whatever was sent, harmless to print, and the place is marked."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import Place
from accord_contracts.reports.excerpt import excerpt, headline
from accord_contracts.reports.outline import Line, outline
from accord_contracts.reports.printable import printable
from accord_contracts.views import MISSING, at

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)

STREAM = Request("POST", "/chat/completions", b'{"stream": true}')
HTML = Request("GET", "/models")


def marked(lines: list[Line]) -> list[str]:
    return [line.text.strip() for line in lines if line.marked]


def stream(*events: str) -> Exchange:
    body = "".join(f"data: {event}\n\n" for event in events).encode()
    headers = (("content-type", "text/event-stream"),)
    return Exchange(STREAM, 1, 200, headers, body)


def answer(body: bytes, *headers: tuple[str, str]) -> Exchange:
    return Exchange(HTML, 1, 200, headers, body)


@given(st.text(), st.none() | st.integers(1, 30))
def test_printable_text_is_one_harmless_line(text: str, longest: int | None) -> None:
    shown = printable(text, longest)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert longest is None or len(shown) <= longest
    shown.encode()


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"])))
def test_ordinary_text_is_printed_as_it_is(text: str) -> None:
    assert printable(text) == text


def pointers(value: Any, start: str = "") -> list[str]:
    """All pointers into a value."""
    found = [start]
    members: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else ()
    members = enumerate(value) if isinstance(value, list) else members
    for key, child in members:
        token = str(key).replace("~", "~0").replace("/", "~1")
        found += pointers(child, f"{start}/{token}")
    return found


@given(JSON, st.data())
def test_an_outline_marks_what_the_pointer_names_and_stays_short(value: Any, data: Any) -> None:
    pointer = data.draw(st.sampled_from(pointers(value)))
    lines = list(outline(value, pointer))
    depth = pointer.count("/")
    assert len(marked(lines)) == 1
    assert len(lines) <= 9 * (depth + 1) + 4
    named = at(value, pointer)
    if not isinstance(named, dict | list):
        shown = printable(json.dumps(named, ensure_ascii=False))
        assert shown[:50] in marked(lines)[0]


@given(JSON, st.text())
def test_an_outline_marks_where_something_is_missing(value: Any, name: str) -> None:
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    if at(value, pointer) is MISSING:
        assert len(marked(list(outline(value, pointer)))) == 1


def test_a_missing_member_is_shown_in_its_object() -> None:
    lines = list(outline({"choices": [{"index": 0}]}, "/choices/0/finish_reason"))
    assert [line.text for line in lines] == [
        "{",
        '  "choices": [',
        "    {",
        '      "index": 0',
        '      (no "finish_reason")',
        "    }",
        "  ]",
        "}",
    ]
    assert marked(lines) == ['(no "finish_reason")']


def test_a_value_of_any_size_and_depth_is_outlined() -> None:
    deep = json.loads("[" * 400 + "]" * 400)
    wide = {"data": list(range(100_000)), "deep": deep}
    lines = list(outline(wide, "/data/5000"))
    assert marked(lines) == ["5000"]
    assert len(lines) < 20
    assert all(len(line.text) < 300 for line in lines)


def test_an_event_is_shown_among_its_neighbours() -> None:
    chunk = json.dumps({"choices": [], "usage": {"total_tokens": -1}})
    exchange = stream(*"abc", chunk, *"def")
    lines = excerpt(exchange, Place(pointer="/usage/total_tokens", event=4))
    assert marked(lines) == ['"total_tokens": -1']
    texts = [line.text for line in lines]
    assert texts[0] == "… 1 event before"
    assert texts[1:4] == ["event 2: b", "event 3: c", "event 4:"]
    assert texts[-1] == "… 1 event after"


def test_an_event_that_never_came_is_marked_as_missing() -> None:
    assert marked(excerpt(stream("a"), Place(event=2))) == ["(no event 2)"]


def test_a_byte_is_pointed_at() -> None:
    exchange = answer(b"x" * 100 + b"\xff\xfe" + b"y" * 100)
    lines = excerpt(exchange, Place(offset=101))
    text, pointer = (line.text for line in lines)
    assert text[pointer.index("^") :].startswith("\\xfeyyy")
    assert "byte 101 of 202" in pointer


def test_a_header_is_marked_and_a_missing_one_too() -> None:
    exchange = answer(b"", ("content-type", "text/plain"), ("x-a", "1"))
    assert marked(excerpt(exchange, Place(header="x-a"))) == ["x-a: 1"]
    assert marked(excerpt(exchange, Place(header="x-b"))) == ["(no header x-b)"]


@pytest.mark.parametrize("body", [b"", b"<html>\n" * 100_000, b"\xff" * 10_000, b"[" * 9_000])
@given(
    place=st.builds(
        Place,
        pointer=st.none() | st.just("/a/0"),
        event=st.none() | st.integers(1, 3),
        offset=st.none() | st.integers(0, 20_000),
        header=st.none() | st.just("x-a"),
    )
)
def test_any_body_makes_a_short_excerpt_at_any_place(body: bytes, place: Place) -> None:
    for request in (STREAM, HTML):
        exchange = Exchange(request, 1, 200, (("content-type", "text/event-stream"),), body)
        lines = excerpt(exchange, place)
        assert len(lines) < 30
        assert all(len(line.text) <= 260 for line in lines)
        assert "\n" not in headline(exchange)


def test_no_answer_has_no_excerpt() -> None:
    exchange = Exchange(HTML, 1, failure="the connection was reset")
    assert excerpt(exchange, Place()) == []
    assert headline(exchange) == "no answer: the connection was reset"
