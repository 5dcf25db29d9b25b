"""Odd servers: what no fault is, because it is legal, or much too wrong to be one fault."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final

from accord_contracts.faults import Fault
from accord_contracts.selftest.trial import Bench
from accord_contracts.server import Call, Hook, Refusal, Reply
from accord_contracts.server.hooks import StreamEvent

PLAIN: Final = {"model", "prompt", "messages", "max_tokens", "temperature", "seed"}
"""What nobody can do without."""


class Refuses(Hook):
    """Refuses clearly whatever is optional."""

    def request(self, call: Call) -> None:
        if isinstance(call.body, dict) and (more := call.body.keys() - PLAIN):
            name = min(more)
            raise Refusal(400, f"{name} is not supported", param=name)


class Breaks(Hook):
    """Breaks down at whatever is optional."""

    def request(self, call: Call) -> None:
        if isinstance(call.body, dict) and call.body.keys() - PLAIN:
            raise Refusal(500, "Oh no", type="server_error")


class Ignores(Hook):
    """Heeds nothing that is optional but `stream`, and refuses nothing it can read."""

    def request(self, call: Call) -> None:
        if isinstance(call.body, dict) and call.endpoint in {"chat", "completions"}:
            kept = {name: call.body[name] for name in ("stream",) if call.body.get(name) is True}
            messages = [{"role": "user", "content": "Hello!"}]
            asked = {"messages": messages} if call.endpoint == "chat" else {"prompt": "Hello!"}
            call.body = {
                "model": "accord-small",
                "temperature": 0,
                "max_tokens": 12,
                **asked,
                **kept,
            }


class Varies(Hook):
    """Never says the same twice."""

    def request(self, call: Call) -> None:
        body = call.body if isinstance(call.body, dict) else {}
        if body.get("seed") == body.get("temperature") == 0:
            body |= {"temperature": 1, "seed": None}


class Terse(Hook):
    """Says the text, why it ends, and no more."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        if isinstance(reply.body, dict) and "choices" in reply.body:
            reply.body = _terse(reply.body)
        return reply

    async def events(
        self, call: Call, events: AsyncIterator[StreamEvent]
    ) -> AsyncIterator[StreamEvent]:
        async for event in events:
            yield _terse(event) if isinstance(event, dict) else event


def _terse(answer: dict[str, Any]) -> dict[str, Any]:
    kept = {"index", "text", "message", "delta", "finish_reason"}
    choices = answer.get("choices", [])
    return {"choices": [{n: c[n] for n in c if n in kept} for c in choices]}


class Mute(Hook):
    """Generates nothing, and is done at once."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        for choice in reply.body.get("choices", []) if isinstance(reply.body, dict) else []:
            _mute(choice, choice.get("message", choice))
        return reply

    async def events(
        self, call: Call, events: AsyncIterator[StreamEvent]
    ) -> AsyncIterator[StreamEvent]:
        async for event in events:
            for choice in event.get("choices", []) if isinstance(event, dict) else []:
                _mute(choice, choice.get("delta", choice))
            yield event


def _mute(choice: dict[str, Any], said: dict[str, Any]) -> None:
    said |= {name: "" for name in ("content", "text") if said.get(name)}
    choice["finish_reason"] = choice.get("finish_reason") and "stop"


def _more(call: Call) -> bool:
    """Whether a request has more than what nobody can do without."""
    return isinstance(call.body, dict) and bool(call.body.keys() - PLAIN - {"stream"})


@dataclass
class Edits(Hook):
    """Changes whole answers to requests for more than the plainest."""

    edit: Callable[[dict[str, Any]], None]

    def reply(self, call: Call, reply: Reply) -> Reply:
        if _more(call) and isinstance(reply.body, dict) and "choices" in reply.body:
            self.edit(reply.body)
        return reply


def says(before: str) -> Edits:
    """A server that says something before its texts."""

    def edit(answer: dict[str, Any]) -> None:
        for choice in answer["choices"]:
            said, name = choice.get("message", choice), "text" if "text" in choice else "content"
            said[name] = before + (said[name] or "")

    return Edits(edit)


def counts(by: int) -> Edits:
    """A server that counts more tokens than there are, or fewer."""

    def edit(answer: dict[str, Any]) -> None:
        for name in answer.get("usage") or {}:
            if isinstance(answer["usage"][name], int):
                answer["usage"][name] += by

    return Edits(edit)


def _twice(answer: dict[str, Any]) -> None:
    number = len(answer["choices"])
    answer["choices"] += [{**one, "index": one["index"] + number} for one in answer["choices"]]


ALL: Final = {
    "refuses": Refuses(),
    "breaks": Breaks(),
    "ignores": Ignores(),
    "varies": Varies(),
    "terse": Terse(),
    "mute": Mute(),
    "says more, early in the alphabet": says("!"),
    "says more, late in the alphabet": says("~ "),
    "counts one too many": counts(1),
    "counts one too few": counts(-1),
    "says all twice": Edits(_twice),
}


def verdicts(bench: Bench, name: str) -> dict[str, str]:
    """By rule: its verdict on an odd server, where that is not to pass."""
    trial = bench.hold([Fault(name, (), f"It is odd: {name}.", "asgi", ALL[name])], full=True)
    others = {rule: said.partition(",")[0] for rule, said in trial.undecided.items()}
    return dict.fromkeys(trial.fell, "fail") | others
