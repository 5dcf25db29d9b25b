"""Models: what a server says it serves, and that it serves what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from accord_contracts.ask import NOT_ABOUT_THE_FEATURE, Ask, refused, supported
from accord_contracts.exchange import Exchange
from accord_contracts.finding import CouldNotRun, need
from accord_contracts.kinds import MODEL_LISTS, MODELS
from accord_contracts.rule import (
    MAY,
    MUST,
    QUICK,
    SHOULD,
    AsyncProblems,
    Problems,
    invariant,
    scenario,
)
from accord_contracts.views import MISSING, Answer, View, at, is_int, items, members, show, text

LATEST_SECONDS: Final = 10**10
"""Later than any time in seconds (the year 2286), earlier than any of today in milliseconds."""

CLOCKS: Final = 3600
"""Seconds by which `created` may differ: servers that do not know it say the time of asking."""

MOST_TRIED: Final = 3
"""Listed models that are tried; what comes first on a long list may embed, not generate."""


@scenario(
    "models.list-exists",
    MUST,
    endpoints=["models"],
    spec="#/paths/~1models/get",
    covers=["MOD-007"],
    effort=QUICK,
)
async def list_exists(ask: Ask) -> AsyncProblems:
    """`GET /models` is answered.

    Why: clients ask it to fill a menu, or to see whether the server is there at all.

    Seen: Ollama (early 2024).

    Sources: ollama/ollama#3050, ollama/ollama#2756.

    Violation: `404 page not found`
    """
    listing = await ask(ask.make.models())
    if refused(listing):
        yield View(listing).problem("a list of models", listing.outcome)
    elif not listing.ok:
        raise CouldNotRun(f"no answer to judge: {listing.outcome}", listing)


@invariant(
    "models.list-is-a-list-object",
    MUST,
    on=MODEL_LISTS,
    spec="#/components/schemas/ModelList",
    covers=["MOD-001", "MOD-002"],
)
def list_is_a_list_object(answer: Answer) -> Problems:
    """The list of models is an object with `object: "list"` and an array `data`.

    Why: typed clients decode `data`; a bare array or a null breaks all of them, also when
    nothing is served: then `data` is `[]`.

    Seen: one-api (bare array), Ollama (null).

    Sources: songquanpeng/one-api#128, tinyhumansai/openhuman#4121.

    Violation: `[{"id": "a-model"}]`
    """
    yield from answer.unless(answer.at("/object") == "list", '"list"', "/object")
    yield from answer.unless(isinstance(answer.at("/data"), list), "an array", "/data")


@invariant(
    "models.entries-are-models",
    MUST,
    on=(MODEL_LISTS, MODELS),
    spec="#/components/schemas/Model/properties/object",
    covers=["MOD-004"],
)
def entries_are_models(answer: Answer) -> Problems:
    """Every model, listed or retrieved, has `object: "model"`.

    Why: clients that decode by the value of `object` skip or refuse the entry.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, schema `Model`.

    Violation: `{"id": "a-model", "object": "models"}`
    """
    for pointer in _models(answer):
        found = answer.at(f"{pointer}/object")
        yield from answer.unless(found == "model", '"model"', f"{pointer}/object")


@invariant(
    "models.entries-have-ids",
    MUST,
    on=(MODEL_LISTS, MODELS),
    spec="#/components/schemas/Model/properties/id",
    covers=["MOD-008"],
)
def entries_have_ids(answer: Answer) -> Problems:
    """Every model, listed or retrieved, has a string as its `id`, and not an empty one.

    Why: it is what requests name the model by; without it the entry is of no use.

    Seen: Parallax (the list names models otherwise than requests must).

    Sources: the OpenAPI description of OpenAI, schema `Model`; GradientHQ/parallax#440.

    Violation: `{"name": "a-model", "object": "model"}`
    """
    for pointer in _models(answer):
        found = text(answer.at(f"{pointer}/id"))
        yield from answer.unless(found, "a text that names the model", f"{pointer}/id")


@invariant(
    "models.created-is-unix-seconds",
    MUST,
    on=(MODEL_LISTS, MODELS),
    spec="#/components/schemas/Model/properties/created",
    covers=["MOD-003"],
)
def created_is_unix_seconds(answer: Answer) -> Problems:
    """Every model, listed or retrieved, has an integer `created` in Unix seconds.

    Why: typed clients refuse a model without it, and show a year beyond 50000 for milliseconds.
    A server that does not know the time may say 0.

    Seen: no server that is known (answers of chat have it wrong often).

    Sources: the OpenAPI description of OpenAI, schema `Model`.

    Violation: `{"id": "a-model", "object": "model", "created": 1735689600000}`
    """
    for pointer in _models(answer):
        found = answer.at(f"{pointer}/created")
        holds = is_int(found) and 0 <= found < LATEST_SECONDS
        yield from answer.unless(holds, "an integer in Unix seconds", f"{pointer}/created")


@invariant(
    "models.owner-is-a-string",
    SHOULD,
    on=(MODEL_LISTS, MODELS),
    spec="#/components/schemas/Model/properties/owned_by",
    covers=["MOD-005"],
)
def owner_is_a_string(answer: Answer) -> Problems:
    """Every model, listed or retrieved, has a string `owned_by`.

    Why: typed clients refuse a model without it. Whom it names is not judged.

    Seen: LiteLLM proxy (it names "openai" whatever the model).

    Sources: the OpenAPI description of OpenAI, schema `Model`; forpublicai/platform.publicai.co#11.

    Violation: `{"id": "a-model", "object": "model", "owned_by": null}`
    """
    for pointer in _models(answer):
        found = answer.at(f"{pointer}/owned_by")
        yield from answer.unless(isinstance(found, str), "a string", f"{pointer}/owned_by")


@invariant(
    "models.permission-is-an-array",
    MAY,
    on=(MODEL_LISTS, MODELS),
    spec="#/components/schemas/Model/properties/permission",
    covers=["MOD-006"],
)
def permission_is_an_array(answer: Answer) -> Problems:
    """Where a model still has the former member `permission`, it is an array.

    Why: it was an array when the contract had it, and old clients decode it as one.

    Seen: one-api.

    Sources: songquanpeng/one-api#128.

    Violation: `{"id": "a-model", "object": "model", "permission": {}}`
    """
    for pointer in _models(answer):
        found = answer.at(f"{pointer}/permission")
        holds = found in (MISSING, None) or isinstance(found, list)
        yield from answer.unless(holds, "an array", f"{pointer}/permission")


def _models(answer: Answer) -> Iterator[str]:
    """Pointers to the models in an answer: "" where it is one itself.

    Raises:
        NotApplicable: it has none.
    """
    if answer.endpoint == "model":
        need(answer.fields and not answer.error, "a model in JSON")
        yield ""
    else:
        data = items(answer.at("/data"))
        need(data, "a list with models")
        yield from (f"/data/{number}" for number in range(len(data)))


# ------------------------------------------------------------------------- what is listed works


@scenario(
    "models.listed-models-work",
    MUST,
    endpoints=["models", "chat", "completions"],
    spec="#/components/schemas/Model/properties/id",
    covers=["MOD-008"],
    effort=QUICK,
)
async def listed_models_work(ask: Ask) -> AsyncProblems:
    """An id on the list works as `model` in a request.

    Why: clients offer what the list says; when requests want another name (a path, an alias),
    nothing that a user picks works.

    Seen: Parallax.

    Sources: GradientHQ/parallax#440.

    Violation: the list says `a-model`; a request with `"model": "a-model"` gets a 404 because
    the server knows it as `/models/a-model.gguf`.
    """
    tried = (await _listed(ask))[:MOST_TRIED]
    need(tried, "a model on the list")
    answers = []
    for model in tried:
        make = (ask.make.chat, ask.make.completion)
        answers += await ask.all(*(request(model=model) for request in make))
        if any(answer.ok for answer in answers):
            return
    blamed = [answer for answer in answers if _blames_the_model(answer)]
    if not blamed:
        raise CouldNotRun(f"no listed model answers: {answers[0].outcome}", answers[0])
    yield View(blamed[0]).problem("an answer, as the model is listed", blamed[0].outcome)


def _blames_the_model(exchange: Exchange) -> bool:
    """Whether a request was refused because of its model, and not because of its URL."""
    error = Answer(exchange).error
    named = text(exchange.request.params.get("model")) in exchange.text
    about = error.get("code") == "model_not_found" or error.get("param") == "model"
    return refused(exchange) and (named or about)


@scenario(
    "models.listed-models-can-be-retrieved",
    MUST,
    endpoints=["models"],
    spec="#/paths/~1models~1{model}/get",
    covers=["MOD-010"],
    effort=QUICK,
)
async def listed_models_can_be_retrieved(ask: Ask) -> AsyncProblems:
    """A model on the list can be retrieved under its id.

    Why: clients look a model up before they use it.

    Seen: LiteLLM proxy, Ollama, Llama Stack (ids with a slash).

    Sources: ogx-ai/ogx#1038.

    Violation: `GET /models/a-model` gets a 404 though the list has `a-model`.
    """
    plain = [model for model in await _listed(ask) if "/" not in model]
    need(plain, "a model on the list without a slash in its id")
    answer = await ask(ask.make.model(plain[0]))
    if not retrieved(answer):
        yield View(answer).problem("the model, as it is listed", answer.outcome)


@scenario(
    "models.ids-with-slash-can-be-retrieved",
    MUST,
    endpoints=["models"],
    spec="#/paths/~1models~1{model}/get",
    covers=["MOD-010"],
)
async def ids_with_slash_can_be_retrieved(ask: Ask) -> AsyncProblems:
    """A listed model with a slash in its id can be retrieved, written in one way or the other.

    Why: ids of the form `organisation/model` are common, and frameworks take the slash for the
    end of the parameter.

    Seen: LiteLLM proxy, Ollama, Llama Stack.

    Sources: BerriAI/litellm#37271, ollama/ollama#10139, ollama/ollama#13715, ogx-ai/ogx#1038.

    Violation: `GET /models/org/name` and `GET /models/org%2Fname` get 404.
    """
    model = await listed_with_slash(ask)
    ways = (ask.make.model(model, encoded=False), ask.make.model(model))
    plain, encoded = await ask.all(*ways)
    if not retrieved(plain) and not retrieved(encoded):
        expected = "the model, as it is listed"
        yield View(plain).problem(expected, plain.outcome, compared=(encoded,))


@scenario(
    "models.encoded-slash-works",
    MUST,
    endpoints=["models"],
    spec="#/paths/~1models~1{model}/get",
    covers=["MOD-011"],
)
async def encoded_slash_works(ask: Ask) -> AsyncProblems:
    """A slash in a model's id may be written as `%2F` when the model is retrieved.

    Why: the official libraries encode ids; a server that knows the bare slash alone answers
    them with a 404.

    Seen: LiteLLM proxy, Ollama.

    Sources: BerriAI/litellm#37271, ollama/ollama#10139.

    Violation: `GET /models/org%2Fname` gets a 404.
    """
    answer = await ask(ask.make.model(await listed_with_slash(ask)))
    if not retrieved(answer):
        yield View(answer).problem("the model, as it is listed", answer.outcome)


@scenario(
    "models.retrieved-as-listed",
    MUST,
    endpoints=["models"],
    spec="#/components/schemas/Model",
    covers=["MOD-009"],
    effort=QUICK,
)
async def retrieved_as_listed(ask: Ask) -> AsyncProblems:
    """A retrieved model is a bare model object that says what its entry in the list says.

    Why: clients decode both as the same type, and take either for the truth.

    Seen: uor-r4.

    Sources: UOR-Foundation/uor-r4#679.

    Violation: `{"object": "list", "data": [{"id": "a-model", …}]}`
    """
    listing = supported(await ask(ask.make.models()))
    entries = [entry for entry in items(listing.at("/data")) if text(members(entry).get("id"))]
    need(entries, "a model on the list")
    entry = entries[0]
    model = supported(await ask(ask.make.model(entry["id"])))
    for name in ("id", "object", "owned_by", "created"):
        listed, found = at(entry, f"/{name}"), model.at(f"/{name}")
        if not _agree(listed, found):
            expected = f"{show(listed)}, as listed"
            yield model.problem(expected, show(found), f"/{name}", compared=(listing.exchange,))


def _agree(listed: object, retrieved: object) -> bool:
    """Whether two members of a model say the same; times may be those of asking."""
    if is_int(listed) and is_int(retrieved):
        return abs(listed - retrieved) <= CLOCKS
    return listed == retrieved


async def _listed(ask: Ask) -> list[str]:
    """The listed ids, the target's own model first if it is among them."""
    listing = supported(await ask(ask.make.models()))
    ids = [name for entry in items(listing.at("/data")) if (name := text(at(entry, "/id")))]
    return sorted(ids, key=lambda name: name != ask.target.model)


async def listed_with_slash(ask: Ask) -> str:
    """The first listed id with a slash in it.

    Raises:
        NotApplicable: there is none.
    """
    found = [model for model in await _listed(ask) if "/" in model]
    need(found, "a model on the list with a slash in its id")
    return found[0]


def retrieved(exchange: Exchange) -> bool:
    """Whether a model was answered.

    Raises:
        CouldNotRun: nobody can tell: the caller was refused, or nothing came.
    """
    if exchange.status is None or exchange.status in NOT_ABOUT_THE_FEATURE:
        raise CouldNotRun(f"no answer to judge: {exchange.outcome}", exchange)
    return exchange.ok
