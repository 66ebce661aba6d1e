"""The circle's card of an issue, which keeps showing the present state."""

from __future__ import annotations

from sqlalchemy import select

from handlers.circle_place import place_of_circle
from handlers.issue_cards import issue_key
from handlers.issue_presses import VolunteerPress
from handlers.keyboards import Button
from handlers.long_texts import shortened
from handlers.post import Place, Post
from handlers.texts import t
from models.circles import circle_of_specialty
from models.issues import Issue, IssueState
from models.outbox import Card
from models.referrals import ReferralState, referrals_of
from models.remarks import remarks_of

CIRCLE_TEXT, CIRCLE_REMARK_TEXT = 2600, 280


async def show_circle_card(post: Post, issue: Issue, *, anew: bool = False) -> Place | None:
    """The card in the circle of the issue's specialty; None while no group is bound to it.

    Cards in other groups, left from another specialty, go away; ``anew`` sends this one afresh, since topics of one group share a chat.
    """
    circle = await circle_of_specialty(post.session, issue.specialty) if issue.specialty is not None else None
    place = place_of_circle(circle, post.policy.languages[0]) if circle is not None else None
    if anew:
        await _take_away_elsewhere(post, issue, place)
    if place is None:
        return None
    referrals, remarks = await referrals_of(post.session, issue), await remarks_of(post.session, issue)
    keyboard = [[Button(t("issue.do.volunteer"), VolunteerPress(issue.id))]] if issue.live else []
    opinions = [remark for remark in remarks if remark.is_opinion]
    in_circle = [(remark, shortened(remark.text, CIRCLE_REMARK_TEXT)) for remark in opinions if remark.in_circle and remark.text]
    await post.card(
        issue_key(issue),
        place,
        "issues/circle",
        keyboard=keyboard,
        subject=issue_key(issue),
        afresh=anew,
        issue=issue,
        text=shortened(issue.shared_text, CIRCLE_TEXT),
        accepted=[referral.person for referral in referrals if referral.state is ReferralState.ACCEPTED],
        offered=[referral.person for referral in referrals if referral.state is ReferralState.OFFERED],
        advisers=list({remark.author_id: remark.author for remark in opinions}.values()),
        in_circle=in_circle[-3:],
        withdrawn=issue.state is IssueState.WITHDRAWN,
    )
    return place


async def _take_away_elsewhere(post: Post, issue: Issue, place: Place | None) -> None:
    cards = await post.session.scalars(select(Card).where(Card.key == issue_key(issue), Card.chat_id < 0))
    for card in cards:
        if card.message_id is not None and (place is None or card.chat_id != place.chat_id):
            await post.queue(Place(card.chat_id, ""), "deleteMessage", {"message_id": card.message_id})
            card.message_id = None
