"""Usage: what a JSON answer says that it cost, in tokens."""

from __future__ import annotations

from typing import Any, Final

from accord_contracts.ask import Ask, supported
from accord_contracts.finding import NotApplicable, need
from accord_contracts.kinds import ANSWERS
from accord_contracts.requests import SEVERAL
from accord_contracts.rule import MUST, QUICK, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.views import Answer, at, is_int, is_number, items, members, text

COUNTS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")
"""The members of usage that every answer has."""


def count(answer: Answer, name: str) -> int:
    """One of the counts in an answer's usage.

    Raises:
        NotApplicable: it is not given, or is no integer.
    """
    found = answer.usage.get(name)
    if not is_int(found):
        raise NotApplicable(f"{name} in the usage")
    return found


@invariant(
    "usage.is-given",
    SHOULD,
    on=ANSWERS,
    spec="#/components/schemas/ChatCompletion/properties/usage",
    covers=["JSN-018"],
)
def is_given(answer: Answer) -> Problems:
    """An answer that is not streamed has `usage`.

    Why: clients bill by it and keep conversations within the context by it.

    Seen: OpenLLM (2023).

    Sources: bentoml/OpenLLM#453.

    Violation: `"usage": null`
    """
    need(answer.choices, "an answer with choices")
    yield from answer.unless(answer.usage, "an object with token counts", "/usage")


@invariant(
    "usage.counts-are-integers",
    MUST,
    on=ANSWERS,
    spec="#/components/schemas/Usage",
)
def counts_are_integers(answer: Answer) -> Problems:
    """The counts in usage are integers, written as such, and none is negative.

    Why: typed clients (Go, Rust, Java) can't decode `12.0`, and lose the whole answer.

    Seen: no server that is known; languages with one type of number write them so.

    Sources: the OpenAPI description of OpenAI, `CompletionUsage`.

    Violation: `"prompt_tokens": 12.0`
    """
    given = {name: answer.usage[name] for name in COUNTS if is_number(answer.usage.get(name))}
    need(given, "usage with counts")
    for name, number in given.items():
        right = is_int(number) and number >= 0
        yield from answer.unless(right, "an integer, 0 or more", f"/usage/{name}")


@invariant(
    "usage.adds-up",
    MUST,
    on=ANSWERS,
    spec="#/components/schemas/Usage/properties/total_tokens",
    covers=["JSN-019"],
)
def adds_up(answer: Answer) -> Problems:
    """The `total_tokens` are the sum of `prompt_tokens` and `completion_tokens`.

    Why: clients read one of them and work out the others.

    Seen: DeepSparse, mlx-lm, FastDeploy.

    Sources: neuralmagic/deepsparse#1496, ml-explore/mlx-lm#342, PaddlePaddle/FastDeploy#3247.

    Violation: `{"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 9}`
    """
    prompt, completion = count(answer, "prompt_tokens"), count(answer, "completion_tokens")
    holds = count(answer, "total_tokens") == prompt + completion
    yield from answer.unless(holds, f"{prompt} + {completion}", "/usage/total_tokens")


@invariant(
    "usage.counts-the-prompt",
    MUST,
    on=ANSWERS,
    spec="#/components/schemas/Usage/properties/prompt_tokens",
    covers=["JSN-020"],
)
def counts_the_prompt(answer: Answer) -> Problems:
    """A prompt with text in it has at least one token.

    Why: clients see a conversation that costs nothing, and fill the context until it overflows.

    Seen: Ollama, mlx-lm (0 for what was cached).

    Sources: ollama/ollama#5151, ml-explore/mlx-lm#342.

    Violation: `"prompt_tokens": 0`
    """
    need(_asks_something(answer), "a prompt with text")
    holds = count(answer, "prompt_tokens") >= 1
    yield from answer.unless(holds, "1 or more", "/usage/prompt_tokens")


def _asks_something(answer: Answer) -> bool:
    messages = items(answer.params.get("messages"))
    said = [text(at(message, "/content")) for message in messages]
    return any(said) or bool(text(answer.params.get("prompt")))


@invariant(
    "usage.counts-the-answer",
    MUST,
    on=ANSWERS,
    spec="#/components/schemas/Usage/properties/completion_tokens",
    covers=["JSN-019"],
)
def counts_the_answer(answer: Answer) -> Problems:
    """Where text was made, there is at least one completion token for each choice that has some.

    Why: answers seem to cost nothing.

    Seen: DeepSparse (constant numbers).

    Sources: neuralmagic/deepsparse#1496.

    Violation: `"completion_tokens": 0` beside a text.
    """
    written = sum(1 for made in answer.texts if made)
    need(written and not answer.params.get("echo"), "text that is not the prompt's")
    holds = count(answer, "completion_tokens") >= written
    yield from answer.unless(holds, f"{written} or more", "/usage/completion_tokens")


@invariant(
    "usage.stays-under-the-cap",
    MUST,
    on=ANSWERS,
    spec="#/components/schemas/ChatCompletionRequest/properties/max_tokens",
    covers=["JSN-022"],
)
def stays_under_the_cap(answer: Answer) -> Problems:
    """No choice has more completion tokens than the request allows.

    Why: the cap is what users set to bound the cost.

    Seen: mistral.rs, aoai-simulated-api (one token too many).

    Sources: EricLBuehler/mistral.rs#1539, stuartleeks/aoai-simulated-api#34.

    Violation: `"completion_tokens": 17`, with `"max_tokens": 16`.
    """
    most = _most(answer.params)
    need(most, "a cap")
    holds = count(answer, "completion_tokens") <= most
    yield from answer.unless(holds, f"{most} at most", "/usage/completion_tokens")


