from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..types import UNSET, Unset, to_object


@define
class TopLogprob:
    """How likely a token was in some place.

    Attributes:
        token: The token as text.
        logprob: Its log probability.
        bytes_: The token's UTF-8 bytes, for characters that span tokens; null when it has none.
    """

    token: str
    logprob: float
    bytes_: list[int] | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "token": self.token,
                "logprob": self.logprob,
                "bytes": self.bytes_,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        token = members.pop("token", UNSET)
        logprob = members.pop("logprob", UNSET)
        bytes_ = members.pop("bytes", UNSET)
        return cls(
            token=token,
            logprob=logprob,
            bytes_=bytes_,
            additional_properties=members,
        )

    @property
    def additional_keys(self) -> list[str]:
        """The names of the members that the contract does not know."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
