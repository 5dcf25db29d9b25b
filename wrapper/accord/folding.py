"""From the chunks of a stream to the object that the JSON answer would have been.

Nothing here reads or waits: give `fold` all chunks, or a `ChatFold` or `CompletionFold` one after
another, and take its `result` at any time.

- Choices are told apart by their `index` (by their place, where a server leaves it out).
- What a delta adds: texts are joined, lists extended, objects merged member by member, those
  included that the contract does not know, such as `reasoning_content`. An id, a name, a role and
  a type are said once: what comes again changes nothing.
- Tool calls are told apart by their `index`; by their id where a server numbers none, or all of
  them 0.
- All else, such as `usage` and `finish_reason`: the last that is neither null nor empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accord.types import ChatCompletion, ChatCompletionChunk, Completion, CompletionChunk

__all__ = ["ChatFold", "CompletionFold", "Fold", "fold"]

JSON = dict[str, Any]
T = TypeVar("T")

_SAID_ONCE: Final = frozenset({"id", "name", "role", "type", "format"})
_FIRST: Final = frozenset({"id", "created", "model"})  # a server's keep-alives have their own
_OF_CHUNKS: Final = frozenset({"object", "choices", "obfuscation"})
_OF_CHOICES: Final = frozenset({"index", "delta", "message", "text", "logprobs", "usage"})


class Fold(Generic[T]):
    """An answer in the making: a `ChatFold` or a `CompletionFold`."""

    _of_chunk: ClassVar[str]

    def __init__(self) -> None:
        self._members: JSON = {}
        self._choices: dict[int, JSON] = {}
        self._settled = _OF_CHUNKS
        self._usage: Any = None  # some servers give it inside a choice

    def add(self, chunk: Mapping[str, Any] | ChatCompletionChunk | CompletionChunk) -> None:
        """Take the next chunk: an object of `accord.types`, or JSON as the server sent it."""
        data = chunk if isinstance(chunk, dict) else chunk.to_dict()  # type: ignore[union-attr]
        try:
            self._add(data)
        except RecursionError:  # nested as no answer is: by who means harm
            return

    def result(self) -> T:
        """Give the answer as far as it has come; more may be added."""
        answer: JSON = {"id": None, "created": None, "model": None, "usage": self._usage}
        answer |= self._members
        answer["choices"] = [self._choice(self._choices[i]) for i in sorted(self._choices)]
        return self._read(answer)

    def chunk_of(self, answer: JSON) -> JSON:
        """Give the one chunk that makes up a JSON answer."""
        choices = [self._piece_of(choice) for choice in _objects(answer.get("choices"))]
        return {**answer, "object": self._of_chunk, "choices": choices}

    def _add(self, data: Mapping[str, Any]) -> None:
        settled = self._settled
        for name, value in data.items():
            if name not in settled and (value or _says(value)):
                self._members[name] = value
                if value and name in _FIRST:
                    self._settled |= {name}
        for place, piece in enumerate(_objects(data.get("choices"))):
            self._add_choice(place, piece)

    def _add_choice(self, place: int, piece: JSON) -> None:
        index = piece.get("index")
        index = index if isinstance(index, int) else place
        choice = self._choices.get(index)
        if choice is None:
            choice = _Members(index=index, logprobs=None, finish_reason=None)
            self._choices[index] = choice
        for name, value in piece.items():
            if value is None:  # most of what most chunks have
                continue
            if name not in _OF_CHOICES:
                if value or _says(value):
                    choice[name] = value
            elif value and name == "logprobs":
                _merge(choice, name, value)
            elif value and name == "usage":
                self._usage = value
        self._add_delta(choice, piece)

    def _add_delta(self, choice: JSON, piece: JSON) -> None:
        raise NotImplementedError

    def _piece_of(self, choice: JSON) -> JSON:
        raise NotImplementedError

    def _choice(self, choice: JSON) -> JSON:
        raise NotImplementedError

    def _read(self, answer: JSON) -> T:
        raise NotImplementedError


class ChatFold(Fold["ChatCompletion"]):
    """The answer to a conversation, in the making."""

    _of_chunk = "chat.completion.chunk"

    def _piece_of(self, choice: JSON) -> JSON:
        message = choice.get("message")
        delta = dict(message) if isinstance(message, dict) else {}
        if delta.get("tool_calls"):
            calls = enumerate(_objects(delta["tool_calls"]))
            delta["tool_calls"] = [{**call, "index": index} for index, call in calls]
        return {name: value for name, value in choice.items() if name != "message"} | {
            "delta": delta
        }

    def _add_delta(self, choice: JSON, piece: JSON) -> None:
        message = choice.get("message")
        if message is None:
            message = choice["message"] = _Members()
        delta = piece["delta"] if "delta" in piece else piece.get("message")
        if not isinstance(delta, dict):
            return
        for name, value in delta.items():
            text = message.get(name)
            if isinstance(text, _Text) and isinstance(value, str):  # what nearly all deltas are
                text.pieces.append(value)
            elif name == "tool_calls":
                calls = message.setdefault("tool_calls", _Calls())
                for entry in _objects(value):
                    calls.add(entry)
            else:
                _merge(message, name, value)

    def _choice(self, choice: JSON) -> JSON:
        message = _finished(choice["message"])
        if not message.get("tool_calls", True):
            del message["tool_calls"]
        message = {"content": None, "refusal": None} | message
        message["role"] = message.get("role") or "assistant"
        return {**_finished(choice), "message": message}

    def _read(self, answer: JSON) -> ChatCompletion:
        from accord.types import ChatCompletion  # noqa: PLC0415 - as in `accord.operations`

        return ChatCompletion.from_dict({**answer, "object": "chat.completion"})


class CompletionFold(Fold["Completion"]):
    """The completions of prompts, in the making."""

    _of_chunk = "text_completion"

    def _piece_of(self, choice: JSON) -> JSON:
        return choice

    def _add_delta(self, choice: JSON, piece: JSON) -> None:
        _merge(choice, "text", piece.get("text") or "")

    def _choice(self, choice: JSON) -> JSON:
        finished: JSON = _finished(choice)
        return finished

    def _read(self, answer: JSON) -> Completion:
        from accord.types import Completion  # noqa: PLC0415 - as in `accord.operations`

        return Completion.from_dict({**answer, "object": "text_completion"})


@overload
def fold(chunks: Iterable[ChatCompletionChunk]) -> ChatCompletion: ...
@overload
def fold(chunks: Iterable[CompletionChunk]) -> Completion: ...
def fold(
    chunks: Iterable[ChatCompletionChunk] | Iterable[CompletionChunk],
) -> ChatCompletion | Completion:
    """Give the answer that all chunks of a stream make up.

    Raises:
        ValueError: there is no chunk.
    """
    from accord.types import ChatCompletionChunk  # noqa: PLC0415 - as in `accord.operations`

    answer: ChatFold | CompletionFold | None = None
    for chunk in chunks:
        if answer is None:
            answer = ChatFold() if isinstance(chunk, ChatCompletionChunk) else CompletionFold()
        answer.add(chunk)
    if answer is None:
        raise ValueError("there is no chunk to make an answer of")
    return answer.result()


# ------------------------------------------------------------------------------------- tool calls


class _Calls:
    """The tool calls of one message."""

    def __init__(self) -> None:
        self._calls: list[tuple[int, JSON]] = []

    def add(self, entry: JSON) -> None:
        """Take what a delta says of one call."""
        call = self._find(entry)
        if call is None:
            index, call = entry.get("index"), _Members()
            self._calls.append((index if isinstance(index, int) else len(self._calls), call))
        for name, value in entry.items():
            if name != "index":  # JSON answers count by the place
                _merge(call, name, value)

    def finished(self) -> list[JSON]:
        """Give the calls in order."""
        in_order = sorted(self._calls, key=lambda numbered: numbered[0])
        return [_with_type(_finished(call)) for _, call in in_order]

    def _find(self, entry: JSON) -> JSON | None:
        """Find the call that an entry goes on with; None when it begins one."""
        index, id_, named = entry.get("index"), entry.get("id"), _is_named(entry)
        if isinstance(index, int):
            call = next((call for i, call in reversed(self._calls) if i == index), None)
            is_other = call and named and id_ and call.get("id") not in (None, "", id_)
            return None if is_other else call
        for _, call in self._calls:
            if id_ and call.get("id") == id_:
                return call
        return self._calls[-1][1] if self._calls and not named else None


def _is_named(entry: JSON) -> bool:
    return any(isinstance(called, dict) and called.get("name") for called in entry.values())


def _with_type(call: JSON) -> JSON:
    return {**call, "type": call.get("type") or ("custom" if "custom" in call else "function")}


# ---------------------------------------------------------------------------------------- merging


class _Text:
    """A text in the making; its pieces are joined at the end, so long ones take linear time."""

    __slots__ = ("pieces",)

    def __init__(self, *pieces: str) -> None:
        self.pieces = list(pieces)


class _Items(list[Any]):
    """A list of our own, which may grow; those of the chunks may not."""


class _Members(dict[str, Any]):
    """An object of our own; those of the chunks stay as they are."""


def _merge(target: JSON, name: str, value: Any) -> None:
    """Add what a delta says to a member; the delta itself stays as it is."""
    old = target.get(name)
    if isinstance(old, _Text) and isinstance(value, str):
        old.pieces.append(value)
    elif not _says(value):
        target[name] = value if old is None else old
    elif not _says(old):
        target[name] = value
    elif isinstance(value, str) and isinstance(old, str):
        target[name] = old if name in _SAID_ONCE else _Text(old, value)
    elif isinstance(value, dict) and isinstance(old, dict):
        target[name] = _merged(old, value)
    elif isinstance(value, list) and isinstance(old, list):
        target[name] = _extended(old, value)
    elif name == "content" and isinstance(value, (str, list)):
        target[name] = _extended(_as_parts(old), _as_parts(value))
    else:
        target[name] = value


def _merged(old: JSON, new: JSON) -> _Members:
    merged = _Members(old)
    for name, value in new.items():
        _merge(merged, name, value)
    return merged


def _extended(old: list[Any], new: list[Any]) -> _Items:
    """Add items at the end; those with an `index` go to the item that has it already."""
    items = old if isinstance(old, _Items) else _Items(old)
    for item in new:
        place = _place(items, item)
        if place is None:
            items.append(item)
        else:
            items[place] = _merged(items[place], item)
    return items


def _place(items: list[Any], item: Any) -> int | None:
    if not isinstance(item, dict) or not isinstance(item.get("index"), int):
        return None
    same = (i for i, one in enumerate(items) if isinstance(one, dict))
    return next((i for i in same if items[i].get("index") == item["index"]), None)


def _as_parts(content: Any) -> list[Any]:
    """Give a content as parts, of which some servers make it when there is more than text."""
    text = _finished(content)
    return text if isinstance(text, list) else [{"type": "text", "text": text}]


def _finished(value: Any) -> Any:
    """Give JSON for what was in the making; what came in one piece is JSON already."""
    if isinstance(value, _Text):
        return "".join(value.pieces)
    if isinstance(value, _Calls):
        return value.finished()
    if isinstance(value, _Members):
        return {name: _finished(inner) for name, inner in value.items()}
    if isinstance(value, _Items):
        return [_finished(inner) for inner in value]
    return value


def _says(value: Any) -> bool:
    """Whether a member says anything: not null, and not empty."""
    return bool(value) or isinstance(value, (bool, int, float))


def _objects(value: Any) -> list[JSON]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
