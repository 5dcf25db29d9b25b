"""Servers that say "not now", that redirect, that lack the list, that reset connections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest
from wire import answer, serving

import accord_contracts
from accord_contracts import ReferenceServer, Report, TargetError, Verdict
from accord_contracts.patience import TRIES
from accord_contracts.server import Call, Hook, Refusal, Reply


def judge(*hooks: Hook, only: str = "models", **options: Any) -> Report:
    with ReferenceServer(hooks=hooks) as server:
        return accord_contracts.check(server.base_url, only=only, **options)


class ComeBack(Hook):
    """Sends everybody away who comes for the first time."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def request(self, call: Call) -> None:
        if call.endpoint and call.path not in self._seen:
            self._seen.add(call.path)
            raise Refusal(429, "not now", type="rate_limit_error", headers={"retry-after": "0"})


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_limited_rate_is_waited_for(concurrency: int) -> None:
    report = judge(ComeBack(), only="models", concurrency=concurrency)
    assert 429 in {exchange.status for exchange in report.exchanges}
    assert report.having(Verdict.COULD_NOT_RUN) == []
    assert report.exit_code() == 0


class NotNow(Hook):
    """Sends everybody away, but for those who ask for the list."""

    def __init__(self, status: int, retry_after: str) -> None:
        self.status, self.retry_after = status, retry_after
        self.calls = 0

    def request(self, call: Call) -> None:
        if call.endpoint == "chat":
            self.calls += 1
            headers = {"retry-after": self.retry_after}
            raise Refusal(self.status, "not now", type="rate_limit_error", headers=headers)


@pytest.mark.parametrize("status", [429, 503])
def test_waiting_has_an_end(status: int) -> None:
    hook = NotNow(status, "0")
    report = judge(hook, only="chat.max-tokens-caps")
    assert [str(finding.verdict) for finding in report.findings] == ["could-not-run"]
    assert report.exit_code() == 3
    assert {hook.calls % TRIES, hook.calls // TRIES > 0} == {0, True}


@pytest.mark.parametrize("retry_after", ["3600", "soon"])
def test_a_long_wait_is_not_waited_for(retry_after: str) -> None:
    hook = NotNow(429, retry_after)
    report = judge(hook, only="chat.max-tokens-caps")
    assert report.exit_code() == 3
    requests = [e.request for e in report.exchanges if e.request.endpoint == "chat"]
    assert len(set(requests)) == len(requests) == hook.calls


class Elsewhere(Hook):
    """The list of models is redirected, or is a page for people."""

    def __init__(self, status: int) -> None:
        self.status = status

    def reply(self, call: Call, reply: Reply) -> Reply:
        if call.path.endswith("/models"):
            reply.status, reply.body = self.status, b"<html>look elsewhere</html>"
            reply.headers = {"content-type": "text/html", "location": "/v1/models/"}
        return reply


def test_a_redirected_list_is_a_finding_where_the_model_is_named() -> None:
    report = judge(Elsewhere(307), only="transport.no-redirects", model="accord-small")
    assert any("307" in finding.message for finding in report.failures), str(report)


def test_a_missing_list_is_a_finding_where_the_model_is_named() -> None:
    report = judge(Elsewhere(404), only="models.list-exists,answer", model="accord-small")
    assert [finding.rule.id for finding in report.failures] == ["models.list-exists"]


def test_a_redirected_list_says_what_to_do_where_no_model_is_named() -> None:
    with pytest.raises(TargetError, match="leads to /v1/models/") as caught:
        judge(Elsewhere(307))
    assert "--model" in caught.value.hint


def test_a_page_for_people_is_no_api_whatever_the_model() -> None:
    async def page(_: bytes) -> AsyncIterator[bytes]:
        yield answer(b"<html></html>", "text/html", "404 Not Found")

    with serving(page) as url, pytest.raises(TargetError, match="answered 404 with HTML"):
        accord_contracts.check(url, model="m")


def test_connections_that_are_reset_now_and_then_spoil_no_run() -> None:
    numbers = count()

    async def models(_: bytes) -> AsyncIterator[bytes]:
        if next(numbers) % 3 == 2:
            yield answer(b'{"object": "list", "data": [{"id": "m"}]}')

    with serving(models) as url:
        report = accord_contracts.check(url, only="models.list-is-a-list-object")
    assert report.exit_code() == 0, str(report)
