"""Captured traffic: exchanges as another program saw them, made fit to be judged.

Browsers, proxies and HTTP clients note URLs, not base URLs; they take compression away and keep
secrets. What they saw is judged like our own exchanges once that is put right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from accord_contracts.exchange import Exchange, Request
from accord_contracts.target import Target

if TYPE_CHECKING:
    import httpx

Headers = tuple[tuple[str, str], ...]

ENDPOINTS: Final = {
    "POST": re.compile(r"(.*?)(/chat/completions|(?<!/chat)/completions)"),
    "GET": re.compile(r"(.*?)(/models(?:/[^/].*)?)"),
}
"""For each method, what the paths of its endpoints look like: what comes before, and the rest."""

HARMLESS: Final = frozenset({"accept", "content-type", "origin"})
"""The request headers that are kept: any other may be a secret, or makes answers hard to read."""

PRIVATE: Final = frozenset({"set-cookie", "openai-organization", "openai-project"})
"""Answer headers whose values say who the caller was."""

BLOTTED: Final = "(removed)"

KEY_HEADERS: Final = ("authorization", "api-key", "x-api-key")
"""Where clients and gateways put the key."""

_OF_THE_COMPRESSED: Final = frozenset({"content-encoding", "content-length"})


class NotJudged(Exception):  # noqa: N818 - no error: most of what a browser records is not ours
    """Says why something that was captured is not judged."""


@dataclass(frozen=True)
class Captured:
    """An exchange, and the base URL that it went to."""

    base_url: str
    exchange: Exchange


def locate(method: str, url: str) -> tuple[str, str]:
    """Take the URL of a request apart: the base URL, and the path below it.

    The query is left out: no rule needs it, and some servers take the key there.

    Raises:
        NotJudged: it is not a request to one of the four endpoints.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise NotJudged("its URL is none") from None
    pattern = ENDPOINTS.get(method)
    found = pattern.fullmatch(parts.path) if pattern and parts.scheme in {"http", "https"} else None
    if found is None:
        raise NotJudged("it is none of the four endpoints")
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, found[1], "", "")), found[2]


def lowered(headers: Iterable[tuple[str, str]]) -> Headers:
    """Headers with lower-case names, without the pseudo headers of HTTP/2 (`:status`)."""
    return tuple((name.lower(), value) for name, value in headers if not name.startswith(":"))


def harmless(headers: Headers) -> Headers:
    """The request headers that are no secret."""
    return tuple((name, value) for name, value in headers if name in HARMLESS)


def without_private(headers: Headers) -> Headers:
    """Answer headers with those values blotted out that say who asked."""
    return tuple((name, BLOTTED if name in PRIVATE else value) for name, value in headers)


def decoded(headers: Headers) -> Headers:
    """The headers that an answer would have had uncompressed, as its captured body is."""
    if not any(name == "content-encoding" for name, _ in headers):
        return headers
    return tuple((name, value) for name, value in headers if name not in _OF_THE_COMPRESSED)


def key_in(headers: Headers) -> str | None:
    """The key that a request was sent with, or None."""
    value = next((value for name, value in headers if name in KEY_HEADERS), None)
    return value and (re.sub(r"(?i)^bearer\s+", "", value).strip() or None)


@dataclass(frozen=True)
class Sight:
    """A request and its answer as somebody else saw them: whole URL, all headers, decoded body."""

    method: str
    url: str
    request_headers: Headers
    request_body: bytes | None
    status: int
    headers: Headers
    body: bytes
    seconds: float = 0.0
    failure: str | None = None
    """How the answer was cut short, in words."""
    left: bool = False
    """Whether the client hung up before the answer's end."""

    def captured(self, number: int = 1) -> Captured:
        """The exchange, without anything in it that is a secret.

        Raises:
            NotJudged: it is not a request to one of the four endpoints.
        """
        base_url, path = locate(self.method, self.url)
        key = key_in(self.request_headers)
        mask, error = Target(base_url, key).mask, self.status >= 400
        request = Request(
            method=self.method,
            path=path,
            body=self.request_body,
            headers=harmless(self.request_headers),
            authorized=key is not None,
            hang_up=self.seconds if self.left else None,
        )
        headers = without_private(decoded(self.headers))
        exchange = Exchange(
            request=request,
            number=number,
            status=self.status,
            headers=tuple((n, mask(v.encode(), error=error).decode()) for n, v in headers),
            body=mask(self.body, error=error),
            seconds=self.seconds,
            failure=None if self.left else self.failure,
        )
        return Captured(base_url, exchange)


def capture(response: httpx.Response) -> Captured:
    """The exchange that an httpx client had: its answer has to be read (`response.read()`).

    Raises:
        NotJudged: it is not a request to one of the four endpoints.
        httpx.ResponseNotRead: the answer was not read.
    """
    request = response.request
    sight = Sight(
        method=request.method,
        url=str(request.url),
        request_headers=lowered(request.headers.multi_items()),
        request_body=request.read() or None,
        status=response.status_code,
        headers=lowered(response.headers.multi_items()),
        body=response.content,
        seconds=response.elapsed.total_seconds(),
    )
    return sight.captured()
