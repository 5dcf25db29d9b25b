from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.json_schema import JsonSchema
from ..types import UNSET, Unset, to_object


@define
class FunctionDefinition:
    """What a function is for and what it takes.

    Attributes:
        name: Up to 64 letters, digits, `_` and `-`.
        description: What it does; helps the model to choose.
        parameters: Its arguments, as a JSON Schema. Without it, it takes none.
        strict: Whether the arguments always fit the schema. The default is false.
    """

    name: str
    description: str | Unset = UNSET
    parameters: JsonSchema | Unset | None = UNSET
    strict: bool | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "name": self.name,
                "description": self.description,
                "parameters": self.parameters,
                "strict": self.strict,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        name = members.pop("name", UNSET)
        description = members.pop("description", UNSET)
        parameters = members.pop("parameters", UNSET)
        parameters = (
            JsonSchema.from_dict(parameters) if isinstance(parameters, dict) else parameters
        )
        strict = members.pop("strict", UNSET)
        return cls(
            name=name,
            description=description,
            parameters=parameters,
            strict=strict,
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
