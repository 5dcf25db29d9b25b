from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.custom_tool_grammar_format import CustomToolGrammarFormat
from ..models.custom_tool_text_format import CustomToolTextFormat
from ..types import UNSET, Unset, read_member, to_object


@define
class CustomToolDefinition:
    """What a custom tool is for and what it takes.

    Attributes:
        name: The tool's name.
        description: What it does; helps the model to choose.
        format_: What its input looks like, by its `type`. The default is text.
    """

    name: str
    description: str | Unset = UNSET
    format_: CustomToolGrammarFormat | CustomToolTextFormat | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "name": self.name,
                "description": self.description,
                "format": self.format_,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        name = members.pop("name", UNSET)
        description = members.pop("description", UNSET)
        format_ = members.pop("format", UNSET)
        format_ = read_member(
            format_,
            "type",
            {"text": CustomToolTextFormat, "grammar": CustomToolGrammarFormat},
            CustomToolTextFormat,
        )
        return cls(
            name=name,
            description=description,
            format_=format_,
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
