"""What the office tells the Home of each specialty: keywords, a description, sub-topics. They route before anything is learnt."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from models.rules import RuleBroken

KEYWORD_LENGTH, KEYWORDS = 20, 400
TOPIC_LENGTH, TOPICS = 60, 60
DESCRIPTION_LENGTH = 500


class WordTooLong(RuleBroken):
    """A keyword or a sub-topic is longer than it may be."""

    key = "specialty.too_long"


class TooManyWords(RuleBroken):
    """A specialty has no room for more of them."""

    key = "specialty.too_many"


class DescriptionTooLong(RuleBroken):
    """A description is to be read at a glance."""

    key = "specialty.description_too_long"


@dataclass(frozen=True)
class Edit:
    """What became of a list: how it is now, what was added, and what was taken out."""

    words: list[str]
    added: list[str]
    removed: list[str]


def edit_keywords(present: list[str], said: str) -> Edit:
    """Add words, separated by gaps, commas or 、; take out those with a minus before them. Raises WordTooLong, TooManyWords."""
    return _edit(present, re.split(r"[\s,，、;；。]+", _plain(said)), KEYWORD_LENGTH, KEYWORDS)


def edit_topics(present: list[str], said: str) -> Edit:
    """The same with lines."""
    return _edit(present, _plain(said).splitlines(), TOPIC_LENGTH, TOPICS)


def description_of(said: str) -> str:
    """A description as it is kept. Raises DescriptionTooLong."""
    description = " ".join(_plain(said).split())
    if len(description) > DESCRIPTION_LENGTH:
        raise DescriptionTooLong(limit=DESCRIPTION_LENGTH, length=len(description))
    return description


def _edit(present: list[str], said: list[str], length: int, most: int) -> Edit:
    told = dict.fromkeys(filter(None, (word.strip() for word in said)))
    minus = {word: word.lstrip("-－—−").strip() for word in told if word[0] in "-－—−"}
    removed = [word for word in minus.values() if word in present]
    kept = [word for word in present if word not in removed]
    added = [word for word in told if word not in minus and word not in kept]
    for word in added:
        if len(word) > length:
            raise WordTooLong(word=word[:30], limit=length)
    if len(kept) + len(added) > most:
        raise TooManyWords(limit=most)
    return Edit([*kept, *added], added, removed)


def _plain(said: str) -> str:
    return unicodedata.normalize("NFC", said.replace("\0", ""))
