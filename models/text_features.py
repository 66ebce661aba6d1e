"""What a text looks like to the Home's reckoning: which characters and pairs of characters it has, in its whole and in its head.

Pairs stand in for words, so that no dictionary is needed and a misspelling costs little.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

BITS = 18
DIMENSIONS = 1 << BITS
"""So many places for features; two that share one hardly ever meet."""
HEAD = 40
"""People come to the point early. The head is the title, a short first line, or so many first characters."""
HEADLINE = range(4, 61)
"""A first line of so many characters is a title."""
LONGEST = 20_000
"""Characters read of a text; more are a file, not an issue."""

_GAP = ord(" ")
_DIGIT = ord("0")
_MIX = np.uint32(0x9E3779B1)
_MIX_SECOND = np.uint32(0x85EBCA6B)
_SALT = np.uint32(0x165667B1)
_WEIGHTS = np.concatenate([[0], 1 + np.log(np.arange(1, LONGEST + 1))]).astype(np.float32)
"""By count: the second time tells less than the first."""


@dataclass(frozen=True)
class Features:
    """A sparse vector: ``ids`` are sorted and each stands once."""

    ids: NDArray[np.int32]
    weights: NDArray[np.float32]

    def unit(self) -> Features:
        """The same direction, of length one; an empty vector stays empty."""
        length = float(np.sqrt(np.dot(self.weights, self.weights)))
        return Features(self.ids, self.weights / np.float32(length)) if length else self


def title_of(text: str) -> str:
    """A short first line is a title; nothing where there is none."""
    first, _, rest = text.strip().partition("\n")
    return first.strip() if rest and len(first.strip()) in HEADLINE else ""


def whole_of(text: str, title: str = "") -> str:
    """The title and the text, of which it may be the beginning already."""
    text, title = text.strip(), title.strip()
    return text if text.startswith(title) else f"{title}\n{text}".strip()


def plain(text: str) -> str:
    """Full and half width are one, so are capitals and small letters."""
    return unicodedata.normalize("NFKC", text[:LONGEST]).lower()


def whole_features(text: str) -> Features:
    """The features of a text."""
    return counted(Characters.of(plain(text)).places())


def likeness(one: Features, other: Features) -> float:
    """The cosine between two vectors of length one: 1 for the same text, 0 where nothing is shared."""
    _, here, there = np.intersect1d(one.ids, other.ids, assume_unique=True, return_indices=True)
    return float(np.dot(one.weights[here], other.weights[there]))


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of a plain text and their pairs, as features; gaps and single digits are none."""

    text: str
    ones: NDArray[np.uint32]
    pairs: NDArray[np.uint32]
    is_one: NDArray[np.bool_]
    is_pair: NDArray[np.bool_]

    @classmethod
    def of(cls, text: str) -> Characters:
        """Read a text."""
        letters = np.frombuffer(text.translate(_known()).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        first, second = letters[:-1], letters[1:]
        return cls(
            text,
            _place(letters * _MIX + _SALT),
            _place((first * _MIX) ^ (second * _MIX_SECOND + _SALT)),
            (letters != _GAP) & (letters != _DIGIT),
            (first != _GAP) & (second != _GAP),
        )

    def part(self, start: int, stop: int) -> Characters:
        """The same of a part of the text, without reading it again."""
        one, pair = slice(start, stop), slice(start, max(stop - 1, start))
        return Characters(self.text[one], self.ones[one], self.pairs[pair], self.is_one[one], self.is_pair[pair])

    def places(self) -> NDArray[np.uint32]:
        """The features, each as often as it is met."""
        return np.concatenate([self.ones[self.is_one], self.pairs[self.is_pair]])


def counted(places: NDArray[np.uint32]) -> Features:
    """Each feature once, with a weight that grows with the logarithm of its count."""
    places = np.sort(places)
    starts = np.ones(len(places), bool)  # by hand what np.unique does: several times faster on so few
    np.not_equal(places[1:], places[:-1], out=starts[1:])
    begins = np.flatnonzero(starts)
    counts = np.empty(len(begins), np.intp)
    counts[:-1], counts[-1:] = begins[1:] - begins[:-1], len(places) - begins[-1:]
    return Features(places[begins].astype(np.int32), _WEIGHTS.take(counts, mode="clip"))


class _Letters(dict[int, int]):
    """For ``str.translate``: letters stay, all digits are one, whatever else there is becomes a gap."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        self[code] = _DIGIT if character.isdigit() else code if character.isalpha() else _GAP
        return self[code]


@cache
def _known() -> _Letters:
    return _Letters()


def _place(mixed: NDArray[np.uint32]) -> NDArray[np.uint32]:
    mixed = (mixed ^ (mixed >> np.uint32(15))) * _MIX_SECOND
    placed: NDArray[np.uint32] = (mixed ^ (mixed >> np.uint32(13))) * _MIX >> np.uint32(32 - BITS)
    return placed
