"""A circle's topic that somebody deleted: made again once, and what is open is shown there anew."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from handlers.announcement_circles import show_anew
from handlers.circle_welcome import show_welcome
from handlers.issue_topic_news import share_anew
from handlers.lost_news import tell_loss, tell_mended
from handlers.post import Post
from models.announcements import pinned_in
from models.audit import record
from models.circles import Circle, Loss
from models.issue_topics import topic_of
from models.issues import LIVE, Issue, issue_by_id
from models.lost_places import locked, loss_of, regain
from models.outbox import Card, OutboxMessage, OutboxState


async def ask_for_topic_again(post: Post, circle: Circle) -> None:
    """Ask for a topic in place of the one that was deleted, unless one is being asked for."""
    subject = f"topicagain:{circle.id}"
    on_the_way = OutboxMessage.state.in_((OutboxState.QUEUED, OutboxState.SENDING))
    if await post.session.scalar(select(OutboxMessage.id).where(OutboxMessage.subject == subject, on_the_way).limit(1)) is None:
        await post.call("createForumTopic", {"name": circle.name}, chat_id=circle.chat_id, subject=subject)


async def topic_made_again(post: Post, message: OutboxMessage, result: Any) -> None:
    """The topic is there again: what is open is shown there, what waited goes out. Or it cannot be made: the office is told what to do."""
    circle = await locked(post.session, int((message.subject or "").split(":")[1]))
    lost = await loss_of(post.session, circle) if circle is not None else None
    if circle is None or lost is None or lost.loss is not Loss.TOPIC_DELETED or circle.chat_id != message.chat_id:
        return
    if message.state is not OutboxState.SENT or not isinstance(result, dict):
        if not lost.needs_right:
            lost.needs_right = True
            await tell_loss(post, [circle], Loss.TOPIC_DELETED, needs_right=True)
        return
    await _move_in(post, circle, result["message_thread_id"])


async def _move_in(post: Post, circle: Circle, thread_id: int) -> None:
    old, circle.thread_id = circle.thread_id, thread_id
    record(post.session, None, "circle.bound", f"circle:{circle.id}", now=post.now, chat=circle.chat_id, thread=thread_id)
    waiting = select(OutboxMessage).where(OutboxMessage.circle_id == circle.id, OutboxMessage.state == OutboxState.WAITING)
    for message in await post.session.scalars(waiting):
        if message.params.get("message_thread_id") == old:
            message.params = message.params | {"message_thread_id": thread_id}
    live = (await post.session.scalars(select(Issue.id).where(Issue.state.in_(LIVE)).order_by(Issue.id))).all()
    elsewhere = [f"issue:{id}:{circle.id}" for id in live if await _has_own_topic(post, id, circle)]
    gone = (Card.chat_id == circle.chat_id, Card.key.like(f"issue:%:{circle.id}"), Card.key.not_in(elsewhere))
    await post.session.execute(update(Card).where(*gone).values(message_id=None).execution_options(synchronize_session="fetch"))
    await regain(post.session, circle, now=post.now)
    await show_welcome(post, circle, afresh=True)
    for there, announcement in await pinned_in(post.session, circle, since=post.now - post.policy.announcement_waits):
        await show_anew(post, announcement, there)
    for id in live:
        if f"issue:{id}:{circle.id}" not in elsewhere:
            await share_anew(post, await issue_by_id(post.session, id), circle)
    await tell_mended(post, circle, Loss.TOPIC_DELETED)


async def _has_own_topic(post: Post, issue_id: int, circle: Circle) -> bool:
    topic = await topic_of(post.session, await issue_by_id(post.session, issue_id, lock=False), circle)
    return topic is not None and topic.stands
