"""The generated calls against a real server on this machine."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from accord_api import AuthenticatedClient, Client
from accord_api.api.chat import create_chat_completion
from accord_api.api.completions import create_completion
from accord_api.api.models import list_models, retrieve_model
from accord_api.models import (
    ChatCompletion,
    ChatCompletionRequest,
    Completion,
    CompletionRequest,
    ErrorResponse,
    Model,
    ModelList,
    UserMessage,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.requests import Request

CHAT = ChatCompletionRequest(model="m", messages=[UserMessage(content="Hello.")])
TEXT = CompletionRequest(model="m", prompt="Hello")
ERROR = {"error": {"message": "No.", "type": "server_error", "param": None, "code": None}}
EVENTS = ['data: {"number": 1}\n\n', 'data: {"number": 2}\n\n', "data: [DONE]\n\n"]
CALLS: dict[str, tuple[Any, dict[str, Any]]] = {
    "list": (list_models, {}),
    "retrieve": (retrieve_model, {"model": "m"}),
    "completion": (create_completion, {"body": TEXT}),
    "chat": (create_chat_completion, {"body": CHAT}),
}
per_call = pytest.mark.parametrize("call", CALLS)
per_stream = pytest.mark.parametrize("call", ["completion", "chat"])


class Server:
    """Answers every request as the test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.reset()

    def reset(self) -> None:
        self.answer: tuple[int, str, bytes] = (200, "application/json", b"{}")
        self.requests: list[Request] = []
        self.bodies: list[Any] = []
        self.go_on = threading.Event()

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        body = await request.body()
        self.bodies.append(json.loads(body) if body else None)
        if self.answer[1] == "text/event-stream":
            return StreamingResponse(self.stream(), media_type=self.answer[1])
        status, media_type, content = self.answer
        return Response(content, status, media_type=media_type)

    async def stream(self) -> AsyncIterator[str]:
        """Send one event, and the rest when the client has read it."""
        yield EVENTS[0]
        await asyncio.to_thread(self.go_on.wait, 10)
        for event in EVENTS[1:]:
            yield event


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    handler = Server()
    route = Route("/v1/{path:path}", handler.__call__, methods=["GET", "POST"])
    app = Starlette(routes=[route])
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="none")
    runner = uvicorn.Server(config)
    thread = threading.Thread(target=runner.run)
    thread.start()
    while not runner.started:
        time.sleep(0.01)
    port = runner.servers[0].sockets[0].getsockname()[1]
    handler.url = f"http://127.0.0.1:{port}/v1"
    yield handler
    runner.should_exit = True
    thread.join()


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    running.reset()
    yield running
    running.go_on.set()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.url) as client:
        yield client


def request_both(server: Server, call: str) -> list[Any]:
    """Make a call sync and async; give both responses."""
    module, arguments = CALLS[call]

    async def later() -> Any:
        async with Client(server.url) as client:
            return await module.asyncio_detailed(client=client, **arguments)

    with Client(server.url) as client:
        return [module.sync_detailed(client=client, **arguments), asyncio.run(later())]


@pytest.mark.parametrize(
    ("call", "kind", "path"),
    [
        ("list", ModelList, "GET /v1/models"),
        ("retrieve", Model, "GET /v1/models/m"),
        ("completion", Completion, "POST /v1/completions"),
        ("chat", ChatCompletion, "POST /v1/chat/completions"),
    ],
)
def test_a_call_gives_its_model(server: Server, call: str, kind: type[Any], path: str) -> None:
    server.answer = (200, "application/json", b'{"novel": 1}')
    for response in request_both(server, call):
        assert response.status_code == 200
        assert isinstance(response.parsed, kind)
        assert response.parsed.to_dict() == {"novel": 1}
        assert response.content == b'{"novel": 1}'
        assert response.headers["Content-Type"] == "application/json"
    assert {f"{request.method} {request.url.path}" for request in server.requests} == {path}


@per_call
@pytest.mark.parametrize("status", [400, 401, 404, 418, 429, 499, 500, 503, 529, 599])
def test_any_other_status_gives_the_error(server: Server, call: str, status: int) -> None:
    server.answer = (status, "application/json", json.dumps(ERROR).encode())
    for response in request_both(server, call):
        assert response.status_code == status
        assert isinstance(response.parsed, ErrorResponse)
        assert response.parsed.error.message == "No."
        assert response.parsed.to_dict() == ERROR


@per_call
@pytest.mark.parametrize("status", [200, 502])
@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[1]", b"null", b'{"id', b"\xff", b"[" * 9999]
)
def test_what_is_no_json_object_is_not_parsed(
    server: Server, call: str, status: int, content: bytes
) -> None:
    server.answer = (status, "text/html", content)
    for response in request_both(server, call):
        assert response.status_code == status
        assert response.content == content
        assert response.parsed is None


