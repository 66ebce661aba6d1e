"""Names of people: where a text says that one follows, beside a number, in a signature, and where nothing else could be meant.

Whoever holds an office stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from models.names import CLEAR_SURNAMES, FOLLOWERS, MINORITY_NAME, NAME, NOT_LAST, PUBLIC, bound, clear, fitted, usual
from models.personal import Personal, Span
from models.words_like_names import LOOK_ALIKE

_HAN = r"\u4e00-\u9fff"
_OFFICES = (
    "书记|镇长|乡长|区长|县长|市长|省长|厅长|局长|(?<!班)主任|部长|常委|主席|总理|所长|处长|科长|院长|委员|支书|主委|会长|秘书长|检察长|"
    "(?<!法人)(?<!村民)代表|主任医师"
)
_ROLES = (
    "反映|投诉|举报|申请|申诉|报修|来信|来访|求助|诉求|反馈|信访|留言|监护|证明|当事|收款|付款|寄件|收件|经办|负责|借款|欠款|担保|承租|"
    "出租|被害|受害|被告|发件|转发"
)
_FIELD = (
    rf"(?:姓 ?名|联 ?系 ?人|(?:{_ROLES})人员?|证人|户主|患者|患儿|病患|产妇|死者|逝者|伤者|失主|病人|署名|签名|签字|落款|(?<!住)户名(?!单)|"
    r"开户名|账户名|机主|车主|原告|被告|法定代表人|法人代表|法人|村民代表)"
)
_KIN = (
    r"[儿养]子|女儿|孩子|小孩|双胞胎|父亲|母亲|爸爸|妈妈|[家岳][父母]|[我俺他她的][爸妈哥姐弟妹叔舅姑姨爷奶妻夫兄]|我儿|丈夫|妻子|老公|老婆|爱人|老伴|爷爷|奶奶|外公|外婆|"
    r"姥爷|姥姥|公公|婆婆|哥哥|姐姐|弟弟|妹妹|叔叔|婶婶|大伯|伯父|大[爷妈叔婶姨舅姑]|舅舅|舅妈|姑姑|姑父|姨妈|侄[子女]|外甥女?|外?孙[子女]|[表堂][哥弟姐妹]|儿媳妇?|女婿|"
    r"嫂子|姐夫|妹夫|老[大二三四]|男朋友|女朋友|未婚[夫妻]"
)
_OTHERS = (
    r"邻居|街坊|业主|住户|租户|租客|房客|房东|村民|居民|群众|市民|同胞|学生|同学|家长|职工|工人|民工|员工|同事|朋友|老乡|战友|老师|老板娘?|包工头|工头|司机|驾驶员|快递员|"
    r"外卖员|网格员|销售员?|业务员|城管|保姆|护工|护士|医生|大夫|班主任|校长|教练(?!车)|经理|主管|会计|出纳|楼长|中介|低保户|贫困户|五保户|"
    r"(?:同村|隔壁|对门|楼上|楼下|村里|队里)的?|[村组]的|"
    r"住[^,。;\n]{4,24}的"
)
_WEAK_CUE = re.compile(rf"(?:联系|转告|叫|找|借给|还有)(?={NAME})")
_CALLED = r"(?:[我俺]叫做?|名叫|叫做|(?:全名|名字)[叫是为]|我名(?![字叫])|鄙人|(?<=[人者孩儿妈爸公婆子女友居学事长师东家])叫)"
_SURE_CUE = re.compile(rf"{_CALLED}[ :]{{0,3}}(?=[{_HAN}])")
_FIELD_CUE = re.compile(rf"{_FIELD}(?:姓名|名字)?(?:[ \t]{{0,3}}[:】|\]/][ \t]{{0,3}}|是|为|叫做?|[ \t]{{1,4}})[是为叫]?(?=[{_HAN}])")
_PERSON_CUE = re.compile(
    rf"(?:{_FIELD}(?:姓名|员)?|我是|本人(?:姓名)?|我系|{_KIN}|{_OTHERS})[ \t:]{{0,3}}[叫是]?(?={NAME}|{MINORITY_NAME})"
)
_MINORITY = re.compile(MINORITY_NAME)
_UNUSUAL = re.compile(
    rf"[{_HAN}]{{1,3}}(?![{NOT_LAST}了的])[{_HAN}](?![{_HAN}])|[{_HAN}] {{1,4}}[{_HAN}](?![{_HAN}])|[{_HAN}]{{1,6}}·[{_HAN}]{{1,6}}"
)
_NO_NAME = re.compile(
    r"[真假写否交补您你我他她它的了过着某无未]|实名|不[详愿便]|匿名|保密|同上|电话|手机|联系|地址|住址|身份|年龄|性别|年[月级]|日期|什么|物业|保安|救护|滴滴|外卖|"
    r"家人|孩子|老板|大家|警察|公司"
)
_BEFORE_A_SUFFIX = re.compile(rf"(?={NAME}(?:先生|女士|小姐|同志|老人|[, ]{{1,2}}[男女](?![{_HAN}])|敬上|[ \t]?\d{{1,2}}:\d\d\n))")
_IN_A_CHAT = re.compile(rf"(?:^|\n|\] ?|[:] ?请)(?={NAME}(?: ?:|、))")
_LINK = re.compile(r"[ \t]{0,2}(?:[、/,;]|[和与及跟或]|\s{1,4})[ \t]{0,2}")
_LINKED_BEFORE = re.compile(rf"(?:^|[^{_HAN}]|[请叫找由让和、的])({NAME})[、和与及跟]$")
_GAP = r"[\s,:(|/、)-]"
_BEFORE_A_NUMBER = re.compile(
    rf"(?:^|[^{_HAN}]|联系|[找叫是人和与及或])({MINORITY_NAME}|{NAME}){_GAP}{{0,4}}(?:[男女]{_GAP}{{1,2}})?(?:\d{{1,3}}岁{_GAP}{{0,2}})?"
    rf"(?:的?(?:身份证|(?:联系)?(?:电话|手机|方式)|号码)(?:号码|号)?[:是为]?{_GAP}{{0,2}})?$"
)
_AFTER_A_NUMBER = re.compile(rf"{_GAP}{{0,2}}({NAME})(?:先生|女士|同志)?(?=[),。;\s]|$)")
_ALONE = re.compile(rf"(?<![{_HAN}·])(?={NAME})")
_CLEAR = re.compile(rf"(?=[{CLEAR_SURNAMES}][{_HAN}]{{2}})")
_SIGNED = re.compile(rf"(?:\n|—|敬礼 )[ \t]*({NAME})[ \t]*(?:[\n ][\d〇零一二三四五六七八九十年月日 ./-]{{4,24}})?\s*$")
_OFFICE_BEFORE = re.compile(rf"(?:{_OFFICES})(?:同志)?[ \t]?$")
_OFFICE_BEHIND = re.compile(rf"(?:同志)?副?(?:{_OFFICES})")
_MY = r"(?:landlord|neighbou?r|husband|wife|son|daughter|father|mother|brother|sister|friend|boss)"
_ENGLISH_NAME = re.compile(
    r"(?:\b[Mm]y name is|\bI am|\bI'm|\b[Nn]ame ?:|\b[Cc]ontact ?:|\b(?:Mr|Mrs|Ms|Miss|Dr)\.?(?= [A-Z][a-z'-]+ [A-Z])|"
    rf"\bThis is(?= [A-Z][a-z]+ [A-Z][a-z]+[,;.])|\b[Mm]y {_MY}),?\s+((?:[A-Z][a-z'’-]+)(?: [A-Z][a-z'’-]+){{0,2}})\b"
)


def names_in(text: str, numbers: Sequence[Span]) -> Iterator[Span]:
    """Every name in ``text``, which is in half-width characters; ``numbers`` are those found in it."""
    ends = dict(sorted({*_cued(text), *_beside(text, numbers), *_signed(text), *_by_themselves(text)}))
    for start, end in (*ends.items(), *_linked(text, ends)):
        if text[start:end] not in PUBLIC:
            yield Span(Personal.NAME, start, end)
    for found in _ENGLISH_NAME.finditer(text):
        yield Span(Personal.NAME, *found.span(1))


def _cued(text: str) -> Iterator[tuple[int, int]]:
    for cue in (*_PERSON_CUE.finditer(text), *_BEFORE_A_SUFFIX.finditer(text)):
        end = found.end() if (found := _MINORITY.match(text, cue.end())) else fitted(text, cue.end())
        if end is not None and not _in_office(text, cue.end(), end):
            yield cue.end(), end
    for cue in _WEAK_CUE.finditer(text):
        end = usual(text, cue.end())
        if end is None or _in_office(text, cue.end(), end):
            continue
        if end - cue.end() > 2 or (cue[0] == "叫" and (bound(text, end) or text[end] in FOLLOWERS)):
            yield cue.end(), end
    for cue in _IN_A_CHAT.finditer(text):
        if (end := usual(text, cue.end())) is not None and bound(text, end):
            yield cue.end(), end
    for cue in (*_SURE_CUE.finditer(text), *_FIELD_CUE.finditer(text)):
        if (end := _announced(text, cue.end())) is not None:
            yield cue.end(), end


def _announced(text: str, start: int) -> int | None:
    """After a cue that leaves no doubt, even a name of unusual make is one if something ends it."""
    if _NO_NAME.match(text, start):
        return None
    if found := _MINORITY.match(text, start):
        return found.end()
    if (end := fitted(text, start, sure=True)) is not None:
        return end
    return found.end() if (found := _UNUSUAL.match(text, start)) else None


def _beside(text: str, numbers: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Names in a row with a number."""
    for number in numbers:
        before = max(0, number.start - 30)
        if found := _BEFORE_A_NUMBER.search(text[before : number.start]):
            yield from _checked(text, before + found.start(1), before + found.end(1))
        if found := _AFTER_A_NUMBER.match(text, number.end):
            yield from _checked(text, *found.span(1))


