"""How the command, the package and the plugin start: at once, and in a bare install clearly."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from commandline import Accord

import accord_contracts

HEAVY = ("httpx", "rich", "starlette", "uvicorn", "accord_contracts.rules", "jsonschema_rs")


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def loaded_after(code: str) -> str:
    """The heavy modules that are loaded once some code has run."""
    tail = f"import sys; print('loaded', [m for m in {HEAVY!r} if m in sys.modules])"
    done = run(f"{code}\n{tail}")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_help_and_version(run_accord: Accord) -> None:
    shown = run_accord("--help").stdout
    assert "accord check http://127.0.0.1:8000/v1" in shown
    for command in ("check", "rules", "explain", "serve", "faults", "selftest"):
        assert f"\n  {command} " in shown
        assert "Examples:" in run_accord(command, "--help").stdout
    assert version("accord") in run_accord("--version").stdout


def test_help_loads_neither_rules_nor_server() -> None:
    code = """
from accord_contracts.cli.app import accord
accord.main(["--help"], standalone_mode=False)
"""
    assert loaded_after(code) == "loaded []"


def test_the_bare_install_says_what_to_install() -> None:
    done = run(
        "import sys; sys.modules['click'] = None\nfrom accord_contracts.cli import main\nmain()"
    )
    assert done.returncode == 2
    assert 'pip install "accord[contracts]"' in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_importing_the_package_is_cheap_and_its_names_are_all_there() -> None:
    assert loaded_after("import accord_contracts") == "loaded []"
    for name in accord_contracts.__all__:
        assert getattr(accord_contracts, name) is not None
    assert set(accord_contracts.__all__) <= set(dir(accord_contracts))
    assert not hasattr(accord_contracts, "no_such_name")


def test_the_plugin_is_free_until_it_is_used() -> None:
    assert loaded_after("import accord_contracts.pytest_plugin") == "loaded []"


def test_the_plugin_brings_a_server(tmp_path: Path) -> None:
    test = tmp_path / "test_mine.py"
    test.write_text(
        "import httpx\n"
        "def test_one(accord_server):\n"
        "    answer = httpx.get(f'{accord_server.base_url}/models')\n"
        "    assert answer.json()['object'] == 'list'\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
