"""Faults of a stream's course, of tool calls, of counts, and of bodies on the wire."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from accord_contracts.faults.bank import (
    JSON,
    on_answer,
    on_asgi,
    on_chunk,
    on_events,
    on_reply,
    on_request,
)
from accord_contracts.server.hooks import DONE, Call, Refusal, Reply, StreamEvent

MOST_BYTES = 100_000
"""What a framework reads of a body by default."""


def _body(call: Call) -> JSON:
    """The request's members, to be edited in place; an empty object where it has none."""
    return call.body if isinstance(call.body, dict) else {}


def _functions(holder: Any) -> list[JSON]:
    """The functions called in a message or a delta."""
    calls = holder.get("tool_calls") if isinstance(holder, dict) else None
    return [call["function"] for call in calls or () if "function" in call]


# ---------------------------------------------------------------------------------- the course


@on_events("stream.nothing-but-done", caught_by=["stream.has-choices"])
async def nothing_but_done(
    call: Call, events: AsyncIterator[StreamEvent]
) -> AsyncIterator[StreamEvent]:
    """All that the model said is lost, and the stream ends as if nothing were wrong."""
    async for event in events:
        if event == DONE:
            yield event


@on_chunk("stream.role-in-every-chunk", caught_by=["stream.role-comes-once"])
def role_in_every_chunk(call: Call, chunk: JSON) -> None:
    """Each delta is made of the same template, role and all."""
    for choice in chunk["choices"]:
        if "delta" in choice:
            choice["delta"]["role"] = "assistant"


@on_chunk("stream.usage-left-out-before", caught_by=["stream.usage-is-null-before"])
def usage_left_out_before(call: Call, chunk: JSON) -> None:
    """What is null is left out of a chunk."""
    if chunk.get("usage", ...) is None:
        del chunk["usage"]


@on_chunk("stream.fingerprint-is-a-number", caught_by=["stream.chunks-match-the-schema"])
def fingerprint_is_a_number(call: Call, chunk: JSON) -> None:
    """The fingerprint of the system is a number."""
    chunk["system_fingerprint"] = 7


@on_chunk("stream.always-obfuscated", caught_by=["stream.{endpoint}-obfuscation-can-be-off"])
def always_obfuscated(call: Call, chunk: JSON) -> None:
    """Chunks are padded, whatever the request says."""
    chunk["obfuscation"] = "x8Fk2"


@on_request("parameters.max-tokens-for-json", caught_by=["{endpoint}.max-tokens-caps-streams"])
def max_tokens_for_json(call: Call) -> None:
    """The path for streams has never heard of `max_tokens`."""
    if call.streams and "max_tokens" in _body(call):
        call.body["max_tokens"] = 40


@on_chunk(
    "agreement.stopped-is-length", caught_by=["agreement.{endpoint}-stops-for-the-same-reason"]
)
def stopped_is_length(call: Call, chunk: JSON) -> None:
    """A stream ends with `length`, whatever has ended it."""
    for choice in chunk["choices"]:
        if choice["finish_reason"] == "stop":
            choice["finish_reason"] = "length"


# --------------------------------------------------------------------------------------- tools


@on_request("structured.streams-are-free", caught_by=["structured.streams-satisfy-the-schema"])
def streams_are_free(call: Call) -> None:
    """The path for streams has never heard of `response_format`."""
    if call.streams:
        _body(call).pop("response_format", None)


@on_request("stream.none-is-auto", caught_by=["stream.none-makes-no-call"])
def none_is_auto(call: Call) -> None:
    """In streams, tools that must not be called are called."""
    if call.streams and _body(call).get("tool_choice") == "none":
        call.body["tool_choice"] = "required"


@on_request("stream.named-is-required", caught_by=["stream.named-function-is-called"])
def named_is_required(call: Call) -> None:
    """In streams, any tool is called where one is named."""
    if call.streams and isinstance(_body(call).get("tool_choice"), dict):
        call.body["tool_choice"] = "required"
        call.body["tools"].reverse()


@on_chunk("stream.last-fragment-repeats", caught_by=["stream.tool-arguments-join"])
def last_fragment_repeats(call: Call, chunk: JSON) -> None:
    """Each fragment of arguments is sent with its first character doubled."""
    for choice in chunk["choices"]:
        for function in _functions(choice.get("delta")):
            function["arguments"] = function.get("arguments", "")[:1] + function.get(
                "arguments", ""
            )


