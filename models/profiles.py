"""Deputies' profiles (代表风采): a photo and a short biography, which the deputy writes and the office approves before anybody sees them.

Area and specialties are the roster's, and shown as they stand there. While a new version waits, the one approved before keeps showing.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, String, Text, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.masking_numbers import numbers_in, spoken_as_digits
from models.outbox import Attachment, OutboxMessage
from models.people import Area, Person, PersonRole, Role
from models.rules import Gone, NotAllowed, RuleBroken

WORD_LENGTH = 200


class ProfileState(enum.StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    RETURNED = "returned"
    SHOWN = "shown"
    RETIRED = "retired"


WORKING = (ProfileState.DRAFT, ProfileState.WAITING, ProfileState.RETURNED)
"""Not shown to anybody yet: a person has one of these at most, and one that is shown."""


class BiographyTooLong(RuleBroken):
    """More than anybody reads on a phone."""

    key = "profile.too_long"


class BiographyHasNumber(RuleBroken):
    """A phone number or another number that tells how to reach or find somebody is written in it."""

    key = "profile.has_number"


class NothingToShow(RuleBroken):
    """A profile without a biography says nothing."""

    key = "profile.nothing_to_show"


class NoWord(RuleBroken):
    """Nobody sends a profile back without saying what to change."""

    key = "profile.no_word"


class ProfileChanged(RuleBroken):
    """It was changed or decided after the one who presses has seen it."""

    key = "profile.changed"


class Profile(Base):
    """One version of a deputy's profile."""

    __tablename__ = "profiles"
    __table_args__ = (
        Index(
            "uq_profiles_working",
            "person_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'waiting', 'returned')"),
            postgresql_where=text("state IN ('draft', 'waiting', 'returned')"),
        ),
        Index(
            "uq_profiles_shown", "person_id", unique=True, sqlite_where=text("state = 'shown'"), postgresql_where=text("state = 'shown'")
        ),
        Index("ix_profiles_waiting", "state", "submitted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    state: Mapped[ProfileState] = mapped_column(default=ProfileState.DRAFT)
    biography: Mapped[str] = mapped_column(Text, default="")
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"), index=True)
    photo_file_id: Mapped[str | None] = mapped_column(String(255))
    """The photo that was sent last, while its bytes are being fetched."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts the changes: what is approved must be what was seen."""
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    word: Mapped[str] = mapped_column(String(WORD_LENGTH), default="")
    """Why the office sent it back."""

    person: Mapped[Person] = relationship(lazy="selectin", foreign_keys=[person_id])
    decided_by: Mapped[Person | None] = relationship(lazy="selectin", foreign_keys=[decided_by_id])
    photo: Mapped[Attachment | None] = relationship(lazy="selectin")

    @property
    def subject(self) -> str:
        return f"profile:{self.id}"

    def require_seen(self, version: int, *states: ProfileState) -> None:
        """Raise ProfileChanged where it is not what was seen any more."""
        if self.version != version or self.state not in states:
            raise ProfileChanged

    def edited(self) -> None:
        """Something changed: it is a draft again."""
        self.state, self.version, self.word = ProfileState.DRAFT, self.version + 1, ""


async def shown_of(session: AsyncSession, person: Person) -> Profile | None:
    """What others see of a deputy, as long as they are one."""
    if not person.has(Role.DEPUTY):
        return None
    found: Profile | None = await session.scalar(select(Profile).where(Profile.person_id == person.id, Profile.state == ProfileState.SHOWN))
    return found


async def working_of(session: AsyncSession, person: Person) -> Profile | None:
    """The version a deputy is working on or waiting for."""
    found: Profile | None = await session.scalar(select(Profile).where(Profile.person_id == person.id, Profile.state.in_(WORKING)))
    return found


async def begin_profile(session: AsyncSession, person: Person, *, now: datetime) -> Profile:
    """The version to work on; a new one begins with what is shown. Raises NotAllowed for anybody but a deputy."""
    person.require(Role.DEPUTY)
    found = await working_of(session, person)
    if found is not None:
        return found
    shown = await shown_of(session, person)
    profile = Profile(
        person=person,
        biography=shown.biography if shown is not None else "",
        photo=shown.photo if shown is not None else None,
        version=1,
        created_at=now,
        decided_by=None,
    )
    session.add(profile)
    await session.flush()
    return profile


async def profile_by_id(session: AsyncSession, id: int) -> Profile:
    """Locked, since the deputy and two of the office may press at once. Raises Gone."""
    query = select(Profile).where(Profile.id == id).with_for_update(of=Profile).execution_options(populate_existing=True)
    profile: Profile | None = await session.scalar(query)
    if profile is None:
        raise Gone
    return profile


def write_biography(profile: Profile, words: str, limit: int) -> None:
    """Put down the biography; ``limit`` counts UTF-16 units, as Telegram does.

    Raises NothingToShow, BiographyTooLong, BiographyHasNumber.
    """
    said = re.sub(r"\n{3,}", "\n\n", words.replace("\x00", "").strip())
    if not said:
        raise NothingToShow
    length = len(said.encode("utf-16-le")) // 2
    if length > limit:
        raise BiographyTooLong(limit=limit, length=length)
    if has_number(said, profile.person.phone):
        raise BiographyHasNumber
    profile.biography = said
    profile.edited()


_RUN = re.compile(r"\d{7,}")


def has_number(said: str, own_phone: str | None) -> bool:
    """Whether a text tells a number to call, of papers, cards or accounts, however it is written; years and public hotlines are none."""
    plain = unicodedata.normalize("NFKC", said)
    if next(numbers_in(plain), None) is not None:
        return True
    digits = spoken_as_digits(plain)
    return _RUN.search(digits) is not None or bool(own_phone and own_phone in re.sub(r"\D", "", digits))


def note_photo(profile: Profile, file_id: str) -> None:
    """A photo was sent; it counts once its bytes are there."""
    profile.photo_file_id = file_id
    profile.edited()


async def set_photo(session: AsyncSession, profile: Profile, photo: Attachment | None) -> None:
    """Another photo, or none."""
    before = profile.photo
    profile.photo, profile.photo_file_id = photo, None
    profile.edited()
    await session.flush()
    await _drop_photo(session, before)


def submit(session: AsyncSession, profile: Profile, seen: int, *, now: datetime) -> None:
    """Put it before the office. Raises ProfileChanged, NothingToShow."""
    profile.person.require(Role.DEPUTY)
    profile.require_seen(seen, ProfileState.DRAFT, ProfileState.RETURNED)
    if not profile.biography:
        raise NothingToShow
    profile.state, profile.submitted_at, profile.word = ProfileState.WAITING, now, ""
    record(session, profile.person, "profile.submitted", profile.subject, now=now)


def take_back(session: AsyncSession, profile: Profile, *, now: datetime) -> None:
    """The deputy wants to change it before it is decided. Raises ProfileChanged."""
    profile.require_seen(profile.version, ProfileState.WAITING)
    profile.edited()
    record(session, profile.person, "profile.taken_back", profile.subject, now=now)


async def approve(session: AsyncSession, profile: Profile, office: Person, seen: int, *, now: datetime) -> None:
    """From now on this version is shown. Raises NotAllowed, ProfileChanged."""
    office.require(Role.OFFICE)
    profile.require_seen(seen, ProfileState.WAITING)
    before = await session.scalar(select(Profile).where(Profile.person_id == profile.person_id, Profile.state == ProfileState.SHOWN))
    if before is not None:
        await _retire(session, before)
    profile.state, profile.decided_at, profile.decided_by = ProfileState.SHOWN, now, office
    await session.flush()
    record(session, office, "profile.approved", profile.subject, now=now, person=profile.person_id)


def send_back(session: AsyncSession, profile: Profile, office: Person, seen: int, word: str, *, now: datetime) -> None:
    """Not yet: the deputy hears what to change. Raises NotAllowed, ProfileChanged, NoWord."""
    office.require(Role.OFFICE)
    profile.require_seen(seen, ProfileState.WAITING)
    said = " ".join(word.split())[:WORD_LENGTH]
    if not said:
        raise NoWord
    profile.state, profile.word, profile.decided_at, profile.decided_by = ProfileState.RETURNED, said, now, office
    record(session, office, "profile.returned", profile.subject, now=now, person=profile.person_id, reason=said)


async def hide(session: AsyncSession, person: Person, by: Person, *, now: datetime) -> bool:
    """Show it no longer: the deputy's own wish, or the office's; False where nothing is shown. Raises NotAllowed."""
    if person.id != by.id and not by.has(Role.OFFICE):
        raise NotAllowed
    shown = await session.scalar(select(Profile).where(Profile.person_id == person.id, Profile.state == ProfileState.SHOWN))
    if shown is None:
        return False
    await _retire(session, shown)
    record(session, by, "profile.hidden", shown.subject, now=now, person=person.id)
    return True


async def waiting_profiles(session: AsyncSession, *, offset: int, limit: int) -> Sequence[Profile]:
    """Those before the office, the oldest first."""
    waiting = select(Profile).where(Profile.state == ProfileState.WAITING).order_by(Profile.submitted_at, Profile.id)
    return (await session.scalars(waiting.offset(offset).limit(limit))).all()


async def count_waiting(session: AsyncSession) -> int:
    return await session.scalar(select(func.count(Profile.id)).where(Profile.state == ProfileState.WAITING)) or 0


async def areas_with_deputies(session: AsyncSession) -> Sequence[Area]:
    lived_in = select(Person.area_id).where(Person.active, Person.id.in_(_deputies()))
    return (await session.scalars(select(Area).where(Area.id.in_(lived_in)).order_by(Area.id))).all()


async def deputies_in(session: AsyncSession, area_id: int, *, offset: int, limit: int) -> list[tuple[Person, bool]]:
    """An area's deputies in the roster's order, each with whether a profile is shown; area 0 is of those without one."""
    where = Person.area_id == area_id if area_id else Person.area_id.is_(None)
    query = select(Person).where(Person.active, where, Person.id.in_(_deputies())).order_by(Person.id).offset(offset).limit(limit)
    people = (await session.scalars(query)).all()
    shown = select(Profile.person_id).where(Profile.state == ProfileState.SHOWN, Profile.person_id.in_([person.id for person in people]))
    ids = set(await session.scalars(shown))
    return [(person, person.id in ids) for person in people]


def _deputies() -> Select[int]:
    return select(PersonRole.person_id).where(PersonRole.role == Role.DEPUTY)


async def _retire(session: AsyncSession, profile: Profile) -> None:
    """What is not shown any more is not kept either; the row tells that there was one."""
    photo = profile.photo
    profile.state, profile.biography, profile.photo, profile.photo_file_id = ProfileState.RETIRED, "", None, None
    await session.flush()
    await _drop_photo(session, photo)


async def _drop_photo(session: AsyncSession, photo: Attachment | None) -> None:
    """A photo that no version has any more goes, bytes and all; one that is on its way to somebody, when that message is forgotten."""
    if photo is None or await session.scalar(select(Profile.id).where(Profile.photo_id == photo.id).limit(1)) is not None:
        return
    on_its_way = select(OutboxMessage.id).where(OutboxMessage.attachment_id == photo.id, OutboxMessage.settled_at.is_(None))
    if await session.scalar(on_its_way.limit(1)) is not None:
        return
    await session.execute(update(OutboxMessage).where(OutboxMessage.attachment_id == photo.id).values(attachment_id=None))
    session.expunge(photo)
    await session.execute(delete(Attachment).where(Attachment.id == photo.id))
