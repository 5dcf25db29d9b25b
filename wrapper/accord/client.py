"""The sync client: `accord.transport` with OpenAI's methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, Unpack, overload

from accord import operations
from accord.asks import Asks
from accord.config import Config
from accord.transport import Transport

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import httpx

    from accord import types
    from accord.asking import Arguments, Plan
    from accord.asks import Question
    from accord.chat_streams import ChatCompletionStream
    from accord.config import ClientOptions
    from accord.params import (
        CallOptions,
        ChatArguments,
        CompletionArguments,
        JsonObject,
        ParseArguments,
    )
    from accord.parsed import ParsedChatCompletion
    from accord.raw import RawChatCompletions, RawCompletions, RawModels
    from accord.reply import Reply
    from accord.streams import Stream
    from accord.telemetry import Telemetry
    from accord.unread import StreamingChatCompletions, StreamingCompletions, StreamingModels

__all__ = ["Client"]

T = TypeVar("T")


class Client(Asks):
    """A client of one server, safe to share between threads. `close` it, or use it with `with`.

    Args:
        http_client: an httpx client of one's own. It is not closed, and its timeout holds unless
            one is given here.
        transport: what the client made here is to use instead of httpx's own connections.
        telemetry: whether OpenTelemetry is told of the calls; or an `accord.telemetry.Telemetry`,
            which says whom to tell.
        base_url: where the endpoints live; else `OPENAI_BASE_URL`, else OpenAI.
        api_key: the key, or a function that gives it, and is asked for every
            attempt; else `OPENAI_API_KEY`, else none is sent.
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
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
        telemetry: Telemetry | bool = False,
        **options: Unpack[ClientOptions],
    ) -> None:
        config = Config.resolve(options)
        if telemetry:
            from accord.watched import WatchedTransport  # noqa: PLC0415 - an extra

            self._set_up(WatchedTransport(http_client, transport, telemetry), config)
        else:
            self._set_up(Transport(http_client, transport), config)

    def _set_up(self, transport: Transport, config: Config) -> None:
        self._transport, self._config = transport, config
        self.models = Models(transport, config)
        self.completions = Completions(transport, config)
        self.chat = Chat(transport, config)

    @property
    def beta(self) -> Beta:
        """What the OpenAI SDK had there once: `client.beta.chat.completions.parse`."""
        return Beta(self.chat)

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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._config.shown_url!r})"

    @property
    def base_url(self) -> str:
        """Where the endpoints live, without what may be secret: user name, password and query."""
        return self._config.shown_url

    def is_closed(self) -> bool:
        """Say whether it was closed, by `close` or at the end of its `with`."""
        return self._transport.closed

    def close(self) -> None:
        """Close the connections, unless they are those of an `http_client` of one's own."""
        self._transport.close()

    def _plan(self, question: Question, given: Arguments[T]) -> tuple[Self, Plan[Reply[T]]]:
        from accord.asking import messages_of, plan  # noqa: PLC0415 - see `accord.asks`

        messages = messages_of(question)
        return self, plan(messages, given, config=self._config, asynchronous=False)


class Models:
    """`client.models`."""

    def __init__(self, transport: Transport, config: Config) -> None:
        self._transport, self._config = transport, config

    @property
    def with_raw_response(self) -> RawModels:
        """The same calls, with the HTTP of their answers."""
        from accord.raw import RawModels  # noqa: PLC0415 - few want it

        return RawModels(self)

    @property
    def with_streaming_response(self) -> StreamingModels:
        """The same calls as contexts, with answers that are yet to be read."""
        from accord.unread import StreamingModels, Unread  # noqa: PLC0415 - few want it

        unread: Any = Unread(self._transport)
        return StreamingModels(Models(unread, self._config))

    def list(self, **options: Unpack[CallOptions]) -> types.ModelList:
        """List the models that the server can run.

        Args:
            **options: see `accord.params.CallOptions`.

        Raises:
            AccordError: the call failed.
        """
        return self._transport.fetch(self._config, operations.models(options))

    def retrieve(self, model: str, **options: Unpack[CallOptions]) -> types.Model:
        """Describe one model.

        Args:
            model: its id.
            **options: see `accord.params.CallOptions`.

        Raises:
            AccordError: the call failed: with `NotFoundError` when there is no such model.
        """
        return self._transport.fetch(self._config, operations.model(model, options))


