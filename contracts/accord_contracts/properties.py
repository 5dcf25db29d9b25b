"""Metamorphic properties: what must not change between two requests, whatever is in them.

    pytest --pyargs accord_contracts.properties --accord-url http://127.0.0.1:8000/v1

Hypothesis makes up the texts; each property asks in two ways, and compares what the server says.
None of them needs to know what a model says, but all need a server that repeats itself, and skip
one that does not. The same server is asked the same each time. Needs the extra `properties`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from accord_contracts import strategies
from accord_contracts.ask import BUSY
from accord_contracts.exchange import Exchange, Request
from accord_contracts.kinds import STREAMS
from accord_contracts.peer import Peer
from accord_contracts.pytest_plugin import key_for
from accord_contracts.requests import JSON_TYPE
from accord_contracts.server import ReferenceServer
from accord_contracts.target import Target
from accord_contracts.views import Answer

EXAMPLES: Final = 12
"""How many pairs of requests each property sends."""

Check = Callable[[Peer, str, Any], None]


def again_the_same(examples: int, *, shrink: bool, **more: Any) -> settings:
    """Settings for Hypothesis that ask a server the same each time, however slow it is.

    Args:
        examples: how many.
        shrink: look for the smallest example that fails.
        more: further settings.
    """
    return settings(
        max_examples=examples,
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )


class Broken(AssertionError):  # noqa: N818 - it reads as what it is
    """A property does not hold. The message has both requests, to be sent again."""


class Property(NamedTuple):
    """One property.

    Attributes:
        name: reads as what holds: `stream-is-json`.
        endpoints: of `chat` and `completions`: where it can be asked for.
        cases: what is made up for each example.
        check: asks a server about one example; raises `Broken`.
        summary: in one sentence.
    """

    name: str
    endpoints: tuple[str, ...]
    cases: SearchStrategy[Any]
    check: Check
    summary: str

    def hold(
        self, peer: Peer, endpoint: str, *, examples: int = EXAMPLES, shrink: bool = True
    ) -> None:
        """See that the property holds on a server, for as many examples as are wanted.

        Args:
            peer: the server, known to repeat itself.
            endpoint: one of the property's.
            examples: how many.
            shrink: look for the smallest example that fails.

        Raises:
            Broken: it does not hold.
        """

        @again_the_same(examples, shrink=shrink)
        @given(self.cases)
        def holds(case: Any) -> None:
            self.check(peer, endpoint, case)

        holds()


PROPERTIES: Final[dict[str, Property]] = {}
"""All properties by name."""

BOTH: Final = ("chat", "completions")


def prop(
    name: str, cases: SearchStrategy[Any], endpoints: tuple[str, ...] = BOTH
) -> Callable[[Check], Check]:
    """Make a function over one example a property."""

    def wrap(check: Check) -> Check:
        summary = " ".join((check.__doc__ or "").split())
        PROPERTIES[name] = Property(name, endpoints, cases, check, summary)
        return check

    return wrap


# ------------------------------------------------------------------------------------- comparing


def said(exchange: Exchange) -> list[tuple[str, Any]]:
    """Text and finish reason of each choice, by index, of an answer in either form."""
    stream = STREAMS.see(exchange)
    if stream:
        return list(zip(stream.texts, stream.finish_reasons, strict=True))
    answer = Answer(exchange)
    found = zip(answer.choices, answer.texts, answer.finish_reasons, strict=True)
    order = sorted(found, key=lambda one: str(one[0].get("index")).rjust(4))
    return [(text, reason) for _, text, reason in order]


def agree(
    peer: Peer,
    first: Request,
    *others: Request,
    by: Callable[..., bool] = lambda one, other: bool(one == other),
    accepted: bool = False,
) -> None:
    """Ask in several ways, and see that what is said fits together.

    What does not fit is asked for once more: some servers repeat themselves nearly always.

    Args:
        peer: the server.
        first: one way to ask. Where it is refused, the example says nothing.
        others: the other ways.
        by: what must be true of what was said, `said` of each in turn.
        accepted: whether the others must be accepted where the first one is. Without it they may
            be refused with a 4xx, and the example says nothing.

    Raises:
        Broken: it was not true, twice.
    """
    for _ in range(2):
        answers = [peer.ask(request) for request in (first, *others)]
        assume(answers[0].ok)
        fine = all(answer.ok for answer in answers)
        assume(fine or accepted or not all(map(considered, answers)))
        if fine and by(*map(said, answers)):
            return
    shown = [f"{peer.target.curl(each.request)}\n  {_shown(each)}" for each in answers]
    raise Broken("these do not fit together:\n" + "\n".join(shown))


def considered(exchange: Exchange) -> bool:
    """Whether a server has answered, or refused with a 4xx; else it failed."""
    busy = exchange.status in BUSY
    return busy or (exchange.status is not None and exchange.status < 500)


def _shown(exchange: Exchange) -> str:
    return repr(said(exchange)) if exchange.ok else exchange.outcome


def texts_of(peer: Peer, request: Request) -> list[str]:
    """What is said to a request; an example that is refused says nothing."""
    exchange = peer.ask(request)
    assume(exchange.ok)
    return [text for text, _ in said(exchange)]


# ------------------------------------------------------------------------------------ properties


@prop("stream-is-json", strategies.texts())
def stream_is_json(peer: Peer, endpoint: str, text: str) -> None:
    """A stream says what JSON says, and ends for the same reason."""
    whole = peer.make.text(endpoint, text)
    agree(peer, whole, peer.make.text(endpoint, text, stream=True))


@prop("n-choices", st.tuples(strategies.texts(), st.integers(2, 4)))
def n_choices(peer: Peer, endpoint: str, case: tuple[str, int]) -> None:
    """With `n`, there are n choices, and the first is the one that comes alone."""
    text, n = case
    alone, several = peer.make.text(endpoint, text), peer.make.text(endpoint, text, n=n)
    agree(peer, alone, several, by=lambda one, many: len(many) == n and many[0] == one[0])


@prop(
    "prompt-list-is-each-alone",
    st.lists(strategies.texts(), min_size=2, max_size=3),
    ("completions",),
)
def prompt_list_is_each_alone(peer: Peer, _: str, texts: list[str]) -> None:
    """A list of prompts is answered as each of them is alone, in their order."""
    alone = [peer.make.completion(text) for text in texts]
    listed = peer.make.completion(texts)
    agree(peer, listed, *alone, by=lambda all_, *each: all_ == [one[0] for one in each])


@prop("larger-cap-extends", st.tuples(strategies.texts(), st.integers(1, 6), st.integers(1, 6)))
def larger_cap_extends(peer: Peer, endpoint: str, case: tuple[str, int, int]) -> None:
    """At temperature 0, a larger cap goes on where a smaller one stopped."""
    text, cap, more = case
    small, large = (peer.make.capped(endpoint, size, text) for size in (cap, cap + more))
    agree(peer, small, large, by=lambda a, b: b[0][0].startswith(a[0][0].rstrip("\ufffd")))


@prop("stop-cuts-the-answer", st.tuples(strategies.texts(), st.data()))
def stop_cuts_the_answer(peer: Peer, endpoint: str, case: tuple[str, st.DataObject]) -> None:
    """An answer with `stop` is the one without, up to where that first has the stop text."""
    text, data = case
    plain = peer.make.text(endpoint, text)
    answer = next(iter(texts_of(peer, plain)), "")
    assume(answer)
    stop = data.draw(strategies.stops_of(answer))
    stopped = peer.make.text(endpoint, text, stop=stop)
    agree(peer, plain, stopped, by=lambda a, b: b[0] == (a[0][0].partition(stop)[0], "stop"))


@prop("echo-is-prompt-and-answer", strategies.texts(), ("completions",))
def echo_is_prompt_and_answer(peer: Peer, _: str, text: str) -> None:
    """With `echo`, the text is the prompt followed by the answer."""
    plain, echoed = peer.make.completion(text), peer.make.completion(text, echo=True)
    agree(peer, plain, echoed, by=lambda a, b: b[0][0] == text + a[0][0])


@prop("string-is-one-part", strategies.texts(), ("chat",))
def string_is_one_part(peer: Peer, _: str, text: str) -> None:
    """A message whose content is one text part is answered as with the text itself."""
    parts = [{"role": "user", "content": [{"type": "text", "text": text}]}]
    agree(peer, peer.make.text("chat", text), peer.make.chat(parts))


_NULLABLE: Final = (
    "frequency_penalty", "logit_bias", "logprobs", "n", "presence_penalty", "stop", "stream",
    "stream_options", "top_p",
)  # fmt: skip


@prop(
    "null-is-absent", st.tuples(strategies.texts(), st.sets(st.sampled_from(_NULLABLE), min_size=1))
)
def null_is_absent(peer: Peer, endpoint: str, case: tuple[str, set[str]]) -> None:
    """A parameter that may be null, and is, changes nothing."""
    text, names = case
    nulls: dict[str, Any] = dict.fromkeys(sorted(names))
    agree(peer, peer.make.text(endpoint, text), peer.make.text(endpoint, text, **nulls))


@prop("unknown-members-change-nothing", st.tuples(strategies.texts(), strategies.unknown_members()))
def unknown_members_change_nothing(peer: Peer, endpoint: str, case: tuple[str, Any]) -> None:
    """A member that nobody knows is refused or ignored: it changes no answer."""
    text, unknown = case
    agree(peer, peer.make.text(endpoint, text), peer.make.text(endpoint, text, **unknown))


@prop("spelling-of-json-changes-nothing", st.tuples(strategies.texts(), st.data()))
def spelling_of_json_changes_nothing(
    peer: Peer, endpoint: str, case: tuple[str, st.DataObject]
) -> None:
    """The order of members, white space and escapes in a body change nothing."""
    text, data = case
    plain = peer.make.text(endpoint, text)
    body = data.draw(strategies.encodings(plain.json))
    agree(peer, plain, peer.make.raw(plain.path, body, JSON_TYPE), accepted=True)


# ------------------------------------------------------------------------------------- for pytest


@pytest.fixture(scope="module")
def accord_peer(pytestconfig: pytest.Config, accord_server: ReferenceServer) -> Iterator[Peer]:
    """The server of `--accord-url`, else the reference server."""
    given_ = pytestconfig.option
    url = given_.accord_url or accord_server.base_url
    key = key_for(pytestconfig) if given_.accord_url else accord_server.settings.api_key
    target = Target(url, key, given_.accord_model, timeout=given_.accord_timeout)
    with Peer(target) as peer:
        yield peer


def require_repeating(peer: Peer, endpoint: str) -> None:
    """Skip a test that compares texts on a server that says now this, now that."""
    first, second = (peer.ask(peer.make.text(endpoint)) for _ in range(2))
    if not (first.ok and second.ok):
        pytest.skip(f"{endpoint} gives no answer: {first.outcome}")
    if said(first) != said(second):
        pytest.skip("two equal requests got different texts, so texts can't be compared")


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [(one.name, each) for one in PROPERTIES.values() for each in one.endpoints],
)
def test_property(accord_peer: Peer, name: str, endpoint: str) -> None:
    """One property holds on one endpoint."""
    require_repeating(accord_peer, endpoint)
    PROPERTIES[name].hold(accord_peer, endpoint)
