from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..types import UNSET, Unset, to_object


@define
class UrlCitation:
    """A page on the web that the text refers to.

    Attributes:
        start_index: Where the reference begins in the text.
        end_index: Where it ends.
        url: The page's address.
        title: The page's title.
    """

    start_index: int | Unset = UNSET
    end_index: int | Unset = UNSET
    url: str | Unset = UNSET
    title: str | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "start_index": self.start_index,
                "end_index": self.end_index,
                "url": self.url,
                "title": self.title,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        start_index = members.pop("start_index", UNSET)
        end_index = members.pop("end_index", UNSET)
        url = members.pop("url", UNSET)
        title = members.pop("title", UNSET)
        return cls(
            start_index=start_index,
            end_index=end_index,
            url=url,
            title=title,
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
