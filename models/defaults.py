"""What a new Home begins with: the circles and specialties of a district congress, with keywords from general knowledge."""

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
OTHER_CIRCLES = ("企业", "一线工人农民", "妇女")


async def seed_defaults(session: AsyncSession) -> None:
    """Give an empty Home its specialties and circles; a Home that has any keeps what it has."""
    if await session.scalar(select(func.count()).select_from(Specialty)) or await session.scalar(select(func.count()).select_from(Circle)):
        return
    for name, keywords in SPECIALTIES.items():
        specialty = Specialty(name=name, keywords=keywords.split())
        session.add(Circle(name=name, specialties=[specialty]))
    session.add_all(Circle(name=name) for name in OTHER_CIRCLES)
    await session.flush()
