"""Where the server is and how to talk to it."""

import ssl
from typing import Any, Self

import httpx
from attrs import define, evolve, field

# An answer may take minutes, and nothing arrives before it is there; a connection takes no time.
DEFAULT_TIMEOUT = httpx.Timeout(600.0, connect=5.0)


@define
class Client:
    """A server that wants no key.

    Calls share one `httpx.Client` and one `httpx.AsyncClient`, made when first needed. Use this
    as a context manager, sync or async, to close them.

    Attributes:
        base_url: Where the server is, with the version: `http://127.0.0.1:8000/v1`.
        cookies: Sent with every request.
        headers: Sent with every request.
        timeout: How long to wait. None waits for ever.
        verify_ssl: Whether to check the server's certificate, or how.
        follow_redirects: Whether to go where a 3xx response points.
        httpx_args: More arguments for `httpx.Client` and `httpx.AsyncClient`, such as `transport`.
    """

    _base_url: str = field(alias="base_url")
    _cookies: dict[str, str] = field(factory=dict, kw_only=True, alias="cookies")
    _headers: dict[str, str] = field(factory=dict, kw_only=True, alias="headers")
    _timeout: httpx.Timeout | None = field(default=DEFAULT_TIMEOUT, kw_only=True, alias="timeout")
    _verify_ssl: str | bool | ssl.SSLContext = field(default=True, kw_only=True, alias="verify_ssl")
    _follow_redirects: bool = field(default=False, kw_only=True, alias="follow_redirects")
    _httpx_args: dict[str, Any] = field(factory=dict, kw_only=True, alias="httpx_args")
    _client: httpx.Client | None = field(default=None, init=False, repr=False, eq=False)
    _async_client: httpx.AsyncClient | None = field(default=None, init=False, repr=False, eq=False)

    def with_headers(self, headers: dict[str, str]) -> Self:
        """Give a client like this one that sends more headers."""
        return evolve(self, headers={**self._headers, **headers})

    def with_cookies(self, cookies: dict[str, str]) -> Self:
        """Give a client like this one that sends more cookies."""
        return evolve(self, cookies={**self._cookies, **cookies})

    def with_timeout(self, timeout: httpx.Timeout | None) -> Self:
        """Give a client like this one that waits for another time."""
        return evolve(self, timeout=timeout)

    def set_httpx_client(self, client: httpx.Client) -> Self:
        """Use this for sync calls, as it is: the settings above do not change it."""
        self._client = client
        return self

    def get_httpx_client(self) -> httpx.Client:
        """Give what sync calls use."""
        if self._client is None:
            self._client = httpx.Client(**self._settings())
        return self._client

    def set_async_httpx_client(self, async_client: httpx.AsyncClient) -> Self:
        """Use this for async calls, as it is: the settings above do not change it."""
        self._async_client = async_client
        return self

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Give what async calls use."""
        if self._async_client is None:
            self._async_client = httpx.AsyncClient(**self._settings())
        return self._async_client

    def _settings(self) -> dict[str, Any]:
        return {
            "base_url": self._base_url,
            "cookies": self._cookies,
            "headers": self._all_headers(),
            "timeout": self._timeout,
            "verify": self._verify_ssl,
            "follow_redirects": self._follow_redirects,
            **self._httpx_args,
        }

    def _all_headers(self) -> dict[str, str]:
        return self._headers

    def __enter__(self) -> Self:
        self.get_httpx_client().__enter__()
        return self

    def __exit__(self, *args: Any) -> None:
        self.get_httpx_client().__exit__(*args)

    async def __aenter__(self) -> Self:
        await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(self, *args: Any) -> None:
        await self.get_async_httpx_client().__aexit__(*args)


@define
class AuthenticatedClient(Client):
    """A server that wants a key.

    Attributes:
        token: The key. It is not in the `repr`.
        prefix: What stands before the key in the header.
        auth_header_name: The header that carries the key.
    """

    token: str = field(repr=False)
    prefix: str = "Bearer"
    auth_header_name: str = "Authorization"

    def _all_headers(self) -> dict[str, str]:
        key = f"{self.prefix} {self.token}" if self.prefix else self.token
        return {**self._headers, self.auth_header_name: key}
