"""The office and the mailbox: letters without a deputy, letters that were reported, what waits too long, who is blocked."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.keyboards import Button, rows
from handlers.mailbox_cards import (
    covered_view,
    office_buttons,
    settle_office_cards,
    show_deputy,
    show_own_letter,
    to_deputy,
)
from handlers.mailbox_news import pass_letter, tell_state
from handlers.mailbox_presses import LetterDo, LetterPress, Pile, PilePress
from handlers.pieces import words_of
from handlers.post import Post
from handlers.texts import T, t
from models.audit import record
from models.forms import close_form, form_of, open_form
from models.mailbox import Letter, letter_by_id
from models.mailbox_answering import assign, block_sender, letters_to_chase, unblock_sender
from models.mailbox_senders import sender_of
from models.mailbox_views import all_areas, blocked_for, deputies_of_area
from models.outbox import Lane
from models.people import Area, Person, Role, people_with
from models.rules import Gone, NotAllowed

NAMES_PAGE = 24
REASON_LENGTH = 300


async def office_press(context: HomeContext, letter: Letter, pressed: LetterPress) -> None:
    """A button of the office's. Raises NotAllowed for anybody else."""
    if pressed.do is LetterDo.OPEN and context.person.has(Role.AREA_STAFF) and context.person.area_id == letter.area_id:
        await show_letter(context, letter)
        return
    context.person.require(Role.OFFICE)
    do = pressed.do
    if do in (LetterDo.OPEN, LetterDo.BACK):
        await show_letter(context, letter)
    elif do is LetterDo.HAND:
        letter.require_open()
        await _pick_deputy(context, letter, letter.area, 0)
    elif do is LetterDo.HAND_AREA:
        await _pick_area_or_deputy(context, letter, pressed)
    elif do is LetterDo.HAND_TO:
        await _hand(context, letter, pressed.which)
    elif do is LetterDo.ACQUIT:
        await _acquit(context, letter)
    elif do in (LetterDo.BLOCK, LetterDo.UNBLOCK):
        if do is LetterDo.BLOCK:
            letter.require_writer()
        await open_form(context.session, context.person.id, "letter_block", do.value, now=context.now, letter=letter.id)
        await context.reply("mailbox/ask_block", letter=letter, block=do is LetterDo.BLOCK)
    else:
        raise NotAllowed


async def show_letter(context: HomeContext, letter: Letter) -> None:
    """A letter as the office and the area's staff may see it: everything that tells who wrote is covered."""
    office = context.person.has(Role.OFFICE)
    hand = [[Button(t("mailbox.do.hand"), LetterPress(letter.id, LetterDo.HAND))]]
    movable = office and letter.open and letter.linked_issue is None
    own = office_buttons(letter) if office else []
    await context.show(
        "mailbox/office_letter",
        keyboard=[*(own or (hand if movable else [])), [Button(t("mailbox.do.to_list"), PilePress(Pile.ALL))]],
        **covered_view(letter),
    )


async def _pick_area_or_deputy(context: HomeContext, letter: Letter, pressed: LetterPress) -> None:
    if pressed.which:
        await _pick_deputy(context, letter, await context.session.get(Area, pressed.which), max(pressed.page, 0))
        return
    areas = [Button(area.name, LetterPress(letter.id, LetterDo.HAND_AREA, area.id)) for area in await all_areas(context.session)]
    back = Button(t("mailbox.do.back"), LetterPress(letter.id, LetterDo.BACK))
    await context.show("mailbox/hand_to", keyboard=[*rows(areas, 2), [back]], letter=letter, area=None)


