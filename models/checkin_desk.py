"""The check-in desk of an activity: when it is open, who runs it, where it stands, on whose screens its code is shown."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.activities import NOT_HELD, Activity, ActivityState
from models.audit import record
from models.base import Base
from models.organising import organises
from models.outbox import Attachment
from models.people import Person
from models.policy import Policy
from models.rules import NotAllowed, RuleBroken

MOST_GUESTS = 9_999
FINGERPRINT = 64


class CheckInNotYet(RuleBroken):
    """The desk opens a while before the start."""

    key = "checkin.not_yet"


class CheckInOver(RuleBroken):
    """The activity is over or off, or the organiser closed the desk."""

    key = "checkin.over"


class RecordConfirmed(RuleBroken):
    """Attendance is final; what is wrong in it is corrected in the record."""

    key = "checkin.record_confirmed"


class TooManyGuests(RuleBroken):
    """A slip of the finger rather than a crowd."""

    key = "checkin.guests_unclear"


class CheckInDesk(Base):
    """One for each activity that is checked in to. ``secret`` makes its codes; ``picture`` is the one drawn last, for ``picture_slot``."""

    __tablename__ = "check_in_desks"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))
    closed_at: Mapped[datetime | None]
    guests: Mapped[int] = mapped_column(default=0)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"))
    picture_slot: Mapped[int | None]

    activity: Mapped[Activity] = relationship(lazy="selectin")
    picture: Mapped[Attachment | None] = relationship(lazy="selectin")

    @property
    def place(self) -> tuple[float, float] | None:
        """Where it stands, in degrees of latitude and longitude."""
        return (self.latitude, self.longitude) if self.latitude is not None and self.longitude is not None else None

    def opens_at(self, policy: Policy) -> datetime:
        return self.activity.starts_at - policy.checkin_opens

    def is_open(self, policy: Policy, *, now: datetime) -> bool:
        return self.closed_at is None and self.activity.state not in NOT_HELD and self.opens_at(policy) <= now < self.activity.ends_at

    def require_open(self, policy: Policy, *, now: datetime) -> None:
        """Raise CheckInNotYet or CheckInOver unless people can check in by themselves now."""
        if self.activity.state in NOT_HELD or self.closed_at is not None or now >= self.activity.ends_at:
            raise CheckInOver
        if now < self.opens_at(policy):
            raise CheckInNotYet(minutes=round(policy.checkin_opens.total_seconds() / 60))

    def require_correctable(self, policy: Policy, *, now: datetime) -> None:
        """Raise unless an organiser may still say who came: from the opening until the record is confirmed, or the term closed."""
        self.activity.require_unfrozen()
        if self.activity.state is ActivityState.RECORD_CONFIRMED:
            raise RecordConfirmed
        if self.activity.state in NOT_HELD:
            raise CheckInOver
        if now < self.opens_at(policy):
            raise CheckInNotYet(minutes=round(policy.checkin_opens.total_seconds() / 60))

    def count_guests(self, number: int) -> None:
        """Guests and observers are counted, not named. Raises TooManyGuests, TermOver."""
        self.activity.require_unfrozen()
        if not 0 <= number <= MOST_GUESTS:
            raise TooManyGuests(most=MOST_GUESTS)
        self.guests = number


class CheckInHelper(Base):
    """Somebody whom the organiser asked to run the desk of one activity."""

    __tablename__ = "check_in_helpers"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class CheckInScreen(Base):
    """The code is being shown in somebody's chat. ``shown`` says what it shows, so that it is edited only when that changes.

    ``due_at`` is when the code changes next.
    """

    __tablename__ = "check_in_screens"
    __table_args__ = (UniqueConstraint("activity_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    shown: Mapped[str] = mapped_column(String(FINGERPRINT), default="")
    shown_at: Mapped[datetime | None]
    due_at: Mapped[datetime]

    activity: Mapped[Activity] = relationship(lazy="selectin")
    person: Mapped[Person] = relationship(lazy="selectin")


def screen_key(activity_id: int) -> str:
    return f"checkin:{activity_id}"


async def desk_of(session: AsyncSession, activity: Activity) -> CheckInDesk:
    """The desk of an activity, made if it is not there yet."""
    desk = await session.get(CheckInDesk, activity.id)
    if desk is None:
        desk = CheckInDesk(activity=activity, secret=secrets.token_hex(32), guests=0, picture=None)
        session.add(desk)
        await session.flush()
    return desk


async def open_desks(session: AsyncSession, policy: Policy, *, now: datetime) -> Sequence[CheckInDesk]:
    """The desks at which people can check in by themselves now."""
    open_now = (
        select(CheckInDesk)
        .join(CheckInDesk.activity)
        .where(Activity.ends_at > now, Activity.starts_at <= now + policy.checkin_opens)
        .where(Activity.state.not_in(NOT_HELD), CheckInDesk.closed_at.is_(None))
        .order_by(Activity.starts_at, Activity.id)
    )
    return (await session.scalars(open_now)).all()


async def may_run(session: AsyncSession, person: Person, activity: Activity) -> bool:
    """Whoever organises it, and whoever was asked to help."""
    if organises(person, activity):
        return True
    return person.active and await session.get(CheckInHelper, (activity.id, person.id)) is not None


async def require_runs(session: AsyncSession, person: Person, activity: Activity) -> None:
    """Raise NotAllowed unless the person runs the desk of this activity."""
    if not await may_run(session, person, activity):
        raise NotAllowed


def require_names_helpers(person: Person, activity: Activity) -> None:
    """Helpers are named by whoever organises the activity, not by helpers. Raises NotAllowed."""
    if not organises(person, activity):
        raise NotAllowed


async def helpers_of(session: AsyncSession, activity: Activity) -> Sequence[Person]:
    named = select(CheckInHelper.person_id).where(CheckInHelper.activity_id == activity.id)
    return (await session.scalars(select(Person).where(Person.active, Person.id.in_(named)).order_by(Person.id))).all()


async def set_helper(session: AsyncSession, activity: Activity, helper: Person, namer: Person, *, helps: bool, now: datetime) -> bool:
    """Ask somebody to help, or no longer; False when it was so before. Raises NotAllowed."""
    require_names_helpers(namer, activity)
    found = await session.get(CheckInHelper, (activity.id, helper.id))
    if helps == (found is not None):
        return False
    if found is None:
        session.add(CheckInHelper(activity_id=activity.id, person_id=helper.id))
    else:
        await session.delete(found)
    what = "checkin.helper_named" if helps else "checkin.helper_dropped"
    record(session, namer, what, f"activity:{activity.id}", now=now, person=helper.id)
    await session.flush()
    return True


async def screen_of(session: AsyncSession, activity: Activity, person: Person) -> CheckInScreen | None:
    found: CheckInScreen | None = await session.scalar(
        select(CheckInScreen).where(CheckInScreen.activity_id == activity.id, CheckInScreen.person_id == person.id)
    )
    return found


async def show_on(session: AsyncSession, activity: Activity, person: Person, *, now: datetime) -> CheckInScreen:
    """The code is shown in this person's chat from now on."""
    screen = await screen_of(session, activity, person)
    if screen is None:
        screen = CheckInScreen(activity=activity, person=person, shown="", shown_at=None, due_at=now)
        session.add(screen)
        await session.flush()
    return screen


