"""The client that is made from the contract: `Client`, the calls in `api`, the objects in `models`.

It comes from `spec/openapi.yaml` by `nox -s generate`; changes belong there. The contract itself is
beside this file, in `openapi.json`.
"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
