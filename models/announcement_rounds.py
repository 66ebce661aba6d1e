"""Whom an announcement goes to, whom it reached, who confirmed: rows and numbers, never a person at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, Update, and_, case, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.announcement_refusals import ChangedSince, NobodySilent, RemindedLately, Withdrawn
from models.announcements import Announcement, AnnouncementRecipient, AnnouncementState
from models.audience import belongs
from models.audit import record
from models.invitations import Delivery
from models.people import Person
from models.rules import Gone

HAVE_IT = (Delivery.ON_THE_WAY, Delivery.REACHED)
NOT_REACHED = (Delivery.NONE, Delivery.UNREACHABLE)


@dataclass(frozen=True)
class Address:
    """Where and how to speak to a recipient."""

    person_id: int
    chat_id: int
    language: str
    received: bool
    reached_at: datetime | None


@dataclass(frozen=True)
class Figures:
    """The numbers of an announcement's card."""

    called: int = 0
    on_the_way: int = 0
    reached: int = 0
    never_in: int = 0
    unreachable: int = 0
    failed: int = 0
    files_failed: int = 0
    received: int = 0
    asked_anew: int = 0
    """Who confirmed what it said before, and not yet what it says now."""
    silent: int = 0
    """Who has it, and has not confirmed."""

    @property
    def done(self) -> int:
        return self.called - self.on_the_way


async def publish(session: AsyncSession, announcement: Announcement, *, now: datetime) -> list[Address]:
    """Call everybody it is for as the roster stands now, and give those who can be spoken to."""
    people = (
        await session.execute(
            select(Person.id, Person.telegram_id, Person.language).where(belongs(announcement.audience)).order_by(Person.id)
        )
    ).all()
    announcement.state, announcement.published_at = AnnouncementState.PUBLISHED, now
    rows = [
        {
            "announcement_id": announcement.id,
            "person_id": id,
            "delivery": Delivery.NONE if telegram_id is None else Delivery.ON_THE_WAY,
            "files_failed": False,
            "received_round": 0,
        }
        for id, telegram_id, _ in people
    ]
    if rows:
        await session.execute(insert(AnnouncementRecipient), rows)
    record(session, announcement.author, "announcement.published", f"announcement:{announcement.id}", now=now, called=len(people))
    return [Address(id, telegram_id, language, False, None) for id, telegram_id, language in people if telegram_id is not None]


def _received(announcement: Announcement) -> ColumnElement[bool]:
    return AnnouncementRecipient.received_round == announcement.round


def _still_there(announcement: Announcement) -> Select[AnnouncementRecipient]:
    return (
        select(AnnouncementRecipient)
        .join(AnnouncementRecipient.person)
        .where(AnnouncementRecipient.announcement_id == announcement.id, Person.active)
    )


async def addresses(session: AsyncSession, announcement: Announcement, *where: ColumnElement[bool]) -> list[Address]:
    """Those on the roster who have it or will, and satisfy the conditions too."""
    rows = await session.execute(
        _still_there(announcement)
        .where(AnnouncementRecipient.delivery.in_(HAVE_IT), Person.telegram_id.is_not(None), *where)
        .order_by(Person.id)
        .with_only_columns(Person.id, Person.telegram_id, Person.language, _received(announcement), AnnouncementRecipient.reached_at)
    )
    return [Address(id, chat, language, received, reached_at) for id, chat, language, received, reached_at in rows if chat is not None]


async def silent_addresses(session: AsyncSession, announcement: Announcement, *, confirmed_before: bool = False) -> list[Address]:
    """Those reached who have not confirmed; with ``confirmed_before`` only those who had, before they were asked anew."""
    silent = [AnnouncementRecipient.delivery == Delivery.REACHED, ~_received(announcement)]
    if confirmed_before:
        silent.append(AnnouncementRecipient.received_round > 0)
    return await addresses(session, announcement, *silent)


