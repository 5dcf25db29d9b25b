"""The events of a streamed answer, as the OpenAI SDK has them, from `chat.completions.stream`.

Their `type` tells them apart. What an event tells of the answer so far is made when it is looked
at, so that events cost little however long the answer is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.parsed import ParsedChatCompletion
    from accord.types import ChatCompletionChunk, TokenLogprob

__all__ = [
    "ChatCompletionStreamEvent",
    "ChunkEvent",
    "ContentDeltaEvent",
    "ContentDoneEvent",
    "FunctionToolCallArgumentsDeltaEvent",
    "FunctionToolCallArgumentsDoneEvent",
    "LogprobsContentDeltaEvent",
    "LogprobsContentDoneEvent",
    "LogprobsRefusalDeltaEvent",
    "LogprobsRefusalDoneEvent",
    "RefusalDeltaEvent",
    "RefusalDoneEvent",
    "SoFar",
]

T = TypeVar("T")


class SoFar(NamedTuple):
    """The first items of a list that goes on growing."""

    grown: list[Any]
    size: int

    @property
    def items(self) -> list[Any]:
        """Those items."""
        return self.grown[: self.size]

    @property
    def text(self) -> str:
        """Those items, which are texts, as one."""
        return "".join(self.items)


@dataclass(frozen=True, slots=True)
class ChunkEvent(Generic[T]):
    """A chunk has come. What it brings is told by the events that follow.

    Attributes:
        chunk: the chunk.
    """

    chunk: ChatCompletionChunk
    _snapshot: Callable[[], ParsedChatCompletion[T]] = field(repr=False, compare=False)
    type: Literal["chunk"] = "chunk"

    @property
    def snapshot(self) -> ParsedChatCompletion[T]:
        """The answer, as far as it has come now."""
        return self._snapshot()


@dataclass(frozen=True, slots=True)
class ContentDeltaEvent:
    """The text goes on.

    Attributes:
        delta: what is new.
    """

    delta: str
    _so_far: SoFar = field(repr=False)
    _parse: Callable[[str], Any] = field(repr=False, compare=False)
    type: Literal["content.delta"] = "content.delta"

    @property
    def snapshot(self) -> str:
        """The text up to here."""
        return self._so_far.text

    @property
    def parsed(self) -> Any:
        """The text up to here as JSON, when a type was given; None where it is none."""
        return self._parse(self.snapshot)


@dataclass(frozen=True, slots=True)
class ContentDoneEvent(Generic[T]):
    """The text is whole.

    Attributes:
        content: the text.
        parsed: its value, when a type was given.
    """

    content: str
    parsed: T | None
    type: Literal["content.done"] = "content.done"


@dataclass(frozen=True, slots=True)
class RefusalDeltaEvent:
    """The refusal goes on.

    Attributes:
        delta: what is new.
    """

    delta: str
    _so_far: SoFar = field(repr=False)
    type: Literal["refusal.delta"] = "refusal.delta"

    @property
    def snapshot(self) -> str:
        """The refusal up to here."""
        return self._so_far.text


@dataclass(frozen=True, slots=True)
class RefusalDoneEvent:
    """The refusal is whole.

    Attributes:
        refusal: the text.
    """

    refusal: str
    type: Literal["refusal.done"] = "refusal.done"


@dataclass(frozen=True, slots=True)
class FunctionToolCallArgumentsDeltaEvent:
    """A call of a function begins, or its arguments go on.

    Attributes:
        name: the function's.
        index: which call of the message it is.
        arguments: the arguments up to here, as text.
        arguments_delta: what is new of it.
        parsed_arguments: the arguments up to here as JSON, when the tool is strict or has a type.
    """

    name: str
    index: int
    arguments: str
    arguments_delta: str
    parsed_arguments: Any
    type: Literal["tool_calls.function.arguments.delta"] = "tool_calls.function.arguments.delta"


@dataclass(frozen=True, slots=True)
class FunctionToolCallArgumentsDoneEvent:
    """A call of a function is whole.

    Attributes:
        name: the function's.
        index: which call of the message it is.
        arguments: the arguments, as text.
        parsed_arguments: their value, when the tool is strict or has a type.
    """

    name: str
    index: int
    arguments: str
    parsed_arguments: Any
    type: Literal["tool_calls.function.arguments.done"] = "tool_calls.function.arguments.done"


@dataclass(frozen=True, slots=True)
class LogprobsContentDeltaEvent:
    """More is known of how likely the text's tokens were.

    Attributes:
        content: what is new.
    """

    content: list[TokenLogprob]
    _so_far: SoFar = field(repr=False)
    type: Literal["logprobs.content.delta"] = "logprobs.content.delta"

    @property
    def snapshot(self) -> list[TokenLogprob]:
        """Those of the text up to here."""
        return self._so_far.items


@dataclass(frozen=True, slots=True)
class LogprobsContentDoneEvent:
    """All is known of how likely the text's tokens were.

    Attributes:
        content: for each token.
    """

    content: list[TokenLogprob]
    type: Literal["logprobs.content.done"] = "logprobs.content.done"


@dataclass(frozen=True, slots=True)
class LogprobsRefusalDeltaEvent:
    """More is known of how likely the refusal's tokens were.

    Attributes:
        refusal: what is new.
    """

    refusal: list[TokenLogprob]
    _so_far: SoFar = field(repr=False)
    type: Literal["logprobs.refusal.delta"] = "logprobs.refusal.delta"

    @property
    def snapshot(self) -> list[TokenLogprob]:
        """Those of the refusal up to here."""
        return self._so_far.items


@dataclass(frozen=True, slots=True)
class LogprobsRefusalDoneEvent:
    """All is known of how likely the refusal's tokens were.

    Attributes:
        refusal: for each token.
    """

    refusal: list[TokenLogprob]
    type: Literal["logprobs.refusal.done"] = "logprobs.refusal.done"


ChatCompletionStreamEvent = (
    ChunkEvent[T]
    | ContentDeltaEvent
    | ContentDoneEvent[T]
    | RefusalDeltaEvent
    | RefusalDoneEvent
    | FunctionToolCallArgumentsDeltaEvent
    | FunctionToolCallArgumentsDoneEvent
    | LogprobsContentDeltaEvent
    | LogprobsContentDoneEvent
    | LogprobsRefusalDeltaEvent
    | LogprobsRefusalDoneEvent
)
