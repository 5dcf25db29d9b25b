"""What the models and the calls have in common."""

from collections.abc import Mapping
from enum import Enum
from json import loads
from typing import Any, Final, Generic, Protocol, TypeVar

from attrs import define


class Unset(Enum):
    """The type of `UNSET`: an enum, so that it outlives `copy` and `pickle`."""

    UNSET = "UNSET"

    def __bool__(self) -> bool:
        """Unset is false, as null is."""
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""What a member of a model is when the JSON object does not have it. (Null is `None`.)"""


class Model(Protocol):
    """What all models can do."""

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Any:
        """Read a JSON object."""

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object."""


def read_member(
    data: Any, tag: str, kinds: Mapping[str, type[Model]], otherwise: type[Model]
) -> Any:
    """Read a member of a union by the string that tells its members apart.

    Args:
        data: What stands in the JSON. Anything but an object is given back as it is.
        tag: The name of the member that holds the string, such as `type`.
        kinds: The models, by that string.
        otherwise: The model for objects without the string, or with one that is not known.
    """
    if not isinstance(data, dict):
        return data
    name = data.get(tag)
    return (kinds.get(name, otherwise) if isinstance(name, str) else otherwise).from_dict(data)


def to_json(value: Any) -> Any:
    """Give the JSON for a value: models become objects, wherever they stand in lists and dicts."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, (dict, Mapping)):
        return to_object(value)
    return value.to_dict() if hasattr(value, "to_dict") else value


def to_object(members: Mapping[str, Any]) -> dict[str, Any]:
    """Give the JSON object with these members, without those that are UNSET."""
    return {name: to_json(member) for name, member in members.items() if member is not UNSET}


def read_object(content: bytes) -> dict[str, Any] | None:
    """Read the body of a response: None when it is no JSON object, such as the HTML of a proxy."""
    try:
        data = loads(content)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


T = TypeVar("T")


@define
class Response(Generic[T]):
    """The response to a request.

    Attributes:
        status_code: The HTTP status, whatever it is.
        content: The body as it came.
        headers: The headers; names in any case find them.
        parsed: The body as a model: the answer with status 200, an error with every other. None
            when the body is not a JSON object.
    """

    status_code: int
    content: bytes
    headers: Mapping[str, str]
    parsed: T | None


__all__ = [
    "UNSET",
    "Model",
    "Response",
    "Unset",
    "read_member",
    "read_object",
    "to_json",
    "to_object",
]
