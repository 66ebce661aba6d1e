"""The smaller screens of the circles: where one can live, who is in its group past the roster, and those that are retired."""

from __future__ import annotations

from handlers.circle_group_card import GroupAct, GroupPress
from handlers.circle_presence import RemovePress
from handlers.circle_presses import CircleAct, CirclePress, MemberAct, MemberPress
from handlers.context import HomeContext
from handlers.keyboards import Button, rows
from handlers.texts import t
from models.circle_groups import forums_for_topics, groups_without_circle
from models.circle_presence import outsiders_in
from models.circle_upkeep import retired_circles, retirement_of
from models.circles import Circle
from models.people import Person
from models.rules import Gone

PEOPLE_SHOWN = 100
OUTSIDERS_SHOWN = 20
RIGHTS = "invite_users+manage_topics+restrict_members+pin_messages+change_info"
"""Asked for when the office adds the bot to a group by the button."""


def back_to(circle: Circle) -> Button:
    return Button(t("circles.back"), CirclePress(CircleAct.SHOW, circle.id))


def add_bot_button(context: HomeContext) -> Button:
    return Button(t("circles.add_bot"), f"https://t.me/{context.post.bot_username}?startgroup=circle&admin={RIGHTS}")


async def show_places(context: HomeContext, circle: Circle) -> None:
    """Groups that can become the circle's own, and forum groups in which it can get a topic."""
    own = [
        [Button(t("circles.own_group", title=chat.title), GroupPress(chat.id, GroupAct.CHOOSE, circle.id))]
        for chat in (await groups_without_circle(context.session))[:20]
    ]
    topics = [
        [Button(t("circles.topic_in", title=chat.title), GroupPress(chat.id, GroupAct.OFFER_TOPICS, circle.id))]
        for chat in (await forums_for_topics(context.session))[:20]
    ]
    keyboard = [*own, *topics, [add_bot_button(context)], [back_to(circle)]]
    await context.show("circles/places", keyboard=keyboard, circle=circle, none=not own and not topics)


async def show_outsiders(context: HomeContext, circle: Circle) -> None:
    """Who is in the circle's group and on none of its rosters: out with them, or onto the roster."""
    chat = circle.chat
    if chat is None:
        raise Gone
    outsiders = (await outsiders_in(context.session, chat.id))[:OUTSIDERS_SHOWN]
    keyboard = [
        [
            *(
                [Button(t("circles.remove_named", name=each.name), RemovePress(chat.id, each.telegram_id))]
                if _removable(circle, each.is_admin)
                else []
            ),
            *(
                [Button(t("circles.add_named", name=each.name), MemberPress(circle.id, MemberAct.ADD, each.person.id))]
                if each.person
                else []
            ),
        ]
        for each in outsiders
    ]
    await context.show("circles/outsiders", keyboard=[*keyboard, [back_to(circle)]], circle=circle, title=chat.title, outsiders=outsiders)


def _removable(circle: Circle, is_admin: bool) -> bool:
    return circle.lives and circle.chat is not None and circle.chat.can_restrict and not is_admin


async def show_retired_list(context: HomeContext) -> None:
    circles = (await retired_circles(context.session))[:70]
    buttons = rows([Button(circle.name, CirclePress(CircleAct.SHOW, circle.id)) for circle in circles], 2)
    await context.show(
        "plain", keyboard=[*buttons, [Button(t("circles.back"), CirclePress(CircleAct.LIST))]], text=t("circles.retired_title")
    )


async def show_retired(context: HomeContext, circle: Circle) -> None:
    """What is remembered of a circle that is not in use any more."""
    entry = await retirement_of(context.session, circle)
    past = entry.details if entry is not None else {}
    people = [await context.session.get(Person, id) for id in past.get("members", ())]
    await context.show(
        "circles/retired",
        keyboard=[[Button(t("circles.back"), CirclePress(CircleAct.RETIRED))]],
        circle=circle,
        name=past.get("name", circle.name),
        title=past.get("title"),
        specialties=past.get("specialties", []),
        people=[person for person in people if person is not None][:PEOPLE_SHOWN],
    )
