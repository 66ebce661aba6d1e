"""Offers to specialists: accepted, declined with a reason, reminded at half time, lapsed; and volunteers of the circle."""

from __future__ import annotations

from typing import Any

from telegram import Update

from handlers import activity_form, area_tasks
from handlers.context import HomeContext
from handlers.issue_cards import show_home_card
from handlers.issue_circle_card import show_circle_card
from handlers.issue_presses import DeclinePress, OfferDo, OfferPress, OffersPress, VolunteerPress
from handlers.issue_sharing import make_offer, pass_on
from handlers.issue_thread import open_opinion
from handlers.journey import Due, Entry, Journey
from handlers.keyboards import Button
from handlers.long_texts import shortened
from handlers.menu import BACK_TO_MENU
from handlers.nobody_left import refresh_nobody_left
from handlers.offer_card import reason_buttons, show_offer
from handlers.paging import turns
from handlers.pieces import words_of
from handlers.post import Post
from handlers.texts import t
from models.absence import absence_of
from models.forms import close_form, form_of, open_form
from models.issues import issue_by_id
from models.outbox import OutboxMessage, OutboxState
from models.referrals import (
    ReasonToDecline,
    Referral,
    ReferralState,
    accept,
    asked_of,
    decline,
    expected_after,
    is_broken,
    lapsed,
    leave,
    next_referral_due,
    referral_between,
    referral_by_id,
    to_remind,
    volunteer,
)
from models.working_days import in_working_hours

LONG_FORMS = (activity_form.KIND, area_tasks.FORM)
"""What takes many messages to fill in, and may be left lying meanwhile."""
PAGE = 10
REASON_SHOWN = 30


async def list_referrals(update: Update, context: HomeContext) -> None:
    """``/referrals``: what the specialist was asked to advise on and what is not over."""
    await _show_page(context, 0)


async def turn_page(update: Update, context: HomeContext) -> None:
    await _show_page(context, max(OffersPress.unpack(context.pressed).page, 0))


async def _show_page(context: HomeContext, page: int) -> None:
    referrals = await asked_of(context.session, context.person, offset=page * PAGE, limit=PAGE + 1)
    buttons = [[Button(_title(referral, context), OfferPress(referral.id, OfferDo.OPEN))] for referral in referrals[:PAGE]]
    pages = turns(page, OffersPress, more=len(referrals) > PAGE)
    await context.show("issues/referrals", keyboard=[*buttons, pages, [BACK_TO_MENU]], empty=not referrals)


def _title(referral: Referral, context: HomeContext) -> str:
    key = "advised" if referral.advised_at is not None else referral.state.value
    state = context.post.texts.say(t(f"referral.listed.{key}"), context.language)
    return f"{referral.issue.number} {state} {shortened(referral.issue.shared_text.replace(chr(10), ' '), REASON_SHOWN)}"


async def press(update: Update, context: HomeContext) -> None:
    """A button of the offer's card."""
    pressed = OfferPress.unpack(context.pressed)
    referral = await referral_by_id(context.session, pressed.referral_id)
    referral.require_for(context.person)
    if pressed.do is OfferDo.ACCEPT:
        await _accept(context, referral)
    elif pressed.do is OfferDo.DECLINE:
        referral.issue.require_live()
        still = referral.state in (ReferralState.OFFERED, ReferralState.ACCEPTED)
        await show_offer(context.post, referral, keyboard=reason_buttons(referral) if still else None)
    elif pressed.do is OfferDo.WRITE:
        referral.issue.require_live()
        await open_opinion(context, referral)
    else:
        await show_offer(context.post, referral, afresh=pressed.do is OfferDo.OPEN)


async def _accept(context: HomeContext, referral: Referral) -> None:
    again = referral.state is ReferralState.ACCEPTED
    await accept(context.session, referral, context.policy, now=context.now)
    await show_offer(context.post, referral)
    if again:
        return
    form = await form_of(context.session, context.person.id)
    busy = form is not None and form.kind in LONG_FORMS  # what they were writing is not to be lost
    if not busy:
        await open_form(context.session, context.person.id, "opinion", "text", now=context.now, issue=referral.issue_id)
    await context.toast(t("referral.accepted_while_busy" if busy else "referral.accepted_toast"), alert=busy)
    await tell_accepted(context.post, referral)


async def tell_accepted(post: Post, referral: Referral) -> None:
    issue = referral.issue
    if issue.deputy.serves:
        await post.tell(issue.deputy, "issues/accepted", subject=f"issue:{issue.id}", issue=issue, referral=referral)
    await show_home_card(post, issue)
    await show_circle_card(post, issue)
    await refresh_nobody_left(post, issue)


