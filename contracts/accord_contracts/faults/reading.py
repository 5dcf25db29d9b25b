"""Faults of reading: parts of a request that never reach the prompt, or one choice or way only."""

from __future__ import annotations

from accord_contracts.faults.accepts import messages, posted
from accord_contracts.faults.answers import choices
from accord_contracts.faults.bank import JSON, on_answer, on_chunk, on_request
from accord_contracts.server.hooks import Call

# ------------------------------------------------------------------------------ conversations


@on_request("chat.no-place-for-instructions", caught_by=["chat.instructions-are-read"])
def no_place_for_instructions(call: Call) -> None:
    """The template knows no `system` message, and leaves it out."""
    if others := [message for message in messages(call) if message.get("role") != "system"]:
        call.body["messages"] = others


@on_request("chat.last-turn-alone", caught_by=["chat.past-turns-are-read"])
def last_turn_alone(call: Call) -> None:
    """Of what the user and the assistant have said, the last turn is the prompt."""
    *past, last = messages(call) or [{}]
    if past and not any("tool_calls" in message for message in past):
        kept = [message for message in past if message.get("role") in {"system", "developer"}]
        call.body["messages"] = [*kept, last]


@on_request("chat.first-part-alone", caught_by=["chat.every-part-is-read"])
def first_part_alone(call: Call) -> None:
    """Of several text parts the first one is the message."""
    for message in messages(call):
        parts = message.get("content")
        if isinstance(parts, list) and all(_is_text(part) for part in parts):
            message["content"] = parts[:1]


def _is_text(part: object) -> bool:
    return isinstance(part, dict) and part.get("type") == "text"


@on_request("chat.tool-results-lost", caught_by=["chat.tool-results-are-read"])
def tool_results_lost(call: Call) -> None:
    """The template has no place for what a tool has found."""
    for message in messages(call):
        if message.get("role") == "tool" and isinstance(message.get("content"), str):
            message["content"] = ""


# ------------------------------------------------------------------------------- every choice


@on_answer("chance.one-seed-for-all-choices", caught_by=["chance.{endpoint}-choices-differ"])
def one_seed_for_all_choices(call: Call, answer: JSON) -> None:
    """Each choice of an answer is drawn with the same dice."""
    first, *others = choices(answer) or [{}]
    for other in others:
        other.update({name: first[name] for name in ("message", "text") if name in first})


@on_answer("parameters.stop-for-one-choice", caught_by=["{endpoint}.stop-ends-every-choice"])
def stop_for_one_choice(call: Call, answer: JSON) -> None:
    """Stop strings are looked for in the first choice alone."""
    stop = posted(call).get("stop")
    for choice in choices(answer)[1:]:
        if isinstance(stop, list) and stop:
            place = choice.get("message", choice)
            name = "content" if "message" in choice else "text"
            place[name] = f"{place.get(name) or ''}{stop[0]} and on"


# ------------------------------------------------------------------------------------ streams


@on_chunk("agreement.file-names-the-stream", caught_by=["agreement.{endpoint}-same-model"])
def file_names_the_stream(call: Call, chunk: JSON) -> None:
    """Chunks name the model's file."""
    chunk["model"] = "/models/model.gguf"


@on_request("agreement.no-bias-in-streams", caught_by=["agreement.{endpoint}-reads-logit-bias"])
def no_bias_in_streams(call: Call) -> None:
    """The code path of streams does not know `logit_bias`."""
    if posted(call).get("stream") is True:
        call.body.pop("logit_bias", None)


@on_request("stream.parallel-ignored", caught_by=["stream.parallel-off-makes-one-call"])
def parallel_ignored(call: Call) -> None:
    """The code path of streams does not know `parallel_tool_calls`."""
    if posted(call).get("stream") is True:
        call.body.pop("parallel_tool_calls", None)


def _recount(chunk: JSON, name: str, parts: int) -> None:
    """Leave a part of one count in a usage chunk, and let its sum be right."""
    if usage := chunk.get("usage"):
        usage[name] //= parts
        usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]


@on_chunk("agreement.usage-of-one-choice", caught_by=["agreement.{endpoint}-same-usage-of-choices"])
def usage_of_one_choice(call: Call, chunk: JSON) -> None:
    """Streamed usage is that of the last choice."""
    count = posted(call).get("n")
    _recount(chunk, "completion_tokens", count if isinstance(count, int) else 1)


@on_chunk(
    "agreement.usage-of-one-prompt", caught_by=["agreement.completions-same-usage-of-prompts"]
)
def usage_of_one_prompt(call: Call, chunk: JSON) -> None:
    """Streamed usage is that of the last prompt."""
    prompt = posted(call).get("prompt")
    prompts = prompt if isinstance(prompt, list) else []
    _recount(chunk, "prompt_tokens", len(prompts) if isinstance((prompts or [0])[0], str) else 1)
