"""Stopping the work for a client that has gone."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive


class ClientWatch:
    """Whether the client has gone while it was watched."""

    def __init__(self) -> None:
        self.gone = False


@asynccontextmanager
async def while_connected(receive: Receive) -> AsyncIterator[ClientWatch]:
    """Run the block as long as the client is there; leave it quietly when the client goes.

    The request's body must have been read. The last message of an answer has to be sent after
    the block: a server reports the end of an answer and the end of a connection alike.
    """
    watch, work = ClientWatch(), asyncio.current_task()

    def stop(_: asyncio.Task[None]) -> None:
        watch.gone = True
        if work:
            work.cancel()

    watcher = asyncio.create_task(_until_gone(receive))
    watcher.add_done_callback(stop)
    try:
        yield watch
    except asyncio.CancelledError:
        if not watch.gone:
            raise
        if work:
            work.uncancel()
    finally:
        watcher.remove_done_callback(stop)
        watcher.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
