from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from ..models.logit_bias import LogitBias
from ..models.stream_options import StreamOptions
from ..types import UNSET, Unset, to_object


@define
class CompletionRequest:
    """What to complete, with which model, and how.

    Attributes:
        model: The model's id.
        prompt: What to complete: a text, several texts, a list of token ids, or several such
            lists. OpenAI's description requires it and gives it a default at once, `<|endoftext|>`,
            the mark between documents. So a client sends one; and where there is none, or null, a
            server begins a text from nothing, or refuses.
        best_of: Make so many completions and keep the `n` best, so at least `n`. Not when
            streaming. The default is 1.
        echo: Whether the text begins with the prompt. The default is false.
        frequency_penalty: Above 0, the more often a token has come, the less likely it is to
            come again. The default is 0.
        logit_bias: What to add to the logits of some tokens, from -100 (never) to 100 (always);
            the keys are token ids. The default is null.
        logprobs: Give the log probabilities of each token and of so many of the likeliest in
            its place. The token itself is always among them, so there can be one more. The default
            is null.
        max_tokens: The most tokens to make. The default is 16.
        n: How many choices to make (for each prompt). The default is 1.
        presence_penalty: Above 0, a token that has come is less likely to come again. The
            default is 0.
        seed: Equal requests with an equal seed get equal answers, as far as the server can.
        stop: Up to four texts that end the output. They are not in the output. The default is
            null.
        stream: Whether to answer with server-sent events, one chunk each, ended by `data:
            [DONE]`. The default is false.
        stream_options: How to stream. Only together with `stream`. The default is null.
        suffix: What comes after the completion. The default is null.
        temperature: At 0 always the likeliest token; the higher, the more varied. The default
            is 1.
        top_p: Sample only from the likeliest tokens that together have this probability. The
            default is 1.
        user: Who asks; helps to find abuse.
    """

    model: str
    prompt: list[int] | list[list[int]] | list[str] | str | None
    best_of: int | Unset | None = UNSET
    echo: bool | Unset | None = UNSET
    frequency_penalty: float | Unset | None = UNSET
    logit_bias: LogitBias | Unset | None = UNSET
    logprobs: int | Unset | None = UNSET
    max_tokens: int | Unset | None = UNSET
    n: int | Unset | None = UNSET
    presence_penalty: float | Unset | None = UNSET
    seed: int | Unset | None = UNSET
    stop: list[str] | str | Unset | None = UNSET
    stream: bool | Unset | None = UNSET
    stream_options: StreamOptions | Unset | None = UNSET
    suffix: str | Unset | None = UNSET
    temperature: float | Unset | None = UNSET
    top_p: float | Unset | None = UNSET
    user: str | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: what was set, and what came with it unasked."""
        return to_object(
            {
                **self.additional_properties,
                "model": self.model,
                "prompt": self.prompt,
                "best_of": self.best_of,
                "echo": self.echo,
                "frequency_penalty": self.frequency_penalty,
                "logit_bias": self.logit_bias,
                "logprobs": self.logprobs,
                "max_tokens": self.max_tokens,
                "n": self.n,
                "presence_penalty": self.presence_penalty,
                "seed": self.seed,
                "stop": self.stop,
                "stream": self.stream,
                "stream_options": self.stream_options,
                "suffix": self.suffix,
                "temperature": self.temperature,
                "top_p": self.top_p,
                "user": self.user,
            }
        )

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. What it lacks is UNSET; what is not as declared stays as it came."""
        members = dict(src_dict)
        model = members.pop("model", UNSET)
        prompt = members.pop("prompt", UNSET)
        best_of = members.pop("best_of", UNSET)
        echo = members.pop("echo", UNSET)
        frequency_penalty = members.pop("frequency_penalty", UNSET)
        logit_bias = members.pop("logit_bias", UNSET)
        logit_bias = LogitBias.from_dict(logit_bias) if isinstance(logit_bias, dict) else logit_bias
        logprobs = members.pop("logprobs", UNSET)
        max_tokens = members.pop("max_tokens", UNSET)
        n = members.pop("n", UNSET)
        presence_penalty = members.pop("presence_penalty", UNSET)
        seed = members.pop("seed", UNSET)
        stop = members.pop("stop", UNSET)
        stream = members.pop("stream", UNSET)
        stream_options = members.pop("stream_options", UNSET)
        stream_options = (
            StreamOptions.from_dict(stream_options)
            if isinstance(stream_options, dict)
            else stream_options
        )
        suffix = members.pop("suffix", UNSET)
        temperature = members.pop("temperature", UNSET)
        top_p = members.pop("top_p", UNSET)
        user = members.pop("user", UNSET)
        return cls(
            model=model,
            prompt=prompt,
            best_of=best_of,
            echo=echo,
            frequency_penalty=frequency_penalty,
            logit_bias=logit_bias,
            logprobs=logprobs,
            max_tokens=max_tokens,
            n=n,
            presence_penalty=presence_penalty,
            seed=seed,
            stop=stop,
            stream=stream,
            stream_options=stream_options,
            suffix=suffix,
            temperature=temperature,
            top_p=top_p,
            user=user,
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
