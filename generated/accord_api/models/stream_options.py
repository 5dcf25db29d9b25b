from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..types import UNSET, Unset, to_json


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
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        members = {
            "include_usage": self.include_usage,
            "include_obfuscation": self.include_obfuscation,
        }
        known = {name: member for name, member in members.items() if member is not UNSET}
        return {**to_json(self.additional_properties), **known}

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What is missing is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        include_usage = members.pop("include_usage", UNSET)
        include_obfuscation = members.pop("include_obfuscation", UNSET)
        parsed = cls(
            include_usage=include_usage,
            include_obfuscation=include_obfuscation,
        )
        parsed.additional_properties = members
        return parsed

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
