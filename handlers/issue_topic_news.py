"""An issue's own topic: made, or not; gone, and then its card comes back into the circle's own place."""

from __future__ import annotations

from typing import Any

from handlers.issue_circle_card import show_circle_card
from handlers.issue_places import circle_subject, circles_of_issue
from handlers.issue_sharing import share_in
from handlers.post import Post
from models.audit import record
from models.circles import Circle
from models.issue_topics import IssueTopic, TopicState
from models.issues import Issue, issue_by_id
from models.outbox import OutboxMessage, OutboxState, void_unsent

TOPIC_GONE = ("thread not found", "topic_id_invalid", "topic_deleted", "topic_closed")
"""What Telegram says of a topic that was deleted, or closed to the bot."""


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
        await share_anew(post, topic.issue, topic.circle)
    elif doing == "kept" and message.state is OutboxState.FAILED and any(sign in (message.error or "").lower() for sign in TOPIC_GONE):
        await issue_topic_lost(post, topic)


async def issue_topic_lost(post: Post, topic: IssueTopic) -> None:
    """The issue's card goes back to the circle's own place. Every message into a lost topic brings the news; the first one counts."""
    issue = await issue_by_id(post.session, topic.issue_id)
    await post.session.refresh(topic, with_for_update=True)
    if topic.state is not TopicState.GONE:
        topic.state = TopicState.GONE
        record(post.session, None, "issue.topic_gone", f"issue:{topic.issue_id}", now=post.now, circle=topic.circle_id)
        await post.session.flush()
        if issue.live:
            await share_anew(post, issue, topic.circle)


async def share_anew(post: Post, issue: Issue, circle: Circle) -> None:
    """Show an issue in a circle from the beginning; what waits to be said of it there is part of that."""
    if circle.id not in {each.id for each in await circles_of_issue(post, issue)}:
        return
    await void_unsent(post.session, circle_subject(issue, circle), now=post.now)
    await share_in(post, issue, circle, afresh=True)
    await show_circle_card(post, issue)
