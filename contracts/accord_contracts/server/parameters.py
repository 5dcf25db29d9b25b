"""The parameters of both POST endpoints: one table each, and the frozen records they become.

Every field of the contract is checked for type and range. Those that change nothing on a
text-only server without memory (`user`, `store`, `service_tier` and so on) are then dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from accord_contracts.server.checks import (
    Field,
    array,
    boolean,
    integer,
    mapping,
    number,
    one_of,
    optional,
    read,
    record,
    required,
    tagged,
    text,
)
from accord_contracts.server.errors import wrong_type, wrong_value
from accord_contracts.server.hooks import Refusal
from accord_contracts.server.messages import Message, content, messages
from accord_contracts.server.response_format import RESPONSE_FORMAT, ResponseFormat
from accord_contracts.server.sampling import Sampling
from accord_contracts.server.tokenizer import VOCABULARY_SIZE
from accord_contracts.server.tool_parameters import (
    TOOLS,
    Tool,
    ToolChoice,
    function_tool,
    known_choice,
    read_function_call,
    read_tool_choice,
)

if TYPE_CHECKING:
    from accord_contracts.server.checks import Fields

_INT64: Final = 2**63


def _stops(value: Any, path: str) -> tuple[str, ...]:
    """One string or up to four."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        raise wrong_type(path, "a string or an array of strings", value)
    return tuple(array(text(), 1, 4)(value, path))


def _logit_bias(value: Any, path: str) -> dict[int, float]:
    """Biases by token; tokens beyond the vocabulary, as of another tokenizer, bias nothing."""
    biases = {}
    for name, bias in mapping(value, path).items():
        if not re.fullmatch("[0-9]{1,18}", name, re.ASCII):
            raise wrong_value(path, f"keys are token ids, and {name!r} is none.")
        biases[int(name)] = float(integer(-100, 100)(bias, f"{path}.{name}"))
    return {token: bias for token, bias in biases.items() if token < VOCABULARY_SIZE}


def _metadata(value: Any, path: str) -> dict[str, str]:
    """Up to sixteen pairs of short strings."""
    if len(mapping(value, path)) > 16:
        raise wrong_value(path, "expected at most 16 pairs.", "object_above_max_properties")
    for name, entry in value.items():
        text(64)(name, path)
        text(512)(entry, f"{path}.{name}")
    return dict(value)


_STREAM_OPTIONS: Final = record(
    {
        "include_usage": optional(boolean, default=False),
        "include_obfuscation": optional(boolean),
    }
)

_COMMON: Final[Fields] = {
    "model": required(text()),
    "frequency_penalty": Field(number(-2, 2), 0.0),
    "presence_penalty": Field(number(-2, 2), 0.0),
    "logit_bias": Field(_logit_bias, {}),
    "n": Field(integer(1, 128), 1),
    "seed": Field(integer(-_INT64, _INT64 - 1)),
    "stop": Field(_stops, ()),
    "stream": Field(boolean, default=False),
    "stream_options": Field(_STREAM_OPTIONS),
    "temperature": Field(number(0, 2), 1.0),
    "top_p": Field(number(0, 1), 1.0),
    "user": optional(text()),
}


def _modalities(value: Any, path: str) -> tuple[str, ...]:
    wanted: tuple[str, ...] = array(one_of("text", "audio"))(value, path)
    if "audio" in wanted:
        raise wrong_value(path, "this model answers with text only.")
    return wanted


