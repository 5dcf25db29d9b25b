"""The rules as tests: what pytest collects of this package, one item for each rule.

    pytest --pyargs accord_contracts --accord-url http://127.0.0.1:8000/v1

All rules that are to be tested are judged in one run of the engine, when the first of them is
due, and by one process where there are several (pytest-xdist). An item says what became of its
rule; it decides nothing.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from accord_contracts import library, rules
from accord_contracts.finding import INCOMPLETE, Finding, Verdict
from accord_contracts.once import once
from accord_contracts.preflight import TargetError
from accord_contracts.pytest_plugin import SHARED, key_for
from accord_contracts.report import Report
from accord_contracts.reports.evidence import evidence
from accord_contracts.reports.shown import STALE
from accord_contracts.rule import Rule
from accord_contracts.scope import ScopeError, select

NODE: Final = "accord_contracts/conformance.py"
"""What the ids of the tests begin with, wherever the package is installed."""

RENAMED: Final = {"only": "rules", "api-key": "key", "quick": "effort"}
"""Options of `accord check` that are called otherwise here, where all begin with `accord-`."""

_OPTION: Final = re.compile(r"--([a-z-]+)")

UNJUDGED: Final = frozenset({Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE})


@dataclass(frozen=True)
class Outcome:
    """What became of one rule, as values that can go from process to process."""

    verdict: str
    counts: bool
    """Whether the rule is broken, of a level that fails a run, and not known to be; or stale."""
    known: bool
    """Whether the rule is known to be broken."""
    message: str
    evidence: str
    curl: str


class Contract(pytest.File):
    """Collects a test for each rule in scope."""

    def collect(self) -> Iterator[RuleItem]:
        """Give the tests, in the order of the rules."""
        given = self.config.option
        try:
            chosen = select(
                rules.ALL,
                only=given.accord_rules,
                skip=given.accord_skip,
                scope=given.accord_scope,
                level=given.accord_level,
                effort=given.accord_effort,
            )
            library.read_known(_known(given.accord_known))
        except ScopeError as error:
            raise self.CollectError(_said(error)) from error
        for rule in chosen.rules:
            yield RuleItem.from_parent(self, name=rule.id, rule=rule)


class RuleItem(pytest.Item):
    """The test of one rule."""

    def __init__(self, *, rule: Rule, **options: Any) -> None:
        super().__init__(**options)
        self.rule = rule
        self.outcome: Outcome | None = None
        self.add_marker(str(rule.level).lower())
        if self.config.pluginmanager.has_plugin("timeout"):
            # pytest-timeout would count the whole run, whose every wait is bounded, as one test's.
            self.add_marker(pytest.mark.timeout(0))

    @cached_property
    def location(self) -> tuple[str, int | None, str]:
        """Where reports say that the test is, and its heading.

        A heading that ends like the id would be taken for a class and its method.
        """
        return NODE, None, f"{self.name} ({self.rule.level})"

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """What reports call the test."""
        return self.path, None, self.name

    def setup(self) -> None:
        """Have the rule judged. What keeps it from being judged is an error, and no failure."""
        self.outcome = _outcomes(self.session)[self.rule.id]
        self.user_properties += [
            ("level", str(self.rule.level)),
            ("verdict", self.outcome.verdict),
            ("spec", self.rule.spec),
        ]
        if self.outcome.verdict in INCOMPLETE:
            pytest.fail(f"{self.outcome.verdict}: {self.outcome.evidence}", pytrace=False)

    def runtest(self) -> None:
        """Say what became of the rule."""
        outcome = self.outcome
        if outcome is None or (outcome.verdict == Verdict.PASS and not outcome.counts):
            return
        if outcome.verdict == Verdict.PASS:
            pytest.fail(STALE, pytrace=False)
        if outcome.verdict in UNJUDGED:
            pytest.skip(f"{outcome.verdict}: {outcome.message}")
        self.user_properties.append(("curl", outcome.curl))
        if not outcome.counts:
            self.user_properties.append(("evidence", outcome.evidence))
            known = ", as is known" if outcome.known else ""
            pytest.xfail(f"{self.rule.level} is broken{known}: {outcome.message}")
        pytest.fail(outcome.evidence, pytrace=False)  # so is an xfail where --runxfail is given


_OUTCOMES: Final = pytest.StashKey[dict[str, Outcome] | TargetError]()


def _outcomes(session: pytest.Session) -> dict[str, Outcome]:
    """What became of all rules that this session tests."""
    found = session.stash.get(_OUTCOMES, None)
    if found is None:
        try:
            found = _judged(session)
        except TargetError as error:
            found = error
        session.stash[_OUTCOMES] = found
    if isinstance(found, TargetError):
        _give_up(session, found)
    return found


def _give_up(session: pytest.Session, error: TargetError) -> NoReturn:
    """Say that the target can't be judged; once, where nothing else is tested."""
    if all(isinstance(item, RuleItem) for item in session.items):
        session.shouldstop = f"accord: {error}"
    pytest.fail(_said(error), pytrace=False)


def _said(error: ScopeError | TargetError) -> str:
    """What was wrong, and what to do about it with the options that pytest has."""
    hint = _OPTION.sub(lambda found: f"--accord-{RENAMED.get(found[1], found[1])}", error.hint)
    return f"accord: {error}" + (f"\n  hint: {hint}" if hint else "")


def _judged(session: pytest.Session) -> dict[str, Outcome]:
    ids = sorted(item.rule.id for item in session.items if isinstance(item, RuleItem))
    file = getattr(session.config, "workerinput", {}).get(SHARED)
    made = once(Path(file), lambda: _run(session, ids)) if file else _run(session, ids)
    return {name: Outcome(**values) for name, values in made.items()}


def _run(session: pytest.Session, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Judge by some rules, in one run."""
    given = session.config.option
    report = library.check(
        given.accord_url,
        model=given.accord_model,
        api_key=key_for(session.config),
        only=ids,
        scope=given.accord_scope,
        effort=given.accord_effort,
        seed=given.accord_seed,
        concurrency=given.accord_concurrency,
        timeout=given.accord_timeout,
        max_tokens_total=given.accord_max_tokens_total,
        repeat=given.accord_repeat,
        prompt=given.accord_prompt,
        known=_known(given.accord_known),
    )
    alone = _alone(given.accord_url, given.accord_model)
    broken = {finding.rule.id for finding in report.broken(strict=given.accord_strict)}
    counting = broken.union(report.stale)
    return {
        finding.rule.id: asdict(_outcome(finding, report, alone, finding.rule.id in counting))
        for finding in report.findings
    }


def _known(file: str | None) -> str:
    """The list of known failures.

    Raises:
        ScopeError: it can't be read.
    """
    try:
        return Path(file).read_text("utf-8") if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ScopeError(f"the known failures can't be read: {error}") from error


def _alone(url: str | None, model: str) -> str:
    words = ["accord", "check", *([url] if url else []), *(["--model", model] if model else [])]
    return shlex.join(words)


def _outcome(finding: Finding, report: Report, alone: str, counts: bool) -> Outcome:
    exchange = finding.exchange
    return Outcome(
        verdict=str(finding.verdict),
        counts=counts,
        known=finding.rule.id in report.known,
        message=finding.message,
        evidence=evidence(finding, report, alone=alone),
        curl=report.target.curl(exchange.request) if exchange else "",
    )
