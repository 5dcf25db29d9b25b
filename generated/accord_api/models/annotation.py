from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.url_citation import UrlCitation
from ..types import UNSET, Unset, to_object


@define
class Annotation:
    """What a piece of the text refers to, by its `type`.

    Attributes:
        type_: The kind, such as `url_citation`.
        url_citation: A page on the web that the text refers to.
    """

    type_: str | Unset = UNSET
    url_citation: UrlCitation | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "type": self.type_,
                "url_citation": self.url_citation,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        type_ = members.pop("type", UNSET)
        url_citation = members.pop("url_citation", UNSET)
        url_citation = (
            UrlCitation.from_dict(url_citation) if isinstance(url_citation, dict) else url_citation
        )
        return cls(
            type_=type_,
            url_citation=url_citation,
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
