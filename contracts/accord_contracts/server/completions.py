"""Text completions: from the checked request to the answer, as JSON or as chunks.

The prompt is used raw: no template, no turns. With a `suffix` the model reads `SUFFIX suffix
START prompt`, so that the insertion takes up words of what must follow it; the suffix is counted
among the prompt's tokens, and is not part of the text.

`best_of` candidates are all written and all counted in `completion_tokens`; those with the best
mean log probability per token are given, the best first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accord_contracts.server.answering import (
    answered,
    budget,
    dice,
    find_model,
    head,
    streamed,
    usage,
)
from accord_contracts.server.generation import interleave, outcomes, write_text
from accord_contracts.server.hooks import DONE
from accord_contracts.server.language import Prose
from accord_contracts.server.parameters import read_completion
from accord_contracts.server.sampling import Sampler, score
from accord_contracts.server.tokenizer import (
    TOKEN_BYTES,
    Mark,
    Utf8,
    decode,
    encode,
    text_offsets,
    token_text,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from accord_contracts.server.generation import Emission, Outcome
    from accord_contracts.server.hooks import Reply, StreamEvent
    from accord_contracts.server.parameters import CompletionParameters
    from accord_contracts.server.sampling import Scored
    from accord_contracts.server.settings import Settings


@dataclass(frozen=True, slots=True)
class _Prompt:
    """One of the prompts, as the model reads it."""

    before: list[int]
    """What is read before the prompt itself: the suffix, if there is one."""
    tokens: list[int]
    prose: Prose
    budget: int

    @property
    def length(self) -> int:
        """Tokens read, all in all."""
        return len(self.before) + len(self.tokens)


@dataclass(frozen=True, slots=True)
class _Job:
    """A text completion request, ready to be written."""

    parameters: CompletionParameters
    prompts: list[_Prompt]
    salt: int
    writers: list[Iterator[Emission]]
    """`best_of` for each prompt, one prompt after the other."""
    delay: float

    @property
    def prompt_tokens(self) -> int:
        """Each prompt counts once, however many completions it gets."""
        return sum(prompt.length for prompt in self.prompts)


async def answer_completion(body: Any, settings: Settings) -> Reply:
    """Answer a text completion request.

    Raises:
        Refusal: the request can't be answered; nothing has been sent yet.
    """
    job = _prepare(body, settings)
    if job.parameters.common.stream:
        return streamed(_events(job))
    written = await outcomes(job.writers, job.delay)
    chosen = [
        (prompt, outcome)
        for i, prompt in enumerate(job.prompts)
        for outcome in _best(job.parameters, written, i)
    ]
    return answered(
        {
            **head("cmpl-", "text_completion", job.parameters.common.model),
            "choices": [_choice(job, i, *pair) for i, pair in enumerate(chosen)],
            "usage": usage(job.prompt_tokens, sum(outcome.spent for outcome in written)),
        }
    )


def _prepare(body: Any, settings: Settings) -> _Job:
    parameters = read_completion(body, strict=settings.strict_parameters)
    model = find_model(parameters.common.model, settings)
    context = settings.context_of(model)
    prompts = [_read(given, parameters, model.salt, context) for given in parameters.prompts]
    writers = [
        _writer(parameters, prompt, i * parameters.best_of + j)
        for i, prompt in enumerate(prompts)
        for j in range(parameters.best_of)
    ]
    return _Job(parameters, prompts, model.salt, writers, settings.token_delay)


def _read(
    given: str | tuple[int, ...] | None, parameters: CompletionParameters, salt: int, context: int
) -> _Prompt:
    suffix = parameters.suffix
    before = [] if suffix is None else [Mark.SUFFIX, *encode(suffix), Mark.START]
    tokens = _tokens(given)
    length = len(before) + len(tokens)
    room = budget(parameters.common.limit, length, context, "prompt")
    return _Prompt(before, tokens, Prose(before + tokens, salt), room)


def _tokens(given: str | tuple[int, ...] | None) -> list[int]:
    if given is None:
        return [Mark.END_OF_TEXT]
    return encode(given) if isinstance(given, str) else list(given)


def _writer(parameters: CompletionParameters, prompt: _Prompt, number: int) -> Iterator[Emission]:
    common = parameters.common
    # Ranking candidates takes their log probabilities, asked for or not.
    top = 0 if common.top is None and parameters.best_of > common.n else common.top
    sampler = Sampler(common.sampling, dice(common, number, prompt.prose.state), top)
    return write_text(prompt.prose.fork(), sampler.draw, prompt.budget, common.stops)


def _best(
    parameters: CompletionParameters, written: Sequence[Outcome], prompt: int
) -> list[Outcome]:
    n, best_of = parameters.common.n, parameters.best_of
    candidates = written[prompt * best_of : (prompt + 1) * best_of]
    if best_of == n:
        return list(candidates)
    return sorted(candidates, key=lambda outcome: -outcome.mean_logprob)[:n]


# ------------------------------------------------------------------------------------- JSON


def _choice(job: _Job, index: int, prompt: _Prompt, outcome: Outcome) -> dict[str, Any]:
    echo = _Echo(job, prompt)
    return {
        "index": index,
        "text": echo.text + outcome.text,
        "logprobs": echo.logprobs.add(outcome.scored) if echo.logprobs else None,
        "finish_reason": outcome.finish,
    }


@dataclass(slots=True)
class _Logprobs:
    """The four arrays of one choice, written bit by bit."""

    top: int
    position: int = 0
    """Characters of the text so far."""
    arrays: dict[str, list[Any]] = field(
        default_factory=lambda: {
            "tokens": [],
            "token_logprobs": [],
            "top_logprobs": [],
            "text_offset": [],
        }
    )
    _decoder: Any = field(default_factory=lambda: Utf8("replace"))

    def add(self, scored: Sequence[Scored]) -> dict[str, list[Any]]:
        """Append tokens; give all that was appended since `take`."""
        for one in scored:
            self.arrays["tokens"].append(token_text(one.token))
            self.arrays["token_logprobs"].append(one.logprob)
            self.arrays["top_logprobs"].append(_alternatives(one))
            self.arrays["text_offset"].append(self.position)
            self.position += len(self._decoder.decode(TOKEN_BYTES[one.token]))
        return self.arrays

    def take(self) -> dict[str, list[Any]]:
        """Give what was appended, and begin again with empty arrays."""
        taken, self.arrays = self.arrays, {name: [] for name in self.arrays}
        return taken


def _alternatives(scored: Scored) -> dict[str, float]:
    """The likeliest tokens, and the drawn one in any case."""
    named = {token_text(token): logprob for token, logprob in scored.top}
    return {**named, token_text(scored.token): scored.logprob}


class _Echo:
    """What comes before the generated text of a choice: the prompt, or nothing."""

    def __init__(self, job: _Job, prompt: _Prompt) -> None:
        echo, top = job.parameters.echo, job.parameters.common.top
        self.text = decode(prompt.tokens) if echo else ""
        self.logprobs = None if top is None else _Logprobs(top, len(self.text))
        if self.logprobs and echo:
            self._score(self.logprobs.arrays, prompt, job.salt, self.logprobs.top)

    def _score(self, arrays: dict[str, list[Any]], prompt: _Prompt, salt: int, top: int) -> None:
        """Say how likely the prompt was; its first token follows nothing, so nobody can say."""
        model = Prose(prompt.before, salt)
        for place, token in enumerate(prompt.tokens):
            scored = score(model.logits(), token, top) if place else None
            arrays["token_logprobs"].append(scored and scored.logprob)
            arrays["top_logprobs"].append(scored and _alternatives(scored))
            model.read(token)
        arrays["tokens"] += map(token_text, prompt.tokens)
        arrays["text_offset"] += text_offsets(prompt.tokens)


# ------------------------------------------------------------------------------------ chunks


async def _events(job: _Job) -> AsyncIterator[StreamEvent]:
    common, spent = job.parameters.common, 0
    beginning = head("cmpl-", "text_completion", common.model)
    ending = {"usage": None} if common.include_usage else {}
    echoes = [_Echo(job, prompt) for prompt in job.prompts for _ in range(common.n)]
    for index, echo in enumerate(echoes):
        if job.parameters.echo:
            choice = _chunk_choice(index, echo.text, echo.logprobs)
            yield {**beginning, "choices": [choice], **ending}
    async for index, emission in interleave(job.writers, job.delay):
        spent += emission.spent
        for choice in _chunk_choices(index, emission, echoes[index].logprobs):
            yield {**beginning, "choices": [choice], **ending}
    if common.include_usage:
        yield {**beginning, "choices": [], "usage": usage(job.prompt_tokens, spent)}
    yield DONE


def _chunk_choices(
    index: int, emission: Emission, logprobs: _Logprobs | None
) -> Iterator[dict[str, Any]]:
    if logprobs:
        logprobs.add(emission.scored)
    if emission.text or (logprobs and emission.scored):
        yield _chunk_choice(index, emission.text, logprobs)
    if emission.finish:
        yield {**_chunk_choice(index, "", logprobs), "finish_reason": emission.finish}


def _chunk_choice(index: int, text: str, logprobs: _Logprobs | None) -> dict[str, Any]:
    taken = logprobs.take() if logprobs else None
    return {"index": index, "text": text, "logprobs": taken, "finish_reason": None}
