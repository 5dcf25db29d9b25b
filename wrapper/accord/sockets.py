"""Ending reads that wait, by way of the socket: httpx fixes a read's timeout when it begins."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["shut_down", "time_limit"]


@contextmanager
def time_limit(response: httpx.Response, seconds: float | None) -> Iterator[None]:
    """Shut the connection of a response down when the block takes too long.

    Args:
        response: what the block reads.
        seconds: how long it may take; None for ever.

    Raises:
        httpx.ReadTimeout: it took too long.
    """
    if seconds is None:
        yield
        return
    fired = threading.Event()
    timer = threading.Timer(seconds, _fire, [fired, response])
    timer.daemon = True
    timer.start()
    try:
        yield
    except httpx.HTTPError as error:
        if fired.is_set():
            raise httpx.ReadTimeout("the time is up") from error
        raise
    finally:
        timer.cancel()
    if fired.is_set():
        raise httpx.ReadTimeout("the time is up")


def _fire(fired: threading.Event, response: httpx.Response) -> None:
    fired.set()
    shut_down(response)


def shut_down(response: httpx.Response) -> None:
    """End reads and writes of a response's connection, also those that wait in other threads."""
    connection: Any = _socket(response)
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _socket(response: httpx.Response) -> Any:
    """Find the socket; there is none where a transport has no network."""
    network = response.extensions.get("network_stream")
    return network.get_extra_info("socket") if network is not None else None
