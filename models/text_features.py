"""What a text looks like to the Home's reckoning: which characters and pairs of characters it has.

Pairs stand in for words, so that no dictionary is needed and a misspelling costs little.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

BITS = 18
DIMENSIONS = 1 << BITS
"""So many places for features; two that share one hardly ever meet."""
LONGEST = 20_000
"""Characters read of a text; more are a file, not an issue."""

_GAP = ord(" ")
_DIGIT = ord("0")
_MIX = np.uint32(0x9E3779B1)
_MIX_SECOND = np.uint32(0x85EBCA6B)
_SALT = np.uint32(0x165667B1)


@dataclass(frozen=True)
class Features:
    """A sparse vector: ``ids`` are sorted and each stands once."""

    ids: NDArray[np.int32]
    weights: NDArray[np.float32]

    def unit(self) -> Features:
        """The same direction, of length one; an empty vector stays empty."""
        length = float(np.sqrt(np.dot(self.weights, self.weights)))
        return Features(self.ids, self.weights / np.float32(length)) if length else self


def whole_features(text: str) -> Features:
    """The features of a text; weights grow with the logarithm of the count."""
    return features_in(text, BITS)


def features_in(text: str, bits: int) -> Features:
    """The same in so many bits' room, at most BITS: less room, more features that share a place."""
    places = np.concatenate(list(_grams(_letters(text)))) >> np.uint32(BITS - bits)
    ids, counts = np.unique(places, return_counts=True)
    return Features(ids.astype(np.int32), (1 + np.log(counts)).astype(np.float32))


def likeness(one: Features, other: Features) -> float:
    """The cosine between two vectors of length one: 1 for the same text, 0 where nothing is shared."""
    _, here, there = np.intersect1d(one.ids, other.ids, assume_unique=True, return_indices=True)
    return float(np.dot(one.weights[here], other.weights[there]))


class _Letters(dict[int, int]):
    """For ``str.translate``: letters stay, all digits are one, whatever else there is becomes a gap."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        self[code] = _DIGIT if character.isdigit() else code if character.isalpha() else _GAP
        return self[code]


@cache
def _known() -> _Letters:
    return _Letters()


def _letters(text: str) -> NDArray[np.uint32]:
    """The characters as numbers; full and half width are one, so are capitals and small letters."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).lower().translate(_known())
    return np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _grams(letters: NDArray[np.uint32]) -> Iterator[NDArray[np.uint32]]:
    ones = letters[(letters != _GAP) & (letters != _DIGIT)]
    yield _place(ones * _MIX + _SALT)
    first, second = letters[:-1], letters[1:]
    together = (first != _GAP) & (second != _GAP)
    yield _place((first[together] * _MIX) ^ (second[together] * _MIX_SECOND + _SALT))


def _place(mixed: NDArray[np.uint32]) -> NDArray[np.uint32]:
    mixed = (mixed ^ (mixed >> np.uint32(15))) * _MIX_SECOND
    placed: NDArray[np.uint32] = (mixed ^ (mixed >> np.uint32(13))) * _MIX >> np.uint32(32 - BITS)
    return placed
