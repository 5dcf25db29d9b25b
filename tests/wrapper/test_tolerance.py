"""What servers were seen to send instead of the contract, and what the user gets of it.

Each row: what the server does, what it sends, what is read, and what comes of it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest
from loopback import DONE, END, HANG_UP, Wire, ask, http, jsonic, part, stream_head

import accord
from accord import errors

Look = Callable[[Any], Any]


def changed(original: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Change members, at `a__0__b` within `a[0]["b"]`; with `...` take them away."""
    result = copy.deepcopy(original)
    for path, value in changes.items():
        *way, last = [int(step) if step.isdigit() else step for step in path.split("__")]
        place: Any = result
        for step in way:
            place = place[step]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return result


# --------------------------------------------------------------------------------- JSON answers

CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_735_689_600,
    "model": "tiny",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hi", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
CALLING = changed(CHAT, choices__0__message__tool_calls=[CALL])
TEXT = {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": 1_735_689_600,
    "model": "tiny",
    "choices": [{"index": 0, "text": "Hi", "logprobs": None, "finish_reason": "stop"}],
}
MODEL = {"id": "a/b", "object": "model", "created": 1, "owned_by": "me"}
MODELS = {"object": "list", "data": [MODEL]}


class Row(NamedTuple):
    what: str
    sent: Any
    look: Look
    got: Any


def message(answer: Any) -> Any:
    return answer.choices[0].message


def call(answer: Any) -> Any:
    return message(answer).tool_calls[0]