def _signed(text: str) -> Iterator[tuple[int, int]]:
    offset = max(0, len(text) - 60)
    if found := _SIGNED.search(text[offset:]):
        yield from _checked(text, offset + found.start(1), offset + found.end(1))


def _checked(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if "·" in text[start:end] or fitted(text, start) == end:
        yield start, end


def _by_themselves(text: str) -> Iterator[tuple[int, int]]:
    """Three characters that would make a name with nothing on either side, as in a table; or that can hardly be anything else."""
    for found in _MINORITY.finditer(text):
        if "·" in found[0]:
            yield found.span()
    for found in _ALONE.finditer(text):
        start = found.start()
        end = usual(text, start)
        if end is not None and end - start > 2 and bound(text, end) and text[start : start + 2] not in LOOK_ALIKE:
            yield start, end
    for found in _CLEAR.finditer(text):
        start = found.start()
        if (end := clear(text, start)) is not None and not _in_office(text, start, end):
            yield start, end


def _linked(text: str, ends: dict[int, int]) -> Iterator[tuple[int, int]]:
    """The other names of a row of names, of which ``ends`` holds some."""
    for start, end in ends.items():
        at = end
        while (found := _LINK.match(text, at)) and found.end() not in ends:
            at = fitted(text, found.end()) or 0
            parted = at and (bound(text, at) or text[at] in FOLLOWERS or at - found.end() > 2)
            if not parted or _in_office(text, found.end(), at):
                break
            yield found.end(), at
        before = max(0, start - 6)
        if (found := _LINKED_BEFORE.search(text[before:start])) and usual(text, before + found.start(1)) == before + found.end(1):
            yield before + found.start(1), before + found.end(1)


def _in_office(text: str, start: int, end: int) -> bool:
    return bool(_OFFICE_BEFORE.search(text[max(0, start - 8) : start]) or _OFFICE_BEHIND.match(text, end))
