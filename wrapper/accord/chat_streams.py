"""Streams of events: `chat.completions.stream`, as the OpenAI SDK has it."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from accord.telling import Teller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx

    from accord.async_client import AsyncChatCompletions
    from accord.chat_events import ChatCompletionStreamEvent
    from accord.client import ChatCompletions
    from accord.parsed import ParsedChatCompletion
    from accord.parsing import Parser
    from accord.streams import AsyncStream, Stream
    from accord.types import ChatCompletionChunk

__all__ = ["AsyncChatCompletionStream", "ChatCompletionStream", "opened", "opened_async"]

T = TypeVar("T")
S = TypeVar("S", bound="Stream[ChatCompletionChunk] | AsyncStream[ChatCompletionChunk]")


class _Told(Generic[S, T]):
    """What both kinds of stream have."""

    def __init__(self, chunks: S, parser: Parser[T]) -> None:
        self._chunks = chunks
        self._parser = parser
        self._teller = Teller(parser, chunks.get_partial_completion)

    @property
    def response(self) -> httpx.Response:
        """The answer's HTTP; its body is the stream's to read."""
        return self._chunks.response

    @property
    def current_completion_snapshot(self) -> ParsedChatCompletion[Any]:
        """The answer, as far as its chunks have been read."""
        return self._teller.snapshot()


class ChatCompletionStream(_Told["Stream[ChatCompletionChunk]", T]):
    """The events of a streamed answer, and the answer.

    Iterating raises what reading the stream does, and an `UnparsedAnswerError` when something is
    no value of its type.
    """

    def __iter__(self) -> Iterator[ChatCompletionStreamEvent[T]]:
        return self

    def __next__(self) -> ChatCompletionStreamEvent[T]:
        while not self._teller.ready:
            if self._teller.ended:
                raise StopIteration
            self._teller.add(next(self._chunks, None))
        return self._teller.ready.popleft()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def until_done(self) -> Self:
        """Read what is left."""
        for _ in self:
            pass
        return self

    def get_final_completion(self) -> ParsedChatCompletion[T]:
        """Read what is left; give the whole answer, with values of the types that were given.

        Raises:
            AccordError: the stream fails, or something is no value of its type, or was cut off.
        """
        self.until_done()
        return self._parser.parsed(self._chunks.get_final_completion())

    def close(self) -> None:
        """Give the answer up. The server may stop; what has not been read is lost."""
        self._chunks.close()


@contextmanager
def opened(completions: ChatCompletions, parser: Parser[T]) -> Iterator[ChatCompletionStream[T]]:
    """Make the call, and close its stream at the end."""
    with completions.create(**parser.arguments, stream=True) as chunks:
        yield ChatCompletionStream(chunks, parser)


class AsyncChatCompletionStream(_Told["AsyncStream[ChatCompletionChunk]", T]):
    """The events of a streamed answer, and the answer.

    Iterating raises what reading the stream does, and an `UnparsedAnswerError` when something is
    no value of its type.
    """

    def __aiter__(self) -> AsyncIterator[ChatCompletionStreamEvent[T]]:
        return self

    async def __anext__(self) -> ChatCompletionStreamEvent[T]:
        while not self._teller.ready:
            if self._teller.ended:
                raise StopAsyncIteration
            self._teller.add(await anext(self._chunks, None))
        return self._teller.ready.popleft()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def until_done(self) -> Self:
        """Read what is left."""
        async for _ in self:
            pass
        return self

    async def get_final_completion(self) -> ParsedChatCompletion[T]:
        """Read what is left; give the whole answer, with values of the types that were given.

        Raises:
            AccordError: the stream fails, or something is no value of its type, or was cut off.
        """
        await self.until_done()
        return self._parser.parsed(await self._chunks.get_final_completion())

    async def close(self) -> None:
        """Give the answer up. The server may stop; what has not been read is lost."""
        await self._chunks.close()


@asynccontextmanager
async def opened_async(
    completions: AsyncChatCompletions, parser: Parser[T]
) -> AsyncIterator[AsyncChatCompletionStream[T]]:
    """Make the call, and close its stream at the end."""
    async with await completions.create(**parser.arguments, stream=True) as chunks:
        yield AsyncChatCompletionStream(chunks, parser)
