"""What is known of a specialty by words alone, and its keywords found in a text."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.text_features import DIMENSIONS, Characters, Numbers, plain

TOGETHER = 8
"""So many keywords make one document to learn from."""


@dataclass(frozen=True)
class Field:
    """A specialty as the model knows it. ``key`` is whatever names it outside."""

    key: int
    keywords: tuple[str, ...] = ()
    description: str = ""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """Where keywords begin and end, and their numbers."""

    starts: Numbers
    stops: Numbers
    keywords: Numbers


class Keywords:
    """The keywords of all fields, each with the columns of the fields it belongs to, found in texts by their first two characters."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.owners: dict[str, list[int]] = {}
        for column, field in enumerate(fields):
            for keyword in dict.fromkeys(filter(None, map(plain, field.keywords))):
                self.owners.setdefault(keyword, []).append(column)
        self._lengths = np.array([len(keyword) for keyword in self.owners], np.intp)
        self._begins = np.zeros((2, DIMENSIONS), bool)
        self._by_beginning: dict[tuple[int, int], list[tuple[int, str]]] = {}
        for number, keyword in enumerate(self.owners):
            characters, paired = Characters.of([keyword]), int(len(keyword) > 1)
            place = int((characters.pairs if paired else characters.ones)[0])
            self._begins[paired, place] = True
            self._by_beginning.setdefault((paired, place), []).append((number, keyword))

    def __len__(self) -> int:
        return len(self.owners)

    def said_in(self, characters: Characters) -> Said:
        """The keywords in plain texts, in the order in which they are said."""
        said: list[tuple[int, int]] = []
        starts_with = characters.text.startswith
        for paired, places in enumerate((characters.ones, characters.pairs)):
            begins = np.flatnonzero(self._begins[paired].take(places))
            for start, place in zip(begins.tolist(), places[begins].tolist(), strict=True):
                said += [(start, number) for number, keyword in self._by_beginning[paired, place] if starts_with(keyword, start)]
        starts, keywords = np.array(sorted(said), np.intp).reshape(-1, 2).T
        return Said(starts, starts + self._lengths.take(keywords), keywords)


def documents_of(fields: Sequence[Field]) -> list[tuple[str, int]]:
    """Short texts made of the fields' own words, with the column of each: something to learn from before there is any case."""
    documents: list[tuple[str, int]] = []
    dice = random.Random(0)
    for column, field in enumerate(fields):
        documents += [(text, column) for text in (*field.topics, field.description) if text]
        keywords = list(dict.fromkeys(filter(None, field.keywords)))
        for _ in range(2):
            dice.shuffle(keywords)
            documents += [("，".join(keywords[at : at + TOGETHER]), column) for at in range(0, len(keywords), TOGETHER)]
    return documents
