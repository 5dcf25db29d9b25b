"""Agreement on stop sequences: a stream ends where the JSON answer does, and not sooner."""

from __future__ import annotations

from typing import Final

from accord_contracts.ask import Ask, streamed, supported
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import MUST, AsyncProblems, scenario
from accord_contracts.rules.agreement import agreeing_pair, excerpt, first_text
from accord_contracts.rules.stops import Cut
from accord_contracts.views import Answer, Stream, show

NEVER: Final = "\u2603"
"""The end of stop sequences that no text completes."""


async def stopped(ask: Ask) -> tuple[Cut, Answer, Stream]:
    """A stop sequence that spans tokens, and a JSON answer and a stream that are to end at it.

    Raises:
        NotApplicable: there is no such sequence, or the JSON answer does not end there.
    """
    answer, _ = await agreeing_pair(ask)
    cut = Cut.at_seam(first_text(answer))
    need(cut, f"a text long enough to be cut in its middle (it is {show(first_text(answer))})")
    assert cut is not None  # noqa: S101 - `need` has left otherwise
    make, name = ask.make, ask.endpoint
    plain, streaming = await ask.all(
        make.text(name, stop=cut.stop), make.text(name, stop=cut.stop, stream=True)
    )
    ended = supported(plain)
    right = first_text(ended).rstrip() == cut.before.rstrip()
    need(right, f"a JSON answer that ends in front of {show(cut.stop)}")
    return cut, ended, streamed(streaming)


@scenario(
    "agreement.{endpoint}-stops-across-tokens",
    MUST,
    endpoints=GENERATING,
    features=["stream", "stop"],
    spec="#/components/schemas/Stop",
    covers=["STR-045"],
)
async def stops_across_tokens(ask: Ask) -> AsyncProblems:
    """A stop sequence that spans tokens, and ends the JSON answer, ends the stream too.

    Why: the client gets the turns that its stop sequence was to keep out.

    Seen: mlx-knife.

    Sources: mzau/mlx-knife#68.

    Violation: each chunk's text is looked through alone.
    """
    cut, answer, stream = await stopped(ask)
    actual = first_text(stream)
    if cut.went_on(actual) and await ask.holds_again(answer.exchange, stream.exchange):
        yield stream.problem(
            f"no text from {show(cut.stop)} on", show(actual), compared=(answer.exchange,)
        )


@scenario(
    "agreement.{endpoint}-holds-stops-back",
    MUST,
    endpoints=GENERATING,
    features=["stream", "stop"],
    spec="#/components/schemas/Stop",
    covers=["STR-044"],
)
async def holds_stops_back(ask: Ask) -> AsyncProblems:
    r"""No part of a stop sequence that matches is streamed.

    Why: what was sent can't be taken back; parsers find half a marker in the text.

    Seen: vLLM (2024), SGLang, SwiftLM.

    Sources: vllm-project/vllm#3574, sgl-project/sglang#11462, SharpAI/SwiftLM#133.

    Violation: `stop: "\nUser:"`, and a stream that ends in `\nUs`.
    """
    cut, answer, stream = await stopped(ask)
    actual = first_text(stream)
    need(not cut.went_on(actual), f"a stream that ends at {show(cut.stop)}")
    if cut.shown(actual) and await ask.holds_again(answer.exchange, stream.exchange):
        yield stream.problem(
            f"the text in front of {show(cut.stop)} alone",
            f"{show(cut.shown(actual))} at its end",
            compared=(answer.exchange,),
        )


@scenario(
    "agreement.{endpoint}-releases-what-it-held",
    MUST,
    endpoints=GENERATING,
    features=["stream", "stop"],
    spec="#/components/schemas/Stop",
    covers=["STR-044"],
)
async def releases_what_it_held(ask: Ask) -> AsyncProblems:
    r"""Text that might begin a stop sequence, and does not, is streamed after all.

    Why: the end of the answer is lost, or a piece out of its middle.

    Seen: no server that is known.

    Sources: vllm-project/vllm#3574.

    Violation: an answer that ends in a line end loses it with `stop: "\nUser:"`.
    """
    answer, _ = await agreeing_pair(ask)
    expected = first_text(answer)
    need(len(expected) > 8 and NEVER not in expected, "a text of some length")
    middle = len(expected) // 2
    stops = [expected[middle : middle + 3] + NEVER, expected[-2:] + NEVER]
    make, name = ask.make, ask.endpoint
    plain, streaming = await ask.all(
        make.text(name, stop=stops), make.text(name, stop=stops, stream=True)
    )
    need(supported(plain).texts == answer.texts, "the whole text in JSON")
    stream = streamed(streaming)
    actual = first_text(stream)
    if actual != expected and await ask.holds_again(plain, streaming):
        yield stream.problem(
            f"the whole text, {excerpt(expected, actual)}",
            excerpt(actual, expected),
            compared=(plain,),
        )
