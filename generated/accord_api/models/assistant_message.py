from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from ..models.audio_reference import AudioReference
from ..models.custom_tool_call import CustomToolCall
from ..models.function_call import FunctionCall
from ..models.function_tool_call import FunctionToolCall
from ..models.refusal_part import RefusalPart
from ..models.text_part import TextPart
from ..types import UNSET, Unset, read_member, to_json


@define
class AssistantMessage:
    """What the model said before.

    Attributes:
        content: A text, whole or in parts. Needed unless the model called a tool.
        refusal: What the model said instead of an answer.
        name: Tells apart participants who have one role.
        audio: Sound that the model made before.
        tool_calls: The calls that the model makes.
        function_call: The former form of one entry of `tool_calls`.
    """

    role: Literal["assistant"] = "assistant"
    content: list[RefusalPart | TextPart] | None | str | Unset = UNSET
    refusal: None | str | Unset = UNSET
    name: str | Unset = UNSET
    audio: AudioReference | None | Unset = UNSET
    tool_calls: list[CustomToolCall | FunctionToolCall] | Unset = UNSET
    function_call: FunctionCall | None | Unset = UNSET
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        members = {
            "role": self.role,
            "content": to_json(self.content),
            "refusal": self.refusal,
            "name": self.name,
            "audio": to_json(self.audio),
            "tool_calls": to_json(self.tool_calls),
            "function_call": to_json(self.function_call),
        }
        known = {name: member for name, member in members.items() if member is not UNSET}
        return {**to_json(self.additional_properties), **known}

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What is missing is UNSET; what is not as declared stays as it came."""
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
                        "refusal": RefusalPart,
                    },
                    TextPart,
                )
                for item in content
            ]
            if isinstance(content, list)
            else content
        )
        refusal = members.pop("refusal", UNSET)
        name = members.pop("name", UNSET)
        audio = members.pop("audio", UNSET)
        audio = AudioReference.from_dict(audio) if isinstance(audio, dict) else audio
        tool_calls = members.pop("tool_calls", UNSET)
        tool_calls = (
            [
                read_member(
                    item,
                    "type",
                    {
                        "function": FunctionToolCall,
                        "custom": CustomToolCall,
                    },
                    FunctionToolCall,
                )
                for item in tool_calls
            ]
            if isinstance(tool_calls, list)
            else tool_calls
        )
        function_call = members.pop("function_call", UNSET)
        function_call = (
            FunctionCall.from_dict(function_call)
            if isinstance(function_call, dict)
            else function_call
        )
        parsed = cls(
            role=role,
            content=content,
            refusal=refusal,
            name=name,
            audio=audio,
            tool_calls=tool_calls,
            function_call=function_call,
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
