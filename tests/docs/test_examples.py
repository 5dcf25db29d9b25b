"""Every Python example of the documentation runs, against the reference server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from accord_contracts.server import ReferenceServer

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN_URL = "http://127.0.0.1:8000/v1"
"""Where the pages say that a server is."""

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)\)")


def program(page: Path) -> str:
    """Give the examples of a page as one program, its lines where they are on the page."""
    text = page.read_text(encoding="utf-8")
    lines = [""] * text.count("\n")
    for block in BLOCK.finditer(text):
        code = block.group(1).splitlines()
        start = text.count("\n", 0, block.start(1))
        lines[start : start + len(code)] = code
    return "\n".join(lines)


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with ReferenceServer() as server:
        yield server.base_url


WITH_EXAMPLES = [page for page in PAGES if program(page).strip()]


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.stem)
def test_the_examples_run(page: Path, base_url: str, tmp_path: Path) -> None:
    script = tmp_path / f"page_{page.stem}.py"
    script.write_text(program(page).replace(SHOWN_URL, base_url), encoding="utf-8")
    settings = {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "none"}
    tested = "\ndef test_" in program(page)
    way = ["-m", "pytest", "-q", "-p", "no:schemathesis"] if tested else ["-W", "error"]
    inherited = {name: value for name, value in os.environ.items() if "OPENAI" not in name}
    done = subprocess.run(
        [sys.executable, "-X", "dev", *way, str(script)],
        cwd=tmp_path,
        env={**inherited, **settings},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
