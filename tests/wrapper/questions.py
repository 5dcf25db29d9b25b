"""How tests ask, and answers that call functions."""

from __future__ import annotations

from typing import Any

from loopback import Caller, jsonic

import accord

MODEL = "accord-small"


def whole(caller: Caller, base_url: str, question: Any, **arguments: Any) -> accord.Reply[Any]:
    reply: accord.Reply[Any] = caller.call(
        lambda client: client.ask(question, **arguments), base_url=base_url
    )
    return reply


def in_pieces(
    caller: Caller, base_url: str, question: Any, **arguments: Any
) -> tuple[list[accord.Piece], accord.Reply[Any]]:
    """Read a reply in pieces."""
    if caller.kind == "sync":
        with (
            accord.Client(base_url=base_url) as client,
            client.ask(question, stream=True, **arguments) as stream,
        ):
            return list(stream), stream.reply()

    async def read(client: accord.AsyncClient) -> Any:
        async with await client.ask(question, stream=True, **arguments) as stream:
            return [piece async for piece in stream], await stream.reply()

    found: tuple[list[accord.Piece], accord.Reply[Any]] = caller.call(read, base_url=base_url)
    return found


def calls(*made: tuple[str, Any]) -> bytes:
    """Give an answer that calls functions."""
    listed = [
        {"id": f"c{place}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for place, (name, arguments) in enumerate(made)
    ]
    usage = {"prompt_tokens": 2, "completion_tokens": 1, "total_tokens": 3}
    message = {"role": "assistant", "content": None, "tool_calls": listed}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return jsonic({"choices": [choice], "usage": usage})
