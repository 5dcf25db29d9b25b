from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.allowed_tool import AllowedTool
from ..models.allowed_tools_mode import AllowedToolsMode
from ..types import UNSET, to_object


@define
class AllowedTools:
    """Some of the tools, and whether one of them must be called.

    Attributes:
        mode: Whether one of the tools may (`auto`) or must (`required`) be called.
        tools: The tools, each as `tool_choice` would name it.
    """

    mode: AllowedToolsMode
    tools: list[AllowedTool]
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "mode": self.mode,
                "tools": self.tools,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        mode = members.pop("mode", UNSET)
        tools = members.pop("tools", UNSET)
        tools = (
            [AllowedTool.from_dict(item) if isinstance(item, dict) else item for item in tools]
            if isinstance(tools, list)
            else tools
        )
        return cls(
            mode=mode,
            tools=tools,
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
