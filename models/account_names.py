"""The names under which people are known to Telegram: parted into two, the given one first, and adorned."""

from __future__ import annotations

import re

from models.names import NAME
from models.words_like_names import LOOK_ALIKE

_HAN = re.compile("[\u4e00-\u9fff]+")
_NAME = re.compile(NAME)


def forms_of(name: str) -> list[str]:
    """The name as the account has it, and as a text would write it: 张三 for 三 张 and for A张三🌸."""
    parts = _HAN.findall(name)
    turned = ["".join(parts), "".join(reversed(parts))] if len(parts) == 2 else []
    return list(dict.fromkeys([name, *(form for form in (*turned, *parts) if _NAME.fullmatch(form) and form not in LOOK_ALIKE)]))
