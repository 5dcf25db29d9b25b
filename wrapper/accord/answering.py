"""Where the steps of `accord.asking` are done: two thin shells, sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from accord.asking import Create, ListModels

if TYPE_CHECKING:
    from accord.asking import Plan, RunTools, Step
    from accord.async_client import AsyncClient
    from accord.client import Client
    from accord.tools import Run

__all__ = ["do", "do_async", "run", "run_async"]

T = TypeVar("T")


def do(client: Client, step: Step) -> Any:
    """Do a step."""
    match step:
        case Create(arguments):
            return client.chat.completions.create(**arguments)
        case ListModels(options):
            return client.models.list(**options)
    return _run_tools(step)


async def do_async(client: AsyncClient, step: Step) -> Any:
    """Do a step."""
    match step:
        case Create(arguments):
            return await client.chat.completions.create(**arguments)
        case ListModels(options):
            return await client.models.list(**options)
    return await _run_tools_async(step)


def run(client: Client, plan: Plan[T]) -> T:
    """Do all that a plan wants, and give its result."""
    try:
        step = next(plan)
        while True:
            step = plan.send(do(client, step))
    except StopIteration as stop:
        result: T = stop.value
        return result


async def run_async(client: AsyncClient, plan: Plan[T]) -> T:
    """Do all that a plan wants, and give its result."""
    try:
        step = next(plan)
        while True:
            step = plan.send(await do_async(client, step))
    except StopIteration as stop:
        result: T = stop.value
        return result


def _run_tools(step: RunTools) -> list[str]:
    """Run one tool here, several in threads, each with the context variables of the caller."""
    if len(step.runs) == 1:
        return [step.runs[0].do()]
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - rarely needed
    from contextvars import copy_context  # noqa: PLC0415 - the same

    with ThreadPoolExecutor(len(step.runs)) as pool:
        return [
            task.result() for task in [pool.submit(copy_context().run, run.do) for run in step.runs]
        ]


async def _run_tools_async(step: RunTools) -> list[str]:
    """Run one tool here, several in tasks."""
    if len(step.runs) == 1:  # whose exceptions come in no group
        return [await step.runs[0].do_async()]
    from anyio import create_task_group  # noqa: PLC0415 - httpx imports it late, too

    texts = [""] * len(step.runs)

    async def run_one(place: int, run: Run) -> None:
        texts[place] = await run.do_async()

    async with create_task_group() as group:
        for place, run in enumerate(step.runs):
            group.start_soon(run_one, place, run)
    return texts
