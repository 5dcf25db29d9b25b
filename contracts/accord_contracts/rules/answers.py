"""Answers: what a JSON answer of chat or completions consists of."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Final

from accord_contracts.ask import Ask, supported
from accord_contracts.exchange import NOT_JSON, Request
from accord_contracts.finding import NotApplicable, need
from accord_contracts.kinds import ANSWERS, CHAT_ANSWERS, COMPLETIONS, JSON_ANSWERS
from accord_contracts.requests import SEVERAL, Requests
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
from accord_contracts.rules.parameters import CAP
from accord_contracts.schema import Mismatch, mismatches
from accord_contracts.views import MISSING, Answer, is_int, is_number, show, text

TEN_DIGITS: Final = range(10**9, 10**10)
"""Unix seconds from 2001 to 2286; milliseconds have 13 digits."""


def several_choices(make: Requests) -> Request:
    """A chat with several choices."""
    return make.chat(n=SEVERAL)


# ------------------------------------------------------------------------------------ the body


@invariant(
    "answer.content-type-is-json",
    MUST,
    on=JSON_ANSWERS,
    spec="#/paths/~1chat~1completions/post/responses/200/content/application~1json",
    covers=["JSN-034"],
)
def content_type_is_json(answer: Answer) -> Problems:
    """An answer that is not streamed has the content type `application/json`.

    Why: clients choose how to read a body by its type, and hand this one over as plain text or
    wait for events in it.

    Seen: mistral.rs (2024), 9router.

    Sources: EricLBuehler/mistral.rs#79, decolua/9router#3492.

    Violation: `Content-Type: text/plain; charset=utf-8`
    """
    _need_no_stream(answer)
    if answer.exchange.media_type != "application/json":
        found = answer.exchange.header("content-type")
        yield answer.problem("application/json", found or "no content type", header="content-type")


@invariant(
    "answer.is-one-json-document",
    MUST,
    on=JSON_ANSWERS,
    spec="#/paths/~1chat~1completions/post/responses/200/content/application~1json",
    covers=["JSN-035"],
)
def is_one_json_document(answer: Answer) -> Problems:
    """The body of an answer that is not streamed is one JSON document, and nothing else.

    Why: every JSON reader refuses a body that goes on after its document, or is none.

    Seen: 9router.

    Sources: decolua/9router#3492.

    Violation: `{"id": "chatcmpl-1", …}data: [DONE]`
    """
    _need_no_stream(answer)
    need(answer.exchange.failure is None, "an answer that was read to its end")
    if answer.json is NOT_JSON:
        body = answer.exchange.text
        end = _end_of_json(body)
        found = show(body[end:]) if body[end:].strip() else "NaN or Infinity, which are not JSON"
        yield answer.problem(
            "nothing after the JSON document" if end else "a JSON document",
            found if body else "an empty body",
            offset=len(body[:end].encode()),
        )


def _end_of_json(body: str) -> int:
    """Where the first JSON document of a text ends; 0 where it does not begin with one."""
    begin = len(body) - len(body.lstrip())
    try:
        return json.JSONDecoder().raw_decode(body, begin)[1]
    except (ValueError, RecursionError):
        return 0


@invariant(
    "answer.has-no-padding",
    MAY,
    on=JSON_ANSWERS,
    spec="#/paths/~1chat~1completions/post/responses/200/content/application~1json",
    covers=["JSN-036"],
)
def has_no_padding(answer: Answer) -> Problems:
    """The body of an answer begins with its JSON, not with blank lines.

    Why: blank lines that keep the connection alive are legal white space, but readers that look
    at the first byte take the body for something else.

    Seen: OpenRouter.

    Sources: OpenRouterTeam/typescript-sdk#101.

    Violation: twenty line feeds in front of `{"id": …}`.
    """
    need(answer.json is not NOT_JSON, "a JSON document")
    body = answer.exchange.text
    if body[:1].isspace():
        padding = len(body) - len(body.lstrip())
        yield answer.problem("JSON from the first byte", f"{padding} blanks before it", offset=0)


def _need_no_stream(answer: Answer) -> None:
    """Some servers take `"stream": 1` for true, and may."""
    need(not answer.params.get("stream"), "a request that asks for no stream")


# ------------------------------------------------------------------------------------ the head


@invariant(
    "answer.has-an-id",
    MUST,
    on=ANSWERS,
    spec="#/components/schemas/ChatCompletion/properties/id",
    covers=["JSN-001", "JSN-006"],
)
def has_an_id(answer: Answer) -> Problems:
    """An answer has a string as its `id`, and not an empty one.

    Why: typed clients refuse an answer without it; logs and stores use it as their key.

    Seen: TGI, LocalAI, Inferencer.

    Sources: huggingface/text-generation-inference#1782, huggingface/text-generation-inference#2925,
    mudler/LocalAI#1164, mudler/LocalAI#1194.

    Violation: `{"id": "", "object": "chat.completion", …}`
    """
    _need_success(answer)
    yield from answer.unless(text(answer.at("/id")), "a text that names the answer", "/id")


@scenario(
    "answer.{endpoint}-ids-are-unique",
    MUST,
    endpoints=["chat", "completions"],
    spec="#/components/schemas/ChatCompletion/properties/id",
    covers=["JSN-001"],
    effort=QUICK,
)
async def ids_are_unique(ask: Ask) -> AsyncProblems:
    """Answers to different requests have different ids.

    Why: whoever stores answers by their id keeps the last one only.

    Seen: TGI, LocalAI, Inferencer (all answers have the same, empty id).

    Sources: huggingface/text-generation-inference#1782, mudler/LocalAI#1164.

    Violation: every answer has `"id": "chatcmpl-123"`.
    """
    # Different requests, because a server that remembers may repeat an answer as a whole.
    make = ask.make
    first, second = map(
        supported, await ask.all(make.text(ask.endpoint), make.capped(ask.endpoint, CAP))
    )
    ids = text(first.at("/id")), text(second.at("/id"))
    need(all(ids), "two answers with ids")
    if ids[0] == ids[1]:
        yield second.problem(
            "an id of its own", f"{show(ids[1])} again", "/id", compared=(first.exchange,)
        )


@invariant(
    "answer.created-is-an-integer",
    MUST,
    on=ANSWERS,
    spec="#/components/schemas/ChatCompletion/properties/created",
    covers=["JSN-005", "JSN-006"],
)
def created_is_an_integer(answer: Answer) -> Problems:
    """An answer has `created`, and it is a JSON integer.

    Why: typed clients decode an integer; a text or a fraction makes them refuse all of it.

    Seen: AnythingLLM, modelz-llm, LocalAI (2023).

    Sources: Mintplex-Labs/anything-llm#2926, tensorchord/modelz-llm#83, mudler/LocalAI#1194,
    mudler/LocalAI#1164.

    Violation: `"created": 1735689600.25`
    """
    _need_success(answer)
    yield from answer.unless(is_int(answer.at("/created")), "an integer", "/created")


@invariant(
    "answer.created-is-in-seconds",
    MUST,
    on=ANSWERS,
    spec="#/components/schemas/ChatCompletion/properties/created",
    covers=["JSN-004"],
)
def created_is_in_seconds(answer: Answer) -> Problems:
    """The `created` of an answer is in Unix seconds, which have ten digits.

    Why: milliseconds overflow the dates of .NET and Rust clients.

    Seen: WebLLM, mistral.rs, AnythingLLM, Qwen/DashScope, Vercel v0, Qwen2API.

    Sources: mlc-ai/web-llm#829, EricLBuehler/mistral.rs#1805, Mintplex-Labs/anything-llm#2920,
    QwenLM/Qwen3#1688, zed-industries/zed#32982, Rfym21/Qwen2API#93.

    Violation: `"created": 1735689600000`
    """
    created = answer.at("/created")
    need(is_number(created), "a number as `created`")
    holds = TEN_DIGITS.start <= created < TEN_DIGITS.stop
    yield from answer.unless(holds, "Unix seconds, of ten digits", "/created")


@invariant(
    "answer.chat-names-its-object",
    MUST,
    on=CHAT_ANSWERS,
    spec="#/components/schemas/ChatCompletion/properties/object",
    covers=["JSN-002"],
)
def chat_names_its_object(answer: Answer) -> Problems:
    """An answer of chat has `object: "chat.completion"`.

    Why: clients that tell answers apart by `object` read it as something else, or refuse it.

    Seen: TGI, text-generation-webui.

    Sources: huggingface/text-generation-inference#2089, David-Kunz/gen.nvim#54.

    Violation: `"object": "text_completion"`
    """
    _need_success(answer)
    holds = answer.at("/object") == "chat.completion"
    yield from answer.unless(holds, '"chat.completion"', "/object")


@invariant(
    "answer.completions-name-their-object",
    MUST,
    on=COMPLETIONS,
    spec="#/components/schemas/Completion/properties/object",
    covers=["JSN-003"],
)
def completions_name_their_object(answer: Answer) -> Problems:
    """An answer of completions has `object: "text_completion"`.

    Why: clients that tell answers apart by `object` look for messages in it, or refuse it.

    Seen: modelz-llm, OpenRouter.

    Sources: tensorchord/modelz-llm#83, OpenRouterTeam/typescript-sdk#101.

    Violation: `"object": "chat.completion"`
    """
    _need_success(answer)
    holds = answer.at("/object") == "text_completion"
    yield from answer.unless(holds, '"text_completion"', "/object")


def _need_success(answer: Answer) -> None:
    """Some servers answer 200 with an error in it, which is for other rules to judge."""
    need(answer.fields and not answer.fields.get("error"), "a JSON object that is no error")


# --------------------------------------------------------------------------------- the choices


@invariant(
    "answer.has-choices",
    MUST,
    on=ANSWERS,
    spec="#/components/schemas/ChatCompletion/properties/choices",
    covers=["JSN-007"],
)
def has_choices(answer: Answer) -> Problems:
    """An answer has an array `choices` with at least one choice in it.

    Why: clients read `choices[0]` without looking.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, schema `CreateChatCompletionResponse`.

    Violation: `{"id": "chatcmpl-1", "choices": [], …}`
    """
    _need_success(answer)
    yield from answer.unless(answer.choices, "an array of choices, not empty", "/choices")


@scenario(
    "answer.n-gives-n-choices",
    MUST,
    endpoints=["chat"],
    features=["n"],
    spec="#/components/schemas/ChatCompletionRequest/properties/n",
    covers=["JSN-007"],
    effort=QUICK,
)
async def n_gives_n_choices(ask: Ask) -> AsyncProblems:
    """A chat with `n` gets exactly `n` choices, or is refused.

    Why: whoever asks for several to choose from gets one, and never hears of it.

    Seen: llama-cpp-python, LMDeploy, vLLM-Omni, ATOM, Ollama, FastChat.

    Sources: abetlen/llama-cpp-python#1906, InternLM/lmdeploy#1787, vllm-project/vllm-omni#4269,
    ROCm/ATOM#647, lm-sys/FastChat#3717.

    Violation: one choice for `"n": 3`, or two.
    """
    answer = supported(await ask(several_choices(ask.make)))
    if len(answer.choices) != SEVERAL:
        yield answer.problem(f"{SEVERAL} choices", str(len(answer.choices)), "/choices")


@invariant(
    "answer.indexes-count-up",
    MUST,
    on=ANSWERS,
    probes=[several_choices, Requests.chat, Requests.completion],
    spec="#/components/schemas/ChatCompletionChoice/properties/index",
    covers=["JSN-008"],
    effort=QUICK,
)
def indexes_count_up(answer: Answer) -> Problems:
    """The indexes of the choices are 0, 1, 2 and so on, each once.

    Why: clients put the choices in the order of their indexes, and ask for number 0.

    Seen: Foundry Local (a running counter), LiteLLM (2023: from 1).

    Sources: microsoft/foundry-local#144, BerriAI/litellm#376.

    Violation: `"index": 1` in the only choice.
    """
    need(answer.choices, "an answer with choices")
    found = [choice.get("index", MISSING) for choice in answer.choices]
    count = len(found)
    if not all(map(is_int, found)) or sorted(found) != list(range(count)):
        shown = ", ".join(map(show, found))
        expected = "index 0" if count == 1 else f"indexes 0 to {count - 1}, each once"
        yield answer.problem(expected, shown, "/choices")


@invariant(
    "answer.logprobs-are-null-unless-asked",
    SHOULD,
    on=ANSWERS,
    spec="#/components/schemas/ChatCompletionChoice/properties/logprobs",
    covers=["JSN-012"],
)
def logprobs_are_null_unless_asked(answer: Answer) -> Problems:
    """Every choice has `logprobs`, and it is null when nobody asked for log probabilities.

    Why: clients that find an object look into it: LiteLLM fails on an empty one.

    Seen: mlx-lm.

    Sources: ml-explore/mlx-lm#342.

    Violation: `"logprobs": {}`
    """
    asked = [name for name in ("logprobs", "top_logprobs") if answer.params.get(name) is not None]
    need(not asked and answer.choices, "an answer whose request says nothing of logprobs")
    for pointer, choice in answer.places:
        holds = choice.get("logprobs", MISSING) is None
        yield from answer.unless(holds, "null", f"{pointer}/logprobs")


# --------------------------------------------------------------------------------- the message


@invariant(
    "answer.role-is-assistant",
    MUST,
    on=CHAT_ANSWERS,
    spec="#/components/schemas/ChatCompletionMessage/properties/role",
    covers=["JSN-009"],
)
def role_is_assistant(answer: Answer) -> Problems:
    """The message of an answer has the role `assistant`.

    Why: clients send it back as the next turn, and the role says whose turn it was.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, schema `ChatCompletionResponseMessage`.

    Violation: `"message": {"content": "Hello!"}`
    """
    need(answer.choices, "an answer with choices")
    for pointer, _ in answer.places:
        place = f"{pointer}/message/role"
        yield from answer.unless(answer.at(place) == "assistant", '"assistant"', place)


@invariant(
    "answer.content-is-text-or-null",
    MUST,
    on=CHAT_ANSWERS,
    spec="#/components/schemas/ChatCompletionMessage/properties/content",
    covers=["JSN-010"],
)
def content_is_text_or_null(answer: Answer) -> Problems:
    """The message of an answer has `content`, and it is a string or null.

    Why: an array of parts is for requests; clients that decode a string fail on it.

    Seen: Mistral's API (thinking and text as parts).

    Sources: vercel/ai#17779, vercel/ai#15890.

    Violation: `"content": [{"type": "text", "text": "Hello!"}]`
    """
    need(answer.choices, "an answer with choices")
    for pointer, _ in answer.places:
        place = f"{pointer}/message/content"
        found = answer.at(place)
        yield from answer.unless(found is None or isinstance(found, str), "a string or null", place)


@invariant(
    "answer.has-refusal",
    SHOULD,
    on=CHAT_ANSWERS,
    spec="#/components/schemas/ChatCompletionMessage/properties/refusal",
    covers=["JSN-011"],
)
def has_refusal(answer: Answer) -> Problems:
    """The message of an answer has `refusal`: a string, or null when the model did not refuse.

    Why: clients that decode strictly by OpenAI's schema refuse a message without it.

    Seen: llama.cpp, llama-cpp-python, SGLang.

    Sources: mlcommons/endpoints#133, JamePeng/llama-cpp-python#113.

    Violation: `"message": {"role": "assistant", "content": "Hello!"}`
    """
    need(answer.choices, "an answer with choices")
    for pointer, _ in answer.places:
        place = f"{pointer}/message/refusal"
        found = answer.at(place)
        yield from answer.unless(found is None or isinstance(found, str), "a string or null", place)


@invariant(
    "answer.tool-calls-are-never-null",
    SHOULD,
    on=CHAT_ANSWERS,
    spec="#/components/schemas/ChatCompletionMessage/properties/tool_calls",
    covers=["JSN-023"],
)
def tool_calls_are_never_null(answer: Answer) -> Problems:
    """A message without tool calls has no `tool_calls`; where it has, that is an array.

    Why: clients whose types say "array or absent" refuse a null. OpenAI leaves it out; an empty
    array is let pass.

    Seen: Together, Foundry Local, SGLang.

    Sources: vercel/ai#1865, microsoft/foundry-local#144, sgl-project/sglang#3912.

    Violation: `"message": {"role": "assistant", "content": "Hello!", "tool_calls": null}`
    """
    need(answer.choices, "an answer with choices")
    for pointer, _ in answer.places:
        place = f"{pointer}/message/tool_calls"
        found = answer.at(place)
        holds = found is MISSING or isinstance(found, list)
        yield from answer.unless(holds, "an array, or no such member", place)


# ---------------------------------------------------------------------------------- the schema

SCHEMAS: Final = {
    "models": "ModelList",
    "model": "Model",
    "completions": "Completion",
    "chat": "ChatCompletion",
}

JUDGED_ELSEWHERE: Final = {
    "models": (
        *("", "/object", "/data", "/data/*/id", "/data/*/object", "/data/*/created"),
        *("/data/*/owned_by", "/data/*/permission"),
    ),
    "model": ("/id", "/object", "/created", "/owned_by", "/permission"),
    "completions": ("/id", "/object", "/created", "/model", "/choices", "/choices/*"),
    "chat": (
        *("/id", "/object", "/created", "/model", "/choices"),
        *("/choices/*/index", "/choices/*/finish_reason"),
        *("/choices/*/message/role", "/choices/*/message/content", "/choices/*/message/refusal"),
        *("/choices/*/message/tool_calls*", "/choices/*/logprobs*"),
    ),
}
"""Pointers that rules of their own speak about, so that nothing is reported twice."""


@invariant(
    "answer.matches-the-schema",
    MUST,
    on=JSON_ANSWERS,
    spec="#/components/schemas/ChatCompletion",
)
def matches_the_schema(answer: Answer) -> Problems:
    """An answer matches its schema also in what no other rule speaks about.

    Why: a typed client decodes the whole answer, and one member of another type loses it all.

    Seen: no server that is known, beyond what other rules name.

    Sources: the OpenAPI description of OpenAI.

    Violation: `"usage": {"prompt_tokens": "12", …}`
    """
    need(answer.json is not NOT_JSON and not answer.fields.get("error"), "JSON that is no error")
    endpoint = answer.endpoint or ""
    for mismatch in _mismatches(answer, SCHEMAS[endpoint]):
        elsewhere = (fnmatchcase(mismatch.pointer, one) for one in JUDGED_ELSEWHERE[endpoint])
        if not any(elsewhere):
            yield answer.problem(
                f"what the schema {SCHEMAS[endpoint]} allows",
                f"{show(answer.at(mismatch.pointer))} ({mismatch.message})",
                mismatch.pointer,
            )


def _mismatches(answer: Answer, schema: str) -> list[Mismatch]:
    """Where an answer does not match a schema.

    Raises:
        NotApplicable: nobody can tell.
    """
    try:
        return list(mismatches(answer.json, schema))
    except ValueError as error:
        raise NotApplicable(f"the schema can't be applied: {error}", answer.exchange) from error
