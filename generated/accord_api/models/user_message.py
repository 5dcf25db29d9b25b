from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from ..models.audio_part import AudioPart
from ..models.file_part import FilePart
from ..models.image_part import ImagePart
from ..models.text_part import TextPart
from ..types import UNSET, Unset, read_member, to_object


@define
class UserMessage:
    """What the user says.

    Attributes:
        role: Always `user`.
        content: A text, or parts of several kinds.
        name: Tells apart participants who have one role.
    """

    content: list[AudioPart | FilePart | ImagePart | TextPart] | str
    role: Literal["user"] = "user"
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
            [
                read_member(
                    item,
                    "type",
                    {
                        "text": TextPart,
                        "image_url": ImagePart,
                        "input_audio": AudioPart,
                        "file": FilePart,
                    },
                    TextPart,
                )
                for item in content
            ]
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
