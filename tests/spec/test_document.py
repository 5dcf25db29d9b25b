"""The contract is a valid OpenAPI document, complete, and of one form throughout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import validate

PATH = Path(__file__).parents[2] / "spec" / "openapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(PATH.read_text("utf-8"))
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
ERRORS = {"400", "401", "403", "404", "405", "413", "415", "422", "429", "500", "503", "default"}

per_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())


def resolved(item: dict[str, Any]) -> dict[str, Any]:
    """Follow a `$ref`, if there is one."""
    found: Any = DOCUMENT
    if "$ref" not in item:
        return item
    for key in item["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return resolved(found)


def members(node: Any) -> list[tuple[str, Any]]:
    """Every member of every object in a JSON value, at any depth."""
    if isinstance(node, list):
        return [pair for item in node for pair in members(item)]
    if isinstance(node, dict):
        return [*node.items(), *(pair for value in node.values() for pair in members(value))]
    return []


def test_openapi_accepts_it() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")


def test_the_four_operations() -> None:
    assert {name: operation["operationId"] for name, operation in OPERATIONS.items()} == {
        "GET /models": "listModels",
        "GET /models/{model}": "retrieveModel",
        "POST /completions": "createCompletion",
        "POST /chat/completions": "createChatCompletion",
    }


@per_operation
def test_every_failure_is_documented_as_the_error_object(operation: dict[str, Any]) -> None:
    assert operation["responses"].keys() == {"200", *ERRORS}
    for status in ERRORS:
        content = resolved(operation["responses"][status])["content"]
        schema = content["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ErrorResponse"}


@per_operation
def test_every_operation_takes_the_key(operation: dict[str, Any]) -> None:
    # Security declared for the whole document would be dropped by the generator.
    assert operation["security"] == [{"bearerAuth": []}]
    assert "security" not in DOCUMENT


@per_operation
def test_every_response_names_its_request(operation: dict[str, Any]) -> None:
    for response in operation["responses"].values():
        assert "x-request-id" in resolved(response)["headers"]


@pytest.mark.parametrize("status", ["429", "503"])
@per_operation
def test_a_response_that_asks_to_wait_says_how_long(operation: dict[str, Any], status: str) -> None:
    header = resolved(resolved(operation["responses"][status])["headers"]["Retry-After"])
    assert header["schema"] == {"type": "integer", "minimum": 1}


@pytest.mark.parametrize("path", ["/completions", "/chat/completions"])
def test_json_stands_before_the_stream(path: str) -> None:
    # The generator reads the first media type and drops the others.
    content = DOCUMENT["paths"][path]["post"]["responses"]["200"]["content"]
    assert list(content) == ["application/json", "text/event-stream"]


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_no_schema_has_a_default(name: str) -> None:
    # A generated client would send it.
    names = {key for key, _ in members(DOCUMENT["components"]["schemas"][name])}
    assert "default" not in names


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_no_schema_is_closed(name: str) -> None:
    closed = ("additionalProperties", False)
    assert closed not in members(DOCUMENT["components"]["schemas"][name])


@pytest.mark.parametrize("kind", ["schemas", "responses", "headers", "parameters", "examples"])
def test_every_component_is_used(kind: str) -> None:
    used = {target for key, target in members(DOCUMENT) if key == "$ref"}
    assert {f"#/components/{kind}/{name}" for name in DOCUMENT["components"][kind]} <= used


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_schema_and_every_member_is_described(name: str) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    assert schema["description"]
    for member, declared in schema.get("properties", {}).items():
        assert resolved(declared).get("description") or "const" in declared, member
