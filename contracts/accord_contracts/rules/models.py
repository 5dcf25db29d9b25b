"""Models: what a server says it serves, and that it serves what it says."""

from __future__ import annotations

from accord_contracts.kinds import MODEL_LISTS
from accord_contracts.rule import MUST, Problems, invariant
from accord_contracts.views import Answer, at, items, show


@invariant(
    "models.list-is-a-list-object",
    MUST,
    on=MODEL_LISTS,
    spec="#/components/schemas/ListModelsResponse",
    covers=["MOD-001", "MOD-002"],
)
def list_is_a_list_object(answer: Answer) -> Problems:
    """The list of models is an object with `object: "list"` and an array `data`.

    Why: typed clients decode `data`; a bare array or a null breaks all of them, also when
    nothing is served: then `data` is `[]`.

    Seen: one-api (bare array), Ollama (null).

    Sources: songquanpeng/one-api#128.

    Violation: `[{"id": "a-model"}]`
    """
    yield from answer.unless(answer.at("/object") == "list", '"list"', "/object")
    yield from answer.unless(isinstance(answer.at("/data"), list), "an array", "/data")


@invariant(
    "models.entries-are-models",
    MUST,
    on=MODEL_LISTS,
    spec="#/components/schemas/Model/properties/object",
    covers=["MOD-004"],
)
def entries_are_models(answer: Answer) -> Problems:
    """Every entry of the list has `object: "model"`.

    Why: clients that decode by the value of `object` skip or refuse the entry.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, schema `Model`.

    Violation: `{"id": "a-model", "object": "models"}`
    """
    for number, entry in enumerate(items(answer.at("/data"))):
        found = at(entry, "/object")
        if found != "model":
            yield answer.problem('"model"', show(found), f"/data/{number}/object")
