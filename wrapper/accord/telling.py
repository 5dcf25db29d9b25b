"""From the chunks of a stream to its events, without input or output."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from accord.chat_events import (
    ChatCompletionStreamEvent,
    ChunkEvent,
    ContentDeltaEvent,
    ContentDoneEvent,
    FunctionToolCallArgumentsDeltaEvent,
    FunctionToolCallArgumentsDoneEvent,
    LogprobsContentDeltaEvent,
    LogprobsContentDoneEvent,
    LogprobsRefusalDeltaEvent,
    LogprobsRefusalDoneEvent,
    RefusalDeltaEvent,
    RefusalDoneEvent,
    SoFar,
)
from accord.parsing import check
from accord.reply import text_of
from accord.types import ChatLogprobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accord.parsed import ParsedChatCompletion
    from accord.parsing import Parser
    from accord.types import (
        ChatCompletion,
        ChatCompletionChoice,
        ChatCompletionChunk,
        ChatCompletionChunkChoice,
        FunctionCall,
    )

    Told = Iterator[ChatCompletionStreamEvent[Any]]

__all__ = ["Teller"]

T = TypeVar("T")


class _Choice:
    """What was told of a choice.

    Attributes:
        content: the pieces of its text.
        refusal: the pieces of its refusal.
        content_logprobs: those of its text.
        refusal_logprobs: those of its refusal.
        arguments: of each function that it calls.
        call: the place of the call that was told of last.
        finished: whether a reason to finish has come.
        done: what was said to be whole: kinds of events, and places of calls.
    """

    def __init__(self) -> None:
        self.content: list[str] = []
        self.refusal: list[str] = []
        self.content_logprobs: list[Any] = []
        self.refusal_logprobs: list[Any] = []
        self.arguments: dict[int, str] = {}
        self.call: int | None = None
        self.finished = False
        self.done: set[object] = set()

    def first(self, what: object) -> bool:
        """Say whether this is to be told, as it has not been."""
        new = what not in self.done
        self.done.add(what)
        return new


class Teller(Generic[T]):
    """Tells of a streamed answer.

    What a choice brought is said to be whole when it has a reason to finish, and a chunk comes
    that brings no more of it; some servers give a reason with every chunk, or none at all.

    Args:
        parser: reads what can be read in the answer.
        answer: gives the answer as far as it has come.

    Attributes:
        ready: the events that are to be handed out.
        ended: whether the stream has.
    """

    def __init__(self, parser: Parser[T], answer: Callable[[], ChatCompletion]) -> None:
        self.ready: deque[ChatCompletionStreamEvent[T]] = deque()
        self.ended = False
        self._parser = parser
        self._answer = answer
        self._choices: dict[int, _Choice] = {}

    def add(self, chunk: ChatCompletionChunk | None) -> None:
        """Take the next chunk; None at the end of the stream.

        Raises:
            UnparsedAnswerError: what is whole is no value of its type, or was cut off.
        """
        self.ready.extend([*(self._end() if chunk is None else self._of_chunk(chunk))])

    def snapshot(self) -> ParsedChatCompletion[T]:
        """Give the answer as far as it has come, and as far as it can be read."""
        return self._parser.snapshot(self._answer())

    def _end(self) -> Told:
        self.ended = True
        for index in self._choices:
            yield from self._whole(index)

    def _of_chunk(self, chunk: ChatCompletionChunk) -> Told:
        pieces = {_index(piece, place): piece for place, piece in enumerate(chunk.choices)}
        for index, choice in self._choices.items():
            if choice.finished and index not in pieces:
                yield from self._whole(index)
        yield ChunkEvent(chunk, self.snapshot)
        for index, piece in pieces.items():
            yield from self._of_piece(index, piece)

    def _of_piece(self, index: int, piece: ChatCompletionChunkChoice) -> Told:
        choice = self._choices.setdefault(index, _Choice())
        if piece.finish_reason:
            choice.finished = True
            if self._parser.parses:
                check(piece.finish_reason, self._answer())
        yield from self._of_texts(choice, piece)
        calls = [*self._grown(index)] if piece.delta.tool_calls else []
        yield from calls
        yield from _of_logprobs(choice, piece)
        for call in calls:
            if call.index != choice.call:
                yield from self._whole(index)
            choice.call = call.index

    def _of_texts(self, choice: _Choice, piece: ChatCompletionChunkChoice) -> Told:
        content, refusal = piece.delta.content, piece.delta.refusal
        if content is not None:
            choice.content.append(text_of(content))
            so_far = SoFar(choice.content, len(choice.content))
            yield ContentDeltaEvent(choice.content[-1], so_far, self._parser.so_far)
        if isinstance(refusal, str):
            choice.refusal.append(refusal)
            yield RefusalDeltaEvent(refusal, SoFar(choice.refusal, len(choice.refusal)))

    def _grown(self, index: int) -> Iterator[FunctionToolCallArgumentsDeltaEvent]:
        """Tell of the calls of functions that have begun, or gone on."""
        told = self._choices[index].arguments
        for place, function in _functions(self._found(index)[0]):
            arguments, before = function.arguments or "", told.get(place)
            if arguments != before:
                told[place] = arguments
                yield FunctionToolCallArgumentsDeltaEvent(
                    name=function.name,
                    index=place,
                    arguments=arguments,
                    arguments_delta=arguments.removeprefix(before or ""),
                    parsed_arguments=self._parser.called_so_far(function),
                )

    def _whole(self, index: int) -> Told:
        """Tell what is whole now: the texts, and the call that was told of last."""
        choice = self._choices[index]
        found, answer = self._found(index)
        message = found.message
        if message.content and choice.first("content"):
            yield ContentDoneEvent(text_of(message.content), self._parser.value(message, answer))
        if message.refusal and choice.first("refusal"):
            yield RefusalDoneEvent(message.refusal)
        if choice.content_logprobs and choice.first("content logprobs"):
            yield LogprobsContentDoneEvent(choice.content_logprobs)
        if choice.refusal_logprobs and choice.first("refusal logprobs"):
            yield LogprobsRefusalDoneEvent(choice.refusal_logprobs)
        for place, function in _functions(found):
            if place == choice.call and choice.first(place):
                parsed = self._parser.called_with(function, answer)
                arguments = function.arguments or ""
                yield FunctionToolCallArgumentsDoneEvent(function.name, place, arguments, parsed)

    def _found(self, index: int) -> tuple[ChatCompletionChoice, ChatCompletion]:
        """Give a choice as far as it has come, and the answer that it is of."""
        answer = self._answer()
        (found,) = (choice for choice in answer.choices if choice.index == index)
        return found, answer


def _index(piece: Any, place: int) -> int:
    """Say which choice a piece is of, as `accord.folding` does."""
    return piece.index if isinstance(piece.index, int) else place


def _functions(choice: ChatCompletionChoice) -> Iterator[tuple[int, FunctionCall]]:
    """Give the functions that are called, with the places of their calls."""
    for place, call in enumerate(choice.message.tool_calls or ()):
        if call.function is not None:
            yield place, call.function


def _of_logprobs(choice: _Choice, piece: ChatCompletionChunkChoice) -> Told:
    logprobs = piece.logprobs
    if not isinstance(logprobs, ChatLogprobs):  # some servers send what they like
        return
    if logprobs.content:
        choice.content_logprobs += logprobs.content
        so_far = SoFar(choice.content_logprobs, len(choice.content_logprobs))
        yield LogprobsContentDeltaEvent(logprobs.content, so_far)
    if logprobs.refusal:
        choice.refusal_logprobs += logprobs.refusal
        so_far = SoFar(choice.refusal_logprobs, len(choice.refusal_logprobs))
        yield LogprobsRefusalDeltaEvent(logprobs.refusal, so_far)
