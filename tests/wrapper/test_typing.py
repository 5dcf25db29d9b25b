"""Programs of users, as type checkers see them: what must be inferred, and what refused."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from mypy import api as mypy

EXAMPLES = sorted(Path(__file__).with_name("typing").glob("*.py"))


def test_type_checkers_know_what_comes_back() -> None:
    files = [str(example) for example in EXAMPLES]
    report, errors, code = mypy.run(["--strict", "--no-error-summary", *files])
    assert (report, errors, code) == ("", "", 0)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_valid_programs(example: Path) -> None:
    runpy.run_path(str(example))
