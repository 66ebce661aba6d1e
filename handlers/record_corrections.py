"""A final attendance corrected by the office: whose, to what, and why. The person hears of it."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.pieces import words_of
from handlers.record_card import show_to_office
from handlers.record_presses import CorrectPress, CorrectToPress, RecordPress
from handlers.record_review import tell_attendance
from handlers.texts import t
from models.attendance import Attendance
from models.attendance_table import Attended
from models.final_attendance import NotFinal, correct_attendance, turnout_of
from models.forms import close_form, form_of, open_form
from models.invitations import activity_by_id, invitation_for
from models.people import Person, Role
from models.records import REASON_LIMIT, ActivityRecord, RecordState, record_of
from models.rules import Gone, RuleBroken

FORM = "record_fix"
WHO, REASON = "who", "reason"
OFFERED = 30


async def ask_whom(context: HomeContext, kept: ActivityRecord, pressed: RecordPress) -> None:
    """A name typed, or one of those who were not simply present."""
    context.person.require(Role.OFFICE)
    if kept.state is not RecordState.CONFIRMED:
        raise NotFinal
    await open_form(context.session, context.person.id, FORM, WHO, now=context.now, activity=kept.activity_id)
    turnout = await turnout_of(context.session, kept.activity, context.policy, now=context.now)
    others = turnout.of(Attendance.ABSENT, Attendance.LATE, Attendance.EXCUSED)[:OFFERED]
    await context.reply("record/ask_whom", keyboard=rows([_whose(context, attended) for attended in others], 2), activity=kept.activity)


def _whose(context: HomeContext, attended: Attended) -> Button:
    what = t(f"record.attendance.{attended.attendance}") if attended.attendance else ""
    label = t("activity.of_whom", name=attended.person.name, what=what)
    return Button(label, CorrectPress(attended.activity.id, attended.person.id))


async def choose(update: Update, context: HomeContext) -> None:
    """Whose it is: what shall it be?"""
    pressed = CorrectPress.unpack(context.pressed)
    kept = await _confirmed(context, pressed.activity_id)
    person = await context.session.get(Person, pressed.person_id)
    if person is None:
        raise Gone
    await _ask_what(context, kept, person)


async def _confirmed(context: HomeContext, activity_id: int) -> ActivityRecord:
    context.person.require(Role.OFFICE)
    kept = await record_of(context.session, await activity_by_id(context.session, activity_id), lock=True)
    if kept is None or kept.state is not RecordState.CONFIRMED:
        raise NotFinal
    return kept


async def _ask_what(context: HomeContext, kept: ActivityRecord, person: Person) -> None:
    invitation = await invitation_for(context.session, kept.activity_id, person)
    others = [attendance for attendance in Attendance if attendance is not invitation.attendance]
    buttons = [Button(t(f"record.attendance.{each}"), CorrectToPress(kept.activity_id, person.id, each)) for each in others]
    await context.show("record/ask_what", keyboard=[buttons], activity=kept.activity, person=person, attendance=invitation.attendance)


async def choose_what(update: Update, context: HomeContext) -> None:
    pressed = CorrectToPress.unpack(context.pressed)
    kept = await _confirmed(context, pressed.activity_id)
    person = await context.session.get(Person, pressed.person_id)
    if person is None:
        raise Gone
    await open_form(
        context.session,
        context.person.id,
        FORM,
        REASON,
        now=context.now,
        activity=kept.activity_id,
        person=person.id,
        attendance=pressed.attendance.value,
    )
    await context.show("record/ask_why", activity=kept.activity, person=person, attendance=pressed.attendance)


async def take(update: Update, context: HomeContext) -> None:
    """A name, or the reason."""
    form, words = await form_of(context.session, context.person.id, FORM), words_of(update.message)
    if form is None:
        return
    if not words or words.startswith("/") or len(words) > REASON_LIMIT:
        await context.reply("plain", text=t("record.reason_in_words", limit=REASON_LIMIT))
        return
    try:
        kept = await _confirmed(context, int(form.data["activity"]))
    except RuleBroken as refusal:
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    if form.step == WHO:
        await _find(context, kept, words)
        return
    data = dict(form.data)
    await close_form(context.session, context.person.id)
    await _correct(context, kept, int(data["person"]), Attendance(data["attendance"]), words)


async def _find(context: HomeContext, kept: ActivityRecord, name: str) -> None:
    turnout = await turnout_of(context.session, kept.activity, context.policy, now=context.now)
    found = [attended for attended in turnout.everybody if attended.person.name == name]
    if len(found) == 1:
        await _ask_what(context, kept, found[0].person)
    elif found:
        await context.reply("record/ask_whom", keyboard=[[_whose(context, attended)] for attended in found], activity=kept.activity)
    else:
        await context.reply("plain", text=t("record.nobody_called_so", name=name[:30]))


async def _correct(context: HomeContext, kept: ActivityRecord, person_id: int, attendance: Attendance, reason: str) -> None:
    person = await context.session.get(Person, person_id)
    try:
        if person is None:
            raise Gone
        was = (await invitation_for(context.session, kept.activity_id, person)).attendance
        entry = await correct_attendance(context.session, kept, person, attendance, context.person, reason, context.policy, now=context.now)
    except RuleBroken as refusal:
        await context.refuse(refusal)
        return
    if entry is not None and person.active:
        await tell_attendance(context.post, entry, was=was, reason=reason)
    await show_to_office(context.post, kept)
    await context.reply("plain", text=t("record.corrected", name=person.name, attendance=t(f"record.attendance.{attendance}")))


JOURNEY = Journey(presses={CorrectPress: choose, CorrectToPress: choose_what}, forms={FORM: take})
