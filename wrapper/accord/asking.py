"""From a question to its reply, without input or output.

A plan is a generator, as a call is in `accord.exchange`. It yields steps (make this call, run
these tools) to a shell that does them, sync or async, and is resumed with what came of it.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar, cast

from accord import formats
from accord.deadlines import Deadline
from accord.errors import APITimeoutError, ConfigurationError, ToolLoopError
from accord.exchange import for_call
from accord.extras import extra
from accord.params import AskArguments, CallOptions, check
from accord.reply import Piece, Reply, text_of, turn_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accord.config import Config
    from accord.params import JsonObject
    from accord.tools import Run, Toolbox
    from accord.types import ChatCompletion, ChatCompletionChunk, ModelList

__all__ = [
    "Arguments",
    "Create",
    "ListModels",
    "Plan",
    "RunTools",
    "Step",
    "messages_of",
    "piece",
    "plan",
]

T = TypeVar("T")

_SHOWN_MODELS: Final = 5


class Create(NamedTuple):
    """Call `chat.completions.create` with these arguments; resume with the `ChatCompletion`."""

    arguments: dict[str, Any]

    @property
    def streamed(self) -> dict[str, Any]:
        """The arguments for a stream, which is to tell its usage, too."""
        return {"stream_options": {"include_usage": True}, **self.arguments}


class ListModels(NamedTuple):
    """Call `models.list` with these options; resume with the `ModelList`."""

    options: CallOptions


class RunTools(NamedTuple):
    """Do these, side by side; resume with their texts, in the same order."""

    runs: Sequence[Run]


Step = Create | ListModels | RunTools
Plan = Generator[Step, Any, T]


@dataclass(frozen=True, slots=True)
class Arguments(Generic[T]):
    """What `ask` was called with, beside the question.

    Attributes:
        model: None for the only one there is.
        tools: functions to run, and definitions to pass on; None for none.
        response_format: a type that the answer's text is to be a JSON value of; or the parameter
            as requests have it.
        max_rounds: how many requests may be made.
        params: the other arguments of `chat.completions.create`.
    """

    model: str | None
    tools: Iterable[Callable[..., Any] | JsonObject] | None
    response_format: type[T] | JsonObject | None
    max_rounds: int
    params: Mapping[str, Any]

    @property
    def options(self) -> CallOptions:
        """Those of `params` that say how to call, not what to ask."""
        names = CallOptions.__annotations__
        found: Any = {name: value for name, value in self.params.items() if name in names}
        return cast("CallOptions", found)

    @property
    def kind(self) -> type[T] | None:
        """The type in `response_format`, when it is one."""
        return formats.kind_of(self.response_format)


def messages_of(question: str | Sequence[JsonObject]) -> list[JsonObject]:
    """Give a question as messages.

    Raises:
        TypeError: it is neither a text nor messages.
    """
    if isinstance(question, str):
        return [{"role": "user", "content": question}]
    if isinstance(question, Mapping) or not isinstance(question, Iterable):
        kind = type(question).__name__
        raise TypeError(f"a question is a text, or a list of messages, and not of the type {kind}")
    return [*question]


def plan(
    messages: Sequence[JsonObject], given: Arguments[T], *, config: Config, asynchronous: bool
) -> Plan[Reply[T]]:
    """Answer messages: ask, run the tools that the model calls, and ask again, until it answers.

    Args:
        messages: of the first request.
        given: what else `ask` was called with.
        config: the client's settings.
        asynchronous: whether tools may be async.

    Raises:
        ToolLoopError: after `max_rounds` requests the model still calls tools.
        APITimeoutError: the time for all of it is up.
        ConfigurationError: there is no one model to ask.
        ImportError: an extra is not installed.
        TypeError: a tool or the type of the answer can't be described as JSON; an argument is
            unknown.
    """
    check(given.params, AskArguments, "ask")
    config = for_call(config, given.options)
    deadline = Deadline(config.deadline)
    tools = _listed(given.tools)
    toolbox = _toolbox(tools, asynchronous=asynchronous)
    request = _request(given, toolbox.definitions if toolbox else tools)
    request["model"] = given.model or (yield from _model(deadline))
    answers: list[ChatCompletion] = []
    turns: list[dict[str, Any]] = []
    for _ in range(given.max_rounds):
        answer = yield Create({**request, **_left(deadline), "messages": [*messages, *turns]})
        answers.append(answer)
        turns.append(turn_of(answer))
        reply = Reply(tuple(answers), tuple(turns), given.kind, config.shown_url)
        runs = toolbox.runs(reply.tool_calls) if toolbox else []
        if not runs:
            return reply
        results = yield RunTools(runs)
        turns += _results(turns[-1], results)
        if _forces(request.get("tool_choice")):  # it would call them for ever
            del request["tool_choice"]
    message = f"the model still calls tools after {given.max_rounds} requests"
    raise ToolLoopError(message, messages=turns)


def piece(chunk: ChatCompletionChunk) -> Piece | None:
    """Give what a chunk adds to the first choice's text, if it adds to it."""
    for choice in chunk.choices:
        text = "" if choice.index else text_of(choice.delta.content)
        if text:
            return Piece(text, chunk)
    return None


def _listed(tools: Any) -> list[Callable[..., Any] | JsonObject]:
    if callable(tools) or isinstance(tools, Mapping):
        name = getattr(tools, "__name__", "tool")
        raise TypeError(f"tools is a list, such as [{name}], also for one")
    return list(tools or ())


def _toolbox(tools: list[Callable[..., Any] | JsonObject], *, asynchronous: bool) -> Toolbox | None:
    if not any(callable(one) for one in tools):  # nothing to run
        return None
    with extra("tools", "tools"):
        from accord.tools import Toolbox  # noqa: PLC0415 - brings msgspec

    return Toolbox(tools, asynchronous=asynchronous)


def _request(given: Arguments[Any], tools: Sequence[Any]) -> dict[str, Any]:
    asked = {**given.params, **formats.parameter(given.response_format)}
    return {**asked, "tools": tools} if tools else asked


def _left(deadline: Deadline) -> CallOptions:
    """Give the option that bounds a request by what is left of the time for all of them.

    Raises:
        APITimeoutError: nothing is.
    """
    seconds = deadline.remaining
    if seconds is None:
        return {}
    if not seconds:
        message = "the time for the whole call is up (deadline timeout)"
        raise APITimeoutError(message, phase="deadline")
    return {"deadline": seconds}


def _model(deadline: Deadline) -> Plan[str]:
    """Settle which model is asked when none was named: never one of several."""
    named = os.environ.get("OPENAI_MODEL", "").strip()
    if named:
        return named
    models: ModelList = yield ListModels(_left(deadline))
    names = [model.id for model in models]
    if len(names) == 1:
        return names[0]
    some = ", ".join(names[:_SHOWN_MODELS]) or "none"
    more = ", …" if len(names) > _SHOWN_MODELS else ""
    raise ConfigurationError(f"name a model, or set OPENAI_MODEL; the server has {some}{more}")


def _results(turn: Mapping[str, Any], texts: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"role": "tool", "tool_call_id": call["id"], "content": text}
        for call, text in zip(turn["tool_calls"], texts, strict=True)
    ]


def _forces(choice: Any) -> bool:
    """Whether a `tool_choice` makes the model call a tool, whatever it wants."""
    described = choice.to_dict() if hasattr(choice, "to_dict") else choice
    if isinstance(described, dict):
        allowed = described.get("allowed_tools") or {}
        return bool(allowed.get("mode") != "auto")
    return bool(described == "required")
