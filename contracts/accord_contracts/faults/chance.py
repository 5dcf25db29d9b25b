"""Faults of chance."""

from __future__ import annotations

from accord_contracts.faults.accepts import posted
from accord_contracts.faults.bank import on_request
from accord_contracts.server.hooks import Call


@on_request(
    "chance.one-seed-for-all",
    caught_by=["chance.{endpoint}-seeds-differ"],
)
def one_seed_for_all(call: Call) -> None:
    """Whatever the seed is, the dice are thrown alike."""
    if "seed" in posted(call):
        call.body["seed"] = 1


@on_request(
    "chance.fixed-seed",
    caught_by=["chance.{endpoint}-unseeded-varies"],
)
def fixed_seed(call: Call) -> None:
    """Without a seed the server takes its own, always the same."""
    posted(call).setdefault("seed", 42)
