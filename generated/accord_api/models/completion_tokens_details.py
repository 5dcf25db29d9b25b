from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..types import UNSET, Unset, to_object


@define
class CompletionTokensDetails:
    """What the tokens of an answer were.

    Attributes:
        reasoning_tokens: Thought, not shown.
        text_tokens: Text.
        audio_tokens: Sound.
        accepted_prediction_tokens: Of the request's `prediction`, and in the answer.
        rejected_prediction_tokens: Of the request's `prediction`, and not in the answer.
    """

    reasoning_tokens: int | Unset | None = UNSET
    text_tokens: int | Unset | None = UNSET
    audio_tokens: int | Unset | None = UNSET
    accepted_prediction_tokens: int | Unset | None = UNSET
    rejected_prediction_tokens: int | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "reasoning_tokens": self.reasoning_tokens,
                "text_tokens": self.text_tokens,
                "audio_tokens": self.audio_tokens,
                "accepted_prediction_tokens": self.accepted_prediction_tokens,
                "rejected_prediction_tokens": self.rejected_prediction_tokens,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        reasoning_tokens = members.pop("reasoning_tokens", UNSET)
        text_tokens = members.pop("text_tokens", UNSET)
        audio_tokens = members.pop("audio_tokens", UNSET)
        accepted_prediction_tokens = members.pop("accepted_prediction_tokens", UNSET)
        rejected_prediction_tokens = members.pop("rejected_prediction_tokens", UNSET)
        return cls(
            reasoning_tokens=reasoning_tokens,
            text_tokens=text_tokens,
            audio_tokens=audio_tokens,
            accepted_prediction_tokens=accepted_prediction_tokens,
            rejected_prediction_tokens=rejected_prediction_tokens,
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
