"""What constituents are told about their letters, in plain words: no adviser's name, no number of ours, nobody's phone."""

from __future__ import annotations

import enum
import re
from typing import Any

from handlers.keyboards import Keyboard
from handlers.long_texts import in_parts
from handlers.mailbox_cards import (
    bring_letter,
    question_of,
    rating_buttons,
    settle_office_cards,
    show_deputy,
    show_own_letter,
    state_of,
    to_writer,
    writer,
    writer_buttons,
)
from handlers.post import Post
from handlers.texts import t
from models.audit import record
from models.issues import ClosedAs, Issue
from models.mailbox import Letter, LetterState
from models.mailbox_answering import end, followed_reopening, letters_of_issue
from models.outbox import OutboxMessage, OutboxState
from models.people import person_by_phone


class Happening(enum.StrEnum):
    """What became of an issue that was made of a letter."""

    CONFIRMED = "confirmed"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


async def tell_constituent(post: Post, issue: Issue, happening: Happening) -> None:
    """Whoever's letter the issue was made of hears of it, if it was made of one. Call it after the issue has changed."""
    for letter in await letters_of_issue(post.session, issue):
        if letter.open and happening is Happening.CLOSED:
            end(post.session, letter, issue.closed_as or ClosedAs.ANSWERED, issue.deputy, now=post.now)
        elif happening is Happening.REOPENED and letter.state is LetterState.CLOSED:
            followed_reopening(post.session, letter, now=post.now)
        elif not letter.open or happening is not Happening.CONFIRMED:
            if happening is Happening.WITHDRAWN and letter.open:
                await show_deputy(post, letter)
            continue
        await tell_state(post, letter)
        await show_deputy(post, letter)


async def tell_state(post: Post, letter: Letter) -> None:
    """Tell its writer where the letter stands now; once it has ended and the answer has come, ask the first of the two questions."""
    to_come = letter.closed_as is ClosedAs.ANSWERED and not letter.answered
    asked = [] if to_come else rating_buttons(letter)
    await tell_writer(post, letter, "mailbox/news", keyboard=asked, state=state_of(letter), question=question_of(letter) if asked else None)
    await show_own_letter(post, letter)


async def tell_writer(post: Post, letter: Letter, template: str, *, keyboard: Keyboard = (), **values: Any) -> None:
    """Say something to whoever wrote the letter; they can reply to it."""
    await post.tell(writer(letter), template, keyboard=keyboard, subject=to_writer(letter), letter=letter, **values)


async def send_answer(post: Post, letter: Letter, text: str) -> None:
    """Bring a deputy's words to whoever wrote the letter, as a message from the bot; deputies' phone numbers are covered."""
    text = await without_own_phones(post, letter, text)
    parts = in_parts(text) or [""]
    question = question_of(letter)
    for number, part in enumerate(parts):
        keyboard = writer_buttons(letter) if number == len(parts) - 1 else []
        await tell_writer(
            post, letter, "mailbox/answer", keyboard=keyboard, text=part, first=number == 0, question=question if keyboard else None
        )
    record(post.session, letter.deputy, "letter.answer_sent", f"letter:{letter.id}", now=post.now)


async def send_last_answer(post: Post, letter: Letter, text: str) -> bool:
    """The answer that an ended issue leaves; False where its writer has these very words already, since a button may be tapped twice."""
    text = await without_own_phones(post, letter, text)
    if letter.answer == text:
        return False
    letter.answer = text
    await send_answer(post, letter, text)
    await show_own_letter(post, letter)
    return True


_NUMBER = re.compile(r"(?<!\d)(?:(?:(?:\+|00)?86[ -]?)?1[3-9]\d(?:[ .-]?\d){8}|0\d{2,3}[ -]?\d{7,8}|\d{7,8})(?!\d)")
"""A mobile number, with or without the country's code, or a fixed one."""
_HALF_WIDTH = {0xFF10 + digit: ord("0") + digit for digit in range(10)} | {0xFF0D: ord("-"), 0xFF0B: ord("+")}


async def without_own_phones(post: Post, letter: Letter, text: str) -> str:
    """No deputy's phone reaches a constituent, not even by the deputy's own slip; a public number stays."""
    plain = text.translate(_HALF_WIDTH)  # sign by sign, so that places stay the same
    covered = post.texts.say(t("mailbox.phone_covered"), letter.language)
    for found in reversed(list(_NUMBER.finditer(plain))):
        if await person_by_phone(post.session, found[0]) is not None:
            text = text[: found.start()] + covered + text[found.end() :]
    return text


async def delivered(post: Post, message: OutboxMessage, result: Any) -> None:
    """A constituent who has closed the bot gets no answer: the deputy must know, and should not wait for a reply."""
    if message.state is not OutboxState.UNREACHABLE:
        return
    letter = await post.session.get(Letter, int((message.subject or "").partition(":")[2]))
    if letter is not None and letter.deputy is not None and message.chat_id == letter.sender_id:
        await post.card(f"lost:{letter.id}", letter.deputy, "mailbox/not_delivered", letter=letter)


async def pass_letter(post: Post, letter: Letter, *, again: bool = False) -> None:
    """The letter has another to deal with it: they get it, the office's cards show it, and its writer hears of it."""
    await bring_letter(post, letter, again=again)
    await settle_office_cards(post, letter)
    await tell_writer(post, letter, "mailbox/passed_on")