async def _pick_deputy(context: HomeContext, letter: Letter, area: Area | None, page: int) -> None:
    deputies = [person for person in await deputies_of_area(context.session, area) if person.id != letter.deputy_id] if area else []
    shown = deputies[page * NAMES_PAGE : (page + 1) * NAMES_PAGE]
    names = [Button(person.name, LetterPress(letter.id, LetterDo.HAND_TO, person.id)) for person in shown]
    area_id = area.id if area is not None else 0
    turns = [Button(t("mailbox.do.before"), LetterPress(letter.id, LetterDo.HAND_AREA, area_id, page - 1))] if page else []
    if len(deputies) > (page + 1) * NAMES_PAGE:
        turns.append(Button(t("mailbox.do.after"), LetterPress(letter.id, LetterDo.HAND_AREA, area_id, page + 1)))
    last = [
        Button(t("mailbox.do.other_area"), LetterPress(letter.id, LetterDo.HAND_AREA)),
        Button(t("mailbox.do.back"), LetterPress(letter.id, LetterDo.BACK)),
    ]
    await context.show("mailbox/hand_to", keyboard=[*rows(names, 3), turns, last], letter=letter, area=area)


async def _hand(context: HomeContext, letter: Letter, deputy_id: int) -> None:
    deputy = await context.session.get(Person, deputy_id)
    if deputy is None:
        raise Gone
    before = letter.deputy
    if assign(context.session, letter, deputy, context.person, now=context.now):
        await context.session.flush()
        if before is not None:
            await context.post.card(to_deputy(letter), before, "mailbox/given_away", letter=letter, report=False)
        await pass_letter(context.post, letter)
        await show_own_letter(context.post, letter)
    await show_letter(context, letter)
    await context.toast(t("mailbox.handed_toast", name=deputy.name))


async def _acquit(context: HomeContext, letter: Letter) -> None:
    """Not abuse: the letter still needs a deputy."""
    letter.require_open()
    if letter.report_reason:
        record(context.session, context.person, "letter.acquitted", f"letter:{letter.id}", now=context.now)
        letter.report_reason = ""
    await _pick_deputy(context, letter, letter.area, 0)


async def take_block_reason(update: Update, context: HomeContext) -> None:
    """Why somebody is blocked, or let in again."""
    message, form = update.message, await form_of(context.session, context.person.id, "letter_block")
    reason = words_of(message)[:REASON_LENGTH]
    if form is None:
        return
    if not reason:
        await context.reply("plain", text=t("mailbox.reason_in_words"))
        return
    letter = await letter_by_id(context.session, form.data["letter"])
    block = form.step == LetterDo.BLOCK
    await close_form(context.session, context.person.id)
    if not block:
        sender = await blocked_for(context.session, letter.id)
        if sender is None:
            raise Gone
        unblock_sender(context.session, sender, context.person, reason, now=context.now)
        await context.reply("plain", text=t("mailbox.unblocked"))
        return
    letter.require_writer()
    was_open = letter.open
    sender = await sender_of(context.session, letter.sender_id, now=context.now)
    await block_sender(context.session, letter, sender, context.person, reason, now=context.now)
    await context.reply("plain", text=t("mailbox.now_blocked"))
    await settle_office_cards(context.post, letter)
    if was_open and not letter.open:
        await show_deputy(context.post, letter)
        await tell_state(context.post, letter)


async def chase(post: Post) -> None:
    """What waits too long is put before the office once, and its deputy is reminded."""
    late = await letters_to_chase(post.session, post.policy, now=post.now)
    for letter in late:
        letter.chased_at = post.now
        if letter.deputy is not None and letter.deputy.serves:
            open_it = Button(t("mailbox.do.open"), LetterPress(letter.id, LetterDo.OPEN))
            await post.tell(
                letter.deputy, "mailbox/reminder", keyboard=[[open_it]], lane=Lane.NOTICE, subject=to_deputy(letter), letter=letter
            )
    if late:
        for office in await people_with(post.session, Role.OFFICE):
            lines = [[Button(line(letter), LetterPress(letter.id, LetterDo.OPEN))] for letter in late[:8]]
            everything = [Button(t("mailbox.do.late"), PilePress(Pile.LATE))]
            await post.tell(
                office, "mailbox/late", keyboard=[*lines, everything], lane=Lane.NOTICE, count=len(late), waits=post.policy.mailbox_waits
            )


def line(letter: Letter) -> T:
    """One line for a button: code, area, state."""
    return t(
        "mailbox.line_area", code=letter.code, area=letter.area.name if letter.area else "", state=t(f"mailbox.office_state.{letter.state}")
    )
