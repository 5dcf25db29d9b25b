"""The contract's schemas: where a JSON value does not match one, as the spec has it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationError as _Error
from jsonschema_rs import ValidationErrorKind as Kind


@dataclass(frozen=True)
class Mismatch:
    """One place where a value does not match its schema."""

    pointer: str
    """A JSON pointer into the value; to the member itself where one is missing."""
    message: str
    """What is wrong there, without the value itself: `it is not of type "integer"`."""


def mismatches(value: Any, schema: str) -> Iterator[Mismatch]:
    """Say where a value does not match a schema of the spec.

    Args:
        value: any JSON value.
        schema: the schema's name under `#/components/schemas`.

    Raises:
        ValueError: the value can't be judged: it is nested too deeply, or half of a surrogate
            pair is in it.
    """
    for error in _validator(schema).iter_errors(value):
        for cause in _causes(error):
            yield _mismatch(cause)


def unknown_members(value: Any, schema: str) -> Iterator[str]:
    """Point to the members of a value that a schema of the spec does not name.

    Args:
        value: any JSON value; it need not match the schema.
        schema: the schema's name under `#/components/schemas`.

    Raises:
        ValueError: as for `mismatches`.
    """
    for error in _validator(schema, closed=True).iter_errors(value):
        for cause in _causes(error):
            for name in getattr(cause.kind, "unexpected", ()):
                yield _pointer([*cause.instance_path, name])


def deprecated_members(value: Any, schema: str) -> Iterator[str]:
    """Point to what a schema of the spec marks as deprecated, in a value that matches it.

    Args:
        value: any JSON value; where it does not match, nothing is known.
        schema: the schema's name under `#/components/schemas`.

    Raises:
        ValueError: as for `mismatches`.
    """
    for found in _validator(schema).evaluate(value).annotations():
        notes = found["annotations"]
        if isinstance(notes, dict) and notes.get("deprecated") is True:
            yield str(found["instanceLocation"])


@cache
def document() -> dict[str, Any]:
    """The spec, bundled, as the JSON value that it is. Not to be changed."""
    text = (files("accord_api") / "openapi.json").read_text("utf-8")
    bundled: dict[str, Any] = json.loads(text)
    return bundled


@cache
def _validator(schema: str, *, closed: bool = False) -> jsonschema_rs.Draft202012Validator:
    components = document()["components"]
    if closed:
        schemas = components["schemas"]
        components = {"schemas": {name: _closed(schemas[name]) for name in schemas}}
    # References in the spec are relative to the whole document, so all of it goes along.
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": components}, mask="it"
    )


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object, without room for members that it does not name."""
    return {"additionalProperties": False, **schema} if "properties" in schema else schema


def _causes(error: _Error) -> Iterator[_Error]:
    """Follow an error through alternatives (`X or null`) to what is wrong in the likeliest."""
    alternatives = getattr(error.kind, "context", None)
    if not alternatives:
        yield error
        return
    meant = [each for each in alternatives if not _excluded(each, len(error.instance_path))]
    if not meant and len(alternatives) > 2:  # of two, the other one is null
        yield error
        return
    for inner in max(meant or alternatives, key=_depth):
        yield from _causes(inner)


def _excluded(errors: list[_Error], depth: int) -> bool:
    """Whether an alternative at this depth was not meant: a value has another type, or tag."""
    return any(
        (isinstance(error.kind, Kind.Type) and len(error.instance_path) == depth)
        or (isinstance(error.kind, Kind.Constant) and len(error.instance_path) == depth + 1)
        for error in errors
    )


def _depth(errors: list[_Error]) -> int:
    """How far into the value an alternative matches before it does not."""
    return max(len(error.instance_path) + len(_missing(error)) for error in errors)


def _mismatch(error: _Error) -> Mismatch:
    inner = [each for errors in getattr(error.kind, "context", None) or () for each in errors]
    tags = [each for each in inner if isinstance(each.kind, Kind.Constant)]
    if not inner and len(_types(error)) < 2:
        return Mismatch(_pointer([*error.instance_path, *_missing(error)]), error.message)
    if tags:
        known = ", ".join(json.dumps(tag.kind.expected_value) for tag in tags)
        return Mismatch(_pointer(tags[0].instance_path), f"it is none of {known}")
    types = ", ".join(f'"{name}"' for each in inner or [error] for name in _types(each))
    return Mismatch(_pointer(error.instance_path), f"it is of none of the types {types}")


def _types(error: _Error) -> Sequence[str]:
    """The types that were expected, where the type is what is wrong."""
    return getattr(error.kind, "types", ())


def _missing(error: _Error) -> list[str]:
    name = getattr(error.kind, "property", None)
    return [name] if isinstance(name, str) else []


def _pointer(path: Sequence[str | int]) -> str:
    tokens = (str(token).replace("~", "~0").replace("/", "~1") for token in path)
    return "".join(f"/{token}" for token in tokens)