CHAT_ROWS = [
    Row("no id", changed(CHAT, id=...), lambda a: a.id, None),
    Row("an empty id", changed(CHAT, id=""), lambda a: a.id, ""),
    Row("another object", changed(CHAT, object="text_completion"), lambda a: a.object,
        "text_completion"),
    Row("no object", changed(CHAT, object=...), lambda a: a.object, None),
    Row("milliseconds", changed(CHAT, created=1_735_689_600_123), lambda a: a.created,
        1_735_689_600_123),
    Row("a fraction", changed(CHAT, created=1.5), lambda a: a.created, 1.5),
    Row("a date", changed(CHAT, created="2025-01-01"), lambda a: a.created, "2025-01-01"),
    Row("no time", changed(CHAT, created=...), lambda a: a.created, None),
    Row("no model", changed(CHAT, model=None), lambda a: a.model, None),
    Row("no choices", changed(CHAT, choices=...), lambda a: a.choices, []),
    Row("null for choices", changed(CHAT, choices=None), lambda a: a.choices, []),
    Row("fewer choices than n", CHAT, lambda a: len(a.choices), 1),
    Row("a null among choices", changed(CHAT, choices=[None, *CHAT["choices"]]),  # type: ignore[misc]
        lambda a: len(a.choices), 1),
    Row("no index", changed(CHAT, choices__0__index=...), lambda a: a.choices[0].index, None),
    Row("an index from 1", changed(CHAT, choices__0__index=1), lambda a: a.choices[0].index, 1),
    Row("no message", changed(CHAT, choices__0__message=...), lambda a: message(a).content, None),
    Row("no role", changed(CHAT, choices__0__message__role=...), lambda a: message(a).role, None),
    Row("another role", changed(CHAT, choices__0__message__role="model"),
        lambda a: message(a).role, "model"),
    Row("no content", changed(CHAT, choices__0__message__content=...),
        lambda a: message(a).content, None),
    Row("content in parts", changed(CHAT, choices__0__message__content=[{"type": "text"}]),
        lambda a: message(a).content, [{"type": "text"}]),
    Row("no refusal", changed(CHAT, choices__0__message__refusal=...),
        lambda a: message(a).refusal, None),
    Row("reasoning", changed(CHAT, choices__0__message__reasoning_content="hm"),
        lambda a: message(a).reasoning_content, "hm"),
    Row("no logprobs", changed(CHAT, choices__0__logprobs=...),
        lambda a: a.choices[0].logprobs, None),
    Row("an empty object for logprobs", changed(CHAT, choices__0__logprobs={}),
        lambda a: a.choices[0].logprobs.content, None),
    Row("logprobs of text completions",
        changed(CHAT, choices__0__logprobs={"tokens": ["Hi"], "token_logprobs": [-1]}),
        lambda a: (a.choices[0].logprobs.content, a.choices[0].logprobs.tokens), (None, ["Hi"])),
    Row("no bytes of a token", changed(CHAT, choices__0__logprobs={"content": [{"token": "Hi"}]}),
        lambda a: a.choices[0].logprobs.content[0].bytes, None),
    *[Row(f"finish reason {reason!r}", changed(CHAT, choices__0__finish_reason=reason),
          lambda a: a.choices[0].finish_reason, reason)
      for reason in ("", None, "eos", "eos_token", "tool_call", "end_turn", "abort", "error")],
    Row("no finish reason", changed(CHAT, choices__0__finish_reason=...),
        lambda a: a.choices[0].finish_reason, None),
    Row("no usage", changed(CHAT, usage=...), lambda a: a.usage, None),
    Row("null for usage", changed(CHAT, usage=None), lambda a: a.usage, None),
    Row("usage without a total", changed(CHAT, usage__total_tokens=...),
        lambda a: (a.usage.total_tokens, a.usage.prompt_tokens), (None, 1)),
    Row("null for tool calls", changed(CHAT, choices__0__message__tool_calls=None),
        lambda a: message(a).tool_calls, None),
    Row("no tool calls in a list", changed(CHAT, choices__0__message__tool_calls=[]),
        lambda a: message(a).tool_calls, []),
    Row("arguments as an object",
        changed(CALLING, choices__0__message__tool_calls__0__function__arguments={"a": 1}),
        lambda a: call(a).function.arguments, '{"a": 1}'),
    Row("no id of a call", changed(CALLING, choices__0__message__tool_calls__0__id=...),
        lambda a: call(a).id, None),
    Row("an empty id of a call", changed(CALLING, choices__0__message__tool_calls__0__id=""),
        lambda a: call(a).id, ""),
    Row("one id for all calls", changed(CALLING, choices__0__message__tool_calls=[CALL, CALL]),
        lambda a: [call.id for call in message(a).tool_calls], ["c", "c"]),
    Row("no type of a call", changed(CALLING, choices__0__message__tool_calls__0__type=...),
        lambda a: (call(a).type, call(a).function.name), (None, "f")),
    Row("members that nobody knows", changed(CHAT, x_groq={"id": "r"}), lambda a: a.x_groq,
        {"id": "r"}),
    Row("null for an error", changed(CHAT, error=None), lambda a: message(a).content, "Hi"),
    Row("an empty object for an error", changed(CHAT, error={}), lambda a: message(a).content,
        "Hi"),
]  # fmt: skip

WIRE_ROWS = [
    Row("plain text", http(json.dumps(CHAT).encode(), kind="text/plain"), message, "Hi"),
    Row("called an event stream", http(json.dumps(CHAT).encode(), kind="text/event-stream"),
        message, "Hi"),
    Row("[DONE] after the JSON", http(json.dumps(CHAT).encode() + b"\n\ndata: [DONE]\n\n"),
        message, "Hi"),
    Row("blank lines before the JSON", http(b"\n\n  \n" + json.dumps(CHAT).encode()), message,
        "Hi"),
    Row("a byte order mark", http(b"\xef\xbb\xbf" + json.dumps(CHAT).encode()), message, "Hi"),
    Row("status 201", jsonic(CHAT, 201), message, "Hi"),
]  # fmt: skip

