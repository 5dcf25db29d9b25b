"""Answers with what HTTP says of them: `with_raw_response`, as the OpenAI SDK has it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    import httpx

    from accord import async_client, client
    from accord.answer import Http

__all__ = [
    "AsyncRawChatCompletions",
    "AsyncRawCompletions",
    "AsyncRawModels",
    "RawChatCompletions",
    "RawCompletions",
    "RawModels",
    "RawResponse",
    "WithHttp",
]

P = ParamSpec("P")
T = TypeVar("T")
H = TypeVar("H", bound="Http | httpx.Response")


class WithHttp(Generic[H]):
    """What HTTP says of an answer.

    Attributes:
        http_response: all of it.
    """

    http_response: H

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self.http_response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; their names may be written in capitals or not."""
        return self.http_response.headers

    @property
    def request_id(self) -> str | None:
        """`x-request-id`, for the server's operators."""
        return self.headers.get("x-request-id")


class RawResponse(WithHttp["Http | httpx.Response"], Generic[T]):
    """An answer, or a stream that has begun, and the HTTP of it.

    Attributes:
        http_response: status, headers and body; of a stream httpx's own, whose body is the stream's
            to read.
    """

    def __init__(self, answer: T) -> None:
        self._answer = answer
        given: Any = answer  # either it is an `Answer`, or a stream of them
        self.http_response = getattr(given, "response", None) or given.http

    def parse(self) -> T:
        """Give what the call gives without `with_raw_response`."""
        return self._answer

    def __repr__(self) -> str:
        return f"RawResponse({self.status_code}, {self._answer!r})"

    @property
    def content(self) -> bytes:
        """The bytes of the body, but of a stream's."""
        return self.http_response.content

    @property
    def text(self) -> str:
        """The body as text, but of a stream's."""
        return self.http_response.text


class RawModels:
    """`client.models.with_raw_response`."""

    def __init__(self, models: client.Models) -> None:
        self.list = _raw(models.list)
        self.retrieve = _raw(models.retrieve)


class RawCompletions:
    """`client.completions.with_raw_response`."""

    def __init__(self, completions: client.Completions) -> None:
        self.create = _raw(completions.create)


class RawChatCompletions:
    """`client.chat.completions.with_raw_response`."""

    def __init__(self, completions: client.ChatCompletions) -> None:
        self.create = _raw(completions.create)
        self.parse = _raw(completions.parse)


class AsyncRawModels:
    """`client.models.with_raw_response`."""

    def __init__(self, models: async_client.AsyncModels) -> None:
        self.list = _async_raw(models.list)
        self.retrieve = _async_raw(models.retrieve)


class AsyncRawCompletions:
    """`client.completions.with_raw_response`."""

    def __init__(self, completions: async_client.AsyncCompletions) -> None:
        self.create = _async_raw(completions.create)


class AsyncRawChatCompletions:
    """`client.chat.completions.with_raw_response`."""

    def __init__(self, completions: async_client.AsyncChatCompletions) -> None:
        self.create = _async_raw(completions.create)
        self.parse = _async_raw(completions.parse)


def _raw(call: Callable[P, T]) -> Callable[P, RawResponse[T]]:
    @wraps(call)
    def raw_call(*args: P.args, **kwargs: P.kwargs) -> RawResponse[T]:
        return RawResponse(call(*args, **kwargs))

    return raw_call


def _async_raw(
    call: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, RawResponse[T]]]:
    @wraps(call)
    async def raw_call(*args: P.args, **kwargs: P.kwargs) -> RawResponse[T]:
        return RawResponse(await call(*args, **kwargs))

    return raw_call
