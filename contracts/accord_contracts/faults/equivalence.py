"""Faults of equivalence: the way in which something is asked for changes the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from accord_contracts.faults.accepts import messages, posted, refuse
from accord_contracts.faults.answers import choices
from accord_contracts.faults.bank import JSON, on_answer, on_request
from accord_contracts.server.hooks import Call

DRAFT: Final = 8
"""Tokens that are few enough for a smaller model to write."""


def retell(told: Iterable[JSON], change: Callable[[str], str]) -> None:
    """Change the texts of these choices."""
    for choice in told:
        holder, name = (choice["message"], "content") if "message" in choice else (choice, "text")
        if holder.get(name):
            holder[name] = change(holder[name])


@on_answer("equivalence.short-drafts", caught_by=["equivalence.{endpoint}-larger-cap-extends"])
def short_drafts(call: Call, answer: JSON) -> None:
    """Short answers are written by another model."""
    cap = posted(call).get("max_tokens")
    if isinstance(cap, int) and cap < DRAFT:
        retell(choices(answer), str.swapcase)


@on_request("equivalence.parts-folded", caught_by=["equivalence.text-part-is-text"])
def parts_folded(call: Call) -> None:
    """The text of parts is normalized, that of strings is not."""
    for message in messages(call):
        if isinstance(message.get("content"), list):
            for part in message["content"]:
                if isinstance(part, dict) and isinstance(part.get("text"), str):
                    part["text"] = part["text"].casefold()


@on_request("equivalence.null-stop-is-a-space", caught_by=["equivalence.{endpoint}-null-is-absent"])
def null_stop_is_a_space(call: Call) -> None:
    """A `stop` that is null ends the text after a word."""
    if posted(call).get("stop", "") is None:
        call.body["stop"] = " "


@on_request(
    "equivalence.unknown-resets",
    caught_by=["equivalence.{endpoint}-unknown-parameters-change-nothing"],
)
def unknown_resets(call: Call) -> None:
    """A request with a parameter that is not known is sampled with the default temperature."""
    if "accord_unknown" in posted(call):
        call.body.pop("temperature", None)


@on_request(
    "equivalence.order-counts", caught_by=["equivalence.{endpoint}-spelling-changes-nothing"]
)
def order_counts(call: Call) -> None:
    """A temperature that stands in front of the model is not read."""
    names = list(posted(call))
    if {"temperature", "model"} <= set(names) and names.index("temperature") < names.index("model"):
        del call.body["temperature"]


@on_request(
    "equivalence.white-space-refused", caught_by=["equivalence.{endpoint}-spelling-changes-nothing"]
)
def white_space_refused(call: Call) -> None:
    """A body with a line end behind its first brace can't be read."""
    if posted(call) and call.raw.startswith(b"{\r\n"):
        refuse("expected the name of a member")


@on_answer("equivalence.answers-swapped", caught_by=["equivalence.prompt-list-is-each-alone"])
def answers_swapped(call: Call, answer: JSON) -> None:
    """The answers to a list of prompts come in the order in which they were ready."""
    if call.endpoint == "completions" and isinstance(posted(call).get("prompt"), list):
        texts = [choice["text"] for choice in choices(answer)]
        for choice, text in zip(choices(answer), reversed(texts), strict=True):
            choice["text"] = text


@on_answer("equivalence.cap-shared", caught_by=["equivalence.{endpoint}-each-of-n-is-whole"])
def cap_shared(call: Call, answer: JSON) -> None:
    """The choices after the first have what is left of the cap."""
    retell(choices(answer)[1:], lambda text: text[: len(text) // 2])


@on_answer(
    "equivalence.first-of-n-differs", caught_by=["equivalence.{endpoint}-each-of-n-is-whole"]
)
def first_of_n_differs(call: Call, answer: JSON) -> None:
    """The first of several choices is drawn at another temperature."""
    if len(choices(answer)) > 1:
        retell(choices(answer)[:1], str.swapcase)


@on_answer("equivalence.echo-retells", caught_by=["equivalence.echo-adds-the-prompt"])
def echo_retells(call: Call, answer: JSON) -> None:
    """With `echo`, the answer behind the prompt is another one."""
    prompt = posted(call).get("prompt")
    if posted(call).get("echo") and isinstance(prompt, str):
        retell(choices(answer), lambda text: prompt + text.removeprefix(prompt).swapcase())
