"""A stranger who throws whatever a client can send at the bot changes nothing, and does not fill its outbox either."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot.intake import Intake
from models.base import Base
from models.inbox import InboxState, InboxUpdate
from models.outbox import OutboxMessage
from models.strangers import MESSAGES_IN_WINDOW
from tests.conftest import NOON
from tests.permissions.district import HERE, Rows, settle
from tests.permissions.noise import CIRCLES_GROUP, GROUP, TITLE, Noise
from tests.permissions.walking import LEFT_ALONE
from tests.village import Village, village

FIRST_ID = 10**7
AT_ONCE = 100


async def everything(home: Village) -> dict[str, list[str]]:
    """Every row of the Home but those of the inbox, the outbox and the log."""
    async with home.session() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in LEFT_ALONE]
        return {table.name: sorted(map(repr, await session.execute(select(table)))) for table in tables}


async def throw(home: Village, count: int, seed: int) -> int:
    """Let a stranger throw so many updates, as fast as the intake takes them; gives the stranger's account."""
    stranger = await home.stranger("路人")
    intake = Intake(home.home.sessions, now=home.clock.now, bell=home.home.inbox_bell)
    updates = list(Noise(stranger.id, seed).updates(count, first_id=FIRST_ID))
    for start in range(0, count, AT_ONCE):
        await intake.store(updates[start : start + AT_ONCE])
    home.patience = 60.0 + count
    await home.settle()
    return stranger.id


async def nothing_has_changed(database_url: str, count: int, seed: int) -> None:
    """The claim: after private messages of every kind, edits, deep links, presses of every kind of button with other people's numbers, in
    private and in groups, contacts, requests to join and kinds of update that nobody knows yet, all rows but those of the inbox, the outbox
    and the log are what they were; every update was dealt with at the first attempt; and no more was answered than the hour's measure.

    Outside it is what a stranger may do: begin a letter, or a question to the office of who they are, with the button or the printed code
    meant for that, and write it. Telegram's own word of who was added to a group is not theirs to forge; who sits in a circle's group
    without belonging there has come in past the list, and is reported.
    """
    async with village(database_url, at=NOON) as home:
        async with home.session() as session:
            await settle(session, NOON)
            for group in (GROUP, CIRCLES_GROUP):
                await Rows(session, HERE, NOON).add("chats", id=group, title=TITLE, is_member=True, can_restrict=True)
            circles = Base.metadata.tables["circles"]
            await session.execute(circles.update().where(circles.c.id == HERE + 1).values(chat_id=CIRCLES_GROUP))
        before = await everything(home)

        who = await throw(home, count, seed)

        after = await everything(home)
        assert [(table, set(rows) ^ set(before[table])) for table, rows in after.items() if rows != before[table]] == []
        async with home.session() as session:
            states = select(InboxUpdate.state, InboxUpdate.attempts, func.count()).where(InboxUpdate.update_id >= FIRST_ID)
            met = [tuple(row) for row in await session.execute(states.group_by(InboxUpdate.state, InboxUpdate.attempts))]
            assert met == [(InboxState.DONE, 0, count)]
            answered = await session.scalar(select(func.count()).select_from(OutboxMessage).where(OutboxMessage.params.is_not(None)))
            heard = await session.scalar(select(func.count()).select_from(InboxUpdate).where(InboxUpdate.telegram_id == who))
        assert heard is not None
        assert answered is not None
        assert heard > MESSAGES_IN_WINDOW
        assert answered < 2 * MESSAGES_IN_WINDOW + 20


async def test_some_hundreds_of_random_updates_of_a_stranger_change_nothing(database_url: str) -> None:
    await nothing_has_changed(database_url, 400, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", [2, 3])
async def test_ten_thousand_random_updates_of_a_stranger_change_nothing(database_url: str, seed: int) -> None:
    await nothing_has_changed(database_url, 10_000, seed=seed)
