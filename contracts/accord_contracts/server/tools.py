"""Which tools the model calls, and with what.

The policy is simple enough to steer a test by:

- `none`: no call.
- `auto`: when the conversation ends with a user's message, each tool whose name occurs in it
  as a word is called, in the order in which the names occur; otherwise the answer is text. After
  a tool's result the answer is therefore always text, and no client loops for ever.
- `required`: the same tools, whoever spoke last; the first tool when none is mentioned.
- a named function: that one.
- `allowed_tools`: as `auto` or `required`, among those tools.

Without `parallel_tool_calls`, and for the former `functions`, only the first call is made.
Arguments satisfy the function's `parameters`; a custom tool's input is a short text, or what
its regular expression matches.
"""

from __future__ import annotations

import json
import re
import secrets
from typing import TYPE_CHECKING, Any

from accord_contracts.server.errors import wrong_value
from accord_contracts.server.generation import ToolCall
from accord_contracts.server.patterns import NoMatch, matching_text
from accord_contracts.server.schema_values import BadSchema, satisfying_value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from accord_contracts.server.messages import Message
    from accord_contracts.server.parameters import ChatParameters
    from accord_contracts.server.tool_parameters import Tool


def chosen_tools(parameters: ChatParameters) -> list[Tool]:
    """The tools to call, in order; empty when the answer is to be text."""
    choice = parameters.choice
    names = choice.names
    tools = [tool for tool in parameters.tools if names is None or tool.name in names]
    if choice.mode == "none" or not tools:
        return []
    if choice.mode == "named":
        return tools[:1]
    called = _mentioned(tools, _question(parameters.messages, choice.mode))
    if choice.mode == "required":
        called = called or tools[:1]
    return called if parameters.parallel else called[:1]


def _question(messages: Sequence[Message], mode: str) -> str:
    """The text in which names are looked for."""
    if mode == "required":
        return next((message.text for message in reversed(messages) if message.role == "user"), "")
    return messages[-1].text if messages[-1].role == "user" else ""


def _mentioned(tools: Sequence[Tool], text: str) -> list[Tool]:
    found = {tool.name: (place, tool) for tool in tools if (place := _place(tool.name, text)) >= 0}
    return [tool for _, tool in sorted(found.values(), key=lambda item: item[0])]


def _place(name: str, text: str) -> int:
    match = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
    return match.start() if match else -1


def make_call(tool: Tool, position: int, rng: Random) -> ToolCall:
    """Decide what to call a tool with.

    Raises:
        Refusal: 400, nothing can be made that the tool's definition allows.
    """
    make = _arguments if tool.kind == "function" else _input
    payload = make(tool, f"tools[{position}].{tool.kind}", rng)
    return ToolCall(f"call_{secrets.token_hex(12)}", tool.kind, tool.name, payload)


def _arguments(tool: Tool, path: str, rng: Random) -> str:
    return json_matching(
        {"type": "object", **tool.definition["parameters"]}, rng, f"{path}.parameters"
    )


def _input(tool: Tool, path: str, rng: Random) -> str:
    grammar = tool.definition["format"].get("grammar")
    if grammar is None:
        return str(satisfying_value({"type": "string"}, rng))
    if grammar["syntax"] != "regex":
        raise wrong_value(f"{path}.format", "this server writes regex grammars only.")
    try:
        return matching_text(grammar["definition"], rng)
    except NoMatch as error:
        raise wrong_value(f"{path}.format", f"nothing matches: {error}.") from error


def json_matching(schema: dict[str, Any], rng: Random, path: str) -> str:
    """JSON that satisfies a schema.

    Raises:
        Refusal: 400, naming `path`: there is none, or it is no schema.
    """
    try:
        value = satisfying_value(schema, rng)
    except BadSchema as error:
        raise wrong_value(path, f"{error}.", "invalid_json_schema") from error
    return json.dumps(value, ensure_ascii=False)
