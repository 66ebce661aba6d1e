"""Circles: what a person sees of theirs, and the office of all."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select
from telegram import Update
from telegram.ext import ChatJoinRequestHandler, ChatMemberHandler, MessageHandler, filters

from handlers.circle_groups import GroupAct, GroupPress, group_press, invite_made, refresh_group_card, standing_changed, topic_made
from handlers.circle_joining import RemovePress, explained, join_asked, member_changed, people_came_or_went, remove_outsider
from handlers.circle_links import void_link
from handlers.circle_place import place_of_circle
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, Press, rows
from handlers.menu import BACK_TO_MENU
from handlers.texts import t
from models.circle_groups import circles_of, groups_without_circle, head_counts, unbind
from models.circles import Circle, CircleMember, members_of
from models.issue_topics import has_topics, may_have_topics, switch_topics
from models.people import Role
from models.rules import Gone

__all__ = ["place_of_circle"]

MEMBERS_SHOWN = 100
RIGHTS = "invite_users+manage_topics+restrict_members"
"""Asked for when the office adds the bot to a group by the button."""


class CircleAct(enum.StrEnum):
    SHOW = "s"
    ASK_UNBIND = "a"
    UNBIND = "u"
    LIST = "l"
    TOPICS = "topics"


@dataclass(frozen=True)
class CirclePress(Press):
    prefix: ClassVar[str] = "cir"
    does: CircleAct
    circle: int = 0


async def open_circles(update: Update, context: HomeContext) -> None:
    """The office sees all circles, everybody else their own."""
    if context.person.has(Role.OFFICE):
        await _show_all(context)
        return
    own = await circles_of(context.session, context.person)
    await context.show("circles/own", keyboard=[*_ways_in(own), [BACK_TO_MENU]], circles=own)


def _ways_in(own: Sequence[tuple[Circle, CircleMember]]) -> list[list[Button]]:
    """Links to the groups of a person's circles that they are not in yet."""
    links: dict[str, str] = {}
    for circle, membership in own:
        if circle.lives and circle.invite_link and membership.joined_at is None:
            title = circle.chat.title if circle.chat is not None and circle.thread_id is not None else circle.name
            links.setdefault(circle.invite_link, title)
    return [[Button(t("circles.join_named", name=name), link)] for link, name in links.items()]


async def _show_all(context: HomeContext) -> None:
    circles = (await context.session.scalars(select(Circle).order_by(Circle.id))).all()
    counts = await head_counts(context.session)
    buttons = [Button(circle.name, CirclePress(CircleAct.SHOW, circle.id)) for circle in circles[:80]]
    loose = [
        [Button(t("circles.bind_group", title=chat.title), GroupPress(chat.id, GroupAct.SHOW))]
        for chat in (await groups_without_circle(context.session))[:10]
    ]
    own = _ways_in(await circles_of(context.session, context.person))
    add = Button(t("circles.add_bot"), f"https://t.me/{context.post.bot_username}?startgroup=circle&admin={RIGHTS}")
    await context.show(
        "circles/all",
        keyboard=[*rows(buttons, 2), *loose, [add], *own, [BACK_TO_MENU]],
        circles=[(circle, *counts.get(circle.id, (0, 0))) for circle in circles],
    )


async def circle_press(update: Update, context: HomeContext) -> None:
    """The office looks at one circle, or takes it out of its group."""
    press = CirclePress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    if press.does is CircleAct.LIST:
        await _show_all(context)
        return
    circle = await context.session.get(Circle, press.circle)
    if circle is None:
        raise Gone
    match press.does:
        case CircleAct.ASK_UNBIND if circle.chat_id is not None:
            yes = Button(t("circles.confirm_unbind"), CirclePress(CircleAct.UNBIND, circle.id))
            back = Button(t("circles.back"), CirclePress(CircleAct.SHOW, circle.id))
            await context.show("circles/ask_unbind", keyboard=[[yes, back]], circle=circle)
        case CircleAct.UNBIND if circle.chat_id is not None:
            await _unbind(context, circle)
        case CircleAct.TOPICS:
            await switch_topics(context.session, circle, context.person, now=context.now)
            await _show_one(context, circle)
        case CircleAct.SHOW:
            await _show_one(context, circle)
        case _:
            raise Gone


async def _unbind(context: HomeContext, circle: Circle) -> None:
    chat = circle.chat
    await void_link(context.post, circle)
    await unbind(context.session, circle, context.person, now=context.now)
    if chat is not None:
        await refresh_group_card(context.post, chat)
    await _show_one(context, circle)


async def _show_one(context: HomeContext, circle: Circle) -> None:
    members = await members_of(context.session, circle)
    inside = select(CircleMember.person_id).where(CircleMember.circle_id == circle.id, CircleMember.joined_at.is_not(None))
    joined = set(await context.session.scalars(inside))
    unbind_row = [Button(t("circles.unbind"), CirclePress(CircleAct.ASK_UNBIND, circle.id))] if circle.chat_id is not None else []
    await context.show(
        "circles/one",
        keyboard=[await _topics_row(context, circle), unbind_row, [Button(t("circles.back"), CirclePress(CircleAct.LIST))]],
        circle=circle,
        count=len(members),
        joined=[person for person in members if person.id in joined][:MEMBERS_SHOWN],
        invited=[person for person in members if person.id not in joined and person.telegram_id is not None][:MEMBERS_SHOWN],
        outside=[person for person in members if person.telegram_id is None][:MEMBERS_SHOWN],
    )


async def _topics_row(context: HomeContext, circle: Circle) -> list[Button]:
    """The switch for a topic of each issue's own, where the group can have them."""
    if not may_have_topics(circle):
        return []
    label = t("advice.topics_on") if await has_topics(context.session, circle) else t("advice.topics_off")
    return [Button(label, CirclePress(CircleAct.TOPICS, circle.id))]


JOURNEY = Journey(
    entries=(Entry("circles", open_circles),),
    presses={GroupPress: group_press, CirclePress: circle_press, RemovePress: remove_outsider},
    updates=(
        ChatMemberHandler(standing_changed, ChatMemberHandler.MY_CHAT_MEMBER),
        ChatMemberHandler(member_changed, ChatMemberHandler.CHAT_MEMBER),
        ChatJoinRequestHandler(join_asked),
        MessageHandler(filters.StatusUpdate.NEW_CHAT_MEMBERS | filters.StatusUpdate.LEFT_CHAT_MEMBER, people_came_or_went),
    ),
    outcomes={"topic": topic_made, "invite": invite_made, "decline": explained},
)
