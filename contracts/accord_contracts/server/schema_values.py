"""Values that satisfy a JSON Schema: what the model answers when JSON is asked for.

A builder makes plausible values straight from the keywords; jsonschema-rs has the last word. A
schema that no value of some twenty tries satisfies is taken for unsatisfiable: better refused
than answered with JSON that breaks it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.parse import unquote

import jsonschema_rs

from accord_contracts.server.patterns import NoMatch, matching_text
from accord_contracts.server.schema_merge import DeadEnd, merge

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Schema = dict[str, Any] | bool

_TRIES: Final = 24
_DEEPEST: Final = 24
_SHALLOW: Final = 4
"""Beyond this depth only what is required is built, so that recursive schemas come to an end."""
_MOST_ITEMS: Final = 256
_LONGEST_TEXT: Final = 4096

_WORDS: Final = (
    "river", "garden", "morning", "map", "tea", "bread", "harbour", "café", "wheel", "letter",
    "winter", "story", "lamp", "東京", "hill", "mill",
)  # fmt: skip

_FORMATS: Final = {
    "date-time": "2025-03-14T09:26:53Z",
    "date": "2025-03-14",
    "time": "09:26:53Z",
    "duration": "PT15M",
    "email": "reader@example.com",
    "idn-email": "reader@example.com",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/garden",
    "uri-reference": "/garden",
    "iri": "https://example.com/garden",
    "iri-reference": "/garden",
    "uri-template": "/garden/{name}",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "json-pointer": "/garden/0",
    "relative-json-pointer": "0/garden",
    "regex": "^[a-z]+$",
}

_HINTS: Final = {
    "object": ("properties", "required", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "contains", "uniqueItems"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""Keywords that tell what kind of value a schema without `type` has in mind."""


class BadSchema(Exception):  # noqa: N818 - a finding about the request, not a failure of ours
    """The schema is no JSON Schema, or no value could be found for it."""


def satisfying_value(schema: Schema, rng: Random) -> Any:
    """Find a value that the schema allows.

    Args:
        schema: the JSON Schema (2020-12 unless it says otherwise). References are followed
            inside the schema only: nothing is fetched.
        rng: decides between possible values; the same state gives the same value.

    Raises:
        BadSchema: it is no schema, or no value was found.
    """
    accepts = _validator(schema)
    for attempt in range(_TRIES):
        value = _try(schema, rng, attempt)
        if value is not _NOTHING and accepts(value):
            return value
    raise BadSchema("no value was found that satisfies this schema")


_NOTHING: Final = object()


def _try(schema: Schema, rng: Random, attempt: int) -> Any:
    try:
        return _Builder(schema, rng, attempt).build(schema, 0)
    except (DeadEnd, NoMatch, TypeError, ValueError, LookupError, AttributeError, OverflowError):
        # Keywords of the wrong type get this far only inside $defs that the validator never
        # looks at; what can't be built from is no reason to give up the other tries.
        return _NOTHING


def _validator(schema: Schema) -> Callable[[Any], bool]:
    try:
        return jsonschema_rs.validator_for(
            schema, retriever=_refuse_to_fetch, validate_formats=True
        ).is_valid
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        why = getattr(error, "message", str(error))
        raise BadSchema(f"this is not a JSON Schema that can be used: {why}") from error


