"""The properties and the state machine, on the reference server: both hold."""

from __future__ import annotations

from accord_contracts.machine import test_any_order_of_requests
from accord_contracts.properties import accord_peer, test_property

__all__ = ["accord_peer", "test_any_order_of_requests", "test_property"]
