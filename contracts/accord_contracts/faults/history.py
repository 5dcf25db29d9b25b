"""Faults of conversations that have gone on, of models that are not there, and of errors' words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from accord_contracts.faults.bank import JSON, on_answer, on_asgi, on_error, on_request
from accord_contracts.server.hooks import Call, Refusal, Reply


def _messages(call: Call) -> list[JSON]:
    """The messages of a request; none where there are none to be read."""
    found = call.body.get("messages") if isinstance(call.body, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _roles(call: Call) -> list[Any]:
    return [message.get("role") for message in _messages(call)]


def _refuse_if(name: str, rule: str, status: int, holds: Callable[[Call], Any], why: str) -> None:
    """Make a fault of a kind of request that is not accepted."""

    def refuse(call: Call) -> None:
        if call.endpoint in {"chat", "completions"} and isinstance(call.body, dict) and holds(call):
            raise Refusal(status, "This is not supported.")

    refuse.__doc__ = why
    on_request(name, caught_by=[rule])(refuse)


def _parts_of(role: str) -> Callable[[Call], bool]:
    def holds(call: Call) -> bool:
        return any(
            message.get("role") == role and isinstance(message.get("content"), list)
            for message in _messages(call)
        )

    return holds


def _tools(call: Call) -> Iterator[Any]:
    found = call.body.get("tools")
    return (tool.get("type") for tool in found or () if isinstance(tool, dict))


for _case in (
    (
        *("accepts.no-system", "accepts.system-messages", 500),
        *(lambda call: "system" in _roles(call), "There is no place for instructions."),
    ),
    (
        *("accepts.one-turn", "accepts.past-answers", 500),
        *(lambda call: "assistant" in _roles(call), "A conversation has one turn."),
    ),
    (
        *("accepts.no-extras", "accepts.own-answers-back", 400),
        *(lambda call: any("refusal" in m for m in _messages(call)), "Extra members are refused."),
    ),
    (
        *("accepts.system-parts-refused", "accepts.parts-in-system-messages", 422),
        *(_parts_of("system"), "Instructions must be a string."),
    ),
    (
        *("accepts.answer-parts-refused", "accepts.parts-in-past-answers", 422),
        *(_parts_of("assistant"), "Past answers must be strings."),
    ),
    (
        *("accepts.result-parts-refused", "accepts.parts-in-tool-results", 422),
        *(_parts_of("tool"), "Results of tools must be strings."),
    ),
    (
        *("accepts.no-tool-role", "accepts.tool-results", 400),
        *(lambda call: "tool" in _roles(call), "The role `tool` is not known."),
    ),
    (
        *("accepts.one-result", "accepts.several-tool-results", 400),
        *(lambda call: _roles(call).count("tool") > 1, "Roles must alternate."),
    ),
    (
        *("accepts.functions-crash", "accepts.functions-without-crashing", 500),
        *(lambda call: "functions" in call.body, "Former parameters are looked up in a new table."),
    ),
    (
        *("accepts.function-role-crash", "accepts.function-results-without-crashing", 500),
        *(lambda call: "function" in _roles(call), "Former roles are looked up in a new table."),
    ),
    (
        *("accepts.custom-tools-crash", "accepts.custom-tools-without-crashing", 500),
        *(lambda call: "custom" in _tools(call), "Each tool is taken for a function."),
    ),
    (
        *("accepts.unknown-parameters-crash", "accepts.{endpoint}-unknown-parameters", 500),
        *(
            lambda call: "accord_unknown" in call.body,
            "Unknown parameters go to the engine, which fails.",
        ),
    ),
):
    _refuse_if(*_case)


# ----------------------------------------------------------------------------------- models


@on_error("models.unknown-is-400", caught_by=["models.unknown-id-is-404"])
def unknown_is_400(call: Call, reply: Reply) -> None:
    """A model that is not there is a bad request."""
    if call.endpoint == "model" and reply.status == 404:
        reply.status = 400


@on_error("models.unknown-without-code", caught_by=["models.unknown-id-has-its-code"])
def unknown_without_code(call: Call, reply: Reply) -> None:
    """The error for a model that is not there has no code."""
    if call.endpoint == "model":
        reply.body["error"]["code"] = None


@on_answer("models.listed-twice", caught_by=["models.ids-are-unique"])
def listed_twice(call: Call, answer: JSON) -> None:
    """A model is listed once for each of its files."""
    if call.endpoint == "models":
        answer["data"] += answer["data"][:1]


@on_asgi("models.raw-slash-unknown", caught_by=["models.raw-slash-works"])
def raw_slash_unknown(app: ASGIApp) -> ASGIApp:
    """The path of a model ends at its first slash, unless that is encoded."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("raw_path", b"").count(b"/") > 3 and b"/models/" in scope["raw_path"]:
            scope = {**scope, "path": "/v1/accord-no-such-path"}
        await app(scope, receive, send)

    return serve


# ----------------------------------------------------------------------------------- errors


@on_error("errors.type-of-the-framework", caught_by=["errors.mistakes-are-invalid-requests"])
def type_of_the_framework(call: Call, reply: Reply) -> None:
    """The type of an error is the name of an exception."""
    reply.body["error"]["type"] = "BadRequestError"


@on_error("errors.unknown-route-without-code", caught_by=["errors.unknown-route-has-its-code"])
def unknown_route_without_code(call: Call, reply: Reply) -> None:
    """An unknown path is not told from an unknown model."""
    if call.endpoint is None:
        reply.body["error"]["code"] = None


@on_error("errors.garbled-key-crashes", caught_by=["errors.garbled-key-is-refused"])
def garbled_key_crashes(call: Call, reply: Reply) -> None:
    """The key is what comes after the first space, whether there is one or not."""
    if "authorization" in call.headers and " " not in call.headers["authorization"]:
        reply.status = 500


@on_error("errors.no-challenge", caught_by=["errors.key-refusal-says-how"])
def no_challenge(call: Call, reply: Reply) -> None:
    """A 401 does not say how to send the key."""
    reply.headers.pop("www-authenticate", None)


@on_error("errors.key-repeated", caught_by=["errors.key-is-not-repeated"])
def key_repeated(call: Call, reply: Reply) -> None:
    """The refusal of a key shows it."""
    given = call.headers.get("authorization", "").rpartition(" ")[2]
    reply.body["error"]["message"] = f"Incorrect API key provided: {given}"
