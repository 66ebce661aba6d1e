"""The office's card of a group: what it is for, which rights are missing and how to give them, what can be done."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Button, Keyboard, Press, TelegramId, rows
from handlers.menu import BACK_TO_MENU
from handlers.post import Post
from handlers.texts import t
from models.circle_groups import circles_in, head_counts, unbound_circles
from models.circle_rights import missing_rights, useful_rights
from models.circles import Chat, Circle
from models.people import Person, Role, people_with

CHOICES = 90
"""Circles offered at once; Telegram allows a hundred buttons."""


class GroupAct(enum.StrEnum):
    SHOW = "s"
    CHOOSE = "c"
    BIND = "b"
    OFFER_TOPICS = "o"
    MAKE_TOPICS = "t"
    LEAVE = "l"
    CHECK = "k"


@dataclass(frozen=True)
class GroupPress(Press):
    """Something done with a group; ``circle`` is 0 where none is meant."""

    prefix: ClassVar[str] = "grp"
    chat: TelegramId
    does: GroupAct
    circle: int = 0


async def show_group_card(post: Post, chat: Chat, person: Person, *, afresh: bool = False) -> None:
    """The one card about a group: what it is for, what is missing, what can be done."""
    circles = await circles_in(post.session, chat.id)
    counts = await head_counts(post.session)
    await post.card(
        f"group:{chat.id}",
        person,
        "circles/group",
        keyboard=await _keyboard(post, chat, circles),
        afresh=afresh,
        chat=chat,
        circles=[(circle, *counts.get(circle.id, (0, 0))) for circle in circles],
        making=sum(circle.awaits_topic for circle in circles),
        has_link=any(circle.invite_link for circle in circles),
        all_bound=not await unbound_circles(post.session),
        missing=missing_rights(chat),
        useful=useful_rights(chat) if circles else (),
        bot=post.bot_username,
    )


async def refresh_group_card(post: Post, chat: Chat) -> None:
    if (watcher := await watcher_of(post, chat)) is not None:
        await show_group_card(post, chat, watcher)


async def watcher_of(post: Post, chat: Chat) -> Person | None:
    """Who of the office looks after a group. When they have left the office, its first one does; None where nobody ever took it on."""
    if chat.added_by_id is None:
        return None
    person = await post.session.get(Person, chat.added_by_id)
    if person is None or not person.has(Role.OFFICE):
        person = next(iter(await people_with(post.session, Role.OFFICE)), None)
        chat.added_by_id = person.id if person is not None else chat.added_by_id
    return person


async def _keyboard(post: Post, chat: Chat, circles: Sequence[Circle]) -> Keyboard:
    check = [[Button(t("circles.check"), GroupPress(chat.id, GroupAct.CHECK))]] if circles and chat.is_member else []
    if any(circle.thread_id is None and not circle.awaits_topic for circle in circles):
        return [*check, [BACK_TO_MENU]]
    unbound = await unbound_circles(post.session)
    topics = [[Button(t("circles.topics"), GroupPress(chat.id, GroupAct.OFFER_TOPICS))]] if chat.is_forum and unbound else []
    if circles:
        return [*topics, *check, [BACK_TO_MENU]]
    choices = [Button(circle.name, GroupPress(chat.id, GroupAct.CHOOSE, circle.id)) for circle in unbound[:CHOICES]]
    return [*topics, *rows(choices, 2), [Button(t("circles.leave_group"), GroupPress(chat.id, GroupAct.LEAVE))]]
