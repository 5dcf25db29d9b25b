"""A run against servers that send anything at all ends, with a finding for every rule."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from wire import CHUNKED, answer, chunk, serving

import accord_contracts
from accord_contracts import rules
from accord_contracts.exchange import Exchange
from accord_contracts.finding import Verdict
from accord_contracts.preflight import TargetError
from accord_contracts.report import Report
from accord_contracts.run import Nobody, Plan, check
from accord_contracts.server import Hook, ReferenceServer
from accord_contracts.target import Target

MODELS = {"object": "list", "data": [{"id": "half \ud83d/of it", "object": "model"}]}


def chat(content: object) -> bytes:
    message = {"role": "assistant", "content": content}
    body = {"id": "x", "choices": [{"index": 0, "message": message, "text": content}]}
    return answer(json.dumps(body).encode())


async def half_characters(head: bytes) -> AsyncIterator[bytes]:
    models = head.startswith(b"GET")
    yield answer(json.dumps(MODELS).encode()) if models else chat("\udc00 \x1b[31m [bold]red")


async def null_for_everything(head: bytes) -> AsyncIterator[bytes]:
    yield answer(b'{"data": [{"id": "m"}]}' if head.startswith(b"GET /models ") else b"null")


async def deep_nesting(head: bytes) -> AsyncIterator[bytes]:
    deep = b'{"choices":' + b"[" * 3000 + b"]" * 3000 + b"}"
    yield answer(b'{"data": [{"id": "m"}]}' if head.startswith(b"GET") else deep)


async def broken_streams(head: bytes) -> AsyncIterator[bytes]:
    if head.startswith(b"GET"):
        yield answer(b'{"data": [{"id": "m"}]}')
    else:
        yield CHUNKED + chunk(b'data: {"choices": [null, 7, {"index": "x", "delta": []}]}\r\n\r\n')
        yield chunk(b"data: \xff\xfe\n\ndata: [DONE]\n\n") + b"5\r\nda"


def test_a_server_that_dies_is_not_blamed_for_what_it_did_not_say() -> None:
    with ReferenceServer() as server:
        calls = 0

        def count(exchange: Exchange) -> None:
            nonlocal calls
            calls += 1
            if calls == 60:
                server.__exit__(None, None, None)

        report = check(Target(server.base_url), Plan(rules.ALL), observer=Watcher(count))
    assert [finding.rule.id for finding in report.failures] == []
    assert report.exit_code() == 3
    assert report.requests < 80


class Hangs(Hook):
    """Takes requests to one path, and never answers them."""

    def __init__(self, path: str) -> None:
        self.path = path

    def asgi(self, app: ASGIApp) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if scope.get("path") != self.path:
                await app(scope, receive, send)
            while scope.get("path") == self.path:
                if (await receive())["type"] == "http.disconnect":
                    break

        return serve


PATIENCE = 3.0
"""Seconds after which an endpoint hangs; the others need some thousandths."""


def hung(path: str, only: str, **options: Any) -> Report:
    with ReferenceServer(hooks=[Hangs(path)]) as server:
        return accord_contracts.check(
            server.base_url, only=only, timeout=PATIENCE, concurrency=8, **options
        )


def test_an_endpoint_that_hangs_does_not_end_the_run() -> None:
    report = hung("/v1/completions", "models,answer.n-gives-n-choices,completions,refusals.comp*")
    assert report.failures == []
    assert report.exit_code() == 3
    for finding in report.findings:
        hit = finding.rule.id.startswith(("completions.", "refusals."))
        assert (finding.verdict is Verdict.COULD_NOT_RUN) == hit, finding
    reasons = {finding.message for finding in report.having(Verdict.COULD_NOT_RUN)}
    assert any(f"no end within {PATIENCE:g} s" in reason for reason in reasons)
    assert any("POST /completions gave no answer 5 times" in reason for reason in reasons)
    assert sum(exchange.status is None for exchange in report.exchanges) < 20


def test_a_list_of_models_that_hangs_needs_a_model_to_be_named() -> None:
    only = "models.list-exists,answer.n-gives-n-choices"
    with pytest.raises(TargetError, match="/v1/models gave no answer") as caught:
        hung("/v1/models", only)
    assert "--model" in caught.value.hint
    report = hung("/v1/models", only, model="accord-small")
    assert {finding.rule.id: finding.verdict for finding in report.findings} == {
        "models.list-exists": Verdict.COULD_NOT_RUN,
        "answer.n-gives-n-choices": Verdict.PASS,
    }


class Watcher(Nobody):
    """Tells of each exchange."""

    def __init__(self, tell: Callable[[Exchange], None]) -> None:
        self.exchanged = tell  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize(
    "script", [half_characters, null_for_everything, deep_nesting, broken_streams]
)
def test_every_rule_gets_a_verdict_and_none_crashes(script: object) -> None:
    with serving(script) as url:  # type: ignore[arg-type]
        report = check(Target(url, timeout=5), Plan(rules.ALL))
    assert len(report.findings) == len(rules.ALL)
    assert [f"{f.rule.id}: {f.message}" for f in report.having(Verdict.HARNESS_ERROR)] == []
    assert report.exit_code() == 1
