"""The contract's schemas: where a JSON value does not match one, as the spec has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs


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
        yield from _explain(error)


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    document = json.loads((files("accord_api") / "openapi.json").read_text("utf-8"))
    # References in the spec are relative to the whole document, so all of it goes along.
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": document["components"]},
        mask="it",
    )


def _explain(error: jsonschema_rs.ValidationError) -> Iterator[Mismatch]:
    """Follow an error through alternatives (`X or null`) to what is wrong in the likeliest."""
    alternatives = getattr(error.kind, "context", None)
    if alternatives:
        for inner in max(alternatives, key=_depth):
            yield from _explain(inner)
        return
    path = [*error.instance_path, *_missing(error)]
    tokens = (str(token).replace("~", "~0").replace("/", "~1") for token in path)
    yield Mismatch("".join(f"/{token}" for token in tokens), error.message)


def _depth(errors: list[jsonschema_rs.ValidationError]) -> int:
    """How far into the value an alternative matches before it does not."""
    return max(len(error.instance_path) + len(_missing(error)) for error in errors)


def _missing(error: jsonschema_rs.ValidationError) -> list[str]:
    name = getattr(error.kind, "property", None)
    return [name] if isinstance(name, str) else []
