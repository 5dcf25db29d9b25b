"""Answers: as many choices as were asked for, whose model it was, and what usage adds up to."""

from __future__ import annotations

from typing import Final

from accord_contracts.ask import Ask, supported
from accord_contracts.finding import need
from accord_contracts.kinds import ANSWERS, GENERATING, STREAMS
from accord_contracts.rule import MUST, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.rules.accepts_prompts import TOKEN_IDS
from accord_contracts.rules.chunks import REPORTING, choice_count
from accord_contracts.rules.prompts import prompt_tokens
from accord_contracts.views import Answer, Stream, View, at, is_int, text

PARTS_OF: Final = (
    ("prompt_tokens_details/cached_tokens", "prompt_tokens"),
    ("prompt_tokens_details/audio_tokens", "prompt_tokens"),
    ("completion_tokens_details/reasoning_tokens", "completion_tokens"),
    ("completion_tokens_details/audio_tokens", "completion_tokens"),
)
"""Counts in the details of usage, and the count that each is a part of."""


@invariant(
    "answer.names-its-model",
    MUST,
    on=ANSWERS,
    spec="#/components/schemas/ChatCompletion/properties/model",
)
def names_its_model(answer: Answer) -> Problems:
    """An answer has a string as its `model`, and not an empty one.

    Which one is not judged: a snapshot of the model that was asked for has another name.

    Why: typed clients refuse an answer without it; bills and logs are sorted by it.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `model` of `CreateChatCompletionResponse`.

    Violation: `"model": null`
    """
    need(answer.fields and not answer.fields.get("error"), "a JSON object that is no error")
    # Some servers repeat whatever the request says, and it may say nonsense.
    need(text(answer.params.get("model", "left out")), "a request with a model's name, or none")
    yield from answer.unless(text(answer.at("/model")), "the name of the model", "/model")


@invariant(
    "answer.no-more-choices-than-asked",
    MUST,
    on=ANSWERS,
    spec="#/components/schemas/ChoiceCount",
    covers=["JSN-007", "TXT-004"],
)
def no_more_choices_than_asked(answer: Answer) -> Problems:
    """An answer has no more choices than `n` for each prompt; one where nobody asked for more.

    Why: clients read the first, and pay for all.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `n`: how many choices to generate.

    Violation: two choices in answer to a request without `n`.
    """
    need(answer.choices, "an answer with choices")
    most = choice_count(answer.params)
    need(most > 0, "a request that says how many choices it wants")
    found = len(answer.choices)
    if found > most:
        yield answer.problem(f"at most {most} choices", str(found), "/choices")


@invariant(
    "usage.details-are-parts",
    SHOULD,
    on=[ANSWERS, STREAMS],
    probes=[*ANSWERS.probes, *REPORTING],
    spec="#/components/schemas/PromptTokensDetails",
    covers=["JSN-020"],
)
def details_are_parts(view: View) -> Problems:
    """Tokens in the details of usage are part of a count, and no more than it.

    Why: clients subtract what was cached from the prompt, and bill a negative number.

    Seen: Ollama, mlx-lm (`prompt_tokens` without what was cached).

    Sources: ollama/ollama#5151, ml-explore/mlx-lm#342.

    Violation: `{"prompt_tokens": 4, "prompt_tokens_details": {"cached_tokens": 12}, …}`
    """
    usage = view.usage if isinstance(view, Answer | Stream) else {}
    counts = [(part, at(usage, f"/{part}"), usage.get(whole)) for part, whole in PARTS_OF]
    told = [(p, part, whole) for p, part, whole in counts if is_int(part) and is_int(whole)]
    need(told, "usage with details")
    for pointer, part, whole in told:
        if part > whole:
            yield view.problem(f"{whole} at most", str(part), f"/usage/{pointer}")


@scenario(
    "usage.{endpoint}-grows-with-the-prompt",
    MUST,
    endpoints=GENERATING,
    spec="#/components/schemas/Usage/properties/prompt_tokens",
    covers=["JSN-019", "JSN-020"],
)
async def grows_with_the_prompt(ask: Ask) -> AsyncProblems:
    """A sentence costs more `prompt_tokens` than a letter.

    Why: clients cut a conversation by them, to keep it within the context.

    Seen: DeepSparse (constant numbers).

    Sources: neuralmagic/deepsparse#1496.

    Violation: `"prompt_tokens": 10` for `a`, and for a sentence.
    """
    letter, sentence = await ask.all(ask.make.text(ask.endpoint, "a"), ask.make.text(ask.endpoint))
    need(len(ask.target.prompt) > 8, "a prompt that is longer than a letter")
    short, long = prompt_tokens(letter), prompt_tokens(sentence)
    if long <= short:
        yield Answer(sentence).problem(
            f"more than {short}, which a letter costs",
            str(long),
            "/usage/prompt_tokens",
            compared=(letter,),
        )


@scenario(
    "usage.token-ids-are-counted",
    SHOULD,
    endpoints=["completions"],
    features=["token_ids"],
    spec="#/components/schemas/TokenIds",
    covers=["TXT-006"],
)
async def token_ids_are_counted(ask: Ask) -> AsyncProblems:
    """Two token ids more are two `prompt_tokens` more.

    Why: whoever sends token ids has counted them, and checks the bill by it.

    Seen: vLLM (cached tokens), llm-d-inference-sim: parts of the prompts are counted.

    Sources: vllm-project/vllm#58116, llm-d/llm-d-inference-sim#536.

    Violation: `"prompt_tokens": 4` for four ids, and for four and two in two prompts.
    """
    # A server may count a token of its own in front of each prompt.
    four, both = await ask.all(
        ask.make.completion(TOKEN_IDS), ask.make.completion([TOKEN_IDS, TOKEN_IDS[:2]])
    )
    alone, together = prompt_tokens(four), prompt_tokens(both)
    need(len(supported(both).choices) == 2, "an answer to both prompts")
    if together != 2 * alone - 2:
        yield Answer(both).problem(
            f"{2 * alone - 2}: {alone} for four ids, and two less for two",
            str(together),
            "/usage/prompt_tokens",
            compared=(four,),
        )
