from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from ..types import UNSET, Unset, to_object


@define
class Model:
    """One model.

    Attributes:
        id: What `model` in a request says to get this model.
        object_: Always `model`.
        owned_by: The organisation that owns the model.
        created: When the model was made, in Unix seconds. Older servers leave it out.
        permission: From the first days of the API; its members were never part of the contract.
        shutdown_date: The day the model goes, `YYYY-MM-DD`; null when none is set.
    """

    id: str
    owned_by: str
    object_: Literal["model"] = "model"
    created: int | Unset = UNSET
    permission: list[Any] | Unset = UNSET
    shutdown_date: str | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "id": self.id,
                "object": self.object_,
                "owned_by": self.owned_by,
                "created": self.created,
                "permission": self.permission,
                "shutdown_date": self.shutdown_date,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        id = members.pop("id", UNSET)
        object_ = members.pop("object", UNSET)
        owned_by = members.pop("owned_by", UNSET)
        created = members.pop("created", UNSET)
        permission = members.pop("permission", UNSET)
        shutdown_date = members.pop("shutdown_date", UNSET)
        return cls(
            id=id,
            object_=object_,
            owned_by=owned_by,
            created=created,
            permission=permission,
            shutdown_date=shutdown_date,
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
