"""The parameters about tools: which there are, and which may or must be called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from accord_contracts.server.checks import (
    Field,
    array,
    boolean,
    mapping,
    one_of,
    optional,
    record,
    required,
    tagged,
    text,
)
from accord_contracts.server.errors import wrong_value

if TYPE_CHECKING:
    from accord_contracts.server.checks import Check

ToolKind = Literal["function", "custom"]


def function_name(value: Any, path: str) -> str:
    """A name as OpenAI allows them for functions and schemas."""
    name: str = text(64)(value, path)
    if not re.fullmatch("[A-Za-z0-9_-]+", name, re.ASCII):
        raise wrong_value(path, "expected letters, digits, '_' and '-' only.")
    return name


_FUNCTION: Final = record(
    {
        "name": required(function_name),
        "description": optional(text()),
        "parameters": Field(mapping, {}),
        "strict": Field(boolean),
    }
)
_GRAMMAR: Final = record(
    {"syntax": required(one_of("lark", "regex")), "definition": required(text())}
)
_CUSTOM_FORMAT: Final = tagged(
    {"text": record({}), "grammar": record({"grammar": required(_GRAMMAR)})}
)


def _custom_name(value: Any, path: str) -> str:
    """A name of any characters, but at least one."""
    name: str = text()(value, path)
    if not name:
        raise wrong_value(path, "expected at least 1 character.")
    return name


_CUSTOM: Final = record(
    {
        "name": required(_custom_name),
        "description": optional(text()),
        "format": optional(_CUSTOM_FORMAT, {}),
    }
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may call."""

    kind: ToolKind
    name: str
    definition: dict[str, Any]
    """The members of the tool, defaults filled in."""


def _tool(kind: ToolKind, check: Check) -> Check:
    member = record({kind: required(check)})

    def check_tool(value: Any, path: str) -> Tool:
        definition = member(value, path)[kind]
        return Tool(kind, definition["name"], definition)

    return check_tool


def function_tool(value: Any, path: str) -> Tool:
    """One of the former `functions`."""
    definition = _FUNCTION(value, path)
    return Tool("function", definition["name"], definition)


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Which tools the model may call, and whether it must."""

    mode: str
    """`none`, `auto`, `required`, or `named` for one certain tool."""
    names: tuple[str, ...] | None = None
    """The tools that may be called; None for all."""


_NAME: Final = record({"name": required(text())})
_ALLOWED: Final = record(
    {"mode": required(one_of("auto", "required")), "tools": required(array(mapping))}
)


def _named_choice(kind: str) -> Check:
    def check(value: Any, path: str) -> ToolChoice:
        named = record({kind: required(_NAME)})(value, path)[kind]
        return ToolChoice("named", (named["name"],))

    return check


def _allowed_choice(value: Any, path: str) -> ToolChoice:
    allowed = record({"allowed_tools": required(_ALLOWED)})(value, path)["allowed_tools"]
    names = (
        _named_choice(one_of("function", "custom")(tool.get("type"), f"{path}.type"))(tool, path)
        for tool in allowed["tools"]
    )
    return ToolChoice(allowed["mode"], tuple(name for choice in names for name in choice.names))


_CHOICES: Final = tagged(
    {
        "function": _named_choice("function"),
        "custom": _named_choice("custom"),
        "allowed_tools": _allowed_choice,
    }
)


def read_tool_choice(value: Any, path: str) -> ToolChoice:
    """A mode, or an object that names tools."""
    if isinstance(value, str):
        return ToolChoice(one_of("none", "auto", "required")(value, path))
    choice: ToolChoice = _CHOICES(value, path)
    return choice


def read_function_call(value: Any, path: str) -> ToolChoice:
    """The former `function_call`: a mode, or a function by its name."""
    if isinstance(value, str):
        return ToolChoice(one_of("none", "auto")(value, path))
    return ToolChoice("named", (_NAME(value, path)["name"],))


TOOLS: Final = array(
    tagged({"function": _tool("function", _FUNCTION), "custom": _tool("custom", _CUSTOM)})
)
"""The check of `tools`; gives a tuple of `Tool`."""


def known_choice(choice: ToolChoice, tools: tuple[Tool, ...], *, legacy: bool) -> ToolChoice:
    """Make sure that what must be called is there."""
    param = "function_call" if legacy else "tool_choice"
    if choice.mode in ("required", "named") and not tools:
        raise wrong_value(param, "only allowed when 'tools' are specified.")
    unknown = set(choice.names or ()) - {tool.name for tool in tools}
    if unknown:
        raise wrong_value(param, f"no tool is named {min(unknown)!r}.")
    return choice
