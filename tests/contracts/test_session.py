"""Requests are sent once, in an order that depends on the rules alone, within a budget."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_contracts.exchange import LATE, UNREACHED, Exchange, Request
from accord_contracts.finding import CouldNotRun
from accord_contracts.patience import SILENCES
from accord_contracts.session import Rounds, Session, most_tokens, tokens

PATHS = ("/models", "/models/a", "/chat", "/else")


def request(name: str) -> Request:
    return Request("GET", f"/{name}")


class Wire:
    """Answers everything, each after a time of its own."""

    def __init__(self, seed: int = 0, slowest: int = 0) -> None:
        self.sent: list[str] = []
        self.at_once = self.most_at_once = 0
        self._random, self._slowest = Random(seed), slowest

    async def send(self, request: Request, number: int) -> Exchange:
        self.sent.append(request.path)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        for _ in range(self._random.randint(0, self._slowest)):
            await asyncio.sleep(0)
        self.at_once -= 1
        return Exchange(request, number, 200)


def test_equal_requests_are_sent_once() -> None:
    async def play() -> list[str]:
        wire = Wire()
        session = Session(wire.send)
        await session.start([request("a"), request("b"), request("a")])
        await session.ask(request("b"))
        return wire.sent

    assert asyncio.run(play()) == ["/a", "/b"]


scripts = st.lists(
    st.lists(st.lists(st.sampled_from("abcdef"), max_size=3), max_size=4), max_size=5
)


async def run_scripts(scripts: list[list[list[str]]], concurrency: int, seed: int) -> Wire:
    """Play scenarios that each ask for groups of requests, one group after another."""
    wire = Wire(seed, slowest=5)
    rounds = Rounds(Session(wire.send, concurrency=concurrency), len(scripts))

    async def member(rank: int, script: list[list[str]]) -> None:
        for group in script:
            wanted = [request(name) for name in group]
            exchanges = await rounds.ask(rank, wanted)
            assert [exchange.request for exchange in exchanges] == wanted
        rounds.leave(rank)

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(rounds.run())
        for rank, script in enumerate(scripts):
            tasks.create_task(member(rank, script))
    return wire


@given(scripts, st.integers(1, 8), st.integers())
def test_the_order_of_sending_depends_on_the_scenarios_alone(
    scripts: list[list[list[str]]], concurrency: int, seed: int
) -> None:
    plain = asyncio.run(run_scripts(scripts, 1, 0))
    wild = asyncio.run(run_scripts(scripts, concurrency, seed))
    assert wild.sent == plain.sent
    assert wild.most_at_once <= concurrency


def test_a_budget_leaves_out_what_it_cannot_pay_for() -> None:
    def chat(cap: int) -> Request:
        body = json.dumps({"max_tokens": cap}).encode()
        return Request("POST", "/chat/completions", body)

    async def send(request: Request, number: int) -> Exchange:
        used = {"usage": {"total_tokens": request.params["max_tokens"]}}
        return Exchange(request, number, 200, body=json.dumps(used).encode())

    async def play() -> tuple[int, str]:
        session = Session(send, budget=100)
        await session.start([chat(40), chat(500), chat(41)])
        with pytest.raises(CouldNotRun) as caught:
            await session.get(chat(500))
        await session.settle()
        return session.spent, caught.value.reason

    assert asyncio.run(play()) == (81, "the budget of 100 tokens is spent")


@pytest.mark.parametrize("usage", [None, [], {"total_tokens": "7"}, {"total_tokens": -7}])
def test_tokens_are_estimated_where_usage_says_nothing(usage: Any) -> None:
    body = {"choices": [{"message": {"content": "x" * 40}}], "usage": usage}
    exchange = Exchange(
        Request("POST", "/chat/completions", b"y" * 40), 1, 200, body=json.dumps(body).encode()
    )
    assert tokens(exchange) == 20


def test_a_server_that_went_away_is_not_asked_for_ever() -> None:
    sent = []

    async def send(request: Request, number: int) -> Exchange:
        sent.append(request)
        return Exchange(request, number, failure=f"{UNREACHED}: refused")

    async def play() -> str:
        session = Session(send)
        await session.start(request(str(number)) for number in range(100))
        with pytest.raises(CouldNotRun) as caught:
            await session.get(request("99"))
        return caught.value.reason

    assert asyncio.run(play()) == f"the server went away, after {SILENCES} requests"
    assert len(sent) == SILENCES


def hanging(*paths: str) -> tuple[list[str], str]:
    """Ask for each path many times of a server on which some hang; what was sent, and why not."""
    sent = []

    async def send(request: Request, number: int) -> Exchange:
        sent.append(request.path)
        if request.path in paths:
            return Exchange(request, number, failure=f"{LATE} 1 s")
        return Exchange(request, number, 200)

    async def play() -> str:
        session, why = Session(send), ""
        asked = [Request("GET", path, again=n) for n in range(20) for path in PATHS]
        await session.start(asked)
        for one in asked:
            try:
                await session.get(one)
            except CouldNotRun as error:
                why = error.reason
        return why

    why = asyncio.run(play())
    return sent, why


def test_what_hangs_is_not_asked_for_ever_and_the_rest_is() -> None:
    sent, why = hanging("/models")
    assert why == f"GET /models gave no answer {SILENCES} times in a row, and is not asked any more"
    assert [sent.count(path) for path in PATHS] == [SILENCES, 20, 20, 20]


def test_a_server_that_hangs_on_everything_is_given_up() -> None:
    sent, why = hanging(*PATHS)
    assert why == f"the server went away, after {SILENCES} requests"
    assert len(sent) == SILENCES


def test_an_answer_that_is_left_early_is_not_paid_for_in_full() -> None:
    body = json.dumps({"max_tokens": 32_000}).encode()
    whole = Request("POST", "/chat/completions", body)
    assert most_tokens(whole) > 32_000
    assert most_tokens(replace(whole, abandon_after=1)) < 100
