"""Activities for those who organise them: the list, who answered what, the spreadsheet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Update

from handlers.activity_card import ActivityPress, Do, card_values, organiser_buttons, refresh_cards, show_card
from handlers.activity_change import STEPS, take_change
from handlers.answers_sheet import answers_sheet, delivery_of
from handlers.calendar_file import file_stem
from handlers.context import HomeContext
from handlers.invitation_card import InvitationPress
from handlers.journey import Due, Entry, Journey
from handlers.keyboards import Button
from handlers.menu import BACK_TO_MENU
from handlers.post import Post
from handlers.texts import t
from models.activities import Activity
from models.audit import record
from models.invitations import Delivery, Standing, activity_by_id, invitations_of, own_invitations
from models.people import Role
from models.rules import NotAllowed
from models.turnout import activities_for, advance_states, figures_of, next_change_at, seen_by

ORGANISERS = (Role.OFFICE, Role.LEADER, Role.GROUP_LEADER, Role.AREA_STAFF)
NAMES_SHOWN = 150
REASON_SHOWN, REASONS_SHOWN = 40, 25


async def list_activities(update: Update, context: HomeContext) -> None:
    """``/activities``: what is coming, each with one's own answer; a button opens it."""
    activities = await activities_for(context.session, context.person, now=context.now)
    own = await own_invitations(context.session, context.person, activities)
    buttons = [[_opening(activity, context)] for activity in activities]
    await context.show("activity/list", keyboard=[*buttons, [BACK_TO_MENU]], activities=activities, own=own)


def _opening(activity: Activity, context: HomeContext) -> Button:
    label = f"{context.post.texts.day(activity.starts_at, context.language)} {activity.title}"
    organises = context.person.has(*ORGANISERS)
    return Button(label, ActivityPress(activity.id, Do.OPEN) if organises else InvitationPress(activity.id))


async def press(update: Update, context: HomeContext) -> None:
    """An organiser's button. Raises NotAllowed for whoever may not see or do this."""
    pressed = ActivityPress.unpack(update.callback_query.data if update.callback_query else None)
    activity = await activity_by_id(context.session, pressed.activity_id, to_change=pressed.do in STEPS)
    if pressed.do in STEPS:
        await STEPS[pressed.do](update, context, activity)
    elif pressed.do is Do.OPEN:
        await _open(context, activity)
    elif pressed.do is Do.NAMES:
        await _names(context, activity)
    else:
        await _sheet(context, activity)


async def _open(context: HomeContext, activity: Activity) -> None:
    """The card that follows for the office and the maker, the figures for leaders, the names of their own people for the others."""
    person = context.person
    own = await own_invitations(context.session, person, [activity])
    answer = [[Button(t("activity.own_answer"), InvitationPress(activity.id))]] if own else []
    back = [[BACK_TO_MENU]]
    if person.has(Role.OFFICE) or person.id == activity.created_by_id:
        await show_card(context.post, activity, person, await figures_of(context.session, activity), afresh=True)
    elif person.has(Role.LEADER):
        values = await card_values(context.post, activity, await figures_of(context.session, activity))
        buttons = organiser_buttons(activity, person, now=context.now)
        await context.show("activity/card", keyboard=[*buttons, *answer, *back], **values)
    elif seen_by(person, activity, await invitations_of(context.session, activity)):
        names = [[Button(t("activity.do.names"), ActivityPress(activity.id, Do.NAMES))]]
        await context.show("activity/brief", keyboard=[*names, *answer, *back], activity=activity)
    elif own:
        await context.show("activity/brief", keyboard=[*answer, *back], activity=activity)
    else:
        raise NotAllowed


async def _names(context: HomeContext, activity: Activity) -> None:
    """Who answered what, and whom the notice did not reach. Only office and leaders read why somebody asked leave."""
    seen = seen_by(context.person, activity, await invitations_of(context.session, activity))
    if not seen:
        raise NotAllowed
    missed = [i for i in seen if activity.told and i.delivery not in (Delivery.REACHED, Delivery.ON_THE_WAY)]
    await context.reply(
        "activity/names",
        activity=activity,
        began=context.now >= activity.starts_at,
        by_standing={standing: [i for i in seen if i.standing is standing] for standing in Standing},
        missed=[(invitation, delivery_of(invitation)) for invitation in missed],
        with_reasons=context.person.has(Role.OFFICE, Role.LEADER),
        limit=NAMES_SHOWN,
        reason_limit=REASON_SHOWN,
        reasons_shown=REASONS_SHOWN,
    )


async def _sheet(context: HomeContext, activity: Activity) -> None:
    context.person.require(Role.OFFICE)
    texts, language = context.post.texts, context.language
    content = answers_sheet(
        activity,
        await invitations_of(context.session, activity),
        say=lambda text: texts.say(text, language),
        moment=lambda at: texts.moment(at, language),
    )
    name = texts.say(t("sheet.file", title=file_stem(activity.title)), language)
    record(context.session, context.person, "activity.exported", f"activity:{activity.id}", now=context.now)
    await context.post.tell(context.here, "activity/sheet", attachment=await context.post.attach(name, content), activity=activity)


async def advance(post: Post) -> None:
    await advance_states(post.session, now=post.now)


async def never(session: AsyncSession) -> datetime | None:
    """Cards follow what happens; the passing of time alone changes nothing on them."""
    return None


JOURNEY = Journey(
    entries=(Entry("activities", list_activities, roles=frozenset(Role)),),
    presses={ActivityPress: press},
    forms={"move": take_change},
    due=(Due(advance, next_change_at), Due(refresh_cards, never)),
)
