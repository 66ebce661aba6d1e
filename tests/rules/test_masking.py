"""Masking: what tells who somebody is goes, what happened and where stays."""

from __future__ import annotations

import time

import pytest

from models.masking import Personal, mask
from tests.benchmarks.masking import HELD_OUT, NUMBERS, TUNING, score

COVERED = [
    ("我的手机是13655550123，随时联系", "我的手机是【电话】，随时联系"),
    ("请打 136 5555 0123 找我", "请打 【电话】 找我"),
    ("电话：136-5555-0123。", "电话：【电话】。"),
    ("电话+8613655550123", "电话【电话】"),
    ("电话 +86 136-5555-0123", "电话 【电话】"),
    ("电话008613655550123", "电话【电话】"),
    ("手机１３６５５５５０１２３", "手机【电话】"),
    ("电话13655550123/15900001234都行", "电话【电话】/【电话】都行"),
    ("13655550123 15900001234", "【电话】 【电话】"),
    ("电话136****0123", "电话【电话】"),
    ("我手机幺三六五五五五零幺二三", "我手机【电话】"),
    ("座机0564-3345678", "座机【电话】"),
    ("座机(0564)3345678转12", "座机【电话】"),
    ("打010 62345678没人接", "打【电话】没人接"),
    ("电话：3345678", "电话：【电话】"),
    ("联系方式是 8234-5678", "联系方式是 【电话】"),
    ("身份证342401199001011234", "身份证【证件号】"),
    ("身份证号34240119900101123X，请查", "身份证号【证件号】，请查"),
    ("342401 19900101 1234", "【证件号】"),
    ("老身份证342401900101123", "老身份证【证件号】"),
    ("退款打到6222021234567890123", "退款打到【银行卡号】"),
    ("卡号6222 0212 3456 7890", "卡号【银行卡号】"),
    ("车牌皖N12345占了车位", "车牌【车牌】占了车位"),
    ("皖A·D12345一直停在消防通道", "【车牌】一直停在消防通道"),
    ("皖n8k123的车", "【车牌】的车"),
    ("发邮件到lichanggen@example.com", "发邮件到【邮箱】"),
    ("微信号：lcg_1968", "微信号：【账号】"),
    ("加我微信lcg1968", "加我微信【账号】"),
    ("QQ 123456789", "QQ 【账号】"),
    ("vx: abc12345", "vx: 【账号】"),
    ("我叫李长根，住在翠竹小区", "我叫【姓名】，住在翠竹小区"),
    ("我叫李明住在翠竹小区", "我叫【姓名】住在翠竹小区"),
    ("我叫欧阳建国。", "我叫【姓名】。"),
    ("我是周莉，实验小学家长", "我是【姓名】，实验小学家长"),
    ("本人张桂芳，68岁", "本人【姓名】，68岁"),
    ("姓名：王小虎 性别：男", "姓名：【姓名】 性别：男"),
    ("联系人周莉，15900001234", "联系人【姓名】，【电话】"),
    ("联系人：周莉15900001234", "联系人：【姓名】【电话】"),
    ("请联系王芳13800000000", "请联系【姓名】【电话】"),
    ("周莉 15900001234", "【姓名】 【电话】"),
    ("15900001234（周莉）", "【电话】（【姓名】）"),
    ("张建军，电话15900001234", "【姓名】，电话【电话】"),
    ("患者陈桂兰昨天住院", "患者【姓名】昨天住院"),
    ("我儿子李小明，今年七岁", "我儿子【姓名】，今年七岁"),
    ("邻居赵铁柱，天天半夜唱歌", "邻居【姓名】，天天半夜唱歌"),
    ("刘翠花女士反映", "【姓名】女士反映"),
    ("路灯坏了。\n李长根\n2026年3月1日", "路灯坏了。\n【姓名】\n2026年3月1日"),
    ("王芳、万家镇、柳河镇都没有水", "【姓名】、万家镇、柳河镇都没有水"),
    ("路口\n李长根", "路口\n【姓名】"),
    ("我叫李长根。物业对李长根说不管", "我叫【姓名】。物业对【姓名】说不管"),
    ("住在翠竹小区3栋2单元501室", "住在翠竹小区【门牌】"),
    ("翠竹小区三号楼二单元501", "翠竹小区【门牌】"),
    ("翠竹小区3栋501室漏水", "翠竹小区【门牌】漏水"),
    ("翠竹小区3-2-501漏水", "翠竹小区【门牌】漏水"),
    ("家住解放路88号，门口积水", "家住解放路【门牌】，门口积水"),
    ("My name is John Smith, call 13655550123", "My name is [name], call [phone]"),
]

