"""Faults of transport: methods, paths, headers, connections."""

from __future__ import annotations

import asyncio
import gzip
import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accord_contracts.faults.bank import on_asgi, on_error, on_reply, on_request
from accord_contracts.kinds import ALL_ENDPOINTS
from accord_contracts.server.app import endpoint_of
from accord_contracts.server.hooks import Call, Refusal, Reply

# ------------------------------------------------------------------------------ every answer


@on_reply("transport.no-request-id", caught_by=["transport.request-id"])
def no_request_id(call: Call, reply: Reply) -> None:
    """Answers do not name their request."""
    reply.headers.pop("x-request-id", None)


@on_error("transport.refusals-without-request-id", caught_by=["transport.request-id"])
def refusals_without_request_id(call: Call, reply: Reply) -> None:
    """What names the request sits behind what refuses it."""
    reply.headers.pop("x-request-id", None)


@on_reply("transport.redirects", caught_by=["transport.no-redirects"])
def redirects(call: Call, reply: Reply) -> None:
    """Completions have moved to another path."""
    if call.endpoint == "completions" and not call.streams:
        reply.status, reply.headers["location"] = 307, "/v1/completions/"


@on_asgi("transport.too-short", caught_by=["transport.answers-are-whole"], wire=True)
def too_short(app: ASGIApp) -> ASGIApp:
    """Completions are shorter than their header says."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def speak(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = [(k, v) for k, v in message["headers"] if k != b"content-length"]
                whole = len(headers) < len(message["headers"])
                message["headers"] = (
                    [*headers, (b"content-length", b"100000")] if whole else headers
                )
            await send(message)

        here = endpoint_of(scope.get("path", "")) == "completions"
        await app(scope, receive, speak if here else send)

    return serve


@on_reply("transport.always-gzip", caught_by=["transport.no-unasked-encoding"])
def always_gzip(call: Call, reply: Reply) -> None:
    """Completions are compressed, whoever asks."""
    if call.endpoint == "completions" and not call.streams:
        reply.headers["content-encoding"] = "gzip"
        reply.body = gzip.compress(json.dumps(reply.body).encode())


# --------------------------------------------------------------------------- methods and paths


@on_error(
    "transport.wrong-method-404",
    caught_by=["transport.{endpoint}-wrong-method-is-405"],
    endpoints=ALL_ENDPOINTS,
)
def wrong_method_404(call: Call, reply: Reply) -> None:
    """Routes are found by path and method together: a wrong method finds none."""
    if reply.status == 405:
        reply.status = 404


@on_error(
    "transport.wrong-method-default",
    caught_by=["transport.{endpoint}-wrong-method-has-the-envelope"],
    endpoints=ALL_ENDPOINTS,
)
def wrong_method_default(call: Call, reply: Reply) -> None:
    """The web framework answers wrong methods."""
    if reply.status == 405:
        reply.body = {"detail": "Method Not Allowed"}


@on_error(
    "errors.status-is-the-code-of-a-wrong-method",
    caught_by=["errors.{endpoint}-wrong-method-is-typed"],
    endpoints=ALL_ENDPOINTS,
)
def status_is_the_code_of_a_wrong_method(call: Call, reply: Reply) -> None:
    """The code of a wrong method's error is its status."""
    if reply.status == 405:
        reply.body["error"]["code"] = reply.status


@on_error(
    "errors.status-is-the-code-of-an-unknown-route", caught_by=["errors.unknown-route-is-typed"]
)
def status_is_the_code_of_an_unknown_route(call: Call, reply: Reply) -> None:
    """The code of an unknown path's error is its status."""
    if call.endpoint is None:
        reply.body["error"]["code"] = reply.status


@on_error("transport.no-allow", caught_by=["transport.wrong-method-names-the-right-ones"])
def no_allow(call: Call, reply: Reply) -> None:
    """A 405 does not say which methods there are."""
    reply.headers.pop("allow", None)


@on_error("transport.unknown-route-200", caught_by=["transport.unknown-route-is-404"])
def unknown_route_200(call: Call, reply: Reply) -> None:
    """Unknown paths are answered with a success."""
    if call.endpoint is None:
        reply.status = 200


@on_error("transport.unknown-route-text", caught_by=["transport.unknown-route-has-the-envelope"])
def unknown_route_text(call: Call, reply: Reply) -> None:
    """The router answers unknown paths, in text."""
    if call.endpoint is None:
        reply.body, reply.headers["content-type"] = b"404 page not found", "text/plain"


