"""Announcements on their way: what waits for the morning, who comes back, and what became of each message."""

from __future__ import annotations

from typing import Any

from handlers.activities import never
from handlers.announcement_card import refresh_cards
from handlers.announcement_circles import note_further, note_pinned, note_posted
from handlers.announcement_form import send_out
from handlers.announcement_sending import copies, files_subject, message_to, send_text, take_back_arrived
from handlers.journey import Due, Journey
from handlers.post import Post
from models.announcement_rounds import Address, missed, note_delivery, note_files_failed, on_the_way_again
from models.announcements import Announcement, announcement_by_id, due_announcements, next_announcement_at
from models.invitations import Delivery
from models.outbox import OutboxMessage, OutboxState, copied_before, enqueue_all


async def send_due(post: Post) -> None:
    """What waited for the morning goes out."""
    for announcement in await due_announcements(post.session, now=post.now):
        await send_out(post, announcement)


async def send_missed(post: Post) -> None:
    """Whoever can be reached again gets what they missed while it is not too old, as it stands now."""
    by_announcement: dict[int, list[Address]] = {}
    for announcement_id, address in await missed(post.session, since=post.now - post.policy.announcement_waits):
        by_announcement.setdefault(announcement_id, []).append(address)
    for announcement_id, to in by_announcement.items():
        announcement = await announcement_by_id(post.session, announcement_id, to_change=True)
        await on_the_way_again(post.session, announcement, [address.person_id for address in to])
        await send_text(post, announcement, to)
        subject = files_subject(announcement)
        for address in to:
            there = await copied_before(post.session, address.chat_id, [subject])
            lacking = [piece for piece in announcement.files if (piece.chat_id, piece.message_id) not in there]
            calls = [message_to(post, address.chat_id, "copyMessages", params, subject=subject) for params in copies(lacking)]
            await enqueue_all(post.session, calls)


DELIVERIES = {
    OutboxState.SENT: Delivery.REACHED,
    OutboxState.UNREACHABLE: Delivery.UNREACHABLE,
    OutboxState.FAILED: Delivery.FAILED,
}


async def note_text(post: Post, message: OutboxMessage, result: Any) -> None:
    """What became of the text to one person."""
    if message.state not in DELIVERIES or message.chat_id is None:
        return
    announcement = await _of(post, message)
    await note_delivery(post.session, announcement.id, message.chat_id, DELIVERIES[message.state], now=post.now)
    await _away_if_withdrawn(post, announcement, message, result)


async def note_files(post: Post, message: OutboxMessage, result: Any) -> None:
    """What became of the files to one person: whoever cannot be reached gets them when they are back."""
    if message.state not in DELIVERIES or message.chat_id is None:
        return
    announcement = await _of(post, message)
    if message.state is OutboxState.UNREACHABLE:
        await note_delivery(post.session, announcement.id, message.chat_id, Delivery.UNREACHABLE, now=post.now)
    elif message.state is OutboxState.FAILED or (isinstance(result, list) and len(result) < len(message.params["message_ids"])):
        await note_files_failed(post.session, announcement.id, message.chat_id)
    await _away_if_withdrawn(post, announcement, message, result)


async def note_asking(post: Post, message: OutboxMessage, result: Any) -> None:
    await _away_if_withdrawn(post, await _of(post, message), message, result)


async def _away_if_withdrawn(post: Post, announcement: Announcement, message: OutboxMessage, result: Any) -> None:
    """Only what was on its way when it was withdrawn: the last word to an old message is that it is withdrawn."""
    on_the_way = announcement.withdrawn_at is not None and message.created_at < announcement.withdrawn_at
    if on_the_way and message.state is OutboxState.SENT:
        await take_back_arrived(post, message, result)


async def _of(post: Post, message: OutboxMessage) -> Announcement:
    return await announcement_by_id(post.session, int((message.subject or "").split(":")[1]))


JOURNEY = Journey(
    due=(Due(send_due, next_announcement_at), Due(send_missed, never), Due(refresh_cards, never)),
    outcomes={
        "announcement": note_text,
        "announcement_files": note_files,
        "announcement_asking": note_asking,
        "announcement_post": note_posted,
        "announcement_post_more": note_further,
        "announcement_pin": note_pinned,
    },
)