TEXT_ROWS = [
    Row("called a chat", changed(TEXT, object="chat.completion"), lambda a: a.choices[0].text,
        "Hi"),
    Row("a message for the text",
        changed(TEXT, choices__0={"index": 0, "message": {"content": "Hi"}}),
        lambda a: (a.choices[0].text, a.choices[0].message), (None, {"content": "Hi"})),
    Row("logprobs of chats", changed(TEXT, choices__0__logprobs={"content": []}),
        lambda a: (a.choices[0].logprobs.tokens, a.choices[0].logprobs.content), (None, [])),
    Row("no usage", TEXT, lambda a: a.usage, None),
    Row("an id like a chat's", changed(TEXT, id="chatcmpl-1"), lambda a: a.id, "chatcmpl-1"),
]  # fmt: skip

LIST_ROWS = [
    Row("a bare list", [MODEL], lambda a: (a.object, [m.id for m in a]), ("list", ["a/b"])),
    Row("null for the list", changed(MODELS, data=None), list, []),
    Row("no list", changed(MODELS, data=...), list, []),
    Row("another object", changed(MODELS, data__0__object="engine"), lambda a: a.data[0].object,
        "engine"),
    Row("a date", changed(MODELS, data__0__created="2025"), lambda a: a.data[0].created, "2025"),
    Row("no owner", changed(MODELS, data__0__owned_by=...), lambda a: a.data[0].owned_by, None),
    Row("an object of permissions", changed(MODELS, data__0__permission={"a": 1}),
        lambda a: a.data[0].permission, {"a": 1}),
]  # fmt: skip

MODEL_ROWS = [
    Row("no id", changed(MODEL, id=...), lambda a: a.id, None),
    Row("a stub", {"id": "a/b"}, lambda a: (a.id, a.owned_by, a.created), ("a/b", None, None)),
]


def names(rows: Sequence[Any]) -> list[str]:
    return [row.what for row in rows]


def answer(wire: Wire, sent: Any, use: Look) -> Any:
    wire.replies = [[sent if isinstance(sent, bytes) else jsonic(sent)]]
    with accord.Client(base_url=wire.base_url, max_retries=0) as client:
        return use(client)


@pytest.mark.parametrize("row", CHAT_ROWS, ids=names(CHAT_ROWS))
def test_chat(wire: Wire, row: Row) -> None:
    assert row.look(answer(wire, row.sent, ask)) == row.got


@pytest.mark.parametrize("row", WIRE_ROWS, ids=names(WIRE_ROWS))
def test_bodies(wire: Wire, row: Row) -> None:
    assert row.look(answer(wire, row.sent, ask)).content == row.got


@pytest.mark.parametrize("row", TEXT_ROWS, ids=names(TEXT_ROWS))
def test_text(wire: Wire, row: Row) -> None:
    use = lambda client: client.completions.create(model="m", prompt="p")  # noqa: E731
    assert row.look(answer(wire, row.sent, use)) == row.got


@pytest.mark.parametrize("row", LIST_ROWS, ids=names(LIST_ROWS))
def test_the_list_of_models(wire: Wire, row: Row) -> None:
    assert row.look(answer(wire, row.sent, lambda client: client.models.list())) == row.got


@pytest.mark.parametrize("row", MODEL_ROWS, ids=names(MODEL_ROWS))
def test_one_model(wire: Wire, row: Row) -> None:
    assert row.look(answer(wire, row.sent, lambda c: c.models.retrieve("a/b"))) == row.got
    assert wire.requests[0].target == "/v1/models/a%2Fb"


def test_answers_without_a_request_id_have_none(wire: Wire) -> None:
    body = json.dumps(CHAT).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body)
    assert answer(wire, head + body, ask).http.request_id is None


def test_a_redirect_is_followed_with_the_body(wire: Wire) -> None:
    there = http(b"", 307, location="/v1/elsewhere")
    wire.replies = [[there], [jsonic(CHAT)]]
    with accord.Client(base_url=wire.base_url) as client:
        assert message(ask(client)).content == "Hi"
    assert wire.requests[1].body == wire.requests[0].body


# -------------------------------------------------------------------------------------- streams

