"""The calls: what the generated client would send, and how the answer is read.

Method, path and body come from `accord_api`, so the spec alone says them. Its calls, and the
classes of the results, are imported when they are first used, so that importing Accord costs
little more than importing httpx. (For that reason, too, what is made for each call is of a plain
class or a named tuple: to make a frozen dataclass takes a hundredth of httpx's import.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from accord.params import (
    CallOptions,
    ChatArguments,
    ChatParams,
    CompletionArguments,
    CompletionParams,
    JsonObject,
    check,
)

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


class Operation(NamedTuple, Generic[T]):
    """One call.

    Attributes:
        request: arguments of `httpx.Client.build_request`; `url` is below the base URL.
        options: what counts before the client's settings.
        read: makes the result from a JSON object.
        member: what every answer has; an object without it is something else.
    """

    request: Mapping[str, Any]
    options: CallOptions
    read: Callable[[Mapping[str, Any]], T]
    member: str


class StreamOperation(NamedTuple, Generic[T]):
    """One call whose answer is streamed.

    Attributes:
        request: as above.
        options: as above.
        read: makes each chunk from a JSON object.
        fold: begins the answer that the chunks make up.
    """

    request: Mapping[str, Any]
    options: CallOptions
    read: Callable[[Mapping[str, Any]], T]
    fold: Callable[[], Fold[Any]]


def models(options: CallOptions) -> Operation[types.ModelList]:
    """List the models."""
    from accord.types import ModelList  # noqa: PLC0415 - see the module
    from accord_api.api.models.list_models import build_request  # noqa: PLC0415 - see the module

    check(options, CallOptions)
    return Operation(build_request(), options, ModelList.from_dict, "data")


def model(name: str, options: CallOptions) -> Operation[types.Model]:
    """Describe a model.

    Raises:
        ValueError: the name is empty, so that its address would be that of the list.
    """
    from accord.types import Model  # noqa: PLC0415 - see the module
    from accord_api.api.models.retrieve_model import build_request  # noqa: PLC0415 - see the module

    if not name:
        raise ValueError("the model's name is empty")
    check(options, CallOptions)
    return Operation(build_request(name), options, Model.from_dict, "id")


def completion(arguments: CompletionArguments) -> Operation[types.Completion]:
    """Complete prompts."""
    from accord.types import Completion  # noqa: PLC0415 - see the module
    from accord_api.api.completions.create_completion import (  # noqa: PLC0415 - see the module
        build_request,
    )

    check(arguments, CompletionParams)
    body, options = _split(arguments)
    return Operation(build_request(body), options, Completion.from_dict, "choices")


def completion_stream(arguments: CompletionArguments) -> StreamOperation[types.CompletionChunk]:
    """Complete prompts, as a stream."""
    from accord.folding import CompletionFold  # noqa: PLC0415 - see the module
    from accord.types import CompletionChunk  # noqa: PLC0415 - see the module
    from accord_api.api.completions.create_completion import (  # noqa: PLC0415 - see the module
        build_stream_request,
    )

    check(arguments, CompletionParams)
    body, options = _split(arguments)
    read = CompletionChunk.from_dict
    return StreamOperation(build_stream_request(body), options, read, CompletionFold)


def chat(arguments: ChatArguments) -> Operation[types.ChatCompletion]:
    """Answer a conversation."""
    from accord.types import ChatCompletion  # noqa: PLC0415 - see the module
    from accord_api.api.chat.create_chat_completion import (  # noqa: PLC0415 - see the module
        build_request,
    )

    check(arguments, ChatParams)
    body, options = _split(arguments)
    return Operation(build_request(body), options, ChatCompletion.from_dict, "choices")


def chat_stream(arguments: ChatArguments) -> StreamOperation[types.ChatCompletionChunk]:
    """Answer a conversation, as a stream."""
    from accord.folding import ChatFold  # noqa: PLC0415 - see the module
    from accord.types import ChatCompletionChunk  # noqa: PLC0415 - see the module
    from accord_api.api.chat.create_chat_completion import (  # noqa: PLC0415 - see the module
        build_stream_request,
    )

    check(arguments, ChatParams)
    body, options = _split(arguments)
    read = ChatCompletionChunk.from_dict
    return StreamOperation(build_stream_request(body), options, read, ChatFold)


def _split(arguments: Mapping[str, Any]) -> tuple[dict[str, Any], CallOptions]:
    """Give what is sent as JSON, and how."""
    body, options = {}, CallOptions()
    for name, value in arguments.items():
        if name in CallOptions.__annotations__:
            options[name] = value  # type: ignore[literal-required]  # it is one of them
        else:
            body[name] = value
    extra: JsonObject | None = options.get("extra_body")
    if extra is not None:
        body |= extra if isinstance(extra, dict) else extra.to_dict()  # type: ignore[union-attr]
    return body, options
