"""The text model: a pure function from the tokens so far to a distribution over the next one.

It is a word-pair model over `corpus.PARAGRAPHS`, spelled token by token: what may follow
depends on the word being spelled and on the word before it. Two things bend it:

- words of the prompt are favoured, so that answers pick up what was asked about;
- every candidate gets a small pseudo-random bonus that depends on the whole context, so that
  other prompts, other models and other positions lead to other texts, without any sampling.

Nothing in it is random: chance enters in `sampling` alone. An answer ends by itself at the end
of a sentence, after some tens of tokens.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from copy import copy
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from accord_contracts.server.corpus import PARAGRAPHS
from accord_contracts.server.tokenizer import TOKEN_BYTES, VOCABULARY_SIZE, Mark, encode, is_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Logits = dict[int, float]
"""The tokens that a model favours; all others have their `FLOOR`."""

_WHOLE: Final = -24.0
_FRAGMENT: Final = -90.0
_MARK: Final = -250.0

FLOOR: Final = tuple(
    _MARK if token >= Mark.END_OF_TEXT else _WHOLE if is_whole(token) else _FRAGMENT
    for token in range(VOCABULARY_SIZE)
)
"""The logit of each token that the model has no reason for.

A bias of 100 lifts any text token above all candidates, and a mark never. At temperature 2 the
floor's whole mass is still below one percent, so that hot texts stay readable.
"""

_SPREAD: Final = 3.0
"""How much, in nats, the context can favour one candidate over another."""
_PAIR_WEIGHT: Final = 0.85
_PROMPT_WEIGHT: Final = 0.5
_CANDIDATES: Final = 12
_PROMPT_WINDOW: Final = 256
"""How many tokens at the end of the prompt lend their words."""
_SHORTEST, _VARIATION, _PATIENCE = 32, 48, 64
"""An answer may end after 32 to 79 tokens, and must some 64 tokens later."""
_CERTAIN: Final = 60.0
"""Lifts what is necessary above any penalty: the rest of a character, a long answer's end."""

_BITS: Final = (1 << 64) - 1
_Word = tuple[int, ...]


class Model(Protocol):
    """What the sampler draws from, one token after the other."""

    def logits(self) -> Logits:
        """What it favours next; empty when it has nothing more to say."""
        ...

    def advance(self, token: int) -> None:
        """Take note of the token that was drawn."""
        ...


def _opens_word(raw: bytes) -> bool:
    return len(raw) > 0 and raw[:1] in b' \n.,:;!?()[]{}"'


_OPENERS: Final = frozenset(
    token for token, raw in enumerate(TOKEN_BYTES) if _opens_word(raw) or token >= Mark.END_OF_TEXT
)


class _Words:
    """Follows a text word by word: the word being spelled, and the one before it."""

    __slots__ = ("before", "current")

    def __init__(self) -> None:
        self.before: _Word = ()
        self.current: _Word = ()

    def add(self, token: int) -> None:
        if token in _OPENERS:
            self.before, self.current = self.current, (token,)
        else:
            self.current = (*self.current[-15:], token)


_Table = dict[tuple[_Word, _Word], Counter[int]]
_UNSEEN: Final[Counter[int]] = Counter()


def _learn(texts: Iterable[Sequence[int]]) -> _Table:
    """Count what follows each pair of words, and each single word under an empty first one."""
    table: _Table = defaultdict(Counter)
    for text in texts:
        words = _Words()
        for token in text:
            if token < Mark.END_OF_TEXT:
                table[words.before, words.current][token] += 1
                table[(), words.current][token] += 1
            words.add(token)
    return dict(table)


@lru_cache(maxsize=256)
def _learn_prompt(prompt: tuple[int, ...]) -> _Table:
    """The same for one prompt; clients send theirs again and again."""
    return _learn([prompt])


def _lessons() -> Iterator[list[int]]:
    encoded = [encode(text) for text in PARAGRAPHS]
    for text, following in zip(encoded, encoded[1:] + encoded[:1], strict=True):
        yield [Mark.MESSAGE, *text, *encode("\n\n"), *following]
    yield from ([*encode("\n"), *text] for text in encoded)


_TABLE: Final = _learn(_lessons())
_ANY_WORD: Final = Counter(
    token for text in _lessons() for token in text if token in _OPENERS and token < Mark.END_OF_TEXT
)
"""The beginnings of words: what may follow a word that nobody has seen."""


