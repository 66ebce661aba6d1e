"""The roll: the names of those called, to be tapped by the organiser; also for people without a phone, and to take a wrong tap back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telegram import Update

from handlers.checkin_presses import DeskDo, DeskPress, RollDo, RollPress
from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, Keyboard, rows
from handlers.paging import turns
from handlers.texts import t
from models.attendance import Attendance, CheckInWay
from models.attendance_table import Attended, attendance_of
from models.checkin import check_in_of, counts_of, is_late, note_in_time, note_left, tap_in, untap
from models.checkin_desk import CheckInDesk, desk_of, require_runs
from models.invitations import activity_by_id
from models.people import Person
from models.rules import Gone

PAGE = 20
MARKS = {Attendance.PRESENT: "✅", Attendance.LATE: "🕘", Attendance.EXCUSED: "📄", Attendance.ABSENT: "▫️", None: "▫️"}


async def press(update: Update, context: HomeContext) -> None:
    """A button of the roll. Raises NotAllowed for whoever does not run the desk."""
    pressed = RollPress.unpack(context.pressed)
    activity = await activity_by_id(context.session, pressed.activity_id)
    await require_runs(context.session, context.person, activity)
    desk = await desk_of(context.session, activity)
    if pressed.do is RollDo.LIST:
        await _list(context, desk, pressed)
        return
    person = await context.session.get(Person, pressed.person_id)
    if person is None:
        raise Gone
    session, organiser, policy, now = context.session, context.person, context.policy, context.now
    if pressed.do in (RollDo.TAP, RollDo.ADD):
        await _tap(context, desk, person, pressed)
        return
    if pressed.do is RollDo.UNTAP:
        if await untap(session, desk, person, organiser, policy, now=now):
            await context.post.tell(person, "plain", text=t("checkin.untapped_you", title=activity.title, by=organiser.name))
        await context.toast(t("checkin.untapped", name=person.name))
        await _list(context, desk, pressed)
        return
    if pressed.do in (RollDo.LEFT, RollDo.NOT_LEFT):
        await note_left(session, desk, person, organiser, policy, left=pressed.do is RollDo.LEFT, now=now)
    elif pressed.do is RollDo.IN_TIME:
        await note_in_time(session, desk, person, organiser, policy, now=now)
    await _person(context, desk, person, pressed)


async def _tap(context: HomeContext, desk: CheckInDesk, person: Person, pressed: RollPress) -> None:
    """They came. They hear of it, so that nobody is checked in without knowing."""
    before = await check_in_of(context.session, desk.activity_id, person.id)
    found = before or await tap_in(context.session, desk, person, context.person, context.policy, now=context.now)
    if before is None:
        late = is_late(found, desk.activity, context.policy)
        await context.post.tell(person, "checkin/tapped", activity=desk.activity, at=found.at, late=late, by=context.person.name)
    else:
        await context.toast(t("checkin.came_already", name=person.name))
    if pressed.do is RollDo.ADD:
        await _person(context, desk, person, pressed)
    else:
        await _list(context, desk, pressed, tapped=person)


async def _list(context: HomeContext, desk: CheckInDesk, pressed: RollPress, *, tapped: Person | None = None) -> None:
    """A page of names: those awaited, or everybody. The last tap can be taken back right here."""
    everybody = await attendance_of(context.session, [desk.activity], late_after=context.policy.late_after, now=context.now)
    chosen = everybody if pressed.everyone else [each for each in everybody if not each.came]
    page = min(max(pressed.page, 0), max(len(chosen) - 1, 0) // PAGE)
    shown = chosen[page * PAGE : (page + 1) * PAGE]

    def to(page: int, everyone: int = pressed.everyone) -> RollPress:
        return RollPress(desk.activity_id, RollDo.LIST, page=page, everyone=everyone)

    undo = RollPress(desk.activity_id, RollDo.UNTAP, tapped.id, page, pressed.everyone) if tapped is not None else None
    keyboard = [
        [Button(t("checkin.do.untap_name", name=tapped.name), undo)] if tapped is not None and undo is not None else [],
        *rows(_names(desk, shown, page, pressed.everyone), 2),
        turns(page, to, more=len(chosen) > (page + 1) * PAGE),
        [Button(t("checkin.do.awaited" if pressed.everyone else "checkin.do.everyone"), to(0, 1 - pressed.everyone))],
        [
            Button(t("checkin.do.by_name"), DeskPress(desk.activity_id, DeskDo.BY_NAME)),
            Button(t("checkin.do.back"), DeskPress(desk.activity_id, DeskDo.OPEN)),
        ],
    ]
    values: dict[str, Any] = {
        "activity": desk.activity,
        "counts": await counts_of(context.session, desk, context.policy),
        "everyone": bool(pressed.everyone),
        "tapped": tapped.name if tapped else None,
        "page": page + 1,
        "pages": max(len(chosen) - 1, 0) // PAGE + 1,
    }
    if pressed.page < 0:  # what it was pressed on stays as it is: a picture, or the desk
        key = f"checkin_roll:{desk.activity_id}"
        await context.post.card(key, context.person, "checkin/roll", keyboard=keyboard, afresh=True, **values)
    else:
        await context.show("checkin/roll", keyboard=keyboard, **values)


def _names(desk: CheckInDesk, shown: Sequence[Attended], page: int, everyone: int) -> list[Button]:
    return [
        Button(
            f"{MARKS[each.attendance]} {each.person.name}",
            RollPress(desk.activity_id, RollDo.PERSON if each.check_in else RollDo.TAP, each.person.id, page, everyone),
        )
        for each in shown
    ]


async def _person(context: HomeContext, desk: CheckInDesk, person: Person, pressed: RollPress) -> None:
    """One person who came: how and when, and what may be set right."""
    found = await check_in_of(context.session, desk.activity_id, person.id)
    if found is None:
        raise Gone
    late = is_late(found, desk.activity, context.policy)
    under_way = desk.activity.starts_at <= context.now < desk.activity.ends_at
    do = [RollDo.NOT_LEFT] if found.left_at else [RollDo.LEFT] if under_way else []
    if found.way is CheckInWay.TAP:
        do += [RollDo.IN_TIME, RollDo.UNTAP] if late else [RollDo.UNTAP]
    page = max(pressed.page, 0)
    keyboard: Keyboard = [
        *rows([Button(t(f"checkin.do.{one}"), RollPress(desk.activity_id, one, person.id, page, pressed.everyone)) for one in do], 2),
        [Button(t("checkin.do.roll"), RollPress(desk.activity_id, RollDo.LIST, page=page, everyone=pressed.everyone))],
    ]
    await context.show("checkin/person", keyboard=keyboard, activity=desk.activity, person=person, check_in=found, late=late)


JOURNEY = Journey(presses={RollPress: press})
