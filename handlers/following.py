"""Activities follow the roster, and places that become free go to whoever waits; those concerned are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.calendar_file import calendar_file, calendar_name
from handlers.invitation_card import answer_buttons, invitation_values
from handlers.journey import Due, Journey
from handlers.leave_card import refresh_leave_cards
from handlers.post import Post
from models.activities import Activity
from models.following import follow_audience, to_follow
from models.outbox import Lane, void_unsent_to
from models.waiting_list import close_waiting_lists, move_up


async def follow(post: Post, activity: Activity) -> None:
    """Call who joined and release who left. Who joined hears the newest call by itself; who left hears that they need not come."""
    followed = await follow_audience(post.session, activity, now=post.now)
    for request in followed.given_back:
        await refresh_leave_cards(post, request)
    if not followed.told:
        return
    content = calendar_file(activity, home_name=post.policy.home_name, now=post.now, called_off=True)
    file = await post.attach(calendar_name(activity), content)
    subjects = [notice.subject for notice in activity.notices if notice.sent_at is not None]
    for invitation in followed.told:
        if invitation.person.telegram_id is not None:
            await void_unsent_to(post.session, invitation.person.telegram_id, subjects, now=post.now)
        if invitation.person.unreachable_since is None:
            await post.tell(invitation.person, "audience/released", lane=Lane.NOTICE, attachment=file, activity=activity)


async def follow_all(post: Post) -> None:
    for activity in await to_follow(post.session, now=post.now):
        await follow(post, activity)


async def move_up_waiting(post: Post) -> None:
    """Whoever moves up is told at once, with buttons to answer."""
    for invitation in await move_up(post.session, now=post.now):
        keyboard = answer_buttons(invitation, now=post.now)
        await post.tell(invitation.person, "audience/moved_up", keyboard=keyboard, **invitation_values(post, invitation))


async def end_waiting(post: Post) -> None:
    """Whoever waited to the last is told that no place became free."""
    for invitation in await close_waiting_lists(post.session, now=post.now):
        if invitation.person.active:
            await post.tell(invitation.person, "audience/no_place", activity=invitation.activity)


async def asked_every_tick(session: AsyncSession) -> datetime | None:
    """People and places change by what people do, not by the passing of time."""
    return None


JOURNEY = Journey(
    due=(Due(follow_all, asked_every_tick), Due(move_up_waiting, asked_every_tick), Due(end_waiting, asked_every_tick)),
)
