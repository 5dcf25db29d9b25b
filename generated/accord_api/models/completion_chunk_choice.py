from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.completion_finish_reason import CompletionFinishReason
from ..models.completion_logprobs import CompletionLogprobs
from ..types import UNSET, Unset, to_object


@define
class CompletionChunkChoice:
    """What is new in one completion.

    Attributes:
        text: To be added to the text.
        index: Which completion it belongs to.
        logprobs: Of the tokens in this chunk; null when the request did not ask.
        finish_reason: Why the completion ended; null until it does.
    """

    text: str
    index: int
    logprobs: CompletionLogprobs | Unset | None = UNSET
    finish_reason: CompletionFinishReason | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "text": self.text,
                "index": self.index,
                "logprobs": self.logprobs,
                "finish_reason": self.finish_reason,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        text = members.pop("text", UNSET)
        index = members.pop("index", UNSET)
        logprobs = members.pop("logprobs", UNSET)
        logprobs = (
            CompletionLogprobs.from_dict(logprobs) if isinstance(logprobs, dict) else logprobs
        )
        finish_reason = members.pop("finish_reason", UNSET)
        return cls(
            text=text,
            index=index,
            logprobs=logprobs,
            finish_reason=finish_reason,
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
