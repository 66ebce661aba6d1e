"""The home deputy picks another specialist than the one proposed, before the draft is shared."""

from __future__ import annotations

from telegram import Update

from handlers.advice_presses import PickPress, WishPress
from handlers.candidate_list import listed
from handlers.context import HomeContext
from handlers.draft_card import show_draft
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.texts import t
from models.choosing import candidates, wish
from models.issues import Issue, issue_by_id
from models.rules import Gone


async def look(update: Update, context: HomeContext) -> None:
    """All who may be asked, with the same facts, in the order of asking."""
    pressed = PickPress.unpack(context.pressed)
    issue = await _draft(context, pressed.issue_id)
    able = await candidates(context.session, issue, now=context.now)
    values, keyboard = listed(
        able,
        pressed.page,
        choose=lambda candidate: WishPress(issue.id, candidate.person.id),
        turn=lambda page: PickPress(issue.id, page),
    )
    back = Button(t("issue.do.back"), WishPress(issue.id, 0))
    await context.show("advice/candidates", keyboard=[*keyboard, [back]], title="advice.pick_title", number=None, **values)


async def pick(update: Update, context: HomeContext) -> None:
    """This one shall be asked first."""
    pressed = WishPress.unpack(context.pressed)
    issue = await _draft(context, pressed.issue_id)
    if pressed.person_id:
        able = await candidates(context.session, issue, now=context.now)
        chosen = next((candidate.person for candidate in able if candidate.person.id == pressed.person_id), None)
        if chosen is None:
            raise Gone
        await wish(context.session, issue, chosen)
    await show_draft(context.post, issue)


async def _draft(context: HomeContext, issue_id: int) -> Issue:
    issue = await issue_by_id(context.session, issue_id)
    issue.require_home(context.person)
    issue.require_draft()
    if issue.specialty is None:
        raise Gone
    return issue


JOURNEY = Journey(presses={PickPress: look, WishPress: pick})
