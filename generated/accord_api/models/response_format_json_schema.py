from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from ..models.json_schema_format import JsonSchemaFormat
from ..types import UNSET, to_object


@define
class ResponseFormatJsonSchema:
    """JSON that fits a schema.

    Attributes:
        type_: Always `json_schema`.
        json_schema: A schema with a name.
    """

    json_schema: JsonSchemaFormat
    type_: Literal["json_schema"] = "json_schema"
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "type": self.type_,
                "json_schema": self.json_schema,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        type_ = members.pop("type", UNSET)
        json_schema = members.pop("json_schema", UNSET)
        json_schema = (
            JsonSchemaFormat.from_dict(json_schema)
            if isinstance(json_schema, dict)
            else json_schema
        )
        return cls(
            type_=type_,
            json_schema=json_schema,
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
