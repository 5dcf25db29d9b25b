"""Parameters: those that a server accepts have their effect. Silence is no way to refuse."""

from __future__ import annotations

import re
from typing import Final

from accord_contracts.ask import Ask, streamed, supported
from accord_contracts.finding import Problem, need
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import MAY, MUST, QUICK, SHOULD, AsyncProblems, Problems, scenario
from accord_contracts.rules.accepting import refusal_of
from accord_contracts.views import Answer, Stream, is_int, show

CAP: Final = 3
"""Tokens: far fewer than the baseline's cap, and enough for a word."""

FORCED: Final = 100
"""The bias that leaves only one token to draw."""

BIASED_TOKENS: Final = (5, 65)
"""Ids that even a vocabulary of bytes has; what they stand for does not matter."""


@scenario(
    "{endpoint}.max-tokens-caps",
    MUST,
    endpoints=GENERATING,
    spec="#/components/schemas/ChatCompletionRequest/properties/max_tokens",
    covers=["REQ-002"],
    effort=QUICK,
)
async def max_tokens_caps(ask: Ask) -> AsyncProblems:
    """`max_tokens` caps the output.

    Why: it is what keeps the cost and the time of a request in bounds.

    Seen: vLLM-Omni.

    Sources: vllm-project/vllm-omni#445.

    Violation: a paragraph in answer to `max_tokens: 3`.
    """
    full, capped = await ask.all(
        ask.make.text(ask.endpoint), ask.make.text(ask.endpoint, max_tokens=CAP)
    )
    for problem in beyond_cap(supported(capped), supported(full)):
        yield problem


@scenario(
    "chat.max-completion-tokens-caps",
    MUST,
    endpoints=["chat"],
    spec="#/components/schemas/ChatCompletionRequest/properties/max_completion_tokens",
    covers=["REQ-001"],
    effort=QUICK,
)
async def max_completion_tokens_caps(ask: Ask) -> AsyncProblems:
    """`max_completion_tokens` caps the output.

    Why: current SDKs send nothing else; a server that ignores it writes to the end of its
    context.

    Seen: llama-cpp-python, Ollama, ik_llama.cpp, vLLM (2024).

    Sources: abetlen/llama-cpp-python#1907, webai-at-home/webai-at-home#210,
    ikawrakow/ik_llama.cpp#2321, voideditor/void#128.

    Violation: a paragraph in answer to `max_completion_tokens: 3`.
    """
    full, capped = await ask.all(ask.make.chat(), ask.make.chat(max_completion_tokens=CAP))
    for problem in beyond_cap(supported(capped), supported(full)):
        yield problem


@scenario(
    "chat.max-completion-tokens-caps-streams",
    MUST,
    endpoints=["chat"],
    features=["stream"],
    spec="#/components/schemas/ChatCompletionRequest/properties/max_completion_tokens",
    covers=["REQ-001"],
    effort=QUICK,
)
async def max_completion_tokens_caps_streams(ask: Ask) -> AsyncProblems:
    """`max_completion_tokens` caps a stream as well.

    Why: chats are streamed; a cap that holds for whole answers alone holds for few.

    Seen: servers with a code path of its own for streams.

    Sources: the OpenAPI description of OpenAI, `max_completion_tokens`.

    Violation: a paragraph, streamed, in answer to `max_completion_tokens: 3`.
    """
    full, capped = await ask.all(
        ask.make.chat(), ask.make.chat(stream=True, max_completion_tokens=CAP)
    )
    for problem in beyond_cap(streamed(capped), supported(full)):
        yield problem


def beyond_cap(capped: Answer | Stream, full: Answer) -> Problems:
    """Judge an answer that may have `CAP` tokens, beside one that may have the baseline's.

    A token is hardly ever more than a word; twice the cap leaves room for those that are, and
    for servers that count the end of the text as one (another rule counts exactly).
    """
    words = max((len(re.findall(r"\w+", text)) for text in capped.texts), default=0)
    counted = capped.usage.get("completion_tokens")
    tokens = counted if is_int(counted) else 0
    shorter = sum(map(len, capped.texts)) < sum(map(len, full.texts))
    reached = "length" in capped.finish_reasons or tokens >= CAP or words > 2 * CAP or shorter
    need(reached, f"an answer that a cap of {CAP} tokens could cut")
    if words > 2 * CAP:
        yield capped.problem(
            f"at most {CAP} tokens of text", f"{words} words: {show(capped.texts[0])}", "/choices"
        )
    elif tokens > 2 * CAP:
        yield capped.problem(f"at most {CAP} tokens", f"{tokens}", "/usage/completion_tokens")


