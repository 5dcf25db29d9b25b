"""Faults of the model endpoints."""

from __future__ import annotations

from accord_contracts.faults.bank import JSON, on_answer, on_reply
from accord_contracts.server.hooks import Call, Reply


@on_reply("models.bare-array", caught_by=["models.list-is-a-list-object"])
def bare_array(call: Call, reply: Reply) -> None:
    """The list of models is a bare array."""
    if call.endpoint == "models" and reply.status == 200:
        reply.body = reply.body["data"]


@on_answer("models.entry-object-wrong", caught_by=["models.entries-are-models"])
def entry_object_wrong(call: Call, answer: JSON) -> None:
    """The entries of the list call themselves something else."""
    if call.endpoint == "models":
        for entry in answer["data"]:
            entry["object"] = "models"