async def recipients(session: AsyncSession, announcement: Announcement) -> Sequence[AnnouncementRecipient]:
    """Everybody it is for who is still on the roster, in its order."""
    return (await session.scalars(_still_there(announcement).order_by(Person.id))).all()


async def recipient_of(session: AsyncSession, announcement: Announcement, person: Person) -> AnnouncementRecipient:
    """A person's own row. Raises Gone for whoever it is not for."""
    found: AnnouncementRecipient | None = await session.scalar(
        select(AnnouncementRecipient).where(
            AnnouncementRecipient.announcement_id == announcement.id, AnnouncementRecipient.person_id == person.id
        )
    )
    if found is None:
        raise Gone
    return found


async def receive(session: AsyncSession, announcement: Announcement, person: Person, *, round: int, now: datetime) -> bool:
    """Note that a person received it; False when that was noted already. Raises Gone, Withdrawn, ChangedSince."""
    recipient = await recipient_of(session, announcement, person)
    if announcement.state is not AnnouncementState.PUBLISHED:
        raise Withdrawn
    if recipient.received_round == announcement.round:
        return False
    if round != announcement.round:
        raise ChangedSince
    recipient.received_round, recipient.received_at = round, now
    return True


async def note_delivery(session: AsyncSession, announcement_id: int, chat_id: int, delivery: Delivery, *, now: datetime) -> None:
    """What became of the message to one person. The first time it arrives counts, and an edit that fails takes nothing away."""
    note = _of_chat(announcement_id, chat_id).values(delivery=delivery)
    if delivery is Delivery.REACHED:
        note = note.values(reached_at=func.coalesce(AnnouncementRecipient.reached_at, now))
    elif delivery is Delivery.FAILED:
        note = note.where(AnnouncementRecipient.delivery == Delivery.ON_THE_WAY)
    await session.execute(note.execution_options(synchronize_session=False))


async def note_files_failed(session: AsyncSession, announcement_id: int, chat_id: int) -> None:
    await session.execute(_of_chat(announcement_id, chat_id).values(files_failed=True).execution_options(synchronize_session=False))


def _of_chat(announcement_id: int, chat_id: int) -> Update:
    return update(AnnouncementRecipient).where(
        AnnouncementRecipient.announcement_id == announcement_id,
        AnnouncementRecipient.person_id == select(Person.id).where(Person.telegram_id == chat_id).scalar_subquery(),
    )


async def missed(session: AsyncSession, *, since: datetime) -> Sequence[tuple[int, Address]]:
    """Who can be reached now and could not when it went out, by announcement published after ``since``."""
    recent = select(Announcement.id).where(Announcement.state == AnnouncementState.PUBLISHED, Announcement.published_at > since)
    rows = await session.execute(
        select(AnnouncementRecipient.announcement_id, Person.id, Person.telegram_id, Person.language)
        .join(AnnouncementRecipient.person)
        .where(AnnouncementRecipient.announcement_id.in_(recent), AnnouncementRecipient.delivery.in_(NOT_REACHED))
        .where(Person.active, Person.telegram_id.is_not(None), Person.unreachable_since.is_(None))
        .order_by(AnnouncementRecipient.announcement_id, Person.id)
    )
    return [(announcement_id, Address(id, chat, language, False, None)) for announcement_id, id, chat, language in rows if chat is not None]


async def on_the_way_again(session: AsyncSession, announcement: Announcement, person_ids: Collection[int]) -> None:
    await session.execute(
        update(AnnouncementRecipient)
        .where(AnnouncementRecipient.announcement_id == announcement.id, AnnouncementRecipient.person_id.in_(person_ids))
        .values(delivery=Delivery.ON_THE_WAY)
        .execution_options(synchronize_session=False)
    )