CHUNK = {
    "id": "1",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "tiny",
    "choices": [{"index": 0, "delta": {"content": "a"}, "logprobs": None, "finish_reason": None}],
}
FIRST = changed(CHUNK, choices__0__delta={"role": "assistant", "content": ""})
LAST = changed(CHUNK, choices__0__delta={}, choices__0__finish_reason="stop")
USAGE = changed(CHUNK, choices=[], usage={"total_tokens": 3})


class StreamRow(NamedTuple):
    what: str
    sent: list[Any]
    look: Look
    """Finds something in a chunk."""
    seen: list[Any]
    """What it finds, chunk by chunk."""
    final: Any
    """And text, role, finish reason and usage of the answer that they make up."""


GOOD = ("aa", "assistant", "stop", 3)


def content(chunk: Any) -> Any:
    return chunk.choices[0].delta.content if chunk.choices else ...


def reason(chunk: Any) -> Any:
    return chunk.choices[0].finish_reason if chunk.choices else ...


def role(chunk: Any) -> Any:
    return chunk.choices[0].delta.role if chunk.choices else ...


def spoiled(spoil: Callable[[dict[str, Any]], dict[str, Any]]) -> list[dict[str, Any]]:
    """Spoil every chunk of a good stream."""
    return [spoil(chunk) for chunk in (FIRST, CHUNK, CHUNK, LAST, USAGE)]


def lacking(name: str) -> list[dict[str, Any]]:
    return spoiled(lambda chunk: {key: value for key, value in chunk.items() if key != name})


