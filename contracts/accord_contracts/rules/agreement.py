"""Agreement: a stream says what the JSON answer to the same request says."""

from __future__ import annotations

from typing import Any, Final

from accord_contracts.ask import Ask, streamed, supported
from accord_contracts.exchange import NOT_JSON, parse
from accord_contracts.finding import need
from accord_contracts.kinds import GENERATING
from accord_contracts.rule import MAY, MUST, QUICK, SHOULD, AsyncProblems, scenario
from accord_contracts.rules.stream_tools import chat_with_tools, fragments
from accord_contracts.views import Answer, Stream, at, is_int, items, members, show, text

UNICODE: Final = "Repeat: 海 🌊 海 🌊 海 🌊 海 🌊"
"""Characters that most tokenizers cut to pieces."""
BROKEN: Final = "\ufffd"


def first_text(view: Answer | Stream) -> str:
    """The text of the first choice; empty where there is none."""
    return view.texts[0] if view.texts else ""


async def pair(ask: Ask) -> tuple[Answer, Stream]:
    """The baseline's JSON answer and its stream, once JSON answers are known to repeat.

    Raises:
        NotApplicable: texts do not repeat, or there is none.
        Unsupported, CouldNotRun: there is no answer or no stream.
    """
    answer = await ask.repeatable()
    stream = streamed(await ask.text(stream=True))
    need(first_text(answer).strip(), "a JSON answer with text")
    return answer, stream


async def agreeing_pair(ask: Ask) -> tuple[Answer, Stream]:
    """As `pair`, for rules that only make sense where the stream has the JSON answer's text."""
    answer, stream = await pair(ask)
    need(answer.texts == stream.texts, "a stream with the text of the JSON answer")
    return answer, stream


def squeezed(value: str) -> str:
    """A text without its white space."""
    return "".join(value.split())


def excerpt(value: str, other: str) -> str:
    """What a text says from shortly before the place where another one parts from it."""
    pairs = enumerate(zip(value, other, strict=False))
    parting = next((place for place, (a, b) in pairs if a != b), min(len(value), len(other)))
    start = max(parting - 10, 0)
    return f"{show(value[start : start + 40])} from character {start} on"


@scenario(
    "agreement.{endpoint}-same-text",
    MUST,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/Stream",
    covers=["STR-042"],
    effort=QUICK,
)
async def same_text(ask: Ask) -> AsyncProblems:
    """The joined deltas of a stream are the text of the JSON answer to the same request.

    Why: tokens that are lost or doubled in the stream change what users read, and nobody else
    can see it. (White space is another rule's.)

    Seen: vLLM, mistral.rs, DJL Serving, tensorrtllm_backend, mlx-knife.

    Sources: vllm-project/vllm#30099, EricLBuehler/mistral.rs#39, deepjavalibrary/djl-serving#1272,
    triton-inference-server/tensorrtllm_backend#332, mzau/mlx-knife#20.

    Violation: the first token is in the JSON answer alone.
    """
    answer, stream = await pair(ask)
    expected, actual = first_text(answer), first_text(stream)
    differ = squeezed(expected) != squeezed(actual)
    if differ and await ask.holds_again(answer.exchange, stream.exchange):
        yield stream.problem(
            f"the JSON answer's text, {excerpt(expected, actual)}",
            excerpt(actual, expected),
            compared=(answer.exchange,),
        )


@scenario(
    "agreement.{endpoint}-keeps-white-space",
    MUST,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/ChatCompletionDelta/properties/content",
    covers=["STR-043"],
    effort=QUICK,
)
async def keeps_white_space(ask: Ask) -> AsyncProblems:
    """White space and line ends survive in the deltas: joined, they have the JSON answer's.

    Why: clients join deltas with nothing between them; a space that was stripped from a token
    glues words together, and a lost line end breaks code.

    Seen: mistral.rs, llm-d-inference-sim, DJL Serving.

    Sources: EricLBuehler/mistral.rs#39, llm-d/llm-d-inference-sim#30,
    deepjavalibrary/djl-serving#1272.

    Violation: `"Hello"`, `"world"` for `Hello world`.
    """
    answer, stream = await pair(ask)
    expected, actual = first_text(answer), first_text(stream)
    need(squeezed(expected) == squeezed(actual), "a stream with the words of the JSON answer")
    need(squeezed(expected) != expected or actual != expected, "a text with white space")
    if actual != expected and await ask.holds_again(answer.exchange, stream.exchange):
        yield stream.problem(
            f"the JSON answer's white space, {excerpt(expected, actual)}",
            excerpt(actual, expected),
            compared=(answer.exchange,),
        )


