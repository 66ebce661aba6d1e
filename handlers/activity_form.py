"""The guided form for a new activity: six steps, by button where possible, a preview, and one tap to publish."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from telegram import Update

from handlers.activity_answers import take_lines, take_typed
from handlers.activity_card import show_cards
from handlers.activity_draft import CAPACITY, PREVIEW, STEPS, Draft
from handlers.activity_steps import MOMENT, Ask, FormPress, show_called, show_step
from handlers.context import HomeContext
from handlers.dates import MomentPast, MomentTooFar
from handlers.journey import Entry, Journey
from handlers.labelled_lines import labelled_lines
from handlers.menu import BACK_TO_MENU
from handlers.texts import t
from handlers.whom_form import WhomForm
from models.activities import FARTHEST, ActivityKind
from models.audience import Audience, Part, Side
from models.forms import close_form, form_of, open_form
from models.invitations import call_activity
from models.notices import schedule_notices
from models.people import Role
from models.plans import grow_from
from models.rules import Gone, RuleBroken
from models.waiting_list import require_capacity

KIND = "activity"


class NoGroup(RuleBroken):
    """A group leader without a group has nobody to call."""

    key = "activity.no_group"


async def begin(update: Update, context: HomeContext) -> None:
    """``/new_activity``: the first step."""
    await show_step(context, await new_draft(context))


async def new_draft(context: HomeContext) -> Draft:
    """An empty form. A group leader's is for the own group. Raises NotAllowed, NoGroup."""
    person = context.person
    person.require(Role.OFFICE, Role.GROUP_LEADER)
    draft = Draft(
        await open_form(context.session, person.id, KIND, STEPS[0], now=context.now, token=round(context.now.timestamp() * 1000) % 10**9)
    )
    if not person.has(Role.OFFICE):
        if person.group_id is None:
            raise NoGroup
        draft.audience = Audience().plus(Part.GROUP, [person.group_id])
        draft.form.data["done"], draft.form.data["fixed"] = ["whom"], ["whom"]
    return draft


async def take_message(update: Update, context: HomeContext) -> None:
    """A message while the form is open: labelled lines begin anew, anything else answers the step."""
    form, text = await form_of(context.session, context.person.id, KIND), _text_of(update)
    if form is None or await take_labelled(update, context):
        return
    draft = Draft(form)
    form.updated_at = context.now
    troubles = await take_typed(context, draft, text) if text else [t("activity.write_please")]
    for trouble in troubles:
        await context.reply("plain", text=trouble)
    await show_step(context, draft, afresh=True)


async def take_labelled(update: Update, context: HomeContext) -> bool:
    """One message that holds a whole activity goes straight to the preview; what it lacks is asked for."""
    fields = labelled_lines(_text_of(update))
    if fields is None or not context.person.has(Role.OFFICE, Role.GROUP_LEADER):
        return False
    draft = await new_draft(context)
    for trouble in await take_lines(context, draft, fields):
        await context.reply("plain", text=trouble)
    await show_step(context, draft, afresh=True)
    return True


def _text_of(update: Update) -> str:
    return (update.message.text or "").strip() if update.message else ""


async def press(update: Update, context: HomeContext) -> None:
    """A button of the form. Raises Gone for one of an earlier form."""
    pressed = FormPress.unpack(update.callback_query.data if update.callback_query else None)
    form = await form_of(context.session, context.person.id, KIND)
    if form is None or form.data.get("token") != pressed.token:
        raise Gone
    context.person.require(Role.OFFICE, Role.GROUP_LEADER)
    draft, form.updated_at = Draft(form), context.now
    if pressed.ask is Ask.NAMES:
        await show_called(context, draft, pressed.value, partial(FormPress, draft.token))
    elif pressed.ask is Ask.PUBLISH:
        await _publish(context, draft)
    elif pressed.ask is Ask.DISCARD:
        await close_form(context.session, context.person.id)
        await context.post.card(draft.card_key, context.person, "activity/discarded", keyboard=[[BACK_TO_MENU]])
    else:
        try:
            _take_press(context, draft, pressed)
        except (ValueError, LookupError) as error:
            raise Gone from error
        await show_step(context, draft, editing=pressed.ask is Ask.EDIT)


