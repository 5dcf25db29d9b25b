"""Attachments: what is not text is read, or refused; it is never dropped in silence."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any, Final

from accord_contracts.ask import Ask, considered, refused, supported
from accord_contracts.exchange import Exchange
from accord_contracts.finding import NotApplicable, need
from accord_contracts.rule import MUST, SHOULD, AsyncProblems, scenario
from accord_contracts.rules.prompts import prompt_tokens
from accord_contracts.rules.refusals import IMAGE
from accord_contracts.rules.refusing import Case, survive
from accord_contracts.views import Answer, show

JSON = dict[str, Any]

IMAGE_PART: Final[JSON] = {"type": "image_url", "image_url": {"url": IMAGE}}


def _silence() -> str:
    """A tenth of a second of silence, as a WAV file in base64."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 800)
    return base64.b64encode(buffer.getvalue()).decode()


SOUND_PART: Final[JSON] = {
    "type": "input_audio",
    "input_audio": {"data": _silence(), "format": "wav"},
}
FILE_PART: Final[JSON] = {
    "type": "file",
    "file": {"filename": "sea.pdf", "file_data": "data:application/pdf;base64,JVBERi0xLjQK"},
}


def _parts(ask: Ask, *more: JSON) -> JSON:
    text = {"type": "text", "text": ask.target.prompt}
    return {"messages": [{"role": "user", "content": [text, *more]}]}


@scenario(
    "refusals.image-is-not-dropped",
    MUST,
    endpoints=["chat"],
    features=["images"],
    spec="#/components/schemas/ImagePart",
    covers=["ERR-018"],
)
async def image_is_not_dropped(ask: Ask) -> AsyncProblems:
    """An image is read or refused: it changes the answer, or what the prompt costs.

    Judged where texts repeat. A model that sees an image reads more than it does without.

    Why: the user asks about a picture, and gets an answer that is made up.

    Seen: TGI, LM Studio, vLLM (2024).

    Sources: huggingface/text-generation-inference#2565, lmstudio-ai/lms#362,
    vllm-project/vllm#11629.

    Violation: the same text and the same `prompt_tokens` with an image and without.
    """
    async for problem in _dropped(ask, "an image", IMAGE_PART):
        yield problem


@scenario(
    "refusals.sound-is-not-dropped",
    SHOULD,
    endpoints=["chat"],
    features=["audio"],
    spec="#/components/schemas/AudioPart",
    covers=["ERR-018"],
)
async def sound_is_not_dropped(ask: Ask) -> AsyncProblems:
    """A recording is read or refused: it changes the answer, or what the prompt costs.

    Judged where texts repeat. A model that hears reads more than it does without.

    Why: the user asks about a recording, and gets an answer that is made up.

    Seen: no server that is known; several drop images.

    Sources: huggingface/text-generation-inference#2565 (images).

    Violation: the same text and the same `prompt_tokens` with a recording and without.
    """
    async for problem in _dropped(ask, "a recording", SOUND_PART):
        yield problem


async def _dropped(ask: Ask, what: str, part: JSON) -> AsyncProblems:
    """Yield a problem where a part is not refused, and changes nothing."""
    await ask.repeatable()
    make = ask.make
    plain, attached = await ask.all(
        make.varied("chat", _parts(ask)), make.varied("chat", _parts(ask, part))
    )
    if refused(considered(attached)):
        return
    without, with_it = supported(plain), supported(attached)
    need(any(without.texts), "a text")
    cost = _cost(plain), _cost(attached)
    if without.texts == with_it.texts and cost[0] == cost[1]:
        yield Answer(attached).problem(
            f"another text, or more prompt_tokens, than without {what}; or a 4xx",
            f"{show(with_it.texts[0])} for {cost[1]} prompt tokens, both times",
            "/choices",
            compared=(plain,),
        )


def _cost(exchange: Exchange) -> int:
    try:
        return prompt_tokens(exchange)
    except NotApplicable:
        return 0


@scenario(
    "refusals.attachments-are-survived",
    MUST,
    endpoints=["chat"],
    spec="#/components/schemas/UserPart",
    covers=["ERR-018", "ERR-030"],
)
async def attachments_are_survived(ask: Ask) -> AsyncProblems:
    """Images, recordings and files make no server fail: they are answered or refused.

    Why: a 500 looks like a server that is down, where the client has chosen the wrong model.

    Seen: TGI, LM Studio, vLLM (2024), LiteLLM (turned into 500).

    Sources: huggingface/text-generation-inference#2565, lmstudio-ai/lms#362,
    vllm-project/vllm#11629, BerriAI/litellm#14085.

    Violation: `HTTP 500` to a message with a file.
    """
    parts = {"an image": IMAGE_PART, "a recording": SOUND_PART, "a file": FILE_PART}
    cases = [Case(what, _parts(ask, part)) for what, part in parts.items()]
    async for problem in survive(ask, cases):
        yield problem
