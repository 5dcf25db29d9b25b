"""What `--record` writes is judged like the run that it was written of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import accord_contracts
from accord_contracts import faults, har, judge, rules
from accord_contracts.captured import KEY_HEADERS, Captured
from accord_contracts.exchange import Exchange, Read, Request
from accord_contracts.faults.bank import BANK
from accord_contracts.recordings import load, save
from accord_contracts.report import Report
from accord_contracts.rule import Invariant
from accord_contracts.run import Plan, check
from accord_contracts.server import Call, Hook, ReferenceServer, Reply, Settings
from accord_contracts.target import Target

KEY = "sk-a-secret-that-no-file-may-hold"
INVARIANTS = [rule for rule in rules.ALL if isinstance(rule, Invariant)]


def verdicts(report: Report) -> list[tuple[object, ...]]:
    return [(f.rule.id, f.verdict, f.message, f.judged, f.broken) for f in report.findings]


def keyless(exchange: Exchange) -> Exchange:
    """As it is kept: some rules send a wrong key in a header, and keys are not written."""
    kept = tuple(pair for pair in exchange.request.headers if pair[0] not in KEY_HEADERS)
    return replace(exchange, request=replace(exchange.request, headers=kept))


def require_same(report: Report, folder: Path) -> None:
    recording = load([save(report, folder)])
    assert recording.base_url == report.target.base_url
    assert recording.left_out == ()
    assert recording.exchanges == tuple(map(keyless, report.exchanges))
    assert verdicts(judge(*recording.exchanges)) == verdicts(judge(*report.exchanges))


def test_a_whole_run_comes_back_as_it_was(tmp_path: Path) -> None:
    report = accord_contracts.check()
    assert report.exchanges
    require_same(report, tmp_path)


@pytest.mark.parametrize(
    "fault",
    [
        *("stream.no-done", "framing.half-a-character", "framing.connection-cut"),
        *("errors.page", "transport.too-short"),
    ],
)
def test_a_run_with_a_fault_comes_back_as_it_was(fault: str, tmp_path: Path) -> None:
    assert faults.ALL  # importing them fills the bank
    with ReferenceServer(hooks=[BANK[fault].hook]) as server:
        report = check(Target(server.base_url, model="accord-small"), Plan(INVARIANTS))
    assert report.failures
    require_same(report, tmp_path)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
HEADERS = st.lists(st.tuples(st.sampled_from(["x-a", "content-type"]), TEXTS), max_size=3)
SECONDS = st.floats(0, 1e6)
REQUESTS = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST", "PUT"]),
    path=TEXTS,
    body=st.none() | st.binary(),
    headers=HEADERS.map(tuple),
    authorized=st.booleans(),
    abandon_after=st.none() | st.integers(0),
    hang_up=st.none() | SECONDS,
    again=st.integers(0),
)
EXCHANGES = st.builds(
    Exchange,
    request=REQUESTS,
    number=st.integers(1),
    status=st.none() | st.integers(100, 999),
    headers=HEADERS.map(tuple),
    body=st.binary(),
    reads=st.lists(st.builds(Read, end=st.integers(0), seconds=SECONDS), max_size=3).map(tuple),
    seconds=SECONDS,
    failure=st.none() | TEXTS,
)


@given(st.lists(EXCHANGES, max_size=3))
def test_any_exchange_comes_back_as_it_was(exchanges: list[Exchange]) -> None:
    text = har.render(exchanges, Target("http://127.0.0.1:8000/v1"))
    assert [entry.exchange for entry in captured(text)] == exchanges


def captured(text: str) -> list[Captured]:
    entries = list(har.read(text.encode()))
    return [entry for entry in entries if isinstance(entry, Captured)]


class Leaky(Hook):
    """Says whatever it was told, and whoever was told it."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        reply.headers |= {"x-echo": call.headers.get("authorization", ""), "set-cookie": "me=you"}
        if isinstance(reply.body, dict):
            reply.body["echo"] = call.headers.get("authorization", "")
        return reply


def test_no_secret_is_written(tmp_path: Path) -> None:
    with ReferenceServer(Settings(api_key=KEY), [Leaky()]) as server:
        report = accord_contracts.check(server.base_url, api_key=KEY, only="models,errors")
    written = save(report, tmp_path).read_text("ascii").lower()
    assert '"x-echo"' in written
    assert KEY not in written
    assert "me=you" not in written
    assert not any(f'"name": "{name}"' in written for name in KEY_HEADERS)
