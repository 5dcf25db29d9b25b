from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from attrs import define, field

from ..models.completion_choice import CompletionChoice
from ..models.usage import Usage
from ..types import UNSET, Unset, to_object


@define
class Completion:
    """The completions of one request.

    Attributes:
        id: The completion's own name.
        object_: Always `text_completion`.
        created: When it was made, in Unix seconds.
        model: The model that made it.
        choices: `n` for each prompt, in the order of the prompts: choice j of prompt i has the
            index i * n + j.
        usage: What the request cost, in tokens.
        system_fingerprint: Changes when the server changes in a way that changes answers.
    """

    id: str
    created: int
    model: str
    choices: list[CompletionChoice]
    object_: Literal["text_completion"] = "text_completion"
    usage: Unset | Usage | None = UNSET
    system_fingerprint: str | Unset | None = UNSET
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
                "system_fingerprint": self.system_fingerprint,
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
                CompletionChoice.from_dict(item) if isinstance(item, dict) else item
                for item in choices
            ]
            if isinstance(choices, list)
            else choices
        )
        usage = members.pop("usage", UNSET)
        usage = Usage.from_dict(usage) if isinstance(usage, dict) else usage
        system_fingerprint = members.pop("system_fingerprint", UNSET)
        return cls(
            id=id,
            object_=object_,
            created=created,
            model=model,
            choices=choices,
            usage=usage,
            system_fingerprint=system_fingerprint,
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
