"""Accord: the client for every OpenAI-compatible server.

    import accord

    client = accord.Client(base_url="http://127.0.0.1:8000/v1")
    answer = client.chat.completions.create(
        model="tiny", messages=[{"role": "user", "content": "Hello!"}]
    )
    print(answer.choices[0].message.content)

`AsyncClient` is the same with `await`. What the calls return is in `accord.types`, what they take
in `accord.params`, what they raise in `accord.errors`.
"""

from typing import TYPE_CHECKING, Any

from accord.async_client import AsyncClient
from accord.client import Client
from accord.errors import (
    AccordError,
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    CallCancelledError,
    ConfigurationError,
    ConflictError,
    ContentFilterFinishReasonError,
    InternalServerError,
    InvalidAnswerError,
    InvalidEventError,
    LengthFinishReasonError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    StreamCutError,
    StreamError,
    StreamEventError,
    StreamTimeoutError,
    ToolLoopError,
    UnparsedAnswerError,
    UnprocessableEntityError,
)
from accord.retries import RetryPolicy
from accord.streams import AsyncStream, Stream

if TYPE_CHECKING:
    from accord.conversation import AsyncConversation, Conversation
    from accord.folding import fold
    from accord.parsing import pydantic_function_tool
    from accord.reply import Piece, Reply
    from accord.reply_streams import AsyncReplyStream, ReplyStream
    from accord.tools import Tool, tool

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AccordError",
    "AsyncClient",
    "AsyncConversation",
    "AsyncReplyStream",
    "AsyncStream",
    "AuthenticationError",
    "BadRequestError",
    "CallCancelledError",
    "Client",
    "ConfigurationError",
    "ConflictError",
    "ContentFilterFinishReasonError",
    "Conversation",
    "InternalServerError",
    "InvalidAnswerError",
    "InvalidEventError",
    "LengthFinishReasonError",
    "NotFoundError",
    "PermissionDeniedError",
    "Piece",
    "RateLimitError",
    "Reply",
    "ReplyStream",
    "RetryPolicy",
    "Stream",
    "StreamCutError",
    "StreamError",
    "StreamEventError",
    "StreamTimeoutError",
    "Tool",
    "ToolLoopError",
    "UnparsedAnswerError",
    "UnprocessableEntityError",
    "fold",
    "pydantic_function_tool",
    "tool",
]

_WHERE = {
    "AsyncConversation": "conversation",
    "AsyncReplyStream": "reply_streams",
    "Conversation": "conversation",
    "Piece": "reply",
    "Reply": "reply",
    "ReplyStream": "reply_streams",
    "Tool": "tools",
    "fold": "folding",
    "pydantic_function_tool": "parsing",
    "tool": "tools",
}
"""What is imported when it is first named: not every program needs it, and some of it is extra."""


def __getattr__(name: str) -> Any:
    """Import what is not imported at once."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - as late as what it imports

    from accord.extras import extra  # noqa: PLC0415 - as late

    with extra("tools", "tools"):
        return getattr(import_module(f"accord.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    """Name what is not imported yet, too, for those who complete names."""
    return sorted({*globals(), *_WHERE})
