"""The organiser's side of a check-in: the desk's card, showing and closing the code, guests, place, helpers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from telegram import Update

from handlers.checkin_names import NAME, Purpose, ask_for_name, form_at_desk
from handlers.checkin_presses import DeskDo, DeskPress, HelperPress, RollPress
from handlers.checkin_screens import refresh_screens, stop_showing
from handlers.context import HomeContext
from handlers.journey import Due, Journey
from handlers.keyboards import Button, Keyboard, rows
from handlers.texts import t
from models.audit import record
from models.checkin import counts_of
from models.checkin_codes import page_key
from models.checkin_desk import (
    CheckInDesk,
    close_desk,
    desk_of,
    helpers_of,
    next_screen_at,
    reopen_desk,
    require_names_helpers,
    require_runs,
    screen_of,
    set_helper,
    show_on,
)
from models.forms import close_form, form_of, open_form
from models.invitations import activity_by_id
from models.people import Person
from models.rules import Gone

PAGE_PATH = "/checkin"
GUESTS, PLACE = "checkin_guests", "checkin_place"
Step = Callable[[HomeContext, CheckInDesk], Awaitable[None]]


async def press(update: Update, context: HomeContext) -> None:
    """A button of the desk. Raises NotAllowed for whoever does not run it."""
    pressed = DeskPress.unpack(context.pressed)
    activity = await activity_by_id(context.session, pressed.activity_id)
    await require_runs(context.session, context.person, activity)
    await STEPS[pressed.do](context, await desk_of(context.session, activity))


async def show_desk(context: HomeContext, desk: CheckInDesk, *, afresh: bool = False) -> None:
    """The desk's card, where it stands; ``afresh`` brings it to the chat's end."""
    activity, person = desk.activity, context.person
    await context.post.card(
        f"checkin_desk:{activity.id}",
        person,
        "checkin/desk",
        keyboard=await _desk_buttons(context, desk),
        afresh=afresh,
        activity=activity,
        counts=await counts_of(context.session, desk, context.policy),
        open=desk.is_open(context.policy, now=context.now),
        early=context.now < desk.opens_at(context.policy),
        opens_at=desk.opens_at(context.policy),
        page=page_address(context, desk),
        place=desk.place is not None,
        radius=context.policy.checkin_radius,
        helpers=[helper.name for helper in await helpers_of(context.session, activity)],
    )


def page_address(context: HomeContext, desk: CheckInDesk) -> str | None:
    """Where the full-screen page stands, if the Home has one and the desk is not over."""
    if not context.post.web_address or context.now >= desk.activity.ends_at or desk.closed_at is not None:
        return None
    return f"{context.post.web_address}{PAGE_PATH}/{desk.activity_id}/{page_key(desk.secret)}"


async def _desk_buttons(context: HomeContext, desk: CheckInDesk) -> Keyboard:
    activity, page = desk.activity, page_address(context, desk)

    def button(do: DeskDo) -> Button:
        return Button(t(f"checkin.do.{do}"), DeskPress(activity.id, do))

    showing = await screen_of(context.session, activity, context.person) is not None
    roll = Button(t("checkin.do.roll"), RollPress(activity.id, page=-1))
    over = context.now >= activity.ends_at
    code = [] if over or desk.closed_at is not None else [button(DeskDo.STOP if showing else DeskDo.SHOW)]
    return [
        [*code, *([Button(t("checkin.do.page"), page)] if page else [])],
        [roll, button(DeskDo.BY_NAME)],
        [button(DeskDo.GUESTS), button(DeskDo.HELPERS)],
        [] if over else [button(DeskDo.NO_PLACE if desk.place else DeskDo.PLACE)],
        [button(DeskDo.OPEN), *([] if over else [button(DeskDo.REOPEN if desk.closed_at else DeskDo.CLOSE)])],
    ]


async def _open(context: HomeContext, desk: CheckInDesk) -> None:
    await show_desk(context, desk, afresh=True)


async def _show_code(context: HomeContext, desk: CheckInDesk) -> None:
    """The picture comes to the end of the chat, and is kept up to date from there."""
    desk.require_open(context.policy, now=context.now)
    screen = await show_on(context.session, desk.activity, context.person, now=context.now)
    screen.shown, screen.shown_at = "", None
    await refresh_screens(context.post)
    await show_desk(context, desk)


async def _stop(context: HomeContext, desk: CheckInDesk) -> None:
    screen = await screen_of(context.session, desk.activity, context.person)
    if screen is not None:
        await stop_showing(context.post, desk, screen)
    await show_desk(context, desk)


async def _close(context: HomeContext, desk: CheckInDesk) -> None:
    await close_desk(context.session, desk, context.person, now=context.now)
    await refresh_screens(context.post)
    await show_desk(context, desk)


async def _reopen(context: HomeContext, desk: CheckInDesk) -> None:
    await reopen_desk(context.session, desk, context.person, now=context.now)
    await show_desk(context, desk)


async def _guests(context: HomeContext, desk: CheckInDesk) -> None:
    """A number can be typed, or counted up and down."""
    desk.require_correctable(context.policy, now=context.now)
    await open_form(context.session, context.person.id, GUESTS, "number", now=context.now, activity=desk.activity_id)
    await context.reply("checkin/guests", keyboard=_guest_buttons(desk), desk=desk)


def _guest_buttons(desk: CheckInDesk) -> Keyboard:
    steps = [Button(t(f"checkin.do.{do}"), DeskPress(desk.activity_id, do)) for do in (DeskDo.ONE_FEWER, DeskDo.ONE_MORE)]
    return [steps, [Button(t("checkin.do.back"), DeskPress(desk.activity_id, DeskDo.OPEN))]]


async def _one_more(context: HomeContext, desk: CheckInDesk) -> None:
    await _count_guests(context, desk, desk.guests + 1)


async def _one_fewer(context: HomeContext, desk: CheckInDesk) -> None:
    await _count_guests(context, desk, max(desk.guests - 1, 0))


async def _count_guests(context: HomeContext, desk: CheckInDesk, number: int) -> None:
    desk.require_correctable(context.policy, now=context.now)
    if number != desk.guests:
        desk.count_guests(number)
        record(context.session, context.person, "checkin.guests", f"activity:{desk.activity_id}", now=context.now, number=number)
    await context.show("checkin/guests", keyboard=_guest_buttons(desk), desk=desk)


async def take_guests(update: Update, context: HomeContext) -> None:
    """The number, typed. Anything else is asked for again."""
    text = (update.message.text or "").strip().removesuffix("人").strip() if update.message else ""
    async with form_at_desk(context, GUESTS) as desk:
        if desk is None:
            return
        if not text.isdecimal() or len(text) > 4:
            await context.reply("checkin/guests", keyboard=_guest_buttons(desk), desk=desk)
            return
        await _count_guests(context, desk, int(text))
        await close_form(context.session, context.person.id)


async def _ask_place(context: HomeContext, desk: CheckInDesk) -> None:
    await open_form(context.session, context.person.id, PLACE, "place", now=context.now, activity=desk.activity_id)
    await context.reply("checkin/place_ask", activity=desk.activity, radius=context.policy.checkin_radius)


async def take_place(update: Update, context: HomeContext) -> None:
    """The organiser's location becomes the place's."""
    location = update.message.location if update.message else None
    async with form_at_desk(context, PLACE) as desk:
        if desk is None:
            return
        if location is None:
            await context.reply("checkin/place_ask", activity=desk.activity, radius=context.policy.checkin_radius)
            return
        desk.latitude, desk.longitude = location.latitude, location.longitude
        record(context.session, context.person, "checkin.place_set", f"activity:{desk.activity_id}", now=context.now)
        await close_form(context.session, context.person.id)
        await context.reply("plain", text=t("checkin.place_kept", radius=context.policy.checkin_radius))
        await show_desk(context, desk, afresh=True)


async def _no_place(context: HomeContext, desk: CheckInDesk) -> None:
    desk.latitude, desk.longitude = None, None
    record(context.session, context.person, "checkin.no_place", f"activity:{desk.activity_id}", now=context.now)
    await show_desk(context, desk)


async def _helpers(context: HomeContext, desk: CheckInDesk) -> None:
    require_names_helpers(context.person, desk.activity)
    helpers = await helpers_of(context.session, desk.activity)
    buttons = [Button(t("checkin.do.drop_helper", name=helper.name), HelperPress(desk.activity_id, helper.id, 0)) for helper in helpers]
    add = [Button(t("checkin.do.add_helper"), DeskPress(desk.activity_id, DeskDo.ADD_HELPER))]
    await context.reply("checkin/helpers", keyboard=[*rows(buttons, 2), add], activity=desk.activity, helpers=helpers)


async def _add_helper(context: HomeContext, desk: CheckInDesk) -> None:
    require_names_helpers(context.person, desk.activity)
    await ask_for_name(context, desk.activity, Purpose.HELPER)


async def _by_name(context: HomeContext, desk: CheckInDesk) -> None:
    desk.require_correctable(context.policy, now=context.now)
    await ask_for_name(context, desk.activity, Purpose.TAP)


async def press_helper(update: Update, context: HomeContext) -> None:
    """Somebody is asked to help, and told; or no longer."""
    pressed = HelperPress.unpack(context.pressed)
    activity = await activity_by_id(context.session, pressed.activity_id)
    helper = await context.session.get(Person, pressed.person_id)
    if helper is None or not helper.active:
        raise Gone
    changed = await set_helper(context.session, activity, helper, context.person, helps=bool(pressed.helps), now=context.now)
    if await form_of(context.session, context.person.id, NAME) is not None:
        await close_form(context.session, context.person.id)
    said = "checkin.helper_named" if pressed.helps else "checkin.helper_dropped"
    await context.show("plain", text=t(said, name=helper.name, title=activity.title))
    if changed and pressed.helps:
        desk = [[Button(t("checkin.do.desk"), DeskPress(activity.id, DeskDo.OPEN))]]
        await context.post.tell(helper, "checkin/you_help", keyboard=desk, activity=activity, by=context.person.name)


STEPS: Mapping[DeskDo, Step] = {
    DeskDo.OPEN: _open,
    DeskDo.SHOW: _show_code,
    DeskDo.STOP: _stop,
    DeskDo.CLOSE: _close,
    DeskDo.REOPEN: _reopen,
    DeskDo.BY_NAME: _by_name,
    DeskDo.GUESTS: _guests,
    DeskDo.ONE_MORE: _one_more,
    DeskDo.ONE_FEWER: _one_fewer,
    DeskDo.PLACE: _ask_place,
    DeskDo.NO_PLACE: _no_place,
    DeskDo.HELPERS: _helpers,
    DeskDo.ADD_HELPER: _add_helper,
}

JOURNEY = Journey(
    presses={DeskPress: press, HelperPress: press_helper},
    forms={GUESTS: take_guests, PLACE: take_place},
    due=(Due(refresh_screens, next_screen_at),),
)
