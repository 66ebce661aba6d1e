"""Masking: what tells who a constituent is, covered before anything is shared. What happened, and in which street, stays."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.names import NAME, ends_like_a_name, fitted

_HAN = r"\u4e00-\u9fff"
_PLAIN = str.maketrans("０１２３４５６７８９－＋（）：＠．Ｘｘ　", "0123456789-+():@.Xx ")


WORDS_LIMIT = 40
"""So many words of each sort are looked for again and again."""


class Personal(enum.StrEnum):
    """What is covered, and the mark that stands for it."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    EMAIL = "email"
    ACCOUNT = "account"
    NAME = "name"
    ADDRESS = "address"
    OTHER = "other"


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


@dataclass(frozen=True)
class Span:
    """Something personal, where it stood in the text as it was written."""

    kind: Personal
    start: int
    end: int


@dataclass(frozen=True)
class Masked:
    """The text that may be shared, and what was covered in it."""

    text: str
    found: tuple[Span, ...]


_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_SEPARATED = r"[ .·\-–—]?"
_NUMBERS = (
    (Personal.EMAIL, re.compile(r"(?<![\w.%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", re.ASCII)),
    (Personal.ID_NUMBER, re.compile(rf"(?<!\d)[1-9]\d{{5}}[ -]?(?:19|20)\d\d[ -]?{_DAY}[ -]?\d{{3}}[\dXx](?![\dA-Za-z])", re.ASCII)),
    (Personal.ID_NUMBER, re.compile(rf"(?<!\d)[1-9]\d{{7}}{_DAY}\d{{3}}(?!\d)", re.ASCII)),
    (Personal.BANK_CARD, re.compile(r"(?<![\d.])[3-9]\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?![\d元])", re.ASCII)),
    (Personal.PHONE, re.compile(rf"(?<!\d)(?:(?:\+|00)?86[ -]?)?1[3-9]\d(?:{_SEPARATED}\d){{8}}(?!\d)", re.ASCII)),
    (Personal.PHONE, re.compile(r"(?<!\d)1[3-9]\d[*xX]{3,5}\d{3,4}(?!\d)", re.ASCII)),
    (
        Personal.PHONE,
        re.compile(r"(?<!\d)(?:(?:\+|00)?86[ -]?)?\(?0\d{2,3}(?:\) ?|[ \-–—])?[2-9]\d{2,3}[ -]?\d{4}(?:[-转]\d{1,5})?(?![\d元])", re.ASCII),
    ),
    (
        Personal.PHONE,
        re.compile(r"(?<![〇零一二两三四五六七八九幺])[一幺][三四五六七八九][〇零一二三四五六七八九幺]{9}(?![〇零一二三四五六七八九幺])"),
    ),
)
# Seven or eight digits are a number to call only when the text says so.
_LOCAL_NUMBER = re.compile(
    r"(?:电话|座机|联系方式|手机|号码|致电|拨打|[Tt]el|TEL|[Pp]hone)[^\d\n]{0,6}?"
    r"(?<![\d.])([2-9]\d{2,3}[ -]?\d{4}(?:[/、][2-9]\d{6,7})*)(?![\d元万])"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Za-hj-np-z][ ·•.-]?"
    r"(?=[A-Za-z]{0,5}\d)[A-HJ-NP-Za-hj-np-z0-9]{4,5}[A-HJ-NP-Za-hj-np-z0-9挂学警](?![A-Za-z0-9])"
)
_ACCOUNT = re.compile(
    r"(?<![A-Za-z])(?:微信|wechat|weixin|vx|wx|q{2}|支付宝|抖音)(?:号码|账号|号|群号|id)?[ \t]*(?:同号|是|为|[:：])?[ \t]*"
    r"([A-Za-z][-_A-Za-z0-9]{4,30}|[1-9]\d{4,11})(?![A-Za-z\d元万块年月])",
    re.IGNORECASE,
)
_NUMERAL = r"(?:\d{1,4}|[一二三四五六七八九十]{1,3}|[A-Za-z甲乙丙丁东西南北])"
_HOUSE_NO = rf"第?{_NUMERAL}#?(?:栋|幢|号楼|座)"
_UNIT = rf"第?{_NUMERAL}单元"
_FLOOR = rf"(?:{_NUMERAL}(?:楼|层)[ ,，-]?)?"
_DOOR = r"\d{2,4}(?:-\d)?(?:室|号房|房|户|号)?(?![\d年元米平㎡个名人层])"
# A house or a unit alone says where something is broken; together, or with a door, they say who lives there.
_ROOM = re.compile(
    rf"{_HOUSE_NO}[ ,，-]?{_UNIT}(?:[ ,，-]?{_FLOOR}{_DOOR})?"
    rf"|{_HOUSE_NO}[ ,，-]?{_FLOOR}\d{{3,4}}(?:室|号房|房|户)?(?![\d年元米平㎡个名户人层])"
    rf"|{_UNIT}[ ,，-]?{_FLOOR}{_DOOR}|(?<![\dA-Za-z.])\d{{3,4}}(?:室|号房)"
)
_DASHED_ROOM = re.compile(rf"(?<=[{_HAN}号栋幢座])\d{{1,3}}(?:-\d{{1,2}}-\d{{3,4}}|[#＃]-?\d{{3,4}})(?![\d年])")
_HOUSE = re.compile(r"(?:住|住址|地址|家在|户籍)[^，,。；;\n]{0,30}?[路街巷道弄村组队庄圩](\d{1,4}(?:-\d{1,4})?号)(?![线楼])")

