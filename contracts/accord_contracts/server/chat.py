"""Chat completions: from the checked request to the answer, as JSON or as chunks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from accord_contracts.server.answering import (
    answered,
    budget,
    dice,
    find_model,
    head,
    streamed,
    usage,
)
from accord_contracts.server.generation import interleave, outcomes, write_calls, write_text
from accord_contracts.server.hooks import DONE
from accord_contracts.server.language import Prose, Script
from accord_contracts.server.messages import render
from accord_contracts.server.parameters import read_chat
from accord_contracts.server.sampling import Sampler
from accord_contracts.server.tokenizer import TOKEN_BYTES, encode, token_text
from accord_contracts.server.tools import chosen_tools, json_matching, make_call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from random import Random

    from accord_contracts.server.generation import (
        Emission,
        Finish,
        Fragment,
        Outcome,
        ToolCall,
    )
    from accord_contracts.server.hooks import Reply, StreamEvent
    from accord_contracts.server.parameters import ChatParameters
    from accord_contracts.server.sampling import Scored
    from accord_contracts.server.settings import Settings
    from accord_contracts.server.tool_parameters import Tool

_ANY_OBJECT: Final = {
    "type": "object",
    "properties": {
        "answer": {"type": "string", "minLength": 12},
        "topics": {"type": "array", "items": {"type": "string"}},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1, "multipleOf": 0.125},
    },
    "required": ["answer", "topics", "confidence"],
}
"""What `json_object` is answered with, when nobody says what it should look like."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A chat request, ready to be written."""

    parameters: ChatParameters
    prompt_tokens: int
    calls: bool
    """Whether the answer consists of tool calls."""
    writers: list[Iterator[Emission]]
    delay: float


async def answer_chat(body: Any, settings: Settings) -> Reply:
    """Answer a chat request.

    Raises:
        Refusal: the request can't be answered; nothing has been sent yet.
    """
    job = _prepare(body, settings)
    if job.parameters.common.stream:
        return streamed(_events(job))
    choices = await outcomes(job.writers, job.delay)
    return answered(
        {
            **head("chatcmpl-", "chat.completion", job.parameters.common.model),
            "choices": [_choice(job, index, outcome) for index, outcome in enumerate(choices)],
            "usage": usage(job.prompt_tokens, sum(outcome.spent for outcome in choices)),
        }
    )


def _prepare(body: Any, settings: Settings) -> _Job:
    parameters = read_chat(body, strict=settings.strict_parameters)
    common = parameters.common
    model = find_model(common.model, settings)
    prompt = render(parameters.messages, [tool.definition for tool in parameters.tools])
    room = budget(common.limit, len(prompt), settings.context_of(model), "messages")
    prose, tools = Prose(prompt, model.salt), chosen_tools(parameters)
    writers = [
        _writer(parameters, tools, prose, dice(common, index, prose.state), room)
        for index in range(common.n)
    ]
    return _Job(parameters, len(prompt), bool(tools), writers, settings.token_delay)


def _writer(
    parameters: ChatParameters, tools: Sequence[Tool], prose: Prose, rng: Random, room: int
) -> Iterator[Emission]:
    """Decide what one choice is: tool calls, JSON or prose."""
    common = parameters.common
    sampler = Sampler(common.sampling, rng, common.top)
    if tools:
        calls = [make_call(tool, parameters.tools.index(tool), rng) for tool in tools]
        return write_calls(calls, room, _finish_of_calls(parameters))
    if parameters.response_format.kind == "text":
        return write_text(prose.fork(), sampler.draw, room, common.stops)
    script = Script(encode(_json(parameters, rng)))
    return write_text(script, sampler.forced, room, common.stops)


def _json(parameters: ChatParameters, rng: Random) -> str:
    schema = parameters.response_format.schema
    path = "response_format.json_schema.schema"
    return json_matching(_ANY_OBJECT if schema is None else schema, rng, path)


