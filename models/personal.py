"""What counts as personal, and where it stands in a text."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


class Personal(enum.StrEnum):
    """What is covered."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    EMAIL = "email"
    ACCOUNT = "account"
    NAME = "name"
    ADDRESS = "address"
    OTHER = "other"
    """What nobody finds by rule and a person wants covered."""


@dataclass(frozen=True)
class Span:
    """Something personal, where it stands in the text as it was written."""

    kind: Personal
    start: int
    end: int


Patterns = tuple[tuple[Personal, re.Pattern[str]], ...]


def spans_of(patterns: Patterns, text: str) -> Iterator[Span]:
    """Where the patterns match; of a pattern with a group, the group alone."""
    for kind, pattern in patterns:
        group = 1 if pattern.groups else 0
        for found in pattern.finditer(text):
            yield Span(kind, *found.span(group))


def longest_first(spans: Iterable[Span], length: int) -> list[Span]:
    """Where two overlap the longer one wins, the earlier one of equals; in the order of the text."""
    taken = bytearray(length)
    chosen = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        if span.end > span.start and not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\x01" * (span.end - span.start)
            chosen.append(span)
    return sorted(chosen, key=lambda span: span.start)
