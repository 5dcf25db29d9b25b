"""Where the server is, who asks, and how patiently: a client's settings, resolved once."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Final, Self, TypedDict
from urllib.parse import urlencode, urlsplit, urlunsplit

import httpx

from accord.errors import ConfigurationError
from accord.retries import RetryPolicy

__all__ = [
    "DEFAULT_BASE_URL",
    "DEFAULT_TIMEOUT",
    "ApiKey",
    "ClientOptions",
    "Config",
    "Timeout",
]

ApiKey = str | Callable[[], str] | Callable[[], Awaitable[str]]
"""The key itself, or what gives the one that holds now. An AsyncClient awaits it if need be."""

Timeout = float | httpx.Timeout | None
"""Seconds for each phase: to connect, to send, to wait for each piece of an answer, and to wait
for a free connection; None waits for ever."""

DEFAULT_BASE_URL: Final = "https://api.openai.com/v1"
DEFAULT_TIMEOUT: Final = httpx.Timeout(600.0, connect=5.0)
"""An answer may take minutes; a connection takes no time."""

_SHORTEST_SECRET = 8  # shorter keys ("EMPTY", "sk-lab") are words that any text may hold
_HARMLESS = frozenset(
    {
        "accept",
        "accept-language",
        "content-type",
        "openai-organization",
        "openai-project",
        "user-agent",
    }
)


class ClientOptions(TypedDict, total=False):
    """What a client can be told, when it is made or in `with_options`; see `accord.Client`."""

    base_url: str | None
    api_key: ApiKey | None
    organization: str | None
    project: str | None
    timeout: Timeout
    deadline: float | None
    max_retries: int
    retry: RetryPolicy
    default_headers: Mapping[str, str] | None
    default_query: Mapping[str, Any] | None


@dataclass(frozen=True)
class Config:
    """A client's settings, checked.

    Attributes:
        base_url: where the four endpoints live, `http://127.0.0.1:8000/v1`.
        api_key: the key, or what gives it; None or empty to send none.
        organization: whom OpenAI bills.
        project: what OpenAI bills it to.
        timeout: the time for each phase of a request.
        deadline: seconds for a whole call, all its tries included; None for no end.
        retry: when to try again.
        default_headers: sent with every request; their values may be keys.
        default_query: sent with every request, in its address.
    """

    base_url: str = DEFAULT_BASE_URL
    api_key: ApiKey | None = field(default=None, repr=False)
    organization: str | None = None
    project: str | None = None
    timeout: Timeout = field(default_factory=lambda: DEFAULT_TIMEOUT)
    deadline: float | None = None
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    default_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    default_query: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        _check_url(self.base_url)
        _check_key(self.api_key)
        _check_headers(self.headers)
        _check_retries(self.retry.max_retries)
        _check_seconds("deadline", self.deadline)
        if not isinstance(self.timeout, (httpx.Timeout, tuple)):  # which httpx reads, too
            _check_seconds("timeout", self.timeout)

    @classmethod
    def resolve(cls, options: ClientOptions) -> Self:
        """Fill in from the environment what is not given.

        Raises:
            ConfigurationError: something can't be used.
            TypeError: an option is unknown.
        """
        known = {
            "base_url": _environment("OPENAI_BASE_URL") or DEFAULT_BASE_URL,
            "api_key": _environment("OPENAI_API_KEY"),
            "organization": _environment("OPENAI_ORG_ID"),
            "project": _environment("OPENAI_PROJECT_ID"),
        }
        found = {name: value for name, value in known.items() if value}
        return cls(**found).changed(options)  # type: ignore[arg-type]  # names and types as above

    def changed(self, options: ClientOptions) -> Self:
        """Give these settings with some of them changed; None leaves most as they are.

        Raises:
            ConfigurationError: something can't be used.
            TypeError: an option is unknown.
        """
        new: dict[str, Any] = dict(options)
        for name in new.keys() - ClientOptions.__annotations__.keys():
            raise TypeError(f"unknown option {name!r}")
        patient = {name: new.pop(name) for name in ("timeout", "deadline") if name in new}
        new = {name: value for name, value in new.items() if value is not None}
        if "max_retries" in new:
            policy = new.get("retry", self.retry)
            new["retry"] = replace(policy, max_retries=new.pop("max_retries"))
        return replace(self, **new, **patient)

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """What every request is sent with; without the key, when that is asked for each time."""
        headers = {}
        if isinstance(self.api_key, str) and self.api_key.strip():
            headers["Authorization"] = f"Bearer {self.api_key.strip()}"
        if self.organization:
            headers["OpenAI-Organization"] = self.organization
        if self.project:
            headers["OpenAI-Project"] = self.project
        return {**headers, **self.default_headers}

    def url(self, path: str) -> httpx.URL:
        """Give the address of an endpoint; a query in the base URL stays.

        A user name and password stay too, for a proxy that wants them, unless there is a key:
        httpx would send them in the key's place.
        """
        query = urlencode(self.default_query, doseq=True) if self.default_query else ""
        return _url(self.base_url, path, query, "Authorization" in self.headers)

    @cached_property
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


def _environment(name: str) -> str:
    return os.environ.get(name, "").strip()


@lru_cache(maxsize=256)
def _url(base_url: str, path: str, more_query: str, keyed: bool) -> httpx.URL:
    """Give an address; reading one takes httpx longer than all that Accord does for a call."""
    parts = urlsplit(base_url)
    host = parts.netloc.rpartition("@")[2] if keyed else parts.netloc
    query = "&".join(part for part in (parts.query, more_query) if part)
    return httpx.URL(urlunsplit((parts.scheme, host, parts.path.rstrip("/") + path, query, "")))


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


def _check_key(key: object) -> None:
    if not (key is None or isinstance(key, str) or callable(key)):
        kind = type(key).__name__
        raise ConfigurationError(f"api_key must be a text, or a function that gives it: {kind}")


def _check_retries(count: Any) -> None:
    if not (isinstance(count, int) and count >= 0):
        raise ConfigurationError(f"max_retries must be a whole number, 0 or more: {count!r}")


def _check_seconds(name: str, seconds: Any) -> None:
    if seconds is not None and not (isinstance(seconds, (int, float)) and seconds > 0):
        raise ConfigurationError(f"{name} must be a positive number of seconds: {seconds!r}")


def _check_headers(headers: Mapping[str, str]) -> None:
    """Refuse what HTTP can't carry here, where the message does not show it, as h11's would."""
    for name, value in headers.items():
        if not isinstance(value, str):
            kind = type(value).__name__
            raise ConfigurationError(f"the value of the header {name} must be a text: {kind}")
        if not (value.isascii() and value.isprintable() and value == value.strip()):
            what = "api_key" if name == "Authorization" else f"the value of the header {name}"
            raise ConfigurationError(f"{what} holds characters that can't be sent in a header")
