"""Streams on a real socket: connections come back, ends are told apart, everything closes."""

from __future__ import annotations

import pickle
import time

import httpx
import pytest
from loopback import (
    DONE,
    END,
    FOREVER,
    HANG_UP,
    Caller,
    Endless,
    Reply,
    Wire,
    ask,
    delta,
    http,
    jsonic,
    part,
    patiently,
    stream_head,
)

import accord
from accord import errors, streams


def use(client: object) -> object:
    return ask(client, stream=True)


def texts(chunks: list[accord.types.ChatCompletionChunk]) -> list[str | None]:
    return [choice.delta.content for chunk in chunks for choice in chunk.choices]


def came(error: accord.StreamError) -> list[str | None]:
    """Give the text of each choice that had arrived."""
    assert isinstance(error.partial, accord.types.ChatCompletion)
    return [choice.message.content for choice in error.partial.choices]


GOOD: Reply = [stream_head(), part(delta("a")), part(delta("b")), part(DONE), END]


@pytest.mark.parametrize("end", ["at once", "apart", "later"])
def test_ten_streams_take_one_connection(
    caller: Caller, wire: Wire, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tail: dict[str, list[bytes | float]] = {
        "at once": [part(DONE) + END],
        "apart": [part(DONE), END],
        "later": [part(DONE), 0.05, END],
    }
    monkeypatch.setattr(streams, "_END_SECONDS", 120)
    wire.replies = [[stream_head(), part(delta("a")), *tail[end]]]
    got = caller.streams(use, times=10, base_url=wire.base_url)
    assert [texts(chunks) for chunks in got] == [["a"]] * 10
    assert (len(wire.requests), wire.connections) == (10, 1)


def test_a_body_held_open_after_done_does_not_hang(caller: Caller, wire: Wire) -> None:
    wire.replies = [[stream_head(), part(delta("a")), part(DONE), FOREVER], GOOD]
    got = caller.streams(use, times=2, base_url=wire.base_url)
    assert [texts(chunks) for chunks in got] == [["a"], ["a", "b"]]
    assert wire.connections == 2


def test_a_stream_that_is_left_closes_its_connection(caller: Caller, wire: Wire) -> None:
    wire.replies = [Endless()]
    ((chunk,),) = caller.streams(use, take=1, base_url=wire.base_url)
    assert texts([chunk]) == ["a"]
    assert wire.hung_up.wait(120)


def test_leaving_the_loop_is_enough(wire: Wire) -> None:
    wire.replies = [Endless()]
    with accord.Client(base_url=wire.base_url) as client:
        stream = ask(client, stream=True)
        for _chunk in stream:
            break
        assert stream.response.is_closed
        assert next(stream, None) is None
    assert wire.hung_up.wait(120)


def test_an_exception_in_the_loop_closes_the_stream(wire: Wire) -> None:
    wire.replies = [GOOD]
    with accord.Client(base_url=wire.base_url) as client:
        stream = ask(client, stream=True)
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the loop is what is tested
            for _chunk in stream:
                raise ZeroDivisionError
        assert stream.response.is_closed
        assert stream.request_id == "req-7"


@pytest.mark.parametrize(
    "end",
    [
        [END],
        [HANG_UP],
        [part(b'data: {"choices"'), END],
        [part(b"data: caf\xc3"), HANG_UP],
    ],
    ids=["clean", "hung up", "in an event", "in a character"],
)
def test_a_stream_without_done_is_an_error_that_has_what_came(
    caller: Caller, wire: Wire, end: Reply
) -> None:
    wire.replies = [[stream_head(), part(delta("a")), part(delta("x", 1)), part(delta("b")), *end]]
    with pytest.raises(accord.StreamCutError, match=r"before \[DONE\]") as caught:
        caller.streams(use, base_url=wire.base_url)
    error = caught.value
    assert (came(error), error.events, error.request_id) == (["ab", "x"], 3, "req-7")
    assert len(wire.requests) == 1
    twin = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(twin), vars(twin), str(twin)) == (type(error), vars(error), str(error))


def test_a_stream_that_stops_is_given_up(caller: Caller, wire: Wire) -> None:
    def attempt(seconds: float) -> accord.StreamTimeoutError | None:
        timeout = httpx.Timeout(120, read=seconds)
        with pytest.raises(accord.APITimeoutError, match="read timeout") as caught:
            caller.streams(use, base_url=wire.base_url, timeout=timeout, max_retries=0)
        assert caught.value.phase == "read"
        begun = isinstance(caught.value, accord.StreamTimeoutError) and caught.value.events
        return caught.value if begun else None  # type: ignore[return-value]  # then it is one

    wire.replies = [[stream_head(), part(delta("a")), FOREVER]]
    assert came(patiently(attempt)) == ["a"]


