"""How a roster writes names, roles, languages and phone numbers, and how long its texts may be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from models.people import Role
from models.plain_text import plain

ROLE_NAMES: Mapping[str, frozenset[Role]] = {
    "代表": frozenset({Role.DEPUTY}),
    "组长": frozenset({Role.DEPUTY, Role.GROUP_LEADER}),  # a deputy leads a deputies' group
    "联络室": frozenset({Role.OFFICE}),
    "主要领导": frozenset({Role.LEADER}),
    "乡镇人大": frozenset({Role.AREA_STAFF}),
    "组长（非代表）": frozenset({Role.GROUP_LEADER}),
}
_VARIANTS = {
    "人大代表": "代表",
    "区人大代表": "代表",
    "deputy": "代表",
    "小组组长": "组长",
    "代表小组组长": "组长",
    "group leader": "组长",
    "代表联络室": "联络室",
    "联络室工作人员": "联络室",
    "office": "联络室",
    "领导": "主要领导",
    "常委会主要领导": "主要领导",
    "leader": "主要领导",
    "街道人大": "乡镇人大",
    "街道人大工委": "乡镇人大",
    "人大工委": "乡镇人大",
    "乡镇街道人大": "乡镇人大",
    "area staff": "乡镇人大",
    "组长(非代表)": "组长（非代表）",
}
RARE_ROLES = ("组长（非代表）",)
"""Understood, but not offered: whoever leads a deputies' group is a deputy."""
CIRCLE = "工作圈"
"""Many write it behind a circle's name."""
LANGUAGES: Mapping[str, str] = {"中文": "zh_CN", "English": "en"}

LIMITS = {"name": 60, "area": 60, "group": 60, "specialties": 60, "circles": 60, "employer": 120}
"""Characters, by the field of a roster's row."""

_SEPARATORS = "、,，;；/"
_ONE_OF_SEVERAL = re.compile(rf"\s*「((?:[^」]|」」)*)」\s*(?=[{_SEPARATORS}\n]|$)|([^{_SEPARATORS}\n]+)")
_BETWEEN_CHARACTERS = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


def role_named(name: str) -> frozenset[Role] | None:
    """The roles a word stands for; None for a word that is no role."""
    word = name.strip().lower()
    return ROLE_NAMES.get(_VARIANTS.get(word, word))


def is_phone(number: str) -> bool:
    """Whether digits are a mobile number (11, beginning with 1) or a fixed line (7 to 12, beginning otherwise)."""
    return re.fullmatch(r"1[3-9]\d{9}|[02-9]\d{6,11}", number) is not None


def words_of_roles(roles: Iterable[Role]) -> tuple[str, ...]:
    """The words that stand for just these roles, as few as there can be."""
    left = set(roles)
    words = []
    for word, meant in sorted(ROLE_NAMES.items(), key=lambda item: -len(item[1])):
        if meant <= left:
            words.append(word)
            left -= meant
    return tuple(word for word in ROLE_NAMES if word in words)


def language_named(name: str) -> str | None:
    """The language a word stands for, such as zh_CN; None for a word that is none."""
    word = name.strip().lower()
    return next((code for said, code in LANGUAGES.items() if word in (said.lower(), code.lower())), None)


def tidy(text: str) -> str:
    """A text as the roster keeps it: usual digits, no gaps inside Chinese names, no empty lines, nothing that hides in it."""
    usual = "".join(unicodedata.normalize("NFKC", sign) if sign.isdigit() or sign in "＋　" else sign for sign in text)
    lines = plain(usual).replace("\r", "\n").replace("\xa0", " ").split("\n")
    tidied = (_BETWEEN_CHARACTERS.sub("", line.strip()) for line in lines)
    return "\n".join(line for line in tidied if line)


def tidy_line(text: str) -> str:
    """The same in one line."""
    return _BETWEEN_CHARACTERS.sub("", " ".join(tidy(text).split()))


def several(text: str, *, without: str = "") -> tuple[str, ...]:
    """The names in a cell, separated by 、 or any other usual sign, each once and ``without`` a word at the end.

    A name that has such a sign itself stands in 「」.
    """
    names = []
    for quoted, bare in _ONE_OF_SEVERAL.findall(text):
        names.append(quoted.replace("」」", "」").strip() or bare.strip().removesuffix(without).strip())
    return tuple(dict.fromkeys(name for name in names if name))


def written(names: Iterable[str], *, without: str = "") -> str:
    """Names in one cell, so that ``several`` reads them back."""
    tidied = [tidy_line(name) for name in names]
    return "、".join(name if several(name, without=without) == (name,) else f"「{name.replace('」', '」」')}」" for name in tidied if name)
