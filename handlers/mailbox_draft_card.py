"""The letter while it is being written: one question after another, then what has been gathered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from handlers.keyboards import Button, rows
from handlers.long_texts import shortened
from handlers.mailbox_cards import TEXT_SHOWN, counted, press, to_writer, writer
from handlers.mailbox_presses import MailDo
from handlers.post import Post
from handlers.texts import t
from models.mailbox import LETTER_PIECES, LETTER_TEXT, Category, Letter, LetterState
from models.mailbox_writing import areas_to_write_to, deputies_to_write_to
from models.people import Area, Person

GATHERING = timedelta(milliseconds=1500)
"""An album comes as many messages; the card waits for the last of them."""
PAGE = 20
Named = TypeVar("Named", Area, Person)


async def show_draft_letter(
    post: Post, letter: Letter, *, page: int = 0, afresh: bool = False, wait: timedelta = timedelta(0), full: bool = False
) -> None:
    """The letter being written, at the first thing that is still missing: area, deputy, category, words."""
    if letter.state is not LetterState.DRAFT:
        return
    if letter.area is None:
        template, keyboard = "mailbox/which_area", await _areas(post, letter, page)
    elif not letter.deputy_settled:
        template, keyboard = "mailbox/which_deputy", await _names(post, letter, page)
    elif letter.category is None:
        kinds = [Button(t(f"mailbox.category.{kind}"), press(letter, MailDo.CATEGORY, place)) for place, kind in enumerate(Category)]
        template, keyboard = "mailbox/which_category", rows(kinds, 2)
    else:
        template, keyboard = "mailbox/draft", [[Button(t("mailbox.do.send"), press(letter, MailDo.SEND))]] if letter.said else []
    await post.card(
        to_writer(letter),
        writer(letter),
        template,
        keyboard=[*keyboard, [Button(t("mailbox.do.cancel"), press(letter, MailDo.CANCEL))]],
        afresh=afresh,
        wait=wait,
        subject=to_writer(letter),
        letter=letter,
        text=shortened(letter.text, TEXT_SHOWN),
        counts=counted(letter.pieces),
        home_name=post.policy.home_name,
        note=t("mailbox.full", pieces=LETTER_PIECES, characters=LETTER_TEXT) if full else None,
    )


async def _areas(post: Post, letter: Letter, page: int) -> list[list[Button]]:
    areas = await areas_to_write_to(post.session)
    buttons = [Button(area.name, press(letter, MailDo.AREA, area.id)) for area in _page(areas, page)]
    return [*rows(buttons, 2), _turns(letter, MailDo.AREAS, page, len(areas))]


async def _names(post: Post, letter: Letter, page: int) -> list[list[Button]]:
    deputies = await deputies_to_write_to(post.session, letter.area) if letter.area is not None else []
    buttons = [Button(deputy.name, press(letter, MailDo.DEPUTY, deputy.id)) for deputy in _page(deputies, page)]
    whoever = Button(t("mailbox.do.whoever"), press(letter, MailDo.DEPUTY))
    other = Button(t("mailbox.do.other_area"), press(letter, MailDo.AREA))
    return [[whoever], *rows(buttons, 3), _turns(letter, MailDo.NAMES, page, len(deputies)), [other]]


def _page(things: Sequence[Named], page: int) -> Sequence[Named]:
    return things[page * PAGE : (page + 1) * PAGE]


def _turns(letter: Letter, do: MailDo, page: int, count: int) -> list[Button]:
    before = [Button(t("mailbox.do.before"), press(letter, do, page - 1))] if page else []
    return [*before, *([Button(t("mailbox.do.after"), press(letter, do, page + 1))] if count > (page + 1) * PAGE else [])]
