"""The reference server as an ASGI application.

Beside the API it answers `GET /` (where things are), `GET /openapi.json` (the contract) and
`GET /-/stats` (what it is doing), none of which needs a key. A trailing slash is tolerated; there
are no redirects. HEAD is answered as GET without the body, OPTIONS as a CORS preflight.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import ClientDisconnect, Request

from accord_contracts.server.answering import answered
from accord_contracts.server.chat import answer_chat
from accord_contracts.server.completions import answer_completion
from accord_contracts.server.disconnect import while_connected
from accord_contracts.server.errors import bad_json, internal, unknown_url, wrong_method
from accord_contracts.server.hooks import Call, Endpoint, Hook, Refusal, Reply
from accord_contracts.server.models import answer_model, answer_models
from accord_contracts.server.requests import (
    RateLimit,
    check_key,
    check_media_type,
    parse_json,
    read_body,
)
from accord_contracts.server.stream import encode_events, encode_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from accord_contracts.server.settings import Settings

    Generate = Callable[[Call, Settings], Awaitable[Reply]]

_log: Final = logging.getLogger("accord.server")

_ENDPOINTS: Final[dict[str, Endpoint]] = {
    "/v1/models": "models",
    "/v1/completions": "completions",
    "/v1/chat/completions": "chat",
}
_MODEL_PREFIX: Final = "/v1/models/"
_POSTS: Final = ("completions", "chat")

_CORS: Final = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "x-request-id, openai-processing-ms, retry-after",
}
_PREFLIGHT: Final = {
    "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
    "access-control-allow-headers": "*, authorization",
    "access-control-max-age": "86400",
}

_POINTERS: Final = {
    "name": "Accord reference server",
    "base_url": "/v1",
    "endpoints": [
        "GET /v1/models",
        "GET /v1/models/{model}",
        "POST /v1/completions",
        "POST /v1/chat/completions",
    ],
    "openapi": "/openapi.json",
    "stats": "/-/stats",
}


async def generate(call: Call, settings: Settings) -> Reply:
    """Answer a POST whose body is JSON.

    Raises:
        Refusal: it can't be answered; nothing has been sent yet.
    """
    answer = answer_chat if call.endpoint == "chat" else answer_completion
    return await answer(call.body, settings)


def create_app(
    settings: Settings, hooks: Sequence[Hook] = (), generate: Generate = generate
) -> ASGIApp:
    """Make the server.

    Args:
        settings: what it serves, and how.
        hooks: deliberate deviations, applied in this order; none for a correct server.
        generate: answers POSTs; what remembers its answers saves the work.
    """
    app: ASGIApp = _Server(settings, hooks, generate)
    for hook in hooks:
        app = hook.asgi(app)
    return app


class _Server:
    def __init__(self, settings: Settings, hooks: Sequence[Hook], generate: Generate) -> None:
        self._settings = settings
        self._hooks = tuple(hooks)
        self._answer_post = generate
        self._rate = RateLimit(settings)
        self._stats = {"calls": 0, "active_generations": 0, "cancelled_generations": 0}
        self._extras: dict[str, Callable[[], Reply]] = {
            "/": lambda: answered(_POINTERS),
            "/openapi.json": _openapi,
            "/v1/openapi.json": _openapi,
            "/-/stats": lambda: answered(self._stats),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._serve(Request(scope, receive), send)

    async def _serve(self, request: Request, send: Send) -> None:
        began = time.perf_counter()
        self._stats["calls"] += 1
        call = _call(request)
        try:
            refusal = await self._receive(call, request)
        except ClientDisconnect:
            return
        generates = call.endpoint in _POSTS
        self._stats["active_generations"] += generates
        try:
            async with while_connected(request.receive) as client:
                reply = await self._reply(call, refusal)
                reply = self._finish(call, reply, began)
                last = await _send(call, reply, self._hooks, send)
        finally:
            self._stats["active_generations"] -= generates
        if client.gone:
            self._stats["cancelled_generations"] += generates
        else:
            await send(last)

    async def _receive(self, call: Call, request: Request) -> Refusal | None:
        """Read the body as far as it can be read; give what is wrong with it."""
        try:
            call.raw = await read_body(request, self._settings.max_body)
            call.body = parse_json(call.raw) if call.raw else None
        except Refusal as refusal:
            return refusal
        return None

    async def _reply(self, call: Call, unreadable: Refusal | None) -> Reply:
        try:
            for hook in self._hooks:
                hook.request(call)
            return await self._answer(call, unreadable)
        except Refusal as refusal:
            return refused(refusal)
        except RecursionError:
            return refused(bad_json("it is nested too deeply."))
        except Exception:  # noqa: BLE001 - whatever it is, the server goes on
            _log.exception("%s %s failed", call.method, call.path)
            return refused(internal())

    async def _answer(self, call: Call, unreadable: Refusal | None) -> Reply:
        if call.method == "OPTIONS":
            return Reply(204, None, dict(_PREFLIGHT))
        path = call.path.rstrip("/") or "/"
        if extra := self._extras.get(path):
            _check_method(call, "GET, HEAD, OPTIONS")
            return extra()
        check_key(call.headers, self._settings.api_key)
        self._rate.take()
        if call.endpoint is None:
            raise unknown_url(call.method, call.path)
        if call.endpoint not in _POSTS:
            _check_method(call, "GET, HEAD, OPTIONS")
            return self._describe(call.endpoint, path)
        _check_method(call, "POST, OPTIONS")
        return await self._generate(call, unreadable)

    def _describe(self, endpoint: Endpoint, path: str) -> Reply:
        if endpoint == "models":
            return answer_models(self._settings)
        return answer_model(path.removeprefix(_MODEL_PREFIX), self._settings)

    async def _generate(self, call: Call, unreadable: Refusal | None) -> Reply:
        if call.body is None:
            check_media_type(call.headers)
            raise unreadable or bad_json("expected an object.")
        check_media_type(call.headers)
        return await self._answer_post(call, self._settings)

    def _finish(self, call: Call, reply: Reply, began: float) -> Reply:
        spent = round(1000 * (time.perf_counter() - began))
        own = {"x-request-id": call.request_id, "openai-processing-ms": str(spent), **_CORS}
        reply.headers = {**own, **reply.headers}
        for hook in self._hooks:
            reply = hook.reply(call, reply)
        return reply


def _call(request: Request) -> Call:
    path = request.scope["path"]
    return Call(
        method=request.method,
        path=path,
        headers={name.lower(): value for name, value in request.headers.items()},
        endpoint=endpoint_of(path),
        request_id=f"req_{uuid.uuid4().hex}",
    )


def endpoint_of(path: str) -> Endpoint | None:
    """The endpoint that a path names; None for any other path."""
    path = path.rstrip("/")
    if path in _ENDPOINTS:
        return _ENDPOINTS[path]
    return "model" if path.startswith(_MODEL_PREFIX) else None


def _check_method(call: Call, allowed: str) -> None:
    if call.method not in allowed.split(", "):
        raise wrong_method(call.method, call.path, allowed)


def refused(refusal: Refusal) -> Reply:
    """A refusal as an answer."""
    reply = answered({"error": refusal.error}, refusal.status)
    reply.headers |= refusal.headers
    return reply


def _openapi() -> Reply:
    """The bundled contract, read when it is asked for."""
    return answered((files("accord_api") / "openapi.json").read_bytes())


async def _send(call: Call, reply: Reply, hooks: Sequence[Hook], send: Send) -> dict[str, Any]:
    """Send an answer but for its last message, and give that."""
    payload = _payload(reply)
    headers = dict(reply.headers)
    if payload is not None:
        headers.setdefault("content-length", str(len(payload)))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    if reply.events is not None:
        await _send_stream(call, reply, hooks, send)
    body = b"" if call.method == "HEAD" else payload or b""
    return {"type": "http.response.body", "body": body, "more_body": False}


def _payload(reply: Reply) -> bytes | None:
    if reply.events is not None or (reply.body is None and reply.status == 204):
        return None
    return reply.body if isinstance(reply.body, bytes) else encode_json(reply.body)


async def _send_stream(call: Call, reply: Reply, hooks: Sequence[Hook], send: Send) -> None:
    events = reply.events
    assert events is not None  # noqa: S101 - the caller has looked
    for hook in hooks:
        events = hook.events(call, events)
    blocks = encode_events(events)
    for hook in hooks:
        blocks = hook.blocks(call, blocks)
    async for block in blocks:
        await send({"type": "http.response.body", "body": block, "more_body": True})
        await asyncio.sleep(0)  # the loop's turn: to see that the client has gone


async def _lifespan(receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
