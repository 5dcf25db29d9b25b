"""How the tests of this folder run the command, and what they run it against."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click.testing

from accord_contracts import faults
from accord_contracts.faults.bank import BANK
from accord_contracts.server import Call, Hook, ReferenceServer, Reply, Settings

Accord = Callable[..., click.testing.Result]

# A shell that starts tests in the background lets them ignore SIGINT, and us with them.
PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from accord_contracts.cli import main
main()
"""
COMMAND = [sys.executable, "-c", PROGRAM]


@contextmanager
def broken(*names: str) -> Iterator[str]:
    """The reference server with faults; gives its base URL."""
    assert faults.ALL  # importing them fills the bank
    with ReferenceServer(hooks=[BANK[name].hook for name in names]) as server:
        yield server.base_url


class Echo(Hook):
    """Repeats the key wherever a server might, and breaks a rule, so that it becomes evidence."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        sent = call.headers.get("authorization", "")
        reply.headers["x-echo"] = sent
        if isinstance(reply.body, dict):
            reply.body["object"] = f"echo of {sent}"
        return reply


@contextmanager
def serving(*hooks: Hook, **settings: Any) -> Iterator[str]:
    """The reference server, bent by hooks; gives its base URL."""
    with ReferenceServer(Settings(**settings), hooks) as server:
        yield server.base_url
