"""The year's activities: what is called when and for whom, and what comes in between."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERYONE = "全体代表"
GROUPS = tuple(f"第{number}代表小组" for number in "一二三四五六七八")
AREAS = ("史河街道", "平岗街道", "叶集镇", "三元镇", "姚李镇", "洪集镇")
CIRCLES = ("法治监察", "财政经济", "城建环保", "农业农村", "教科文卫", "社会建设")
"""Deputies are given out over the groups, areas and circles in turn."""


class Twist(enum.StrEnum):
    """What comes in between."""

    NONE = "none"
    MOVED = "moved"
    OTHER_PLACE = "other_place"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    CRASH = "crash"
    """The Home dies while the formal notice goes out."""
    DOWNTIME = "downtime"
    """The Home is away for two hours when the last reminder is due."""


@dataclass(frozen=True)
class Planned:
    title: str
    kind: str
    day: date
    at: time
    hours: float
    whom: str
    twist: Twist = Twist.NONE

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.day, self.at, SHANGHAI)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(hours=self.hours)


def _on(month: int, day: int) -> date:
    return date(2026, month, day)


MORNING, AFTERNOON, EVENING = time(9), time(14, 30), time(19, 30)
AGENDA: tuple[Planned, ...] = (
    Planned("一季度全体代表培训", "培训", _on(1, 20), MORNING, 3, EVERYONE, Twist.CRASH),
    Planned("一月接待选民日", "接待选民", _on(1, 15), MORNING, 2.5, "史河街道"),
    Planned("春节前安全生产检查", "执法检查", _on(2, 6), MORNING, 3, "法治监察"),
    Planned("节前走访", "其他", _on(2, 14), AFTERNOON, 2, "第一代表小组"),  # a Saturday worked in exchange for the Spring Festival
    Planned("二月接待选民日", "接待选民", _on(2, 24), MORNING, 2.5, "平岗街道"),  # the 15th falls into the Spring Festival
    Planned("财政预算座谈", "座谈会", _on(3, 4), AFTERNOON, 2, "财政经济", Twist.MOVED),
    Planned("区人大会议第一次全体会议", "会议", _on(3, 10), MORNING, 3, EVERYONE),
    Planned("三月接待选民日", "接待选民", _on(3, 16), MORNING, 2.5, "叶集镇"),
    Planned("污水处理厂视察", "视察", _on(3, 25), MORNING, 3, "城建环保", Twist.OTHER_PLACE),
    Planned("第二小组学习", "学习", _on(3, 31), EVENING, 2, "第二代表小组"),
    Planned("春耕调研", "调研", _on(4, 9), MORNING, 4, "农业农村", Twist.DOWNTIME),
    Planned("四月接待选民日", "接待选民", _on(4, 15), MORNING, 2.5, "三元镇"),
    Planned("学校食堂视察", "视察", _on(4, 22), time(10), 3, "教科文卫", Twist.POSTPONED),
    Planned("第三小组座谈", "座谈会", _on(4, 28), AFTERNOON, 2, "第三代表小组"),
    Planned("青年代表学习", "学习", _on(5, 9), MORNING, 2, "第四代表小组"),  # a Saturday worked in exchange for May Day
    Planned("五月接待选民日", "接待选民", _on(5, 15), MORNING, 2.5, "姚李镇", Twist.CANCELLED),
    Planned("养老服务调研", "调研", _on(5, 21), MORNING, 3, "社会建设"),
    Planned("环保法执法检查", "执法检查", _on(5, 28), MORNING, 4, "城建环保", Twist.MOVED),
    Planned("夜间巡河", "视察", _on(6, 5), time(23), 2, "第五代表小组"),  # across midnight
    Planned("六月接待选民日", "接待选民", _on(6, 15), MORNING, 2.5, "洪集镇"),
    Planned("半年学习会", "学习", _on(6, 24), AFTERNOON, 2, EVERYONE, Twist.CRASH),
    Planned("防汛检查", "视察", _on(7, 3), time(7, 30), 3, "农业农村"),
    Planned("七月接待选民日", "接待选民", _on(7, 15), MORNING, 2.5, "史河街道"),
    Planned("营商环境座谈", "座谈会", _on(7, 23), AFTERNOON, 2, "财政经济", Twist.OTHER_PLACE),
    Planned("高温作业检查", "执法检查", _on(8, 4), AFTERNOON, 2, "社会建设"),
    Planned("八月接待选民日", "接待选民", _on(8, 17), MORNING, 2.5, "平岗街道"),
    Planned("开学前校车检查", "执法检查", _on(8, 26), MORNING, 2, "教科文卫", Twist.MOVED),
    Planned("第六小组调研", "调研", _on(9, 8), MORNING, 3, "第六代表小组", Twist.CANCELLED),
    Planned("九月接待选民日", "接待选民", _on(9, 15), MORNING, 2.5, "叶集镇"),
    Planned("国庆前食品安全检查", "执法检查", _on(9, 20), MORNING, 3, "法治监察"),  # a Sunday worked in exchange for National Day
    Planned("国庆值班慰问", "其他", _on(10, 3), MORNING, 2, "第七代表小组"),  # in the holiday
    Planned("十月接待选民日", "接待选民", _on(10, 15), MORNING, 2.5, "三元镇"),
    Planned("秋收秸秆禁烧视察", "视察", _on(10, 22), MORNING, 3, "农业农村"),
    Planned("第八小组学习", "学习", _on(10, 29), EVENING, 2, "第八代表小组"),
    Planned("十一月接待选民日", "接待选民", _on(11, 16), MORNING, 2.5, "姚李镇", Twist.POSTPONED),
    Planned("冬季供暖调研", "调研", _on(11, 19), MORNING, 3, "城建环保"),
    Planned("代表建议办理座谈", "座谈会", _on(11, 27), AFTERNOON, 2, "财政经济"),
    Planned("年终述职评议", "会议", _on(12, 10), MORNING, 4, EVERYONE, Twist.DOWNTIME),
    Planned("十二月接待选民日", "接待选民", _on(12, 15), MORNING, 2.5, "洪集镇"),
    Planned("跨年值守慰问", "其他", _on(12, 31), time(22, 30), 3, "第一代表小组"),  # into the next year
)
