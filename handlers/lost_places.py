"""When a circle cannot be spoken to: who finds out first acts, the office hears of it once, and what is said waits until it is mended."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from telegram import ChatMemberRestricted, ChatMemberUpdated, Update
from telegram.ext import MessageHandler, filters

from handlers.circle_topics import ask_for_topic_again, topic_made_again
from handlers.context import HomeContext
from handlers.issue_topic_news import issue_topic_lost, topic_heard
from handlers.journey import Due, Journey
from handlers.lost_news import tell_loss, tell_mended
from handlers.post import Post
from handlers.told_instead import tell_members_instead
from models.circles import Chat, Circle, Loss, LostPlace
from models.issue_topics import IssueTopic
from models.lost_places import (
    GROUP_LOST,
    LOOK_EVERY,
    astray,
    first_waiting,
    forget_loss,
    locked,
    lose,
    loss_of,
    losses_to_look_at,
    next_look,
    regain,
)
from models.outbox import OutboxMessage, OutboxState, settle


async def place_lost(post: Post, message: OutboxMessage, loss: Loss) -> None:
    """A message found its circle's place lost, and waits. Several may find it out at once: the first one acts, the others just wait."""
    circles = await _locked_in(post, message.chat_id or 0)
    circle = next((each for each in circles if each.id == message.circle_id), None)
    if circle is None:
        return
    if loss in (Loss.TOPIC_DELETED, Loss.CLOSED):
        await _topic_lost(post, circle, message, loss)
    else:
        await lose_group(post, circles, loss)


async def _topic_lost(post: Post, circle: Circle, message: OutboxMessage, loss: Loss) -> None:
    thread = message.params.get("message_thread_id")
    topics = select(IssueTopic).where(
        IssueTopic.circle_id == circle.id, IssueTopic.chat_id == circle.chat_id, IssueTopic.thread_id == thread
    )
    own = await post.session.scalar(topics) if thread is not None else None
    if own is not None:
        await issue_topic_lost(post, own)
        await post.session.refresh(message, ["state"])
        if message.state is OutboxState.WAITING:  # what it brought stands in the circle's own place again, or is over
            settle(message, OutboxState.SUPERSEDED, now=post.now, error=message.error)
    elif circle.thread_id is None and loss is Loss.TOPIC_DELETED:  # the circle has no topic that could be gone
        settle(message, OutboxState.FAILED, now=post.now, error=message.error)
    elif thread != circle.thread_id:  # it has been made again meanwhile
        message.params = message.params | {"message_thread_id": circle.thread_id}
        if message.state is OutboxState.WAITING and await loss_of(post.session, circle) is None:
            message.state, message.due_at = OutboxState.QUEUED, post.now
    elif await lose(post.session, circle, loss, now=post.now):
        await tell_loss(post, [circle], loss)
        if loss is Loss.TOPIC_DELETED:
            await ask_for_topic_again(post, circle)


async def lose_group(post: Post, circles: Sequence[Circle], loss: Loss) -> bool:
    """All circles of a group, locked, are lost with it; the office hears of it once."""
    chat = circles[0].chat if circles else None
    if chat is None:
        return False
    if loss in (Loss.REMOVED, Loss.GONE):
        chat.is_member = False
    lost = [circle for circle in circles if await lose(post.session, circle, loss, now=post.now)]
    if lost:
        await tell_loss(post, lost, loss)
    return bool(lost)


async def tried(post: Post, message: OutboxMessage) -> None:
    """A message arrived. Was it the one that tries whether its circle can be spoken to again, then it can."""
    if message.circle_id is None:
        return
    trying = select(LostPlace.circle_id).where(LostPlace.circle_id == message.circle_id, LostPlace.trying_id == message.id)
    if await post.session.scalar(trying) is None:
        return
    circles = await _locked_in(post, message.chat_id or 0)
    circle = next((each for each in circles if each.id == message.circle_id), None)
    lost = await loss_of(post.session, circle) if circle is not None else None
    if circle is None or lost is None or lost.trying_id != message.id:
        return
    await _mended(post, [each for each in circles if lost.loss in GROUP_LOST or each.id == circle.id])


