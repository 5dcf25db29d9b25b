"""Faults of finish reasons, and of where texts end."""

from __future__ import annotations

from accord_contracts.faults.answers import choices, messages
from accord_contracts.faults.bank import JSON, on_answer, on_request
from accord_contracts.server.hooks import Call


@on_answer("finish.eos-token", caught_by=["finish.reason-is-known"])
def eos_token(call: Call, answer: JSON) -> None:
    """The finish reason is the engine's own word."""
    for choice in choices(answer):
        choice["finish_reason"] = "eos_token"


@on_answer("finish.null", caught_by=["finish.reason-is-known"])
def null(call: Call, answer: JSON) -> None:
    """A whole answer has the finish reason of a chunk that goes on."""
    for choice in choices(answer):
        choice["finish_reason"] = None


@on_answer(
    "finish.always-stop",
    caught_by=["finish.{endpoint}-length-when-cut"],
)
def always_stop(call: Call, answer: JSON) -> None:
    """Whatever ended the text, the finish reason is `stop`."""
    for choice in choices(answer):
        choice["finish_reason"] = "stop"


@on_request(
    "finish.capacity",
    caught_by=["finish.{endpoint}-length-only-at-the-cap"],
)
def capacity(call: Call) -> None:
    """A server that is short of memory cuts after eight tokens, and says `length`."""
    if isinstance(call.body, dict) and isinstance(call.body.get("max_tokens"), int):
        call.body["max_tokens"] = min(call.body["max_tokens"], 8)


@on_answer(
    "finish.always-length",
    caught_by=["finish.{endpoint}-stop-at-a-stop-sequence"],
)
def always_length(call: Call, answer: JSON) -> None:
    """Whatever ended the text, the finish reason is `length`."""
    for choice in choices(answer):
        choice["finish_reason"] = "length"


@on_answer("finish.end-token-shown", caught_by=["finish.no-end-token-in-text"])
def end_token_shown(call: Call, answer: JSON) -> None:
    """The token that ends a turn is written out."""
    for message in messages(answer):
        message["content"] = (message["content"] or "") + "<|im_end|>"
