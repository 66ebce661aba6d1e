"""Notices to those called: they go out when due, and are answered with one tap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from telegram import Update

from handlers.activity_card import may_change
from handlers.calendar_file import calendar_file, calendar_name
from handlers.context import HomeContext
from handlers.following import follow
from handlers.invitation_card import AttendPress, InvitationPress, TakeBackPress, answer_buttons, invitation_values, show_invitation
from handlers.journey import Due, Journey
from handlers.leave_decisions import tell_taken_back
from handlers.post import Post
from handlers.texts import t
from models import notice_log
from models.changes import ASKED_AGAIN
from models.forms import close_form, form_of
from models.invitations import Delivery, Invitation, Reply, invitation_for
from models.notices import (
    OFF,
    Notice,
    NoticeKind,
    due_notices,
    latest_call,
    missed_notices,
    next_notice_at,
    owed_notice,
    send_notice,
    take_owed,
)
from models.outbox import Lane, OutboxMessage
from models.waiting_list import hold_to_answer, place_in_queue, say_yes, take_back

READ: Mapping[str, Callable[[Any], Any]] = {
    "starts_at": datetime.fromisoformat,
    "length": lambda seconds: timedelta(seconds=seconds),
    ASKED_AGAIN: bool,
}
"""What a change was before, as its details keep it; everything else is text."""
WRITTEN_AT_ONCE = 5
"""So many get a notice in one transaction, before others have their turn."""


async def open_invitation(update: Update, context: HomeContext) -> None:
    """One's own invitation; below the organiser's card, which stays what it is."""
    press = InvitationPress.unpack(context.pressed)
    invitation = await invitation_for(context.session, press.activity_id, context.person)
    if may_change(context.person, invitation.activity):
        keyboard = answer_buttons(invitation, now=context.now)
        place = await place_in_queue(context.session, invitation)
        await context.reply("activity/invitation", keyboard=keyboard, **invitation_values(context.post, invitation, place_in_queue=place))
    else:
        await show_invitation(context, invitation)


async def attend(update: Update, context: HomeContext) -> None:
    """One tap: attending. A leave that waited for its decision is taken back."""
    press = AttendPress.unpack(context.pressed)
    places = await hold_to_answer(context.session, press.activity_id)
    invitation = await invitation_for(context.session, press.activity_id, context.person)
    invitation.activity.require_open(now=context.now)
    if press.sequence != invitation.activity.sequence:
        await context.toast(t("activity.changed_look_again"), alert=True)
        await show_invitation(context, invitation)
        return
    form = await form_of(context.session, context.person.id, "leave")
    if form is not None and form.data["activity"] == press.activity_id:
        await close_form(context.session, context.person.id)
    leave = invitation.leave
    await say_yes(context.session, invitation, places, now=context.now)
    if leave is not None:
        await tell_taken_back(context.post, leave)
    waits = invitation.reply is Reply.WAITING
    await context.toast(t("audience.noted_waiting" if waits else "activity.noted_attending"), alert=waits)
    await show_invitation(context, invitation)


async def give_back(update: Update, context: HomeContext) -> None:
    """A yes taken back, or no longer waiting: where places are few somebody else moves up."""
    press = TakeBackPress.unpack(context.pressed)
    invitation = await invitation_for(context.session, press.activity_id, context.person)
    invitation.activity.require_open(now=context.now)
    few = invitation.activity.capacity is not None
    if invitation.reply is Reply.WAITING or (few and invitation.reply is Reply.ATTENDING):
        take_back(context.session, invitation, now=context.now)
        await context.toast(t("audience.noted_taken_back"))
    await show_invitation(context, invitation)


async def send_due_notices(post: Post) -> bool:
    """Send the notices whose time has come, to everybody called; and the newest to those who could not be reached before.

    Thousands would keep everybody else waiting, so a notice is written piece by piece: True while there is more to write.
    """
    quiet = post.policy.quiet_hours
    due = await due_notices(post.session, now=post.now, quiet=quiet)
    for notice in due:
        if notice.kind not in OFF:
            await follow(post, notice.activity)
        await send_notice(post.session, notice, now=post.now, quiet=quiet)
        content = calendar_file(notice.activity, home_name=post.policy.home_name, now=post.now)
        notice.attachment = await post.attach(calendar_name(notice.activity), content)
    if due:
        return True
    if (owed := await owed_notice(post.session)) is not None:
        for invitation in await take_owed(post.session, owed, limit=WRITTEN_AT_ONCE):
            await _tell(post, owed, invitation)
        return True
    for invitation in await missed_notices(post.session, now=post.now):
        if (newest := latest_call(invitation.activity)) is not None:
            await _tell(post, newest, invitation)
    return False


async def _tell(post: Post, notice: Notice, invitation: Invitation) -> None:
    heading, details = notice.kind.value, {name: READ.get(name, str)(before) for name, before in notice.details.items()}
    if notice.kind is NoticeKind.CHANGE and invitation.delivery is Delivery.NONE:
        heading, details = "invitation", {}  # of what it was before they never heard
    place = await place_in_queue(post.session, invitation)
    message_id = await post.tell(
        invitation.person,
        "activity/invitation",
        keyboard=answer_buttons(invitation, now=post.now),
        lane=Lane.NOTICE,
        subject=notice.subject,
        attachment=notice.attachment,
        **invitation_values(post, invitation, heading=heading, place_in_queue=place, **details),
    )
    notice_log.note_sent(post.session, notice, invitation, message_id, now=post.now)


async def note_outcome(post: Post, message: OutboxMessage, result: Any) -> None:
    """What became of one notice to one person."""
    await notice_log.note_outcome(post.session, message, now=post.now)


JOURNEY = Journey(
    presses={AttendPress: attend, TakeBackPress: give_back, InvitationPress: open_invitation},
    side_by_side=frozenset({AttendPress, TakeBackPress, InvitationPress}),
    due=(Due(send_due_notices, next_notice_at),),
    outcomes={"notice": note_outcome},
)
