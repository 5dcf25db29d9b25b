from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.token_logprob import TokenLogprob
from ..types import UNSET, Unset, to_object


@define
class ChatLogprobs:
    """How likely each token was.

    Attributes:
        content: Of the text; null when there is none.
        refusal: Of the refusal; null when there is none.
    """

    content: list[TokenLogprob] | Unset | None = UNSET
    refusal: list[TokenLogprob] | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "content": self.content,
                "refusal": self.refusal,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        content = members.pop("content", UNSET)
        content = (
            [TokenLogprob.from_dict(item) if isinstance(item, dict) else item for item in content]
            if isinstance(content, list)
            else content
        )
        refusal = members.pop("refusal", UNSET)
        refusal = (
            [TokenLogprob.from_dict(item) if isinstance(item, dict) else item for item in refusal]
            if isinstance(refusal, list)
            else refusal
        )
        return cls(
            content=content,
            refusal=refusal,
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
