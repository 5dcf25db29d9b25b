from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.function_call_delta import FunctionCallDelta
from ..types import UNSET, Unset, to_object


@define
class ToolCallDelta:
    """What is to be added to one call; its id, type and name come once, in the first.

    Attributes:
        index: Which call it belongs to.
        id: The call's id.
        type_: The call's type, `function`.
        function: What is new in it.
    """

    index: int
    id: str | Unset | None = UNSET
    type_: str | Unset | None = UNSET
    function: FunctionCallDelta | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "index": self.index,
                "id": self.id,
                "type": self.type_,
                "function": self.function,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        index = members.pop("index", UNSET)
        id = members.pop("id", UNSET)
        type_ = members.pop("type", UNSET)
        function = members.pop("function", UNSET)
        function = FunctionCallDelta.from_dict(function) if isinstance(function, dict) else function
        return cls(
            index=index,
            id=id,
            type_=type_,
            function=function,
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
