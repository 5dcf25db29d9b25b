"""Putting JSON Schemas together: one that asks for what several ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable


class DeadEnd(Exception):  # noqa: N818 - one try leads nowhere; there are others
    """This way of building a value does not work out."""


def merge(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """A schema that asks for what both ask for, as far as keywords can say it."""
    merged = dict(one)
    for name, value in other.items():
        merged[name] = _JOIN.get(name, _later)(one[name], value) if name in one else value
    return merged


def _later(_one: Any, other: Any) -> Any:
    return other


def _both(one: Any, other: Any) -> Any:
    if isinstance(one, bool) or isinstance(other, bool):
        return False if False in (one, other) else other if one is True else one
    return {"allOf": [one, other]}


def _each(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    shared = {name: _both(one[name], other[name]) for name in one if name in other}
    return {**one, **other, **shared}


def _common_types(one: Any, other: Any) -> list[str]:
    ones, others = ([kinds] if isinstance(kinds, str) else kinds for kinds in (one, other))
    wide = {*ones, *(("integer",) if "number" in ones else ())}
    found = [kind for kind in others if kind in wide]
    if "number" in others and "integer" in ones and "integer" not in found:
        found.append("integer")
    if not found:
        raise DeadEnd
    return found


_JOIN: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "properties": _each,
    "patternProperties": _each,
    "$defs": _each,
    "required": lambda one, other: [*one, *other],
    "allOf": lambda one, other: [*one, *other],
    "enum": lambda one, other: [value for value in one if value in other],
    "type": _common_types,
    "items": _both,
    "additionalProperties": _both,
    "minimum": max,
    "exclusiveMinimum": max,
    "minLength": max,
    "minItems": max,
    "minProperties": max,
    "maximum": min,
    "exclusiveMaximum": min,
    "maxLength": min,
    "maxItems": min,
    "maxProperties": min,
}
