"""Who takes part: the roster as the office has it on paper, how each person takes to the Home, and who is picked for what comes."""

from __future__ import annotations

import enum
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.journeys.roster_year.book import Book, Row
from tests.village import Phone, Village

SHANGHAI = ZoneInfo("Asia/Shanghai")
SURNAMES = "王李张刘陈杨赵黄吴徐孙胡朱高林何郭马罗梁"
GIVEN = ("建国", "秀兰", "志强", "美玲", "海峰", "晓燕", "文博", "桂芳", "德明", "春花", "永康", "雪梅", "天佑", "佩琪", "光荣", "丽娟")
AREAS = ("史河街道", "平岗街道", "叶集镇", "三元镇", "姚李镇", "洪集镇")
GROUPS = tuple(f"第{number}代表小组" for number in "一二三四五六七八")
MAIN = ("城建环保", "农业农村", "教科文卫", "社会建设", "法治监察")
"""The last of these circles has no group."""
SCARCE = {"城建环保", "农业农村", "法治监察"}
WOMEN = "妇女"
ROLE_WORDS = {"deputy": "代表", "group_leader": "组长", "office": "联络室", "leader": "主要领导", "area_staff": "乡镇人大"}


class Manner(enum.Enum):
    """How somebody takes to it."""

    QUICK = "comes in and joins at once"
    AFTER_ONE = "joins after a reminder"
    AFTER_TWO = "joins after two"
    NEVER_JOINS = "comes in and never joins"
    BLOCKS = "comes in and blocks the bot"
    OUTSIDE = "does not come in at all"


MANNERS = (*([Manner.QUICK] * 6), Manner.AFTER_ONE, Manner.AFTER_TWO, Manner.NEVER_JOINS, Manner.BLOCKS, Manner.OUTSIDE)


class Kind(enum.Enum):
    CHANGE = "change"
    MISHAP = "mishap"
    OTHER = "other"


@dataclass
class RosterYear:
    """The Home, the book, and everybody's phones."""

    home: Village
    book: Book
    office: Phone
    colleague: Phone
    phones: dict[int, Phone] = field(default_factory=dict)
    """By account."""
    manners: dict[str, Manner] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    """Whoever has a part of their own in what comes."""
    played: Counter[Kind] = field(default_factory=Counter)
    turn: int = 0
    said: dict[str, Any] = field(default_factory=dict)
    """What one day leaves for another."""

    @property
    def now(self) -> datetime:
        return self.home.clock.now()

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()

    def phone(self, person: str) -> Phone:
        return self.phones[self.book.people[person]["account"]]

    def pick(self, circle: str = "", *, manner: Manner = Manner.QUICK, joined: bool = False) -> str:
        """A deputy without a part of their own yet, the first of the roster that fits; those of rarer circles only where it matters."""
        fits = [
            name
            for name in self.book.serving()
            if name not in self.taken
            and self.manners.get(name) is manner
            and (not circle or (circle, name) in self.book.members)
            and (not joined or any(self.book.members[c, name]["joined"] for c in self.book.circles_of(name)))
        ]
        assert fits, f"nobody is left for {circle} {manner}"
        found = min(fits, key=lambda name: not circle and bool(SCARCE & {*self.book.circles_of(name)}))
        self.taken.add(found)
        return found

    def anybody(self, but: Callable[[Row], bool] = lambda row: False) -> str:
        """A deputy who is in, in turn; what is done to them does not keep them from anything else."""
        able = [name for name in self.book.serving() if self.manners.get(name) is Manner.QUICK and self.book.people[name]["account"]]
        while True:
            self.turn += 1
            found = able[self.turn % len(able)]
            if not but(self.book.people[found]) and "法治监察" not in self.book.people[found]["specialties"]:
                return found

    @property
    def asker(self) -> str:
        """The deputy who brings most of the issues; in no group."""
        if "asker" not in self.said:
            self.said["asker"] = self.pick("法治监察")
        return str(self.said["asker"])


def names_on_paper(count: int) -> list[str]:
    """So many different names, none of which sounds like another."""
    names = (
        f"{SURNAMES[(place + turn) % len(SURNAMES)]}{given}" for turn, (place, given) in enumerate(itertools.product(range(20), GIVEN))
    )
    return list(itertools.islice(names, count))


def rows_on_paper(count: int) -> list[Row]:
    """The deputies as the office's spreadsheet lists them, then the leader, a colleague and two of the townships' staff."""
    rows = []
    for number, name in enumerate(names_on_paper(count)):
        specialties = [MAIN[number % len(MAIN)], *(["财政经济"] if number % 10 == 3 else [])]
        circles = [specialties[0], WOMEN] if number % 6 == 5 else []
        rows.append(
            {
                "name": name,
                "phone": f"1390556{number:04}",
                "area": AREAS[number % len(AREAS)],
                "group": GROUPS[number % len(GROUPS)],
                "specialties": specialties,
                "circles": circles,
                "roles": {"deputy", "group_leader"} if number < len(GROUPS) else {"deputy"},
                "employer": f"{AREAS[number % len(AREAS)]}第{number + 1}村",
            }
        )
    others = (("郑主任", "leader", ""), ("吴干事", "office", ""), ("孙干部", "area_staff", AREAS[0]), ("钱干部", "area_staff", AREAS[1]))
    for number, (name, role, area) in enumerate(others):
        rows.append({"name": name, "phone": f"1380556{number:04}", "area": area, "group": "", "specialties": [], "circles": []})
        rows[-1] |= {"roles": {role}, "employer": "区人大常委会"}
    return rows
