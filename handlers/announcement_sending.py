"""Announcements go out: many messages queued at once, edited in place later, asked about again, and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from handlers.announcement_message import (
    TEMPLATE,
    card_key,
    card_keys,
    message_values,
    parts_of,
    received_button,
    subject_line,
)
from handlers.keyboards import inline
from handlers.post import Post
from models.announcement_rounds import Address, addresses, reached_chats
from models.announcements import UNTOUCHABLE_AFTER, Announcement, AnnouncementPiece
from models.outbox import Card, Lane, OutboxMessage, brought_about, cards_for, copies_of, enqueue_all, void_unsent


def text_subject(announcement: Announcement) -> str:
    return f"announcement:{announcement.id}"


def files_subject(announcement: Announcement) -> str:
    return f"announcement_files:{announcement.id}"


def asking_subject(announcement: Announcement) -> str:
    return f"announcement_asking:{announcement.id}"


Row = dict[str, Any]
"""A message to be queued among many, as ``enqueue_all`` takes them."""


def message_to(
    post: Post,
    chat_id: int,
    method: str,
    params: dict[str, Any],
    *,
    subject: str | None = None,
    card: Card | None = None,
    circle_id: int | None = None,
    at: datetime | None = None,
    lane: Lane = Lane.NOTICE,
) -> Row:
    """One of many messages, at once or at a time."""
    return {
        "chat_id": chat_id,
        "method": method,
        "params": params,
        "lane": lane,
        "subject": subject,
        "card_id": card.id if card is not None else None,
        "circle_id": circle_id,
        "replaces": f"card:{card.id}" if card is not None else None,
        "created_at": post.now,
        "due_at": at or post.now,
    }


async def send_text(post: Post, announcement: Announcement, to: Sequence[Address], *, lane: Lane = Lane.NOTICE) -> None:
    """Show the text as it stands in everybody's chat: sent where it is not there yet, and edited where it is."""
    parts = parts_of(announcement)
    messages: list[Row] = []
    for part in range(len(parts)):
        last, shown = part == len(parts) - 1, dict[tuple[str, bool], dict[str, Any]]()
        values = message_values(post, announcement, parts, part)
        cards = await cards_for(post.session, card_key(announcement, part), [address.chat_id for address in to])
        for address in to:
            variant = (address.language, address.received)
            if variant not in shown:  # rendered once for all who read the same
                keyboard = received_button(announcement, received=address.received) if last else []
                markup = inline(keyboard, post.texts, address.language)
                shown[variant] = {"text": post.texts.render(TEMPLATE, address.language, **values), "reply_markup": markup}
            card = cards[address.chat_id]
            subject = text_subject(announcement)
            messages.append(message_to(post, address.chat_id, "card", shown[variant], subject=subject, card=card, lane=lane))
    await enqueue_all(post.session, messages)


def copies(pieces: Iterable[AnnouncementPiece]) -> list[dict[str, Any]]:
    """The calls that copy these messages; albums stay albums."""
    by_chat: dict[int, list[int]] = {}
    for piece in pieces:
        by_chat.setdefault(piece.chat_id, []).append(piece.message_id)
    return [{"from_chat_id": chat_id, "message_ids": sorted(ids)} for chat_id, ids in by_chat.items()]


async def send_files(post: Post, announcement: Announcement, to: Sequence[Address], pieces: Sequence[AnnouncementPiece]) -> None:
    subject = files_subject(announcement)
    await enqueue_all(
        post.session,
        [message_to(post, address.chat_id, "copyMessages", params, subject=subject) for address in to for params in copies(pieces)],
    )


async def send_all(post: Post, announcement: Announcement, to: Sequence[Address]) -> None:
    """The text to everybody first, then the files."""
    await send_text(post, announcement, to)
    await send_files(post, announcement, to, announcement.files)


async def show_change(post: Post, announcement: Announcement, new_files: Sequence[AnnouncementPiece] = ()) -> None:
    """Change everybody's message in place; files that are new are added."""
    to = await addresses(post.session, announcement)
    await send_text(post, announcement, to)
    await send_files(post, announcement, to, new_files)
    gone = select(Card).where(Card.key.in_(card_keys(announcement, beginning=len(parts_of(announcement)))), Card.message_id.is_not(None))
    await _delete(post, await post.session.scalars(gone))  # it has become shorter


async def _delete(post: Post, cards: Iterable[Card]) -> None:
    messages = []
    for card in cards:
        messages.append(message_to(post, card.chat_id, "deleteMessage", {"message_id": card.message_id}))
        card.message_id = None
    await enqueue_all(post.session, messages)


