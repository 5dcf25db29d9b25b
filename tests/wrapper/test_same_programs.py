"""A program for the OpenAI SDK does the same with Accord."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from same_programs import PROGRAMS, Program, in_async, outcome

import accord
from accord_contracts.server import ReferenceServer, Settings

MODEL = "accord-small"


@pytest.fixture(scope="module")
def options() -> Iterator[dict[str, Any]]:
    with ReferenceServer(Settings(api_key="sk-right")) as server:
        yield {"base_url": server.base_url, "api_key": "sk-right"}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_it_does_the_same(program: Program, options: dict[str, Any]) -> None:
    with openai.OpenAI(**options) as theirs, accord.Client(**options) as ours:
        wanted = outcome(program, theirs, MODEL)
        assert outcome(program, ours, MODEL) == wanted
    assert wanted
    assert not (isinstance(wanted, tuple) and wanted[0] in ("AttributeError", "TypeError")), wanted


def test_it_does_the_same_in_async(options: dict[str, Any]) -> None:
    async def main() -> None:
        async with openai.AsyncOpenAI(**options) as theirs, accord.AsyncClient(**options) as ours:
            assert await in_async(ours, MODEL) == await in_async(theirs, MODEL)

    asyncio.run(main())
