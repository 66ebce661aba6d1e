"""Where places are few: a yes beyond the capacity waits, in the order of the answers, and moves up as places become free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import HELD, OPEN, Activity
from models.audit import record
from models.following import release
from models.invitations import Invitation, Reply
from models.people import Person
from models.rules import RuleBroken

MOST_PLACES = 2000
LOOKED_BACK = timedelta(days=31)
"""For so long after the start a Home that was away still closes a waiting list."""


class NoSuchCapacity(RuleBroken):
    """A number of places is at least one."""

    key = "audience.no_such_capacity"


def require_capacity(places: int | None) -> None:
    """Raise NoSuchCapacity for what is no number of places; None is as many as want to come."""
    if places is not None and not 1 <= places <= MOST_PLACES:
        raise NoSuchCapacity(most=MOST_PLACES)


async def hold_to_answer(session: AsyncSession, activity_id: int) -> int | None:
    """Hold an activity's row, so that nobody moves it before the answer is written; tells its number of places.

    Many hold it at the same time, but where places are few one after the other: two people never get the last one.
    """
    places = select(Activity.capacity).where(Activity.id == activity_id)
    many = await session.scalar(places) is None
    held: int | None = await session.scalar(places.with_for_update(read=many))
    return await session.scalar(places.with_for_update()) if many and held is not None else held


async def say_yes(session: AsyncSession, invitation: Invitation, places: int | None, *, now: datetime) -> None:
    """A yes: a place while there is one of so many as ``hold_to_answer`` told, else the end of the waiting list.

    Raises ActivityStarted, ActivityOff.
    """
    if places is not None:
        await session.refresh(invitation, ["reply"])
    if invitation.reply in (Reply.ATTENDING, Reply.WAITING):
        return
    activity = invitation.activity
    room = places is None or (await places_taken(session, activity) < places and not await _anybody_waits(session, activity))
    invitation.answer(Reply.ATTENDING if room else Reply.WAITING, now=now)
    record(session, invitation.person, f"invitation.{invitation.reply}", f"invitation:{invitation.id}", now=now)
    await session.flush()


def take_back(session: AsyncSession, invitation: Invitation, *, now: datetime) -> None:
    """Where places are few a yes may be taken back without asking leave. Raises ActivityStarted, ActivityOff."""
    invitation.answer(Reply.NONE, now=now)
    record(session, invitation.person, "invitation.taken_back", f"invitation:{invitation.id}", now=now)


async def set_capacity(session: AsyncSession, activity: Activity, actor: Person, places: int | None, *, now: datetime) -> None:
    """Another number of places. Nobody loses a place they have. Raises NoSuchCapacity."""
    activity.require_changeable(now=now)
    require_capacity(places)
    record(session, actor, "activity.capacity", f"activity:{activity.id}", now=now, before=activity.capacity, after=places)
    activity.capacity = places


async def places_taken(session: AsyncSession, activity: Activity) -> int:
    with_place = and_(_of(activity), Invitation.reply == Reply.ATTENDING)
    return await session.scalar(select(func.count()).select_from(Invitation).where(with_place)) or 0


async def place_in_queue(session: AsyncSession, invitation: Invitation) -> int:
    """1 for whoever moves up next; 0 for whoever does not wait."""
    if invitation.reply is not Reply.WAITING or invitation.replied_at is None:
        return 0
    earlier = or_(
        Invitation.replied_at < invitation.replied_at,
        and_(Invitation.replied_at == invitation.replied_at, Invitation.id < invitation.id),
    )
    before = and_(Invitation.activity_id == invitation.activity_id, Invitation.released_at.is_(None), Invitation.reply == Reply.WAITING)
    return 1 + (await session.scalar(select(func.count()).select_from(Invitation).where(before, earlier)) or 0)


async def move_up(session: AsyncSession, *, now: datetime) -> list[Invitation]:
    """Give every free place to whoever waited longest for it; gives those who moved up."""
    coming = select(Activity).where(Activity.state.in_(OPEN), Activity.starts_at > now, _with(Invitation.reply == Reply.WAITING))
    moved: list[Invitation] = []
    for activity in await session.scalars(coming.order_by(Activity.id).with_for_update(of=Activity)):
        queue = select(Invitation).where(_of(activity), Invitation.reply == Reply.WAITING).order_by(Invitation.replied_at, Invitation.id)
        if activity.capacity is not None:
            queue = queue.limit(max(activity.capacity - await places_taken(session, activity), 0))
        for invitation in await session.scalars(queue):
            invitation.reply = Reply.ATTENDING
            record(session, None, "invitation.moved_up", f"invitation:{invitation.id}", now=now)
            moved.append(invitation)
    await session.flush()
    return moved


async def close_waiting_lists(session: AsyncSession, *, now: datetime) -> Sequence[Invitation]:
    """Once an activity has begun: whoever still waits need not come, nor whoever is silent where all places are taken.

    Gives those who waited.
    """
    unplaced = Invitation.reply.in_((Reply.WAITING, Reply.NONE))
    begun = select(Activity).where(Activity.starts_at <= now, Activity.starts_at > now - LOOKED_BACK, Activity.capacity.is_not(None))
    begun = begun.where(Activity.state.in_(HELD), _with(unplaced))
    waited: list[Invitation] = []
    for activity in await session.scalars(begun.order_by(Activity.id)):
        if activity.capacity is not None and await places_taken(session, activity) < activity.capacity:
            continue
        left = select(Invitation).where(_of(activity), unplaced).order_by(Invitation.id)
        for invitation in await session.scalars(left):
            release(session, invitation, now=now)
            if invitation.reply is Reply.WAITING:
                waited.append(invitation)
    await session.flush()
    return waited


def _of(activity: Activity) -> ColumnElement[bool]:
    return and_(Invitation.activity_id == activity.id, Invitation.released_at.is_(None))


def _with(wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    """Activities with at least one such invitation; asked activity by activity, which needs no index of its own."""
    return select(Invitation.id).where(Invitation.activity_id == Activity.id, Invitation.released_at.is_(None), wanted).exists()


async def _anybody_waits(session: AsyncSession, activity: Activity) -> bool:
    """Nobody goes past the waiting list, though a place may have become free this moment."""
    waiting = select(Invitation.id).where(_of(activity), Invitation.reply == Reply.WAITING).limit(1)
    return await session.scalar(waiting) is not None
