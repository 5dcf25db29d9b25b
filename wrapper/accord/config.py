"""Where the server is, who asks, and how patiently: a client's settings, resolved once."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit, urlunsplit

from accord.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_BASE_URL", "DEFAULT_MAX_RETRIES", "Config"]

DEFAULT_BASE_URL: Final = "https://api.openai.com/v1"
DEFAULT_MAX_RETRIES: Final = 2

_SHORTEST_SECRET = 8  # shorter keys ("EMPTY", "sk-lab") are words that any text may hold
_HARMLESS = frozenset({"accept", "accept-language", "content-type", "user-agent"})


@dataclass(frozen=True, slots=True)
class Config:
    """A client's settings.

    Attributes:
        base_url: where the four endpoints live, `http://127.0.0.1:8000/v1`.
        headers: sent with every request; their values may be keys, so they are never shown.
        max_retries: how often a request is sent again after a failure that may pass.
    """

    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    max_retries: int = DEFAULT_MAX_RETRIES

    @classmethod
    def resolve(
        cls,
        *,
        base_url: str | None,
        api_key: str | None,
        max_retries: int,
        default_headers: Mapping[str, str] | None,
    ) -> Self:
        """Fill in what is not given from the environment, and check it.

        Raises:
            ConfigurationError: something can't be sent.
        """
        key = (api_key if api_key is not None else os.environ.get("OPENAI_API_KEY", "")).strip()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        headers |= default_headers or {}
        _check_headers(headers)
        url = base_url or os.environ.get("OPENAI_BASE_URL", "").strip() or DEFAULT_BASE_URL
        _check_url(url)
        if max_retries < 0:
            raise ConfigurationError(f"max_retries can't be negative: {max_retries}")
        return cls(url, headers, max_retries)

    def url(self, path: str) -> str:
        """Give the address of an endpoint; a query in the base URL stays.

        A user name and password stay too, for a proxy that wants them, unless there is a key:
        httpx would send them in the key's place.
        """
        parts = urlsplit(self.base_url)
        host = parts.netloc.rpartition("@")[2] if "Authorization" in self.headers else parts.netloc
        return urlunsplit((parts.scheme, host, parts.path.rstrip("/") + path, parts.query, ""))

    @property
    def shown_url(self) -> str:
        """The base URL without what may be secret: user name, password and query."""
        return _shown(self.base_url)

    def mask(self, text: str) -> str:
        """Blot the keys out of a text: some servers repeat them in their errors."""
        values = [value for name, value in self.headers.items() if name.lower() not in _HARMLESS]
        for value in [*values, urlsplit(self.base_url).password or ""]:
            secret = value.removeprefix("Bearer ")
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, "***")
        return text


def _shown(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number; an unclosed bracket
        usable = False
    if not usable:
        hint = "It looks like http://127.0.0.1:8000/v1."
        raise ConfigurationError(f"base_url is not an http or https address. {hint}")


def _check_headers(headers: Mapping[str, str]) -> None:
    """Refuse what HTTP can't carry here, where the message does not show it, as h11's would."""
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable() and value == value.strip()):
            what = "api_key" if name == "Authorization" else f"the value of the header {name}"
            raise ConfigurationError(f"{what} holds characters that can't be sent in a header")
