"""`chat.completions.stream`: streamed answers as events, on good servers and others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import anyio
import pytest
from loopback import DONE, END, FOREVER, Caller, Wire, part, stream_head

import accord
from accord import chat_events

MODEL = "accord-small"
MESSAGES = [{"role": "user", "content": "Please ring the bell!"}]
RING = {"type": "function", "function": {"name": "ring", "strict": True, "parameters": {}}}


@dataclass
class Point:
    x: int


def opened(client: Any, **more: Any) -> Any:
    params = {"model": MODEL, "messages": MESSAGES, "seed": 1} | more
    return client.chat.completions.stream(**params)


def told(caller: Caller, base_url: str, **more: Any) -> tuple[list[Any], Any]:
    """Read a stream to its end; give its events and the answer."""

    async def read(client: Any) -> Any:
        async with opened(client, **more) as stream:
            events = [event async for event in stream]
            return events, await stream.get_final_completion()

    def read_sync(client: Any) -> Any:
        with opened(client, **more) as stream:
            return [*stream], stream.get_final_completion()

    use = read_sync if caller.kind == "sync" else read
    done: tuple[list[Any], Any] = caller.call(use, base_url=base_url, max_retries=0)
    return done


SYNC = Caller("sync")


def of(*choices: dict[str, Any]) -> dict[str, Any]:
    """Give a chunk; the `delta`s of its choices, with `finish` and `index` beside."""
    return {
        "choices": [
            {
                "index": choice.pop("index", 0),
                "finish_reason": choice.pop("finish", None),
                "logprobs": choice.pop("logprobs", None),
                "delta": choice,
            }
            for choice in choices
        ]
    }


def call(arguments: str, index: int | None = 0, **more: Any) -> dict[str, Any]:
    function = {"arguments": arguments, **({"name": "ring"} if more else {})}
    return of({"tool_calls": [{"index": index, "function": function, **more}]})


def sent(wire: Wire, *chunks: dict[str, Any]) -> str:
    body = b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks)
    wire.replies = [[stream_head(), part(body + DONE), END]]
    return wire.base_url


def kinds(events: list[Any]) -> list[str]:
    return [event.type for event in events if event.type != "chunk"]


def test_the_events_make_up_the_answer(caller: Caller, reference: str) -> None:
    events, answer = told(caller, reference, response_format=Point, logprobs=True)
    content = answer.choices[0].message.content
    texts = [event for event in events if event.type == "content.delta"]
    assert "".join(event.delta for event in texts) == texts[-1].snapshot == content
    assert texts[-1].parsed == json.loads(content)
    (whole,) = (event for event in events if event.type == "content.done")
    assert (whole.content, whole.parsed) == (content, answer.choices[0].message.parsed)
    assert isinstance(whole.parsed, Point)
    (tokens,) = (event for event in events if event.type == "logprobs.content.done")
    assert tokens.content == answer.choices[0].logprobs.content != []
    chunks = [event for event in events if event.type == "chunk"]
    assert accord.fold(event.chunk for event in chunks) == answer_alone(answer)
    assert chunks[0].snapshot.choices[0].message.parsed == whole.parsed  # as far as it has come


def answer_alone(answer: Any) -> Any:
    return accord.types.ChatCompletion.from_dict(answer.to_dict())


def test_what_came_so_far_stays_as_it_was(wire: Wire) -> None:
    url = sent(wire, *(of({"content": piece}) for piece in ['{"x"', ": 12", "3}"]))
    events, _ = told(SYNC, url, response_format=Point)
    deltas = [event for event in events if event.type == "content.delta"]
    assert [event.snapshot for event in deltas] == ['{"x"', '{"x": 12', '{"x": 123}']
    assert [event.parsed for event in deltas] == [{}, {"x": 12}, {"x": 123}]
    assert isinstance(deltas[0], chat_events.ContentDeltaEvent)


def test_tools_are_told_of_one_after_another(wire: Wire) -> None:
    url = sent(
        wire,
        of({"content": "So"}),
        call("", id="a"),
        call('{"n":'),
        call(" 1}"),
        call("{}", 1, id="b"),
        of({"finish": "tool_calls"}),
    )
    events, answer = told(SYNC, url, tools=[RING])
    deltas = [event for event in events if event.type == "tool_calls.function.arguments.delta"]
    assert [(event.index, event.arguments_delta) for event in deltas] == [
        (0, ""),
        (0, '{"n":'),
        (0, " 1}"),
        (1, "{}"),
    ]
    assert [event.arguments for event in deltas] == ["", '{"n":', '{"n": 1}', "{}"]
    whole = [event for event in events if event.type == "tool_calls.function.arguments.done"]
    assert [(event.name, event.index, event.parsed_arguments) for event in whole] == [
        ("ring", 0, {"n": 1}),
        ("ring", 1, {}),
    ]
    assert kinds(events)[2] == "content.done"  # as soon as a tool is called
    calls = answer.choices[0].message.tool_calls
    assert [call.function.parsed_arguments for call in calls] == [{"n": 1}, {}]


def test_refusals_are_told_of(wire: Wire) -> None:
    tokens: Any = {"refusal": [{"token": "No", "logprob": 0}]}
    pieces = [of({"refusal": "No", "logprobs": tokens}), of({"refusal": "!", "finish": "stop"})]
    events, answer = told(SYNC, sent(wire, *pieces), response_format=Point)
    assert kinds(events) == [
        "refusal.delta",
        "logprobs.refusal.delta",
        "refusal.delta",
        "refusal.done",
        "logprobs.refusal.done",
    ]
    refused = [event for event in events if event.type.startswith("refusal")]
    assert [refused[0].snapshot, refused[1].snapshot, refused[2].refusal] == ["No", "No!", "No!"]
    assert answer.choices[0].message.parsed is None


END_OF_ONE = ["content.delta", "content.delta", "content.done"]


@pytest.mark.parametrize(
    ("chunks", "wanted"),
    [
        ([of({"content": "a"}), of({"content": "b", "finish": "stop"})], END_OF_ONE),
        ([of({"content": one, "finish": "stop"}) for one in "ab"], END_OF_ONE),
        ([of({"content": one}) for one in "ab"], END_OF_ONE),
        ([of({"content": one, "index": None}) for one in "ab"], END_OF_ONE),
        ([of({"content": "a", "finish": "stop"}), of({"content": "b", "index": 1})],
         ["content.delta", "content.done", "content.delta", "content.done"]),
        ([of({"content": "a", "finish": "stop"}), {"choices": [], "usage": {}}],
         ["content.delta", "content.done"]),
        ([call("{}", id="a"), call("{}", id="b")],
         ["tool_calls.function.arguments.delta"] * 2
         + ["tool_calls.function.arguments.done"] * 2),
        ([of({"content": [{"type": "text", "text": "a"}], "refusal": "", "logprobs": 7})],
         ["content.delta", "refusal.delta", "content.done"]),
        ([of({"tool_calls": [{"index": 0, "id": "c", "custom": {"name": "x", "input": "y"}}]})],
         []),
        ([{"choices": None}], []),
    ],
    ids=["good", "a reason in every chunk", "no reason", "no index", "one after another", "usage",
         "calls that are all the first", "other kinds", "a custom tool", "nothing"],
)  # fmt: skip
def test_servers_of_all_kinds(wire: Wire, chunks: list[Any], wanted: list[str]) -> None:
    events, _ = told(SYNC, sent(wire, *chunks))
    assert kinds(events) == wanted
    assert len(events) == len(wanted) + len(chunks)


@pytest.mark.parametrize(
    ("chunk", "kind"),
    [
        (of({"content": "1", "finish": "length"}), accord.LengthFinishReasonError),
        (of({"finish": "content_filter"}), accord.ContentFilterFinishReasonError),
        (of({"content": "1"}), accord.UnparsedAnswerError),
        ({"error": {"message": "no"}}, accord.StreamEventError),
    ],
)
def test_what_goes_wrong_is_raised(
    caller: Caller, wire: Wire, chunk: Any, kind: type[accord.AccordError]
) -> None:
    url = sent(wire, of({"content": ""}), chunk)
    with pytest.raises(kind) as caught:
        told(caller, url, response_format=Point)
    assert type(caught.value) is kind


def test_without_a_type_an_answer_may_be_cut_off(wire: Wire) -> None:
    url = sent(wire, of({"content": "1", "finish": "length"}))
    with accord.Client(base_url=url) as client, opened(client) as stream:
        assert kinds([*stream]) == ["content.delta", "content.done"]
        assert stream.current_completion_snapshot.choices[0].message.content == "1"
        with pytest.raises(accord.LengthFinishReasonError):
            stream.get_final_completion()


def test_a_stream_that_is_left_is_closed(caller: Caller, wire: Wire) -> None:
    wire.replies = [[stream_head(), part(b": hello\n\n" + delta_of("a")), FOREVER]]

    async def leave(client: Any) -> Any:
        async with opened(client) as stream:
            await anext(stream)
            return stream

    def leave_sync(client: Any) -> Any:
        with opened(client) as stream:
            next(stream)
            return stream

    use = leave_sync if caller.kind == "sync" else leave
    stream = caller.call(use, base_url=wire.base_url)
    assert stream.response.is_closed
    final = stream.get_final_completion
    with pytest.raises(accord.StreamCutError, match="closed before"):
        final() if caller.kind == "sync" else anyio.run(final)


def delta_of(text: str) -> bytes:
    return b"data: %s\n\n" % json.dumps(of({"content": text})).encode()


def test_nothing_is_sent_before_it_is_entered(wire: Wire) -> None:
    url = sent(wire, of({"content": "a"}))
    with accord.Client(base_url=url) as client:
        manager = opened(client)
        assert not wire.requests
        with manager as stream:
            assert stream.until_done() is stream
    assert json.loads(wire.requests[0].body)["stream"] is True
