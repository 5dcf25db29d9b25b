"""Outlines: a JSON value on a few lines, opened along one pointer, with its place marked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from accord_contracts.reports.printable import printable

NEIGHBOURS: Final = 2
"""Members that are shown on each side of the one that the pointer goes through."""

UNMARKED: Final = 8
"""Members that are shown where no pointer says which of them matter."""

LONGEST: Final = 240
"""Characters of a member that is not opened."""


@dataclass(frozen=True)
class Line:
    """One line of an excerpt."""

    text: str
    marked: bool = False
    """Whether this is the place that a finding is about."""


def outline(value: Any, pointer: str | None) -> Iterator[Line]:
    """Write a JSON value so that what a pointer names is seen in its surroundings.

    Containers are opened along the pointer; all else stands on one line each, shortened, so the
    outline of a value of any size or depth is short.

    Args:
        value: a JSON value.
        pointer: what to mark (RFC 6901); None opens the value and marks nothing. Where it names
            nothing, the place where the member is missing is marked.
    """
    if pointer is None:
        yield from _opened(value, None, 0, "", marked=False)
    else:
        tokens = [t.replace("~1", "/").replace("~0", "~") for t in pointer.split("/")[1:]]
        yield from _along(value, tokens, 0, "")


def _along(value: Any, path: Sequence[str], depth: int, label: str) -> Iterator[Line]:
    if path and isinstance(value, dict | list):
        yield from _opened(value, path, depth, label, marked=False)
    else:
        yield from _opened(value, None, depth, label, marked=True)


def _opened(
    value: Any, path: Sequence[str] | None, depth: int, label: str, *, marked: bool
) -> Iterator[Line]:
    """A value over several lines where it is a container with something in it."""
    pad = "  " * depth
    if not isinstance(value, dict | list) or not (value or path):
        yield Line(pad + label + compact(value), marked)
        return
    start, end = "{}" if isinstance(value, dict) else "[]"
    yield Line(pad + label + start, marked)
    yield from _members(value, path, depth + 1)
    yield Line(pad + end)


def _members(
    value: dict[str, Any] | list[Any], path: Sequence[str] | None, depth: int
) -> Iterator[Line]:
    pad = "  " * depth
    keys = [str(key) for key in (value if isinstance(value, dict) else range(len(value)))]
    wanted = keys.index(path[0]) if path and path[0] in keys else None
    missing = path is not None and wanted is None
    shown = _window(len(keys), wanted)
    if shown.start:
        yield Line(f"{pad}… {shown.start} more")
    for position in shown:
        key = keys[position]
        child = value[key] if isinstance(value, dict) else value[position]
        label = f"{compact(key)}: " if isinstance(value, dict) else ""
        if path and position == wanted:
            yield from _along(child, path[1:], depth, label)
        else:
            yield Line(pad + label + compact(child))
    if shown.stop < len(keys):
        yield Line(f"{pad}… {len(keys) - shown.stop} more")
    if missing and path:
        yield Line(f"{pad}(no {compact(path[0])})", marked=True)


def _window(count: int, wanted: int | None) -> range:
    """Which of `count` members to show."""
    if wanted is None:
        return range(min(count, UNMARKED))
    return range(max(0, wanted - NEIGHBOURS), min(count, wanted + NEIGHBOURS + 1))


def compact(value: Any) -> str:
    """A JSON value on one line, shortened and printable."""
    try:
        return printable(json.dumps(value, ensure_ascii=False), LONGEST)
    except RecursionError:  # a hostile server nests deeper than Python counts
        return "{…}" if isinstance(value, dict) else "[…]"
