from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from ..models.text_part import TextPart
from ..types import UNSET, to_object


@define
class ToolMessage:
    """What a tool gave back.

    Attributes:
        role: Always `tool`.
        content: A text, whole or in parts.
        tool_call_id: The id of the call that this answers.
    """

    content: list[TextPart] | str
    tool_call_id: str
    role: Literal["tool"] = "tool"
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "role": self.role,
                "content": self.content,
                "tool_call_id": self.tool_call_id,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        role = members.pop("role", UNSET)
        content = members.pop("content", UNSET)
        content = (
            [TextPart.from_dict(item) if isinstance(item, dict) else item for item in content]
            if isinstance(content, list)
            else content
        )
        tool_call_id = members.pop("tool_call_id", UNSET)
        return cls(
            role=role,
            content=content,
            tool_call_id=tool_call_id,
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
