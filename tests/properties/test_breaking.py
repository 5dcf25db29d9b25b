"""Each property, and the state machine, is broken by faults that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis.errors import Flaky

from accord_contracts import faults, machine
from accord_contracts.faults.bank import BANK, KEY
from accord_contracts.peer import Peer
from accord_contracts.properties import PROPERTIES, Broken
from accord_contracts.server import Hook, ReferenceServer, Settings
from accord_contracts.target import Target

assert faults.ALL  # importing them fills the bank


@contextmanager
def peer_of(hook: Hook) -> Iterator[Peer]:
    """A server with a fault, and who asks it."""
    with (
        ReferenceServer(Settings(api_key=KEY), [hook]) as server,
        Peer(Target(server.base_url, KEY, "accord-small")) as peer,
    ):
        yield peer


BROKEN_BY = [
    ("stream-is-json", "chat", "agreement.token-lost@chat"),
    ("stream-is-json", "completions", "agreement.spaces-lost@completions"),
    ("n-choices", "completions", "completions.n-ignored"),
    ("prompt-list-is-each-alone", "completions", "completions.prompts-joined"),
    ("stop-cuts-the-answer", "chat", "parameters.stop-returned@chat"),
    ("echo-is-prompt-and-answer", "completions", "completions.echo-ignored"),
    ("null-is-absent", "chat", "accepts.null-stop-crashes@chat"),
    ("null-is-absent", "completions", "equivalence.null-stop-is-a-space@completions"),
    ("string-is-one-part", "chat", "equivalence.parts-folded"),
    ("larger-cap-extends", "chat", "equivalence.short-drafts@chat"),
    ("spelling-of-json-changes-nothing", "chat", "equivalence.order-counts@chat"),
    ("unknown-members-change-nothing", "chat", "accepts.unknown-parameters-crash@chat"),
]


@pytest.mark.parametrize(("name", "endpoint", "fault"), BROKEN_BY)
def test_a_fault_breaks_what_it_is_about(name: str, endpoint: str, fault: str) -> None:
    with peer_of(BANK[fault].hook) as peer, pytest.raises(Broken, match="curl"):
        PROPERTIES[name].hold(peer, endpoint, shrink=False)


def test_every_property_is_shown_to_break() -> None:
    assert {name for name, *_ in BROKEN_BY} == set(PROPERTIES)


@pytest.mark.parametrize(
    "fault", ["stream.created-moves", "errors.unwrapped", "transport.stumbles@chat"]
)
def test_the_machine_finds_what_answers_and_their_order_show(fault: str) -> None:
    # What depends on the order in which requests at once arrive fails, if not always the same way.
    with peer_of(BANK[fault].hook) as peer, pytest.raises((Broken, Flaky)):
        machine.run(peer, shrink=False)
