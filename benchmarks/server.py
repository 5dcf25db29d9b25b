"""A server that costs its clients nothing: canned bytes, from a process of its own.

    python benchmarks/server.py     prints its port; ends when its standard input does

The answer depends on the request's path and body alone: JSON; or, where the body asks for a
stream, 2,000 chunks, in large pieces, or (below `/each`) every event in an HTTP chunk of its own.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

CHUNKS: Final = 2_000
"""How many chunks a stream has."""

USAGE: Final = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}
HEAD: Final[dict[str, Any]] = {
    "id": "chatcmpl-nB4",
    "created": 1_795_433_854,
    "model": "a-model",
    "system_fingerprint": "fp_1",
}
MESSAGE: Final = {"role": "assistant", "content": "It is scattered light.", "refusal": None}
REST: Final = {"index": 0, "logprobs": None}
ANSWER: Final[dict[str, Any]] = {
    **HEAD,
    "object": "chat.completion",
    "choices": [{**REST, "message": MESSAGE, "finish_reason": "stop"}],
    "usage": USAGE,
}
CHUNK: Final[dict[str, Any]] = {
    **HEAD,
    "object": "chat.completion.chunk",
    "choices": [{**REST, "delta": {"content": " word"}, "finish_reason": None}],
}
EVENT: Final = b"data: " + json.dumps(CHUNK).encode() + b"\n\n"
DONE: Final = b"data: [DONE]\n\n"


def _http(kind: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n%b" % (
        kind,
        len(body),
        body,
    )


def _chunked(parts: list[bytes]) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in [*parts, b""])
    return head + b"\r\n" + body


class Canned(asyncio.Protocol):
    """Answers the requests of one connection, one after another."""

    answer = _http(b"application/json", json.dumps(ANSWER).encode())
    stream = _http(b"text/event-stream", EVENT * CHUNKS + DONE)
    each = _chunked([*[EVENT] * CHUNKS, DONE])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with nothing read."""
        self._transport: Any = transport
        self._read = b""

    def data_received(self, data: bytes) -> None:
        """Answer, as soon as a request is complete."""
        self._read += data
        head, blank, body = self._read.partition(b"\r\n\r\n")
        if blank and len(body) >= _length(head):
            self._read = b""
            self._transport.write(self._reply(head, body))

    def _reply(self, head: bytes, body: bytes) -> bytes:
        if b'"stream":true' not in body.replace(b" ", b""):
            return self.answer
        return self.each if head.startswith(b"POST /each") else self.stream


def _length(head: bytes) -> int:
    _, _, value = head.lower().partition(b"content-length:")
    return int(value.partition(b"\r\n")[0] or b"0")


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Canned, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def running() -> Iterator[str]:
    """Run the server; give its address, without a path."""
    command = [sys.executable, str(Path(__file__))]
    with subprocess.Popen(  # noqa: S603 - this file
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin  # noqa: S101 - piped
        assert process.stdout  # noqa: S101 - piped
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()


if __name__ == "__main__":
    asyncio.run(_serve())