def _refuse_to_fetch(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is outside the schema, and nothing is fetched")


class _Builder:
    """One try: later attempts decide differently where there is a choice."""

    def __init__(self, root: Schema, rng: Random, attempt: int) -> None:
        self._root = root
        self._rng = rng
        self._attempt = attempt
        self._makers: dict[str, Callable[[dict[str, Any], int], Any]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "number": self._number,
            "integer": self._integer,
            "boolean": lambda _schema, _depth: self._rng.random() < 0.5,
            "null": lambda _schema, _depth: None,
        }

    def build(self, schema: Schema, depth: int) -> Any:
        if schema is False or depth > _DEEPEST:
            raise DeadEnd
        schema = self._resolve({} if schema is True else schema, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._rng.choice(schema["enum"])
        return self._makers[self._kind(schema)](schema, depth)

    # ------------------------------------------------ references, alternatives, combinations

    def _resolve(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """Put references and one branch of each alternative into one flat schema."""
        for _ in range(_DEEPEST):
            keyword = next((name for name in _COMBINED if name in schema), None)
            if keyword is None:
                return schema
            rest = {name: value for name, value in schema.items() if name != keyword}
            for part in self._parts(keyword, schema, depth):
                if part is False:
                    raise DeadEnd
                rest = merge(rest, {} if part is True else part)
            if keyword == "if":
                rest = {k: v for k, v in rest.items() if k not in ("then", "else")}
            schema = rest
        raise DeadEnd

    def _parts(self, keyword: str, schema: dict[str, Any], depth: int) -> list[Any]:
        value = schema[keyword]
        if keyword == "$ref":
            return [self._target(value)]
        if keyword == "allOf":
            return list(value)
        if keyword == "if":
            both = [value, schema.get("then", True)]
            return both if self._attempt % 2 == 0 else [schema.get("else", True)]
        if depth + self._attempt > _SHALLOW:
            # Any branch may be the one that ends a recursion.
            return [self._rng.choice(value)]
        return [value[self._attempt % len(value)]]

    def _target(self, reference: str) -> Any:
        if not reference.startswith("#"):
            raise DeadEnd
        target: Any = self._root
        for step in unquote(reference[1:]).split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            target = target[int(name)] if isinstance(target, list) else target[name]
        return target

    def _kind(self, schema: dict[str, Any]) -> str:
        given = schema.get("type")
        if isinstance(given, str):
            return given
        if given:
            real = [kind for kind in given if kind != "null"] or given
            return str(self._rng.choice(given if self._attempt else real))
        hinted = (kind for kind, names in _HINTS.items() if any(name in schema for name in names))
        return next(hinted, "string")

    # --------------------------------------------------------------------------------- values

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        known: dict[str, Any] = schema.get("properties", {})
        names = list(dict.fromkeys(schema.get("required", ())))
        if depth < _SHALLOW and self._attempt % 3 != 2:
            most = schema.get("maxProperties", len(known) + len(names))
            names += [name for name in known if name not in names][: max(most - len(names), 0)]
        names = self._dependents(schema, names)
        value = {}
        for name in names:
            part = known.get(name, self._schema_of_other(schema, name))
            if part is not False:
                value[name] = self.build(part, depth + 1)
        return self._fill(schema, value, depth)

    def _dependents(self, schema: dict[str, Any], names: list[str]) -> list[str]:
        needs = schema.get("dependentRequired", {})
        for name in names:  # grows while it is walked: what is added may need more
            names += [other for other in needs.get(name, ()) if other not in names]
        return names

    def _schema_of_other(self, schema: dict[str, Any], name: str) -> Any:
        for pattern, part in schema.get("patternProperties", {}).items():
            if _matches(pattern, name):
                return part
        return schema.get("additionalProperties", True)

    def _fill(self, schema: dict[str, Any], value: dict[str, Any], depth: int) -> dict[str, Any]:
        """Add members of our own until there are enough."""
        least = schema.get("minProperties", 0)
        if least > _MOST_ITEMS:
            raise DeadEnd
        for _ in range(4 * least):
            if len(value) >= least:
                break
            name = self._new_name(schema)
            part = schema.get("properties", {}).get(name, self._schema_of_other(schema, name))
            if part is not False:
                value.setdefault(name, self.build(part, depth + 1))
        return value

    def _new_name(self, schema: dict[str, Any]) -> str:
        if patterns := schema.get("patternProperties"):
            pattern = self._rng.choice(list(patterns))
            name = matching_text(pattern, self._rng)
            longer = f"{name}{self._rng.randrange(1000)}"
            return longer if _matches(pattern, longer) else name
        if "propertyNames" in schema:
            return str(self.build(merge({"type": "string"}, schema["propertyNames"]), 0))
        return f"{self._rng.choice(_WORDS)}_{self._rng.randrange(1000)}"

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        first, others = schema.get("prefixItems", []), schema.get("items", True)
        least = schema.get("minItems", 0)
        usual = 0 if depth >= _SHALLOW else max(len(first), 2 - self._attempt % 3)
        size = min(max(least, usual), schema.get("maxItems", _MOST_ITEMS))
        if least > _MOST_ITEMS:
            raise DeadEnd
        parts = [*first, *[others] * (size - len(first))][:size]
        if others is False:
            parts = first[:size]
        if "contains" in schema:
            wanted = schema.get("minContains", 1)
            parts = [schema["contains"]] * wanted + parts[wanted:]
        return self._items(parts, depth, distinct=schema.get("uniqueItems", False))

    def _items(self, parts: list[Any], depth: int, *, distinct: bool) -> list[Any]:
        values: list[Any] = []
        for part in parts:
            value = self.build(part, depth + 1)
            for _ in range(_TRIES if distinct else 0):
                if value not in values:
                    break
                value = self.build(part, depth + 1)
            values.append(value)
        return values

    def _string(self, schema: dict[str, Any], _depth: int) -> str:
        least, most = schema.get("minLength", 0), schema.get("maxLength", _LONGEST_TEXT)
        if least > _LONGEST_TEXT:
            raise DeadEnd
        if "pattern" in schema:
            return matching_text(schema["pattern"], self._rng)
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        text = self._rng.choice(_WORDS)
        while len(text) < least:
            text += " " + self._rng.choice(_WORDS)
        return text[: int(most)] if least <= most else text

    def _number(self, schema: dict[str, Any], depth: int) -> float:
        if "multipleOf" in schema or self._attempt % 2:
            return self._stepped(schema)
        low, high = _bounds(schema)
        return self._integer(schema, depth) if high - low >= 1 else round((low + high) / 2, 9)

    def _integer(self, schema: dict[str, Any], _depth: int) -> int:
        value = self._stepped({**schema, "multipleOf": schema.get("multipleOf", 1)})
        return int(value)

    def _stepped(self, schema: dict[str, Any]) -> float:
        """A number in range that is a multiple of the step."""
        low, high = _bounds(schema)
        step = schema.get("multipleOf") or (high - low) / 7 or 1
        first, last = math.ceil(low / step), math.floor(high / step)
        if first > last:
            raise DeadEnd
        times = self._rng.randint(first, min(last, first + 9 + 40 * self._attempt))
        if times * step in (schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")):
            times += 1 if times == first else -1
        return times * step


_COMBINED: Final = ("$ref", "allOf", "anyOf", "oneOf", "if")


def _matches(pattern: str, text: str) -> bool:
    return jsonschema_rs.is_valid({"pattern": pattern}, text)


def _bounds(schema: dict[str, Any]) -> tuple[float, float]:
    """The least and the greatest number, with something sensible where one is left open."""
    lows = [schema[name] for name in ("minimum", "exclusiveMinimum") if name in schema]
    highs = [schema[name] for name in ("maximum", "exclusiveMaximum") if name in schema]
    if not lows and not highs:
        return 1, 100
    low = max(lows) if lows else min(min(highs) - 100, 0)
    high = min(highs) if highs else max(low, 0) + 100
    return low, high
