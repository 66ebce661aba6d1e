"""What was shared of an issue is taken away again where it should not stay; Telegram lets go of messages of the last two days only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from handlers.issue_places import circle_subject, shared_subject
from handlers.post import Place, Post
from models.circles import Circle
from models.issues import Issue
from models.outbox import brought_about, void_unsent

SHARED_BY = ("copyMessages", "sendDocument", "sendMessage")
"""How the text in parts and the attachments are brought; what else is said under these subjects is a card, which changes itself."""
DELETED_AT_ONCE = 100


async def take_back(post: Post, issue: Issue) -> None:
    """The issue is withdrawn: its attachments leave the circles, and the text and the attachments everybody's chat but the deputy's own."""
    circles = (await post.session.scalars(select(Circle).order_by(Circle.id))).all()
    await _take_away(post, issue, [shared_subject(issue), *(circle_subject(issue, circle) for circle in circles)])


async def take_out_of_circle(post: Post, issue: Issue, circle: Circle) -> None:
    """The circle is not consulted any more: the attachments leave it."""
    await _take_away(post, issue, [circle_subject(issue, circle)])


async def _take_away(post: Post, issue: Issue, subjects: Sequence[str]) -> None:
    for subject in subjects:
        await void_unsent(post.session, subject, now=post.now)
    for chat_id, message_ids in (await brought_about(post.session, subjects, SHARED_BY)).items():
        for start in range(0, len(message_ids), DELETED_AT_ONCE):
            if chat_id != issue.deputy.telegram_id:
                await post.queue(Place(chat_id, ""), "deleteMessages", {"message_ids": message_ids[start : start + DELETED_AT_ONCE]})
