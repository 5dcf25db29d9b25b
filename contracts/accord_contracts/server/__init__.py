"""The reference server: a correct, deterministic implementation of the four endpoints.

    with ReferenceServer() as server:
        ...  # talk to server.base_url

It is what the suite is tested with (by way of `Hook`), and a mock to develop against.
"""

from accord_contracts.server.app import create_app
from accord_contracts.server.hooks import DONE, Call, Hook, Refusal, Reply, StreamEvent
from accord_contracts.server.running import CannotListen, ReferenceServer
from accord_contracts.server.settings import MODELS, TINY_CONTEXT, Model, Settings

__all__ = [
    "DONE",
    "MODELS",
    "TINY_CONTEXT",
    "Call",
    "CannotListen",
    "Hook",
    "Model",
    "ReferenceServer",
    "Refusal",
    "Reply",
    "Settings",
    "StreamEvent",
    "create_app",
]
