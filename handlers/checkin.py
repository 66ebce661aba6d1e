"""Checking in by oneself: by scanning the code, typing its four digits, or sharing where one is."""

from __future__ import annotations

from datetime import timedelta

from telegram import Message, Update

from handlers.checkin_presses import DeskDo, DeskPress, RollDo, RollPress, WhichPress
from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, ask_for_phone
from handlers.menu import BACK_TO_MENU
from handlers.texts import t
from models.activities import Activity
from models.attendance import CheckInWay
from models.checkin import CodeStale, called_to, check_in, check_in_of, is_called, is_late
from models.checkin_codes import digits_of, is_code, is_token
from models.checkin_desk import CheckInDesk, may_run, open_desks, screens_of
from models.checkin_guesses import may_guess, note_wrong
from models.checkin_place import distance
from models.forms import form_of
from models.people import Person, Role, people_with
from models.rules import RuleBroken
from models.turnout import activities_for

FRESH = timedelta(minutes=2)
"""A location says where somebody was when it was sent; older than this it says nothing of now."""


class GuessesSpent(RuleBroken):
    """Too many wrong codes."""

    key = "checkin.slow_down"


async def scan(update: Update, context: HomeContext, rest: str) -> None:
    """The scanned code opened the bot: ``<activity>_<token>``. Raises CodeStale, CheckInNotYet, CheckInOver."""
    if context.stranger:
        await context.post.tell(context.here, "checkin/stranger", reply_markup=ask_for_phone(context.post.texts, context.language))
        return
    activity_id, _, token = rest.partition("_")
    known = activity_id.isdecimal() and len(activity_id) < 10
    desk = await context.session.get(CheckInDesk, int(activity_id)) if known else None
    if desk is None:
        raise CodeStale
    desk.require_open(context.policy, now=context.now)
    if not is_token(desk.secret, token, now=context.now, every=context.policy.checkin_code_every):
        raise CodeStale
    await _arrive(context, desk, CheckInWay.SCAN)


async def take_digits(update: Update, context: HomeContext) -> bool:
    """Four digits while an activity one is called to can be checked in to. Which one is meant, the digits say.

    Asked before an open form: at the door nobody remembers one. A form gets all that is not the code of this moment, and every
    wrong one counts, wherever it goes.
    """
    message = update.message
    digits = digits_of(message.text) if message else None
    if message is None or digits is None:
        return False
    desks = await open_desks(context.session, context.policy, now=context.now)
    called = await called_to(context.session, context.person.id, [desk.activity_id for desk in desks])
    right = [desk for desk in desks if is_code(desk.secret, digits, now=context.now, every=context.policy.checkin_code_every)]
    awaited = [desk for desk in desks if called.get(desk.activity_id) is False]
    if not awaited and not right:
        return False
    form_open = await form_of(context.session, context.person.id) is not None
    if not await may_guess(context.session, context.person, context.policy, now=context.now):
        return False if form_open else await _say_no(context, _slow_down(context))
    if message.forward_origin is not None:
        return False if form_open else await _say_no(context, CodeStale())
    mine = [desk for desk in right if desk.activity_id in called]
    if mine or (right and not form_open):
        await _take_right(context, mine or right, digits)
        return True
    if awaited:
        left = await note_wrong(context.session, context.person, context.policy, now=context.now)
        if not form_open:
            await context.reply("plain", text=t("checkin.wrong", left=left) if left else t(GuessesSpent.key, **_slow_down(context).values))
    return bool(awaited) and not form_open


async def _take_right(context: HomeContext, desks: list[CheckInDesk], digits: str) -> None:
    if len(desks) == 1:
        await _arrive(context, desks[0], CheckInWay.CODE)
    else:
        buttons = [[Button(desk.activity.title, WhichPress(desk.activity_id, digits))] for desk in desks]
        await context.reply("plain", keyboard=buttons, text=t("checkin.which"))


async def choose(update: Update, context: HomeContext) -> None:
    """Of two with the same digits, this one; the digits must still be its own."""
    pressed = WhichPress.unpack(context.pressed)
    if not await may_guess(context.session, context.person, context.policy, now=context.now):
        raise _slow_down(context)
    desk = await context.session.get(CheckInDesk, pressed.activity_id)
    if desk is None or not is_code(desk.secret, pressed.code, now=context.now, every=context.policy.checkin_code_every):
        await note_wrong(context.session, context.person, context.policy, now=context.now)
        await context.show("plain", text=t(CodeStale.key))
        return
    desk.require_open(context.policy, now=context.now)
    await _arrive(context, desk, CheckInWay.CODE)


