from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.completion_finish_reason import CompletionFinishReason
from ..models.completion_logprobs import CompletionLogprobs
from ..types import UNSET, Unset, to_json


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
    logprobs: CompletionLogprobs | None | Unset = UNSET
    finish_reason: CompletionFinishReason | None | Unset = UNSET
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        members = {
            "text": self.text,
            "index": self.index,
            "logprobs": to_json(self.logprobs),
            "finish_reason": self.finish_reason,
        }
        known = {name: member for name, member in members.items() if member is not UNSET}
        return {**to_json(self.additional_properties), **known}

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What is missing is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        text = members.pop("text", UNSET)
        index = members.pop("index", UNSET)
        logprobs = members.pop("logprobs", UNSET)
        logprobs = (
            CompletionLogprobs.from_dict(logprobs) if isinstance(logprobs, dict) else logprobs
        )
        finish_reason = members.pop("finish_reason", UNSET)
        parsed = cls(
            text=text,
            index=index,
            logprobs=logprobs,
            finish_reason=finish_reason,
        )
        parsed.additional_properties = members
        return parsed

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
