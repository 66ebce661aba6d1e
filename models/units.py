"""Units as people call them: whether a text names somebody's employer, by its full name or by a usual short form."""

from __future__ import annotations

import re

PLACE = re.compile(r"^(?P<name>[\u4e00-\u9fff]{1,6}?)??(?P<level>省|市|区|县|旗|镇|乡|街道)(?=[\u4e00-\u9fff]{2})")
LEVELS = "省市区县旗镇乡"
JOINING = re.compile(r"[\s和与及、·（）()]")
"""Left out before comparing: 住房和城乡建设局 is also written 住房城乡建设局."""
COMPANY = re.compile(r"(股份|有限|责任|集团|总公司|分公司|公司)+$")
BRAND_LENGTH = 4
"""Shorter names of firms without their legal form (华联) would be found in too many texts."""
GENERIC = frozenset({"人民政府", "政府", "办事处", "街道办", "街办", "人民法院", "法院", "人民检察院", "检察院", "人民医院", "医院"})
"""Every place has one of these: they count only with the place or its level before them, as in 区医院."""
NUMBERED = re.compile(r"第?([一二三四五六七八九十]+)(中学|小学|幼儿园|人民医院)$")
NUMBERED_SHORT = {"中学": "中", "小学": "小", "幼儿园": "幼", "人民医院": "院"}

SHORT_FORMS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("住房和城乡建设局", "住房和城乡建设委员会", "城乡建设局"), ("住建局", "住建委", "住建部门", "城建局", "建设局")),
    (("人力资源和社会保障局",), ("人社局", "人社部门", "劳动局", "社保局", "劳动监察大队")),
    (("自然资源和规划局", "自然资源局"), ("自然资源局", "自规局", "资规局", "规划局", "国土局")),
    (("市场监督管理局",), ("市场监管局", "市监局", "市场监管部门", "工商局", "食药监局")),
    (("生态环境局", "生态环境分局"), ("生态环境局", "环保局", "环境局", "环保部门")),
    (("农业农村局", "农业农村水利局"), ("农业局", "农委", "农业部门")),
    (("交通运输局",), ("交通局", "交通部门", "运管所")),
    (("城市管理局", "城市管理行政执法局", "城市管理综合执法局"), ("城管局", "城管", "执法局", "综合执法局")),
    (("教育局", "教育体育局"), ("教育局", "教体局", "教育部门")),
    (("卫生健康委员会", "卫生健康局"), ("卫健委", "卫健局", "卫生局", "卫健部门")),
    (("文化和旅游局", "文化旅游体育局", "文化广电和旅游局"), ("文旅局", "文旅体局", "文广旅局", "文化局", "旅游局")),
    (("发展和改革委员会", "发展和改革局"), ("发改委", "发改局", "物价局")),
    (("经济和信息化局",), ("经信局", "工信局")),
    (("公安局", "公安分局"), ("公安局", "公安分局")),
    (("交通警察大队", "公安交通警察大队"), ("交警大队", "交警队", "交警")),
    (("医疗保障局",), ("医保局", "医保部门")),
    (("退役军人事务局",), ("退役军人局",)),
    (("应急管理局",), ("应急局", "安监局")),
    (("水务局", "水利局"), ("水务局", "水利局")),
    (("税务局", "国家税务总局"), ("税务局", "地税局", "国税局")),
    (("消防救援大队",), ("消防大队", "消防队")),
    (("房屋管理局", "房产管理局"), ("房管局", "房产局")),
    (("园林绿化局", "园林管理处"), ("园林局", "园林处")),
    (("供电公司", "国家电网"), ("供电公司", "供电局", "供电所", "电力公司", "国家电网")),
    (("自来水公司", "自来水有限公司", "供水公司"), ("自来水公司", "自来水厂", "供水公司", "水务公司")),
)
"""By full names, how units of that kind are called in conversation and letters."""


def names_unit(text: str, unit: str) -> bool:
    """Whether the text names this unit. One of another place or level (市住建局 for 区住建局) is another unit."""
    text, unit = JOINING.sub("", text), JOINING.sub("", unit)
    if len(unit) < 3:
        return False
    if unit in text:
        return True
    place = PLACE.match(unit)
    core = unit[place.end() :] if place else unit
    return any(_named(text, form, place) for form in _forms(core))


def _forms(core: str) -> set[str]:
    """The name without its place, and what it is called for short."""
    forms = {core}
    for full_names, short in SHORT_FORMS:
        full = [JOINING.sub("", name) for name in full_names]
        if any(name in core for name in full) or core in short:
            forms |= {*full, *short}
    if brand := COMPANY.sub("", core):
        forms |= {name for name in (brand, re.sub(r"(服务|管理)+$", "", brand)) if name != core and len(name) >= BRAND_LENGTH}
    if numbered := NUMBERED.search(core):
        forms.add(numbered[1] + NUMBERED_SHORT[numbered[2]])
    if core.endswith("人民政府"):
        forms.add("政府")
    if core.endswith("办事处"):
        forms |= {"街道办", "街办"}
    return {form for form in forms if len(form) >= 2}


def _named(text: str, form: str, place: re.Match[str] | None) -> bool:
    at = text.find(form)
    while at >= 0:
        if _is_ours(text[:at], form, place):
            return True
        at = text.find(form, at + 1)
    return False


def _is_ours(before: str, form: str, place: re.Match[str] | None) -> bool:
    """Whether what stands before the short form fits the unit's own place."""
    if place is None:
        return form not in GENERIC
    name, level = place["name"] or "", place["level"]
    if before.endswith((f"{name}{level}", name) if name else level):
        return True
    if before.endswith(level):
        return form not in GENERIC or not name or _names_no_other_place(before, level)
    other_level = before[-1:] != "" and before[-1] in LEVELS
    return not other_level and form not in GENERIC


def _names_no_other_place(before: str, level: str) -> bool:
    """Whether the level stands alone or after 我, 本, 该, 全: 我区政府, not 平岗区政府."""
    earlier = before[: -len(level)]
    return not earlier or earlier[-1] in "我本该全到去向给让请是被由，。；：,.;:!！?？“”\n"
