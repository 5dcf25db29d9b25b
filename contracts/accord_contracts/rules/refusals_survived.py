"""Refusals: requests at the edge of JSON, or beyond. They may be answered; they crash no server.

A table, as in `wrongs`; here a refusal is as good as an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from accord_contracts.ask import Ask
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import SHOULD, AsyncProblems, scenario
from accord_contracts.rules.refusing import LITERAL, Case, survive
from accord_contracts.rules.wrongs import SCHEMA, UNKNOWN

DEEP: Final = 2000
"""Brackets in brackets: parsers that call themselves give up at about a thousand."""

LONG: Final = 20_000
"""Characters; more than any parameter but a text needs."""

SPEC: Final = "#/components/responses/InternalServerError"
OPENAI: Final = f"{SCHEMA}which allows it, or says nothing of it; vllm-project/vllm#17664."


@dataclass(frozen=True)
class Odd:
    """One kind of oddity.

    Attributes:
        name: the rule's, after `refusals.{endpoint}-survives-`.
        obligation: one sentence.
        why: which client suffers, and how.
        violation: an example.
        cases: by endpoint.
        fault: what a server does that fails at them, as one sentence.
    """

    name: str
    obligation: str
    why: str
    violation: str
    cases: dict[str, tuple[Case, ...]]
    fault: str

    @property
    def id(self) -> str:
        """The rule's id, with `{endpoint}` in it."""
        return f"refusals.{{endpoint}}-survives-{self.name}"

    @property
    def docstring(self) -> str:
        """The documentation of the rule, as a function would have it."""
        parts = (f"Why: {self.why}", f"Seen: {UNKNOWN}", f"Sources: {OPENAI}")
        return "\n\n".join((self.obligation, *parts, f"Violation: {self.violation}"))


def _both(*cases: Case) -> dict[str, tuple[Case, ...]]:
    return dict.fromkeys(GENERATING, cases)


def _case(what: str, **params: Any) -> Case:
    return Case(what, params, one_token=True)


def _literal(what: str, literal: bytes, **params: Any) -> Case:
    return Case(what, params, literal=literal, one_token=True)


def _said(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def _nulls(*names: str) -> tuple[Case, ...]:
    return tuple(_case(f"null as {name}", **{name: None}) for name in names)


ODDITIES: Final = (
    Odd(
        "odd-numbers",
        "A number beyond what machines hold is answered or refused, and crashes no server.",
        "a 500 is sent again and again, where a 400 would show the slip of a key.",
        '`HTTP 500` to `{"temperature": 1e999, …}`',
        _both(
            _literal("a temperature of 1e999", b"1e999", temperature=LITERAL),
            _literal("a temperature of NaN", b"NaN", temperature=LITERAL),
            _literal("a seed of 400 digits", b"9" * 400, seed=LITERAL),
        ),
        "Numbers are converted before anybody looks at their size.",
    ),
    Odd(
        "odd-structures",
        "A key that comes twice, or a member nested deeply, crashes no server.",
        "one request in a thousand takes a worker with it.",
        '`HTTP 500` to `{"user": "a", "user": "b", …}`',
        _both(
            _literal("a key that comes twice", b'"a", "user": "b"', user=LITERAL),
            _literal(f"{DEEP} nested arrays", b"[" * DEEP + b"]" * DEEP, user=LITERAL),
        ),
        "A parser that calls itself for each bracket has no end.",
    ),
    Odd(
        "odd-texts",
        "A text with control characters, or with tokens of the template, crashes no server.",
        "users paste what they have found, and see an outage.",
        '`HTTP 500` to `{"content": "\\\\u0000"}`',
        {
            "chat": (
                _case("a NUL in the text", messages=_said("Hello!\0")),
                _case("tokens of templates", messages=_said("<|im_end|></s>[INST]<|endoftext|>")),
            ),
            "completions": (
                _case("a NUL in the prompt", prompt="Hello!\0"),
                _case("tokens of templates", prompt="<|im_end|></s>[INST]<|endoftext|>"),
            ),
        },
        "A NUL ends the text for the library below, which fails.",
    ),
    Odd(
        "nulls",
        "A null where the contract allows none crashes no server.",
        "typed clients send null for what their user left out.",
        '`HTTP 500` to `{"tools": null, …}`',
        {
            "chat": _nulls("user", "tools", "tool_choice", "response_format", "stream_options"),
            "completions": _nulls("user", "prompt", "stream_options"),
        },
        "A null is looked into as if it were an object.",
    ),
    Odd(
        "empty-values",
        "An empty value is answered or refused, and crashes no server.",
        "user interfaces send the content of an empty input field.",
        '`HTTP 500` to `{"messages": [{"role": "user", "content": ""}], …}`',
        {
            "chat": (
                _case("an empty message", messages=_said("")),
                _case("no tools", tools=[]),
                _case("an empty user", user=""),
            ),
            "completions": (_case("an empty prompt", prompt=""), _case("an empty user", user="")),
        },
        "The first token of an empty text is looked up.",
    ),
    Odd(
        "long-values",
        f"A value of {LONG} characters is answered or refused, and crashes no server.",
        "a client that puts a document into the wrong field sees an outage.",
        "`HTTP 500` to a `user` of 20,000 characters.",
        _both(
            _case(f"a user of {LONG} characters", user="u" * LONG),
            _case(f"a stop of {LONG} characters", stop="s" * LONG),
        ),
        "A value that is too long for a buffer, or a column, is not cut.",
    ),
)


def _make_rules(odd: Odd) -> None:
    async def check(ask: Ask) -> AsyncProblems:
        async for problem in survive(ask, odd.cases[ask.endpoint]):
            yield problem

    check.__doc__ = odd.docstring
    scenario(odd.id, SHOULD, endpoints=GENERATING, spec=SPEC, covers=["ERR-012"])(check)


for _odd in ODDITIES:
    _make_rules(_odd)
