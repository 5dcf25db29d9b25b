"""Prompts of text completions: their forms, several of them, and what they cost."""

from __future__ import annotations

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import Exchange
from accord_contracts.finding import need
from accord_contracts.requests import SEVERAL
from accord_contracts.rule import MUST, QUICK, SHOULD, AsyncProblems, Problems, scenario
from accord_contracts.rules.accepts_prompts import OTHER_PROMPT, TOKEN_IDS, two_prompts
from accord_contracts.views import Answer, is_int, show, text


def _count(answer: Answer, count: int, why: str) -> Problems:
    found = len(answer.choices)
    if found != count:
        yield answer.problem(f"{count} choices: {why}", f"{found}", "/choices")


@scenario(
    "completions.prompt-list-is-answered",
    MUST,
    endpoints=["completions"],
    spec="#/components/schemas/Prompt",
    covers=["REQ-024", "TXT-004"],
    effort=QUICK,
)
async def prompt_list_is_answered(ask: Ask) -> AsyncProblems:
    """An array of strings is one prompt for each string, and each gets a choice.

    Why: evaluation harnesses send prompts in batches, and score each choice.

    Seen: ai00_server, llama-cpp-python, h2oGPT with vLLM (2023).

    Sources: Ai00-X/ai00_server#169, abetlen/llama-cpp-python#726, h2oai/h2ogpt#928.

    Violation: one choice for two prompts.
    """
    answer = supported(await ask.completion(two_prompts(ask)))
    for problem in _count(answer, 2, "one for each prompt"):
        yield problem


@scenario(
    "completions.token-ids-are-one-prompt",
    MUST,
    endpoints=["completions"],
    features=["token_ids"],
    spec="#/components/schemas/TokenIds",
)
async def token_ids_are_one_prompt(ask: Ask) -> AsyncProblems:
    """An array of token ids is one prompt.

    Why: evaluation harnesses tokenize themselves.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `prompt`.

    Violation: four choices for `[40, 41, 42, 43]`.
    """
    answer = supported(await ask.completion(TOKEN_IDS))
    for problem in _count(answer, 1, "the token ids are one prompt"):
        yield problem


@scenario(
    "completions.token-id-lists-are-prompts",
    MUST,
    endpoints=["completions"],
    features=["token_ids"],
    spec="#/components/schemas/Prompt",
)
async def token_id_lists_are_prompts(ask: Ask) -> AsyncProblems:
    """An array of arrays of token ids is one prompt for each inner array.

    Why: evaluation harnesses tokenize themselves, and send prompts in batches.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `prompt`.

    Violation: one choice for `[[40, 41, 42, 43], [40, 41]]`.
    """
    answer = supported(await ask.completion([TOKEN_IDS, TOKEN_IDS[:2]]))
    for problem in _count(answer, 2, "one for each prompt"):
        yield problem


@scenario(
    "completions.honours-n",
    MUST,
    endpoints=["completions"],
    features=["n"],
    spec="#/components/schemas/CompletionRequest/properties/n",
    covers=["TXT-007"],
    effort=QUICK,
)
async def honours_n(ask: Ask) -> AsyncProblems:
    """`n` choices are given, or `n` is refused.

    Why: a client that asked for two and reads the second one crashes.

    Seen: Rapid-MLX, LMDeploy, ATOM.

    Sources: raullenchai/Rapid-MLX#733, InternLM/lmdeploy#4419, ROCm/ATOM#647.

    Violation: one choice for `n: 3`, or two.
    """
    answer = supported(await ask.completion(n=SEVERAL))
    for problem in _count(answer, SEVERAL, f"n is {SEVERAL}"):
        yield problem


@scenario(
    "completions.n-counts-for-each-prompt",
    MUST,
    endpoints=["completions"],
    features=["n"],
    spec="#/components/schemas/CompletionRequest/properties/n",
    covers=["TXT-004"],
)
async def n_counts_for_each_prompt(ask: Ask) -> AsyncProblems:
    """Every prompt of a list gets `n` choices.

    Why: clients deal the choices out to the prompts by their number.

    Seen: ai00_server, LMDeploy.

    Sources: Ai00-X/ai00_server#169, InternLM/lmdeploy#4419.

    Violation: two choices for two prompts and `n: 2`.
    """
    answer = supported(await ask.completion(two_prompts(ask), n=2))
    for problem in _count(answer, 4, "two for each of two prompts"):
        yield problem