class Completions:
    """`client.completions`."""

    def __init__(self, transport: Transport, config: Config) -> None:
        self._transport, self._config = transport, config

    @property
    def with_raw_response(self) -> RawCompletions:
        """The same calls, with the HTTP of their answers."""
        from accord.raw import RawCompletions  # noqa: PLC0415 - few want it

        return RawCompletions(self)

    @property
    def with_streaming_response(self) -> StreamingCompletions:
        """The same calls as contexts, with answers that are yet to be read."""
        from accord.unread import StreamingCompletions, Unread  # noqa: PLC0415 - few want it

        unread: Any = Unread(self._transport)
        return StreamingCompletions(Completions(unread, self._config))

    @overload
    def create(
        self, *, stream: Literal[False] | None = None, **params: Unpack[CompletionArguments]
    ) -> types.Completion: ...
    @overload
    def create(
        self, *, stream: Literal[True], **params: Unpack[CompletionArguments]
    ) -> Stream[types.CompletionChunk]: ...
    @overload
    def create(
        self, *, stream: bool | None, **params: Unpack[CompletionArguments]
    ) -> types.Completion | Stream[types.CompletionChunk]: ...
    def create(
        self, *, stream: bool | None = None, **params: Unpack[CompletionArguments]
    ) -> types.Completion | Stream[types.CompletionChunk]:
        """Complete one prompt or several.

        Args:
            stream: whether to give the answer in chunks, as it is made.
            **params: see `accord.params.CompletionParams` and `CallOptions`.

        Raises:
            AccordError: the call failed.
            TypeError: an argument is unknown, or a required one is missing.
        """
        if stream:
            return self._transport.stream(self._config, operations.completion_stream(params))
        return self._transport.fetch(self._config, operations.completion(params))


class Chat:
    """`client.chat`."""

    def __init__(self, transport: Transport, config: Config) -> None:
        self.completions = ChatCompletions(transport, config)


class Beta:
    """`client.beta`."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat


class ChatCompletions:
    """`client.chat.completions`."""

    def __init__(self, transport: Transport, config: Config) -> None:
        self._transport, self._config = transport, config

    @property
    def with_raw_response(self) -> RawChatCompletions:
        """The same calls, with the HTTP of their answers."""
        from accord.raw import RawChatCompletions  # noqa: PLC0415 - few want it

        return RawChatCompletions(self)

    @property
    def with_streaming_response(self) -> StreamingChatCompletions:
        """The same calls as contexts, with answers that are yet to be read."""
        from accord.unread import StreamingChatCompletions, Unread  # noqa: PLC0415 - few want it

        unread: Any = Unread(self._transport)
        return StreamingChatCompletions(ChatCompletions(unread, self._config))

    @overload
    def create(
        self, *, stream: Literal[False] | None = None, **params: Unpack[ChatArguments]
    ) -> types.ChatCompletion: ...
    @overload
    def create(
        self, *, stream: Literal[True], **params: Unpack[ChatArguments]
    ) -> Stream[types.ChatCompletionChunk]: ...
    @overload
    def create(
        self, *, stream: bool | None, **params: Unpack[ChatArguments]
    ) -> types.ChatCompletion | Stream[types.ChatCompletionChunk]: ...
    def create(
        self, *, stream: bool | None = None, **params: Unpack[ChatArguments]
    ) -> types.ChatCompletion | Stream[types.ChatCompletionChunk]:
        """Answer a conversation.

        Args:
            stream: whether to give the answer in chunks, as it is made.
            **params: see `accord.params.ChatParams` and `CallOptions`.

        Raises:
            AccordError: the call failed.
            TypeError: an argument is unknown, or a required one is missing.
        """
        if stream:
            return self._transport.stream(self._config, operations.chat_stream(params))
        return self._transport.fetch(self._config, operations.chat(params))

    @overload
    def parse(
        self, *, response_format: type[T], **params: Unpack[ParseArguments]
    ) -> ParsedChatCompletion[T]: ...
    @overload
    def parse(
        self, *, response_format: JsonObject | None = None, **params: Unpack[ParseArguments]
    ) -> ParsedChatCompletion[None]: ...
    def parse(
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
        return parser.parsed(self.create(**parser.arguments, stream=False))

    @overload
    def stream(
        self, *, response_format: type[T], **params: Unpack[ParseArguments]
    ) -> AbstractContextManager[ChatCompletionStream[T]]: ...
    @overload
    def stream(
        self, *, response_format: JsonObject | None = None, **params: Unpack[ParseArguments]
    ) -> AbstractContextManager[ChatCompletionStream[None]]: ...
    def stream(
        self,
        *,
        response_format: type[Any] | JsonObject | None = None,
        **params: Unpack[ParseArguments],
    ) -> AbstractContextManager[ChatCompletionStream[Any]]:
        """Answer a conversation in events, as the answer is made. Use it with `with`.

        Args:
            response_format: as in `parse`.
            **params: as in `parse`.

        Raises:
            ImportError: the extra `structured` is not installed.
            TypeError: the type can't be described as JSON.
        """
        from accord.chat_streams import opened  # noqa: PLC0415 - few want it
        from accord.parsing import Parser  # noqa: PLC0415 - few want it

        return opened(self, Parser(response_format, params))
