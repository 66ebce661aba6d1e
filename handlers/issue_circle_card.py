"""The card of an issue in its circles, which keeps showing the present state and who has the ball."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from handlers.issue_places import circle_key, circle_subject, circles_of_issue, keep_topics, place_in
from handlers.issue_presses import VolunteerPress
from handlers.keyboards import Button
from handlers.long_texts import shortened
from handlers.post import Place, Post
from handlers.taking_back import take_out_of_circle
from handlers.texts import t
from models.absence import absences_of
from models.area_tasks import area_at_work, pending_task
from models.ball import waits_for
from models.circles import Circle
from models.consultations import consulted
from models.issue_topics import topics_of
from models.issues import Issue, IssueState
from models.outbox import Card
from models.referrals import ReferralState, referrals_of
from models.remarks import remarks_of

CIRCLE_TEXT, CIRCLE_REMARK_TEXT = 2600, 280


async def show_circle_card(post: Post, issue: Issue) -> None:
    """Show the issue as it stands, in the circles of all specialties consulted."""
    circles = await circles_of_issue(post, issue)
    for circle in circles:
        await show_in_circle(post, issue, circle)
    if issue.state is IssueState.WITHDRAWN:
        await _blank_elsewhere(post, issue, circles)
    await keep_topics(post, issue, await topics_of(post.session, issue), consulted_in=circles)


async def show_in_circle(post: Post, issue: Issue, circle: Circle, *, afresh: bool = False) -> Place | None:
    """The card in one circle, and where it stands; None while the issue's own topic is being made."""
    place = await place_in(post, issue, circle)
    if place is None:
        return None
    keyboard = [[Button(t("issue.do.volunteer"), VolunteerPress(issue.id))]] if issue.live else []
    await post.card(
        circle_key(issue, circle),
        place,
        "issues/circle",
        keyboard=keyboard,
        subject=circle_subject(issue, circle),
        afresh=afresh,
        **await _seen(post, issue),
    )
    return place


async def leave_in_circle(post: Post, issue: Issue, circle: Circle) -> None:
    """The circle comes to an end: the issue's card stays in its chat as it stands, and asks nobody any more."""
    card = await post.session.scalar(select(Card).where(Card.key == circle_key(issue, circle), Card.chat_id == circle.chat_id))
    if card is not None:
        place = Place(card.chat_id, post.policy.languages[0])
        await post.card(card.key, place, "issues/circle", subject=circle_subject(issue, circle), **await _seen(post, issue))


async def _blank_elsewhere(post: Post, issue: Issue, circles: Sequence[Circle]) -> None:
    """A withdrawn issue is not read either where a circle was that is gone."""
    kept = {circle_key(issue, circle) for circle in circles}
    cards = select(Card).where(Card.key.startswith(f"issue:{issue.id}:"), Card.chat_id < 0, Card.message_id.is_not(None))
    for card in (await post.session.scalars(cards.where(Card.key.not_in(kept)))).all():
        await post.card(card.key, Place(card.chat_id, post.policy.languages[0]), "issues/circle", **await _seen(post, issue))


async def _seen(post: Post, issue: Issue) -> dict[str, Any]:
    referrals, remarks = await referrals_of(post.session, issue), await remarks_of(post.session, issue)
    opinions = [remark for remark in remarks if remark.is_opinion]
    in_circle = [(remark, shortened(remark.text, CIRCLE_REMARK_TEXT)) for remark in opinions if remark.in_circle and remark.text]
    waiting = waits_for(issue, referrals, remarks)
    task = await pending_task(post.session, issue) if issue.live else None
    return {
        "issue": issue,
        "specialties": await consulted(post.session, issue),
        "text": shortened(issue.shared_text, CIRCLE_TEXT),
        "accepted": [referral.person for referral in referrals if referral.state is ReferralState.ACCEPTED],
        "advisers": list({remark.author_id: remark.author for remark in opinions}.values()),
        "in_circle": in_circle[-3:],
        "withdrawn": issue.state is IssueState.WITHDRAWN,
        "task": task,
        "area": await area_at_work(post.session, task) if task is not None else None,
        "waiting": waiting,
        "away": await absences_of(post.session, [each.person for each in waiting if each.person is not None], now=post.now),
    }


async def take_away_elsewhere(post: Post, issue: Issue) -> None:
    """Cards and attachments in circles that are no longer consulted go away."""
    kept = {circle_key(issue, circle) for circle in await circles_of_issue(post, issue)}
    for circle in (await post.session.scalars(select(Circle).order_by(Circle.id))).all():
        if circle_key(issue, circle) not in kept:
            await take_out_of_circle(post, issue, circle)
    cards = await post.session.scalars(select(Card).where(Card.key.startswith(f"issue:{issue.id}:"), Card.chat_id < 0))
    for card in cards:
        if card.key not in kept and card.message_id is not None:
            await post.queue(Place(card.chat_id, ""), "deleteMessage", {"message_id": card.message_id})
            card.message_id = None
