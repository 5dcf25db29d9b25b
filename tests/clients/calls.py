"""Calls of the wrapper, and what may come of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import accord
from accord_api import models
from accord_contracts.exchange import parse

MODEL = "accord-small"
HELLO = [{"role": "user", "content": "Hello!"}]
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
CHAT = {"model": MODEL, "messages": HELLO, "max_tokens": 3}
TOOLS = {
    "model": MODEL,
    "messages": [{"role": "user", "content": "Use weather!"}],
    "tools": [TOOL],
}
TEXT = {"model": MODEL, "prompt": ["a", "b"], "max_tokens": 3, "logprobs": 1}
USAGE = {"stream": True, "stream_options": {"include_usage": True}}

Call = Callable[[Any], Any]

CALLS: dict[str, Call] = {
    "list": lambda client: client.models.list(),
    "retrieve": lambda client: client.models.retrieve(MODEL),
    "chat": lambda client: client.chat.completions.create(**CHAT, n=2, logprobs=True),
    "chat stream": lambda client: client.chat.completions.create(**CHAT, **USAGE, logprobs=True),
    "tools": lambda client: client.chat.completions.create(**TOOLS),
    "tools stream": lambda client: client.chat.completions.create(**TOOLS, **USAGE),
    "completion": lambda client: client.completions.create(**TEXT),
    "completion stream": lambda client: client.completions.create(**TEXT, **USAGE),
    "refused": lambda client: client.chat.completions.create(**CHAT | {"messages": []}),
}


def outcome(call: Call, client: accord.Client) -> object:
    """Make a call and read its answer to the end: what it gave, or its error of our own tree."""
    try:
        answer = call(client)
        return [*answer] if isinstance(answer, accord.Stream) else answer
    except accord.AccordError as error:
        return error


async def async_outcome(call: Call, client: accord.AsyncClient) -> object:
    """The same for the async client."""
    try:
        answer = await call(client)
        if isinstance(answer, accord.AsyncStream):
            return [chunk async for chunk in answer]
    except accord.AccordError as error:
        return error
    return answer


SHAPES: dict[str, tuple[Any, Any]] = {
    "/models": (models.ModelList, None),
    "/chat/completions": (models.ChatCompletion, models.ChatCompletionChunk),
    "/completions": (models.Completion, models.CompletionChunk),
}


def documents(path: str, body: bytes) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The JSON objects of an answer, each with the generated class that reads it.

    Args:
        path: below the base URL.
        body: JSON, or an event stream; of anything else nothing is given.
    """
    whole, chunk = SHAPES.get(path, (models.Model, None))
    lines = [line[5:] for line in body.splitlines() if line.startswith(b"data:")]
    for text, shape in [(body, whole), *((line, chunk) for line in lines)]:
        value = parse(text)
        if isinstance(value, dict):
            failed = isinstance(value.get("error"), dict)
            yield (models.ErrorResponse if failed else shape), value


def kept(shape: Any, value: dict[str, Any]) -> bool:
    """Whether a generated class reads a value and gives it back as it was."""
    given = shape.from_dict(json.loads(json.dumps(value))).to_dict()
    return bool(given == value)
