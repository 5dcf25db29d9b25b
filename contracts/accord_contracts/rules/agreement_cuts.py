"""Agreement on the end: a stream that failed can't be taken for one that has ended."""

from __future__ import annotations

from typing import Final

from accord_contracts.ask import Ask
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING, STREAMS
from accord_contracts.rule import MUST, THOROUGH, AsyncProblems, scenario
from accord_contracts.rules.agreement import first_text
from accord_contracts.views import Stream, show

TIMES: Final = 6
"""How often one stream is asked for, to see a server fail now and then."""


@scenario(
    "agreement.{endpoint}-hides-no-failure",
    MUST,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/Stream",
    covers=["STR-039"],
    effort=THOROUGH,
)
async def hides_no_failure(ask: Ask) -> AsyncProblems:
    """A stream that has less text than the same stream at other times does not end in `stop`.

    Judged where half of these streams or more have the JSON answer's text, and that goes on behind
    the end of the one in question: such a server repeats itself, but for its failures.

    Why: the user takes half an answer for all of it, and no client tries again.

    Seen: LiteLLM, octo-agent, any-llm: the error is dropped, and the stream ends as others do.

    Sources: BerriAI/litellm#40578, open-octo/octo-agent#910, mozilla-ai/any-llm#847.

    Violation: no text, `"finish_reason": "stop"` and `[DONE]`, once in five times.
    """
    answer = await ask.repeatable()
    expected = first_text(answer)
    need(expected.strip(), "a JSON answer with text")
    request = ask.make.text
    exchanges = await ask.all(
        *(request(ask.endpoint, stream=True, again=number) for number in range(TIMES))
    )
    streams = [stream for one in exchanges if (stream := STREAMS.see(one)) and stream.complete]
    whole = sum(first_text(stream) == expected for stream in streams)
    need(whole >= TIMES // 2, "streams with the text of the JSON answer")
    for stream in [stream for stream in streams if _cut(stream, expected)][:1]:
        told = f"{show(expected)}, as at other times, or an error"
        actual = f"{show(first_text(stream))}, and stop"
        yield stream.problem(told, actual, compared=(answer.exchange,))


def _cut(stream: Stream, whole: str) -> bool:
    found = first_text(stream)
    return found != whole and whole.startswith(found) and stream.finish_reasons[:1] == ["stop"]
