"""Log probabilities of text completions: four parallel arrays."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, islice
from typing import Any, Final

from accord_contracts.ask import Ask, refused, supported
from accord_contracts.exchange import Request
from accord_contracts.finding import need
from accord_contracts.kinds import COMPLETIONS
from accord_contracts.requests import Requests
from accord_contracts.rule import MAY, MUST, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.views import Answer, is_int, is_number, items, members, show, text

ARRAYS: Final = ("tokens", "token_logprobs", "top_logprobs", "text_offset")


def with_logprobs(make: Requests) -> Request:
    """Completions with log probabilities."""
    return make.completion(logprobs=2)


def with_echoed_logprobs(make: Requests) -> Request:
    """Completions with the log probabilities of a prompt that has more bytes than characters."""
    return make.completion("Le café de 東京 est", logprobs=2, echo=True)


@invariant(
    "completions.logprobs-are-four-arrays",
    MUST,
    on=COMPLETIONS,
    features=["logprobs"],
    probes=[with_logprobs],
    spec="#/components/schemas/CompletionLogprobs",
    covers=["TXT-013"],
)
def logprobs_are_four_arrays(answer: Answer) -> Problems:
    """`logprobs` above 0 gives `tokens`, `token_logprobs`, `top_logprobs` and `text_offset`.

    They are arrays of one length, an entry for each token.

    Why: harnesses walk the four in step; chat has another shape, and null is a silent refusal.

    Seen: llama.cpp.

    Sources: ggml-org/llama.cpp#11346, ggml-org/llama.cpp#10645.

    Violation: `"logprobs": {"content": [{"token": "Hi", "logprob": -0.1}]}`
    """
    asked = answer.params.get("logprobs")
    need(is_int(asked) and asked > 0 and any(answer.texts), "a text for which logprobs were asked")
    for number, choice in enumerate(answer.choices):
        if text(choice.get("text")):
            yield from _four_arrays(answer, f"/choices/{number}/logprobs")


def _four_arrays(answer: Answer, pointer: str) -> Problems:
    found = answer.at(pointer)
    lengths = {name: len(items(members(found).get(name))) for name in ARRAYS}
    if 0 in lengths.values() or len(set(lengths.values())) > 1:
        given = ", ".join(f"{name} {length}" for name, length in lengths.items())
        actual = given if any(lengths.values()) else show(found)
        yield answer.problem("four arrays of one length above 0", actual, pointer)


@scenario(
    "completions.logprobs-zero-gives-the-drawn-token",
    SHOULD,
    endpoints=["completions"],
    features=["logprobs"],
    spec="#/components/schemas/CompletionRequest/properties/logprobs",
    covers=["TXT-014"],
)
async def logprobs_zero_gives_the_drawn_token(ask: Ask) -> AsyncProblems:
    """`logprobs: 0` gives the log probability of each drawn token, without alternatives.

    Why: it is the cheapest way to score a text; code that tests `if logprobs` forgets it.

    Seen: vLLM (2024), Rapid-MLX.

    Sources: vllm-project/vllm#5008, raullenchai/Rapid-MLX#733.

    Violation: `"logprobs": null` in answer to `logprobs: 0`.
    """
    answer = supported(await ask.completion(logprobs=0))
    need(any(answer.texts), "a text")
    found = answer.at("/choices/0/logprobs/token_logprobs")
    for problem in answer.unless(
        items(found) and all(map(is_number, items(found))),
        "an array of numbers",
        "/choices/0/logprobs/token_logprobs",
    ):
        yield problem


@scenario(
    "completions.logprobs-above-five",
    MAY,
    endpoints=["completions"],
    features=["logprobs"],
    spec="#/components/schemas/CompletionRequest/properties/logprobs",
    covers=["TXT-015"],
)
async def logprobs_above_five(ask: Ask) -> AsyncProblems:
    """`logprobs: 6` gets a 400, as the limit is 5, or six alternatives; never fewer in silence.

    Why: some servers lift the limit on purpose, and harnesses depend on either.

    Seen: no server that is known.

    Sources: EleutherAI/lm-evaluation-harness#1735.

    Violation: five alternatives in answer to `logprobs: 6`.
    """
    exchange = await ask.completion(logprobs=6)
    if refused(exchange):
        return
    answer = supported(exchange)
    need(any(answer.texts), "a text")
    pointer = "/choices/0/logprobs/top_logprobs"
    most = max((len(members(entry)) for entry in items(answer.at(pointer))), default=0)
    if most < 6:
        yield answer.problem("a 400, or six alternatives", f"{most} at most", pointer)


@invariant(
    "completions.text-offset-counts-characters",
    MAY,
    on=COMPLETIONS,
    features=["logprobs"],
    probes=[with_logprobs, with_echoed_logprobs],
    spec="#/components/schemas/CompletionLogprobs/properties/text_offset",
    covers=["TXT-016"],
)
def text_offset_counts_characters(answer: Answer) -> Problems:
    """`text_offset` says where each token begins in the text, counted in characters.

    It may begin at 0 or behind the prompt. Exact numbers are asked for where the tokens make up
    the text; elsewhere (characters that span tokens, special tokens) it must neither fall nor
    leave the text.

    Why: clients mark the tokens in the text by it.

    Seen: no server that is known.

    Sources: simonw/llm#284.

    Violation: zeros, or offsets in bytes: `[0, 5]` for the tokens `café` and `!`.
    """
    # The tokens of a stop sequence that was cut off are beyond the end of the text.
    need(answer.params.get("stop") is None, "an answer to a request without stop")
    need(any(map(_offsets, answer.choices)), "an answer with tokens and text_offset")
    for number, choice in enumerate(answer.choices):
        pointer = f"/choices/{number}/logprobs/text_offset"
        for place, found, expected in islice(_misplaced(choice), 1):
            yield answer.problem(expected, show(found), f"{pointer}/{place}")


def _tokens(choice: dict[str, Any]) -> list[str]:
    """The tokens of a choice; none unless all of them are strings."""
    found = items(members(choice.get("logprobs")).get("tokens"))
    return found if all(isinstance(token, str) for token in found) else []


def _offsets(choice: dict[str, Any]) -> list[int]:
    """The offsets of a choice; none unless there is one for each token."""
    found = items(members(choice.get("logprobs")).get("text_offset"))
    usable = len(found) == len(_tokens(choice)) and all(map(is_int, found))
    return found if usable else []


def _misplaced(choice: dict[str, Any]) -> Iterator[tuple[int, int, str]]:
    """The offsets that are wrong, given the first one: place, value, and what was expected."""
    tokens, offsets, shown = _tokens(choice), _offsets(choice), text(choice.get("text"))
    joined = "".join(tokens)
    # Some servers trim the text, and not the tokens.
    exact = joined.strip() == shown.strip() and all(ch <= "\uffff" for ch in joined)
    low = offsets[0] if offsets else 0
    # Beyond the basic plane, characters are counted as one or (in JavaScript) as two.
    high = low + len(shown.encode("utf-16-le", "surrogatepass")) // 2
    begins = accumulate(map(len, tokens[:-1]), initial=low)
    for place, (found, must) in enumerate(zip(offsets, begins, strict=False)):
        if exact and found != must:
            yield place, found, f"{must}, where the token begins"
        elif not exact and not low <= found <= high:
            yield place, found, f"an offset from {low} to {high}, which is within the text"
        low = max(low, found)
