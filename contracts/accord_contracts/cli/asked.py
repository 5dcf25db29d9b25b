"""Whom a command asks: the options that name a server, and the target that they make."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

import click

from accord_contracts.cli.complaint import complaints
from accord_contracts.cli.filled import filled
from accord_contracts.cli.grouped import grouped
from accord_contracts.cli.seconds import Seconds
from accord_contracts.library import embedded
from accord_contracts.preflight import TargetError, check_key, check_url
from accord_contracts.target import Target

options: Final = grouped(
    click.argument("base_url", required=False, envvar="OPENAI_BASE_URL", type=filled),
    click.option(
        "--model", type=filled, metavar="NAME", help="Ask this model.  [default: the first listed]"
    ),
    click.option(
        "--api-key",
        envvar="OPENAI_API_KEY",
        help="The key, sent as bearer token. Better in OPENAI_API_KEY, which is read where this "
        "is not given. It is in no output.",
    ),
    click.option(
        "--timeout",
        type=Seconds(min=0, min_open=True),
        default=30.0,
        show_default=True,
        metavar="SECONDS",
        help="For each answer, from sending to its last byte.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the options above say."""

    base_url: str | None
    model: str | None
    api_key: str | None
    timeout: float

    @property
    def target(self) -> Target:
        """Whom to judge; without a base URL where it is the embedded server."""
        return Target(
            self.base_url or "",
            api_key=self.api_key or None,
            model=self.model or "",
            timeout=self.timeout,
        )

    @property
    def shown(self) -> str:
        """The target in words."""
        return self.target.shown_url or "the embedded reference server"

    def require_sound(self) -> None:
        """See that the address and the key can be used, before anything is sent.

        Raises:
            Complaint: they can't. The key is not repeated.
        """
        with complaints(TargetError):
            if self.base_url is not None:
                check_url(self.base_url)
            check_key(self.api_key)

    def reached(self) -> AbstractContextManager[Target]:
        """The target, or the embedded server for as long as it is needed."""
        return embedded(self.target) if self.base_url is None else nullcontext(self.target)
