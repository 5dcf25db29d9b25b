"""A smoke test with openai-python, as a careful engineer would write it for a server of their own.

Each test makes a call or two and holds the answer against what the SDK's types and the API's
documentation promise. Answers are validated, as the SDK itself does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import openai
from bank import serving
from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.completion import Completion
from pydantic import BaseModel

from accord_contracts.faults.bank import KEY

MODEL: Final = "accord-small"
STEADY: Final[dict[str, Any]] = {"model": MODEL, "temperature": 0, "seed": 7, "max_tokens": 24}
ASKED: Final[dict[str, Any]] = {**STEADY, "messages": [{"role": "user", "content": "Hello!"}]}
PROMPT: Final[dict[str, Any]] = {**STEADY, "prompt": "In the morning"}
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL: Final[dict[str, Any]] = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": SCHEMA},
}
CALLING: Final[dict[str, Any]] = {**ASKED, "tools": [TOOL], "tool_choice": "required"}

Test = Callable[[OpenAI], None]
TESTS: Final[list[Test]] = []


def failures(fault: str | None) -> set[str]:
    """The names of the tests that fail."""
    with (
        serving(fault) as server,
        OpenAI(base_url=server.base_url, api_key=KEY, timeout=60, max_retries=0) as client,
    ):
        return {test.__name__ for test in TESTS if _fails(test, client)}


def _fails(test: Test, client: OpenAI) -> bool:
    try:
        test(client)
    except Exception:  # noqa: BLE001 - whatever goes wrong in a test is its failure
        return True
    return False


def smoke_test(test: Test) -> Test:
    """Have a function called as a test."""
    TESTS.append(test)
    return test


def expect(*truths: object) -> None:
    """All of this must hold.

    Raises:
        AssertionError: something does not.
    """
    if not all(truths):
        raise AssertionError(truths)


def typed(*answers: BaseModel) -> None:
    """These must be what their types say."""
    for answer in answers:
        type(answer).model_validate(answer.model_dump(exclude_unset=True), strict=True)


def counted(usage: Any) -> None:
    """Usage must be there, and add up."""
    expect(usage.prompt_tokens > 0, usage.completion_tokens > 0)
    expect(usage.total_tokens == usage.prompt_tokens + usage.completion_tokens)


@smoke_test
def models_are_listed(client: OpenAI) -> None:
    """Every model has an id of its own, and can be retrieved."""
    page = client.models.list()
    typed(*page.data)
    ids = [model.id for model in page]
    expect(page.object == "list", MODEL in ids, len(ids) == len(set(ids)))
    for model in page:
        expect(client.models.retrieve(model.id) == model)


@smoke_test
def chat_answers(client: OpenAI) -> None:
    """One choice, from the assistant, finished and counted."""
    answer = client.chat.completions.create(**ASKED)
    typed(answer)
    [choice] = answer.choices
    expect(answer.id, answer.model == MODEL, answer.created > 1_600_000_000, choice.index == 0)
    expect(
        choice.message.role == "assistant", choice.message.content, not choice.message.tool_calls
    )
    expect(choice.finish_reason in {"stop", "length"})
    counted(answer.usage)


@smoke_test
def parameters_of_a_chat_count(client: OpenAI) -> None:
    """Caps, the number of choices, and stop strings do what they are for."""
    whole = client.chat.completions.create(**ASKED)
    text = whole.choices[0].message.content or ""
    short = client.chat.completions.create(**{**ASKED, "max_tokens": 3})
    expect(short.choices[0].finish_reason == "length")
    expect(short.usage and short.usage.completion_tokens == 3)
    two = client.chat.completions.create(**ASKED, n=2)
    expect(sorted(choice.index for choice in two.choices) == [0, 1])
    stop = text.split()[2]
    stopped = client.chat.completions.create(**ASKED, stop=[stop]).choices[0]
    expect(stopped.message.content == text[: text.index(stop)], stopped.finish_reason == "stop")


@smoke_test
def chat_has_logprobs(client: OpenAI) -> None:
    """A logprob for each token, with so many alternatives; the tokens are the text."""
    choice = client.chat.completions.create(**ASKED, logprobs=True, top_logprobs=2).choices[0]
    tokens = (choice.logprobs and choice.logprobs.content) or []
    expect("".join(token.token for token in tokens) == choice.message.content)
    for token in tokens:
        typed(token)
        expect(token.logprob <= 0, len(token.top_logprobs) == 2)


@smoke_test
def chat_calls_tools(client: OpenAI) -> None:
    """A call of the tool, with arguments that fit; its result can be sent back."""
    answer = client.chat.completions.create(**CALLING)
    typed(answer)
    [choice] = answer.choices
    [call] = choice.message.tool_calls or []
    expect(choice.finish_reason == "tool_calls", call.id, call.type == "function")
    fits(call.function.name, call.function.arguments)
    said = choice.message.model_dump(exclude_none=True)
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    messages = [*ASKED["messages"], said, result]
    client.chat.completions.create(**{**ASKED, "messages": messages, "tools": [TOOL]})


def fits(name: str | None, arguments: str) -> None:
    """A call must be of the tool, with a city."""
    values = json.loads(arguments)
    expect(name == "get_weather", isinstance(values["city"], str), len(values) == 1)


@smoke_test
def chat_fits_a_schema(client: OpenAI) -> None:
    """With a schema, the answer is JSON that fits it."""
    form: Any = {
        "type": "json_schema",
        "json_schema": {"name": "c", "strict": True, "schema": SCHEMA},
    }
    asked = {**ASKED, "max_tokens": 200}
    answer = client.chat.completions.create(**asked, response_format=form)
    values = json.loads(answer.choices[0].message.content or "")
    expect(isinstance(values["city"], str), len(values) == 1)


@smoke_test
def chat_streams(client: OpenAI) -> None:
    """Chunks of one answer: the role, the text, one finish; the same text as without a stream."""
    whole = client.chat.completions.create(**ASKED)
    chunks = list(client.chat.completions.create(**ASKED, stream=True))
    typed(*chunks)
    one_answer(chunks)
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    expect(deltas[0].role == "assistant", not any(chunk.usage for chunk in chunks))
    text = "".join(delta.content or "" for delta in deltas)
    expect(text == whole.choices[0].message.content)
    expect(finish(chunks) == [whole.choices[0].finish_reason])


def one_answer(chunks: list[Any]) -> None:
    """Chunks must have the same id, time and model."""
    expect(len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1)
    expect(chunks[0].id, chunks[0].model == MODEL)


def finish(chunks: list[Any]) -> list[str]:
    """Every finish reason in a stream."""
    choices = [choice for chunk in chunks for choice in chunk.choices]
    return [choice.finish_reason for choice in choices if choice.finish_reason]


@smoke_test
def chat_streams_usage(client: OpenAI) -> None:
    """Asked for, usage comes once, in the last chunk, and is that of the whole answer."""
    whole: ChatCompletion = client.chat.completions.create(**ASKED)
    asked = {**ASKED, "stream": True, "stream_options": {"include_usage": True}}
    chunks: list[ChatCompletionChunk] = list(client.chat.completions.create(**asked))
    expect(chunks[-1].choices == [], chunks[-1].usage == whole.usage)
    expect(not any(chunk.usage for chunk in chunks[:-1]))


@smoke_test
def chat_streams_tool_calls(client: OpenAI) -> None:
    """The fragments of a call join to what fits."""
    chunks = list(client.chat.completions.create(**CALLING, stream=True))
    typed(*chunks)
    one_answer(chunks)
    choices = [choice for chunk in chunks for choice in chunk.choices]
    calls = [call for choice in choices for call in choice.delta.tool_calls or []]
    expect(calls[0].id, {call.index for call in calls} == {0}, finish(chunks) == ["tool_calls"])
    functions = [call.function for call in calls if call.function]
    fits(functions[0].name, "".join(function.arguments or "" for function in functions))


@smoke_test
def completion_answers(client: OpenAI) -> None:
    """One choice, finished and counted; `echo` and several prompts work."""
    answer = client.completions.create(**PROMPT)
    typed(answer)
    [choice] = answer.choices
    expect(answer.id, answer.model == MODEL, choice.text, choice.index == 0)
    expect(choice.finish_reason in {"stop", "length"})
    counted(answer.usage)
    echoed = client.completions.create(**PROMPT, echo=True)
    expect(echoed.choices[0].text == PROMPT["prompt"] + choice.text)
    both = client.completions.create(**{**PROMPT, "prompt": [PROMPT["prompt"], "The sea"]})
    expect([one.index for one in both.choices] == [0, 1], both.choices[0].text == choice.text)


@smoke_test
def completion_has_logprobs(client: OpenAI) -> None:
    """Four lists of one length; the tokens are the text."""
    choice = client.completions.create(**{**PROMPT, "max_tokens": 12}, logprobs=2).choices[0]
    logprobs = choice.logprobs
    tokens = (logprobs and logprobs.tokens) or []
    expect(logprobs, "".join(tokens) == choice.text)
    for values in (logprobs.token_logprobs, logprobs.top_logprobs, logprobs.text_offset):
        expect(len(values or []) == len(tokens))


@smoke_test
def completion_streams(client: OpenAI) -> None:
    """The same text as without a stream, one finish, and usage at the end when asked for."""
    whole: Completion = client.completions.create(**PROMPT)
    asked = {**PROMPT, "stream": True, "stream_options": {"include_usage": True}}
    chunks: list[Completion] = list(client.completions.create(**asked))
    one_answer(chunks)  # untyped: the SDK's type lets no chunk be without finish_reason
    texts = [choice.text for chunk in chunks for choice in chunk.choices]
    expect("".join(texts) == whole.choices[0].text)
    expect(finish(chunks) == [whole.choices[0].finish_reason], chunks[-1].usage == whole.usage)


@smoke_test
def errors_have_their_class(client: OpenAI) -> None:
    """What is wrong is refused, with the class that programs catch, and with words."""
    wrong: list[tuple[type[openai.APIStatusError], Callable[[], object]]] = [
        (openai.NotFoundError, lambda: client.models.retrieve("no-such-model")),
        (openai.NotFoundError, lambda: _chat(client, model="no-such-model")),
        (openai.BadRequestError, lambda: _chat(client, temperature=9)),
        (openai.BadRequestError, lambda: _chat(client, messages=[])),
        (openai.AuthenticationError, client.with_options(api_key="no").models.list),
    ]
    for kind, call in wrong:
        refused(kind, call)


def _chat(client: OpenAI, **changes: Any) -> object:
    return client.chat.completions.create(**{**ASKED, **changes})


def refused(kind: type[openai.APIStatusError], call: Callable[[], object]) -> None:
    """A call must raise this class, with a message and a type."""
    try:
        call()
    except kind as error:
        body = error.body
        expect(isinstance(body, dict) and isinstance(body["message"], str), error.type)
    else:
        raise AssertionError(f"no {kind.__name__}")