def _take_press(context: HomeContext, draft: Draft, pressed: FormPress) -> None:
    match pressed.ask:
        case Ask.KIND:
            draft.kind = ActivityKind(pressed.value)
            draft.answered("kind")
        case Ask.WHEN:
            draft.set_time(_chosen_time(context, pressed.value), None)
            draft.answered("when")
        case Ask.PLACE:
            draft.place = draft.form.data["places"][int(pressed.value)]
            draft.answered("place")
        case Ask.SKIP:
            draft.notes = ""
            draft.answered("notes")
        case Ask.CAPACITY:
            places = int(pressed.value) or None
            require_capacity(places)
            draft.capacity = places
            draft.go_on()
        case Ask.EVERYONE | Ask.TOGGLE | Ask.TAB | Ask.SIDE | Ask.DONE:
            take_audience_press(draft, pressed.ask, pressed.value)
        case Ask.BACK:
            draft.go_back()
        case Ask.KEEP:
            draft.go_on()
        case Ask.GO_TO if pressed.value in (*STEPS, CAPACITY) and pressed.value not in draft.fixed:
            draft.form.step = pressed.value
        case Ask.OFFSETS:
            draft.next_preset()
        case Ask.EDIT:
            pass
        case _:
            raise Gone


def take_audience_press(draft: WhomForm, ask: Ask, value: str) -> None:
    """A button of the audience's chooser. Raises Gone, ValueError for what it cannot mean."""
    if "whom" in draft.fixed:
        raise Gone
    if ask is Ask.EVERYONE:
        draft.audience = replace(draft.audience, everyone=not draft.audience.everyone)
    elif ask is Ask.TOGGLE:
        name, _, member = value.partition("-")
        part = Part(name)
        if part is not Part.ROLE and not 0 < int(member) < 2**31:
            raise Gone
        draft.audience = draft.audience.toggled(part, Role(member) if part is Part.ROLE else int(member), draft.side)
    elif ask is Ask.TAB:
        draft.tab = Part(value)
    elif ask is Ask.SIDE:
        draft.side = Side(value)
    else:
        draft.answered("whom")


def _chosen_time(context: HomeContext, value: str) -> datetime:
    """The time of a button; it may have been shown long ago. Raises MomentPast, MomentTooFar."""
    chosen = datetime.strptime(value, MOMENT).replace(tzinfo=context.policy.timezone)
    if chosen <= context.now:
        raise MomentPast
    if chosen > context.now + FARTHEST:
        raise MomentTooFar
    return chosen


async def _publish(context: HomeContext, draft: Draft) -> None:
    """Make the activity, queue its notices, and give the office its card. Raises InThePast, NobodyCalled, NotAllowed."""
    kind, starts_at = draft.kind, draft.starts_at
    if draft.form.step != PREVIEW or kind is None or starts_at is None or not draft.title or not draft.place:
        raise Gone
    activity = await call_activity(
        context.session,
        context.person,
        kind=kind,
        title=draft.title,
        starts_at=starts_at,
        ends_at=draft.ends_at,
        place=draft.place,
        notes=draft.notes,
        audience=draft.audience,
        offsets=draft.offsets(context.policy),
        capacity=draft.capacity,
        now=context.now,
    )
    schedule_notices(activity, now=context.now)
    await context.session.flush()
    await grow_from(context.session, draft.form.data.get("plan_item"), activity, context.person)
    await close_form(context.session, context.person.id)
    await context.post.card(draft.card_key, context.person, "activity/published", activity=activity)
    await context.toast(t("activity.published_toast"))
    await show_cards(context.post, activity)


JOURNEY = Journey(
    entries=(Entry("new_activity", begin),),
    presses={FormPress: press},
    forms={KIND: take_message},
    patient_forms={KIND: timedelta.max},
    takers=(take_labelled,),
)