STREAM_ROWS = [
    StreamRow("nothing wrong", [FIRST, CHUNK, CHUNK, LAST, USAGE], content,
              ["", "a", "a", None, ...], GOOD),
    StreamRow("no role", [CHUNK, CHUNK, LAST, USAGE], role, [None, None, None, ...], GOOD),
    StreamRow("an empty role",
              [changed(FIRST, choices__0__delta__role=""), CHUNK, CHUNK, LAST, USAGE], role,
              ["", None, None, None, ...], GOOD),
    StreamRow("null for the role",
              [changed(FIRST, choices__0__delta__role=None), CHUNK, CHUNK, LAST, USAGE], role,
              [None, None, None, None, ...], GOOD),
    StreamRow("the role in every chunk",
              [changed(CHUNK, choices__0__delta__role="assistant")] * 2 + [LAST, USAGE], role,
              ["assistant", "assistant", None, ...], GOOD),
    StreamRow("null for the first text",
              [changed(FIRST, choices__0__delta__content=None), CHUNK, CHUNK, LAST, USAGE],
              content, [None, "a", "a", None, ...], GOOD),
    StreamRow("no finish reason before the end",
              [changed(CHUNK, choices__0__finish_reason=...)] * 2 + [LAST, USAGE], reason,
              [None, None, "stop", ...], GOOD),
    StreamRow("an empty finish reason before the end",
              [changed(CHUNK, choices__0__finish_reason="")] * 2 + [LAST, USAGE], reason,
              ["", "", "stop", ...], GOOD),
    StreamRow("a finish reason in every chunk",
              [changed(CHUNK, choices__0__finish_reason="stop")] * 2 + [USAGE], reason,
              ["stop", "stop", ...], GOOD),
    StreamRow("a finish reason twice", [CHUNK, CHUNK, LAST, LAST, USAGE], reason,
              [None, None, "stop", "stop", ...], GOOD),
    StreamRow("no finish reason at all", [CHUNK, CHUNK, USAGE], reason, [None, None, ...],
              ("aa", "assistant", None, 3)),
    StreamRow("an error for the finish reason",
              [CHUNK, changed(LAST, choices__0__finish_reason="error"), USAGE], reason,
              [None, "error", ...], ("a", "assistant", "error", 3)),
    StreamRow("text with the finish reason",
              [CHUNK, changed(CHUNK, choices__0__finish_reason="stop"), USAGE], content,
              ["a", "a", ...], GOOD),
    StreamRow("text after the finish reason", [CHUNK, LAST, CHUNK, USAGE], content,
              ["a", None, "a", ...], GOOD),
    StreamRow("null for choices beside usage",
              [CHUNK, CHUNK, LAST, changed(USAGE, choices=None)], content, ["a", "a", None, ...],
              GOOD),
    StreamRow("no choices beside usage", [CHUNK, CHUNK, LAST, changed(USAGE, choices=...)],
              content, ["a", "a", None, ...], GOOD),
    StreamRow("no choices in the first chunk", [changed(CHUNK, choices=[]), CHUNK, CHUNK, LAST,
              USAGE], content, [..., "a", "a", None, ...], GOOD),
    StreamRow("usage in the last chunk of text",
              [CHUNK, CHUNK, changed(LAST, usage={"total_tokens": 3})], reason,
              [None, None, "stop"], GOOD),
    StreamRow("usage with a choice that is a dummy",
              [CHUNK, CHUNK, LAST, changed(USAGE, choices=[{"index": 0, "delta": {}}])], reason,
              [None, None, "stop", None], GOOD),
    StreamRow("usage in every chunk",
              [changed(CHUNK, usage={"total_tokens": n}) for n in (2, 3)] + [LAST], reason,
              [None, None, "stop"], GOOD),
    StreamRow("usage before the end", [CHUNK, USAGE, CHUNK, changed(LAST, usage=None)], content,
              ["a", ..., "a", None], GOOD),
    StreamRow("usage within a choice",
              [CHUNK, CHUNK, changed(LAST, choices__0__usage={"total_tokens": 3})], reason,
              [None, None, "stop"], GOOD),
    StreamRow("usage without a total", [CHUNK, LAST, changed(USAGE, usage={"prompt_tokens": 1})],
              lambda c: c.usage and c.usage.prompt_tokens, [None, None, 1],
              ("a", "assistant", "stop", None)),
    StreamRow("no usage", [CHUNK, CHUNK, LAST], content, ["a", "a", None],
              ("aa", "assistant", "stop", None)),
    StreamRow("no id", lacking("id"), lambda c: c.id, [None] * 5, GOOD),
    StreamRow("no object", lacking("object"), lambda c: c.object, [None] * 5, GOOD),
    StreamRow("no time", lacking("created"), lambda c: c.created, [None] * 5, GOOD),
    StreamRow("no model", lacking("model"), lambda c: c.model, [None] * 5, GOOD),
    StreamRow("another object", spoiled(lambda c: changed(c, object="")), lambda c: c.object,
              [""] * 5, GOOD),
    StreamRow("an empty id", spoiled(lambda c: changed(c, id="")), lambda c: c.id, [""] * 5, GOOD),
    StreamRow("an empty id at first", [changed(CHUNK, id=""), CHUNK, LAST, USAGE],
              lambda c: c.id, ["", "1", "1", "1"], GOOD),
    StreamRow("an id for each chunk", [changed(CHUNK, id=i) for i in "12"] + [LAST, USAGE],
              lambda c: c.id, ["1", "2", "1", "1"], GOOD),
    StreamRow("a time for each chunk", [changed(CHUNK, created=i) for i in (1, 2)] + [LAST, USAGE],
              lambda c: c.created, [1, 2, 1, 1], GOOD),
    StreamRow("a chunk to keep alive",
              [changed(LAST, id="ping", created=0, choices__0__finish_reason=None), FIRST, CHUNK,
               CHUNK, LAST, USAGE], content, [None, "", "a", "a", None, ...], GOOD),
    StreamRow("no index", [changed(CHUNK, choices__0__index=...)] * 2 + [LAST, USAGE],
              lambda c: c.choices[0].index if c.choices else ..., [None, None, 0, ...], GOOD),
    StreamRow("no delta", [changed(CHUNK, choices__0__delta=...), CHUNK, CHUNK, LAST, USAGE],
              content, [None, "a", "a", None, ...], GOOD),
    StreamRow("the text twice, under other names",
              [changed(CHUNK, choices__0__text="a", choices__0__message={"content": "a"})] * 2
              + [LAST, USAGE], content, ["a", "a", None, ...], GOOD),
    StreamRow("null for tool calls",
              [changed(CHUNK, choices__0__delta__tool_calls=None)] * 2 + [LAST, USAGE],
              lambda c: c.choices[0].delta.tool_calls if c.choices else ...,
              [None, None, None, ...], GOOD),
    StreamRow("no tool calls in a list",
              [changed(CHUNK, choices__0__delta__tool_calls=[])] * 2 + [LAST, USAGE],
              lambda c: c.choices[0].delta.tool_calls if c.choices else ...,
              [[], [], None, ...], GOOD),
    StreamRow("text in parts",
              [changed(CHUNK, choices__0__delta__content=[{"type": "t"}]), LAST, USAGE], content,
              [[{"type": "t"}], None, ...], ([{"type": "t"}], "assistant", "stop", 3)),
    StreamRow("white space and halves of characters",
              [changed(CHUNK, choices__0__delta__content=text) for text in (" ", "\n", "\ufffd")],
              content, [" ", "\n", "\ufffd"], (" \n\ufffd", "assistant", None, None)),
    StreamRow("the answer as one document", [CHAT], content, ["Hi"],
              ("Hi", "assistant", "stop", 3)),
]  # fmt: skip


