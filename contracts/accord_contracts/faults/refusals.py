"""Faults of refusals: requests that are taken although they are wrong, or that crash the server."""

from __future__ import annotations

import json
from typing import Any

from accord_contracts.faults.bank import JSON, on_error, on_request
from accord_contracts.server.hooks import Call, Refusal, Reply
from accord_contracts.server.settings import MODELS


def _body(call: Call) -> JSON:
    """The request's members, to be edited in place; an empty object where it has none."""
    return call.body if isinstance(call.body, dict) else {}


def _clamp(call: Call, name: str, low: float, high: float) -> None:
    """Move a parameter into its range."""
    body = _body(call)
    value = body.get(name)
    if isinstance(value, int | float):
        body[name] = min(max(value, low), high)


# ----------------------------------------------------------------------------------- the body


@on_error("refusals.malformed-crashes", caught_by=["refusals.{endpoint}-malformed-json"])
def malformed_crashes(call: Call, reply: Reply) -> None:
    """What the JSON parser raises is not caught."""
    if call.raw and call.body is None:
        reply.status = 500


@on_error("refusals.empty-crashes", caught_by=["refusals.{endpoint}-empty-body"])
def empty_crashes(call: Call, reply: Reply) -> None:
    """An empty body is taken for null, and its members are looked up."""
    if call.method == "POST" and not call.raw:
        reply.status = 500


@on_request("refusals.types-coerced", caught_by=["refusals.{endpoint}-wrong-types"])
def types_coerced(call: Call) -> None:
    """Numbers that are none become their defaults, in silence."""
    for name, default in (("temperature", 1), ("n", 1)):
        if isinstance(_body(call).get(name), str):
            _body(call)[name] = default


@on_request("refusals.texts-coerced", caught_by=["refusals.{endpoint}-wrong-types"])
def texts_coerced(call: Call) -> None:
    """What is no conversation, or no prompt, is turned into one."""
    body = _body(call)
    if isinstance(body.get("messages"), str):
        body["messages"] = [{"role": "user", "content": body["messages"]}]
    if isinstance(body.get("prompt"), dict):
        body["prompt"] = json.dumps(body["prompt"])


@on_request("refusals.model-optional", caught_by=["refusals.{endpoint}-missing-model"])
def model_optional(call: Call) -> None:
    """Without a model the first one answers."""
    if call.endpoint in {"chat", "completions"} and call.body:
        _body(call).setdefault("model", MODELS[0].id)


@on_error("refusals.half-emoji-crashes", caught_by=["refusals.{endpoint}-survives-odd-bodies"])
def half_emoji_crashes(call: Call, reply: Reply) -> None:
    """Text is decoded before anybody looks for errors in it."""
    try:
        call.raw.decode()
    except UnicodeDecodeError:
        reply.status = 500


@on_error("refusals.content-type-crashes", caught_by=["refusals.{endpoint}-survives-content-types"])
def content_type_crashes(call: Call, reply: Reply) -> None:
    """A body that is not called JSON is not parsed, and used all the same."""
    if reply.status == 415:
        reply.status = 500


# ------------------------------------------------------------------------------- the messages


@on_request("refusals.no-messages-answered", caught_by=["refusals.no-messages"])
def no_messages_answered(call: Call) -> None:
    """An empty conversation is answered."""
    if _body(call).get("messages") == []:
        _body(call)["messages"] = [{"role": "user", "content": ""}]


@on_request("refusals.content-optional", caught_by=["refusals.user-without-content"])
def content_optional(call: Call) -> None:
    """A message without content is taken as an empty one."""
    messages: Any = _body(call).get("messages")
    for message in messages if isinstance(messages, list) else []:
        if isinstance(message, dict):
            message.setdefault("content", "")


@on_error("refusals.image-crashes", caught_by=["refusals.image-it-cannot-see"])
def image_crashes(call: Call, reply: Reply) -> None:
    """A picture is handed to a template that knows only text."""
    if b"image_url" in call.raw:
        reply.status = 500


@on_request("refusals.arguments-crash", caught_by=["refusals.odd-tool-arguments-survived"])
def arguments_crash(call: Call) -> None:
    """The arguments of past tool calls are parsed, and must be JSON."""
    for message in _body(call).get("messages") or []:
        for tool_call in message.get("tool_calls") or [] if isinstance(message, dict) else []:
            try:
                json.loads(tool_call["function"]["arguments"])
            except ValueError as error:
                raise Refusal(500, str(error), type="server_error") from error


@on_request("refusals.tool-not-required", caught_by=["refusals.tool-required-of-none"])
def tool_not_required(call: Call) -> None:
    """Without tools, what is said about their use is forgotten."""
    if not _body(call).get("tools"):
        _body(call).pop("tool_choice", None)


# ------------------------------------------------------------------------------------- ranges


@on_request("refusals.top-p-clamped", caught_by=["refusals.{endpoint}-top-p-out-of-range"])
def top_p_clamped(call: Call) -> None:
    """A `top_p` out of range is moved into it."""
    _clamp(call, "top_p", 0, 1)


@on_request(
    "refusals.temperature-clamped", caught_by=["refusals.{endpoint}-temperature-out-of-range"]
)
def temperature_clamped(call: Call) -> None:
    """A `temperature` out of range is moved into it."""
    _clamp(call, "temperature", 0, 2)


@on_request("refusals.n-at-least-one", caught_by=["refusals.{endpoint}-n-out-of-range"])
def n_at_least_one(call: Call) -> None:
    """An `n` of 0 is taken as 1."""
    _clamp(call, "n", 1, 1000)


@on_request("refusals.negative-cap-is-none", caught_by=["refusals.{endpoint}-negative-cap"])
def negative_cap_is_none(call: Call) -> None:
    """A negative cap means that there is none."""
    for name in ("max_tokens", "max_completion_tokens"):
        cap = _body(call).get(name)
        if isinstance(cap, int) and cap < 0:
            del _body(call)[name]


@on_request("refusals.penalties-clamped", caught_by=["refusals.{endpoint}-penalty-out-of-range"])
def penalties_clamped(call: Call) -> None:
    """Penalties out of range are moved into it."""
    _clamp(call, "presence_penalty", -2, 2)
    _clamp(call, "frequency_penalty", -2, 2)


@on_request("refusals.top-logprobs-clamped", caught_by=["refusals.top-logprobs-out-of-range"])
def top_logprobs_clamped(call: Call) -> None:
    """Who asks for more alternatives than there are gets fewer."""
    _clamp(call, "top_logprobs", 0, 20)


@on_request("refusals.top-logprobs-dropped", caught_by=["refusals.top-logprobs-alone"])
def top_logprobs_dropped(call: Call) -> None:
    """A number of alternatives without the switch is ignored."""
    if not _body(call).get("logprobs"):
        _body(call).pop("top_logprobs", None)


@on_request(
    "refusals.stream-options-dropped", caught_by=["refusals.{endpoint}-stream-options-alone"]
)
def stream_options_dropped(call: Call) -> None:
    """Options of a stream that is none are ignored."""
    if not call.streams:
        _body(call).pop("stream_options", None)
