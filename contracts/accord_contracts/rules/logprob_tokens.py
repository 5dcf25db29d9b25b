"""Log probabilities: what they say of tokens fits the text, and fits itself."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, Final

from accord_contracts.ask import Ask, supported
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import SHOULD, AsyncProblems, scenario
from accord_contracts.rules.completion_logprobs import with_echoed_logprobs, with_logprobs
from accord_contracts.rules.logprobs import with_top
from accord_contracts.rules.usage import count
from accord_contracts.views import Answer, at, choice_text, is_number, items, members, show, text

NOISE: Final = 0.01
"""How far two logprobs of one token may lie apart, in nats: what rounding for output does."""


def _entries(answer: Answer) -> list[tuple[str, dict[str, Any]]]:
    """What a chat says of each token of its first choice, with pointers.

    Raises:
        NotApplicable: nothing.
    """
    content = items(answer.at("/choices/0/logprobs/content"))
    need(content, "log probabilities of tokens")
    start = "/choices/0/logprobs/content"
    return [(f"{start}/{number}", members(entry)) for number, entry in enumerate(content)]


@scenario(
    "logprobs.alternatives-are-given",
    SHOULD,
    endpoints=["chat"],
    features=["logprobs"],
    spec="#/components/schemas/ChatCompletionRequest/properties/top_logprobs",
)
async def alternatives_are_given(ask: Ask) -> AsyncProblems:
    """With `top_logprobs` tokens have that many alternatives, or it is refused.

    In rare cases there may be fewer, says OpenAI: one token of the text that has them is enough.

    Why: classifiers compare the labels' likelihoods, and find the one that was drawn alone.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `top_logprobs`.

    Violation: `"top_logprobs": []` for every token, in answer to `top_logprobs: 2`.
    """
    answer = supported(await ask(with_top(ask.make)))
    asked = answer.params["top_logprobs"]
    entries = _entries(answer)
    most = max(len(items(entry.get("top_logprobs"))) for _, entry in entries)
    if most < asked:
        place = f"{entries[0][0]}/top_logprobs"
        yield answer.problem(f"{asked} alternatives for some token", f"{most} at most", place)


@scenario(
    "logprobs.{endpoint}-tokens-make-up-the-text",
    SHOULD,
    endpoints=GENERATING,
    features=["logprobs"],
    spec="#/components/schemas/TokenLogprob/properties/token",
)
async def tokens_make_up_the_text(ask: Ask) -> AsyncProblems:
    """The tokens of the log probabilities, and their `bytes`, joined, are the text.

    One of the two may go on where the other ends: tokens may end the text or be hidden thought,
    and a template may put words before it. Judged by the longest run of ASCII in the text, for
    tokens that are parts of characters are written in many ways.

    Why: programs mark the unlikely words of a text by its tokens, and lose their place.

    Seen: no server that is known; tokenizers that mark a leading space, and drop the mark.

    Sources: the OpenAPI description of OpenAI, `ChatCompletionTokenLogprob`.

    Violation: the tokens `Hello` and `there` for the text `Hello there`.
    """
    request = with_top if ask.endpoint == "chat" else with_logprobs
    answer = supported(await ask(request(ask.make)))
    need(answer.choices, "a choice")
    choice = answer.choices[0]
    shown = choice_text(choice)
    run = max(re.findall(r"[ -~]+", shown), key=len, default="").strip()
    need(run, "a text with ASCII characters")
    joined = list(_joined(choice))
    need(any(whole for _, whole in joined), "log probabilities of tokens")
    for pointer, whole in joined:
        if whole and run not in whole and whole.strip() not in shown:
            expected = f"tokens that join to {show(run)}"
            yield answer.problem(expected, show(whole), f"/choices/0/logprobs/{pointer}")


def _joined(choice: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What the tokens of a choice join to, and what their bytes do, with where they stand."""
    logprobs = members(choice.get("logprobs"))
    entries = items(logprobs.get("content"))
    yield "tokens", "".join(map(text, items(logprobs.get("tokens"))))
    yield "content", "".join(text(at(entry, "/token")) for entry in entries)
    chunks = [items(at(entry, "/bytes")) for entry in entries]
    if all(chunks):
        yield "content", _decoded(chunks)


def _decoded(chunks: list[list[Any]]) -> str:
    try:
        return bytes(byte for chunk in chunks for byte in chunk).decode("utf-8", "replace")
    except (TypeError, ValueError):
        return ""


@scenario(
    "logprobs.drawn-token-agrees",
    SHOULD,
    endpoints=["chat"],
    features=["logprobs"],
    spec="#/components/schemas/TokenLogprob/properties/logprob",
)
async def drawn_token_agrees(ask: Ask) -> AsyncProblems:
    """A drawn token that is among its own alternatives has the same `logprob` there.

    Why: programs subtract one from the other, to see how sure the model was.

    Seen: no server that is known; samplers that change one of the two.

    Sources: the OpenAPI description of OpenAI, `top_logprobs` of `ChatCompletionTokenLogprob`.

    Violation: `"logprob": -1.4` for the token ` sea`, and -0.4 for it among its alternatives.
    """
    answer = supported(await ask(with_top(ask.make)))
    compared = [(pointer, *pair) for pointer, entry in _entries(answer) if (pair := _pair(entry))]
    need(compared, "a drawn token among its own alternatives")
    for pointer, own, listed in compared:
        if not any(math.isclose(own, other, abs_tol=NOISE) for other in listed):
            expected = f"{listed[0]}, as among its alternatives"
            yield answer.problem(expected, str(own), f"{pointer}/logprob")


def _pair(entry: dict[str, Any]) -> tuple[float, list[float]] | None:
    """A token's logprob, and those under which alternatives of that name are listed."""
    tops = [members(top) for top in items(entry.get("top_logprobs"))]
    same = [top.get("logprob") for top in tops if top.get("token") == entry.get("token")]
    listed = [value for value in same if is_number(value)]
    own = entry.get("logprob")
    return (own, listed) if is_number(own) and listed else None


@scenario(
    "completions.echo-scores-the-prompt",
    SHOULD,
    endpoints=["completions"],
    features=["echo", "logprobs"],
    spec="#/components/schemas/CompletionRequest/properties/echo",
)
async def echo_scores_the_prompt(ask: Ask) -> AsyncProblems:
    """With `echo` and `logprobs` the prompt's tokens have log probabilities, or it is refused.

    Why: it is how evaluation harnesses score a text that they already have.

    Seen: no server that is known to leave them out; some models refuse the two together.

    Sources: fastai/lm-hackers#7, ggml-org/llama.cpp#27174.

    Violation: the text begins with the prompt, and `tokens` with the first one behind it.
    """
    answer = supported(await ask(with_echoed_logprobs(ask.make)))
    scored = items(answer.at("/choices/0/logprobs/tokens"))
    need(scored, "log probabilities of tokens")
    written = count(answer, "completion_tokens")
    if len(scored) <= written:
        expected = f"more entries than the {written} tokens behind the prompt"
        yield answer.problem(expected, str(len(scored)), "/choices/0/logprobs/tokens")