def _slow_down(context: HomeContext) -> GuessesSpent:
    return GuessesSpent(minutes=max(round(context.policy.checkin_guess_pause.total_seconds() / 60), 1))


async def _say_no(context: HomeContext, refusal: RuleBroken) -> bool:
    await context.refuse(refusal)
    return True


async def take_location(update: Update, context: HomeContext) -> bool:
    """A location shared now, within the radius of a place where one is awaited. Live ones count as they begin."""
    message = update.message
    if message is None or message.location is None or message.reply_to_message is not None:
        return False
    desks = [desk for desk in await open_desks(context.session, context.policy, now=context.now) if desk.place is not None]
    called = await called_to(context.session, context.person.id, [desk.activity_id for desk in desks])
    awaited = [desk for desk in desks if called.get(desk.activity_id) is False]
    if not awaited:
        return False
    if not _said_here_and_now(message, context):
        await context.reply("plain", text=t("checkin.place_not_now"))
        return True
    here = (message.location.latitude, message.location.longitude)
    away = {desk.activity_id: distance(here, desk.place) for desk in awaited if desk.place is not None}
    nearest = min(awaited, key=lambda desk: away[desk.activity_id])
    metres = away[nearest.activity_id]
    if metres <= context.policy.checkin_radius:
        await _arrive(context, nearest, CheckInWay.PLACE)
    else:
        far = t("checkin.too_far", title=nearest.activity.title, metres=round(metres), radius=context.policy.checkin_radius)
        await context.reply("plain", text=far)
    return True


def _said_here_and_now(message: Message, context: HomeContext) -> bool:
    """Not forwarded, not a place picked by name, not an old one."""
    return message.forward_origin is None and message.venue is None and context.now - message.date <= FRESH


async def _arrive(context: HomeContext, desk: CheckInDesk, way: CheckInWay) -> None:
    """Check in whoever speaks. Who is not called turns to the organiser, who hears of it."""
    person, activity = context.person, desk.activity
    if not await is_called(context.session, activity.id, person.id):
        await context.reply("plain", text=t("checkin.not_called", title=activity.title))
        await _tell_organisers(context, desk)
        return
    again = await check_in_of(context.session, activity.id, person.id) is not None
    found = await check_in(context.session, desk, person, way, context.policy, now=context.now)
    minutes = int((found.at - activity.starts_at).total_seconds() // 60)
    late = is_late(found, activity, context.policy)
    await context.reply("checkin/done", activity=activity, at=found.at, late=late, minutes=minutes, again=again)


async def _tell_organisers(context: HomeContext, desk: CheckInDesk) -> None:
    """One tap adds somebody who came without being called."""
    person, activity = context.person, desk.activity
    add = [[Button(t("checkin.do.add"), RollPress(activity.id, RollDo.ADD, person.id))]]
    for organiser in await _organisers(context, activity):
        await context.post.card(
            f"checkin_add:{activity.id}:{person.id}", organiser, "checkin/uncalled", keyboard=add, activity=activity, person=person
        )


async def _organisers(context: HomeContext, activity: Activity) -> list[Person]:
    """Those who show the code now; else whoever made the activity; else the office."""
    showing = [screen.person for screen in await screens_of(context.session, activity) if screen.person.active]
    if showing:
        return showing
    maker = activity.created_by
    if maker.telegram_id is not None and await may_run(context.session, maker, activity):
        return [maker]
    return list(await people_with(context.session, Role.OFFICE))


async def open_mine(update: Update, context: HomeContext) -> None:
    """``/check_in``: what can be checked in to now and how; and the desks one runs."""
    person, session = context.person, context.session
    desks = await open_desks(session, context.policy, now=context.now)
    called = await called_to(session, person.id, [desk.activity_id for desk in desks])
    runs = [activity for activity in await activities_for(session, person, now=context.now) if await may_run(session, person, activity)]
    runs += [desk.activity for desk in desks if desk.activity not in runs and await may_run(session, person, desk.activity)]
    buttons = [[Button(t("checkin.do.desk_of", title=activity.title), DeskPress(activity.id, DeskDo.OPEN))] for activity in runs]
    mine = [(desk, called[desk.activity_id]) for desk in desks if desk.activity_id in called]
    await context.show("checkin/mine", keyboard=[*buttons, [BACK_TO_MENU]], mine=mine, runs=bool(runs))


JOURNEY = Journey(
    entries=(Entry("check_in", open_mine, in_menu=False),),
    presses={WhichPress: choose},
    starts={"k": scan},
    urgent_takers=(take_digits,),
    takers=(take_location,),
)
