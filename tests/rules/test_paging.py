"""Turning pages: no list ends in silence, and its buttons say which way they lead."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.outcome_presses import TasksPress
from handlers.paging import turns
from handlers.texts import t
from models.area_tasks import hand_to_area, tasks_of
from models.people import Role
from models.policy import Policy
from models.suggestion_drafts import begin_suggestion, suggestions_led_by
from tests.rules.issue_district import District

POLICY = Policy()


def test_the_first_page_leads_on_the_last_one_back_and_a_list_in_the_order_of_time_says_so() -> None:
    assert turns(0, TasksPress, more=False) == []
    assert [(button.label, button.does) for button in turns(0, TasksPress, more=True)] == [(t("advice.do.later"), TasksPress(1))]
    assert [(button.label, button.does) for button in turns(2, TasksPress, more=True, newest_first=True)] == [
        (t("issue.do.newer"), TasksPress(1)),
        (t("issue.do.older"), TasksPress(3)),
    ]


async def test_what_waits_for_an_area_and_a_deputys_drafts_go_on_past_the_first_page(session: AsyncSession, now: datetime) -> None:
    district = District(session, now)
    deputy, staff = await district.person("王秀兰", area="云溪街道"), await district.person("孙丽", Role.AREA_STAFF, area="云溪街道")
    elsewhere = await district.issue(deputy, area="平桥镇")
    await hand_to_area(session, elsewhere, deputy, POLICY, now=now)
    issues = [await district.issue(deputy, area="云溪街道") for _ in range(4)]
    for days, issue in enumerate(reversed(issues)):
        await hand_to_area(session, issue, deputy, POLICY, now=now + timedelta(days=days))
        await begin_suggestion(session, issue, deputy, [], "关于疏通下水道的建议", now=now)

    pages = [await tasks_of(session, staff, offset=offset, limit=2) for offset in (0, 2, 4)]
    drafts = [await suggestions_led_by(session, deputy, offset=offset, limit=3) for offset in (0, 3)]

    assert [[task.issue for task in page] for page in pages] == [[issues[3], issues[2]], [issues[1], issues[0]], []]
    assert [[draft.issue for draft in page] for page in drafts] == [[issues[0], issues[1], issues[2]], [issues[3]]]
