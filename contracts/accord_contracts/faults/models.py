"""Faults of the model endpoints."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from accord_contracts.faults.bank import JSON, on_answer, on_asgi, on_reply, on_request
from accord_contracts.server.hooks import Call, Refusal, Reply


@on_request("models.no-list", caught_by=["models.list-exists"])
def no_list(call: Call) -> None:
    """There is no list of models."""
    if call.endpoint == "models":
        raise Refusal(404, "404 page not found")


@on_reply("models.bare-array", caught_by=["models.list-is-a-list-object"])
def bare_array(call: Call, reply: Reply) -> None:
    """The list of models is a bare array."""
    if call.endpoint == "models" and reply.status == 200:
        reply.body = reply.body["data"]


@on_answer("models.null-list", caught_by=["models.list-is-a-list-object"])
def null_list(call: Call, answer: JSON) -> None:
    """A list without models is null in place of an array."""
    if call.endpoint == "models":
        answer["data"] = None


def _entries(call: Call, answer: JSON) -> list[JSON]:
    """The models in an answer; none in those of other endpoints."""
    if call.endpoint == "models":
        return list(answer["data"])
    return [answer] if call.endpoint == "model" else []


@on_answer("models.entry-object-wrong", caught_by=["models.entries-are-models"])
def entry_object_wrong(call: Call, answer: JSON) -> None:
    """The entries of the list call themselves something else."""
    for entry in _entries(call, answer):
        entry["object"] = "models"


@on_answer("models.no-ids", caught_by=["models.entries-have-ids"])
def no_ids(call: Call, answer: JSON) -> None:
    """Models have a name in place of an id."""
    for entry in _entries(call, answer):
        entry["name"] = entry.pop("id")


@on_answer("models.created-in-milliseconds", caught_by=["models.created-is-unix-seconds"])
def created_in_milliseconds(call: Call, answer: JSON) -> None:
    """Models were created in milliseconds."""
    for entry in _entries(call, answer):
        entry["created"] *= 1000


@on_answer("models.no-owner", caught_by=["models.owner-is-a-string"])
def no_owner(call: Call, answer: JSON) -> None:
    """Nobody owns a model."""
    for entry in _entries(call, answer):
        entry["owned_by"] = None


@on_answer("models.permission-is-an-object", caught_by=["models.permission-is-an-array"])
def permission_is_an_object(call: Call, answer: JSON) -> None:
    """Models have their former permissions, as one object."""
    for entry in _entries(call, answer):
        entry["permission"] = {"allow_sampling": True}


@on_answer("models.listed-under-other-names", caught_by=["models.listed-models-work"])
def listed_under_other_names(call: Call, answer: JSON) -> None:
    """The list names models by their files, which requests must not."""
    if call.endpoint == "models":
        for entry in answer["data"]:
            entry["id"] += ".gguf"


@on_request("models.none-retrieved", caught_by=["models.listed-models-can-be-retrieved"])
def none_retrieved(call: Call) -> None:
    """A single model can't be retrieved."""
    if call.endpoint == "model":
        raise Refusal(404, "Not Found")


@on_request("models.slash-ends-the-path", caught_by=["models.ids-with-slash-can-be-retrieved"])
def slash_ends_the_path(call: Call) -> None:
    """The route of a single model takes one segment of the path, decoded before it is matched."""
    if call.endpoint == "model" and "/" in call.path.removeprefix("/v1/models/"):
        raise Refusal(404, "Not Found")


@on_asgi("models.encoded-slash-unknown", caught_by=["models.encoded-slash-works"])
def encoded_slash_unknown(app: ASGIApp) -> ASGIApp:
    """The path is matched as it was sent, so that `%2F` is part of a name nobody knows."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if b"%2F" in scope.get("raw_path", b""):
            scope = {**scope, "path": scope["raw_path"].decode()}
        await app(scope, receive, send)

    return serve


@on_reply("models.retrieved-in-a-list", caught_by=["models.retrieved-as-listed"])
def retrieved_in_a_list(call: Call, reply: Reply) -> None:
    """A retrieved model comes in a list of one."""
    if call.endpoint == "model" and reply.status == 200:
        reply.body = {"object": "list", "data": [reply.body]}


@on_answer("models.retrieved-stub", caught_by=["models.retrieved-as-listed"])
def retrieved_stub(call: Call, answer: JSON) -> None:
    """A retrieved model is owned by somebody else than the list says."""
    if call.endpoint == "model":
        answer["owned_by"] = "openai"