def test_the_short_calls_give_the_model_alone(server: Server) -> None:
    server.answer = (404, "application/json", json.dumps(ERROR).encode())

    async def later() -> Any:
        async with Client(server.url) as client:
            return await retrieve_model.asyncio("m", client=client)

    with Client(server.url) as client:
        answers = [retrieve_model.sync("m", client=client), asyncio.run(later())]
    assert [answer.to_dict() for answer in answers] == [ERROR, ERROR]


def test_a_body_is_a_model_or_a_dict(server: Server, client: Client) -> None:
    create_chat_completion.sync(client=client, body=CHAT)
    create_chat_completion.sync(client=client, body=CHAT.to_dict())
    create_chat_completion.sync(client=client, body={"model": "m", "messages": CHAT.messages})
    assert server.bodies == [CHAT.to_dict()] * 3
    assert server.requests[0].headers["Content-Type"] == "application/json"


def test_a_slash_in_an_id_is_encoded(server: Server, client: Client) -> None:
    retrieve_model.sync("org/na me", client=client)
    assert server.requests[0].scope["raw_path"] == b"/v1/models/org%2Fna%20me"


def test_the_key_travels_with_every_request_and_is_not_shown(server: Server) -> None:
    with AuthenticatedClient(server.url, token="sk-secret") as client:  # noqa: S106
        list_models.sync(client=client)
        assert "sk-secret" not in repr(client)
    assert server.requests[0].headers["Authorization"] == "Bearer sk-secret"


def test_a_changed_client_leaves_the_first_as_it_was(server: Server) -> None:
    headers = {"a": "1"}
    with AuthenticatedClient(server.url, headers=headers, token="k") as first:  # noqa: S106
        list_models.sync(client=first)
        with first.with_headers({"b": "2"}) as second:
            list_models.sync(client=second)
        list_models.sync(client=first)
    assert ["b" in request.headers for request in server.requests] == [False, True, False]
    assert all(request.headers["authorization"] == "Bearer k" for request in server.requests)
    assert headers == {"a": "1"}


def test_without_a_word_a_client_waits_minutes_and_not_for_ever() -> None:
    timeout = Client("http://127.0.0.1:9").get_httpx_client().timeout
    assert (timeout.connect, timeout.read) == (5.0, 600.0)
    assert Client("http://127.0.0.1:9", timeout=None).get_httpx_client().timeout.read is None


@per_stream
def test_a_stream_arrives_while_it_is_made(server: Server, client: Client, call: str) -> None:
    server.answer = (200, "text/event-stream", b"")
    module, arguments = CALLS[call]
    sent = arguments["body"].to_dict()
    with module.sync_stream(client=client, **arguments) as response:
        pieces = response.iter_text()
        assert next(pieces) == EVENTS[0]
        server.go_on.set()
        assert "".join(pieces) == "".join(EVENTS[1:])
    assert server.bodies == [{**sent, "stream": True}]
    assert server.requests[0].headers["Accept"] == "text/event-stream"
    assert arguments["body"].to_dict() == sent


@per_stream
def test_a_stream_arrives_while_it_is_made_in_async_code(server: Server, call: str) -> None:
    server.answer = (200, "text/event-stream", b"")
    module, arguments = CALLS[call]

    async def read() -> list[str]:
        async with (
            Client(server.url) as client,
            module.asyncio_stream(client=client, **arguments) as response,
        ):
            pieces = response.aiter_text()
            first = await anext(pieces)
            server.go_on.set()
            return [first, "".join([piece async for piece in pieces])]

    assert asyncio.run(read()) == [EVENTS[0], "".join(EVENTS[1:])]
    assert server.bodies == [{**arguments["body"].to_dict(), "stream": True}]
    assert server.requests[0].headers["Accept"] == "text/event-stream"


def test_a_dict_to_be_streamed_is_not_changed(server: Server, client: Client) -> None:
    body = {"model": "m", "prompt": "Hello", "stream": False}
    with create_completion.sync_stream(client=client, body=body) as response:
        response.read()
    assert server.bodies == [{**body, "stream": True}]
    assert body["stream"] is False


def test_a_refused_stream_is_given_as_it_is(server: Server, client: Client) -> None:
    server.answer = (429, "application/json", json.dumps(ERROR).encode())
    with create_chat_completion.sync_stream(client=client, body=CHAT) as response:
        assert response.status_code == 429
        assert json.loads(response.read()) == ERROR


def test_a_server_that_is_not_there_is_an_error_of_httpx() -> None:
    with Client("http://127.0.0.1:9/v1") as client, pytest.raises(httpx.RequestError):
        list_models.sync(client=client)
