"""What a new Home begins with: the circles and specialties of a district congress, described from general knowledge."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.circles import Circle
from models.people import Specialty

SPECIALTIES: dict[str, str] = {
    "法治监察": "法院 检察 公安 派出所 警察 民警 司法 律师 执法 违法 犯罪 诈骗 治安 扫黑 赌博 举报 腐败 监察 纪委 合同 纠纷 维权 调解 社区矫正 信访",
    "财政经济": "财政 预算 税 税收 发票 经济 企业 招商 投资 贷款 银行 金融 市场 物价 价格 收费 消费 商场 超市 商户 营业 旅游 景区 酒店 电商 快递",
    "城建环保": "城建 规划 小区 物业 业主 房产 楼盘 拆迁 违建 道路 路灯 人行道 停车 堵车 公交 地铁 红绿灯 下水道 内涝 积水 供水 停水 停电 燃气 暖气 "
    "污染 噪音 噪声 扬尘 油烟 垃圾 污水 臭味 环保 绿化 施工 工地 渣土 河道 占道",
    "农业农村": "农业 农村 农民 村民 村委 土地 耕地 宅基地 承包 征地 种植 养殖 水稻 小麦 灌溉 水渠 沟渠 农田 农机 化肥 农药 乡村振兴 扶贫 低保户 危房 村路 水库 塘坝",
    "教科文卫": "学校 教育 老师 教师 学生 幼儿园 小学 中学 高中 大学 招生 学区 补课 培训班 学费 校车 文化 图书馆 体育 健身 科技 医院 医生 看病 医保 医疗 "
    "药品 卫生 疫苗 护士 挂号 门诊 计生 生育 卫生院",
    "社会建设": "工资 欠薪 讨薪 社保 养老 退休 养老金 公积金 就业 失业 劳动 工伤 加班 招聘 人社 低保 救助 残疾 老人 养老院 殡葬 退役 军人 抚恤 志愿 社区",
    "民族宗教侨务": "民族 少数民族 宗教 寺庙 教堂 清真 侨 华侨 归侨 侨眷 港澳台 信教",
}
DESCRIBED: dict[str, tuple[str, tuple[str, ...]]] = {
    "法治监察": (
        "监督执法司法和监察工作，社会治安，法律服务与矛盾调解。",
        (
            "报警后不立案、案件久拖不决",
            "电信诈骗的钱追不回来",
            "执法态度粗暴、处罚不公",
            "邻里纠纷和合同纠纷调解",
            "法院判决后执行不到位",
            "干部作风和违纪举报",
        ),
    ),
    "财政经济": (
        "预算决算、税收、企业经营、市场秩序、消费维权、金融和旅游。",
        (
            "营业执照和企业开办难",
            "商家虚假宣传、预付卡不退钱",
            "中小企业贷款难、税费负担",
            "物价上涨、乱收费",
            "景区门票和旅行社纠纷",
            "快递丢件、网购退货",
        ),
    ),
    "城建环保": (
        "城乡规划建设、物业和住房、市政设施、交通出行、环境保护和城市管理。",
        (
            "下水道堵塞、雨天积水",
            "小区物业乱收费、电梯故障",
            "路灯不亮、井盖缺失、道路破损",
            "公交线路少、路口拥堵、停车难",
            "夜间施工噪音、油烟、臭味、扬尘",
            "开发商延期交房、办不了房产证",
            "拆迁安置补偿不到位、违章搭建",
            "停水停电、燃气和暖气",
            "垃圾清运和河道污染",
        ),
    ),
    "农业农村": (
        "农业生产、农田水利、土地承包、村庄建设和乡村振兴。",
        (
            "灌溉水渠损坏、庄稼浇不上水",
            "土地承包和征地补偿纠纷",
            "村里道路和危房改造",
            "农药化肥质量、惠农补贴发放",
            "畜禽养殖和病虫害防治",
            "村务公开和村干部办事",
        ),
    ),
    "教科文卫": (
        "教育、科技、文化、体育和医疗卫生。",
        (
            "学区划分、入学入园难",
            "学校乱收费、违规补课",
            "校园食堂和上下学安全",
            "医院看病难、收费高、服务态度差",
            "疫苗接种和乡镇卫生院条件",
            "教师和乡村医生待遇",
            "体育健身场地、图书馆开放",
        ),
    ),
    "社会建设": (
        "劳动就业、社会保障、养老助残、社会救助和退役军人事务。",
        (
            "拖欠农民工工资",
            "社保补缴、养老金计算",
            "工伤认定和劳动合同",
            "低保和困难救助申请",
            "养老院服务、老年人补贴",
            "残疾证和残疾人就业",
            "退役军人安置和优抚",
        ),
    ),
    "民族宗教侨务": (
        "民族事务、宗教事务和侨务。",
        ("清真食品标识和供应", "少数民族群众生活困难", "宗教场所管理和修缮", "归侨侨眷权益、华侨回国办事"),
    ),
}
OTHER_CIRCLES = ("企业", "一线工人农民", "妇女")


async def seed_defaults(session: AsyncSession) -> None:
    """Give an empty Home its specialties and circles; a Home that has any keeps what it has."""
    if await session.scalar(select(func.count()).select_from(Specialty)) or await session.scalar(select(func.count()).select_from(Circle)):
        return
    for name, keywords in SPECIALTIES.items():
        description, topics = DESCRIBED[name]
        specialty = Specialty(name=name, keywords=keywords.split(), description=description, topics=list(topics))
        session.add(Circle(name=name, specialties=[specialty]))
    session.add_all(Circle(name=name) for name in OTHER_CIRCLES)
    await session.flush()
