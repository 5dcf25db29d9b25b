from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.chat_completion_delta import ChatCompletionDelta
from ..models.chat_finish_reason import ChatFinishReason
from ..models.chat_logprobs import ChatLogprobs
from ..types import UNSET, Unset, to_json


@define
class ChatCompletionChunkChoice:
    """What is new in one answer.

    Attributes:
        index: Which answer it belongs to.
        delta: What is to be added to a message; empty in the last chunk of an answer.
        logprobs: Of the tokens in this chunk; null when the request did not ask.
        finish_reason: Why the answer ended; null until it does.
    """

    index: int
    delta: ChatCompletionDelta
    logprobs: ChatLogprobs | None | Unset = UNSET
    finish_reason: ChatFinishReason | None | Unset = UNSET
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        members = {
            "index": self.index,
            "delta": to_json(self.delta),
            "logprobs": to_json(self.logprobs),
            "finish_reason": self.finish_reason,
        }
        known = {name: member for name, member in members.items() if member is not UNSET}
        return {**to_json(self.additional_properties), **known}

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What is missing is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        index = members.pop("index", UNSET)
        delta = members.pop("delta", UNSET)
        delta = ChatCompletionDelta.from_dict(delta) if isinstance(delta, dict) else delta
        logprobs = members.pop("logprobs", UNSET)
        logprobs = ChatLogprobs.from_dict(logprobs) if isinstance(logprobs, dict) else logprobs
        finish_reason = members.pop("finish_reason", UNSET)
        parsed = cls(
            index=index,
            delta=delta,
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