@lru_cache(maxsize=8192)
def _candidates(before: _Word, current: _Word) -> tuple[tuple[int, float], ...]:
    """The likeliest tokens after two words with their weights; empty after an unknown word."""
    pair = _TABLE.get((before, current), _UNSEEN)
    single = _TABLE.get(((), current), _UNSEEN)
    shares = _shares(single, 1 - _PAIR_WEIGHT if pair else 1.0)
    for token, share in _shares(pair, _PAIR_WEIGHT).items():
        shares[token] = shares.get(token, 0.0) + share
    best = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return tuple(islice(best, _CANDIDATES))


def _shares(counts: Mapping[int, int], weight: float) -> dict[int, float]:
    total = sum(counts.values())
    return {token: weight * count / total for token, count in counts.items()}


class Prose:
    """The text model on one context.

    Args:
        prompt: the tokens to continue.
        salt: what tells models apart; other salts, other texts.
    """

    def __init__(self, prompt: Sequence[int], salt: int) -> None:
        self._state = salt & _BITS
        self._words = _Words()
        self._missing = 0
        self._generated = 0
        self._prompt_words = _learn_prompt(tuple(prompt[-_PROMPT_WINDOW:]))
        for token in prompt:
            self.read(token)
        self._ends_after = _SHORTEST + (self._state >> 32) % _VARIATION

    @property
    def state(self) -> int:
        """A number that stands for the whole context."""
        return self._state

    def fork(self) -> Prose:
        """Another model in the same state, to go its own way."""
        twin = copy(self)
        twin._words = copy(self._words)  # noqa: SLF001 - it is one of us
        return twin

    def advance(self, token: int) -> None:
        """Take note of the token that was drawn."""
        self._generated += 1
        self.read(token)

    def read(self, token: int) -> None:
        """Take note of a token that somebody else wrote."""
        self._state = (self._state * 6364136223846793005 + token + 1442695040888963407) & _BITS
        self._words.add(token)
        for byte in TOKEN_BYTES[token]:
            self._missing = _still_missing(self._missing, byte)

    def logits(self) -> Logits:
        """What it favours next."""
        words = self._words
        shares = dict(_candidates(words.before, words.current))
        echoes = self._prompt_words.get(((), words.current), _UNSEEN)
        for token, share in _shares(echoes, _PROMPT_WEIGHT).items():
            shares[token] = shares.get(token, 0.0) + share
        return self._finish(self._favour(shares or _shares(_ANY_WORD, 1.0)))

    def _favour(self, shares: dict[int, float]) -> Logits:
        """Turn weights into logits, each with the bonus that the context gives it."""
        log, state = math.log, self._state
        lift = _CERTAIN if self._missing else 0.0
        return {
            token: log(share) + lift + _SPREAD * _chance(state, token)
            for token, share in shares.items()
        }

    def _finish(self, logits: Logits) -> Logits:
        """Let the end come after a sentence once the text is long enough."""
        late = self._generated - self._ends_after
        if late >= 0 and not self._missing and (late >= _PATIENCE or self._after_sentence()):
            logits[Mark.END_OF_TEXT] = _CERTAIN
        return logits

    def _after_sentence(self) -> bool:
        return TOKEN_BYTES[self._words.current[-1]][-1:] in (b".", b"\n", b"!", b"?")


def _still_missing(missing: int, byte: int) -> int:
    """How many bytes the character at hand still needs after this one."""
    if byte < 0xC0:
        return max(missing - 1, 0) if byte >= 0x80 else 0
    return 1 if byte < 0xE0 else 2 if byte < 0xF0 else 3


def _chance(state: int, token: int) -> float:
    """A number in [0, 1) that looks random and depends on nothing else."""
    mixed = ((state ^ (token * 0x9E3779B97F4A7C15)) * 0xBF58476D1CE4E5B9) & _BITS
    mixed ^= mixed >> 31
    return ((mixed * 0x94D049BB133111EB) & _BITS) / (_BITS + 1)


class Script:
    """A model that knows its lines: what it says is fixed, as in constrained decoding."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens = tokens
        self._position = 0

    def logits(self) -> Logits:
        """The next token of the script, beyond any doubt; empty at the end."""
        if self._position == len(self._tokens):
            return {}
        return {self._tokens[self._position]: 0.0}

    def advance(self, token: int) -> None:
        """Go on to the next token."""
        self._position += 1