async def say_no(update: Update, context: HomeContext) -> None:
    """A reason was chosen; one's own words are asked for."""
    pressed = DeclinePress.unpack(context.pressed)
    referral = await referral_by_id(context.session, pressed.referral_id)
    referral.require_for(context.person)
    if pressed.reason is ReasonToDecline.OWN_WORDS and referral.state in (ReferralState.OFFERED, ReferralState.ACCEPTED):
        await open_form(context.session, context.person.id, "decline", "reason", now=context.now, referral=referral.id)
        await context.reply("issues/ask_reason", issue=referral.issue)
        return
    await _decline(context, referral, pressed.reason)


async def take_reason(update: Update, context: HomeContext) -> None:
    """The reason in the specialist's own words."""
    form = await form_of(context.session, context.person.id, "decline")
    words = words_of(update.message)
    if form is None or not words or words.startswith("/"):
        await context.reply("plain", text=t("referral.reason_in_words"))
        return
    referral = await referral_by_id(context.session, int(form.data["referral"]))
    await close_form(context.session, context.person.id)
    await _decline(context, referral, ReasonToDecline.OWN_WORDS, words)


async def _decline(context: HomeContext, referral: Referral, reason: ReasonToDecline, words: str = "") -> None:
    if not decline(context.session, referral, reason, words, now=context.now):
        await context.toast(t("referral.nothing_to_decline"), alert=True)
        await show_offer(context.post, referral)
        return
    await context.session.flush()
    await context.toast(t("referral.declined_toast"))
    await show_offer(context.post, referral)
    await pass_on(context.post, referral.issue, referral)


async def come_forward(update: Update, context: HomeContext) -> None:
    """Somebody of the circle wants to advise: the issue comes to their private chat."""
    pressed = VolunteerPress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    before = await referral_between(context.session, issue, context.person)
    accepted = before is not None and before.state is ReferralState.ACCEPTED
    referral = await volunteer(context.session, issue, context.person, context.policy, now=context.now)
    await context.toast(t("referral.volunteer_toast"), alert=True)
    if before is None:
        await make_offer(context.post, referral)
    else:  # the text and the attachments came with the offer
        await show_offer(context.post, referral, afresh=True)
    if not accepted:
        await tell_accepted(context.post, referral)


async def chase(post: Post) -> None:
    """What the passing of time asks for: reminders, and the next specialist where an offer or a promise has lapsed."""
    for found in await to_remind(post.session, now=post.now):
        referral = await referral_by_id(post.session, found.id)
        if referral.awaited and referral.remind_at is not None:  # else it was answered in this very moment
            await _remind(post, referral)
    for found in await lapsed(post.session, now=post.now):
        referral = await referral_by_id(post.session, found.id)
        if referral.is_up(post.now) or (referral.awaited and not referral.person.serves):
            await _lapse(post, referral)


async def _remind(post: Post, referral: Referral) -> None:
    """Once of an offer and once of a promised opinion, but nobody who is away; a promise that is not kept then lapses too."""
    policy, promised = post.policy, referral.state is ReferralState.ACCEPTED
    if (absence := await absence_of(post.session, referral.person, now=post.now)) is not None:
        back = in_working_hours(absence.until, policy.work_starts, policy.work_ends, policy.timezone)
        referral.remind_at = back if promised else None
    elif not referral.issue.live or referral.is_up(post.now):
        referral.remind_at = None
    elif await is_broken(post.session, referral, policy):
        await _lapse(post, referral)
    else:
        referral.remind_at = expected_after(post.now, policy) if promised else None
        await post.tell(referral.person, "issues/reminder", subject=f"referral:{referral.id}", referral=referral, issue=referral.issue)


async def _lapse(post: Post, referral: Referral) -> None:
    leave(post.session, referral, ReferralState.LAPSED, now=post.now)
    await post.session.flush()
    await show_offer(post, referral)
    if referral.issue.live:
        await pass_on(post, referral.issue, referral)


async def offer_delivered(post: Post, message: OutboxMessage, result: Any) -> None:
    """An offer that cannot reach its specialist is as good as declined."""
    if message.state not in (OutboxState.UNREACHABLE, OutboxState.FAILED):
        return
    referral = await referral_by_id(post.session, int((message.subject or "").partition(":")[2]))
    if referral.state is not ReferralState.OFFERED or not referral.issue.live:
        return
    leave(post.session, referral, ReferralState.UNREACHABLE, now=post.now)
    await post.session.flush()
    await pass_on(post, referral.issue, referral)


JOURNEY = Journey(
    entries=(Entry("referrals", list_referrals),),
    presses={OfferPress: press, OffersPress: turn_page, DeclinePress: say_no, VolunteerPress: come_forward},
    forms={"decline": take_reason},
    due=(Due(chase, next_referral_due),),
    outcomes={"referral": offer_delivered},
)
