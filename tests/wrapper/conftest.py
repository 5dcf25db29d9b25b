import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from loopback import Caller, Wire

import accord
from accord_contracts.server import ReferenceServer


@pytest.fixture
def wire() -> Iterator[Wire]:
    server = Wire()
    yield server
    server.close()


@pytest.fixture(scope="session")
def reference() -> Iterator[str]:
    """The base URL of the reference server."""
    with ReferenceServer() as server:
        yield server.base_url


@pytest.fixture(scope="session")
def reference_client(reference: str) -> Iterator[accord.Client]:
    with accord.Client(base_url=reference) as client:
        yield client


@pytest.fixture(params=["sync", "asyncio", "trio"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ("API_KEY", "BASE_URL", "ORG_ID", "PROJECT_ID")
    proxies = ("HTTP_PROXY", "http_proxy", "ALL_PROXY")
    for name in (*(f"OPENAI_{setting}" for setting in settings), *proxies):
        monkeypatch.delenv(name, raising=False)
