from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.logprob_by_token import LogprobByToken
from ..types import UNSET, Unset, to_object


@define
class CompletionLogprobs:
    """How likely each token was; four arrays of one length, one place for each token.

    Attributes:
        tokens: The tokens as text.
        token_logprobs: The log probability of each. Null for the first token of an echoed
            prompt, which follows nothing.
        top_logprobs: The log probabilities of the likeliest tokens in that place. Null as in
            `token_logprobs`.
        text_offset: Where each begins in the text.
    """

    tokens: list[str] | Unset | None = UNSET
    token_logprobs: list[float | None] | Unset | None = UNSET
    top_logprobs: list[LogprobByToken | None] | Unset | None = UNSET
    text_offset: list[int] | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "tokens": self.tokens,
                "token_logprobs": self.token_logprobs,
                "top_logprobs": self.top_logprobs,
                "text_offset": self.text_offset,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        tokens = members.pop("tokens", UNSET)
        token_logprobs = members.pop("token_logprobs", UNSET)
        top_logprobs = members.pop("top_logprobs", UNSET)
        top_logprobs = (
            [
                LogprobByToken.from_dict(item) if isinstance(item, dict) else item
                for item in top_logprobs
            ]
            if isinstance(top_logprobs, list)
            else top_logprobs
        )
        text_offset = members.pop("text_offset", UNSET)
        return cls(
            tokens=tokens,
            token_logprobs=token_logprobs,
            top_logprobs=top_logprobs,
            text_offset=text_offset,
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
