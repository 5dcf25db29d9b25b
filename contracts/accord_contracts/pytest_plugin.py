"""The pytest plugin: a fixture with the reference server. Loaded by pytest wherever Accord is.

    def test_my_client(accord_server):
        client = OpenAI(base_url=accord_server.base_url, api_key="unused")
        assert client.models.list().data

Nothing but pytest is imported until the fixture is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from accord_contracts.server import ReferenceServer


@pytest.fixture(scope="session")
def accord_server() -> Iterator[ReferenceServer]:
    """The reference server on a free port, started once a session.

    It is correct and keeps no state, so tests can share it. Its address is `.base_url`
    (`http://127.0.0.1:PORT/v1`). For other settings, or faults, use
    `accord_contracts.ReferenceServer` as a context manager. Needs the extra `contracts`.
    """
    from accord_contracts.server import ReferenceServer  # noqa: PLC0415 - see above

    with ReferenceServer() as server:
        yield server
