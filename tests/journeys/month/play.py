"""The month itself: half day by half day, then the days in which everything is chased down."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from sqlalchemy import select

from models.issues import LIVE, Issue, IssueState
from tests.journeys.dying import crash
from tests.journeys.month.advising import advise, come_forward, travel
from tests.journeys.month.bringing import bring, choose, confirm, gathered, note_issues, say, take_up
from tests.journeys.month.cast import Month, half_days
from tests.journeys.month.ending import go_on, read_reports, sign, think_again
from tests.journeys.month.officials import name_specialists, see_to_tasks
from tests.journeys.month.sight import Sight
from tests.journeys.month.troubles import block, delete_topics

FIRST, CHASING = date(2026, 3, 11), 30
"""The first day, and for how many days at most what is open is chased after the last matter was brought."""


async def play(month: Month, days: int) -> Sight:
    """Bring all there is to say, spread over the days, while everything goes wrong that can; then chase it down."""
    sight = Sight()
    ahead = list(half_days(FIRST, days))
    a_half_day = -(-len(month.texts) // len(ahead))
    troubles = {len(ahead) // 4: block, len(ahead) // 3: crash_in_the_middle, len(ahead) // 2: delete_topics, 3 * len(ahead) // 4: unblock}
    for number, at in enumerate(ahead):
        await month.home.until(at)
        await bring(month, a_half_day)
        if trouble := troubles.get(number):
            await trouble(month)
        await half_a_day(month)
        await sight.look(month)
    for at in half_days(FIRST + timedelta(days=days), CHASING):
        if not await anything_open(month):
            break
        await month.home.until(at)
        await half_a_day(month, surely=True)
        await sight.look(month)
    await sight.look_round(month)
    return sight


async def anything_open(month: Month) -> bool:
    async with month.home.session() as session:
        return await session.scalar(select(Issue.id).where(Issue.state.in_((IssueState.DRAFT, *LIVE))).limit(1)) is not None


async def half_a_day(month: Month, *, surely: bool = False) -> None:
    """Everybody looks at the phone: those who advise twice, the others once."""
    await travel(month)
    await advise(month)
    await month.home.passes(timedelta(hours=2))
    await advise(month)
    await see_to_tasks(month, surely=surely)
    await read_reports(month)
    await go_on(month, surely=surely)
    await sign(month)
    await name_specialists(month, surely=surely)
    if not surely:
        await come_forward(month)
        await think_again(month)


async def crash_in_the_middle(month: Month) -> None:
    """The Home dies while deputies are telling it things, and again while what they confirmed is being shared."""
    matters = take_up(month, 8)
    telling = [asyncio.create_task(say(month, matter)) for matter in matters]
    await asyncio.sleep(0.03)
    await crash(month.home)
    await asyncio.gather(*telling)
    await gathered(month)
    await choose(month, matters)
    confirming = asyncio.create_task(confirm(month, matters))
    await asyncio.sleep(0.06)
    await crash(month.home)
    await confirming
    await note_issues(month)


async def unblock(month: Month) -> None:
    await block(month, blocked=False)
