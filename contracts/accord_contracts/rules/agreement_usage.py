"""Agreement on usage: a stream reports what the JSON answer to the same request reports."""

from __future__ import annotations

from accord_contracts.ask import Ask, streamed, supported
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING
from accord_contracts.requests import SEVERAL
from accord_contracts.rule import MUST, QUICK, THOROUGH, AsyncProblems, Problems, scenario
from accord_contracts.rules.accepts_prompts import two_prompts
from accord_contracts.rules.chunks import WITH_USAGE
from accord_contracts.rules.usage import COUNTS
from accord_contracts.views import Answer, Stream, is_int, show


def _same_counts(answer: Answer, stream: Stream) -> Problems:
    """Compare two answers with the same text.

    Raises:
        NotApplicable: they have not, or one of them does not count.
    """
    need(answer.texts == stream.texts, "a stream with the text of the JSON answer")
    counts = [(name, answer.usage.get(name), stream.usage.get(name)) for name in COUNTS]
    need(all(is_int(a) and is_int(b) for _, a, b in counts), "counts on both sides")
    for name, expected, actual in counts:
        if expected != actual:
            yield stream.problem(
                f"{expected} as in JSON",
                show(actual),
                f"/usage/{name}",
                event=stream.usage_chunks[-1].event,
                compared=(answer.exchange,),
            )


@scenario(
    "agreement.{endpoint}-same-usage",
    MUST,
    endpoints=GENERATING,
    features=["stream", "usage"],
    spec="#/components/schemas/Usage",
    covers=["STR-033"],
    effort=QUICK,
)
async def same_usage(ask: Ask) -> AsyncProblems:
    """Streamed usage counts what the JSON answer's usage counts.

    Why: bills depend on whether the client streams.

    Seen: vLLM.

    Sources: vllm-project/vllm#8625.

    Violation: `completion_tokens: 16` in JSON, `17` in the stream.
    """
    answer = await ask.repeatable()
    stream = streamed(await ask.text(stream=True, stream_options=WITH_USAGE))
    for problem in _same_counts(answer, stream):
        yield problem


@scenario(
    "agreement.{endpoint}-same-usage-of-choices",
    MUST,
    endpoints=GENERATING,
    features=["n", "stream", "usage"],
    spec="#/components/schemas/Usage",
    covers=["JSN-021", "STR-033"],
    effort=THOROUGH,
)
async def same_usage_of_choices(ask: Ask) -> AsyncProblems:
    """With `n` above 1, streamed usage is the request's, as in the JSON answer.

    Why: a bill for one of three choices, or one that depends on whether the client streams.

    Seen: vLLM (counts that differ in the stream).

    Sources: vllm-project/vllm#8625.

    Violation: `completion_tokens: 48` in JSON, `16` in the stream.
    """
    await ask.repeatable()
    answer = supported(await ask.text(n=SEVERAL))
    stream = streamed(await ask.text(stream=True, stream_options=WITH_USAGE, n=SEVERAL))
    for problem in _same_counts(answer, stream):
        yield problem


@scenario(
    "agreement.completions-same-usage-of-prompts",
    MUST,
    endpoints=["completions"],
    features=["prompts", "stream", "usage"],
    spec="#/components/schemas/Usage",
    covers=["STR-033", "TXT-006"],
    effort=THOROUGH,
)
async def same_usage_of_prompts(ask: Ask) -> AsyncProblems:
    """With several prompts, streamed usage is the request's, as in the JSON answer.

    Why: a bill for the first prompt of a batch, or for the last.

    Seen: vLLM (counts that differ in the stream).

    Sources: vllm-project/vllm#8625.

    Violation: `prompt_tokens: 14` in JSON, `8` in the stream.
    """
    await ask.repeatable()
    prompts = two_prompts(ask)
    answer = supported(await ask.completion(prompts))
    reporting = ask.make.completion(prompts, stream=True, stream_options=WITH_USAGE)
    for problem in _same_counts(answer, streamed(await ask(reporting))):
        yield problem
