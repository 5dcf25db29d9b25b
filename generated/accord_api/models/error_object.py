from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..types import UNSET, Unset, to_object


@define
class ErrorObject:
    """What went wrong.

    Attributes:
        message: For people; it never has to be parsed.
        type_: The kind, such as `invalid_request_error`.
        param: The parameter that is at fault, such as `messages`.
        code: For programs, such as `model_not_found`; never a number.
    """

    message: str
    type_: str
    param: str | Unset | None = UNSET
    code: str | Unset | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "message": self.message,
                "type": self.type_,
                "param": self.param,
                "code": self.code,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        message = members.pop("message", UNSET)
        type_ = members.pop("type", UNSET)
        param = members.pop("param", UNSET)
        code = members.pop("code", UNSET)
        return cls(
            message=message,
            type_=type_,
            param=param,
            code=code,
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
