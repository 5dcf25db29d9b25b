"""Clients that hang up in the middle of a stream leave no trace."""

from __future__ import annotations

import json
import socket
import struct

import httpx
import pytest

from accord_contracts.server import ReferenceServer

BODY = json.dumps(
    {
        "model": "accord-small",
        "messages": [{"role": "user", "content": "Hello!"}],
        "stream": True,
        "n": 3,
        "max_tokens": 400,
        "logit_bias": {"450": -100},  # the end of the text: it never ends by itself
    }
).encode()
HEAD = (
    b"POST /v1/chat/completions HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n" % len(BODY)
)
RESET = struct.pack("ii", 1, 0)
"""Closing sends a reset at once, as a killed client does."""


def test_a_stream_that_is_abandoned_is_given_up_without_a_word(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with ReferenceServer() as server:
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", server.port)) as client:
                client.sendall(HEAD + BODY)
                client.recv(100)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        assert httpx.get(f"{server.base_url}/models").status_code == 200
    assert caplog.records == []
    assert capfd.readouterr().err == ""
