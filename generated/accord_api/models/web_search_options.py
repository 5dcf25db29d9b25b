from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.search_context_size import SearchContextSize
from ..models.user_location import UserLocation
from ..types import UNSET, Unset, to_object


@define
class WebSearchOptions:
    """How to search the web for the answer.

    Attributes:
        search_context_size: How much of what is found is read. The default is `medium`.
        user_location: Where the user is, roughly.
    """

    search_context_size: SearchContextSize | Unset = UNSET
    user_location: Unset | UserLocation | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "search_context_size": self.search_context_size,
                "user_location": self.user_location,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        search_context_size = members.pop("search_context_size", UNSET)
        user_location = members.pop("user_location", UNSET)
        user_location = (
            UserLocation.from_dict(user_location)
            if isinstance(user_location, dict)
            else user_location
        )
        return cls(
            search_context_size=search_context_size,
            user_location=user_location,
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
