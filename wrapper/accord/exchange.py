"""A call from its request to its result, without input or output.

A call is a generator. It yields steps (send this, read that, pause) to a shell that does them,
sync or async, and is resumed with what came of it: a response, or an httpx error thrown in.

What happens is logged under the name `accord`: attempts and answers for debugging, retries as
information. No header, no query and no body is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import httpx

from accord.answer import keep_http
from accord.failures import Failures, is_error, parse_answer
from accord.retries import should_retry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord.chunks import ChunkReader
    from accord.config import Config, Timeout
    from accord.deadlines import Deadline
    from accord.errors import AccordError
    from accord.operations import Operation, StreamOperation
    from accord.params import CallOptions

__all__ = [
    "AskKey",
    "Call",
    "Pause",
    "Read",
    "Send",
    "Step",
    "begin",
    "fetch",
    "for_call",
    "open_stream",
    "read",
]

T = TypeVar("T")

log: Final = logging.getLogger("accord")

_MARKS: Final = frozenset({"object", "model", "usage"})
"""An object with one of these is an answer, if one with much missing."""

# What may pass by itself: not a URL that httpx can't serve, nor a request that h11 can't write.
_NEVER_PASSES = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


class AskKey(NamedTuple):
    """Call this for the key, and resume with it."""

    api_key: Callable[[], Any]


class Send(NamedTuple):
    """Send a request; resume with the response, read unless it is to be streamed.

    Attributes:
        request: arguments of `httpx.Client.build_request`.
        stream: whether to resume when the headers are there.
        timeout: the time for each phase.
        deadline: when to give up.
    """

    request: Mapping[str, Any]
    stream: bool
    timeout: Timeout
    deadline: Deadline


class Read(NamedTuple):
    """Read the body of this response until the deadline, and close it."""

    response: httpx.Response
    deadline: Deadline


class Pause(NamedTuple):
    """Do nothing for this many seconds."""

    seconds: float


Step = AskKey | Send | Read | Pause
Call = Generator[Step, Any, T]


def for_call(config: Config, options: CallOptions) -> Config:
    """Give the settings of one call: the client's, where the call has none of its own.

    Raises:
        ConfigurationError: something can't be used.
    """
    if not options:
        return config
    headers = {**config.default_headers, **(options.get("extra_headers") or {})}
    query = {**config.default_query, **(options.get("extra_query") or {})}
    return replace(
        config,
        default_headers=headers,
        default_query=query,
        timeout=options.get("timeout", config.timeout),
        deadline=options.get("deadline", config.deadline),
    )


def fetch(config: Config, deadline: Deadline, operation: Operation[T]) -> Call[T]:
    """Make a call whose answer is one JSON object.

    Args:
        config: the settings of this call.
        deadline: when to give up.
        operation: the call.

    Raises:
        AccordError: the call failed.
    """
    return read(*(yield from begin(config, deadline, operation, stream=False)), operation)


def read(response: httpx.Response, failures: Failures, operation: Operation[T]) -> T:
    """Give the result of a call whose answer has been read to its end.

    Raises:
        AccordError: the answer is an error, or not the contract's.
    """
    data = parse_answer(response.content)
    if is_error(data):
        raise failures.refused(response, data)
    if isinstance(data, list) and operation.member == "data":
        data = {"object": "list", "data": data}  # a list of models without its envelope
    if not isinstance(data, dict):
        raise failures.invalid(response, "the body is not a JSON object")
    if operation.member not in data and not data.keys() & _MARKS:
        raise failures.invalid(response, f"the JSON object has no member {operation.member!r}")
    answer = operation.read(data)
    keep_http(answer, response)
    return answer


def open_stream(
    config: Config, deadline: Deadline, operation: StreamOperation[T]
) -> Call[tuple[httpx.Response, ChunkReader[T]]]:
    """Make a call whose answer is a stream; the result is the response, not yet read.

    Args:
        config: the settings of this call.
        deadline: when to give up.
        operation: the call.

    Raises:
        AccordError: the call failed before its stream began.
    """
    from accord.chunks import ChunkReader  # noqa: PLC0415 - half of accord's import time

    response, failures = yield from begin(config, deadline, operation)
    return response, ChunkReader(operation, response, failures)


def begin(
    config: Config,
    deadline: Deadline,
    operation: Operation[T] | StreamOperation[T],
    *,
    stream: bool = True,
) -> Call[tuple[httpx.Response, Failures]]:
    """Make a call until it is answered; the result is the response, and what makes its errors.

    Args:
        config: the settings of this call.
        deadline: when to give up.
        operation: the call.
        stream: whether to leave the response unread.

    Raises:
        AccordError: no answer came, or a refusal.
    """
    tried: tuple[str, ...] = ()
    while True:
        keyed = yield from _keyed(config)
        failures = Failures(keyed, deadline, tried)
        send = Send(_addressed(keyed, operation.request), stream, config.timeout, deadline)
        response, failure, passes = yield from _attempt(send, failures)
        if failure is None:
            return response, failures
        seconds = _wait(config, deadline, failure) if passes else None
        if seconds is None:
            raise failure
        why = f"{failure.status}: " if failure.status else ""
        tried += (why + failure.message,)
        log.info("%s; attempt %d in %.2f s", tried[-1], len(tried) + 1, seconds)
        yield Pause(seconds)


def _attempt(send: Send, failures: Failures) -> Call[tuple[Any, AccordError | None, bool]]:
    """Send once; give the response, the error if it failed, and whether that may pass."""
    address = failures.config.shown_url
    log.debug("%s %s: attempt %d", send.request["method"], address, failures.attempts)
    try:
        response = yield send
        if send.stream and not response.is_success:
            yield Read(response, send.deadline)
    except httpx.HTTPError as error:
        failure = failures.unsent(error)
        failure.__cause__ = error
        return None, failure, _passes(error) and failures.config.retry.retries(failure)
    if log.isEnabledFor(logging.DEBUG):
        request_id = response.headers.get("x-request-id")
        log.debug("%s: answer %d (request %s)", address, response.status_code, request_id)
    if response.is_success:
        return response, None, False
    refusal, told = failures.refused(response), should_retry(response.headers)
    return response, refusal, failures.config.retry.retries(refusal) if told is None else told


def _wait(config: Config, deadline: Deadline, failure: AccordError) -> float | None:
    """Give the seconds until the next attempt; None when there is none before the deadline."""
    seconds = config.retry.wait(failure.attempts or 1, failure.retry_after)
    left = deadline.remaining
    return None if seconds is None or (left is not None and seconds >= left) else seconds


def _keyed(config: Config) -> Call[Config]:
    """Give the settings with the key itself, where there is a function for it."""
    if not callable(config.api_key):
        return config
    key = yield AskKey(config.api_key)
    return replace(config, api_key=key)


def _addressed(config: Config, request: Mapping[str, Any]) -> dict[str, Any]:
    headers = {**request.get("headers", {}), **config.headers}
    return {**request, "url": config.url(request["url"]), "headers": headers}


def _passes(error: httpx.HTTPError) -> bool:
    return isinstance(error, httpx.TransportError) and not isinstance(error, _NEVER_PASSES)
