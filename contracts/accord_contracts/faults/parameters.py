"""Faults of parameters: accepted, and without effect."""

from __future__ import annotations

from collections.abc import Callable

from accord_contracts.faults.accepts import crash, posted
from accord_contracts.faults.bank import JSON, on_answer, on_request
from accord_contracts.server.hooks import Call


def stops(call: Call) -> list[str]:
    """The stop sequences of a request, as a list."""
    found = posted(call).get("stop") or []
    return [found] if isinstance(found, str) else [s for s in found if isinstance(s, str)]


# -------------------------------------------------------------------------------------- caps


@on_request("parameters.max-tokens-ignored", caught_by=["{endpoint}.max-tokens-caps"])
def max_tokens_ignored(call: Call) -> None:
    """`max_tokens` is taken for a wish."""
    if "max_tokens" in posted(call):
        call.body["max_tokens"] = 16


@on_request(
    "parameters.max-completion-tokens-ignored", caught_by=["chat.max-completion-tokens-caps"]
)
def max_completion_tokens_ignored(call: Call) -> None:
    """`max_completion_tokens` is not known, and ignored."""
    if posted(call).pop("max_completion_tokens", None):
        call.body["max_tokens"] = 64


@on_request(
    "parameters.cap-ignored-in-streams", caught_by=["chat.max-completion-tokens-caps-streams"]
)
def cap_ignored_in_streams(call: Call) -> None:
    """`max_completion_tokens` is not known where answers are streamed."""
    if call.streams and posted(call).pop("max_completion_tokens", None):
        call.body["max_tokens"] = 64


@on_request("parameters.caps-differ", caught_by=["chat.caps-agree"])
def caps_differ(call: Call) -> None:
    """`max_completion_tokens` leaves one token for the end of the text."""
    cap = posted(call).get("max_completion_tokens")
    if isinstance(cap, int) and cap > 1:
        call.body["max_completion_tokens"] = cap - 1


# -------------------------------------------------------------------------------------- stop


@on_request(
    "parameters.stop-ignored",
    caught_by=["{endpoint}.stop-is-honoured", "{endpoint}.stop-list-is-honoured"],
)
def stop_ignored(call: Call) -> None:
    """`stop` is not known, and ignored."""
    posted(call).pop("stop", None)


@on_request("parameters.stop-string-ignored", caught_by=["{endpoint}.stop-is-honoured"])
def stop_string_ignored(call: Call) -> None:
    """`stop` must be a list; a string is ignored."""
    if isinstance(posted(call).get("stop"), str):
        del call.body["stop"]


@on_request("parameters.only-first-stop", caught_by=["{endpoint}.stop-list-is-honoured"])
def only_first_stop(call: Call) -> None:
    """Of several stop strings the first one counts."""
    if len(stops(call)) > 1:
        call.body["stop"] = stops(call)[0]


@on_request("parameters.stop-within-words-ignored", caught_by=["{endpoint}.stop-spans-tokens"])
def stop_within_words_ignored(call: Call) -> None:
    """Stop strings are looked for as tokens, so that one with a space inside is never found."""
    if any(" " in stop.strip() for stop in stops(call)):
        del call.body["stop"]


@on_answer("parameters.stop-returned", caught_by=["{endpoint}.stop-is-not-returned"])
def stop_returned(call: Call, answer: JSON) -> None:
    """The stop string stays at the end of the text."""
    _append(answer, stops(call), lambda stop: stop)


@on_answer("parameters.stop-half-returned", caught_by=["{endpoint}.stop-is-not-returned"])
def stop_half_returned(call: Call, answer: JSON) -> None:
    """The first token of the stop string stays at the end of the text."""
    _append(answer, stops(call), lambda stop: stop[:2])


def _append(answer: JSON, stop: list[str], part: Callable[[str], str]) -> None:
    """Add a part of the stop string to every text that ended with it."""
    for choice in answer.get("choices", []):
        if len(stop) == 1 and choice["finish_reason"] == "stop":
            holder = choice.get("message", choice)
            name = "content" if "message" in choice else "text"
            holder[name] = (holder[name] or "") + part(stop[0])


@on_request("parameters.fifth-stop-dropped", caught_by=["{endpoint}.stop-honours-more-than-four"])
def fifth_stop_dropped(call: Call) -> None:
    """Four stop strings are kept of a longer list."""
    if len(stops(call)) > 4:
        call.body["stop"] = stops(call)[:4]


@on_request("parameters.fifth-stop-crashes", caught_by=["{endpoint}.stop-honours-more-than-four"])
def fifth_stop_crashes(call: Call) -> None:
    """A fifth stop string makes the server crash."""
    if len(stops(call)) > 4:
        crash("index out of range")


@on_request("parameters.bad-stops-dropped", caught_by=["{endpoint}.stop-refuses-non-strings"])
def bad_stops_dropped(call: Call) -> None:
    """Stop items that are no strings are dropped."""
    if isinstance(posted(call).get("stop"), list):
        call.body["stop"] = stops(call)


@on_answer("parameters.empty-stop-matches", caught_by=["{endpoint}.empty-stop-matches-nothing"])
def empty_stop_matches(call: Call, answer: JSON) -> None:
    """The empty stop string is found at the beginning of every text."""
    if posted(call).get("stop") == "":
        for choice in answer["choices"]:
            if "message" in choice:
                choice["message"]["content"] = ""
            else:
                choice["text"] = ""


# ---------------------------------------------------------------------------------- sampling


@on_request("parameters.seed-ignored", caught_by=["{endpoint}.seed-repeats"])
def seed_ignored(call: Call) -> None:
    """`seed` is not known, and ignored."""
    posted(call).pop("seed", None)


@on_request("parameters.logit-bias-ignored", caught_by=["{endpoint}.logit-bias-is-read"])
def logit_bias_ignored(call: Call) -> None:
    """`logit_bias` is not known, and ignored."""
    posted(call).pop("logit_bias", None)


@on_request(
    "parameters.unknown-format-ignored", caught_by=["chat.unknown-response-format-is-refused"]
)
def unknown_format_ignored(call: Call) -> None:
    """A response format that is not known is taken for text."""
    if posted(call).get("response_format") == {"type": "accord_unknown"}:
        del call.body["response_format"]


@on_request(
    "parameters.unknown-format-crashes", caught_by=["chat.unknown-response-format-is-refused"]
)
def unknown_format_crashes(call: Call) -> None:
    """A response format that is not known makes the server crash."""
    if posted(call).get("response_format") == {"type": "accord_unknown"}:
        crash("KeyError: 'accord_unknown'")
