"""JSON objects that servers sent, as Python objects.

The classes in `accord.types` only declare their members; how an object is read is written here,
once. A class declares a member as the contract has it: `usage: Usage | None` where a server may
leave it out, `model: str` where it may not. Reading tolerates every deviation:

- a member that is missing is None, whatever it was declared as;
- a list or an object that was declared as always there, and is missing or of another kind, is
  empty, so that `for choice in chunk.choices` holds on every chunk;
- a value of an undeclared kind stays as it came;
- a member that the contract does not know is an attribute too, such as `reasoning_content`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from inspect import get_annotations
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Self, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    Read = Callable[[Any], Any]
    Readers = list[tuple[str, Read]]

__all__ = ["Answer", "Http", "keep_http"]


@dataclass(frozen=True, slots=True)
class Http:
    """An answer as it came.

    Attributes:
        status: its status.
        headers: its headers; their names may be written in capitals or not.
        content: the bytes of its body.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def request_id(self) -> str | None:
        """`x-request-id`, for the server's operators."""
        return self.headers.get("x-request-id")

    @property
    def status_code(self) -> int:
        """`status`, by httpx's name."""
        return self.status

    @property
    def text(self) -> str:
        """The body as text, which JSON has in UTF-8."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """Give the body as JSON.

        Raises:
            ValueError: it is not JSON.
        """
        return json.loads(self.content)


class Answer:
    """A JSON object that a server sent; its members are the attributes."""

    __slots__ = ("_http",)

    _members: ClassVar[frozenset[str]] = frozenset()
    _optional: ClassVar[Readers] = []
    _always: ClassVar[Readers] = []

    def __init_subclass__(cls) -> None:
        """Derive from the declarations how members that hold objects are read."""
        hints = get_annotations(cls, eval_str=True)
        cls._members = cls._members.union(hints)
        cls._optional, cls._always = [*cls._optional], [*cls._always]
        for name, hint in hints.items():
            kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
            required = NoneType not in kinds
            reader = _reader(kinds[0], required=required)
            if reader is not None:
                (cls._always if required else cls._optional).append((name, reader))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read a JSON object, and those inside it."""
        answer = cls()
        members = answer.__dict__
        members.update(data)
        for name, read in cls._optional:
            value = members.get(name)
            if value is not None:
                members[name] = read(value)
        for name, read in cls._always:
            members[name] = read(members.get(name))
        return answer

    @property
    def http(self) -> Http | None:
        """The HTTP answer that this was the body of; None for a part of it, or of a stream."""
        return getattr(self, "_http", None)

    @property
    def _request_id(self) -> str | None:
        """By the name that the OpenAI SDK has for it."""
        return self.http.request_id if self.http else None

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object, with the members that came."""
        return {name: _to_json(value) for name, value in self.__dict__.items()}

    def to_json(self, *, indent: int | None = None) -> str:
        """Give the JSON object as text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    def model_dump(
        self, *, mode: str = "json", exclude_none: bool = False, exclude_unset: bool = True
    ) -> dict[str, Any]:
        """Give what `to_dict` does, by the name and with the arguments that pydantic has for it.

        Args:
            mode: all of them are JSON here.
            exclude_none: whether to leave out members that are None.
            exclude_unset: members that did not come are always left out.
        """
        data = self.to_dict()
        return _without_none(data) if exclude_none else data

    def model_dump_json(
        self,
        *,
        indent: int | None = None,
        exclude_none: bool = False,
        exclude_unset: bool = True,
    ) -> str:
        """Give what `model_dump` does as text."""
        data = self.model_dump(exclude_none=exclude_none)
        return json.dumps(data, ensure_ascii=False, indent=indent)

    if not TYPE_CHECKING:  # so that type checkers see misspelt names

        def __getattr__(self, name: str) -> Any:
            """Give None for a declared member that the server left out."""
            if name in type(self)._members:  # noqa: SLF001 - our own; a JSON member can't shadow it
                return None
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    __hash__ = None  # type: ignore[assignment]  # mutable, like a dict

    def __repr__(self) -> str:
        members = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({members})"


def keep_http(answer: Any, response: httpx.Response) -> None:
    """Note which response an answer was read from."""
    answer._http = Http(response.status_code, response.headers, response.content)  # noqa: SLF001


def _reader(kind: Any, *, required: bool) -> Read | None:
    if get_origin(kind) is list:
        (item,) = get_args(kind)
        return _list_reader(item.from_dict, required=required) if _is_answer(item) else None
    return _object_reader(kind.from_dict, required=required) if _is_answer(kind) else None


def _is_answer(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Answer)


def _object_reader(read: Read, *, required: bool) -> Read:
    def read_object(value: Any) -> Any:
        if isinstance(value, dict):
            return read(value)
        return read({}) if required else value

    return read_object


def _list_reader(read: Read, *, required: bool) -> Read:
    def read_list(value: Any) -> Any:
        if isinstance(value, list):
            return [read(item) for item in value if isinstance(item, dict)]
        return [] if required else value

    return read_list


def _to_json(value: Any) -> Any:
    if isinstance(value, Answer):
        return Answer.to_dict(value)
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    return value


def _without_none(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _without_none(value) for name, value in data.items() if value is not None}
    return [_without_none(item) for item in data] if isinstance(data, list) else data
