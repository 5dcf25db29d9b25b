from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from ..models.text_part import TextPart
from ..types import UNSET, Unset, to_object


@define
class DeveloperMessage:
    """Instructions from the developer; takes the place of the system message with newer models.

    Attributes:
        role: Always `developer`.
        content: A text, whole or in parts.
        name: Tells apart participants who have one role.
    """

    content: list[TextPart] | str
    role: Literal["developer"] = "developer"
    name: str | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "role": self.role,
                "content": self.content,
                "name": self.name,
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
        name = members.pop("name", UNSET)
        return cls(
            role=role,
            content=content,
            name=name,
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
