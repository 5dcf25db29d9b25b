"""A server that answers byte for byte what a test says, and callers of every kind."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import anyio
import pytest

import accord

HANG_UP: Final = None
FOREVER: Final = threading.TIMEOUT_MAX
Reply = Iterable[bytes | float | None]
"""What to send: bytes, a pause in seconds, or HANG_UP. Else the connection stays open."""


def http(
    body: bytes = b"", status: int = 200, kind: str = "application/json", **more: str
) -> bytes:
    headers = {"content-type": kind, "content-length": str(len(body)), "x-request-id": "req-7"}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body


def jsonic(data: Any, status: int = 200, **more: str) -> bytes:
    return http(json.dumps(data).encode(), status, **more)


def stream_head(kind: str = "text/event-stream") -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nx-request-id: req-7\r\n"
    return f"{head}transfer-encoding: chunked\r\n\r\n".encode()


def part(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


END: Final = part(b"")


def delta(text: str, index: int = 0) -> bytes:
    chunk = {"choices": [{"index": index, "delta": {"content": text}, "finish_reason": None}]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


DONE: Final = b"data: [DONE]\n\n"


class Endless:
    """A reply that goes on for as long as the client listens.

    Attributes:
        begun: set when its first piece has been sent.
    """

    def __init__(self, head: bytes | None = None, piece: bytes | None = None) -> None:
        self.begun = threading.Event()
        self._head = stream_head() if head is None else head
        self._piece = part(delta("a")) if piece is None else piece

    def __iter__(self) -> Iterator[bytes | float]:
        yield self._head
        while True:
            yield self._piece
            self.begun.set()
            yield 0.01


def endless_body() -> Endless:
    """Give a JSON answer that never comes to its end."""
    return Endless(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n", b" ")


@dataclass
class Seen:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Wire:
    """The server. `replies` are given one after another, the last one ever again."""

    replies: list[Reply] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    connections: int = 0
    open: set[socket.socket] = field(default_factory=set)
    serving: list[threading.Thread] = field(default_factory=list)
    """One for each connection; it ends when the connection does."""
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set when a client closes a connection in the middle of a reply."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set when the test is over, which ends all pauses and replies."""

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def close(self) -> None:
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()  # or it might accept what comes to the next server on this socket
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=[connection], daemon=True)
            self.serving.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        self.open.add(connection)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # no waiting for ACKs
        try:
            self._talk(connection)
        finally:
            self.open.discard(connection)

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader:
            while (request := self._read(reader)) is not None:
                reply = self.replies[min(len(self.requests), len(self.replies) - 1)]
                self.requests.append(request)
                if not self._send(connection, reply):
                    return

    def _read(self, reader: Any) -> Seen | None:
        try:
            line = reader.readline().decode().split()
            if not line:
                return None
            pairs = iter(lambda: reader.readline().decode().strip(), "")
            headers = {k.lower(): v.strip() for k, v in (pair.split(":", 1) for pair in pairs)}
            body = reader.read(int(headers.get("content-length", 0)))
        except OSError:
            return None
        return Seen(line[0], line[1], headers, body)

    def _send(self, connection: socket.socket, reply: Reply) -> bool:
        try:
            for item in reply:
                if item is HANG_UP:
                    return False
                if isinstance(item, bytes):
                    connection.sendall(item)
                elif self.over.wait(item):
                    return False
        except OSError:
            self.hung_up.set()
            return False
        return True


Use = Callable[[Any], Any]
T = TypeVar("T")


def patiently(attempt: Callable[[float], T | None]) -> T:
    """Try something with more and more seconds, until on this machine they are enough."""
    for seconds in (0.3, 3.0, 30.0, 300.0):
        done = attempt(seconds)
        if done is not None:
            return done
    raise AssertionError("no time is enough")


async def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread or task does."""
    with anyio.fail_after(120):
        while not condition():  # noqa: ASYNC110 - another thread may do it
            await anyio.sleep(0.01)


# Where an answer can't be decoded, or a request is given up while it is being sent, httpx leaves
# its async generators to the garbage collector, also without Accord, and trio warns of each.
httpx_on_trio = pytest.mark.filterwarnings(
    "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)


@dataclass
class Caller:
    """Does the same with a sync client, and with an async one on asyncio and on trio."""

    kind: str

    def call(self, use: Use, **options: Any) -> Any:
        """Make a client, give the result of one call of it."""
        if self.kind == "sync":
            with accord.Client(**options) as client:
                return use(client)

        async def main() -> Any:
            async with accord.AsyncClient(**options) as client:
                return await use(client)

        return anyio.run(main, backend=self.kind)

    def streams(self, use: Use, *, times: int = 1, take: int | None = None, **options: Any) -> Any:
        """Make a client, read streams to their ends, or leave each after some chunks."""
        if self.kind == "sync":
            with accord.Client(**options) as client:
                return [self._read(use(client), take) for _ in range(times)]

        async def main() -> Any:
            async with accord.AsyncClient(**options) as client:
                return [await self._aread(await use(client), take) for _ in range(times)]

        return anyio.run(main, backend=self.kind)

    def final(self, use: Use, **options: Any) -> Any:
        """Make a client, give the answer that a stream makes up."""
        if self.kind == "sync":
            with accord.Client(**options) as client:
                return use(client).get_final_completion()

        async def main() -> Any:
            async with accord.AsyncClient(**options) as client:
                return await (await use(client)).get_final_completion()

        return anyio.run(main, backend=self.kind)

    def _read(self, stream: Any, take: int | None) -> list[Any]:
        chunks = []
        with stream:
            for chunk in stream:
                chunks.append(chunk)
                if len(chunks) == take:
                    break
        return chunks

    async def _aread(self, stream: Any, take: int | None) -> list[Any]:
        chunks = []
        async with stream:
            async for chunk in stream:
                chunks.append(chunk)
                if len(chunks) == take:
                    break
        return chunks


def ask(client: Any, model: str = "tiny", **more: Any) -> Any:
    """The call that most tests make."""
    messages = [{"role": "user", "content": "Hello!"}]
    return client.chat.completions.create(model=model, messages=messages, **more)
