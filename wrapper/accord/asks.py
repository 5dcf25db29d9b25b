"""`ask`, as clients and conversations have it.

What it needs is imported when it is first called, so that it costs those nothing who don't.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Unpack, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from accord.asking import Arguments, Plan
    from accord.async_client import AsyncClient
    from accord.client import Client
    from accord.params import AskArguments, JsonObject
    from accord.reply import Reply
    from accord.reply_streams import AsyncReplyStream, ReplyStream

    Question = str | Sequence[JsonObject]
    Tools = Iterable[Callable[..., Any] | JsonObject]

__all__ = ["DEFAULT_MAX_ROUNDS", "Asks", "AsyncAsks"]

DEFAULT_MAX_ROUNDS: Final = 10

T = TypeVar("T")


class Asks:
    """What can be asked: a client, or a conversation."""

    @overload
    def ask(
        self,
        question: Question,
        *,
        model: str | None = None,
        tools: Tools | None = None,
        response_format: type[T],
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        stream: Literal[False] | None = None,
        **params: Unpack[AskArguments],
    ) -> Reply[T]: ...
    @overload
    def ask(
        self,
        question: Question,
        *,
        model: str | None = None,
        tools: Tools | None = None,
        response_format: JsonObject | None = None,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        stream: Literal[False] | None = None,
        **params: Unpack[AskArguments],
    ) -> Reply[None]: ...
    @overload
    def ask(
        self,
        question: Question,
        *,
        model: str | None = None,
        tools: Tools | None = None,
        response_format: type[T],
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        stream: Literal[True],
        **params: Unpack[AskArguments],
    ) -> ReplyStream[T]: ...
    @overload
    def ask(
        self,
        question: Question,
        *,
        model: str | None = None,
        tools: Tools | None = None,
        response_format: JsonObject | None = None,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        stream: Literal[True],
        **params: Unpack[AskArguments],
    ) -> ReplyStream[None]: ...
    @overload
    def ask(
        self,
        question: Question,
        *,
        model: str | None = None,
        tools: Tools | None = None,
        response_format: type[Any] | JsonObject | None = None,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        stream: bool | None,
        **params: Unpack[AskArguments],
    ) -> Reply[Any] | ReplyStream[Any]: ...
    def ask(
        self,
        question: Question,
        *,
        model: str | None = None,
        tools: Tools | None = None,
        response_format: type[Any] | JsonObject | None = None,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        stream: bool | None = None,
        **params: Unpack[AskArguments],
    ) -> Reply[Any] | ReplyStream[Any]:
        """Ask a question.

        Args:
            question: what the user says, or messages.
            model: who is asked; else `OPENAI_MODEL`, else the only model that the server has.
            tools: typed functions that the model may call; they are run, and the model is asked
                again with their results, until it answers. Also definitions as requests have
                them, whose calls are left to you.
            response_format: a dataclass, an attrs class, a pydantic model: the answer is a value
                of it, in `.parsed`. Or the parameter as requests have it.
            max_rounds: how many requests may be made, one for each round of tools.
            stream: whether to give the reply in pieces, as it is made.
            **params: see `accord.params.AskArguments`.

        Raises:
            AccordError: a call failed, or the model calls tools for ever.
            ImportError: an extra that this needs is not installed.
            TypeError: a tool or the type can't be described as JSON; an argument is unknown.
        """
        from accord import answering, asking  # noqa: PLC0415 - see the module

        given = asking.Arguments(model, tools, response_format, max_rounds, dict(params))
        client, plan = self._plan(question, given)
        if not stream:
            return answering.run(client, plan)
        from accord.reply_streams import ReplyStream  # noqa: PLC0415 - see the module

        return ReplyStream.open(client, plan)

    def _plan(self, question: Question, given: Arguments[T]) -> tuple[Client, Plan[Reply[T]]]:
        raise NotImplementedError


class AsyncAsks:
    """What can be asked: a client, or a conversation."""

    @overload
    async def ask(
        self,
        question: Question,
        *,
        model: str | None = None,
        tools: Tools | None = None,
        response_format: type[T],
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        stream: Literal[False] | None = None,
        **params: Unpack[AskArguments],
    ) -> Reply[T]: ...
    @overload
    async def ask(
        self,
        question: Question,
        *,
        model: str | None = None,
        tools: Tools | None = None,
        response_format: JsonObject | None = None,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        stream: Literal[False] | None = None,
        **params: Unpack[AskArguments],
    ) -> Reply[None]: ...
    @overload
    async def ask(
        self,
        question: Question,
        *,
        model: str | None = None,
        tools: Tools | None = None,
        response_format: type[T],
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        stream: Literal[True],
        **params: Unpack[AskArguments],
    ) -> AsyncReplyStream[T]: ...
    @overload
    async def ask(
        self,
        question: Question,
        *,
        model: str | None = None,
        tools: Tools | None = None,
        response_format: JsonObject | None = None,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        stream: Literal[True],
        **params: Unpack[AskArguments],
    ) -> AsyncReplyStream[None]: ...
    @overload
    async def ask(
        self,
        question: Question,
        *,
        model: str | None = None,
        tools: Tools | None = None,
        response_format: type[Any] | JsonObject | None = None,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        stream: bool | None,
        **params: Unpack[AskArguments],
    ) -> Reply[Any] | AsyncReplyStream[Any]: ...
    async def ask(
        self,
        question: Question,
        *,
        model: str | None = None,
        tools: Tools | None = None,
        response_format: type[Any] | JsonObject | None = None,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        stream: bool | None = None,
        **params: Unpack[AskArguments],
    ) -> Reply[Any] | AsyncReplyStream[Any]:
        """Ask a question.

        Args:
            question: what the user says, or messages.
            model: who is asked; else `OPENAI_MODEL`, else the only model that the server has.
            tools: typed functions that the model may call; they are run, and the model is asked
                again with their results, until it answers. Also definitions as requests have
                them, whose calls are left to you.
            response_format: a dataclass, an attrs class, a pydantic model: the answer is a value
                of it, in `.parsed`. Or the parameter as requests have it.
            max_rounds: how many requests may be made, one for each round of tools.
            stream: whether to give the reply in pieces, as it is made.
            **params: see `accord.params.AskArguments`.

        Raises:
            AccordError: a call failed, or the model calls tools for ever.
            ImportError: an extra that this needs is not installed.
            TypeError: a tool or the type can't be described as JSON; an argument is unknown.
        """
        from accord import answering, asking  # noqa: PLC0415 - see the module

        given = asking.Arguments(model, tools, response_format, max_rounds, dict(params))
        client, plan = self._plan(question, given)
        if not stream:
            return await answering.run_async(client, plan)
        from accord.reply_streams import AsyncReplyStream  # noqa: PLC0415 - see the module

        return await AsyncReplyStream.open(client, plan)

    def _plan(self, question: Question, given: Arguments[T]) -> tuple[AsyncClient, Plan[Reply[T]]]:
        raise NotImplementedError
