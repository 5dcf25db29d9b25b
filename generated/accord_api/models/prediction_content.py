from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from ..models.text_part import TextPart
from ..types import UNSET, to_json


@define
class PredictionContent:
    """What the answer will probably be.

    Attributes:
        content: A text, whole or in parts.
    """

    content: list[TextPart] | str
    type_: Literal["content"] = "content"
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        members = {
            "type": self.type_,
            "content": to_json(self.content),
        }
        known = {name: member for name, member in members.items() if member is not UNSET}
        return {**to_json(self.additional_properties), **known}

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What is missing is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        type_ = members.pop("type", UNSET)
        content = members.pop("content", UNSET)
        content = (
            [TextPart.from_dict(item) if isinstance(item, dict) else item for item in content]
            if isinstance(content, list)
            else content
        )
        parsed = cls(
            type_=type_,
            content=content,
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
