"""The curl lines of reports: pasted into a shell, they send the request again, byte for byte."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire import answer, serving

from accord_contracts.exchange import Request
from accord_contracts.target import Target

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")

bodies = st.binary(max_size=60) | st.text(max_size=30).map(lambda text: text.encode())


@settings(max_examples=40)
@given(bodies.filter(lambda body: b"\0" not in body))
def test_a_pasted_line_sends_the_same_bytes(body: bytes) -> None:
    received: list[bytes] = []

    async def keep(request: bytes) -> AsyncIterator[bytes]:
        received.append(request)
        yield answer(b"{}")

    with serving(keep) as url:
        target = Target(url, api_key="sk-of-the-target")
        request = Request("POST", "/x", body, (("content-type", "application/json"),))
        line = target.curl(request)
        environment = {**os.environ, "OPENAI_API_KEY": "sk-of-the-user", "LC_ALL": "C.UTF-8"}
        subprocess.run(["bash", "-c", line], env=environment, capture_output=True, check=True)
    head, _, sent = received[0].partition(b"\r\n\r\n")
    assert b"authorization: bearer sk-of-the-user" in head.lower()
    assert sent == body


def test_without_a_key_none_is_sent() -> None:
    target = Target("http://127.0.0.1:1/v1")
    assert "Authorization" not in target.curl(Request("GET", "/models"))
