"""Every request obligation finds what breaks it, and says nothing of requests that keep it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord_contracts.clients import ALL, Received, RequestObligation, judge_request

CHAT, COMPLETIONS = "/v1/chat/completions", "/v1/completions"
HEADERS = (("content-type", "application/json"), ("authorization", "Bearer sk-for-a-test"))
HELLO = {"role": "user", "content": "Hello!"}
TOOL = {"type": "function", "function": {"name": "weather"}}


def post(path: str, body: Any, *headers: tuple[str, str]) -> Received:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Received("POST", path, headers or HEADERS, data)


def chat(**params: Any) -> Received:
    return post(CHAT, {"model": "m", "messages": [HELLO], **params})


def complete(**params: Any) -> Received:
    return post(COMPLETIONS, {"model": "m", "prompt": "Once", **params})


def get(target: str, *headers: tuple[str, str], body: bytes = b"") -> Received:
    return Received("GET", target, headers or HEADERS[1:], body)


def tool(**parameters: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "weather", "parameters": parameters}}


def json_format(**schema: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


def call(id: str) -> dict[str, Any]:  # noqa: A002 - the API's name
    return {"id": id, "type": "function", "function": {"name": "weather", "arguments": "{}"}}


def result(id: str) -> dict[str, Any]:  # noqa: A002 - the API's name
    return {"role": "tool", "tool_call_id": id, "content": "sunny"}


def calls(*ids: str) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": [call(one) for one in ids]}


KEPT = [
    get("/v1/models"),
    get("/v1/models/org%2Fname"),
    get("/v1/models/models"),
    get("/v1/models", ("authorization", "bearer x"), ("accept", "*/*")),
    chat(),
    chat(temperature=None, stop=["a"], n=2, stream=True, stream_options={"include_usage": True}),
    chat(logprobs=True, top_logprobs=3, logit_bias={"12": -100}),
    chat(messages=[HELLO, calls("a", "b"), result("b"), result("a"), HELLO]),
    chat(messages=[HELLO, {"role": "assistant", "content": None, "refusal": "No."}, HELLO]),
    chat(tools=[TOOL], tool_choice={"type": "function", "function": {"name": "weather"}}),
    chat(tools=[TOOL], tool_choice="required"),
    chat(response_format=json_format(type="object"), tools=[tool(type="object")]),
    chat(metadata={"any": "thing"}, modalities=["text"]),
    post(CHAT, {"model": "m", "messages": [HELLO], "stream": True}, *HEADERS, ("accept", "text/*")),
    complete(),
    complete(prompt=[[1, 2]], n=2, best_of=3, logprobs=5, echo=True),
    complete(prompt=None, stream=True, best_of=1),
    Received("OPTIONS", CHAT),
    Received("POST", CHAT, HEADERS, b"{", whole=False),
    Received("POST", "/v1/completions/", HEADERS, complete().body, redirected=True),
]

BROKEN = {
    "request.goes-below-the-base-url": [
        post("/chat/completions", chat().params),
        post("/v1/v1/completions", complete().params),
        get("/models"),
    ],
    "request.path-is-spelled-exactly": [
        post("/v1//chat/completions", chat().params),
        get("/v1/models/"),
        get("/V1/models"),
    ],
    "request.model-is-encoded-in-the-path": [get("/v1/models/org/name")],
    "request.method-is-the-endpoint's": [get(CHAT), post("/v1/models", {})],
    "request.is-in-the-contract": [post("/v1/embeddings", {}), get("/"), get("/v1")],
    "request.has-no-query": [get("/v1/models?limit=5")],
    "request.sends-a-key": [get("/v1/models", ("api-key", "sk-for-a-test"))],
    "request.key-is-a-bearer-token": [
        get("/v1/models", ("authorization", value))
        for value in ("sk-x", "Basic abc", "Bearer", "Bearer a b")
    ],
    "request.key-is-a-value": [
        get("/v1/models", ("authorization", f"Bearer {word}"))
        for word in ("None", "undefined", "$OPENAI_API_KEY")
    ],
    "request.content-type-is-json": [
        post(CHAT, chat().params, ("content-type", "application/x-www-form-urlencoded")),
        post(COMPLETIONS, complete().params, HEADERS[1]),
    ],
    "request.accepts-the-answer": [
        get("/v1/models", ("accept", "text/html")),
        get("/v1/models", ("accept", "application/json;q=0")),
    ],
    "request.accepts-the-stream": [
        post(CHAT, chat(stream=True).params, *HEADERS, ("accept", "application/json")),
    ],
    "request.body-is-json": [
        post(CHAT, body)
        for body in (b"", b"{", b'{"temperature": NaN}', b'"\\ud800"', '"é"'.encode("latin-1"))
    ],
    "request.body-names-are-unique": [post(CHAT, b'{"stream": true, "stream": false}')],
    "request.body-matches-schema": [
        chat(temperature="0.5"),
        chat(messages=[]),
        complete(logprobs=6),
        post(COMPLETIONS, []),
    ],
    "request.has-only-known-parameters": [
        chat(top_k=5),
        chat(messages=[{**HELLO, "mood": "good"}]),
        complete(stream=True, stream_options={"usage": True}),
    ],
    "request.has-no-deprecated-parameters": [
        chat(max_tokens=5),
        chat(messages=[HELLO, {"role": "function", "name": "f", "content": "5"}]),
    ],
    "request.stream-options-only-with-stream": [
        chat(stream_options={}),
        complete(stream_options={}),
    ],
    "request.top-logprobs-only-with-logprobs": [chat(top_logprobs=2)],
    "request.best-of-fits": [complete(n=3, best_of=2), complete(best_of=2, stream=True)],
    "request.logit-bias-keys-are-token-ids": [chat(logit_bias={"hello": -100})],
    "request.audio-comes-with-options": [chat(modalities=["text", "audio"])],
    "request.get-has-no-body": [get("/v1/models", body=b"{}")],
    "request.assistant-messages-say-something": [
        chat(messages=[HELLO, {"role": "assistant", "content": None}]),
    ],
    "request.tool-calls-are-not-empty": [
        chat(messages=[HELLO, {"role": "assistant", "content": "Hi", "tool_calls": []}]),
    ],
    "request.tool-results-follow-calls": [
        chat(messages=[HELLO, calls("a", "b"), result("a"), HELLO]),
        chat(messages=[HELLO, calls("a")]),
        chat(messages=[HELLO, result("a")]),
        chat(messages=[HELLO, calls("a"), result("a"), result("a")]),
    ],
    "request.schemas-are-json-schemas": [
        chat(tools=[tool(type="dict")]),
        chat(functions=[{"name": "f", "parameters": {"required": "all"}}]),
        chat(response_format=json_format(type=5)),
    ],
    "request.tool-choice-names-a-tool": [
        chat(tool_choice="required"),
        chat(tools=[TOOL], tool_choice={"type": "function", "function": {"name": "time"}}),
    ],
}


def broken_by(request: Received) -> set[str]:
    return {violation.obligation.id for violation in judge_request(request).violations}


@pytest.mark.parametrize("request_", KEPT, ids=lambda request: request.target)
def test_a_good_request_breaks_nothing(request_: Received) -> None:
    assert broken_by(request_) == set()


@pytest.mark.parametrize(
    ("name", "bad"), [(name, bad) for name, many in BROKEN.items() for bad in many]
)
def test_what_is_wrong_is_found(name: str, bad: Received) -> None:
    assert name in broken_by(bad)


def test_every_obligation_has_an_example_and_is_documented() -> None:
    requests = {one.id for one in ALL.values() if isinstance(one, RequestObligation)}
    assert requests == set(BROKEN)
    judged = {name for request in KEPT for name in judge_request(request).judged}
    assert judged == requests
    for one in ALL.values():
        assert one.document.obligation
        assert one.document.why
        assert one.document.violation


@pytest.mark.parametrize(
    ("body", "pointer", "message"),
    [
        ({"messages": [{"role": "usr"}]}, "/messages/0/role", 'it is none of "developer", '),
        ({"messages": [{"role": "user", "content": 5}]}, "/messages/0/content", "it is not"),
        ({"stop": []}, "/stop", "it has less than 1 item"),
        ({"stop": 5}, "/stop", 'it is of none of the types "string", "array", "null"'),
        ({"max_tokens": "3"}, "/max_tokens", 'it is of none of the types "null", "integer"'),
        ({"tool_choice": {"type": "tool"}}, "/tool_choice/type", 'it is none of "function", '),
        ({"logit_bias": {"1": 500}}, "/logit_bias/1", "it is greater than the maximum of 100"),
    ],
)
def test_the_schema_blames_the_place(body: dict[str, Any], pointer: str, message: str) -> None:
    (violation,) = judge_request(chat(**body)).violations
    assert (violation.pointer, violation.message[: len(message)]) == (pointer, message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
MEMBERS = st.sampled_from([
    "messages", "tools", "tool_choice", "functions", "response_format", "stream_options",
    "best_of", "n", "logit_bias", "modalities", "stream", "prompt",
])  # fmt: skip


@settings(max_examples=60)
@given(
    st.sampled_from(["GET", "POST", "PUT"]),
    st.sampled_from([CHAT, COMPLETIONS, "/v1/models"]) | st.text(),
    st.lists(st.tuples(st.sampled_from(["authorization", "accept", "content-type"]), st.text())),
    st.binary() | st.dictionaries(MEMBERS, JSON).map(lambda body: json.dumps(body).encode()),
)
def test_no_request_stops_the_judge(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    judge_request(Received(method, target, tuple(headers), body))
