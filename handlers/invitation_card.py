"""An invitation as the person called sees it, with the buttons that answer it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from handlers.context import HomeContext
from handlers.keyboards import Button, Keyboard, Press
from handlers.post import Post
from handlers.texts import t
from models.activities import OPEN
from models.invitations import Invitation, Standing
from models.waiting_list import place_in_queue


@dataclass(frozen=True)
class AttendPress(Press):
    """``sequence`` says which state of the activity was read: a yes to an old time is not a yes to the new one."""

    prefix: ClassVar[str] = "at"
    activity_id: int
    sequence: int


@dataclass(frozen=True)
class InvitationPress(Press):
    """Shows an invitation as it stands."""

    prefix: ClassVar[str] = "iv"
    activity_id: int


@dataclass(frozen=True)
class TakeBackPress(Press):
    """A yes taken back where places are few, or a place in the waiting list given up."""

    prefix: ClassVar[str] = "atb"
    activity_id: int


class LeaveStep(enum.StrEnum):
    """Begin; a category; nothing to add to it; back."""

    BEGIN = "begin"
    SUPERIOR_MEETING = "superior_meeting"
    OFFICIAL_TRAVEL = "official_travel"
    ILLNESS = "illness"
    DISASTER_RELIEF = "disaster_relief"
    OTHER = "other"
    NO_REASON = "no_reason"
    BACK = "back"


@dataclass(frozen=True)
class LeavePress(Press):
    prefix: ClassVar[str] = "lv"
    activity_id: int
    step: LeaveStep


def answer_buttons(invitation: Invitation, *, now: datetime) -> Keyboard:
    """What can be answered now: nothing once the activity has begun or is off."""
    activity = invitation.activity
    if activity.state not in OPEN or now >= activity.starts_at:
        return []
    attend = AttendPress(activity.id, activity.sequence)
    leave = LeavePress(activity.id, LeaveStep.BEGIN)
    standing = invitation.standing
    if standing is Standing.SILENT:
        return [[Button(t("activity.attend"), attend), Button(t("activity.ask_leave"), leave)]]
    take_back = TakeBackPress(activity.id)
    if standing is Standing.WAITING:
        return [[Button(t("audience.do.stop_waiting"), take_back)]]
    if standing is Standing.ATTENDING and activity.capacity is not None:
        return [[Button(t("audience.do.take_back"), take_back), Button(t("activity.leave_instead"), leave)]]
    if standing is Standing.ATTENDING:
        return [[Button(t("activity.leave_instead"), leave)]]
    if standing is Standing.LEAVE_REFUSED:
        return [[Button(t("activity.attend"), attend), Button(t("activity.ask_leave_again"), leave)]]
    return [[Button(t("activity.attend_instead"), attend)]]


def invitation_values(
    post: Post, invitation: Invitation, *, heading: str = "invitation", place_in_queue: int = 0, **details: Any
) -> dict[str, Any]:
    """What the template ``activity/invitation`` needs; ``details`` say what a changed activity was before."""
    activity = invitation.activity
    cutoff = activity.starts_at - post.policy.leave_cutoff
    leave_by = cutoff if cutoff > post.now else None
    return {
        "heading": heading,
        "activity": activity,
        "invitation": invitation,
        "details": details,
        "place_in_queue": place_in_queue,
        "now": post.now,
        "leave_by": leave_by,
    }


async def show_invitation(context: HomeContext, invitation: Invitation) -> None:
    """The invitation as it stands, where the button was pressed."""
    keyboard = answer_buttons(invitation, now=context.now)
    place = await place_in_queue(context.session, invitation)
    await context.show("activity/invitation", keyboard=keyboard, **invitation_values(context.post, invitation, place_in_queue=place))