async def show_caption(post: Post, subjects: Sequence[str], piece: AnnouncementPiece, caption: str) -> None:
    """The words beside a file have changed: every copy's change too. ``caption`` is Telegram's HTML."""
    messages = []
    for subject in subjects:
        for chat_id, message_id in await copies_of(post.session, subject, piece.chat_id, piece.message_id):
            messages.append(message_to(post, chat_id, "editMessageCaption", {"message_id": message_id, "caption": caption}))
    await enqueue_all(post.session, messages)


async def take_away_copies(post: Post, subjects: Sequence[str], piece: AnnouncementPiece) -> None:
    """The file itself was replaced: the old one leaves every chat from which it can still be taken."""
    messages = []
    for subject in subjects:
        for chat_id, message_id in await copies_of(post.session, subject, piece.chat_id, piece.message_id):
            messages.append(message_to(post, chat_id, "deleteMessage", {"message_id": message_id}))
    await enqueue_all(post.session, messages)


async def ask_to_confirm(post: Post, announcement: Announcement, to: Sequence[Address], heading: str, *, at: datetime) -> None:
    """A short message of its own, in reply to the announcement, since an edit rings no bell. An unsent earlier one is given up."""
    subject = asking_subject(announcement)
    await void_unsent(post.session, subject, now=post.now)
    cards = await cards_for(post.session, card_key(announcement, 0), [address.chat_id for address in to])
    values = {"heading": heading, "line": subject_line(announcement)}
    messages = []
    for address in to:
        keyboard = received_button(announcement, received=False)
        params: dict[str, Any] = {
            "text": post.texts.render("announcements/asking", address.language, **values),
            "reply_markup": inline(keyboard, post.texts, address.language),
        }
        if (original := cards[address.chat_id].message_id) is not None:
            params |= {"reply_to_message_id": original, "allow_sending_without_reply": True}
        messages.append(message_to(post, address.chat_id, "sendMessage", params, subject=subject, at=at))
    await enqueue_all(post.session, messages)


async def take_back_from_people(post: Post, announcement: Announcement) -> None:
    """What was sent is deleted where Telegram still allows it, and says elsewhere that it is withdrawn."""
    subjects = [files_subject(announcement), asking_subject(announcement)]
    for subject in [text_subject(announcement), *subjects]:
        await void_unsent(post.session, subject, now=post.now)
    reached = await reached_chats(post.session, announcement)
    fresh = {chat_id for chat_id, (_, reached_at) in reached.items() if reached_at > post.now - UNTOUCHABLE_AFTER}
    doomed: dict[int, list[int]] = {}
    messages: list[Row] = []
    cards = select(Card).where(Card.key.in_(card_keys(announcement)), Card.message_id.is_not(None)).order_by(Card.id)
    for card in await post.session.scalars(cards):
        if card.chat_id in fresh and card.message_id is not None:
            doomed.setdefault(card.chat_id, []).append(card.message_id)
            card.message_id = None
        elif card.chat_id in reached:
            messages.append(message_to(post, card.chat_id, "card", withdrawn_message(post, reached[card.chat_id][0]), card=card))
    for chat_id, ids in (await brought_about(post.session, subjects, ("copyMessages", "sendMessage"))).items():
        if chat_id in fresh:
            doomed.setdefault(chat_id, []).extend(ids)
    messages += deletions(post, doomed)
    await enqueue_all(post.session, messages)


def withdrawn_message(post: Post, language: str) -> dict[str, Any]:
    return {"text": post.texts.render("announcements/withdrawn", language), "reply_markup": {"inline_keyboard": []}}


def deletions(post: Post, doomed: dict[int, list[int]]) -> list[Row]:
    """Telegram takes a hundred at once."""
    return [
        message_to(post, chat_id, "deleteMessages", {"message_ids": sorted(ids)[start : start + 100]})
        for chat_id, ids in doomed.items()
        for start in range(0, len(ids), 100)
    ]


async def take_back_arrived(post: Post, message: OutboxMessage, result: Any) -> None:
    """It was on its way when the announcement was withdrawn, and has arrived: away with it."""
    ids = [each["message_id"] for each in result if "message_id" in each] if isinstance(result, list) else [message.message_id]
    arrived = [id for id in ids if id is not None]
    if message.chat_id is None or not arrived:
        return
    if message.card is not None:
        message.card.message_id = None
    await enqueue_all(post.session, deletions(post, {message.chat_id: arrived}))
