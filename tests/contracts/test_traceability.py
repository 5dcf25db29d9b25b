"""Every obligation has a rule, or a reason why it has none; and every rule an obligation."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase

from accord_contracts.rules import ALL
from accord_contracts.traceability import PATH, load, written

OBLIGATIONS = load()
RULES = {rule.id for rule in ALL}


def test_the_file_is_what_the_command_writes() -> None:
    hint = "run `python -m accord_contracts.traceability`"
    assert PATH.read_text("utf-8") == written(OBLIGATIONS, ALL), hint


def test_an_obligation_has_rules_or_a_reason() -> None:
    assert [one.id for one in OBLIGATIONS if bool(one.rules) == bool(one.excluded)] == []
    assert {rule for one in OBLIGATIONS for rule in one.rules} <= RULES


def test_an_obligation_is_a_sentence_with_sources() -> None:
    assert [one.id for one in OBLIGATIONS if not one.says.endswith(".")] == []
    sources = {one.id: one.sources for one in OBLIGATIONS}
    assert [name for name, urls in sources.items() if not urls] == []
    assert {
        url for urls in sources.values() for url in urls if not url.startswith("https://")
    } == set()


def test_every_glob_names_a_rule() -> None:
    globs = {glob for one in OBLIGATIONS for glob in one.match}
    assert {glob for glob in globs if not any(fnmatchcase(rule, glob) for rule in RULES)} == set()


def test_every_rule_answers_for_an_obligation() -> None:
    assert {rule for one in OBLIGATIONS for rule in one.rules} == RULES


def test_every_divergence_that_a_rule_covers_is_known() -> None:
    assert {number for rule in ALL for number in rule.covers} <= {one.id for one in OBLIGATIONS}


def test_ids_are_unique_and_all_divergences_are_there() -> None:
    ids = [one.id for one in OBLIGATIONS]
    assert len(ids) == len(set(ids))
    assert sum(bool(re.fullmatch(r"[A-Z]{3}-[0-9]{3}", name)) for name in ids) == 198


def test_the_counts_are_right() -> None:
    counts = json.loads(PATH.read_text("utf-8"))["counts"]
    assert counts["rules"] == len(ALL)
    assert counts["obligations"] == len(OBLIGATIONS)
    assert counts["excluded with a reason"] == sum(bool(one.excluded) for one in OBLIGATIONS)
    assert counts["with rules"] == sum(bool(one.rules) for one in OBLIGATIONS)
