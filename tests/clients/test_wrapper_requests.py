"""What the wrapper sends keeps the contract, whatever it is asked to send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accord
from accord_contracts import strategies
from accord_contracts.clients import Entry, Verdict, Witness
from accord_contracts.server import ReferenceServer

MODEL = "acme/accord-mini"
STREAMS = st.sampled_from([
    {},
    {"stream": None},
    {"stream": True},
    {"stream": True, "stream_options": {"include_usage": True}},
])  # fmt: skip


@pytest.fixture(scope="module")
def watched() -> Iterator[tuple[accord.Client, list[Entry]]]:
    """A client of a strict server, and what the server has seen of it."""
    entries: list[Entry] = []
    with (
        ReferenceServer(hooks=[Witness(entries.append, strict=True)]) as server,
        accord.Client(base_url=server.base_url, api_key="sk-x", max_retries=0) as client,
    ):
        yield client, entries
    verdict = Verdict.of(entries)
    assert not verdict.broken
    assert verdict.connections == 1  # all answers were read to their end


def read(answer: object) -> None:
    if isinstance(answer, accord.Stream):
        for _ in answer:
            pass


@settings(max_examples=30)
@given(strategies.chat_requests(MODEL), STREAMS)
def test_chats(watched: Any, body: dict[str, Any], streams: dict[str, Any]) -> None:
    read(watched[0].chat.completions.create(**body, **streams))


@settings(max_examples=30)
@given(strategies.completion_requests(MODEL), STREAMS)
def test_completions(watched: Any, body: dict[str, Any], streams: dict[str, Any]) -> None:
    if streams.get("stream"):
        body.pop("best_of", None)
    read(watched[0].completions.create(**body, **streams))


def test_models(watched: Any) -> None:
    watched[0].models.list()
    watched[0].models.retrieve(MODEL)


@settings(max_examples=6)
@given(strategies.texts())
def test_questions_and_tools(watched: Any, question: str) -> None:
    def weather(place: str) -> str:
        """Say what the weather is like."""
        return f"sunny in {place}"

    watched[0].ask(question, model=MODEL)
    watched[0].ask("Use weather!", model=MODEL, tools=[weather])
    talk = accord.Conversation(watched[0], model=MODEL, system="Be brief.")
    talk.ask(question)
    assert list(talk.ask(question, stream=True))
