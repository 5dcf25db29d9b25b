"""What the rules on equivalence take for the same, and for another answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord_contracts import rules
from accord_contracts.finding import Verdict
from accord_contracts.report import Report
from accord_contracts.rules.equivalence import spelled, unlike
from accord_contracts.run import Plan, check
from accord_contracts.server import Call, Hook, ReferenceServer, Reply
from accord_contracts.target import Target

MINE = [rule for rule in rules.ALL if rule.family == "equivalence"]

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


def judge(hook: Hook) -> Report:
    with ReferenceServer(hooks=[hook]) as server:
        return check(Target(server.base_url), Plan(MINE))


@dataclass
class Says(Hook):
    """Edits texts: of all answers, or of those with several choices."""

    edit: Callable[[str], str]
    several: bool = False

    def reply(self, call: Call, reply: Reply) -> Reply:
        choices = reply.body.get("choices", []) if isinstance(reply.body, dict) else []
        for choice in choices if len(choices) > self.several else []:
            holder = choice.get("message", choice)
            name = "text" if "text" in choice else "content"
            holder[name] = self.edit(holder[name] or "")
        return reply


class Varies(Hook):
    """Never repeats itself."""

    def request(self, call: Call) -> None:
        if isinstance(call.body, dict):
            call.body |= {"temperature": 1, "seed": None}


@given(VALUES)
def test_another_spelling_is_the_same_json(value: Any) -> None:
    assert json.loads(spelled(value)) == value


@pytest.mark.parametrize(
    ("expected", "actual", "other"),
    [
        ("Thesea", "Thesea", False),
        ("Theseaisblue", "Theseaiswide", False),
        ("Thesea", "Thxyz", True),
        ("Thesea", "Thewide", False),
        ("Thesea", "The", True),
        ("The", "Thesea", True),
        ("Thesea", "Asea", True),
        ("Thesea", "", True),
    ],
)
def test_texts_that_cannot_be_one_answer(expected: str, actual: str, other: bool) -> None:
    assert unlike(expected, actual) is other


@pytest.mark.parametrize(
    "hook",
    [
        Says(str.strip),
        Says(lambda text: text[:0]),
        Says(lambda text: text[:-1] + "~", several=True),
    ],
    ids=["trims", "says nothing", "rounds otherwise what it computes together"],
)
def test_odd_servers_are_not_blamed(hook: Hook) -> None:
    report = judge(hook)
    assert {f.rule.id: f.message for f in report.failures} == {}


def test_a_server_that_does_not_repeat_itself_is_not_compared() -> None:
    assert {f.verdict for f in judge(Varies()).findings} == {Verdict.NOT_APPLICABLE}
