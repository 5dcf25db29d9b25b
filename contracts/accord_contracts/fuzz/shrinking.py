"""Shrinking: from a request that breaks a rule to a minimal one that still does, by Hypothesis.

Hypothesis looks for the simplest of all the requests that are left when parts of the first one
are taken away, or made simpler. So whatever a request was made of, it shrinks the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from accord_contracts.fuzz.cases import Case, again, is_valid

CAPS: Final = frozenset({"model", "max_tokens", "max_completion_tokens"})
"""What stays in every request that had it: answers without it are long, or there are none."""

TRIES: Final = 40
"""Requests that are tried at random before shrinking begins, or is given up."""

_KEPT: Final = st.integers(0, 7).map(bool)
"""Whether a part stays: mostly. Hypothesis thinks 0 the simplest, so it tries to do without."""


def shrink_case(case: Case, broken: Callable[[Case], bool], seed: int) -> None:
    """Look for the simplest case that is part of one, and that `broken` holds for.

    A valid one stays valid: what is found by it can't be put down to the request.

    Args:
        case: stays as it is.
        broken: sends a case, and says whether the rule is still broken.
        seed: as for `shrink`.
    """
    plain = _without_odd_headers(case)
    if plain.headers != case.headers and broken(plain):
        case = plain

    def fits_and_breaks(body: Any) -> bool:
        smaller = again(case, body)
        return (is_valid(smaller) or not is_valid(case)) and broken(smaller)

    if isinstance(case.body, dict | list):
        shrink(case.body, fits_and_breaks, seed)


def _without_odd_headers(case: Case) -> Case:
    """A case with no header but the key's: it would not be valid without that one."""
    plain = again(case)
    for name in set(plain.headers) - {"Authorization"}:
        del plain.headers[name]
    return plain


def shrink(body: Any, broken: Callable[[Any], bool], seed: int) -> None:
    """Look for the simplest body that is part of `body`, and that `broken` holds for.

    What is found is what `broken` was last true of; there may be nothing simpler.

    Args:
        body: a JSON value.
        broken: sends a body, and says whether the rule is still broken.
        seed: the same one leads to the same requests.
    """
    body = _halved(body, broken)
    quick = settings(
        max_examples=TRIES,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    try:
        find(parts(body), broken, settings=quick, random=Random(seed))  # noqa: S311 - repeats
    except NoSuchExample:
        return  # then the request is as small as it was found


def _halved(body: Any, broken: Callable[[Any], bool]) -> Any:
    """Without what a few tries can take away: halves of the members, then quarters, and so on.

    Where requests are short, this is what most of the shrinking is done by.
    """
    if not isinstance(body, dict):
        return body
    names = [name for name in body if name not in CAPS]
    size = (len(names) + 1) // 2
    while size:
        for start in range(0, len(names), size)[::-1]:
            less = {n: v for n, v in body.items() if n not in names[start : start + size]}
            if less != body and broken(less):
                body, names[start : start + size] = less, []
        size //= 2
    return body


def parts(value: Any) -> st.SearchStrategy[Any]:
    """JSON values that are left of one: with members or items away, and with simpler leaves."""
    return _top(value) if isinstance(value, dict) else _part(value)


def _top(body: dict[str, Any]) -> st.SearchStrategy[Any]:
    fixed = {name: value for name, value in body.items() if name in CAPS}
    rest = {name: value for name, value in body.items() if name not in CAPS}
    return _part(rest).map(lambda part: _in_order(body, {**fixed, **part}))


def _in_order(body: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    return {name: part[name] for name in body if name in part}


@st.composite
def _part(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: draw(_part(inner)) for name, inner in value.items() if draw(_KEPT)}
    if isinstance(value, list):
        return [draw(_part(inner)) for inner in value if draw(_KEPT)]
    simpler = [leaf for leaf in _simpler(value) if not _same(leaf, value)]
    # Mostly as it was: what breaks a rule is often the one odd value.
    return draw(st.sampled_from([*simpler, *[value] * (2 * len(simpler) + 1)]))


def _simpler(leaf: Any) -> Iterator[Any]:
    """Leaves to try in place of one, the simplest first."""
    if isinstance(leaf, str):
        yield from ("", "a", leaf[:1], leaf[: len(leaf) // 2], leaf[len(leaf) // 2 :])
    elif isinstance(leaf, bool):
        yield False
    elif isinstance(leaf, int | float):
        yield from (0, 1)


def _same(one: Any, other: Any) -> bool:
    """Whether two leaves are the same JSON: `1`, `1.0` and `true` are not."""
    return type(one) is type(other) and one == other
