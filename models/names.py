"""What a Chinese personal name looks like: the surnames in common use, and the words that only look like one."""

from __future__ import annotations

import re

_DOUBLE = "欧阳 司马 上官 诸葛 夏侯 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 东方 南宫 端木 呼延 轩辕 完颜"
DOUBLE_SURNAMES = _DOUBLE.split()
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦"
    "付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞"
    "左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时穆农司卓古吉缪简车项连芦麦褚娄"
    "窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)

# What follows a two-character name in running text far more often than it ends a three-character one.
FOLLOWERS = "住在是的有电手家今年男女现系为于因和与跟，及等到去来说要想从向对被把给也都还就又已曾将会能可不没先您您你我他她它们这那"
# No name ends so, but many places, trades and bodies do.
NOT_LAST = "镇村乡区县市省街路站厂校店司会组队民员工长师生童局院所城里湾庄屯岗园苑港桥河山湖国党团委办室号院科系部人"
_LOOK_ALIKE = (
    "高中 高三 高二 高一 高管 高工 高考 高烧 高铁 高速 高压 单身 单亲 单位 常住 常年 常客 安置 安全 安心 安静 平安 "
    "方便 方面 全家 全部 全体 全职 江苏 江西 江南 云南 安徽 黄山 黄石 温州 徐州 常州 郑州 池州 万州 金华 宁波 宁夏 "
    "向您 向你 和他 和她 于是 时候 时间 时常 成年 成都 成为 明天 明白 明年 商户 商家 商人 房东 房产 房屋 房主 路过 "
    "路人 游客 关于 关心 管理 解决 应该 连续 连日 简单 古城 文化 文明 武汉 温馨 康复 华侨 边上 查询 米饭 马上 石油 "
    "车主 车祸 车辆 车间 党员 农民 农村 农户 师傅 费用 席位 应聘 金额 白天 包工 包括 付款 付费 何时 何地 何人 段时 "
    "任何 任由 曾经 万分 万般 齐全 易燃 易怒 左右 左边 宗教 桂林 和谐 和平 项目 计划 严重 严格 贺电 曾任 曾在 曾向 "
    "曾因 曾多 单独 单方 钱款 钱财 江湖 田地 田间 石头 马路 牛奶 梅雨 麦田 毛病 毛坯 水电 温度 汤药 申请 方式 方法 "
    "电话 手机 住址 地址 性别 年龄 职业 "
)
LOOK_ALIKE = frozenset(_LOOK_ALIKE.split())

TITLES = (
    "老师",
    "书记",
    "主任",
    "局长",
    "镇长",
    "区长",
    "院长",
    "校长",
    "经理",
    "医生",
    "代表",
    "警官",
    "大爷",
    "大妈",
    "阿姨",
    "先生",
    "女士",
)
"""Somebody called only by surname and title stays: officials are to be known, and others hardly tell."""

_HAN = "\u4e00-\u9fff"
NAME = rf"(?:(?:{'|'.join(DOUBLE_SURNAMES)})[{_HAN}]{{1,2}}|[{SURNAMES}][{_HAN}]{{1,2}})"
"""A surname and one or two characters; ``fitted`` decides which."""

_SHAPE = re.compile(rf"(?P<surname>{'|'.join(DOUBLE_SURNAMES)}|[{SURNAMES}])(?P<given>[{_HAN}]{{1,2}})")


def fitted(text: str, start: int) -> int | None:
    """Where the name that begins here ends; None when it is no name."""
    found = _SHAPE.match(text, start)
    if found is None or text[start : start + 2] in LOOK_ALIKE:
        return None
    first = found.start("given") + 1
    if found["given"][0] in FOLLOWERS or found["given"].startswith(TITLES):
        return None
    if found.end() == first or found["given"][1] in FOLLOWERS:
        return first
    return found.end()


def ends_like_a_name(name: str) -> bool:
    """Whether the last character could end a personal name rather than a place or a trade."""
    return name[-1] not in NOT_LAST
