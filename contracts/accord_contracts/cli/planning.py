"""How much `accord check` asks, and of what: the options, and the plan that they make."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Final

import click

from accord_contracts import rules
from accord_contracts.cli.asked import Asked
from accord_contracts.cli.choosing import Choosing
from accord_contracts.cli.complaint import Complaint, complaints
from accord_contracts.cli.filled import filled
from accord_contracts.cli.grouped import grouped
from accord_contracts.effort import Effort
from accord_contracts.fuzz import obligations
from accord_contracts.reports.printable import printable
from accord_contracts.rule import Level
from accord_contracts.run import Plan
from accord_contracts.scope import ScopeError, Selection, select
from accord_contracts.target import Target

options: Final = grouped(
    click.option(
        "--scope",
        type=filled,
        metavar="WORDS",
        help="What the server offers: endpoints (models, chat, completions) and features "
        "(stream, tools, logprobs, ...), separated by commas. Named endpoints limit the "
        "endpoints, named features limit the features, and -WORD takes one away: chat,stream or "
        "-tools,-logprobs.",
    ),
    click.option(
        "--quick",
        is_flag=True,
        help="Ask for less: under 40 requests, for the rules that most servers break.",
    ),
    click.option(
        "--thorough",
        is_flag=True,
        help="Ask for more: every rule with several prompts and seeds, so that what fails now "
        "and then is seen; and what is costly. About three times the requests.",
    ),
    click.option(
        "--repeat",
        type=click.IntRange(0, 20),
        default=0,
        show_default=True,
        metavar="TIMES",
        help="Judge each broken rule so many times again, with all requests sent anew. What is "
        "not broken every time is marked as flaky, with both answers. It still counts as broken: "
        "clients meet it too.",
    ),
    click.option(
        "--seed",
        type=int,
        default=0,
        show_default=True,
        help="The same seed sends the same requests in the same order.",
    ),
    click.option(
        "--concurrency",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        help="Requests under way at once. More is faster, but some servers interrupt one answer "
        "when another request arrives.",
    ),
    click.option(
        "--max-tokens-total",
        type=click.IntRange(min=1),
        metavar="TOKENS",
        help="What the run may spend. Rules that it is not enough for could not run (exit 3); "
        "where it is too small to find out about the server at all, that is said (exit 2).",
    ),
    click.option(
        "--prompt",
        metavar="TEXT",
        help="What requests say where it does not matter; for mocks that know few prompts.",
    ),
    click.option(
        "--fuzz",
        is_flag=True,
        help="Then send requests made at random too, as `accord fuzz` does: what both find is in "
        'one report. Needs pip install "accord[fuzz]".',
    ),
    click.option(
        "--fuzz-requests",
        type=click.IntRange(min=20),
        default=300,
        show_default=True,
        metavar="COUNT",
        help="How many of them.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Planning(Asked, Choosing):
    """What the options above say, and those of whom and by which rules."""

    scope: str | None
    quick: bool
    thorough: bool
    repeat: int
    seed: int
    concurrency: int
    max_tokens_total: int | None
    prompt: str | None
    fuzz: bool
    fuzz_requests: int

    def select(self) -> Selection:
        """Choose the rules.

        Raises:
            Complaint: an option names nothing.
        """
        with complaints(ScopeError):
            return select(
                (*rules.ALL, *obligations.ALL) if self.fuzz else rules.ALL,
                only=self.only,
                skip=self.skip,
                scope=self.scope or "",
                level=Level(self.level),
                effort=self.effort,
            )

    @property
    def effort(self) -> Effort:
        """How much may be asked for.

        Raises:
            Complaint: both too little and too much.
        """
        if self.quick and self.thorough:
            raise Complaint("--quick and --thorough exclude each other", "leave one out")
        if self.thorough:
            return Effort.THOROUGH
        return Effort.QUICK if self.quick else Effort.DEFAULT

    def plan(self, selection: Selection) -> Plan:
        """How to judge by the chosen rules."""
        return Plan(
            obligations.of_the_suite(selection.rules),
            endpoints=selection.endpoints,
            seed=self.seed,
            concurrency=self.concurrency,
            budget=self.max_tokens_total,
            effort=selection.effort,
            repeat=self.repeat,
        )

    @property
    def target(self) -> Target:
        """Whom to judge, and what to say to it."""
        target = super().target
        return target if self.prompt is None else target.having(prompt=self.prompt)

    @property
    def alone(self) -> str:
        """The command that checks this target again, without what chooses rules."""
        words = ["accord check", *([self.shown] if self.base_url else [])]
        words += ["--model", _quoted(self.model)] if self.model else []
        words += ["--prompt", _quoted(self.prompt)] if self.prompt is not None else []
        words += ["--seed", str(self.seed)] if self.seed else []
        words += ["--thorough"] if self.thorough else []
        return " ".join(words)


def _quoted(word: str) -> str:
    return shlex.quote(printable(word))
