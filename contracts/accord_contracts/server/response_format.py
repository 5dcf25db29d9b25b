"""The parameter that says what the answer's text has to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from accord_contracts.server.checks import (
    Field,
    boolean,
    mapping,
    optional,
    record,
    required,
    tagged,
    text,
)
from accord_contracts.server.tool_parameters import function_name


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """What the answer's text has to be."""

    kind: str = "text"
    """`text`, `json_object` or `json_schema`."""
    schema: dict[str, Any] | None = None
    """What JSON has to satisfy; None where the request gives no schema."""


_JSON_SCHEMA: Final = record(
    {
        "name": required(function_name),
        "description": optional(text()),
        "schema": optional(mapping, {}),
        "strict": Field(boolean),
    }
)


def _json_schema(value: Any, path: str) -> ResponseFormat:
    given = record({"json_schema": required(_JSON_SCHEMA)})(value, path)["json_schema"]
    return ResponseFormat("json_schema", given["schema"])


RESPONSE_FORMAT: Final = tagged(
    {
        "text": lambda _value, _path: ResponseFormat(),
        "json_object": lambda _value, _path: ResponseFormat("json_object"),
        "json_schema": _json_schema,
    }
)
