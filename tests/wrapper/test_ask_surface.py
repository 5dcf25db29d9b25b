"""What is beyond the endpoints: one surface, sync and async; typed; and free for who wants none."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest

import accord
from accord.asks import Asks, AsyncAsks
from accord.chat_streams import AsyncChatCompletionStream, ChatCompletionStream

PAIRS = [
    (Asks, AsyncAsks),
    (accord.ReplyStream, accord.AsyncReplyStream),
    (accord.Conversation, accord.AsyncConversation),
    (ChatCompletionStream, AsyncChatCompletionStream),
]


def surface(kind: type) -> dict[str, str]:
    """Give the public methods and their signatures, with `Async` and `await` taken away."""
    found = {"()": str(inspect.signature(kind))}
    for name, value in inspect.getmembers(kind, callable):
        if not name.startswith("_"):
            found[name] = str(inspect.signature(value))
    return {name: signature.replace("Async", "") for name, signature in found.items()}


@pytest.mark.parametrize(("sync", "async_"), PAIRS)
def test_sync_and_async_have_one_surface(sync: type, async_: type) -> None:
    assert surface(sync) == surface(async_)
    assert len(surface(sync)) > 1


def test_their_words_are_the_same() -> None:
    assert inspect.getdoc(Asks.ask) == inspect.getdoc(AsyncAsks.ask)
    assert accord.Client.ask is accord.Conversation.ask is Asks.ask
    assert accord.AsyncClient.ask is accord.AsyncConversation.ask is AsyncAsks.ask


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_importing_accord_imports_none_of_it() -> None:
    parts = ["asking", "chat_events", "chat_streams", "formats", "listing", "parsed", "parsing"]
    parts += ["reply", "responses", "shapes", "telling", "tools", "unread"]
    late = [*(f"accord.{part}" for part in parts), "genai_prices", "jiter", "msgspec", "pydantic"]
    done = run(f"import sys, accord; print([m for m in {late} if m in sys.modules])")
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    ("missing", "code", "extra"),
    [
        ("docstring_parser", "accord.tool", "tools"),
        ("msgspec", "accord.Client().ask('?', model='m', tools=[print])", "tools"),
        ("msgspec", "accord.Client().ask('?', model='m', response_format=int)", "structured"),
        (
            "msgspec",
            "accord.Client().chat.completions.parse(model='m', messages=[], response_format=int)",
            "structured",
        ),
        ("msgspec", "accord.pydantic_function_tool(int)", "structured"),
        ("jiter", "from accord.parsing import Parser; Parser(int, {}).so_far('{')", "structured"),
        ("genai_prices", "accord.Reply((), (), None, '').cost", "cost"),
    ],
)
def test_a_missing_extra_is_named(missing: str, code: str, extra: str) -> None:
    done = run(f"import sys; sys.modules[{missing!r}] = None\nimport accord\n{code}")
    assert done.returncode == 1
    assert f'pip install "accord[{extra}]"' in done.stderr.splitlines()[-1]


def test_definitions_need_no_extra(reference: str) -> None:
    definition = {"type": "function", "function": {"name": "ring"}}
    code = f"""
import sys
sys.modules["msgspec"] = None
import accord
with accord.Client(base_url={reference!r}) as client:
    print(client.ask("ring!", model="accord-small", tools=[{definition}]).tool_calls[0].type)
"""
    done = run(code)
    assert (done.stdout, done.stderr) == ("function\n", "")


def test_names_that_come_late_are_names_all_the_same() -> None:
    names: list[Any] = [getattr(accord, name) for name in accord.__all__]
    assert None not in names
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = accord.nothing
