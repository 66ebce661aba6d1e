"""House numbers and doors: what tells behind which door somebody lives. Streets, estates and a building alone stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.personal import Patterns, Personal, Span, spans_of

_HAN = r"\u4e00-\u9fff"
_NUMERAL = r"(?:\d{1,4}|[一二三四五六七八九十]{1,3}|[A-Za-z]\d{0,2}|[甲乙丙丁东西南北])"
_NOT_A_QUANTITY = r"(?![\d年月元块米平㎡个只名人户套层亩斤吨度头棵多余万千百次件%.:]|天(?!天))"
_DIGITS = r"(?:\d{3,4}|[一二三四五六七八九][一二三四五六七八九十零〇幺]{2,3})"
_YARD = r"(?:\d{1,4}(?:号院?|弄)[ ,]?)?"
_BUILDING = rf"第?{_NUMERAL}#?(?:栋|幢|号楼|座|楼)[ ,-]?"
_UNIT = rf"第?{_NUMERAL}单元[ ,-]?"
_FLOOR = rf"(?:{_NUMERAL}(?:楼|层)[ ,-]?)?"
_DOOR = rf"(?:{_DIGITS}|\d{{2}}(?:-\d)?)(?:室|号房|房|户|号)?{_NOT_A_QUANTITY}"
_ROOM = r"(?:室|号房(?!屋)|房(?!屋))"
_RESIDENCE = r"(?:住|住址|地址|家在|户籍|户口在|老家)[^,。;\n]{0,30}?"
_WHERE_HOMES_ARE = r"(?:小区|花园|家园|公寓|[家苑园城庭府里湾住庄邸轩居郡])"

_ADDRESSES: Patterns = tuple(
    (Personal.ADDRESS, re.compile(pattern))
    for pattern in (
        # A building or a unit alone says where something is broken; together, or with a door, they say who lives there.
        rf"{_YARD}第?{_NUMERAL}#?(?:栋|幢|号楼|座)[ ,-]?第?{_NUMERAL}单元(?:[ ,-]?{_FLOOR}{_DOOR})?",
        rf"{_YARD}{_BUILDING}(?:{_UNIT})?{_FLOOR}{_DIGITS}(?:室|号房|房|户)?{_NOT_A_QUANTITY}",
        rf"{_YARD}{_UNIT}{_FLOOR}{_DOOR}",
        r"(?:\d{1,4}(?:号院?|弄)[ ,]?){0,2}(?<![\dA-Za-z.])\d{3,4}(?:室|号房(?!屋))",
        rf"[一二三四五六七八九][一二三四五六七八九零〇幺]{{2,3}}{_ROOM}",
        rf"(?<=[{_HAN}])[A-Za-z]?\d{{1,3}}-\d{{1,2}}-\d{{3,4}}(?![\d年-])",
        rf"(?<=[{_HAN}])\d{{1,3}}#-?\d{{3,4}}{_NOT_A_QUANTITY}",
        rf"{_WHERE_HOMES_ARE}([A-Za-z]?\d{{1,3}}-\d{{3,4}}){_NOT_A_QUANTITY}(?!-)",
        rf"(?:楼上|楼下|对门|隔壁|我们?家|我们?住|门牌)的?(?:是|住)?(\d{{3,4}}){_NOT_A_QUANTITY}",
        rf"{_BUILDING}{_UNIT}{_NUMERAL}(?:楼|层)",
        r"(?:门牌号?|\d{1,2}排)[是为:]?(\d{1,4}(?:-\d{1,3})?号)",
        # In a village every number is a household's; in a street it may be a shop's, unless somebody says that it is their home.
        r"(?:[村庄组队屯圩塘湾]|(?<=后面)|(?<=旁边))(甲?\d{1,4}(?:-\d{1,3})?号(?:附\d{1,3}号?)?)(?![线楼井桥泵机闸坝台塔池站点路灯杆])",
        rf"{_RESIDENCE}(?<=[{_HAN}])(甲?\d{{1,4}}(?:-\d{{1,4}})?号(?:附\d{{1,3}}号?)?)(?![线楼门病床机井])",
        r"(?:Room|Flat|Apt\.?|Apartment) ?#?\d{1,5}[A-Za-z]?(?:, ?(?:Unit|Building|Block|Bldg\.?|Floor|No\.) ?#?\w{1,4}){0,3}",
        r"(?:Building|Block|Unit) ?#?\w{1,4}(?:, ?(?:Unit|Room|Flat|Building|Floor) ?#?\w{1,5}){1,3}",
    )
)


def addresses_in(text: str) -> Iterator[Span]:
    """Every house number and door that tells where somebody lives; ``text`` in half-width characters."""
    return spans_of(_ADDRESSES, text)
