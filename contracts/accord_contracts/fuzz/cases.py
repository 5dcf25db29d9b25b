"""Cases: where requests come from. schemathesis makes them, from the bundled spec."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest
from random import Random
from typing import Any, Final, NamedTuple, TypeAlias

import schemathesis
from hypothesis import strategies as st
from schemathesis.core import NOT_SET
from schemathesis.schemas import BaseSchema

from accord_contracts.fuzz import together
from accord_contracts.fuzz.contract import load
from accord_contracts.fuzz.sense import Sense
from accord_contracts.run import ENDPOINTS

MODES: Final = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)

Case: TypeAlias = schemathesis.Case[Any]
Strategy: TypeAlias = st.SearchStrategy[Case]


class Source(NamedTuple):
    """A strategy, and how much of a run it gets."""

    name: str
    weight: int
    strategy: Strategy


class Cases:
    """Makes cases for one target.

    Args:
        sense: makes the valid ones sensible.
        endpoints: of `models`, `chat`, `completions`: those that may be sent to.
    """

    def __init__(self, sense: Sense, endpoints: frozenset[str] = ENDPOINTS) -> None:
        self._sense = sense
        self._endpoints = endpoints
        self._schema = load(sense.model)
        self._small = load(sense.model, small=True)

    @property
    def boundary(self) -> tuple[Case, ...]:
        """Each parameter at its limits, just beyond, missing, of a wrong type; as they are made."""
        return tuple(case for case in _boundary(self._sense.model) if self._allows(case.path))

    def _allows(self, path: str) -> bool:
        """Whether an endpoint may be sent to; `models` is both the list and what it lists."""
        return path.split("/")[1] in self._endpoints

    def covering(self, random: Random) -> Iterator[Case]:
        """The boundary cases, ready to be sent.

        Args:
            random: shuffles them, and chooses which of the valid ones are streamed.
        """
        return (self._sensible((case, random.random() < 0.5)) for case in self._dealt(random))

    def _dealt(self, random: Random) -> Iterator[Case]:
        """The boundary cases, one of each parameter, then another of each, and so on."""
        hands: dict[tuple[object, ...], list[Case]] = {}
        for case in self.boundary:
            hands.setdefault(_parameter(case), []).append(case)
        order = list(hands.values())
        random.shuffle(order)
        for hand in order:
            random.shuffle(hand)
        for deal in zip_longest(*order):
            yield from (case for case in deal if case is not None)

    def sources(self) -> Iterator[Source]:
        """What draws cases at random: from examples, valid ones of two kinds, and invalid ones."""
        for operation in _operations(self._small):
            if not self._allows(operation.path):
                continue
            posts = operation.method == "post"
            examples = operation.get_strategies_from_examples()
            if examples:
                yield self._source("examples", 2 if posts else 1, st.one_of(examples))
            for mode in MODES:
                weight = (10 if mode.is_positive else 5) if posts else 1
                yield self._source(mode.value, weight, operation.as_strategy(generation_mode=mode))
            if posts:
                yield self._source("together", 10, self._together(operation.path))

    def _together(self, path: str) -> Strategy:
        """Valid cases whose parameters go together."""
        valid = next(c for c in self.boundary if is_valid(c) and c.path == path and c.body)
        bodies = together.bodies(path, self._sense.model)
        return bodies.map(lambda body: again(valid, body))

    def _source(self, name: str, weight: int, drawn: Strategy) -> Source:
        return Source(name, weight, st.tuples(drawn, st.booleans()).map(self._sensible))

    def _sensible(self, drawn: tuple[Case, bool]) -> Case:
        """A case, made sensible where it is valid. `drawn[1]`: streamed, or of a model known."""
        small, flag = drawn
        case = again(small, operation=self._schema[small.operation.path][small.operation.method])
        if not is_valid(case):
            return case
        if isinstance(case.body, dict):
            case.body = self._sense.make(case.path, case.body, streamed=flag)
        elif flag and "model" in case.path_parameters:
            case.path_parameters = {"model": self._sense.model}
        return case


@lru_cache(maxsize=4)
def _boundary(model: str) -> tuple[Case, ...]:
    """The boundary cases for one model; they take seconds to make."""
    schema = load(model, small=True)
    return tuple(
        case
        for operation in _operations(schema)
        for case in schema.iter_coverage_cases(
            operation, generation_modes=list(MODES), generation_config=schema.config.generation
        )
    )


def _parameter(case: Case) -> tuple[object, ...]:
    """What a boundary case is about: of which operation which parameter, and whether it is valid.

    schemathesis says it in words that begin with the parameter's path: `user: Incorrect type`.
    """
    described = case.meta.phase.data.description if case.meta else None
    name = re.split(r"\W", described or "", maxsplit=1)[0]
    return case.method, case.path, name, case.meta and case.meta.generation.mode


def _operations(schema: BaseSchema) -> Iterator[Any]:
    return (schema[path][method] for path in schema for method in schema[path])


def is_valid(case: Case) -> bool:
    """Whether a case fits the spec, as far as schemathesis can tell."""
    return bool(case.meta and case.meta.generation.mode.is_positive)


def again(case: Case, body: Any = NOT_SET, operation: Any = None) -> Case:
    """A copy of a case; schemathesis then sees for itself whether its body is valid.

    Args:
        case: stays as it is.
        body: in place of its own.
        operation: that of another schema, to judge by.
    """
    made: Case = schemathesis.Case(
        operation or case.operation,
        case.method,
        case.path,
        path_parameters=dict(case.path_parameters),
        headers=case.headers.copy(),
        query=dict(case.query),
        media_type=case.media_type,
        meta=copy.deepcopy(case.meta),
    )
    body = case.body if body is NOT_SET else body
    if body is not NOT_SET:
        made.body = copy.deepcopy(body)
    return made
