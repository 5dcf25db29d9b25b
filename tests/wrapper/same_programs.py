"""Programs that are written once, for the OpenAI SDK and for Accord; the tests run them with both.

By hand, against any server: python tests/wrapper/same_programs.py BASE_URL KEY MODEL
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import pydantic

NOBODY: Final = "http://127.0.0.1:1/v1"

Program = Callable[[Any, str], Any]
"""Takes a client and a model's name, gives data to compare."""

MESSAGES: Final = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Tell me of ring, please."},
]
FIXED: Final = {"temperature": 0, "seed": 7, "max_tokens": 12}
RING: Final = {
    "type": "function",
    "function": {
        "name": "ring",
        "description": "Ring a bell.",
        "parameters": {
            "type": "object",
            "properties": {"times": {"type": "integer"}},
            "required": ["times"],
        },
    },
}
CHANGING: Final = frozenset({"id", "created", "tool_call_id"})
"""Members that differ from call to call."""
KINDS: Final = ("APIError", "APIStatusError", "APIConnectionError", "APITimeoutError")
SAID: Final = (
    "delta",
    "snapshot",
    "parsed",
    "content",
    "refusal",
    "name",
    "index",
    "arguments",
    "arguments_delta",
    "parsed_arguments",
)
TOLD: Final = ("status_code", "code", "param", "type")


class Tone(pydantic.BaseModel):
    name: str
    hertz: float


class Bell(pydantic.BaseModel):
    """A bell to ring."""

    tones: list[Tone]
    loud: bool


def models(client: Any, model: str) -> Any:
    listed = client.models.list()
    by_hand = [(one.id, one.object) for one in listed]
    return by_hand, [one.owned_by for one in listed.data], client.models.retrieve(model).id


def completion(client: Any, model: str) -> Any:
    answer = client.completions.create(model=model, prompt="Once", **FIXED, logprobs=2)
    choice = answer.choices[0]
    return choice.text, choice.finish_reason, choice.logprobs.tokens, whole(answer)


def completions(client: Any, model: str) -> Any:
    with client.completions.create(model=model, prompt="Once", **FIXED, stream=True) as stream:
        return [
            (part.choices[0].text, part.choices[0].finish_reason, whole(part)) for part in stream
        ]


def chat(client: Any, model: str) -> Any:
    answer = client.chat.completions.create(model=model, messages=MESSAGES, **FIXED)
    used = (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens)
    return answer.choices[0].message.content, answer.choices[0].finish_reason, used, whole(answer)


def chat_stream(client: Any, model: str) -> Any:
    text, reasons, parts = "", [], []
    stream = client.chat.completions.create(model=model, messages=MESSAGES, **FIXED, stream=True)
    for chunk in stream:
        text += chunk.choices[0].delta.content or ""
        reasons.append(chunk.choices[0].finish_reason)
        parts.append(whole(chunk))
    return text, reasons, parts


def usage_chunk(client: Any, model: str) -> Any:
    stream = client.chat.completions.create(
        model=model,
        messages=MESSAGES,
        **FIXED,
        stream=True,
        stream_options={"include_usage": True},
    )
    used = [chunk.usage.total_tokens for chunk in stream if chunk.usage is not None]
    return used, stream.response.status_code


def logprobs(client: Any, model: str) -> Any:
    answer = client.chat.completions.create(
        model=model, messages=MESSAGES, **FIXED, logprobs=True, top_logprobs=2
    )
    tokens = answer.choices[0].logprobs.content
    return [(token.token, token.logprob, len(token.top_logprobs)) for token in tokens], whole(
        answer
    )


def tools(client: Any, model: str) -> Any:
    messages: list[Any] = [{"role": "user", "content": "Please ring the bell!"}]
    params: dict[str, Any] = {"model": model, "tools": [RING], "temperature": 0, "seed": 7}
    said = client.chat.completions.create(messages=messages, tool_choice="required", **params)
    message = said.choices[0].message
    messages.append(message)
    messages += [
        {"role": "tool", "tool_call_id": call.id, "content": "It rang."}
        for call in message.tool_calls
    ]
    done = client.chat.completions.create(messages=messages, max_tokens=12, **params)
    calls = [
        (call.type, call.function.name, call.function.arguments) for call in message.tool_calls
    ]
    return calls, done.choices[0].message.content, whole(said), whole(done)


