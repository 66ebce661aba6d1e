"""The outbox: order, lanes, cards, and what a stop in the middle leaves."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.old_pictures import forget_old_pictures
from models.outbox import (
    ATTEMPTS,
    Attachment,
    AttachmentKind,
    Lane,
    OutboxMessage,
    OutboxState,
    brought_about,
    card_for,
    claim,
    copied_before,
    move_chat,
    note_copies,
    outcome_counts,
    put_back,
    requeue_in_flight,
    settle,
    subject_of,
    void_unsent,
)
from tests.rules.queued import queued


async def test_answers_go_before_notices(session: AsyncSession, now: datetime) -> None:
    notice = await queued(session, now, 1, lane=Lane.NOTICE)
    answer = await queued(session, now, 2, lane=Lane.ANSWER)

    assert await claim(session, now=now, limit=5, busy=()) == [answer, notice]


async def test_of_what_goes_out_so_many_are_notices_and_so_many_go_into_chats(session: AsyncSession, now: datetime) -> None:
    first, second, _ = [await queued(session, now, chat, lane=Lane.NOTICE) for chat in (1, 2, 3)]
    answer, later = [await queued(session, now, chat) for chat in (4, 5)]
    press = await queued(session, now, None, method="answerCallbackQuery")

    assert await claim(session, now=now, limit=9, busy=(), room=0, for_notices=0) == [press]
    assert await claim(session, now=now, limit=9, busy=(), room=1, for_notices=1) == [answer]
    assert await claim(session, now=now, limit=9, busy=(), room=3, for_notices=1) == [later, first]
    assert await claim(session, now=now, limit=1, busy=(), room=3, for_notices=3) == [second]


async def test_a_chat_gets_one_message_at_a_time_and_in_order(session: AsyncSession, now: datetime) -> None:
    first, second = await queued(session, now, 1), await queued(session, now, 1)

    assert await claim(session, now=now, limit=5, busy=()) == [first]
    assert await claim(session, now=now, limit=5, busy={1}) == []
    settle(first, OutboxState.SENT, now=now)
    assert await claim(session, now=now, limit=5, busy=()) == [second]


async def test_what_is_not_due_yet_waits(session: AsyncSession, now: datetime) -> None:
    later = await queued(session, now, 1, due_at=now + timedelta(minutes=1))

    assert await claim(session, now=now, limit=5, busy=()) == []
    assert await claim(session, now=now + timedelta(minutes=1), limit=5, busy=()) == [later]


async def test_what_was_queued_before_the_clock_was_set_back_does_not_wait_for_that_time_again(
    session: AsyncSession, now: datetime
) -> None:
    before = await queued(session, now, 1)
    failed = await queued(session, now, 2, due_at=now + timedelta(minutes=1))

    assert await claim(session, now=now - timedelta(hours=1), limit=5, busy=()) == [before, failed]


async def test_a_newer_state_of_a_card_replaces_an_older_unsent_one(session: AsyncSession, now: datetime) -> None:
    old = await queued(session, now, 1, replaces="card:1")
    new = await queued(session, now, 1, replaces="card:1")

    await session.refresh(old)
    assert old.state is OutboxState.SUPERSEDED
    assert await claim(session, now=now, limit=5, busy=()) == [new]


async def test_a_card_stands_once_in_a_chat(session: AsyncSession) -> None:
    assert await card_for(session, "issue:1", 5) is await card_for(session, "issue:1", 5)
    assert await card_for(session, "issue:1", 6) is not await card_for(session, "issue:1", 5)


async def test_what_was_in_flight_at_a_stop_goes_out_again_and_is_marked(session: AsyncSession, now: datetime) -> None:
    message = await queued(session, now, 1)
    await claim(session, now=now, limit=5, busy=())

    await requeue_in_flight(session)

    await session.refresh(message)
    assert message.stops_in_flight == 1
    assert await claim(session, now=now, limit=5, busy=()) == [message]


async def test_a_message_that_keeps_failing_is_given_up(session: AsyncSession, now: datetime) -> None:
    message = await queued(session, now, 1)

    for _ in range(ATTEMPTS):
        await put_back(session, message, error="no network", wait=timedelta(seconds=1), now=now)

    assert message.state is OutboxState.FAILED


async def test_a_message_outlasts_an_hour_without_telegram_but_not_a_day(session: AsyncSession, now: datetime) -> None:
    message = await queued(session, now, 1)

    for _ in range(ATTEMPTS * 8):
        await put_back(session, message, error="no network", wait=timedelta(minutes=1), now=now + timedelta(hours=1), passing=True)
    assert message.state is OutboxState.QUEUED
    await put_back(session, message, error="no network", wait=timedelta(minutes=1), now=now + timedelta(days=1, seconds=1), passing=True)

    assert message.state is OutboxState.FAILED


async def test_being_told_to_slow_down_is_no_failure(session: AsyncSession, now: datetime) -> None:
    message = await queued(session, now, 1)

    for _ in range(ATTEMPTS * 2):
        await put_back(session, message, error="429", wait=timedelta(seconds=3), now=now, counts=False)

    assert message.state is OutboxState.QUEUED
    assert message.due_at == now + timedelta(seconds=3)


async def test_a_failed_edit_is_not_tried_again_once_a_newer_one_waits(session: AsyncSession, now: datetime) -> None:
    old = await queued(session, now, 1, replaces="card:1")
    await claim(session, now=now, limit=5, busy=())
    await queued(session, now, 1, replaces="card:1")

    await put_back(session, old, error="no network", wait=timedelta(0), now=now)

    assert old.state is OutboxState.SUPERSEDED


async def test_unsent_messages_about_something_changed_are_void(session: AsyncSession, now: datetime) -> None:
    sent, unsent = await queued(session, now, 1, subject="notice:1"), await queued(session, now, 2, subject="notice:1")
    settle(sent, OutboxState.SENT, now=now)

    await void_unsent(session, "notice:1", now=now)

    assert await outcome_counts(session, ["notice:1", "notice:2"]) == {"notice:1": {OutboxState.SENT: 1}, "notice:2": {}}
    await session.refresh(unsent)
    assert unsent.state is OutboxState.SUPERSEDED


async def test_a_reply_finds_what_the_message_was_about(session: AsyncSession, now: datetime) -> None:
    message = await queued(session, now, 1, subject="issue:7")
    settle(message, OutboxState.SENT, now=now, message_id=99)
    await session.flush()

    assert await subject_of(session, 1, 99) == "issue:7"
    assert await subject_of(session, 2, 99) is None


async def test_a_group_that_moves_takes_its_messages_along(session: AsyncSession, now: datetime) -> None:
    await queued(session, now, -5)

    await move_chat(session, -5, -1005)

    assert (await session.scalars(select(OutboxMessage.chat_id))).all() == [-1005]


async def test_a_picture_is_forgotten_once_a_newer_one_stands_in_its_place(session: AsyncSession, now: datetime) -> None:
    kinds = [AttachmentKind.PHOTO, AttachmentKind.PHOTO, AttachmentKind.PHOTO, AttachmentKind.DOCUMENT, AttachmentKind.PHOTO]
    first, second, third, sheet, alone = [Attachment(kind=kind, name="board.png", content=b"\x89PNG") for kind in kinds]
    session.add_all([first, second, third, sheet, alone])
    card, other = await card_for(session, "board_picture", 1), await card_for(session, "board_picture", 2)
    card.has_media = other.has_media = True
    for attachment in (first, sheet, second):
        settle(await queued(session, now, 1, card_id=card.id, attachment_id=attachment.id), OutboxState.SENT, now=now)
    settle(await queued(session, now, 2, card_id=other.id, attachment_id=alone.id), OutboxState.SENT, now=now)
    waits = await queued(session, now, 1, card_id=card.id, attachment_id=third.id)

    assert await forget_old_pictures(session) == 1

    assert set(await session.scalars(select(Attachment.id))) == {second.id, third.id, sheet.id, alone.id}
    settle(waits, OutboxState.SENT, now=now)
    assert await forget_old_pictures(session) == 1
    assert set(await session.scalars(select(Attachment.id))) == {third.id, sheet.id, alone.id}
    assert await forget_old_pictures(session) == 0


async def test_what_was_copied_into_a_chat_is_known_and_what_failed_was_not(session: AsyncSession, now: datetime) -> None:
    async def copied(chat_id: int, subject: str, state: OutboxState, *ids: int) -> None:
        params = {"from_chat_id": 9, "message_ids": list(ids)}
        settle(await queued(session, now, chat_id, method="copyMessages", subject=subject, params=params), state, now=now)

    await copied(1, "letter:1", OutboxState.SENT, 5, 6)
    await copied(1, "issue:1", OutboxState.SENT, 7)
    await copied(1, "letter:1", OutboxState.FAILED, 8)
    await copied(1, "letter:2", OutboxState.SENT, 10)
    await copied(2, "letter:1", OutboxState.SENT, 11)

    assert await copied_before(session, 1, ["letter:1", "issue:1"]) == {(9, 5), (9, 6), (9, 7)}


async def test_what_calls_brought_about_something_is_known_message_by_message_but_cards_stay(session: AsyncSession, now: datetime) -> None:
    album = await queued(session, now, 1, method="copyMessages", subject="issue:5:shared")
    part, card = (
        await queued(session, now, 2, subject="issue:5:shared"),
        await queued(session, now, 2, method="card", subject="issue:5:shared"),
    )
    await queued(session, now, 3, subject="issue:5:shared")  # not sent yet
    await queued(session, now, 1, subject="issue:6:shared", state=OutboxState.SENT, message_id=99)
    for number, message in enumerate((album, part, card), start=10):
        settle(message, OutboxState.SENT, now=now, message_id=number)
    await note_copies(session, album, [20, 21])
    await session.flush()

    assert await brought_about(session, ["issue:5:shared"], ["copyMessages", "sendMessage"]) == {1: [10, 20, 21], 2: [11]}