async def screened_desks(session: AsyncSession) -> Sequence[CheckInDesk]:
    """Desks whose code is shown in a chat; there are never many, since showing ends with the activity."""
    shown = select(CheckInScreen.activity_id)
    return (await session.scalars(select(CheckInDesk).where(CheckInDesk.activity_id.in_(shown)).order_by(CheckInDesk.activity_id))).all()


async def screens_of(session: AsyncSession, activity: Activity) -> Sequence[CheckInScreen]:
    return (await session.scalars(select(CheckInScreen).where(CheckInScreen.activity_id == activity.id).order_by(CheckInScreen.id))).all()


async def next_screen_at(session: AsyncSession) -> datetime | None:
    """When a code that is shown changes next."""
    return await session.scalar(select(func.min(CheckInScreen.due_at)))


async def close_desk(session: AsyncSession, desk: CheckInDesk, person: Person, *, now: datetime) -> None:
    """Nobody checks in by themselves any more; the organiser still can for them."""
    if desk.closed_at is None:
        desk.closed_at = now
        record(session, person, "checkin.closed", f"activity:{desk.activity_id}", now=now)


async def reopen_desk(session: AsyncSession, desk: CheckInDesk, person: Person, *, now: datetime) -> None:
    if desk.closed_at is not None:
        desk.closed_at = None
        record(session, person, "checkin.reopened", f"activity:{desk.activity_id}", now=now)


def next_slot_at(now: datetime, *, every: timedelta) -> datetime:
    """When the code next changes."""
    seconds = every.total_seconds()
    return datetime.fromtimestamp((now.timestamp() // seconds + 1) * seconds, tz=now.tzinfo)
