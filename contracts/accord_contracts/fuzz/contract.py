"""The contract as schemathesis takes it: the bundled spec, made ready for generating."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.schemas import OpenApiSchema

from accord_contracts.fuzz.sense import MORE_THAN_TEXT

ENDLESS: Final = 10**9
"""Events of a stream that schemathesis may see: our own sender sets the bound, in bytes."""

ERRORS: Final = ("4XX", "5XX")
"""What the spec's `default` answer stands for. Said so, a 204 or a 302 is a deviation."""

_COMMON: Final = {"max_tokens": 2, "n": 1, "stream": True}

TOGETHER: Final = {
    "ChatCompletionRequest": {
        **_COMMON,
        "max_completion_tokens": 2,
        "logprobs": True,
        "top_logprobs": 1,
    },
    "CompletionRequest": {**_COMMON, "logprobs": 1, "best_of": 1},
}
"""Values that go together. Boundary cases have every parameter, one of them at its boundary; with
these, it is that one which a refusal is about."""

MOST_ITEMS: Final = 3
"""Of every array in a valid request, unless the spec says more about it."""

JSON = dict[str, Any]


@lru_cache(maxsize=4)
def load(model: str, *, small: bool = False) -> OpenApiSchema:
    """The bundled spec.

    Args:
        model: what requests name, the invalid ones too: else it would be all that is wrong.
        small: leave out what makes valid requests large and slow to make, and nothing more.
            Not for invalid ones: what is left out would be taken for invalid.
    """
    spec: JSON = json.loads(files("accord_api").joinpath("openapi.json").read_bytes())
    for operation in _operations(spec):
        default = operation["responses"].pop("default")
        operation["responses"] |= dict.fromkeys(ERRORS, default)
    schemas = spec["components"]["schemas"]
    for name, values in TOGETHER.items():
        properties = schemas[name]["properties"]
        for parameter, value in {**values, "model": model}.items():
            properties[parameter] = {**properties[parameter], "examples": [value]}
    # Clients are to send a prompt, and servers to begin one without: `accepts.missing-prompt`.
    schemas["CompletionRequest"]["required"].remove("prompt")
    if small:
        _make_small(schemas)
    return schemathesis.openapi.from_dict(spec, config=_config(model))


def _operations(spec: JSON) -> Iterator[JSON]:
    return (operation for path in spec["paths"].values() for operation in path.values())


def _config(model: str) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "max-stream-events": ENDLESS,
            "dictionaries": {"models": {"values": [model]}},
            "parameters": {"body.model": {"dictionary": "models", "probability": 0.95}},
        }
    )


def _make_small(schemas: JSON) -> None:
    """Bound arrays, close what is inside of requests, and leave out more than text."""
    for name in MORE_THAN_TEXT:
        schemas["ChatCompletionRequest"]["properties"].pop(name)
    for name, schema in schemas.items():
        for part in _parts(schema):
            if part.get("type") == "array":
                part.setdefault("maxItems", MOST_ITEMS)
            if "properties" in part and name not in TOGETHER:
                part["additionalProperties"] = False


def _parts(schema: Any) -> Iterator[JSON]:
    """A schema, and every object inside of it."""
    if isinstance(schema, dict):
        yield schema
    inner = schema.values() if isinstance(schema, dict) else schema
    for value in inner if isinstance(schema, dict | list) else ():
        yield from _parts(value)
