"""When a place in a group is gone: an issue's card comes back where there is still room, and a circle gets its topic again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from handlers.issue_circle_card import show_circle_card
from handlers.issue_places import circles_of_issue
from handlers.issue_sharing import share_in
from handlers.journey import Journey
from handlers.post import Post
from handlers.texts import t
from models.audit import record
from models.circles import Circle
from models.issue_topics import IssueTopic, TopicState, topic_of
from models.issues import LIVE, Issue, issue_by_id
from models.outbox import OutboxMessage, OutboxState
from models.people import Role, people_with

THREAD_GONE = ("thread not found", "topic_id_invalid", "topic_deleted", "topic_closed")
"""What Telegram says of a topic that was deleted, or closed to the bot."""


async def spoken_in_circle(post: Post, message: OutboxMessage, result: Any) -> None:
    """Something about an issue was said in a circle, or could not be since the topic is gone."""
    if message.state is not OutboxState.FAILED or not _thread_gone(message):
        return
    _, issue_id, circle_id = (message.subject or "").split(":")
    issue = await issue_by_id(post.session, int(issue_id))
    # Locked, since every issue of a deleted topic brings the news.
    circle = await post.session.get(Circle, int(circle_id), with_for_update=True, populate_existing=True)
    thread = message.params.get("message_thread_id")
    if circle is None or thread is None:
        return
    topic = await topic_of(post.session, issue, circle)
    if topic is not None and topic.thread_id == thread:
        await _topic_lost(post, topic)
    elif circle.thread_id == thread and circle.chat_id == message.chat_id:
        await _make_again(post, circle)
    # else it has been noticed before, and the card has a new place already


async def topic_heard(post: Post, message: OutboxMessage, result: Any) -> None:
    """An issue's own topic was made, or could not be; or it is gone, as closing or renaming it shows."""
    _, id, doing = (message.subject or "").split(":")
    topic = await post.session.get(IssueTopic, int(id))
    if topic is None or message.chat_id != topic.chat_id:
        return
    if doing == "made" and topic.state is TopicState.ASKED:
        await issue_by_id(post.session, topic.issue_id)
        if message.state is OutboxState.SENT and isinstance(result, dict):
            topic.thread_id, topic.state = result["message_thread_id"], TopicState.OPEN
        else:
            topic.state = TopicState.GONE
        await post.session.flush()
        await _share_anew(post, topic.issue, topic.circle)
    elif doing == "kept" and message.state is OutboxState.FAILED and _thread_gone(message):
        await issue_by_id(post.session, topic.issue_id)
        await _topic_lost(post, topic)


async def _topic_lost(post: Post, topic: IssueTopic) -> None:
    """The issue's card goes back to the circle's own place."""
    if topic.state is TopicState.GONE:
        return
    topic.state = TopicState.GONE
    record(post.session, None, "issue.topic_gone", f"issue:{topic.issue_id}", now=post.now, circle=topic.circle_id)
    await post.session.flush()
    if topic.issue.live:
        await _share_anew(post, topic.issue, topic.circle)


async def _make_again(post: Post, circle: Circle) -> None:
    """Somebody deleted a circle's topic: it is made again, and the office hears of it. Meanwhile offers go on in private."""
    circle.thread_id, circle.awaits_topic = None, True
    record(post.session, None, "circle.topic_gone", f"circle:{circle.id}", now=post.now, chat=circle.chat_id)
    await post.call("createForumTopic", {"name": circle.name}, chat_id=circle.chat_id, subject=f"topicagain:{circle.id}")
    for person in await people_with(post.session, Role.OFFICE):
        await post.tell(person, "plain", text=t("advice.topic_gone", name=circle.name))


async def topic_made_again(post: Post, message: OutboxMessage, result: Any) -> None:
    """The circle's topic is there again: its live issues are shown there. Or it cannot be made: the circle has no place any more."""
    circle = await post.session.get(Circle, int((message.subject or "").split(":")[1]))
    if circle is None or not circle.awaits_topic or circle.chat_id != message.chat_id:
        return
    circle.awaits_topic = False
    if message.state is not OutboxState.SENT or not isinstance(result, dict):
        circle.chat = None
        for person in await people_with(post.session, Role.OFFICE):
            await post.tell(person, "plain", text=t("circles.topic_failed", name=circle.name))
        return
    circle.thread_id = result["message_thread_id"]
    record(post.session, None, "circle.bound", f"circle:{circle.id}", now=post.now, chat=circle.chat_id, thread=circle.thread_id)
    await post.session.flush()
    for issue in (await post.session.scalars(select(Issue).where(Issue.state.in_(LIVE)).order_by(Issue.id))).all():
        topic = await topic_of(post.session, issue, circle)
        if topic is None or not topic.stands:
            await _share_anew(post, issue, circle)


async def _share_anew(post: Post, issue: Issue, circle: Circle) -> None:
    if circle.id not in {each.id for each in await circles_of_issue(post, issue)}:
        return
    await share_in(post, issue, circle, afresh=True)
    await show_circle_card(post, issue)


def _thread_gone(message: OutboxMessage) -> bool:
    said = (message.error or "").lower()
    return any(sign in said for sign in THREAD_GONE)


JOURNEY = Journey(outcomes={"circled": spoken_in_circle, "issuetopic": topic_heard, "topicagain": topic_made_again})
