"""Models that are not there, or there twice, and ids as they are written in a path."""

from __future__ import annotations

from typing import Final

from accord_contracts.ask import Ask, considered, refused, supported
from accord_contracts.finding import need
from accord_contracts.kinds import MODEL_LISTS
from accord_contracts.rule import MAY, MUST, SHOULD, AsyncProblems, Problems, invariant, scenario
from accord_contracts.rules.mistakes import UNKNOWN_MODEL
from accord_contracts.rules.models import listed_with_slash, retrieved
from accord_contracts.views import Answer, View, items, members, show, text

CODE: Final = "model_not_found"


@scenario(
    "models.unknown-id-is-404",
    MUST,
    endpoints=["models"],
    spec="#/paths/~1models~1{model}/get/responses/404",
    covers=["ERR-005"],
)
async def unknown_id_is_404(ask: Ask) -> AsyncProblems:
    """A model that is not there can't be retrieved: the answer is 404.

    Why: clients look whether a model is there before they use it, and believe what they hear.

    Seen: no server that is known here; for a chat many answer with another model.

    Sources: nomic-ai/gpt4all#3185, ollama/ollama#6646, ray-project/ray#64833.

    Violation: `HTTP 200` with a model object that repeats the id from the path.
    """
    answer = await _ask_unknown(ask)
    if answer.exchange.status != 404:
        yield answer.problem("status 404 for an unknown model", answer.exchange.outcome)


@scenario(
    "models.unknown-id-has-its-code",
    SHOULD,
    endpoints=["models"],
    spec="#/components/schemas/ErrorObject/properties/code",
    covers=["ERR-006"],
)
async def unknown_id_has_its_code(ask: Ask) -> AsyncProblems:
    """The error for a model that can't be retrieved has the code `model_not_found`.

    Why: a 404 may also be a wrong URL; programs tell the two apart by the code.

    Seen: vLLM (for a chat).

    Sources: vllm-project/vllm#58025.

    Violation: `{"error": {…, "code": null}}`
    """
    answer = await _ask_unknown(ask)
    need(refused(answer.exchange) and answer.error, "a refusal, as an error object")
    holds = answer.at("/error/code") == CODE
    for problem in answer.unless(holds, show(CODE), "/error/code"):
        yield problem


async def _ask_unknown(ask: Ask) -> Answer:
    """What comes back for a model that is not there, where one that is can be retrieved."""
    make = ask.make
    known, unknown = await ask.all(make.model(ask.target.model), make.model(UNKNOWN_MODEL))
    supported(known)
    return Answer(considered(unknown))


@invariant(
    "models.ids-are-unique",
    SHOULD,
    on=MODEL_LISTS,
    spec="#/components/schemas/ModelList/properties/data",
    covers=["MOD-008"],
)
def ids_are_unique(answer: Answer) -> Problems:
    """No two models on the list have the same id.

    Why: menus show it twice, and maps by id lose one of them.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI: an id is how a model is referenced.

    Violation: `[{"id": "a-model", …}, {"id": "a-model", …}]`
    """
    entries = items(answer.at("/data"))
    need(len(entries) > 1, "a list of several models")
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        name = text(members(entry).get("id"))
        if name and name in seen:
            yield answer.problem("an id of its own", f"{show(name)} again", f"/data/{number}/id")
        seen.add(name)


@scenario(
    "models.raw-slash-works",
    MAY,
    endpoints=["models"],
    spec="#/paths/~1models~1{model}/get",
    covers=["MOD-010"],
)
async def raw_slash_works(ask: Ask) -> AsyncProblems:
    """A slash in a model's id may stand as it is when the model is retrieved.

    Why: people write the URL by hand, and proxies decode `%2F` on the way.

    Seen: LiteLLM proxy, Ollama, Llama Stack.

    Sources: BerriAI/litellm#37271, ollama/ollama#10139, ogx-ai/ogx#1038.

    Violation: `GET /models/org/name` gets a 404.
    """
    answer = await ask(ask.make.model(await listed_with_slash(ask), encoded=False))
    if not retrieved(answer):
        yield View(answer).problem("the model, as it is listed", answer.outcome)
