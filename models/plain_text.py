"""Text without what nobody can see: signs that turn its direction, that have no width, or that no file and no database can hold."""

from __future__ import annotations

import re

_EMOJI = "\u200d\u20e3\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters but for tabs and new lines
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what turns the direction of the text around it
    "\xad\u034f\u180e\u200b\u200c\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # what has no width
    "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # what looks like nothing although it is a letter
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f"  # what is no character, and tags
    "]"
    f"|(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])"  # what joins two emoji into one has no other use here
)
_NEW_LINES = str.maketrans({"\x85": "\n", "\u2028": "\n", "\u2029": "\n"})


def plain(text: str) -> str:
    """The text as it can be read: with nothing that hides in it, and nothing that shows it otherwise than it is written.

    Emoji stay whole. Takes linear time.
    """
    return _UNSEEN.sub("", text).translate(_NEW_LINES)


def hides_something(text: str) -> bool:
    """Whether ``plain`` would change it."""
    return _UNSEEN.search(text) is not None or any(sign in text for sign in "\x85\u2028\u2029")
