"""Circles: what a person sees of theirs, and the office of all."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import Update
from telegram.ext import ChatJoinRequestHandler, ChatMemberHandler, MessageHandler, filters

from handlers.circle_group_card import GroupAct, GroupPress, refresh_group_card
from handlers.circle_groups import group_press, invite_made, topic_made
from handlers.circle_joining import (
    explained,
    join_asked,
    leaked_link_ended,
    member_changed,
    people_came_or_went,
    remove_outsider,
    request_answered,
    taken_out,
)
from handlers.circle_links import renew_link, void_link
from handlers.circle_place import place_of_circle
from handlers.circle_presence import RemovePress, inside_read, watch
from handlers.circle_presses import CircleAct, CirclePress, EditAct, EditPress, MemberAct, MemberPress, RetirePress
from handlers.circle_rights import rights_read, standing_changed
from handlers.circle_screens import add_bot_button, back_to, show_outsiders, show_places, show_retired, show_retired_list
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, rows
from handlers.menu import BACK_TO_MENU
from handlers.texts import t
from models.circle_groups import circles_of, groups_without_circle, head_counts, unbind
from models.circle_presence import outsiders_in
from models.circle_rights import missing_rights
from models.circle_roster import memberships_of
from models.circle_upkeep import circles_in_use, require_in_use, retired_circles
from models.circles import Circle, CircleMember, members_of
from models.issue_topics import has_topics, may_have_topics, switch_topics
from models.people import Person, Role
from models.rules import Gone

__all__ = ["place_of_circle"]

MEMBERS_SHOWN = 100


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
    circles = await circles_in_use(context.session)
    counts = await head_counts(context.session)
    retired = await retired_circles(context.session)
    buttons = [Button(circle.name, CirclePress(CircleAct.SHOW, circle.id)) for circle in circles[:70]]
    loose = [
        [Button(t("circles.bind_group", title=chat.title), GroupPress(chat.id, GroupAct.SHOW))]
        for chat in (await groups_without_circle(context.session))[:10]
    ]
    own = _ways_in(await circles_of(context.session, context.person))
    make = [Button(t("circles.make"), EditPress(EditAct.MAKE))]
    old = [Button(t("circles.retired_list", count=len(retired)), CirclePress(CircleAct.RETIRED))] if retired else []
    await context.show(
        "circles/all",
        keyboard=[*rows(buttons, 2), *loose, [*make, add_bot_button(context)], old, *own, [BACK_TO_MENU]],
        circles=[(circle, *counts.get(circle.id, (0, 0))) for circle in circles],
        poor={circle.id for circle in circles if circle.lives and circle.chat is not None and missing_rights(circle.chat)},
    )


async def circle_press(update: Update, context: HomeContext) -> None:
    """The office looks at one circle, binds it, or takes it out of its group."""
    press = CirclePress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    if press.does is CircleAct.LIST:
        await _show_all(context)
        return
    if press.does is CircleAct.RETIRED:
        await show_retired_list(context)
        return
    circle = await context.session.get(Circle, press.circle)
    if circle is None:
        raise Gone
    if circle.retired_at is not None:
        await show_retired(context, circle)
        return
    match press.does:
        case CircleAct.ASK_UNBIND if circle.chat_id is not None:
            yes = Button(t("circles.confirm_unbind"), CirclePress(CircleAct.UNBIND, circle.id))
            await context.show("circles/ask_unbind", keyboard=[[yes, back_to(circle)]], circle=circle)
        case CircleAct.UNBIND if circle.chat_id is not None:
            await _unbind(context, circle)
        case CircleAct.TOPICS:
            await switch_topics(context.session, circle, context.person, now=context.now)
            await show_circle(context, circle)
        case CircleAct.SHOW:
            await show_circle(context, circle)
        case CircleAct.PLACES if circle.chat_id is None:
            await show_places(context, circle)
        case CircleAct.RENEW:
            await renew_link(context.post, circle, context.person)
            await context.toast(t("circles.link_renewed"), alert=True)
            await show_circle(context, circle)
        case CircleAct.OUTSIDERS if circle.chat_id is not None:
            await show_outsiders(context, circle)
        case _:
            raise Gone


async def _unbind(context: HomeContext, circle: Circle) -> None:
    chat = circle.chat
    await void_link(context.post, circle)
    await unbind(context.session, circle, context.person, now=context.now)
    if chat is not None:
        await refresh_group_card(context.post, chat)
    await show_circle(context, circle)


async def show_circle(context: HomeContext, circle: Circle, *, anew: bool = False) -> None:
    """Everything about one circle; ``anew`` as a new message."""
    require_in_use(circle)
    members = await members_of(context.session, circle)
    memberships = await memberships_of(context.session, circle)
    joined = {id for id, membership in memberships.items() if membership.joined_at is not None}
    outsiders = len(await outsiders_in(context.session, circle.chat_id)) if circle.chat_id is not None else 0
    say = context.reply if anew else context.show
    await say(
        "circles/one",
        keyboard=await _circle_buttons(context, circle, len(members), outsiders),
        circle=circle,
        missing=missing_rights(circle.chat) if circle.lives and circle.chat is not None else (),
        count=len(members),
        outsiders=outsiders,
        joined=[person for person in members if person.id in joined][:MEMBERS_SHOWN],
        invited=[_with_reminders(person, memberships) for person in members if person.id not in joined and person.telegram_id is not None][
            :MEMBERS_SHOWN
        ],
        outside=[person for person in members if person.telegram_id is None][:MEMBERS_SHOWN],
    )


def _with_reminders(person: Person, memberships: dict[int, CircleMember]) -> tuple[Person, int]:
    return person, memberships[person.id].reminders


async def _circle_buttons(context: HomeContext, circle: Circle, members: int, outsiders: int) -> list[list[Button]]:
    def button(key: str, does: CircleAct, **values: int) -> Button:
        return Button(t(f"circles.{key}", **values), CirclePress(does, circle.id))

    bound = circle.chat_id is not None
    check = [Button(t("circles.check"), GroupPress(circle.chat_id, GroupAct.CHECK))] if circle.lives and circle.chat_id else []
    return [
        [
            Button(t("circles.roster", count=members), MemberPress(circle.id, MemberAct.SHOW)),
            Button(t("circles.specialties"), EditPress(EditAct.SPECIALTIES, circle.id)),
        ],
        [button("outsiders", CircleAct.OUTSIDERS, count=outsiders)] if outsiders else [],
        [button("link_leaked", CircleAct.RENEW)] if circle.invite_link is not None else [],
        check,
        await _topics_row(context, circle),
        [
            Button(t("circles.rename"), EditPress(EditAct.RENAME, circle.id)),
            button("unbind", CircleAct.ASK_UNBIND) if bound else button("bind", CircleAct.PLACES),
            Button(t("circles.retire"), RetirePress(circle.id)),
        ],
        [Button(t("circles.back"), CirclePress(CircleAct.LIST))],
    ]


async def _topics_row(context: HomeContext, circle: Circle) -> list[Button]:
    """The switch for a topic of each issue's own, where the group can have them."""
    if not may_have_topics(circle):
        return []
    label = t("advice.topics_on") if await has_topics(context.session, circle) else t("advice.topics_off")
    return [Button(label, CirclePress(CircleAct.TOPICS, circle.id))]


JOURNEY = Journey(
    entries=(Entry("circles", open_circles),),
    presses={GroupPress: group_press, CirclePress: circle_press, RemovePress: remove_outsider},
    observers=(watch,),
    updates=(
        ChatMemberHandler(standing_changed, ChatMemberHandler.MY_CHAT_MEMBER),
        ChatMemberHandler(member_changed, ChatMemberHandler.CHAT_MEMBER),
        ChatJoinRequestHandler(join_asked),
        MessageHandler(filters.StatusUpdate.NEW_CHAT_MEMBERS | filters.StatusUpdate.LEFT_CHAT_MEMBER, people_came_or_went),
    ),
    outcomes={
        "topic": topic_made,
        "invite": invite_made,
        "decline": explained,
        "letin": request_answered,
        "rights": rights_read,
        "inside": inside_read,
        "takenout": taken_out,
        "leaked": leaked_link_ended,
    },
)
