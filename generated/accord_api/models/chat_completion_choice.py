from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.chat_completion_message import ChatCompletionMessage
from ..models.chat_finish_reason import ChatFinishReason
from ..models.chat_logprobs import ChatLogprobs
from ..types import UNSET, Unset, to_object


@define
class ChatCompletionChoice:
    """One answer.

    Attributes:
        index: Its place among the choices.
        message: What the model says.
        logprobs: Null when the request did not ask.
        finish_reason: Why it ended.
    """

    index: int
    message: ChatCompletionMessage
    logprobs: ChatLogprobs | Unset | None = UNSET
    finish_reason: ChatFinishReason | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "index": self.index,
                "message": self.message,
                "logprobs": self.logprobs,
                "finish_reason": self.finish_reason,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        index = members.pop("index", UNSET)
        message = members.pop("message", UNSET)
        message = ChatCompletionMessage.from_dict(message) if isinstance(message, dict) else message
        logprobs = members.pop("logprobs", UNSET)
        logprobs = ChatLogprobs.from_dict(logprobs) if isinstance(logprobs, dict) else logprobs
        finish_reason = members.pop("finish_reason", UNSET)
        return cls(
            index=index,
            message=message,
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
