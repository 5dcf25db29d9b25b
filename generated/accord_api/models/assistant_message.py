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
from ..types import UNSET, Unset, read_member, to_object


@define
class AssistantMessage:
    """What the model said before.

    Attributes:
        role: Always `assistant`.
        content: A text, whole or in parts. Needed unless the model called a tool.
        refusal: What the model said instead of an answer.
        name: Tells apart participants who have one role.
        audio: Sound that the model made before.
        tool_calls: The calls that the model makes.
        function_call: The former form of one entry of `tool_calls`.
    """

    role: Literal["assistant"] = "assistant"
    content: list[RefusalPart | TextPart] | str | Unset | None = UNSET
    refusal: str | Unset | None = UNSET
    name: str | Unset = UNSET
    audio: AudioReference | Unset | None = UNSET
    tool_calls: list[CustomToolCall | FunctionToolCall] | Unset = UNSET
    function_call: FunctionCall | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "role": self.role,
                "content": self.content,
                "refusal": self.refusal,
                "name": self.name,
                "audio": self.audio,
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
        content = (
            [
                read_member(item, "type", {"text": TextPart, "refusal": RefusalPart}, TextPart)
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
                    {"function": FunctionToolCall, "custom": CustomToolCall},
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
        return cls(
            role=role,
            content=content,
            refusal=refusal,
            name=name,
            audio=audio,
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
