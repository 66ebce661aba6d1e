"""Who is called to an activity, and what they answer. Answers can be changed until the start."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, immediateload, mapped_column, relationship

from models.activities import USUAL_LENGTH, Activity, ActivityKind, ActivityState, InThePast, Offsets
from models.attendance import Attendance
from models.audience import Audience, Part, called_people
from models.audit import record
from models.base import Base
from models.people import Person, Role
from models.rules import Gone, RuleBroken

if TYPE_CHECKING:
    from models.leave import LeaveRequest


class Reply(enum.StrEnum):
    NONE = "none"
    ATTENDING = "attending"
    LEAVE = "leave"
    WAITING = "waiting"
    """A yes beyond the capacity."""


class Standing(enum.StrEnum):
    """Where somebody called stands: the reply, and for a leave its decision."""

    ATTENDING = "attending"
    WAITING = "waiting"
    LEAVE_PENDING = "leave_pending"
    LEAVE_APPROVED = "leave_approved"
    LEAVE_REFUSED = "leave_refused"
    SILENT = "silent"


class Delivery(enum.StrEnum):
    """What became of the last notice to somebody."""

    NONE = "none"
    ON_THE_WAY = "on_the_way"
    REACHED = "reached"
    UNREACHABLE = "unreachable"
    FAILED = "failed"


class NobodyCalled(RuleBroken):
    """An activity needs somebody to be called."""

    key = "activity.nobody_called"


class NotCalledAnyMore(RuleBroken):
    """They left the roster or the audience: they need not come."""

    key = "audience.not_called_any_more"


class Invitation(Base):
    """One person called to one activity, and their answer. Of somebody ``released_at`` some time the answer is only kept, not counted."""

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("activity_id", "person_id"),
        Index(
            "ix_invitations_owed",
            "owed_notice_id",
            "person_id",
            sqlite_where=text("owed_notice_id IS NOT NULL"),
            postgresql_where=text("owed_notice_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    reply: Mapped[Reply] = mapped_column(default=Reply.NONE)
    replied_at: Mapped[datetime | None]
    delivery: Mapped[Delivery] = mapped_column(default=Delivery.NONE)
    attendance: Mapped[Attendance | None]
    """What came of it, once the record of the activity is confirmed; until then a check-in tells."""
    released_at: Mapped[datetime | None]
    """Since when they need not come: they left the roster or the audience, or waited for a place to the last."""
    owed_notice_id: Mapped[int | None]
    """The notice that went out, but is not written to them yet: to thousands it is written piece by piece."""

    activity: Mapped[Activity] = relationship(lazy="immediate")  # mostly known already: then nothing is asked
    person: Mapped[Person] = relationship(lazy="selectin")
    leave_requests: Mapped[list[LeaveRequest]] = relationship(
        "LeaveRequest", back_populates="invitation", lazy="selectin", order_by="LeaveRequest.id"
    )

    @property
    def leave(self) -> LeaveRequest | None:
        """The request that counts now, if leave was asked."""
        return next((request for request in reversed(self.leave_requests) if request.current), None)

    @property
    def standing(self) -> Standing:
        if self.reply is Reply.ATTENDING:
            return Standing.ATTENDING
        if self.reply is Reply.WAITING:
            return Standing.WAITING
        leave = self.leave
        if self.reply is Reply.NONE or leave is None:
            return Standing.SILENT
        return leave.standing

    @property
    def missed(self) -> bool:
        """Whether the last notice did not arrive, and is not on its way."""
        return self.delivery not in (Delivery.REACHED, Delivery.ON_THE_WAY) and self.owed_notice_id is None

    def answer(self, reply: Reply, *, now: datetime) -> None:
        """Keep the latest reply; people change their minds until the activity starts. A leave asked before is withdrawn."""
        self.activity.require_open(now=now)
        if self.leave is not None:
            self.leave.withdraw()
        self.reply, self.replied_at = reply, now

    def ask_again(self) -> None:
        """Somebody who said yes to the old time or place is asked anew; a leave stands until its owner changes it."""
        if self.reply in (Reply.ATTENDING, Reply.WAITING):
            self.reply, self.replied_at = Reply.NONE, None


async def invite(session: AsyncSession, activity: Activity) -> None:
    """Call everybody of the audience who is not called yet, also those who came onto the roster since."""
    known = set(await session.scalars(select(Invitation.person_id).where(Invitation.activity_id == activity.id)))
    session.add_all(
        Invitation(activity=activity, person=person, reply=Reply.NONE, delivery=Delivery.NONE, leave_requests=[])
        for person in await called_people(session, activity.audience)
        if person.id not in known
    )
    await session.flush()


async def call_activity(
    session: AsyncSession,
    creator: Person,
    *,
    kind: ActivityKind,
    title: str,
    starts_at: datetime,
    ends_at: datetime | None,
    place: str,
    notes: str,
    audience: Audience,
    offsets: Offsets,
    now: datetime,
    capacity: int | None = None,
) -> Activity:
    """Make an activity and call its people. Raises NotAllowed, InThePast, NobodyCalled."""
    require_may_call(creator, audience)
    if starts_at <= now:
        raise InThePast
    if not await called_people(session, audience):
        raise NobodyCalled
    activity = Activity(
        kind=kind,
        title=title,
        starts_at=starts_at,
        ends_at=ends_at or starts_at + USUAL_LENGTH,
        place=place,
        notes=notes,
        audience_json=audience.as_json(),
        offsets_json=offsets.as_json(),
        state=ActivityState.PLANNED,
        created_by=creator,
        created_at=now,
        sequence=0,
        capacity=capacity,
        followed_at=None,
        notices=[],
    )
    session.add(activity)
    await session.flush()
    await invite(session, activity)
    record(session, creator, "activity.created", f"activity:{activity.id}", now=now, title=title)
    return activity


async def call_others(session: AsyncSession, activity: Activity, actor: Person, audience: Audience, *, now: datetime) -> None:
    """Another audience for an activity to come; who joins and who leaves follows from it. Raises NotAllowed, NobodyCalled."""
    activity.require_changeable(now=now)
    require_may_call(actor, audience)
    if not await called_people(session, audience):
        raise NobodyCalled
    record(session, actor, "activity.audience", f"activity:{activity.id}", now=now, before=activity.audience_json)
    activity.audience_json = audience.as_json()


def require_may_call(creator: Person, audience: Audience) -> None:
    """The office calls anybody; a group leader only the own group. Raises NotAllowed."""
    own_group = Audience().plus(Part.GROUP, [creator.group_id]) if creator.group_id is not None else None
    if not (creator.has(Role.GROUP_LEADER) and audience == own_group):
        creator.require(Role.OFFICE)


async def activity_by_id(session: AsyncSession, activity_id: int, *, to_change: bool = False) -> Activity:
    """The activity; ``to_change`` keeps notices from going out meanwhile. Raises Gone."""
    activity = await session.get(Activity, activity_id, with_for_update={"of": Activity} if to_change else None)
    if activity is None:
        raise Gone
    return activity


async def invitation_for(session: AsyncSession, activity_id: int, person: Person) -> Invitation:
    """The person's own invitation to an activity. Raises Gone for whoever is not called, NotCalledAnyMore for whoever was."""
    found: Invitation | None = await session.scalar(
        select(Invitation)
        .where(Invitation.activity_id == activity_id, Invitation.person_id == person.id)
        .options(immediateload(Invitation.person))
    )
    if found is None:
        raise Gone
    if found.released_at is not None:
        raise NotCalledAnyMore
    return found


async def invitations_of(session: AsyncSession, activity: Activity, *, released: bool = False) -> Sequence[Invitation]:
    """Everybody called, in the roster's order; or all who were ``released`` again."""
    wanted = Invitation.released_at.is_not(None) if released else Invitation.released_at.is_(None)
    return (
        await session.scalars(select(Invitation).where(Invitation.activity_id == activity.id, wanted).order_by(Invitation.person_id))
    ).all()


async def own_invitations(session: AsyncSession, person: Person, activities: Sequence[Activity]) -> dict[int, Invitation]:
    """The person's own invitations to these activities, by activity."""
    theirs = Invitation.activity_id.in_([activity.id for activity in activities])
    mine = select(Invitation).where(Invitation.person_id == person.id, Invitation.released_at.is_(None), theirs)
    return {invitation.activity_id: invitation for invitation in await session.scalars(mine)}
