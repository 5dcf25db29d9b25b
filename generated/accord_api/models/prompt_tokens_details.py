from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..types import UNSET, Unset, to_object


@define
class PromptTokensDetails:
    """What the tokens of a question were.

    Attributes:
        cached_tokens: Read from a cache.
        cache_write_tokens: Written to a cache.
        text_tokens: Text.
        audio_tokens: Sound.
        image_tokens: Images.
    """

    cached_tokens: int | Unset | None = UNSET
    cache_write_tokens: int | Unset | None = UNSET
    text_tokens: int | Unset | None = UNSET
    audio_tokens: int | Unset | None = UNSET
    image_tokens: int | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "cached_tokens": self.cached_tokens,
                "cache_write_tokens": self.cache_write_tokens,
                "text_tokens": self.text_tokens,
                "audio_tokens": self.audio_tokens,
                "image_tokens": self.image_tokens,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        cached_tokens = members.pop("cached_tokens", UNSET)
        cache_write_tokens = members.pop("cache_write_tokens", UNSET)
        text_tokens = members.pop("text_tokens", UNSET)
        audio_tokens = members.pop("audio_tokens", UNSET)
        image_tokens = members.pop("image_tokens", UNSET)
        return cls(
            cached_tokens=cached_tokens,
            cache_write_tokens=cache_write_tokens,
            text_tokens=text_tokens,
            audio_tokens=audio_tokens,
            image_tokens=image_tokens,
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
