"""Times of day and lengths of time as people write them: 下午两点半, 14：30, 2pm, 3天."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import time, timedelta

from models.rules import RuleBroken

NUMERALS = "零〇一二两三四五六七八九十"
_MORNING = ("凌晨", "清晨", "早上", "早晨", "上午", "早", "am", "morning")
_AFTERNOON = ("下午", "午后", "傍晚", "晚上", "夜里", "晚", "pm", "afternoon", "evening")
_PART = "凌晨|清晨|早上|早晨|上午|中午|正午|下午|午后|傍晚|晚上|夜里|早|晚"
_SHORT = {"今晚": "今天晚上", "明晚": "明天晚上", "后晚": "后天晚上", "今早": "今天早上", "明早": "明天早上", "后早": "后天早上"}
_VARIANTS = {
    "點": "点",
    "號": "号",
    "週": "周",
    "星期": "周",
    "礼拜": "周",
    "個": "个",
    "後": "后",
    "鐘": "钟",
    "这个周": "这周",
    "下个周": "下周",
}

_TIMES = (
    re.compile(rf"(?P<part>{_PART})?\s*(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?::\d{{2}})?\s*(?P<ampm>[ap]\.?m\b\.?)?"),
    re.compile(rf"(?P<part>{_PART})?(?P<hour>\d{{1,2}})[点时](?:(?P<half>半)|[整钟]|(?P<quarter>[13])刻|(?P<minute>\d{{1,2}})分?)?"),
    re.compile(r"\b(?P<hour>\d{1,2})(?:\.(?P<minute>\d{2}))?\s*(?P<ampm>[ap]\.?m\b\.?)"),
    re.compile(r"\bat\s+(?P<hour>\d{1,2})\b(?:\s*o'?clock)?(?!\s*[:/.\d])"),
)
_NOON = re.compile(r"中午|正午|\b(?:at\s+)?(?:noon|midday)\b")
_PART_APART = re.compile(rf"\b(?:in the\s+)?(?P<part>morning|afternoon|evening)\b|(?P<chinese>{_PART})")

_LENGTH = re.compile(r"(?<!\d)(\d{1,4})\s*个?\s*(天|日|days?|d|小时|钟头|hours?|hrs?|h|分钟?|minutes?|mins?|m|周|weeks?|w)(?![a-z])")
_UNITS = {"天": "days", "日": "days", "d": "days", "小": "hours", "钟": "hours", "h": "hours", "分": "minutes", "m": "minutes"}


class TimeUnclear(RuleBroken):
    """An hour that may be meant before or after noon."""

    key = "date.morning_or_afternoon"


class NoSuchTime(RuleBroken):
    """The clock has no such time."""

    key = "date.no_such_time"


@dataclass(frozen=True)
class ClockTime:
    """A time of day as written; ``certain`` is false for a bare 3点, which may be meant after noon."""

    at: time
    certain: bool


def plain(text: str) -> str:
    """One way of writing for the many: half width, lower case, simplified signs, no blanks around Chinese characters."""
    text = unicodedata.normalize("NFKC", text).lower().strip()
    for variant, usual in _VARIANTS.items():
        text = text.replace(variant, usual)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"(?<=[\u4e00-\u9fff]) | (?=[\u4e00-\u9fff])", "", text)
    for short, whole in _SHORT.items():
        text = text.replace(short, whole)
    return text


def with_digits(text: str) -> str:
    """Chinese numerals as digits: 三十 → 30, 二〇二六 → 2026."""
    return re.sub(f"[{NUMERALS}]+", lambda found: str(_number(found[0])), text)


def _number(word: str) -> int:
    values = {sign: NUMERALS.index(sign) - 1 for sign in NUMERALS} | {"零": 0, "两": 2}
    for sign in "三四五六七八九十":
        values[sign] = "三四五六七八九十".index(sign) + 3
    if "十" not in word:
        return int("".join(str(values[sign]) for sign in word))
    tens, _, ones = word.partition("十")
    return (values[tens[-1]] if tens else 1) * 10 + (values[ones[0]] if ones else 0)


def take_time(text: str) -> tuple[ClockTime | None, str]:
    """The time of day in a text, and the text without it. Raises NoSuchTime, or TimeUnclear for twelve at night."""
    for pattern in _TIMES:
        if found := pattern.search(text):
            rest = f"{text[: found.start()]} {text[found.end() :]}"
            words = found.groupdict()
            part = words.get("part") or (words.get("ampm") or "").replace(".", "")
            if not part and (apart := _PART_APART.search(rest)):
                part = apart["part"] or apart["chinese"]
                rest = f"{rest[: apart.start()]} {rest[apart.end() :]}"
            return _clock(words, part), rest
    if found := _NOON.search(text):
        return ClockTime(time(12), certain=True), f"{text[: found.start()]} {text[found.end() :]}"
    return None, _PART_APART.sub(" ", text)


def _clock(words: dict[str, str | None], part: str) -> ClockTime:
    written = words["hour"] or ""
    hour = int(written)
    minute = 30 if words.get("half") else int(words.get("quarter") or 0) * 15 or int(words.get("minute") or 0)
    if part in _AFTERNOON and hour == 12 and part.startswith(("晚", "夜")):
        raise TimeUnclear(hour=12)
    if (part in _AFTERNOON or (part in ("中午", "正午") and hour < 4)) and hour < 12:
        hour += 12
    elif part in ("凌晨", "am", "morning") and hour == 12:
        hour = 0
    if hour > 23 or minute > 59 or (part in _MORNING and hour > 12):
        raise NoSuchTime
    return ClockTime(time(hour, minute), certain=bool(part) or hour > 6 or hour == 0 or written.startswith("0"))


def read_lengths(text: str) -> list[timedelta]:
    """Lengths of time, such as ``5天, 2天, 3小时`` or ``3 days, 2h``; empty when there is none or something else stands between."""
    text = with_digits(plain(text).replace("半天", "12小时").replace("半小时", "30分钟"))
    lengths = []
    for number, unit in _LENGTH.findall(text):
        weeks = unit[0] in "周w"
        lengths.append(timedelta(**{"weeks" if weeks else _UNITS[unit[0]]: int(number)}))
    rest = re.sub(r"[\s,、;和及前提]|and|before", "", _LENGTH.sub("", text))
    return [] if rest or any(length <= timedelta(0) or length > timedelta(days=90) for length in lengths) else lengths
