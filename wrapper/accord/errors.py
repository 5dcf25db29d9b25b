"""Every error that a call can raise, as one tree.

    AccordError
    ├── ConfigurationError (ValueError)    the client can't be made: bad URL, key or header
    ├── CallCancelledError                 the client or the stream was closed during the call
    ├── APIConnectionError                 no answer came
    │   └── APITimeoutError                … in time; `phase` says which time was up
    ├── APIStatusError                     the server refused, or answered 200 with an error body
    │   ├── BadRequestError                400
    │   ├── AuthenticationError            401
    │   ├── PermissionDeniedError          403
    │   ├── NotFoundError                  404
    │   ├── ConflictError                  409
    │   ├── UnprocessableEntityError       422
    │   ├── RateLimitError                 429
    │   └── InternalServerError            500 and above
    ├── InvalidAnswerError                 not the contract's: HTML, wrong JSON, wrong shape
    │   └── UnparsedAnswerError            the text is no value of the type that was asked for
    │       ├── LengthFinishReasonError        … as it was cut off: `completion` is what came
    │       └── ContentFilterFinishReasonError … as a filter stopped it, the same
    ├── ToolLoopError                      `ask`: the model called tools and did not come to an end
    └── StreamError                        a stream failed after its start; `partial` has what came
        ├── StreamEventError               the server reported an error inside the stream
        ├── StreamCutError                 it ended before `[DONE]`
        │   └── StreamTimeoutError         … because nothing came in time (also an APITimeoutError)
        └── InvalidEventError              an event is no chunk (also an InvalidAnswerError)

All of them have the attributes of `AccordError`, None where there is nothing to say. All can be
pickled; the cause, an httpx error where there is one, is in `__cause__`. No message, excerpt or
repr holds a key.

A cancelled task or scope raises its framework's own exception, which nothing here holds up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accord.answer import Http
    from accord.types import ChatCompletion, Completion

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AccordError",
    "AuthenticationError",
    "BadRequestError",
    "CallCancelledError",
    "ConfigurationError",
    "ConflictError",
    "ContentFilterFinishReasonError",
    "Facts",
    "InternalServerError",
    "InvalidAnswerError",
    "InvalidEventError",
    "LengthFinishReasonError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "StreamCutError",
    "StreamError",
    "StreamEventError",
    "StreamTimeoutError",
    "ToolLoopError",
    "UnparsedAnswerError",
    "UnprocessableEntityError",
    "status_error_class",
]


_EXCERPT: Final = 1000


class Facts(NamedTuple):
    """What is known about a failure.

    The attributes are those of `AccordError`, but for the `text` of the body, as far as it is kept.
    """

    status: int | None = None
    request_id: str | None = None
    code: str | None = None
    param: str | None = None
    type: str | None = None
    text: str | None = None
    headers: Mapping[str, str] | None = None
    attempts: int | None = None
    tried: tuple[str, ...] = ()
    retry_after: float | None = None
    hint: str | None = None


class AccordError(Exception):
    """A call failed.

    Attributes:
        message: what went wrong, in the server's words where it has any.
        status: the answer's HTTP status.
        request_id: the answer's `x-request-id`, for the server's operators.
        code: the server's word for programs, such as `model_not_found`.
        param: the parameter that the server blames.
        type: the server's kind of error, such as `invalid_request_error`.
        body: how the answer's body begins (1,000 characters at most).
        headers: the answer's headers; their names may be written in capitals or not.
        attempts: how often the request was sent.
        tried: why the attempts before the last one failed, one line for each.
        retry_after: how long the server asks to wait, in seconds.
        hint: what to try.
    """

    hint: str | None = None

    def __init__(self, message: str, facts: Facts | None = None) -> None:
        super().__init__(message)
        facts = facts or Facts()
        self.message = message
        self.status = facts.status
        self.request_id = facts.request_id
        self.code = facts.code
        self.param = facts.param
        self.type = facts.type
        self.body = None if facts.text is None else facts.text[:_EXCERPT]
        self._text = facts.text
        self.headers = facts.headers
        self.attempts = facts.attempts
        self.tried = facts.tried
        self.retry_after = facts.retry_after
        self.hint = facts.hint or type(self).hint

    def __str__(self) -> str:
        refused = self.status and (self.status >= 400 or isinstance(self, APIStatusError))
        words = [f"{self.status}: " if refused else "", self.message]
        words += [f" [{self.code}]" if self.code else ""]
        words += [f" (request {self.request_id})" if self.request_id else ""]
        words += [f"\nHint: {self.hint}" if self.hint else ""]
        return "".join(words)

    @property
    def status_code(self) -> int | None:
        """`status`, by the name that the OpenAI SDK has for it."""
        return self.status

    @property
    def response(self) -> Http | None:
        """The answer: of its body, 32,768 characters at most, without what may be secret."""
        if self.status is None:
            return None
        from accord.answer import Http  # noqa: PLC0415 - for programs that know it from the SDK

        return Http(self.status, self.headers or {}, (self._text or "").encode())


APIError = AccordError
"""By the name that the OpenAI SDK has for it."""


class ConfigurationError(AccordError, ValueError):
    """The client can't be made like this."""


