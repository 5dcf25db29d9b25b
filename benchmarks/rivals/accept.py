"""Asking the correct server the same: does it accept what was accepted, and refuse the rest?"""

from __future__ import annotations

from base64 import b64decode
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from bank import serving

from accord_contracts.faults.bank import KEY
from accord_contracts.server import ReferenceServer

JSON = dict[str, Any]


def unlike_the_correct_server(exchange: JSON) -> bool:
    """Whether the correct server refuses what was accepted here, or the other way round.

    Args:
        exchange: as schemathesis reports it.
    """
    request, response = exchange["request"], exchange["response"]
    address = urlsplit(request["uri"])
    headers = {name: ", ".join(values) for name, values in request["headers"].items()}
    kept = tuple(sorted((name, headers[name]) for name in headers if name.lower() in KEPT))
    body = b64decode((request.get("body") or {}).get("$base64", ""))
    path = f"{address.path}?{address.query}" if address.query else address.path
    here = response["status_code"] if response else None
    return here is None or (here < 400) != _accepts(request["method"], path, kept, body)


KEPT = ("accept", "content-type")
"""Headers that may decide; the key is blotted out in the report, and put in again here."""


@cache
def _correct() -> ReferenceServer:
    """The correct server, which runs until this process ends."""
    return serving(None).__enter__()


@cache
def _accepts(method: str, path: str, headers: tuple[tuple[str, str], ...], body: bytes) -> bool:
    """Whether the correct server accepts a request. Most requests are those of every run."""
    answer = httpx.request(
        method,
        f"{_correct().url}{path}",
        headers={**dict(headers), "authorization": f"Bearer {KEY}"},
        content=body or None,
        timeout=60,
    )
    return answer.status_code < 400