@scenario(
    "completions.indexes-are-prompt-major",
    MUST,
    endpoints=["completions"],
    features=["n", "echo"],
    spec="#/components/schemas/CompletionChoice/properties/index",
    covers=["TXT-004"],
)
async def indexes_are_prompt_major(ask: Ask) -> AsyncProblems:
    """With several prompts and `n`, the index counts through the first prompt's choices first.

    Why: `index // n` is how clients find the prompt that a choice belongs to.

    Seen: LMDeploy.

    Sources: InternLM/lmdeploy#4419, openai/openai-python#90.

    Violation: for two prompts and `n: 2`, index 1 belongs to the second prompt.
    """
    prompts = two_prompts(ask)
    answer = supported(await ask.completion(prompts, n=2, echo=True))
    owners = [_owner(text(choice.get("text")), prompts) for choice in answer.choices]
    need(len(owners) == 4 and None not in owners, "four texts that begin with their prompts")
    for place, (choice, owner) in enumerate(zip(answer.choices, owners, strict=True)):
        index = choice.get("index")
        if is_int(index) and owner is not None and index // 2 != owner:
            yield answer.problem(
                f"index {2 * owner} or {2 * owner + 1} for a choice of prompt {owner}",
                show(index),
                f"/choices/{place}/index",
            )


def _owner(echoed: str, prompts: list[str]) -> int | None:
    """Which prompt an echoed text begins with."""
    return next((n for n, p in enumerate(prompts) if echoed.lstrip().startswith(p)), None)


@scenario(
    "completions.usage-counts-all-prompts",
    SHOULD,
    endpoints=["completions"],
    spec="#/components/schemas/Usage/properties/prompt_tokens",
    covers=["TXT-006"],
)
async def usage_counts_all_prompts(ask: Ask) -> AsyncProblems:
    """`prompt_tokens` of a list of prompts is what the prompts cost one by one.

    Why: it is what users pay for, and what a gateway bills.

    Seen: vLLM (cached tokens), llm-d-inference-sim.

    Sources: vllm-project/vllm#58116, llm-d/llm-d-inference-sim#536.

    Violation: the count of the first prompt alone.
    """
    both, *single = await ask.all(
        ask.make.completion(two_prompts(ask)),
        ask.make.completion(),
        ask.make.completion(OTHER_PROMPT),
    )
    answer, counts = supported(both), [prompt_tokens(one) for one in single]
    if prompt_tokens(both) != sum(counts):
        yield answer.problem(
            f"{counts[0]} + {counts[1]}, as for the prompts one by one",
            show(prompt_tokens(both)),
            "/usage/prompt_tokens",
            compared=tuple(single),
        )


@scenario(
    "completions.usage-counts-a-prompt-once",
    SHOULD,
    endpoints=["completions"],
    features=["n"],
    spec="#/components/schemas/Usage/properties/prompt_tokens",
    covers=["TXT-006"],
    effort=QUICK,
)
async def usage_counts_a_prompt_once(ask: Ask) -> AsyncProblems:
    """A prompt is counted once in `prompt_tokens`, whatever `n` is.

    Why: it is what users pay for, and what a gateway bills.

    Seen: llm-d-inference-sim.

    Sources: llm-d/llm-d-inference-sim#536.

    Violation: three times the count with `n: 3`.
    """
    one, many = await ask.all(ask.make.completion(), ask.make.completion(n=SEVERAL))
    need(len(supported(many).choices) == SEVERAL, f"an answer with {SEVERAL} choices")
    if prompt_tokens(many) != prompt_tokens(one):
        yield Answer(many).problem(
            f"{prompt_tokens(one)}, as for one choice",
            show(prompt_tokens(many)),
            "/usage/prompt_tokens",
            compared=(one,),
        )


def prompt_tokens(exchange: Exchange) -> int:
    """The tokens that an answer's prompt cost, as reported.

    Raises:
        NotApplicable, Unsupported, CouldNotRun: nothing was reported.
    """
    counted = supported(exchange).usage.get("prompt_tokens")
    need(is_int(counted), "usage with prompt_tokens")
    return int(counted or 0)


@scenario(
    "completions.prompt-is-raw",
    SHOULD,
    endpoints=["completions", "chat"],
    spec="#/components/schemas/CompletionRequest/properties/prompt",
    covers=["REQ-025"],
)
async def prompt_is_raw(ask: Ask) -> AsyncProblems:
    """The prompt is read as it is: no chat template, no turns around it.

    Judged by `prompt_tokens`: a single letter must not cost as much here as it costs in a chat,
    where the template adds to it.

    Why: a template in the middle of code makes completions useless, and harnesses' scores wrong.

    Seen: Inferencer.

    Sources: inferencerlabs/inferencer-feedback#42.

    Violation: `prompt: "a"` counts 12 tokens, and so does a chat that says `a`.
    """
    letter, sentence, chat = await ask.all(
        ask.make.completion("a"), ask.make.completion(), ask.make.text("chat", "a")
    )
    raw, longer, templated = map(prompt_tokens, (letter, sentence, chat))
    need(templated > 4 and longer > raw, "prompt_tokens that count a template and the prompt")
    if raw >= templated:
        yield Answer(letter).problem(
            f"fewer than {templated} tokens for one letter, which are what it costs in a chat",
            show(raw),
            "/usage/prompt_tokens",
            compared=(chat, sentence),
        )
