"""The home deputy asks another specialty too, at any time, having seen what its circle will read; whoever was asked first stays asked."""

from __future__ import annotations

from collections import Counter

from telegram import Update

from handlers.advice_presses import SecondPress, SecondSurePress
from handlers.context import HomeContext
from handlers.draft_card import TEXT_SHOWN, specialty_by_id
from handlers.issue_cards import issue_key, show_home_card
from handlers.issue_places import circles_of_issue
from handlers.issue_presses import IssueDo, IssuePress, IssuesPress
from handlers.issue_sharing import consult
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.long_texts import length_of, shortened
from handlers.texts import t
from models.choosing import choose_specialist
from models.circles import circles_of_specialty
from models.consultations import ask_second_opinion, consulted, require_not_consulted
from models.issues import Issue, issue_by_id
from models.people import Specialty
from models.remarks import remarks_of
from models.routing import propose_specialties
from models.rules import Gone


async def look(update: Update, context: HomeContext) -> None:
    """Which specialty; then what will be shared, before anything is."""
    pressed = SecondPress.unpack(context.pressed)
    issue = await _issue(context, pressed.issue_id)
    if pressed.specialty_id:
        await _show_preview(context, issue, await _specialty(context, pressed.specialty_id))
        return
    asked = {specialty.id for specialty in await consulted(context.session, issue)}
    proposals = [each.specialty for each in await propose_specialties(context.session, issue.shared_text)]
    ways = [Button(each.name, SecondPress(issue.id, each.id)) for each in proposals if each.id not in asked]
    await show_home_card(context.post, issue, keyboard=[*rows(ways, 2), [_back(issue)]])


async def _show_preview(context: HomeContext, issue: Issue, specialty: Specialty) -> None:
    """In the card's place, as the draft was shown before the first sharing."""
    session, text = context.session, issue.shared_text
    await require_not_consulted(session, issue, specialty)
    chosen = await choose_specialist(session, issue, now=context.now, specialty_id=specialty.id)
    circles = await circles_of_specialty(session, specialty)
    known = {each.id for each in await circles_of_issue(context.post, issue)}
    sure = SecondSurePress(issue.id, specialty.id, chosen.person.id if chosen is not None else 0)
    whole = [Button(t("views.do.whole"), IssuesPress.whole_of(issue.id))] if length_of(text) > TEXT_SHOWN else []
    await context.post.card(
        issue_key(issue),
        issue.deputy,
        "advice/second_preview",
        keyboard=[[Button(t("issue.do.confirm"), sure)], whole, [_back(issue)]],
        subject=issue_key(issue),
        issue=issue,
        text=shortened(text, TEXT_SHOWN),
        cut=length_of(text) > TEXT_SHOWN,
        attachments=Counter(piece.kind.value for piece in issue.attachments),
        opinions=sum(remark.is_opinion and remark.in_circle for remark in await remarks_of(session, issue)),
        specialty=specialty,
        circles=circles,
        known=known,
        chosen=chosen,
    )


async def ask(update: Update, context: HomeContext) -> None:
    """The circle gets the card, and whoever was shown the offer."""
    pressed = SecondSurePress.unpack(context.pressed)
    issue, specialty = await _issue(context, pressed.issue_id), await _specialty(context, pressed.specialty_id)
    known = {circle.id for circle in await circles_of_issue(context.post, issue)}
    await ask_second_opinion(context.session, issue, specialty, context.person, now=context.now)
    asked_one = await consult(context.post, issue, specialty, known, preferred=pressed.person_id or None)
    said = t("advice.second_asked", specialty=specialty.name, name=asked_one.person.name) if asked_one else None
    await context.toast(said or t("advice.second_nobody", specialty=specialty.name), alert=asked_one is None)


async def _issue(context: HomeContext, id: int) -> Issue:
    issue = await issue_by_id(context.session, id)
    issue.require_home(context.person)
    issue.require_live()
    return issue


async def _specialty(context: HomeContext, id: int) -> Specialty:
    specialty = await specialty_by_id(context.post, id)
    if specialty is None:
        raise Gone
    return specialty


def _back(issue: Issue) -> Button:
    return Button(t("issue.do.back"), IssuePress(issue.id, IssueDo.BACK))


JOURNEY = Journey(presses={SecondPress: look, SecondSurePress: ask})
