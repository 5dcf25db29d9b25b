"""What is measured of each client: the same calls, as a user of that client would write them.

A job is made once, with the server's address, and gives a function that does so many calls and
counts the items: calls, or chunks. Each runs in a process of its own
(`worker.py`), which has imported its own client and nothing of the others.
"""

from __future__ import annotations

import asyncio
import atexit
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

__all__ = ["Work"]

Work = Callable[[int], int]
"""Does so many calls; returns how many items that came to."""

QUESTION: Final[dict[str, Any]] = {
    "model": "a-model",
    "messages": [{"role": "user", "content": "Why is the sky blue?"}],
}
KEY: Final = "sk-of-no-use-to-anyone"
HEADERS: Final = {"Authorization": f"Bearer {KEY}"}


# ----------------------------------------------------------------------------------- one at a time
def httpx_call(url: str) -> Work:
    """Bare httpx: the answer as a dict."""
    import httpx

    client = httpx.Client(headers=HEADERS)

    def call() -> None:
        answer = client.post(f"{url}/chat/completions", json=QUESTION)
        answer.raise_for_status()
        _heed(answer.json()["choices"][0]["message"]["content"])

    return _times(call)


def accord_call(url: str) -> Work:
    """Accord."""
    return _times(_sdk_call(_accord(url)))


def openai_call(url: str) -> Work:
    """openai-python."""
    return _times(_sdk_call(_openai(url)))


def _sdk_call(client: Any) -> Callable[[], None]:
    def call() -> None:
        _heed(client.chat.completions.create(**QUESTION).choices[0].message.content)

    return call


# ----------------------------------------------------------------------------------------- streams
def httpx_stream(url: str) -> Work:
    """Bare httpx: lines, and the chunks as dicts."""
    import httpx

    client = httpx.Client(headers=HEADERS)
    question = {**QUESTION, "stream": True}

    def read() -> int:
        count = 0
        with client.stream("POST", f"{url}/chat/completions", json=question) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: {"):
                    _heed(json.loads(line[6:])["choices"][0]["delta"]["content"])
                    count += 1
        return count

    return _sums(read)


def accord_stream(url: str) -> Work:
    """Accord: typed chunks."""
    return _sums(_sdk_stream(_accord(url)))


def openai_stream(url: str) -> Work:
    """openai-python: typed chunks."""
    return _sums(_sdk_stream(_openai(url)))


def _sdk_stream(client: Any) -> Callable[[], int]:
    def read() -> int:
        count = 0
        for chunk in client.chat.completions.create(**QUESTION, stream=True):
            _heed(chunk.choices[0].delta.content)
            count += 1
        return count

    return read


# ----------------------------------------------------------------------------------- many at once
def httpx_at_once(url: str, width: int) -> Work:
    """Bare httpx, with connections kept for all that are at work."""
    import httpx

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    client = httpx.AsyncClient(headers=HEADERS, limits=limits)

    async def call() -> None:
        answer = await client.post(f"{url}/chat/completions", json=QUESTION)
        answer.raise_for_status()
        _heed(answer.json()["choices"][0]["message"]["content"])

    return _at_once(call, width, client.aclose)


def accord_at_once(url: str, width: int) -> Work:
    """Accord."""
    import accord

    client = accord.AsyncClient(base_url=url, api_key=KEY)
    return _at_once(_async_sdk_call(client), width, client.close)


def accord_aiohttp_at_once(url: str, width: int) -> Work:
    """Accord with the transport of the extra `aiohttp`."""
    from httpx_aiohttp import AiohttpTransport

    import accord

    client = accord.AsyncClient(base_url=url, api_key=KEY, transport=AiohttpTransport())
    return _at_once(_async_sdk_call(client), width, client.close)


def openai_at_once(url: str, width: int) -> Work:
    """openai-python."""
    import openai

    client = openai.AsyncOpenAI(base_url=url, api_key=KEY)
    return _at_once(_async_sdk_call(client), width, client.close)


def _async_sdk_call(client: Any) -> Callable[[], Awaitable[None]]:
    async def call() -> None:
        _heed((await client.chat.completions.create(**QUESTION)).choices[0].message.content)

    return call


# ----------------------------------------------------------------------------------------- clients
def _accord(url: str) -> Any:
    import accord

    return accord.Client(base_url=url, api_key=KEY)


def _openai(url: str) -> Any:
    import openai

    return openai.OpenAI(base_url=url, api_key=KEY)


# ------------------------------------------------------------------------------------------- times
def _times(call: Callable[[], None]) -> Work:
    def work(count: int) -> int:
        for _ in range(count):
            call()
        return count

    return work


def _sums(read: Callable[[], int]) -> Work:
    return lambda count: sum(read() for _ in range(count))


def _at_once(
    call: Callable[[], Awaitable[None]], width: int, close: Callable[[], Coroutine[Any, Any, None]]
) -> Work:
    """Call in bursts of so many at once, all in one event loop; close the client in the end."""
    loop = asyncio.new_event_loop()
    atexit.register(lambda: loop.run_until_complete(close()))

    async def bursts(count: int) -> None:
        for _ in range(count):
            await asyncio.gather(*[call() for _ in range(width)])

    def work(count: int) -> int:
        count = max(1, count // width)
        loop.run_until_complete(bursts(count))
        return count * width

    return work


def _heed(text: Any) -> None:
    """Use an answer, and see that it is one."""
    if not isinstance(text, str):
        raise TypeError(text)
