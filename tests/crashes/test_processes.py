"""Three processes on one PostgreSQL: one poller, one pacer, one clock at any time, whoever is killed; nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import exists, func, select

from bot.clock import system_now
from bot.roles import HomeRole
from models.activities import Activity, ActivityKind, Offsets
from models.audience import Audience, Part
from models.inbox import InboxState, InboxUpdate
from models.invitations import Invitation, call_activity
from models.issue_pieces import IssuePiece
from models.notices import Notice, NoticeKind, announce
from models.outbox import OutboxMessage, OutboxState
from models.people import Person, Role
from models.policy import Policy
from tests.conftest import DATABASES
from tests.crashes.crew import Crew, crew, many
from tests.crashes.test_kills import in_flight, meant, sent, unfinished
from tests.village import shown

pytestmark = [
    pytest.mark.skipif("postgresql" not in DATABASES, reason="on SQLite there is one process"),
    pytest.mark.parametrize("new_database", ["postgresql"], indirect=True),
]
TAKEN_OVER_WITHIN = 15.0


async def said_twice(team: Crew) -> list[tuple[str | None, int | None]]:
    """About what, and to whom, more than one notice was queued."""
    async with team.home.session() as session:
        notices = OutboxMessage.subject.like("notice:%")
        each = select(OutboxMessage.subject, OutboxMessage.chat_id).where(notices).group_by(OutboxMessage.subject, OutboxMessage.chat_id)
        return [(row[0], row[1]) for row in await session.execute(each.having(func.count() > 1))]


async def test_whoever_has_the_roles_is_killed_and_another_has_them_within_15_seconds(database_url: str, tmp_path: Path) -> None:
    async with crew(database_url, tmp_path) as team:
        deputy = await team.home.person("王秀兰")
        for turn in range(3):
            has = await team.complete()
            before = set(team.processes)

            began = time.monotonic()
            await team.killed(has[HomeRole.PACER])
            among = before - {has[HomeRole.PACER]}
            await team.complete(among=among)
            assert time.monotonic() - began < TAKEN_OVER_WITHIN
            await deputy.says(f"/help {turn}")
            await deputy.sees("收到活动通知")
            await team.joined()

        await all_said(team)
        assert await unfinished(team.home) == 0


async def test_a_frozen_process_loses_its_roles_within_15_seconds_and_does_no_harm_when_it_wakes(database_url: str, tmp_path: Path) -> None:
    async with crew(database_url, tmp_path) as team:
        deputy = await team.home.person("王秀兰")
        has = await team.complete()
        asleep = has[HomeRole.PACER]

        with team.frozen(asleep):
            began = time.monotonic()
            await team.complete(among=set(team.processes) - {asleep})
            assert time.monotonic() - began < TAKEN_OVER_WITHIN
            await deputy.says("/help")
            await deputy.sees("收到活动通知")
        await team.complete()
        await deputy.says("/help")
        await team.home.settle()

        answers = [message for message in await deputy.messages() if "收到活动通知" in shown(message)]
        assert len(answers) == 2 + await in_flight(team.home)


async def test_everybody_is_heard_in_order_and_once_by_three_processes_that_are_killed(database_url: str, tmp_path: Path) -> None:
    async with crew(database_url, tmp_path) as team:
        deputies = await many(team.home, 8)
        said = {deputy.id: [f"第{turn}件事：翠竹小区{deputy.id}号路灯不亮。" for turn in range(6)] for deputy in deputies}

        killing = asyncio.create_task(team.kill_at_random([5, 15, 15], seed=11))
        for turn in range(6):
            for deputy in deputies:
                await deputy.says(said[deputy.id][turn])
        await all_said(team)
        killing.cancel()

        async with team.home.session() as session:
            kept: dict[int, list[str]] = {deputy.id: [] for deputy in deputies}
            for chat_id, words in await session.execute(select(IssuePiece.chat_id, IssuePiece.text).order_by(IssuePiece.id)):
                kept[chat_id].append(words)
            states = await session.execute(select(InboxUpdate.state, func.count()).group_by(InboxUpdate.state))
            assert {state: count for state, count in states} == {InboxState.DONE: 48}  # noqa: C416 - rows are no pairs to mypy
        assert kept == said
        assert await unfinished(team.home) == 0


async def test_what_is_due_is_done_once_though_whoever_has_the_clock_is_killed_again_and_again(database_url: str, tmp_path: Path) -> None:
    """Twelve notices fall due one after another, and the clock goes from hand to hand."""
    async with crew(database_url, tmp_path) as team:
        await many(team.home, 3)
        office = await team.home.person("周主任", Role.OFFICE)
        now = system_now()
        async with team.home.session() as session:
            caller = (await session.scalars(select(Person).where(Person.telegram_id == office.id))).one()
            for number in range(12):
                activity = await call_activity(
                    session,
                    caller,
                    kind=ActivityKind.INSPECTION,
                    title=f"视察{number}",
                    starts_at=now + timedelta(days=30, hours=number),
                    ends_at=None,
                    place="区政府",
                    notes="",
                    audience=Audience().plus(Part.ROLE, [Role.DEPUTY]),
                    offsets=Offsets.of(Policy()),
                    now=now,
                )
                announce(activity, NoticeKind.FORMAL, due_at=now + timedelta(seconds=0.7 * number))

        for _ in range(3):
            await asyncio.sleep(1.0)
            has = (await team.holders())[HomeRole.CLOCK]
            if has:
                await team.replaced(has[0])
        async with asyncio.timeout(team.home.patience):
            while not await _all_sent(team):  # noqa: ASYNC110 - another process sends them
                await asyncio.sleep(0.2)
        await team.home.settle()

        async with team.home.session() as session:
            arrived = OutboxMessage.subject.like("notice:%") & (OutboxMessage.state == OutboxState.SENT)
            assert await session.scalar(select(func.count()).select_from(OutboxMessage).where(arrived)) == 36
        assert await said_twice(team) == []


async def all_said(team: Crew) -> None:
    """Wait for what is put off too: a card gives later changes a moment's time to replace it."""
    async with asyncio.timeout(team.home.patience):
        while True:
            await team.home.settle()
            async with team.home.session() as session:
                if not await session.scalar(select(exists().where(OutboxMessage.state == OutboxState.QUEUED))):
                    return
            await asyncio.sleep(0.1)


