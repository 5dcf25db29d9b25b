"""Faults made of the tables of wrong and odd requests: they are taken, or crash the server.

There is one for each rule of a table. What a request has wrong is put right before the server
looks at it, which is what a lenient server does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from accord_contracts import rules  # noqa: F401 - importing fills the tables
from accord_contracts.faults.bank import JSON, on_error, on_reply, on_request
from accord_contracts.kinds import GENERATING
from accord_contracts.requests import encode
from accord_contracts.rules.refusals_survived import ODDITIES, Odd
from accord_contracts.rules.refusing import Case
from accord_contracts.rules.wrongs import WRONGS, Wrong
from accord_contracts.server.hooks import Call, Refusal, Reply
from accord_contracts.server.settings import MODELS

NEEDED: Final[JSON] = {
    "model": MODELS[0].id,
    "messages": [{"role": "user", "content": "Hello!"}],
    "prompt": "Hello!",
}
"""What a lenient server takes in place of what every request must have."""

SLOTS: Final = 10
"""Refusals that a server with a leak survives."""


def has(call: Call, params: JSON) -> bool:
    """Whether a request has these very parameters: 1 is neither 1.0 nor true."""
    body = call.body if isinstance(call.body, dict) else {}
    return all(name in body and encode(body[name]) == encode(params[name]) for name in params)


def _took(wrong: Wrong) -> Callable[[Call], None]:
    def take(call: Call) -> None:
        for case in wrong.cases:
            if has(call, case):
                _put_right(call.body, case, wrong.control)

    take.__doc__ = wrong.fault
    return take


def _put_right(body: JSON, case: JSON, control: JSON) -> None:
    for name in case:
        if name in control or name in NEEDED:
            body[name] = control.get(name, NEEDED.get(name))
        else:
            del body[name]


def _crashed(odd: Odd) -> Callable[[Call], None]:
    def crash(call: Call) -> None:
        if any(_is(call, case) for case in odd.cases.get(call.endpoint or "", ())):
            raise Refusal(500, "The server had an error.", type="server_error")

    crash.__doc__ = odd.fault
    return crash


def _is(call: Call, case: Case) -> bool:
    if case.literal is not None:
        return case.literal in call.raw
    return has(call, case.params)


for _wrong in WRONGS:
    on_request(f"refusals.{_wrong.name}-taken", caught_by=[_wrong.id], endpoints=_wrong.endpoints)(
        _took(_wrong)
    )

for _odd in ODDITIES:
    on_request(f"refusals.{_odd.name}-crash", caught_by=[_odd.id])(_crashed(_odd))


@on_error("refusals.no-object-crashes", caught_by=["refusals.{endpoint}-body-not-an-object"])
def no_object_crashes(call: Call, reply: Reply) -> None:
    """The members of a body are looked up before anybody sees that it has none."""
    try:
        whole = json.loads(call.raw)
    except ValueError:
        return
    if not isinstance(whole, dict | list):
        reply.status = 500


@on_request("refusals.second-document-lost", caught_by=["refusals.{endpoint}-second-document"])
def second_document_lost(call: Call) -> None:
    """A parser of streams reads one document, and never looks whether there is more."""
    if call.body is None and call.raw:
        try:
            call.body = json.JSONDecoder().raw_decode(call.raw.decode())[0]
        except ValueError:
            return


class _Leak:
    """Slots that refusals of one endpoint keep; good requests find none when all are taken."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._taken = 0

    def __call__(self, call: Call, reply: Reply) -> None:
        """Each refusal keeps a slot, and when all are taken good requests fail."""
        if call.endpoint != self._endpoint:
            return
        if 400 <= reply.status < 500:
            self._taken += 1
        elif self._taken >= SLOTS:
            reply.status = 500


for _endpoint in GENERATING:
    on_reply(
        f"refusals.slots-leak@{_endpoint}",
        caught_by=[f"refusals.{_endpoint}-leave-the-server-serving"],
    )(_Leak(_endpoint))


@on_error("errors.param-is-a-guess", caught_by=["errors.{endpoint}-param-blames-the-right-one"])
def param_is_a_guess(call: Call, reply: Reply) -> None:
    """Whatever is wrong, the conversation is to blame."""
    reply.body["error"]["param"] = "user_id"


@on_error("errors.param-is-null", caught_by=["errors.{endpoint}-param-is-named"])
def param_is_null(call: Call, reply: Reply) -> None:
    """No error says which parameter it is about."""
    reply.body["error"]["param"] = None
