"""The wire under schemathesis: its requests go out by our sender, and come back as exchanges.

schemathesis talks through `requests`, whose transport can be changed. So no request of a run, the
probes of its own checks included, escapes the session: it is counted, kept and read to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Final

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from accord_contracts.exchange import Exchange, Request

STAND_IN: Final = "Bearer accord-stands-for-the-key"
"""What schemathesis sends for the key, which it never learns."""

NOT_THE_CASE: Final = frozenset(
    {"user-agent", "accept-encoding", "connection", "content-length", "x-schemathesis-testcaseid"}
)
"""Headers that `requests` and schemathesis add to every request; the sender has its own."""

ON_THE_WAY: Final = frozenset({"content-length", "content-encoding", "transfer-encoding"})
"""Headers about how an answer comes. It has come; `urllib3` would fail where they are not true."""


class Wire(BaseAdapter):
    """A transport for `requests`.

    Args:
        base_url: what comes before the paths.
        fetch: sends one request and gives its exchange.

    Attributes:
        last: the exchange of the request that was sent last.
    """

    last: Exchange

    def __init__(self, base_url: str, fetch: Callable[[Request], Exchange]) -> None:
        super().__init__()
        self._base_url = base_url
        self._fetch = fetch

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request; all arguments but the first are the sender's business.

        Raises:
            requests.ConnectionError: no answer began; `last.failure` says why.
        """
        self.last = self._fetch(self.request(request))
        if self.last.status is None:
            raise requests.ConnectionError(self.last.failure, request=request)
        return _response(request, self.last)

    def close(self) -> None:
        """Do nothing: the sender is not ours."""

    def request(self, prepared: requests.PreparedRequest) -> Request:
        """What is sent for a request of `requests`."""
        body = prepared.body
        given = {name.lower(): _text(value) for name, value in prepared.headers.items()}
        authorized = given.get("authorization") == STAND_IN
        dropped = {*NOT_THE_CASE, *(["authorization"] if authorized else [])}
        if given.get("accept") == "*/*":
            dropped.add("accept")
        return Request(
            method=prepared.method or "GET",
            path=(prepared.url or "").removeprefix(self._base_url),
            body=body.encode() if isinstance(body, str) else _bytes(body),
            headers=tuple((n, v) for n, v in given.items() if n not in dropped),
            authorized=authorized,
        )


class _Unled(requests.Session):
    """A session that stays where it is: a redirect is an answer, to be judged as it is."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Nowhere: circles would end the run, and other addresses leave our sender behind."""
        return None


def connect(wire: Wire) -> requests.Session:
    """A session for schemathesis, all of whose requests go out by a wire."""
    session = _Unled()
    session.trust_env = False
    session.adapters.clear()
    session.mount("", wire)
    return session


def _bytes(body: object) -> bytes | None:
    """A body as it is sent. schemathesis makes all of them bytes: none is read from a file."""
    return body if isinstance(body, bytes) and body else None


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _response(request: requests.PreparedRequest, exchange: Exchange) -> requests.Response:
    """An answer as `requests` gives it, all of its bytes at once."""
    response = requests.Response()
    response.status_code = exchange.status or 0
    response.headers.update(dict(exchange.headers))
    response.request = request
    response.url = request.url or ""
    response.reason = ""
    response.encoding = "utf-8"
    response.raw = HTTPResponse(
        body=BytesIO(exchange.body),
        headers=HTTPHeaderDict([h for h in exchange.headers if h[0].lower() not in ON_THE_WAY]),
        status=response.status_code,
        version=11,
        preload_content=False,
        decode_content=False,
    )
    return response
