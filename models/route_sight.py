"""How the routing model sees a text: as one vector of four parts, and how much its keywords speak for each field.

The parts are the characters and pairs of characters of the whole, of its head, and of its beginning, and the keywords in it. Each part is
brought to a length of its own, so that a long story does not drown its title.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.route_words import Field, Keywords, Said
from models.text_features import BITS, HEAD, Characters, Numbers, counted, numbered, plain, title_of, whole_of

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Ids = NDArray[np.int32]
Text = tuple[str, str]
"""A text, and its title where that stands apart; the title may also begin the text, or not be there."""

ROOM = (17, 16, 16)
"""Bits for the whole, the head and the beginning: less room, more features that share a place."""
LENGTHS = np.array([1.0, 0.7, 0.7, 0.35])
"""Of the whole, the head, the beginning, and the keywords."""
BEGINNING = 150
"""Characters in which people have usually said what it is about."""
READ, REST = 600, 150
"""Characters read of a text, and of what follows its head where that is looked at alone: longer stories tell nothing more."""
BY_LENGTH = (0.0, 0.3, 1.0, 1.5, 2.0)
"""Longer keywords are more telling; the last stands for all that are longer still."""
MANY = 2000
"""For so many documents, one more must have a feature for it to be learnt: what is rare among many hardly comes again, and costs time."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Stretches of text as the model sees them, one after another; in each ``ids`` are sorted and each stands once."""

    ids: Ids
    values: Halves
    bounds: Numbers
    """Where each begins, and where the last ends."""

    def __iter__(self) -> Iterator[tuple[Ids, Halves]]:
        """Each by itself."""
        for start, stop in pairwise(self.bounds.tolist()):
            yield self.ids[start:stop], self.values[start:stop]

    @property
    def stretches(self) -> Numbers:
        """The number of the stretch each feature is in."""
        return np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))


class Sight:
    """Turns texts into vectors, and weighs them."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.keywords = Keywords(fields)
        self.bounds = np.cumsum([1 << bits for bits in ROOM])
        self.size = int(self.bounds[-1]) + len(self.keywords)
        self.rarity, self.shared = np.ones(self.size, np.float32), np.ones(self.size, bool)
        self.telling = np.zeros((len(self.keywords), len(fields)), np.float32)
        """How much each keyword speaks for each field."""
        for row, (keyword, owners) in enumerate(self.keywords.owners.items()):
            self.telling[row, owners] = BY_LENGTH[min(len(keyword), len(BY_LENGTH) - 1)] / len(owners)

    def look(self, texts: Sequence[Text]) -> Seen:
        """Read texts whole."""
        characters, heads = _read(texts)
        return self._see(characters, self.keywords.said_in(characters), characters.starts, characters.stops, heads, BEGINNING)

    def lessons(self, texts: Sequence[Text]) -> tuple[Seen, Seen, Seen]:
        """What texts teach: as they were told; their heads alone, and how they go on, as the next may be one line or have no title."""
        characters, heads = _read(texts)
        said = self.keywords.said_in(characters)
        starts, stops, rests = characters.starts, characters.stops, []
        for head, stop in zip(heads.tolist(), stops.tolist(), strict=True):
            after = characters.text[head:stop].lstrip()
            rests.append((stop - len(after), stop - len(after) + len(after[:REST].rstrip())))
        begun, ended = np.array(rests, np.intp).reshape(-1, 2).T
        return (
            self._see(characters, said, starts, stops, heads, BEGINNING),
            self._see(characters, said, starts, heads, heads, BEGINNING),
            self._see(characters, said, begun, ended, begun + HEAD, 0),
        )

    def score(self, ids: Ids, values: Floats) -> Floats:
        """How much the keywords that were seen speak for each field."""
        keywords = ids >= self.bounds[-1]
        score: Floats = values[keywords] @ self.telling[ids[keywords] - self.bounds[-1]]
        return score

    def weigh(self, documents: Iterable[Seen]) -> None:
        """Find how telling each feature is: what few documents have tells more than what all have (inverse document frequency).

        Besides, which are shared by enough documents to be learnt.
        """
        having = np.zeros(self.size, np.float32)
        number = 0
        for seen in documents:
            np.add.at(having, seen.ids, np.float32(1))
            number += len(seen.bounds) - 1
        self.rarity = (np.log((1 + number) / (1 + having)) + 1).astype(np.float32)
        self.rarity[self.bounds[-1] :] = 1  # what somebody wrote down as a keyword is telling
        self.shared = having > number // MANY

    def weighed(self, seen: Seen) -> Seen:
        """The same with its features weighed by how telling they are, and each part brought to its length."""
        values = seen.values * self.rarity.take(seen.ids)
        parts = seen.stretches * len(LENGTHS) + np.searchsorted(self.bounds, seen.ids, side="right")
        lengths = np.sqrt(np.bincount(parts, values * values, (len(seen.bounds) - 1) * len(LENGTHS)).reshape(-1, len(LENGTHS)))
        lengths[lengths == 0] = 1
        values *= (LENGTHS / lengths).astype(np.float32).ravel().take(parts)
        return Seen(seen.ids, values.astype(np.float16), seen.bounds)

    def learnable(self, seen: Seen) -> Seen:
        """The same without what too few documents have."""
        known = self.shared.take(seen.ids)
        return Seen(seen.ids[known], seen.values[known], np.concatenate([[0], np.cumsum(known)]).take(seen.bounds))

    def _see(self, characters: Characters, said: Said, starts: Numbers, stops: Numbers, heads: Numbers, beginning: int) -> Seen:
        """Stretches of what was read, each with its head and its beginning, and the keywords said there."""
        ends = (stops, np.minimum(heads, stops), np.minimum(starts + beginning, stops))
        bits, keys = self.size.bit_length(), []  # one number for a stretch and a feature in it: one sort counts what all of them have
        for end, room, start in zip(ends, ROOM, (0, *self.bounds), strict=False):
            stretches, places = characters.between(starts, end)
            keys.append((stretches << bits) + (places >> np.uint32(BITS - room)) + start)
        stretches, each = numbered(*np.searchsorted(said.starts, (starts, stops)))
        spoken = (stretches << bits) + said.keywords.take(each) + self.bounds[-1]
        until = said.stops.take(each)
        found, weights = counted(np.concatenate([*keys, spoken[until <= stops.take(stretches)]]))
        weights[np.searchsorted(found, spoken[until <= ends[1].take(stretches)])] += 1  # once, however often the head says it
        bounds = np.searchsorted(found, np.arange(len(starts) + 1) << bits)
        return Seen((found & ((1 << bits) - 1)).astype(np.int32), weights.astype(np.float16), bounds)


def _read(texts: Iterable[Text]) -> tuple[Characters, Numbers]:
    """The texts with their titles, and where the heads end."""
    wholes, heads = [], []
    for text, title in texts:
        whole = plain(whole_of(text, title))[:READ]
        head = len(plain((title or title_of(text)).strip())) or HEAD
        wholes.append(whole)
        heads.append(min(head, len(whole)))
    characters = Characters.of(wholes)
    return characters, characters.starts + np.array(heads, np.intp)
