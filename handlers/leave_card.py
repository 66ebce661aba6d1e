"""A leave request as the main leaders see it: one card each, which changes for all of them once one has decided."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Button, Keyboard, Press
from handlers.post import Post
from handlers.texts import t
from models.leave import Decision, LeaveRequest, asked_before
from models.people import Person, Role, people_with


class Verdict(enum.StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"


@dataclass(frozen=True)
class VerdictPress(Press):
    prefix: ClassVar[str] = "ld"
    request_id: int
    verdict: Verdict


async def refresh_leave_cards(post: Post, request: LeaveRequest) -> None:
    """Show every main leader the request as it stands."""
    for leader in await people_with(post.session, Role.LEADER):
        await show_leave_card(post, request, leader)


async def show_leave_card(post: Post, request: LeaveRequest, leader: Person, *, afresh: bool = False) -> None:
    """Show one leader the request. A proof follows it when it is shown for the first time, or afresh."""
    first = request.decision is Decision.NONE and request.asked_at == post.now
    await post.card(
        f"leave:{request.id}",
        leader,
        "activity/leave_request",
        keyboard=_buttons(request),
        afresh=afresh,
        request=request,
        invitation=request.invitation,
        activity=request.invitation.activity,
        before=await asked_before(post.session, request, timezone=post.policy.timezone),
    )
    if request.proof_message_id is not None and request.proof_chat_id is not None and (first or afresh):
        await post.copy(leader, request.proof_chat_id, [request.proof_message_id])


def _buttons(request: LeaveRequest) -> Keyboard:
    if request.decision is not Decision.NONE or not request.current:
        return []
    verdicts = [(t("leave.approve"), Verdict.APPROVE), (t("leave.refuse"), Verdict.REFUSE)]
    return [[Button(label, VerdictPress(request.id, verdict)) for label, verdict in verdicts]]
