"""Structured output: text that has to be JSON, or to satisfy a schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import jsonschema_rs

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import NOT_JSON, parse
from accord_contracts.finding import need
from accord_contracts.rule import SHOULD, AsyncProblems, scenario
from accord_contracts.views import Answer, choice_text, show

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
    request = ask.make.capped("chat", CAP, QUESTION, response_format={"type": "json_object"})
    answer = supported(await ask(request))
    for pointer, written, whole in _texts(answer):
        holds = parse(written) is not NOT_JSON if whole else written[0] in BEGINS_JSON
        if not holds:
            yield answer.problem("JSON", show(written), pointer)


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
    answer = supported(await ask(ask.make.capped("chat", CAP, QUESTION, response_format=form)))
    for pointer, written, whole in _texts(answer):
        value = parse(written)
        holds = jsonschema_rs.is_valid(SCHEMA, value) if whole and value is not NOT_JSON else False
        if not (holds or (not whole and written[0] == "{")):
            yield answer.problem("JSON that satisfies the schema", show(written), pointer)


def _texts(answer: Answer) -> Iterator[tuple[str, str, bool]]:
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
    yield from found
