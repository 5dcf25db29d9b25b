"""Agreement on logprobs: a stream scores its tokens as the JSON answer does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from accord_contracts.ask import Ask, streamed, supported
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import MUST, SHOULD, AsyncProblems, scenario
from accord_contracts.views import Answer, Stream, at, is_number, items, members, text

NOISE: Final = 0.1
"""How far two logprobs of one token may lie apart, in nats."""


class Scored(NamedTuple):
    """A token, its logprob, and those of the alternatives, the likeliest first."""

    token: str
    logprob: Any
    top: tuple[float, ...]

    def resembles(self, other: Scored) -> bool:
        """Whether both say the same, but for the noise of arithmetic in batches."""
        if self.token != other.token or len(self.top) != len(other.top):
            return False
        pairs = zip((self.logprob, *self.top), (other.logprob, *other.top), strict=True)
        return all(abs(a - b) <= NOISE for a, b in pairs if is_number(a) and is_number(b))


def scores(choices: Iterable[dict[str, Any]]) -> list[Scored]:
    """What an answer's choice, or the pieces of a streamed one, say of each token."""
    found = []
    for choice in choices:
        logprobs = members(choice.get("logprobs"))
        for entry in items(logprobs.get("content")):
            tops = [at(top, "/logprob") for top in items(at(entry, "/top_logprobs"))]
            found.append(Scored(text(at(entry, "/token")), at(entry, "/logprob"), _ranked(tops)))
        for number, token in enumerate(items(logprobs.get("tokens"))):
            tops = list(members(at(logprobs, f"/top_logprobs/{number}")).values())
            value = at(logprobs, f"/token_logprobs/{number}")
            found.append(Scored(text(token), value, _ranked(tops)))
    return found


def _ranked(values: list[Any]) -> tuple[float, ...]:
    return tuple(sorted((value for value in values if is_number(value)), reverse=True))


async def _scored_pair(ask: Ask) -> tuple[Answer, Stream, list[Scored], list[Scored]]:
    """Ask for logprobs, in JSON and streamed; give both answers with what they say of tokens."""
    params = {"logprobs": True, "top_logprobs": 2} if ask.endpoint == "chat" else {"logprobs": 2}
    make, name = ask.make, ask.endpoint
    plain, streaming = await ask.all(
        make.text(name, **params), make.text(name, stream=True, **params)
    )
    answer, stream = supported(plain), streamed(streaming)
    expected = scores(answer.choices[:1])
    need(expected, "a JSON answer with logprobs")
    return answer, stream, expected, scores(p.choice for p in stream.pieces.get(0, []))


@scenario(
    "agreement.{endpoint}-streams-logprobs",
    MUST,
    endpoints=GENERATING,
    features=["stream", "logprobs"],
    spec="#/components/schemas/ChatCompletionChunkChoice/properties/logprobs",
    covers=["STR-052"],
)
async def streams_logprobs(ask: Ask) -> AsyncProblems:
    """Where the JSON answer has logprobs, the chunks of the stream have them, for every token.

    Why: scores computed of a stream are wrong without a word, or the client fails at the null.

    Seen: llama-cpp-python, Floway, SGLang (reasoning), LiteLLM, vLLM (tools).

    Sources: abetlen/llama-cpp-python#197, Menci/Floway#481, sgl-project/sglang#26778,
    BerriAI/litellm#3253, vllm-project/vllm#37795.

    Violation: `"logprobs": null` in each chunk of a stream with `logprobs: true`.
    """
    answer, stream, expected, actual = await _scored_pair(ask)
    need(not actual or answer.texts == stream.texts, "a stream with the text of the JSON answer")
    fewer = len(actual) < len(expected)
    if fewer and await ask.holds_again(answer.exchange, stream.exchange):
        yield stream.problem(
            f"logprobs of {len(expected)} tokens, as in JSON",
            f"logprobs of {len(actual)}",
            compared=(answer.exchange,),
        )


@scenario(
    "agreement.{endpoint}-same-logprobs",
    SHOULD,
    endpoints=GENERATING,
    features=["stream", "logprobs"],
    spec="#/components/schemas/ChatCompletionChunkChoice/properties/logprobs",
    covers=["STR-053"],
)
async def same_logprobs(ask: Ask) -> AsyncProblems:
    """Streamed logprobs, those of the alternatives too, are the ones of the JSON answer.

    Why: classifiers read the alternatives of one token, and get those of another.

    Seen: SGLang (the first token's alternatives beside every token).

    Sources: sgl-project/sglang#39260.

    Violation: the same `top_logprobs` in all chunks.
    """
    await ask.repeatable()
    answer, stream, expected, actual = await _scored_pair(ask)
    need(answer.texts == stream.texts, "a stream with the text of the JSON answer")
    need(len(expected) == len(actual), "a stream with logprobs of all tokens")
    differ = [(a, b) for a, b in zip(expected, actual, strict=True) if not a.resembles(b)]
    if differ and await ask.holds_again(answer.exchange, stream.exchange):
        first, other = differ[0]
        yield stream.problem(f"{first} as in JSON", str(other), compared=(answer.exchange,))
