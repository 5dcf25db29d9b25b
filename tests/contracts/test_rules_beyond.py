"""Rules about what does not fit: prompts beyond the context, attachments, bodies in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import accord_contracts
from accord_contracts import ReferenceServer, Report
from accord_contracts.finding import Verdict
from accord_contracts.server import Call, Hook, Refusal, Reply

CONTEXT = "refusals.chat-prompt-beyond-the-context"
IMAGE = "refusals.image-is-not-dropped"


class Silent(Hook):
    """Lists models without a word of their context."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        for model in reply.body.get("data", []) if call.endpoint == "models" else []:
            del model["context_length"]
        return reply


class Telling(Silent):
    """Says how long the context is when a cap is beyond it."""

    def request(self, call: Call) -> None:
        if isinstance(call.body, dict) and (call.body.get("max_tokens") or 0) > 4096:
            message = "This model's maximum context length is 4096 tokens."
            raise Refusal(400, message, code="context_length_exceeded")


class Cutting(Silent):
    """Reads the end of a prompt that is too long."""

    def request(self, call: Call) -> None:
        for message in _messages(call):
            if isinstance(message.get("content"), str):
                message["content"] = message["content"][-400:]


class Uncounted(Cutting):
    """Does not count what a prompt costs, either."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        if "usage" in reply.body:
            reply.body["usage"]["prompt_tokens"] = 0
        return super().reply(call, reply)


class Uncut(Uncounted):
    """Takes two words for a token, however long the prompt."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        super().reply(call, reply)
        if "usage" in reply.body:
            reply.body["usage"]["prompt_tokens"] = call.raw.count(b"sea") // 2
        return reply


class Holds(Hook):
    """Says that its model holds so many tokens, and by another name that nobody knows."""

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens

    def reply(self, call: Call, reply: Reply) -> Reply:
        for model in reply.body.get("data", []) if call.endpoint == "models" else []:
            model |= {"max_model_len": 0, "context_length": self._tokens}
        return reply


class Seeing(Hook):
    """Reads an image as a word, and may say another before its answer."""

    def __init__(self, word: str, before: str = "", cost: int = 0) -> None:
        self._word = {"type": "text", "text": word} if word else None
        self._before, self._cost = before, cost

    def reply(self, call: Call, reply: Reply) -> Reply:
        if b"image_url" in call.raw and reply.status == 200:
            for choice in reply.body["choices"]:
                choice["message"]["content"] = self._before + choice["message"]["content"]
            reply.body["usage"]["prompt_tokens"] += self._cost
        return reply

    def request(self, call: Call) -> None:
        for message in _messages(call):
            parts = message.get("content")
            if isinstance(parts, list):
                read = [self._word if part["type"] == "image_url" else part for part in parts]
                message["content"] = [part for part in read if part]


def _messages(call: Call) -> Iterator[dict[str, Any]]:
    return iter(call.body["messages"] if call.endpoint == "chat" else ())


def judged(rule: str, hook: Hook | None = None, **more: Any) -> Report:
    with ReferenceServer(hooks=[hook] if hook else []) as server:
        return accord_contracts.check(server.base_url, only=rule, **more)


@pytest.mark.parametrize(
    ("hook", "effort", "verdict"),
    [
        (None, "default", Verdict.PASS),
        (Telling(), "default", Verdict.PASS),
        (Silent(), "default", Verdict.NOT_APPLICABLE),
        (Silent(), "thorough", Verdict.PASS),
        (Cutting(), "default", Verdict.NOT_APPLICABLE),
        (Cutting(), "thorough", Verdict.FAIL),
        (Uncounted(), "thorough", Verdict.NOT_APPLICABLE),
        (Uncut(), "thorough", Verdict.NOT_APPLICABLE),
        (Holds(20_000), "default", Verdict.PASS),
        (Holds(20_001), "default", Verdict.NOT_APPLICABLE),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_prompt_beyond_the_context(hook: Hook | None, effort: str, verdict: Verdict) -> None:
    (found,) = judged(CONTEXT, hook, effort=effort).findings
    assert found.verdict is verdict, found


def test_what_was_tried_in_vain_is_said() -> None:
    (found,) = judged(CONTEXT, Uncounted(), effort="thorough").findings
    assert found.message == "looked for a prompt that does not fit, up to 80000 words"


def test_a_run_that_is_not_thorough_sends_no_long_prompt_at_a_venture() -> None:
    report = judged(CONTEXT, Silent())
    assert max(len(exchange.request.body or b"") for exchange in report.exchanges) < 1000


@pytest.mark.parametrize(
    ("hook", "verdict"),
    [
        (None, Verdict.PASS),
        (Seeing("a picture"), Verdict.PASS),
        (Seeing("", before="~"), Verdict.PASS),
        (Seeing("", before="!"), Verdict.PASS),
        (Seeing("", cost=85), Verdict.PASS),
        (Seeing(""), Verdict.FAIL),
    ],
    ids=["refused", "read", "answered", "answered otherwise", "seen in vain", "dropped"],
)
def test_an_image_is_read_or_refused(hook: Hook | None, verdict: Verdict) -> None:
    (found,) = judged(IMAGE, hook).findings
    assert found.verdict is verdict, found


def test_a_body_in_chunks_has_no_length() -> None:
    seen: list[dict[str, str]] = []

    class Looking(Hook):
        def request(self, call: Call) -> None:
            seen.append(call.headers)

    (found,) = judged("transport.chat-reads-chunked-bodies", Looking()).findings
    assert found.verdict is Verdict.PASS
    (headers,) = [one for one in seen if "transfer-encoding" in one]
    assert "content-length" not in headers
