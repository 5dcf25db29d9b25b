"""Python types as JSON: their schemas, and values of them from what a model wrote.

msgspec does both for dataclasses, attrs classes, typed dicts, named tuples, enums, literals,
unions and what they hold; pydantic, when the user has it, for its own models, wherever in a type
they are. Only import this where the extra `structured` is needed.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["read", "read_json", "response_format", "schema", "schemas", "to_json"]

JSON = dict[str, Any]
T = TypeVar("T")

_REF: Final = "#/$defs/{name}"
_FENCE: Final = "```"


# ----------------------------------------------------------------------------------------- schemas
def schemas(kinds: Sequence[Any]) -> tuple[list[JSON], JSON]:
    """Describe types.

    Returns:
        One JSON schema for each type, and the definitions that they refer to as `#/$defs/NAME`.

    Raises:
        TypeError: a type has no JSON form, or two types have one name.
    """
    definitions: JSON = {}

    def foreign(kind: Any) -> JSON:
        found = _adapter(kind).json_schema()
        _unite(definitions, found.pop("$defs", {}))
        return dict(found)

    try:
        found, own = msgspec.json.schema_components(kinds, schema_hook=foreign, ref_template=_REF)
    except KeyError as error:  # msgspec knows them by their names, and then does not find one
        (kind,) = error.args
        raise TypeError(
            f"another type in the schema has the name of {kind!r}: rename one"
        ) from error
    _unite(definitions, own)
    return list(found), definitions


def _unite(definitions: JSON, more: JSON) -> None:
    for name, definition in more.items():
        if definitions.setdefault(name, definition) != definition:
            raise TypeError(f"two types in the schema have the name {name!r}: rename one")


def schema(kind: Any) -> JSON:
    """Describe a type as one schema whose root is written out, as servers want it.

    Raises:
        TypeError: the type has no JSON form.
    """
    if _is_pydantic(kind):
        root: JSON = _adapter(kind).json_schema()
        definitions = root.pop("$defs", {})
    else:
        (root,), definitions = schemas([kind])
    reference = root.get("$ref")
    if reference is not None:
        name = reference.rpartition("/")[2]
        root = definitions[name]
        if f'"{reference}"' not in json.dumps(definitions):  # not a recursive type
            del definitions[name]
    return {**root, "$defs": definitions} if definitions else root


def response_format(kind: Any) -> JSON:
    """Give the `response_format` that asks for a value of a type.

    It is `strict` unless the type can't be: then members with defaults may be left out.

    Raises:
        TypeError: the type has no JSON form.
    """
    found = schema(kind)
    try:
        found, strict = _closed(found), True
    except _OpenSchemaError:
        strict = False
    name = "".join(c if c.isalnum() and c.isascii() else "_" for c in getattr(kind, "__name__", ""))
    described = {"name": name[:64] or "answer", "schema": found, "strict": strict}
    return {"type": "json_schema", "json_schema": described}


class _OpenSchemaError(Exception):
    """The schema allows what `strict` can't: any value, unnamed members, or tuples."""


def _closed(node: JSON) -> JSON:
    """Demand all members and forbid others, which is what `strict` is about."""
    if not node or "prefixItems" in node:
        raise _OpenSchemaError
    inner = {name: _closed_part(name, part) for name, part in node.items() if name != "default"}
    if node.get("type") != "object":
        return inner
    if "properties" not in node:
        raise _OpenSchemaError
    return {**inner, "required": list(node["properties"]), "additionalProperties": False}


def _closed_part(name: str, part: Any) -> Any:
    if name in ("properties", "$defs"):
        return {member: _closed(schema) for member, schema in part.items()}
    if name in ("anyOf", "oneOf", "allOf"):
        return [_closed(schema) for schema in part]
    return _closed(part) if name == "items" and isinstance(part, dict) else part


# ------------------------------------------------------------------------------------------ values
def read_json(text: str, kind: type[T]) -> T:
    """Read JSON text as a value of a type; a code fence around it is forgiven.

    Raises:
        ValueError: it is not JSON, or not of the type. The message says where.
    """
    text = _unfenced(text)
    if _is_pydantic(kind):
        value: T = _adapter(kind).validate_json(text)
        return value
    return msgspec.json.decode(text, type=kind, dec_hook=_read_foreign)


def read(value: Any, kind: Any) -> Any:
    """Read parsed JSON as a value of a type.

    Raises:
        ValueError: it is not of the type. The message says where.
    """
    if _is_pydantic(kind):
        return _read_foreign(kind, value)
    return msgspec.convert(value, kind, dec_hook=_read_foreign)


def to_json(value: Any) -> str:
    """Write a value as JSON; what has no JSON form as its text."""
    return msgspec.json.encode(value, enc_hook=_write_foreign).decode()


def _unfenced(text: str) -> str:
    text = text.strip()
    if text.startswith(_FENCE) and text.endswith(_FENCE) and "\n" in text:
        return text[text.index("\n") : -len(_FENCE)]
    return text


# ---------------------------------------------------------------------------------------- pydantic
def _is_pydantic(kind: Any) -> bool:
    """Whether pydantic has made this class: a model, or a dataclass of its own."""
    return isinstance(kind, type) and hasattr(kind, "__pydantic_core_schema__")


def _adapter(kind: Any) -> Any:
    if not _is_pydantic(kind):
        raise TypeError(f"{kind!r} has no JSON form")
    return sys.modules["pydantic"].TypeAdapter(kind)  # it has made the class: it is there


def _read_foreign(kind: Any, value: Any) -> Any:
    return _adapter(kind).validate_python(value)


def _write_foreign(value: Any) -> Any:
    if _is_pydantic(type(value)):
        return _adapter(type(value)).dump_python(value, mode="json")
    return str(value)
