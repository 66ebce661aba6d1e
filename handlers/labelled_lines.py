"""A whole activity in one message of labelled lines, as an office writes it: 活动：… 时间：… 地点：… 对象：…"""

from __future__ import annotations

import re
from collections.abc import Mapping

LABELS: Mapping[str, str] = {
    label: field
    for field, labels in {
        "title": "活动 活动名称 活动主题 名称 主题 标题 title activity name",
        "kind": "类型 活动类型 种类 形式 kind type",
        "time": "时间 活动时间 日期 开始时间 time when date",
        "end": "结束 结束时间 end ends until",
        "place": "地点 活动地点 地址 集合地点 place where venue location",
        "whom": "对象 参加对象 参加人员 参会人员 人员 范围 参加 for whom who participants",
        "capacity": "名额 人数 人数上限 限额 限报 capacity places seats limit",
        "notes": "说明 备注 要求 注意事项 内容 notes note details",
        "offsets": "提前通知 通知时间 提前 notice notices remind reminders",
    }.items()
    for label in labels.split()
}
_LINE = re.compile(r"^\s*[【\[]?(?P<label>[^\s:：】\]]{1,12})\s*[】\]]?\s*[:：]\s*(?P<value>.*)$")
SEPARATORS = re.compile(r"[、,，;；/\n]|\s+and\s+|(?<=[\u4e00-\u9fff])[和及\s]+(?=[\u4e00-\u9fff])")


def labelled_lines(text: str) -> dict[str, str] | None:
    """The fields of such a message; None when it is none: it needs the activity's title and one more labelled line.

    A line without a label belongs to the notes when they have begun, and else to the line above.
    """
    fields: dict[str, str] = {}
    current: str | None = None
    for line in text.splitlines():
        found = _LINE.match(line)
        field = LABELS.get(found["label"].lower()) if found else None
        if found and field and field not in fields:
            fields[field], current = found["value"].strip(), field
        elif current is not None and line.strip():
            fields[current] = f"{fields[current]}\n{line.strip()}".strip()
        elif current is None and line.strip():
            return None
    return fields if fields.get("title") and len(fields) > 1 else None


def words_of(text: str) -> list[str]:
    """A list such as ``全体代表、城建环保工作圈，张三`` as words."""
    return [word.strip() for word in SEPARATORS.split(text) if word.strip()]
