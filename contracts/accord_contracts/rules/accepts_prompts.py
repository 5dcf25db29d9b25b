"""Acceptance of what text completions alone take: forms of prompts, `suffix`. See `accepts`."""

from __future__ import annotations

from typing import Final

from accord_contracts.ask import Ask, considered, refused, streamed
from accord_contracts.exchange import Request
from accord_contracts.finding import CouldNotRun, Unsupported
from accord_contracts.requests import ABSENT
from accord_contracts.rule import MUST, QUICK, SHOULD, AsyncProblems, scenario
from accord_contracts.rules.accepting import accepted
from accord_contracts.views import Stream, show

TOKEN_IDS: Final = [40, 41, 42, 43]
"""Ids that every vocabulary has, and that rarely are special tokens."""

OTHER_PROMPT: Final = "The quick brown fox"
"""A second prompt, for requests with several."""

FEW: Final = 3
"""Tokens of which a stream has an event each."""


def two_prompts(ask: Ask) -> list[str]:
    """The target's prompt and another one."""
    return [ask.target.prompt, OTHER_PROMPT]


@accepted(
    "accepts.prompt-list",
    MUST,
    endpoints=["completions"],
    spec="#/components/schemas/Prompt",
    covers=["REQ-024"],
    effort=QUICK,
)
def prompt_list(ask: Ask) -> Request:
    """`prompt` may be an array of strings.

    Why: evaluation harnesses send prompts in batches.

    Seen: TGI, the inference extension of Gateway API, llm-d-inference-sim.

    Sources: huggingface/text-generation-inference#1702,
    kubernetes-sigs/gateway-api-inference-extension#2721, llm-d/llm-d-inference-sim#468.

    Violation: 422 `prompt must be a string`.
    """
    return ask.make.completion(two_prompts(ask))


@accepted(
    "accepts.token-ids",
    MUST,
    endpoints=["completions"],
    spec="#/components/schemas/TokenIds",
    may_refuse=True,
)
def token_ids(ask: Ask) -> Request:
    """A `prompt` of token ids is answered, or refused with a clear 4xx.

    Why: evaluation harnesses tokenize themselves.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `prompt`.

    Violation: 500 `expected string or bytes-like object`.
    """
    return ask.make.completion(TOKEN_IDS)


@accepted(
    "accepts.token-id-lists",
    MUST,
    endpoints=["completions"],
    spec="#/components/schemas/Prompt",
    may_refuse=True,
)
def token_id_lists(ask: Ask) -> Request:
    """Several prompts of token ids are answered, or refused with a clear 4xx.

    Why: evaluation harnesses tokenize themselves, and send prompts in batches.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `prompt`.

    Violation: 500 `unhashable type: 'list'`.
    """
    return ask.make.completion([TOKEN_IDS, TOKEN_IDS[:2]])


@accepted(
    "accepts.missing-prompt",
    SHOULD,
    endpoints=["completions"],
    spec="#/components/schemas/CompletionRequest/properties/prompt",
    covers=["TXT-021"],
    may_refuse=True,
)
def missing_prompt(ask: Ask) -> Request:
    """A request without `prompt` gets a 4xx, or an answer to the documented default.

    Why: a 5xx tells clients to try again, and no attempt will work.

    Seen: Docker Model Runner.

    Sources: docker/model-runner#403; the OpenAPI description of OpenAI, where `prompt` is required,
    nullable, and has the default `<|endoftext|>`.

    Violation: 500.
    """
    return ask.make.completion(ABSENT)


@scenario(
    "accepts.missing-prompt-streamed",
    MUST,
    endpoints=["completions"],
    features=["stream"],
    spec="#/components/schemas/CompletionRequest/properties/prompt",
    covers=["TXT-021"],
)
async def missing_prompt_streamed(ask: Ask) -> AsyncProblems:
    """A stream for no prompt, or an empty one, has events and ends in `[DONE]`, or is refused.

    Why: a stream without events looks like an answer of no words, or like a server that died.

    Seen: llama-cpp-python 0.3.36.

    Sources: the OpenAPI description of OpenAI, where `prompt` is required, nullable, and has the
    default `<|endoftext|>`.

    Violation: `HTTP 200`, and nothing after the headers.
    """
    streamed(await ask.completion(stream=True))
    nothing = [(ABSENT, {}), ("", {}), ("", {"logprobs": 2})]
    make = ask.make
    exchanges = await ask.all(
        *(make.capped("completions", FEW, said, stream=True, **more) for said, more in nothing)
    )
    begun = [exchange for exchange in exchanges if not refused(considered(exchange))]
    for silent in (exchange for exchange in begun if exchange.status is None):
        raise CouldNotRun(f"no answer to judge: {silent.outcome}", silent)
    if not begun:
        raise Unsupported(f"the server refused it: {exchanges[0].outcome}", exchanges[0])
    for exchange in begun:
        stream = Stream(exchange)
        if not stream.chunks or stream.done is None:
            actual = show(exchange.text) if exchange.ok else exchange.outcome
            yield stream.problem("events, and `data: [DONE]` as the last", actual, offset=0)


@accepted(
    "accepts.suffix-without-crashing",
    SHOULD,
    endpoints=["completions"],
    features=["suffix"],
    spec="#/components/schemas/CompletionRequest/properties/suffix",
    covers=["TXT-018"],
    may_refuse=True,
)
def suffix(ask: Ask) -> Request:
    """`suffix` is answered, or refused with a clear 4xx.

    Why: code completion falls back to plain prompts where it is refused, and dies of a 5xx.

    Seen: Docker Model Runner.

    Sources: docker/model-runner#403, vllm-project/vllm#9976.

    Violation: 500.
    """
    return ask.make.completion(suffix=" And so it ends.")


@accepted(
    "accepts.zero-max-tokens",
    SHOULD,
    endpoints=["completions"],
    spec="#/components/schemas/CompletionRequest/properties/max_tokens",
    covers=["TXT-017"],
)
def zero_max_tokens(ask: Ask) -> Request:
    """Completions accept `max_tokens: 0`.

    Why: evaluation harnesses score a text with `echo`, `logprobs` and no new tokens.

    Seen: vLLM.

    Sources: EleutherAI/lm-evaluation-harness#1903.

    Violation: 400 `max_tokens must be at least 1`.
    """
    return ask.make.completion(max_tokens=0)
