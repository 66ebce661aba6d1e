"""The made-up district of the demo: Yunxi, its people, and what constituents told its deputies. Any likeness is chance."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.people import Role


@dataclass(frozen=True)
class Resident:
    """Somebody of the district; ``specialties`` name circles too."""

    id: int
    name: str
    roles: tuple[Role, ...] = (Role.DEPUTY,)
    area: str = ""
    group: str = ""
    specialties: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    employer: str = ""
    language: str = "zh-hans"
    comes_in_later: bool = False

    @property
    def phone(self) -> str:
        return f"138{self.id:08d}"


@dataclass(frozen=True)
class Constituent:
    """Somebody who told a deputy something, in a private chat of their own: texts, and kinds of media with a caption.

    Without a deputy of their own they open the mailbox of ``area``.
    """

    id: int
    name: str
    deputy: int = 0
    says: tuple[str | dict[str, object], ...] = field(default_factory=tuple)
    area: str = ""


DEPUTY, SPECIALIST, OFFICE = 101, 102, 120

DISTRICT = "云溪区"
BOUND_CIRCLES = ("城建环保", "教科文卫", "农业农村")
"""Circles that have a group already; the others wait in a forum group for somebody to make their topics."""

RESIDENTS = (
    Resident(
        101, "王秀兰", area="云溪街道", group="第一代表小组", specialties=("教科文卫",), circles=("妇女",), employer="云溪社区服务中心"
    ),
    Resident(102, "陈志强", area="柳河镇", group="第二代表小组", specialties=("城建环保",), employer="区规划设计院"),
    Resident(
        103, "李国栋", area="柳河镇", group="第二代表小组", specialties=("农业农村",), circles=("一线工人农民",), employer="柳河粮食合作社"
    ),
    Resident(104, "张美玲", area="东岭街道", group="第一代表小组", specialties=("教科文卫",), circles=("妇女",), employer="区第一小学"),
    Resident(105, "赵海峰", area="石桥镇", group="第三代表小组", specialties=("财政经济",), circles=("企业",), employer="海峰机械有限公司"),
    Resident(106, "孙丽华", area="石桥镇", group="第三代表小组", specialties=("社会建设",), circles=("妇女",), employer="石桥养老服务中心"),
    Resident(107, "周文博", area="云溪街道", group="第一代表小组", specialties=("法治监察",), employer="文博律师事务所"),
    Resident(
        108, "吴大勇", area="青山乡", group="第四代表小组", specialties=("城建环保",), circles=("一线工人农民",), employer="区自来水公司"
    ),
    Resident(109, "郑晓梅", area="青山乡", group="第四代表小组", specialties=("农业农村",), circles=("妇女",), employer="青山茶场"),
    Resident(110, "马俊", area="东岭街道", group="第一代表小组", specialties=("民族宗教侨务",), employer="东岭清真食品厂"),
    Resident(
        111,
        "黄建平",
        (Role.DEPUTY, Role.GROUP_LEADER),
        "柳河镇",
        "第二代表小组",
        specialties=("城建环保", "法治监察"),
        employer="柳河建筑公司",
    ),
    Resident(112, "林雪", area="云溪街道", group="第一代表小组", specialties=("社会建设",), employer="区人民医院", language="en"),
    Resident(113, "何志远", area="石桥镇", group="第三代表小组", specialties=("财政经济",), circles=("企业",), comes_in_later=True),
    Resident(120, "刘敏", (Role.OFFICE,), employer="区人大常委会代表联络室"),
    Resident(121, "杨帆", (Role.OFFICE,), employer="区人大常委会代表联络室"),
    Resident(122, "徐正华", (Role.LEADER,), employer="区人大常委会"),
    Resident(123, "高翔", (Role.AREA_STAFF,), area="柳河镇", employer="柳河镇人大"),
)

CONSTITUENTS = (
    Constituent(
        201,
        "群众·老李",
        DEPUTY,
        (
            "王代表您好，我叫李长根，住在翠竹小区3栋2单元501室，手机13655550123。我们小区门口的下水道堵了快一个月，一下雨就积水，"
            "老人孩子出门都要趟水，物业和社区互相推，请您帮忙反映反映。",
            {"kind": "photo", "caption": "这是昨天下雨后拍的"},
            {"kind": "voice", "duration": 12},
        ),
    ),
    Constituent(
        202,
        "群众·小周",
        DEPUTY,
        ("王代表，实验小学门口放学时电动车和汽车挤成一团，前天差点撞到孩子，能不能请交警来看看，或者错峰放学？联系人周莉，15900001234。",),
    ),
    Constituent(203, "群众·老吴", 103, ("李代表，村西那条灌溉渠塌了一截，二百多亩水稻浇不上水，镇里说没有钱修，眼看就要插秧了。",)),
    Constituent(204, "群众·小陈", area="云溪街道"),
)
