"""A notice to thousands is written a piece at a time: others have their turn in between, and what they do counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from handlers import notices
from models.activities import Activity
from models.invitations import Delivery, Invitation
from models.notice_log import WrittenNotice
from models.people import Role
from models.turnout import figures_of
from tests.journeys.test_activities import SOON, TITLE, card_of
from tests.village import Phone, Village, shown

NAMES = ("王建国", "李秀英", "张伟", "赵丽", "陈静")


@pytest.fixture(autouse=True)
def _two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "WRITTEN_AT_ONCE", 2)


async def half_told(home: Village) -> tuple[Phone, list[Phone]]:
    """The office and five deputies, of whom the first two have the notice."""
    office, deputies = await home.person("周主任", Role.OFFICE), [await home.person(name) for name in NAMES]
    await office.says(SOON)
    await office.presses("确认发布")
    for _ in ("the notice goes out", "two have it"):
        assert await piece(home)
    assert await heard(deputies) == [1, 1, 0, 0, 0]
    return office, deputies


async def piece(home: Village) -> bool:
    """What the schedule does with notices before others have their turn; whether there is more."""
    async with home.session() as session:
        more = await notices.send_due_notices(home.home.post_for(session))
    home.home.outbox_bell.set()
    await home.settle()
    return more


async def heard(deputies: list[Phone], of: str = TITLE) -> list[int]:
    """How many messages about it each of them has."""
    return [sum(of in shown(message) for message in await deputy.messages() if not message.get("out")) for deputy in deputies]


async def nobody_is_owed_any(home: Village) -> bool:
    async with home.session() as session:
        return not await session.scalar(select(func.count()).select_from(Invitation).where(Invitation.owed_notice_id.is_not(None)))


async def test_it_reaches_everybody_once_piece_by_piece(home: Village) -> None:
    _, deputies = await half_told(home)

    steps = []
    while await piece(home):
        steps.append(await heard(deputies))

    assert steps == [[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]
    assert await nobody_is_owed_any(home)


async def test_a_home_that_was_stopped_in_the_middle_goes_on_with_the_next_look(home: Village) -> None:
    _, deputies = await half_told(home)

    await home.tick()

    assert await heard(deputies) == [1, 1, 1, 1, 1]


async def test_whoever_is_still_to_get_it_counts_as_on_the_way(home: Village) -> None:
    await half_told(home)

    async with home.session() as session:
        figures = await figures_of(session, (await session.scalars(select(Activity))).one())

    assert (figures.round_done, figures.round_total, figures.reached, figures.not_reached) == (2, 5, 2, 0)


async def test_an_answer_in_the_middle_counts(home: Village) -> None:
    office, deputies = await half_told(home)

    await deputies[0].presses("参加")
    await home.tick()

    assert await heard(deputies) == [1, 1, 1, 1, 1]
    assert "参加 1" in await card_of(home, office)


async def test_one_that_is_cancelled_in_the_middle_goes_to_nobody_else(home: Village) -> None:
    office, deputies = await half_told(home)

    await office.presses("取消活动")
    await office.presses("确认取消活动")

    assert await nobody_is_owed_any(home)
    async with home.session() as session:
        outcomes = (await session.scalars(select(WrittenNotice.outcome).order_by(WrittenNotice.id))).all()
    assert outcomes == [Delivery.REACHED] * 2 + [Delivery.NONE] * 3, "the record knows of those who never got it"
    await home.tick()
    assert await heard(deputies, "参加") == [1, 1, 0, 0, 0]
    assert await heard(deputies, "取消") == [1, 1, 1, 1, 1]


async def test_whoever_leaves_the_roster_in_the_middle_hears_nothing_of_it(home: Village) -> None:
    office, deputies = await half_told(home)

    await office.says("/roster")
    await office.presses("查找")
    await office.says("陈静")
    await office.presses("移出名册")
    await office.presses("确认移出")
    await home.passes(timedelta(minutes=1))

    assert await heard(deputies) == [1, 1, 1, 1, 0]
    assert await nobody_is_owed_any(home)
