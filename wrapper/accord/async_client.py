"""The async client, for asyncio and trio: `accord.transport` with OpenAI's methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, Unpack, overload

from accord import operations
from accord.asks import AsyncAsks
from accord.config import Config
from accord.transport import AsyncTransport

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    import httpx

    from accord import types
    from accord.asking import Arguments, Plan
    from accord.asks import Question
    from accord.chat_streams import AsyncChatCompletionStream
    from accord.config import ClientOptions
    from accord.listing import AsyncListing
    from accord.params import (
        CallOptions,
        ChatArguments,
        CompletionArguments,
        JsonObject,
        ParseArguments,
    )
    from accord.parsed import ParsedChatCompletion
    from accord.raw import AsyncRawChatCompletions, AsyncRawCompletions, AsyncRawModels
    from accord.reply import Reply
    from accord.streams import AsyncStream
    from accord.telemetry import Telemetry
    from accord.unread import (
        AsyncStreamingChatCompletions,
        AsyncStreamingCompletions,
        AsyncStreamingModels,
    )

__all__ = ["AsyncClient"]

T = TypeVar("T")


class AsyncClient(AsyncAsks):
    """A client of one server, for one event loop. `close` it, or use it with `async with`.

    Args:
        http_client: an httpx client of one's own. It is not closed, and its timeout holds unless
            one is given here.
        transport: what the client made here is to use instead of httpx's own connections.
        telemetry: whether OpenTelemetry is told of the calls; or an `accord.telemetry.Telemetry`,
            which says whom to tell.
        base_url: where the endpoints live; else `OPENAI_BASE_URL`, else OpenAI.
        api_key: the key, or a function (also an async one) that gives it,
            and is asked for every attempt; else `OPENAI_API_KEY`, else none is sent.
        organization: whom OpenAI bills; else `OPENAI_ORG_ID`.
        project: what OpenAI bills it to; else `OPENAI_PROJECT_ID`.
        timeout: seconds for each phase: to connect, to send, to wait for each piece of an answer,
            and to wait for a free connection; or an `httpx.Timeout`; None waits for ever. By
            default 5 to connect and 600 for the rest.
        deadline: seconds for a whole call, all its attempts and all its stream; None for no end.
        max_retries: how often to try again what may pass; 2 by default.
        retry: when to try again, in full: an `accord.RetryPolicy`.
        default_headers: sent with every request.
        default_query: sent with every request, in its address.

    Raises:
        ConfigurationError: something of this can't be used.
        ImportError: `telemetry` needs the extra `otel`.
        TypeError: an option is unknown.
    """

    def __init__(
        self,
        *,
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        telemetry: Telemetry | bool = False,
        **options: Unpack[ClientOptions],
    ) -> None:
        config = Config.resolve(options)
        if telemetry:
            from accord.watched import AsyncWatchedTransport  # noqa: PLC0415 - an extra

            self._set_up(AsyncWatchedTransport(http_client, transport, telemetry), config)
        else:
            self._set_up(AsyncTransport(http_client, transport), config)

    def _set_up(self, transport: AsyncTransport, config: Config) -> None:
        self._transport, self._config = transport, config
        self.models = AsyncModels(transport, config)
        self.completions = AsyncCompletions(transport, config)
        self.chat = AsyncChat(transport, config)

    @property
    def beta(self) -> AsyncBeta:
        """What the OpenAI SDK had there once: `client.beta.chat.completions.parse`."""
        return AsyncBeta(self.chat)

    def with_options(self, **options: Unpack[ClientOptions]) -> Self:
        """Give a client that differs in some options, and shares the connections of this one.

        Closing one of them closes both.

        Args:
            **options: as above, but for `http_client`, `transport` and `telemetry`.

        Raises:
            ConfigurationError: something of this can't be used.
            TypeError: an option is unknown.
        """
        other = type(self).__new__(type(self))
        other._set_up(self._transport, self._config.changed(options))  # noqa: SLF001 - its own
        return other

    copy = with_options

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._config.shown_url!r})"

    @property
    def base_url(self) -> str:
        """Where the endpoints live, without what may be secret: user name, password and query."""
        return self._config.shown_url

    def is_closed(self) -> bool:
        """Say whether it was closed, by `close` or at the end of its `with`."""
        return self._transport.closed

    async def close(self) -> None:
        """Close the connections, unless they are those of an `http_client` of one's own."""
        await self._transport.close()

    def _plan(self, question: Question, given: Arguments[T]) -> tuple[Self, Plan[Reply[T]]]:
        from accord.asking import messages_of, plan  # noqa: PLC0415 - see `accord.asks`

        messages = messages_of(question)
        return self, plan(messages, given, config=self._config, asynchronous=True)


