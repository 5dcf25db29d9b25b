"""What the POST calls take, with OpenAI's names: the keyword arguments of `create`.

The names, and which of them may be None, are the spec's (a test holds them equal). An argument
that is not given is not sent; None is sent as null. A call adds `stream`, which decides what it
returns. Objects are given as dicts or as the models of `accord_api.models`.
"""

# Without `from __future__ import annotations`, which would hide `Required` from TypedDict.
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Required, TypedDict

from accord.config import Timeout

__all__ = [
    "AskArguments",
    "CallOptions",
    "ChatArguments",
    "ChatOptions",
    "ChatParams",
    "ChatQuestion",
    "CompletionArguments",
    "CompletionParams",
    "JsonObject",
    "ParseArguments",
    "check",
]


class _Model(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


JsonObject = Mapping[str, Any] | _Model
"""A JSON object: a dict, a model of `accord_api.models`, or a part of an earlier answer."""


class CompletionParams(TypedDict, total=False):
    """What `completions.create` takes."""

    model: Required[str]
    prompt: Required[str | Sequence[str] | Sequence[int] | Sequence[Sequence[int]] | None]
    best_of: int | None
    echo: bool | None
    frequency_penalty: float | None
    logit_bias: Mapping[str, int] | None
    logprobs: int | None
    max_tokens: int | None
    n: int | None
    presence_penalty: float | None
    seed: int | None
    stop: str | Sequence[str] | None
    stream_options: JsonObject | None
    suffix: str | None
    temperature: float | None
    top_p: float | None
    user: str


class ChatOptions(TypedDict, total=False):
    """What `chat.completions.create` and `ask` both take."""

    audio: JsonObject | None
    frequency_penalty: float | None
    function_call: str | JsonObject
    functions: Sequence[JsonObject]
    logit_bias: Mapping[str, int] | None
    logprobs: bool | None
    max_completion_tokens: int | None
    max_tokens: int | None
    metadata: Mapping[str, str] | None
    modalities: Sequence[str] | None
    moderation: JsonObject | None
    n: int | None
    parallel_tool_calls: bool
    prediction: JsonObject | None
    presence_penalty: float | None
    prompt_cache_key: str | None
    reasoning_effort: str | None
    safety_identifier: str | None
    seed: int | None
    service_tier: str | None
    stop: str | Sequence[str] | None
    store: bool | None
    stream_options: JsonObject | None
    temperature: float | None
    tool_choice: str | JsonObject
    top_logprobs: int | None
    top_p: float | None
    user: str
    verbosity: str | None
    web_search_options: JsonObject


class ChatQuestion(ChatOptions, total=False):
    """What `chat.completions.create`, `parse` and `stream` all take."""

    messages: Required[Sequence[JsonObject]]
    model: Required[str]
    tools: Sequence[JsonObject]


class ChatParams(ChatQuestion, total=False):
    """What `chat.completions.create` takes."""

    response_format: JsonObject


class CallOptions(TypedDict, total=False):
    """What every call takes beside its parameters; it counts before the client's own settings.

    `extra_body` goes into the JSON object that is sent, for what servers know beyond OpenAI.
    `timeout` and `deadline` are in seconds.
    """

    extra_headers: Mapping[str, str] | None
    extra_query: Mapping[str, Any] | None
    extra_body: JsonObject | None
    timeout: Timeout
    deadline: float | None


class CompletionArguments(CompletionParams, CallOptions):
    """The keyword arguments of `completions.create`, but for `stream`."""


class ChatArguments(ChatParams, CallOptions):
    """The keyword arguments of `chat.completions.create`, but for `stream`."""


class ParseArguments(ChatQuestion, CallOptions):
    """The keyword arguments of `chat.completions.parse` and `stream` that they pass on."""


class AskArguments(ChatOptions, CallOptions):
    """The keyword arguments of `ask` that it passes on as they are."""


_ELSEWHERE = ("model", "response_format", "stream", "tools")
"""What some calls take beside what is declared: one of them may be meant."""


def check(params: Mapping[str, Any], known: Any, call: str = "create") -> None:
    """Refuse what Python would refuse, were every argument written out.

    Args:
        params: the keyword arguments.
        known: the TypedDict that declares them.
        call: what was called, for the message.

    Raises:
        TypeError: an argument is unknown, or a required one is missing.
    """
    for name in params:
        if name not in known.__annotations__ and name not in CallOptions.__annotations__:
            from difflib import get_close_matches  # noqa: PLC0415 - rarely needed

            near = get_close_matches(name, [*known.__annotations__, *_ELSEWHERE], n=1)
            more = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{call}() got an unexpected keyword argument {name!r}{more}")
    for name in sorted(known.__required_keys__ - params.keys()):
        raise TypeError(f"{call}() missing a required keyword argument: {name!r}")
