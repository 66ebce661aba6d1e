"""The card of an announcement for whoever handles it: how far it has gone out, who confirmed, and what can be done."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import timedelta

from handlers.announcement_message import subject_line
from handlers.announcement_presses import Handle, HandlePress
from handlers.keyboards import Button, Keyboard
from handlers.long_texts import shortened
from handlers.post import Post
from handlers.texts import T, t
from handlers.whom_words import whom_values
from models.announcement_rounds import Figures, figures_of, first_silent, live
from models.announcements import Announcement, AnnouncementState, Pinning
from models.people import Person, Role, people_with

SHOWN_ANEW_EVERY = timedelta(seconds=3)
BAR_LENGTH = 10
NAMES_SHOWN = 12
TEXT_SHOWN = 200


def bar(figures: Figures) -> str:
    """How far it has gone out: ▓▓▓░░."""
    filled = BAR_LENGTH * figures.done // figures.called if figures.called else 0
    return "▓" * filled + "░" * (BAR_LENGTH - filled)


def title_of(announcement: Announcement) -> T | str:
    return subject_line(announcement) or t("announcements.files_only")


def card_key(announcement: Announcement) -> str:
    return f"announcement-card:{announcement.id}"


def buttons(announcement: Announcement, figures: Figures) -> Keyboard:
    """What can be done in the state it is in."""

    def button(do: Handle) -> Button:
        return Button(t(f"announcements.handle.{do.name.lower()}"), HandlePress(announcement.id, do, announcement.revision))

    if announcement.state is AnnouncementState.WAITING:
        return [[button(Handle.SEND_NOW)], [button(Handle.CHANGE), button(Handle.WITHDRAW)]]
    lists = [button(Handle.NAMES), button(Handle.SHEET)]
    if announcement.state is not AnnouncementState.PUBLISHED:
        return [lists]
    remind = [[button(Handle.REMIND)]] if figures.silent else []
    pin = [[button(Handle.PIN)]] if any(there.pinning is Pinning.FAILED for there in announcement.posts) else []
    return [*remind, *pin, lists, [button(Handle.CHANGE), button(Handle.WITHDRAW)]]


async def handlers_of(post: Post, announcement: Announcement) -> Sequence[Person]:
    """Who has the card: the office, and whoever wrote it."""
    office = await people_with(post.session, Role.OFFICE)
    author = announcement.author
    return [*office, *([author] if author.active and author not in office else [])]


async def show_cards(post: Post, announcement: Announcement) -> None:
    """Show the card, as it stands now, to all who have it."""
    figures = (await figures_of(post.session, [announcement]))[announcement.id]
    await _show_to(post, announcement, figures, await handlers_of(post, announcement))


async def show_card(post: Post, announcement: Announcement, person: Person) -> None:
    """One person's card, brought to the chat's end."""
    figures = (await figures_of(post.session, [announcement]))[announcement.id]
    await _show_to(post, announcement, figures, [person], afresh=True)


async def _show_to(post: Post, announcement: Announcement, figures: Figures, people: Sequence[Person], *, afresh: bool = False) -> None:
    if not afresh:
        announcement.card_shown, announcement.card_shown_at = _fingerprint(announcement, figures), post.now
    names = await first_silent(post.session, announcement, limit=NAMES_SHOWN) if figures.silent and not figures.on_the_way else []
    values = {
        "announcement": announcement,
        "title": title_of(announcement),
        "text": shortened(announcement.text, TEXT_SHOWN),
        "files": len(announcement.files),
        "figures": figures,
        "bar": bar(figures),
        "silent": names,
        **await whom_values(post.session, announcement.audience),
    }
    for person in people:
        await post.card(
            card_key(announcement), person, "announcements/card", keyboard=buttons(announcement, figures), afresh=afresh, **values
        )


async def refresh_cards(post: Post) -> None:
    """Show those cards anew whose figures have changed; one card changes at most every three seconds."""
    since, before = post.now - post.policy.announcement_waits, post.now - SHOWN_ANEW_EVERY
    announcements = (await post.session.scalars(live(since=since, shown_before=before))).all()
    if not announcements:
        return
    figures = await figures_of(post.session, announcements)
    for announcement in announcements:
        if _fingerprint(announcement, figures[announcement.id]) != announcement.card_shown:
            await _show_to(post, announcement, figures[announcement.id], await handlers_of(post, announcement))


def _fingerprint(announcement: Announcement, figures: Figures) -> str:
    posts = "".join(f"{there.delivery[0]}{there.pinning[0]}" for there in announcement.posts)
    numbers = dataclasses.astuple(figures)
    return ",".join(str(part) for part in (announcement.state[0], announcement.revision, announcement.round, *numbers, posts))[:120]
