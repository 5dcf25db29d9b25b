"""Judgements on streams that are near misses: legal oddities pass, violations do not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_contracts.engine import judge_exchange
from accord_contracts.exchange import CUT_SHORT, Exchange, Read, Request
from accord_contracts.finding import Finding, NotApplicable, Verdict
from accord_contracts.requests import Requests
from accord_contracts.rule import REGISTRY
from accord_contracts.rules.agreement import answered_calls, excerpt, streamed_calls
from accord_contracts.rules.agreement_logprobs import scores
from accord_contracts.rules.agreement_pace import Pace
from accord_contracts.target import Target
from accord_contracts.views import Answer, Stream

MAKE = Requests(Target("http://127.0.0.1:1/v1", model="m"))
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
MINE = [rule for rule in REGISTRY.values() if rule.family in {"stream", "framing"}]


def chunk(*choices: dict[str, Any], **members: Any) -> dict[str, Any]:
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1735689600, "model": "m"}
    return {**head, "choices": list(choices), **members}


def says(
    content: str | None = None, *, index: int = 0, finish: str | None = None, **delta: Any
) -> dict[str, Any]:
    if content is not None:
        delta["content"] = content
    return {"index": index, "delta": delta, "finish_reason": finish}


def calls(*entries: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return says(finish=finish, tool_calls=list(entries))


def call(index: int, arguments: str, **named: Any) -> dict[str, Any]:
    function = {"arguments": arguments, **({"name": named.pop("name")} if "name" in named else {})}
    return {"index": index, "function": function, **named}


def body_of(*events: Any) -> bytes:
    texts = (event if isinstance(event, str) else json.dumps(event) for event in events)
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def exchange(body: bytes, request: Request | None = None, **members: Any) -> Exchange:
    headers = (("content-type", "text/event-stream; charset=utf-8"),)
    request = request or MAKE.chat(stream=True)
    return Exchange(request, 1, **{"status": 200, "headers": headers, "body": body, **members})


def finding(name: str, judged: Exchange) -> Finding:
    return judge_exchange([REGISTRY[name]], judged)[0]


OPENING = chunk(says("", role="assistant"))
TEXT = chunk(says("Hi"))
FINISH = chunk(says(finish="stop"))
WHOLE = (OPENING, TEXT, FINISH, "[DONE]")
REPORTING = MAKE.chat(stream=True, stream_options={"include_usage": True})
COMPLETION = MAKE.completion(stream=True)
TOOLS = MAKE.chat(stream=True, tools=[], tool_choice="required")
OPENED = call(0, "", id="a", type="function", name="f")


def test_a_stream_as_openai_sends_it_breaks_no_rule() -> None:
    before = [{**one, "usage": None} for one in (OPENING, TEXT, FINISH)]
    bodies = (body_of(*WHOLE), body_of(*before, chunk(usage=USAGE), "[DONE]"))
    for body, request in zip(bodies, (None, REPORTING), strict=True):
        found = judge_exchange(MINE, exchange(body, request))
        assert {f.rule.id for f in found if f.verdict is Verdict.FAIL} == set()


def test_a_completions_stream_as_openai_sends_it_breaks_no_rule() -> None:
    head = {"id": "c1", "object": "text_completion", "created": 1735689600, "model": "m"}
    chunks = [
        {**head, "choices": [{"index": 0, "text": text, "logprobs": None, "finish_reason": why}]}
        for text, why in (("Hi", None), ("", "length"))
    ]
    found = judge_exchange(MINE, exchange(body_of(*chunks, "[DONE]"), COMPLETION))
    assert {f.rule.id for f in found if f.verdict is Verdict.FAIL} == set()


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("stream.one-id", (OPENING, {**TEXT, "id": "c2"})),
        ("stream.chunks-have-an-id", (OPENING, {**TEXT, "id": 7})),
        ("stream.one-created", (OPENING, {**TEXT, "created": 1735689601})),
        ("stream.created-is-in-seconds", ({**TEXT, "created": True},)),
        ("stream.one-model", (OPENING, {**TEXT, "model": "n"})),
        ("stream.choices-is-an-array", (OPENING, {"id": "c1", "usage": USAGE})),
        ("stream.only-usage-comes-without-choices", (chunk(), OPENING)),
        ("stream.choices-are-numbered", (chunk(says("a", index=1)),)),
        ("stream.content-is-text", (chunk({"index": 0, "delta": {"content": ["a"]}}),)),
        ("stream.role-is-known", (chunk(says("a", role=None)),)),
        ("stream.delta-stands-alone", (chunk({**says("a"), "text": "a"}),)),
        ("stream.opens-with-the-role", (TEXT, OPENING)),
        ("stream.every-choice-finishes", (OPENING, TEXT, "[DONE]")),
        ("stream.each-choice-finishes-once", (FINISH, FINISH)),
        ("stream.nothing-after-the-finish", (FINISH, TEXT)),
        ("stream.finish-chunk-says-nothing", (chunk(says("a", finish="stop")),)),
        ("stream.finish-reason-is-known", (chunk(says(finish="error")),)),
        ("stream.ends-with-done", (OPENING, FINISH)),
        ("stream.nothing-after-done", (*WHOLE, chunk(usage=USAGE))),
        ("stream.no-usage-unasked", (*WHOLE[:-1], chunk(usage=USAGE), "[DONE]")),
        ("stream.error-event-is-an-envelope", (OPENING, {"error": "boom"})),
        ("stream.error-event-is-an-envelope", (OPENING, {"object": "error", "message": "boom"})),
        ("stream.nothing-after-an-error", ({"error": {"message": "boom"}}, FINISH)),
        ("stream.no-empty-tool-calls", (chunk(says("a", tool_calls=[])),)),
        ("framing.data-is-json", (OPENING, "Internal Server Error")),
        ("framing.data-is-json", ('{"created": NaN}',)),
        ("framing.data-is-json", ("", OPENING)),
    ],
)
def test_a_violation_in_a_chat_stream_is_seen(name: str, events: tuple[Any, ...]) -> None:
    assert finding(name, exchange(body_of(*events))).failed


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("stream.one-id", (OPENING, {"error": {"message": "boom"}})),
        ("stream.only-usage-comes-without-choices", (OPENING, chunk(usage=USAGE))),
        ("stream.opens-with-the-role", (chunk(), OPENING, TEXT)),
        ("stream.role-is-known", (OPENING, chunk(says("a", role="assistant")))),
        ("stream.finish-chunk-says-nothing", (chunk(says("", finish="stop")),)),
        ("stream.each-choice-finishes-once", (FINISH, chunk(says(index=1, finish="stop")))),
        ("stream.nothing-after-the-finish", (FINISH, chunk(says("")))),
        ("stream.nothing-after-an-error", (OPENING, {"error": {"message": "boom"}}, "[DONE]")),
        ("stream.one-model", (OPENING, TEXT)),
        ("stream.no-usage-unasked", (chunk(says("a"), usage=None),)),
    ],
)
def test_a_legal_oddity_in_a_chat_stream_passes(name: str, events: tuple[Any, ...]) -> None:
    assert finding(name, exchange(body_of(*events))).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("stream.tool-call-has-an-index", (calls({"id": "a", "function": {"name": "f"}}),)),
        (
            "stream.tool-index-tells-calls-apart",
            (calls(OPENED), calls(call(0, "", id="b", name="g"))),
        ),
        ("stream.tool-call-opens-with-its-name", (calls(call(0, "{}", id="a")),)),
        ("stream.tool-call-is-named-once", (calls(OPENED), calls(call(0, "{}", id=None)))),
        ("stream.tool-arguments-are-text", (calls({**OPENED, "function": {"arguments": {}}}),)),
        ("stream.one-entry-for-each-tool-index", (calls(OPENED, call(0, "{}")),)),
        ("stream.tool-calls-end-as-such", (calls(OPENED, finish="stop"),)),
    ],
)
def test_a_violation_in_tool_calls_is_seen(name: str, events: tuple[Any, ...]) -> None:
    body = body_of(*(chunk(choice) for choice in events))
    assert finding(name, exchange(body, TOOLS)).failed


def envelope(**changes: Any) -> dict[str, Any]:
    return {"error": {"message": "boom", "type": "server_error", **changes}}


def text(index: int = 0, **changes: Any) -> dict[str, Any]:
    return {"index": index, "text": "a", "finish_reason": None, **changes}


@pytest.mark.parametrize(
    ("name", "events", "request_", "place"),
    [
        ("stream.created-is-in-seconds", (TEXT, {**TEXT, "created": 0}), None, None),
        ("stream.created-is-in-seconds", (TEXT, {**TEXT, "created": -1}), None, "2 /created"),
        ("stream.created-is-in-seconds", ({**TEXT, "created": 10**11 - 1},), None, None),
        ("stream.created-is-in-seconds", ({**TEXT, "created": 10**11},), None, "1 /created"),
        ("stream.error-event-is-an-envelope", (OPENING, envelope()), None, None),
        ("stream.error-event-is-an-envelope", (envelope(code="busy"),), None, None),
        ("stream.error-event-is-an-envelope", (OPENING, envelope(type=7)), None, "2 /error/type"),
        ("stream.error-event-is-an-envelope", (envelope(code=500),), None, "1 /error/code"),
        ("stream.error-event-is-an-envelope", ({"error": "boom"},), None, "1 /error"),
        ("stream.error-event-is-an-envelope", ({"object": "error"},), None, "1 /error"),
        (
            "stream.nothing-after-an-error",
            ({**FINISH, **envelope()},),
            None,
            "1 /choices",
        ),
        ("stream.nothing-after-an-error", (envelope(), envelope()), None, None),
        ("stream.nothing-after-an-error", (OPENING, envelope(), TEXT), None, "3 "),
        ("stream.chat-choices-have-a-delta", (TEXT, chunk(text())), None, "2 /choices/0/delta"),
        ("stream.chat-choices-have-a-delta", (chunk({"delta": {}}),), None, None),
        (
            "stream.completions-choices-have-text",
            (chunk(text(), text(1, text=None)),),
            COMPLETION,
            "1 /choices/1/text",
        ),
        ("stream.completions-choices-have-text", (chunk(text(text="")),), COMPLETION, None),
        (
            "stream.finish-reason-is-always-there",
            (TEXT, chunk({"index": 0, "delta": {}})),
            None,
            "2 /choices/0/finish_reason",
        ),
        ("stream.finish-reason-is-always-there", (FINISH, TEXT), None, None),
        (
            "stream.finish-reason-is-not-empty",
            (TEXT, chunk(says(finish=""))),
            None,
            "2 /choices/0/finish_reason",
        ),
        ("stream.finish-reason-is-not-empty", (TEXT, FINISH), None, None),
        ("stream.has-choices", (chunk(usage=USAGE), "[DONE]"), None, "1 "),
        ("stream.has-choices", (TEXT, "[DONE]"), None, None),
        (
            "stream.role-comes-once",
            (OPENING, TEXT, chunk(says("a", role="assistant"))),
            None,
            "3 /choices/0/delta/role",
        ),
        ("stream.role-comes-once", (OPENING, chunk(says("a", role=None))), None, None),
        (
            "stream.role-comes-once",
            (OPENING, chunk(says("", index=1, role="assistant")), TEXT),
            None,
            None,
        ),
        (
            "stream.role-comes-with-text",
            (chunk(says(role="assistant", content=None)), FINISH, "[DONE]"),
            None,
            None,
        ),
        (
            "stream.role-comes-with-text",
            (
                chunk({"index": 0, "delta": {"role": "assistant", "content": None}}),
                FINISH,
                "[DONE]",
            ),
            None,
            "1 /choices/0/delta/content",
        ),
        ("stream.usage-is-null-before", (TEXT, chunk(usage=USAGE)), REPORTING, "1 /usage"),
        (
            "stream.usage-is-null-before",
            ({**TEXT, "usage": None}, chunk(usage=USAGE)),
            REPORTING,
            None,
        ),
        (
            "stream.usage-has-its-counts",
            (chunk(usage={**USAGE, "prompt_tokens": -1, "total_tokens": 1}),),
            REPORTING,
            "1 /usage/prompt_tokens",
        ),
        (
            "stream.usage-has-its-counts",
            (chunk(usage={**USAGE, "completion_tokens": True}),),
            REPORTING,
            "1 /usage/completion_tokens",
        ),
        (
            "stream.usage-has-its-counts",
            (TEXT, chunk(usage={**USAGE, "total_tokens": 6})),
            REPORTING,
            "2 /usage/total_tokens",
        ),
        (
            "stream.usage-has-its-counts",
            (chunk(usage={**USAGE, "total_tokens": 4}),),
            REPORTING,
            "1 /usage/total_tokens",
        ),
        (
            "stream.usage-has-its-counts",
            (chunk(usage=dict.fromkeys(USAGE, 0)),),
            REPORTING,
            None,
        ),
        (
            "stream.usage-is-on-top",
            (TEXT, chunk({**says("a"), "usage": USAGE})),
            REPORTING,
            "2 /choices/0/usage",
        ),
        ("stream.usage-is-on-top", (chunk(says("a"), usage=USAGE),), REPORTING, None),
        ("stream.chunks-match-the-schema", (TEXT, chunk(says("a"), extra=7)), None, None),
        (
            "stream.chunks-match-the-schema",
            (TEXT, {**TEXT, "system_fingerprint": 7}),
            None,
            "2 /system_fingerprint",
        ),
        (
            "stream.tool-arguments-join",
            (chunk(calls(OPENED)), chunk(calls(call(0, '{"a"'), finish="tool_calls")), "[DONE]"),
            TOOLS,
            "2 /choices/0/delta/tool_calls",
        ),
        (
            "stream.tool-arguments-join",
            (chunk(calls(OPENED)), chunk(calls(finish="tool_calls")), "[DONE]"),
            TOOLS,
            None,
        ),
        ("completions.id-has-its-prefix", (chunk(text()),), COMPLETION, "1 /id"),
        ("completions.id-has-its-prefix", ({**chunk(text()), "id": "cmpl-1"},), COMPLETION, None),
    ],
)
def test_what_is_wrong_is_pointed_to(
    name: str, events: tuple[Any, ...], request_: Request | None, place: str | None
) -> None:
    found = finding(name, exchange(body_of(*events), request_))
    assert found.verdict is (Verdict.FAIL if place else Verdict.PASS), found
    if place:
        assert found.problem
        assert f"{found.problem.place.event} {found.problem.place.pointer or ''}" == place


@pytest.mark.parametrize(
    ("name", "events", "request_"),
    [
        ("stream.role-comes-once", (OPENING, chunk(says("", index=1))), None),
        ("stream.role-comes-with-text", (OPENING, "[DONE]"), TOOLS),
        ("stream.role-comes-with-text", (TEXT, "[DONE]"), None),
        ("stream.role-comes-with-text", (chunk(says(role="assistant", refusal="No")),), None),
        ("stream.usage-is-null-before", (TEXT,), MAKE.chat(stream=True, stream_options={})),
        ("stream.usage-has-its-counts", (TEXT,), REPORTING),
        ("stream.tool-arguments-join", (chunk(calls(OPENED)), TEXT, "[DONE]"), COMPLETION),
        (
            "stream.tool-arguments-join",
            (chunk(calls(call(0, "{"), finish="length")), "[DONE]"),
            TOOLS,
        ),
        ("stream.error-event-is-an-envelope", (TEXT,), None),
        ("stream.nothing-after-an-error", (TEXT,), None),
    ],
)
def test_what_is_not_there_is_not_judged(
    name: str, events: tuple[Any, ...], request_: Request | None
) -> None:
    judged = exchange(body_of(*events), request_)
    assert finding(name, judged).verdict is Verdict.NOT_APPLICABLE


def test_two_calls_in_one_chunk_are_two_calls() -> None:
    other = call(1, "{}", id="b", type="function", name="g")
    body = body_of(chunk(calls(OPENED, other)), chunk(calls(call(0, "{}"), finish="tool_calls")))
    tools = [rule for rule in MINE if "tool" in rule.id]
    found = judge_exchange(tools, exchange(body, TOOLS))
    assert {f.verdict for f in found} == {Verdict.PASS}
    assert streamed_calls(Stream(exchange(body, TOOLS))) == [("f", {}), ("g", {})]


def test_a_cap_ends_a_tool_call_with_length() -> None:
    judged = exchange(body_of(chunk(calls(OPENED, finish="length"))), TOOLS)
    assert finding("stream.tool-calls-end-as-such", judged).verdict is Verdict.PASS


def test_a_named_tool_may_end_with_stop() -> None:
    choice = {"type": "function", "function": {"name": "f"}}
    request = MAKE.chat(stream=True, tools=[], tool_choice=choice)
    judged = exchange(body_of(chunk(calls(OPENED, finish="stop"))), request)
    assert finding("stream.tool-calls-end-as-such", judged).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("framing.valid-utf-8", b'data: {"a": "\xf0\x9f"}\n\n'),
        ("framing.valid-utf-8", b"data: {}\n\ndata: \xf0\x9f"),
        ("framing.events-end-in-a-blank-line", b"data: {}\n\ndata: [DONE]\n"),
        ("framing.only-known-fields", b'error: {"code": 500}\n\n'),
        ("framing.only-known-fields", b'data: {}\n\n{"id": "c1"}\n\n'),
        ("framing.data-only", b"id: 7\ndata: {}\n\n"),
        ("framing.one-line-of-data", b"data: {\ndata: }\n\n"),
        ("framing.no-comments", b": keep-alive\n\ndata: {}\n\n"),
        ("framing.one-space-after-the-colon", b"data:{}\n\n"),
        ("framing.lines-end-in-lf", b"data: {}\r\n\r\n"),
    ],
)
def test_a_violation_in_the_bytes_is_seen(name: str, body: bytes) -> None:
    assert finding(name, exchange(body)).failed


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("framing.valid-utf-8", 'data: {"a": "\ufffd 🌊"}\n\n'.encode()),
        ("framing.data-is-json", b'data: {"a":\ndata: 1}\n\n'),
        ("framing.data-is-json", b"data:{}\r\n\r\ndata:[DONE]\r\n\r\n"),
        ("framing.only-known-fields", b": keep-alive\n\nretry: 3\ndata: {}\n\n"),
        ("framing.only-known-fields", b"\xef\xbb\xbfdata: {}\n\n"),
        ("framing.events-end-in-a-blank-line", b"data: {}\r\rdata: [DONE]\r\r"),
        ("framing.one-space-after-the-colon", b"data:  {}\n\n:comment\n\n"),
    ],
)
def test_a_legal_oddity_in_the_bytes_passes(name: str, body: bytes) -> None:
    assert finding(name, exchange(body)).verdict is Verdict.PASS


def test_a_json_answer_to_a_stream_is_no_stream() -> None:
    headers = (("content-type", "application/json"),)
    judged = exchange(b'{"object": "chat.completion"}', headers=headers)
    assert finding("stream.comes-when-asked-for", judged).failed
    assert finding("framing.content-type", judged).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("body", [b"", b": only a comment\n\n", b'{"object": "chat.completion"}'])
def test_a_stream_without_events_is_no_stream(body: bytes) -> None:
    assert finding("stream.comes-when-asked-for", exchange(body)).failed


def test_an_event_stream_by_another_name_is_one() -> None:
    judged = exchange(body_of(*WHOLE), headers=(("content-type", "text/plain"),))
    assert finding("stream.comes-when-asked-for", judged).verdict is Verdict.PASS
    assert finding("framing.content-type", judged).failed


@pytest.mark.parametrize(
    ("failure", "events", "verdict"),
    [
        (CUT_SHORT, (OPENING,), Verdict.FAIL),
        ("no end within 30 s", (OPENING,), Verdict.NOT_APPLICABLE),
        ("no end within 30 s", WHOLE, Verdict.FAIL),
        (None, WHOLE, Verdict.PASS),
    ],
)
def test_only_the_server_is_blamed_for_how_a_connection_ends(
    failure: str | None, events: tuple[Any, ...], verdict: Verdict
) -> None:
    judged = exchange(body_of(*events), failure=failure)
    assert finding("framing.connection-ends-properly", judged).verdict is verdict


def test_what_was_cut_off_is_not_blamed_for_its_end() -> None:
    body = body_of(OPENING, TEXT) + b'data: {"id": "c1", "choi'
    found = judge_exchange(MINE, exchange(body, failure=CUT_SHORT))
    failed = {f.rule.id for f in found if f.failed}
    assert failed == {"framing.connection-ends-properly"}


def test_what_we_left_is_not_blamed_for_its_end() -> None:
    request = Request("POST", "/chat/completions", b'{"stream": true}', abandon_after=1)
    found = judge_exchange(MINE, exchange(body_of(OPENING), request))
    assert {f.rule.id for f in found if f.failed} == set()


def test_numbers_of_choices_follow_prompts_and_n() -> None:
    choices = [{"index": i, "text": "a", "finish_reason": None} for i in range(4)]
    judged = exchange(body_of(chunk(*choices)), MAKE.completion(["a", "b"], n=2, stream=True))
    assert finding("stream.choices-are-numbered", judged).verdict is Verdict.PASS
    judged = exchange(body_of(chunk(*choices)), MAKE.completion([1, 2], n=2, stream=True))
    assert finding("stream.choices-are-numbered", judged).failed


def test_usage_in_every_chunk_is_told_once_for_each_rule_it_breaks() -> None:
    counted = [{**event, "usage": USAGE} for event in (OPENING, TEXT, FINISH)]
    judged = exchange(body_of(*counted, "[DONE]"), REPORTING)
    assert finding("stream.usage-comes-once", judged).failed
    assert finding("stream.usage-chunk-is-alone", judged).failed
    assert finding("stream.usage-chunk-is-last", judged).verdict is Verdict.PASS


# ---------------------------------------------------------------------------------- agreement


def paced(*seconds: float) -> Exchange:
    events = [chunk(says("a")) for _ in seconds]
    ends = [len(body_of(*events[: number + 1])) for number in range(len(events))]
    reads = tuple(Read(end, when) for end, when in zip(ends, seconds, strict=True))
    return exchange(body_of(*events), reads=reads, seconds=seconds[-1])


def test_the_pace_of_a_stream_is_that_of_its_text() -> None:
    assert Pace.of(paced(0.5, 0.75, 1.5)) == Pace(0.5, 1.5)


def test_a_stream_without_text_has_no_pace() -> None:
    with pytest.raises(NotApplicable):
        Pace.of(exchange(body_of(OPENING, FINISH)))


def chat_scores(*values: tuple[str, float, list[float]]) -> list[Any]:
    content = [
        {"token": token, "logprob": value, "top_logprobs": [{"logprob": top} for top in tops]}
        for token, value, tops in values
    ]
    return scores([{"logprobs": {"content": content}}])


def test_logprobs_resemble_each_other_up_to_noise_and_near_ties() -> None:
    (one,) = chat_scores(("a", -0.5, [-0.5, -0.52]))
    (swapped,) = chat_scores(("a", -0.53, [-0.52, -0.5]))
    (other,) = chat_scores(("a", -0.5, [-0.5, -4.0]))
    (fewer,) = chat_scores(("a", -0.5, [-0.5]))
    assert one.resembles(swapped)
    assert not one.resembles(other)
    assert not one.resembles(fewer)


def test_logprobs_of_both_endpoints_read_alike() -> None:
    choice = {
        "logprobs": {
            "tokens": ["a"],
            "token_logprobs": [-0.5],
            "top_logprobs": [{"b": -1.0, "a": -0.5}],
        }
    }
    assert scores([choice]) == chat_scores(("a", -0.5, [-0.5, -1.0]))


def test_calls_are_compared_by_what_their_arguments_mean() -> None:
    message = {"tool_calls": [{"function": {"name": "f", "arguments": '{"a":1}'}}]}
    body = json.dumps({"choices": [{"message": message}]}).encode()
    streamed = body_of(chunk(calls(OPENED)), chunk(calls(call(0, '{"a"'), call(0, ": 1}"))))
    answer = Answer(exchange(body, MAKE.chat()))
    assert answered_calls(answer) == streamed_calls(Stream(exchange(streamed, TOOLS)))


def test_an_excerpt_shows_where_two_texts_part() -> None:
    text = "0123456789abcdefghij"
    assert excerpt(text, text[:15] + "X") == '"56789abcdefghij" from character 5 on'
    assert excerpt(text, "") == '"0123456789abcdefghij" from character 0 on'


# ------------------------------------------------------------------------------------ garbage

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
NAMES = [
    "id",
    "object",
    "created",
    "model",
    "choices",
    "usage",
    "error",
    "index",
    "delta",
    "text",
    "finish_reason",
    "role",
    "content",
    "tool_calls",
    "function",
    "name",
    "arguments",
    "message",
    "code",
    "type",
    "prompt_tokens",
    "total_tokens",
]
CHUNKS = st.recursive(
    VALUES,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=24,
)
REQUESTS = st.sampled_from([MAKE.chat(stream=True), REPORTING, COMPLETION, TOOLS])


@given(st.lists(CHUNKS | st.just("[DONE]"), max_size=4), REQUESTS)
def test_no_json_stops_a_rule(events: list[Any], request_: Request) -> None:
    judged = exchange(body_of(*events), request_)
    crashed = [f for f in judge_exchange(MINE, judged) if f.verdict is Verdict.HARNESS_ERROR]
    assert crashed == []


@given(st.lists(st.sampled_from([b"data", b":", b" ", b"\n", b"\r", b"{}", b"\xf0", b"[DONE]"])))
def test_no_bytes_stop_a_rule(parts: list[bytes]) -> None:
    judged = exchange(b"".join(parts))
    crashed = [f for f in judge_exchange(MINE, judged) if f.verdict is Verdict.HARNESS_ERROR]
    assert crashed == []
