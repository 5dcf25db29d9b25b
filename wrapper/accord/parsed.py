"""Answers with what their texts mean, as values: of `parse` and `stream`, with OpenAI's names.

What is parsed is no member of the JSON object: a message can be sent back as it came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from accord.types import (
    ChatCompletion,
    ChatCompletionChoice,
    ChatCompletionMessage,
    FunctionCall,
    ToolCall,
)

__all__ = [
    "ParsedChatCompletion",
    "ParsedChatCompletionMessage",
    "ParsedChoice",
    "ParsedFunction",
    "ParsedFunctionToolCall",
]

T = TypeVar("T")


class ParsedFunction(FunctionCall):
    """Which function, with what.

    Attributes:
        parsed_arguments: the value of `arguments`: of the type that the tool was made of, or JSON
            where the tool is `strict`; None for other tools.
    """

    __slots__ = ("parsed_arguments",)
    if TYPE_CHECKING:
        parsed_arguments: Any


class ParsedFunctionToolCall(ToolCall):
    """A call that the model makes."""

    if TYPE_CHECKING:
        function: ParsedFunction | None


class ParsedChatCompletionMessage(ChatCompletionMessage, Generic[T]):
    """What the model says.

    Attributes:
        parsed: the value of `content`; None without a type or a text, and when the model refuses.
    """

    __slots__ = ("parsed",)
    if TYPE_CHECKING:
        parsed: T | None
        tool_calls: list[ParsedFunctionToolCall] | None  # type: ignore[assignment]  # only read


class ParsedChoice(ChatCompletionChoice, Generic[T]):
    """One answer."""

    if TYPE_CHECKING:
        message: ParsedChatCompletionMessage[T]


class ParsedChatCompletion(ChatCompletion, Generic[T]):
    """The answer to a conversation."""

    if TYPE_CHECKING:
        choices: list[ParsedChoice[T]]  # type: ignore[assignment]  # only read
