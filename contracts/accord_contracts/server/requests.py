"""Reading requests: the body within its limit, the key, the media type, the JSON."""

from __future__ import annotations

import hmac
import json
import math
import time
from typing import TYPE_CHECKING, Any, Final, NoReturn

from accord_contracts.server.errors import (
    bad_json,
    no_key,
    too_large,
    too_many,
    wrong_key,
    wrong_media_type,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from accord_contracts.server.settings import Settings

_PATIENCE = 16
"""A body so many times the limit is still read to its end, so that its sender hears why not."""


async def read_body(request: Request, limit: int) -> bytes:
    """Read a body; what is over the limit is thrown away as it comes.

    Raises:
        Refusal: 413, it is larger than `limit` bytes.
        starlette.requests.ClientDisconnect: the client went away.
    """
    body, size = bytearray(), 0
    async for piece in request.stream():
        size += len(piece)
        if size <= limit:
            body += piece
        elif size > limit * _PATIENCE:
            break
    if size > limit:
        raise too_large(limit)
    return bytes(body)


def check_key(headers: Mapping[str, str], key: str | None) -> None:
    """Make sure that a call has the server's key, if it has one.

    Raises:
        Refusal: 401, the key is missing or another.
    """
    if key is None:
        return
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given.strip():
        raise no_key()
    if not hmac.compare_digest(given.strip().encode(), key.encode()):
        raise wrong_key()


def check_media_type(headers: Mapping[str, str]) -> None:
    """Make sure that a body is declared as JSON. One that is not declared at all may pass.

    Raises:
        Refusal: 415, it is declared as something else.
    """
    declared = headers.get("content-type", "")
    media_type = declared.partition(";")[0].strip().lower()
    if media_type not in ("", "application/json") and not media_type.endswith("+json"):
        raise wrong_media_type(declared)


def parse_json(raw: bytes) -> Any:
    """Parse a body, strictly: UTF-8, no NaN, no infinities. Of equal keys the last one counts.

    Raises:
        Refusal: 400, it is not JSON, or holds text that UTF-8 can't carry.
    """
    if not raw.strip():
        raise bad_json("it is empty.")
    try:
        value = _DECODER.decode(raw.decode())
        if b"\\u" in raw:
            # Half a surrogate pair parses, but nothing could be answered about it.
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise bad_json("it is nested too deeply.") from error
    except ValueError as error:
        raise bad_json(f"{error}.") from error
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits} is too large a number")
    return value


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


class RateLimit:
    """Counts calls in windows of time."""

    def __init__(self, settings: Settings) -> None:
        self._limit = settings.rate_limit
        self._window = settings.rate_window
        self._began = -math.inf
        self._count = 0

    def take(self) -> None:
        """Count one more call.

        Raises:
            Refusal: 429, there were enough in this window.
        """
        if self._limit is None:
            return
        now = time.monotonic()
        if now - self._began >= self._window:
            self._began, self._count = now, 0
        self._count += 1
        if self._count > self._limit:
            raise too_many(max(1, math.ceil(self._began + self._window - now)))
