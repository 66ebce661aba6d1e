"""Announcements: who may write one to whom, what it consists of, whom it reached, who confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.announcement_message import PART, parts_of
from handlers.announcement_sending import send_all, show_change, take_back_from_people
from handlers.long_texts import length_of
from handlers.post import Post
from handlers.texts import Texts
from models.announcement_refusals import (
    ChangedSince,
    NobodySilent,
    NobodyToTell,
    NothingSaid,
    RemindedLately,
    TextTooLong,
    TooManyFiles,
    Withdrawn,
)
from models.announcement_rounds import (
    figures_of,
    missed,
    note_delivery,
    note_edit,
    publish,
    receive,
    recipients,
    remind,
    silent_addresses,
    withdraw,
)
from models.announcements import (
    FILES_LIMIT,
    TEXT_LIMIT,
    Announcement,
    AnnouncementPiece,
    AnnouncementState,
    confirm,
    due_announcements,
    new_draft,
    require_may_handle,
    scopes_of,
)
from models.audience import Audience, Part
from models.invitations import Delivery
from models.issue_pieces import PieceKind
from models.outbox import OutboxMessage, OutboxState
from models.people import Area, DeputyGroup, Person, Role
from models.policy import Policy
from models.rules import Gone, NotAllowed

ALL = Audience(everyone=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def somebody(session: AsyncSession, name: str, *roles: Role, number: int | None = None, **more: object) -> Person:
    person = Person(name=name, telegram_id=number, role_rows=[], specialties=[], **more)
    for role in roles or (Role.DEPUTY,):
        person.give(role)
    session.add(person)
    await session.flush()
    return person


def text(words: str, number: int = 1, *, pending: bool = False) -> AnnouncementPiece:
    return AnnouncementPiece(kind=PieceKind.TEXT, text=words, chat_id=1, message_id=number, pending=pending)


def file(number: int, *, pending: bool = False) -> AnnouncementPiece:
    return AnnouncementPiece(kind=PieceKind.DOCUMENT, text="", chat_id=1, message_id=number, pending=pending)


async def draft(session: AsyncSession, author: Person, now: datetime, *pieces: AnnouncementPiece, audience: Audience = ALL) -> Announcement:
    announcement = await new_draft(session, author, now=now)
    announcement.audience = audience
    for piece in pieces or (text("明天停水"),):
        announcement.add(piece)
    await session.flush()
    return announcement


async def published(session: AsyncSession, author: Person, now: datetime, *pieces: AnnouncementPiece) -> Announcement:
    announcement = await draft(session, author, now, *pieces)
    await confirm(session, announcement, author, publish_at=now, now=now)
    await publish(session, announcement, now=now)
    return announcement


def post_at(session: AsyncSession, now: datetime) -> Post:
    policy = Policy()
    return Post(session, now, Texts(policy.languages, policy.timezone), policy, "home_bot")


async def test_office_and_leaders_speak_to_anybody_others_to_their_own_and_deputies_to_nobody(session: AsyncSession) -> None:
    group, area = DeputyGroup(name="第一代表小组"), Area(name="史河街道")
    session.add_all([group, area])
    await session.flush()
    both = await somebody(session, "孙", Role.GROUP_LEADER, Role.AREA_STAFF, group_id=group.id, area_id=area.id)
    lost = await somebody(session, "钱", Role.GROUP_LEADER)

    assert scopes_of(await somebody(session, "周", Role.OFFICE)) is None
    assert scopes_of(await somebody(session, "吴", Role.LEADER)) is None
    assert scopes_of(both) == [Audience().plus(Part.GROUP, [group.id]), Audience().plus(Part.AREA, [area.id])]
    assert scopes_of(lost) == []
    with pytest.raises(NotAllowed):
        scopes_of(await somebody(session, "王"))


async def test_nothing_goes_out_that_is_empty_for_nobody_or_for_others_than_ones_own(session: AsyncSession, now: datetime) -> None:
    group = DeputyGroup(name="第一代表小组")
    session.add(group)
    await session.flush()
    office, leader = await somebody(session, "周", Role.OFFICE), await somebody(session, "孙", Role.GROUP_LEADER, group_id=group.id)
    empty = await new_draft(session, office, now=now)
    empty.audience = ALL

    with pytest.raises(NothingSaid):
        await confirm(session, empty, office, publish_at=now, now=now)
    with pytest.raises(NobodyToTell):
        await confirm(session, await draft(session, office, now), office, publish_at=now, now=now)
    with pytest.raises(NotAllowed):
        await confirm(session, await draft(session, leader, now, text("全体注意", 2)), leader, publish_at=now, now=now)
    with pytest.raises(Gone):
        await confirm(session, await draft(session, leader, now, text("小组", 3)), office, publish_at=now, now=now)


async def test_a_text_that_the_app_cut_is_joined_without_a_gap_and_goes_out_in_messages_that_fit(
    session: AsyncSession, now: datetime
) -> None:
    office = await somebody(session, "周", Role.OFFICE)
    announcement = await draft(session, office, now, text("一" * 4096, 1), text("二" * 900, 2), file(3), text("三", 4))

    assert announcement.text == "一" * 4096 + "二" * 900 + "\n\n三"
    parts = parts_of(announcement)
    assert "".join(parts) == announcement.text
    assert all(length_of(part) <= PART for part in parts)


async def test_too_long_a_text_and_too_many_files_are_refused(session: AsyncSession, now: datetime) -> None:
    office = await somebody(session, "周", Role.OFFICE)
    announcement = await draft(session, office, now, *(file(number) for number in range(FILES_LIMIT)))
    announcement.add(text("😀" * (TEXT_LIMIT // 2), 500))

    with pytest.raises(TextTooLong):
        announcement.add(text("多", 501))
    with pytest.raises(TooManyFiles):
        announcement.add(file(502))
    with pytest.raises(TooManyFiles):
        announcement.add(file(503, pending=True))
    announcement.add(text("另写一份", 504, pending=True))
    assert "另写" not in announcement.text


async def test_receiving_is_noted_once_and_asked_anew_when_it_matters(session: AsyncSession, now: datetime) -> None:
    office, deputy = await somebody(session, "周", Role.OFFICE), await somebody(session, "王", number=11)
    other = await somebody(session, "李", Role.LEADER, number=12)
    announcement = await published(session, office, now)
    await note_delivery(session, announcement.id, 11, Delivery.REACHED, now=now)

    assert await receive(session, announcement, deputy, round=1, now=now)
    assert not await receive(session, announcement, deputy, round=1, now=now)
    with pytest.raises(Gone):
        await receive(session, announcement, other, round=1, now=now)

    announcement.round = 2
    await session.flush()
    with pytest.raises(ChangedSince):
        await receive(session, announcement, deputy, round=1, now=now)
    figures = (await figures_of(session, [announcement]))[announcement.id]
    assert (figures.received, figures.asked_anew, figures.silent) == (0, 1, 1)
    assert [address.person_id for address in await silent_addresses(session, announcement, confirmed_before=True)] == [deputy.id]
    assert await receive(session, announcement, deputy, round=2, now=now)

    withdraw(session, announcement, office, now=now)
    with pytest.raises(Withdrawn):
        await receive(session, announcement, deputy, round=2, now=now)


async def test_the_numbers_leave_out_who_left_the_roster(session: AsyncSession, now: datetime) -> None:
    office = await somebody(session, "周", Role.OFFICE)
    people = [await somebody(session, f"代表{number}", number=number) for number in range(1, 5)]
    await somebody(session, "未登录")
    announcement = await published(session, office, now)
    await note_delivery(session, announcement.id, 1, Delivery.REACHED, now=now)
    await note_delivery(session, announcement.id, 2, Delivery.UNREACHABLE, now=now)
    await note_delivery(session, announcement.id, 3, Delivery.FAILED, now=now)
    people[3].active = False
    await session.flush()

    figures = (await figures_of(session, [announcement]))[announcement.id]

    assert (figures.called, figures.reached, figures.unreachable, figures.failed, figures.never_in) == (4, 1, 1, 1, 1)
    assert (figures.on_the_way, figures.silent, figures.done) == (0, 1, 4)


async def test_an_edit_that_fails_does_not_make_somebody_unreached(session: AsyncSession, now: datetime) -> None:
    office = await somebody(session, "周", Role.OFFICE)
    await somebody(session, "王", number=11)
    announcement = await published(session, office, now)
    await note_delivery(session, announcement.id, 11, Delivery.REACHED, now=now)

    await note_delivery(session, announcement.id, 11, Delivery.FAILED, now=now + HOUR)

    [row] = await recipients(session, announcement)
    assert (row.delivery, row.reached_at) == (Delivery.REACHED, now)


async def test_who_comes_back_is_missed_only_while_it_is_young_and_stands(session: AsyncSession, now: datetime) -> None:
    office, deputy = await somebody(session, "周", Role.OFFICE), await somebody(session, "王", number=11)
    announcement = await published(session, office, now)
    await note_delivery(session, announcement.id, 11, Delivery.UNREACHABLE, now=now)
    deputy.unreachable_since = now
    await session.flush()
    assert await missed(session, since=now - DAY) == []

    deputy.unreachable_since = None
    await session.flush()
    assert [(id, address.chat_id) for id, address in await missed(session, since=now - DAY)] == [(announcement.id, 11)]
    assert await missed(session, since=now) == []
    withdraw(session, announcement, office, now=now)
    await session.flush()
    assert await missed(session, since=now - DAY) == []


async def test_the_silent_are_reminded_once_in_some_hours(session: AsyncSession, now: datetime) -> None:
    office, deputy = await somebody(session, "周", Role.OFFICE), await somebody(session, "王", number=11)
    await somebody(session, "李", number=12)
    announcement = await published(session, office, now)
    for chat_id in (11, 12):
        await note_delivery(session, announcement.id, chat_id, Delivery.REACHED, now=now)
    await receive(session, announcement, deputy, round=1, now=now)

    assert [address.chat_id for address in await remind(session, announcement, office, every=4 * HOUR, now=now)] == [12]
    with pytest.raises(RemindedLately):
        await remind(session, announcement, office, every=4 * HOUR, now=now + 3 * HOUR)
    await session.execute(select(Person))
    for row in await recipients(session, announcement):
        row.received_round = 1
    await session.flush()
    with pytest.raises(NobodySilent):
        await remind(session, announcement, office, every=4 * HOUR, now=now + 4 * HOUR)


async def test_what_waits_is_due_in_its_morning_and_calls_those_who_are_there_then(session: AsyncSession, now: datetime) -> None:
    office = await somebody(session, "周", Role.OFFICE)
    await somebody(session, "王", number=11)
    announcement = await draft(session, office, now)
    await confirm(session, announcement, office, publish_at=now + 8 * HOUR, now=now)
    await somebody(session, "李", number=12)

    assert await due_announcements(session, now=now + 7 * HOUR) == []
    assert await due_announcements(session, now=now + 8 * HOUR) == [announcement]
    assert [address.chat_id for address in await publish(session, announcement, now=now + 8 * HOUR)] == [11, 12]
    await somebody(session, "陈", number=13)
    assert len(await recipients(session, announcement)) == 2


async def test_only_the_office_and_the_author_handle_it_and_the_author_no_longer_as_a_plain_deputy(
    session: AsyncSession, now: datetime
) -> None:
    group = DeputyGroup(name="第一代表小组")
    session.add(group)
    await session.flush()
    office, other = await somebody(session, "周", Role.OFFICE), await somebody(session, "吴", Role.LEADER)
    author = await somebody(session, "孙", Role.DEPUTY, Role.GROUP_LEADER, group_id=group.id)
    announcement = await draft(session, author, now, audience=Audience().plus(Part.GROUP, [group.id]))

    require_may_handle(office, announcement)
    require_may_handle(author, announcement)
    author.take(Role.GROUP_LEADER)
    for person in (other, author):
        with pytest.raises(NotAllowed):
            require_may_handle(person, announcement)


async def test_whoever_wrote_to_everybody_as_the_office_handles_it_no_longer_as_the_leader_of_one_group(
    session: AsyncSession, now: datetime
) -> None:
    group = DeputyGroup(name="第一代表小组")
    session.add(group)
    await session.flush()
    author = await somebody(session, "孙", Role.OFFICE, Role.GROUP_LEADER, group_id=group.id)
    announcement = await draft(session, author, now)
    require_may_handle(author, announcement)

    author.take(Role.OFFICE)

    with pytest.raises(NotAllowed):
        require_may_handle(author, announcement)


async def test_two_hundred_are_told_asked_and_edited_without_a_statement_for_each(session: AsyncSession, now: datetime) -> None:
    office = await somebody(session, "周", Role.OFFICE)
    session.add_all(Person(name=f"代表{number}", telegram_id=1000 + number, role_rows=[], specialties=[]) for number in range(200))
    await session.flush()
    for person in (await session.scalars(select(Person).where(Person.telegram_id > 999))).all():
        person.give(Role.DEPUTY)
    await session.flush()
    announcement = await draft(session, office, now, text("明天停水"), file(2))
    await confirm(session, announcement, office, publish_at=now, now=now)
    post, statements = post_at(session, now), list[str]()
    connection = (await session.connection()).sync_connection
    event.listen(connection, "before_cursor_execute", lambda *told: statements.append(told[2]))

    await send_all(post, announcement, await publish(session, announcement, now=now))
    note_edit(session, announcement, office, now=now)
    await show_change(post, announcement)
    await figures_of(session, [announcement])

    assert len(statements) < 40
    queued = select(OutboxMessage.method, func.count()).where(OutboxMessage.state == OutboxState.QUEUED).group_by(OutboxMessage.method)
    assert {row.method: row[1] for row in await session.execute(queued)} == {"card": 200, "copyMessages": 200}


async def test_what_has_not_been_sent_when_it_is_withdrawn_never_is(session: AsyncSession, now: datetime) -> None:
    office = await somebody(session, "周", Role.OFFICE)
    await somebody(session, "王", number=11)
    announcement = await draft(session, office, now, text("明天停水"), file(2))
    await confirm(session, announcement, office, publish_at=now, now=now)
    post = post_at(session, now)
    await send_all(post, announcement, await publish(session, announcement, now=now))

    withdraw(session, announcement, office, now=now)
    await take_back_from_people(post, announcement)

    assert announcement.state is AnnouncementState.WITHDRAWN
    assert set(await session.scalars(select(OutboxMessage.state))) == {OutboxState.SUPERSEDED}