@scenario(
    "chat.caps-agree",
    SHOULD,
    endpoints=["chat"],
    spec="#/components/schemas/ChatCompletionRequest/properties/max_completion_tokens",
    covers=["REQ-003"],
    effort=QUICK,
)
async def caps_agree(ask: Ask) -> AsyncProblems:
    """`max_tokens` and `max_completion_tokens` have the same effect.

    Why: clients choose one of them by their age, not by what they want.

    Seen: TGI, ik_llama.cpp.

    Sources: huggingface/text-generation-inference#2925, ikawrakow/ik_llama.cpp#2321.

    Violation: `max_tokens: 3` gives three tokens, `max_completion_tokens: 3` gives fifty.
    """
    await ask.repeatable()
    old, new = await ask.all(
        ask.make.chat(max_tokens=CAP), ask.make.chat(max_completion_tokens=CAP)
    )
    before, after = supported(old).texts, supported(new).texts
    need(any(before + after), f"a text under a cap of {CAP} tokens")
    if before != after and await ask.holds_again(old, new):
        yield Answer(new).problem(
            f"the text under max_tokens, {show(before)}", show(after), "/choices", compared=(old,)
        )


@scenario(
    "{endpoint}.seed-repeats",
    MAY,
    endpoints=GENERATING,
    features=["seed"],
    spec="#/components/schemas/Seed",
)
async def seed_repeats(ask: Ask) -> AsyncProblems:
    """The same `seed` gives the same text at temperature 1, as far as the server can.

    Why: tests and evaluations rely on it.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `seed`; it promises a best effort.

    Violation: three requests with `seed: 7` get three texts.
    """
    await ask.repeatable()
    exchanges = await ask.all(
        *(ask.make.text(ask.endpoint, temperature=1, seed=7, again=n) for n in range(3))
    )
    answers = [supported(exchange) for exchange in exchanges]
    need(any(answers[0].texts), "a text at temperature 1")
    # A best effort may fail now and then: three different texts are no effort.
    if len({tuple(answer.texts) for answer in answers}) == len(answers):
        yield answers[1].problem(
            f"the text of the request before, {show(answers[0].texts)}",
            show(answers[1].texts),
            "/choices",
            compared=(exchanges[0], exchanges[2]),
        )


@scenario(
    "{endpoint}.logit-bias-is-read",
    SHOULD,
    endpoints=GENERATING,
    features=["logit_bias"],
    spec="#/components/schemas/LogitBias",
)
async def logit_bias_is_read(ask: Ask) -> AsyncProblems:
    """`logit_bias` changes the text, or is refused.

    With a bias of 100 one token is all that can be drawn, whatever it stands for: the text can't
    be the one without bias. Two tokens are tried, because one may be what the text is made of.

    Why: clients ban and force tokens with it, to get one of a few labels.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `logit_bias`.

    Violation: the same text with `logit_bias: {"65": 100}` and without.
    """
    plain = await ask.repeatable()
    need(any(text.strip() for text in plain.texts), "a text without bias, of more than white space")
    exchanges = await ask.all(
        *(ask.make.text(ask.endpoint, logit_bias={str(t): FORCED}) for t in BIASED_TOKENS)
    )
    if all(supported(exchange).texts == plain.texts for exchange in exchanges):
        yield Problem(
            "another text than without logit_bias",
            show(plain.texts),
            exchanges[0],
            compared=(plain.exchange, *exchanges[1:]),
        )


@scenario(
    "chat.unknown-response-format-is-refused",
    SHOULD,
    endpoints=["chat"],
    spec="#/components/schemas/ResponseFormat",
    covers=["REQ-022"],
)
async def unknown_response_format_is_refused(ask: Ask) -> AsyncProblems:
    """A `response_format` of a type that the server does not know gets a 400.

    Why: a client that asked for a format would parse whatever comes.

    Seen: llama-cpp-python (500).

    Sources: ggml-org/llama.cpp#23463, khoj-ai/khoj#1336.

    Violation: 500 for `response_format: {"type": "accord_unknown"}`.
    """
    request = ask.make.chat(response_format={"type": "accord_unknown"})
    async for problem in refusal_of(ask, request, "no such response_format is known"):
        yield problem