def _finish_of_calls(parameters: ChatParameters) -> Finish:
    """OpenAI says `stop` where the request left no choice which function to call."""
    if parameters.choice.mode == "named":
        return "stop"
    return "function_call" if parameters.legacy else "tool_calls"


# ------------------------------------------------------------------------------------- JSON


def _choice(job: _Job, index: int, outcome: Outcome) -> dict[str, Any]:
    return {
        "index": index,
        "message": _message(job, outcome),
        "logprobs": _logprobs(job, outcome.scored),
        "finish_reason": outcome.finish,
    }


def _message(job: _Job, outcome: Outcome) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": None if job.calls else outcome.text,
        "refusal": None,
    }
    calls = [_call_json(call, payload) for call, payload in outcome.calls.values()]
    if not calls:
        return message
    if job.parameters.legacy:
        return {**message, "function_call": calls[0]["function"]}
    return {**message, "tool_calls": calls}


def _call_json(call: ToolCall, payload: str) -> dict[str, Any]:
    return {"id": call.id, "type": call.kind, call.kind: _called(call, payload, named=True)}


def _called(call: ToolCall, payload: str, *, named: bool) -> dict[str, str]:
    name = {"name": call.name} if named else {}
    return {**name, "arguments" if call.kind == "function" else "input": payload}


def _logprobs(job: _Job, scored: Sequence[Scored]) -> dict[str, Any] | None:
    """The log probabilities of text; tool calls have none."""
    if job.parameters.common.top is None:
        return None
    content = None if job.calls else [_scored_json(one) for one in scored]
    return {"content": content, "refusal": None}


def _scored_json(scored: Scored) -> dict[str, Any]:
    top = [_token_json(token, logprob) for token, logprob in scored.top]
    return {**_token_json(scored.token, scored.logprob), "top_logprobs": top}


def _token_json(token: int, logprob: float) -> dict[str, Any]:
    return {"token": token_text(token), "logprob": logprob, "bytes": list(TOKEN_BYTES[token])}


# ------------------------------------------------------------------------------------ chunks


async def _events(job: _Job) -> AsyncIterator[StreamEvent]:
    common, spent = job.parameters.common, 0
    beginning = head("chatcmpl-", "chat.completion.chunk", common.model)
    ending = {"usage": None} if common.include_usage else {}
    for index in range(common.n):
        yield {**beginning, "choices": [_chunk_choice(index, _opening(job))], **ending}
    async for index, emission in interleave(job.writers, job.delay):
        spent += emission.spent
        for choice in _chunk_choices(job, index, emission):
            yield {**beginning, "choices": [choice], **ending}
    if common.include_usage:
        yield {**beginning, "choices": [], "usage": usage(job.prompt_tokens, spent)}
    yield DONE


def _opening(job: _Job) -> dict[str, Any]:
    content = {} if job.calls else {"content": ""}
    return {"role": "assistant", **content, "refusal": None}


def _chunk_choices(job: _Job, index: int, emission: Emission) -> Iterator[dict[str, Any]]:
    if emission.fragment:
        yield _chunk_choice(index, _call_delta(job, emission.fragment))
    logprobs = _logprobs(job, emission.scored)
    if emission.text or (logprobs and emission.scored):
        yield _chunk_choice(index, {"content": emission.text}, logprobs)
    if emission.finish:
        yield _chunk_choice(index, {}, None, emission.finish)


def _chunk_choice(
    index: int,
    delta: dict[str, Any],
    logprobs: dict[str, Any] | None = None,
    finish: Finish | None = None,
) -> dict[str, Any]:
    return {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}


def _call_delta(job: _Job, fragment: Fragment) -> dict[str, Any]:
    call = fragment.call
    called = _called(call, fragment.text, named=fragment.opens)
    if job.parameters.legacy:
        return {"function_call": called}
    names = {"id": call.id, "type": call.kind} if fragment.opens else {}
    return {"tool_calls": [{"index": fragment.position, **names, call.kind: called}]}
