"""The deputies: they answer, ask leave, come in time or late, and try their luck with a picture that somebody forwarded."""

from __future__ import annotations

from datetime import timedelta

from handlers.checkin_presses import DeskDo, DeskPress, RollDo, RollPress
from handlers.invitation_card import AttendPress, LeavePress, LeaveStep
from handlers.leave_presses import HalfDaysPress
from models.checkin_codes import code_of, slot_at, token_of
from models.checkin_desk import CheckInDesk
from tests.journeys.phones import press_one, together
from tests.journeys.year.calling import organiser_of
from tests.journeys.year.cast import Deputy, Happening, Year
from tests.journeys.year.fates import Answer, Coming

CODES_CHANGE = timedelta(seconds=30)
FORWARDED = timedelta(minutes=3)
"""So old is a picture by the time somebody has forwarded it."""


async def answer(year: Year, happening: Happening, number: int) -> None:
    """One round of answers. Whoever said yes before and is asked again says so again."""
    if happening.off:
        return
    await together(_answer(happening, deputy, number) for deputy in happening.called if deputy.reachable)
    await year.home.settle()


async def _answer(happening: Happening, deputy: Deputy, number: int) -> None:
    fate = happening.fates[deputy.id]
    if fate.answer is Answer.NONE or number < fate.round:
        return
    leave_first = fate.answer is Answer.LEAVE or (fate.answer is Answer.LEAVE_TAKEN_BACK and number == fate.round)
    if not leave_first:
        if fate.answer is Answer.LEAVE_TAKEN_BACK:
            happening.facts[deputy.id].excused = False
        await press_one(deputy.phone, AttendPress, lambda does: does.activity_id == happening.id)
    elif number == fate.round and not fate.asked:  # a request stands when the activity is given another time
        fate.asked = True
        await _ask_leave(happening, deputy)


async def _ask_leave(happening: Happening, deputy: Deputy) -> None:
    fate, phone = happening.fates[deputy.id], deputy.phone
    for step in (LeaveStep.BEGIN, LeaveStep(fate.category.value)):
        pressed = await press_one(phone, LeavePress, LeavePress(happening.id, step).__eq__)
        assert pressed, (happening.planned.title, phone.name, step)
        await phone.village.settle()
    if happening.planned.kind == "会议":  # the whole of it, where it has more than one half day
        await press_one(phone, HalfDaysPress, lambda does: does.activity_id == happening.id and bool(does.done))
        await phone.village.settle()
    await phone.says("单位有事，不能参加")


async def open_desk(year: Year, happening: Happening) -> None:
    """The organiser shows the code."""
    organiser = organiser_of(year, happening.planned)
    await organiser.says("/check_in")
    await year.home.settle()
    for step in (DeskDo.OPEN, DeskDo.SHOW):
        pressed = await press_one(organiser, DeskPress, DeskPress(happening.id, step).__eq__)
        assert pressed, (happening.planned.title, step)
        await year.home.settle()


async def arrive(year: Year, happening: Happening) -> None:
    """Before the start, all those who come in time."""
    secret = await _secret(year, happening)
    ways = (Coming.SCAN, Coming.CODE, Coming.STALE_FIRST, Coming.STALE_ONLY)
    coming = [deputy for deputy in happening.called if happening.fates[deputy.id].coming in ways]
    await together(_arrive(year, happening, deputy, secret) for deputy in coming)
    await year.home.settle()


async def arrive_late(year: Year, happening: Happening) -> None:
    secret = await _secret(year, happening)
    coming = [deputy for deputy in happening.called if happening.fates[deputy.id].coming is Coming.LATE]
    await together(_arrive(year, happening, deputy, secret) for deputy in coming)
    await _tap(year, happening)
    await year.home.settle()
    organiser = organiser_of(year, happening.planned)
    from tests.village import shown

    if not await press_one(organiser, DeskPress, DeskPress(happening.id, DeskDo.STOP).__eq__):
        raise AssertionError([shown(m) for m in (await organiser.messages())[-8:]])
    await year.home.settle()


async def _secret(year: Year, happening: Happening) -> str:
    async with year.home.session() as session:
        desk = await session.get(CheckInDesk, happening.id)
        assert desk is not None, happening.planned.title
        return desk.secret


async def _arrive(year: Year, happening: Happening, deputy: Deputy, secret: str) -> None:
    coming, now = happening.fates[deputy.id].coming, year.home.clock.now()
    if coming in (Coming.STALE_FIRST, Coming.STALE_ONLY):
        old = token_of(secret, slot_at(now - FORWARDED, every=CODES_CHANGE))
        await deputy.phone.starts(f"k_{happening.id}_{old}")
    if coming is Coming.STALE_ONLY:
        return
    slot = slot_at(year.home.clock.now(), every=CODES_CHANGE)
    if coming is Coming.CODE:
        await deputy.phone.says(code_of(secret, slot))
    else:
        await deputy.phone.starts(f"k_{happening.id}_{token_of(secret, slot)}")
    happening.facts[deputy.id].came_at = now


async def _tap(year: Year, happening: Happening) -> None:
    """Those without a phone in hand give their names to the organiser."""
    organiser = organiser_of(year, happening.planned)
    for deputy in happening.called:
        if happening.fates[deputy.id].coming is Coming.TAPPED:
            message = await organiser.sees("签到")
            does = RollPress(happening.id, RollDo.TAP, deputy.id)
            await organiser.presses_data(message["message_id"], does.pack())
            happening.facts[deputy.id].came_at = year.home.clock.now()
