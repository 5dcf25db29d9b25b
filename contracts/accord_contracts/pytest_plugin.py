"""The pytest plugin. pytest loads it wherever Accord is installed.

    pytest --pyargs accord_contracts --accord-url http://127.0.0.1:8000/v1   # a test for each rule

    def test_my_client(accord_server):                                      # a server for tests
        client = OpenAI(base_url=accord_server.base_url, api_key="unused")
        assert client.models.list().data

Nothing but pytest is imported until something of it is used, and nothing is collected that was
not asked for.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    import accord
    from accord_contracts.report import Report
    from accord_contracts.server import ReferenceServer

LEVELS: Final = {
    "must": "a rule of Accord's that a server must keep",
    "should": "a rule of Accord's that a server should keep",
    "may": "a rule of Accord's that a server may keep",
}

SERVER_MARK: Final = (
    "accord_server(faults=(), **settings): the reference server that this test's fixtures "
    "`accord_server` and `accord_client` give: wrong in these ways, with these `Settings`"
)

SHARED: Final = "accord_shared"
"""How a worker of pytest-xdist is told of the file where it meets the others."""

_SHARED: Final = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, in a group of their own."""
    group = parser.getgroup("accord", "Accord, the contract of OpenAI-compatible servers")
    group.addoption(
        "--accord-url",
        metavar="URL",
        help="The server that `--pyargs accord_contracts` tests, with a test for each rule, and "
        "that `accord_client` talks with. Without it: the reference server.",
    )
    group.addoption(
        "--accord-key",
        metavar="KEY",
        help="Its key. Better in OPENAI_API_KEY, which is read where --accord-url is given.",
    )
    group.addoption(
        "--accord-model",
        metavar="NAME",
        default="",
        help="Ask this model. Without it: the first that is listed.",
    )
    group.addoption(
        "--accord-rules",
        metavar="PATTERN",
        action="append",
        default=[],
        help="Test only these: a rule, a family (stream), or a glob. With commas, or repeated.",
    )
    group.addoption(
        "--accord-skip",
        metavar="PATTERN",
        action="append",
        default=[],
        help="Leave these rules out; as --accord-rules.",
    )
    group.addoption(
        "--accord-scope",
        metavar="WORDS",
        default="",
        help="What the server offers, as in `accord check --scope`: chat,stream or -tools.",
    )
    group.addoption(
        "--accord-level",
        metavar="LEVEL",
        default="MAY",
        help="Test rules of this level and above: MUST, SHOULD or MAY (default).",
    )
    group.addoption(
        "--accord-effort",
        metavar="EFFORT",
        default="default",
        help="How much to ask: quick (under 40 requests), default, or thorough.",
    )
    group.addoption(
        "--accord-known",
        metavar="FILE",
        help="Failures that are known, as in `accord check --known`: their tests xfail. One that "
        "is judged and holds is stale, and fails.",
    )
    group.addoption(
        "--accord-strict",
        action="store_true",
        help="A broken SHOULD fails its test. Without it, and for a MAY, it is an xfail.",
    )
    group.addoption(
        "--accord-repeat",
        metavar="TIMES",
        type=int,
        default=0,
        help="Judge each broken rule so many times again; what does not repeat is told as flaky.",
    )
    group.addoption(
        "--accord-seed",
        metavar="SEED",
        type=int,
        default=0,
        help="The same seed sends the same requests in the same order (default: 0).",
    )
    group.addoption(
        "--accord-concurrency",
        metavar="COUNT",
        type=int,
        default=1,
        help="Requests under way at once (default: 1).",
    )
    group.addoption(
        "--accord-timeout",
        metavar="SECONDS",
        type=float,
        default=30.0,
        help="For each answer, from sending to its last byte (default: 30).",
    )
    group.addoption(
        "--accord-max-tokens-total",
        metavar="TOKENS",
        type=int,
        help="What the run may spend. Rules that it is not enough for are errors.",
    )
    group.addoption(
        "--accord-prompt",
        metavar="TEXT",
        help="What requests say where it does not matter; for mocks that know few prompts.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks."""
    for name, meaning in LEVELS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    config.addinivalue_line("markers", SERVER_MARK)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the rules where pytest comes upon the module that stands for them."""
    if file_path.name != "conformance.py" or file_path.parent.name != "accord_contracts":
        return None
    try:
        from accord_contracts.conformance import NODE, Contract  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        raise pytest.UsageError(
            f"{error}; the suite needs: pip install 'accord[contracts]'"
        ) from error
    return Contract.from_parent(parent, path=file_path, nodeid=NODE)


def key_for(config: pytest.Config) -> str | None:
    """The key of the server that was named; the environment's goes to no other."""
    given = config.option
    return given.accord_key or (given.accord_url and os.environ.get("OPENAI_API_KEY")) or None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where it meets the others. No file is made here."""
    new = Path(tempfile.gettempdir()) / f"accord-{uuid4().hex}.sqlite3"
    node.workerinput[SHARED] = str(node.config.stash.setdefault(_SHARED, new))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the file where workers met."""
    if _SHARED in config.stash:
        config.stash[_SHARED].unlink(missing_ok=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test with the mark `accord_server` the server that it describes."""
    mark = metafunc.definition.get_closest_marker("accord_server")
    if mark and "accord_server" in metafunc.fixturenames:
        name = "+".join(mark.kwargs.get("faults", ())) or "server"
        metafunc.parametrize("accord_server", [mark.kwargs], indirect=True, ids=[name])


@pytest.fixture(scope="session")
def accord_server(request: pytest.FixtureRequest) -> Iterator[ReferenceServer]:
    """The reference server on a free port, started once a session.

    It is correct and keeps no state, so tests can share it. Its address is `.base_url`
    (`http://127.0.0.1:PORT/v1`). A test gets one of its own, with faults or other settings, by
    `@pytest.mark.accord_server(faults=["stream.no-done"])`; several in turn by
    `@pytest.mark.parametrize("accord_server", [{"faults": [...]}, ...], indirect=True)`.
    """
    from accord_contracts.faults.naming import matching  # noqa: PLC0415 - see above
    from accord_contracts.server import ReferenceServer, Settings  # noqa: PLC0415

    wanted = dict(getattr(request, "param", {}))
    bent = [fault for name in wanted.pop("faults", ()) for fault in matching(name)]
    with ReferenceServer(Settings(**wanted), [fault.hook for fault in bent]) as server:
        yield server


@pytest.fixture
def accord_client(
    request: pytest.FixtureRequest, accord_server: ReferenceServer
) -> Iterator[accord.Client]:
    """An `accord.Client` of the server of `--accord-url`, else of `accord_server`.

    A test that describes its own `accord_server` gets a client of that one.
    """
    import accord  # noqa: PLC0415 - see above

    given = request.config.option
    own = "accord_server" in getattr(getattr(request.node, "callspec", None), "params", {})
    url, key = accord_server.base_url, accord_server.settings.api_key
    if given.accord_url and not own:
        url, key = given.accord_url, key_for(request.config)
    with accord.Client(base_url=url, api_key=key or "none") as client:
        yield client


@pytest.fixture
def accord_judge(pytestconfig: pytest.Config) -> Callable[..., Report]:
    """Judges answers, and fails the test where they break the contract.

    `accord_judge(response, ...)` takes answers of httpx, read to the end, and exchanges of
    recordings; `only`, `skip` and `level` choose rules as in `accord_contracts.judge`. A MUST
    that is broken fails (`strict=True` or `--accord-strict`: a SHOULD too), and so does a call
    that has nothing to judge. It gives the report.
    """
    strict_by_default = pytestconfig.option.accord_strict

    def judge(*exchanges: Any, strict: bool = strict_by_default, **choice: Any) -> Report:
        __tracebackhide__ = True
        import accord_contracts  # noqa: PLC0415 - see above
        from accord_contracts.reports.evidence import evidence  # noqa: PLC0415

        report = accord_contracts.judge(*exchanges, **choice)
        broken = report.broken(strict=strict)
        found = [evidence(finding, report, alone="") for finding in broken]
        assert report.exit_code(strict=strict) == 0, "\n\n".join([str(report), *found])  # noqa: S101
        return report

    return judge
