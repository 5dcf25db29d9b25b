"""The committed client is what the spec gives, and the command says so when it is not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "generated" / "accord_api"


def generate(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a developer does, from any folder."""
    command = [sys.executable, ROOT / "spec" / "generate.py", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def files(package: Path) -> dict[str, bytes]:
    """What a package consists of."""
    paths = (path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(package).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """A copy of the committed client."""
    ignore = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(CLIENT, tmp_path / "accord_api", ignore=ignore)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A copy of what the client is made from."""
    return shutil.copytree(ROOT / "spec", tmp_path / "spec")


def test_the_committed_client_is_what_the_spec_gives(tmp_path: Path) -> None:
    done = generate("--check", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_client_made_from_nothing_is_the_same(tmp_path: Path) -> None:
    done = generate("--client", tmp_path / "new", cwd=tmp_path)
    assert done.returncode == 0
    assert files(tmp_path / "new") == files(CLIENT)


def test_an_edited_a_missing_and_a_stray_file_are_shown(client: Path, tmp_path: Path) -> None:
    edited = client / "models" / "usage.py"
    edited.write_text(edited.read_text("utf-8").replace("Tokens of the answer.", "Words."), "utf-8")
    (client / "client.py").unlink()
    (client / "stray.py").write_text("stray = 1\n", "utf-8")

    done = generate("--check", "--client", client, cwd=tmp_path)

    assert done.returncode == 1
    assert "-        completion_tokens: Words.\n" in done.stdout
    assert "+        completion_tokens: Tokens of the answer.\n" in done.stdout
    assert "+class AuthenticatedClient(Client):\n" in done.stdout
    assert "-stray = 1\n" in done.stdout
    assert "nox -s generate" in done.stdout
    assert not (client / "client.py").exists()


def test_a_change_of_the_spec_is_shown_and_then_written(
    spec: Path, client: Path, tmp_path: Path
) -> None:
    document = spec / "openapi.yaml"
    text = document.read_text("utf-8")
    added = text.replace(
        "        finish_reason:\n", "        mood: {type: string}\n        finish_reason:\n", 1
    )
    document.write_text(added, "utf-8")

    shown = generate("--check", "--spec", spec, "--client", client, cwd=tmp_path)
    assert shown.returncode == 1
    assert "+    mood: str | Unset = UNSET\n" in shown.stdout

    assert generate("--spec", spec, "--client", client, cwd=tmp_path).returncode == 0
    changed = {name for name, content in files(client).items() if content != files(CLIENT)[name]}
    assert changed == {"models/completion_choice.py", "openapi.json"}


def test_what_the_generator_would_leave_out_is_a_failure(
    spec: Path, client: Path, tmp_path: Path
) -> None:
    document = spec / "openapi.yaml"
    text = document.read_text("utf-8")
    document.write_text(
        text.replace("#/components/schemas/TopP", "#/components/schemas/No"), "utf-8"
    )

    done = generate("--spec", spec, "--client", client, cwd=tmp_path)

    assert done.returncode == 1
    assert "Could not find reference" in done.stderr
    assert files(client) == files(CLIENT)


def test_writing_what_is_already_there_touches_nothing(client: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in client.rglob("*")}
    assert generate("--client", client, cwd=tmp_path).returncode == 0
    assert {path: path.stat().st_mtime_ns for path in client.rglob("*")} == before
