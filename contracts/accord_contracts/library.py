"""The library's way to check a server: one call, a report."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from importlib import import_module
from typing import Any, Final

from accord_contracts.effort import Effort
from accord_contracts.fuzz import obligations
from accord_contracts.fuzz.installed import require
from accord_contracts.known import Known
from accord_contracts.report import Report
from accord_contracts.rule import Level, Rule
from accord_contracts.run import Observer, Plan
from accord_contracts.run import check as check_target
from accord_contracts.scope import Selection, require_ids, select
from accord_contracts.target import Target

EMBEDDED_KEY: Final = "the-key-of-the-embedded-server"


def check(  # noqa: PLR0913 - one argument for each option of `accord check`, all by name
    base_url: str | None = None,
    *,
    model: str = "",
    api_key: str | None = None,
    only: str | Iterable[str] = (),
    skip: str | Iterable[str] = (),
    scope: str = "",
    level: Level | str = Level.MAY,
    effort: Effort | str = Effort.DEFAULT,
    seed: int = 0,
    concurrency: int = 1,
    timeout: float = 30.0,
    max_tokens_total: int | None = None,
    repeat: int = 0,
    prompt: str | None = None,
    fuzz: int = 0,
    known: str | Iterable[str] = (),
    observer: Observer | None = None,
) -> Report:
    """Judge a server by the contract.

        report = accord_contracts.check("http://127.0.0.1:8000/v1", only="stream")
        assert report.exit_code() == 0, str(report)

    The environment is not read: what is not given is not used. Not for use inside a running
    event loop: there, `await asyncio.to_thread(accord_contracts.check, ...)`.

    Args:
        base_url: where `/models` and the rest live; None starts the reference server, checks
            it, and stops it.
        model: to be asked; "" for the first one that is listed.
        api_key: the bearer token; None sends none. It is in no output.
        only: a glob over rule ids, or a family, or several of them; empty for all.
        skip: the same, for what is left out.
        scope: endpoints and features, as in `scope.select`.
        level: judge rules of this level and above: `MUST`, `SHOULD` or `MAY`, in any case.
        effort: `quick` (under 40 requests, what most servers break), `default` or `thorough`.
        seed: of everything left to chance; the same seed sends the same requests.
        concurrency: requests under way at once.
        timeout: seconds for each exchange.
        max_tokens_total: tokens the run may spend; None sets no bound.
        repeat: how often broken rules are judged again; what does not repeat is `flaky`.
        prompt: what requests say where it does not matter; for mocks that know few prompts.
        fuzz: how many requests made at random to send after the suite's; what breaks a rule is in
            the same report. 0 sends none; more than 20 are worth the while. Needs `accord[fuzz]`.
        known: failures that are known, as the text of such a list or its lines: a rule's id
            each, `? ID` where it fails sometimes. They do not count for `exit_code()`.
        observer: is told how the suite goes on.

    Raises:
        NotInstalledError: `fuzz` is asked for, and not installed.
        ScopeError: `only`, `skip`, `scope` or `known` names nothing, or `level` or `effort` is
            none.
        TargetError: the server can't be judged at all.
        ExampleError: what fuzzing has found can't be kept.
        RuntimeError: called inside a running event loop.
    """
    _require_no_loop()
    rules = _rules(fuzzing=fuzz > 0)
    chosen = select(rules, only=only, skip=skip, scope=scope, level=level, effort=effort)
    plan = Plan(
        obligations.of_the_suite(chosen.rules),
        endpoints=chosen.endpoints,
        seed=seed,
        concurrency=concurrency,
        budget=max_tokens_total,
        effort=chosen.effort,
        repeat=repeat,
    )
    expected = read_known(known)
    target = Target(base_url or "", api_key=api_key, model=model, timeout=timeout)
    target = target if prompt is None else target.having(prompt=prompt)
    with nullcontext(target) if base_url is not None else embedded(target) as judged:
        report = replace(check_target(judged, plan, observer=observer), known=expected)
        if fuzz < 1:
            return report
        keep = base_url is not None
        return _fuzzed(report, chosen, requests=fuzz, max_tokens_total=max_tokens_total, keep=keep)


def _rules(*, fuzzing: bool) -> tuple[Rule, ...]:
    """What can be chosen among.

    Raises:
        NotInstalledError: it is asked for, and not installed.
    """
    suite: tuple[Rule, ...] = import_module("accord_contracts.rules").ALL
    if not fuzzing:
        return suite
    require()
    return (*suite, *obligations.ALL)


def _fuzzed(report: Report, chosen: Selection, **limits: Any) -> Report:
    """The report with what fuzzing finds."""
    # Only here, because it imports schemathesis.
    from accord_contracts.fuzz.beside import fuzz_beside  # noqa: PLC0415

    run = fuzz_beside(report, chosen, **limits)
    if run.interrupted:
        raise KeyboardInterrupt  # a report that is cut short would look like a whole one
    return run.report


def read_known(entries: str | Iterable[str]) -> Known:
    """Read a list of known failures: its text, or its lines. Rules of fuzzing are known too.

    Raises:
        ScopeError: an entry is no rule's id.
    """
    known = Known.read(entries)
    suite = import_module("accord_contracts.rules").ALL
    require_ids(sorted(known.rules), (*suite, *obligations.ALL))
    return known


def _require_no_loop() -> None:
    """See that the run can have an event loop of its own, before anything is started."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError(
        "accord_contracts.check() can't run inside a running event loop; "
        "there, use: report = await asyncio.to_thread(accord_contracts.check, ...)"
    )


@contextmanager
def embedded(target: Target, *, key: str | None = EMBEDDED_KEY) -> Iterator[Target]:
    """Start the reference server for as long as it is needed, and give it as the target.

    It needs a key, so that the rules about keys are judged too: by default one of its own,
    because no other key has any business there.

    Args:
        target: all but the base URL and the key; a model that the server does not have is
            listed first.
        key: what the server needs, and is sent; None for a server that needs none.
    """
    # Only here, because most checks have a server of their own and should not wait for this one.
    from accord_contracts.server import MODELS, Model, ReferenceServer, Settings  # noqa: PLC0415

    known = {"", *(model.id for model in MODELS)}
    models = MODELS if target.model in known else (Model(target.model), *MODELS)
    with ReferenceServer(Settings(models=models, api_key=key)) as server:
        yield target.having(base_url=server.base_url, api_key=key)
