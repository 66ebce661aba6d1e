"""Where an issue is shown in its circles: the circle's own place, or a topic of the issue's own in a forum group."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from handlers.circle_place import place_of_circle
from handlers.long_texts import shortened
from handlers.post import Place, Post
from handlers.texts import t
from models.circles import Circle, circles_of_specialty
from models.consultations import consulted
from models.issue_topics import NAME_LIMIT, IssueTopic, TopicState, ask_for_topic, has_topics, topic_of
from models.issues import Issue
from models.outbox import Card

BEGINNING = 30


def circle_key(issue: Issue, circle: Circle) -> str:
    """The card's key: topics of several circles may share one chat."""
    return f"issue:{issue.id}:{circle.id}"


def circle_subject(issue: Issue, circle: Circle) -> str:
    """What is said in a circle about an issue; whoever cares hears when the place is gone."""
    return f"circled:{issue.id}:{circle.id}"


def shared_subject(issue: Issue) -> str:
    """The text in parts and the attachments, as those get them in private whom they are shared with."""
    return f"issue:{issue.id}:shared"


async def circles_of_issue(post: Post, issue: Issue) -> list[Circle]:
    """The living circles of all specialties consulted, that of the issue's own first."""
    found: dict[int, Circle] = {}
    for specialty in await consulted(post.session, issue):
        for circle in await circles_of_specialty(post.session, specialty):
            found.setdefault(circle.id, circle)
    return list(found.values())


async def place_in(post: Post, issue: Issue, circle: Circle) -> Place | None:
    """The place of an issue in a circle; None while its own topic is being made."""
    topic = await topic_of(post.session, issue, circle)
    if topic is None and issue.live and await has_topics(post.session, circle) and not await _stands(post, issue, circle):
        topic = await ask_for_topic(post.session, issue, circle, topic_name(post, issue), now=post.now)
        await post.call("createForumTopic", {"name": topic.name}, chat_id=topic.chat_id, subject=f"issuetopic:{topic.id}:made")
    if topic is None or topic.state is TopicState.GONE or topic.chat_id != circle.chat_id:
        return place_of_circle(circle, post.policy.languages[0])
    return Place(topic.chat_id, post.policy.languages[0], topic.thread_id, circle.id) if topic.stands else None


async def _stands(post: Post, issue: Issue, circle: Circle) -> bool:
    card = select(Card.id).where(Card.key == circle_key(issue, circle), Card.chat_id == circle.chat_id)
    return await post.session.scalar(card) is not None


def topic_name(post: Post, issue: Issue) -> str:
    """Number, state and how it begins; of one that was withdrawn no word."""
    language = post.policy.languages[0]
    state = post.texts.say(t(f"issue.state.{issue.state}"), language)
    begins = shortened(" ".join(issue.shared_text.split()), BEGINNING) if issue.state.value != "withdrawn" else ""
    return f"{issue.number} {state} {begins}".strip()[:NAME_LIMIT]


async def keep_topics(post: Post, issue: Issue, topics: Sequence[IssueTopic], *, consulted_in: Sequence[Circle]) -> None:
    """Names follow the state; the topic of an issue that is over, or that left the circle, is closed."""
    circles = {circle.id for circle in consulted_in}
    for topic in topics:
        if not topic.stands:
            continue
        name, subject = topic_name(post, issue), f"issuetopic:{topic.id}:kept"
        if topic.name != name:
            topic.name = name
            await _call(post, topic, "editForumTopic", subject, name=name)
        wanted = TopicState.OPEN if issue.live and topic.circle_id in circles else TopicState.CLOSED
        if topic.state is not wanted:
            topic.state = wanted
            await _call(post, topic, "closeForumTopic" if wanted is TopicState.CLOSED else "reopenForumTopic", subject)


async def _call(post: Post, topic: IssueTopic, method: str, subject: str, **params: str) -> None:
    await post.call(method, {"message_thread_id": topic.thread_id, **params}, chat_id=topic.chat_id, subject=subject)
