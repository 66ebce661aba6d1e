"""Masking: what tells who a constituent is, covered before anything is shared. What happened, and in which street, stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.masking_names import names_in
from models.masking_numbers import numbers_in
from models.masking_places import addresses_in
from models.personal import Personal, Span, longest_first
from models.words_like_names import LOOK_ALIKE

__all__ = ["Masked", "Personal", "Span", "mask"]

WORDS_LIMIT = 40
"""So many words of each sort are looked for again and again."""
_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_MARKS = {
    Personal.PHONE: ("【电话】", "[phone]"),
    Personal.ID_NUMBER: ("【证件号】", "[ID number]"),
    Personal.BANK_CARD: ("【银行卡号】", "[bank card]"),
    Personal.PLATE: ("【车牌】", "[number plate]"),
    Personal.EMAIL: ("【邮箱】", "[e-mail]"),
    Personal.ACCOUNT: ("【账号】", "[account]"),
    Personal.NAME: ("【姓名】", "[name]"),
    Personal.ADDRESS: ("【门牌】", "[house number]"),
    Personal.OTHER: ("【隐去】", "[hidden]"),
}
_HAN = re.compile("[\u4e00-\u9fff]")
_ENGLISH = re.compile(r"[a-z]{2} [a-z]{2}")


@dataclass(frozen=True)
class Masked:
    """The text that may be shared, and what was covered in it."""

    text: str
    found: tuple[Span, ...]


def mask(text: str, names: Iterable[str] = (), more: Iterable[str] = (), readable: Iterable[str] = ()) -> Masked:
    """Cover everything personal in ``text``. Takes linear time.

    ``names`` are known beforehand, such as those of a forwarded message's writer, and covered wherever they stand.
    What a person decides goes before what is found here: words of ``more`` are covered wherever they stand, and what is found and stands in
    ``readable``, letter by letter as written, was a false hit and stays. ``more`` goes before ``readable``.
    ``Masked.found`` tells what was covered, in the order of the text, so that ``text[span.start : span.end]`` can be listed and restored.
    """
    plain, left = text.translate(_HALF_WIDTH), set(readable)
    numbers = [*numbers_in(plain)]
    named = [*names_in(plain, numbers)]
    known = {text[span.start : span.end] for span in named} - LOOK_ALIKE | {name.strip() for name in names}
    spans = [*numbers, *addresses_in(plain), *named, *_again(text, known - left)]
    found = [span for span in longest_first(spans, len(text)) if text[span.start : span.end] not in left]
    chosen = _and_these(found, _wherever(text, more))
    mark = 1 if _ENGLISH.search(text) and not _HAN.search(text) else 0
    parts, at = [], 0
    for span in chosen:
        parts += [text[at : span.start], _MARKS[span.kind][mark]]
        at = span.end
    return Masked("".join([*parts, text[at:]]), tuple(chosen))


def _again(text: str, names: Iterable[str]) -> Iterator[Span]:
    """A name that is known is covered wherever it stands."""
    known = _longest_of(name for name in names if len(name) > 1)
    if known:
        for found in re.finditer("|".join(map(re.escape, known)), text):
            yield Span(Personal.NAME, *found.span())


def _longest_of(words: Iterable[str]) -> list[str]:
    return sorted(set(words), key=lambda word: (-len(word), word))[:WORDS_LIMIT]


def _wherever(text: str, words: Iterable[str]) -> Iterator[Span]:
    for word in _longest_of(word for word in words if word):
        for found in re.finditer(re.escape(word), text):
            yield Span(Personal.OTHER, *found.span())


def _and_these(found: Sequence[Span], asked_for: Iterable[Span]) -> list[Span]:
    """With what somebody asked to be covered: where it overlaps with what was found, all of both is covered."""
    joined: list[Span] = []
    for span in sorted([*found, *asked_for], key=lambda span: (span.start, -span.end)):
        last = joined[-1] if joined else None
        if last is None or span.start >= last.end:
            joined.append(span)
        elif span.end > last.end:
            joined[-1] = Span(Personal.OTHER, last.start, span.end)
    return joined
