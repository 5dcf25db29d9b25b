"""Running the reference server: in a thread of its own, or in the event loop at hand."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from typing import TYPE_CHECKING, Self

import uvicorn

from accord_contracts.server.app import create_app
from accord_contracts.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accord_contracts.server.hooks import Hook

_BACKLOG = 2048
_TICK = 1.0
"""Seconds between two updates of the Date header."""


class CannotListen(OSError):  # noqa: N818 - it says what is wrong
    """The address is taken, or is none of this machine's."""


class ReferenceServer:
    """The reference server on a port of its own, for as long as it is needed.

        with ReferenceServer() as server:
            httpx.get(f"{server.base_url}/models")

    `with` runs it in a background thread; `async with` runs it in the running event loop. It can
    be entered again after it was left, and then listens on a new free port when `port` is 0.

    Args:
        settings: what it serves, and how.
        hooks: deliberate deviations; none for a correct server.
        host: the address to listen on.
        port: the port to listen on; 0 for any free one.

    Raises:
        CannotListen: on entering, when the address can't be listened on.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        hooks: Sequence[Hook] = (),
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.settings = settings or Settings()
        self.host = host
        self.port = port
        """The port listened on, once it listens."""
        self._wanted_port = port
        self._hooks = tuple(hooks)
        self._running: _Uvicorn | None = None
        self._thread: threading.Thread | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it is, without a path: `http://127.0.0.1:PORT`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What clients take as base URL: `http://127.0.0.1:PORT/v1`."""
        return f"{self.url}/v1"

    def __enter__(self) -> Self:
        server, listener = self._listen()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])),
            name="accord-reference-server",
            daemon=True,
        )
        self._thread.start()
        while not server.ready.wait(_TICK) and self._thread.is_alive():
            pass
        return self

    def __exit__(self, *_: object) -> None:
        if self._running and self._thread:
            self._running.stop()
            self._thread.join()
        self._running = self._thread = None

    async def __aenter__(self) -> Self:
        server, listener = self._listen()
        self._task = asyncio.create_task(server.serve(sockets=[listener]))
        await server.accepting.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._running and self._task:
            self._running.stop()
            await self._task
        self._running = self._task = None

    def _listen(self) -> tuple[_Uvicorn, socket.socket]:
        """Bind first, in the caller's thread: what can go wrong goes wrong here."""
        listener = _bind(self.host, self._wanted_port)
        self.port = listener.getsockname()[1]
        app = create_app(self.settings, self._hooks)
        self._running = _Uvicorn(
            uvicorn.Config(
                app,
                access_log=False,
                backlog=_BACKLOG,
                lifespan="off",
                log_config=None,
                server_header=False,
                timeout_keep_alive=75,
                ws="none",
            )
        )
        return self._running, listener


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle off on what it accepts: 40 ms a call otherwise.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere the option would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise CannotListen(f"can't listen on {host} port {port}: {error}") from error
    listener.setblocking(False)
    return listener


class _Uvicorn(uvicorn.Server):
    """Uvicorn without its polling, so that hundreds can start and stop in a few seconds."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        """That it accepts connections, for another thread."""
        self.accepting = asyncio.Event()
        """The same, for its own event loop."""
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever owns the process."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, and say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.accepting.set()
        self.ready.set()

    async def main_loop(self) -> None:
        """Wait to be stopped."""
        while not self._stopping.is_set():
            await self.on_tick(0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _TICK)

    def stop(self) -> None:
        """Ask the server to end; callable from any thread."""
        if self._loop:
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything now. Calls at work see their client go, and end."""
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for _ in range(10):  # the connections' own callbacks, their watchers, their tasks
            await asyncio.sleep(0)
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