def streamed_tools(client: Any, model: str) -> Any:
    arguments = ""
    for chunk in client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": "Please ring the bell!"}],
        tools=[RING],
        tool_choice={"type": "function", "function": {"name": "ring"}},
        temperature=0,
        seed=7,
        stream=True,
    ):
        for call in chunk.choices[0].delta.tool_calls or ():
            arguments += call.function.arguments or ""
    return arguments


def several(client: Any, model: str) -> Any:
    answer = client.chat.completions.create(model=model, messages=MESSAGES, n=2, **FIXED)
    return [(choice.index, choice.message.role) for choice in answer.choices], whole(answer)


def raw(client: Any, model: str) -> Any:
    create = client.with_options(max_retries=0).chat.completions.with_raw_response.create
    answer = create(model=model, messages=MESSAGES, **FIXED, extra_headers={"x-mine": "1"})
    return answer.status_code, answer.headers["content-type"], whole(answer.parse())


def by_hand(client: Any, model: str) -> Any:
    create = client.chat.completions.with_streaming_response.create
    params: dict[str, Any] = {"model": model, "messages": MESSAGES, **FIXED}
    with create(**params) as answer:
        kept = whole(answer.parse()), lasting(answer.json())
        told = answer.status_code, answer.headers["content-type"], answer.http_response.is_closed
    with create(**params, stream=True) as answer:
        lines = [line for line in answer.iter_lines() if "delta" in line]
    with create(**params, stream=True) as answer:
        parts = [whole(chunk) for chunk in answer.parse()]
    with client.models.with_streaming_response.list() as answer:
        listed = len(answer.read()), len(answer.text())
    with client.completions.with_streaming_response.create(model=model, prompt="x") as answer:
        size = sum(len(piece) for piece in answer.iter_bytes(7)) > 0
    return kept, told, [lasting(json.loads(line[6:])) for line in lines], parts, listed, size


def parsed(client: Any, model: str) -> Any:
    params = {"model": model, "messages": MESSAGES, "seed": 7, "response_format": Bell}
    answer = client.chat.completions.parse(**params)
    older = client.beta.chat.completions.with_raw_response.parse(**params, n=2).parse()
    message = answer.choices[0].message
    texts = [message.content, message.refusal]
    return message.parsed, texts, [choice.message.parsed for choice in older.choices]


def parsed_tools(client: Any, model: str) -> Any:
    tool = package_of(client).pydantic_function_tool(Bell, name="ring")
    params = {"model": model, "messages": MESSAGES, "seed": 7, "tool_choice": "required"}
    answer = client.chat.completions.parse(**params, tools=[tool])
    calls = answer.choices[0].message.tool_calls
    return [call.function.parsed_arguments for call in calls], answer.choices[0].message.parsed


def parsed_in_part(client: Any, model: str) -> Any:
    try:
        client.chat.completions.parse(
            model=model, messages=MESSAGES, response_format=Bell, max_tokens=2, seed=7
        )
    except package_of(client).LengthFinishReasonError as error:
        return error.completion.choices[0].message.content, error.completion.usage.total_tokens


def events(client: Any, model: str) -> Any:
    params = {"model": model, "messages": MESSAGES, "seed": 7, "response_format": Bell}
    with client.chat.completions.stream(
        **params, logprobs=True, stream_options={"include_usage": True}
    ) as stream:
        told = [told_of(event) for event in stream]
        answer = stream.get_final_completion()
    with client.beta.chat.completions.stream(**params, n=2) as stream:
        several = [told_of(event) for event in stream]
        parsed = [choice.message.parsed for choice in stream.get_final_completion().choices]
    return told, answer.choices[0].message.parsed, answer.usage.total_tokens, several, parsed


def tool_events(client: Any, model: str) -> Any:
    tool = package_of(client).pydantic_function_tool(Bell, name="ring")
    with client.chat.completions.stream(
        model=model, messages=MESSAGES, seed=7, tools=[tool], tool_choice="required"
    ) as stream:
        told = [told_of(event) for event in stream]
        snapshot = stream.current_completion_snapshot
    arguments = [call.function.parsed_arguments for call in snapshot.choices[0].message.tool_calls]
    return told, arguments