@scenario(
    "agreement.{endpoint}-keeps-characters-whole",
    MUST,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/ChatCompletionDelta/properties/content",
    covers=["STR-041"],
)
async def keeps_characters_whole(ask: Ask) -> AsyncProblems:
    r"""A stream has no U+FFFD that the JSON answer has not: no chunk ends within a character.

    Why: a character that is cut in two is lost for good, as each half is replaced by itself.

    Seen: vLLM (2023), llama.cpp (2023), Triton/TensorRT-LLM, llamafile, vMLX, LiteLLM.

    Sources: vllm-project/vllm#931, ggml-org/llama.cpp#4036, triton-inference-server/server#8039,
    mozilla-ai/llamafile#727, jjang-ai/vmlx#129, BerriAI/litellm#18842.

    Violation: `"\ufffd"`, `"\ufffd"` for an emoji of two tokens.
    """
    make, name = ask.make, ask.endpoint
    first, second, third = await ask.all(
        make.text(name, UNICODE),
        make.text(name, UNICODE, again=1),
        make.text(name, UNICODE, stream=True),
    )
    answer, stream = supported(first), streamed(third)
    expected, actual = first_text(answer), first_text(stream)
    need(supported(second).texts == answer.texts, "two equal requests with equal texts")
    need(not expected.isascii() and BROKEN not in expected, "a text with characters beyond ASCII")
    if BROKEN in actual and await ask.holds_again(first, third):
        yield stream.problem(
            f"whole characters, as in {excerpt(expected, actual)}",
            excerpt(actual, expected),
            compared=(first,),
        )


@scenario(
    "agreement.{endpoint}-same-finish-reason",
    MUST,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/ChatCompletionChunkChoice/properties/finish_reason",
    covers=["STR-042"],
    effort=QUICK,
)
async def same_finish_reason(ask: Ask) -> AsyncProblems:
    """A stream ends for the reason that the JSON answer gives.

    Why: clients go on after `length`, and take `stop` for the whole answer.

    Seen: no server that is known.

    Sources: the OpenAPI description of OpenAI, `finish_reason` of both schemas.

    Violation: `length` in JSON, `stop` in the stream.
    """
    answer, stream = await agreeing_pair(ask)
    expected, actual = answer.finish_reasons, stream.finish_reasons
    need(any(expected) and any(actual), "finish reasons on both sides")
    if expected != actual:
        yield stream.problem(
            f"{show(expected[0])} as in JSON", show(actual[0]), compared=(answer.exchange,)
        )


@scenario(
    "agreement.{endpoint}-same-model",
    MAY,
    endpoints=GENERATING,
    features=["stream"],
    spec="#/components/schemas/ChatCompletionChunk/properties/model",
)
async def same_model(ask: Ask) -> AsyncProblems:
    """A stream names the model that the JSON answer to the same request names.

    A MAY, for a gateway that has several models under one name may take another one on purpose.

    Why: logs and bills by model show two where there is one.

    Seen: no server that is known; engines that name their file in one of the two.

    Sources: the OpenAPI description of OpenAI, `model` of `CreateChatCompletionStreamResponse`.

    Violation: `"model": "m"` in JSON, and `"model": "/models/m.gguf"` in each chunk.
    """
    answer, stream = await pair(ask)
    named = answer.fields.get("model")
    need(text(named), "a JSON answer that names its model")
    chunk = stream.chunks[0]
    if (found := chunk.at("/model")) != named:
        yield stream.problem(
            f"{show(named)}, as in JSON",
            show(found),
            "/model",
            event=chunk.event,
            compared=(answer.exchange,),
        )


