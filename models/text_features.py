"""What a text looks like to the Home's reckoning: which pairs of characters it has, in its whole and in its head, and how often.

Characters in ones and twos stand in for words, so that no dictionary is needed and a misspelling costs little.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BITS = 18
DIMENSIONS = 1 << BITS
"""So many places for features; two that share one hardly ever meet."""
HEAD = 40
"""People come to the point early. The head is the title, or so many first characters."""
LONGEST = 20_000
"""Characters read of a text; more are a file, not an issue."""

_GAP = ord(" ")
_DIGIT = ord("0")
_MIX = np.uint32(0x9E3779B1)
_MIX_SECOND = np.uint32(0x85EBCA6B)
_SALT = {"head": np.uint32(0x27D4EB2F), "whole": np.uint32(0x165667B1)}


@dataclass(frozen=True)
class Features:
    """A sparse vector: ``ids`` are sorted and each stands once."""

    ids: NDArray[np.int32]
    weights: NDArray[np.float32]

    def times(self, factors: NDArray[np.float32]) -> Features:
        """Each weight times the factor of its feature."""
        return Features(self.ids, self.weights * factors[self.ids])

    def unit(self) -> Features:
        """The same direction, of length one; an empty vector stays empty."""
        length = float(np.sqrt(np.dot(self.weights, self.weights)))
        return Features(self.ids, self.weights / np.float32(length)) if length else self


def features_of(text: str, title: str = "") -> Features:
    """The features of a text and, apart from them, of its head; weights grow with the logarithm of the count."""
    whole = _letters(f"{title}\n{text}" if title and not text.startswith(title) else text)
    head = _letters(title or text.lstrip()[:HEAD])
    return _counted(np.concatenate([*_grams(whole, _SALT["whole"]), *_grams(head, _SALT["head"])]))


def whole_features(text: str) -> Features:
    """The features of a text alone, for comparing one with another."""
    return _counted(np.concatenate(list(_grams(_letters(text), _SALT["whole"]))))


def rarity(documents: Iterable[Features]) -> NDArray[np.float32]:
    """By feature, how telling it is: what few documents have tells more than what all have (inverse document frequency)."""
    counts, total = np.zeros(DIMENSIONS, np.float32), 0
    for document in documents:
        counts[document.ids] += 1
        total += 1
    found: NDArray[np.float32] = np.log((1 + total) / (1 + counts)) + 1
    return found.astype(np.float32)


def likeness(one: Features, other: Features) -> float:
    """The cosine between two vectors of length one: 1 for the same text, 0 where nothing is shared."""
    _, here, there = np.intersect1d(one.ids, other.ids, assume_unique=True, return_indices=True)
    return float(np.dot(one.weights[here], other.weights[there]))


def _letters(text: str) -> NDArray[np.uint32]:
    """The characters as numbers: full and half width are one, so are all digits; whatever is no letter is a gap."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
    known = "".join("0" if c.isdigit() else c if c.isalpha() else " " for c in plain)
    return np.frombuffer(known.encode("utf-32-le"), dtype=np.uint32)


def _grams(letters: NDArray[np.uint32], salt: np.uint32) -> Iterable[NDArray[np.uint32]]:
    ones = letters[(letters != _GAP) & (letters != _DIGIT)]
    yield _place(ones * _MIX + salt)
    first, second = letters[:-1], letters[1:]
    together = (first != _GAP) & (second != _GAP)
    yield _place((first[together] * _MIX) ^ (second[together] * _MIX_SECOND + salt))


def _place(mixed: NDArray[np.uint32]) -> NDArray[np.uint32]:
    mixed = (mixed ^ (mixed >> np.uint32(15))) * _MIX_SECOND
    placed: NDArray[np.uint32] = (mixed ^ (mixed >> np.uint32(13))) * _MIX >> np.uint32(32 - BITS)
    return placed


def _counted(places: NDArray[np.uint32]) -> Features:
    ids, counts = np.unique(places, return_counts=True)
    return Features(ids.astype(np.int32), (1 + np.log(counts)).astype(np.float32))
