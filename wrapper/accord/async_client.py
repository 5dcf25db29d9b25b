"""The async client, for asyncio and trio: `accord.transport` with OpenAI's methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self, Unpack, overload

import httpx

from accord import operations
from accord.config import DEFAULT_MAX_RETRIES, Config
from accord.transport import DEFAULT_TIMEOUT, AsyncTransport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord import types
    from accord.params import ChatParams, CompletionParams
    from accord.streams import AsyncStream

__all__ = ["AsyncClient"]


class AsyncClient:
    """A client of one server, for one event loop. `close` it, or use it with `async with`.

    Args:
        base_url: where the endpoints live; else `OPENAI_BASE_URL`, else OpenAI.
        api_key: the key; else `OPENAI_API_KEY`, else none is sent.
        timeout: seconds to connect, and to wait for each piece of an answer; or an
            `httpx.Timeout`; None waits for ever. By default 5 to connect and 600 to wait.
        max_retries: how often to try again after a failed connection and 408, 409, 429 and
            500 and above.
        default_headers: sent with every request.
        http_client: an httpx client of one's own. It is not closed, and its timeout holds
            unless one is given here.

    Raises:
        ConfigurationError: something of this can't be used.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float | httpx.Timeout | None = DEFAULT_TIMEOUT,
        max_retries: int = DEFAULT_MAX_RETRIES,
        default_headers: Mapping[str, str] | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        self._config = Config.resolve(
            base_url=base_url,
            api_key=api_key,
            max_retries=max_retries,
            default_headers=default_headers,
        )
        self._transport = AsyncTransport(self._config, timeout, http_client)
        self.models = AsyncModels(self._transport)
        self.completions = AsyncCompletions(self._transport)
        self.chat = AsyncChat(self._transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._config.shown_url!r})"

    async def close(self) -> None:
        """Close the connections, unless they are those of an `http_client` of one's own."""
        await self._transport.close()


class AsyncModels:
    """`client.models`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list(self) -> types.ModelList:
        """List the models that the server can run.

        Raises:
            AccordError: the call failed.
        """
        return await self._transport.fetch(operations.models())

    async def retrieve(self, model: str) -> types.Model:
        """Describe one model, by its id.

        Raises:
            AccordError: the call failed: with `NotFoundError` when there is no such model.
        """
        return await self._transport.fetch(operations.model(model))


class AsyncCompletions:
    """`client.completions`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    @overload
    async def create(
        self, *, stream: Literal[False] | None = None, **params: Unpack[CompletionParams]
    ) -> types.Completion: ...
    @overload
    async def create(
        self, *, stream: Literal[True], **params: Unpack[CompletionParams]
    ) -> AsyncStream[types.CompletionChunk]: ...
    @overload
    async def create(
        self, *, stream: bool | None, **params: Unpack[CompletionParams]
    ) -> types.Completion | AsyncStream[types.CompletionChunk]: ...
    async def create(
        self, *, stream: bool | None = None, **params: Unpack[CompletionParams]
    ) -> types.Completion | AsyncStream[types.CompletionChunk]:
        """Complete one prompt or several.

        Args:
            stream: whether to give the answer in chunks, as it is made.
            **params: see `accord.params.CompletionParams`.

        Raises:
            AccordError: the call failed.
            TypeError: an argument is unknown, or a required one is missing.
        """
        if stream:
            return await self._transport.stream(operations.completion_stream(params))
        return await self._transport.fetch(operations.completion(params))


class AsyncChat:
    """`client.chat`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self.completions = AsyncChatCompletions(transport)


class AsyncChatCompletions:
    """`client.chat.completions`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    @overload
    async def create(
        self, *, stream: Literal[False] | None = None, **params: Unpack[ChatParams]
    ) -> types.ChatCompletion: ...
    @overload
    async def create(
        self, *, stream: Literal[True], **params: Unpack[ChatParams]
    ) -> AsyncStream[types.ChatCompletionChunk]: ...
    @overload
    async def create(
        self, *, stream: bool | None, **params: Unpack[ChatParams]
    ) -> types.ChatCompletion | AsyncStream[types.ChatCompletionChunk]: ...
    async def create(
        self, *, stream: bool | None = None, **params: Unpack[ChatParams]
    ) -> types.ChatCompletion | AsyncStream[types.ChatCompletionChunk]:
        """Answer a conversation.

        Args:
            stream: whether to give the answer in chunks, as it is made.
            **params: see `accord.params.ChatParams`.

        Raises:
            AccordError: the call failed.
            TypeError: an argument is unknown, or a required one is missing.
        """
        if stream:
            return await self._transport.stream(operations.chat_stream(params))
        return await self._transport.fetch(operations.chat(params))
