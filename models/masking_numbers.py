"""Numbers that tell who somebody is: to call, of papers, cards, cars and accounts; written, grouped or spoken. Hotlines stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.personal import Patterns, Personal, Span, spans_of

_SPOKEN_DIGITS = str.maketrans("〇零幺一二三四五六七八九", "001123456789")
_LETTER_FOR_DIGIT = re.compile(r"(?<=\d)[oOlI](?=\d)", re.ASCII)

_HAN = r"\u4e00-\u9fff"
_ENDS = r"(?![\dA-Za-z])"
_NO_AMOUNT = r"(?![\d元万])"
_IS = r"[ :为是]{0,3}"
_NUMBER = r"(?:号码?|编号)?"
_DAY = r"(?:0[1-9]|1[0-2])[ -]?(?:0[1-9]|[12]\d|3[01])"
_COUNTRY = r"(?:(?:\+|00)?86[ -]?)?"
_PAUSE = r"[ ._·\-–—]{0,2}"
_SPOKEN_PAUSE = r"[ ,、._·\-–—]{0,2}"
"""Somebody who says a number makes pauses, which become commas; written digits with commas are mostly amounts."""
_MOBILE = r"(?<![\d.]){country}1{pause}[3-9](?:{pause}\d){{9}}(?!\d)"
_EXTENSION = r"(?:(?:-| ?转(?:分机)? ?| ?分机 ?| ?ext\.? ?)\d{1,5})?"
_MAIL_HOST = r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"
_TO_CALL = r"(?:电 ?话|座机|固话|宅电|联系方式|手机|号码|致电|拨打|[Tt]el|TEL|[Pp]hone)"
_PAPERS = (
    r"(?:护照|通行证|台胞证|回乡证|居留证|居留身份证|居住证|军官证|士兵证|警官证|退役证|残疾证|残疾人证|驾驶证|驾照|学生证|学籍|准考证"
    r"|病历|住院|医保|社保|社会保障|[Pp]assport)"
)
_APPS = r"(?:微信|薇信|v信|加v|wechat|weixin|vx|wx|q{2}|支付宝|抖音|快手|钉钉|小红书|微博|telegram|whatsapp|宽带|电报|tg)"
_PROVINCE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
_PLATE_LETTER = "A-HJ-NP-Za-hj-np-z"


def _compiled(*patterns: tuple[Personal, str], flags: int = 0) -> Patterns:
    return tuple((kind, re.compile(pattern, flags)) for kind, pattern in patterns)


_GROUPED = _compiled(
    (Personal.ID_NUMBER, rf"(?<!\d)[1-9](?:[ -]?\d){{5}}[ -]?(?:19|20)\d\d[ -]?{_DAY}(?:[ -]?\d){{3}}[ -]?[\dXx]{_ENDS}"),
    (Personal.ID_NUMBER, rf"身份证件?{_NUMBER}{_IS}([1-9]\d{{16}}[\dXx]){_ENDS}"),
    (Personal.PHONE, _MOBILE.format(country=_COUNTRY, pause=_PAUSE)),
    (
        Personal.PLATE,
        rf"{_PROVINCE}[ ·•.-]?[{_PLATE_LETTER}][ ·•.-]?(?=[A-Za-z]{{0,5}}\d)[{_PLATE_LETTER}0-9]{{4,5}}"
        rf"[{_PLATE_LETTER}0-9挂学警港澳](?![A-Za-z0-9])",
    ),
    flags=re.ASCII,
)
"""Looked for in what was written and in what was spoken, where characters stand for digits."""
_WRITTEN = _compiled(
    (Personal.EMAIL, rf"(?<![\w.%+-])[A-Za-z0-9._%+-]{{1,64}} ?(?:@|\(at\)|\[at\]) ?{_MAIL_HOST}"),
    (Personal.ID_NUMBER, rf"(?<!\d)[1-9]\d{{7}}{_DAY}\d{{3}}(?!\d)"),
    (Personal.ID_NUMBER, rf"(?<!\d)[1-9]\d{{5}}\*{{6,12}}\d{{3}}[\dXx]{_ENDS}"),
    (Personal.ID_NUMBER, rf"{_PAPERS}证?{_NUMBER}(?: (?:is|No\.?|number))?{_IS}([A-Za-z]{{0,3}}\d{{6,20}}[Xx]?)(?![\dA-Za-z元])"),
    (Personal.ID_NUMBER, rf"(?:军官|士兵|警官|退役)证件?{_NUMBER}{_IS}([{_HAN}]{{1,2}}字第?\d{{4,10}}号?)"),
    (Personal.BANK_CARD, r"(?<![\d.])[3-9]\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?![\d元])"),
    (Personal.BANK_CARD, rf"(?:卡号?|账号|帐号|账户|存折|一卡通)[^\d\n,。;]{{0,8}}(\d(?:[ -]?\d){{11,22}}){_NO_AMOUNT}"),
    (Personal.PHONE, r"(?<!\d)1[3-9]\d(?:\d{4}[*xX]{3,5}|[*xX]{3,5}\d{3,4})(?![\d*])"),
    (Personal.PHONE, r"(?<!\d)1[3-9]\d,\d{4},\d{4}(?![\d元])"),
    (
        Personal.PHONE,
        rf"(?<![\d.]){_COUNTRY}(?:\(0\d{{2,3}}\) ?|0\d{{2,3}}[ \-–—]?)[2-9]\d{{2,3}}[ -]?\d{{4}}{_EXTENSION}{_NO_AMOUNT}",
    ),
    # Seven or eight digits are a number to call only when the text says so.
    (Personal.PHONE, rf"{_TO_CALL}[^\d\n]{{0,6}}?(?<![\d.])([2-9]\d{{2,3}}[ -]?\d{{4}}(?:[/、][2-9]\d{{6,7}})*){_NO_AMOUNT}"),
    (
        Personal.ACCOUNT,
        rf"(?<![A-Za-z])(?i:{_APPS})(?:号码|账号|帐号|号|群号|(?i:id))?[ \t]*(?:同号|就?是|为|:)?[ \t]*"
        r"([A-Za-z][-_A-Za-z0-9]{4,30}|[1-9]\d{4,11})(?![A-Za-z\d元万块年月])",
    ),
    (Personal.ACCOUNT, rf"(?:(?<!门)户号|用户编?号|缴费编?号|账号|帐号)码?{_IS}([A-Za-z]{{0,4}}\d{{6,12}}){_ENDS}"),
    (Personal.ACCOUNT, r"(?<![\w.@])(?:@|(?:https?://)?t\.me/)[A-Za-z]\w{4,31}(?![\w.])"),
    (Personal.PLATE, rf"(?:车牌|牌照)照?{_NUMBER}{_IS}([{_HAN}]{{0,2}}(?=[A-Z]{{0,5}}\d)[A-Z0-9]{{5,7}}){_ENDS}"),
    flags=re.ASCII,
)
_DICTATED = re.compile(_MOBILE.format(country=_COUNTRY, pause=_SPOKEN_PAUSE), re.ASCII)


def spoken_as_digits(text: str) -> str:
    """The text with characters that stand for digits written as digits, sign by sign."""
    return text.translate(_SPOKEN_DIGITS)


def numbers_in(text: str) -> Iterator[Span]:
    """Every number that is personal; ``text`` in half-width characters."""
    yield from spans_of(_GROUPED, text)
    yield from spans_of(_WRITTEN, text)
    spoken = _LETTER_FOR_DIGIT.sub("0", spoken_as_digits(text))
    if spoken != text:
        yield from spans_of(_GROUPED, spoken)
        for found in _DICTATED.finditer(spoken):
            if text[found.start() : found.end()] != found[0]:
                yield Span(Personal.PHONE, *found.span())
