"""When a request is sent again: the policy alone, the core by a clock of its own, real calls."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import (
    FOREVER,
    Caller,
    Endless,
    Wire,
    ask,
    endless_body,
    httpx_on_trio,
    jsonic,
    patiently,
    stream_head,
)

import accord
from accord import RetryPolicy, exchange, operations
from accord.config import Config
from accord.deadlines import Deadline
from accord.errors import Facts
from accord.retries import retry_after, should_retry

GOOD = {"id": "1", "choices": []}
OVERLOADED = {"error": {"message": "overloaded", "code": "busy"}}

# ------------------------------------------------------------------------------------- the policy


@given(st.integers(1, 10_000), st.floats(0.001, 10), st.floats(0.001, 100), st.floats(0, 1))
def test_waits_grow_and_are_bounded(attempt: int, first: float, most: float, off: float) -> None:
    policy = RetryPolicy(max_retries=10_000, first_wait=first, longest_wait=most, jitter=off)
    seconds = policy.wait(attempt, None)
    assert seconds is not None
    longest = min(first * 2.0 ** min(attempt - 1, 30), most)
    assert longest * (1 - off) <= seconds <= longest
    assert policy.wait(10_001, None) is None


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_a_wait_that_the_server_asks_for_is_kept_or_refused(asked: float, most: float) -> None:
    seconds = RetryPolicy(longest_asked=most).wait(1, asked)
    assert seconds == (asked if asked <= most else None)


def test_waits_are_spread() -> None:
    assert len({RetryPolicy().wait(1, None) for _ in range(20)}) > 10
    assert {RetryPolicy(jitter=0).wait(2, None) for _ in range(20)} == {1.0}


@pytest.mark.parametrize(
    ("facts", "retries"),
    [
        (Facts(), True),
        (Facts(408), True),
        (Facts(409), True),
        (Facts(429), True),
        (Facts(429, code="insufficient_quota"), False),
        (Facts(429, type="insufficient_quota"), False),
        (Facts(500), True),
        (Facts(529), True),
        (Facts(400), False),
        (Facts(404), False),
        (Facts(422), False),
    ],
)
def test_what_may_pass(facts: Facts, retries: bool) -> None:
    assert RetryPolicy().retries(accord.AccordError("", facts)) is retries


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": " 2 "}, 2),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        *[({"retry-after": bad}, None) for bad in ("soon", "-1", "1.2.3", "nan", "inf", "9" * 400)],
    ],
)
def test_the_wait_that_a_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_may_be_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=100)
    assert 90 < (retry_after({"retry-after": format_datetime(soon)}) or 0) <= 100
    assert retry_after({"retry-after": format_datetime(soon - timedelta(days=1))}) == 0


def test_a_server_may_say_whether_to_try_again() -> None:
    said = [should_retry({"x-should-retry": value}) for value in ("true", "FALSE", "maybe")]
    assert said == [True, False, None]


# ------------------------------------------------------------------- the core, with its own clock


class World:
    """Answers the steps of a call, and counts the seconds that it pauses."""

    def __init__(self, *answers: httpx.Response | httpx.HTTPError) -> None:
        self.now = 100.0
        self.pauses: list[float] = []
        self.sent: list[Any] = []
        self._answers = iter(answers)

    def run(self, config: Config, *, seconds_each: float = 0.0) -> Any:
        operation = operations.chat({"model": "m", "messages": []})
        call = exchange.fetch(config, Deadline(config.deadline, lambda: self.now), operation)
        step = next(call)
        try:
            while True:
                step = self._do(call, step, seconds_each)
        except StopIteration as stop:
            return stop.value

    def _do(self, call: Any, step: exchange.Step, seconds_each: float) -> exchange.Step:
        if isinstance(step, exchange.Pause):
            self.pauses.append(step.seconds)
            self.now += step.seconds
            return call.send(None)  # type: ignore[no-any-return]
        assert isinstance(step, exchange.Send)
        self.sent.append(step)
        self.now += seconds_each
        answer = next(self._answers)
        if isinstance(answer, Exception):
            return call.throw(answer)  # type: ignore[no-any-return]
        return call.send(answer)  # type: ignore[no-any-return]


def refused(status: int = 503, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=OVERLOADED, headers=named)


def patient(**more: Any) -> RetryPolicy:
    return RetryPolicy(**{"jitter": 0, "max_retries": 9, **more})


def test_waits_double_up_to_the_longest() -> None:
    world = World(*[refused()] * 6, httpx.Response(200, json=GOOD))
    assert world.run(Config(retry=patient())).id == "1"
    assert world.pauses == [0.5, 1, 2, 4, 8, 8]


def test_what_was_tried_is_on_the_error() -> None:
    world = World(refused(), httpx.ConnectError("no way"), refused(429, retry_after="3"))
    with pytest.raises(accord.RateLimitError) as caught:
        world.run(Config(retry=patient(max_retries=2)))
    assert caught.value.attempts == 3
    first, second = caught.value.tried
    assert first == "503: overloaded"
    assert second.startswith("no answer from https://")
    assert world.pauses == [0.5, 1]


@pytest.mark.parametrize(
    ("answer", "pauses"),
    [
        (refused(retry_after="7"), [7]),
        (refused(retry_after_ms="70"), [0.07]),
        (refused(retry_after="61"), []),
        (refused(x_should_retry="false"), []),
        (refused(400), []),
        (refused(400, x_should_retry="true"), [0.5]),
        (httpx.Response(429, json={"error": {"code": "insufficient_quota"}}), []),
        (httpx.ReadTimeout(""), [0.5]),
        (httpx.RemoteProtocolError(""), [0.5]),
        (httpx.UnsupportedProtocol(""), []),
        (httpx.DecodingError(""), []),
        (httpx.Response(200, text="<html>"), []),
    ],
)
def test_the_next_attempt(answer: Any, pauses: list[float]) -> None:
    world = World(answer, httpx.Response(200, json=GOOD))
    config = Config(retry=patient())
    if pauses:
        assert world.run(config).id == "1"
    else:
        with pytest.raises(accord.AccordError):
            world.run(config)
    assert world.pauses == pauses


def test_the_deadline_wins() -> None:
    world = World(*[refused()] * 9)
    with pytest.raises(accord.InternalServerError) as caught:
        world.run(Config(retry=patient(), deadline=6), seconds_each=1)
    assert world.pauses == [0.5, 1]  # after 1 + 0.5 + 1 + 1 + 1 seconds, 2 more are too many
    assert caught.value.attempts == 3
    assert [step.deadline.remaining for step in world.sent[-1:]] == [1.5]


def test_a_deadline_that_passed_is_named() -> None:
    world = World(httpx.ReadTimeout(""))
    with pytest.raises(accord.APITimeoutError, match="deadline") as caught:
        world.run(Config(retry=patient(), deadline=6), seconds_each=6)
    assert (caught.value.phase, world.pauses) == ("deadline", [])


def test_a_policy_of_ones_own_decides() -> None:
    class Stubborn(RetryPolicy):
        def retries(self, failure: accord.AccordError) -> bool:
            return failure.status == 404

    world = World(refused(404), refused(503))
    with pytest.raises(accord.InternalServerError):
        world.run(Config(retry=Stubborn()))
    assert len(world.pauses) == 1


# ------------------------------------------------------------------------------------- real calls


@httpx_on_trio
def test_a_call_may_have_a_deadline_that_its_body_can_not_outlast(
    caller: Caller, wire: Wire
) -> None:
    def attempt(seconds: float) -> int | None:
        before = len(wire.requests)
        with pytest.raises(accord.APITimeoutError) as caught:
            caller.call(ask, base_url=wire.base_url, deadline=seconds)
        assert caught.value.phase == "deadline"
        return len(wire.requests) - before if body.begun.is_set() else None

    wire.replies = [body := endless_body()]
    assert patiently(attempt) == 1
    assert wire.hung_up.wait(120)


@httpx_on_trio
def test_a_deadline_holds_for_all_of_a_stream(caller: Caller, wire: Wire) -> None:
    def attempt(seconds: float) -> bool | None:
        use = functools.partial(ask, stream=True, deadline=seconds)
        with pytest.raises(accord.APITimeoutError) as caught:
            caller.streams(use, base_url=wire.base_url)
        error = caught.value
        assert error.phase == "deadline"
        return (isinstance(error, accord.StreamTimeoutError) and error.events > 1) or None

    wire.replies = [Endless()]
    assert patiently(attempt)
    assert wire.hung_up.wait(120)


@httpx_on_trio
@pytest.mark.parametrize("stream", [True, False])
def test_a_deadline_holds_where_nothing_comes(caller: Caller, wire: Wire, stream: bool) -> None:
    wire.replies = [[FOREVER]]
    use: Callable[[Any], Any] = lambda client: ask(client, stream=stream)  # noqa: E731
    with pytest.raises(accord.APITimeoutError, match="deadline"):
        caller.call(use, base_url=wire.base_url, deadline=0.2)
    wire.replies = [[stream_head(), FOREVER]] if stream else wire.replies
    with pytest.raises(accord.APITimeoutError, match="deadline"):
        (caller.streams if stream else caller.call)(use, base_url=wire.base_url, deadline=0.2)


def test_retries_are_logged_and_nothing_secret_is(
    caller: Caller, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.replies = [[jsonic(OVERLOADED, 503, retry_after="0")], [jsonic(GOOD)]]
    caplog.set_level(logging.DEBUG, logger="accord")
    secret = "sk-secret-0123456789"  # noqa: S105 - it is none
    url = f"{wire.base_url}?key={secret}".replace("//", f"//me:{secret}@")
    caller.call(
        lambda client: ask(client, user=secret),
        base_url=url,
        api_key=secret,
        default_query={"q": secret},
    )
    lines = [record.message for record in caplog.records if record.name == "accord"]
    assert any("503: overloaded; attempt 2" in line for line in lines)
    assert any("answer 200 (request req-7)" in line for line in lines)
    assert secret not in " ".join(lines)