class AsyncModels:
    """`client.models`."""

    def __init__(self, transport: AsyncTransport, config: Config) -> None:
        self._transport, self._config = transport, config

    @property
    def with_raw_response(self) -> AsyncRawModels:
        """The same calls, with the HTTP of their answers."""
        from accord.raw import AsyncRawModels  # noqa: PLC0415 - few want it

        return AsyncRawModels(self)

    @property
    def with_streaming_response(self) -> AsyncStreamingModels:
        """The same calls as contexts, with answers that are yet to be read."""
        from accord.unread import AsyncStreamingModels, AsyncUnread  # noqa: PLC0415 - few want it

        unread: Any = AsyncUnread(self._transport)
        return AsyncStreamingModels(AsyncModels(unread, self._config))

    def list(self, **options: Unpack[CallOptions]) -> AsyncListing:
        """List the models that the server can run: `await` it, or loop over it with `async for`.

        Args:
            **options: see `accord.params.CallOptions`.

        Raises:
            AccordError: the call failed.
        """
        from accord.listing import AsyncListing  # noqa: PLC0415 - brings the results' classes

        return AsyncListing(self._transport.fetch(self._config, operations.models(options)))

    async def retrieve(self, model: str, **options: Unpack[CallOptions]) -> types.Model:
        """Describe one model.

        Args:
            model: its id.
            **options: see `accord.params.CallOptions`.

        Raises:
            AccordError: the call failed: with `NotFoundError` when there is no such model.
        """
        return await self._transport.fetch(self._config, operations.model(model, options))


class AsyncCompletions:
    """`client.completions`."""

    def __init__(self, transport: AsyncTransport, config: Config) -> None:
        self._transport, self._config = transport, config

    @property
    def with_raw_response(self) -> AsyncRawCompletions:
        """The same calls, with the HTTP of their answers."""
        from accord.raw import AsyncRawCompletions  # noqa: PLC0415 - few want it

        return AsyncRawCompletions(self)

    @property
    def with_streaming_response(self) -> AsyncStreamingCompletions:
        """The same calls as contexts, with answers that are yet to be read."""
        from accord.unread import AsyncStreamingCompletions, AsyncUnread  # noqa: PLC0415 - few want it

        unread: Any = AsyncUnread(self._transport)
        return AsyncStreamingCompletions(AsyncCompletions(unread, self._config))

    @overload
    async def create(
        self, *, stream: Literal[False] | None = None, **params: Unpack[CompletionArguments]
    ) -> types.Completion: ...
    @overload
    async def create(
        self, *, stream: Literal[True], **params: Unpack[CompletionArguments]
    ) -> AsyncStream[types.CompletionChunk]: ...
    @overload
    async def create(
        self, *, stream: bool | None, **params: Unpack[CompletionArguments]
    ) -> types.Completion | AsyncStream[types.CompletionChunk]: ...
    async def create(
        self, *, stream: bool | None = None, **params: Unpack[CompletionArguments]
    ) -> types.Completion | AsyncStream[types.CompletionChunk]:
        """Complete one prompt or several.

        Args:
            stream: whether to give the answer in chunks, as it is made.
            **params: see `accord.params.CompletionParams` and `CallOptions`.

        Raises:
            AccordError: the call failed.
            TypeError: an argument is unknown, or a required one is missing.
        """
        if stream:
            return await self._transport.stream(self._config, operations.completion_stream(params))
        return await self._transport.fetch(self._config, operations.completion(params))


class AsyncChat:
    """`client.chat`."""

    def __init__(self, transport: AsyncTransport, config: Config) -> None:
        self.completions = AsyncChatCompletions(transport, config)


class AsyncBeta:
    """`client.beta`."""

    def __init__(self, chat: AsyncChat) -> None:
        self.chat = chat


