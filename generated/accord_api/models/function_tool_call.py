from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from ..models.function_call import FunctionCall
from ..types import UNSET, to_object


@define
class FunctionToolCall:
    """A call of a function.

    Attributes:
        id: What the tool message that answers it refers to.
        type_: Always `function`.
        function: Which function, with what.
    """

    id: str
    function: FunctionCall
    type_: Literal["function"] = "function"
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "id": self.id,
                "type": self.type_,
                "function": self.function,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        id = members.pop("id", UNSET)
        type_ = members.pop("type", UNSET)
        function = members.pop("function", UNSET)
        function = FunctionCall.from_dict(function) if isinstance(function, dict) else function
        return cls(
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
