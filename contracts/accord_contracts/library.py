"""The library's way to check a server: one call, a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module

from accord_contracts.report import Report
from accord_contracts.rule import Level
from accord_contracts.run import Observer, Plan
from accord_contracts.run import check as check_target
from accord_contracts.scope import select
from accord_contracts.target import Target


def check(  # noqa: PLR0913 - one argument for each option of `accord check`, all by name
    base_url: str | None = None,
    *,
    model: str = "",
    api_key: str | None = None,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    scope: str = "",
    level: Level | str = Level.MAY,
    seed: int = 0,
    concurrency: int = 1,
    timeout: float = 30.0,
    max_tokens_total: int | None = None,
    prompt: str | None = None,
    observer: Observer | None = None,
) -> Report:
    """Judge a server by the contract.

        report = accord_contracts.check("http://127.0.0.1:8000/v1", only=["stream"])
        assert report.exit_code() == 0, report.failures

    The environment is not read: what is not given is not used. Not for use inside a running
    event loop: there, await `accord_contracts.run.run`.

    Args:
        base_url: where `/models` and the rest live; None starts the reference server, checks
            it, and stops it.
        model: to be asked; "" for the first one that is listed.
        api_key: the bearer token; None sends none. It is in no output.
        only: globs over rule ids, or families; empty for all.
        skip: the same, for what is left out.
        scope: endpoints and features, as in `scope.select`.
        level: judge rules of this level and above.
        seed: of everything left to chance; the same seed sends the same requests.
        concurrency: requests under way at once.
        timeout: seconds for each exchange.
        max_tokens_total: tokens the run may spend; None sets no bound.
        prompt: what requests say where it does not matter; for mocks that know few prompts.
        observer: is told how the run goes on.

    Raises:
        ScopeError: `only`, `skip` or `scope` names nothing.
        TargetError: the server can't be judged at all.
    """
    rules = import_module("accord_contracts.rules").ALL
    chosen = select(rules, only=only, skip=skip, scope=scope, level=Level(level))
    with serving(base_url) as url:
        target = Target(url, api_key=api_key, model=model, timeout=timeout)
        plan = Plan(
            chosen.rules,
            endpoints=chosen.endpoints,
            seed=seed,
            concurrency=concurrency,
            budget=max_tokens_total,
        )
        target = target.having(prompt=prompt) if prompt is not None else target
        return check_target(target, plan, observer=observer)


@contextmanager
def serving(base_url: str | None, *, model: str = "") -> Iterator[str]:
    """Give a base URL as it is, or start the reference server for as long as it is needed.

    Args:
        base_url: None for the reference server.
        model: an id that the reference server lists first, where it is not among its own.
    """
    if base_url is not None:
        yield base_url
        return
    # Only here, because most checks have a server of their own and should not wait for this one.
    from accord_contracts.server import ReferenceServer  # noqa: PLC0415
    from accord_contracts.server.settings import MODELS, Model, Settings  # noqa: PLC0415

    models = MODELS if model in {"", *(known.id for known in MODELS)} else (Model(model), *MODELS)
    with ReferenceServer(Settings(models=models)) as server:
        yield server.base_url
