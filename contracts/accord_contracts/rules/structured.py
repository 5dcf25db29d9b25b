"""Structured output: text that has to be JSON, or to satisfy a schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import jsonschema_rs

from accord_contracts.ask import Ask, streamed, supported
from accord_contracts.exchange import NOT_JSON, parse
from accord_contracts.finding import need
from accord_contracts.rule import SHOULD, AsyncProblems, scenario
from accord_contracts.views import Answer, View, choice_text, show

QUESTION: Final = "Answer in JSON: is the sea blue?"
"""OpenAI refuses `json_object` where no message has the word JSON."""

CAP: Final = 128

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"blue": {"type": "boolean"}},
    "required": ["blue"],
    "additionalProperties": False,
}
"""As short as possible: any model under this constraint comes to its end."""

BEGINS_JSON: Final = '{["-0123456789tfn'
"""What a JSON document can begin with; most words of a language can't."""


@scenario(
    "structured.json-object-is-json",
    SHOULD,
    endpoints=["chat"],
    features=["json"],
    spec="#/components/schemas/ResponseFormatJsonObject",
    covers=["JSN-040"],
)
async def json_object_is_json(ask: Ask) -> AsyncProblems:
    """With `response_format: {"type": "json_object"}` the text is JSON, or the request refused.

    Why: clients parse it without looking.

    Seen: llama.cpp (2026-06).

    Sources: ggml-org/llama.cpp#24096.

    Violation: `"content": "Yes, it is."`
    """
    form = {"type": "json_object"}
    async for problem in _judge(ask, form, "JSON", BEGINS_JSON, lambda _: True):
        yield problem


@scenario(
    "structured.schema-is-satisfied",
    SHOULD,
    endpoints=["chat"],
    features=["json-schema"],
    spec="#/components/schemas/ResponseFormatJsonSchema",
    covers=["JSN-040"],
)
async def schema_is_satisfied(ask: Ask) -> AsyncProblems:
    """With a strict `json_schema` the text is JSON that satisfies it, or the request refused.

    Why: clients decode it into the type that the schema was made from.

    Seen: llama.cpp (2026-06: free text for `json_object`).

    Sources: ggml-org/llama.cpp#24096.

    Violation: `{"answer": "yes"}` where the schema asks for a boolean `blue`.
    """
    wanted = {"name": "answer", "schema": SCHEMA, "strict": True}
    form = {"type": "json_schema", "json_schema": wanted}
    async for problem in _judge(ask, form, "JSON that satisfies the schema", "{", _satisfies):
        yield problem


@scenario(
    "structured.streams-satisfy-the-schema",
    SHOULD,
    endpoints=["chat"],
    features=["json-schema", "stream"],
    spec="#/components/schemas/ResponseFormatJsonSchema",
    covers=["JSN-040"],
)
async def streams_satisfy_the_schema(ask: Ask) -> AsyncProblems:
    """With a strict `json_schema` the deltas of a stream join to JSON that satisfies it.

    Why: clients that show JSON as it grows decode it at the end all the same.

    Seen: no server that is known; llama.cpp (2026-06) gave free text for `json_object`.

    Sources: ggml-org/llama.cpp#24096.

    Violation: deltas that join to `Yes, it is.`
    """
    wanted = {"name": "answer", "schema": SCHEMA, "strict": True}
    form = {"type": "json_schema", "json_schema": wanted}
    make = ask.make
    plain, formed = await ask.all(
        make.chat(stream=True),
        make.capped("chat", CAP, QUESTION, response_format=form, stream=True),
    )
    streamed(plain)
    stream = streamed(formed)
    joined = "".join(stream.texts).strip()
    need(stream.finish_reasons in (["stop"], ["length"]) and joined, "a stream with text")
    whole, value = stream.finish_reasons == ["stop"], parse(joined)
    holds = value is not NOT_JSON and _satisfies(value) if whole else joined.startswith("{")
    if not holds:
        yield stream.problem("JSON that satisfies the schema", show(joined))


def _satisfies(value: Any) -> bool:
    """Whether a value satisfies the schema."""
    try:
        return jsonschema_rs.is_valid(SCHEMA, value)
    except ValueError:  # nested too deeply, or half of a surrogate pair
        return False


async def _judge(
    ask: Ask, form: dict[str, Any], expected: str, begins: str, satisfied: Callable[[Any], bool]
) -> AsyncProblems:
    """Yield a problem unless texts have a response format, as far as they got before the cap.

    Args:
        ask: of the rule.
        form: the response format.
        expected: in words.
        begins: the characters that a text of this format can begin with.
        satisfied: whether a JSON value is one that the format allows.
    """
    plain, formed = await ask.all(
        ask.make.chat(), ask.make.capped("chat", CAP, QUESTION, response_format=form)
    )
    supported(plain)
    if await ask.crashes(formed):
        clear = f"{expected}, or a 4xx that refuses the response format"
        yield View(formed).problem(clear, formed.outcome, compared=(plain,))
        return
    answer = supported(formed)
    for pointer, text, whole in _texts(answer):
        value = parse(text)
        holds = value is not NOT_JSON and satisfied(value) if whole else text[0] in begins
        if not holds:
            yield answer.problem(expected, show(text), pointer)


def _texts(answer: Answer) -> list[tuple[str, str, bool]]:
    """The text of each choice with its pointer, and whether it is whole or cut by its cap.

    Raises:
        NotApplicable: there is none that can be judged.
    """
    written = [(pointer, choice, choice_text(choice).strip()) for pointer, choice in answer.places]
    found = [
        (f"{pointer}/message/content", text, choice.get("finish_reason") == "stop")
        for pointer, choice, text in written
        if text and choice.get("finish_reason") in ("stop", "length")
    ]
    need(found, "an answer with text")
    return found
