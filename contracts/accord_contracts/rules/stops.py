"""Stop sequences: the text ends where one comes, wherever tokens end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from accord_contracts.ask import Ask, refused, supported
from accord_contracts.exchange import Exchange
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING
from accord_contracts.requests import SEVERAL
from accord_contracts.rule import MAY, MUST, QUICK, SHOULD, AsyncProblems, Problems, scenario
from accord_contracts.rules.accepting import answer_to, refusal_of
from accord_contracts.views import show

NEVER: Final = tuple(f"@@accord-{n}@@" for n in range(4))
"""Stop sequences that no text holds."""

LONGEST: Final = 500
"""Characters of a text that are searched for something to stop at."""


@dataclass(frozen=True)
class Cut:
    """A stop sequence that is known to come in a text, and what comes before it."""

    before: str
    stop: str

    @classmethod
    def at_word(cls, text: str) -> Self | None:
        """Cut a text at a word in it, or within one; None where nothing suits."""
        return cls._at(r"(?=\b(\w{3,8}))", text) or cls._at(r"(?=(\w{2}))", text)

    @classmethod
    def at_seam(cls, text: str) -> Self | None:
        """Cut a text across the border of two words, which no token spans as a whole."""
        return cls._at(r"(?=(\w{2}\W{1,2}\w{2}))", text)

    @classmethod
    def _at(cls, pattern: str, text: str) -> Self | None:
        """Cut where a pattern matches first, if text comes before it and would follow it."""
        text = text[:LONGEST]
        for match in re.finditer(pattern, text):
            start, stop = match.start(), match[1]
            follows = text[start + len(stop) :].strip()
            inside_a_tag = text[:start].endswith(("<", "</"))  # which the server may have written
            free = text[:start].strip() and not inside_a_tag
            if free and follows and text.find(stop) == start:
                return cls(text[:start], stop)
        return None

    def went_on(self, text: str) -> bool:
        """Whether a text goes on after the stop sequence."""
        return bool(text.partition(self.stop)[2].strip())

    def shown(self, text: str) -> str:
        """How much of the stop sequence stands at the end of a text."""
        rest = text.removeprefix(self.before).rstrip() if text.startswith(self.before) else ""
        return rest if self.stop.startswith(rest) else ""

    def stopped(self, text: str) -> bool:
        """Whether a text ends where the stop sequence was to come, or within it."""
        return text.rstrip() == self.before.rstrip() or bool(self.shown(text))


async def _cuts(ask: Ask, *, at_word: bool = True, at_seam: bool = True) -> list[Cut]:
    """Choose stop sequences out of the baseline's text: at least one.

    Raises:
        NotApplicable: texts do not repeat, or are too short.
    """
    answer = await ask.repeatable()
    text = answer.texts[0] if answer.texts else ""
    found = (Cut.at_word(text) if at_word else None, Cut.at_seam(text) if at_seam else None)
    cuts = [cut for cut in found if cut]
    need(cuts, f"a text long enough to be cut in its middle (the baseline's is {show(text)})")
    return cuts


def _overrun(cut: Cut, exchange: Exchange) -> Problems:
    """Judge one answer to a request with a stop sequence."""
    answer = supported(exchange)
    text = answer.texts[0] if answer.texts else ""
    if cut.went_on(text):
        yield answer.problem(f"no text from {show(cut.stop)} on", show(text), "/choices/0")
    else:
        need(cut.stopped(text), f"a text that comes to {show(cut.stop)} (it is {show(text)})")


@scenario(
    "{endpoint}.stop-is-honoured",
    MUST,
    endpoints=GENERATING,
    features=["stop"],
    spec="#/components/schemas/Stop",
    covers=["REQ-008", "REQ-009"],
    effort=QUICK,
)
async def stop_is_honoured(ask: Ask) -> AsyncProblems:
    """A `stop` string ends the text where it comes.

    Why: agents and code completion cut at markers; what follows is taken for the answer.

    Seen: TGI (completions), mlx-vlm, oMLX, MAX serve, Aphrodite, Ollama.

    Sources: Blaizzy/mlx-vlm#1044, jundot/omlx#1054, modular/max#292, dphnAI/sonar#742,
    webai-at-home/webai-at-home#210, huggingface/text-generation-inference#1999.

    Violation: `stop: "sea"` and the text `Tell me about the sea and`.
    """
    [cut] = await _cuts(ask, at_seam=False)
    for problem in _overrun(cut, await ask.text(stop=cut.stop)):
        yield problem


@scenario(
    "{endpoint}.stop-list-is-honoured",
    MUST,
    endpoints=GENERATING,
    features=["stop"],
    spec="#/components/schemas/Stop",
    covers=["REQ-008", "REQ-009"],
    effort=QUICK,
)
async def stop_list_is_honoured(ask: Ask) -> AsyncProblems:
    """Each string of a `stop` list ends the text where it comes: the fourth as the first.

    Why: agents stop at several markers at once.

    Seen: TGI (completions), mlx-vlm, oMLX, MAX serve.

    Sources: Blaizzy/mlx-vlm#1044, jundot/omlx#1054, modular/max#292.

    Violation: `stop: ["@@", "##", "%%", "sea"]` and the text `Tell me about the sea and`.
    """
    [cut] = await _cuts(ask, at_seam=False)
    for problem in _overrun(cut, await ask.text(stop=[*NEVER[:3], cut.stop])):
        yield problem


@scenario(
    "{endpoint}.stop-ends-every-choice",
    MUST,
    endpoints=GENERATING,
    features=["stop", "n"],
    spec="#/components/schemas/Stop",
    covers=["REQ-008", "REQ-009"],
)
async def stop_ends_every_choice(ask: Ask) -> AsyncProblems:
    """With `n` a stop string ends every choice, the first string of a list as the last.

    Why: candidates are compared, and the ones that ran on are longer for no reason.

    Seen: no server that is known; matchers with one state for all choices, and lists of which
    the last string counts.

    Sources: the OpenAPI description of OpenAI, `n` and `stop`.

    Violation: `n: 3`, `stop: ["sea", "@@"]`, and the second text `Tell me about the sea and`.
    """
    [cut] = await _cuts(ask, at_seam=False)
    answer = supported(await ask.text(n=SEVERAL, stop=[cut.stop, *NEVER[:3]]))
    texts = answer.texts
    need(len(texts) > 1, "several choices")
    need(any(map(cut.stopped, texts)) or any(map(cut.went_on, texts)), f"texts with {cut.stop}")
    for number, found in enumerate(texts):
        if cut.went_on(found):
            place = f"/choices/{number}"
            yield answer.problem(f"no text from {show(cut.stop)} on", show(found), place)


@scenario(
    "{endpoint}.stop-spans-tokens",
    MUST,
    endpoints=GENERATING,
    features=["stop"],
    spec="#/components/schemas/Stop",
    covers=["REQ-008", "REQ-009"],
    effort=QUICK,
)
async def stop_spans_tokens(ask: Ask) -> AsyncProblems:
    r"""A stop string is text: it is found where it begins and ends within tokens.

    Why: markers such as `\n\nUser:` never are one token, nor always the same tokens.

    Seen: no server that is known for it without streaming; it is what matching token ids gives.

    Sources: the OpenAPI description of OpenAI, `stop`: sequences of text.

    Violation: `stop: "he se"` and the text `Tell me about the sea and`.
    """
    [cut] = await _cuts(ask, at_word=False)
    for problem in _overrun(cut, await ask.text(stop=cut.stop)):
        yield problem


@scenario(
    "{endpoint}.stop-is-not-returned",
    MUST,
    endpoints=GENERATING,
    features=["stop"],
    spec="#/components/schemas/Stop",
    covers=["REQ-010"],
    effort=QUICK,
)
async def stop_is_not_returned(ask: Ask) -> AsyncProblems:
    """The stop sequence is no part of the text, nor is its beginning.

    Why: clients add the marker themselves, and parsers choke on half of one.

    Seen: mlx-knife, SwiftLM.

    Sources: mzau/mlx-knife#68, SharpAI/SwiftLM#133.

    Violation: `stop: "sea"` and the text `Tell me about the sea`.
    """
    for cut in await _cuts(ask):
        exchange = await ask.text(stop=cut.stop)
        answer = supported(exchange)
        text = answer.texts[0] if answer.texts else ""
        need(cut.stopped(text), f"a text that ends at {show(cut.stop)} (it is {show(text)})")
        if cut.shown(text) and await ask.holds_again(exchange):
            yield answer.problem(show(cut.before), show(text), "/choices/0")


@scenario(
    "{endpoint}.stop-honours-more-than-four",
    MAY,
    endpoints=GENERATING,
    features=["stop"],
    spec="#/components/schemas/Stop",
    covers=["REQ-012"],
)
async def stop_honours_more_than_four(ask: Ask) -> AsyncProblems:
    """More than four stop strings are refused, or honoured one and all; none is dropped.

    Why: user interfaces send many, and nobody sees which ones count.

    Seen: FastChat (proposed), Infermatic, Dynamo (500).

    Sources: langchain-ai/langchain#20234, lm-sys/FastChat#2766, SillyTavern/SillyTavern#1844,
    ai-dynamo/dynamo#14463.

    Violation: the text goes on after the fifth stop string.
    """
    [cut] = await _cuts(ask, at_seam=False)
    request = ask.make.text(ask.endpoint, stop=[*NEVER, cut.stop])
    exchange = await ask(request)
    if exchange.ok:
        for problem in _overrun(cut, exchange):
            yield problem
    elif not refused(exchange):
        async for problem in answer_to(ask, request):
            yield problem


@scenario(
    "{endpoint}.stop-refuses-non-strings",
    SHOULD,
    endpoints=GENERATING,
    features=["stop"],
    spec="#/components/schemas/Stop",
    covers=["REQ-011"],
)
async def stop_refuses_non_strings(ask: Ask) -> AsyncProblems:
    """A `stop` list with anything but strings in it gets a 400.

    Why: a list that lost an item without a word no longer stops where the client expects.

    Seen: Ollama.

    Sources: ollama/ollama#17896.

    Violation: 200 for `stop: ["@@", 5]`.
    """
    request = ask.make.text(ask.endpoint, stop=[NEVER[0], 5])
    async for problem in refusal_of(ask, request, "stop has an item that is no string"):
        yield problem


@scenario(
    "{endpoint}.empty-stop-matches-nothing",
    SHOULD,
    endpoints=GENERATING,
    features=["stop"],
    spec="#/components/schemas/Stop",
    covers=["REQ-013"],
)
async def empty_stop_matches_nothing(ask: Ask) -> AsyncProblems:
    """An empty `stop` string does not end the text at once.

    Why: user interfaces send the content of an empty input field.

    Seen: MLC-LLM.

    Sources: mlc-ai/mlc-llm#2070.

    Violation: `stop: ""` and the text `""`.
    """
    plain = await ask.repeatable()
    exchange = await ask.text(stop="")
    answer = supported(exchange)
    need(any(plain.texts), "a text without a stop string")
    if not any(answer.texts) and await ask.holds_again(exchange):
        yield answer.problem(
            "a text, as without stop", show(answer.texts), "/choices", compared=(plain.exchange,)
        )
