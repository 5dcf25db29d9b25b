"""What a client can be told: when it is made, for some calls, and for one."""

from __future__ import annotations

import copy
import functools
import itertools
import json
import logging
import pickle
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import httpx
import openai
import pytest
from loopback import FOREVER, Caller, Seen, Wire, ask, jsonic

import accord

GOOD = {"id": "1", "choices": []}


def sent(wire: Wire, caller: Caller, use: Callable[[Any], Any] = ask, **options: Any) -> Seen:
    """Make one call, give the request that it makes."""
    wire.replies = [[jsonic(GOOD)]]
    caller.call(use, base_url=wire.base_url, **options)
    return wire.requests[-1]


def test_whom_openai_bills_is_sent(
    caller: Caller, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = sent(wire, caller, organization="org-1", project="p-1").headers
    assert (headers["openai-organization"], headers["openai-project"]) == ("org-1", "p-1")
    assert "openai-project" not in sent(wire, caller).headers
    monkeypatch.setenv("OPENAI_ORG_ID", "org-2")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "p-2")
    headers = sent(wire, caller, project="p-3").headers
    assert (headers["openai-organization"], headers["openai-project"]) == ("org-2", "p-3")


def test_an_azure_like_server_is_spoken_to(caller: Caller, wire: Wire) -> None:
    wire.replies = [[jsonic(GOOD)]]
    options: dict[str, Any] = {
        "base_url": f"{wire.base_url}/deployments/tiny?a=b",
        "default_headers": {"api-key": "k"},
        "default_query": {"api-version": "2024-10-21", "many": [1, 2]},
    }
    caller.call(lambda client: ask(client, extra_query={"x": "ä&"}), **options)
    (request,) = wire.requests
    query = "a=b&api-version=2024-10-21&many=1&many=2&x=%C3%A4%26"
    assert request.target == f"/v1/deployments/tiny/chat/completions?{query}"
    assert request.headers["api-key"] == "k"
    assert "authorization" not in request.headers


def test_one_call_may_differ(caller: Caller, wire: Wire) -> None:
    use = lambda client: ask(  # noqa: E731
        client,
        temperature=1,
        extra_headers={"X-Mine": "2", "Authorization": "Bearer other"},
        extra_body={"top_k": 3, "temperature": 0},
    )
    request = sent(wire, caller, use, api_key="k", default_headers={"X-Mine": "1"})
    assert (request.headers["x-mine"], request.headers["authorization"]) == ("2", "Bearer other")
    body = json.loads(request.body)
    assert (body["top_k"], body["temperature"]) == (3, 0)
    assert not {"extra_headers", "extra_body"} & body.keys()
    assert sent(wire, caller, default_headers={"X-Mine": "1"}).headers["x-mine"] == "1"


def test_calls_without_a_body_may_differ_too(caller: Caller, wire: Wire) -> None:
    wire.replies = [[jsonic({"data": [], "id": "m"})]]
    more: dict[str, Any] = {"extra_headers": {"X-Mine": "1"}, "extra_query": {"a": 1}}
    caller.call(lambda client: client.models.list(**more), base_url=wire.base_url)
    caller.call(lambda client: client.models.retrieve("m", **more), base_url=wire.base_url)
    assert [(seen.target, seen.headers["x-mine"]) for seen in wire.requests] == [
        ("/v1/models?a=1", "1"),
        ("/v1/models/m?a=1", "1"),
    ]
    with pytest.raises(TypeError, match="'temperature'"):
        accord.Client().models.list(temperature=1)  # type: ignore[call-arg]


def test_azure_is_an_address_a_header_and_a_query(caller: Caller, wire: Wire) -> None:
    theirs = openai.AzureOpenAI(
        azure_endpoint=wire.base_url.removesuffix("/v1"),
        azure_deployment="mine",
        api_version="2024-10-21",
        api_key="the-key",
        max_retries=0,
    )
    wire.replies = [[jsonic({"choices": []})]]
    with theirs:
        ask(theirs)
    caller.call(
        ask,
        base_url=wire.base_url.replace("/v1", "/openai/deployments/mine"),
        api_key="",
        default_headers={"api-key": "the-key"},
        default_query={"api-version": "2024-10-21"},
    )
    wanted, got = wire.requests
    assert (got.target, json.loads(got.body)) == (wanted.target, json.loads(wanted.body))
    for name in ("api-key", "authorization"):
        assert got.headers.get(name) == wanted.headers.get(name)


def test_a_call_may_have_its_own_patience(caller: Caller, wire: Wire) -> None:
    wire.replies = [[FOREVER]]
    for timeout, phase in ((0.1, "(connect|read)"), (httpx.Timeout(120, read=0.1), "read")):
        use = functools.partial(ask, timeout=timeout)
        with pytest.raises(accord.APITimeoutError, match=f"{phase} timeout"):
            caller.call(use, base_url=wire.base_url, max_retries=0)


def test_a_key_may_be_asked_for_each_time(caller: Caller, wire: Wire) -> None:
    keys = (f"sk-rotating-{i}" for i in itertools.count())
    wire.replies = [[jsonic({}, 503, retry_after="0")], [jsonic({"error": {"message": ""}}, 401)]]
    with pytest.raises(accord.AuthenticationError):
        caller.call(ask, base_url=wire.base_url, api_key=lambda: next(keys))
    given = [seen.headers["authorization"] for seen in wire.requests]
    assert given == ["Bearer sk-rotating-0", "Bearer sk-rotating-1"]


