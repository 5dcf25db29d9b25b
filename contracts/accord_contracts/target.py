"""Targets: which server is judged, as whom, and within what limits."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, Self
from urllib.parse import quote, urlsplit, urlunsplit

from accord_contracts.exchange import Request

SHORTEST_SECRET: Final = 8
"""Shorter keys (`EMPTY`, `sk-lab`) are words that answers hold by chance: see `mask`."""


PROMPT: Final = "Hello! Tell me about the sea."
"""What requests say where nothing else matters, unless somebody chose another text."""


@dataclass(frozen=True)
class Target:
    """One server.

    Attributes:
        base_url: where the four endpoints live, `http://127.0.0.1:8000/v1`.
        api_key: sent as a bearer token; None sends none. Never shown.
        model: the id that requests name; "" until one is chosen.
        timeout: seconds that one exchange may take from sending to its last byte.
        max_body: bytes of an answer that are read before it is given up.
        baseline: the parameters that every generating request carries, because the server was
            seen to accept them: a cap, temperature 0 and a seed where it takes them.
        prompt: what requests say where nothing else matters.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    model: str = ""
    timeout: float = 30.0
    max_body: int = 8 * 2**20
    baseline: dict[str, Any] = field(default_factory=dict)
    prompt: str = PROMPT

    @property
    def shown_url(self) -> str:
        """The base URL without user name, password and query, which may be secrets."""
        parts = urlsplit(self.base_url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "", "")).rstrip("/")

    def having(self, **changes: Any) -> Self:
        """This target with some attributes changed."""
        return replace(self, **changes)

    def mask(self, data: bytes, *, error: bool) -> bytes:
        """Blot the key out of an answer, byte for byte, so that offsets stay true.

        Some servers repeat the key in their 401; no report may. A key too short to be a
        secret is blotted out of errors alone, where servers repeat it.
        """
        secret = self.api_key or ""
        if not secret or (len(secret) < SHORTEST_SECRET and not error):
            return data
        for form in _forms(secret):
            data = data.replace(form, b"*" * len(form))
        return data

    def without_key(self, text: str) -> str:
        """A text that is about to leave, without the key, whatever way it came in."""
        return self.mask(text.encode(errors="backslashreplace"), error=False).decode()

    def curl(self, request: Request) -> str:
        """A command line that sends a request to this target again, without the key in it."""
        return request.curl(self.shown_url, keyed=bool(self.api_key))


@lru_cache(maxsize=8)
def _forms(secret: str) -> list[bytes]:
    """How a key may stand in an answer: as it is, or escaped for JSON, a URL or HTML."""
    escaped = json.dumps(secret)[1:-1]
    forms = {
        *(secret, secret.replace("/", "\\/"), escaped, escaped.replace("/", "\\/")),
        *(quote(secret), quote(secret, safe=""), html.escape(secret)),
    }
    return [form.encode() for form in sorted(forms, key=len, reverse=True)]
