"""An activity follows its audience: who joins the roster, a circle or a group is called too, who leaves it need not come any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import OPEN, Activity
from models.audience import belongs
from models.audit import record
from models.invitations import Delivery, Invitation, Reply
from models.leave import Decision, LeaveRequest
from models.people import Person
from models.terms import between_terms

FOLLOWED_EVERY = timedelta(minutes=1)
HEARD_OF_IT = (Delivery.REACHED, Delivery.ON_THE_WAY)


@dataclass(frozen=True)
class Followed:
    """Who came and who went; ``told`` are those released who had heard of it, ``given_back`` leaves that need no decision any more."""

    joined: Sequence[Invitation] = ()
    released: Sequence[Invitation] = ()
    told: Sequence[Invitation] = ()
    given_back: Sequence[LeaveRequest] = ()


async def to_follow(session: AsyncSession, *, now: datetime) -> Sequence[Activity]:
    """Activities to come whose people were not looked at for a minute; held, so that none is moved meanwhile.

    None between two terms: whoever is elected again keeps their answer, and nobody is sent away and called anew.
    """
    if await between_terms(session):
        return []
    coming = select(Activity).where(Activity.state.in_(OPEN), Activity.starts_at > now)
    due = coming.where(or_(Activity.followed_at.is_(None), Activity.followed_at <= now - FOLLOWED_EVERY))
    return (await session.scalars(due.order_by(Activity.id).with_for_update(of=Activity))).all()


async def follow_audience(session: AsyncSession, activity: Activity, *, now: datetime) -> Followed:
    """Call who belongs to the audience now and release who does not; answers given stay readable, and in the audit log."""
    activity.followed_at = now
    members = set(await session.scalars(select(Person.id).where(belongs(activity.audience))))
    rows = await session.execute(select(Invitation.person_id, Invitation.released_at).where(Invitation.activity_id == activity.id))
    known = {row.person_id: row.released_at for row in rows}
    coming, back = members - known.keys(), {id for id in members & known.keys() if known[id] is not None}
    going = {id for id, released_at in known.items() if released_at is None} - members
    if not (coming or back or going):
        return Followed()
    joined = [await _called(session, activity, person_id) for person_id in sorted(coming)]
    for invitation in await _those(session, activity, back):
        _call_again(invitation)
        joined.append(invitation)
    released = await _those(session, activity, going)
    told = [invitation for invitation in released if invitation.delivery in HEARD_OF_IT]
    given_back = [request for invitation in released if (request := release(session, invitation, now=now)) is not None]
    for invitation in joined:
        record(
            session, None, "invitation.called", f"invitation:{invitation.id}", now=now, activity=activity.id, person=invitation.person_id
        )
    await session.flush()
    return Followed(joined, released, told, given_back)


async def _called(session: AsyncSession, activity: Activity, person_id: int) -> Invitation:
    person = await session.get_one(Person, person_id)
    invitation = Invitation(activity=activity, person=person, reply=Reply.NONE, delivery=Delivery.NONE, leave_requests=[])
    session.add(invitation)
    await session.flush()
    return invitation


async def _those(session: AsyncSession, activity: Activity, person_ids: set[int]) -> list[Invitation]:
    if not person_ids:
        return []
    theirs = select(Invitation).where(Invitation.activity_id == activity.id, Invitation.person_id.in_(person_ids))
    return list((await session.scalars(theirs.order_by(Invitation.person_id))).all())


def _call_again(invitation: Invitation) -> None:
    """Somebody who is back hears of it as for the first time, and answers anew."""
    invitation.released_at, invitation.delivery = None, Delivery.NONE
    invitation.reply, invitation.replied_at = Reply.NONE, None
    for request in invitation.leave_requests:
        if request.current:
            request.withdraw()


def release(session: AsyncSession, invitation: Invitation, *, now: datetime) -> LeaveRequest | None:
    """They need not come: counted no longer, the answer kept. Gives the leave that needs no decision any more."""
    invitation.released_at, invitation.owed_notice_id = now, None
    details = {"activity": invitation.activity_id, "person": invitation.person_id, "reply": invitation.reply.value}
    record(session, None, "invitation.released", f"invitation:{invitation.id}", now=now, **details)
    leave = invitation.leave
    if leave is None or leave.decision is not Decision.NONE:
        return None
    leave.withdraw()
    return leave
