from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..types import UNSET, Unset, to_object


@define
class StreamOptions:
    """How to stream.

    Attributes:
        include_usage: Whether a last chunk with `choices: []` carries the usage of the whole
            request; the chunks before it then carry `usage: null`. The default is false.
        include_obfuscation: Whether chunks carry padding, `obfuscation`, that hides how long
            the text is. OpenAI's default is true.
    """

    include_usage: bool | Unset = UNSET
    include_obfuscation: bool | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "include_usage": self.include_usage,
                "include_obfuscation": self.include_obfuscation,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        include_usage = members.pop("include_usage", UNSET)
        include_obfuscation = members.pop("include_obfuscation", UNSET)
        return cls(
            include_usage=include_usage,
            include_obfuscation=include_obfuscation,
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
