from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.completion_tokens_details import CompletionTokensDetails
from ..models.prompt_tokens_details import PromptTokensDetails
from ..types import UNSET, Unset, to_object


@define
class Usage:
    """What a request cost, in tokens, over all its choices.

    Attributes:
        prompt_tokens: Tokens of the question.
        completion_tokens: Tokens of the answer.
        total_tokens: The sum of both.
        prompt_tokens_details: What the tokens of the question were.
        completion_tokens_details: What the tokens of the answer were.
    """

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokensDetails | Unset | None = UNSET
    completion_tokens_details: CompletionTokensDetails | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "prompt_tokens": self.prompt_tokens,
                "completion_tokens": self.completion_tokens,
                "total_tokens": self.total_tokens,
                "prompt_tokens_details": self.prompt_tokens_details,
                "completion_tokens_details": self.completion_tokens_details,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        prompt_tokens = members.pop("prompt_tokens", UNSET)
        completion_tokens = members.pop("completion_tokens", UNSET)
        total_tokens = members.pop("total_tokens", UNSET)
        prompt_tokens_details = members.pop("prompt_tokens_details", UNSET)
        prompt_tokens_details = (
            PromptTokensDetails.from_dict(prompt_tokens_details)
            if isinstance(prompt_tokens_details, dict)
            else prompt_tokens_details
        )
        completion_tokens_details = members.pop("completion_tokens_details", UNSET)
        completion_tokens_details = (
            CompletionTokensDetails.from_dict(completion_tokens_details)
            if isinstance(completion_tokens_details, dict)
            else completion_tokens_details
        )
        return cls(
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            total_tokens=total_tokens,
            prompt_tokens_details=prompt_tokens_details,
            completion_tokens_details=completion_tokens_details,
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
