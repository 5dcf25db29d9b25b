"""Conversations: turns are kept, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from loopback import (
    END,
    FOREVER,
    HANG_UP,
    Wire,
    delta,
    jsonic,
    part,
    stream_head,
)
from questions import MODEL, calls

import accord

SAID = jsonic({"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi."}}]})


def roles(conversation: accord.Conversation | accord.AsyncConversation) -> list[str]:
    messages: list[Any] = conversation.messages  # dicts: nothing else was put in
    return [dict(message)["role"] for message in messages]


def test_turns_are_kept(reference: str) -> None:
    with accord.Client(base_url=reference) as client:
        talk = accord.Conversation(client, model=MODEL, system="Be brief.", max_tokens=4)
        first = talk.ask("Hello!")
        with talk.ask("And then?", stream=True) as stream:
            text = "".join(piece.text for piece in stream)
        assert first.usage is not None
        usage = stream.reply().usage
        assert usage is not None
        assert usage.prompt_tokens > first.usage.prompt_tokens
        assert talk.messages == [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello!"},
            {"role": "assistant", "content": first.text},
            {"role": "user", "content": "And then?"},
            {"role": "assistant", "content": text},
        ]
        assert repr(talk) == "Conversation(model='accord-small', 5 messages)"


def break_off(talk: Any) -> None:
    with talk.ask("Hello?", stream=True) as stream:
        for _ in stream:
            break


@pytest.mark.parametrize(
    ("reply", "act"),
    [
        ([jsonic({"error": {"message": "no"}}, 400)], lambda talk: talk.ask("Hello?")),
        ([stream_head(), part(delta("Hal")), END], lambda t: list(t.ask("Hello?", stream=True))),
        ([stream_head(), part(delta("Hal")), HANG_UP], lambda t: list(t.ask("?", stream=True))),
        ([stream_head(), part(delta("Hal")), FOREVER], break_off),
        ([calls(("ping", "{}"))], lambda talk: talk.ask("Hello?", tools=[ping], max_rounds=2)),
    ],
)
def test_nothing_half_written_stays(wire: Wire, reply: Any, act: Any) -> None:
    wire.replies = [[SAID], reply]
    with accord.Client(base_url=wire.base_url, max_retries=0) as client:
        talk = accord.Conversation(client, model="tiny")
        talk.ask("Hello!")
        before = list(talk.messages)
        try:
            act(talk)
        except accord.AccordError:
            assert act is not break_off
        assert talk.messages == before
        wire.replies[-1] = [SAID]
        talk.ask("Again!")
    assert roles(talk) == ["user", "assistant"] * 2


def ping() -> str:
    """Ping."""
    return "pong"


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_cancelled_questions_leave_no_trace(wire: Wire, backend: str) -> None:
    wire.replies = [[stream_head(), part(delta("Hal")), FOREVER]]

    async def main() -> None:
        async with accord.AsyncClient(base_url=wire.base_url) as client:
            talk = accord.AsyncConversation(client, model="tiny")
            with anyio.CancelScope() as scope:
                async with await talk.ask("Hello!", stream=True) as stream:
                    await anext(stream)
                    scope.cancel()
                    await anext(stream)
            assert scope.cancelled_caught
            assert talk.messages == []
            wire.replies = [[SAID]]
            await talk.ask("Again!")
            assert roles(talk) == ["user", "assistant"]

    anyio.run(main, backend=backend)


def test_tools_and_their_results_are_turns(reference: str) -> None:
    with accord.Client(base_url=reference) as client:
        talk = accord.Conversation(client, model=MODEL, tools=[ping], max_tokens=50)
        talk.ask("Do ping!")
        assert roles(talk) == ["user", "assistant", "tool", "assistant"]
        talk.ask("Thanks.", tools=[])
        assert len(talk.messages) == 6


def test_branches_go_their_own_ways(reference: str) -> None:
    with accord.Client(base_url=reference) as client:
        talk = accord.Conversation(client, model=MODEL, max_tokens=3, seed=1)
        talk.ask("Hello!")
        branch = talk.branch()
        assert branch.messages == talk.messages
        assert branch.ask("More!").text == talk.ask("More!").text
        branch.ask("Even more!")
        branch.messages[0]["content"] = "Bye!"  # type: ignore[index]
        assert (len(branch.messages), len(talk.messages)) == (6, 4)
        assert talk.messages[0] == {"role": "user", "content": "Hello!"}


def test_conversations_are_saved_and_loaded(reference: str, tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    with accord.Client(base_url=reference) as client:
        talk = accord.Conversation(client, model=MODEL, system="Sei kurz. ✓", max_tokens=3)
        talk.ask("Grüß Gott!")
        answer = client.ask("Hello!", model=MODEL, max_tokens=2).raw.choices[0].message
        talk.messages.append(answer)
        talk.save(path)
        again = accord.Conversation.load(path, client, max_tokens=3)
        assert (again.model, len(again.messages)) == (MODEL, 4)
        assert again.messages[:3] == talk.messages[:3]
        again.ask("More!")
    assert "Grüß" in path.read_text(encoding="utf-8")
    assert [file.name for file in tmp_path.iterdir()] == ["talk.json"]


def test_a_conversation_that_can_not_be_saved_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    with accord.Client() as client:
        accord.Conversation(client, system="Hello.").save(path)
        before = path.read_bytes()
        with pytest.raises(TypeError, match="object is not JSON"):
            accord.Conversation(client, messages=[{"content": object()}]).save(path)
    assert path.read_bytes() == before
    assert json.loads(before)["messages"] == [{"role": "system", "content": "Hello."}]


NO_MESSAGES = '{"accord_conversation": 1}'
NOT_YET = '{"accord_conversation": 2, "messages": []}'


@pytest.mark.parametrize("text", ["[]", "{}", "no", NO_MESSAGES, NOT_YET])
def test_other_files_are_not_loaded(tmp_path: Path, text: str) -> None:
    path = tmp_path / "talk.json"
    path.write_text(text)
    with accord.Client() as client, pytest.raises(ValueError, match=r"conversation|Expecting"):
        accord.Conversation.load(path, client)


def test_an_async_conversation_does_the_same(reference: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with accord.AsyncClient(base_url=reference) as client:
            talk = accord.AsyncConversation(client, model=MODEL, max_tokens=4)
            await talk.ask("Hello!")
            async with await talk.ask("More!", stream=True) as stream:
                pieces = [piece.text async for piece in stream]
            assert talk.messages[-1] == {"role": "assistant", "content": "".join(pieces)}
            talk.save(tmp_path / "talk.json")
            again = accord.AsyncConversation.load(tmp_path / "talk.json", client)
            assert again.messages == talk.branch().messages == talk.messages

    anyio.run(main)