def events(chunks: list[Any]) -> bytes:
    return b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks) + DONE


def streamed(wire: Wire, reply: list[Any]) -> tuple[list[Any], Any]:
    wire.replies = [reply]
    with accord.Client(base_url=wire.base_url) as client, ask(client, stream=True) as stream:
        return list(stream), stream.get_final_completion()


@pytest.mark.parametrize("row", STREAM_ROWS, ids=names(STREAM_ROWS))
def test_streams(wire: Wire, row: StreamRow) -> None:
    whole = row.sent == [CHAT]
    reply = [jsonic(CHAT)] if whole else [stream_head(), part(events(row.sent)), END]
    chunks, final = streamed(wire, reply)
    assert [row.look(chunk) for chunk in chunks] == row.seen
    choice, usage = final.choices[0], final.usage
    total = usage.total_tokens if usage else None
    got = (choice.message.content, choice.message.role, choice.finish_reason, total)
    assert got == row.final
    assert len(final.choices) == 1


def test_a_stream_of_nothing_is_an_answer_without_choices(wire: Wire) -> None:
    chunks, final = streamed(wire, [stream_head(), part(DONE), END])
    assert (chunks, final.choices, final.usage) == ([], [], None)


def test_what_comes_after_the_end_is_not_read(wire: Wire) -> None:
    late = events([USAGE]).removesuffix(DONE)
    chunks, final = streamed(wire, [stream_head(), part(events([CHUNK, LAST]) + late), END])
    assert (len(chunks), final.usage) == (2, None)


def test_what_is_said_of_some_choices_only(wire: Wire) -> None:
    other = changed(CHUNK, choices__0__index=1)
    sent = [FIRST, CHUNK, other, changed(other, choices__0__finish_reason="stop")]
    _, final = streamed(wire, [stream_head(), part(events(sent)), END])
    assert [choice.message.role for choice in final.choices] == ["assistant"] * 2
    assert [choice.message.content for choice in final.choices] == ["a", "aa"]
    assert [choice.finish_reason for choice in final.choices] == [None, "stop"]


def test_logprobs_of_some_tokens_only(wire: Wire) -> None:
    told = changed(CHUNK, choices__0__logprobs={"content": [{"token": "a", "logprob": -1}]})
    bare = changed(CHUNK, choices__0__logprobs=...)
    _, final = streamed(wire, [stream_head(), part(events([told, bare, told, LAST])), END])
    assert [token.token for token in final.choices[0].logprobs.content] == ["a", "a"]
    assert final.choices[0].message.content == "aaa"


