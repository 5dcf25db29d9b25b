"""Starting, stopping, and what happens to those who go before the end."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from accord_contracts.server import (
    Call,
    CannotListen,
    Hook,
    ReferenceServer,
    Refusal,
    Reply,
    Settings,
    StreamEvent,
    create_app,
)
from accord_contracts.server.tokenizer import Mark

ENDLESS = {
    "model": "accord-small",
    "prompt": "x",
    "max_tokens": 4000,
    "logit_bias": {str(int(Mark.END_OF_TEXT)): -100},
}


def until(condition: Callable[[], bool]) -> None:
    """Wait for what must come; what never comes fails by the deadline."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def stats(server: ReferenceServer) -> dict[str, int]:
    found: dict[str, int] = httpx.get(f"{server.url}/-/stats").json()
    return found


@contextmanager
def left_waiting(server: ReferenceServer, body: dict[str, Any]) -> Iterator[None]:
    """Ask for a completion, and go away without reading it."""
    content = json.dumps(body).encode()
    head = f"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + content)
        yield


@pytest.fixture(scope="module")
def slow() -> Iterator[ReferenceServer]:
    with ReferenceServer(Settings(token_delay=0.01)) as running:
        yield running


def test_servers_come_and_go_and_leave_nothing_behind() -> None:
    before = threading.active_count()
    for _ in range(5):
        with ReferenceServer() as server, httpx.Client() as client:
            assert client.get(f"{server.base_url}/models").status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.base_url}/models")
    assert threading.active_count() == before


def test_many_run_side_by_side_and_one_can_be_used_again() -> None:
    again = ReferenceServer()
    with again, ReferenceServer() as other:
        assert again.port != other.port
        assert httpx.get(f"{again.base_url}/models").json()
    with again:
        assert httpx.get(f"{again.base_url}/models").json()


def test_a_taken_port_is_said_so() -> None:
    with ReferenceServer() as server:
        with (
            pytest.raises(CannotListen, match=f"127.0.0.1 port {server.port}"),
            ReferenceServer(port=server.port),
        ):
            pass
        assert httpx.get(f"{server.base_url}/models").is_success
        port = server.port
    with ReferenceServer(port=port) as server:
        assert server.base_url == f"http://127.0.0.1:{port}/v1"


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("127.0.0.1", 70_000)])
def test_an_address_that_is_none_is_said_so(host: str, port: int) -> None:
    with pytest.raises(CannotListen), ReferenceServer(host=host, port=port):
        pass


def test_it_runs_inside_a_running_loop() -> None:
    async def talk() -> int:
        async with ReferenceServer() as server, httpx.AsyncClient() as client:
            return (await client.get(f"{server.base_url}/models")).status_code

    assert asyncio.run(talk()) == 200


def test_it_works_as_an_asgi_application() -> None:
    async def talk() -> list[int]:
        transport = httpx.ASGITransport(create_app(Settings()))
        async with httpx.AsyncClient(transport=transport, base_url="http://accord") as client:
            body = {"model": "accord-small", "prompt": "x", "stream": True}
            answers = [
                await client.get("/v1/models"),
                await client.post("/v1/completions", json=body),
            ]
            return [answer.status_code for answer in answers]

    assert asyncio.run(talk()) == [200, 200]


@pytest.mark.parametrize("stream", [True, False])
def test_who_goes_stops_the_work(slow: ReferenceServer, stream: bool) -> None:
    cancelled = stats(slow)["cancelled_generations"]
    with left_waiting(slow, {**ENDLESS, "stream": stream}):
        until(lambda: stats(slow)["active_generations"] == 1)
    until(lambda: stats(slow)["active_generations"] == 0)
    assert stats(slow)["cancelled_generations"] == cancelled + 1


def test_a_client_that_closes_a_stream_stops_the_work(slow: ReferenceServer) -> None:
    body = {**ENDLESS, "stream": True}
    with httpx.stream("POST", f"{slow.base_url}/completions", json=body) as response:
        pieces = response.iter_bytes()
        assert next(pieces).startswith(b"data: {")
        assert stats(slow)["active_generations"] == 1
    until(lambda: stats(slow)["active_generations"] == 0)


