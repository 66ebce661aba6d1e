"""What constituents say: real texts where a checkout has them beside it, and what tells who it was, which nobody else may ever read."""

from __future__ import annotations

import csv
import random
import re
from dataclasses import dataclass

from tests.journeys.issue_people import MESSAGES

SPECIALTY_OF_FIELD = {
    "城乡建设": "城建环保",
    "环境保护": "城建环保",
    "交通运输": "城建环保",
    "教育文体": "教科文卫",
    "卫生计生": "教科文卫",
    "劳动和社会保障": "社会建设",
    "商贸旅游": "财政经济",
}
OWN = (
    ("城乡建设", "小区门口的下水道堵了快一个月，一下雨就积水，物业和社区互相推"),
    ("城乡建设", "电梯坏了两周，老人上下楼困难，物业一直说在等配件"),
    ("环境保护", "工地半夜施工，噪音扰民，渣土车把道路压坏了，扬尘很大"),
    ("交通运输", "公交车半个小时才来一班，早高峰根本挤不上去"),
    ("教育文体", "学校门口没有斑马线，学生放学要横穿马路，家长很担心"),
    ("卫生计生", "卫生院的医生下午就下班了，孩子发烧只能去城里看病"),
    ("劳动和社会保障", "工地拖欠工资三个月，找了项目部几次都没有答复"),
    ("商贸旅游", "景区停车场乱收费，商户强买强卖，游客意见很大"),
)
UNITS = {"城建环保": "云溪区住房和城乡建设局", "教科文卫": "云溪区教育局"}
"""By specialty, a unit that employs some of its specialists and that some of the texts name."""
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = ("建国", "秀英", "志强", "桂兰", "海波", "丽华", "文斌", "春梅", "金凤", "长根", "玉珍", "保华")


@dataclass(frozen=True)
class Text:
    """What a constituent complains of, and the specialty it belongs to."""

    words: str
    specialty: str


def bare(text: str) -> str:
    """Text without what may stand inside a number: spaces, line ends, hyphens."""
    return re.sub(r"[\s-]", "", text)


@dataclass(frozen=True)
class Secret:
    """What tells who a constituent is; it must stay with the home deputy."""

    name: str
    phone: str
    block: int
    room: int

    @property
    def door(self) -> str:
        return f"{self.block}栋2单元{self.room}室"

    def told(self, words: str, manner: int = 0) -> str:
        """The words together with who says them, as people put it."""
        spaced = f"{self.phone[:3]} {self.phone[3:7]} {self.phone[7:]}"
        return (
            f"{words}\n我叫{self.name}，住翠竹苑{self.door}，电话{self.phone}。",
            f"联系人：{self.name}，联系电话：{spaced}，住址：翠竹苑{self.door}。\n{words}",
            f"本人{self.name}，家住翠竹苑{self.door}，手机{self.phone}。{words}",
        )[manner % 3]

    def stands_in(self, bare: str) -> str:
        """Which part of it can be read in text made bare; empty for none."""
        parts = (self.phone, self.name, f"{self.room}室", self.door)
        return next((part for part in parts if part in bare), "")


@dataclass
class Matter:
    """One problem of one constituent, brought by one deputy."""

    text: Text
    secret: Secret
    deputy: int
    """The home deputy's Telegram id."""
    unit: str = ""
    """The unit it names, if it names one of those that employ specialists."""

    @property
    def words(self) -> str:
        return f"{self.text.words}\n已经多次找过{self.unit}，没有结果。" if self.unit else self.text.words


def texts(count: int, chance: random.Random) -> list[Text]:
    """So many texts to bring."""
    if not MESSAGES.exists():
        own = [
            Text(f"{words}，这是第{number // len(OWN) + 1}次反映", SPECIALTY_OF_FIELD[field])
            for number in range(count)
            for field, words in [OWN[number % len(OWN)]]
        ]
        chance.shuffle(own)
        return own
    with MESSAGES.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if 20 < len(row["body"]) < 1500]
    return [Text(f"{row['title']}\n{row['body']}", SPECIALTY_OF_FIELD[row["label"]]) for row in chance.sample(rows, count)]


def secrets(count: int, chance: random.Random) -> list[Secret]:
    """So many constituents: no two with the same number or the same room."""
    phones = chance.sample(range(10**8), count)
    doors = chance.sample(
        [(block, floor * 100 + number) for block in range(61, 99) for floor in range(21, 34) for number in range(4, 9)], count
    )
    return [
        Secret(chance.choice(SURNAMES) + chance.choice(GIVEN), f"138{phone:08}", block, room)
        for phone, (block, room) in zip(phones, doors, strict=True)
    ]
