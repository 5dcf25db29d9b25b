"""A call from its request to its result, without input or output.

A call is a generator. It yields steps (send this, read that, pause) to a shell that does them,
sync or async, and is resumed with what came of it: a response, or an httpx error thrown in.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import httpx

from accord.failures import Failures, is_error, parse_json
from accord.retries import may_pass, wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord.chunks import ChunkReader
    from accord.config import Config
    from accord.errors import AccordError
    from accord.operations import Operation, StreamOperation

__all__ = ["Call", "Pause", "Read", "Send", "Step", "fetch", "open_stream"]

T = TypeVar("T")

# What may pass by itself: not a URL that httpx can't serve, nor a request that h11 can't write.
_NEVER_PASSES = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


class Send(NamedTuple):
    """Send a request; resume with the response, read unless it is to be streamed.

    Attributes:
        request: arguments of `httpx.Client.build_request`.
        stream: whether to resume when the headers are there.
    """

    request: Mapping[str, Any]
    stream: bool


class Read(NamedTuple):
    """Read the body of this response, and close it."""

    response: httpx.Response


class Pause(NamedTuple):
    """Do nothing for this many seconds."""

    seconds: float


Step = Send | Read | Pause
Call = Generator[Step, Any, T]


def fetch(config: Config, operation: Operation[T]) -> Call[T]:
    """Make a call whose answer is one JSON object.

    Raises:
        AccordError: the call failed.
    """
    response, failures = yield from _exchange(config, operation, stream=False)
    data = parse_json(response.content)
    if is_error(data):
        raise failures.refused(response, data)
    if not isinstance(data, dict):
        raise failures.invalid(response, "the body is not a JSON object")
    if operation.member not in data:
        raise failures.invalid(response, f"the JSON object has no member {operation.member!r}")
    return operation.read(data)


def open_stream(
    config: Config, operation: StreamOperation[T]
) -> Call[tuple[httpx.Response, ChunkReader[T]]]:
    """Make a call whose answer is a stream; the result is the response, not yet read.

    Raises:
        AccordError: the call failed before its stream began.
    """
    from accord.chunks import ChunkReader  # noqa: PLC0415 - half of accord's import time

    response, failures = yield from _exchange(config, operation, stream=True)
    return response, ChunkReader(operation, response, failures)


def _exchange(
    config: Config, operation: Operation[T], *, stream: bool
) -> Call[tuple[httpx.Response, Failures]]:
    request = _addressed(config, operation.request)
    attempt = 0
    while True:
        attempt += 1
        failures = Failures(config, attempt)
        failure: AccordError
        try:
            response = yield Send(request, stream)
            if response.is_success:
                return response, failures
            if stream:
                yield Read(response)
            failure = failures.refused(response)
            passes = may_pass(response.status_code)
        except httpx.HTTPError as error:
            failure = failures.unsent(error)
            failure.__cause__ = error
            passes = _passes(error)
        again = passes and attempt <= config.max_retries
        seconds = wait(attempt, failure.retry_after) if again else None
        if seconds is None:
            raise failure
        yield Pause(seconds)


def _addressed(config: Config, request: Mapping[str, Any]) -> dict[str, Any]:
    headers = {**request.get("headers", {}), **config.headers}
    return {**request, "url": config.url(request["url"]), "headers": headers}


def _passes(error: httpx.HTTPError) -> bool:
    return isinstance(error, httpx.TransportError) and not isinstance(error, _NEVER_PASSES)
