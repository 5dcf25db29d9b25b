"""What the rules on models and JSON answers take for right, and what for wrong, at the border."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_contracts import rules
from accord_contracts.engine import judge_exchange
from accord_contracts.exchange import Exchange, Request
from accord_contracts.finding import Finding, Verdict
from accord_contracts.requests import JSON_TYPE, encode
from accord_contracts.rule import REGISTRY
from accord_contracts.run import Plan, check
from accord_contracts.server import Call, Hook, ReferenceServer, Refusal, Reply
from accord_contracts.target import Target

PASS, FAIL, UNSEEN = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE
FAMILIES = {"models", "answer", "finish", "usage", "chance", "logprobs", "tools", "structured"}
MINE = [rule for rule in rules.ALL if rule.family in FAMILIES]
ASKED = [{"role": "user", "content": "Hello!"}]


def exchange(
    body: Any,
    path: str = "/chat/completions",
    content_type: str = "application/json",
    **params: Any,
) -> Exchange:
    """An answer of 200; a GET where the path is one of models."""
    if path.startswith("/models"):
        request = Request("GET", path)
    else:
        prompt = {"messages": ASKED} if path.startswith("/chat") else {"prompt": "Hello!"}
        request = Request("POST", path, encode({"model": "m", **prompt, **params}), (JSON_TYPE,))
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(request, 1, 200, (("content-type", content_type),), data)


def chat(
    message: dict[str, Any] | None = None,
    finish_reason: Any = "stop",
    logprobs: Any = None,
    **changes: Any,
) -> dict[str, Any]:
    """A right answer of chat, but for what is given."""
    said = {"role": "assistant", "content": "Hi", "refusal": None, **(message or {})}
    choice = {
        "index": 0,
        "message": said,
        "logprobs": logprobs,
        "finish_reason": finish_reason,
    }
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": "m",
        "choices": [choice],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
        **changes,
    }


def used(prompt: Any, completion: Any, total: Any) -> dict[str, Any]:
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}
    return chat(usage=counts)


def model(**changes: Any) -> dict[str, Any]:
    return {"id": "m", "object": "model", "created": 0, "owned_by": "us", **changes}


def listed(*entries: Any, path: str = "/models", **changes: Any) -> Exchange:
    return exchange({"object": "list", "data": list(entries), **changes}, path)


def call(**changes: Any) -> dict[str, Any]:
    function = {"name": "get_time", "arguments": "{}"}
    return {"id": "call_1", "type": "function", "function": function, **changes}


def calling(*calls: Any, finish: str = "tool_calls", **params: Any) -> Exchange:
    return exchange(chat({"content": None, "tool_calls": list(calls)}, finish), **params)


def scored(*elements: Any, finish: str = "length", spent: int | None = None, **params: Any) -> Any:
    logprobs = {"content": list(elements), "refusal": None}
    usage = {"prompt_tokens": 3, "completion_tokens": len(elements) if spent is None else spent}
    answer = chat(finish_reason=finish, logprobs=logprobs, usage=usage)
    return exchange(answer, **{"logprobs": True, **params})


def element(logprob: Any = -0.5, top: Any = (), **changes: Any) -> dict[str, Any]:
    own = {"token": "Hi", "logprob": logprob, "bytes": [72, 105]}
    return {**own, "top_logprobs": [{**own, "logprob": one} for one in top], **changes}


def judged(rule: str, subject: Exchange) -> Finding:
    return judge_exchange([REGISTRY[rule]], subject)[0]


BODY = "answer.is-one-json-document"
TYPE = "answer.content-type-is-json"
IDS = "answer.has-an-id"
CREATED = "answer.created-is-an-integer"
SECONDS = "answer.created-is-in-seconds"
INDEXES = "answer.indexes-count-up"
CONTENT = "answer.content-is-text-or-null"
CALLS = "answer.tool-calls-are-never-null"
NO_LOGPROBS = "answer.logprobs-are-null-unless-asked"
MODEL = "answer.names-its-model"
MOST = "answer.no-more-choices-than-asked"
PREFIX = "completions.id-has-its-prefix"
SCHEMA = "answer.matches-the-schema"


@pytest.mark.parametrize(
    ("rule", "subject", "expected"),
    [
        # The body.
        (BODY, exchange(b'\n{"id": 1}\n\n'), PASS),
        (BODY, exchange(b"[]"), PASS),
        (BODY, exchange(b""), FAIL),
        (BODY, exchange(b"{} {}"), FAIL),
        (BODY, exchange(b'{"id": NaN}'), FAIL),
        (BODY, exchange(b"\xff\xfe"), FAIL),
        (BODY, exchange(b"data: {}\n\n", stream=1), UNSEEN),
        (BODY, exchange(b"data: {}\n\n", stream=False), FAIL),
        (TYPE, exchange({}, content_type="Application/JSON; charset=utf-8"), PASS),
        (TYPE, exchange({}, content_type="text/event-stream"), FAIL),
        (TYPE, exchange({}, content_type=""), FAIL),
        ("answer.has-no-padding", exchange(b"{}\n"), PASS),
        ("answer.has-no-padding", exchange(b"\r\n{}"), FAIL),
        ("answer.has-no-padding", exchange(b"\r\n{"), UNSEEN),
        # The head.
        (IDS, exchange(chat()), PASS),
        (IDS, exchange(chat(id=7)), FAIL),
        (IDS, exchange({"error": {"message": "No."}}), UNSEEN),
        (IDS, exchange([]), UNSEEN),
        (CREATED, exchange(chat(created=1.0)), FAIL),
        (CREATED, exchange(chat(created=True)), FAIL),
        (CREATED, exchange({"choices": []}), FAIL),
        (SECONDS, exchange(chat(created=1_700_000_000.5)), PASS),
        (SECONDS, exchange(chat(created=1_700_000_000_000)), FAIL),
        (SECONDS, exchange(chat(created=9_999_999_999)), PASS),
        (SECONDS, exchange(chat(created=10_000_000_000)), FAIL),
        (SECONDS, exchange(chat(created=1_000_000_000)), PASS),
        (SECONDS, exchange(chat(created=999_999_999)), FAIL),
        (SECONDS, exchange(chat(created="now")), UNSEEN),
        # The choices.
        ("answer.has-choices", exchange(chat(choices={})), FAIL),
        (INDEXES, exchange({"choices": [{"index": 1}, {"index": 0}]}), PASS),
        (INDEXES, exchange({"choices": [{"index": 0}, {"index": 0}]}), FAIL),
        (INDEXES, exchange({"choices": [{"index": False}]}), FAIL),
        (INDEXES, exchange({"choices": [None]}), FAIL),
        (NO_LOGPROBS, exchange(chat()), PASS),
        (NO_LOGPROBS, exchange(chat(), logprobs=None), PASS),
        (NO_LOGPROBS, exchange(chat(logprobs={})), FAIL),
        (NO_LOGPROBS, exchange(chat(logprobs={}), logprobs=0), UNSEEN),
        # The message.
        (CONTENT, exchange(chat({"content": None})), PASS),
        (CONTENT, exchange(chat({"content": ""})), PASS),
        (CONTENT, exchange(chat({"content": []})), FAIL),
        (CONTENT, exchange({"choices": [{"message": {}}]}), FAIL),
        ("answer.has-refusal", exchange(chat({"refusal": "I won't."})), PASS),
        (CALLS, exchange(chat({"tool_calls": []})), PASS),
        (CALLS, exchange(chat({"tool_calls": None})), FAIL),
        # The model, the number of choices.
        (MODEL, exchange(chat(), model=None), UNSEEN),
        (MODEL, exchange(chat(model=""), model="m"), FAIL),
        (MODEL, exchange(chat(model=None)), FAIL),
        (MODEL, exchange(chat(model="n")), PASS),
        (MODEL, exchange({"error": {"message": "No."}}), UNSEEN),
        (MODEL, exchange([]), UNSEEN),
        (MOST, exchange(chat(choices=[{}, {}])), FAIL),
        (MOST, exchange(chat(choices=[{}, {}]), n=2), PASS),
        (MOST, exchange(chat(choices=[{}, {}, {}]), n=2), FAIL),
        (MOST, exchange(chat(choices=[])), UNSEEN),
        (MOST, exchange(chat(choices=[{}, {}]), n=0.5), UNSEEN),
        (MOST, exchange(chat(choices=[{}, {}]), n=0), FAIL),
        (MOST, exchange(chat(choices=[{}] * 4), "/completions", prompt=["a", "b"], n=2), PASS),
        (MOST, exchange(chat(choices=[{}] * 5), "/completions", prompt=["a", "b"], n=2), FAIL),
        (PREFIX, exchange(chat(), "/completions"), FAIL),
        (PREFIX, exchange(chat(id="cmpl-"), "/completions"), PASS),
        (PREFIX, exchange(chat(id=7), "/completions"), UNSEEN),
        # What no other rule speaks about.
        (SCHEMA, exchange(chat(extra={"of": "ours"}, service_tier=None)), PASS),
        (SCHEMA, exchange(chat(id=7, created="now", object="x", choices=None)), PASS),
        (SCHEMA, exchange(chat(finish_reason="eos", logprobs=7)), PASS),
        (SCHEMA, exchange(chat(system_fingerprint=7)), FAIL),
        (SCHEMA, exchange(chat({"annotations": {}})), FAIL),
        (SCHEMA, exchange(used(3, 1.5, 4.5)), FAIL),
        (SCHEMA, exchange([]), FAIL),
        (SCHEMA, exchange(b'{"metadata": "\\ud800"}'), UNSEEN),
        (SCHEMA, exchange(b'{"metadata": ' + b"[" * 500 + b"]" * 500 + b"}"), UNSEEN),
        (SCHEMA, listed(model(shutdown_date=7)), FAIL),
        (SCHEMA, listed(model(owned_by=7)), PASS),
    ],
)
def test_shapes_of_answers(rule: str, subject: Exchange, expected: Verdict) -> None:
    assert judged(rule, subject).verdict is expected


KNOWN = "finish.reason-is-known"
END = "finish.no-end-token-in-text"
SUM = "usage.adds-up"
PROMPT = "usage.counts-the-prompt"
ANSWER = "usage.counts-the-answer"
CAP = "usage.stays-under-the-cap"
PARTS = "usage.details-are-parts"


def with_parts(**details: Any) -> Exchange:
    counts = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
    return exchange(chat(usage={**counts, **details}))


def thought(tokens: Any) -> Exchange:
    return with_parts(completion_tokens_details={"reasoning_tokens": tokens})


def cached(tokens: Any) -> Exchange:
    return with_parts(prompt_tokens_details={"cached_tokens": tokens})


@pytest.mark.parametrize(
    ("rule", "subject", "expected"),
    [
        (KNOWN, exchange(chat(finish_reason="function_call")), PASS),
        (KNOWN, exchange(chat(finish_reason=None)), FAIL),
        (
            KNOWN,
            exchange({"choices": [{"text": "", "finish_reason": "tool_calls"}]}, "/completions"),
            FAIL,
        ),
        (END, exchange(chat({"content": "A <s>struck</s> word"})), PASS),
        (END, exchange(chat({"content": "Hi</s>\n"})), FAIL),
        (END, exchange(chat({"content": "Hi</s>"}, "length")), UNSEEN),
        (END, exchange(chat({"content": "Hi</s>"}), stop=["</s>"]), PASS),
        ("usage.is-given", exchange(chat(usage=None)), FAIL),
        ("usage.counts-are-integers", exchange(used(3, 0, 3)), PASS),
        ("usage.counts-are-integers", exchange(used(3, -1, 2)), FAIL),
        ("usage.counts-are-integers", exchange(used(3, 1.0, 4)), FAIL),
        ("usage.counts-are-integers", exchange(used("3", None, None)), UNSEEN),
        (SUM, exchange(used(3, 1, 4)), PASS),
        (SUM, exchange(used(3, 1, 3)), FAIL),
        (SUM, exchange(used("3", 1, 4)), UNSEEN),
        (PROMPT, exchange(used(0, 1, 1)), FAIL),
        (PROMPT, exchange(used(0, 1, 1), messages=[{"role": "user", "content": ""}]), UNSEEN),
        (ANSWER, exchange(used(3, 0, 3)), FAIL),
        (ANSWER, exchange({**used(3, 0, 3), "choices": []}), UNSEEN),
        (CAP, exchange(used(3, 16, 19), max_tokens=16), PASS),
        (CAP, exchange(used(3, 17, 20), max_tokens=16), FAIL),
        (CAP, exchange(used(3, 17, 20), max_tokens=16, max_completion_tokens=20), PASS),
        (CAP, exchange(used(3, 32, 35), max_tokens=16, n=2), PASS),
        (CAP, exchange(used(3, 33, 36), max_tokens=16, n=2), FAIL),
        (
            CAP,
            exchange(used(3, 60, 63), "/completions", max_tokens=16, prompt=["a", "b"], n=2),
            PASS,
        ),
        (CAP, exchange(used(3, 60, 63), "/completions", max_tokens=16, best_of=4), PASS),
        (CAP, exchange(used(3, 17, 20), "/completions", max_tokens=16, prompt=[1, 2, 3]), FAIL),
        (CAP, exchange(used(3, 17, 20), "/completions", max_tokens=16, prompt=[[1], [2]]), PASS),
        (CAP, exchange(used(3, 17, 20), max_tokens=-1), UNSEEN),
        (CAP, exchange(used(3, 17, 20), max_tokens=16, n="2"), UNSEEN),
        (CAP, exchange(used(3, 17, 20)), UNSEEN),
        (PARTS, thought(1), PASS),
        (PARTS, thought(2), FAIL),
        (PARTS, cached(3), PASS),
        (PARTS, cached(4), FAIL),
        (PARTS, cached("4"), UNSEEN),
        (PARTS, with_parts(), UNSEEN),
        (PARTS, with_parts(prompt_tokens=None, prompt_tokens_details={"cached_tokens": 1}), UNSEEN),
    ],
)
def test_finish_reasons_and_usage(rule: str, subject: Exchange, expected: Verdict) -> None:
    assert judged(rule, subject).verdict is expected


SHAPE = "logprobs.have-the-shape-of-chat"
SANE = "logprobs.are-log-probabilities"
BYTES = "logprobs.have-bytes"
COUNT = "logprobs.one-per-token"
TOP = "logprobs.no-more-alternatives-than-asked"
FREE = "tools.finish-reason-is-tool-calls"
TYPED = "tools.calls-are-typed"
ARGUMENTS = "tools.arguments-are-a-string"
OFFERED = "tools.names-are-offered"
JSONS = "tools.arguments-are-json"


def offer(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


def written(arguments: str) -> dict[str, Any]:
    return call(function={"name": "get_time", "arguments": arguments})


@pytest.mark.parametrize(
    ("rule", "subject", "expected"),
    [
        (SHAPE, scored(element()), PASS),
        (SHAPE, scored(), PASS),
        (SHAPE, scored(element(logprob=None)), FAIL),
        (SHAPE, scored(element(logprob="-inf")), FAIL),
        (SHAPE, scored(element(top_logprobs=None)), FAIL),
        (SHAPE, scored(7), FAIL),
        (SHAPE, exchange(chat(logprobs={"content": None}), logprobs=True), PASS),
        (SHAPE, exchange(chat(logprobs=[]), logprobs=True), FAIL),
        (SHAPE, exchange(chat(logprobs={})), UNSEEN),
        ("logprobs.have-refusal", exchange(chat(logprobs={"content": []}), logprobs=True), FAIL),
        (SANE, scored(element(0.0), element(-0.0, top=[0.0, -9999.0])), PASS),
        (SANE, scored(element(-9999.0), element(-0.1)), PASS),
        (SANE, scored(element(1e-7)), PASS),
        (SANE, scored(element(-0.7, top=[-0.69, -0.69])), PASS),
        (SANE, scored(element(0.2)), FAIL),
        (SANE, scored(element(0.048)), PASS),
        (SANE, scored(element(0.05)), FAIL),
        (SANE, scored(element(10**300)), FAIL),
        (SANE, scored(element(-0.1, top=[-0.1, -0.1])), FAIL),
        (SANE, scored(element(-9999.0), element(-9999)), FAIL),
        (SANE, scored(element(-9999.0), logit_bias={"5": 100}), UNSEEN),
        (BYTES, scored(element(bytes=None)), PASS),
        (BYTES, scored(element(bytes=[256])), FAIL),
        (BYTES, scored(element(bytes=[0, 255])), PASS),
        (BYTES, scored(element(bytes=[-1])), FAIL),
        (BYTES, scored(element(bytes="Hi")), FAIL),
        (COUNT, scored(element(), element()), PASS),
        (COUNT, scored(element(), spent=2), FAIL),
        (COUNT, scored(element(), spent=2, finish="stop"), UNSEEN),
        (TOP, scored(element(top=[-1, -2]), top_logprobs=2), PASS),
        (TOP, scored(element(top=[-1]), top_logprobs=2), PASS),
        (TOP, scored(element(top=[-1])), FAIL),
        (TOP, scored(element(top=[-1]), top_logprobs="2"), UNSEEN),
        (FREE, calling(call()), PASS),
        (FREE, calling(call(), finish="stop"), FAIL),
        (FREE, calling(call(), finish="stop", tool_choice={"type": "function"}), UNSEEN),
        (FREE, calling(call(), finish="length", tool_choice="required"), PASS),
        (FREE, calling(), UNSEEN),
        (TYPED, calling({"type": "custom", "custom": {"name": "x"}}), PASS),
        (TYPED, calling(call(type="tool")), FAIL),
        (TYPED, calling(call(function={"name": ""})), FAIL),
        (TYPED, calling(None), FAIL),
        (ARGUMENTS, calling(call(function={"name": "x", "arguments": "{not JSON"})), PASS),
        (ARGUMENTS, calling(call(function={"name": "x", "arguments": {}})), FAIL),
        (ARGUMENTS, calling(call(function=None)), FAIL),
        (ARGUMENTS, calling({"type": "custom", "custom": {}}), UNSEEN),
        ("tools.calls-have-ids", calling(call(), call(id="")), FAIL),
        (OFFERED, calling(call(), tools=[offer("get_time")]), PASS),
        (OFFERED, calling(call(), tools=[offer("get_date"), offer("get_time")]), PASS),
        (OFFERED, calling(call(), tools=[offer("get_date")]), FAIL),
        (OFFERED, calling(call(function={"name": ""}), tools=[offer("get_date")]), PASS),
        (OFFERED, calling(call(), tools=[{"type": "custom", "custom": {"name": "x"}}]), FAIL),
        (OFFERED, calling(call(), tools=[]), UNSEEN),
        (OFFERED, calling(tools=[offer("get_time")]), UNSEEN),
        (JSONS, calling(written("{}")), PASS),
        (JSONS, calling(written("{'a': 1}")), FAIL),
        (JSONS, calling(written("{}"), written("{")), FAIL),
        (JSONS, calling(written("{"), finish="length"), UNSEEN),
    ],
)
def test_logprobs_and_tools(rule: str, subject: Exchange, expected: Verdict) -> None:
    assert judged(rule, subject).verdict is expected


@pytest.mark.parametrize(
    ("rule", "subject", "expected"),
    [
        ("models.list-is-a-list-object", listed(), PASS),
        ("models.list-is-a-list-object", listed(data=None), FAIL),
        ("models.entries-have-ids", listed(), UNSEEN),
        ("models.entries-have-ids", listed(model(), model(id="")), FAIL),
        ("models.entries-have-ids", exchange({"error": {"message": "No."}}, "/models/m"), UNSEEN),
        ("models.entries-are-models", exchange(model(object="list"), "/models/m"), FAIL),
        ("models.created-is-unix-seconds", listed(model(created=0)), PASS),
        ("models.created-is-unix-seconds", listed(model(created=-1)), FAIL),
        ("models.created-is-unix-seconds", listed(model(created=9_999_999_999)), PASS),
        ("models.created-is-unix-seconds", listed(model(created=10_000_000_000)), FAIL),
        ("models.created-is-unix-seconds", listed(model(created=1.5)), FAIL),
        ("models.owner-is-a-string", listed(model(owned_by="")), PASS),
        ("models.owner-is-a-string", listed(model(), model(owned_by=None)), FAIL),
        ("models.ids-are-unique", listed(model(), model(id="n")), PASS),
        ("models.ids-are-unique", listed(model(), model(id="n"), model()), FAIL),
        ("models.ids-are-unique", listed(model(id=""), model(id="")), PASS),
        ("models.ids-are-unique", listed(model()), UNSEEN),
        ("models.permission-is-an-array", listed(model(permission=None)), PASS),
        ("models.permission-is-an-array", listed(model(permission=[{}])), PASS),
        ("models.permission-is-an-array", listed(model(permission={})), FAIL),
    ],
)
def test_models(rule: str, subject: Exchange, expected: Verdict) -> None:
    assert judged(rule, subject).verdict is expected


def test_a_second_document_is_pointed_to() -> None:
    problem = judged(BODY, exchange('{"é": 1}data: [DONE]'.encode())).problem
    assert problem is not None
    assert problem.place.offset == len('{"é": 1}'.encode())
    assert "data: [DONE]" in problem.message


def test_a_second_document_is_found_behind_blank_lines_too() -> None:
    problem = judged(BODY, exchange(b'\n\n{"a": 1}, {"b": 2}')).problem
    assert problem is not None
    assert problem.place.offset == len('\n\n{"a": 1}')


def test_a_mismatch_is_pointed_to() -> None:
    problem = judged(SCHEMA, exchange(used("3", 1, 4))).problem
    assert problem is not None
    assert problem.place.pointer == "/usage/prompt_tokens"
    assert "Completion" in problem.expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
RIGHT = [
    scored(element(top=[-1, -2]), top_logprobs=2),
    calling(call(), call()),
    exchange(chat(), max_tokens=3, n=1),
    exchange({**chat(), "choices": [{"text": "Hi", "index": 0}]}, "/completions", best_of=2),
    listed(model(), model(permission=[])),
    exchange(model(), "/models/m"),
]


def bent(value: Any, path: list[int], new: Any) -> Any:
    """Put something else in one place of a JSON value."""
    if not path or not isinstance(value, list | dict) or not value:
        return new
    keys = list(value) if isinstance(value, dict) else range(len(value))
    key = keys[path[0] % len(keys)]
    copy: Any = value.copy()
    copy[key] = bent(value[key], path[1:], new)
    return copy


@given(
    right=st.sampled_from(RIGHT),
    answer_path=st.lists(st.integers(0, 20), max_size=8),
    request_path=st.lists(st.integers(0, 20), max_size=3),
    new=json_values,
)
def test_no_json_makes_a_rule_crash(
    right: Exchange, answer_path: list[int], request_path: list[int], new: Any
) -> None:
    asked = replace(right.request, body=encode(bent(right.request.params, request_path, new)))
    body = json.dumps(bent(right.json, answer_path, new)).encode()
    for odd in (replace(right, body=body), replace(right, body=body, request=asked)):
        findings = judge_exchange(MINE, odd)
        assert [f.message for f in findings if f.verdict is Verdict.HARNESS_ERROR] == []


# ----------------------------------------------------------------- servers that are right, oddly


def checked(hook: Hook, *names: str) -> dict[str, Finding]:
    """Judge the reference server, bent by a hook, by the rules of these names."""
    with ReferenceServer(hooks=[hook]) as server:
        report = check(
            Target(server.base_url, model="accord-small"), Plan([REGISTRY[n] for n in names])
        )
    return {finding.rule.id: finding for finding in report.findings}


class Canned(Hook):
    """A mock: whatever is asked, it says the same, and ends there by itself."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        if call.endpoint in {"chat", "completions"} and reply.status == 200 and not call.streams:
            for choice in reply.body["choices"]:
                choice["finish_reason"] = "stop"
                if "message" in choice:
                    choice["message"]["content"] = "Hello!"
                else:
                    choice["text"] = "Hello!"
        return reply


