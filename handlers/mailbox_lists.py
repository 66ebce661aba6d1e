"""``/letters``: a deputy's own letters; for the office what waits, by deputy, and who is blocked; for an area's staff their area's."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Due, Entry, Journey
from handlers.keyboards import Button
from handlers.mailbox_codes import CODE_ENTRY, take_code_press
from handlers.mailbox_deputy import deputy_press, pass_on_stranded, take_answer, take_edit, take_reply, take_why
from handlers.mailbox_office import chase, line, office_press, take_block_reason
from handlers.mailbox_presses import CodePress, LetterDo, LetterPress, Pile, PilePress
from handlers.menu import BACK_TO_MENU
from handlers.texts import t
from models.mailbox import letter_by_id
from models.mailbox_answering import next_to_chase
from models.mailbox_views import blocked_senders, letters_for_office, letters_of_deputy, open_by_deputy
from models.people import Role
from models.rules import NotAllowed

PAGE, BLOCKED_SHOWN, DEPUTIES_SHOWN = 8, 20, 12


async def list_letters(update: Update, context: HomeContext) -> None:
    if context.person.has(Role.OFFICE, Role.AREA_STAFF):
        await _overview(context)
    else:
        await _list(context, PilePress(Pile.OWN))


async def turn_page(update: Update, context: HomeContext) -> None:
    pressed = PilePress.unpack(context.pressed)
    if pressed.pile is Pile.BLOCKED:
        await _blocked(context)
    elif pressed.pile is Pile.ALL and pressed.page < 0:
        await _overview(context)
    else:
        await _list(context, pressed)


async def _overview(context: HomeContext) -> None:
    """Who has how many, and how many wait too long; an area's staff see their own area."""
    person = context.person
    person.require(Role.OFFICE, Role.AREA_STAFF)
    office = person.has(Role.OFFICE)
    if not office and person.area is None:
        raise NotAllowed
    before = context.now - context.policy.mailbox_waits
    counts = await open_by_deputy(context.session, before, area=None if office else person.area)
    by_deputy = [
        [
            Button(
                t("mailbox.of_deputy", name=deputy.name if deputy else t("role.office"), count=count, late=late),
                _of(deputy.id if deputy else 0),
            )
        ]
        for deputy, count, late in counts[:DEPUTIES_SHOWN]
    ]
    piles = [Button(t("mailbox.do.late"), PilePress(Pile.LATE)), Button(t("mailbox.do.all"), PilePress(Pile.ALL))]
    more = [Button(t("mailbox.do.blocked"), PilePress(Pile.BLOCKED))] if office else []
    if person.has(Role.DEPUTY):
        more.append(Button(t("mailbox.do.own"), PilePress(Pile.OWN)))
    await context.show(
        "mailbox/overview",
        keyboard=[*by_deputy, piles, more, [CODE_ENTRY, BACK_TO_MENU]],
        area=None if office else person.area,
        count=sum(count for _, count, _ in counts),
        late=sum(late for _, _, late in counts),
        waits=context.policy.mailbox_waits,
    )


def _of(deputy_id: int) -> PilePress:
    return PilePress(Pile.DEPUTY, deputy_id)


async def _list(context: HomeContext, pressed: PilePress) -> None:
    person, page = context.person, max(pressed.page, 0)
    if pressed.pile is Pile.OWN:
        person.require(Role.DEPUTY)
        found = await letters_of_deputy(context.session, person, offset=page * PAGE, limit=PAGE + 1)
    else:
        person.require(Role.OFFICE, Role.AREA_STAFF)
        if not person.has(Role.OFFICE) and person.area is None:
            raise NotAllowed
        found = await letters_for_office(
            context.session,
            before=context.now - context.policy.mailbox_waits if pressed.pile is Pile.LATE else None,
            deputy_id=pressed.which if pressed.pile is Pile.DEPUTY else None,
            area=None if person.has(Role.OFFICE) else person.area,
            offset=page * PAGE,
            limit=PAGE + 1,
        )
    buttons = [[Button(line(letter), LetterPress(letter.id, LetterDo.OPEN))] for letter in found[:PAGE]]
    turns = [Button(t("mailbox.do.before"), PilePress(pressed.pile, pressed.which, page - 1))] if page else []
    if len(found) > PAGE:
        turns.append(Button(t("mailbox.do.after"), PilePress(pressed.pile, pressed.which, page + 1)))
    back = BACK_TO_MENU if pressed.pile is Pile.OWN else Button(t("mailbox.do.back"), PilePress(Pile.ALL, 0, -1))
    code = [CODE_ENTRY] if pressed.pile is Pile.OWN else []
    await context.show("mailbox/list", keyboard=[*buttons, turns, [*code, back]], pile=pressed.pile.value, empty=not found)


async def _blocked(context: HomeContext) -> None:
    """Who is blocked, each named by the letter it was for; who they are is not known to anybody here."""
    context.person.require(Role.OFFICE)
    senders = await blocked_senders(context.session, limit=BLOCKED_SHOWN)
    buttons = [
        [Button(t("mailbox.unblock_line", code=sender.blocked_for.code), LetterPress(sender.blocked_for.id, LetterDo.UNBLOCK))]
        for sender in senders
        if sender.blocked_for is not None
    ]
    back = Button(t("mailbox.do.back"), PilePress(Pile.ALL, 0, -1))
    await context.show("mailbox/blocked", keyboard=[*buttons, [back]], senders=senders)


async def take_letter_press(update: Update, context: HomeContext) -> None:
    """A button under a letter: its deputy's, or the office's."""
    pressed = LetterPress.unpack(context.pressed)
    letter = await letter_by_id(context.session, pressed.letter_id)
    if letter.sent_at is None:
        raise NotAllowed
    if letter.deputy_id == context.person.id and pressed.do not in _OFFICES:
        await deputy_press(context, letter, pressed)
    else:
        await office_press(context, letter, pressed)


_OFFICES = frozenset({LetterDo.HAND, LetterDo.HAND_AREA, LetterDo.HAND_TO, LetterDo.BLOCK, LetterDo.UNBLOCK, LetterDo.ACQUIT})


async def _at_the_next_look(session: AsyncSession) -> None:
    """Whoever is stranded is helped at the next look; nothing is waited for."""


JOURNEY = Journey(
    entries=(Entry("letters", list_letters),),
    presses={LetterPress: take_letter_press, PilePress: turn_page, CodePress: take_code_press},
    forms={"letter_answer": take_answer, "letter_away": take_why, "letter_block": take_block_reason},
    takers=(take_reply,),
    edit_takers=(take_edit,),
    due=(Due(pass_on_stranded, _at_the_next_look), Due(chase, next_to_chase)),
)
