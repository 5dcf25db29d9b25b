"""Faults of tool calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress

from accord_contracts.faults.accepts import posted
from accord_contracts.faults.answers import choices, messages
from accord_contracts.faults.bank import JSON, on_answer, on_request
from accord_contracts.server.hooks import Call


def _calls(answer: JSON) -> Iterator[JSON]:
    """The tool calls of an answer."""
    for message in messages(answer):
        yield from message.get("tool_calls") or []


@on_request("tools.required-ignored", caught_by=["tools.required-makes-a-call"])
def required_ignored(call: Call) -> None:
    """`tool_choice: "required"` makes a text, as `none` would."""
    if posted(call).get("tool_choice") == "required":
        call.body["tool_choice"] = "none"


@on_request("tools.name-ignored", caught_by=["tools.named-function-is-called"])
def name_ignored(call: Call) -> None:
    """A function named in `tool_choice` means that some function has to be called."""
    if isinstance(posted(call).get("tool_choice"), dict):
        call.body["tool_choice"] = "required"


@on_request("tools.named-not-called", caught_by=["tools.named-function-is-called"])
def named_not_called(call: Call) -> None:
    """A function named in `tool_choice` is not called."""
    if isinstance(posted(call).get("tool_choice"), dict):
        call.body["tool_choice"] = "none"


@on_request("tools.none-ignored", caught_by=["tools.none-makes-no-call"])
def none_ignored(call: Call) -> None:
    """`tool_choice: "none"` is read as `auto`."""
    if posted(call).get("tool_choice") == "none":
        call.body["tool_choice"] = "auto"


@on_request("tools.n-ignored", caught_by=["tools.n-gives-n-choices"])
def n_ignored(call: Call) -> None:
    """Answers that may call tools have a code path of their own, which does not know `n`."""
    if posted(call).get("tools"):
        call.body.pop("n", None)


@on_answer("tools.finish-stop", caught_by=["tools.finish-reason-is-tool-calls"])
def finish_stop(call: Call, answer: JSON) -> None:
    """An answer that calls tools ends with `stop`."""
    for choice in choices(answer):
        if choice["finish_reason"] == "tool_calls":
            choice["finish_reason"] = "stop"


@on_answer("tools.arguments-decoded", caught_by=["tools.arguments-are-a-string"])
def arguments_decoded(call: Call, answer: JSON) -> None:
    """The arguments of a call are JSON, and not a string that holds it."""
    for made in _calls(answer):
        with suppress(ValueError):  # what the cap has cut off is no JSON, and stays a string
            made["function"]["arguments"] = json.loads(made["function"]["arguments"])


@on_answer("tools.empty-ids", caught_by=["tools.calls-have-ids"])
def empty_ids(call: Call, answer: JSON) -> None:
    """The calls have empty ids."""
    for made in _calls(answer):
        made["id"] = ""


@on_answer("tools.numbered-ids", caught_by=["tools.ids-are-unique"])
def numbered_ids(call: Call, answer: JSON) -> None:
    """The calls of each answer are numbered from 0."""
    for number, made in enumerate(_calls(answer)):
        made["id"] = f"call_{number}"


@on_answer("tools.untyped", caught_by=["tools.calls-are-typed"])
def untyped(call: Call, answer: JSON) -> None:
    """The calls have no type."""
    for made in _calls(answer):
        del made["type"]
