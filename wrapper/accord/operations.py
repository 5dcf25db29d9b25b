"""The calls: what the generated client would send, and how the answer is read.

Method, path and body come from `accord_api`, so the spec alone says them. Its calls, and the
classes of the results, are imported when they are first used: they bring the models of every
kind of request along, which takes half as long as importing httpx.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from accord.params import ChatParams, CompletionParams, check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from accord import types
    from accord.folding import Fold

__all__ = [
    "Operation",
    "StreamOperation",
    "chat",
    "chat_stream",
    "completion",
    "completion_stream",
    "model",
    "models",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """One call.

    Attributes:
        request: arguments of `httpx.Client.build_request`; `url` is below the base URL.
        read: makes the result (of a stream: each chunk) from a JSON object.
        member: what every answer has; an object without it is something else.
    """

    request: Mapping[str, Any]
    read: Callable[[Mapping[str, Any]], T]
    member: str


@dataclass(frozen=True, slots=True)
class StreamOperation(Operation[T]):
    """One call whose answer is streamed.

    Attributes:
        fold: begins the answer that the chunks make up.
    """

    fold: Callable[[], Fold[Any]]


def models() -> Operation[types.ModelList]:
    """List the models."""
    from accord.types import ModelList  # noqa: PLC0415 - see the module
    from accord_api.api.models.list_models import _request  # noqa: PLC0415 - see the module

    return Operation(_request(), ModelList.from_dict, "data")


def model(name: str) -> Operation[types.Model]:
    """Describe a model.

    Raises:
        ValueError: the name is empty, so that its address would be that of the list.
    """
    from accord.types import Model  # noqa: PLC0415 - see the module
    from accord_api.api.models.retrieve_model import _request  # noqa: PLC0415 - see the module

    if not name:
        raise ValueError("the model's name is empty")
    return Operation(_request(name), Model.from_dict, "id")


def completion(params: CompletionParams) -> Operation[types.Completion]:
    """Complete prompts."""
    from accord.types import Completion  # noqa: PLC0415 - see the module
    from accord_api.api.completions.create_completion import (  # noqa: PLC0415 - see the module
        _request,
    )

    check(params, CompletionParams)
    return Operation(_request(params), Completion.from_dict, "choices")


def completion_stream(params: CompletionParams) -> StreamOperation[types.CompletionChunk]:
    """Complete prompts, as a stream."""
    from accord.folding import CompletionFold  # noqa: PLC0415 - see the module
    from accord.types import CompletionChunk  # noqa: PLC0415 - see the module
    from accord_api.api.completions.create_completion import (  # noqa: PLC0415 - see the module
        _stream_request,
    )

    check(params, CompletionParams)
    read = CompletionChunk.from_dict
    return StreamOperation(_stream_request(params), read, "choices", CompletionFold)


def chat(params: ChatParams) -> Operation[types.ChatCompletion]:
    """Answer a conversation."""
    from accord.types import ChatCompletion  # noqa: PLC0415 - see the module
    from accord_api.api.chat.create_chat_completion import (  # noqa: PLC0415 - see the module
        _request,
    )

    check(params, ChatParams)
    return Operation(_request(params), ChatCompletion.from_dict, "choices")


def chat_stream(params: ChatParams) -> StreamOperation[types.ChatCompletionChunk]:
    """Answer a conversation, as a stream."""
    from accord.folding import ChatFold  # noqa: PLC0415 - see the module
    from accord.types import ChatCompletionChunk  # noqa: PLC0415 - see the module
    from accord_api.api.chat.create_chat_completion import (  # noqa: PLC0415 - see the module
        _stream_request,
    )

    check(params, ChatParams)
    read = ChatCompletionChunk.from_dict
    return StreamOperation(_stream_request(params), read, "choices", ChatFold)
