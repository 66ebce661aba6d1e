"""Which specialty an issue concerns."""

from __future__ import annotations

import time

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from models.defaults import SPECIALTIES, seed_defaults
from models.people import Specialty
from models.routing import propose_specialties, rank

ALL = [Specialty(id=number, name=name, keywords=words.split()) for number, (name, words) in enumerate(SPECIALTIES.items(), start=1)]


@pytest.mark.parametrize(
    ("text", "specialty"),
    [
        ("小区门口的下水道堵了，一下雨就积水", "城建环保"),
        ("实验小学放学时老师管不过来，学生过马路危险", "教科文卫"),
        ("公司拖欠农民工工资，社保也没交", "社会建设"),
        ("村里的灌溉水渠塌了，水稻浇不上水", "农业农村"),
        ("商场虚假宣传，退款难，消费者权益没人管", "财政经济"),
        ("派出所接警后一直没有立案，诈骗的钱追不回来", "法治监察"),
        ("清真食品标识不规范", "民族宗教侨务"),
    ],
)
def test_an_issue_goes_where_its_words_point(text: str, specialty: str) -> None:
    assert rank(text, ALL)[0].specialty.name == specialty


def test_every_specialty_is_ranked_and_nothing_speaks_for_a_greeting() -> None:
    proposals = rank("您好", ALL)

    assert len(proposals) == len(ALL)
    assert all(proposal.score == 0 for proposal in proposals)


def test_what_is_said_first_counts_more() -> None:
    later = "，".join(["此外还想说的是"] * 12)

    assert rank(f"学校门口太挤{later}医保也难办，工资低", ALL)[0].specialty.name == "教科文卫"
    assert rank(f"工资太低{later}学校门口太挤", ALL)[0].specialty.name == "社会建设"


def test_repeating_a_word_does_not_outweigh_variety() -> None:
    assert rank("村民" * 50 + "工资社保工伤加班失业低保救助残疾", ALL)[0].specialty.name == "社会建设"


async def test_the_homes_own_specialties_are_proposed(session: AsyncSession) -> None:
    await seed_defaults(session)

    assert (await propose_specialties(session, "小区物业停车收费"))[0].specialty.name == "城建环保"


def test_ranking_is_quick_on_a_long_text() -> None:
    started = time.perf_counter()

    rank("小区物业停车收费，" * 4000, ALL)

    assert time.perf_counter() - started < 0.2