async def figures_of(session: AsyncSession, announcements: Collection[Announcement]) -> dict[int, Figures]:
    """The numbers of several announcements at once, counted by the database."""
    row, delivery = AnnouncementRecipient, AnnouncementRecipient.delivery

    def count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)

    received = row.received_round == Announcement.round
    counted = await session.execute(
        select(
            row.announcement_id,
            func.count(),
            count(delivery == Delivery.ON_THE_WAY),
            count(delivery == Delivery.REACHED),
            count(delivery == Delivery.NONE),
            count(delivery == Delivery.UNREACHABLE),
            count(delivery == Delivery.FAILED),
            count(row.files_failed.is_(True)),
            count(received),
            count(row.received_round > 0, ~received),
            count(delivery.in_(HAVE_IT), ~received),
        )
        .join(row.person)
        .join(Announcement, Announcement.id == row.announcement_id)
        .where(row.announcement_id.in_([announcement.id for announcement in announcements]), Person.active)
        .group_by(row.announcement_id)
    )
    return {announcement.id: Figures() for announcement in announcements} | {id: Figures(*numbers) for id, *numbers in counted}


async def first_silent(session: AsyncSession, announcement: Announcement, *, limit: int) -> Sequence[str]:
    """The names of the first who have it and have not confirmed."""
    silent = (
        _still_there(announcement)
        .where(~_received(announcement), AnnouncementRecipient.delivery.in_(HAVE_IT))
        .order_by(Person.id)
        .limit(limit)
    )
    return (await session.scalars(silent.with_only_columns(Person.name))).all()


async def remind(session: AsyncSession, announcement: Announcement, actor: Person, *, every: timedelta, now: datetime) -> list[Address]:
    """Those to be reminded now. Raises Withdrawn, Gone, RemindedLately, NobodySilent."""
    announcement.require_standing()
    if announcement.reminded_at is not None and now < announcement.reminded_at + every:
        raise RemindedLately(at=announcement.reminded_at + every)
    silent = await silent_addresses(session, announcement)
    if not silent:
        raise NobodySilent
    announcement.reminded_at = now
    record(session, actor, "announcement.reminded", f"announcement:{announcement.id}", now=now, count=len(silent))
    return silent


def ask_anew(session: AsyncSession, announcement: Announcement, actor: Person, *, now: datetime) -> None:
    """A change that matters: whoever confirmed before is asked again."""
    announcement.require_standing()
    announcement.round += 1
    record(session, actor, "announcement.asked_anew", f"announcement:{announcement.id}", now=now, round=announcement.round)


def note_edit(session: AsyncSession, announcement: Announcement, actor: Person, *, now: datetime, **details: object) -> None:
    """What it says has changed."""
    announcement.require_standing()
    announcement.revision += 1
    announcement.edited_at = now if announcement.state is AnnouncementState.PUBLISHED else None
    record(session, actor, "announcement.edited", f"announcement:{announcement.id}", now=now, revision=announcement.revision, **details)


def withdraw(session: AsyncSession, announcement: Announcement, actor: Person, *, now: datetime) -> None:
    """Take it back; one that waits for the morning never goes out. Raises Withdrawn, Gone."""
    announcement.require_standing()
    announcement.state, announcement.withdrawn_at = AnnouncementState.WITHDRAWN, now
    record(session, actor, "announcement.withdrawn", f"announcement:{announcement.id}", now=now)


def live(*, since: datetime, shown_before: datetime) -> Select[Announcement]:
    """Published announcements whose cards may be shown anew."""
    return select(Announcement).where(
        Announcement.state == AnnouncementState.PUBLISHED,
        Announcement.published_at > since,
        or_(Announcement.card_shown_at.is_(None), Announcement.card_shown_at <= shown_before),
    )


async def reached_chats(session: AsyncSession, announcement: Announcement) -> dict[int, tuple[str, datetime]]:
    """Every private chat it stands in, also of people who have left since: its language, and since when."""
    rows = await session.execute(
        select(Person.telegram_id, Person.language, AnnouncementRecipient.reached_at)
        .join(AnnouncementRecipient.person)
        .where(AnnouncementRecipient.announcement_id == announcement.id, AnnouncementRecipient.reached_at.is_not(None))
    )
    return {chat_id: (language, at) for chat_id, language, at in rows if chat_id is not None and at is not None}
