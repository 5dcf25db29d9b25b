"""List the models that the server can run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from ...client import Client
from ...types import Response, read_object

if TYPE_CHECKING:
    from ...models.error_response import ErrorResponse
    from ...models.model_list import ModelList


def build_request() -> dict[str, Any]:
    """Give the arguments of `httpx.Client.build_request`; the URL is below the base URL."""
    return {
        "method": "GET",
        "url": "/models",
    }


def _response(response: httpx.Response) -> Response[ModelList | ErrorResponse]:
    from ...models.error_response import ErrorResponse
    from ...models.model_list import ModelList

    content = response.content
    data = read_object(content)
    model = ModelList if response.status_code == 200 else ErrorResponse
    return Response(
        status_code=response.status_code,
        content=content,
        headers=response.headers,
        parsed=None if data is None else model.from_dict(data),
    )


def sync_detailed(*, client: Client) -> Response[ModelList | ErrorResponse]:
    """List the models that the server can run.

    Args:
        client: Where to send it.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        The response, its body read as a model.
    """
    return _response(client.get_httpx_client().request(**build_request()))


def sync(*, client: Client) -> ModelList | ErrorResponse | None:
    """List the models that the server can run.

    Args:
        client: Where to send it.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        The body as a model, whatever the status. None when it is not a JSON object.
    """
    return _response(client.get_httpx_client().request(**build_request())).parsed


async def asyncio_detailed(*, client: Client) -> Response[ModelList | ErrorResponse]:
    """List the models that the server can run.

    Args:
        client: Where to send it.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        The response, its body read as a model.
    """
    return _response(await client.get_async_httpx_client().request(**build_request()))


async def asyncio(*, client: Client) -> ModelList | ErrorResponse | None:
    """List the models that the server can run.

    Args:
        client: Where to send it.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        The body as a model, whatever the status. None when it is not a JSON object.
    """
    return _response(await client.get_async_httpx_client().request(**build_request())).parsed