_CHAT: Final[Fields] = {
    **_COMMON,
    "messages": required(messages),
    "audio": Field(record({"voice": required(text()), "format": required(text())})),
    "function_call": optional(read_function_call),
    "functions": optional(array(function_tool, 1, 128)),
    "logprobs": Field(boolean, default=False),
    "max_completion_tokens": Field(integer(1)),
    "max_tokens": Field(integer(1)),
    "metadata": Field(_metadata),
    "modalities": Field(_modalities),
    "moderation": Field(mapping),
    "parallel_tool_calls": optional(boolean, default=True),
    "prediction": Field(
        tagged({"content": record({"content": required(content("text"))})}),
    ),
    "prompt_cache_key": Field(text()),
    "reasoning_effort": Field(
        one_of("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    ),
    "response_format": optional(RESPONSE_FORMAT, ResponseFormat()),
    "safety_identifier": Field(text(64)),
    "service_tier": Field(one_of("auto", "default", "flex", "scale", "priority", "fast")),
    "store": Field(boolean),
    "tool_choice": optional(read_tool_choice, ToolChoice("auto")),
    "tools": optional(TOOLS, ()),
    "top_logprobs": Field(integer(0, 20)),
    "verbosity": Field(one_of("low", "medium", "high")),
    "web_search_options": optional(mapping),
}


def _token(value: Any, path: str) -> int:
    return int(integer(0, VOCABULARY_SIZE - 1)(value, path))


def _prompts(value: Any, path: str) -> tuple[str | tuple[int, ...], ...]:
    """One prompt or several, each a string or token ids; always gives several."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        raise wrong_type(path, "a string or an array", value)
    first = next(iter(value), None)
    if isinstance(first, str):
        return tuple(array(text(), 1, 2048)(value, path))
    if isinstance(first, list):
        return tuple(array(array(_token, 1), 1, 2048)(value, path))
    return (array(_token, 1)(value, path),)


_COMPLETIONS: Final[Fields] = {
    **_COMMON,
    "prompt": Field(_prompts, (None,)),
    "best_of": Field(integer(0, 20)),
    "echo": Field(boolean, default=False),
    "logprobs": Field(integer(0, 5)),
    "max_tokens": Field(integer(0), 16),
    "suffix": Field(text()),
}


@dataclass(frozen=True, slots=True)
class Common:
    """What both endpoints take."""

    model: str
    sampling: Sampling
    n: int
    seed: int | None
    stops: tuple[str, ...]
    stream: bool
    include_usage: bool
    limit: int | None
    """The most tokens that each choice may take; None for what the context holds."""
    top: int | None
    """How many alternatives to name beside each token; None for no log probabilities."""


@dataclass(frozen=True, slots=True)
class ChatParameters:
    """A chat request, checked."""

    common: Common
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    """The former `functions` too, when there are no `tools`."""
    choice: ToolChoice
    parallel: bool
    legacy: bool
    """Whether calls are to be answered as `function_call`."""
    response_format: ResponseFormat


@dataclass(frozen=True, slots=True)
class CompletionParameters:
    """A text completion request, checked."""

    common: Common
    prompts: tuple[str | tuple[int, ...] | None, ...]
    """None stands for no prompt at all: the text begins from nothing."""
    best_of: int
    """How many candidates to write for each prompt; at least `n`."""
    echo: bool
    suffix: str | None


def read_chat(body: Any, *, strict: bool = False) -> ChatParameters:
    """Check the body of a chat request.

    Raises:
        Refusal: 400, naming what is wrong.
    """
    found = _read(_CHAT, body, strict=strict)
    limits = [found["max_completion_tokens"], found["max_tokens"]]
    limit = min((cap for cap in limits if cap is not None), default=None)
    if found["top_logprobs"] is not None and not found["logprobs"]:
        raise wrong_value("top_logprobs", "only allowed when 'logprobs' is true.")
    legacy = not found["tools"] and found["functions"] is not None
    tools = found["functions"] if legacy else found["tools"]
    choice = found["function_call"] or ToolChoice("auto") if legacy else found["tool_choice"]
    return ChatParameters(
        common=_common(found, limit, (found["top_logprobs"] or 0) if found["logprobs"] else None),
        messages=found["messages"],
        tools=tools,
        choice=known_choice(choice, tools, legacy=legacy),
        parallel=found["parallel_tool_calls"] and not legacy,
        legacy=legacy,
        response_format=found["response_format"],
    )


def read_completion(body: Any, *, strict: bool = False) -> CompletionParameters:
    """Check the body of a text completion request.

    Raises:
        Refusal: 400, naming what is wrong.
    """
    found = _read(_COMPLETIONS, body, strict=strict)
    n, best_of = found["n"], found["best_of"]
    if best_of is not None and best_of < n:
        raise wrong_value("best_of", "expected a value >= n.")
    if best_of is not None and best_of > 1 and found["stream"]:
        raise wrong_value("best_of", "results can't be streamed, unless it is 1.")
    return CompletionParameters(
        common=_common(found, found["max_tokens"], found["logprobs"]),
        prompts=found["prompt"],
        best_of=best_of or n,
        echo=found["echo"],
        suffix=found["suffix"],
    )


def _read(fields: Fields, body: Any, *, strict: bool) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Refusal(400, "The request body must be a JSON object.")
    found = read(fields, body, strict=strict)
    if found["stream_options"] is not None and not found["stream"]:
        raise wrong_value("stream_options", "only allowed when 'stream' is true.")
    return found


def _common(found: dict[str, Any], limit: int | None, top: int | None) -> Common:
    names = ("temperature", "top_p", "frequency_penalty", "presence_penalty", "logit_bias")
    return Common(
        model=found["model"],
        sampling=Sampling(**{name: found[name] for name in names}),
        n=found["n"],
        seed=found["seed"],
        stops=found["stop"],
        stream=found["stream"],
        include_usage=(found["stream_options"] or {}).get("include_usage", False),
        limit=limit,
        top=top,
    )