async def _mended(post: Post, circles: Sequence[Circle], *losses: Loss) -> None:
    """Whatever waits for these circles, locked, goes out; a deleted topic is made again first. ``losses``: only what was lost so."""
    for circle in circles:
        lost = await loss_of(post.session, circle)
        if lost is None or (losses and lost.loss not in losses):
            continue
        if circle.chat is not None:
            circle.chat.is_member = True
        if lost.loss is Loss.TOPIC_DELETED:
            await ask_for_topic_again(post, circle)
            continue
        loss = lost.loss
        await regain(post.session, circle, now=post.now)
        await tell_mended(post, circle, loss)


async def bot_stands(post: Post, chat: Chat, change: ChatMemberUpdated) -> bool:
    """The bot's standing in a group changed. True when circles were lost by it and the office was told."""
    circles = await _locked_in(post, chat.id)
    if not circles:
        return False
    if not chat.is_member:
        return await lose_group(post, circles, Loss.REMOVED)
    now = change.new_chat_member
    if isinstance(now, ChatMemberRestricted) and not now.can_send_messages:
        return await lose_group(post, circles, Loss.MUTED)
    await _mended(post, circles, Loss.REMOVED, Loss.GONE)
    for circle in circles:
        lost = await loss_of(post.session, circle)
        if lost is not None:
            lost.look_at = post.now
    return False


async def topic_shut(update: Update, context: HomeContext) -> None:
    """Somebody closed a circle's topic, or opened it again. Closed to the bot it is only where the bot may not manage topics."""
    message = update.message
    if message is None:
        return
    circles = await _locked_in(context.post, message.chat.id)
    circle = next((each for each in circles if each.thread_id == message.message_thread_id), None)
    if circle is None:
        return
    if message.forum_topic_reopened is not None:
        await _mended(context.post, [circle], Loss.CLOSED)
        return
    shut = circle.chat is not None and not circle.chat.can_manage_topics
    if shut and await lose(context.session, circle, Loss.CLOSED, now=context.now):
        await tell_loss(context.post, [circle], Loss.CLOSED)


async def look_again(post: Post) -> None:
    """One of what waits tries each lost circle now and then; what waited too long goes to the members."""
    for message in await astray(post.session):
        message.state, message.due_at = OutboxState.QUEUED, post.now
    for lost in await losses_to_look_at(post.session, now=post.now):
        lost.look_at = post.now + LOOK_EVERY
        circle = await locked(post.session, lost.circle_id)
        if circle is None or circle.chat_id is None:
            if circle is not None:
                await forget_loss(post.session, circle)
        elif lost.loss is Loss.TOPIC_DELETED:
            await ask_for_topic_again(post, circle)
        elif (trying := await first_waiting(post.session, circle)) is not None:
            lost.trying_id = trying.id
            trying.state, trying.due_at = OutboxState.QUEUED, post.now
    await post.session.flush()
    await tell_members_instead(post)


async def _locked_in(post: Post, chat_id: int) -> Sequence[Circle]:
    """The circles of a group, in one order for everybody, held until the transaction ends."""
    circles = select(Circle).where(Circle.chat_id == chat_id).order_by(Circle.id)
    return (await post.session.scalars(circles.with_for_update(of=Circle).execution_options(populate_existing=True))).all()


JOURNEY = Journey(
    updates=(MessageHandler(filters.StatusUpdate.FORUM_TOPIC_CLOSED | filters.StatusUpdate.FORUM_TOPIC_REOPENED, topic_shut),),
    outcomes={"issuetopic": topic_heard, "topicagain": topic_made_again},
    due=(Due(look_again, next_look),),
)
