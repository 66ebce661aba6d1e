"""What a text looks like to the Home's reckoning: which characters and pairs of characters it has, in its whole and in its head.

Pairs stand in for words, so that no dictionary is needed and a misspelling costs little.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.intp]
Places = NDArray[np.uint32]

BITS = 18
DIMENSIONS = 1 << BITS
"""So many places for features; two that share one hardly ever meet."""
HEAD = 40
"""People come to the point early. The head is the title, a short first line, or so many first characters."""
HEADLINE = range(4, 61)
"""A first line of so many characters is a title."""
LONGEST = 20_000
"""Characters read of a text; more are a file, not an issue."""

_GAP = np.uint32(ord(" "))
_DIGIT = np.uint32(ord("0"))
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
    characters = Characters.of([plain(text)])
    ids, weights = counted(characters.between(characters.starts, characters.stops)[1].astype(np.intp))
    return Features(ids.astype(np.int32), weights)


def likeness(one: Features, other: Features) -> float:
    """The cosine between two vectors of length one: 1 for the same text, 0 where nothing is shared."""
    _, here, there = np.intersect1d(one.ids, other.ids, assume_unique=True, return_indices=True)
    return float(np.dot(one.weights[here], other.weights[there]))


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of plain texts and their pairs, as features; gaps and single digits are none.

    Many texts are read as one, with a gap after each, so that what is done for each takes no longer than what is done for all.
    """

    text: str
    starts: Numbers
    stops: Numbers
    ones: Places
    pairs: Places
    is_one: NDArray[np.bool_]
    is_pair: NDArray[np.bool_]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Characters:
        """Read texts."""
        joined = "".join(f"{text}\n" for text in texts)
        letters = _letters(joined)
        first, second = letters[:-1], letters[1:]
        lengths = np.array([len(text) for text in texts], np.intp)
        stops = np.cumsum(lengths + 1) - 1
        return cls(
            joined,
            stops - lengths,
            stops,
            _place(letters * _MIX + _SALT),
            _place((first * _MIX) ^ (second * _MIX_SECOND + _SALT)),
            (letters != _GAP) & (letters != _DIGIT),
            (first != _GAP) & (second != _GAP),
        )

    def between(self, starts: Numbers, stops: Numbers) -> tuple[Numbers, Places]:
        """The features of stretches of the text, each as often as it is met; before them the number of the stretch each is in."""
        one, at_one = numbered(starts, stops)
        pair, at_pair = numbered(starts, stops - 1)
        is_one, is_pair = self.is_one.take(at_one), self.is_pair.take(at_pair)
        places = [self.ones.take(at_one[is_one]), self.pairs.take(at_pair[is_pair])]
        return np.concatenate([one[is_one], pair[is_pair]]), np.concatenate(places)


def numbered(starts: Numbers, stops: Numbers) -> tuple[Numbers, Numbers]:
    """All numbers of many ranges; before them the number of the range each is in."""
    sizes = np.maximum(stops - starts, 0)
    ranges = np.repeat(np.arange(len(sizes)), sizes)
    return ranges, np.arange(len(ranges)) + (starts - np.cumsum(sizes) + sizes).take(ranges)


def counted(keys: Numbers) -> tuple[Numbers, NDArray[np.float32]]:
    """Each key once and in order, with a weight that grows with the logarithm of its count."""
    keys = np.sort(keys)
    starts = np.ones(len(keys), bool)  # by hand what np.unique does: several times faster on so few
    np.not_equal(keys[1:], keys[:-1], out=starts[1:])
    begins = np.flatnonzero(starts)
    return keys[begins], _WEIGHTS.take(np.diff(begins, append=len(keys)), mode="clip")


def _letters(text: str) -> Places:
    """The codes of its characters: letters stay, all digits are one, whatever else there is becomes a gap."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    characters = codes.view("U1")
    return np.where(np.strings.isalpha(characters), codes, np.where(np.strings.isdigit(characters), _DIGIT, _GAP))


def _place(mixed: Places) -> Places:
    mixed = (mixed ^ (mixed >> np.uint32(15))) * _MIX_SECOND
    placed: Places = (mixed ^ (mixed >> np.uint32(13))) * _MIX >> np.uint32(32 - BITS)
    return placed
