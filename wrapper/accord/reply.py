"""What `ask` gives: the answer without its wrapping."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from accord import formats
from accord.errors import UnparsedAnswerError
from accord.extras import extra
from accord.types import ChatCompletion, ChatCompletionMessage, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from accord.types import ChatCompletionChunk, ToolCall

__all__ = ["Piece", "Reply", "text_of", "turn_of"]

T = TypeVar("T")

_GIVEN_BACK = ("content", "refusal", "tool_calls")


@dataclass(frozen=True, slots=True)
class Piece:
    """What a chunk adds to a reply; prints as its text.

    Attributes:
        text: what is new, never empty.
        raw: the chunk.
    """

    text: str
    raw: ChatCompletionChunk = field(repr=False)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """The answer to a question; prints as its text. It can be pickled.

    Attributes:
        answers: every answer that the server gave: one, and one more for each round of tools.
        messages: the turns that came after the question, fit for a next request: the calls of
            tools, their results, and the answer.
        kind: the type that the text was asked to be a JSON value of; None for any text.
        base_url: whom the answers came from, without what may be secret.
    """

    answers: Sequence[ChatCompletion]
    messages: Sequence[dict[str, Any]]
    kind: type[T] | None
    base_url: str

    def __str__(self) -> str:
        return self.text

    @property
    def raw(self) -> ChatCompletion:
        """The last answer, whole."""
        return self.answers[-1]

    @property
    def text(self) -> str:
        """What the model says; "" when it says nothing, as when it calls tools."""
        return text_of(self._message.content)

    @property
    def refusal(self) -> str | None:
        """Why the model refuses to answer, when it does."""
        return self._message.refusal

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The calls that are left to you: of tools that were given without a function."""
        return self._message.tool_calls or []

    @property
    def finish_reason(self) -> str | None:
        """Why the answer ended: `stop`, `length`, `tool_calls`, `content_filter`."""
        return self.raw.choices[0].finish_reason if self.raw.choices else None

    @property
    def usage(self) -> Usage | None:
        """The tokens of all `answers` together; None when the server has not counted them all."""
        total: dict[str, Any] = {}
        for answer in self.answers:
            if not isinstance(answer.usage, Usage):
                return None
            _add(total, answer.usage.to_dict())
        return Usage.from_dict(total)

    @property
    def cost(self) -> Decimal | None:
        """What all `answers` together cost, in US dollars; None when that is not known.

        Raises:
            ImportError: the extra `cost` is not installed.
        """
        with extra("cost", "costs"):
            from accord.cost import price  # noqa: PLC0415 - takes a third of a second
        prices = [price(answer, self.base_url) for answer in self.answers]
        known = [price for price in prices if price is not None]
        return sum(known[1:], known[0]) if len(known) == len(prices) else None

    @property
    def parsed(self) -> T:
        """The answer as a value of the type that was given as `response_format`.

        None when none was given.

        Raises:
            UnparsedAnswerError: the text is no such value. The rest of the reply can be used.
        """
        if self.kind is None:
            return cast("T", None)  # which T is then
        if self.refusal:
            raise UnparsedAnswerError(f"the model refuses: {self.refusal}", completion=self.raw)
        return formats.read(self.text, self.kind, self.raw)

    @property
    def _message(self) -> ChatCompletionMessage:
        if self.raw.choices:
            return self.raw.choices[0].message
        return ChatCompletionMessage.from_dict({})


def text_of(content: Any) -> str:
    """Give a message's text: some servers send it in parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))


def turn_of(answer: ChatCompletion) -> dict[str, Any]:
    """Give an answer as one of the messages of the next request.

    What requests don't know, and strict servers refuse, is left out. Thoughts are given back
    where tools are called: servers that send them want them again there, and only there.
    """
    message = answer.choices[0].message.to_dict() if answer.choices else {}
    calls = message.get("tool_calls")
    names = (*_GIVEN_BACK, "reasoning_content") if calls else _GIVEN_BACK
    for place, call in enumerate(calls or ()):  # its result has to name it
        call["id"] = call.get("id") or f"call_{place}"
    said = {name: message[name] for name in names if message.get(name)}
    return {"role": message.get("role") or "assistant", **(said or {"content": ""})}


def _add(total: dict[str, Any], counts: dict[str, Any]) -> None:
    for name, count in counts.items():
        if isinstance(count, dict):
            _add(total.setdefault(name, {}), count)
        elif isinstance(count, int):
            total[name] = total.get(name, 0) + count
