"""Faults of structured output."""

from __future__ import annotations

from accord_contracts.faults.accepts import crash, posted
from accord_contracts.faults.bank import on_request
from accord_contracts.server.hooks import Call


def _format(call: Call) -> str:
    """The type of the response format that a request asks for."""
    wanted = posted(call).get("response_format")
    return str(wanted.get("type")) if isinstance(wanted, dict) else ""


@on_request("structured.json-ignored", caught_by=["structured.json-object-is-json"])
def json_ignored(call: Call) -> None:
    """`json_object` is accepted, and the answer is prose."""
    if _format(call) == "json_object":
        del call.body["response_format"]


@on_request("structured.schema-ignored", caught_by=["structured.schema-is-satisfied"])
def schema_ignored(call: Call) -> None:
    """Of a schema only that it asks for JSON is heeded."""
    if _format(call) == "json_schema":
        call.body["response_format"] = {"type": "json_object"}


@on_request("structured.schema-crashes", caught_by=["structured.schema-is-satisfied"])
def schema_crashes(call: Call) -> None:
    """A response format that nobody thought of makes the server fail."""
    if _format(call) == "json_schema":
        crash("Input should be 'text' or 'json_object'")
