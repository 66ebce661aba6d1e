"""How the routing model sees a text: as one vector of four parts, and how much its keywords speak for each field.

The parts are the characters and pairs of characters of the whole, of its head, and of its beginning, and the keywords in it. Each part is
brought to a length of its own, so that a long story does not drown its title.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.route_words import Field, Keywords
from models.text_features import BITS, HEAD, Characters, counted, plain, title_of, whole_of

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Ids = NDArray[np.int32]

ROOM = (17, 16, 16)
"""Bits for the whole, the head and the beginning: less room, more features that share a place."""
LENGTHS = (1.0, 0.7, 0.7, 0.35)
"""Of the whole, the head, the beginning, and the keywords."""
BEGINNING = 150
"""Characters in which people have usually said what it is about."""
READ, REST = 600, 150
"""Characters read of a text, and of what follows its head where that is looked at alone: longer stories tell nothing more."""
COUNTED = 5
"""A keyword said more often than this adds nothing to the score: length must not outweigh variety."""
BY_LENGTH = (0.0, 0.3, 1.0, 1.5, 2.0)
"""Longer keywords are more telling; the last stands for all that are longer still."""
MANY = 2000
"""For so many documents, one more must have a feature for it to be learnt: what is rare among many hardly comes again, and costs time."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A stretch of text as the model sees it: ``ids`` are sorted, and each stands once."""

    ids: Ids
    values: Halves

    def packed(self) -> bytes:
        """The same as one string of bytes: thousands of small arrays would cost as much again as what they hold."""
        return self.ids.tobytes() + self.values.tobytes()

    @classmethod
    def unpacked(cls, packed: bytes) -> Seen:
        """What was packed; it can be read only."""
        features = len(packed) // 6
        return cls(np.frombuffer(packed, np.int32, features), np.frombuffer(packed, np.float16, features, 4 * features))


@dataclass(frozen=True, slots=True)
class Look:
    """A text that was read, and how much its keywords speak for each field."""

    seen: Seen
    score: Floats


class Sight:
    """Turns texts into vectors, and weighs them."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = len(fields)
        self.keywords = Keywords(fields)
        self.bounds = np.cumsum([1 << bits for bits in ROOM])
        self.size = int(self.bounds[-1]) + len(self.keywords)
        self.rarity, self.shared = np.ones(self.size, np.float32), np.ones(self.size, bool)
        self._starts = [np.uint32(start) for start in (0, *self.bounds[:-1])]
        self._shifts = [np.uint32(BITS - bits) for bits in ROOM]

    def look(self, text: str, title: str = "") -> Look:
        """Read a text. Its title may stand apart, begin the text, or not be there."""
        whole, head = _read(text, title)
        said = self.keywords.said_in(whole)
        return Look(self._see(whole, head, said), self._score(said, whole.text[:head]))

    def lessons(self, text: str, title: str = "") -> list[Seen]:
        """What a text teaches: as it was told; its head alone, and how it goes on, as the next may be one line or have no title."""
        whole, head = _read(text, title)
        said = self.keywords.said_in(whole)
        first = whole.part(0, head)
        said_first = {keyword: times for keyword in said if (times := first.text.count(keyword))}
        seen = [self._see(whole, head, said), self._see(first, head, said_first)]
        after = whole.text[head:].lstrip()
        if after:
            start = len(whole.text) - len(after)
            rest = whole.part(start, start + len(after[:REST].rstrip()))
            seen.append(self._see(rest, HEAD, self.keywords.said_in(rest), beginning=0))
        return seen

    def weigh(self, documents: Iterable[Seen]) -> None:
        """Find how telling each feature is: what few documents have tells more than what all have (inverse document frequency).

        Besides, which are shared by enough documents to be learnt.
        """
        having = np.zeros(self.size, np.float32)
        number = 0
        for document in documents:
            having[document.ids] += 1
            number += 1
        self.rarity = (np.log((1 + number) / (1 + having)) + 1).astype(np.float32)
        self.rarity[self.bounds[-1] :] = 1  # what somebody wrote down as a keyword is telling
        self.shared = having > number // MANY

    def weighed(self, seen: Seen) -> Seen:
        """The same with its features weighed by how telling they are, and each part brought to its length."""
        values = seen.values * self.rarity.take(seen.ids)
        start = 0
        for stop, wanted in zip((*np.searchsorted(seen.ids, self.bounds).tolist(), len(values)), LENGTHS, strict=True):
            part = values[start:stop]
            if length := math.sqrt(np.dot(part, part)):
                part *= np.float32(wanted / length)
            start = stop
        return Seen(seen.ids, values.astype(np.float16))

    def _see(self, characters: Characters, head: int, said: Mapping[str, int], *, beginning: int = BEGINNING) -> Seen:
        """What was read, and the keywords said there."""
        parts = (characters, characters.part(0, head), characters.part(0, beginning))
        places = [(part.places() >> shift) + start for part, shift, start in zip(parts, self._shifts, self._starts, strict=True)]
        features = counted(np.concatenate(places))
        numbers, first = [self.keywords.numbers[keyword] for keyword in said], parts[1].text
        values = [1 + math.log(times) + (keyword in first) for keyword, times in said.items()]
        ids = np.concatenate([features.ids, np.array(numbers, np.int32) + np.int32(self.bounds[-1])])
        return Seen(ids, np.concatenate([features.weights, np.array(values, np.float32)]).astype(np.float16))

    def _score(self, said: Mapping[str, int], head: str) -> Floats:
        score = np.zeros(self.fields, np.float32)
        for keyword, times in said.items():
            owners, telling = self.keywords.owners[keyword], BY_LENGTH[min(len(keyword), len(BY_LENGTH) - 1)]
            score[owners] += (math.log1p(min(times, COUNTED)) + (keyword in head)) * telling / len(owners)
        return score


def _read(text: str, title: str) -> tuple[Characters, int]:
    """The text with its title, and how long its head is."""
    whole = plain(whole_of(text, title))[:READ]
    head = len(plain((title or title_of(text)).strip())) or HEAD
    return Characters.of(whole), min(head, len(whole))