def test_a_key_that_was_asked_for_is_not_shown(caller: Caller, wire: Wire) -> None:
    wire.replies = [[jsonic({"error": {"message": "wrong: sk-rotating-9"}}, 401)]]
    with pytest.raises(accord.AuthenticationError) as caught:
        caller.call(ask, base_url=wire.base_url, api_key=lambda: "sk-rotating-9")
    assert caught.value.message == "wrong: ***"
    with pytest.raises(accord.ConfigurationError, match="NoneType"):
        caller.call(ask, base_url=wire.base_url, api_key=lambda: None)


def test_an_async_client_awaits_its_key(wire: Wire) -> None:
    async def key() -> str:
        return "sk-later"

    for kind in ("asyncio", "trio"):
        assert sent(wire, Caller(kind), api_key=key).headers["authorization"] == "Bearer sk-later"
    with pytest.raises(accord.ConfigurationError, match="coroutine"):
        sent(wire, Caller("sync"), api_key=key)


def test_a_client_with_options_shares_connections(wire: Wire) -> None:
    wire.replies = [[jsonic(GOOD)]]
    with accord.Client(base_url=wire.base_url, api_key="one", organization="o") as client:
        ask(client)
        other = client.with_options(api_key="two", default_headers={"X-Mine": "1"}, max_retries=0)
        ask(other)
        ask(client)
    assert wire.connections == 1
    given = [(s.headers["authorization"], s.headers.get("x-mine")) for s in wire.requests]
    assert given == [("Bearer one", None), ("Bearer two", "1"), ("Bearer one", None)]
    assert all(seen.headers["openai-organization"] == "o" for seen in wire.requests)
    with pytest.raises(accord.CallCancelledError, match="closed"):
        ask(other)


def test_options_are_checked() -> None:
    client = accord.Client()
    for kind in (accord.Client, client.with_options):
        with pytest.raises(TypeError, match="'max_retrys'"):
            kind(max_retrys=1)  # type: ignore[call-arg]
        for wrong in (
            {"deadline": 0},
            {"deadline": "5"},
            {"timeout": -1},
            {"timeout": "5"},
            {"max_retries": -1},
            {"max_retries": "2"},
            {"api_key": 7},
            {"default_headers": {"X-Mine": 7}},
            {"base_url": "nowhere"},
        ):
            with pytest.raises(accord.ConfigurationError):
                kind(**wrong)


def test_none_takes_patience_away_and_leaves_the_rest() -> None:
    client = accord.Client(base_url="http://127.0.0.1:9/v1", deadline=5, timeout=3)
    other = client.with_options(base_url=None, deadline=None)
    assert repr(other) == repr(client)
    assert (other._config.deadline, other._config.timeout) == (None, 3)


def test_retries_are_counted_within_a_policy(caller: Caller, wire: Wire) -> None:
    wire.replies = [[jsonic({}, 418)]]
    policy = accord.RetryPolicy(statuses=frozenset({418}), first_wait=0.001)
    with pytest.raises(accord.APIStatusError) as caught:
        caller.call(ask, base_url=wire.base_url, retry=policy, max_retries=3)
    assert (caught.value.attempts, len(wire.requests)) == (4, 4)


def test_a_transport_of_ones_own_is_used() -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=GOOD))
    with accord.Client(transport=transport, deadline=5) as client:
        assert ask(client).id == "1"
    assert Caller("trio").call(ask, transport=transport, deadline=5).id == "1"


def test_the_http_answer_is_kept(caller: Caller, wire: Wire) -> None:
    wire.replies = [[jsonic(GOOD, x_more="1")]]
    answer = caller.call(ask, base_url=wire.base_url, api_key="sk-secret-0123456789")
    assert (answer.http.status, answer.http.request_id) == (200, "req-7")
    assert answer.http.headers["X-More"] == "1"
    assert json.loads(answer.http.content) == GOOD == answer.to_dict()
    assert answer._request_id == "req-7"
    for twin in (pickle.loads(pickle.dumps(answer)), copy.deepcopy(answer)):  # noqa: S301 - ours
        assert twin == answer
        assert twin.http.content == answer.http.content
    assert b"sk-secret" not in pickle.dumps(answer)
    assert accord.types.Model.from_dict({}).http is None


def test_the_http_answer_of_an_error_is_told(wire: Wire) -> None:
    wire.replies = [[jsonic({"error": {"message": "no"}}, 400)]]
    with accord.Client(base_url=wire.base_url) as client, pytest.raises(accord.APIError) as caught:
        ask(client)
    assert (caught.value.status_code, caught.value.request_id) == (400, "req-7")


def test_a_call_that_waits_to_try_again_ends_when_the_client_is_closed(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.replies = [[jsonic({}, 503, retry_after="60")]]
    client = accord.Client(base_url=wire.base_url)

    def close() -> None:
        while not any("attempt 2 in" in record.message for record in caplog.records):
            time.sleep(0.01)
        client.close()

    caplog.set_level(logging.INFO, logger="accord")
    closer = Thread(target=close)
    closer.start()
    with pytest.raises(accord.CallCancelledError):
        ask(client)
    closer.join()
    assert len(wire.requests) == 1
