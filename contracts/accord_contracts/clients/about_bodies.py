"""Bodies: JSON that fits the schema, and what the schema can't say of parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from accord_contracts import schema
from accord_contracts.clients.obligation import Breach, Breaches, at, on_request
from accord_contracts.clients.received import Received
from accord_contracts.exchange import NOT_JSON
from accord_contracts.rule import MAY, MUST, SHOULD

_SCHEMAS: Final = {"chat": "ChatCompletionRequest", "completions": "CompletionRequest"}
_CHAT: Final = "#/components/schemas/ChatCompletionRequest"
_COMPLETION: Final = "#/components/schemas/CompletionRequest"


def _with_body(request: Received) -> bool:
    """About requests that take a body, and whose body was kept."""
    return request.generates and request.whole


def with_json(request: Received) -> bool:
    """About requests that take a body, and have one that can be read."""
    return _with_body(request) and request.json is not NOT_JSON


def with_parameter(name: str, endpoint: str | None = None) -> Callable[[Received], bool]:
    """About requests (to one endpoint) with a parameter that is there, and not null."""

    def about(request: Received) -> bool:
        there = with_json(request) and request.params.get(name) is not None
        return there and endpoint in {None, request.endpoint}

    return about


def _schema(request: Received) -> str:
    return _SCHEMAS[request.endpoint or ""]


@on_request(
    "request.body-is-json", MUST, about=_with_body, spec="#/components/responses/BadRequest"
)
def body_is_json(request: Received) -> Breaches:
    """A body is one JSON document in UTF-8, as RFC 8259 has it.

    Why: servers answer 400 to anything else. NaN, infinities and halves of surrogate pairs are
    no JSON, though some libraries write them.

    Violation: `{"temperature": NaN}`.
    """
    if not request.body.strip():
        yield Breach("there is no body")
    elif request.json is NOT_JSON:
        yield Breach("the body is not JSON")


@on_request("request.body-names-are-unique", SHOULD, about=with_json, spec=_CHAT)
def body_names_are_unique(request: Received) -> Breaches:
    """No object in a body has two members of one name.

    Why: servers differ in which one counts.

    Sources: RFC 8259, section 4.

    Violation: `{"stream": true, "stream": false}`.
    """
    doubled: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        doubled.extend(name for name in set(names) if names.count(name) > 1)

    json.loads(request.body, object_pairs_hook=members)
    if doubled:
        yield Breach("an object has two members of one name")


@on_request("request.body-matches-schema", MUST, about=with_json, spec=_CHAT)
def body_matches_schema(request: Received) -> Breaches:
    """A body fits the schema of its endpoint: what is required is there, of its type and range.

    Why: servers answer 400, or worse, take the value for something else.

    Violation: `"temperature": "0.5"`, or `messages` without a `role`.
    """
    yield from (
        Breach(mismatch.message, mismatch.pointer)
        for mismatch in _judged(schema.mismatches, request)
    )


@on_request("request.has-only-known-parameters", SHOULD, about=with_json, spec=_CHAT)
def has_only_known_parameters(request: Received) -> Breaches:
    """A body has only members that the contract names.

    Why: OpenAI answers 400 to others. Many compatible servers have parameters of their own
    (`top_k`, `guided_json`): a client sends them to those servers, and to no other.

    Violation: `{"model": "m", "messages": [...], "max_token": 5}`.
    """
    for pointer in _judged(schema.unknown_members, request):
        yield Breach("the contract has no such member", pointer)


@on_request("request.has-no-deprecated-parameters", MAY, about=with_json, spec=_CHAT)
def has_no_deprecated_parameters(request: Received) -> Breaches:
    """A body has no member that the contract calls deprecated.

    Why: newer models refuse some of them (`max_tokens`, on models that think), while many
    compatible servers know only the former names.

    Violation: `functions` instead of `tools`.
    """
    for pointer in _judged(schema.deprecated_members, request):
        yield Breach("it is deprecated", pointer)


def _judged(look: Callable[[Any, str], Iterator[Any]], request: Received) -> list[Any]:
    """What a look at the body by its schema finds; nothing where it is nested too deeply."""
    try:
        return list(look(request.json, _schema(request)))
    except ValueError:
        return []


@on_request(
    "request.stream-options-only-with-stream",
    MUST,
    about=with_parameter("stream_options"),
    spec="#/components/schemas/NullableStreamOptions",
)
def stream_options_only_with_stream(request: Received) -> Breaches:
    """`stream_options` is sent only together with `"stream": true`.

    Why: OpenAI answers 400.

    Sources: BerriAI/litellm#5803.

    Violation: `{"stream_options": {"include_usage": true}}` without `stream`.
    """
    if not request.streams:
        yield Breach("it is there, and no stream is asked for", at("stream_options"))


@on_request(
    "request.top-logprobs-only-with-logprobs",
    MUST,
    about=with_parameter("top_logprobs", "chat"),
    spec=f"{_CHAT}/properties/top_logprobs",
)
def top_logprobs_only_with_logprobs(request: Received) -> Breaches:
    """`top_logprobs` is sent only together with `"logprobs": true`.

    Why: servers answer 400.

    Violation: `{"top_logprobs": 5}` alone.
    """
    if request.params.get("logprobs") is not True:
        yield Breach("it is there, and logprobs is not true", at("top_logprobs"))


@on_request(
    "request.best-of-fits",
    MUST,
    about=with_parameter("best_of", "completions"),
    spec=f"{_COMPLETION}/properties/best_of",
)
def best_of_fits(request: Received) -> Breaches:
    """`best_of` is at least `n`, and above 1 only where nothing is streamed.

    Why: the best can't be chosen before all are made; servers answer 400.

    Violation: `{"n": 3, "best_of": 2}`.
    """
    best_of, n = request.params["best_of"], request.params.get("n")
    n = 1 if n is None else n
    if not _are_numbers(best_of, n):
        return
    if best_of < n:
        yield Breach("it is less than n", at("best_of"))
    if best_of > 1 and request.streams:
        yield Breach("it is above 1, and a stream is asked for", at("best_of"))


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(each, int | float) for each in values)


@on_request(
    "request.logit-bias-keys-are-token-ids",
    MUST,
    about=with_parameter("logit_bias"),
    spec="#/components/schemas/NullableLogitBias",
)
def logit_bias_keys_are_token_ids(request: Received) -> Breaches:
    """The keys of `logit_bias` are token ids, in digits.

    Why: servers answer 400 to words.

    Violation: `{"logit_bias": {"hello": -100}}`.
    """
    biases = request.params["logit_bias"]
    for name in biases if isinstance(biases, dict) else ():
        if not re.fullmatch("[0-9]+", name, re.ASCII):
            yield Breach("the key is no token id", at("logit_bias", name))


@on_request(
    "request.audio-comes-with-options",
    MUST,
    about=with_parameter("modalities", "chat"),
    spec=f"{_CHAT}/properties/audio",
)
def audio_comes_with_options(request: Received) -> Breaches:
    """Where `modalities` has `audio`, the parameter `audio` says what it sounds like.

    Why: servers answer 400.

    Violation: `{"modalities": ["text", "audio"]}` alone.
    """
    modalities = request.params["modalities"]
    wanted = isinstance(modalities, list) and "audio" in modalities
    if wanted and request.params.get("audio") is None:
        yield Breach("it has audio, and the parameter audio is not there", at("modalities"))


@on_request(
    "request.get-has-no-body",
    SHOULD,
    about=lambda request: request.endpoint in {"models", "model"},
    spec="#/paths/~1models/get",
)
def get_has_no_body(request: Received) -> Breaches:
    """A GET has no body.

    Why: proxies and servers drop it, or refuse the request.

    Sources: RFC 9110, section 9.3.1.

    Violation: `GET /v1/models` with the body `{}`.
    """
    if request.body:
        yield Breach("there is a body")
