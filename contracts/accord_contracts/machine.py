"""A server under a client that does anything, in any order: a Hypothesis state machine.

    pytest --pyargs accord_contracts.machine --accord-url http://127.0.0.1:8000/v1

Each step lists, asks, streams, leaves in the middle, sends nonsense, or does several of it at
once. After each step all invariants of the suite are judged on all that came back, and the server
must answer still. Needs the extra `properties`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accord_contracts import strategies
from accord_contracts.exchange import Exchange, Request
from accord_contracts.judging import judge
from accord_contracts.peer import Peer
from accord_contracts.properties import Broken, accord_peer, again_the_same
from accord_contracts.reports.evidence import evidence

__all__ = ["ServerMachine", "accord_peer", "run", "test_any_order_of_requests"]

RUNS: Final = 8
"""How often a server is led through steps from the beginning."""

STEPS: Final = 8
"""How many steps each run has."""

_NONSENSE: Final = st.sampled_from(
    [
        b"",
        b"{",
        b"null",
        b"[1, 2]",
        b'{"model": 5}',
        b'{"messages": [], "prompt": []}',
        b'{"model": "accord-no-such-model", "messages": [{"role": "user", "content": "a"}]}',
        b"\xff\xfe",
    ]
)

_ENDPOINTS: Final = st.sampled_from(["chat", "completions"])


class ServerMachine(RuleBasedStateMachine):
    """Leads one server from step to step.

    Args:
        peer: the server.
    """

    def __init__(self, peer: Peer) -> None:
        super().__init__()
        self._peer = peer
        self._new: list[Exchange] = []
        """What came back in the last step, not yet judged."""

    def _ask(self, *requests: Request) -> None:
        self._new += self._peer.together(*requests)

    def _text(self, endpoint: str, text: str, **params: Any) -> Request:
        return self._peer.make.text(endpoint, text, **params)

    @rule()
    def list_models(self) -> None:
        """Ask what there is, and for one of it."""
        make = self._peer.make
        self._ask(make.models(), make.model(self._peer.target.model))

    @rule(endpoint=_ENDPOINTS, text=strategies.texts())
    def ask(self, endpoint: str, text: str) -> None:
        """Ask, and wait for the answer."""
        self._ask(self._text(endpoint, text))

    @rule(endpoint=_ENDPOINTS, text=strategies.texts(), usage=st.booleans())
    def stream(self, endpoint: str, text: str, usage: bool) -> None:
        """Read a stream to its end."""
        options = {"stream_options": {"include_usage": True}} if usage else {}
        self._ask(self._text(endpoint, text, stream=True, **options))

    @rule(endpoint=_ENDPOINTS, text=strategies.texts(), after=st.integers(1, 300))
    def leave(self, endpoint: str, text: str, after: int) -> None:
        """Leave a stream in the middle."""
        self._ask(replace(self._text(endpoint, text, stream=True), abandon_after=after))

    @rule(endpoint=_ENDPOINTS, body=_NONSENSE)
    def say_nonsense(self, endpoint: str, body: bytes) -> None:
        """Send a request that can't be answered."""
        self._ask(self._peer.make.raw(self._text(endpoint, "").path, body))

    @rule(texts=st.lists(strategies.texts(), min_size=2, max_size=4), body=_NONSENSE)
    def do_several_at_once(self, texts: list[str], body: bytes) -> None:
        """Ask, stream, leave and send nonsense, all at once."""
        streams = [self._text("chat", text, stream=True) for text in texts]
        left = replace(streams[0], abandon_after=20)
        nonsense = self._peer.make.raw("/chat/completions", body)
        self._ask(left, nonsense, *streams[1:], *(self._text("chat", text) for text in texts))

    @invariant()
    def every_answer_keeps_the_contract(self) -> None:
        """Judge what came back by all invariants, and see that something did.

        Raises:
            Broken: a MUST is broken, or no answer came.
        """
        new, self._new = self._new, []
        for exchange in new:
            if exchange.status is None:
                raise Broken(f"{self._peer.target.curl(exchange.request)}\n  {exchange.outcome}")
        report = judge(*new, base_url=self._peer.target.base_url)
        if broken := report.broken(strict=False):
            raise Broken("\n\n".join(evidence(one, report, alone="") for one in broken))

    def teardown(self) -> None:
        """See that the server answers still, whatever it went through.

        Raises:
            Broken: it does not.
        """
        make = self._peer.make
        for exchange in self._peer.together(make.models(), make.chat(), make.chat(stream=True)):
            if not exchange.ok:
                curl = self._peer.target.curl(exchange.request)
                raise Broken(f"the server does not answer any more:\n{curl}\n  {exchange.outcome}")


def run(peer: Peer, *, runs: int = RUNS, steps: int = STEPS, shrink: bool = True) -> None:
    """Lead a server through steps; the same ones each time.

    Args:
        peer: the server.
        runs: how often from the beginning.
        steps: how many each time.
        shrink: look for the shortest way to a failure.

    Raises:
        Broken: a MUST is broken on the way, or the server answers no more.
    """
    factory: Any = lambda: ServerMachine(peer)  # noqa: E731 - Hypothesis takes it for a class
    chosen = again_the_same(runs, shrink=shrink, stateful_step_count=steps)
    run_state_machine_as_test(factory, settings=chosen)


def test_any_order_of_requests(accord_peer: Peer) -> None:
    """A server keeps the contract in any order of requests."""
    run(accord_peer)
