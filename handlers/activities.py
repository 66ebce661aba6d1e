"""Activities for those who organise them: the list, who answered what, the spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
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
from handlers.own_activities import OwnMonthPress, show_own
from handlers.post import Post
from handlers.texts import T, t
from models.activities import Activity
from models.audit import record
from models.final_account import account_of
from models.invitations import Invitation, Standing, activity_by_id, invitations_of, own_invitations
from models.notice_record import ledger_of
from models.organising import organises
from models.people import Role
from models.rules import NotAllowed
from models.turnout import activities_for, advance_states, next_change_at, seen_by

ORGANISERS = (Role.OFFICE, Role.LEADER, Role.GROUP_LEADER, Role.AREA_STAFF)
SECTION_LENGTH, ENTRY_LENGTH = 600, 70
"""A message has room for 4096 characters, and the list for six sections."""


async def list_activities(update: Update, context: HomeContext) -> None:
    """``/activities``: one's own month by month; for those who organise, what is coming, each with one's own answer."""
    if not context.person.has(*ORGANISERS):
        await show_own(context)
        return
    activities = await activities_for(context.session, context.person, now=context.now)
    own = await own_invitations(context.session, context.person, activities)
    day = context.post.texts.day
    buttons = [
        [Button(f"{day(activity.starts_at, context.language)} {activity.title}", ActivityPress(activity.id, Do.OPEN))]
        for activity in activities
    ]
    mine = Button(t("audience.do.own"), OwnMonthPress(0))
    await context.show("activity/list", keyboard=[*buttons, [mine], [BACK_TO_MENU]], activities=activities, own=own)


async def press(update: Update, context: HomeContext) -> None:
    """An organiser's button. Raises NotAllowed for whoever may not see or do this."""
    pressed = ActivityPress.unpack(context.pressed)
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
    if organises(person, activity):
        await show_card(context.post, activity, person, await account_of(context.session, activity, now=context.now), afresh=True)
    elif person.has(Role.LEADER):
        values = await card_values(context.post, activity, await account_of(context.session, activity, now=context.now))
        buttons = organiser_buttons(activity, person, now=context.now)
        await context.show("activity/card", keyboard=[*buttons, *answer, *back], **values)
    elif seen_by(person, activity, await invitations_of(context.session, activity)):
        names = [[Button(t("activity.do.names"), ActivityPress(activity.id, Do.NAMES))]]
        await context.show("activity/brief", keyboard=[*names, *answer, *back], activity=activity)
    elif own:
        await context.show("activity/brief", keyboard=[*answer, *back], activity=activity)
    else:
        raise NotAllowed


@dataclass(frozen=True)
class Section:
    """One part of the list of answers, cut to what fits into a message; ``left_out`` says how many are not shown."""

    title: T
    count: int
    entries: list[str]
    left_out: int
    lines: bool


async def _names(context: HomeContext, activity: Activity) -> None:
    """Who answered what, and whom the notice did not reach. Only office and leaders read why somebody asked leave."""
    seen = seen_by(context.person, activity, await invitations_of(context.session, activity))
    if not seen:
        raise NotAllowed
    with_reasons = context.person.has(Role.OFFICE, Role.LEADER)
    sections = []
    for standing in Standing:
        those = [invitation for invitation in seen if invitation.standing is standing]
        if standing is Standing.WAITING:
            those.sort(key=lambda invitation: (invitation.replied_at or context.now, invitation.id))  # as they will move up
        explained = with_reasons and standing not in (Standing.ATTENDING, Standing.WAITING, Standing.SILENT)
        entries = [_explained(context, invitation) if explained else invitation.person.name for invitation in those]
        began = standing is Standing.LEAVE_PENDING and context.now >= activity.starts_at
        title = t("activity.absent_unless_approved") if began else t(f"activity.standing.{standing}")
        sections.append(_cut(title, entries, lines=explained))
    missed = [invitation for invitation in seen if activity.told and invitation.missed]
    released = seen_by(context.person, activity, await invitations_of(context.session, activity, released=True))
    sections.append(_cut(t("audience.released_section"), [invitation.person.name for invitation in released], lines=False))
    sections.append(_cut(t("activity.missed_title"), [_not_reached(context, invitation) for invitation in missed], lines=True))
    await context.reply("activity/names", activity=activity, sections=[section for section in sections if section.count])


def _explained(context: HomeContext, invitation: Invitation) -> str:
    name, leave = invitation.person.name, invitation.leave
    if leave is None:
        return name
    reason = f" · {leave.reason}" if leave.reason else ""
    said = context.post.texts.say(t("activity.of_whom", name=name, what=t(f"leave.category.{leave.category}")), context.language) + reason
    return said if len(said) <= ENTRY_LENGTH else f"{said[: ENTRY_LENGTH - 1]}…"


def _not_reached(context: HomeContext, invitation: Invitation) -> str:
    why = t(f"activity.delivery.{delivery_of(invitation)}")
    return context.post.texts.say(t("activity.of_whom", name=invitation.person.name, what=why), context.language)


def _cut(title: T, entries: list[str], *, lines: bool) -> Section:
    shown: list[str] = []
    room = SECTION_LENGTH
    for entry in entries:
        room -= len(entry) + 1
        if room < 0:
            break
        shown.append(entry)
    return Section(title, len(entries), shown, len(entries) - len(shown), lines)


async def _sheet(context: HomeContext, activity: Activity) -> None:
    context.person.require(Role.OFFICE)
    texts, language = context.post.texts, context.language
    invitations = await invitations_of(context.session, activity)
    content = answers_sheet(
        activity,
        invitations,
        await ledger_of(context.session, activity, invitations),
        say=lambda text: texts.say(text, language),
        lead=f"{activity.title}  {texts.moment(activity.starts_at, language)}  {activity.place}",
        timezone=texts.timezone,
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
    entries=(Entry("activities", list_activities),),
    presses={ActivityPress: press},
    forms={"move": take_change},
    due=(Due(advance, next_change_at), Due(refresh_cards, never)),
)
