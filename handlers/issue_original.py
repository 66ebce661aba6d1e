"""The original of a shared issue: shown to the home deputy alone, once they have said why they need it."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.draft_presses import RevealPress
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.long_texts import in_parts
from handlers.pieces import words_of
from handlers.texts import t
from models.forms import close_form, form_of, open_form
from models.issue_pieces import NEVER_SHARED, PieceKind
from models.issue_reveals import ReasonToReveal, require_original, reveal
from models.issue_sources import tellers
from models.issues import Issue, issue_by_id
from models.rules import RuleBroken

FORM = "reveal"
REASONS = (ReasonToReveal.CONTACT, ReasonToReveal.VERIFY, ReasonToReveal.OTHER)
COPIED_AT_ONCE = 100


async def press(update: Update, context: HomeContext) -> None:
    """Ask why, or show it."""
    pressed = RevealPress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    require_original(issue, context.person)
    if pressed.reason is ReasonToReveal.ASK:
        ways = [[Button(t(f"desk.reason.{reason}"), RevealPress(issue.id, reason)) for reason in REASONS]]
        await context.reply("plain", keyboard=ways, text=t("desk.ask_why", number=issue.number))
    elif pressed.reason is ReasonToReveal.OTHER:
        await open_form(context.session, context.person.id, FORM, "reason", now=context.now, issue=issue.id)
        await context.show("plain", text=t("desk.type_reason", number=issue.number))
    else:
        reveal(context.session, issue, context.person, pressed.reason, now=context.now)
        await _show(context, issue)


async def take_reason(update: Update, context: HomeContext) -> None:
    """The reason in the deputy's own words."""
    form, message = await form_of(context.session, context.person.id, FORM), update.message
    said = words_of(message)
    if form is None or not said or said.startswith("/"):
        await context.reply("plain", text=t("desk.no_reason"))
        return
    await close_form(context.session, context.person.id)
    try:
        issue = await issue_by_id(context.session, int(form.data["issue"]))
        reveal(context.session, issue, context.person, ReasonToReveal.OTHER, said, now=context.now)
    except RuleBroken as refusal:  # another deputy has the issue now
        await context.refuse(refusal)
        return
    await _show(context, issue)


async def _show(context: HomeContext, issue: Issue) -> None:
    """The words as they came, from whom, and copies of everything else with its captions."""
    post, person, subject = context.post, context.person, f"issue:{issue.id}"
    names = list(dict.fromkeys((await tellers(context.session, issue)).values()))
    contacts = [piece.text for piece in issue.pieces if piece.kind is PieceKind.CONTACT]
    await context.show("desk/original", issue=issue, names="、".join(names), contacts="、".join(contacts))
    for part in in_parts(issue.raw_text):
        await post.tell(person, "issues/part", text=part, subject=subject)
    for chat_id in dict.fromkeys(piece.chat_id for piece in issue.pieces):
        ids = [piece.message_id for piece in issue.pieces if piece.chat_id == chat_id and piece.kind not in NEVER_SHARED]
        for start in range(0, len(ids), COPIED_AT_ONCE):
            await post.copy(person, chat_id, ids[start : start + COPIED_AT_ONCE], subject=subject)


JOURNEY = Journey(presses={RevealPress: press}, forms={FORM: take_reason})
