"""Names by their pinyin: the initials under which a person is looked for, and whether two names sound alike."""

from __future__ import annotations

import re
from itertools import islice, product

_CHARACTER = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PARTS = re.compile(rf"[{_CHARACTER}]|[^\W_{_CHARACTER}]+")
_SURNAMES = (
    {"曾": "z", "单": "s", "解": "x", "查": "z", "区": "o", "仇": "q", "覃": "q", "乐": "y", "翟": "z", "秘": "b", "种": "c", "繁": "p"}
    | {"折": "s", "召": "s", "祭": "z", "句": "g", "隗": "k", "郗": "c", "谌": "c", "会": "g", "莘": "s", "么": "y", "宓": "f", "乜": "n"}
    | {"长孙": "zs", "澹台": "tt"}
)
"""Surnames that are read otherwise than their characters usually are."""
_TWO_READINGS = {"长": "cz", "重": "zc", "朝": "cz", "乐": "ly", "行": "xh", "茜": "qx", "晟": "sc", "盛": "sc", "传": "cz", "藏": "cz"} | {
    "省": "sx",
    "校": "xj",
    "澄": "cd",
    "贾": "jg",
    "车": "cj",
    "阿": "ae",
    "宿": "sx",
    "颉": "xj",
    "系": "xj",
    "奇": "qj",
}
"""Characters of given names that are read in two ways; only their bearer knows in which."""
LIMIT = 130
"""Room for two readings of a name of 60 characters."""
_READINGS = 4


def initials_of(name: str) -> str:
    """The first letters of a name's pinyin, of any other word its first sign: 张三 is zs.

    Where a character can be read in two ways there are several, a surname's own first: 曾庆林 is ``zql cql``.
    """
    parts = _PARTS.findall(name)
    letters = [list(_TWO_READINGS.get(part, [usual])) for part, usual in _usual(parts)]
    surname = next((surname for surname in (name[:2], name[:1]) if surname in _SURNAMES), "")
    if surname:
        letters[: len(surname)] = [list(dict.fromkeys((own, *usual))) for own, usual in zip(_SURNAMES[surname], letters, strict=False)]
    kept = ""
    for reading in dict.fromkeys("".join(reading) for reading in islice(product(*letters), _READINGS)):
        if len(kept) + len(reading) < LIMIT:
            kept = f"{kept} {reading}".strip()
    return kept


def sound_alike(name: str, other: str) -> bool:
    """Whether two names are one, or are typed by the same keys: 王建国 and 王建囯, 张伟 and 章伟."""
    return _sound(name) == _sound(other)


def _usual(parts: list[str]) -> list[tuple[str, str]]:
    """Each part with its letters. Characters are read together, since what stands beside one tells its reading."""
    from pypinyin import Style, lazy_pinyin  # its dictionaries take 55 MB, and only who writes names needs them

    characters = [part for part in parts if re.fullmatch(f"[{_CHARACTER}]", part)]
    readings = iter(lazy_pinyin(characters, style=Style.FIRST_LETTER, errors=_each_by_itself))
    return [(part, (next(readings) if part in characters else part if part.isdigit() else part[:1]).lower()) for part in parts]


def _each_by_itself(unknown: str) -> str:
    """What has no reading is its own letter."""
    return unknown


def _sound(name: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin("".join(name.split()).casefold()))
