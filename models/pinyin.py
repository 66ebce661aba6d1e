"""Names by their pinyin: the initials under which a person is looked for, and whether two names sound alike."""

from __future__ import annotations

import re

from pypinyin import Style, lazy_pinyin

_SURNAMES = (
    {"曾": "z", "单": "s", "解": "x", "查": "z", "区": "o", "仇": "q", "覃": "q", "乐": "y", "翟": "z", "秘": "b", "种": "c", "繁": "p"}
    | {"折": "s", "召": "s", "祭": "z", "句": "g", "隗": "k", "郗": "c", "谌": "c", "会": "g", "莘": "s", "么": "y", "宓": "f", "乜": "n"}
    | {"长孙": "zs", "澹台": "tt"}
)
"""Surnames that are read otherwise than their characters usually are."""
_RUNS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\W_\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
LIMIT = 130
"""Room for two readings of a name of 60 characters."""


def initials_of(name: str) -> str:
    """The first letters of a name's pinyin, of any other word its first sign: 张三 is zs.

    A surname of two readings gives both, the surname's own first: 曾庆林 is ``zql cql``.
    """
    parts = _RUNS.findall(name)
    usual = "".join(_first_letters(parts))
    surname = next((surname for surname in (name[:2], name[:1]) if surname in _SURNAMES), "")
    as_surname = _SURNAMES.get(surname, "") + usual[len(surname) :]
    return " ".join(dict.fromkeys(reading for reading in (as_surname, usual) if reading))[:LIMIT]


def sound_alike(name: str, other: str) -> bool:
    """Whether two names are one, or are typed by the same keys: 王建国 and 王建囯, 张伟 and 章伟."""
    return _sound(name) == _sound(other)


def _first_letters(parts: list[str]) -> list[str]:
    # Characters together, since what stands beside one tells its reading: 长生 is not 长辈.
    readings = iter(lazy_pinyin([part for part in parts if _is_character(part)], style=Style.FIRST_LETTER, errors=_each_by_itself))
    letters = []
    for part in parts:
        letters.append(next(readings) if _is_character(part) else part if part.isdigit() else part[:1])
    return [letter.lower() for letter in letters]


def _each_by_itself(unknown: str) -> str:
    """What has no reading is its own letter."""
    return unknown


def _is_character(part: str) -> bool:
    return re.fullmatch(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]", part) is not None


def _sound(name: str) -> str:
    return "".join(lazy_pinyin("".join(name.split()).casefold()))