@on_answer("tools.arguments-half-quoted", caught_by=["tools.arguments-are-json"])
def arguments_half_quoted(call: Call, answer: JSON) -> None:
    """Arguments are written as a model writes them, without the quotes."""
    for choice in answer.get("choices", []):
        for function in _functions(choice.get("message")):
            function["arguments"] = function["arguments"].replace('"', "")


@on_answer("tools.arguments-empty", caught_by=["tools.arguments-fit-the-schema"])
def arguments_empty(call: Call, answer: JSON) -> None:
    """A call has no arguments, though the function needs some."""
    for choice in answer.get("choices", []):
        for function in _functions(choice.get("message")):
            function["arguments"] = "{}"


@on_answer("tools.names-with-a-prefix", caught_by=["tools.names-are-offered"])
def names_with_a_prefix(call: Call, answer: JSON) -> None:
    """The name of a function has the prefix that the template gives it."""
    for choice in answer.get("choices", []):
        for function in _functions(choice.get("message")):
            function["name"] = "functions." + function["name"]


@on_request("tools.parallel-ignored", caught_by=["tools.parallel-off-makes-one-call"])
def parallel_ignored(call: Call) -> None:
    """`parallel_tool_calls` is not known, and ignored."""
    _body(call).pop("parallel_tool_calls", None)


# -------------------------------------------------------------------------------------- counts


@on_answer("answer.model-empty", caught_by=["answer.names-its-model"])
def model_empty(call: Call, answer: JSON) -> None:
    """The model of an answer is an empty string, where none was configured."""
    if "choices" in answer:
        answer["model"] = ""


@on_answer("answer.one-choice-more", caught_by=["answer.no-more-choices-than-asked"])
def one_choice_more(call: Call, answer: JSON) -> None:
    """All candidates are given, not only those that were asked for."""
    if "choices" in answer:
        answer["choices"].append({**answer["choices"][0], "index": len(answer["choices"])})


@on_answer("usage.cached-beyond-the-prompt", caught_by=["usage.details-are-parts"])
def cached_beyond_the_prompt(call: Call, answer: JSON) -> None:
    """What was cached is counted for the whole conversation, the prompt for its last turn."""
    if "usage" in answer:
        details = answer["usage"]["prompt_tokens_details"]
        details["cached_tokens"] = answer["usage"]["prompt_tokens"] + 100


@on_answer("usage.prompt-constant", caught_by=["usage.{endpoint}-grows-with-the-prompt"])
def prompt_constant(call: Call, answer: JSON) -> None:
    """Each prompt costs ten tokens."""
    if "usage" in answer:
        usage = answer["usage"]
        usage["prompt_tokens"], usage["total_tokens"] = 10, 10 + usage["completion_tokens"]


@on_answer("usage.first-ids-counted", caught_by=["usage.token-ids-are-counted"])
def first_ids_counted(call: Call, answer: JSON) -> None:
    """Of several prompts of token ids the first one is counted."""
    prompt = _body(call).get("prompt")
    if isinstance(prompt, list) and prompt and isinstance(prompt[0], list):
        answer["usage"]["prompt_tokens"] = len(prompt[0])


# ---------------------------------------------------------------------------------- on the wire


@on_asgi("transport.chunked-body-empty", caught_by=["transport.{endpoint}-reads-chunked-bodies"])
def chunked_body_empty(app: ASGIApp) -> ASGIApp:
    """A body is as long as `content-length` says, and empty without it."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def nothing() -> Any:
            message = await receive()
            if message["type"] == "http.request":
                message["body"] = b""
            return message

        chunked = any(name == b"transfer-encoding" for name, _ in scope.get("headers", ()))
        await app(scope, nothing if chunked else receive, send)

    return serve


@on_request("transport.large-body-refused", caught_by=["transport.{endpoint}-reads-large-bodies"])
def large_body_refused(call: Call) -> None:
    """A framework's default limits bodies to 100 kB."""
    if len(call.raw) > MOST_BYTES:
        raise Refusal(413, "request entity too large")


@on_reply("transport.request-id-constant", caught_by=["transport.{endpoint}-request-ids-differ"])
def request_id_constant(call: Call, reply: Reply) -> None:
    """Requests are numbered by a process that has just begun."""
    reply.headers["x-request-id"] = json.dumps(1)