def _most(params: dict[str, Any]) -> int:
    """The completion tokens that a request allows, all choices together; 0 if it is unclear.

    A predicted output counts beyond the cap, and a cap of 0 or below means "none" to some.
    """
    caps = [params.get("max_tokens"), params.get("max_completion_tokens")]
    counts = [params.get("n"), params.get("best_of")]
    known = all(given is None or (is_int(given) and given > 0) for given in (*caps, *counts))
    if not known or caps == [None, None] or params.get("prediction"):
        return 0
    choices = max(given for given in (*counts, 1) if is_int(given))
    return max(cap for cap in caps if is_int(cap)) * choices * _prompts(params.get("prompt"))


def _prompts(prompt: Any) -> int:
    """How many prompts there are: a list of token ids is one."""
    several = [one for one in items(prompt) if isinstance(one, (str, list))]
    return max(len(several), 1)


@scenario(
    "usage.{endpoint}-counts-a-prompt-alike",
    MUST,
    endpoints=["chat", "completions"],
    spec="#/components/schemas/Usage/properties/prompt_tokens",
    covers=["JSN-020"],
    effort=QUICK,
)
async def counts_a_prompt_alike(ask: Ask) -> AsyncProblems:
    """The same request, sent again, has as many `prompt_tokens` as before.

    Why: they count the whole prompt; a server that counts what was not in its cache tells its
    users that the conversation has become short.

    Seen: Ollama, mlx-lm.

    Sources: ollama/ollama#5151, ml-explore/mlx-lm#342.

    Violation: `"prompt_tokens": 14` at first, and `"prompt_tokens": 1` for the same request.
    """
    # The same two requests as `ask.repeatable` sends.
    make = ask.make
    answers = await ask.all(make.text(ask.endpoint), make.text(ask.endpoint, again=1))
    first, second = map(supported, answers)
    before, now = count(first, "prompt_tokens"), count(second, "prompt_tokens")
    if before != now:
        yield second.problem(
            f"{before} prompt tokens, as for the same request before",
            str(now),
            "/usage/prompt_tokens",
            compared=(first.exchange,),
        )


@scenario(
    "usage.{endpoint}-sums-the-choices",
    MUST,
    endpoints=["chat", "completions"],
    features=["n"],
    spec="#/components/schemas/Usage/properties/completion_tokens",
    covers=["JSN-021"],
    effort=QUICK,
)
async def sums_the_choices(ask: Ask) -> AsyncProblems:
    """With `n` above 1, `completion_tokens` counts the tokens of all choices.

    Why: the answer cost twice what it says.

    Seen: llama.cpp.

    Sources: ggml-org/llama.cpp#27318.

    Violation: three choices with the text that alone has 16 tokens, and `"completion_tokens": 16`.
    """
    # Without its tokenizer nobody can count for a server; but the same text has the same tokens.
    make = ask.make
    answers = await ask.all(make.text(ask.endpoint), make.text(ask.endpoint, n=SEVERAL))
    one, many = map(supported, answers)
    alone, all_of_them = count(one, "completion_tokens"), count(many, "completion_tokens")
    same = many.texts == one.texts * SEVERAL and any(one.texts)
    need(same, f"{SEVERAL} choices with the text of one alone")
    need(not hides_thought(one) and not hides_thought(many), "answers without hidden thought")
    if all_of_them != SEVERAL * alone:
        yield many.problem(
            f"{SEVERAL * alone} tokens for {SEVERAL} choices with a text of {alone}",
            str(all_of_them),
            "/usage/completion_tokens",
            compared=(one.exchange,),
        )


def hides_thought(answer: Answer) -> bool:
    """Whether tokens were spent on what the text does not show, as far as the server says so."""
    details = members(answer.usage.get("completion_tokens_details"))
    said = [members(choice.get("message")) for choice in answer.choices]
    hidden = any(one.get("reasoning_content") or one.get("reasoning") for one in said)
    return bool(details.get("reasoning_tokens")) or hidden


@scenario(
    "usage.text-part-counts-as-text",
    SHOULD,
    endpoints=["chat"],
    features=["parts"],
    spec="#/components/schemas/TextPart",
    covers=["JSN-039"],
    effort=QUICK,
)
async def text_part_counts_as_text(ask: Ask) -> AsyncProblems:
    """The same text has as many `prompt_tokens` as one text part as it has as a string.

    Why: the two are the same prompt; where they are rendered differently, answers differ too.

    Seen: templates of models in vLLM, MLX and llama.cpp.

    Sources: penta2himajin/qwisp#83, openclaw/openclaw#64543.

    Violation: `"prompt_tokens": 14` for the string, `"prompt_tokens": 22` for the part.
    """
    part = {"type": "text", "text": ask.target.prompt}
    plain, parted = await ask.all(
        ask.make.chat(), ask.make.chat([{"role": "user", "content": [part]}])
    )
    first, second = supported(plain), supported(parted)
    whole, in_part = count(first, "prompt_tokens"), count(second, "prompt_tokens")
    if whole != in_part:
        expected = f"{whole} prompt tokens, as for the string"
        yield second.problem(expected, str(in_part), "/usage/prompt_tokens", compared=(plain,))
