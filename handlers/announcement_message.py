"""An announcement as those see it whom it is for: its text in one message or several, the last with the button that confirms it."""

from __future__ import annotations

from typing import Any

from handlers.announcement_presses import ReceivedPress
from handlers.keyboards import Button, Keyboard
from handlers.long_texts import in_parts, shortened
from handlers.post import Post
from handlers.texts import T, t
from models.announcements import Announcement
from models.people import Person, Role

PART = 3600
"""UTF-16 units of text in a message, so that the heading and the end have room too."""
PARTS_AT_MOST = 8
TEMPLATE = "announcements/message"


def card_key(announcement: Announcement, part: int) -> str:
    """The key of one part's card, in everybody's chat."""
    return f"announcement:{announcement.id}:{part}"


def card_keys(announcement: Announcement, *, beginning: int = 0) -> list[str]:
    return [card_key(announcement, part) for part in range(beginning, PARTS_AT_MOST)]


def parts_of(announcement: Announcement) -> list[str]:
    """The text as it is sent; one empty part where there are only files."""
    return in_parts(announcement.text, PART) or [""]


def message_values(post: Post, announcement: Announcement, parts: list[str], part: int) -> dict[str, Any]:
    """What the template ``announcements/message`` needs."""
    return {
        "text": parts[part],
        "first": part == 0,
        "last": part == len(parts) - 1,
        "whom": written_by(post, announcement.author),
        "at": announcement.published_at or post.now,
        "files": len(announcement.files),
        "edited_at": announcement.edited_at,
    }


def written_by(post: Post, author: Person) -> T | str:
    """Under whose name it goes out: the Home's for office and leaders, else the group's or the area's."""
    if author.has(Role.OFFICE, Role.LEADER):
        return post.policy.home_name
    place = author.group if author.has(Role.GROUP_LEADER) else author.area
    return t("announcements.of_place", place=place.name, name=author.name) if place is not None else author.name


def received_button(announcement: Announcement, *, received: bool) -> Keyboard:
    label = t("announcements.received" if received else "announcements.do.received")
    return [[Button(label, ReceivedPress(announcement.id, announcement.round))]]


def subject_line(announcement: Announcement, limit: int = 30) -> str:
    """The announcement's first words, by which people know it; empty where it is files only."""
    first_line = next(iter(announcement.text.strip().splitlines()), "")
    return shortened(first_line.strip(), limit)
