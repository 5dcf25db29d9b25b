"""What the tests of this folder fuzz."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from accord_contracts import faults
from accord_contracts.faults.bank import BANK, KEY
from accord_contracts.server import MODELS, ReferenceServer, Settings
from accord_contracts.target import Target


@contextmanager
def serving(*names: str) -> Iterator[Target]:
    """The reference server with faults, as a target."""
    assert faults.ALL  # importing them fills the bank
    with ReferenceServer(Settings(api_key=KEY), [BANK[name].hook for name in names]) as server:
        yield Target(server.base_url, KEY, MODELS[0].id)