KEPT = [
    "2019年修的路，2026年3月15日就坏了",
    "请打12345热线，紧急时打110、120、119",
    "欠我们工资12000000元",
    "补偿款一共20190315元，到账8000元",
    "《民法典》第1179条和第24条第3款",
    "皖政〔2019〕12号文件",
    "400-123-4567这个客服一直占线",
    "3栋门口的下水道堵了",
    "2号楼和5号楼之间没有路灯",
    "地铁2号线、K12路公交车",
    "解放路88号的饭店油烟很大",
    "我是高中老师，我是业主，我是农民",
    "我是石桥镇的村民，我是江苏人",
    "本人于2019年入住，本人安排时间去看",
    "孩子安全没有保障，女儿高考在即",
    "我叫了三次物业都不来",
    "联系人电话打不通",
    "业主群里天天吵，业主方面有意见",
    "微信支付12000元",
    "微信转账20000元不退",
    "每平方米2.5元，面积1380.25平方米",
    "李书记和王主任都来看过",
    "李先生说的不对",
    "早上7:30-8:30、下午4:00-5:30堵车",
    "二百多亩水稻浇不上水",
    "项目编号2019-0042，文号123456",
    "学生安全、居民方便最要紧",
    "教室里50个学生挤在一起",
    "1单元电梯坏了三个月"[1:],
    "一到下雨，云溪街道、柳河镇、青山乡都积水",
    *[f"幸福小区北门\n{word}" for word in ("路口", "路灯", "路面", "路边", "路段", "路口 2026年3月1日", "柳树下", "杨树")],
    "涉及柳河镇、万家镇、平桥镇、姚李镇",
    "万家镇、柳河镇、孙岗乡的路都坏了",
    "范桥、唐桥、徐桥，何庄、陈岗、孟湾，柳林、史河都没有水",
    "业主：万家花园、柳林花园",
    "温度38.5度，体重65.5公斤，13800元",
    "The road was built in 2019 and cost 3,000,000 yuan",
]


@pytest.mark.parametrize(("said", "shared"), COVERED, ids=range(len(COVERED)))
def test_what_tells_who_somebody_is_is_covered(said: str, shared: str) -> None:
    assert mask(said).text == shared


@pytest.mark.parametrize("said", KEPT, ids=range(len(KEPT)))
def test_what_is_not_personal_stays(said: str) -> None:
    assert mask(said).text == said


def test_the_writers_own_name_is_covered_wherever_it_stands() -> None:
    assert mask("老李头说门口堵了", ["老李头"]).text == "【姓名】说门口堵了"


def test_what_was_found_is_told_with_its_place() -> None:
    [found] = mask("打13655550123").found

    assert (found.kind, found.start, found.end) == (Personal.PHONE, 1, 12)


def test_what_somebody_wants_covered_is_covered_wherever_it_stands() -> None:
    masked = mask("村口杂货店的瘸腿老李说，老李家的井干了，电话13655550123", more=["老李", "电话13655550123", ""])

    assert masked.text == "村口杂货店的瘸腿【隐去】说，【隐去】家的井干了，【隐去】"


def test_what_overlaps_with_it_is_covered_whole() -> None:
    assert mask("打13655550123吧", more=["打136"]).text == "【隐去】吧"


def test_a_false_hit_can_be_restored() -> None:
    text = "联系人时代广场物业，联系人李长根"

    assert mask("我叫李长根，李长根就是我，电话13655550123", readable=["李长根"]).text == "我叫李长根，李长根就是我，电话【电话】"
    assert mask(text, readable=[text[span.start : span.end] for span in mask(text).found]).text == text


def test_covering_goes_before_restoring() -> None:
    assert mask("我叫李长根", more=["李长根"], readable=["李长根"]).text == "我叫【隐去】"


def test_an_empty_text_stays_empty() -> None:
    assert mask("").text == ""


@pytest.mark.parametrize("part", [TUNING, HELD_OUT])
def test_in_labelled_messages_nearly_all_that_is_personal_is_covered_and_little_else(part: str) -> None:
    measured = score(part)

    assert measured.recall(NUMBERS) >= 0.98
    assert measured.recall([Personal.NAME]) >= 0.90
    assert min(measured.precision(NUMBERS), measured.precision([Personal.NAME])) >= 0.95


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "一",
        "李",
        "我叫李",
        "a@",
        "a.",
        "住路",
        "皖A",
        "13655550123 ",
        "微信",
        "3栋",
        " ",
        "\n",
        "1-",
        "李长根13655550123，我叫王芳。",
        "李长根、",
        "李明、",
        "阿·",
        "住",
        "村1号",
        "姓名：",
        "卡号1",
        "身份证",
        "一，",
    ],
    ids=range(24),
)
def test_even_hostile_texts_are_masked_without_going_through_them_again_and_again(piece: str) -> None:
    text = (piece * 40960)[:40960]
    started = time.process_time()  # work of its own, whatever else the machine does; taking each part anew would be minutes of it

    mask(text)

    assert time.process_time() - started < 20
