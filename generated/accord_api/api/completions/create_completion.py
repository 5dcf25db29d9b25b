"""Complete one prompt or several."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TYPE_CHECKING, Any

import httpx

from ...client import Client
from ...types import Response, read_object, to_json

if TYPE_CHECKING:
    from ...models.completion import Completion
    from ...models.completion_request import CompletionRequest
    from ...models.error_response import ErrorResponse


def build_request(body: CompletionRequest | Mapping[str, Any]) -> dict[str, Any]:
    """Give the arguments of `httpx.Client.build_request`; the URL is below the base URL."""
    return {
        "method": "POST",
        "url": "/completions",
        "json": to_json(body),
    }


def build_stream_request(body: CompletionRequest | Mapping[str, Any]) -> dict[str, Any]:
    """Give the same for an answer that is streamed."""
    request = build_request(body)
    request["json"]["stream"] = True
    request["headers"] = {"Accept": "text/event-stream"}
    return request


def _response(response: httpx.Response) -> Response[Completion | ErrorResponse]:
    from ...models.completion import Completion
    from ...models.error_response import ErrorResponse

    content = response.content
    data = read_object(content)
    model = Completion if response.status_code == 200 else ErrorResponse
    return Response(
        status_code=response.status_code,
        content=content,
        headers=response.headers,
        parsed=None if data is None else model.from_dict(data),
    )


def sync_detailed(
    *, client: Client, body: CompletionRequest | Mapping[str, Any]
) -> Response[Completion | ErrorResponse]:
    """Complete one prompt or several.

    Args:
        client: Where to send it.
        body: What to send: a model, or a dict with the same members.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        The response, its body read as a model.
    """
    return _response(client.get_httpx_client().request(**build_request(body)))


def sync(
    *, client: Client, body: CompletionRequest | Mapping[str, Any]
) -> Completion | ErrorResponse | None:
    """Complete one prompt or several.

    Args:
        client: Where to send it.
        body: What to send: a model, or a dict with the same members.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        The body as a model, whatever the status. None when it is not a JSON object.
    """
    return _response(client.get_httpx_client().request(**build_request(body))).parsed


async def asyncio_detailed(
    *, client: Client, body: CompletionRequest | Mapping[str, Any]
) -> Response[Completion | ErrorResponse]:
    """Complete one prompt or several.

    Args:
        client: Where to send it.
        body: What to send: a model, or a dict with the same members.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        The response, its body read as a model.
    """
    return _response(await client.get_async_httpx_client().request(**build_request(body)))


async def asyncio(
    *, client: Client, body: CompletionRequest | Mapping[str, Any]
) -> Completion | ErrorResponse | None:
    """Complete one prompt or several.

    Args:
        client: Where to send it.
        body: What to send: a model, or a dict with the same members.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        The body as a model, whatever the status. None when it is not a JSON object.
    """
    return _response(await client.get_async_httpx_client().request(**build_request(body))).parsed


def sync_stream(
    *, client: Client, body: CompletionRequest | Mapping[str, Any]
) -> AbstractContextManager[httpx.Response]:
    """Complete one prompt or several. As a stream, which is not parsed: `stream` is set to true.

    Args:
        client: Where to send it.
        body: What to send: a model, or a dict with the same members.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        A context manager that gives the response when its headers are there. Its body is not read
        yet and, when the status is not 200, not a stream.
    """
    return client.get_httpx_client().stream(**build_stream_request(body))


def asyncio_stream(
    *, client: Client, body: CompletionRequest | Mapping[str, Any]
) -> AbstractAsyncContextManager[httpx.Response]:
    """Complete one prompt or several. As a stream, which is not parsed: `stream` is set to true.

    Args:
        client: Where to send it.
        body: What to send: a model, or a dict with the same members.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        A context manager that gives the response when its headers are there. Its body is not read
        yet and, when the status is not 200, not a stream.
    """
    return client.get_async_httpx_client().stream(**build_stream_request(body))
