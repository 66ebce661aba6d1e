"""A specialist hands an offer to a colleague of the same specialty."""

from __future__ import annotations

from telegram import Update

from handlers.advice_presses import HandPress, HandToPress
from handlers.candidate_list import listed
from handlers.context import HomeContext
from handlers.issue_cards import show_home_card
from handlers.issue_circle_card import show_circle_card
from handlers.issue_presses import OfferDo, OfferPress
from handlers.issue_sharing import make_offer
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.offer_card import show_offer
from handlers.texts import t
from models.choosing import candidates
from models.offering import BUSY, NothingToHandOn, hand_on
from models.people import Person
from models.referrals import Referral, referral_by_id
from models.rules import Gone


async def look(update: Update, context: HomeContext) -> None:
    """The colleagues who may be asked, with what they have to do already."""
    pressed = HandPress.unpack(context.pressed)
    referral = await _own(context, pressed.referral_id)
    issue = referral.issue
    issue.require_live()
    if referral.state not in BUSY or referral.advised_at is not None:
        raise NothingToHandOn
    able = await candidates(context.session, issue, now=context.now, specialty_id=referral.specialty_id)
    values, keyboard = listed(
        able,
        pressed.page,
        choose=lambda candidate: HandToPress(referral.id, candidate.person.id),
        turn=lambda page: HandPress(referral.id, page),
    )
    back = Button(t("issue.do.back"), OfferPress(referral.id, OfferDo.BACK))
    await context.show("advice/candidates", keyboard=[*keyboard, [back]], title="advice.hand_title", number=issue.number, **values)


async def hand(update: Update, context: HomeContext) -> None:
    """This colleague is asked instead."""
    pressed = HandToPress.unpack(context.pressed)
    referral = await _own(context, pressed.referral_id)
    colleague = await context.session.get(Person, pressed.person_id)
    if colleague is None:
        raise Gone
    following = await hand_on(context.session, referral, colleague, context.policy, now=context.now)
    post, issue = context.post, referral.issue
    await context.toast(t("advice.handed_toast", name=colleague.name))
    await show_offer(post, referral)
    await make_offer(post, following)
    if issue.deputy.serves:
        await post.tell(issue.deputy, "issues/passed_on", subject=f"issue:{issue.id}", issue=issue, left=referral, following=following)
    await show_home_card(post, issue)
    await show_circle_card(post, issue)


async def _own(context: HomeContext, referral_id: int) -> Referral:
    referral = await referral_by_id(context.session, referral_id)
    referral.require_for(context.person)
    return referral


JOURNEY = Journey(presses={HandPress: look, HandToPress: hand})