def test_a_server_stops_while_streams_run() -> None:
    with (
        ReferenceServer(Settings(token_delay=0.01)) as server,
        httpx.Client() as client,
        client.stream(
            "POST", f"{server.base_url}/completions", json={**ENDLESS, "stream": True}
        ) as response,
    ):
        lines = response.iter_lines()
        assert next(lines).startswith("data: {")
        server.__exit__()
        with pytest.raises(httpx.TransportError):
            list(lines)


def test_long_work_does_not_keep_others_waiting(server: ReferenceServer) -> None:
    # More work than any machine does while this test runs: it ends when who asked for it goes.
    with left_waiting(server, {**ENDLESS, "n": 128}), httpx.Client(base_url=server.url) as client:
        until(lambda: client.get("/-/stats").json()["active_generations"] == 1)
        short = client.post("/v1/completions", json={**ENDLESS, "max_tokens": 4}, timeout=60)
        assert short.is_success
        assert client.get("/-/stats").json()["active_generations"] == 1
    until(lambda: stats(server)["active_generations"] == 0)


class Marked(Hook):
    """Leaves a trace at every level."""

    def __init__(self, name: str) -> None:
        self.name = name

    def request(self, call: Call) -> None:
        if call.body:
            call.body["prompt"] += self.name

    def reply(self, call: Call, reply: Reply) -> Reply:
        reply.headers["x-endpoint"] = str(call.endpoint)
        reply.headers["x-trace"] = reply.headers.get("x-trace", "") + self.name
        return reply

    async def events(
        self, call: Call, events: AsyncIterator[StreamEvent]
    ) -> AsyncIterator[StreamEvent]:
        async for event in events:
            yield event
        yield f"[{self.name} {call.streams}]"

    async def blocks(self, call: Call, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for block in blocks:
            yield block
        yield f": {self.name}\n\n".encode()

    def asgi(self, app: Any) -> Any:
        async def wrapped(scope: Any, receive: Any, send: Any) -> None:
            async def marked(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message["headers"].append((b"x-wire", self.name.encode()))
                await send(message)

            await app(scope, receive, marked)

        return wrapped


def test_hooks_bend_every_level_in_their_order() -> None:
    body = {"model": "accord-small", "prompt": ".", "echo": True, "max_tokens": 0, "stream": True}
    with ReferenceServer(hooks=[Marked("a"), Marked("b")]) as server:
        response = httpx.post(f"{server.base_url}/completions", json=body)
    assert '"text":".ab"' in response.text
    assert response.headers["x-trace"] == "ab"
    assert response.headers["x-endpoint"] == "completions"
    assert response.headers.get_list("x-wire") == ["a", "b"]
    assert response.text.endswith(
        "data: [DONE]\n\ndata: [a True]\n\ndata: [b True]\n\n: a\n\n: b\n\n"
    )


class Broken(Hook):
    """Fails where it is told to."""

    def request(self, call: Call) -> None:
        if call.method == "POST" and not call.streams:
            raise ZeroDivisionError("secret detail")
        if call.endpoint == "model":
            raise Refusal(418, "a teapot", code="teapot")

    async def events(
        self, call: Call, events: AsyncIterator[StreamEvent]
    ) -> AsyncIterator[StreamEvent]:
        yield await anext(events)
        raise ZeroDivisionError("secret detail")


def test_what_breaks_is_answered_in_the_envelope_and_the_server_goes_on() -> None:
    body = {"model": "accord-small", "prompt": "x"}
    with ReferenceServer(hooks=[Broken()]) as server:
        url = f"{server.base_url}/completions"
        failed = httpx.post(url, json=body)
        streamed = httpx.post(url, json={**body, "stream": True})
        refused = httpx.get(f"{server.base_url}/models/x")
        assert httpx.get(f"{server.base_url}/models").is_success
    assert failed.status_code == 500
    assert failed.json()["error"]["type"] == "server_error"
    assert "secret" not in failed.text + streamed.text
    assert streamed.status_code == 200
    assert "[DONE]" not in streamed.text
    assert '"error":{' in streamed.text.split("\n\n")[1]
    assert (refused.status_code, refused.json()["error"]["code"]) == (418, "teapot")
