"""Connections under watch: what an answer took, it must give back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx


class _Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """An answer's body that says when it is given back."""

    def __init__(self, response: httpx.Response, watch: Watch, seen: bytearray) -> None:
        self._stream, self._watch, self._seen = response.stream, watch, seen
        watch.open += 1
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._stream, httpx.SyncByteStream)
        for data in self._stream:
            self._seen.extend(data)
            yield data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._stream, httpx.AsyncByteStream)
        async for data in self._stream:
            self._seen.extend(data)
            yield data

    def close(self) -> None:
        assert isinstance(self._stream, httpx.SyncByteStream)
        self._give_back()
        self._stream.close()

    async def aclose(self) -> None:
        assert isinstance(self._stream, httpx.AsyncByteStream)
        self._give_back()
        await self._stream.aclose()

    def _give_back(self) -> None:
        self._watch.open -= not self._closed
        self._closed = True


class Watch(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport of httpx that counts the answers not yet given back, and keeps their bodies.

    Args:
        inner: what it sends with; the network where None is given.
    """

    def __init__(self, inner: httpx.MockTransport | None = None) -> None:
        self._inner = inner
        # Without certificates, which take longer to load than a test takes.
        self._sync = httpx.HTTPTransport(verify=False)
        self._async = httpx.AsyncHTTPTransport(verify=False)
        self.open = 0
        self.seen: list[tuple[httpx.Response, bytearray]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._watched((self._inner or self._sync).handle_request(request))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._watched(await (self._inner or self._async).handle_async_request(request))

    def _watched(self, response: httpx.Response) -> httpx.Response:
        body = bytearray()
        self.seen.append((response, body))
        response.stream = _Stream(response, self, body)
        return response

    def close(self) -> None:
        self._sync.close()

    async def aclose(self) -> None:
        await self._async.aclose()