@scenario(
    "agreement.completions-echoes-once",
    SHOULD,
    endpoints=["completions"],
    features=["stream", "echo"],
    spec="#/components/schemas/CompletionRequest/properties/echo",
    covers=["TXT-012"],
)
async def echoes_once(ask: Ask) -> AsyncProblems:
    """With `echo`, a completions stream begins with the prompt, once, as the JSON answer does.

    Why: clients that score or show the prompt miss it, or have it twice.

    Seen: vLLM (2024), Rapid-MLX.

    Sources: vllm-project/vllm#2703, raullenchai/Rapid-MLX#733.

    Violation: the prompt in front of every chunk's text.
    """
    make = ask.make
    plain, repeated, streaming = await ask.all(
        make.completion(echo=True),
        make.completion(echo=True, again=1),
        make.completion(echo=True, stream=True),
    )
    answer, stream = supported(plain), streamed(streaming)
    expected, actual = first_text(answer), first_text(stream)
    need(expected.startswith(ask.target.prompt), "a JSON answer that begins with the prompt")
    need(supported(repeated).texts == answer.texts, "two equal requests with equal texts")
    times = (expected.count(ask.target.prompt), actual.count(ask.target.prompt))
    wrong = times[0] != times[1] or not actual.startswith(ask.target.prompt)
    if wrong and await ask.holds_again(plain, streaming):
        yield stream.problem(
            f"the prompt once, and then the text: {show(expected)}",
            show(actual),
            compared=(plain,),
        )


def answered_calls(answer: Answer) -> list[tuple[str, Any]]:
    """Name and arguments of each tool call of an answer's first choice; as JSON where they are."""
    message = members(at(answer.json, "/choices/0/message"))
    functions = [members(at(call, "/function")) for call in items(message.get("tool_calls"))]
    return [(text(f.get("name")), _value(text(f.get("arguments")))) for f in functions]


def streamed_calls(stream: Stream) -> list[tuple[str, Any]]:
    """Name and arguments of each tool call of a stream's first choice, put together."""
    names: dict[int, str] = {}
    arguments: dict[int, str] = {}
    for fragment in fragments(stream.pieces.get(0, [])):
        index = fragment.index if is_int(fragment.index) else -1
        names[index] = names.get(index) or text(fragment.function.get("name"))
        added = text(fragment.function.get("arguments"))
        arguments[index] = arguments.get(index, "") + added
    return [(name, _value(arguments[index])) for index, name in sorted(names.items())]


def _value(arguments: str) -> Any:
    value = parse(arguments)
    return arguments if value is NOT_JSON else value


@scenario(
    "agreement.chat-same-tool-calls",
    MUST,
    endpoints=["chat"],
    features=["stream", "tools"],
    spec="#/components/schemas/ChatCompletionDelta/properties/tool_calls",
    covers=["STR-050"],
)
async def same_tool_calls(ask: Ask) -> AsyncProblems:
    r"""Tools that are called in the JSON answer are called in the stream, with the same arguments.

    Why: agents that stream see text with the marks of a call in it, or nothing at all.

    Seen: mlx-serve, LM Studio 0.3.29, vMLX.

    Sources: ddalcu/mlx-serve#287, lmstudio-ai/lmstudio-bug-tracker#1066, jjang-ai/vmlx#219.

    Violation: `{"delta": {"content": "<tool_call>{\"name\": …"}}`
    """
    make = ask.make
    plain, repeated, streaming = await ask.all(
        chat_with_tools(make), chat_with_tools(make, again=1), chat_with_tools(make, stream=True)
    )
    answer, stream = supported(plain), streamed(streaming)
    expected, actual = answered_calls(answer), streamed_calls(stream)
    need(expected, "a JSON answer that calls tools")
    need(answered_calls(supported(repeated)) == expected, "two equal requests with equal calls")
    if actual != expected and await _calls_again(ask, actual):
        yield stream.problem(
            f"the calls {show(expected)} as in JSON",
            f"{show(actual)} and the text {show(first_text(stream))}",
            compared=(plain,),
        )


async def _calls_again(ask: Ask, calls: list[tuple[str, Any]]) -> bool:
    """Whether the stream has the same calls once more."""
    again = streamed(await ask(chat_with_tools(ask.make, again=1, stream=True)))
    return streamed_calls(again) == calls