async def _all_sent(team: Crew) -> bool:
    async with team.home.session() as session:
        waiting = select(func.count()).select_from(Notice).where(Notice.sent_at.is_(None), ~Notice.void)
        return not await session.scalar(waiting)


@pytest.mark.parametrize(
    ("people", "kills"),
    [pytest.param(60, 6, id="60 people"), pytest.param(10_000, 50, id="10,000 people", marks=pytest.mark.long)],
)
async def test_a_notice_reaches_everybody_through_kills_of_any_of_three_processes(
    database_url: str, tmp_path: Path, people: int, kills: int
) -> None:
    async with crew(database_url, tmp_path) as team:
        home = team.home
        home.patience = max(home.patience, people / 10)
        office = await home.person("周主任", Role.OFFICE)
        deputies = await many(home, people)
        await home.settle()
        await home.request("DELETE", "/sandbox/calls")
        already = await meant(home)
        day = (home.clock.now() + timedelta(days=2)).strftime("%Y-%m-%d")

        killing = asyncio.create_task(team.kill_at_random([2, *[people // (kills + 1)] * (kills - 1)], seed=5))
        await office.says(f"活动：视察污水处理厂\n类型：视察\n时间：{day} 09:00\n地点：区政府门口\n对象：全体代表")
        await office.presses("确认发布")
        await killing
        await home.settle()
        home.glance = max(home.glance, people / 100)
        await office.sees(f"{people}/{people}")

        for deputy in deputies:
            chat = home.sandbox.world.chat_with_bot(home.sandbox.world.users[deputy.id])
            assert any("污水处理厂" in str(message.content) for message in chat.messages.values())
        async with home.session() as session:
            assert await session.scalar(select(func.count()).select_from(Activity)) == 1
            assert await session.scalar(select(func.count()).select_from(Invitation)) == people
        assert await unfinished(home) == 0
        assert await said_twice(team) == []
        assert await sent(home) - (await meant(home) - already) <= await in_flight(home)
