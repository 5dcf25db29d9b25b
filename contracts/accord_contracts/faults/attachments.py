"""Faults of what comes beside text, of long prompts, and of several choices."""

from __future__ import annotations

from typing import Any

from accord_contracts.faults.bank import on_error, on_request
from accord_contracts.server.hooks import Call, Reply

LONG = 10_000
"""Characters of a prompt that a server with a small window cuts."""


def _drop(call: Call, kind: str) -> None:
    """Leave parts of a kind out of all messages."""
    body: Any = call.body if isinstance(call.body, dict) else {}
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else []:
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, list):
            message["content"] = [
                part for part in content if not isinstance(part, dict) or part.get("type") != kind
            ]


@on_request("refusals.image-dropped", caught_by=["refusals.image-is-not-dropped"])
def image_dropped(call: Call) -> None:
    """A server for text leaves images out of the message, and answers the rest."""
    _drop(call, "image_url")


@on_request("refusals.sound-dropped", caught_by=["refusals.sound-is-not-dropped"])
def sound_dropped(call: Call) -> None:
    """A server for text leaves recordings out of the message, and answers the rest."""
    _drop(call, "input_audio")


@on_error("refusals.file-crashes", caught_by=["refusals.attachments-are-survived"])
def file_crashes(call: Call, reply: Reply) -> None:
    """A file is opened that nobody has uploaded."""
    if b'"file_data"' in call.raw:
        reply.status = 500


@on_request("refusals.long-prompt-cut", caught_by=["refusals.{endpoint}-prompt-beyond-the-context"])
def long_prompt_cut(call: Call) -> None:
    """Of a prompt that is too long, the end is read."""
    body: Any = call.body if isinstance(call.body, dict) else {}
    if len(str(body.get("prompt"))) > LONG:
        body["prompt"] = body["prompt"][-100:]
    if len(str(body.get("messages"))) > LONG:
        body["messages"] = [{"role": "user", "content": body["messages"][-1]["content"][-100:]}]


@on_error(
    "refusals.long-prompt-crashes", caught_by=["refusals.{endpoint}-prompt-beyond-the-context"]
)
def long_prompt_crashes(call: Call, reply: Reply) -> None:
    """What the engine says of a prompt that is too long is not caught."""
    if reply.body["error"].get("code") == "context_length_exceeded":
        reply.status = 500


@on_error(
    "refusals.long-prompt-without-code", caught_by=["refusals.{endpoint}-long-prompt-has-its-code"]
)
def long_prompt_without_code(call: Call, reply: Reply) -> None:
    """The error for a prompt that is too long has no code."""
    if reply.body["error"].get("code") == "context_length_exceeded":
        reply.body["error"]["code"] = None


@on_request(
    "parameters.n-clamped-to-two",
    caught_by=[
        *("answer.n-gives-n-choices", "completions.honours-n"),
        *("stream.chat-honours-n", "stream.completions-honours-n"),
    ],
)
def n_clamped_to_two(call: Call) -> None:
    """Two choices are as many as there are places."""
    body: Any = call.body if isinstance(call.body, dict) else {}
    if isinstance(body.get("n"), int):
        body["n"] = min(body["n"], 2)


@on_request("parameters.fourth-stop-dropped", caught_by=["{endpoint}.stop-list-is-honoured"])
def fourth_stop_dropped(call: Call) -> None:
    """Three stop strings are kept of a longer list."""
    body: Any = call.body if isinstance(call.body, dict) else {}
    if isinstance(body.get("stop"), list) and len(body["stop"]) == 4:
        body["stop"] = body["stop"][:3]
