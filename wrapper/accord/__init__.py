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

from accord.async_client import AsyncClient
from accord.client import Client
from accord.errors import (
    AccordError,
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    InternalServerError,
    InvalidAnswerError,
    InvalidEventError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    StreamCutError,
    StreamError,
    StreamEventError,
    StreamTimeoutError,
    UnprocessableEntityError,
)
from accord.folding import fold
from accord.streams import AsyncStream, Stream

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AccordError",
    "AsyncClient",
    "AsyncStream",
    "AuthenticationError",
    "BadRequestError",
    "Client",
    "ConfigurationError",
    "ConflictError",
    "InternalServerError",
    "InvalidAnswerError",
    "InvalidEventError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "Stream",
    "StreamCutError",
    "StreamError",
    "StreamEventError",
    "StreamTimeoutError",
    "UnprocessableEntityError",
    "fold",
]
