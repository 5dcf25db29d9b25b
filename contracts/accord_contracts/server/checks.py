"""Checks: what a JSON value must be like, and what the server makes of it.

A check is called with a value and its path in the request; it returns the value as the server
uses it, or raises a `Refusal` that names the path. `read` applies a table of them to an object.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from accord_contracts.server.errors import missing, unknown_parameter, wrong_type, wrong_value

Check = Callable[[Any, str], Any]

_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter: how to check it, and what it is when it is left out."""

    check: Check
    default: Any = None
    required: bool = False
    nullable: bool = True
    """Whether null means the same as leaving it out."""


Fields = Mapping[str, Field]


def required(check: Check) -> Field:
    """A parameter that must be there."""
    return Field(check, required=True, nullable=False)


def optional(check: Check, default: Any = None) -> Field:
    """A parameter that may be left out, and must not be null."""
    return Field(check, default, nullable=False)


def read(
    fields: Fields, value: Mapping[str, Any], path: str = "", *, strict: bool = False
) -> dict[str, Any]:
    """Check the members of an object; give one entry for every field.

    Raises:
        Refusal: a member is missing or wrong, or `strict` and unknown.
    """
    prefix = f"{path}." if path else ""
    if strict and (unknown := next((name for name in value if name not in fields), None)):
        raise unknown_parameter(prefix + unknown)
    return {
        name: _read_one(field, value.get(name, _ABSENT), prefix + name)
        for name, field in fields.items()
    }


def _read_one(field: Field, value: Any, path: str) -> Any:
    if value is _ABSENT:
        if field.required:
            raise missing(path)
        return field.default
    if value is None and field.nullable:
        return field.default
    return field.check(value, path)


def boolean(value: Any, path: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong_type(path, "a boolean", value)
    return value


def mapping(value: Any, path: str) -> dict[str, Any]:
    """Any object."""
    if not isinstance(value, dict):
        raise wrong_type(path, "an object", value)
    return value


def number(low: float, high: float) -> Check:
    """A finite number in a range."""

    def check(value: Any, path: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong_type(path, "a decimal", value)
        _in_range(value, low, high, path, "decimal")
        return float(value)

    return check


def integer(low: int, high: int | None = None) -> Check:
    """A whole number in a range. As in JSON Schema, 43.0 is one, and true is none."""

    def check(value: Any, path: str) -> int:
        whole = isinstance(value, float) and math.isfinite(value) and value.is_integer()
        if isinstance(value, bool) or not (isinstance(value, int) or whole):
            raise wrong_type(path, "an integer", value)
        _in_range(value, low, math.inf if high is None else high, path, "integer")
        return int(value)

    return check


def _in_range(value: float, low: float, high: float, path: str, kind: str) -> None:
    if value < low:
        raise wrong_value(path, f"expected a value >= {low}.", f"{kind}_below_min_value")
    if value > high or not (isinstance(value, int) or math.isfinite(value)):
        raise wrong_value(path, f"expected a value <= {high}.", f"{kind}_above_max_value")


def text(longest: int | None = None) -> Check:
    """A string, of so many characters at most."""

    def check(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise wrong_type(path, "a string", value)
        if longest is not None and len(value) > longest:
            why = f"expected at most {longest} characters."
            raise wrong_value(path, why, "string_above_max_length")
        return value

    return check


def one_of(*values: str) -> Check:
    """One of some strings."""

    def check(value: Any, path: str) -> str:
        if text()(value, path) not in values:
            raise wrong_value(path, f"supported values are: {', '.join(map(repr, values))}.")
        return str(value)

    return check


def array(item: Check, least: int = 0, most: int | None = None) -> Check:
    """An array, of so many items that each pass a check; gives a tuple."""

    def check(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise wrong_type(path, "an array", value)
        if len(value) < least:
            raise wrong_value(path, f"expected at least {least} item.", "empty_array")
        if most is not None and len(value) > most:
            raise wrong_value(path, f"expected at most {most} items.", "array_above_max_length")
        return tuple(item(entry, f"{path}[{i}]") for i, entry in enumerate(value))

    return check


def record(fields: Fields) -> Check:
    """An object with known members; others are ignored."""

    def check(value: Any, path: str) -> dict[str, Any]:
        return read(fields, mapping(value, path), path)

    return check


def tagged(kinds: Mapping[str, Check], tag: str = "type") -> Check:
    """An object whose member `tag` says which check it has to pass."""

    def check(value: Any, path: str) -> Any:
        kind = mapping(value, path).get(tag, _ABSENT)
        if kind is _ABSENT:
            raise missing(f"{path}.{tag}")
        return kinds[one_of(*kinds)(kind, f"{path}.{tag}")](value, path)

    return check