_ENGLISH = re.compile(r"[a-z]{2} [a-z]{2}")
_SPACE = r"[ \t:：]*"
_STRONG_CUE = re.compile(
    rf"(?:我叫做?|名叫|名字叫?[是为]?|姓名|联系人|反映人|投诉人|举报人|申请人|当事人|报修人|来信人|来访人|求助人|户主|患者|死者|伤者|病人|署名|签名|落款)"
    rf"{_SPACE}[是为叫]?{_SPACE}(?={NAME})"
)
_WEAK_CUE = re.compile(
    rf"(?:我是|本人|我系|儿子|女儿|孩子|父亲|母亲|丈夫|妻子|老公|老婆|爱人|爷爷|奶奶|邻居|业主|住户|村民|居民|学生|职工|叫){_SPACE}(?={NAME})"
)
_AFTER_A_NAME = re.compile(r"[\s,，。.;；、!！?？()（）]|$|[家]?住|电话|手机|先生|女士|同志|身份证")
_BEFORE_A_TITLE = re.compile(rf"(?<![{_HAN}])(?={NAME}(?:先生|女士|小姐))")
_BEFORE_A_PHONE = re.compile(
    rf"(?:^|[^{_HAN}]|联系|[找叫是人])({NAME})[\s,，:：(（]*(?:的?(?:联系)?(?:电话|手机|手机号|号码|联系方式)(?:号码|号)?[:：是为]?\s*)?$"
)
_AFTER_A_PHONE = re.compile(rf"[\s,，(（]{{0,2}}({NAME})(?:先生|女士|同志)?(?=[)）,，。;；\s]|$)")
_SIGNED = re.compile(rf"\n[ \t　]*({NAME})[ \t　]*(?:\n[\d年月日 ./-]{{4,20}})?\s*$")
_ENGLISH_NAME = re.compile(
    r"(?:\b[Mm]y name is|\bI am|\bI'm|\b[Nn]ame ?[:：]|\b[Cc]ontact ?[:：])\s+((?:[A-Z][a-z'’-]+)(?: [A-Z][a-z'’-]+){0,2})\b"
)