def told_of(event: Any) -> Any:
    """Give all that an event says, as data."""
    said = []
    for name in SAID:
        value: Any = getattr(event, name, None)
        if event.type == "chunk" and name == "snapshot":
            value = [(one.message.content, one.message.parsed) for one in value.choices]
        elif isinstance(value, list):
            value = [token.token for token in value]
        said.append(value)
    return event.type, said


def unknown_model(client: Any, model: str) -> Any:
    return refusal(lambda: client.models.retrieve("no-such-model"))


def bad_request(client: Any, model: str) -> Any:
    return refusal(
        lambda: client.chat.completions.create(
            model=model, messages=[{"role": "nobody", "content": "?"}]
        )
    )


def wrong_key(client: Any, model: str) -> Any:
    return refusal(client.with_options(api_key="sk-wrong", max_retries=0).models.list)


def no_server(client: Any, model: str) -> Any:
    return refusal(client.with_options(base_url=NOBODY, max_retries=0).models.list)


async def in_async(client: Any, model: str) -> Any:
    """The heart of it, for async clients."""
    listed = [one.id for one in (await client.models.list()).data]
    looped = [one.id async for one in client.models.list()]
    create = client.chat.completions.create
    answer = await create(model=model, messages=MESSAGES, **FIXED)
    async with await create(model=model, messages=MESSAGES, **FIXED, stream=True) as stream:
        parts = [whole(chunk) async for chunk in stream]
    begun = await client.completions.with_raw_response.create(model=model, prompt="x", **FIXED)
    rung = await client.chat.completions.parse(
        model=model, messages=MESSAGES, seed=7, response_format=Bell
    )
    async with client.chat.completions.stream(model=model, messages=MESSAGES, seed=7) as told:
        events = [told_of(event) async for event in told]
        final = await told.get_final_completion()
    async with client.models.with_streaming_response.retrieve(model) as begun_model:
        lines = [line async for line in begun_model.iter_lines()]
    texts = (final.choices[0].message.content, json.loads("".join(lines))["id"])
    values = (rung.choices[0].message.parsed, events, texts)
    return [listed, looped], whole(answer), parts, whole(begun.parse()), values


PROGRAMS: Final[tuple[Program, ...]] = (
    models,
    completion,
    completions,
    chat,
    chat_stream,
    usage_chunk,
    logprobs,
    tools,
    streamed_tools,
    several,
    raw,
    by_hand,
    parsed,
    parsed_tools,
    parsed_in_part,
    events,
    tool_events,
    unknown_model,
    bad_request,
    wrong_key,
    no_server,
)


def package_of(thing: Any) -> Any:
    """Give the package that a client or an error is of."""
    return import_module(type(thing).__module__.partition(".")[0])


def refusal(call: Callable[[], Any]) -> Any:
    """Give what a program can know of an error."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - each package has its own
        package = package_of(error)
        kinds = [name for name in KINDS if isinstance(error, getattr(package, name))]
        told = {name: getattr(error, name, None) for name in TOLD}
        response = getattr(error, "response", None)
        return type(error).__name__, kinds, told, response and response.json()
    return None


def whole(answer: Any) -> Any:
    """Give all that came, as data."""
    return lasting(answer.model_dump(mode="json", exclude_unset=True))


def lasting(data: Any) -> Any:
    """Give data without what changes from call to call."""
    if isinstance(data, dict):
        return {name: lasting(value) for name, value in data.items() if name not in CHANGING}
    if isinstance(data, list):
        return [lasting(item) for item in data]
    return round(data, 4) if isinstance(data, float) else data  # engines repeat themselves roughly


def outcome(program: Program, client: Any, model: str) -> Any:
    """Run a program; give its result, or how it failed."""
    try:
        return program(client, model)
    except Exception as error:  # noqa: BLE001 - whatever a package makes of a server
        return type(error).__name__, getattr(error, "status_code", None)


def main(base_url: str, api_key: str, model: str) -> int:
    """Run all programs with both packages; give the number of those that differ."""
    import openai  # noqa: PLC0415 - the tests choose when

    import accord  # noqa: PLC0415 - as above

    options: dict[str, Any] = {"base_url": base_url, "api_key": api_key}
    differing = 0
    with openai.OpenAI(**options) as theirs, accord.Client(**options) as ours:
        for program in PROGRAMS:
            wanted, got = outcome(program, theirs, model), outcome(program, ours, model)
            differing += wanted != got
            print(program.__name__, "same" if wanted == got else f"\n  {wanted}\n  {got}")
    return differing


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
