from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.delta_role import DeltaRole
from ..models.function_call_delta import FunctionCallDelta
from ..models.tool_call_delta import ToolCallDelta
from ..types import UNSET, Unset, to_object


@define
class ChatCompletionDelta:
    """What is to be added to a message; empty in the last chunk of an answer.

    Attributes:
        role: Comes once, in the first chunk of an answer.
        content: To be added to the text.
        refusal: To be added to the refusal.
        tool_calls: To be added to the calls, each to the one with its index.
        function_call: The former form of one entry of `tool_calls`.
    """

    role: DeltaRole | Unset | None = UNSET
    content: str | Unset | None = UNSET
    refusal: str | Unset | None = UNSET
    tool_calls: list[ToolCallDelta] | Unset | None = UNSET
    function_call: FunctionCallDelta | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "role": self.role,
                "content": self.content,
                "refusal": self.refusal,
                "tool_calls": self.tool_calls,
                "function_call": self.function_call,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        role = members.pop("role", UNSET)
        content = members.pop("content", UNSET)
        refusal = members.pop("refusal", UNSET)
        tool_calls = members.pop("tool_calls", UNSET)
        tool_calls = (
            [
                ToolCallDelta.from_dict(item) if isinstance(item, dict) else item
                for item in tool_calls
            ]
            if isinstance(tool_calls, list)
            else tool_calls
        )
        function_call = members.pop("function_call", UNSET)
        function_call = (
            FunctionCallDelta.from_dict(function_call)
            if isinstance(function_call, dict)
            else function_call
        )
        return cls(
            role=role,
            content=content,
            refusal=refusal,
            tool_calls=tool_calls,
            function_call=function_call,
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
