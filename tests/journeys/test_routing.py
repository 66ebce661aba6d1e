"""Where an issue goes: proposed, corrected in one tap, learnt, and forgotten again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from models.people import Role
from models.route_log import Route, RouteSource
from tests.journeys.issue_people import gathered, the_issue
from tests.village import Village, labels_of, shown

BIKES = "盲道上停满了共享单车，盲人没法走"


async def test_one_tap_corrects_and_what_was_confirmed_is_proposed_the_next_time(home: Village) -> None:
    deputy = await home.person("王秀兰")

    await deputy.says(BIKES)
    await gathered(home)
    offered = labels_of(await deputy.sees("草稿")).splitlines()[:3]
    await deputy.presses(offered[0], on="草稿")
    await deputy.presses(f"改到 {offered[1]}", on="推送预览")
    await deputy.presses("确认推送", on="推送预览")

    async with home.session() as session:
        [route] = await session.scalars(select(Route))
    issue = await the_issue(home)
    assert issue.specialty is not None
    assert issue.specialty.name == offered[1]
    assert (route.source, route.specialty_id, route.text) == (RouteSource.CONFIRMED, issue.specialty_id, BIKES)
    await deputy.says(BIKES)
    await gathered(home)
    assert labels_of(await deputy.sees("草稿")).splitlines()[0] == offered[1]


async def test_a_withdrawn_issue_is_forgotten(home: Village) -> None:
    deputy = await home.person("王秀兰")
    await deputy.says(BIKES)
    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    await deputy.presses("确认推送", on="推送预览")

    await deputy.presses("撤回", on="2026-0001")
    await deputy.presses("确认撤回", on="2026-0001")

    async with home.session() as session:
        [route] = await session.scalars(select(Route))
    assert (route.text, route.erased_at is None) == ("", False)


async def test_the_office_tells_the_home_what_belongs_to_a_specialty(home: Village) -> None:
    office, deputy = await home.person("刘敏", Role.OFFICE), await home.person("王秀兰")

    await office.says("/specialties")
    await office.presses("教科文卫", on="专业代表")
    await office.presses("改关键词", on="教科文卫")
    await office.says("共享单车 盲道 -图书馆")
    await office.sees("增加：共享单车、盲道")
    await office.sees("删去：图书馆")
    await home.passes(timedelta(minutes=1))
    await office.presses("返回", on="增加：")
    await office.presses("试一试", on="专业代表")
    await office.says(BIKES)
    assert "1. 教科文卫" in shown(await office.sees("这段话会先推荐"))
    await office.sends("voice")
    await office.sees("这里需要一段文字")

    await deputy.says(BIKES)
    await gathered(home)
    assert labels_of(await deputy.sees("草稿")).splitlines()[0] == "教科文卫"
    await deputy.says("/specialties")
    await deputy.sees_nothing_of("子主题")