def test_a_stream_of_text_as_one_document(wire: Wire) -> None:
    wire.replies = [[jsonic(TEXT)]]
    with accord.Client(base_url=wire.base_url) as client:
        stream = client.completions.create(model="m", prompt="p", stream=True)
        assert [chunk.choices[0].text for chunk in stream] == ["Hi"]
        assert stream.get_final_completion().to_dict() == TEXT | {"usage": None}


def test_a_call_of_a_tool_in_one_document(wire: Wire) -> None:
    (chunk,), final = streamed(wire, [jsonic(CALLING)])
    assert chunk.choices[0].delta.tool_calls[0].index == 0
    assert final.to_dict() == CALLING


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/json", "text/plain", ""])
def test_a_stream_by_another_name(wire: Wire, kind: str) -> None:
    head = stream_head(kind).replace(b"content-type: \r\n", b"")  # or by none at all
    _, final = streamed(wire, [head, part(events([CHUNK, LAST])), END])
    assert final.choices[0].message.content == "a"


@pytest.mark.parametrize(
    "spell",
    [
        lambda body: body.replace(b"\n", b"\r\n"),
        lambda body: body.replace(b"\n", b"\r"),
        lambda body: body.replace(b"data: ", b"data:"),
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: b": ping\n\n" + body.replace(b"\n\n", b"\n\n: ping\n\n"),
        lambda body: b"retry: 5\n\nid: 1\n\n" + body,
        lambda body: b"event: message\n" + body,
        lambda body: body.removesuffix(b"\n\n"),
        lambda body: body + body,
    ],
    ids=["crlf", "cr", "no space", "bom", "comments", "control", "named", "open end", "more"],
)
def test_streams_in_other_spellings(wire: Wire, spell: Callable[[bytes], bytes]) -> None:
    body = spell(events([CHUNK, CHUNK, LAST]))
    chunks, final = streamed(wire, [stream_head(), part(body), END])
    assert len(chunks) == 3
    assert final.choices[0].message.content == "aa"


# --------------------------------------------------------------------------------------- errors


class ErrorRow(NamedTuple):
    what: str
    sent: list[Any]
    kind: type[accord.AccordError]
    message: str
    code: str | None


def failed(error: Any, status: int = 400) -> list[Any]:
    return [jsonic(error, status)]


NO = {"message": "no", "type": "t", "param": None, "code": "c"}
NO_MESSAGE = "Whatever (application/json, no error message)"

