"""What goes wrong in a month: topics are deleted, and people block the bot."""

from __future__ import annotations

from sqlalchemy import select

from models.issue_topics import IssueTopic, TopicState
from models.issues import LIVE, Issue
from tests.journeys.month.cast import CIRCLE_TOPICS, Manner, Month


async def delete_topics(month: Month) -> None:
    """Somebody tidies up: a circle's topic goes, and those of two issues that are still talked about."""
    group, thread = month.places[CIRCLE_TOPICS[0]]
    async with month.home.session() as session:
        open_topics = select(IssueTopic.chat_id, IssueTopic.thread_id).join(Issue, Issue.id == IssueTopic.issue_id)
        open_topics = open_topics.where(IssueTopic.state == TopicState.OPEN, Issue.state.in_(LIVE)).order_by(IssueTopic.id.desc()).limit(2)
        gone = [(group, thread), *(tuple(row) for row in await session.execute(open_topics))]
    for chat, topic in gone:
        await month.home.request("DELETE", f"/sandbox/groups/{chat}/topics/{topic}")


async def block(month: Month, *, blocked: bool = True) -> None:
    """Some block the bot, and one day unblock it."""
    for each in month.specialists.values():
        if each.manner is Manner.BLOCKING:
            each.blocks = blocked
            await each.phone.blocks(blocked)
            if not blocked:
                await each.phone.starts()
    await month.home.settle()
