"""Conversations: what messages must be beyond their schema, and how they follow each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from accord_contracts.clients.about_bodies import with_json
from accord_contracts.clients.obligation import Breach, Breaches, at, on_request
from accord_contracts.clients.received import Received
from accord_contracts.rule import MUST

_ASSISTANT: Final = "#/components/schemas/AssistantMessage"


def _messages(request: Received) -> list[dict[str, Any]]:
    """The messages of a chat request; what is none stands as an empty object."""
    found = request.params.get("messages")
    if request.endpoint != "chat" or not isinstance(found, list):
        return []
    return [each if isinstance(each, dict) else {} for each in found]


def _from(role: str, request: Received) -> bool:
    return with_json(request) and any(m.get("role") == role for m in _messages(request))


def _with_assistant(request: Received) -> bool:
    return _from("assistant", request)


def _with_tools(request: Received) -> bool:
    calls = any(_calls(message) for message in _messages(request))
    return with_json(request) and (calls or _from("tool", request))


def _calls(message: dict[str, Any]) -> list[Any]:
    """The ids of the calls that a message makes; where one has none, None stands for it."""
    calls = message.get("tool_calls")
    if message.get("role") != "assistant" or not isinstance(calls, list):
        return []
    return [call.get("id") if isinstance(call, dict) else None for call in calls]


@on_request(
    "request.assistant-messages-say-something", MUST, about=_with_assistant, spec=_ASSISTANT
)
def assistant_messages_say_something(request: Received) -> Breaches:
    """A message of the assistant has a content, unless it called a tool, refused, or spoke.

    Why: servers answer 400. It happens where a program keeps the answers of a stream, and one
    of them was cut off before its text began.

    Violation: `{"role": "assistant", "content": null}`.
    """
    saying = ("content", "tool_calls", "function_call", "refusal", "audio")
    for number, message in enumerate(_messages(request)):
        silent = all(message.get(name) is None for name in saying)
        if message.get("role") == "assistant" and silent:
            yield Breach("it has neither content nor calls", at("messages", number))


@on_request(
    "request.tool-calls-are-not-empty",
    MUST,
    about=_with_assistant,
    spec=f"{_ASSISTANT}/properties/tool_calls",
)
def tool_calls_are_not_empty(request: Received) -> Breaches:
    """Where a message has `tool_calls`, there is one at least.

    Why: OpenAI answers 400, `empty_array`.

    Sources: chatboxai/chatbox#2079.

    Violation: `{"role": "assistant", "content": "Hi", "tool_calls": []}`.
    """
    for number, message in enumerate(_messages(request)):
        if message.get("role") == "assistant" and message.get("tool_calls") == []:
            yield Breach("it is empty", at("messages", number, "tool_calls"))


@on_request(
    "request.tool-results-follow-calls",
    MUST,
    about=_with_tools,
    spec="#/components/schemas/ToolMessage/properties/tool_call_id",
)
def tool_results_follow_calls(request: Received) -> Breaches:
    """After a message with tool calls come their results, one for each, before anything else.

    Why: servers answer 400 where a result is missing, or answers no call. It happens where old
    messages are cut off to save tokens, or where one of several tools failed.

    Violation: two `tool_calls`, one message of the role `tool`, and then the user.
    """
    open_calls: list[Any] = []
    for number, message in enumerate(_messages(request)):
        if message.get("role") == "tool":
            yield from _result(open_calls, message, number)
            continue
        yield from _unanswered(open_calls, at("messages", number), "before this message")
        open_calls = _calls(message)
    yield from _unanswered(open_calls, at("messages"), "at the end")


def _result(open_calls: list[Any], message: dict[str, Any], number: int) -> Iterator[Breach]:
    """Take the call that a result answers off the list."""
    answered = message.get("tool_call_id")
    if answered in open_calls:
        open_calls.remove(answered)
    elif isinstance(answered, str):  # else the schema has been told
        yield Breach("it answers no call before it", at("messages", number, "tool_call_id"))


def _unanswered(open_calls: list[Any], pointer: str, where: str) -> Iterator[Breach]:
    if open_calls:
        count = len(open_calls)
        yield Breach(
            f"{count} tool call{'s have' if count > 1 else ' has'} no result {where}", pointer
        )
