"""An announcement in circles: shown there too, pinned where that was wished, changed and taken back with the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from handlers.announcement_message import PARTS_AT_MOST, TEMPLATE, message_values, parts_of
from handlers.announcement_sending import Row, copies, deletions, message_to, take_back_arrived, withdrawn_message
from handlers.circle_place import place_of_circle
from handlers.post import Place, Post
from models.announcements import (
    UNTOUCHABLE_AFTER,
    Announcement,
    AnnouncementPiece,
    AnnouncementPost,
    AnnouncementState,
    Pinning,
    announcement_by_id,
)
from models.invitations import Delivery
from models.outbox import Card, Lane, OutboxMessage, OutboxState, brought_about, enqueue_all, void_unsent
from models.rules import Gone


def first_subject(there: AnnouncementPost) -> str:
    """What the first message in a circle is about: the one that is pinned."""
    return f"announcement_post:{there.id}"


def further_subject(there: AnnouncementPost) -> str:
    return f"announcement_post_more:{there.id}"


def _key(there: AnnouncementPost, part: int) -> str:
    return f"announcement_post:{there.id}:{part}"


async def show_in_circles(post: Post, announcement: Announcement, files: Sequence[AnnouncementPiece]) -> None:
    """Show it as it stands in every circle it is for; the files are those that are not there yet."""
    for there in announcement.posts:
        await _show_in(post, announcement, there, files)


async def _show_in(post: Post, announcement: Announcement, there: AnnouncementPost, files: Sequence[AnnouncementPiece]) -> None:
    parts, place = parts_of(announcement), _place(post, there)
    if place is None:
        there.delivery = Delivery.UNREACHABLE
        return
    if there.delivery is not Delivery.REACHED:
        there.delivery = Delivery.ON_THE_WAY
    for part in range(len(parts)):
        subject = first_subject(there) if part == 0 else further_subject(there)
        values = message_values(post, announcement, parts, part)
        await post.card(_key(there, part), place, TEMPLATE, lane=Lane.NOTICE, subject=subject, **values)
    for call in copies(files):
        await post.copy(place, call["from_chat_id"], call["message_ids"], lane=Lane.NOTICE, subject=further_subject(there))
    gone = [_key(there, part) for part in range(len(parts), PARTS_AT_MOST)]
    for card in await post.session.scalars(select(Card).where(Card.key.in_(gone), Card.message_id.is_not(None))):
        await post.queue(place, "deleteMessage", {"message_id": card.message_id})
        card.message_id = None


async def show_anew(post: Post, announcement: Announcement, there: AnnouncementPost) -> None:
    """Show a pinned one from the beginning, and pin it again: the circle's place was lost with all that stood there."""
    for subject in (first_subject(there), further_subject(there)):
        await void_unsent(post.session, subject, now=post.now)
    keys = [_key(there, part) for part in range(PARTS_AT_MOST)]
    for card in await post.session.scalars(select(Card).where(Card.key.in_(keys))):
        card.message_id = None
    there.posted_at, there.pinning, there.delivery = None, Pinning.WANTED, Delivery.ON_THE_WAY
    await _show_in(post, announcement, there, announcement.files)


def _place(post: Post, there: AnnouncementPost) -> Place | None:
    try:
        return place_of_circle(there.circle, post.policy.languages[0])
    except Gone:
        return None


async def pin(post: Post, there: AnnouncementPost) -> None:
    """Ask for it to be pinned; members have just heard of the message itself."""
    card = await post.session.scalar(select(Card).where(Card.key == _key(there, 0), Card.message_id.is_not(None)))
    if card is not None:
        there.pinning = Pinning.WANTED
        params = {"message_id": card.message_id, "disable_notification": True}
        await post.call("pinChatMessage", params, chat_id=card.chat_id, subject=f"announcement_pin:{there.id}")


async def note_posted(post: Post, message: OutboxMessage, result: Any) -> None:
    """What became of the message to a circle; one to be pinned is pinned once it stands."""
    there, announcement = await _of(post, message)
    if message.state is OutboxState.SENT:
        if announcement.state is AnnouncementState.WITHDRAWN:
            await _arrived_late(post, there, message, result)
            return
        first = there.posted_at is None
        there.delivery, there.posted_at = Delivery.REACHED, there.posted_at or post.now
        if first and there.pinning is Pinning.WANTED:
            await post.session.flush()
            await pin(post, there)
    elif there.posted_at is None:
        there.delivery = Delivery.UNREACHABLE if message.state is OutboxState.UNREACHABLE else Delivery.FAILED


async def _arrived_late(post: Post, there: AnnouncementPost, message: OutboxMessage, result: Any) -> None:
    if there.posted_at is None or there.posted_at > post.now - UNTOUCHABLE_AFTER:
        await take_back_arrived(post, message, result)


async def note_further(post: Post, message: OutboxMessage, result: Any) -> None:
    there, announcement = await _of(post, message)
    if message.state is OutboxState.SENT and announcement.state is AnnouncementState.WITHDRAWN:
        await _arrived_late(post, there, message, result)


async def note_pinned(post: Post, message: OutboxMessage, result: Any) -> None:
    """A circle in which the bot may not pin: whoever wrote it hears of it, and the card offers to try again."""
    there, announcement = await _of(post, message)
    if message.state is OutboxState.SENT:
        there.pinning = Pinning.PINNED
    elif message.state is not OutboxState.SUPERSEDED:
        there.pinning = Pinning.FAILED
        await post.tell(announcement.author, "announcements/pin_failed", circle=there.circle.name)


async def _of(post: Post, message: OutboxMessage) -> tuple[AnnouncementPost, Announcement]:
    there = await post.session.get_one(AnnouncementPost, int((message.subject or "").split(":")[1]))
    return there, await announcement_by_id(post.session, there.announcement_id)


async def take_back_from_circles(post: Post, announcement: Announcement) -> None:
    """Delete it where Telegram still allows it; elsewhere it says that it is withdrawn, and is pinned no longer."""
    for there in announcement.posts:
        subjects = [first_subject(there), further_subject(there)]
        for subject in subjects:
            await void_unsent(post.session, subject, now=post.now)
        fresh = there.posted_at is None or there.posted_at > post.now - UNTOUCHABLE_AFTER
        messages: list[Row] = []
        doomed: dict[int, list[int]] = {}
        keys = [_key(there, part) for part in range(PARTS_AT_MOST)]
        for card in await post.session.scalars(select(Card).where(Card.key.in_(keys), Card.message_id.is_not(None)).order_by(Card.id)):
            if fresh and card.message_id is not None:
                doomed.setdefault(card.chat_id, []).append(card.message_id)
                card.message_id = None
                continue
            messages.append(
                message_to(
                    post, card.chat_id, "card", withdrawn_message(post, post.policy.languages[0]), card=card, circle_id=there.circle_id
                )
            )
            if there.pinning is Pinning.PINNED and card.key == keys[0]:
                messages.append(message_to(post, card.chat_id, "unpinChatMessage", {"message_id": card.message_id}))
        if fresh:
            for chat_id, ids in (await brought_about(post.session, subjects, ("copyMessages",))).items():
                doomed.setdefault(chat_id, []).extend(ids)
        await enqueue_all(post.session, [*messages, *deletions(post, doomed)])
