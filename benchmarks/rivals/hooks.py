"""Hooks of schemathesis: what a schema can't say, so that requests get past the first refusal.

Without them most requests name no model that is served, ask for 0 tokens, or ask for no stream:
they are refused before what they are about is looked at, and faults behind it stay unseen.
"""

from __future__ import annotations

from itertools import count
from typing import Any, Final

import schemathesis
from schemathesis.generation import GenerationMode

MODEL: Final = "accord-small"
_ASKED = count()


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: Any, kwargs: Any) -> None:
    """Make the rest of a body sensible, whatever the request is about; every second one streams."""
    body = case.body
    if not isinstance(body, dict):
        return
    if isinstance(body.get("model"), str):
        body["model"] = MODEL
    if case.meta and case.meta.generation.mode is GenerationMode.POSITIVE:
        body["stream"] = next(_ASKED) % 2 == 1
        body.setdefault("max_tokens", 16)  # short answers leave time for more requests
    _agree(body, chat="messages" in body)
    if isinstance(messages := body.get("messages"), list):
        _fill(messages)


def _agree(body: dict[str, Any], *, chat: bool) -> None:
    """Let parameters agree with each other."""
    caps = ("max_tokens", "max_completion_tokens") if chat else ()
    body.update({cap: 16 for cap in caps if body.get(cap) == 0})
    if chat and body.get("top_logprobs") is not None:
        body["logprobs"] = True
    if body.get("best_of") == 0 or (body.get("best_of") and body.get("stream")):
        body["best_of"] = body.get("n") if not body.get("stream") else 1
    if not body.get("stream"):
        body.pop("stream_options", None)


def _fill(messages: list[Any]) -> None:
    """Let no message be without content, nor call tools without a call."""
    for message in messages:
        if isinstance(message, dict):
            if message.get("tool_calls") == []:
                del message["tool_calls"]
            message.setdefault("content", "Hello.")
