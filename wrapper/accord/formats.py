"""`response_format`, as a type or as requests have it; and the texts that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from accord.errors import Facts, LengthFinishReasonError, UnparsedAnswerError
from accord.extras import extra

if TYPE_CHECKING:
    from accord.params import JsonObject
    from accord.types import ChatCompletion

__all__ = ["kind_of", "parameter", "read"]

T = TypeVar("T")

_HINT: Final = (
    "Not every server keeps to response_format. What it said is in the error's completion."
)


def kind_of(given: type[T] | JsonObject | None) -> type[T] | None:
    """Give the type, when it is one; such as `list[int]` is one, too."""
    kind: Any = given
    is_parameter = isinstance(kind, Mapping) or hasattr(kind, "to_dict")
    return None if is_parameter and not isinstance(kind, type) else kind


def parameter(given: type[Any] | JsonObject | None) -> dict[str, Any]:
    """Give the parameter of a request by its name; nothing when nothing was given.

    Raises:
        ImportError: a type needs the extra `structured`.
        TypeError: the type has no JSON form, or it is none.
    """
    if isinstance(given, str):
        raise TypeError(f"response_format is a type, or an object as requests have it: {given!r}")
    kind = kind_of(given)
    if kind is None:
        return {} if given is None else {"response_format": given}
    with extra("structured", "structured answers"):
        from accord.shapes import response_format  # noqa: PLC0415 - brings msgspec

    return {"response_format": response_format(kind)}


def read(text: str, kind: type[T], answer: ChatCompletion) -> T:
    """Read the text of an answer as a value of the type that it was asked for.

    Raises:
        LengthFinishReasonError: it is none, and was cut off.
        UnparsedAnswerError: it is none. The message says where.
    """
    from accord.shapes import read_json  # noqa: PLC0415 - imported when it was asked for

    try:
        return read_json(text, kind)
    except ValueError as error:
        name = getattr(kind, "__name__", repr(kind))
        if any(choice.finish_reason == "length" for choice in answer.choices):
            why = f"the answer is no {name}; it was cut off: {error}"
            raise LengthFinishReasonError(why, completion=answer) from error
        why = f"the answer is no {name}: {error}"
        raise UnparsedAnswerError(why, Facts(hint=_HINT), completion=answer) from error
