from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from ..models.chat_completion_chunk_choice import ChatCompletionChunkChoice
from ..models.moderation_result import ModerationResult
from ..models.usage import Usage
from ..types import UNSET, Unset, to_object


@define
class ChatCompletionChunk:
    """A piece of a streamed answer.

    Attributes:
        id: The same on every chunk of a stream.
        object_: Always `chat.completion.chunk`.
        created: The same on every chunk of a stream.
        model: The model that makes it.
        choices: What is new; empty on the chunk that carries the usage.
        usage: What the request cost, in tokens.
        service_tier: How the request is served and charged, such as `default`.
        system_fingerprint: Changes when the server changes in a way that changes answers.
        obfuscation: Padding that hides how long the text is.
        moderation: What moderation found.
    """

    id: str
    created: int
    model: str
    choices: list[ChatCompletionChunkChoice]
    object_: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    usage: Unset | Usage | None = UNSET
    service_tier: str | Unset | None = UNSET
    system_fingerprint: str | Unset | None = UNSET
    obfuscation: str | Unset = UNSET
    moderation: ModerationResult | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "id": self.id,
                "object": self.object_,
                "created": self.created,
                "model": self.model,
                "choices": self.choices,
                "usage": self.usage,
                "service_tier": self.service_tier,
                "system_fingerprint": self.system_fingerprint,
                "obfuscation": self.obfuscation,
                "moderation": self.moderation,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        id = members.pop("id", UNSET)
        object_ = members.pop("object", UNSET)
        created = members.pop("created", UNSET)
        model = members.pop("model", UNSET)
        choices = members.pop("choices", UNSET)
        choices = (
            [
                ChatCompletionChunkChoice.from_dict(item) if isinstance(item, dict) else item
                for item in choices
            ]
            if isinstance(choices, list)
            else choices
        )
        usage = members.pop("usage", UNSET)
        usage = Usage.from_dict(usage) if isinstance(usage, dict) else usage
        service_tier = members.pop("service_tier", UNSET)
        system_fingerprint = members.pop("system_fingerprint", UNSET)
        obfuscation = members.pop("obfuscation", UNSET)
        moderation = members.pop("moderation", UNSET)
        moderation = (
            ModerationResult.from_dict(moderation) if isinstance(moderation, dict) else moderation
        )
        return cls(
            id=id,
            object_=object_,
            created=created,
            model=model,
            choices=choices,
            usage=usage,
            service_tier=service_tier,
            system_fingerprint=system_fingerprint,
            obfuscation=obfuscation,
            moderation=moderation,
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