class AsyncChatCompletions:
    """`client.chat.completions`."""

    def __init__(self, transport: AsyncTransport, config: Config) -> None:
        self._transport, self._config = transport, config

    @property
    def with_raw_response(self) -> AsyncRawChatCompletions:
        """The same calls, with the HTTP of their answers."""
        from accord.raw import AsyncRawChatCompletions  # noqa: PLC0415 - few want it

        return AsyncRawChatCompletions(self)

    @property
    def with_streaming_response(self) -> AsyncStreamingChatCompletions:
        """The same calls as contexts, with answers that are yet to be read."""
        from accord.unread import AsyncStreamingChatCompletions, AsyncUnread  # noqa: PLC0415 - few want it

        unread: Any = AsyncUnread(self._transport)
        return AsyncStreamingChatCompletions(AsyncChatCompletions(unread, self._config))

    @overload
    async def create(
        self, *, stream: Literal[False] | None = None, **params: Unpack[ChatArguments]
    ) -> types.ChatCompletion: ...
    @overload
    async def create(
        self, *, stream: Literal[True], **params: Unpack[ChatArguments]
    ) -> AsyncStream[types.ChatCompletionChunk]: ...
    @overload
    async def create(
        self, *, stream: bool | None, **params: Unpack[ChatArguments]
    ) -> types.ChatCompletion | AsyncStream[types.ChatCompletionChunk]: ...
    async def create(
        self, *, stream: bool | None = None, **params: Unpack[ChatArguments]
    ) -> types.ChatCompletion | AsyncStream[types.ChatCompletionChunk]:
        """Answer a conversation.

        Args:
            stream: whether to give the answer in chunks, as it is made.
            **params: see `accord.params.ChatParams` and `CallOptions`.

        Raises:
            AccordError: the call failed.
            TypeError: an argument is unknown, or a required one is missing.
        """
        if stream:
            return await self._transport.stream(self._config, operations.chat_stream(params))
        return await self._transport.fetch(self._config, operations.chat(params))

    @overload
    async def parse(
        self, *, response_format: type[T], **params: Unpack[ParseArguments]
    ) -> ParsedChatCompletion[T]: ...
    @overload
    async def parse(
        self, *, response_format: JsonObject | None = None, **params: Unpack[ParseArguments]
    ) -> ParsedChatCompletion[None]: ...
    async def parse(
        self,
        *,
        response_format: type[Any] | JsonObject | None = None,
        **params: Unpack[ParseArguments],
    ) -> ParsedChatCompletion[Any]:
        """Answer a conversation with values of Python types: `choices[0].message.parsed`.

        Args:
            response_format: a dataclass, an attrs class, a pydantic model. Or the parameter as
                requests have it: then nothing is parsed but the arguments of strict tools.
            **params: those of `create`. Tools may be of `accord.pydantic_function_tool`.

        Raises:
            AccordError: the call failed: with `UnparsedAnswerError` when a text is no value of its
                type, with `LengthFinishReasonError` when it was cut off.
            ImportError: the extra `structured` is not installed.
            TypeError: the type can't be described as JSON; an argument is unknown.
        """
        from accord.parsing import Parser  # noqa: PLC0415 - few want it

        parser: Parser[Any] = Parser(response_format, params)
        return parser.parsed(await self.create(**parser.arguments, stream=False))

    @overload
    def stream(
        self, *, response_format: type[T], **params: Unpack[ParseArguments]
    ) -> AbstractAsyncContextManager[AsyncChatCompletionStream[T]]: ...
    @overload
    def stream(
        self, *, response_format: JsonObject | None = None, **params: Unpack[ParseArguments]
    ) -> AbstractAsyncContextManager[AsyncChatCompletionStream[None]]: ...
    def stream(
        self,
        *,
        response_format: type[Any] | JsonObject | None = None,
        **params: Unpack[ParseArguments],
    ) -> AbstractAsyncContextManager[AsyncChatCompletionStream[Any]]:
        """Answer a conversation in events, as the answer is made. Use it with `async with`.

        Args:
            response_format: as in `parse`.
            **params: as in `parse`.

        Raises:
            ImportError: the extra `structured` is not installed.
            TypeError: the type can't be described as JSON.
        """
        from accord.chat_streams import opened_async  # noqa: PLC0415 - few want it
        from accord.parsing import Parser  # noqa: PLC0415 - few want it

        return opened_async(self, Parser(response_format, params))
