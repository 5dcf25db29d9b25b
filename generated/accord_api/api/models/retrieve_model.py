"""Describe one model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from ...client import Client
from ...types import Response, read_object

if TYPE_CHECKING:
    from ...models.error_response import ErrorResponse
    from ...models.model import Model


def build_request(model: str) -> dict[str, Any]:
    """Give the arguments of `httpx.Client.build_request`; the URL is below the base URL."""
    return {
        "method": "GET",
        "url": f"/models/{quote(str(model), safe='')}",
    }


def _response(response: httpx.Response) -> Response[Model | ErrorResponse]:
    from ...models.error_response import ErrorResponse
    from ...models.model import Model

    content = response.content
    data = read_object(content)
    model = Model if response.status_code == 200 else ErrorResponse
    return Response(
        status_code=response.status_code,
        content=content,
        headers=response.headers,
        parsed=None if data is None else model.from_dict(data),
    )


def sync_detailed(model: str, *, client: Client) -> Response[Model | ErrorResponse]:
    """Describe one model.

    Args:
        model: The model's id as the list gives it. A slash in it is sent percent-encoded.
        client: Where to send it.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        The response, its body read as a model.
    """
    return _response(client.get_httpx_client().request(**build_request(model)))


def sync(model: str, *, client: Client) -> Model | ErrorResponse | None:
    """Describe one model.

    Args:
        model: The model's id as the list gives it. A slash in it is sent percent-encoded.
        client: Where to send it.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        The body as a model, whatever the status. None when it is not a JSON object.
    """
    return _response(client.get_httpx_client().request(**build_request(model))).parsed


async def asyncio_detailed(model: str, *, client: Client) -> Response[Model | ErrorResponse]:
    """Describe one model.

    Args:
        model: The model's id as the list gives it. A slash in it is sent percent-encoded.
        client: Where to send it.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        The response, its body read as a model.
    """
    return _response(await client.get_async_httpx_client().request(**build_request(model)))


async def asyncio(model: str, *, client: Client) -> Model | ErrorResponse | None:
    """Describe one model.

    Args:
        model: The model's id as the list gives it. A slash in it is sent percent-encoded.
        client: Where to send it.

    Raises:
        httpx.RequestError: The request could not be sent, or the response not read.

    Returns:
        The body as a model, whatever the status. None when it is not a JSON object.
    """
    return _response(await client.get_async_httpx_client().request(**build_request(model))).parsed