@on_request(
    "transport.slash-404",
    caught_by=["transport.{endpoint}-trailing-slash"],
    endpoints=ALL_ENDPOINTS,
)
def slash_404(call: Call) -> None:
    """A path with a slash at its end is another path."""
    if call.path.endswith("/"):
        raise Refusal(404, f"Invalid URL ({call.method} {call.path})", code="unknown_url")


@on_request("transport.head-crashes", caught_by=["transport.head-is-survived"])
def head_crashes(call: Call) -> None:
    """HEAD is routed to a handler that knows GET and POST."""
    if call.method == "HEAD":
        raise Refusal(500, "No handler.", type="server_error")


@on_request("transport.accept-streams", caught_by=["transport.{endpoint}-accept-does-not-choose"])
def accept_streams(call: Call) -> None:
    """Who accepts an event stream gets one."""
    if call.headers.get("accept") == "text/event-stream" and isinstance(call.body, dict):
        call.body["stream"] = True


@on_request("transport.accept-json", caught_by=["transport.{endpoint}-accept-does-not-choose"])
def accept_json(call: Call) -> None:
    """Who accepts JSON gets no stream."""
    if call.headers.get("accept") == "application/json" and isinstance(call.body, dict):
        call.body["stream"] = False


# ----------------------------------------------------------------------------------- browsers


@on_request(
    "transport.no-preflight", caught_by=["transport.{endpoint}-preflight"], endpoints=ALL_ENDPOINTS
)
def no_preflight(call: Call) -> None:
    """OPTIONS is a wrong method."""
    if call.method == "OPTIONS":
        raise Refusal(405, f"Not allowed to OPTIONS on {call.path}.")


@on_reply(
    "transport.preflight-without-key",
    caught_by=["transport.{endpoint}-preflight"],
    endpoints=ALL_ENDPOINTS,
)
def preflight_without_key(call: Call, reply: Reply) -> None:
    """A preflight does not allow pages to send a key."""
    reply.headers.pop("access-control-allow-headers", None)


@on_reply("transport.answers-hidden", caught_by=["transport.answers-allow-the-origin"])
def answers_hidden(call: Call, reply: Reply) -> None:
    """Preflights allow the origin, and answers do not."""
    if call.method != "OPTIONS":
        reply.headers.pop("access-control-allow-origin", None)


# -------------------------------------------------------------------------------- connections


@on_asgi("transport.stumbles", caught_by=["transport.{endpoint}-serves-after-refusals"])
def stumbles(app: ASGIApp) -> ASGIApp:
    """After a request that could not be read, the next one fails too."""
    stumbled = False

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal stumbled
        failing, stumbled = stumbled, False

        async def speak(message: Message) -> None:
            nonlocal stumbled
            if message["type"] == "http.response.start":
                stumbled = message["status"] == 400
                message["status"] = 500 if failing else message["status"]
            await send(message)

        await app(scope, receive, speak)

    return serve


def _one_slot(app: ASGIApp, *, begun: bool) -> ASGIApp:
    """Serve one request at a time, and go on with an answer when its client has gone.

    Args:
        app: the server. Each message that it sends takes a while, as generating does.
        begun: whether the answers that go on are those that had begun (streams), or the others.
    """
    slot = asyncio.Lock()

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        gone = started = False

        async def listen() -> Message:
            nonlocal gone
            message = await receive()
            gone = gone or message["type"] == "http.disconnect"
            return message

        async def speak(message: Message) -> None:
            nonlocal started
            await asyncio.sleep(0.005 if started else 0.15)
            await send(message)
            started = True

        async with slot:
            await app(scope, listen, speak)
            await asyncio.sleep(2.5 if gone and started is begun else 0)

    return serve


@on_asgi(
    "transport.left-streams-go-on", caught_by=["transport.{endpoint}-left-stream-frees-the-server"]
)
def left_streams_go_on(app: ASGIApp) -> ASGIApp:
    """One request at a time, and a stream goes on when its reader has gone."""
    return _one_slot(app, begun=True)


@on_asgi(
    "transport.left-answers-go-on", caught_by=["transport.{endpoint}-left-answer-frees-the-server"]
)
def left_answers_go_on(app: ASGIApp) -> ASGIApp:
    """One request at a time, and an answer is made to its end when nobody waits for it."""
    return _one_slot(app, begun=False)
