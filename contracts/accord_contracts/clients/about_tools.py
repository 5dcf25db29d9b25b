"""Tools and answers in JSON: what their definitions must be beyond their schema."""

from __future__ import annotations

from typing import Any

from jsonschema_rs import meta

from accord_contracts.clients.about_bodies import with_json, with_parameter
from accord_contracts.clients.obligation import Breach, Breaches, at, on_request
from accord_contracts.clients.received import Received
from accord_contracts.rule import MUST


def _member(value: Any, *names: str) -> Any:
    """What is at the end of a path of names; None where the path does not lead there."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _schemas(request: Received) -> list[tuple[str, dict[str, Any]]]:
    """The JSON Schemas in a chat request, each with its pointer."""
    wanted = ("response_format", "json_schema", "schema")
    found = [(at(*wanted), _member(request.params, *wanted))]
    for number, tool in enumerate(_list(request, "tools")):
        pointer = at("tools", number, "function", "parameters")
        found.append((pointer, _member(tool, "function", "parameters")))
    for number, function in enumerate(_list(request, "functions")):
        found.append((at("functions", number, "parameters"), _member(function, "parameters")))
    return [(pointer, schema) for pointer, schema in found if isinstance(schema, dict)]


def _list(request: Received, name: str) -> list[Any]:
    value = request.params.get(name)
    return value if isinstance(value, list) else []


def _with_schemas(request: Received) -> bool:
    return with_json(request) and request.endpoint == "chat" and bool(_schemas(request))


@on_request(
    "request.schemas-are-json-schemas",
    MUST,
    about=_with_schemas,
    spec="#/components/schemas/JsonSchema",
)
def schemas_are_json_schemas(request: Received) -> Breaches:
    """The parameters of a tool, and the schema of an answer, are valid JSON Schemas.

    Why: servers answer 400, or the model is told nonsense.

    Violation: `{"type": "dict"}`.
    """
    for pointer, schema in _schemas(request):
        if not _is_schema(schema):
            yield Breach("it is no valid JSON Schema", pointer)


def _is_schema(schema: dict[str, Any]) -> bool:
    """Whether its dialect's meta-schema allows a schema; a dialect that is unknown allows all."""
    try:
        return bool(meta.is_valid(schema))
    except Exception:  # noqa: BLE001 - of many kinds, for `$schema` can say anything
        return True


@on_request(
    "request.tool-choice-names-a-tool",
    MUST,
    about=with_parameter("tool_choice", "chat"),
    spec="#/components/schemas/ToolChoice",
)
def tool_choice_names_a_tool(request: Received) -> Breaches:
    """A `tool_choice` that names a tool, or requires one, finds it in `tools`.

    Why: servers answer 400 to a choice that can't be made.

    Violation: `{"tool_choice": "required"}` without `tools`.
    """
    choice = request.params["tool_choice"]
    tools = _list(request, "tools")
    if choice == "required" and not tools:
        yield Breach("a call is required, and there are no tools", at("tool_choice"))
    for kind in ("function", "custom"):
        name = _member(choice, kind, "name")
        known = [_member(tool, kind, "name") for tool in tools]
        if isinstance(name, str) and name not in known:
            yield Breach("no tool has this name", at("tool_choice", kind, "name"))
