"""Faults of JSON answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from accord_contracts.faults.bank import JSON, on_answer, on_reply, on_request
from accord_contracts.kinds import GENERATING
from accord_contracts.server.hooks import Call, Reply


def choices(answer: JSON) -> list[JSON]:
    """The choices of an answer; none where it is not generated."""
    return list(answer.get("choices", []))


def messages(answer: JSON) -> list[JSON]:
    """The messages of a chat answer; none of other answers."""
    return [choice["message"] for choice in choices(answer) if "message" in choice]


# ------------------------------------------------------------------------------------ the body


@on_reply("answer.plain-text", caught_by=["answer.content-type-is-json"])
def plain_text(call: Call, reply: Reply) -> None:
    """Answers say that they are plain text."""
    if reply.events is None:
        reply.headers["content-type"] = "text/plain; charset=utf-8"


@on_reply("answer.done-after-json", caught_by=["answer.is-one-json-document"])
def done_after_json(call: Call, reply: Reply) -> None:
    """`data: [DONE]` comes after the JSON, as if it had been a stream."""
    if call.endpoint in GENERATING and reply.events is None:
        reply.body = json.dumps(reply.body).encode() + b"data: [DONE]\n\n"


@on_reply("answer.padded", caught_by=["answer.has-no-padding"])
def padded(call: Call, reply: Reply) -> None:
    """Blank lines come before the JSON, to keep the connection alive."""
    if call.endpoint in GENERATING and reply.events is None:
        reply.body = b"\n\n\n" + json.dumps(reply.body).encode()


# ------------------------------------------------------------------------------------ the head


@on_answer("answer.empty-id", caught_by=["answer.has-an-id"])
def empty_id(call: Call, answer: JSON) -> None:
    """The id is empty."""
    if call.endpoint in GENERATING:
        answer["id"] = ""


@on_answer(
    "answer.same-id",
    caught_by=["answer.{endpoint}-ids-are-unique"],
)
def same_id(call: Call, answer: JSON) -> None:
    """All answers have the same id."""
    if call.endpoint in GENERATING:
        answer["id"] = "cmpl-123"


@on_answer("answer.created-in-words", caught_by=["answer.created-is-an-integer"])
def created_in_words(call: Call, answer: JSON) -> None:
    """The time of an answer is a text."""
    if call.endpoint in GENERATING:
        answer["created"] = datetime.fromtimestamp(answer["created"], UTC).isoformat()


@on_answer("answer.created-with-fraction", caught_by=["answer.created-is-an-integer"])
def created_with_fraction(call: Call, answer: JSON) -> None:
    """The time of an answer is a float."""
    if call.endpoint in GENERATING:
        answer["created"] += 0.25


@on_answer("answer.created-in-milliseconds", caught_by=["answer.created-is-in-seconds"])
def created_in_milliseconds(call: Call, answer: JSON) -> None:
    """The time of an answer is in milliseconds."""
    if call.endpoint in GENERATING:
        answer["created"] *= 1000


@on_answer("answer.chat-called-text", caught_by=["answer.chat-names-its-object"])
def chat_called_text(call: Call, answer: JSON) -> None:
    """Answers of chat call themselves text completions."""
    if call.endpoint == "chat":
        answer["object"] = "text_completion"


@on_answer("answer.text-called-chat", caught_by=["answer.completions-name-their-object"])
def text_called_chat(call: Call, answer: JSON) -> None:
    """Text completions call themselves chat."""
    if call.endpoint == "completions":
        answer["object"] = "chat.completion"


# --------------------------------------------------------------------------------- the choices


@on_answer("answer.no-choices", caught_by=["answer.has-choices"])
def no_choices(call: Call, answer: JSON) -> None:
    """There is no choice in an answer."""
    if call.endpoint in GENERATING:
        answer["choices"] = []


@on_request("answer.n-ignored", caught_by=["answer.n-gives-n-choices"])
def n_ignored(call: Call) -> None:
    """`n` is accepted and ignored."""
    if call.endpoint == "chat" and isinstance(call.body, dict):
        call.body.pop("n", None)


@on_answer("answer.indexes-from-one", caught_by=["answer.indexes-count-up"])
def indexes_from_one(call: Call, answer: JSON) -> None:
    """Choices are counted from 1."""
    for choice in choices(answer):
        choice["index"] += 1


@on_answer("answer.empty-logprobs", caught_by=["answer.logprobs-are-null-unless-asked"])
def empty_logprobs(call: Call, answer: JSON) -> None:
    """Where no log probabilities were asked for, there is an empty object."""
    for choice in choices(answer):
        choice["logprobs"] = choice["logprobs"] or {}


# --------------------------------------------------------------------------------- the message


@on_answer("answer.no-role", caught_by=["answer.role-is-assistant"])
def no_role(call: Call, answer: JSON) -> None:
    """Messages do not say whose they are."""
    for message in messages(answer):
        del message["role"]


@on_answer("answer.content-in-parts", caught_by=["answer.content-is-text-or-null"])
def content_in_parts(call: Call, answer: JSON) -> None:
    """The content of a message is an array of parts, as in requests."""
    for message in messages(answer):
        message["content"] = [{"type": "text", "text": message["content"]}]


@on_answer("answer.no-refusal", caught_by=["answer.has-refusal"])
def no_refusal(call: Call, answer: JSON) -> None:
    """Messages have no `refusal`."""
    for message in messages(answer):
        del message["refusal"]


@on_answer("answer.null-tool-calls", caught_by=["answer.tool-calls-are-never-null"])
def null_tool_calls(call: Call, answer: JSON) -> None:
    """Where no tool is called, `tool_calls` is null."""
    for message in messages(answer):
        message.setdefault("tool_calls", None)


@on_answer("answer.model-missing", caught_by=["answer.names-its-model"])
def model_missing(call: Call, answer: JSON) -> None:
    """Answers do not say which model made them."""
    if call.endpoint in GENERATING:
        del answer["model"]


@on_answer("answer.usage-in-words", caught_by=["answer.matches-the-schema"])
def usage_in_words(call: Call, answer: JSON) -> None:
    """Token counts are texts."""
    if call.endpoint in GENERATING:
        answer["usage"]["prompt_tokens"] = str(answer["usage"]["prompt_tokens"])
