"""One fault behind a real socket: do the rules that it names catch it?"""

from __future__ import annotations

from collections.abc import Sequence

from accord_contracts.faults import Fault
from accord_contracts.faults.bank import KEY
from accord_contracts.report import Report
from accord_contracts.rule import REGISTRY, Rule
from accord_contracts.run import Plan, check
from accord_contracts.server import ReferenceServer, Settings
from accord_contracts.target import Target


def judge_fault(fault: Fault, rules: Sequence[Rule] = ()) -> Report:
    """Judge the reference server with one fault, behind a real socket.

    Args:
        fault: bends the server.
        rules: to judge by; those that must catch the fault where none are given.
    """
    chosen = rules or [REGISTRY[name] for name in fault.caught_by]
    settings = Settings(api_key=KEY)
    # The model is named, because the list may be what is broken.
    model = settings.models[0].id
    with ReferenceServer(settings, [fault.hook]) as server:
        return check(Target(server.base_url, KEY, model, timeout=60), Plan(chosen))
