"""From answers to what their texts mean: `chat.completions.parse`, as the OpenAI SDK has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from accord import formats
from accord.errors import (
    ContentFilterFinishReasonError,
    Facts,
    LengthFinishReasonError,
    UnparsedAnswerError,
)
from accord.extras import extra
from accord.parsed import (
    ParsedChatCompletion,
    ParsedChatCompletionMessage,
    ParsedChoice,
    ParsedFunction,
    ParsedFunctionToolCall,
)
from accord.reply import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from accord.answer import Answer
    from accord.params import JsonObject
    from accord.types import (
        ChatCompletion,
        ChatCompletionChoice,
        ChatCompletionMessage,
        FunctionCall,
        ToolCall,
    )

__all__ = ["Parser", "check", "pydantic_function_tool"]

A = TypeVar("A", bound="Answer")
T = TypeVar("T")


class Parser(Generic[T]):
    """What a request says of the types in its answer.

    Args:
        response_format: a type, for the text to be a JSON value of; or the parameter as requests
            have it; None for any text.
        params: the other arguments of `chat.completions.create`.

    Attributes:
        arguments: all arguments of `chat.completions.create`.

    Raises:
        ImportError: the extra `structured` is not installed, and a type needs it.
        TypeError: the type has no JSON form.
    """

    def __init__(
        self, response_format: type[T] | JsonObject | None, params: Mapping[str, Any]
    ) -> None:
        self._kind = formats.kind_of(response_format)
        self.arguments = {**params, **formats.parameter(response_format)}
        if params.get("tools") is not None:
            self.arguments["tools"] = [*params["tools"]]
        self._tools = dict(_readers(self.arguments.get("tools") or ()))

    @property
    def parses(self) -> bool:
        """Whether there is a type for anything."""
        return self._kind is not None or bool(self._tools)

    def parsed(self, answer: ChatCompletion) -> ParsedChatCompletion[T]:
        """Read what can be read in an answer.

        Raises:
            UnparsedAnswerError: a text is no value of its type, or has not come to its end.
        """
        for choice in answer.choices:
            check(choice.finish_reason, answer)
        return self.snapshot(answer, whole=True)

    def snapshot(self, answer: ChatCompletion, *, whole: bool = False) -> ParsedChatCompletion[T]:
        """Read what can be read in an answer that may not be whole.

        Of a choice that has not come to its end this is JSON, as far as it has come.
        """
        parsed: ParsedChatCompletion[T] = _as(ParsedChatCompletion, answer)
        parsed.choices = [
            self._choice(choice, answer, whole=whole or bool(choice.finish_reason))
            for choice in answer.choices
        ]
        return parsed

    def value(self, message: ChatCompletionMessage, answer: ChatCompletion) -> T | None:
        """Read a message's text as a value of the type.

        Raises:
            UnparsedAnswerError: it is none.
        """
        text = text_of(message.content)
        if self._kind is None or message.refusal or not text:
            return None
        return formats.read(text, self._kind, answer)

    def called_with(self, called: FunctionCall, answer: ChatCompletion) -> Any:
        """Read what a function is called with; None unless its tool is strict, or has a type.

        Raises:
            UnparsedAnswerError: it is no JSON, or no value of the type.
        """
        if called.name not in self._tools:
            return None
        try:
            return self._tools[called.name](called.arguments or "")
        except ValueError as error:
            why = f"the arguments of {called.name} can't be read: {error}"
            raise UnparsedAnswerError(why, completion=answer) from error

    def so_far(self, text: str) -> Any:
        """Read the beginning of a text as JSON, if there is a type for it."""
        return None if self._kind is None else _begun(text)

    def called_so_far(self, called: FunctionCall) -> Any:
        """Read the beginning of what a function is called with as JSON, as above."""
        return _begun(called.arguments or "") if called.name in self._tools else None

    def _choice(
        self, choice: ChatCompletionChoice, answer: ChatCompletion, *, whole: bool
    ) -> ParsedChoice[T]:
        message: ParsedChatCompletionMessage[T] = _as(ParsedChatCompletionMessage, choice.message)
        if whole:
            message.parsed = self.value(choice.message, answer)
        else:
            message.parsed = self.so_far(text_of(choice.message.content))
        calls = choice.message.tool_calls
        if calls:
            message.tool_calls = [self._call(call, answer, whole=whole) for call in calls]
        parsed: ParsedChoice[T] = _as(ParsedChoice, choice)
        parsed.message = message
        return parsed

    def _call(
        self, call: ToolCall, answer: ChatCompletion, *, whole: bool
    ) -> ParsedFunctionToolCall:
        parsed = _as(ParsedFunctionToolCall, call)
        if call.function is not None:
            function = parsed.function = _as(ParsedFunction, call.function)
            function.parsed_arguments = (
                self.called_with(call.function, answer)
                if whole
                else self.called_so_far(call.function)
            )
        return parsed


def check(finish_reason: str | None, answer: ChatCompletion) -> None:
    """Refuse an answer that was ended before its end.

    Raises:
        ContentFilterFinishReasonError: a filter stopped it.
        LengthFinishReasonError: it was cut off.
    """
    facts = Facts(request_id=answer.http.request_id if answer.http else None)
    if finish_reason == "length":
        message = "the answer was cut off at the limit of tokens"
        raise LengthFinishReasonError(message, facts, completion=answer)
    if finish_reason == "content_filter":
        message = "the server's filter stopped the answer"
        raise ContentFilterFinishReasonError(message, facts, completion=answer)


def _begun(text: str) -> Any:
    """Read the beginning of a JSON value; None where it is none.

    Raises:
        ImportError: the extra `structured` is not installed.
    """
    with extra("structured", "structured answers"):
        from jiter import from_json  # noqa: PLC0415 - an extra
    try:
        return from_json(text.encode(), partial_mode=True)
    except ValueError:
        return None


class _TypedFunction(dict[str, Any]):
    """What requests say of a function, and how to read what it is called with."""

    read: Callable[[str], Any]


def pydantic_function_tool(
    model: type[Any], *, name: str | None = None, description: str | None = None
) -> dict[str, Any]:
    """Describe a function by the type of its arguments, which `parse` and `stream` then give.

    Args:
        model: a pydantic model, or any type that structured answers may be of.
        name: what the model calls it by; else the type's name.
        description: what the model is told of it; else the type's docstring.

    Raises:
        ImportError: the extra `structured` is not installed.
        TypeError: the type has no JSON form.
    """
    with extra("structured", "structured answers"):
        from accord import shapes  # noqa: PLC0415 - brings msgspec

    described = shapes.response_format(model)["json_schema"]
    function = _TypedFunction(
        name=name or described["name"],
        parameters=described["schema"],
        strict=described["strict"],
    )
    function.read = partial(shapes.read_json, kind=model)
    text = description or described["schema"].get("description")
    if text:
        function["description"] = text
    return {"type": "function", "function": function}


def _readers(tools: Iterable[Any]) -> Iterator[tuple[str, Callable[[str], Any]]]:
    """Give how to read what functions are called with, by their names."""
    for tool in tools:
        described = tool if isinstance(tool, Mapping) else tool.to_dict()
        function = described.get("function") or {}
        if isinstance(function, _TypedFunction):
            yield function["name"], function.read
        elif function.get("strict"):
            yield function["name"], json.loads


def _as(kind: type[A], answer: Answer) -> A:
    """Give the same JSON object by a class that knows more of it."""
    other: Any = kind()
    vars(other).update(vars(answer))
    other._http = answer.http  # noqa: SLF001 - our own
    return other  # type: ignore[no-any-return]  # an A
