"""Chat messages: what each role may say, and how a conversation becomes a prompt.

The prompt of a conversation is, for each message,

    START role [space name] MESSAGE content END        (see `tokenizer.Mark`)

with tool calls of the past as `CALL name MESSAGE arguments` before the END, and at last the
opening of the assistant's turn. Tools, when there are any, come first as a message of their
own, so that they cost tokens as they do elsewhere.

The server is tolerant where others' clients need it: roles may come in any order, several of
the same role in a row; a tool message need not answer a call; arguments of past calls need not
be JSON. Content parts are joined without anything between them, so that one text part costs
what the same string costs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from accord_contracts.server.checks import (
    Field,
    array,
    optional,
    read,
    record,
    required,
    tagged,
    text,
)
from accord_contracts.server.errors import missing, wrong_type
from accord_contracts.server.hooks import Refusal
from accord_contracts.server.tokenizer import Mark, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accord_contracts.server.checks import Check, Fields


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, as the model reads it."""

    role: str
    text: str
    name: str | None = None
    calls: tuple[tuple[str, str], ...] = ()
    """Name and payload of each tool call that the assistant made."""


def _text_part(value: Any, path: str) -> str:
    return str(read({"text": required(text())}, value, path)["text"])


def _refusal_part(value: Any, path: str) -> str:
    fields = {"refusal": required(text())}
    return str(read(fields, value, path)["refusal"])


def _unsupported_part(value: Any, path: str) -> str:
    kind = value["type"]
    raise Refusal(
        400,
        f"Invalid content type: this model reads text only, not '{kind}'.",
        param=f"{path}.type",
    )


_PARTS: Final = {
    "text": _text_part,
    "refusal": _refusal_part,
    "image_url": _unsupported_part,
    "input_audio": _unsupported_part,
    "file": _unsupported_part,
}


def content(*kinds: str) -> Check:
    """A string, or parts of some kinds; gives their text."""
    parts = array(tagged({kind: _PARTS[kind] for kind in kinds}), least=1)

    def check(value: Any, path: str) -> str:
        if isinstance(value, str):
            return value
        if not isinstance(value, list):
            raise wrong_type(path, "a string or an array of content parts", value)
        return "".join(parts(value, path))

    return check


_NAMED: Final = {"name": optional(text())}
_FUNCTION_CALL: Final = record(
    {
        "name": required(text()),
        "arguments": required(text()),
    }
)
_CUSTOM_CALL: Final = record(
    {
        "name": required(text()),
        "input": required(text()),
    }
)


def _tool_call(kind: str, check: Check) -> Check:
    return record(
        {
            "id": required(text()),
            kind: required(check),
        }
    )


_TOOL_CALLS: Final = array(
    tagged(
        {
            "function": _tool_call("function", _FUNCTION_CALL),
            "custom": _tool_call("custom", _CUSTOM_CALL),
        }
    ),
    least=1,
)


def _says(*kinds: str) -> Field:
    return required(content(*kinds))


_ROLES: Final[dict[str, Fields]] = {
    "developer": {"content": _says("text"), **_NAMED},
    "system": {"content": _says("text"), **_NAMED},
    "user": {"content": _says("text", "image_url", "input_audio", "file"), **_NAMED},
    "assistant": {
        "content": Field(content("text", "refusal")),
        "refusal": Field(text()),
        "tool_calls": Field(_TOOL_CALLS),
        "function_call": Field(_FUNCTION_CALL),
        **_NAMED,
    },
    "tool": {
        "content": _says("text"),
        "tool_call_id": required(text()),
    },
    "function": {
        "content": Field(content("text"), required=True),
        "name": required(text()),
    },
}


def _message_of(role: str) -> Check:
    def check(value: Any, path: str) -> Message:
        found = read(_ROLES[role], value, path)
        calls = tuple(_past_calls(found))
        if role == "assistant" and not calls and found["content"] is found["refusal"] is None:
            raise missing(f"{path}.content")
        said = found["content"] if found["content"] is not None else found.get("refusal")
        return Message(role, said or "", found.get("name"), calls)

    return check


def _past_calls(found: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if call := found.get("function_call"):
        yield call["name"], call["arguments"]
    for tool_call in found.get("tool_calls") or ():
        called = tool_call.get("function") or tool_call["custom"]
        yield called["name"], called.get("arguments", called.get("input"))


messages: Final = array(tagged({role: _message_of(role) for role in _ROLES}, "role"), least=1)
"""The check of a whole conversation; gives a tuple of `Message`."""


def render(conversation: Sequence[Message], tools: Sequence[Any]) -> list[int]:
    """The prompt of a conversation, in tokens."""
    tokens: list[int] = []
    if tools:
        tokens += _turn(Message("tools", json.dumps(tools, ensure_ascii=False)))
    for message in conversation:
        tokens += _turn(message)
    return [*tokens, Mark.START, *encode("assistant"), Mark.MESSAGE]


def _turn(message: Message) -> list[int]:
    head = message.role if message.name is None else f"{message.role} {message.name}"
    tokens = [Mark.START, *encode(head), Mark.MESSAGE, *encode(message.text)]
    for name, payload in message.calls:
        tokens += [Mark.CALL, *encode(name), Mark.MESSAGE, *encode(payload)]
    return [*tokens, Mark.END]
