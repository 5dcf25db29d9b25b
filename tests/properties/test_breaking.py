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
from accord_contracts.server import Call, Hook, ReferenceServer, Refusal, Settings
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


def says(call: Call, word: str) -> None:
    """Make a chat end in another word, so that it gets another answer."""
    call.body["messages"] = [*call.body["messages"], {"role": "user", "content": word}]


class ReadsByHand(Hook):
    """Takes a body for JSON only where it is written as most programs write it."""

    def request(self, call: Call) -> None:
        if call.endpoint == "chat" and not call.raw.startswith(b'{"model": '):
            raise Refusal(400, "There is no model.")


class EndsParts(Hook):
    """Each text part is a message of its own."""

    def request(self, call: Call) -> None:
        if call.endpoint == "chat" and isinstance(call.body["messages"][0]["content"], list):
            says(call, "")


class ReadsNulls(Hook):
    """A null is a value like any other, and part of what a cache is asked by."""

    def request(self, call: Call) -> None:
        if call.endpoint == "chat" and None in call.body.values():
            says(call, "null")


class DrawsByCap(Hook):
    """The cap is part of the seed."""

    def request(self, call: Call) -> None:
        if call.endpoint == "chat":
            says(call, str(call.body.get("max_tokens")))


UNKNOWN_TO_THE_BANK: list[tuple[str, Hook]] = [
    ("string-is-one-part", EndsParts()),
    ("null-is-absent", ReadsNulls()),
    ("larger-cap-extends", DrawsByCap()),
    ("spelling-of-json-changes-nothing", ReadsByHand()),
]


@pytest.mark.parametrize(("name", "hook"), UNKNOWN_TO_THE_BANK)
def test_a_property_sees_what_no_fault_of_the_bank_does(name: str, hook: Hook) -> None:
    with peer_of(hook) as peer, pytest.raises(Broken, match="curl"):
        PROPERTIES[name].hold(peer, "chat", shrink=False)


BROKEN_BY = [
    ("stream-is-json", "chat", "agreement.token-lost@chat"),
    ("stream-is-json", "completions", "agreement.spaces-lost@completions"),
    ("n-choices", "completions", "completions.n-ignored"),
    ("prompt-list-is-each-alone", "completions", "completions.prompts-joined"),
    ("stop-cuts-the-answer", "chat", "parameters.stop-returned@chat"),
    ("echo-is-prompt-and-answer", "completions", "completions.echo-ignored"),
    ("null-is-absent", "chat", "accepts.null-stop-crashes@chat"),
    ("unknown-members-change-nothing", "chat", "accepts.unknown-parameters-crash@chat"),
]


@pytest.mark.parametrize(("name", "endpoint", "fault"), BROKEN_BY)
def test_a_fault_breaks_what_it_is_about(name: str, endpoint: str, fault: str) -> None:
    with peer_of(BANK[fault].hook) as peer, pytest.raises(Broken, match="curl"):
        PROPERTIES[name].hold(peer, endpoint, shrink=False)


def test_every_property_is_shown_to_break() -> None:
    shown = {*(name for name, *_ in BROKEN_BY), *(name for name, _ in UNKNOWN_TO_THE_BANK)}
    assert shown == set(PROPERTIES)


@pytest.mark.parametrize(
    "fault", ["stream.created-moves", "errors.unwrapped", "transport.stumbles@chat"]
)
def test_the_machine_finds_what_answers_and_their_order_show(fault: str) -> None:
    # What depends on the order in which requests at once arrive fails, if not always the same way.
    with peer_of(BANK[fault].hook) as peer, pytest.raises((Broken, Flaky)):
        machine.run(peer, shrink=False)
