"""The specialist's card: an offer to answer, then a place to write the opinion from."""

from __future__ import annotations

from collections import Counter

from handlers.advice_presses import HandPress
from handlers.issue_presses import DeclinePress, OfferDo, OfferPress
from handlers.keyboards import Button, Keyboard, rows
from handlers.long_texts import PART, length_of, shortened
from handlers.post import Post
from handlers.texts import t
from models.people import Specialty
from models.referrals import ReasonToDecline, Referral, ReferralState

OFFER_TEXT = 2600


async def show_offer(post: Post, referral: Referral, *, afresh: bool = False, keyboard: Keyboard | None = None) -> None:
    """Show the offer as it stands to whom it was made."""
    issue = referral.issue
    if not referral.person.serves:
        return
    second = referral.specialty_id not in (None, issue.specialty_id)
    await post.card(
        f"offer:{referral.id}",
        referral.person,
        "issues/offer",
        keyboard=offer_buttons(referral) if keyboard is None else keyboard,
        subject=f"referral:{referral.id}",
        afresh=afresh,
        referral=referral,
        second=await post.session.get(Specialty, referral.specialty_id) if second else None,
        issue=issue,
        text=shortened(issue.shared_text, OFFER_TEXT),
        attachments=Counter(piece.kind.value for piece in issue.attachments),
    )


def offer_buttons(referral: Referral) -> list[list[Button]]:
    def button(key: str, do: OfferDo) -> Button:
        return Button(t(f"referral.do.{key}"), OfferPress(referral.id, do))

    hand = Button(t("advice.do.hand"), HandPress(referral.id, 0))
    own = referral.person_id == referral.issue.deputy_id  # taken over since
    if own or not referral.issue.live or referral.state is ReferralState.ENDED:
        return []
    if referral.state is ReferralState.OFFERED:
        return [[button("accept", OfferDo.ACCEPT), button("decline", OfferDo.DECLINE)], [hand]]
    if referral.state is ReferralState.ACCEPTED:
        return [[button("write", OfferDo.WRITE), *([] if referral.advised_at else [hand])]]
    return [[button("accept_after_all", OfferDo.ACCEPT)]]


def reason_buttons(referral: Referral) -> list[list[Button]]:
    reasons = [Button(t(f"referral.reason.{reason}"), DeclinePress(referral.id, reason)) for reason in ReasonToDecline]
    return [*rows(reasons, 2), [Button(t("issue.do.back"), OfferPress(referral.id, OfferDo.BACK))]]


def has_long_text(referral: Referral) -> bool:
    return length_of(referral.issue.shared_text) > min(OFFER_TEXT, PART)