def test_a_mock_is_not_blamed_for_saying_the_same_always() -> None:
    names = [rule.id for rule in MINE if rule.family in {"chance", "finish"}]
    verdicts = {f.verdict for f in checked(Canned(), *names).values()}
    assert Verdict.FAIL not in verdicts
    assert UNSEEN in verdicts


class Refusing(Hook):
    """A server that refuses, clearly, whatever is optional."""

    OPTIONAL = ("n", "logprobs", "tools", "response_format", "stop", "temperature")

    def request(self, call: Call) -> None:
        body = call.body if isinstance(call.body, dict) else {}
        for name in self.OPTIONAL:
            if body.get(name):
                raise Refusal(400, f"{name} is not supported", param=name)


def test_a_server_may_refuse_what_is_optional() -> None:
    findings = checked(Refusing(), *(rule.id for rule in MINE))
    assert [f.message for f in findings.values() if f.verdict is Verdict.FAIL] == []
    assert findings["tools.required-makes-a-call"].verdict is Verdict.UNSUPPORTED
    assert findings["structured.schema-is-satisfied"].verdict is Verdict.UNSUPPORTED


class Late(Hook):
    """A server whose models were all made when it is asked."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def reply(self, call: Call, reply: Reply) -> Reply:
        if call.endpoint == "model":
            reply.body["created"] += self._seconds
        return reply


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(2, PASS), (-2, PASS), (3600, PASS), (-3600, PASS), (3601, FAIL), (-3601, FAIL)],
)
def test_a_model_may_have_been_made_just_now(seconds: int, verdict: Verdict) -> None:
    name = "models.retrieved-as-listed"
    assert checked(Late(seconds), name)[name].verdict is verdict


class Embedding(Hook):
    """A server whose first listed model makes no text."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        if call.endpoint == "models":
            reply.body["data"].insert(0, model(id="an-embedding"))
        return reply


def test_not_every_listed_model_has_to_generate() -> None:
    name = "models.listed-models-work"
    with ReferenceServer(hooks=[Embedding()]) as server:
        report = check(Target(server.base_url), Plan([REGISTRY[name]]))
    assert report.findings[0].verdict is PASS
