"""How a roster writes roles and phone numbers, and how long its texts may be."""

from __future__ import annotations

import re
from collections.abc import Mapping

from models.people import Role

ROLE_NAMES: Mapping[str, frozenset[Role]] = {
    "代表": frozenset({Role.DEPUTY}),
    "组长": frozenset({Role.DEPUTY, Role.GROUP_LEADER}),  # a deputy leads a deputies' group
    "联络室": frozenset({Role.OFFICE}),
    "主要领导": frozenset({Role.LEADER}),
    "乡镇人大": frozenset({Role.AREA_STAFF}),
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
}

LIMITS = {"name": 60, "area": 60, "group": 60, "specialties": 60, "circles": 60, "employer": 120}


def role_named(name: str) -> frozenset[Role] | None:
    """The roles a word stands for; None for a word that is no role."""
    word = name.strip().lower()
    return ROLE_NAMES.get(_VARIANTS.get(word, word))


def is_phone(number: str) -> bool:
    """Whether digits are a mobile number (11, beginning with 1) or a fixed line (7 to 12, beginning otherwise)."""
    return re.fullmatch(r"1[3-9]\d{9}|[02-9]\d{6,11}", number) is not None