@pytest.mark.parametrize(
    "event",
    [
        b'data: {"error": {"message": "broken", "code": 500, "type": "server_error"}}\n\n',
        b'event: error\ndata: {"message": "broken", "code": 500, "type": "server_error"}\n\n',
        b'data: {"object": "error", "message": "broken", "code": 500, "type": "server_error"}\n\n',
    ],
)
def test_an_error_inside_a_stream_is_raised(caller: Caller, wire: Wire, event: bytes) -> None:
    wire.replies = [[stream_head(), part(delta("a")), part(event), part(DONE), END]]
    with pytest.raises(accord.StreamEventError, match="broken") as caught:
        caller.streams(use, base_url=wire.base_url)
    error = caught.value
    assert (error.message, error.code, error.type) == ("broken", "500", "server_error")
    assert (came(error), error.status, len(wire.requests)) == (["a"], 200, 1)


@pytest.mark.parametrize("event", [b"data: {nope}\n\n", b"data: 7\n\n", b"data: \xff\n\n"])
def test_an_event_that_is_no_chunk_is_an_invalid_answer(
    caller: Caller, wire: Wire, event: bytes
) -> None:
    wire.replies = [[stream_head(), part(delta("a")), part(event), part(DONE), END]]
    with pytest.raises(accord.InvalidEventError, match="at byte") as caught:
        caller.streams(use, base_url=wire.base_url)
    assert isinstance(caught.value, accord.InvalidAnswerError)
    assert came(caught.value) == ["a"]


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + delta("a") + delta("b") + DONE,
        b": ping\n\n" + delta("a") + b"retry: 5\n\nid: 1\n\n: x\n\n" + delta("b") + DONE,
        (delta("a") + delta("b") + DONE).replace(b"\n", b"\r\n"),
        (delta("a") + delta("b") + DONE).replace(b"data: ", b"data:"),
        delta("a") + b"data:\n\n" + b'data: {"choices": null}\n\ndata: {}\n\n' + delta("b") + DONE,
        delta("a") + delta("b") + b"data: [DONE]",
        delta("a") + delta("b") + DONE + delta("late"),
        delta("a") + b'data: {"choices": [], "error": null, "usage": {}}\n\n' + delta("b") + DONE,
    ],
    ids=["bom", "control", "crlf", "no space", "no choices", "bare done", "late", "null error"],
)
@pytest.mark.parametrize("kind", ["text/event-stream; charset=utf-8", "application/json"])
def test_what_servers_really_send_is_read(
    caller: Caller, wire: Wire, body: bytes, kind: str
) -> None:
    wire.replies = [
        [stream_head(kind), *[part(body[i : i + 7]) for i in range(0, len(body), 7)], END]
    ]
    (chunks,) = caller.streams(use, base_url=wire.base_url)
    assert texts(chunks) == ["a", "b"]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (jsonic({"choices": []}), errors.InvalidAnswerError),
        (http(b"<html>hello</html>", kind="text/html"), errors.InvalidAnswerError),
        (jsonic({"error": {"message": "no", "code": 429}}), errors.RateLimitError),
        (jsonic({"error": {"message": "no"}}, 400), errors.BadRequestError),
        (http(kind="text/event-stream"), errors.StreamCutError),
    ],
)
def test_a_document_where_a_stream_was_asked_for(
    caller: Caller, wire: Wire, reply: bytes, kind: type[accord.AccordError]
) -> None:
    wire.replies = [[reply]]
    with pytest.raises(kind) as caught:
        caller.streams(use, base_url=wire.base_url)
    assert type(caught.value) is kind
    assert caught.value.body is not None


def test_a_stream_is_tried_again_only_before_it_starts(caller: Caller, wire: Wire) -> None:
    wire.replies = [[jsonic({}, 503, retry_after="0")], GOOD]
    (chunks,) = caller.streams(use, base_url=wire.base_url)
    assert texts(chunks) == ["a", "b"]
    assert (len(wire.requests), wire.connections) == (2, 1)


def test_chunks_are_given_as_they_come(wire: Wire) -> None:
    wire.replies = [[stream_head(), part(delta("a")), 1.0, part(DONE), END]]
    with accord.Client(base_url=wire.base_url) as client:
        stream = ask(client, stream=True)
        start = time.monotonic()
        next(stream)
        first = time.monotonic() - start
        assert next(stream, None) is None
        assert first < time.monotonic() - start
        assert not wire.hung_up.is_set()