ERROR_ROWS = [
    ErrorRow("nothing wrong", failed({"error": NO}), errors.BadRequestError, "no", "c"),
    ErrorRow("members at the top", failed({"object": "error", **NO}), errors.BadRequestError,
             "no", "c"),
    ErrorRow("a text for the error", failed({"error": "no"}), errors.BadRequestError, "no", None),
    ErrorRow("only a message", failed({"error": {"message": "no"}}), errors.BadRequestError, "no",
             None),
    ErrorRow("a number for the code", failed({"error": {**NO, "code": 404}}, 404),
             errors.NotFoundError, "no", "404"),
    ErrorRow("null for everything", failed({"error": dict.fromkeys(NO)}), errors.BadRequestError,
             NO_MESSAGE, None),
    ErrorRow("status 200", failed({"error": NO}, 200), errors.APIStatusError, "no", "c"),
    ErrorRow("status 200 and a code", failed({"error": {**NO, "code": 429}}, 200),
             errors.RateLimitError, "no", "429"),
    ErrorRow("422", failed({"error": NO}, 422), errors.UnprocessableEntityError, "no", "c"),
    ErrorRow("a detail", failed({"detail": "Not Found"}, 404), errors.NotFoundError, "Not Found",
             None),
    ErrorRow("details", failed({"detail": [{"loc": ["body", "n"], "msg": "no"}]}, 422),
             errors.UnprocessableEntityError, "body.n: no", None),
    ErrorRow("plain text", [http(b"404 page not found\n", 404, "text/plain; charset=utf-8")],
             errors.NotFoundError, "404 page not found", None),
    ErrorRow("text that says nothing", [http(b"\n", 503, "text/plain")],
             errors.InternalServerError, "Whatever (text/plain, no error message)", None),
    ErrorRow("much text", [http(b"no\n" + b"at line 1\n" * 99, 500, "text/plain")],
             errors.InternalServerError, "no", None),
    ErrorRow("a page", [http(b"<html>no</html>", 502, "text/html")],
             errors.InternalServerError, "Whatever (text/html, no error message)", None),
    ErrorRow("a wrong method", failed({"detail": "Method Not Allowed"}, 405),
             errors.APIStatusError, "Method Not Allowed", None),
    ErrorRow("nothing", [http(b"", 401)], errors.AuthenticationError, NO_MESSAGE, None),
    ErrorRow("a page with status 200", [http(b"<html>no</html>", 200, "text/html")],
             errors.InvalidAnswerError, "", None),
    ErrorRow("a closed connection", [HANG_UP], errors.APIConnectionError, "", None),
    ErrorRow("a text that is JSON", failed("no"), errors.BadRequestError, "no", None),
    ErrorRow("an error that is a list", failed({"error": ["no"]}), errors.BadRequestError, "no",
             None),
]  # fmt: skip


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("row", ERROR_ROWS, ids=names(ERROR_ROWS))
def test_errors(wire: Wire, row: ErrorRow, stream: bool) -> None:
    wire.replies = [row.sent]
    with (
        accord.Client(base_url=wire.base_url, max_retries=0) as client,
        pytest.raises(row.kind) as caught,
    ):
        list(ask(client, stream=stream))
    assert type(caught.value) is row.kind
    assert caught.value.code == row.code
    assert caught.value.message == row.message or not row.message


IN_STREAMS = [
    ErrorRow("an error", [{"error": NO}], errors.StreamEventError, "no", "c"),
    ErrorRow("a number for the code", [CHUNK, {"error": {**NO, "code": 500}}],
             errors.StreamEventError, "no", "500"),
    ErrorRow("a text", [CHUNK, {"error": "no"}], errors.StreamEventError, "no", None),
    ErrorRow("members at the top", [CHUNK, {"object": "error", **NO}], errors.StreamEventError,
             "no", "c"),
    ErrorRow("an error in a chunk", [CHUNK, {**CHUNK, "error": NO}], errors.StreamEventError,
             "no", "c"),
    ErrorRow("no JSON object", [CHUNK, 7], errors.InvalidEventError, "", None),
]  # fmt: skip


@pytest.mark.parametrize("row", IN_STREAMS, ids=names(IN_STREAMS))
def test_errors_in_streams(wire: Wire, row: ErrorRow) -> None:
    with pytest.raises(row.kind) as caught:
        streamed(wire, [stream_head(), part(events(row.sent)), END])
    error: Any = caught.value
    assert (error.code, error.message) == (row.code, row.message or error.message)
    assert error.events == len(row.sent) - 1
    assert (error.partial is None) == (error.events == 0)


def test_an_error_in_a_field_of_its_own_is_a_cut_stream(wire: Wire) -> None:
    body = events([CHUNK]).removesuffix(DONE) + b'error: {"code": 500, "message": "no"}\n\n'
    with pytest.raises(errors.StreamCutError):
        streamed(wire, [stream_head(), part(body), END])


def test_a_stream_without_done_is_never_taken_for_a_whole_one(wire: Wire) -> None:
    body = events([CHUNK, LAST]).removesuffix(DONE)
    with pytest.raises(errors.StreamCutError) as caught:
        streamed(wire, [stream_head(), part(body), END])
    assert isinstance(caught.value.partial, accord.types.ChatCompletion)
    assert caught.value.partial.choices[0].finish_reason == "stop"
