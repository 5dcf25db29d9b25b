"""Mistakes: what in an invalid request does not fit the spec, in words and place by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import jsonschema_rs

from accord_contracts.fuzz.breach import gist, pattern
from accord_contracts.fuzz.cases import Case
from accord_contracts.reports.printable import printable

LONGEST: Final = 160
"""Characters of one mistake; values are repeated in it."""


@dataclass(frozen=True)
class Mistake:
    """One place of a request where the spec is broken."""

    pointer: str
    """The place as a JSON pointer into the body, with every index as `*`; "" where it is none."""
    words: str
    """What is wrong there: `/n: 0 is less than the minimum of 1`."""


def mistakes(case: Case) -> list[Mistake]:
    """What is wrong with a case, each place once; never empty for an invalid one.

    A body that fits leaves what schemathesis has made wrong: a path, a header, a query.
    """
    found: dict[str, Mistake] = {}
    for mistake in _in_body(case):
        found.setdefault(mistake.pointer, mistake)
    return list(found.values()) or [_elsewhere(case)]


def _in_body(case: Case) -> Iterator[Mistake]:
    if case.media_type is None or not _is_json(case.body):
        return
    body = case.operation.get_body_for_media_type(case.media_type)
    if body is None:
        return
    validator = jsonschema_rs.Draft202012Validator(body.raw_schema)
    for error in validator.iter_errors(case.body):
        place = "/".join(map(str, error.instance_path))
        missing = getattr(error.kind, "property", "")  # of what is required: say so of its place
        pointer = "/" + "/".join(filter(None, (place, str(missing) if missing else "")))
        where = "the body" if pointer == "/" else pointer
        yield Mistake(pattern(pointer), f"{where}: {printable(error.message, LONGEST)}")


def _is_json(body: Any) -> bool:
    return body is None or isinstance(body, dict | list | str | int | float)


def _elsewhere(case: Case) -> Mistake:
    data = case.meta.phase.data if case.meta else None
    described = getattr(data, "description", None) or "what schemathesis has made wrong"
    return Mistake(gist(described), printable(described, LONGEST))