def mask(text: str, names: Iterable[str] = (), more: Iterable[str] = (), readable: Iterable[str] = ()) -> Masked:
    """Cover everything personal in ``text``. Takes linear time.

    ``names`` are known beforehand, such as those of a forwarded message's writer, and covered wherever they stand.
    What a person decides goes before what is found here: words of ``more`` are covered wherever they stand, and what is found and stands in
    ``readable``, letter by letter as written, was a false hit and stays. ``more`` goes before ``readable``.
    ``Masked.found`` tells what was covered, in the order of the text, so that ``text[span.start : span.end]`` can be listed and restored.
    """
    plain = text.translate(_PLAIN)
    spans = [*_numbers(plain), *_places(plain)]
    named = [*_names(plain, [span for span in spans if span.kind is Personal.PHONE])]
    left = set(readable)
    known = ({text[span.start : span.end] for span in named} | {name.strip() for name in names}) - left
    spans += [*named, *_again(text, known)]
    found = [span for span in _longest_first(spans, len(text)) if text[span.start : span.end] not in left]
    chosen = _and_these(found, _wherever(text, more))
    mark = 1 if _ENGLISH.search(text) and not re.search(f"[{_HAN}]", text) else 0
    parts, at = [], 0
    for span in chosen:
        parts += [text[at : span.start], _MARKS[span.kind][mark]]
        at = span.end
    return Masked("".join([*parts, text[at:]]), tuple(chosen))


def _numbers(text: str) -> Iterator[Span]:
    for kind, pattern in _NUMBERS:
        for found in pattern.finditer(text):
            yield Span(kind, *found.span())
    for kind, pattern in ((Personal.PHONE, _LOCAL_NUMBER), (Personal.ACCOUNT, _ACCOUNT)):
        for found in pattern.finditer(text):
            yield Span(kind, *found.span(1))
    for found in _PLATE.finditer(text):
        yield Span(Personal.PLATE, *found.span())


def _places(text: str) -> Iterator[Span]:
    for pattern in (_ROOM, _DASHED_ROOM):
        for found in pattern.finditer(text):
            yield Span(Personal.ADDRESS, *found.span())
    for found in _HOUSE.finditer(text):
        yield Span(Personal.ADDRESS, *found.span(1))


def _names(text: str, phones: Iterable[Span]) -> Iterator[Span]:
    for cue in _STRONG_CUE.finditer(text):
        if (end := fitted(text, cue.end())) is not None:
            yield Span(Personal.NAME, cue.end(), end)
    for cue in (*_WEAK_CUE.finditer(text), *_BEFORE_A_TITLE.finditer(text)):
        yield from _bounded_name(text, cue.end())
    for phone in phones:
        before = max(0, phone.start - 20)
        if found := _BEFORE_A_PHONE.search(text[before : phone.start]):
            yield from _checked(text, before + found.start(1), before + found.end(1))
        if found := _AFTER_A_PHONE.match(text, phone.end):
            yield from _checked(text, *found.span(1))
    if found := _SIGNED.search(text[-60:]):
        offset = max(0, len(text) - 60)
        yield from _checked(text, offset + found.start(1), offset + found.end(1))
    for found in _ENGLISH_NAME.finditer(text):
        yield Span(Personal.NAME, *found.span(1))


def _bounded_name(text: str, start: int) -> Iterator[Span]:
    """After a cue that is often followed by other things, a name must also end where a name would."""
    end = fitted(text, start)
    for stop in (end, end - 1 if end is not None and end - start > 2 else None):
        if stop is not None and _AFTER_A_NAME.match(text, stop):
            yield from _checked(text, start, stop)
            return


def _checked(text: str, start: int, end: int) -> Iterator[Span]:
    if fitted(text, start) is not None and ends_like_a_name(text[start:end]):
        yield Span(Personal.NAME, start, end)


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


def _longest_first(spans: Iterable[Span], length: int) -> list[Span]:
    """Where two overlap the longer one wins; the earlier one of equals."""
    taken = bytearray(length)
    chosen = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        if span.end > span.start and not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\x01" * (span.end - span.start)
            chosen.append(span)
    return sorted(chosen, key=lambda span: span.start)
