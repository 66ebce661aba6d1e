"""Whether a text names somebody's employer."""

from __future__ import annotations

import pytest

from models.units import names_unit

BUILDING = "云溪区住房和城乡建设局"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("云溪区住房和城乡建设局至今没有答复", BUILDING),
        ("找过区住建局三次", BUILDING),
        ("住建局说归城管管", BUILDING),
        ("云溪住建局推给物业", BUILDING),
        ("请住房城乡建设局核实", BUILDING),
        ("我区住建部门监管不力", BUILDING),
        ("区人社局的答复不清楚", "云溪区人力资源和社会保障局"),
        ("区卫健委", "云溪区卫生健康委员会"),
        ("环保局来测过噪音", "六安市云溪区生态环境分局"),
        ("交警拖走了车", "云溪区公安局交通警察大队"),
        ("区自来水公司停水不通知", "云溪区自来水有限公司"),
        ("三中门口太堵", "云溪区第三中学"),
        ("区医院门口积水", "区医院"),
        ("宏业物业乱收费", "云溪区宏业物业服务有限公司"),
        ("姚李镇政府", "姚李镇人民政府"),
        ("我镇政府不管", "姚李镇人民政府"),
        ("史河街道办", "史河街道办事处"),
        ("供电局经常停电", "国网云溪区供电公司"),
    ],
)
def test_a_unit_is_known_by_its_name_and_its_usual_short_forms(text: str, unit: str) -> None:
    assert names_unit(text, unit)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("请市住建局过问", BUILDING),
        ("政府要管一管", "云溪区人民政府"),
        ("平岗镇政府不管", "姚李镇人民政府"),
        ("去医院看病太贵", "云溪区人民医院"),
        ("史河街道路面破损", "史河街道办事处"),
        ("小区物业乱收费", "云溪区宏业物业服务有限公司"),
        ("下水道堵了", ""),
        ("下水道堵了", "个体"),
        ("农民工工资拖欠", "务农"),
        ("一中一小门口", "云溪区第三中学"),
    ],
)
def test_another_place_or_level_or_a_word_that_any_text_may_hold_is_no_sign(text: str, unit: str) -> None:
    assert not names_unit(text, unit)
