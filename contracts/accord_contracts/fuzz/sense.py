"""Sense: what turns a request that fits the spec into one that a server can be expected to take.

A schema can't say everything: that `top_logprobs` needs `logprobs`, or that a tool that is named
must be among the tools. Valid requests are made to hold this too, and to stay cheap. Invalid ones
never pass through here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from accord_contracts.preflight import CAP
from accord_contracts.views import is_number, items, members, text

MOST: Final = 3
"""Choices, candidates and prompts of one request, so that it stays cheap."""

CALL: Final = 64
"""The cap of a request that a tool must be called for: a call that is cut short is of no use."""

BYTES: Final = 256
"""Token ids are below it: every vocabulary has so many."""

MORE_THAN_TEXT: Final = ("audio", "modalities", "moderation", "prediction", "web_search_options")
"""What asks for more than a text, or for what only few servers have."""

PLAIN: Final = frozenset(
    {"model", "messages", "prompt", "stream", "max_tokens", "max_completion_tokens"}
    | {"temperature", "top_p", "seed"}
)
"""What a request may hold that no server has a reason to refuse."""

JSON = dict[str, Any]


@dataclass(frozen=True)
class Sense:
    """Makes valid bodies sensible.

    Attributes:
        model: the one that all of them name.
        baseline: what this server takes (see `preflight`): it says what the cap is called.
    """

    model: str
    baseline: JSON

    def make(self, path: str, body: JSON, *, streamed: bool) -> JSON:
        """A sensible body in place of a valid one.

        Args:
            path: the endpoint's.
            body: fits the spec; stays as it is.
            streamed: whether a stream is to be asked for.
        """
        sensible = {name: value for name, value in body.items() if name not in MORE_THAN_TEXT}
        sensible |= {"model": self.model, "stream": streamed}
        if not streamed:
            sensible.pop("stream_options", None)
        if is_number(body.get("n")):
            sensible["n"] = 1 + body["n"] % MOST  # `3.0` stays one: it is an integer in JSON
        if isinstance(body.get("logit_bias"), dict):
            sensible["logit_bias"] = dict(
                zip(map(str, range(BYTES)), body["logit_bias"].values(), strict=False)
            )
        shape = _chat if path == "/chat/completions" else _completion
        shape(sensible)
        self._cap(path, sensible)
        return sensible

    def _cap(self, path: str, body: JSON) -> None:
        """Keep the answer short, by the name of the cap that the server is known to take."""
        caps = [body.pop(name, None) for name in ("max_tokens", "max_completion_tokens")]
        drawn = next((cap for cap in caps if is_number(cap)), CAP - 1)
        modern = path == "/chat/completions" and "max_completion_tokens" in self.baseline
        cap = CALL if _must_call(body) else 1 + drawn % CAP
        body["max_completion_tokens" if modern else "max_tokens"] = cap


def _must_call(body: JSON) -> bool:
    """Whether a tool has to be called: any, or a named one."""
    choice = body.get("tool_choice")
    named = isinstance(choice, dict) or isinstance(body.get("function_call"), dict)
    return named or choice == "required"


def _chat(body: JSON) -> None:
    body["messages"] = [_text_alone(message) for message in body["messages"]]
    if is_number(body.get("top_logprobs")):
        body["logprobs"] = True
    tools = _distinct(items(body.get("tools")), lambda tool: _named(tool).get("name"))
    if tools:
        body["tools"] = tools
        body.pop("functions", None)
        body.pop("function_call", None)
        if isinstance(body.get("tool_choice"), dict):
            kind = tools[0]["type"]
            body["tool_choice"] = {"type": kind, kind: {"name": _named(tools[0])["name"]}}
    else:
        for name in ("tools", "tool_choice", "parallel_tool_calls"):
            body.pop(name, None)
    _functions(body)


def _functions(body: JSON) -> None:
    functions = _distinct(items(body.get("functions")), lambda function: function.get("name"))
    if functions:
        body["functions"] = functions
        if isinstance(body.get("function_call"), dict):
            body["function_call"] = {"name": functions[0]["name"]}
    else:
        body.pop("function_call", None)


def _text_alone(message: JSON) -> JSON:
    """A message whose parts that are no text are texts that say what they were."""
    parts = message.get("content")
    if not isinstance(parts, list):
        return message
    kept = [
        part if part["type"] in {"text", "refusal"} else {"type": "text", "text": part["type"]}
        for part in parts
    ]
    return {**message, "content": kept}


def _named(tool: JSON) -> JSON:
    return members(tool.get(text(tool.get("type"))))


def _distinct(entries: list[JSON], key: Callable[[JSON], Any]) -> list[JSON]:
    """The first entry of each name, up to a few."""
    return list({key(entry): entry for entry in reversed(entries)}.values())[::-1][:MOST]


def _completion(body: JSON) -> None:
    if "prompt" in body:
        body["prompt"] = _prompt(body["prompt"])
    candidates = body.pop("best_of", None)
    if is_number(candidates) and not body["stream"]:
        body["best_of"] = max(1 + candidates % MOST, body.get("n") or 1)


def _prompt(prompt: Any) -> Any:
    if isinstance(prompt, list) and isinstance(prompt[0], int | float):
        return [int(token) % BYTES for token in prompt]
    if isinstance(prompt, list):
        return [_prompt(entry) for entry in prompt[:MOST]]
    return "" if prompt is None else prompt


def is_plain(body: JSON) -> bool:
    """Whether a valid body asks for nothing that a server may refuse for want of a feature."""
    if not body.keys() <= PLAIN:
        return False
    if "prompt" in body:
        return isinstance(body["prompt"], str) and _spoken(body["prompt"])
    return all(_is_plain_message(message) for message in items(body.get("messages")))


def _is_plain_message(message: JSON) -> bool:
    return (
        message.keys() == {"role", "content"}
        and message["role"] == "user"
        and _spoken(message["content"])
    )


def _spoken(content: Any) -> bool:
    """Whether a text has something to read."""
    return isinstance(content, str) and any(character.isalnum() for character in content)
