"""The witness in a running server: what it sees of clients, good ones and others."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from accord_contracts import faults
from accord_contracts.clients import Ending, Entry, Verdict, Witness
from accord_contracts.faults.bank import BANK
from accord_contracts.server import Call, Hook, ReferenceServer, Refusal, Settings

SECRET = "sk-nobody-may-see-this"  # noqa: S105 - of nothing
KEY = {"authorization": f"Bearer {SECRET}"}
CHAT = {"model": "accord-small", "messages": [{"role": "user", "content": "Hello!"}]}
LONG = {**CHAT, "stream": True, "n": 8}


@contextmanager
def watched(
    *hooks: Hook, strict: bool = False, **settings: Any
) -> Iterator[tuple[httpx.Client, list[Entry]]]:
    """A client of a server with a witness, and what the witness tells."""
    entries: list[Entry] = []
    witness = Witness(entries.append, strict=strict)
    with (
        ReferenceServer(Settings(**settings), [*hooks, witness]) as server,
        httpx.Client(base_url=server.base_url, headers=KEY, timeout=60) as client,
    ):
        yield client, entries


def until(done: Callable[[], object]) -> None:
    """Wait for what another thread does; the test's own time limit bounds it."""
    while not done():
        time.sleep(0.005)


def broken(entries: list[Entry]) -> set[str]:
    return {result.obligation.id for result in Verdict.of(entries).broken}


def noted(entries: list[Entry]) -> set[str]:
    return {result.obligation.id for result in Verdict.of(entries).noted}


def test_a_good_client_breaks_nothing() -> None:
    with watched() as (client, entries):
        for _ in range(3):
            client.get("/models").raise_for_status()
            client.post("/chat/completions", json=CHAT).raise_for_status()
            client.post("/chat/completions", json=LONG).raise_for_status()
    verdict = Verdict.of(entries)
    assert len(verdict.entries) == 9
    assert verdict.connections == 1
    assert verdict.broken == ()
    assert verdict.exit_code(strict=True) == 0
    assert {entry.ending for entry in entries} == {Ending.COMPLETE}


def test_its_entries_say_what_was_and_no_key() -> None:
    with watched() as (client, entries):
        body = {**CHAT, "model": f"model-{SECRET}", SECRET: 1}
        client.post(f"/chat/completions?key={SECRET}", json=body, headers={"user-agent": SECRET})
    (entry,) = entries
    shown = entry.as_json()
    assert SECRET not in json.dumps(shown)
    assert (shown["method"], shown["path"], shown["status"]) == (
        "POST",
        "/v1/chat/completions",
        404,
    )
    assert {one["obligation"] for one in shown["violations"]} == {
        "request.has-no-query",
        "request.has-only-known-parameters",
    }


def test_strict_refuses_and_says_all_that_is_wrong() -> None:
    with watched(strict=True) as (client, entries):
        body = {**CHAT, "temperature": 5, "wit": 1, "messages": [{"role": "usr", "content": "a"}]}
        refused = client.post("/chat/completions", json=body)
        taken = client.post("/chat/completions", json={**CHAT, "max_tokens": 3})
        listed = client.get("/models")
    error = refused.json()["error"]
    assert refused.status_code == 400
    assert error["type"] == "invalid_request_error"
    assert error["code"] == "contract_violation"
    for place in ("/temperature: it is greater", "/messages/0/role: it is none of", "/wit: "):
        assert place in error["message"]
    assert refused.headers["x-accord-violations"].startswith("request.body-matches-schema")
    assert [taken.status_code, listed.status_code] == [200, 200]
    assert [entry.status for entry in entries] == [400, 200, 200]


def test_a_left_stream_is_noted_and_a_cut_one_is_not_the_clients_doing() -> None:
    with watched(token_delay=1.0) as (client, entries):
        with client.stream("POST", "/chat/completions", json=LONG) as response:
            next(response.iter_raw())
        until(lambda: entries)
    assert entries[0].ending is Ending.CLIENT_LEFT
    assert noted(entries) == {"conduct.reads-answers-to-their-end"}
    assert faults.ALL
    with watched(BANK["framing.connection-cut"].hook) as (client, entries):
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/chat/completions", json=LONG)
        until(lambda: entries)
    assert entries[0].ending is Ending.SERVER_CUT
    assert noted(entries) == set()


def test_a_client_that_connects_anew_each_time_is_told() -> None:
    with watched() as (client, entries):
        for _ in range(6):
            httpx.get(f"{client.base_url}models", headers=KEY)
    assert broken(entries) == {"conduct.reuses-connections"}
    (result,) = Verdict.of(entries).broken
    assert "6 requests came on 6 connections" in result.evidence[0].message
    assert Verdict.of(entries).exit_code() == 0
    assert Verdict.of(entries).exit_code(strict=True) == 1


def test_a_server_that_closes_is_no_fault_of_the_client() -> None:
    class Closing(Hook):
        def reply(self, call: Call, reply: Any) -> Any:
            reply.headers["connection"] = "close"
            return reply

    with watched(Closing()) as (client, entries):
        for _ in range(6):
            client.get("/models")
    assert Verdict.of(entries).connections == 6
    assert broken(entries) == set()


class Refusing(Hook):
    """Answers every request with one status."""

    def __init__(self, status: int, **headers: str) -> None:
        self._status, self._headers = status, headers

    def request(self, call: Call) -> None:
        raise Refusal(self._status, "No.", headers=self._headers)


def test_retries_are_seen_and_judged() -> None:
    with watched(Refusing(429, **{"retry-after": "3600"})) as (client, entries):
        for _ in range(2):
            client.post("/chat/completions", json=CHAT)
    assert len(Verdict.of(entries).retries) == 1
    assert broken(entries) == {"conduct.waits-as-long-as-told"}
    with watched(Refusing(404)) as (client, entries):
        for _ in range(2):
            client.post("/chat/completions", json=CHAT)
    assert broken(entries) == {"conduct.takes-no-for-an-answer"}
    with watched(Refusing(500)) as (client, entries):
        for temperature in (0, 0, 1):
            client.post("/chat/completions", json={**CHAT, "temperature": temperature})
    assert len(Verdict.of(entries).retries) == 1
    assert broken(entries) == set()


def test_the_server_answers_for_where_it_sends_its_clients() -> None:
    assert faults.ALL
    with watched(BANK["transport.redirects"].hook) as (client, entries):
        body = {"model": "m", "prompt": "a"}
        with pytest.raises(httpx.TooManyRedirects):  # it sends them round in circles
            client.post("/completions", json=body, follow_redirects=True)
    assert len(entries) > 1
    assert "request.path-is-spelled-exactly" not in broken(entries)


def test_nothing_seen_is_no_verdict() -> None:
    assert Verdict.of([]).exit_code() == 3
