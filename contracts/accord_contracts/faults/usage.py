"""Faults of usage in JSON answers."""

from __future__ import annotations

from itertools import count

from accord_contracts.faults.accepts import messages, posted
from accord_contracts.faults.answers import choices
from accord_contracts.faults.bank import JSON, on_answer, on_request
from accord_contracts.server.hooks import Call


def _usage(answer: JSON, **counts: int) -> None:
    """Set counts in an answer's usage, and let its sum be right."""
    if usage := answer.get("usage"):
        usage.update(counts)
        usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]


@on_answer("usage.missing", caught_by=["usage.is-given"])
def missing(call: Call, answer: JSON) -> None:
    """Answers have no usage."""
    answer.pop("usage", None)


@on_answer("usage.total-of-the-prompt", caught_by=["usage.adds-up"])
def total_of_the_prompt(call: Call, answer: JSON) -> None:
    """The total leaves the answer out."""
    if usage := answer.get("usage"):
        usage["total_tokens"] = usage["prompt_tokens"]


@on_answer("usage.prompt-is-free", caught_by=["usage.counts-the-prompt"])
def prompt_is_free(call: Call, answer: JSON) -> None:
    """A prompt that is in the cache has no tokens."""
    _usage(answer, prompt_tokens=0)


@on_answer("usage.answer-is-free", caught_by=["usage.counts-the-answer"])
def answer_is_free(call: Call, answer: JSON) -> None:
    """Completion tokens are not counted."""
    _usage(answer, completion_tokens=0)


@on_request("usage.one-token-too-many", caught_by=["usage.stays-under-the-cap"])
def one_token_too_many(call: Call) -> None:
    """One token more than the cap is generated."""
    if isinstance(posted(call).get("max_tokens"), int):
        call.body["max_tokens"] += 1


_SERVED = count(1)


@on_answer(
    "usage.running-total",
    caught_by=["usage.{endpoint}-counts-a-prompt-alike"],
)
def running_total(call: Call, answer: JSON) -> None:
    """What was left over from the prompts before is counted along."""
    if usage := answer.get("usage"):
        _usage(answer, prompt_tokens=usage["prompt_tokens"] + next(_SERVED))


@on_answer(
    "usage.first-choice-only",
    caught_by=["usage.{endpoint}-sums-the-choices"],
)
def first_choice_only(call: Call, answer: JSON) -> None:
    """Completion tokens are those of the first choice."""
    if usage := answer.get("usage"):
        _usage(answer, completion_tokens=usage["completion_tokens"] // len(choices(answer)))


@on_answer("usage.parts-rendered", caught_by=["usage.text-part-counts-as-text"])
def parts_rendered(call: Call, answer: JSON) -> None:
    """A text part comes into the prompt as it stands, with its braces."""
    parts = [part for message in messages(call) if isinstance(part := message["content"], list)]
    if parts:
        _usage(answer, prompt_tokens=answer["usage"]["prompt_tokens"] + 8 * len(parts))


@on_answer("usage.counts-with-fraction", caught_by=["usage.counts-are-integers"])
def counts_with_fraction(call: Call, answer: JSON) -> None:
    """Counts are written as the numbers of a language that has one type of them."""
    if usage := answer.get("usage"):
        usage.update({name: float(usage[name]) for name in usage if name.endswith("_tokens")})