class CallCancelledError(AccordError):
    """The client or the stream was closed, elsewhere in the program, while the call ran."""


class APIConnectionError(AccordError):
    """No answer came: the server is not there, or the connection broke."""

    hint: str | None = "Is the server running, and is base_url its address?"


class APITimeoutError(APIConnectionError):
    """No answer came in time.

    Attributes:
        phase: the time that was up: `connect`, `read`, `write`, `pool`, or that of the whole
            call, `deadline`.
    """

    hint = None

    def __init__(self, message: str, facts: Facts | None = None, *, phase: str = "read") -> None:
        super().__init__(message, facts)
        self.phase = phase


class APIStatusError(AccordError):
    """The server answered with an error; `status` says which, and may be 200."""


class BadRequestError(APIStatusError):
    """400: the request is wrong, or asks for what the server can't do."""


class AuthenticationError(APIStatusError):
    """401: the key is missing or wrong."""

    hint = "Give the key as api_key, or in the environment as OPENAI_API_KEY."


class PermissionDeniedError(APIStatusError):
    """403: the key is right but does not open this."""


class NotFoundError(APIStatusError):
    """404: there is no such model, or no such address."""

    hint = "Does base_url end in /v1? Is the model one that client.models.list() names?"


class ConflictError(APIStatusError):
    """409: another request is in the way."""


class UnprocessableEntityError(APIStatusError):
    """422: some servers' 400."""


class RateLimitError(APIStatusError):
    """429: too many requests or tokens in a short time, or no quota left."""


class InternalServerError(APIStatusError):
    """500 and above: the server failed, or has too much to do."""


class InvalidAnswerError(AccordError):
    """The answer is not the contract's: HTML, wrong JSON, or JSON of another shape."""

    hint: str | None = "Is base_url an OpenAI-compatible API? It usually ends in /v1."


class UnparsedAnswerError(InvalidAnswerError):
    """The answer's text is no value of the type that was given as `response_format`.

    Attributes:
        completion: the answer; of a stream, as far as it has come.
    """

    hint: str | None = None

    def __init__(
        self,
        message: str,
        facts: Facts | None = None,
        *,
        completion: ChatCompletion | None = None,
    ) -> None:
        super().__init__(message, facts)
        self.completion = completion


class LengthFinishReasonError(UnparsedAnswerError):
    """The answer was cut off: `finish_reason` is `length`."""

    hint = "Raise max_tokens (or max_completion_tokens), or leave it out."


class ContentFilterFinishReasonError(UnparsedAnswerError):
    """The server's filter stopped the answer: `finish_reason` is `content_filter`."""


class ToolLoopError(AccordError):
    """`ask` has made as many requests as it may, and the model still calls tools.

    Attributes:
        messages: the turns that came after the question: the calls and their results.
    """

    hint = "Raise max_rounds, or see what the model wants in the error's messages."

    def __init__(
        self,
        message: str,
        facts: Facts | None = None,
        *,
        messages: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message, facts)
        self.messages = list(messages)


class StreamError(AccordError):
    """A stream failed after its start. It is never tried again: part of it may be in use.

    Attributes:
        events: how many chunks had arrived.
        partial: the answer as far as it had arrived, None when nothing had.
    """

    def __init__(
        self,
        message: str,
        facts: Facts | None = None,
        *,
        events: int = 0,
        partial: ChatCompletion | Completion | None = None,
        **more: Any,  # for the other base of classes with two
    ) -> None:
        super().__init__(message, facts, **more)
        self.events = events
        self.partial = partial


class StreamEventError(StreamError):
    """The server reported an error inside the stream."""


class StreamCutError(StreamError):
    """The stream ended before `[DONE]`: the answer may be incomplete."""


class StreamTimeoutError(StreamCutError, APITimeoutError):
    """Nothing came in time, and the stream was given up."""


class InvalidEventError(StreamError, InvalidAnswerError):
    """An event of the stream is no chunk, or the bytes are no event stream."""

    hint = None


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def status_error_class(status: int) -> type[APIStatusError]:
    """Give the class for an HTTP status."""
    if status >= 500:
        return InternalServerError
    return _BY_STATUS.get(status, APIStatusError)
