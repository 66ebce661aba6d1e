"""The home deputy asks another specialty too, at any time; whoever was asked first stays asked."""

from __future__ import annotations

from telegram import Update

from handlers.advice_presses import SecondPress
from handlers.context import HomeContext
from handlers.draft_card import specialty_by_id
from handlers.issue_cards import show_home_card
from handlers.issue_places import circles_of_issue
from handlers.issue_presses import IssueDo, IssuePress
from handlers.issue_sharing import consult
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.texts import t
from models.consultations import ask_second_opinion, consulted
from models.issues import issue_by_id
from models.routing import propose_specialties
from models.rules import Gone


async def press(update: Update, context: HomeContext) -> None:
    """Which specialty; then its circle gets the card, and somebody there the offer."""
    pressed = SecondPress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    issue.require_home(context.person)
    issue.require_live()
    if not pressed.specialty_id:
        asked = {specialty.id for specialty in await consulted(context.session, issue)}
        proposals = [each.specialty for each in await propose_specialties(context.session, issue.shared_text)]
        ways = [Button(each.name, SecondPress(issue.id, each.id)) for each in proposals if each.id not in asked]
        back = Button(t("issue.do.back"), IssuePress(issue.id, IssueDo.BACK))
        await show_home_card(context.post, issue, keyboard=[*rows(ways, 2), [back]])
        return
    specialty = await specialty_by_id(context.post, pressed.specialty_id)
    if specialty is None:
        raise Gone
    known = {circle.id for circle in await circles_of_issue(context.post, issue)}
    await ask_second_opinion(context.session, issue, specialty, context.person, now=context.now)
    asked_one = await consult(context.post, issue, specialty, known)
    said = t("advice.second_asked", specialty=specialty.name, name=asked_one.person.name) if asked_one else None
    await context.toast(said or t("advice.second_nobody", specialty=specialty.name), alert=asked_one is None)


JOURNEY = Journey(presses={SecondPress: press})
