"""Conversations: what was said, kept for the next question."""

from __future__ import annotations

import json
import os
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar, Unpack

from accord.asking import Arguments, messages_of
from accord.asks import Asks, AsyncAsks
from accord.async_client import AsyncClient
from accord.client import Client

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.asking import Plan
    from accord.asks import Question, Tools
    from accord.params import AskArguments, JsonObject
    from accord.reply import Reply

__all__ = ["AsyncConversation", "Conversation"]

C = TypeVar("C")
T = TypeVar("T")

_VERSION: Final = "accord_conversation"


class _Conversation(Generic[C]):
    """What both kinds of conversation have: see `Conversation`."""

    def __init__(
        self,
        client: C,
        *,
        model: str | None = None,
        system: str | None = None,
        messages: Sequence[JsonObject] = (),
        tools: Tools | None = None,
        **params: Unpack[AskArguments],
    ) -> None:
        self.model = model
        opening = [] if system is None else [{"role": "system", "content": system}]
        self.messages: list[JsonObject] = [*opening, *messages]
        self._client = client
        self._tools = list(tools or ())
        self._params = params

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        client: C,
        *,
        tools: Tools | None = None,
        **params: Unpack[AskArguments],
    ) -> Self:
        """Go on with a conversation that `save` has written.

        Args:
            path: of the file.
            client: who asks.
            tools: for every question: see `ask`.
            **params: for every question: see `accord.params.AskArguments`.

        Raises:
            OSError: the file can't be read.
            ValueError: it holds no conversation.
        """
        model, messages = _read(Path(path))
        return cls(client, model=model, messages=messages, tools=tools, **params)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(model={self.model!r}, {len(self.messages)} messages)"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write model and messages to a file, as JSON. Tools and other arguments are not saved.

        Raises:
            OSError: the file can't be written. What was there before is still there.
            TypeError: a message is not JSON.
        """
        data = {_VERSION: 1, "model": self.model, "messages": self.messages}
        text = json.dumps(data, ensure_ascii=False, indent=2, default=_as_json)
        unfinished = Path(f"{os.fspath(path)}.{os.getpid()}.tmp")
        unfinished.write_text(f"{text}\n", encoding="utf-8")
        unfinished.replace(path)

    def branch(self) -> Self:
        """Give a copy that goes its own way."""
        messages = deepcopy(self.messages)
        tools, params = self._tools, self._params
        return type(self)(self._client, model=self.model, messages=messages, tools=tools, **params)

    def _plan(self, question: Question, given: Arguments[T]) -> tuple[C, Plan[Reply[T]]]:
        asked = messages_of(question)
        client: Any = self._client  # one of the two that have such plans
        _, answering = client._plan([*self.messages, *asked], self._filled(given))  # noqa: SLF001
        return self._client, self._kept(asked, answering)

    def _filled(self, given: Arguments[T]) -> Arguments[T]:
        """Fill in what a question leaves open."""
        return Arguments(
            given.model or self.model,
            self._tools if given.tools is None else given.tools,
            given.response_format,
            given.max_rounds,
            {**self._params, **given.params},
        )

    def _kept(self, asked: list[JsonObject], answering: Plan[Reply[T]]) -> Plan[Reply[T]]:
        """Keep a question and what came of it, once that is whole."""
        reply = yield from answering
        self.messages += [*asked, *reply.messages]
        return reply


class Conversation(_Conversation[Client], Asks):
    """A conversation with one server. Each `ask` goes on where the last one ended.

    A question that fails, or whose stream is not read to its end, leaves no trace.

    Args:
        client: who asks. It is not closed.
        model: who is asked; else `OPENAI_MODEL`, else the only model that the server has.
        system: how the model is to behave.
        messages: what has been said before.
        tools: for every question: see `ask`.
        **params: for every question: see `accord.params.AskArguments`.

    Attributes:
        model: as above.
        messages: what has been said, as requests have it. It may be edited between questions.
    """


class AsyncConversation(_Conversation[AsyncClient], AsyncAsks):
    """A `Conversation` of an `AsyncClient`: its `ask` is awaited, all else is the same."""


def _read(path: Path) -> tuple[str | None, list[JsonObject]]:
    data = json.loads(path.read_text(encoding="utf-8"))
    messages = data.get("messages") if isinstance(data, dict) else None
    if not isinstance(messages, list) or data.get(_VERSION) != 1:
        raise ValueError(f"{path} holds no conversation that this version can read")
    return data.get("model"), messages


def _as_json(value: Any) -> Any:
    if hasattr(value, "to_dict"):
        return value.to_dict()
    raise TypeError(f"{type(value).__name__} is not JSON")
