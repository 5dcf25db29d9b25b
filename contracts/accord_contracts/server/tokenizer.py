"""The tokenizer: bytes, and two hundred pieces of up to four bytes.

The vocabulary, by token id:

| ids | tokens |
|---|---|
| 0 to 255 | one byte each, so that every text has an encoding |
| 256 and up | pieces: common letter groups, some with the space before them |
| after those | four fragments of UTF-8 characters: pieces that are not whole characters |
| the last six | the marks of `Mark`, which stand for structure and decode to nothing |

A text is cut from the left, the longest piece first. Pieces are short and never reach past the
end of a word, so that most words take two or three tokens; emoji and CJK characters take two
to four. Whatever a client writes is plain text: `"<|endoftext|>"` typed into a message
is thirteen characters, not the mark.
"""

from __future__ import annotations

import codecs
import re
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_PIECES: Final = """
_t he _the _a _w _s _i nd re er _o _b or in at _and es _is _l ll _n The _m _f _The ou oo hat _c
ee _p ing ar le an th _to _r _in me ay ver st en ad _y _on _of _li _k _g _I ook on ld ill et
_you _st _h _e _d _are ter ow est eep all _no _it _for se ri op ir ac _wor _wi _sm _re _ne _co
_It sk gh art ain _pl _ask _an ven un rit qu orn ood ion ime ght ft eop ec ays _whe _wh _th
_see _ri _le _fir _do _can _S wn wer ve ut tt ori ong oat now ke ine el eed ap ace _who _we _ta
_qu _old _new _mo _map _let _ha _bre _at _ans _W _In yth wee way ur um umb ue rie ree ran out
oon ond oad mes lo kes ive ise her ges ea den ch al ag ach _wat _so _sl _sh _sec _one _not _ni
_has _gar _far _day _cou _clo _but _br _bet _be _al _ag
"""
"""Pair-merged from the corpus, at most four bytes; `_` stands for the space before a word."""

_FRAGMENTS: Final = (b"\xf0\x9f", b"\xe2\x80", b"\xe6\x97", b"\xe3\x81")
"""The first bytes of most emoji, of curly quotes and dashes, of some CJK and of hiragana."""

_ORDINARY: Final = (
    *(bytes([value]) for value in range(256)),
    *(piece.replace("_", " ").encode() for piece in _PIECES.split()),
    *_FRAGMENTS,
)


class Mark(IntEnum):
    """Tokens that no text encodes to: the structure around the text."""

    END_OF_TEXT = len(_ORDINARY)
    START = END_OF_TEXT + 1
    """Before the role of a chat message."""
    MESSAGE = END_OF_TEXT + 2
    """Between the role and the content; between a call's name and its arguments."""
    END = END_OF_TEXT + 3
    """After the content of a chat message."""
    CALL = END_OF_TEXT + 4
    """Before the name of a called tool."""
    SUFFIX = END_OF_TEXT + 5
    """Before what must follow an insertion."""


TOKEN_BYTES: Final = _ORDINARY + (b"",) * len(Mark)
"""What each token decodes to, by id."""

VOCABULARY_SIZE: Final = len(TOKEN_BYTES)

_IDS: Final = {piece: token for token, piece in enumerate(_ORDINARY)}
Utf8: Final = codecs.getincrementaldecoder("utf-8")
"""Decodes piece by piece; holds back the beginning of a character until its end has come."""

_CUT: Final = re.compile(
    b"|".join(re.escape(piece) for piece in sorted(_ORDINARY[256:], key=len, reverse=True)) + b"|.",
    re.DOTALL,
)


def encode(text: str) -> list[int]:
    """The tokens of a text; `decode` gives the same text back.

    Raises:
        UnicodeEncodeError: the text holds a lone surrogate.
    """
    return [_IDS[piece] for piece in _CUT.findall(text.encode())]


def decode(tokens: Iterable[int]) -> str:
    """The text of some tokens; bytes that are no UTF-8 become U+FFFD."""
    return b"".join(TOKEN_BYTES[token] for token in tokens).decode(errors="replace")


def is_whole(token: int) -> bool:
    """Whether the token is made of whole characters, and not of parts of one."""
    return not _TEXTS[token].startswith("bytes:")


def token_text(token: int) -> str:
    r"""The token as logprobs name it: its text, or `bytes:\xf0\x9f` for part of a character."""
    return _TEXTS[token]


def text_offsets(tokens: Iterable[int], start: int = 0) -> list[int]:
    """Where each token begins, in characters, when the first begins at `start`.

    A token in the middle of a character begins where that character does.
    """
    decoder = Utf8("replace")
    offsets, position = [], start
    for token in tokens:
        offsets.append(position)
        position += len(decoder.decode(TOKEN_BYTES[token]))
    return offsets


def _spell(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return "bytes:" + "".join(f"\\x{byte:02x}" for byte in raw)


_TEXTS: Final = tuple(_spell(raw) for raw in TOKEN_BYTES)
