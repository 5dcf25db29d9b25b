"""Faults of log probabilities."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from accord_contracts.faults.accepts import crash, posted
from accord_contracts.faults.answers import choices
from accord_contracts.faults.bank import JSON, on_answer, on_reply, on_request
from accord_contracts.server.hooks import Call, Reply


def _elements(call: Call, answer: JSON) -> Iterator[JSON]:
    """The log probabilities of each token of a chat."""
    if call.endpoint == "chat":
        for choice in choices(answer):
            yield from (choice["logprobs"] or {}).get("content") or []


@on_answer("logprobs.of-completions", caught_by=["logprobs.have-the-shape-of-chat"])
def of_completions(call: Call, answer: JSON) -> None:
    """Chat has the four arrays of completions."""
    for choice in choices(answer):
        if content := (choice["logprobs"] or {}).get("content"):
            tokens = [one["token"] for one in content]
            scores = [one["logprob"] for one in content]
            choice["logprobs"] = {"tokens": tokens, "token_logprobs": scores}


@on_answer("logprobs.no-top", caught_by=["logprobs.have-the-shape-of-chat"])
def no_top(call: Call, answer: JSON) -> None:
    """Tokens have no array of alternatives."""
    for element in _elements(call, answer):
        del element["top_logprobs"]


@on_answer("logprobs.no-refusal", caught_by=["logprobs.have-refusal"])
def no_refusal(call: Call, answer: JSON) -> None:
    """Log probabilities have no `refusal`."""
    for choice in choices(answer):
        if choice["logprobs"]:
            choice["logprobs"].pop("refusal", None)


@on_request("logprobs.ignored", caught_by=["logprobs.asked-for-are-given"])
def ignored(call: Call) -> None:
    """Chat accepts `logprobs` and ignores it."""
    if call.endpoint == "chat":
        posted(call).pop("logprobs", None)
        posted(call).pop("top_logprobs", None)


@on_answer("logprobs.zeros", caught_by=["logprobs.are-log-probabilities"])
def zeros(call: Call, answer: JSON) -> None:
    """Log probabilities are filled up with zeros."""
    for element in _elements(call, answer):
        for one in (element, *element["top_logprobs"]):
            one["logprob"] = 0.0


@on_answer("logprobs.floors", caught_by=["logprobs.are-log-probabilities"])
def floors(call: Call, answer: JSON) -> None:
    """Log probabilities are filled up with -9999."""
    for element in _elements(call, answer):
        for one in (element, *element["top_logprobs"]):
            one["logprob"] = -9999.0


@on_answer("logprobs.no-bytes", caught_by=["logprobs.have-bytes"])
def no_bytes(call: Call, answer: JSON) -> None:
    """Alternatives have no `bytes`."""
    for element in _elements(call, answer):
        for one in element["top_logprobs"]:
            del one["bytes"]


@on_answer("logprobs.last-token-only", caught_by=["logprobs.one-per-token"])
def last_token_only(call: Call, answer: JSON) -> None:
    """Of the log probabilities of a text only the last token's come through."""
    for choice in choices(answer):
        if content := (choice["logprobs"] or {}).get("content"):
            choice["logprobs"]["content"] = content[-1:]


@on_answer("logprobs.drawn-token-added", caught_by=["logprobs.no-more-alternatives-than-asked"])
def drawn_token_added(call: Call, answer: JSON) -> None:
    """The drawn token is always among the alternatives, asked for or not."""
    for element in _elements(call, answer):
        own = {name: element[name] for name in ("token", "logprob", "bytes")}
        if own not in element["top_logprobs"] or not posted(call).get("top_logprobs"):
            element["top_logprobs"].append(own)


def _lower(logprobs: JSON) -> None:
    """Make the first log probability of a choice infinitely small."""
    if "content" in logprobs:
        logprobs["content"][0]["logprob"] = -math.inf
    else:
        logprobs["token_logprobs"][0] = -math.inf


@on_request("logprobs.crash", caught_by=["logprobs.{endpoint}-are-finite"])
def infinity_crashes(call: Call) -> None:
    """The encoder fails on minus infinity."""
    if posted(call).get("logprobs"):
        crash("Out of range float values are not JSON compliant")


@on_reply("logprobs.minus-infinity", caught_by=["logprobs.{endpoint}-are-finite"])
def minus_infinity(call: Call, reply: Reply) -> None:
    """The encoder writes minus infinity."""
    if posted(call).get("logprobs") and reply.status == 200 and reply.events is None:
        for choice in choices(reply.body):
            _lower(choice["logprobs"])
        reply.body = json.dumps(reply.body).encode()


@on_answer("logprobs.drawn-token-alone", caught_by=["logprobs.alternatives-are-given"])
def drawn_token_alone(call: Call, answer: JSON) -> None:
    """Whatever `top_logprobs` asks for, the likeliest token alone is listed."""
    for element in _elements(call, answer):
        del element["top_logprobs"][1:]


@on_answer("logprobs.tokens-trimmed", caught_by=["logprobs.{endpoint}-tokens-make-up-the-text"])
def tokens_trimmed(call: Call, answer: JSON) -> None:
    """Tokens are written without the space that they begin with."""
    for element in _elements(call, answer):
        element["token"] = element["token"].strip()
    if call.endpoint == "completions":
        for choice in choices(answer):
            scores = choice["logprobs"] or {"tokens": []}
            scores["tokens"] = [token.strip() for token in scores["tokens"]]


@on_answer("logprobs.drawn-token-bent", caught_by=["logprobs.drawn-token-agrees"])
def drawn_token_bent(call: Call, answer: JSON) -> None:
    """The logprob of a drawn token is taken after sampling, those of alternatives before."""
    for element in _elements(call, answer):
        element["logprob"] -= 1.0


@on_answer("completions.echo-unscored", caught_by=["completions.echo-scores-the-prompt"])
def echo_unscored(call: Call, answer: JSON) -> None:
    """The prompt is put in front of the text, and not of its log probabilities."""
    if posted(call).get("echo"):
        for choice in choices(answer):
            for values in (choice["logprobs"] or {}).values():
                del values[: answer["usage"]["prompt_tokens"]]


@on_answer("completions.echo-of-nothing", caught_by=["completions.echo-of-zero-tokens"])
def echo_of_nothing(call: Call, answer: JSON) -> None:
    """Where no token is asked for, the text is empty."""
    if posted(call).get("echo") and posted(call).get("max_tokens") == 0:
        for choice in choices(answer):
            choice["text"] = ""
