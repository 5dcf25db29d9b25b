"""The client under contract: what a client must send, and how it must behave.

A `Received` is one request as it arrived. An *obligation* says what must be true of it, or of
all calls of a client together. The `Witness` sits in the reference server, judges each request as
it comes, and gives an `Entry` for it when it is over; the `Verdict` is made of the entries.

    entries = []
    with ReferenceServer(hooks=[Witness(entries.append)]) as server:
        ...  # run a client against server.base_url
    print(Verdict.of(entries).broken)
"""

from accord_contracts.clients import (  # noqa: F401 - importing registers
    about_addresses,
    about_bodies,
    about_conduct,
    about_headers,
    about_messages,
    about_tools,
)
from accord_contracts.clients.entry import Ending, Entry
from accord_contracts.clients.obligation import (
    ALL,
    ConductObligation,
    Obligation,
    RequestObligation,
    Violation,
    judge_request,
)
from accord_contracts.clients.received import Received
from accord_contracts.clients.verdict import Verdict
from accord_contracts.clients.witness import Witness

__all__ = [
    "ALL",
    "ConductObligation",
    "Ending",
    "Entry",
    "Obligation",
    "Received",
    "RequestObligation",
    "Verdict",
    "Violation",
    "Witness",
    "judge_request",
]
