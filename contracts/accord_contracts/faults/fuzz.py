"""Faults that only fuzzing finds: no rule has thought of them."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from accord_contracts.faults.bank import (
    KEY,
    on_asgi,
    on_reply,
    on_request,
)
from accord_contracts.server.hooks import Call, Refusal, Reply

FAMILY: Final = "fuzz"


@on_asgi("fuzz.silent-on-delete", caught_by=["fuzz.answers"])
def silent_on_delete(app: ASGIApp) -> ASGIApp:
    """What is sent with a method that nobody expects is never answered."""

    async def bent(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "DELETE":
            await app(scope, receive, send)
            return
        while (await receive())["type"] != "http.disconnect":
            pass

    return bent


def _is_below_zero(value: object) -> bool:
    return isinstance(value, int | float) and value < 0


@on_request("fuzz.array-fails", caught_by=["fuzz.server-error"])
def array_fails(call: Call) -> None:
    """A body that is an array is taken for an object."""
    if isinstance(call.body, list):
        raise TypeError("list indices must be integers")


@on_reply("fuzz.created", caught_by=["fuzz.status"])
def created(call: Call, reply: Reply) -> None:
    """Completions are created, so the status is 201."""
    if call.endpoint == "completions" and reply.status == 200:
        reply.status = 201


@on_request("fuzz.wait-for-nothing", caught_by=["fuzz.response-headers"])
def wait_for_nothing(call: Call) -> None:
    """Several choices are too much at once, and may be asked for again after no time at all."""
    if isinstance(call.body, dict) and call.body.get("n") == 2:
        raise Refusal(429, "Too many at once.", code="busy", headers={"retry-after": "0"})


@on_request("fuzz.any-user", caught_by=["fuzz.rejects-invalid"])
def any_user(call: Call) -> None:
    """What `user` is, nobody looks at."""
    if isinstance(call.body, dict):
        call.body.pop("user", None)


@on_request("fuzz.seed-above-zero", caught_by=["fuzz.accepts-valid"])
def seed_above_zero(call: Call) -> None:
    """A seed below zero is refused."""
    if isinstance(call.body, dict) and _is_below_zero(call.body.get("seed")):
        raise Refusal(400, "seed must be positive", param="seed")


@on_request("fuzz.streams-need-no-key", caught_by=["fuzz.auth"])
def streams_need_no_key(call: Call) -> None:
    """Streams are handled by another service, which knows of no key."""
    if call.streams:
        call.headers["authorization"] = f"Bearer {KEY}"


@on_reply("fuzz.deletes", caught_by=["fuzz.unsupported-method"])
def deletes(call: Call, reply: Reply) -> None:
    """A model can be deleted, it is said."""
    if call.method == "DELETE" and reply.status == 405:
        reply.status, reply.body = 200, {"deleted": True}
